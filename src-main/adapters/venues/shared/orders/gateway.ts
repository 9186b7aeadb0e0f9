/**
 * The order side of any exchange as the engine knows it: joins a dialect's answers into exactly one outcome a call, its pushes into
 * events in order, its links and readings into one link with a sentence. Invariants: nothing is sent of its own accord but questions
 * and the dead-man timer, nothing is repeated, and what ends here without an answer is unknown once it may have left, else refused.
 */
import type { ExchangeReport } from '../../../../../src-shared/domain/exchange.ts';
import type { ClientOrderId, InstrumentId, VenueId } from '../../../../../src-shared/domain/ids.ts';
import {
  isOpening,
  type CancelOutcome,
  type OrderRef,
  type OrderRequest,
  type PlaceOutcome,
  type QueryOutcome,
  type SnapshotOutcome,
} from '../../../../../src-shared/domain/order.ts';
import type { Instrument } from '../../../../../src-shared/domain/instrument.ts';
import { MS_PER_DAY, US_PER_MS } from '../../../../../src-shared/domain/units.ts';
import type { OrderGateway } from '../../../../runtime/ports.ts';
import { isMultipleOfStep, stepOf, type Step } from '../decimalText.ts';
import { AccountWatch } from './accountWatch.ts';
import { Bounded } from './bounded.ts';
import { DeadMan } from './deadMan.ts';
import { createLatencies } from '../../../../../src-shared/domain/latencies.ts';
import { gatewayRefusal } from './outcomes.ts';
import type { DialectOwner, ExchangeDialect, GatewayParts, Pushed } from './parts.ts';
import { PriceBands } from './priceBands.ts';
import { Pushes } from './pushes.ts';
import { Rejects } from './rejects.ts';
import { Reporter } from './reporter.ts';

/** Each venue folder's `orders.ts` exports one of these; it makes no connection before `start`. @throws SigningKeyFault */
export type MakeDialect = (parts: GatewayParts) => ExchangeDialect;

/** A dialect keeps its own deadlines; this is for one that does not. */
export const BACKSTOP_MS = 2_000;
export const QUERY_DEADLINE_MS = 15_000;
export const SNAPSHOT_DEADLINE_MS = 10_000;
/** Many days of executions are read page by page: the engine waits so much longer for each day, up to so long, and so do we. */
export const PATIENCE_PER_DAY_MS = 2_000;
export const MAX_PATIENCE_MS = 60_000;
/** A venue whose pushes cannot be read is reconciled with at once, and not more often than this. */
export const GAP_PAUSE_MS = 10_000;
/** Orders whose first fill is awaited for the latency alone. */
export const MAX_TIMED_ORDERS = 512;
/** Makes the core alarm: the exchange did something of its own accord, or a push could not be read. */
export const EXCHANGE_ACT = 'exchange-act';
const MAX_ALARM_CHARS = 300;
const ENDED = 'the engine has ended';
const CONNECTED = 'order entry and private stream are up';

/** What may have left, and when. */
interface Flight {
  left: boolean;
  leftUs: number;
  barred: boolean;
  over: boolean;
}

interface Steps {
  readonly described: Instrument;
  readonly qtyStep: Step;
  readonly tickSize: Step;
}

/** What the venue did not find, it did not find when it was asked at the earliest: later is no evidence. */
const datedBefore = (outcome: QueryOutcome, askedMs: number | null): QueryOutcome =>
  outcome.code !== 'not-found' || outcome.venueUnixMs === null
    ? outcome
    : { code: 'not-found', venueUnixMs: askedMs === null ? null : Math.min(Math.floor(askedMs), outcome.venueUnixMs) };

const patienceOf = (spanMs: number): number =>
  Math.min(MAX_PATIENCE_MS, Math.floor(Math.max(0, spanMs) / MS_PER_DAY) * PATIENCE_PER_DAY_MS);

class ExchangeGateway implements OrderGateway, DialectOwner {
  readonly venueId: VenueId;
  readonly kind: 'demo' | 'live';
  readonly #parts: GatewayParts;
  readonly #dialect: ExchangeDialect;
  readonly #bounded: Bounded;
  readonly #pushes: Pushes;
  readonly #watch: AccountWatch;
  readonly #bands: PriceBands;
  readonly #deadMan: DeadMan;
  readonly #reporter: Reporter;
  readonly #symbols: ReadonlyMap<InstrumentId, string>;
  readonly #steps = new Map<InstrumentId, Steps>();
  readonly #rejects = new Rejects();
  readonly #toAck = createLatencies();
  readonly #toFill = createLatencies();
  /** When each order left whose first fill has not been heard of. */
  readonly #unfilled = new Map<ClientOrderId, number>();
  #running = false;
  #stopping: Promise<void> | null = null;
  #saidUp: boolean | null = null;
  /** As of the last change of whatever decides it: nothing keeps orders back. The venue's clock alone is lost by time passing. */
  #isOpen = false;
  #socketsUp = false;
  /** The last gap among our pushes is younger than {@link GAP_PAUSE_MS}; a text = another one has come since. */
  #gap: { later: string | null } | null = null;
  #cancelGap: () => void = () => undefined;
  #hasRisen = false;

