/**
 * Binance's official connectors as referees: futures and spot, REST, WS-API and user data stream. Amounts go as numbers and ids come
 * as 64-bit whole numbers, as its generated types want it. Never repeats a request by itself.
 */
import { DerivativesTradingUsdsFutures } from '@binance/derivatives-trading-usds-futures';
import { Spot } from '@binance/spot';
import { binanceOrder, BinancePushes, fillOfRaw, orderOfRaw, positionsOfRaw, spotTotals, type RawEvent } from './binanceRaw.ts';
import { bySequence, nonZero, plainOr0, type Ask, type Referee, type RefereeSite, type Said } from './view.ts';

const TIMEOUT_MS = 5_000;
const configured = ({ rest, socket, key }: RefereeSite, entry: string) => {
  const signing = { apiKey: key.apiKey, apiSecret: key.secret };
  return {
    configurationRestAPI: { ...signing, basePath: rest, retries: 0, timeout: TIMEOUT_MS },
    configurationWebsocketAPI: { ...signing, wsURL: `${socket}${entry}`, timeout: TIMEOUT_MS },
    configurationWebsocketStreams: { wsURL: socket },
  };
};

const refusalOf = (fault: unknown): Said => {
  const { code, msg, message = msg } = fault as { readonly code?: unknown; readonly msg?: string; readonly message?: string };
  if (typeof code !== 'number' && typeof code !== 'string' && typeof code !== 'bigint') {
    const found = /-\d{4}/.exec(message ?? '');
    if (found === null) throw fault;
    return { taken: false, code: found[0], text: message ?? '' };
  }
  return { taken: false, code: String(code), text: message ?? '' };
};
const trying = async (act: () => Promise<{ readonly orderId?: unknown } | undefined>): Promise<Said> => {
  try {
    const answer = await act();
    return { taken: true, orderId: String(answer?.orderId) };
  } catch (fault) {
    return refusalOf(fault);
  }
};

export const openOfficialUsdm = async (site: RefereeSite): Promise<Referee> => {
  const client = new DerivativesTradingUsdsFutures(configured(site, '/ws-fapi/v1'));
  const { restAPI: rest } = client;
  const entry = await client.websocketAPI.connect();
  const streams = await client.websocketStreams.connect();
  const pushes = new BinancePushes();
  const { listenKey } = await (await rest.startUserDataStream()).data();
  if (listenKey === undefined) throw new Error('no listen key came');
  streams.userData(listenKey).on('message', (event) => pushes.take(event));
  return {
    name: 'official connector',
    balancesAreEquity: false,
    roundsIds: false,
    idPrefix: '',
    roads: ['rest', 'socket'],
    place: (ask, road) =>
      trying(async () => {
        const order = { ...binanceOrder(ask, 'usdm', Number), newOrderRespType: 'RESULT' };
        if (road === 'rest') return (await rest.newOrder(order as unknown as Parameters<typeof rest.newOrder>[0])).data();
        return (await entry.newOrder(order as unknown as Parameters<typeof entry.newOrder>[0])).data;
      }),
    cancel: (symbol, clientId) => trying(async () => (await rest.cancelOrder({ symbol, origClientOrderId: clientId })).data()),
    order: async (symbol, clientId) => orderOfRaw(await (await rest.queryOrder({ symbol, origClientOrderId: clientId })).data()),
    openOrders: async (symbol) => (await (await rest.currentAllOpenOrders({ symbol })).data()).map(orderOfRaw),
    fills: async (symbol) => bySequence((await (await rest.accountTradeList({ symbol, limit: 1_000 })).data()).map(fillOfRaw)),
    positions: async () => positionsOfRaw(await (await rest.positionInformationV3()).data()),
    balances: async () =>
      nonZero((await (await rest.futuresAccountBalanceV3()).data()).map((row) => [row.asset ?? '', plainOr0(row.balance)] as const)),
    pushed: () => ({ orders: pushes.orders, fills: bySequence([...pushes.fills.values()]) }),
    close: async () => {
      await Promise.all([entry.disconnect(), streams.disconnect()]);
    },
  };
};

export const openOfficialSpot = async (site: RefereeSite): Promise<Referee> => {
  const client = new Spot(configured(site, '/ws-api/v3'));
  const { restAPI: rest } = client;
  const entry = await client.websocketAPI.connect();
  const pushes = new BinancePushes();
  const { stream } = await entry.userDataStreamSubscribeSignature();
  stream.on('message', (event) => pushes.take(event as unknown as RawEvent));
  return {
    name: 'official connector',
    balancesAreEquity: false,
    roundsIds: false,
    idPrefix: '',
    roads: ['rest', 'socket'],
    place: (ask: Ask, road) =>
      trying(async () => {
        const order = binanceOrder(ask, 'spot', Number);
        if (road === 'rest') return (await rest.newOrder(order as unknown as Parameters<typeof rest.newOrder>[0])).data();
        return (await entry.orderPlace(order as unknown as Parameters<typeof entry.orderPlace>[0])).data;
      }),
    cancel: (symbol, clientId) => trying(async () => (await rest.deleteOrder({ symbol, origClientOrderId: clientId })).data()),
    order: async (symbol, clientId) => orderOfRaw(await (await rest.getOrder({ symbol, origClientOrderId: clientId })).data()),
    openOrders: async (symbol) => (await (await rest.getOpenOrders({ symbol })).data()).map(orderOfRaw),
    fills: async (symbol) => bySequence((await (await rest.myTrades({ symbol, limit: 1_000 })).data()).map(fillOfRaw)),
    positions: () => Promise.resolve(null),
    balances: async () => spotTotals((await (await rest.getAccount({ omitZeroBalances: true })).data()).balances ?? []),
    pushed: () => ({ orders: pushes.orders, fills: bySequence([...pushes.fills.values()]) }),
    close: () => entry.disconnect(),
  };
};
