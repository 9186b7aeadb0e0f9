/**
 * What follows when a venue says what it knows of us: pure comparison of its snapshot with our book. Knows no state but what
 * it is given; what an answer then changes is in `wall.ts`.
 */
import { Decimal, type DecimalText } from '../../../src-shared/domain/decimal.ts';
import { isLiveOrder, type OpenOrderReport, type OrderRecord, type PositionReport } from '../../../src-shared/domain/order.ts';
import { MS_PER_DAY, MS_PER_MIN, MS_PER_S } from '../../../src-shared/domain/units.ts';
import type { Holding } from '../book.ts';
import { Fnv64 } from '../hash.ts';

/**
 * Invariants:
 *  1. A venue that did not answer is unknown: never flat, never without orders.
 *  2. A missing fill enters as the fill it is, once: its trade id is its identity, by whichever way it came.
 *  3. Absence proves nothing: an order that we hold for live and the venue does not list is asked for, never ended.
 *  4. An open order that bears our name and is not in the book, or has ended there, cannot be explained: it halts.
 *  5. Positions are compared only in quiet: none of our orders live there when we asked and when the answer came, and
 *     nothing of ours changed in between. Else the venue's moment and ours are not the same moment.
 *  6. What is not ours is shown and never touched. It is known either by the venue's own word (MT5, by magic), or as what
 *     was there at the very first sight of the instrument, or as what an operator accepted.
 *  7. Ours + foreign = reported, within one quantity step; else it differs, with both figures, until it agrees again.
 *  8. The cursor from which fills are asked never passes a fill that is not booked: it moves only when nothing of ours is
 *     live there, on the venue's own clock, and always overlaps. It is durable: the next run asks from where this one stood.
 *  9. A venue may list positions that are a moment older than its fills: what differs in an answer that was asked for within
 *     {@link POSITIONS_LAG_MS} of a fill there is looked at again before it counts.
 */

/** Every snapshot repeats so much of the time that is already known: late fills, and clocks that are a little off. */
export const FILLS_OVERLAP_MS = 2 * MS_PER_MIN;
/** At start the moments of our own orders are by this host's clock, hence a wider overlap. */
export const RECOVERY_OVERLAP_MS = 10 * MS_PER_MIN;
/**
 * An order that stays unknown holds the cursor no longer than this: it is asked for by its id all the while, with all its fills. As
 * far back as the narrowest venue lists fills without turning to its archive (OKX, three days). A start asks from its cursor, however old.
 */
export const MAX_FILLS_LOOKBACK_MS = 3 * MS_PER_DAY;
/** The ledger keeps a cursor that is so far behind at most: each step is a commit. */
export const CURSOR_STEP_MS = 5 * MS_PER_MIN;
/** Positions are read from other replicas than fills: they may lag so much. */
export const POSITIONS_LAG_MS = 3 * MS_PER_S;
/** A request for many days of fills is read page by page: so much longer is waited for each day … */
const PATIENCE_PER_DAY_MS = 2 * MS_PER_S;
/** … up to this. */
const MAX_PATIENCE_MS = MS_PER_MIN;

/** How much longer than usual an answer may take that has to cover so much time. */
export const patienceMs = (cursorUnixMs: number, nowUnixMs: number): number =>
  Math.min(MAX_PATIENCE_MS, Math.floor(Math.max(0, nowUnixMs - cursorUnixMs) / MS_PER_DAY) * PATIENCE_PER_DAY_MS);

const ZERO = new Decimal(0);
/** As `clientOrderIdOf` makes them: run, pair, direction, episode, leg, attempt. */
const OWN_NAME = /^q[0-9a-z]{15}[fr][0-9a-z]+[ab][0-9a-z]{2}$/;
/** Whether a client order id is one that only this engine makes. */
export const isOwnName = (clientOrderId: string | null): clientOrderId is string => clientOrderId !== null && OWN_NAME.test(clientOrderId);

/** Not every execution is known yet: live, or ended with fills still to be fetched. A quarantined one waits for a person. */
export const isUnsettled = ({ state, bookedQty, filledQty }: OrderRecord): boolean =>
  isLiveOrder(state) || (state !== 'quarantined' && bookedQty !== filledQty && !new Decimal(bookedQty).equals(filledQty));

export const ordersAt = (orders: Readonly<Record<string, OrderRecord>>, venueId: string): readonly OrderRecord[] =>
  Object.values(orders).filter(({ request }) => request.venueId === venueId);

/** Fingerprint of our orders at a venue; null = not quiet (invariant 5). Two equal ones: nothing of ours changed in between. */
export const quietMark = (orders: readonly OrderRecord[]): string | null => {
  const hash = new Fnv64();
  for (const order of orders) {
    if (isUnsettled(order)) return null;
    hash.text(order.request.clientOrderId);
    hash.text(order.state);
    hash.text(order.bookedQty);
  }
  return hash.value().toString(36);
};

export interface OpenOrdersSeen {
  /** Bears our name, whatever the book says. */
  readonly own: readonly OpenOrderReport[];
  readonly foreign: readonly OpenOrderReport[];
  /** Live in the book and open at the venue. */
  readonly working: readonly { readonly order: OrderRecord; readonly report: OpenOrderReport }[];
  /** Bears our name, and the book has never heard of it. */
  readonly unexplained: readonly OpenOrderReport[];
  /** Open at the venue, ended in the book; a contradiction once it is quiet. */
  readonly ended: readonly OrderRecord[];
  /** Working in the book and not listed: to be asked for (invariant 3). */
  readonly missing: readonly OrderRecord[];
}

