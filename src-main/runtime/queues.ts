/**
 * The two bounded ways into the engine. Control events queue in order: operator commands first, then what venues say of
 * our orders, then the rest; market data keeps only the newest quote of each instrument, in typed arrays, in the order in
 * which instruments first became dirty. Neither grows: a full control queue says so, a second quote replaces the first and
 * is counted. An answer to what we asked has its place reserved before we ask, hence can never be refused.
 */
import type { InstrumentIndex } from '../../src-shared/domain/ids.ts';
import type { ExactInteger } from '../../src-shared/domain/quote.ts';
import type { ControlInput, QuoteEvent } from '../core/events.ts';
import type { MarketInlet } from './ports.ts';

/** Far above what all venues together say in a second (a report a venue and second, an instrument refresh an hour). */
export const MAX_CONTROL_EVENTS = 4_096;
/** Operator commands have a queue of their own, so that no flood of reports can refuse or delay a kill. */
export const MAX_OPERATOR_COMMANDS = 64;

/** Far above what the message budgets of all venues let us ask in the time an answer may take. */
export const MAX_ANSWERS_OWED = 4_096;
export const MAX_ORDER_PUSHES = 4_096;

export interface Ring<T> {
  readonly size: number;
  /** False when full; nothing is then taken. */
  push(item: T): boolean;
  shift(): T | undefined;
}

export const createRing = <T>(capacity: number): Ring<T> => {
  const slots = Array.from<T | undefined>({ length: capacity });
  let head = 0;
  let size = 0;
  return {
    get size() {
      return size;
    },
    push(item) {
      if (size === capacity) return false;
      slots[(head + size) % capacity] = item;
      size += 1;
      return true;
    },
    shift() {
      if (size === 0) return undefined;
      const item = slots[head];
      slots[head] = undefined;
      head = (head + 1) % capacity;
      size -= 1;
      return item;
    },
  };
};

/** What each effect that asks a gateway comes back as; its place is reserved when the effect leaves. */
const ANSWERS: ReadonlySet<ControlInput['type']> = new Set(['order-outcome', 'cancel-outcome', 'order-query', 'venue-snapshot']);
/** What venues tell unasked. One that finds no room is a gap in its channel, and the venue is reconciled anew. */
const PUSHES: ReadonlySet<ControlInput['type']> = new Set(['order-report', 'fill', 'charge', 'order-link']);

export const isAnswer = (input: ControlInput): boolean => ANSWERS.has(input.type);
export const isPush = (input: ControlInput): boolean => PUSHES.has(input.type);

export interface ControlQueue {
  readonly size: number;
  /** Answers promised and not yet taken out, queued ones included. */
  readonly reserved: number;
  /** A place for one answer; false when {@link MAX_ANSWERS_OWED} are reserved. */
  reserve(): boolean;
  /** False when full; never for an answer whose place was reserved. */
  push(input: ControlInput): boolean;
  /** Operator commands first, then answers and pushes, then the rest; each in order of arrival. */
  shift(): ControlInput | undefined;
}

export const createControlQueue = (): ControlQueue => {
  const commands = createRing<ControlInput>(MAX_OPERATOR_COMMANDS);
  const ofOrders = createRing<ControlInput>(MAX_ANSWERS_OWED + MAX_ORDER_PUSHES);
  const others = createRing<ControlInput>(MAX_CONTROL_EVENTS);
  let reserved = 0;
  let answersQueued = 0;

  const pushOfOrders = (input: ControlInput): boolean => {
    if (!isAnswer(input)) return ofOrders.size - answersQueued < MAX_ORDER_PUSHES && ofOrders.push(input);
    if (answersQueued === reserved || !ofOrders.push(input)) return false;
    answersQueued += 1;
    return true;
  };
  const shiftOfOrders = (): ControlInput | undefined => {
    const input = ofOrders.shift();
    if (input !== undefined && isAnswer(input)) {
      answersQueued -= 1;
      reserved -= 1;
    }
    return input;
  };
  return {
    get size() {
      return commands.size + ofOrders.size + others.size;
    },
    get reserved() {
      return reserved;
    },
    reserve() {
      if (reserved === MAX_ANSWERS_OWED) return false;
      reserved += 1;
      return true;
    },
    push(input) {
      if (input.type === 'operator') return commands.push(input);
      return isAnswer(input) || isPush(input) ? pushOfOrders(input) : others.push(input);
    },
    shift: () => commands.shift() ?? shiftOfOrders() ?? others.shift(),
  };
};

