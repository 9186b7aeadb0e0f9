/**
 * The latching stops as this console knows them: level and scope, what is in force, and words for both. Pure. PAUSE is
 * not among them: it is no latch that a late press could surprise anyone with.
 */
import { KILL_LEVELS, type KillLatch, type KillLevel, type StopScope } from '../../../src-shared/domain/tradingState.ts';
import type { EngineRow } from '../../../src-shared/domain/view.ts';
import { KILL_READY, type KillPhase } from './killMachine.ts';

export interface Stop {
  readonly level: KillLevel;
  readonly scope: StopScope;
}

/** One press at a time of each level and scope; a KILL never waits for the answer to a FLATTEN. */
export type StopKey = `${KillLevel} ${StopScope}`;
export type Presses = Readonly<Record<string, KillPhase>>;

export const KILL_ALL: Stop = { level: 'kill', scope: 'all' };
export const stopKey = ({ level, scope }: Stop): StopKey => `${level} ${scope}`;

export const stopOf = (key: string): Stop => {
  const at = key.indexOf(' ');
  return { level: key.slice(0, at) as KillLevel, scope: key.slice(at + 1) as StopScope };
};

export const phaseOf = (presses: Presses, stop: Stop): KillPhase => presses[stopKey(stop)] ?? KILL_READY;

const rankOf = (level: KillLevel): number => KILL_LEVELS.indexOf(level);

type Latches = Pick<EngineRow, 'kill' | 'scopedStops'>;

/** The strongest latch of exactly this scope. */
export const latchOf = (row: Latches | null, scope: StopScope): KillLatch | null => {
  if (row === null) return null;
  if (scope === 'all') return row.kill;
  let strongest: KillLatch | null = null;
  for (const stop of row.scopedStops) {
    if (stop.scope !== scope || stop.level === 'pause') continue;
    const latch: KillLatch = { ...stop.latch, level: stop.level };
    if (strongest === null || rankOf(latch.level) > rankOf(strongest.level)) strongest = latch;
  }
  return strongest;
};

/** A stronger latch includes the weaker. */
export const isInForce = (row: Latches, { level, scope }: Stop): boolean => {
  const latch = latchOf(row, scope);
  return latch !== null && rankOf(latch.level) >= rankOf(level);
};

/** What is so once the level is latched. */
export const LEVEL_WORDS: Readonly<Record<KillLevel, string>> = { kill: 'KILLED', flatten: 'FLATTENING', 'hands-off': 'HANDS OFF' };
/** The act. */
export const ACT_WORDS: Readonly<Record<KillLevel, string>> = { kill: 'KILL', flatten: 'FLATTEN', 'hands-off': 'HANDS OFF' };

/** `all`, `pair xau-okx`, `venue okx`. */
export const scopeText = (scope: StopScope): string => scope.replace(':', ' ');

const GRAVITY: Readonly<Record<KillPhase['at'], number>> = { unconfirmed: 4, requested: 4, refused: 3, forgotten: 3, latched: 1, ready: 0 };
/** A latch of everything that was set elsewhere outweighs an acknowledged press of one pair. */
const LATCHED_ELSEWHERE = 2;

const weightOf = (stop: Stop, phase: KillPhase): readonly number[] => {
  const isAll = stop.scope === 'all';
  const gravity = GRAVITY[phase.at];
  return [isAll && gravity === 1 ? LATCHED_ELSEWHERE : gravity, isAll ? 1 : 0, rankOf(stop.level)];
};

const isHeavier = (x: readonly number[], y: readonly number[]): boolean => {
  const at = x.findIndex((value, index) => value !== y[index]);
  return at >= 0 && (x[at] ?? 0) > (y[at] ?? 0);
};

/** The one press the dock speaks of: what is under way before what failed before what is latched. */
export const spokenPress = (presses: Presses, row: Latches | null): { readonly stop: Stop; readonly phase: KillPhase } => {
  let best = { stop: { ...KILL_ALL, level: row?.kill?.level ?? 'kill' } as Stop, phase: KILL_READY };
  let weight: readonly number[] = row?.kill === null || row === null ? [0, 1, 0] : [LATCHED_ELSEWHERE, 1, -1];
  for (const [key, phase] of Object.entries(presses)) {
    const stop = stopOf(key);
    const own = weightOf(stop, phase);
    if (phase.at === 'ready' || !isHeavier(own, weight)) continue;
    best = { stop, phase };
    weight = own;
  }
  return best;
};
