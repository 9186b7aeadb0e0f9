/**
 * A simulated MetaTrader 5 terminal with the EA in it. Owns the session, the sequence, conflation and retries, as an EA
 * on one thread would: one request at a time; quotes that come meanwhile replace each other; a lost reply is repeated
 * under the same number; `superseded` ends it for good. It never sees the engine but through HTTP.
 */
import { randomUUID } from 'node:crypto';
import type { FaultSwitch } from '../faults.ts';
import {
  bareTickText,
  helloText,
  pollText,
  QUIET_ACCOUNT,
  reportText,
  tickText,
  type EnvelopeFigures,
  type TerminalAccount,
  type TerminalSymbol,
  type TerminalTick,
} from './messages.ts';
import { Expert, type ExpertSettings } from './expert/expert.ts';
import { createWebClient, type WebClient, type WebReply } from './webRequest.ts';

export const MIN_BACK_OFF_MS = 100;
export const MAX_BACK_OFF_MS = 5_000;
/** `EventSetMillisecondTimer` is no finer than this on Windows. */
const MIN_TIMER_MS = 16;
const MAX_POLL_MS = 5_000;
/** After 412: hello again by then. */
export const IDLE_MS = 15_000;
const MAX_ALERTS = 50;
const PING_US = 38_000;
const SILENCE_CHECK_MS = 20;
/** The engine does not take what was said; everything else goes on. */
const CONTENT_REFUSED: readonly number[] = [400, 413, 415];

export interface TerminalSettings {
  readonly listenerUrl: string;
  readonly token: string;
  readonly account: TerminalAccount;
  readonly symbols: readonly TerminalSymbol[];
  readonly faults: FaultSwitch;
  /** What the EA would declare, rounded to 15 minutes as such code does; the truth is in the ticks. */
  readonly declaredUtcOffsetS: number;
  /** `bare` posts ticks as old EAs did: no hello, no poll. */
  readonly habit?: 'protocol' | 'bare' | undefined;
  readonly maxBackOffMs?: number | undefined;
  readonly requestTimeoutMs?: number | undefined;
  /** Orders go through this terminal; absent = it only streams. */
  readonly expert?: ExpertSettings | undefined;
}

export type TerminalPhase = 'starting' | 'running' | 'superseded' | 'idle' | 'stopped';

export interface TerminalReport {
  readonly phase: TerminalPhase;
  readonly session: string;
  readonly epoch: number;
  readonly seq: number;
  readonly posts: number;
  readonly repeats: number;
  readonly ticksPosted: number;
  readonly ticksConflated: number;
  readonly pollMs: number;
  readonly mode: string;
  readonly backOffMs: number;
  /** What the EA would show in an alert box, oldest first. */
  readonly alerts: readonly string[];
}

export interface Terminal {
  /** The broker has a new quote. Prices as text; `timeMsc` is broker server time before clock faults. */
  quote(symbol: string, bid: string, ask: string, timeMsc: number): void;
  report(): TerminalReport;
  /** Resolves when the EA has ended and its connection is gone. */
  stop(): Promise<void>;
}

/** A reply that means something, with the bytes its signature is for. */
interface Answer {
  readonly status: number;
  readonly reply: Reply;
  readonly body: string;
  readonly signature: string;
}

interface Reply {
  readonly session?: unknown;
  readonly epoch?: unknown;
  readonly poll_ms?: unknown;
  readonly mode?: unknown;
  readonly more?: unknown;
  readonly wanted?: unknown;
  readonly error?: unknown;
}

const MALFORMED_BODIES = ['{"v":1,"ticks":[{"symbol":"XAUUSD","bid":', '{"v":1}\u0000', '[]', '{"v":1,"session":7,"seq":"-1"}'];
const MAX_GARBAGE_QUEUED = 1_000;

const readReply = (body: string): Reply => {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
};

const readError = (error: unknown): { code: string; field: string; message: string } => {
  const parts = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {};
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return { code: text(parts['code']), field: text(parts['field']), message: text(parts['message']) };
};

