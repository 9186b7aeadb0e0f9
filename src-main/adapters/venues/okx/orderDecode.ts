/**
 * OKX's private pushes in our nouns: order reports and executions with the fee's sign turned, each execution once, nothing of an order
 * after its first final word. What the exchange did of its own accord alarms; where a push does not carry an execution's identity or
 * fee, the order is named to be asked for instead. Bounded memory, no sockets.
 */
import { z } from 'zod';
import type { ClientOrderId, InstrumentId, VenueId } from '../../../../src-shared/domain/ids.ts';
import type { FillReport, OrderReport } from '../../../../src-shared/domain/order.ts';
import { plainDecimal } from '../shared/decimalText.ts';
import type { Pushed } from '../shared/orders/parts.ts';
import { isMembers, isText } from '../shared/wireGuards.ts';
import { cancelWords, fillEntry, isOrderPush, isPush, orderPush, positionEntry } from './orderWire.ts';
import type { FillEntry, OrderEntry, OrderPush } from './orderWire.ts';
import { push } from './wire.ts';

/** Executions and ended orders that are remembered; the core remembers more. */
export const MAX_REMEMBERED = 4_096;
const MAX_WHY_CHARS = 160;

export const plainAmount = (text: string): string => (text === '' ? '0' : plainDecimal(text));
/** Positive = paid, whatever OKX writes; a forced execution may name none. */
export const paidOf = (fee: string): string => {
  if (fee === '') return '0';
  const charged = plainDecimal(fee);
  if (charged === '0') return '0';
  return charged.startsWith('-') ? charged.slice(1) : `-${charged}`;
};
const millisOf = (...texts: readonly string[]): number | null => {
  const text = texts.find((one) => one !== '');
  return text === undefined ? null : Number(text);
};

type VenueMade = NonNullable<FillReport['venueMade']>;
const MADE_BY_CATEGORY: Readonly<Record<string, VenueMade>> = {
  adl: 'deleveraging',
  full_liquidation: 'liquidation',
  partial_liquidation: 'liquidation',
  delivery: 'settlement',
};
/** `subType` of the fills: 100 to 111 liquidations, 112 and 113 deliveries, 125 to 128 auto-deleveraging. */
const LIQUIDATION = /^1(0\d|1[01])$/;
const SETTLEMENT = /^11[23]$/;
const DELEVERAGING = /^12[5-8]$/;
const madeBySubType = (subType: string): VenueMade | null => {
  if (LIQUIDATION.test(subType)) return 'liquidation';
  if (SETTLEMENT.test(subType)) return 'settlement';
  return DELEVERAGING.test(subType) ? 'deleveraging' : null;
};
/** Categories of orders that somebody placed; every other one (`twap`, a forced repayment, too) is the exchange's own. */
const PLACED = new Set(['', 'normal']);

const STATES: Readonly<Record<OrderPush['state'], OrderReport['state']>> = {
  live: 'working',
  partially_filled: 'working',
  filled: 'filled',
  canceled: 'canceled',
  mmp_canceled: 'canceled',
};

export interface Owner {
  readonly venueId: VenueId;
  /** By OKX's `instId`; what is not here is not ours to book. */
  readonly instrumentIds: ReadonlyMap<string, InstrumentId>;
}

/**
 * The account may hold what we cannot read (options, event contracts, what comes next): it is nothing to us, as long as it says that
 * it is of another instrument.
 */
export const mayBeOurs = (ours: { has(instId: string): boolean }, entry: unknown): boolean => {
  const instId = isMembers(entry) ? entry['instId'] : undefined;
  return !isText(instId) || ours.has(instId);
};

export const reportOf = (owner: Owner, entry: OrderPush | OrderEntry): OrderReport => {
  const state = STATES[entry.state];
  const reason = 'cancelSourceReason' in entry ? entry.cancelSourceReason : '';
  return {
    clientOrderId: entry.clOrdId as ClientOrderId,
    venueId: owner.venueId,
    venueOrderId: entry.ordId,
    state,
    filledQty: plainAmount(entry.accFillSz),
    ...(state === 'filled' && entry.sz !== '' ? { orderQty: plainAmount(entry.sz) } : {}),
    venueUnixMs: millisOf(entry.uTime),
    text: state === 'canceled' ? cancelWords(entry.cancelSource, reason) : entry.state,
  };
};

