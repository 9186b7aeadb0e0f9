/**
 * What we write to OKX to place and to cancel, and what its answers say. Pure: no sockets, no clock. `qty` is already in contracts for
 * swaps and in base units for spot. A socket call names the instrument by `instIdCode` alone, REST by `instId`.
 */
import type { ExchangeOrdersConfig } from '../../../../src-shared/config/schema.ts';
import type { CancelOutcome, OrderRef, OrderRequest, PlaceOutcome } from '../../../../src-shared/domain/order.ts';
import { cancelOutcomeOf, placeOutcomeOf } from '../shared/orders/outcomes.ts';
import type { VenueReply } from '../shared/orders/outcomes.ts';
import { OKX_OUTCOMES } from './outcomes.ts';
import { ORDER_TAG, readActEntry, readActReply } from './orderWire.ts';

export interface OrderTerms {
  readonly isSpot: boolean;
  readonly marginMode: ExchangeOrdersConfig['marginMode'];
  readonly selfTradePrevention: ExchangeOrdersConfig['selfTradePrevention'];
}

export const STP_MODES: Readonly<Record<OrderTerms['selfTradePrevention'], string>> = {
  taker: 'cancel_taker',
  maker: 'cancel_maker',
  both: 'cancel_both',
};

/** Spot in cash can give away only what is there, and OKX refuses the word reduce-only for it (51139). */
const termsOf = (order: OrderRequest, { isSpot, marginMode, selfTradePrevention }: OrderTerms) => ({
  tdMode: isSpot ? 'cash' : marginMode,
  side: order.side,
  ordType: order.timeInForce,
  px: order.limitPx,
  sz: order.qty,
  clOrdId: order.clientOrderId,
  tag: ORDER_TAG,
  stpMode: STP_MODES[selfTradePrevention],
  ...(order.reduceOnly && !isSpot ? { reduceOnly: true } : {}),
});

/** What JSON writes in no other way. */
const PLAIN = /^[\w.]*$/;
/** As `JSON.stringify` writes `termsOf`, without the object; what would need escaping is left to it. */
const termsText = (order: OrderRequest, terms: OrderTerms): string => {
  const { side, timeInForce, limitPx, qty, clientOrderId, reduceOnly } = order;
  if (!PLAIN.test(`${limitPx}${qty}${clientOrderId}`)) return JSON.stringify(termsOf(order, terms));
  const { isSpot, marginMode, selfTradePrevention } = terms;
  const tdMode = isSpot ? 'cash' : marginMode;
  const end = reduceOnly && !isSpot ? ',"reduceOnly":true}' : '}';
  return `{"tdMode":"${tdMode}","side":"${side}","ordType":"${timeInForce}","px":"${limitPx}","sz":"${qty}","clOrdId":"${clientOrderId}","tag":"${ORDER_TAG}","stpMode":"${STP_MODES[selfTradePrevention]}"${end}`;
};

/** `instIdCode` goes onto the wire as the integer it is, at whatever length. */
const withCode = (instIdCode: string, rest: string): string => `{"instIdCode":${instIdCode},${rest.slice(1)}`;

export const placeFrame = (id: string, order: OrderRequest, terms: OrderTerms, instIdCode: string, expiresUnixMs: number): string =>
  `{"id":"${id}","op":"order","expTime":"${Math.floor(expiresUnixMs)}","args":[${withCode(instIdCode, termsText(order, terms))}]}`;

export const placeBody = (order: OrderRequest, terms: OrderTerms): string =>
  JSON.stringify({ instId: order.symbol, ...termsOf(order, terms) });

/** By the venue's id where it is known: ours is unique among resting orders only. */
const named = (ref: OrderRef): object => (ref.venueOrderId === null ? { clOrdId: ref.clientOrderId } : { ordId: ref.venueOrderId });

export const cancelFrame = (id: string, ref: OrderRef, instIdCode: string): string =>
  `{"id":"${id}","op":"cancel-order","args":[${withCode(instIdCode, JSON.stringify(named(ref)))}]}`;

export const cancelBody = (ref: OrderRef): string => JSON.stringify({ instId: ref.symbol, ...named(ref) });

export type Act =
  | { readonly done: true; readonly ordId: string; readonly clOrdId: string; readonly venueUnixMs: number | null }
  | { readonly done: false; readonly reply: VenueReply };

const ALL_FAILED = '1';
const SOME_FAILED = '2';

/** The top-level code first, then that of the only entry. `status` null = it came over the socket. */
export const readAct = (value: unknown, status: number | null, text = ''): Act => {
  const reply = readActReply(value);
  if (reply === null) return { done: false, reply: { code: null, status, text: text === '' ? 'not an answer of OKX' : text } };
  const { code, msg, data } = reply;
  const entry = readActEntry(data[0]);
  if (status !== null && status >= 300) return { done: false, reply: { code, status, text: msg } };
  const judgedByEntry = code === '0' || code === ALL_FAILED || code === SOME_FAILED;
  if (!judgedByEntry) return { done: false, reply: { code, status, text: msg } };
  if (entry === null || data.length !== 1)
    return { done: false, reply: { code: null, status, text: `code ${code} without its one entry` } };
  const { sCode, sMsg, ordId, clOrdId, ts } = entry;
  if (sCode !== '0') return { done: false, reply: { code: sCode, status, text: sMsg === '' ? msg : sMsg } };
  if (code !== '0') return { done: false, reply: { code: null, status, text: `code ${code} with sCode 0` } };
  return { done: true, ordId, clOrdId, venueUnixMs: ts === '' ? null : Number(ts) };
};

export const placed = (act: Act, clientOrderId: string): PlaceOutcome => {
  if (!act.done) return placeOutcomeOf(OKX_OUTCOMES, act.reply);
  if (act.clOrdId !== clientOrderId) return { code: 'unknown', why: `the answer names the order "${act.clOrdId}", not ours` };
  return { code: 'acknowledged', venueOrderId: act.ordId === '' ? null : act.ordId, venueUnixMs: act.venueUnixMs };
};

export const canceled = (act: Act): CancelOutcome => (act.done ? { code: 'acknowledged' } : cancelOutcomeOf(OKX_OUTCOMES, act.reply));
