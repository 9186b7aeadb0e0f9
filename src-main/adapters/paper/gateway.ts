/**
 * A paper account behind the order port: it stands where a venue would, with the venue's rules, codes, fees and delays,
 * and real quotes. Owns the way of an order in time; the rules are in `rules.ts`, the truth is the book on disk. It is
 * handed no secret and could not sign anything. Invariants: an order is on disk before anybody hears of it; each call
 * ends in exactly one outcome; nothing is executed past its validity, nor at a price that is not there.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type {
  OrderRef,
  OrderRequest,
  PlaceOutcome,
  CancelOutcome,
  QueryOutcome,
  SnapshotOutcome,
} from '../../../src-shared/domain/order.ts';
import type { PaperSettings, VenueSettings } from '../../../src-shared/domain/settings.ts';
import { US_PER_MS } from '../../../src-shared/domain/units.ts';
import type { Clock, ControlInlet, OrderGateway } from '../../runtime/ports.ts';
import { openBookFile, type BookedOrder, type BookFile } from './bookFile.ts';
import { executionOf, fillOf } from './execution.ts';
import { createMarket, isQuoted, quoteAgeMs, takeDisplayed, type PaperInstrument, type PaperMarket } from './market.ts';
import { createOrderLink, type OrderLink } from './orderLink.ts';
import { createPushes, type Pushes } from './pushes.ts';
import { DUPLICATE, gatewayRefusal, noPrice, NOTHING_TO_CANCEL, refusalOf } from './refusals.ts';
import { fillsOf, reportOf, snapshotOf, unvalued } from './reports.ts';
import { refusalBy } from './rules.ts';
import type { InletObserver } from './tee.ts';
import type { Timers } from './timers.ts';

/** Share of the answer time after which an MT5 command is in the EA's hands, and after which any order is in the book. */
const DELIVERED_AFTER = 0.3;
const ARRIVED_AFTER = 0.5;
/** Pushes come by a channel of their own: this far around the answer, as a share of the way back. */
const PUSH_SPREAD = 0.8;
/** First tickets of a paper account; orders and deals count apart. */
const FIRST_ORDER = 50_000_001;
const FIRST_TRADE = 70_000_001;

export interface PaperGatewayOptions {
  readonly venue: VenueSettings;
  readonly instruments: readonly PaperInstrument[];
  readonly account: PaperSettings;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Where pushes and the order link go. */
  readonly inlets: ControlInlet;
  /** The account's book; made when missing. */
  readonly statePath: string;
}

export interface PaperGateway extends OrderGateway {
  readonly kind: 'paper';
  /** What the venue sees of the market: hand it to `teeInlets`. */
  readonly observer: InletObserver;
  /** What opening the book found, for people. */
  readonly notes: readonly string[];
}

/** An order on its way. */
interface Journey {
  readonly request: OrderRequest;
  readonly mayLeave: () => boolean;
  readonly sentMonoUs: number;
  /** From the call to the answer, ms. */
  readonly answerMs: number;
  /** The EA, or the network, has it: it can no longer be called back. */
  left: boolean;
  settled: boolean;
  cancelTimer: (() => void) | null;
  readonly settle: (outcome: PlaceOutcome) => void;
}

class Gateway implements PaperGateway {
  readonly kind = 'paper';
  readonly venueId;
  readonly observer: InletObserver;
  readonly notes: readonly string[];
  readonly #options: PaperGatewayOptions;
  readonly #market: PaperMarket;
  readonly #book: BookFile;
  readonly #pushes: Pushes;
  readonly #link: OrderLink;
  readonly #journeys = new Map<string, Journey>();
  readonly #waits = new Set<() => void>();
  #ended = false;

