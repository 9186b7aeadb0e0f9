/**
 * One MetaTrader venue as the engine sees it: the EA's session, its heartbeat, its clock and its quotes, turned
 * into engine events. Must not speak HTTP (see `listener.ts`). Every request either applies whole or throws a
 * `WireRefusal` having changed nothing.
 */
import type { MetatraderVenueConfig } from '../../../src-shared/config/schema.ts';
import type { InstrumentIndex, VenueId } from '../../../src-shared/domain/ids.ts';
import type { InstrumentSettings } from '../../../src-shared/domain/settings.ts';
import { US_PER_MS } from '../../../src-shared/domain/units.ts';
import type { LinkState, MetatraderReport } from '../../../src-shared/domain/venueLink.ts';
import type { Clock, Inlets } from '../../runtime/ports.ts';
import { instrumentOf, mismatchesOf } from './mapping.ts';
import { createServerClock } from './serverClock.ts';
import { createSessionFence, type EpochStore, type SessionFence } from './session.ts';
import { WireRefusal } from './fieldsWire.ts';
import type { QuotesHello } from './helloWire.ts';
import type { BareTick, QuotesPoll, TickRequest, WireTick } from './wire.ts';

/** Silence after which the link is degraded, and after which it is dead: no new entries. */
export const DEGRADED_AFTER_MS = 1_500;
export const DEAD_AFTER_MS = 5_000;
/** Reports that only refresh figures (ping, equity, clock, counters) are sent no more often. */
export const REPORT_INTERVAL_MS = 1_000;
/** A tick older than the last of its symbol by less than this was merely read again. */
export const REREAD_LIMIT_MS = 60_000;
/** Claimed ages beyond this are taken as this: the quote is stale by any rule. */
export const MAX_AGE_MS = 3_600_000;
/** Ticks known longer than this say nothing about the server's clock. */
const CLOCK_MAX_AGE_MS = 1_000;
/** Different symbols outside the configuration that are remembered (and noted once each). */
export const MAX_IGNORED_SYMBOLS = 64;

export interface MetatraderInstrument {
  readonly index: InstrumentIndex;
  readonly settings: InstrumentSettings;
}

export type Note = (severity: 'info' | 'warn', text: string) => void;

export interface LinkParts {
  readonly venue: MetatraderVenueConfig;
  readonly instruments: readonly MetatraderInstrument[];
  readonly inlets: Inlets;
  readonly clock: Clock;
  readonly epochs: EpochStore;
  readonly randomId: () => string;
  readonly note: Note;
}

/** Requests and ticks since start, for metrics. */
export interface LinkFigures {
  readonly requests: number;
  readonly ticks: number;
  readonly ignoredTicks: number;
  readonly rereadTicks: number;
  readonly repeatedRequests: number;
  readonly missedRequests: number;
  readonly refusedRequests: number;
}

interface LastTick {
  timeMsc: number;
  bid: number;
  ask: number;
}

const EMPTY_REPORT: MetatraderReport = {
  sessionId: null,
  epoch: 0,
  quoteOnly: false,
  gates: null,
  login: null,
  server: null,
  company: null,
  currency: null,
  marginMode: null,
  terminalBuild: null,
  eaVersion: null,
  declaredUtcOffsetS: null,
  pingUs: null,
  equity: null,
  httpUsMax: null,
};

