/**
 * What a simulated Binance pushes of an account, key for key and in the venue's order: futures say TRADE_LITE, then ACCOUNT_UPDATE,
 * then ORDER_TRADE_UPDATE of a fill; spot says every executionReport, then outboundAccountPosition. Pure.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import { hasEnded, type AccountEvent, type BookFill, type BookOrder, type EndReason } from '../account/account.ts';
import { averageOf, expiryReasonOf, openNotional, priceOf, selfTradeOf, sideOf, statusOf, timeInForceOf, typeOf } from './orderShapes.ts';
import type { SymbolRules } from './symbols.ts';
import { exact, fixed, fixed8, fixedOrZero } from './wire.ts';

export interface UserEvent {
  readonly name: string;
  readonly body: object;
}
type OrderEvent = Extract<AccountEvent, { kind: 'order' }>;
type MoneyEvent = Extract<AccountEvent, { kind: 'money' }>;

/** `er` of an expired order. */
const FUTURES_EXPIRY: Readonly<Partial<Record<EndReason, string>>> = {
  'self-trade': '1',
  'ioc-remainder': '2',
  'nothing-to-reduce': '4',
  liquidation: '5',
  'good-till': '6',
  'market-remainder': '9',
};

const executionOf = ({ change, order }: OrderEvent): string => {
  if (change === 'accepted') return 'NEW';
  if (change === 'amended') return 'AMENDMENT';
  if (change === 'traded') return order.origin === 'liquidation' ? 'CALCULATED' : 'TRADE';
  return order.stage === 'canceled' ? 'CANCELED' : 'EXPIRED';
};

const futuresFill = (fill: BookFill, r: SymbolRules): object => ({
  n: fixed8(fill.fee),
  N: fill.feeAsset,
  rp: fixed8(fill.realized),
  L: fixed(fill.price, r.priceDigits),
});

export const orderTradeUpdate = (event: OrderEvent, r: SymbolRules): UserEvent => {
  const { order, fill, atMs } = event;
  const { n, N, rp, L } = (fill === null ? { rp: '0', L: '0' } : futuresFill(fill, r)) as { n?: string; N?: string; rp: string; L: string };
  const o = {
    s: order.symbol,
    c: order.clientId,
    S: sideOf(order),
    o: typeOf(order),
    f: timeInForceOf(order),
    q: fixed(order.orderQty, r.qtyDigits),
    p: priceOf(order, r.priceDigits),
    ap: order.fillCount === 0 ? '0' : averageOf(order),
    sp: '0',
    x: executionOf(event),
    X: statusOf(order),
    i: exact(order.orderId),
    l: fill === null ? '0' : fixed(fill.qty, r.qtyDigits),
    z: fixedOrZero(order.filledQty, r.qtyDigits),
    L,
    ...(n === undefined ? {} : { n, N }),
    T: atMs,
    t: fill === null ? 0 : exact(fill.tradeId),
    b: fixedOrZero(openNotional(order, 'buy'), r.priceDigits + r.qtyDigits),
    a: fixedOrZero(openNotional(order, 'sell'), r.priceDigits + r.qtyDigits),
    m: fill?.maker ?? false,
    R: order.reduceOnly,
    wt: 'CONTRACT_PRICE',
    ot: typeOf(order),
    ps: 'BOTH',
    cp: false,
    rp,
    pP: false,
    si: 0,
    ss: 0,
    V: selfTradeOf(order),
    pm: 'NONE',
    gtd: order.goodTillMs ?? 0,
    er: (order.endReason === null ? undefined : FUTURES_EXPIRY[order.endReason]) ?? '0',
  };
  return { name: 'ORDER_TRADE_UPDATE', body: { e: 'ORDER_TRADE_UPDATE', T: atMs, E: atMs, o } };
};

export const tradeLite = ({ order, atMs }: OrderEvent, fill: BookFill, r: SymbolRules): UserEvent => ({
  name: 'TRADE_LITE',
  body: {
    e: 'TRADE_LITE',
    E: atMs,
    T: atMs,
    s: order.symbol,
    q: fixed(order.orderQty, r.qtyDigits),
    p: priceOf(order, r.priceDigits),
    m: fill.maker,
    c: order.clientId,
    S: sideOf(order),
    L: fixed(fill.price, r.priceDigits),
    l: fixed(fill.qty, r.qtyDigits),
    t: exact(fill.tradeId),
    i: exact(order.orderId),
  },
});

const REASONS = { order: 'ORDER', funding: 'FUNDING_FEE', deposit: 'DEPOSIT', margin: 'MARGIN_TRANSFER' } as const;

