/**
 * One event at a time: take, stamp, step, commit, and only then act and answer. Owns the sequence number and the queues;
 * the only caller of `core.step`. Invariants: an effect leaves only after the commit of its event (what only halts or asks,
 * even without); a command is answered only after its commit; after a ledger fault or a broken invariant trading is halted
 * and stays so until a restart: no opening order leaves any more, and after a ledger fault no order at all.
 */
import { MAX_REASON_LENGTH } from '../../src-shared/contract/contract.ts';
import type { InstrumentIndex } from '../../src-shared/domain/ids.ts';
import type { ExactInteger } from '../../src-shared/domain/quote.ts';
import type { EngineSettings } from '../../src-shared/domain/settings.ts';
import { US_PER_MS, US_PER_S, type Stamp } from '../../src-shared/domain/units.ts';
import { step as coreStep, type EngineState } from '../core/engine.ts';
import type { ControlInput, EngineEvent, OperatorCommand, StartedEvent } from '../core/events.ts';
import type { Effect, StepResult } from '../core/facts.ts';
import { eventRowOf } from '../core/notes.ts';
import { scopedBar } from '../core/stops/scope.ts';
import type { RuntimeFigures } from '../core/view.ts';
import type { CommandOutcome } from './commands.ts';
import { durabilityOf, isJournaled, isRestrictive, isStop, stopAlone, STOPS } from './commitPolicy.ts';
import { createDesk, type Desk, type Ticket } from './commandDesk.ts';
import { gateOf, type EffectSink } from './dispatcher.ts';
import { createHousekeeping } from './housekeeping.ts';
import { createMeters, type RuntimeMetrics } from './meters.ts';
import { createOutflow } from './outflow.ts';
import type { Clock, Inlets, Ledger } from './ports.ts';
import { createPushGaps } from './pushGaps.ts';
import {
  createControlQueue,
  createMarketQueue,
  createQuoteSlot,
  MAX_ANSWERS_OWED,
  MAX_CONTROL_EVENTS,
  MAX_OPERATOR_COMMANDS,
} from './queues.ts';
import { createSampleBatch, SAMPLE_INTERVAL_MS } from './sampleBatch.ts';
import type { TapeRecorder } from './tape.ts';

export const TIMER_MS = 100;
/** After so many the event loop serves sockets, HTTP and timers before the rest is taken: about 2 ms of work. */
export const MAX_QUOTES_PER_TURN = 256;
export const MAX_CONTROL_PER_TURN = 256;
/** Overflows are folded into one `limit-crossed` event in this time. */
export const LIMIT_NOTE_EVERY_US = US_PER_S;
/** After so many failed steps market data is no longer stepped: the picture would be of a broken engine. */
export const MAX_STEP_FAILURES = 100;
/** At a clean stop: how often answers that are under way are waited for, and what follows from them is carried out. */
export const MAX_STOP_ROUNDS = 16;

export interface RunnerOptions {
  readonly settings: EngineSettings;
  readonly state: EngineState;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly effects: EffectSink;
  readonly version: string;
  readonly tape?: TapeRecorder;
  /** Without its own timer a test or simulation calls `tick` (or offers `timer` events) and `drain` itself. */
  readonly selfTimed?: boolean;
  readonly step?: (state: EngineState, event: EngineEvent) => StepResult;
}

type Fault = { readonly of: 'ledger' | 'engine'; readonly text: string };

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What must not be commanded of a halted engine before a restart. */
const LIFTING: ReadonlySet<OperatorCommand['kind']> = new Set(['resume', 'reset', 'arm', 'enable']);

/** After a ledger fault nothing could be promised to last: only what takes away is still obeyed. */
const isBarred = ({ of }: Fault, { kind }: OperatorCommand): boolean =>
  of === 'ledger' ? !STOPS.has(kind) && kind !== 'disarm' : LIFTING.has(kind);

