/**
 * The `binance` and `okx-api` libraries as referees. They hand the venue's own fields through, sign by WebCrypto, and add what they
 * add: a broker tag at OKX, warnings about ids of other shapes at Binance.
 */
import { MainClient, USDMClient, WebsocketAPIClient, WebsocketClient } from 'binance';
import {
  RestClient as OkxRest,
  WebsocketAPIClient as OkxEntry,
  WebsocketClient as OkxSocket,
  type OrderRequest as OkxOrderRequest,
} from 'okx-api';
import { binanceOrder, BinancePushes, fillOfRaw, orderOfRaw, positionsOfRaw, spotTotals, type RawEvent } from './binanceRaw.ts';
import {
  bySequence,
  negated,
  nonZero,
  okxState,
  plain,
  plainOr0,
  sideOf,
  type Ask,
  type FillSeen,
  type OrderSeen,
  type Referee,
  type RefereeSite,
  type Said,
} from './view.ts';

const SILENT = { trace: () => undefined, info: () => undefined, error: () => undefined };

/** Both libraries throw the venue's body, each wrapped in its own way. */
const refusalOf = (fault: unknown): Said => {
  const text = fault instanceof Error ? fault.message : JSON.stringify(fault);
  const code = /"sCode":"(?!0")(\d+)"/.exec(text)?.[1] ?? /"code":"?(-?\d+)/.exec(text)?.[1];
  if (code === undefined) throw fault;
  return { taken: false, code, text };
};
const trying = async (act: () => Promise<{ readonly orderId?: unknown } | undefined>): Promise<Said> => {
  try {
    const answer = await act();
    return { taken: true, orderId: String(answer?.orderId) };
  } catch (fault) {
    return refusalOf(fault);
  }
};

/** The library puts the venue's own paths behind these addresses. */
const binanceParts = ({ rest, socket, key }: RefereeSite) => {
  const signing = { api_key: key.apiKey, api_secret: key.secret };
  const restOptions = { ...signing, baseUrl: rest, disableTimeSync: true, beautifyResponses: false };
  const common = { ...signing, restOptions, beautify: false, wsUrl: socket };
  const entry = new WebsocketAPIClient({ ...common, attachEventListeners: false, muteLatencyWarning: true }, SILENT);
  return { restOptions, entry, stream: new WebsocketClient(common, SILENT) };
};

/** Frames of the combined stream are wrapped, those of the WS-API are too. */
const eventOf = (message: unknown): RawEvent => {
  const wrapped = message as { readonly data?: RawEvent; readonly event?: RawEvent };
  return wrapped.data ?? wrapped.event ?? (message as RawEvent);
};

export const openSieblyUsdm = async (site: RefereeSite): Promise<Referee> => {
  const pushes = new BinancePushes();
  const { restOptions, entry, stream } = binanceParts(site);
  const rest = new USDMClient(restOptions);
  stream.on('message', (message) => pushes.take(eventOf(message)));
  await stream.subscribeUsdFuturesUserDataStream();
  return {
    name: 'binance (Siebly)',
    balancesAreEquity: false,
    roundsIds: true,
    idPrefix: rest.getOrderIdPrefix(),
    roads: ['rest', 'socket'],
    place: (ask, road) =>
      trying(async () => {
        const order = { ...binanceOrder(ask, 'usdm', String), newOrderRespType: 'RESULT' };
        if (road === 'rest') return rest.submitNewOrder(order as unknown as Parameters<typeof rest.submitNewOrder>[0]);
        const params = { ...order, timestamp: Date.now() } as unknown as Parameters<typeof entry.submitNewFuturesOrder>[1];
        return (await entry.submitNewFuturesOrder('usdm', params)).result;
      }),
    cancel: (symbol, clientId) => trying(() => rest.cancelOrder({ symbol, origClientOrderId: clientId })),
    order: async (symbol, clientId) => orderOfRaw(await rest.getOrder({ symbol, origClientOrderId: clientId })),
    openOrders: async (symbol) => (await rest.getAllOpenOrders({ symbol })).map(orderOfRaw),
    fills: async (symbol) => bySequence((await rest.getAccountTrades({ symbol, limit: 1_000 })).map(fillOfRaw)),
    positions: async () => positionsOfRaw(await rest.getPositionsV3()),
    balances: async () => nonZero((await rest.getBalanceV3()).map(({ asset, balance }) => [asset, plainOr0(balance)] as const)),
    pushed: () => ({ orders: pushes.orders, fills: bySequence([...pushes.fills.values()]) }),
    close: async () => {
      stream.closeAll(true);
      entry.getWSClient().closeAll(true);
      await Promise.resolve();
    },
  };
};

