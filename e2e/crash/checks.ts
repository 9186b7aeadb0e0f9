/**
 * The independent checker: what must hold between the ledger and the venues' own books, whenever the engine has died and
 * once it has come to rest again. Its own book-keeping, none of the product's code. Every violation is one sentence.
 */
import { exact, type LedgerView, type VenueBook, type VenueFill, type VenueOrder } from './evidence.ts';

/** Everything that one venue ever took, in order, over all openings of its file. */
interface Taken {
  readonly ids: string[];
  readonly orders: Map<string, VenueOrder>;
}

const OPENING: ReadonlySet<string> = new Set(['open', 'complete']);
const AT_REST: ReadonlySet<string> = new Set(['filled', 'canceled', 'rejected', 'absent']);
const GROUP_ENDS: ReadonlySet<string> = new Set(['closed', 'denied', 'operator-held']);
const signed = (side: string, qty: string): bigint => (side === 'buy' ? exact(qty) : -exact(qty));
const fillKey = (venueId: string, instrumentId: string, tradeId: string): string => `${venueId} ${instrumentId} ${tradeId}`;

const plus = (sums: Map<string, bigint>, key: string, amount: bigint): void => void sums.set(key, (sums.get(key) ?? 0n) + amount);

export class Checker {
  readonly #venues = new Map<string, Taken>();

  /** Figures for the summary. */
  get counts(): { readonly orders: number; readonly fills: number } {
    const orders = [...this.#venues.values()].flatMap((taken) => [...taken.orders.values()]);
    return { orders: orders.length, fills: orders.reduce((sum, order) => sum + order.fills.length, 0) };
  }

  /** Takes a venue's book into memory. An order id that comes a second time is a double order, however the file was rewritten meanwhile. */
  absorb(book: VenueBook): readonly string[] {
    const taken = this.#venues.get(book.venueId) ?? { ids: [], orders: new Map<string, VenueOrder>() };
    this.#venues.set(book.venueId, taken);
    const wrong: string[] = [];
    if (book.countedBefore > taken.ids.length)
      wrong.push(`${book.venueId} counts ${book.countedBefore} earlier orders, ${taken.ids.length} were ever seen in its book`);
    for (const [i, order] of book.fresh.entries()) {
      const id = order.clientOrderId;
      const known = taken.ids[book.countedBefore + i];
      // It may have been executed since it was last looked at.
      if (known === id && order.fills.length >= (taken.orders.get(id)?.fills.length ?? 0)) taken.orders.set(id, order);
      if (known === id) continue;
      if (known !== undefined) wrong.push(`${book.venueId} forgot ${known}: ${id} stands in its place`);
      if (taken.orders.has(id)) wrong.push(`${book.venueId} took ${id} twice`);
      taken.ids.push(id);
      taken.orders.set(id, order);
    }
    for (const { clientOrderId } of book.past)
      if (!taken.orders.has(clientOrderId)) wrong.push(`${book.venueId} remembers ${clientOrderId}, which was never seen there`);
    return wrong;
  }

  /** Holds at every moment, crashed or not. */
  always(ledger: LedgerView): readonly string[] {
    return [...ledger.damage, ...this.#ordersCommittedFirst(ledger), ...this.#noInventedFills(ledger), ...onceOnly(ledger)];
  }

  /** Holds once the engine is up, reconciled, and nothing is under way. */
  atRest(ledger: LedgerView, books: readonly VenueBook[]): readonly string[] {
    return [
      ...this.always(ledger),
      ...ledger.orders
        .filter(({ state }) => !AT_REST.has(state))
        .map(({ client_order_id, state }) => `at rest order ${client_order_id} is ${state}`),
      ...ledger.groups
        // What is hedged when the engine is killed stays open until the reset.
        .filter(({ state }) => !GROUP_ENDS.has(state) && !(state === 'open' && ledger.kill !== null))
        .map(({ group_id, state, why }) => `at rest group ${group_id} is ${state}: ${why}`),
      ...this.#noLostFills(ledger),
      ...this.#positionsEqual(ledger, books),
      ...settledByHandOnly(ledger),
      ...foreignIsAdopted(ledger),
      ...closedGroupsAreFlat(ledger),
    ];
  }

  #ordersCommittedFirst(ledger: LedgerView): readonly string[] {
    const committed = new Map(ledger.orders.map((order) => [order.client_order_id, order]));
    return [...this.#venues].flatMap(([venueId, { orders }]) =>
      [...orders.values()].flatMap((order) => {
        const row = committed.get(order.clientOrderId);
        if (row === undefined) return [`${venueId} took ${order.clientOrderId}, which the ledger never committed`];
        const same =
          row.venue_id === venueId && row.symbol === order.symbol && row.side === order.side && exact(row.qty) === exact(order.qty);
        return same ? [] : [`${venueId} took ${order.clientOrderId} otherwise than committed: ${order.side} ${order.qty} ${order.symbol}`];
      }),
    );
  }

  #venueFills(): ReadonlyMap<string, VenueFill> {
    const fills = [...this.#venues.values()].flatMap((taken) => [...taken.orders.values()].flatMap((order) => order.fills));
    return new Map(fills.map((fill) => [fillKey(fill.venueId, fill.instrumentId, fill.tradeId), fill]));
  }

  #noInventedFills(ledger: LedgerView): readonly string[] {
    const real = this.#venueFills();
    return ledger.fills.flatMap((row) => {
      const key = fillKey(row.venue_id, row.instrument_id, row.trade_id);
      const fill = real.get(key);
      if (fill === undefined) return [`the ledger booked ${key}, which never happened`];
      const same =
        row.side === fill.side &&
        row.client_order_id === fill.clientOrderId &&
        row.fee_ccy === fill.feeCcy &&
        exact(row.qty) === exact(fill.qty) &&
        exact(row.px) === exact(fill.px) &&
        exact(row.fee) === exact(fill.fee);
      return same ? [] : [`the ledger booked ${key} otherwise than it happened`];
    });
  }

