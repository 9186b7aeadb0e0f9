/**
 * The line protocol between the EA's test program and the broker: one line a message, fields between tabs. Owns the order
 * of fields, which `trade.hpp` knows by the same names, and the escapes. Loopback only, one program, trusted.
 */
import { tickValueOf, type BrokerSymbol } from '../../../src-main/sim/metatrader/broker/symbols.ts';
import { closingPrice, floatingOf, type AccountFigures, type Market } from '../../../src-main/sim/metatrader/broker/money.ts';
import type {
  AccountRecord,
  DealEntry,
  OrderRecord,
  PositionRecord,
  Quote,
  TradeAnswer,
  TradeRequest,
} from '../../../src-main/sim/metatrader/broker/records.ts';
import type { Transaction } from '../../../src-main/sim/metatrader/broker/terminalSession.ts';

type Field = string | number | boolean;

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const UNESCAPES: Readonly<Record<string, string>> = { '\\\\': '\\', '\\t': '\t', '\\n': '\n', '\\r': '\r' };

const textOf = (field: Field): string => (typeof field === 'boolean' ? (field ? '1' : '0') : String(field));

export const lineOf = (fields: readonly Field[]): string =>
  `${fields.map((f) => textOf(f).replace(/[\\\t\n\r]/g, (c) => ESCAPES[c]!)).join('\t')}\n`;
export const fieldsOf = (line: string): string[] => line.split('\t').map((f) => f.replace(/\\[\\tnr]/g, (c) => UNESCAPES[c]!));

export const positionRow = (p: PositionRecord, market: Market): Field[] => {
  const quote = market.quote(p.symbol);
  const now = quote === null ? '0' : closingPrice(p.type, quote);
  const profit = floatingOf(market, p).toFixed();
  return [
    p.ticket,
    p.identifier,
    p.symbol,
    p.type,
    p.magic,
    p.volume,
    p.priceOpen,
    p.sl,
    p.tp,
    now,
    p.swap,
    profit,
    p.timeMsc,
    p.updateMsc,
    p.reason,
    p.comment,
  ];
};

export const orderRow = (o: OrderRecord): Field[] => [
  o.ticket,
  o.symbol,
  o.type,
  o.state,
  o.magic,
  o.volumeInitial,
  o.volumeCurrent,
  o.priceOpen,
  o.sl,
  o.tp,
  o.filling,
  o.setupMsc,
  o.doneMsc,
  o.positionId,
  o.reason,
  o.comment,
];

export const dealRow = (d: DealEntry): Field[] => [
  d.ticket,
  d.order,
  d.positionId,
  d.magic,
  d.symbol,
  d.type,
  d.entry,
  d.volume,
  d.price,
  d.commission,
  d.swap,
  d.fee,
  d.profit,
  d.timeMsc,
  d.reason,
  d.comment,
];

const CURRENCY_DIGITS = 2;
const PERCENT = 0;

export const accountRow = (a: AccountRecord, f: AccountFigures): Field[] => [
  a.login,
  a.kind,
  a.leverage,
  a.maxOrders,
  PERCENT,
  a.tradeAllowed,
  a.tradeExpert,
  a.marginMode,
  CURRENCY_DIGITS,
  a.fifoClose,
  a.hedgeAllowed,
  ...[f.balance, f.profit, f.equity, f.margin, f.marginFree, f.marginLevel].map((x) => x.toFixed()),
  a.stopOutLevel,
  a.name,
  a.server,
  a.currency,
  a.company,
];

const CFD_LEVERAGE = 5;

export const symbolRow = (s: BrokerSymbol, quote: Quote | null, selected: boolean): Field[] => [
  s.name,
  s.digits,
  s.point,
  s.tickSize,
  tickValueOf(s),
  s.contractSize,
  s.volMin,
  s.volStep,
  s.volMax,
  s.volLimit,
  s.filling,
  s.exeMode,
  s.tradeMode,
  s.base,
  s.profit,
  s.margin,
  s.swapMode,
  s.swapLong,
  s.swapShort,
  s.swapTripleDay,
  s.stopsLevel,
  CFD_LEVERAGE,
  quote?.bid ?? '0',
  quote?.ask ?? '0',
  quote?.timeMsc ?? 0,
  selected,
];

export const answerRow = (a: TradeAnswer, requestId: number): Field[] => [
  a.sent,
  a.error,
  a.retcode,
  a.deal,
  a.order,
  a.volume,
  a.price,
  a.bid,
  a.ask,
  a.comment,
  requestId,
];

/** A number as C++ prints it: `nan` and `inf` stay what they are, and no volume. */
const amount = (text: string | undefined): string => {
  const value = Number(text);
  return Number.isFinite(value) ? String(Number(value.toFixed(8))) : 'NaN';
};
const whole = (text: string | undefined): number => Number(text ?? 0);

export const requestOf = (f: readonly string[]): TradeRequest => ({
  action: whole(f[0]),
  magic: whole(f[1]),
  order: whole(f[2]),
  symbol: f[3] ?? '',
  volume: amount(f[4]),
  price: amount(f[5]),
  sl: amount(f[6]),
  tp: amount(f[7]),
  deviation: whole(f[8]),
  type: whole(f[9]),
  filling: whole(f[10]),
  expiration: whole(f[11]),
  comment: f[12] ?? '',
  position: whole(f[13]),
});

export const requestRow = (r: TradeRequest): Field[] => [
  r.action,
  r.magic,
  r.order,
  r.symbol,
  r.volume,
  r.price,
  r.sl,
  r.tp,
  r.deviation,
  r.type,
  r.filling,
  r.expiration,
  r.comment,
  r.position,
];

export const transactionRow = (t: Transaction): Field[] => [
  t.type,
  t.deal,
  t.order,
  t.symbol,
  t.orderType,
  t.orderState,
  t.dealType,
  t.price,
  t.volume,
  t.position,
  ...(t.request === null || t.answer === null ? [] : [...requestRow(t.request), ...answerRow(t.answer, t.requestId)]),
];