export const openSieblySpot = async (site: RefereeSite): Promise<Referee> => {
  const pushes = new BinancePushes();
  const { restOptions, entry, stream } = binanceParts(site);
  stream.closeAll(true);
  const rest = new MainClient(restOptions);
  entry.getWSClient().on('message', (message) => pushes.take(eventOf(message)));
  await entry.subscribeUserDataStream('mainWSAPI');
  return {
    name: 'binance (Siebly)',
    balancesAreEquity: false,
    roundsIds: false,
    idPrefix: rest.getOrderIdPrefix(),
    roads: ['rest', 'socket'],
    place: (ask, road) =>
      trying(async () => {
        const order = binanceOrder(ask, 'spot', String);
        if (road === 'rest') return rest.submitNewOrder(order as unknown as Parameters<typeof rest.submitNewOrder>[0]);
        const params = { ...order, timestamp: Date.now() } as unknown as Parameters<typeof entry.submitNewSpotOrder>[0];
        return (await entry.submitNewSpotOrder(params)).result;
      }),
    cancel: (symbol, clientId) => trying(() => rest.cancelOrder({ symbol, origClientOrderId: clientId })),
    order: async (symbol, clientId) => orderOfRaw(await rest.getOrder({ symbol, origClientOrderId: clientId })),
    openOrders: async (symbol) => (await rest.getOpenOrders({ symbol })).map(orderOfRaw),
    fills: async (symbol) => bySequence((await rest.getAccountTradeList({ symbol, limit: 1_000 })).map(fillOfRaw)),
    positions: () => Promise.resolve(null),
    balances: async () => spotTotals((await rest.getAccountInformation({ omitZeroBalances: true })).balances),
    pushed: () => ({ orders: pushes.orders, fills: bySequence([...pushes.fills.values()]) }),
    close: async () => {
      entry.getWSClient().closeAll(true);
      await Promise.resolve();
    },
  };
};

interface OkxRow {
  readonly ordId: string;
  readonly clOrdId: string;
  readonly instId: string;
  readonly side: string;
  readonly sz: string;
  readonly accFillSz: string;
  readonly state: string;
}
interface OkxFillRow {
  readonly tradeId: string;
  readonly ordId: string;
  readonly side: string;
  readonly fillSz: string;
  readonly fillPx: string;
}

const okxOrder = (row: OkxRow): OrderSeen => ({
  orderId: row.ordId,
  clientId: row.clOrdId,
  side: sideOf(row.side),
  qty: plain(row.sz),
  filledQty: plainOr0(row.accFillSz),
  state: okxState(row.state),
});
/** OKX writes a fee as what the account gets. */
const okxFill = (row: OkxFillRow, fee: string, feeCcy: string): FillSeen => ({
  tradeId: row.tradeId,
  orderId: row.ordId,
  side: sideOf(row.side),
  qty: plain(row.fillSz),
  px: plain(row.fillPx),
  fee: negated(plainOr0(fee)),
  feeCcy,
});
const okxAsk = (ask: Ask): Omit<OkxOrderRequest, 'instId'> => ({
  tdMode: ask.symbol.endsWith('-SWAP') ? 'cross' : 'cash',
  side: ask.side,
  ordType: ask.px === null ? 'market' : ask.kind === 'gtc' ? 'limit' : ask.kind === 'post-only' ? 'post_only' : ask.kind,
  sz: ask.qty,
  ...(ask.px === null ? {} : { px: ask.px }),
  ...(ask.reduceOnly ? { reduceOnly: true } : {}),
  ...(ask.symbol.endsWith('-SWAP') ? {} : { tgtCcy: 'base_ccy' as const }),
  clOrdId: ask.clientId,
});

type OkxPush = OkxRow & OkxFillRow & { readonly fillFee: string; readonly fillFeeCcy: string };

class OkxPushes {
  readonly orders = new Map<string, OrderSeen>();
  readonly fills = new Map<string, FillSeen>();

