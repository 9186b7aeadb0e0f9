/**
 * The latching stops on their way to the engine. Each press of a level and scope lives by `killMachine`: delivered,
 * retried for 10 s as unconfirmed, then forgotten; a stale stop must not fire later.
 */
import { safe } from '@orpc/client';
import type { CommandReceipt } from '../../src-shared/contract/contract.ts';
import type { KillLevel } from '../../src-shared/domain/tradingState.ts';
import type { EngineRow } from '../../src-shared/domain/view.ts';
import { KILL_READY, PRESS_LIFE_MS, RETRY_PAUSE_MS, stepKill, type KillEvent, type KillPhase } from '../features/kill/killMachine.ts';
import { isInForce, phaseOf, stopKey, stopOf, type Stop, type StopKey } from '../features/kill/stops.ts';
import { engineRowOf, useConsole } from '../store/consoleStore.ts';
import { isRefusal, messageOf, refusalOf } from './answers.ts';
import { newRequestId } from './requestId.ts';
import type { ConsoleClient, ConsoleLink } from './transport.ts';

export interface PressBoard {
  readonly press: (stop: Stop, reason?: string) => void;
  readonly linkChanged: (link: ConsoleLink | null) => void;
  /** The engine's row was painted: what it shows as latched. */
  readonly rowSeen: (row: EngineRow | null) => void;
  readonly tell: (stop: Stop, event: KillEvent) => void;
}

const PROCEDURES = { kill: 'kill', flatten: 'flatten', 'hands-off': 'handsOff' } as const satisfies Record<KillLevel, keyof ConsoleClient>;

/** Whether the clock must go on: an outcome is awaited or being shown. */
const isPending = (phase: KillPhase): boolean => phase.at !== 'ready' && !(phase.at === 'latched' && phase.shown);

export const createPressBoard = (): PressBoard => {
  let link: ConsoleLink | null = null;
  let clock: ReturnType<typeof setInterval> | null = null;
  const reasons = new Map<StopKey, string>();

  const all = (event: KillEvent): void => {
    for (const key of Object.keys(useConsole.getState().presses)) tell(stopOf(key), event);
  };

  const deliver = async (to: ConsoleLink, stop: Stop, requestId: string, pressedMs: number): Promise<void> => {
    // Closing the link cannot call back a frame that already waits in a stalled engine: the frame itself says how long it is good.
    const pressedEngineUnixMs = Date.now() + useConsole.getState().engineOffsetMs - (performance.now() - pressedMs);
    // Without a row of the engine its clock is not known, and a wrong clock must not refuse a stop.
    const known = engineRowOf(useConsole.getState()) !== null;
    const life = known ? { notAfterUnixMs: pressedEngineUnixMs + PRESS_LIFE_MS } : {};
    const input = { requestId, reason: reasons.get(stopKey(stop)) ?? '', scope: stop.scope, ...life };
    const asked = to.client[PROCEDURES[stop.level]](input, { signal: AbortSignal.timeout(PRESS_LIFE_MS) });
    const ended = to.ended.then((why) => {
      throw new Error(why);
    });
    const [error, receipt] = await safe<CommandReceipt>(Promise.race([asked, ended]));
    if (error === null) {
      tell(stop, { kind: 'acknowledged', requestId, nowMs: performance.now(), acknowledgement: receipt });
    } else if (isRefusal(error)) {
      const refusal = refusalOf(error);
      if (error.code === 'BUSY') tell(stop, { kind: 'undelivered', requestId, why: 'the engine is busy' });
      else tell(stop, { kind: 'refused', requestId, nowMs: performance.now(), why: wordsOf(refusal, error.message) });
    } else {
      tell(stop, { kind: 'undelivered', requestId, why: messageOf(error) });
    }
  };

  /** Runs only while a press is pending or its outcome is being shown. */
  const keepClock = (): void => {
    const pending = Object.values(useConsole.getState().presses).some(isPending);
    if (pending && clock === null) {
      clock = setInterval(() => {
        all({ kind: 'clock', nowMs: performance.now() });
        all({ kind: 'retry', linkUp: link !== null });
      }, RETRY_PAUSE_MS);
    } else if (!pending && clock !== null) {
      clearInterval(clock);
      clock = null;
    }
  };

  const tell = (stop: Stop, event: KillEvent): void => {
    const { presses } = useConsole.getState();
    const before = phaseOf(presses, stop);
    const { phase, effect } = stepKill(before, event);
    if (phase !== before) {
      const { [stopKey(stop)]: _, ...others } = presses;
      useConsole.setState({ presses: phase === KILL_READY ? others : { ...others, [stopKey(stop)]: phase } });
    }
    if (effect === 'send' && link !== null && phase.at === 'requested') void deliver(link, stop, phase.requestId, phase.pressedMs);
    // What is still in our own buffer need not be sent.
    if (effect === 'abandon') link?.close('an unconfirmed stop was given up');
    keepClock();
  };

  const rowSeen = (row: EngineRow | null): void => {
    if (row === null) return;
    for (const key of Object.keys(useConsole.getState().presses)) {
      const stop = stopOf(key);
      tell(stop, { kind: 'engineRow', killed: isInForce(row, stop) });
    }
  };

  return {
    press: (stop, reason = '') => {
      reasons.set(stopKey(stop), reason);
      tell(stop, { kind: 'press', requestId: newRequestId(), nowMs: performance.now(), linkUp: link !== null });
    },
    linkChanged: (next) => {
      link = next;
      all({ kind: 'link', up: next !== null });
      if (next !== null) rowSeen(engineRowOf(useConsole.getState()));
    },
    rowSeen,
    tell,
  };
};

const wordsOf = (refusal: ReturnType<typeof refusalOf>, fallback: string): string => {
  if (refusal.kind !== 'refused') return fallback;
  return refusal.conditions.length === 0 ? refusal.text : `${refusal.text}: ${refusal.conditions.join('; ')}`;
};