const clientIdOf = (clOrdId: string): ClientOrderId | null => (clOrdId === '' ? null : (clOrdId as ClientOrderId));

/** An execution out of the fills, where a forced one has a negative id; null = not of our instruments. */
export const fillOf = (owner: Owner, entry: FillEntry): FillReport | null => {
  const instrumentId = owner.instrumentIds.get(entry.instId);
  if (instrumentId === undefined) return null;
  const venueMade = madeBySubType(entry.subType);
  return {
    venueId: owner.venueId,
    instrumentId,
    tradeId: entry.tradeId,
    clientOrderId: venueMade === null ? clientIdOf(entry.clOrdId) : null,
    side: entry.side,
    qty: plainAmount(entry.fillSz),
    px: plainAmount(entry.fillPx),
    fee: paidOf(entry.fee),
    feeCcy: entry.feeCcy,
    positionId: null,
    venueUnixMs: millisOf(entry.fillTime, entry.ts),
    ...(venueMade === null ? {} : { venueMade }),
  };
};

/** The fills entries of ours as reports, oldest first; a sentence = one of them cannot be read, and then none may be believed. */
export const fillsOf = (owner: Owner, entries: readonly unknown[]): readonly FillReport[] | string => {
  const fills: FillReport[] = [];
  for (const entry of entries) {
    if (!mayBeOurs(owner.instrumentIds, entry)) continue;
    const read = fillEntry.safeParse(entry);
    if (!read.success) return `an execution that cannot be read: ${shortly(read.error)}`;
    if (read.data.fee === '' && madeBySubType(read.data.subType) === null) return 'an execution that cannot be read: it names no fee';
    const fill = fillOf(owner, read.data);
    if (fill !== null) fills.push(fill);
  }
  return fills.sort((a, b) => (a.venueUnixMs ?? 0) - (b.venueUnixMs ?? 0));
};

export const shortly = (error: z.ZodError): string => z.prettifyError(error).replace(/\s+/g, ' ').slice(0, MAX_WHY_CHARS);

/** A set that forgets its oldest members. */
class Remembered {
  readonly #members = new Set<string>();

  has(member: string): boolean {
    return this.#members.has(member);
  }