  take(rows: readonly OkxPush[]): void {
    for (const row of rows) {
      this.orders.set(row.clOrdId, okxOrder(row));
      if (row.tradeId !== '' && plainOr0(row.fillSz) !== '0') this.fills.set(row.tradeId, okxFill(row, row.fillFee, row.fillFeeCcy));
    }
  }
}

/** `codes`: the venue's number of each instrument, which orders by socket are sent with. */
export const openOkxApi = async (site: RefereeSite): Promise<Referee> => {
  const { apiKey, secret, passphrase } = site.key;
  const account = { apiKey, apiSecret: secret, apiPass: passphrase };
  const rest = new OkxRest({ ...account, baseUrl: site.rest });
  const wsUrl = `${site.socket}/ws/v5/private`;
  const entry = new OkxEntry({ accounts: [account], wsUrl, attachEventListeners: false }, SILENT);
  const stream = new OkxSocket({ accounts: [account], wsUrl }, SILENT);
  const pushes = new OkxPushes();
  const subscribed = new Promise<void>(
    (resolve) => void stream.on('response', (answer) => void (answer.event === 'subscribe' && resolve())),
  );
  stream.on('update', (update) => {
    if (update.arg.channel === 'orders') pushes.take(update.data);
  });
  void stream.subscribe({ channel: 'orders', instType: 'ANY' });
  await subscribed;
  const listed = (await Promise.all((['SWAP', 'SPOT'] as const).map((instType) => rest.getInstruments({ instType })))).flat();
  const codes = new Map(listed.map((row) => [row.instId, (row as unknown as { readonly instIdCode: number }).instIdCode]));
  const row = <T>(rows: readonly T[]): T => {
    if (rows[0] === undefined) throw new Error('OKX answered with nothing');
    return rows[0];
  };
  return {
    name: 'okx-api',
    balancesAreEquity: false,
    roundsIds: false,
    idPrefix: '',
    roads: ['rest', 'socket'],
    place: (ask, road) =>
      trying(async () => {
        if (road === 'rest') {
          const taken = row(await rest.submitOrder({ instId: ask.symbol, ...okxAsk(ask) }));
          if (taken.sCode !== '0') throw taken;
          return { orderId: taken.ordId };
        }
        const params = { instIdCode: codes.get(ask.symbol), ...okxAsk(ask) };
        const answer = await entry.submitNewOrder(params as unknown as Parameters<typeof entry.submitNewOrder>[0]);
        const taken = row(answer.data);
        if (taken.sCode !== '0') throw taken;
        return { orderId: taken.ordId };
      }),
    cancel: (symbol, clientId) =>
      trying(async () => {
        const taken = row(await rest.cancelOrder({ instId: symbol, clOrdId: clientId }));
        if (taken.sCode !== '0') throw taken;
        return { orderId: taken.ordId };
      }),
    order: async (symbol, clientId) => okxOrder(row(await rest.getOrderDetails({ instId: symbol, clOrdId: clientId }))),
    openOrders: async (symbol) =>
      (await rest.getOrderList({ instType: symbol.endsWith('-SWAP') ? 'SWAP' : 'SPOT', instId: symbol })).map((each) =>
        okxOrder(each as unknown as OkxRow),
      ),
    fills: async (symbol) =>
      bySequence(
        (await rest.getFills({ instId: symbol, instType: symbol.endsWith('-SWAP') ? 'SWAP' : 'SPOT' })).map((each) =>
          okxFill(each as unknown as OkxFillRow, each.fee, each.feeCcy),
        ),
      ),
    positions: async () =>
      (await rest.getPositions())
        .map(({ instId, pos, avgPx }) => ({ symbol: instId, qty: plainOr0(pos), px: plainOr0(avgPx) }))
        .filter(({ qty }) => qty !== '0'),
    balances: async () =>
      nonZero((await rest.getBalance()).flatMap(({ details }) => details.map(({ ccy, cashBal }) => [ccy, cashBal] as const))),
    pushed: () => ({ orders: pushes.orders, fills: bySequence([...pushes.fills.values()]) }),
    close: async () => {
      stream.closeAll(true);
      entry.getWSClient().closeAll(true);
      await Promise.resolve();
    },
  };
};
