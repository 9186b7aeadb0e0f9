/**
 * Commands to the engine. Each fails at once without a link; none is ever kept for later. KILL alone is retried,
 * for the 10 s that `killMachine` allows. A refusal is told in the engine's own words.
 */
import { ORPCError, safe } from '@orpc/client';
import { stepKill, PRESS_LIFE_MS, RETRY_PAUSE_MS, type KillEvent } from '../features/kill/killMachine.ts';
import { engineRowOf, useConsole, type Notice } from '../store/consoleStore.ts';
import type { ConsoleClient, ConsoleLink } from './transport.ts';

export const ANSWER_WITHIN_MS = 5_000;

const ID_CHARACTERS = 20;

/** Letters and digits, as the contract asks. */
export const newRequestId = (): string => crypto.randomUUID().replaceAll('-', '').slice(0, ID_CHARACTERS);

export type CommandName = 'pause' | 'resume' | 'reset';

export type CommandResult =
  | { readonly kind: 'done'; readonly changed: boolean; readonly engineMs: number }
  | { readonly kind: 'refused'; readonly text: string; readonly conditions: readonly string[] }
  | { readonly kind: 'failed'; readonly text: string };

type Answer = Awaited<ReturnType<ConsoleClient['kill']>>;

const messageOf = (error: unknown): string => (error instanceof Error && error.message !== '' ? error.message : String(error));

const resultOf = async (call: (signal: AbortSignal) => Promise<Answer>): Promise<CommandResult> => {
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  // The library may leave a call open when the socket dies half way, hence the race.
  const late = new Promise<CommandResult>((resolve) => {
    signal.addEventListener('abort', () =>
      resolve({ kind: 'failed', text: `no answer within ${ANSWER_WITHIN_MS / 1_000} s: outcome unknown` }),
    );
  });
  const asked = async (): Promise<CommandResult> => {
    const [error, receipt] = await safe<Answer>(call(signal));
    if (error === null) return { kind: 'done', changed: receipt.changed, engineMs: receipt.engineMs };
    if (!isRefusal(error)) return { kind: 'failed', text: messageOf(error) };
    return refusalOf(error);
  };
  return Promise.race([asked(), late]);
};

/** An answer the contract foresees, as opposed to a fault or a lost link. */
const isRefusal = (error: unknown): error is ORPCError<string, unknown> => error instanceof ORPCError && error.defined;

const refusalOf = (error: { readonly code: string; readonly data: unknown; readonly message: string }): CommandResult => {
  if (error.code === 'NOT_ALLOWED') {
    const conditions = (error.data as { readonly conditions?: readonly string[] } | undefined)?.conditions ?? [];
    return { kind: 'refused', text: 'refused by the engine', conditions };
  }
  if (error.code === 'LEDGER_FAULT') {
    const fault = (error.data as { readonly fault?: string } | undefined)?.fault ?? 'unknown fault';
    return { kind: 'refused', text: `the ledger cannot be written: ${fault}`, conditions: [] };
  }
  return { kind: 'refused', text: error.code === 'BUSY' ? 'the engine is busy: try again' : error.message, conditions: [] };
};

export interface Commands {
  readonly run: (name: CommandName, reason: string) => Promise<CommandResult>;
  readonly pressKill: () => void;
  readonly linkChanged: (link: ConsoleLink | null) => void;
  readonly tell: (event: KillEvent) => void;
}

const NOT_CONNECTED: CommandResult = { kind: 'failed', text: 'not connected: nothing was sent' };

const PAST: Readonly<Record<CommandName, string>> = { pause: 'Paused', resume: 'Resumed', reset: 'Kill switch reset, disarmed' };
const INFINITIVE: Readonly<Record<CommandName, string>> = { pause: 'Pause', resume: 'Resume', reset: 'Reset' };

const noticeOf = (name: CommandName, result: CommandResult): Notice => {
  if (result.kind === 'done') {
    const text = result.changed ? `${PAST[name]} (${result.engineMs.toFixed(1)} ms)` : `${PAST[name]}: it was so already`;
    return { tone: 'info', text };
  }
  const listed = result.kind === 'refused' && result.conditions.length > 0 ? `: ${result.conditions.join('; ')}` : '';
  return { tone: 'error', text: `${INFINITIVE[name]} failed: ${result.text}${listed}` };
};