class SimulatedTerminal implements Terminal {
  readonly #settings: TerminalSettings;
  readonly #faults: FaultSwitch;
  readonly #client: WebClient;
  readonly #waiting = new Map<string, TerminalTick>();
  readonly #known: ReadonlySet<string>;
  readonly #alerts: string[] = [];
  readonly #counts = { posts: 0, repeats: 0, ticksPosted: 0, ticksConflated: 0 };
  readonly #expert: Expert | null;
  readonly #ended: Promise<void>;
  #ending = false;
  #restartAsked = false;
  #wake: () => void = () => undefined;
  #wanted: ReadonlySet<string> | null = null;
  #phase: Exclude<TerminalPhase, 'stopped'> = 'starting';
  #bootId: string = randomUUID();
  #session = '';
  #epoch = 0;
  #seq = 0;
  #gates = 'ok';
  #pollMs = MIN_TIMER_MS;
  #mode = 'normal';
  #more = false;
  #backOffMs = 0;
  #lastPostMonoMs = 0;
  #httpUsMax = 0;
  #garbage = 0;
  #reportedLast = false;

  constructor(settings: TerminalSettings) {
    this.#settings = settings;
    this.#faults = settings.faults;
    this.#known = new Set(settings.symbols.map((s) => s.name));
    this.#client = createWebClient(settings.listenerUrl, settings.token, settings.account.terminalBuild, settings.requestTimeoutMs);
    this.#expert = settings.expert === undefined ? null : new Expert(settings.expert, (ms) => this.#sleep(ms, true));
    this.#faults.attach({
      close: () => this.#client.disconnect(),
      garbage: (count) => {
        this.#garbage = Math.min(MAX_GARBAGE_QUEUED, this.#garbage + count);
      },
      restart: () => {
        this.#restartAsked = true;
        this.#wake();
      },
      gate: (gate) => {
        this.#gates = gate;
        this.#expert?.forceGate(gate);
      },
    });
    this.#ended = this.#live();
  }

  quote(symbol: string, bid: string, ask: string, timeMsc: number): void {
    if (!this.#known.has(symbol)) return;
    if (this.#waiting.has(symbol)) this.#counts.ticksConflated += 1;
    const shifted = Math.round(timeMsc + this.#faults.skewMs);
    this.#waiting.set(symbol, { symbol, bid, ask, timeMsc: shifted, seenMonoMs: performance.now() });
    this.#wake();
  }

  report(): TerminalReport {
    return {
      phase: this.#ending ? 'stopped' : this.#phase,
      session: this.#session,
      epoch: this.#epoch,
      seq: this.#seq,
      pollMs: this.#pollMs,
      mode: this.#mode,
      backOffMs: this.#backOffMs,
      ...this.#counts,
      alerts: [...this.#alerts],
    };
  }

  async stop(): Promise<void> {
    this.#ending = true;
    this.#wake();
    await this.#ended;
    this.#client.stop();
  }

  async #live(): Promise<void> {
    while (!this.#ending) {
      if (this.#restartAsked) this.#restart();
      if (this.#phase === 'superseded') {
        await this.#sleep(MAX_POLL_MS, true);
        continue;
      }
      if (this.#phase === 'idle') {
        await this.#sleep(IDLE_MS, true);
        this.#session = '';
      }
      await this.#postGarbage();
      if (this.#settings.habit === 'bare') await this.#bareTurn();
      else if (this.#session === '') await this.#hello();
      else await this.#turn();
    }
  }

  /** What a change of inputs does to an EA: everything but the account is new. */
  #restart(): void {
    this.#restartAsked = false;
    this.#session = '';
    this.#bootId = randomUUID();
    this.#waiting.clear();
    this.#phase = 'starting';
  }

  async #hello(): Promise<void> {
    this.#seq = 0;
    const { declaredUtcOffsetS, account, symbols } = this.#settings;
    const boot = { bootId: this.#bootId, declaredUtcOffsetS, account, symbols, trading: this.#expert?.tradingPart() };
    const answer = await this.#exchange('/mt5/hello', () => helloText({ ...this.#envelope(0), session: '', epoch: 0 }, boot));
    if (answer === null) return;
    const { status, reply } = answer;
    if (status !== 200 || typeof reply.session !== 'string' || typeof reply.epoch !== 'number') {
      await this.#refused(status, reply);
      return;
    }
    if (this.#expert?.accepts(reply.session, 0, answer.body, answer.signature) === false) {
      this.#alert('the answer to hello is not signed with our key: another program on the port, or another key');
      await this.#backOff();
      return;
    }
    this.#session = reply.session;
    this.#epoch = reply.epoch;
    this.#expert?.begin();
    this.#wanted = Array.isArray(reply.wanted) ? new Set(reply.wanted.map(String)) : null;
    this.#phase = 'running';
    this.#obey(answer, 0);
  }

  /** One pass of the timer or of OnTick: a tick request when something is new, else a poll when one is due. */
  async #turn(): Promise<void> {
    if (await this.#report()) return;
    await this.#expert?.turn();
    const ticks = this.#takeWaiting();
    const idleMs = performance.now() - this.#lastPostMonoMs;
    if (ticks.length === 0 && !this.#more && idleMs < this.#pollMs) {
      await this.#sleep(Math.max(1, this.#pollMs - idleMs));
      return;
    }
    this.#seq += 1;
    const seq = this.#seq;
    const { declaredUtcOffsetS: utcOffsetS } = this.#settings;
    const standing = this.#expert?.standing() ?? QUIET_ACCOUNT;
    const poll = { pingUs: PING_US, httpUsMax: this.#httpUsMax, queueDepth: 0, utcOffsetS, standing };
    const answer =
      ticks.length > 0
        ? await this.#exchange('/mt5/tick', () => tickText(this.#envelope(seq), ticks))
        : await this.#exchange('/mt5/poll', () => pollText(this.#envelope(seq), poll));
    if (answer === null) return;
    if (answer.status !== 200) {
      await this.#refused(answer.status, answer.reply);
      return;
    }
    this.#counts.ticksPosted += ticks.length;
    this.#obey(answer, seq);
  }

  /** Says one thing the EA has to say, in turn with what the market says. @returns whether it did */
  async #report(): Promise<boolean> {
    const ticksFirst = this.#reportedLast && this.#waiting.size > 0 && this.#expert?.busy === false;
    const report = ticksFirst ? null : (this.#expert?.nextReport() ?? null);
    this.#reportedLast = report !== null;
    if (report === null) return false;
    this.#seq += 1;
    const seq = this.#seq;
    const answer = await this.#exchange(report.path, () => reportText(this.#envelope(seq), report.body));
    if (answer === null) return true;
    if (answer.status === 200) {
      report.taken();
      this.#obey(answer, seq);
    } else {
      if (CONTENT_REFUSED.includes(answer.status)) this.#expert?.refused(report);
      await this.#refused(answer.status, answer.reply);
    }
    return true;
  }

  async #bareTurn(): Promise<void> {
    this.#phase = 'running';
    const ticks = this.#takeWaiting();
    if (ticks.length === 0) await this.#sleep(MAX_POLL_MS);
    for (const t of ticks) {
      const answer = await this.#exchange('/mt5/tick', () => bareTickText(t));
      if (answer === null) return;
      if (answer.status === 200) this.#counts.ticksPosted += 1;
      else await this.#refused(answer.status, answer.reply);
    }
  }

  /** Repeats until there is a reply that means something; null = the terminal stopped or must start anew. */
  async #exchange(path: string, render: () => string): Promise<Answer | null> {
    for (let attempt = 0; ; attempt += 1) {
      while (this.#faults.silent() && !this.#ending) await this.#sleep(SILENCE_CHECK_MS, true);
      const delayMs = this.#faults.delayMs();
      if (delayMs > 0) await this.#sleep(delayMs, true);
      if (this.#ending || this.#restartAsked) return null;
      if (attempt > 0) this.#counts.repeats += 1;
      const outcome = await this.#post(path, render());
      if (outcome.kind === 'failed') this.#alert(`WebRequest error ${outcome.error}: ${outcome.why}`);
      else if (outcome.status === 429 || outcome.status >= 500) this.#alert(`the engine answers ${outcome.status}`);
      else if (!this.#faults.drops()) {
        this.#backOffMs = 0;
        this.#httpUsMax = Math.max(this.#httpUsMax, outcome.micros);
        return { status: outcome.status, reply: readReply(outcome.body), body: outcome.body, signature: outcome.signature };
      }
      if (this.#ending) return null;
      await this.#backOff();
    }
  }

  async #post(path: string, body: string): Promise<WebReply> {
    this.#counts.posts += 1;
    this.#lastPostMonoMs = performance.now();
    return this.#faults.refusing() ? { kind: 'failed', error: 5201, why: 'connect failed' } : this.#client.post(path, body);
  }

  async #postGarbage(): Promise<void> {
    while (this.#garbage > 0 && !this.#ending) {
      this.#garbage -= 1;
      await this.#client.post('/mt5/tick', MALFORMED_BODIES[this.#garbage % MALFORMED_BODIES.length]!);
    }
  }

  async #refused(status: number, reply: Reply): Promise<void> {
    const { code, field, message } = readError(reply.error);
    this.#alert(`${status} ${code}${field === '' ? '' : ` (${field})`}: ${message}`);
    if (status === 409 && code === 'unknown-session') this.#session = '';
    else if (status === 409) this.#phase = 'superseded';
    else if (status === 412) this.#phase = 'idle';
    else if (!CONTENT_REFUSED.includes(status) || this.#expert === null) await this.#backOff();
  }

  /** What is not signed is acted on in nothing, once orders go through here. */
  #obey({ reply, body, signature }: Answer, seq: number): void {
    if (this.#expert?.accepts(this.#session, seq, body, signature) === false) {
      this.#alert('a reply is not signed with our key and was ignored');
      return;
    }
    if (typeof reply.poll_ms === 'number') this.#pollMs = Math.min(MAX_POLL_MS, Math.max(MIN_TIMER_MS, reply.poll_ms));
    if (typeof reply.mode === 'string') this.#mode = reply.mode;
    this.#more = reply.more === true;
    this.#expert?.obey({ ...reply });
  }

  #takeWaiting(): TerminalTick[] {
    const ticks = [...this.#waiting.values()].filter((t) => this.#wanted === null || this.#wanted.has(t.symbol));
    this.#waiting.clear();
    return ticks;
  }

  #envelope(seq: number): EnvelopeFigures {
    const gates = this.#expert?.gates() ?? this.#gates;
    return { session: this.#session, epoch: this.#epoch, seq, monoMs: performance.now(), gates };
  }

  #alert(text: string): void {
    if (this.#alerts.at(-1) === text) return;
    this.#alerts.push(text);
    if (this.#alerts.length > MAX_ALERTS) this.#alerts.shift();
  }

  async #backOff(): Promise<void> {
    const longest = this.#settings.maxBackOffMs ?? MAX_BACK_OFF_MS;
    this.#backOffMs = Math.min(longest, this.#backOffMs === 0 ? MIN_BACK_OFF_MS : this.#backOffMs * 2);
    await this.#sleep(this.#backOffMs, true);
  }

  /** Ends early when a quote comes (unless `deaf`) or the terminal stops. */
  #sleep(ms: number, deaf = false): Promise<void> {
    return new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#wake = () => {
        if (!deaf || this.#ending || this.#restartAsked) done();
      };
    });
  }
}

export const startTerminal = (settings: TerminalSettings): Terminal => new SimulatedTerminal(settings);
