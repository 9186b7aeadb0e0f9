/**
 * The ticks of one MetaTrader venue on their way to the inlet: which are new, how old they are, what they tell of the server's
 * clock. Must not know sessions. Invariants: a tick that is read again is no quote; a quote is never made younger than the
 * terminal, or the server's clock, says it is.
 */
import type { VenueId } from '../../../src-shared/domain/ids.ts';
import type { Percentiles } from '../../../src-shared/domain/metatrader.ts';
import { MS_PER_HOUR, US_PER_MS } from '../../../src-shared/domain/units.ts';
import type { Clock, Inlets } from '../../runtime/ports.ts';
import { createDurations } from './durations.ts';
import { WireRefusal } from './fieldsWire.ts';
import type { MetatraderInstrument, Note } from './link.ts';
import { createServerClock, DECLARED_TOLERANCE_MS, STEP_MS, type ServerClockEstimate } from './serverClock.ts';
import type { BareTick, WireTick } from './wire.ts';

/** A tick older than the last of its symbol by less than this was merely read again. */
export const REREAD_LIMIT_MS = 60_000;
/** Claimed ages beyond this are taken as this: the quote is stale by any rule. */
export const MAX_AGE_MS = 3_600_000;
/** No server is further ahead of UTC than 14 hours; an hour more for clocks that are merely wrong. */
export const MAX_AHEAD_MS = 15 * MS_PER_HOUR;
/** Ticks known longer than this say nothing about the server's clock. */
const CLOCK_MAX_AGE_MS = 1_000;
/** `GetTickCount64` steps by up to 16 ms, and loopback takes less: only what is longer was a delay on the way. */
export const HOP_NOISE_MS = 50;
/** Different symbols outside the configuration that are remembered (and noted once each). */
export const MAX_IGNORED_SYMBOLS = 64;

export interface IntakeParts {
  readonly venueId: VenueId;
  readonly instruments: readonly MetatraderInstrument[];
  readonly inlets: Inlets;
  readonly clock: Clock;
  readonly note: Note;
}

interface LastTick {
  timeMsc: number;
  bid: number;
  ask: number;
}