/** The runner's one quote object; `core` copies what it keeps. */
export type QuoteSlot = { -readonly [K in keyof QuoteEvent]: QuoteEvent[K] };

export const createQuoteSlot = (): QuoteSlot => ({
  type: 'quote',
  seq: 0,
  monoUs: 0,
  unixMs: 0,
  instrument: 0,
  bidPx: 0,
  bidQty: 0,
  askPx: 0,
  askQty: 0,
  venueMs: null,
  updateId: null,
  receivedMonoUs: 0,
});

export interface MarketQueue extends MarketInlet {
  /** Instruments whose newest quote has not been taken. */
  readonly pending: number;
  readonly received: number;
  /** Quotes that a newer one replaced before they were taken. */
  readonly conflated: number;
  /** Moves the newest quote of the longest waiting instrument into `slot`; false when none waits. */
  take(slot: QuoteSlot): boolean;
}

const FIELDS = 6;

export const createMarketQueue = (instruments: number): MarketQueue => {
  const figures = new Float64Array(instruments * FIELDS);
  // NaN = the venue sent no time.
  const updateIds = Array.from<ExactInteger | null>({ length: instruments }).fill(null);
  const dirty = new Uint8Array(instruments);
  const order = new Uint32Array(instruments);
  let head = 0;
  let pending = 0;
  let received = 0;
  let conflated = 0;

  const take = (slot: QuoteSlot): boolean => {
    if (pending === 0) return false;
    const instrument = order[head]!;
    head = head + 1 === instruments ? 0 : head + 1;
    pending -= 1;
    dirty[instrument] = 0;
    const at = instrument * FIELDS;
    const venueMs = figures[at + 4]!;
    slot.instrument = instrument;
    slot.bidPx = figures[at]!;
    slot.bidQty = figures[at + 1]!;
    slot.askPx = figures[at + 2]!;
    slot.askQty = figures[at + 3]!;
    slot.venueMs = Number.isNaN(venueMs) ? null : venueMs;
    slot.updateId = updateIds[instrument] ?? null;
    slot.receivedMonoUs = figures[at + 5]!;
    return true;
  };
  const quote = (
    instrument: InstrumentIndex,
    bidPx: number,
    bidQty: number,
    askPx: number,
    askQty: number,
    venueMs: number | null,
    updateId: ExactInteger | null,
    receivedMonoUs: number,
  ): void => {
    if (!(instrument >= 0 && instrument < instruments)) {
      throw new RangeError(`quote of instrument ${instrument}; the configuration has ${instruments}`);
    }
    received += 1;
    const at = instrument * FIELDS;
    figures[at] = bidPx;
    figures[at + 1] = bidQty;
    figures[at + 2] = askPx;
    figures[at + 3] = askQty;
    figures[at + 4] = venueMs ?? Number.NaN;
    figures[at + 5] = receivedMonoUs;
    updateIds[instrument] = updateId;
    if (dirty[instrument] === 1) {
      conflated += 1;
      return;
    }
    dirty[instrument] = 1;
    order[(head + pending) % instruments] = instrument;
    pending += 1;
  };
  return {
    get pending() {
      return pending;
    },
    get received() {
      return received;
    },
    get conflated() {
      return conflated;
    },
    quote,
    take,
  };
};