export class Runner implements Inlets {
  readonly #options: RunnerOptions;
  readonly #clock: Clock;
  readonly #ledger: Ledger;
  readonly #state: EngineState;
  readonly #step: (state: EngineState, event: EngineEvent) => StepResult;
  readonly #control = createControlQueue();
  readonly #market;
  readonly #quote = createQuoteSlot();
  readonly #samples;
  readonly #meters;
  readonly #desk: Desk;
  readonly #gaps = createPushGaps();
  readonly #outflow;
  #phase: 'new' | 'running' | 'ended' = 'new';
  #seq = 0;
  #journalSeq = 0;
  #committed = 0;
  #fault: Fault | null = null;
  #haltOwed: string | null = null;
  #payingHalt = false;
  #stepFailures = 0;
  #turnAwaited = false;
  #turning = false;
  #timerQueued = false;
  #dropped = 0;
  #droppedUnnoted = 0;
  #limitNotedUs = Number.NEGATIVE_INFINITY;
  #tapeEndNoted = false;
  #stopTimer: (() => void) | null = null;
  #keepHouse: ((nowMonoUs: number) => void) | null = null;
  #tickDueUs = Number.NaN;
  #ticks = 0;
  readonly #runTurn = (): void => this.#turn();

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#ledger = options.ledger;
    this.#state = options.state;
    this.#step = options.step ?? coreStep;
    this.#market = createMarketQueue(options.settings.instruments.length);
    this.#samples = createSampleBatch(options.ledger);
    this.#meters = createMeters(options.clock);
    this.#desk = createDesk(options.clock);
    options.effects.barBy?.((clientOrderId, act) => scopedBar(options.state, clientOrderId, act));
    this.#outflow = createOutflow({
      effects: options.effects,
      ledger: options.ledger,
      queue: this.#control,
      offer: (event) => this.offer(event),
      onManyDone: () => void this.#guardLedger(() => this.#outflow.markDone()),
    });
  }

  /** Begins the run: recovery is replayed into the core, disarmed. @throws LedgerFault, InvariantViolation: no start. */
  start(): { readonly runId: string } {
    const { settings, version, tape } = this.#options;
    const { runId, recovered } = this.#ledger.beginRun(settings, version);
    tape?.begin(runId);
    const { pause, kill, samples, openIntents, trading, notes } = recovered;
    const started: StartedEvent = {
      type: 'started',
      ...this.#stamp(),
      runId,
      pause,
      kill,
      samples,
      sampleIntervalMs: SAMPLE_INTERVAL_MS,
      openIntents,
      trading,
      notes,
    };
    const result = this.#step(this.#state, started);
    // The core announces and asks anew from what was recovered, so this commit settles whatever an earlier run left undone.
    this.#write(started, result);
    this.#phase = 'running';
    this.#dispatch(started.seq, [{ type: 'set-gate', gate: gateOf(kill) }, ...result.effects]);
    this.#payHalt();
    if (this.#options.selfTimed !== false) this.#startTimer();
    this.#wake();
    return { runId };
  }

  /**
   * Ends the run cleanly: nothing new is opened, answers under way are taken and what follows from them is done (a second
   * leg follows its first), then `stopping`. The ledger stays open for the caller to close.
   */
  async stop(why: string): Promise<void> {
    if (this.#phase !== 'running') return;
    this.#stopTimer?.();
    this.#disarm();
    for (let round = 0; round < MAX_STOP_ROUNDS; round += 1) {
      this.drain();
      await this.#options.effects.settled();
      if (this.#control.size === 0) break;
    }
    this.drain();
    this.#phase = 'ended';
    this.#stepOne({ type: 'stopping', ...this.#stamp(), why }, null);
    this.#desk.close('the engine is stopping');
    await this.#options.effects.settled();
    if (this.#fault?.of !== 'ledger') {
      this.#guardLedger(() => {
        this.#outflow.markDone();
        this.#samples.flush();
        this.#ledger.endRun(this.#fault === null ? why : `${why}; after a fault: ${this.#fault.text}`);
        this.#ledger.checkpoint();
      });
    }
    await this.#options.tape?.close();
  }

  /** Everything a timer does; called every {@link TIMER_MS}, by the runner itself unless it is not `selfTimed`. */
  tick(): void {
    if (this.#phase !== 'running') return;
    const now = this.#clock.monoUs();
    if (this.#tickDueUs <= now) this.#meters.timerLateness.record(now - this.#tickDueUs, now);
    this.#tickDueUs = now + TIMER_MS * US_PER_MS;
    this.#meters.rate.tick(this.#market.received);
    if (!this.#timerQueued) this.#timerQueued = this.offer({ type: 'timer' }) === 'taken';
    this.#keepHouse ??= createHousekeeping({ flushSamples: () => this.#samples.flush(), ledger: this.#ledger }, now);
    const keepHouse = this.#keepHouse;
    this.#guardLedger(() => {
      this.#outflow.markDone();
      keepHouse(now);
    });
    this.#payHalt();
    this.#ticks += 1;
    if (this.#ticks % (1_000 / TIMER_MS) === 0) this.#tendTape();
  }

  quote(
    instrument: InstrumentIndex,
    bidPx: number,
    bidQty: number,
    askPx: number,
    askQty: number,
    venueMs: number | null,
    updateId: ExactInteger | null,
    receivedMonoUs: number,
  ): void {
    this.#market.quote(instrument, bidPx, bidQty, askPx, askQty, venueMs, updateId, receivedMonoUs);
    this.#wake();
  }

  offer(event: ControlInput): 'taken' | 'full' {
    if (this.#phase === 'ended') return 'full';
    if (!this.#control.push(event)) {
      this.#dropped += 1;
      this.#droppedUnnoted += 1;
      this.#gaps.note(event);
      return 'full';
    }
    this.#wake();
    return 'taken';
  }

  /** Resolves after the commit (or the refusal); never rejects. The same request twice is one act with one outcome. */
  command(command: OperatorCommand): Promise<CommandOutcome> {
    if (this.#phase !== 'running') return Promise.resolve({ code: 'busy', why: 'the engine is not running' });
    if (this.#fault !== null && isBarred(this.#fault, command)) return Promise.resolve(this.#refusalOf(this.#fault));
    return this.#desk.receive(command, (input) => this.offer(input) === 'taken');
  }

  /** Steps everything that waits, now. */
  drain(): void {
    while (this.#phase === 'running' && this.#control.size + this.#market.pending > 0) this.#turn();
  }

  now(): Stamp {
    return { monoUs: this.#clock.monoUs(), unixMs: this.#clock.unixMs() };
  }

  figures(): RuntimeFigures {
    return {
      version: this.#options.version,
      ledgerPath: this.#ledger.path,
      ledgerFault: this.#fault?.text ?? null,
      journalSeq: this.#journalSeq,
      quotesPerSecond: this.#meters.rate.perSecond,
      conflatedQuotes: this.#market.conflated,
      stepP99Us: this.#meters.step.summary().p99Us,
      commitP99Us: this.#meters.commit.summary().p99Us,
    };
  }

  metricsSnapshot(): RuntimeMetrics {
    const { step, commit, receiptToStep, timerLateness, rate, loopUtilization } = this.#meters;
    return {
      quotesReceived: this.#market.received,
      quotesConflated: this.#market.conflated,
      quotesPerSecond: rate.perSecond,
      eventsStepped: this.#seq,
      eventsCommitted: this.#committed,
      controlDepth: this.#control.size,
      controlDropped: this.#dropped,
      marketPending: this.#market.pending,
      journalSeq: this.#journalSeq,
      step: step.summary(),
      commit: commit.summary(),
      receiptToStep: receiptToStep.summary(),
      timerLateness: timerLateness.summary(),
      loopUtilization: loopUtilization(),
      tapeBytes: this.#options.tape?.writtenBytes ?? 0,
      tapeEndedBecause: this.#options.tape?.endedBecause ?? null,
      ledgerFault: this.#fault?.text ?? null,
    };
  }

  #stamp() {
    this.#seq += 1;
    return { seq: this.#seq, monoUs: this.#clock.monoUs(), unixMs: this.#clock.unixMs() };
  }

  /**
   * A microtask runs as soon as the present callback (one socket read with all its frames, one HTTP request) returns:
   * nothing else of the event loop comes between arrival and step, and all frames of one read are conflated first.
   * `setImmediate` would wait for the other sockets of the same poll; it is used only to yield to them.
   */
  #wake(): void {
    if (this.#turnAwaited || this.#turning || this.#phase !== 'running') return;
    this.#turnAwaited = true;
    queueMicrotask(this.#runTurn);
  }

  #turn(): void {
    this.#turnAwaited = false;
    if (this.#phase !== 'running') return;
    this.#turning = true;
    this.#takeControl();
    let quotes = this.#stepFailures < MAX_STEP_FAILURES ? MAX_QUOTES_PER_TURN : 0;
    while (quotes > 0 && this.#market.take(this.#quote)) {
      quotes -= 1;
      this.#stepQuote();
      if (this.#control.size > 0) this.#takeControl();
    }
    this.#turning = false;
    if (this.#stepFailures >= MAX_STEP_FAILURES) while (this.#market.take(this.#quote));
    if (this.#control.size + this.#market.pending === 0) return;
    this.#turnAwaited = true;
    setImmediate(this.#runTurn);
  }

  #takeControl(): void {
    if (this.#gaps.any) this.#closeGaps();
    for (let taken = 0; taken < MAX_CONTROL_PER_TURN; taken += 1) {
      const input = this.#control.shift();
      if (input === undefined) break;
      if (input.type === 'timer') this.#timerQueued = false;
      this.#stepOne({ ...input, ...this.#stamp() }, this.#desk.ticketOf(input));
    }
    if (this.#droppedUnnoted > 0) this.#noteDropped();
  }

  /** Not through the queue, hence it can neither be refused nor cause another. */
  #noteDropped(): void {
    const now = this.#clock.monoUs();
    if (now - this.#limitNotedUs < LIMIT_NOTE_EVERY_US) return;
    this.#limitNotedUs = now;
    const detail = `${this.#droppedUnnoted} events were dropped: the queues of ${MAX_CONTROL_EVENTS} events and ${MAX_OPERATOR_COMMANDS} commands were full`;
    this.#droppedUnnoted = 0;
    this.#stepOne({ type: 'limit-crossed', ...this.#stamp(), limit: 'control-queue', detail }, null);
  }

  /** A report of a venue that found no room is a gap in its channel: down, and up again unless the venue said otherwise. */
  #closeGaps(): void {
    for (const { venueId, dropped, link } of this.#gaps.take()) {
      const wasUp = this.#state.book.venues.find((venue) => venue.venueId === venueId)?.orderLink === 'up';
      const detail = `${dropped} of its reports found the queue full`;
      this.#stepOne({ type: 'order-link', ...this.#stamp(), venueId, state: 'down', detail }, null);
      if (link === 'up' || (link === null && wasUp))
        this.#stepOne({ type: 'order-link', ...this.#stamp(), venueId, state: 'up', detail }, null);
    }
  }

  #stepQuote(): void {
    const quote = this.#quote;
    this.#seq += 1;
    quote.seq = this.#seq;
    quote.monoUs = this.#clock.monoUs();
    quote.unixMs = this.#clock.unixMs();
    const endUs = this.#stepOne(quote, null);
    this.#meters.receiptToStep.record(endUs - quote.receivedMonoUs, endUs);
  }

  /** @returns when the step ended. */
  #stepOne(event: EngineEvent, ticket: Ticket | null): number {
    let result: StepResult;
    try {
      result = this.#step(this.#state, event);
    } catch (error) {
      this.#onStepFailure(event, error);
      ticket?.settle(this.#refusalOf(this.#fault ?? { of: 'engine', text: textOf(error) }));
      this.#payHalt();
      return this.#clock.monoUs();
    }
    const endUs = this.#clock.monoUs();
    this.#meters.step.record(endUs - event.monoUs, endUs);
    let committed = false;
    if (isJournaled(event, result)) committed = this.#commit(event, result);
    else this.#options.tape?.record(event);
    if (result.effects.length > 0) this.#dispatch(event.seq, this.#leaving(event, result, committed));
    if (result.samples.length > 0) this.#guardLedger(() => this.#samples.add(result.samples));
    if (ticket !== null) this.#answer(ticket, event, result, committed);
    this.#payHalt();
    return endUs;
  }

  #commit(event: EngineEvent, result: StepResult): boolean {
    const done = (this.#fault?.of !== 'ledger' || isStop(event)) && this.#guardLedger(() => this.#write(event, result), isStop(event));
    // What the journal could not take goes to the tape: the run can still be replayed.
    if (!done) this.#options.tape?.record(event);
    return done;
  }

  #write(event: EngineEvent, result: StepResult): void {
    const beganUs = this.#clock.monoUs();
    const { facts, effects } = this.#fault?.of === 'ledger' ? stopAlone(event, result) : result;
    const rows = facts.map((fact) => eventRowOf(fact, event.unixMs));
    this.#ledger.commit(event, facts, effects, durabilityOf(event, result), rows);
    const endUs = this.#clock.monoUs();
    this.#meters.commit.record(endUs - beganUs, endUs);
    this.#journalSeq = event.seq;
    this.#committed += 1;
  }

  /** After a ledger fault even a committed order stays: what would follow from it could not be committed any more. */
  #leaving(event: EngineEvent, { effects }: StepResult, committed: boolean): readonly Effect[] {
    if (committed && this.#fault?.of !== 'ledger') return effects;
    return effects.filter((effect) => isRestrictive(effect, event));
  }

  #dispatch(seq: number, effects: readonly Effect[]): void {
    if (this.#outflow.dispatch(seq, effects) === 0) return;
    this.#halt({ of: 'engine', text: `gateways owe ${MAX_ANSWERS_OWED} answers: nothing more is asked of them` });
  }

  /** A stopping engine opens nothing. */
  #disarm(): void {
    if (this.#state.book.armed === null) return;
    const requestId = `engine${String(this.#seq + 1).padStart(8, '0')}`;
    const command: OperatorCommand = { kind: 'disarm', requestId, reason: 'the engine is stopping', source: 'engine', by: 'engine' };
    this.#stepOne({ type: 'operator', ...this.#stamp(), command }, null);
  }

  #answer(ticket: Ticket, event: EngineEvent, { verdict }: StepResult, committed: boolean): void {
    if (!committed) return ticket.settle(this.#uncommittedOutcome(event));
    if (verdict === null) return ticket.settle({ code: 'busy', why: 'the engine gave no verdict on the command' });
    if (verdict.code === 'not-allowed') return ticket.settle({ code: 'not-allowed', conditions: verdict.conditions });
    return ticket.apply(verdict.changed);
  }

  #uncommittedOutcome(event: EngineEvent): CommandOutcome {
    const fault = this.#fault?.text ?? 'the ledger did not commit';
    const holds = isStop(event) ? ' It holds in memory until this process ends, and would be gone after a restart.' : '';
    return { code: 'ledger-fault', fault: `${fault}${holds}` };
  }

  #refusalOf(fault: Fault): CommandOutcome {
    if (fault.of === 'ledger') return { code: 'ledger-fault', fault: fault.text };
    return { code: 'not-allowed', conditions: [`${fault.text}; restart the engine`] };
  }

  /** Runs ledger work; a fault halts trading. @returns whether it succeeded. With `again`, also on a ledger that failed before. */
  #guardLedger(work: () => void, again = false): boolean {
    if (this.#fault?.of === 'ledger' && !again) return false;
    try {
      work();
      return true;
    } catch (error) {
      this.#halt({ of: 'ledger', text: textOf(error) });
      return false;
    }
  }

  #onStepFailure(event: EngineEvent, error: unknown): void {
    this.#stepFailures += 1;
    const text = `invariant broken at event ${event.seq} (${event.type}): ${textOf(error)}`;
    this.#halt({ of: 'engine', text });
    const noted = { type: 'noted', severity: 'critical', kind: 'engine', subject: null, text } as const;
    this.#commit(event, { facts: [noted], effects: [], samples: [], verdict: null });
  }

  #halt(fault: Fault): void {
    // A ledger fault outranks: from then on nothing may be promised to last.
    if (this.#fault === null || (this.#fault.of === 'engine' && fault.of === 'ledger')) this.#fault = fault;
    this.#options.effects.lockOpenings(fault.text);
    if (this.#haltOwed === null && this.#state.kill === null) this.#haltOwed = fault.text;
  }

  /** The kill latch that a fault demands, as an event of its own after the one that failed. */
  #payHalt(): void {
    const why = this.#haltOwed;
    // A kill that itself breaks an invariant must not ask for another.
    if (why === null || this.#payingHalt) return;
    this.#payingHalt = true;
    const reason = why.slice(0, MAX_REASON_LENGTH);
    const requestId = `engine${String(this.#seq + 1).padStart(8, '0')}`;
    const command: OperatorCommand = { kind: 'kill', requestId, reason, source: 'engine', by: 'engine' };
    this.#stepOne({ type: 'operator', ...this.#stamp(), command }, null);
    this.#haltOwed = null;
    this.#payingHalt = false;
  }

  #startTimer(): void {
    const timer = setInterval(() => this.tick(), TIMER_MS);
    this.#stopTimer = () => clearInterval(timer);
  }

  #tendTape(): void {
    const { tape } = this.#options;
    tape?.flush();
    if (tape === undefined || tape.endedBecause === null || this.#tapeEndNoted) return;
    this.#tapeEndNoted = true;
    this.offer({ type: 'limit-crossed', limit: 'tape', detail: `the run can be replayed up to here only: ${tape.endedBecause}` });
  }
}

export const createRunner = (options: RunnerOptions): Runner => new Runner(options);