export class QuoteIntake {
  readonly #parts: IntakeParts;
  readonly #bySymbol: ReadonlyMap<string, MetatraderInstrument>;
  readonly #serverClock = createServerClock();
  /** The EA's monotonic clock against ours: the least a request ever took is the yardstick for how long this one took. */
  #hopClock = createServerClock();
  readonly #latency = createDurations();
  readonly #lastTicks = new Map<string, LastTick>();
  readonly #ignored = new Set<string>();
  #declaredMs: number | null = null;
  readonly figures = { ticks: 0, ignoredTicks: 0, rereadTicks: 0, outOfOrder: 0 };

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#bySymbol = new Map(parts.instruments.map((each) => [each.settings.symbol, each]));
  }

  /** What the EA itself makes of its server's clock: right to a quarter of an hour, and all there is while the market is shut. */
  declareOffset(offsetMs: number): void {
    this.#declaredMs = offsetMs;
    this.#serverClock.declare(offsetMs);
  }

  /** Another run of an EA may count from another moment. */
  restartHops(): void {
    this.#hopClock = createServerClock();
  }

  clockEstimate(): ServerClockEstimate | null {
    return this.#serverClock.estimate();
  }

  /** Server time minus UTC, ms: measured, else as declared, else zero. */
  offsetMs(): number {
    return Math.round(this.#serverClock.estimate()?.offsetMs ?? this.#declaredMs ?? 0);
  }

  /** From the terminal's knowledge of a tick to our inlet, as far as both say so. */
  latency(): Percentiles | null {
    return this.#latency.percentiles();
  }

  /** @throws WireRefusal 400 for a tick from the future, naming it; nothing of the request has been taken then. */
  ticks(ticks: readonly WireTick[], sentMonoMs: number | null, arrivedMonoUs: number): void {
    const receivedUnixMs = this.#parts.clock.unixMs();
    for (const [at, tick] of ticks.entries())
      if (tick.time_msc - receivedUnixMs > MAX_AHEAD_MS) this.#refuseFuture(`ticks[${at}].time_msc`, tick.time_msc - receivedUnixMs);
    const sentMonoUs = arrivedMonoUs - this.#hopMs(sentMonoMs, arrivedMonoUs / US_PER_MS) * US_PER_MS;
    for (const tick of ticks) this.#take(tick, receivedUnixMs, sentMonoUs);
  }

  /** @throws WireRefusal 400 for a tick from the future */
  bareTick(tick: BareTick, arrivedMonoUs: number): void {
    const receivedUnixMs = this.#parts.clock.unixMs();
    if (tick.time_msc - receivedUnixMs > MAX_AHEAD_MS) this.#refuseFuture('time_msc', tick.time_msc - receivedUnixMs);
    this.#take(tick, receivedUnixMs, arrivedMonoUs);
  }

  #refuseFuture(field: string, aheadMs: number): never {
    const hours = Math.round(aheadMs / MS_PER_HOUR);
    throw new WireRefusal(400, 'bad-field', field, `server time is ${hours} hours ahead of this computer's UTC: set its clock`);
  }

  /** How long a request was on its way, beyond what is ordinary: ages were true when it was written. */
  #hopMs(sentMonoMs: number | null, arrivedMs: number): number {
    if (sentMonoMs === null) return 0;
    this.#hopClock.observe(sentMonoMs, arrivedMs);
    const hopMs = arrivedMs + (this.#hopClock.estimate()?.offsetMs ?? 0) - sentMonoMs;
    return hopMs > HOP_NOISE_MS ? Math.min(hopMs, MAX_AGE_MS) : 0;
  }

  #take(tick: WireTick | BareTick, receivedUnixMs: number, sentMonoUs: number): void {
    this.figures.ticks += 1;
    const instrument = this.#bySymbol.get(tick.symbol);
    if (instrument === undefined) return this.#ignore(tick.symbol);
    if (!this.#isNew(tick)) return;
    const statedMs = 'age_ms' in tick ? Math.min(tick.age_ms ?? 0, MAX_AGE_MS) : 0;
    const sinceMs = statedMs + (this.#parts.clock.monoUs() - sentMonoUs) / US_PER_MS;
    if (sinceMs <= CLOCK_MAX_AGE_MS) this.#observeClock(tick.time_msc + Math.round(sinceMs), receivedUnixMs);
    const ageMs = Math.max(statedMs, this.#impliedAgeMs(tick.time_msc, receivedUnixMs));
    this.#parts.inlets.quote(
      instrument.index,
      tick.bid,
      Number.NaN,
      tick.ask,
      Number.NaN,
      tick.time_msc,
      null,
      sentMonoUs - ageMs * US_PER_MS,
    );
    this.#latency.add(sinceMs);
  }

  /**
   * A terminal that has just started reads the last tick of days ago and knows it only now. Below the tolerance it cannot be
   * told from an imprecise clock, and the terminal's word stands.
   */
  #impliedAgeMs(timeMsc: number, receivedUnixMs: number): number {
    const measured = this.#serverClock.estimate();
    const offsetMs = measured?.offsetMs ?? this.#declaredMs;
    if (offsetMs === null) return 0;
    const ageMs = receivedUnixMs + offsetMs - timeMsc;
    return ageMs > (measured === null ? DECLARED_TOLERANCE_MS : STEP_MS) ? Math.min(ageMs, MAX_AGE_MS) : 0;
  }

  /** The terminal may read the same tick twice; only its first arrival is a quote, else ages would lie. */
  #isNew(tick: WireTick | BareTick): boolean {
    const last = this.#lastTicks.get(tick.symbol);
    if (last === undefined) {
      this.#lastTicks.set(tick.symbol, { timeMsc: tick.time_msc, bid: tick.bid, ask: tick.ask });
      return true;
    }
    if (last.timeMsc === tick.time_msc && last.bid === tick.bid && last.ask === tick.ask) {
      this.figures.rereadTicks += 1;
      return false;
    }
    if (tick.time_msc < last.timeMsc && last.timeMsc - tick.time_msc < REREAD_LIMIT_MS) {
      this.figures.outOfOrder += 1;
      return false;
    }
    last.timeMsc = tick.time_msc;
    last.bid = tick.bid;
    last.ask = tick.ask;
    return true;
  }

  #observeClock(venueMs: number, receivedUnixMs: number): void {
    const step = this.#serverClock.observe(venueMs, receivedUnixMs);
    if (step === null) return;
    const detail = `server clock of ${this.#parts.venueId} stepped from ${step.fromMs} ms to ${step.toMs} ms against ours`;
    if (step.daylightSaving) this.#parts.note('info', `${detail} (one hour: daylight saving)`);
    else this.#parts.inlets.offer({ type: 'limit-crossed', limit: 'mt5-server-clock-step', detail });
  }

  #ignore(symbol: string): void {
    this.figures.ignoredTicks += 1;
    if (this.#ignored.has(symbol) || this.#ignored.size >= MAX_IGNORED_SYMBOLS) return;
    this.#ignored.add(symbol);
    this.#parts.note(
      'warn',
      `ticks of ${JSON.stringify(symbol)} from venue ${this.#parts.venueId} are ignored: no instrument of that name is configured`,
    );
  }
}