  /** False = it was there already. */
  add(member: string): boolean {
    if (this.#members.has(member)) return false;
    this.#members.add(member);
    if (this.#members.size > MAX_REMEMBERED) this.#members.delete(this.#members.keys().next().value!);
    return true;
  }
}

/** An order whose executions a push did not carry in full. */
export interface ToAskFor {
  readonly instId: string;
  readonly ordId: string;
}
export interface Decoded extends Pushed {
  readonly toAskFor: readonly ToAskFor[];
}

interface Collected {
  readonly reports: OrderReport[];
  readonly fills: FillReport[];
  readonly alarms: string[];
  readonly toAskFor: ToAskFor[];
  recheck: boolean;
  missing?: string;
}

export class OkxPushes {
  readonly #owner: Owner;
  readonly #marginMode: string;
  readonly #trades = new Remembered();
  readonly #ended = new Remembered();
  readonly #standing = new Map<string, string>();

  constructor(owner: Owner, marginMode: string) {
    this.#owner = owner;
    this.#marginMode = marginMode;
  }

  /** One frame with `arg` and `data`. */
  decode(value: unknown): Decoded {
    const collected: Collected = { reports: [], fills: [], alarms: [], toAskFor: [], recheck: false };
    const frame = isPush(value) ? { success: true as const, data: value } : push.safeParse(value);
    if (!frame.success) {
      collected.alarms.push(`a private push of OKX cannot be read: ${shortly(frame.error)}`);
      collected.missing = 'a private push cannot be read';
    } else if (frame.data.arg.channel === 'orders') for (const entry of frame.data.data) this.#order(entry, collected);
    else if (frame.data.arg.channel === 'positions') for (const entry of frame.data.data) this.#position(entry, collected);
    return collected;
  }

  /** True = new. For what was fetched, so that neither way books twice. */
  isNew(instId: string, tradeId: string): boolean {
    return this.#trades.add(`${instId} ${tradeId}`);
  }

  #order(value: unknown, to: Collected): void {
    if (isOrderPush(value)) return this.#readOrder(value, to);
    const read = orderPush.safeParse(value);
    if (!read.success) {
      if (!mayBeOurs(this.#owner.instrumentIds, value)) return;
      to.alarms.push(`an order of OKX cannot be read, its fills may be missing until the next reconciliation: ${shortly(read.error)}`);
      to.recheck = true;
      to.missing = 'a push of an order cannot be read';
      return;
    }
    this.#readOrder(read.data, to);
  }

  #readOrder(order: OrderPush, to: Collected): void {
    if (!PLACED.has(order.category)) this.#venueMade(order, to);
    if (!this.#owner.instrumentIds.has(order.instId)) return;
    this.#execution(order, to);
    // Of two final words the first counts, and a late word of an earlier state says nothing.
    const isFinal = STATES[order.state] !== 'working';
    const isFirst = isFinal ? this.#ended.add(order.ordId) : !this.#ended.has(order.ordId);
    if (order.clOrdId !== '' && isFirst && PLACED.has(order.category)) to.reports.push(reportOf(this.#owner, order));
  }

  #venueMade({ category, instId, ordId, side, state, accFillSz }: OrderPush, to: Collected): void {
    if (state === 'live' || this.#ended.has(ordId)) return;
    const filled = plainAmount(accFillSz);
    to.alarms.push(`OKX acted of its own accord: ${category.replaceAll('_', ' ')}, ${side} ${filled} ${instId} (order ${ordId})`);
  }

  /** A spot market order may end "filled" with nothing in the push: its executions came before. */
  #execution(order: OrderPush, to: Collected): void {
    const { instId, ordId, tradeId, fillSz, fillPx, fillFee, fillFeeCcy, clOrdId, category } = order;
    if (plainAmount(fillSz) === '0') return;
    const isWhole = tradeId !== '' && tradeId !== '0' && fillPx !== '' && fillFee !== '' && fillFeeCcy !== '';
    if (!isWhole) {
      to.toAskFor.push({ instId, ordId });
      return;
    }
    if (!this.isNew(instId, tradeId)) return;
    const venueMade = MADE_BY_CATEGORY[category];
    to.fills.push({
      venueId: this.#owner.venueId,
      instrumentId: this.#owner.instrumentIds.get(instId)!,
      tradeId,
      clientOrderId: PLACED.has(category) ? clientIdOf(clOrdId) : null,
      side: order.side,
      qty: plainAmount(fillSz),
      px: plainAmount(fillPx),
      fee: paidOf(fillFee),
      feeCcy: fillFeeCcy,
      positionId: null,
      venueUnixMs: millisOf(order.fillTime, order.uTime),
      ...(venueMade === undefined ? {} : { venueMade }),
    });
  }

  /** Positions are read, not pushed on; a change of mode, side or leverage is a reason to check. */
  #position(value: unknown, to: Collected): void {
    if (!mayBeOurs(this.#owner.instrumentIds, value)) return;
    const read = positionEntry.safeParse(value);
    if (!read.success) {
      to.alarms.push(`a position of OKX cannot be read: ${shortly(read.error)}`);
      return;
    }
    const { instId, posSide, mgnMode, lever, pos } = read.data;
    const isOpen = plainAmount(pos) !== '0';
    const terms = `${posSide} ${mgnMode} ${lever}`;
    const key = `${instId} ${posSide}`;
    const before = this.#standing.get(key);
    this.#standing.set(key, terms);
    const isOdd = isOpen && (posSide !== 'net' || (mgnMode !== '' && mgnMode !== this.#marginMode));
    if (before === undefined ? isOdd : before !== terms) to.recheck = true;
  }
}
