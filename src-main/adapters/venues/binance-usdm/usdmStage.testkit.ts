/** A scripted futures venue with its listen keys, and what it would say. */
import { ordersStage } from '../shared/binanceOrders.testkit.ts';
import type { OrdersStage, OrdersStageOptions } from '../shared/binanceOrders.testkit.ts';
import { binanceUsdmOrders } from './orders.ts';

export const SYMBOL = 'XAUUSDT';
export const EVENTS = 'ORDER_TRADE_UPDATE/TRADE_LITE/ACCOUNT_UPDATE/ACCOUNT_CONFIG_UPDATE/MARGIN_CALL/listenKeyExpired';
export const result = (more: Record<string, unknown> = {}) => ({
  orderId: 7,
  symbol: SYMBOL,
  clientOrderId: 'q1',
  status: 'EXPIRED',
  side: 'BUY',
  origQty: '0.010',
  executedQty: '0.004',
  updateTime: 1_795_353_396_790,
  ...more,
});
export const trade = (id: number | string, more: Record<string, unknown> = {}) => ({
  symbol: SYMBOL,
  id,
  orderId: 7,
  side: 'BUY',
  price: '4000.10',
  qty: '0.004',
  commission: '0.00800020',
  commissionAsset: 'USDT',
  time: 1_795_353_396_790,
  buyer: true,
  maker: false,
  ...more,
});
export const EXCHANGE_INFO = {
  rateLimits: [{ rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 77 }],
  symbols: [
    {
      symbol: SYMBOL,
      status: 'TRADING',
      contractType: 'TRADIFI_PERPETUAL',
      baseAsset: 'XAU',
      quoteAsset: 'USDT',
      filters: [
        { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '100000', tickSize: '0.01' },
        { filterType: 'LOT_SIZE', minQty: '0.001', maxQty: '10000', stepSize: '0.001' },
        { filterType: 'MIN_NOTIONAL', notional: '5' },
        { filterType: 'PERCENT_PRICE', multiplierUp: '1.02', multiplierDown: '0.98', multiplierDecimal: '4' },
      ],
    },
  ],
};

/** What an account answers that is as the product wants it, question by question. */
export const ACCOUNT_AS_CONFIGURED: Readonly<Record<string, unknown>> = {
  'GET /fapi/v1/exchangeInfo': EXCHANGE_INFO,
  'GET /fapi/v1/accountConfig': { canTrade: true, dualSidePosition: false, multiAssetsMargin: false },
  'GET /fapi/v1/symbolConfig': [{ symbol: SYMBOL, marginType: 'CROSSED', leverage: 20 }],
  'GET /fapi/v1/commissionRate': { symbol: SYMBOL, takerCommissionRate: '0.000500' },
  'GET /fapi/v1/premiumIndex': { symbol: SYMBOL, markPrice: '4000.00', nextFundingTime: 1 },
  'GET /fapi/v1/fundingInfo': [],
  'GET /fapi/v1/leverageBracket': [{ symbol: SYMBOL, brackets: [{ initialLeverage: 50 }] }],
  'GET /sapi/v1/account/apiRestrictions': { ipRestrict: true, enableWithdrawals: false, enableFutures: true },
  'POST /fapi/v1/order/test': {},
};

/** Every listen key is another one: `key1`, `key2` … */
export const usdmStage = async (more: Partial<OrdersStageOptions> = {}): Promise<OrdersStage> => {
  const stage = await ordersStage({ protocol: 'binance-usdm', make: binanceUsdmOrders, symbol: SYMBOL, kind: 'perpetual', ...more });
  let keys = 0;
  stage.venue.rest.set('POST /fapi/v1/listenKey', () => {
    keys += 1;
    return { body: { listenKey: `key${keys}` } };
  });
  stage.venue.rest.set('PUT /fapi/v1/listenKey', { body: {} });
  stage.venue.rest.set('DELETE /fapi/v1/listenKey', { body: {} });
  return stage;
};