export const accountUpdate = ({ why, balances, positions, atMs }: MoneyEvent, rules: ReadonlyMap<string, SymbolRules>): UserEvent => ({
  name: 'ACCOUNT_UPDATE',
  body: {
    e: 'ACCOUNT_UPDATE',
    T: atMs,
    E: atMs,
    a: {
      B: balances.map((b) => ({
        a: b.asset,
        wb: fixed8(b.total),
        cw: fixed8(b.total),
        bc: new Decimal(b.delta).isZero() ? '0' : fixed8(b.delta),
      })),
      P: positions.map((p) => {
        const r = rules.get(p.symbol)!;
        return {
          s: p.symbol,
          pa: fixedOrZero(p.qty, r.qtyDigits),
          ep: fixedOrZero(p.entryPrice, r.priceDigits + 6),
          bep: fixedOrZero(p.breakEvenPrice, r.priceDigits + 6),
          cr: fixedOrZero(p.accumulated, 8),
          up: fixedOrZero(p.unrealized, 8),
          mt: p.marginMode,
          iw: '0',
          ps: 'BOTH',
        };
      }),
      m: REASONS[why],
    },
  },
});

/** One account's part of what happened in one step, in the order in which it is pushed. */
export const futuresEvents = (events: readonly AccountEvent[], rules: ReadonlyMap<string, SymbolRules>): readonly UserEvent[] => {
  const money = events.flatMap((e) => (e.kind === 'money' ? [accountUpdate(e, rules)] : []));
  const out: UserEvent[] = [];
  for (const event of events) {
    if (event.kind === 'leverage') {
      const ac = { s: event.symbol, l: event.leverage };
      out.push({ name: 'ACCOUNT_CONFIG_UPDATE', body: { e: 'ACCOUNT_CONFIG_UPDATE', E: event.atMs, T: event.atMs, ac } });
    }
    if (event.kind !== 'order') continue;
    const r = rules.get(event.order.symbol)!;
    if (event.fill !== null) out.push(tradeLite(event, event.fill, r), ...money.splice(0));
    out.push(orderTradeUpdate(event, r));
  }
  return [...out, ...money];
};

const spotExecution = ({ change, order }: OrderEvent): string => {
  if (change === 'accepted') return 'NEW';
  if (change === 'traded') return 'TRADE';
  if (change === 'amended') return 'REPLACED';
  if (order.endReason === 'self-trade') return 'TRADE_PREVENTION';
  return order.stage === 'canceled' ? 'CANCELED' : 'EXPIRED';
};

export const executionReport = (event: OrderEvent, executionId: number, cancelId: string | null): UserEvent => {
  const { order, fill, atMs, change } = event;
  const canceled = change === 'ended' && order.stage === 'canceled' && cancelId !== null;
  const expiry = change === 'ended' ? expiryReasonOf(order) : null;
  const body = {
    e: 'executionReport',
    E: atMs,
    s: order.symbol,
    c: canceled ? cancelId : order.clientId,
    S: sideOf(order),
    o: typeOf(order),
    f: timeInForceOf(order),
    q: fixed8(order.orderQty),
    p: fixed8(order.price ?? '0'),
    P: '0.00000000',
    F: '0.00000000',
    g: -1,
    C: canceled ? order.clientId : '',
    x: spotExecution(event),
    X: statusOf(order),
    r: 'NONE',
    i: exact(order.orderId),
    l: fixed8(fill?.qty ?? '0'),
    z: fixed8(order.filledQty),
    L: fixed8(fill?.price ?? '0'),
    n: fill === null ? '0' : fixed8(fill.fee),
    N: fill?.feeAsset ?? null,
    T: atMs,
    t: fill === null ? -1 : exact(fill.tradeId),
    v: 3,
    I: executionId,
    w: change === 'accepted' || (order.rested && !hasEnded(order.stage)),
    m: fill?.maker ?? false,
    M: false,
    O: order.createdMs,
    Z: fixed8(order.filledQuote),
    Y: fixed8(fill?.quote ?? '0'),
    Q: fixed8(order.quoteQty ?? '0'),
    W: order.createdMs,
    V: selfTradeOf(order),
    ...(expiry === null ? {} : { eR: expiry }),
  };
  return { name: 'executionReport', body };
};

/** `ids` gives execution ids; `cancelId` the client's own id of a cancel. */
export const spotEvents = (
  events: readonly AccountEvent[],
  ids: { next(): number },
  cancelId: (order: BookOrder) => string | null,
): readonly UserEvent[] =>
  events.flatMap((event): UserEvent[] => {
    if (event.kind === 'order') return [executionReport(event, ids.next(), cancelId(event.order))];
    if (event.kind !== 'money') return [];
    const B = event.balances.map((b) => ({ a: b.asset, f: fixed8(new Decimal(b.total).minus(b.locked).toFixed()), l: fixed8(b.locked) }));
    const position = { name: 'outboundAccountPosition', body: { e: 'outboundAccountPosition', E: event.atMs, u: event.atMs, B } };
    const moved = event.balances.filter((b) => !new Decimal(b.delta).isZero());
    const updates = moved.map((b) => ({
      name: 'balanceUpdate',
      body: { e: 'balanceUpdate', E: event.atMs, a: b.asset, d: fixed8(b.delta), T: event.atMs },
    }));
    return [...updates, position];
  });