  constructor(parts: GatewayParts, makeDialect: MakeDialect) {
    const { venue, clock, timers, random, inlet } = parts;
    this.#parts = parts;
    this.venueId = venue.id as VenueId;
    this.kind = venue.orders.environment === 'live' ? 'live' : 'demo';
    const dialect = makeDialect(parts);
    this.#dialect = dialect;
    this.#symbols = new Map(parts.instruments.map(({ id, symbol }) => [id, symbol]));
    const bounded = new Bounded(timers);
    this.#bounded = bounded;
    this.#pushes = new Pushes(inlet, timers, (lost) => this.#reconcile(`${lost} pushes found no room`));
    const changed = () => this.linksChanged();
    this.#watch = new AccountWatch({ check: () => dialect.check(), bounded, clock, timers, random, changed });
    this.#bands = new PriceBands({ bands: () => dialect.bands(), isWanted: () => this.#isUp, bounded, clock, timers });
    this.#deadMan = new DeadMan({
      deadMan: (symbols, timeoutMs) => dialect.deadMan(symbols, timeoutMs),
      timeoutMs: venue.orders.deadManMs,
      bounded,
      clock,
      timers,
      changed: () => this.#reporter.touch(),
      alarm: (detail) => this.#pushes.give({ type: 'limit-crossed', limit: 'exchange-dead-man', detail: `${venue.label}: ${detail}` }),
    });
    this.#reporter = new Reporter({
      describe: () => this.#describe(),
      tell: (report) => inlet.offer({ type: 'exchange', venueId: this.venueId, report }) === 'taken',
      clock,
      timers,
    });
  }

  start(): void {
    if (this.#running || this.#stopping !== null) return;
    this.#running = true;
    this.#dialect.start(this);
    this.#watch.start();
    this.#deadMan.start();
    this.#reporter.start();
    this.linksChanged();
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  async #stop(): Promise<void> {
    this.#running = false;
    this.#isOpen = false;
    this.#bounded.stop(ENDED);
    this.#watch.stop();
    this.#bands.stop();
    this.#deadMan.stop();
    this.#reporter.stop();
    this.#pushes.stop();
    this.#cancelGap();
    await this.#dialect.stop();
  }

  /** Why the link is down; null = it is up. */
  get #whyDown(): string | null {
    const shut = this.#whyShut;
    const { stream } = this.#dialect;
    if (stream.up || !this.#running || (shut !== null && !this.#dialect.entry.up)) return shut;
    return `private stream: ${stream.detail}`;
  }

  /**
   * Why no order at all may be sent now; null = those may that only reduce. They do not wait for a private stream that was up before:
   * what becomes of them is in the reply, and is asked for. At a start they do: what happened meanwhile has to be told first.
   */
  get #whyShut(): string | null {
    const { entry } = this.#dialect;
    if (!this.#running) return this.#stopping === null ? 'not started' : ENDED;
    if (!entry.up) return `order entry: ${entry.detail}`;
    if (this.#dialect.venueUnixMs() === null) return "the venue's clock is not known";
    const { unread } = this.#watch;
    return unread === null ? null : `the account has not been read: ${unread}`;
  }

  get #isUp(): boolean {
    return this.#whyDown === null;
  }

  linksChanged(): void {
    if (!this.#running) return;
    const socketsUp = this.#dialect.entry.up && this.#dialect.stream.up && this.#dialect.venueUnixMs() !== null;
    if (socketsUp && !this.#socketsUp) this.#watch.recheck();
    this.#socketsUp = socketsUp;
    const why = this.#whyDown;
    this.#isOpen = why === null;
    if ((why === null) !== this.#saidUp) {
      this.#saidUp = why === null;
      if (why === null) {
        this.#bands.start();
        if (!this.#hasRisen) this.#reporter.flush();
        this.#hasRisen = true;
      }
      this.#pushes.give({ type: 'order-link', venueId: this.venueId, state: why === null ? 'up' : 'down', detail: why ?? CONNECTED });
    }
    this.#reporter.touch();
  }

  /** A push kept something from us, or may have. */
  #missed(why: string): void {
    if (this.#gap !== null) {
      this.#gap.later = why;
      return;
    }
    const gap: { later: string | null } = { later: null };
    this.#gap = gap;
    this.#cancelGap = this.#parts.timers.after(GAP_PAUSE_MS, () => {
      this.#gap = null;
      if (gap.later !== null) this.#missed(gap.later);
    });
    this.#reconcile(why);
  }

  /** What was lost on our own side is a gap like a lost connection, and closed like one. */
  #reconcile(detail: string): void {
    this.#saidUp = false;
    this.#pushes.give({ type: 'order-link', venueId: this.venueId, state: 'down', detail });
    this.linksChanged();
  }

  pushed({ reports, fills, alarms, recheck, missing }: Pushed, receivedMonoUs: number): void {
    if (!this.#running) return;
    for (const detail of alarms)
      this.#pushes.give({
        type: 'limit-crossed',
        limit: EXCHANGE_ACT,
        detail: `${this.#parts.venue.label}: ${detail}`.slice(0, MAX_ALARM_CHARS),
      });
    for (const fill of fills) {
      if (fill.clientOrderId !== null) this.#firstFill(fill.clientOrderId, receivedMonoUs);
      this.#pushes.give({ type: 'fill', fill });
    }
    for (const report of reports) {
      if (Number(report.filledQty) > 0) this.#firstFill(report.clientOrderId, receivedMonoUs);
      this.#deadMan.reported(report);
      this.#pushes.give({ type: 'order-report', report });
    }
    if (recheck) this.#watch.recheck();
    if (missing !== undefined) this.#missed(missing.slice(0, MAX_ALARM_CHARS));
  }

  async place(order: OrderRequest, mayLeave: () => boolean): Promise<PlaceOutcome> {
    const why = this.#isOpen && this.#dialect.venueUnixMs() !== null ? null : this.#whyNot(order);
    if (why !== null) return gatewayRefusal(`${this.#parts.venue.label}: ${why}`, 'later');
    const fault = this.#shapeFault(order);
    if (fault !== null) return gatewayRefusal(fault, 'never');
    const beyond = this.#bands.refusalOf(order);
    if (beyond !== null) return gatewayRefusal(beyond, 'fresh-price');
    const flight: Flight = { left: false, leftUs: Number.NaN, barred: false, over: false };
    const outcome = await this.#bounded.run<PlaceOutcome>(
      () => this.#dialect.place(order, () => this.#leaves(flight, order, mayLeave)),
      this.#parts.venue.ackTimeoutMs + BACKSTOP_MS,
      (text) => (flight.left ? { code: 'unknown', why: text } : gatewayRefusal(`not sent: ${text}`, 'later')),
    );
    flight.over = true;
    if (flight.barred && !flight.left) return gatewayRefusal('not sent: the gate is closed', 'never');
    this.#noteOutcome(order, outcome, flight);
    return outcome;
  }

  /** Why this order may not be sent while the link is down; null = it may. */
  #whyNot(order: OrderRequest): string | null {
    const mayPass = this.#hasRisen && order.reduceOnly && !isOpening(order.purpose);
    return mayPass ? this.#whyShut : this.#whyDown;
  }

  /** Asked in the moment before the write; what is over may not leave any more. */
  #leaves(flight: Flight, order: OrderRequest, mayLeave: () => boolean): boolean {
    if (flight.over || !this.#running) return false;
    if (!mayLeave()) {
      flight.barred = true;
      return false;
    }
    flight.left = true;
    flight.leftUs = this.#parts.clock.monoUs();
    this.#deadMan.leaves(order);
    if (this.#unfilled.size >= MAX_TIMED_ORDERS) this.#unfilled.delete(this.#unfilled.keys().next().value!);
    this.#unfilled.set(order.clientOrderId, flight.leftUs);
    return true;
  }

  #noteOutcome({ clientOrderId }: OrderRequest, outcome: PlaceOutcome, { leftUs }: Flight): void {
    if (outcome.code === 'acknowledged') this.#toAck.note((this.#parts.clock.monoUs() - leftUs) / US_PER_MS);
    if (outcome.code !== 'refused') return;
    this.#deadMan.ended(clientOrderId);
    this.#unfilled.delete(clientOrderId);
    this.#rejects.note(outcome.refusal);
    this.#reporter.touch();
  }

  #firstFill(clientOrderId: ClientOrderId, receivedMonoUs: number): void {
    const leftUs = this.#unfilled.get(clientOrderId);
    if (leftUs === undefined) return;
    this.#unfilled.delete(clientOrderId);
    this.#toFill.note(Math.max(0, receivedMonoUs - leftUs) / US_PER_MS);
  }

  /** What the venue would refuse for certain, by what it says of the instrument itself. */
  #shapeFault({ instrumentId, symbol, qty, limitPx }: OrderRequest): string | null {
    if (this.#symbols.get(instrumentId) !== symbol) return `${instrumentId} is no instrument of ${this.#parts.venue.label}`;
    const described = this.#watch.described.get(instrumentId);
    if (described === undefined) return null;
    const { qtyStep, tickSize } = this.#stepsOf(described);
    if (!isMultipleOfStep(qty, qtyStep)) return `${symbol}: the quantity ${qty} is no multiple of the venue's step ${qtyStep.text}`;
    if (!isMultipleOfStep(limitPx, tickSize)) return `${symbol}: the price ${limitPx} is no multiple of the venue's tick ${tickSize.text}`;
    return null;
  }

  /** Read once of each description that the venue gives. */
  #stepsOf(described: Instrument): Steps {
    const known = this.#steps.get(described.id);
    if (known?.described === described) return known;
    const steps = { described, qtyStep: stepOf(described.qtyStep), tickSize: stepOf(described.tickSize) };
    this.#steps.set(described.id, steps);
    return steps;
  }

  async cancel(ref: OrderRef, mayLeave: () => boolean): Promise<CancelOutcome> {
    const refused = (text: string): CancelOutcome => ({ code: 'refused', venueCode: null, text: `not sent: ${text}` });
    if (!this.#running) return refused(this.#whyDown ?? ENDED);
    let left = false;
    let over = false;
    const leaves = (): boolean => {
      if (over || !this.#running || !mayLeave()) return false;
      left = true;
      return true;
    };
    const outcome = await this.#bounded.run<CancelOutcome>(
      () => this.#dialect.cancel(ref, leaves),
      this.#parts.venue.ackTimeoutMs + BACKSTOP_MS,
      (why) => (left ? { code: 'unknown', why } : refused(why)),
    );
    over = true;
    return outcome;
  }

  async query(ref: OrderRef): Promise<QueryOutcome> {
    if (!this.#running) return { code: 'failed', why: this.#whyDown ?? ENDED };
    const askedMs = this.#dialect.venueUnixMs();
    const answered = await this.#bounded.run<QueryOutcome>(
      () => this.#dialect.query(ref),
      QUERY_DEADLINE_MS,
      (why) => ({ code: 'failed', why }),
    );
    const outcome = datedBefore(answered, askedMs);
    this.#deadMan.asked(ref.clientOrderId, outcome);
    return outcome;
  }

  async snapshot(fillsSinceUnixMs: number): Promise<SnapshotOutcome> {
    if (!this.#running) return { code: 'failed', why: this.#whyDown ?? ENDED };
    const askedUs = this.#parts.clock.monoUs();
    // Before anything is read: what happens meanwhile is not proven absent.
    const venueUnixMs = this.#dialect.venueUnixMs();
    const reading = await this.#bounded.run(
      () => this.#dialect.read(fillsSinceUnixMs),
      SNAPSHOT_DEADLINE_MS + patienceOf((venueUnixMs ?? this.#parts.clock.unixMs()) - fillsSinceUnixMs),
      (why) => why,
    );
    if (typeof reading === 'string') return { code: 'failed', why: reading };
    const snapshot = { venueUnixMs: venueUnixMs === null ? null : Math.floor(venueUnixMs), ...reading };
    this.#deadMan.seen(snapshot, askedUs);
    return { code: 'answered', snapshot };
  }

  #describe(): ExchangeReport {
    const { environment, region } = this.#parts.venue.orders;
    const { entry, stream } = this.#dialect;
    return {
      environment,
      region,
      entry: { up: entry.up, detail: entry.detail },
      stream: { up: stream.up, detail: stream.detail },
      checks: this.#watch.checks(),
      ...(this.#watch.account === undefined ? {} : { account: this.#watch.account }),
      deadMan: this.#deadMan.report(),
      budgets: this.#dialect.budgets(),
      keyExpiresUnixMs: this.#watch.keyExpiresUnixMs,
      toAck: this.#toAck.percentiles(),
      toFill: this.#toFill.percentiles(),
      rejects: this.#rejects.rows(),
    };
  }
}

/** @throws SigningKeyFault, RangeError where key or declaration of the dialect are unusable. */
export const createGateway = (parts: GatewayParts, makeDialect: MakeDialect): OrderGateway => new ExchangeGateway(parts, makeDialect);
