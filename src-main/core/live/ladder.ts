/**
 * The ladder of real money's sizes: the smallest that both venues take first, then dollars a group. Owns the rung in force, which is
 * durable. Invariants: one rung up at a time, by a person, disarmed, after enough groups closed well on the present one; every halt
 * and every group that a person must look at leads back to the first.
 */
import type { CloseReason, HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { firstRungOf, type RungRecord } from '../../../src-shared/domain/live.ts';
import { emit } from '../notes.ts';
import type { EngineState } from '../state.ts';

/** Endings that show that the rules work: nobody helped, nothing went wrong. */
const WELL: ReadonlySet<CloseReason> = new Set(['convergence', 'take-profit', 'stop', 'holding-time', 'session']);

export interface RungInForce extends RungRecord {
  readonly rungs: number;
  /** null on the last. */
  readonly groupsNeeded: number | null;
}

/** null = the money is not real. */
export const rungInForce = ({ settings, book }: EngineState): RungInForce | null => {
  const { live } = book;
  const ladder = settings.live?.ladder;
  if (live === null || ladder === undefined) return null;
  const { rung } = live.rung;
  return { ...live.rung, rungs: ladder.length, groupsNeeded: rung + 1 < ladder.length ? ladder[rung]!.groups : null };
};

const setRung = (state: EngineState, after: RungRecord, why: string): void => {
  const { live } = state.book;
  if (live === null) return;
  const before = live.rung;
  live.rung = after;
  emit(state, { type: 'rung-changed', before, after, why });
};

/** Back to the smallest size, and nothing counts that was counted. Says nothing where it is there already with nothing counted. */
export const fallBack = (state: EngineState, why: string): void => {
  const { live } = state.book;
  const ladder = state.settings.live?.ladder;
  if (live === null || ladder === undefined || (live.rung.rung === 0 && live.rung.closedWell === 0)) return;
  setRung(state, firstRungOf(ladder, state.unixMs), why);
};

/** A group came to its first end: counts where it began on this rung and both began and ended as planned. */
export const countRung = (state: EngineState, group: HedgeGroup): void => {
  const { live } = state.book;
  if (live === null || group.createdUnixMs < live.rung.sinceUnixMs) return;
  if (group.result === null || group.openedUnixMs === null || group.ladder.length > 0) return;
  if (group.closeReason === null || !WELL.has(group.closeReason)) return;
  setRung(state, { ...live.rung, closedWell: live.rung.closedWell + 1 }, `group ${group.id} closed well`);
};

/** What stands against the next rung; empty = an operator may climb. */
export const climbConditions = (state: EngineState): readonly string[] => {
  const rung = rungInForce(state);
  if (rung === null) return ['the money is not real: there is no ladder'];
  if (rung.groupsNeeded === null) return [`rung ${rung.rung + 1} of ${rung.rungs} is the last`];
  const conditions: string[] = [];
  if (rung.closedWell < rung.groupsNeeded)
    conditions.push(
      `${rung.closedWell} groups closed well on rung ${rung.rung + 1} of ${rung.rungs}, ${rung.groupsNeeded} are needed before the next`,
    );
  if (state.book.armed !== null) conditions.push('armed: a larger size needs a new confirmation, disarm first');
  if (state.kill !== null) conditions.push(`${state.kill.level} is latched: reset it first`);
  return conditions;
};

/** After its conditions were asked. */
export const climb = (state: EngineState, by: string): void => {
  const rung = rungInForce(state)!;
  const next = state.settings.live!.ladder[rung.rung + 1]!;
  const after = { rung: rung.rung + 1, maxNotionalUsd: next.maxNotionalUsd, closedWell: 0, sinceUnixMs: state.unixMs };
  setRung(state, after, `climbed by ${by} after ${rung.closedWell} groups`);
};

/** At start: the rung of the earlier run, unless the ladder was configured anew since. */
export const restoreRung = (state: EngineState, kept: RungRecord | null): void => {
  const { live } = state.book;
  const ladder = state.settings.live?.ladder;
  if (live === null || ladder === undefined) return;
  const same = kept !== null && ladder[kept.rung] !== undefined && ladder[kept.rung]!.maxNotionalUsd === kept.maxNotionalUsd;
  if (same) {
    live.rung = kept;
    return;
  }
  live.rung = firstRungOf(ladder, state.unixMs);
  if (kept !== null) emit(state, { type: 'rung-changed', before: kept, after: live.rung, why: 'the ladder was configured anew' });
};