/** How long a good outcome stays on the screen; a bad one stays until it is dismissed or another command is given. */
export const GOOD_NEWS_MS = 8_000;

const announce = (notice: Notice): void => {
  useConsole.setState({ notice });
  if (notice.tone !== 'info') return;
  setTimeout(() => useConsole.setState((state) => (state.notice === notice ? { notice: null } : state)), GOOD_NEWS_MS);
};

export const createCommands = (): Commands => {
  let link: ConsoleLink | null = null;
  let clock: ReturnType<typeof setInterval> | null = null;

  const deliver = async (to: ConsoleLink, requestId: string, pressedMs: number): Promise<void> => {
    // Closing the link cannot call back a frame that already waits in a stalled engine: the frame itself says how long it is good.
    const pressedEngineUnixMs = Date.now() + useConsole.getState().engineOffsetMs - (performance.now() - pressedMs);
    // Without a row of the engine its clock is not known, and a wrong clock must not refuse a KILL.
    const known = engineRowOf(useConsole.getState()) !== null;
    const life = known ? { notAfterUnixMs: pressedEngineUnixMs + PRESS_LIFE_MS } : {};
    const asked = to.client.kill({ requestId, reason: '', ...life }, { signal: AbortSignal.timeout(PRESS_LIFE_MS) });
    const ended = to.ended.then((why) => {
      throw new Error(why);
    });
    const [error, receipt] = await safe<Answer>(Promise.race([asked, ended]));
    if (error === null) {
      tell({ kind: 'acknowledged', requestId, nowMs: performance.now(), acknowledgement: receipt });
    } else if (isRefusal(error)) {
      const refusal = refusalOf(error);
      if (error.code === 'BUSY') tell({ kind: 'undelivered', requestId, why: 'the engine is busy' });
      else tell({ kind: 'refused', requestId, nowMs: performance.now(), why: refusal.kind === 'done' ? error.message : refusal.text });
    } else {
      tell({ kind: 'undelivered', requestId, why: messageOf(error) });
    }
  };

  /** Runs only while a press is pending or its outcome is being shown. */
  const keepClock = (): void => {
    const { kill } = useConsole.getState();
    const pending = kill.at !== 'ready' && !(kill.at === 'latched' && kill.shown);
    if (pending && clock === null) {
      clock = setInterval(() => {
        tell({ kind: 'clock', nowMs: performance.now() });
        tell({ kind: 'retry', linkUp: link !== null });
      }, RETRY_PAUSE_MS);
    } else if (!pending && clock !== null) {
      clearInterval(clock);
      clock = null;
    }
  };

  const tell = (event: KillEvent): void => {
    const before = useConsole.getState().kill;
    const { phase, effect } = stepKill(before, event);
    if (phase !== before) useConsole.setState({ kill: phase });
    if (effect === 'send' && link !== null && phase.at === 'requested') void deliver(link, phase.requestId, phase.pressedMs);
    // What is still in our own buffer need not be sent.
    if (effect === 'abandon') link?.close('an unconfirmed KILL was given up');
    keepClock();
  };

  return {
    run: async (name, reason) => {
      const requestId = newRequestId();
      const to = link;
      const live = useConsole.getState().link.phase === 'live';
      const result = to === null || !live ? NOT_CONNECTED : await resultOf((signal) => to.client[name]({ requestId, reason }, { signal }));
      announce(noticeOf(name, result));
      return result;
    },
    pressKill: () => tell({ kind: 'press', requestId: newRequestId(), nowMs: performance.now(), linkUp: link !== null }),
    linkChanged: (next) => {
      link = next;
      tell({ kind: 'link', up: next !== null });
      const row = engineRowOf(useConsole.getState());
      if (row !== null && next !== null) tell({ kind: 'engineRow', killed: row.kill !== null });
    },
    tell,
  };
};