  constructor(options: PaperGatewayOptions) {
    const { venue, account, statePath, inlets, timers } = options;
    this.#options = options;
    this.venueId = venue.id;
    this.#book = openBookFile(statePath, { venueId: venue.id, protocol: venue.protocol }, account.startBalances);
    this.notes = this.#book.notes;
    this.#market = createMarket(venue, options.instruments, () => this.#link.look());
    this.observer = this.#market.observer;
    this.#pushes = createPushes(inlets, timers);
    this.#link = createOrderLink({
      venue,
      market: this.#market,
      pushes: this.#pushes,
      unready: () => unvalued(this.#book.account, this.#market)[0] ?? null,
    });
  }

  start(): void {
    for (const detail of this.#book.notes) this.#pushes.give({ type: 'limit-crossed', limit: 'paper-account', detail });
    this.#link.start();
  }

  async stop(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#link.stop();
    for (const journey of this.#journeys.values()) {
      if (journey.left) this.#settle(journey, { code: 'unknown', why: 'the connection was closed before an answer' });
      else this.#refuse(journey, 'the connection was closed before the command was handed over');
    }
    for (const end of this.#waits) end();
    this.#pushes.stop();
    this.#book.close();
  }

  place(request: OrderRequest, mayLeave: () => boolean): Promise<PlaceOutcome> {
    const { venue, clock } = this.#options;
    if (!this.#link.up) return refused(`not connected to ${venue.label}: ${this.#link.detail}`, 'later');
    const isTerminal = venue.protocol === 'metatrader';
    if (!isTerminal && !mayLeave()) return refused('the gate is closed', 'never');
    const { promise, resolve } = Promise.withResolvers<PlaceOutcome>();
    const { clientOrderId } = request;
    if (this.#journeys.has(clientOrderId))
      return Promise.resolve({ code: 'unknown', why: `${DUPLICATE[venue.protocol]} (the first is on its way)` });
    const journey: Journey = {
      request,
      mayLeave,
      sentMonoUs: clock.monoUs(),
      answerMs: this.#answerMs(),
      left: !isTerminal,
      settled: false,
      cancelTimer: null,
      settle: resolve,
    };
    this.#journeys.set(clientOrderId, journey);
    if (isTerminal) this.#later(journey, journey.answerMs * DELIVERED_AFTER, () => this.#deliver(journey));
    else this.#later(journey, journey.answerMs * ARRIVED_AFTER, () => this.#arrive(journey));
    return promise;
  }

  cancel(ref: OrderRef, mayLeave: () => boolean): Promise<CancelOutcome> {
    if (!mayLeave()) return Promise.resolve({ code: 'refused', venueCode: null, text: 'the gate is closed' });
    const journey = this.#journeys.get(ref.clientOrderId);
    if (journey !== undefined && !journey.left) {
      this.#refuse(journey, 'revoked before it was handed to the EA');
      return Promise.resolve({ code: 'acknowledged' });
    }
    const lost: CancelOutcome = { code: 'unknown', why: `not connected to ${this.#options.venue.label}` };
    return this.#roundTrip(lost, (): CancelOutcome => {
      const [venueCode, text] = NOTHING_TO_CANCEL[this.#options.venue.protocol];
      return { code: 'refused', venueCode, text };
    });
  }

  query(ref: OrderRef): Promise<QueryOutcome> {
    const lost: QueryOutcome = { code: 'failed', why: `not connected to ${this.#options.venue.label}` };
    return this.#roundTrip(lost, (): QueryOutcome => {
      const order = this.#book.orders.get(ref.clientOrderId);
      if (order === undefined) return { code: 'not-found', venueUnixMs: this.#unixMs() };
      return { code: 'found', report: reportOf(order, this.venueId), fills: fillsOf(order) };
    });
  }

  snapshot(fillsSinceUnixMs: number): Promise<SnapshotOutcome> {
    const lost: SnapshotOutcome = { code: 'failed', why: `not connected to ${this.#options.venue.label}` };
    return this.#roundTrip(lost, (): SnapshotOutcome => {
      const { account, orders } = this.#book;
      const [unknown] = unvalued(account, this.#market);
      if (unknown !== undefined) return { code: 'failed', why: unknown };
      const { protocol } = this.#options.venue;
      const snapshot = snapshotOf(account, orders.values(), this.#market, protocol, fillsSinceUnixMs, this.#unixMs());
      return { code: 'answered', snapshot };
    });
  }

  #unixMs(): number {
    return Math.floor(this.#options.clock.unixMs());
  }

  #answerMs(): number {
    const { account, random } = this.#options;
    return account.latencyMs + random() * account.latencyJitterMs;
  }

  /** A question and its answer: what the venue says is what holds when the question is there. */
  #roundTrip<T>(lost: T, answer: () => T): Promise<T> {
    if (!this.#link.up) return Promise.resolve(lost);
    const { promise, resolve } = Promise.withResolvers<T>();
    const wayMs = this.#answerMs() / 2;
    this.#wait(wayMs, resolve, lost, () => {
      const said = answer();
      this.#wait(wayMs, resolve, lost, () => resolve(this.#link.up ? said : lost));
    });
    return promise;
  }

  #wait<T>(delayMs: number, resolve: (value: T) => void, lost: T, wake: () => void): void {
    if (this.#ended) return resolve(lost);
    const end = (): void => {
      cancel();
      this.#waits.delete(end);
      resolve(lost);
    };
    const cancel = this.#options.timers.after(delayMs, () => {
      this.#waits.delete(end);
      wake();
    });
    this.#waits.add(end);
  }

  #later(journey: Journey, delayMs: number, wake: () => void): void {
    journey.cancelTimer = this.#options.timers.after(delayMs, wake);
  }

  #ageMs(journey: Journey): number {
    return (this.#options.clock.monoUs() - journey.sentMonoUs) / US_PER_MS;
  }

  #settle(journey: Journey, outcome: PlaceOutcome): void {
    if (journey.settled) return;
    journey.settled = true;
    journey.cancelTimer?.();
    this.#journeys.delete(journey.request.clientOrderId);
    journey.settle(outcome);
  }

  #refuse(journey: Journey, text: string, retry: 'never' | 'fresh-price' = 'never'): void {
    this.#settle(journey, { code: 'refused', refusal: gatewayRefusal(text, retry) });
  }

  /** The EA fetches the command: the last moment at which it can be called back, and the one at which the gate is asked. */
  #deliver(journey: Journey): void {
    const { validityMs } = journey.request;
    const ageMs = this.#ageMs(journey);
    if (ageMs >= validityMs) return this.#refuse(journey, `the command expired undelivered after ${validityMs} ms`, 'fresh-price');
    if (!this.#link.up) return this.#later(journey, validityMs - ageMs, () => this.#deliver(journey));
    if (!journey.mayLeave()) return this.#refuse(journey, 'the gate is closed');
    journey.left = true;
    this.#later(journey, journey.answerMs * (ARRIVED_AFTER - DELIVERED_AFTER), () => this.#arrive(journey));
  }

  /** The order is at the venue: taken or refused by what holds now, not by what held when it was decided. */
  #arrive(journey: Journey): void {
    const { venue } = this.#options;
    if (!this.#link.up) return this.#settle(journey, { code: 'unknown', why: `the connection to ${venue.label} was lost on the way` });
    let outcome: PlaceOutcome;
    let taken: BookedOrder | null = null;
    try {
      const verdict = this.#judge(journey);
      if ('clientOrderId' in verdict) {
        this.#book.take(verdict);
        taken = verdict;
        outcome = { code: 'acknowledged', venueOrderId: verdict.venueOrderId, venueUnixMs: verdict.venueUnixMs };
      } else outcome = verdict;
    } catch (error) {
      // Nothing was taken, and yet nobody could prove it: the disk is the venue's memory.
      outcome = { code: 'unknown', why: `the paper account could not be written: ${(error as Error).message}` };
    }
    const backMs = journey.answerMs * (1 - ARRIVED_AFTER);
    this.#later(journey, backMs, () =>
      this.#settle(
        journey,
        this.#link.up ? outcome : { code: 'unknown', why: `the connection to ${venue.label} was lost before the answer` },
      ),
    );
    if (taken !== null) this.#push(taken, backMs);
  }

  #judge(journey: Journey): BookedOrder | Exclude<PlaceOutcome, { code: 'acknowledged' }> {
    const { venue, account: paper, random } = this.#options;
    const { request } = journey;
    const { protocol } = venue;
    const refuse = (refusal: ReturnType<typeof refusalOf>) => ({ code: 'refused', refusal }) as const;
    // Drawn for every order, so that one rate does not change what another brings.
    const [rejection, declined, shortage, share] = [random(), random(), random(), random()];
    if (this.#book.orders.has(request.clientOrderId)) return { code: 'unknown', why: DUPLICATE[protocol] };
    const ageMs = this.#ageMs(journey);
    if (ageMs > request.validityMs)
      return refuse(refusalOf(protocol, 'expired', `${ageMs.toFixed(0)} ms on the way, valid for ${request.validityMs} ms`));
    const listing = this.#market.listings.get(request.instrumentId);
    if (listing === undefined) return refuse(refusalOf(protocol, 'unknown-symbol', request.symbol));
    const refusal = refusalBy({ protocol, request, listing, market: this.#market, account: this.#book.account, unixMs: this.#unixMs() });
    if (refusal !== null) return refuse(refusal);
    const quoteMs = quoteAgeMs(listing, this.#options.clock.monoUs());
    if (!isQuoted(listing)) return refuse(noPrice(protocol, `no quote of ${request.symbol}`));
    if (!(quoteMs <= venue.maxQuoteAgeMs + ageMs))
      return refuse(noPrice(protocol, `the quote of ${request.symbol} is ${quoteMs.toFixed(0)} ms old`));
    if (rejection < paper.rejectRate)
      return refuse(refusalOf(protocol, declined < 0.5 ? 'busy' : 'declined', 'by the paper account’s reject rate'));
    const instrument = listing.instrument!;
    const execution = executionOf(request, listing, instrument, paper, shortage < paper.partialFillRate ? share : null);
    if (protocol === 'metatrader' && execution.qty.isZero())
      return refuse(
        execution.beyondLimit
          ? refusalOf(protocol, 'requote', `${execution.px.toFixed()} is beyond the limit ${request.limitPx}`)
          : noPrice(protocol, 'no size is left at this quote'),
      );
    if (!execution.qty.isZero()) takeDisplayed(listing, request.side, execution.qty);
    return this.#ordered(request, listing, instrument, execution);
  }

  #ordered(
    request: OrderRequest,
    listing: Parameters<typeof fillOf>[1],
    instrument: Parameters<typeof fillOf>[2],
    execution: Parameters<typeof fillOf>[3],
  ): BookedOrder {
    const { orders, trades } = this.#book.account;
    const venueOrderId = String(FIRST_ORDER + orders);
    const venueUnixMs = this.#unixMs();
    const positionId = this.#options.venue.protocol === 'metatrader' ? (request.positionId ?? venueOrderId) : null;
    const identity = { venueId: this.venueId, tradeId: String(FIRST_TRADE + trades), venueUnixMs, positionId };
    const whole = execution.qty.eq(new Decimal(request.qty));
    return {
      clientOrderId: request.clientOrderId,
      venueOrderId,
      instrumentId: request.instrumentId,
      symbol: request.symbol,
      side: request.side,
      qty: request.qty,
      filledQty: execution.qty.toFixed(),
      state: whole ? 'filled' : 'canceled',
      text: whole ? 'filled' : execution.beyondLimit ? 'IOC expired: the price is beyond the limit' : 'IOC: the rest expired',
      magic: request.magic,
      venueUnixMs,
      fills: execution.qty.isZero() ? [] : [fillOf(request, listing, instrument, execution, identity)],
    };
  }

  /** What the private stream tells: accepted, executed, ended. It may well be faster than the answer. */
  #push(order: BookedOrder, backMs: number): void {
    const { random, timers, venue } = this.#options;
    const delayMs = backMs * (1 + (random() - 0.5) * PUSH_SPREAD);
    const report = reportOf(order, this.venueId);
    const cancel = timers.after(delayMs, () => {
      this.#waits.delete(end);
      if (!this.#link.up) return;
      if (venue.protocol !== 'metatrader')
        this.#pushes.give({ type: 'order-report', report: { ...report, state: 'working', filledQty: '0', text: 'accepted' } });
      for (const fill of fillsOf(order)) this.#pushes.give({ type: 'fill', fill });
      this.#pushes.give({ type: 'order-report', report });
    });
    const end = (): void => {
      cancel();
      this.#waits.delete(end);
    };
    this.#waits.add(end);
  }
}

const refused = (text: string, retry: 'never' | 'later'): Promise<PlaceOutcome> =>
  Promise.resolve({ code: 'refused', refusal: gatewayRefusal(text, retry) });

/** @throws PaperBookFault when the account's book belongs to another venue or is damaged, and what the disk throws. */
export const createPaperGateway = (options: PaperGatewayOptions): PaperGateway => new Gateway(options);