export class MetatraderLink {
  readonly venue: MetatraderVenueConfig;
  readonly fence: SessionFence;
  readonly #parts: LinkParts;
  readonly #venueId: VenueId;
  readonly #bySymbol: ReadonlyMap<string, MetatraderInstrument>;
  readonly #serverClock = createServerClock();
  readonly #lastTicks = new Map<string, LastTick>();
  readonly #ignored = new Set<string>();
  #report: MetatraderReport = EMPTY_REPORT;
  #reported: MetatraderReport = EMPTY_REPORT;
  #state: LinkState = 'idle';
  #detail = '';
  #brokerConnected = true;
  #heardMonoUs: number | null = null;
  #reportedMonoUs = -Infinity;
  #frames = 0;
  #malformed = 0;
  #lastMalformed: string | null = null;
  #outOfOrder = 0;
  #sessions = 0;
  /** Descriptions of instruments that the inlet has not taken yet: at most one for each instrument. */
  #owed: Parameters<Inlets['offer']>[0][] = [];
  readonly #figures = {
    requests: 0,
    ticks: 0,
    ignoredTicks: 0,
    rereadTicks: 0,
    repeatedRequests: 0,
    missedRequests: 0,
    refusedRequests: 0,
  };

  constructor(parts: LinkParts) {
    this.#parts = parts;
    this.venue = parts.venue;
    this.#venueId = parts.venue.id as VenueId;
    this.#bySymbol = new Map(parts.instruments.map((each) => [each.settings.symbol, each]));
    this.fence = createSessionFence(this.#venueId, parts.epochs, parts.randomId);
    this.#report = { ...EMPTY_REPORT, epoch: parts.epochs.last(this.#venueId) };
  }

  /** First words: nothing is known until an EA speaks. */
  start(): void {
    this.#setLink('idle', 'waiting for the EA to say hello');
  }

  figures(): LinkFigures {
    return this.#figures;
  }

  wanted(): readonly string[] {
    return [...this.#bySymbol.keys()];
  }

  knows(symbol: string): boolean {
    return this.#bySymbol.has(symbol);
  }

  /** A request that could not be taken; shown on the lamp. Never the body: it may be anything. */
  refused(what: string): void {
    this.#figures.refusedRequests += 1;
    this.#malformed += 1;
    this.#lastMalformed = what.slice(0, 200);
  }

  repeated(): void {
    this.#figures.repeatedRequests += 1;
  }

  /** @throws whatever the epoch store throws; nothing has changed then. */
  hello(hello: QuotesHello): { readonly id: string; readonly epoch: number } {
    const session = this.fence.open();
    this.#sessions += 1;
    this.#heard();
    this.#brokerConnected = true;
    this.#report = {
      ...EMPTY_REPORT,
      sessionId: session.id,
      epoch: session.epoch,
      gates: hello.gates,
      login: hello.login,
      server: hello.server,
      company: hello.company,
      currency: hello.currency,
      marginMode: hello.margin_mode,
      terminalBuild: hello.terminal_build,
      eaVersion: hello.ea_version,
      declaredUtcOffsetS: hello.server_utc_offset_s,
    };
    this.#sendReport();
    this.#setLink('live', this.#liveDetail());
    this.#describe(hello);
    return session;
  }

  poll(request: QuotesPoll, missed: number): void {
    this.#heard();
    this.#figures.missedRequests += missed;
    this.#brokerConnected = request.connected;
    this.#report = {
      ...this.#report,
      gates: request.gates,
      pingUs: request.ping_us,
      equity: request.equity,
      httpUsMax: request.http_us_max,
    };
    this.#refresh();
  }

  ticks(request: TickRequest, missed: number): void {
    this.#heard();
    this.#figures.missedRequests += missed;
    this.#report = request.gates === this.#report.gates ? this.#report : { ...this.#report, gates: request.gates };
    const receivedMonoUs = this.#parts.clock.monoUs();
    const receivedUnixMs = this.#parts.clock.unixMs();
    for (const tick of request.ticks) this.#tick(tick, receivedMonoUs, receivedUnixMs);
    this.#refresh();
  }

  /** @throws WireRefusal while a session is alive, or when the configuration does not want bare ticks. */
  bareTick(tick: BareTick): void {
    if (!this.venue.acceptBareTicks)
      throw new WireRefusal(412, 'bare-tick', 'session', `venue "${this.venue.id}" does not take ticks without a session`);
    if (this.fence.current() !== null && !this.#report.quoteOnly && this.#silentMs() <= DEAD_AFTER_MS)
      throw new WireRefusal(409, 'session-active', 'session', 'an EA with a session already speaks for this venue');
    this.#heard();
    this.#brokerConnected = true;
    if (!this.#report.quoteOnly) {
      this.#report = { ...EMPTY_REPORT, epoch: this.#report.epoch, quoteOnly: true };
      this.#sendReport();
    }
    this.#tick(tick, this.#parts.clock.monoUs(), this.#parts.clock.unixMs());
    this.#refresh();
  }

  /** Called several times a second: silence has no event of its own. */
  watch(): void {
    if (this.#heardMonoUs === null) return;
    const silentMs = this.#silentMs();
    if (silentMs > DEAD_AFTER_MS) this.#setLink('down', `no word from the EA for more than ${DEAD_AFTER_MS / 1_000} s`);
    else if (silentMs > DEGRADED_AFTER_MS) this.#setLink('stale', `no word from the EA for more than ${DEGRADED_AFTER_MS / 1_000} s`);
    else this.#refresh();
  }

  #silentMs(): number {
    return this.#heardMonoUs === null ? Infinity : (this.#parts.clock.monoUs() - this.#heardMonoUs) / US_PER_MS;
  }

  #heard(): void {
    this.#figures.requests += 1;
    this.#frames += 1;
    this.#heardMonoUs = this.#parts.clock.monoUs();
  }

  #liveDetail(): string {
    if (this.#report.quoteOnly) return 'quotes only: an EA without a session';
    const account = `${this.#report.login ?? '?'} at ${this.#report.server ?? '?'}`;
    return this.#report.marginMode === 'hedging' ? account : `${account}, ${this.#report.marginMode ?? 'unknown'} account: quotes only`;
  }

  #setLink(state: LinkState, detail: string): void {
    if (state === this.#state && detail === this.#detail) return;
    if (this.#offer({ type: 'venue-link', venueId: this.#venueId, report: { state, detail } })) {
      this.#state = state;
      this.#detail = detail;
    }
  }

  /** A full inlet keeps us in the old state, so that the next request or turn of the watch tries again. */
  #offer(event: Parameters<Inlets['offer']>[0]): boolean {
    return this.#parts.inlets.offer(event) === 'taken';
  }

  #sendReport(): void {
    if (this.#offer({ type: 'metatrader', venueId: this.#venueId, report: this.#report })) this.#reported = this.#report;
  }

  /** Link and gates at once, mere figures at most once a second. */
  #refresh(): void {
    this.#payOwed();
    if (this.#brokerConnected) this.#setLink('live', this.#liveDetail());
    else this.#setLink('stale', 'the terminal has lost its broker');
    if (this.#report.gates !== this.#reported.gates || this.#report.sessionId !== this.#reported.sessionId) this.#sendReport();
    const nowUs = this.#parts.clock.monoUs();
    if (nowUs - this.#reportedMonoUs < REPORT_INTERVAL_MS * US_PER_MS) return;
    this.#reportedMonoUs = nowUs;
    if (this.#report !== this.#reported) this.#sendReport();
    const estimate = this.#serverClock.estimate();
    if (estimate !== null)
      this.#offer({
        type: 'venue-clock',
        venueId: this.#venueId,
        report: { ...estimate, roundTripMs: this.#report.pingUs === null ? null : this.#report.pingUs / US_PER_MS },
      });
    this.#offer({
      type: 'venue-counters',
      venueId: this.#venueId,
      counters: {
        frames: this.#frames,
        malformedFrames: this.#malformed,
        outOfOrderFrames: this.#outOfOrder,
        fallbackDecodes: 0,
        reconnects: Math.max(0, this.#sessions - 1),
        lastMalformed: this.#lastMalformed,
      },
    });
  }

  #describe(hello: QuotesHello): void {
    const table = new Map(hello.symbols.map((symbol) => [symbol.name, symbol]));
    this.#owed = [...this.#bySymbol.values()].map(({ settings }) => {
      const symbol = table.get(settings.symbol);
      if (symbol === undefined) {
        const why = `the terminal at ${hello.server} does not list "${settings.symbol}" (names are case-sensitive and may carry a suffix)`;
        return { type: 'instrument-missing', instrumentId: settings.id, why };
      }
      const instrument = instrumentOf(settings, symbol);
      return { type: 'instrument', instrument, mismatches: mismatchesOf(settings.expected, instrument) };
    });
    this.#payOwed();
  }

  #payOwed(): void {
    while (this.#owed[0] !== undefined && this.#offer(this.#owed[0])) this.#owed.shift();
  }

  #tick(tick: WireTick | BareTick, receivedMonoUs: number, receivedUnixMs: number): void {
    this.#figures.ticks += 1;
    const instrument = this.#bySymbol.get(tick.symbol);
    if (instrument === undefined) return this.#ignore(tick.symbol);
    const ageMs = 'age_ms' in tick ? Math.min(tick.age_ms ?? 0, MAX_AGE_MS) : 0;
    if (!this.#isNew(tick)) return;
    if (ageMs <= CLOCK_MAX_AGE_MS) this.#observeClock(tick.time_msc + ageMs, receivedUnixMs);
    this.#parts.inlets.quote(
      instrument.index,
      tick.bid,
      Number.NaN,
      tick.ask,
      Number.NaN,
      tick.time_msc,
      null,
      receivedMonoUs - ageMs * US_PER_MS,
    );
  }

  /** The terminal may read the same tick twice; only its first arrival is a quote, else ages would lie. */
  #isNew(tick: WireTick | BareTick): boolean {
    const last = this.#lastTicks.get(tick.symbol);
    if (last === undefined) {
      this.#lastTicks.set(tick.symbol, { timeMsc: tick.time_msc, bid: tick.bid, ask: tick.ask });
      return true;
    }
    if (last.timeMsc === tick.time_msc && last.bid === tick.bid && last.ask === tick.ask) {
      this.#figures.rereadTicks += 1;
      return false;
    }
    if (tick.time_msc < last.timeMsc && last.timeMsc - tick.time_msc < REREAD_LIMIT_MS) {
      this.#outOfOrder += 1;
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
    const detail = `server clock of ${this.venue.id} stepped from ${step.fromMs} ms to ${step.toMs} ms against ours`;
    if (step.wholeHours) this.#parts.note('info', `${detail} (whole hours: daylight saving)`);
    else this.#offer({ type: 'limit-crossed', limit: 'mt5-server-clock-step', detail });
  }

  #ignore(symbol: string): void {
    this.#figures.ignoredTicks += 1;
    if (this.#ignored.has(symbol) || this.#ignored.size >= MAX_IGNORED_SYMBOLS) return;
    this.#ignored.add(symbol);
    this.#parts.note(
      'warn',
      `ticks of ${JSON.stringify(symbol)} from venue ${this.venue.id} are ignored: no instrument of that name is configured`,
    );
  }
}