  #noLostFills(ledger: LedgerView): readonly string[] {
    const booked = new Set(ledger.fills.map((row) => fillKey(row.venue_id, row.instrument_id, row.trade_id)));
    return [...this.#venueFills()].filter(([key]) => !booked.has(key)).map(([key]) => `fill ${key} was lost`);
  }

  #positionsEqual(ledger: LedgerView, books: readonly VenueBook[]): readonly string[] {
    const byFills = new Map<string, bigint>();
    for (const fill of this.#venueFills().values()) plus(byFills, fill.instrumentId, signed(fill.side, fill.qty));
    const held = new Map(ledger.holdings.map((row) => [row.instrument_id, exact(row.qty)]));
    const settled = new Map<string, bigint>();
    for (const row of ledger.settlements) plus(settled, row.instrument_id, exact(row.qty));
    const wrong: string[] = [];
    for (const instrument of new Set([...byFills.keys(), ...held.keys(), ...settled.keys()])) {
      const [ours, gone, theirs] = [held.get(instrument) ?? 0n, settled.get(instrument) ?? 0n, byFills.get(instrument) ?? 0n];
      const both = gone === 0n ? `${ours}` : `${ours} and settled ${gone}`;
      if (ours + gone !== theirs) wrong.push(`${instrument}: we hold ${both}, the venue's fills add up to ${theirs} (10⁻¹⁸ units)`);
    }
    for (const book of books) {
      const positions = new Map(book.positionsBefore);
      for (const { fills } of book.fresh) for (const fill of fills) plus(positions, fill.instrumentId, signed(fill.side, fill.qty));
      for (const [instrument, qty] of positions)
        if (qty !== (byFills.get(instrument) ?? 0n))
          wrong.push(`${instrument}: its account says ${qty}, its fills add up to ${byFills.get(instrument) ?? 0n}`);
    }
    return wrong;
  }
}

const onceOnly = (ledger: LedgerView): readonly string[] => {
  const wrong: string[] = [];
  const seen = new Set<string>();
  const once = (key: string, what: string): void => {
    if (seen.has(key)) wrong.push(`${what} is there twice`);
    seen.add(key);
  };
  for (const order of ledger.orders) {
    once(`id ${order.client_order_id}`, `order ${order.client_order_id}`);
    once(`attempt ${order.group_id} ${order.leg} ${order.attempt}`, `attempt ${order.attempt} of leg ${order.leg} of ${order.group_id}`);
    if (order.magic !== null) once(`magic ${order.venue_id} ${order.magic}`, `magic ${order.magic}`);
  }
  const booked = new Map<string, bigint>();
  for (const fill of ledger.fills) {
    once(`fill ${fillKey(fill.venue_id, fill.instrument_id, fill.trade_id)}`, `fill ${fill.trade_id}`);
    if (fill.client_order_id !== null) plus(booked, fill.client_order_id, exact(fill.qty));
  }
  for (const order of ledger.orders) {
    const sum = booked.get(order.client_order_id) ?? 0n;
    if (sum !== exact(order.booked_qty))
      wrong.push(`order ${order.client_order_id} says ${order.booked_qty} booked, its fills add up to ${sum}`);
    if (sum > exact(order.qty)) wrong.push(`order ${order.client_order_id} is filled beyond its ${order.qty}`);
  }
  return wrong;
};

const closedGroupsAreFlat = (ledger: LedgerView): readonly string[] => {
  const held = new Map<string, bigint>();
  for (const fill of ledger.fills) plus(held, fill.group_id, signed(fill.side, fill.base_qty));
  return ledger.groups
    .filter(({ state, group_id, settled_base_qty }) => state === 'closed' && (held.get(group_id) ?? 0n) !== exact(settled_base_qty))
    .map(
      ({ group_id, settled_base_qty }) =>
        `closed group ${group_id} still holds ${held.get(group_id) ?? 0n}, ${settled_base_qty} was settled`,
    );
};

/** Only a person may say that what a venue holds is not ours any more. */
const settledByHandOnly = ({ settlements, settledByHand }: LedgerView): readonly string[] =>
  settlements
    .filter(({ group_id }) => !settledByHand.includes(group_id))
    .map(({ group_id, instrument_id, kind, qty }) => `${qty} of ${instrument_id} of ${group_id} was ${kind}, and nobody asked for it`);

/** The venues began empty, and nobody else trades there: what counts as foreign is what a person adopted. */
const foreignIsAdopted = ({ holdings, settlements }: LedgerView): readonly string[] =>
  holdings.flatMap(({ instrument_id, foreign_qty }) => {
    const adopted = settlements.filter((row) => row.kind === 'adopted' && row.instrument_id === instrument_id);
    const sum = adopted.reduce((total, { qty }) => total + exact(qty), 0n);
    return exact(foreign_qty) === sum ? [] : [`${instrument_id}: ${foreign_qty} counts as foreign, ${sum} (10⁻¹⁸ units) was adopted`];
  });

/** What a kill that was acknowledged at this moment forbids; `latched` = it has not been reset meanwhile. */
export const keptKill = (ledger: LedgerView, acknowledgedUnixMs: number, latched = true): readonly string[] => {
  if (latched && ledger.kill === null) return ['the kill was acknowledged, and the ledger does not know it'];
  return ledger.orders
    .filter(({ purpose, committed_unix_ms }) => OPENING.has(purpose) && committed_unix_ms > acknowledgedUnixMs)
    .map(({ client_order_id, purpose }) => `${purpose} order ${client_order_id} was committed after the kill was acknowledged`);
};
