/**
 * One MetaTrader venue as the engine sees it: the EA's session, its heartbeat and what is known of its terminal, turned into
 * engine events and told to the desk. Must not speak HTTP (see `listener.ts`), nor decide about commands (see `commandDesk.ts`).
 * Every request either applies whole or throws having changed nothing that a repeat would change again.
 */
import type { MetatraderVenueConfig } from '../../../src-shared/config/schema.ts';
import type { InstrumentIndex, VenueId } from '../../../src-shared/domain/ids.ts';
import type { InstrumentSettings } from '../../../src-shared/domain/settings.ts';
import { MS_PER_S, US_PER_MS } from '../../../src-shared/domain/units.ts';
import type { LinkState, MetatraderReport } from '../../../src-shared/domain/venueLink.ts';
import type { Clock, Inlets } from '../../runtime/ports.ts';
import { gateInWords, linkChecks, mergedChecks } from './checks.ts';
import type { CommandDesk, DeskLink } from './commandDesk.ts';
import { Description } from './description.ts';
import { WireRefusal } from './fieldsWire.ts';
import type { Hello, QuotesHello } from './helloWire.ts';
import { createKillButton, type KillButton } from './killButton.ts';
import { QuoteIntake } from './quoteIntake.ts';
import type { ReplyMode } from './replyWire.ts';
import { createSessionFence, type CurrentSession, type EpochStore, type SessionFence } from './session.ts';
import type { AckRequest, FillRequest, SnapshotRequest } from './tradeWire.ts';
import type { BareTick, PollRequest, QuotesPoll, TickRequest } from './wire.ts';

/** Silence after which the link is degraded, and after which it is dead: no new entries. */
export const DEGRADED_AFTER_MS = 1_500;
export const DEAD_AFTER_MS = 5_000;
/** Reports that only refresh figures (ping, equity, clock, counters) are sent no more often. */
export const REPORT_INTERVAL_MS = 1_000;
const QUOTES_ONLY = 'this engine trades the venue on paper: quotes only';

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
  /** null = quotes only. */
  readonly desk: CommandDesk | null;
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

/** What a hello led to. */
export interface Welcome {
  readonly session: CurrentSession;
  readonly trading: boolean;
  readonly why: string;
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

const NO_LINK: DeskLink = { alive: false, connected: false, gates: '', detail: '' };

export class MetatraderLink {
  readonly venue: MetatraderVenueConfig;
  readonly fence: SessionFence;
  readonly desk: CommandDesk | null;
  readonly #parts: LinkParts;
  readonly #venueId: VenueId;
  readonly #symbols: ReadonlySet<string>;
  readonly #intake: QuoteIntake;
  readonly #killButton: KillButton;
  readonly #description: Description;
  #report: MetatraderReport = EMPTY_REPORT;
  #reported: MetatraderReport = EMPTY_REPORT;
  #hello: QuotesHello | null = null;
  #welcome: Welcome | null = null;
  #refusedHello: { readonly code: string; readonly text: string } | null = null;
  #state: LinkState = 'idle';
  #detail = '';
  #brokerConnected = true;
  #deskLink: DeskLink = NO_LINK;
  #heardMonoUs: number | null = null;
  #reportedMonoUs = -Infinity;
  #malformed = 0;
  #lastMalformed: string | null = null;
  #sessions = 0;
  readonly #figures = { requests: 0, repeatedRequests: 0, missedRequests: 0, refusedRequests: 0 };

