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
  tickText,
  type EnvelopeFigures,
  type TerminalAccount,
  type TerminalSymbol,
  type TerminalTick,
} from './messages.ts';
import { createWebClient, type WebReply } from './webRequest.ts';

export const MIN_BACK_OFF_MS = 100;
export const MAX_BACK_OFF_MS = 5_000;
/** `EventSetMillisecondTimer` is no finer than this on Windows. */
const MIN_TIMER_MS = 16;
const MAX_POLL_MS = 5_000;
const MAX_ALERTS = 50;
const PING_US = 38_000;
const SILENCE_CHECK_MS = 20;

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

export const startTerminal = (settings: TerminalSettings): Terminal => {
  const { faults } = settings;
  const maxBackOffMs = settings.maxBackOffMs ?? MAX_BACK_OFF_MS;
  const client = createWebClient(settings.listenerUrl, settings.token, settings.account.terminalBuild, settings.requestTimeoutMs);
  const waiting = new Map<string, TerminalTick>();
  const known = new Set(settings.symbols.map((s) => s.name));
  const alerts: string[] = [];
  let wanted: ReadonlySet<string> | null = null;
  let phase: TerminalPhase = 'starting';
  let session = '';
  let epoch = 0;
  let seq = 0;
  let bootId: string = randomUUID();
  let gates = 'ok';
  let pollMs = MIN_TIMER_MS;
  let mode = 'normal';
  let more = false;
  let backOffMs = 0;
  let lastPostMonoMs = 0;
  let httpUsMax = 0;
  let garbage = 0;
  let restartAsked = false;
  const counts = { posts: 0, repeats: 0, ticksPosted: 0, ticksConflated: 0 };
  let wake: () => void = () => undefined;

  let ending = false;
  const stopped = () => ending;
  const alert = (text: string) => {
    if (alerts.at(-1) === text) return;
    alerts.push(text);
    if (alerts.length > MAX_ALERTS) alerts.shift();
  };
  /** Ends early when a quote comes (unless `deaf`) or the terminal stops. */
  const sleep = (ms: number, deaf = false) =>
    new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(done, ms);
      wake = () => {
        if (!deaf || stopped()) done();
      };
    });
  const envelope = (number: number): EnvelopeFigures => ({ session, epoch, seq: number, monoMs: performance.now(), gates });
  const backOff = async () => {
    backOffMs = Math.min(maxBackOffMs, backOffMs === 0 ? MIN_BACK_OFF_MS : backOffMs * 2);
    await sleep(backOffMs, true);
  };

  /** Repeats until there is a reply that means something; null = the terminal stopped or must start anew. */
  const exchange = async (path: string, render: () => string): Promise<{ status: number; reply: Reply } | null> => {
    for (let attempt = 0; ; attempt += 1) {
      while (faults.silent() && !stopped()) await sleep(SILENCE_CHECK_MS, true);
      const delayMs = faults.delayMs();
      if (delayMs > 0) await sleep(delayMs, true);
      if (stopped() || restartAsked) return null;
      if (attempt > 0) counts.repeats += 1;
      counts.posts += 1;
      lastPostMonoMs = performance.now();
      const outcome: WebReply = faults.refusing()
        ? { kind: 'failed', error: 5201, why: 'connect failed' }
        : await client.post(path, render());
      if (outcome.kind === 'failed') alert(`WebRequest error ${outcome.error}: ${outcome.why}`);
      else if (outcome.status === 429 || outcome.status >= 500) alert(`the engine answers ${outcome.status}`);
      else if (!faults.drops()) {
        backOffMs = 0;
        httpUsMax = Math.max(httpUsMax, outcome.micros);
        return { status: outcome.status, reply: readReply(outcome.body) };
      }
      if (stopped()) return null;
      await backOff();
    }
  };

  const refused = async (status: number, reply: Reply) => {
    const { code, field, message } = readError(reply.error);
    alert(`${status} ${code}${field === '' ? '' : ` (${field})`}: ${message}`);
    if (status === 409 && code === 'unknown-session') session = '';
    else if (status === 409) phase = 'superseded';
    else if (status === 412) phase = 'idle';
    else await backOff();
  };
  const obey = (reply: Reply) => {
    if (typeof reply.poll_ms === 'number') pollMs = Math.min(MAX_POLL_MS, Math.max(MIN_TIMER_MS, reply.poll_ms));
    if (typeof reply.mode === 'string') mode = reply.mode;
    more = reply.more === true;
  };
  const hello = async () => {
    seq = 0;
    const boot = { bootId, declaredUtcOffsetS: settings.declaredUtcOffsetS, account: settings.account, symbols: settings.symbols };
    const answer = await exchange('/mt5/hello', () => helloText({ ...envelope(0), session: '', epoch: 0 }, boot));
    if (answer === null) return;
    const { status, reply } = answer;
    if (status !== 200 || typeof reply.session !== 'string' || typeof reply.epoch !== 'number') {
      await refused(status, reply);
      return;
    }
    session = reply.session;
    epoch = reply.epoch;
    wanted = Array.isArray(reply.wanted) ? new Set(reply.wanted.map(String)) : null;
    phase = 'running';
    obey(reply);
  };
  const takeWaiting = (): TerminalTick[] => {
    const ticks = [...waiting.values()].filter((t) => wanted === null || wanted.has(t.symbol));
    waiting.clear();
    return ticks;
  };
  const turn = async () => {
    const ticks = takeWaiting();
    if (ticks.length === 0 && !more && performance.now() - lastPostMonoMs < pollMs) {
      await sleep(Math.max(1, pollMs - (performance.now() - lastPostMonoMs)));
      return;
    }
    seq += 1;
    const number = seq;
    const answer =
      ticks.length > 0
        ? await exchange('/mt5/tick', () => tickText(envelope(number), ticks))
        : await exchange('/mt5/poll', () => pollText(envelope(number), { pingUs: PING_US, httpUsMax, queueDepth: 0 }));
    if (answer === null) return;
    if (answer.status !== 200) {
      await refused(answer.status, answer.reply);
      return;
    }
    counts.ticksPosted += ticks.length;
    obey(answer.reply);
  };
  const bareTurn = async () => {
    phase = 'running';
    const ticks = takeWaiting();
    if (ticks.length === 0) await sleep(MAX_POLL_MS);
    for (const t of ticks) {
      const answer = await exchange('/mt5/tick', () => bareTickText(t));
      if (answer === null) return;
      if (answer.status === 200) counts.ticksPosted += 1;
      else await refused(answer.status, answer.reply);
    }
  };
  const postGarbage = async () => {
    while (garbage > 0 && !stopped()) {
      garbage -= 1;
      await client.post('/mt5/tick', MALFORMED_BODIES[garbage % MALFORMED_BODIES.length]!);
    }
  };
  const restart = () => {
    restartAsked = false;
    session = '';
    bootId = randomUUID();
    waiting.clear();
    phase = 'starting';
  };
  const live = async () => {
    while (!stopped()) {
      if (restartAsked) restart();
      if (phase === 'superseded' || phase === 'idle') {
        await sleep(MAX_POLL_MS, true);
        continue;
      }
      await postGarbage();
      if (settings.habit === 'bare') await bareTurn();
      else if (session === '') await hello();
      else await turn();
    }
  };

  faults.attach({
    close: () => client.disconnect(),
    garbage: (count) => {
      garbage = Math.min(MAX_GARBAGE_QUEUED, garbage + count);
    },
    restart: () => {
      restartAsked = true;
      wake();
    },
    gate: (gate) => {
      gates = gate;
    },
  });
  const ended = live();
  return {
    quote: (symbol, bid, ask, timeMsc) => {
      if (!known.has(symbol)) return;
      if (waiting.has(symbol)) counts.ticksConflated += 1;
      waiting.set(symbol, { symbol, bid, ask, timeMsc: Math.round(timeMsc + faults.skewMs), seenMonoMs: performance.now() });
      wake();
    },
    report: () => ({ phase: ending ? 'stopped' : phase, session, epoch, seq, pollMs, mode, backOffMs, ...counts, alerts: [...alerts] }),
    stop: async () => {
      ending = true;
      wake();
      await ended;
      client.stop();
    },
  };
};