/** Sorts what a venue lists as open by what the book knows. `book` = our orders at this venue. */
export const sortOpenOrders = (listed: readonly OpenOrderReport[], book: readonly OrderRecord[]): OpenOrdersSeen => {
  const byName = new Map<string, OrderRecord>(book.map((order) => [order.request.clientOrderId, order]));
  const byVenueId = new Map(book.flatMap((order) => (order.venueOrderId === null ? [] : [[order.venueOrderId, order] as const])));
  const seen = new Set<OrderRecord>();
  const own: OpenOrderReport[] = [];
  const foreign: OpenOrderReport[] = [];
  const working: { order: OrderRecord; report: OpenOrderReport }[] = [];
  const unexplained: OpenOrderReport[] = [];
  const ended: OrderRecord[] = [];
  for (const report of listed) {
    const order = byName.get(report.clientOrderId ?? '') ?? byVenueId.get(report.venueOrderId);
    if (order === undefined && !isOwnName(report.clientOrderId)) {
      foreign.push(report);
      continue;
    }
    own.push(report);
    if (order === undefined) unexplained.push(report);
    else if (isLiveOrder(order.state)) working.push({ order, report });
    else ended.push(order);
    if (order !== undefined) seen.add(order);
  }
  const missing = book.filter((order) => order.state === 'working' && !seen.has(order));
  return { own, foreign, working, unexplained, ended, missing };
};

export interface PositionVerdict {
  readonly code: 'agrees' | 'differs';
  /** As it is to be kept; equal to the one before where nothing new was learned. */
  readonly holding: Holding;
  /** What should be there, and what is: signed, ours and foreign together. */
  readonly own: DecimalText;
  readonly reported: DecimalText;
}

const textOf = (qty: Decimal): DecimalText => (qty.isZero() ? '0' : qty.toFixed());

/** What is held of an instrument, as it is kept: nothing accepted leaves no word. */
export const holdingOf = (qty: Decimal, foreign: Decimal, accepted: Decimal): Holding => ({
  qty: textOf(qty),
  foreignQty: textOf(foreign),
  ...(accepted.isZero() ? {} : { acceptedQty: textOf(accepted) }),
});

/**
 * Invariants 6 and 7 for one instrument. `holding` null = never seen in this ledger; `report` null = the venue lists nothing,
 * in an answer that was complete: flat. `step` = the instrument's quantity step; null = not known, then only equal agrees.
 */
export const comparePosition = (holding: Holding | null, report: PositionReport | null, step: DecimalText | null): PositionVerdict => {
  const reported = new Decimal(report?.qty ?? ZERO);
  const qty = new Decimal(holding?.qty ?? ZERO);
  const foreign = foreignOf(holding, report, reported);
  const expected = qty.plus(foreign);
  const off = reported.minus(expected).abs();
  const agrees = off.isZero() || (step !== null && off.lessThan(step));
  return {
    code: agrees ? 'agrees' : 'differs',
    holding: holdingOf(qty, foreign, new Decimal(holding?.acceptedQty ?? ZERO)),
    own: textOf(expected),
    reported: textOf(reported),
  };
};

/** A venue that knows by their names what is ours counts what a person declared foreign as ours still. */
const foreignOf = (holding: Holding | null, report: PositionReport | null, reported: Decimal): Decimal => {
  if (report !== null && report.foreignQty !== null) return new Decimal(report.foreignQty).plus(holding?.acceptedQty ?? ZERO);
  if (holding === null) return reported;
  return new Decimal(holding.foreignQty);
};

/** An operator declares the difference foreign. */
export const acceptDifference = (holding: Holding, { own, reported }: Pick<PositionVerdict, 'own' | 'reported'>): Holding => {
  const off = new Decimal(reported).minus(own);
  return holdingOf(new Decimal(holding.qty), off.plus(holding.foreignQty), off.plus(holding.acceptedQty ?? ZERO));
};

/** From where the first snapshot of a run asks: before anything of ours that may have happened while nobody listened. */
export const firstCursor = (orders: readonly OrderRecord[], startedUnixMs: number): number => {
  if (orders.length === 0) return startedUnixMs;
  let heard = 0;
  let oldestUnsettled = Number.POSITIVE_INFINITY;
  for (const order of orders) {
    heard = Math.max(heard, order.committedUnixMs, order.endedUnixMs ?? 0);
    if (isUnsettled(order)) oldestUnsettled = Math.min(oldestUnsettled, order.committedUnixMs);
  }
  return Math.min(heard, oldestUnsettled, startedUnixMs) - RECOVERY_OVERLAP_MS;
};

/** Invariant 8. `venueUnixMs` = of the answered snapshot; null where the venue gave no time: then nothing can be concluded. */
export const nextCursor = (cursor: number, venueUnixMs: number | null, settled: boolean): number => {
  if (venueUnixMs === null) return cursor;
  const overlapped = venueUnixMs - FILLS_OVERLAP_MS;
  return Math.max(settled ? overlapped : Math.min(cursor, overlapped), venueUnixMs - MAX_FILLS_LOOKBACK_MS);
};