  constructor(parts: LinkParts) {
    this.#parts = parts;
    this.venue = parts.venue;
    this.desk = parts.desk;
    this.#venueId = parts.venue.id as VenueId;
    this.#symbols = new Set(parts.instruments.map((each) => each.settings.symbol));
    this.#intake = new QuoteIntake({ ...parts, venueId: this.#venueId });
    this.fence = createSessionFence(this.#venueId, parts.epochs, parts.randomId);
    this.#killButton = createKillButton(this.#venueId, parts.inlets, parts.epochs);
    this.#description = new Description(parts.instruments, parts.inlets);
    this.#report = { ...EMPTY_REPORT, epoch: parts.epochs.last(this.#venueId) };
  }

  /** First words: nothing is known until an EA speaks. */
  start(): void {
    this.#setLink('idle', 'waiting for the EA to say hello');
  }

  figures(): LinkFigures {
    const { ticks, ignoredTicks, rereadTicks } = this.#intake.figures;
    return { ...this.#figures, ticks, ignoredTicks, rereadTicks };
  }

  wanted(): readonly string[] {
    return [...this.#symbols];
  }

  knows(symbol: string): boolean {
    return this.#symbols.has(symbol);
  }

  announceMode(mode: ReplyMode): void {
    this.desk?.announceMode(mode);
  }

  /** A request that could not be taken; shown on the lamp. Never the body: it may be anything. */
  refused(what: string): void {
    this.#figures.refusedRequests += 1;
    this.#malformed += 1;
    this.#lastMalformed = what.slice(0, 200);
  }

  /** A hello that was refused, for the checklist. */
  refusedHello(code: string, text: string): void {
    this.#refusedHello = { code, text };
  }

  /** No sign of life: who only repeats has heard nothing of us, and a copy says nothing of now. */
  repeated(): void {
    this.#figures.requests += 1;
    this.#figures.repeatedRequests += 1;
  }

  /**
   * `full`: the same hello as orders need it; null where there is no desk.
   * @throws WireRefusal of the desk or for a late copy; whatever the epoch store throws. The session before then stays.
   */
  hello(hello: QuotesHello, full: Hello | null): Welcome {
    const mark = { bootId: hello.boot_id, monoMs: hello.mono_ms ?? null };
    const { session, repeated } = this.fence.candidate(mark);
    if (repeated && this.#welcome !== null) {
      this.repeated();
      return this.#welcome;
    }
    const admitted = this.desk === null || full === null ? { trading: false, why: QUOTES_ONLY } : this.desk.sessionOpened(full, session);
    try {
      this.fence.open(session, mark);
    } catch (error) {
      // The desk believes in a session that there is not; it must not trade on it.
      this.#tellDesk({ ...this.#deskLink, alive: false, detail: 'the new session could not be written to disk' });
      throw error;
    }
    this.#sessions += 1;
    this.#welcome = { session, ...admitted };
    this.#hello = hello;
    this.#refusedHello = null;
    this.#brokerConnected = true;
    this.#heard();
    this.#report = { ...EMPTY_REPORT, sessionId: session.id, epoch: session.epoch, ...terminalOf(hello) };
    this.#intake.declareOffset(hello.server_utc_offset_s * MS_PER_S);
    this.#intake.restartHops();
    this.#killButton.said(hello.boot_id, hello.kill_presses, hello.login);
    this.#deskLink = NO_LINK;
    this.#tellLink();
    this.#sendReport();
    this.#setLink('live', this.#liveDetail());
    this.#description.said(hello, this.#intake.offsetMs());
    return this.#welcome;
  }

  /** `full`: the same poll as orders need it; null where there is no desk. */
  poll(request: QuotesPoll, full: PollRequest | null, missed: number): void {
    this.#heardIn(request, missed);
    this.#brokerConnected = request.connected;
    this.#report = {
      ...this.#report,
      pingUs: request.ping_us,
      equity: request.equity,
      httpUsMax: request.http_us_max,
      declaredUtcOffsetS: request.server_utc_offset_s ?? this.#report.declaredUtcOffsetS,
    };
    if (request.server_utc_offset_s !== null) this.#intake.declareOffset(request.server_utc_offset_s * MS_PER_S);
    if (this.#hello !== null) this.#killButton.said(this.#hello.boot_id, request.kill_presses, this.#hello.login);
    this.#tellLink();
    if (full !== null) this.desk?.takePoll(full);
    this.#refresh();
  }

  ticks(request: TickRequest, missed: number, arrivedMonoUs: number): void {
    this.#intake.ticks(request.ticks, request.mono_ms ?? null, arrivedMonoUs);
    this.#heardIn(request, missed);
    this.#refresh();
  }

  ack(request: AckRequest, missed: number): void {
    this.#tradingDesk().takeAck(request);
    this.#heardIn(request, missed);
    this.#refresh();
  }

  fill(request: FillRequest, missed: number): void {
    this.#tradingDesk().takeDeals(request.deals, this.#intake.offsetMs());
    this.#heardIn(request, missed);
    this.#refresh();
  }

  snapshot(request: SnapshotRequest, missed: number): void {
    this.#tradingDesk().takeSnapshot(request, this.#intake.offsetMs());
    this.#heardIn(request, missed);
    this.#refresh();
  }

  /** @throws WireRefusal while a session is alive, or when the configuration does not want bare ticks. */
  bareTick(tick: BareTick, arrivedMonoUs: number): void {
    if (!this.venue.acceptBareTicks)
      throw new WireRefusal(412, 'bare-tick', 'session', `venue "${this.venue.id}" does not take ticks without a session`);
    if (this.fence.current() !== null && !this.#report.quoteOnly && this.#silentMs() <= this.#deadAfterMs())
      throw new WireRefusal(409, 'session-active', 'session', 'an EA with a session already speaks for this venue');
    this.#intake.bareTick(tick, arrivedMonoUs);
    this.#heard();
    this.#brokerConnected = true;
    if (!this.#report.quoteOnly) {
      this.#report = { ...EMPTY_REPORT, epoch: this.#report.epoch, quoteOnly: true };
      this.#tellLink();
      this.#sendReport();
    }
    this.#refresh();
  }

  /** Called several times a second: silence has no event of its own. */
  watch(): void {
    this.#killButton.retry();
    if (this.#heardMonoUs !== null) {
      const silentMs = this.#silentMs();
      this.#tellLink();
      if (silentMs > this.#deadAfterMs())
        this.#setLink('down', `no word from the EA for more than ${Math.floor(this.#deadAfterMs() / MS_PER_S)} s`);
      else if (silentMs > DEGRADED_AFTER_MS) this.#setLink('stale', `no word from the EA for more than ${DEGRADED_AFTER_MS / MS_PER_S} s`);
      else this.#refresh();
    }
    this.desk?.watch();
  }

  /** @throws WireRefusal where orders do not go through this EA: it keeps what it wanted to say. */
  #tradingDesk(): CommandDesk {
    if (this.desk !== null) return this.desk;
    throw new WireRefusal(400, 'quotes-only', null, QUOTES_ONLY);
  }

  #silentMs(): number {
    return this.#heardMonoUs === null ? Infinity : (this.#parts.clock.monoUs() - this.#heardMonoUs) / US_PER_MS;
  }

  /** A terminal that waits for its broker in `OrderSend` can say nothing. */
  #deadAfterMs(): number {
    return Math.max(DEAD_AFTER_MS, this.desk?.toleratedSilenceMs() ?? 0);
  }

  #heard(): void {
    this.#figures.requests += 1;
    this.#heardMonoUs = this.#parts.clock.monoUs();
  }

  #heardIn(request: { readonly gates: string }, missed: number): void {
    this.#heard();
    this.#figures.missedRequests += missed;
    // Bare ticks had taken its place while it was silent.
    if (this.#report.quoteOnly && this.#hello !== null)
      this.#report = {
        ...EMPTY_REPORT,
        sessionId: this.fence.current()?.id ?? null,
        epoch: this.#report.epoch,
        ...terminalOf(this.#hello),
      };
    if (request.gates !== this.#report.gates) this.#report = { ...this.#report, gates: request.gates };
    this.#tellLink();
  }

  /** Whether orders can go this way now, and else why not; told to the desk when it changes. */
  #tellLink(): void {
    if (this.desk === null) return;
    const gates = this.#report.gates ?? '';
    const alive = this.fence.current() !== null && !this.#report.quoteOnly && this.#silentMs() <= this.#deadAfterMs();
    const connected = this.#brokerConnected && gates !== 'disconnected';
    const detail = !alive
      ? 'no word from the EA'
      : !connected
        ? 'the terminal has lost its broker'
        : gates === 'ok'
          ? this.#liveDetail()
          : gateInWords(gates).what;
    this.#tellDesk({ alive, connected, gates, detail });
  }

  #tellDesk(next: DeskLink): void {
    const before = this.#deskLink;
    if (before.alive === next.alive && before.connected === next.connected && before.gates === next.gates && before.detail === next.detail)
      return;
    this.desk?.linkChanged(next);
    this.#deskLink = next;
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
    const report = this.desk === null ? this.#report : { ...this.#report, terminal: this.#terminal(this.desk) };
    if (this.#offer({ type: 'metatrader', venueId: this.#venueId, report })) this.#reported = this.#report;
  }

  #terminal(desk: CommandDesk): NonNullable<MetatraderReport['terminal']> {
    const known = desk.report();
    const own = linkChecks({
      hello: this.#hello === null ? null : { ...this.#hello, eaVersion: this.#hello.ea_version, terminalBuild: this.#hello.terminal_build },
      alive: this.#deskLink.alive,
      refused: this.#refusedHello,
      gates: this.#report.gates,
      instruments: this.#parts.instruments,
      declaredOffsetMs: this.#report.declaredUtcOffsetS === null ? null : this.#report.declaredUtcOffsetS * MS_PER_S,
      measured: this.#intake.clockEstimate(),
    });
    return { ...known, checks: mergedChecks(own, known.checks), tickToEngine: this.#intake.latency() };
  }

  /** Link and gates at once, mere figures at most once a second; the report then is a sign of life, too. */
  #refresh(): void {
    this.#description.pay();
    if (this.#brokerConnected) this.#setLink('live', this.#liveDetail());
    else this.#setLink('stale', 'the terminal has lost its broker');
    if (this.#report.gates !== this.#reported.gates || this.#report.sessionId !== this.#reported.sessionId) this.#sendReport();
    const nowUs = this.#parts.clock.monoUs();
    if (nowUs - this.#reportedMonoUs < REPORT_INTERVAL_MS * US_PER_MS) return;
    this.#reportedMonoUs = nowUs;
    if (this.#report !== this.#reported || this.desk !== null) this.#sendReport();
    this.#description.hoursAt(this.#intake.offsetMs());
    this.#description.pay();
    const estimate = this.#intake.clockEstimate();
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
        frames: this.#figures.requests,
        malformedFrames: this.#malformed,
        outOfOrderFrames: this.#intake.figures.outOfOrder,
        fallbackDecodes: 0,
        reconnects: Math.max(0, this.#sessions - 1),
        lastMalformed: this.#lastMalformed,
      },
    });
  }
}

const terminalOf = (hello: QuotesHello) => ({
  gates: hello.gates,
  login: hello.login,
  server: hello.server,
  company: hello.company,
  currency: hello.currency,
  marginMode: hello.margin_mode,
  terminalBuild: hello.terminal_build,
  eaVersion: hello.ea_version,
  declaredUtcOffsetS: hello.server_utc_offset_s,
});
