/**
 * What lasts for a while and then ends by itself: fences, cooldowns, what an entry counts for. Its end stands twice in the book: on the
 * monotonic clock, which alone decides, and as Unix time, for the ledger and for people. Invariants: no jump of the host's clock ends
 * anything early or prolongs it; after a restart, which has the Unix time alone, nothing lasts longer than its whole length; and when
 * the host's clock has jumped the Unix ends follow, so that a next run goes on with what is left.
 */
import { US_PER_MS } from '../../../src-shared/domain/units.ts';
import type { Disablement, EntryMark, Fence, TimedDisablement, TimedEntry, TimedFence } from '../book.ts';
import { emit } from '../notes.ts';
import type { EngineState } from '../state.ts';

/** Which limit is the length of a fence. */
export const FENCE_LIMITS = {
  entry: 'fenceAfterEntryMs',
  failure: 'fenceAfterFailureMs',
  loss: 'fenceAfterLossMs',
  reconnect: 'fenceAfterReconnectMs',
} as const satisfies Record<Fence['kind'], string>;

/** A Unix end that is off by more than this is told anew: the two clocks do not drift so far apart while anything lasts. */
export const CLOCK_JUMP_MS = 1_000;

/** In whole µs, as every rule is asked. */
const usAfter = (state: EngineState, ms: number): number => Math.floor(state.monoUs) + ms * US_PER_MS;
const leftMs = (endsUs: number, nowUs: number): number => Math.max(0, (endsUs - nowUs) / US_PER_MS);

/** Of what is left by the wall clock, which may be anything by now, nothing below 0 and nothing beyond the whole. */
const plausibleMs = (state: EngineState, untilUnixMs: number, wholeMs: number): number =>
  Math.min(Math.max(0, untilUnixMs - state.unixMs), Math.max(0, wholeMs));

export const fenceLeftMs = ({ endsUs }: TimedFence, nowUs: number): number => leftMs(endsUs, nowUs);

/** The fence of the pair that lasts longest; null = none is in force. */
export const longestFence = (state: EngineState, pairId: string, nowUs: number): TimedFence | null =>
  state.book.fences
    .filter((fence) => fence.pairId === pairId && fence.endsUs > nowUs)
    .reduce<TimedFence | null>((longest, each) => (longest === null || each.endsUs > longest.endsUs ? each : longest), null);

export const newFence = (state: EngineState, pairId: string, kind: Fence['kind'], forMs: number): TimedFence => ({
  pairId,
  kind,
  untilUnixMs: state.unixMs + forMs,
  endsUs: usAfter(state, forMs),
});

export const setFences = (state: EngineState, fences: readonly TimedFence[]): void => {
  state.book.fences = fences;
  emit(state, { type: 'fences-changed', fences: fences.map(({ pairId, kind, untilUnixMs }) => ({ pairId, kind, untilUnixMs })) });
};

/** Null = until an operator enables it. */
export const disablementLeftMs = ({ endsUs }: TimedDisablement, nowUs: number): number | null =>
  endsUs === null ? null : leftMs(endsUs, nowUs);

export const isInForce = ({ endsUs }: TimedDisablement, nowUs: number): boolean => endsUs === null || nowUs < endsUs;

/** @param forMs null = until an operator enables it */
export const newDisablement = (
  state: EngineState,
  what: Pick<Disablement, 'scope' | 'code' | 'text'>,
  forMs: number | null,
): TimedDisablement => ({
  ...what,
  sinceUnixMs: state.unixMs,
  untilUnixMs: forMs === null ? null : state.unixMs + forMs,
  endsUs: forMs === null ? null : usAfter(state, forMs),
});

export const setDisablements = (state: EngineState, disablements: readonly TimedDisablement[], why: string): void => {
  state.book.disablements = disablements;
  emit(state, { type: 'disablements-changed', disablements: disablements.map(({ endsUs: _endsUs, ...durable }) => durable), why });
};

export const newEntry = (state: EngineState, pairId: string, direction: string): TimedEntry => ({
  unixMs: state.unixMs,
  pairId,
  direction,
  atUs: usAfter(state, 0),
});

/** How long ago; never before now. */
export const entryAgeMs = ({ atUs }: TimedEntry, nowUs: number): number => Math.max(0, (nowUs - atUs) / US_PER_MS);

/** What an earlier run left behind. Limits are restored before: they say how long a fence is as a whole. */
export const recoverFence = (state: EngineState, fence: Fence): TimedFence => ({
  ...fence,
  endsUs: usAfter(state, plausibleMs(state, fence.untilUnixMs, state.book.limits[FENCE_LIMITS[fence.kind]])),
});

export const recoverDisablement = (state: EngineState, disablement: Disablement): TimedDisablement => {
  const { sinceUnixMs, untilUnixMs } = disablement;
  const endsUs = untilUnixMs === null ? null : usAfter(state, plausibleMs(state, untilUnixMs, untilUnixMs - sinceUnixMs));
  return { ...disablement, endsUs };
};

export const recoverEntry = (state: EngineState, mark: EntryMark): TimedEntry => ({
  ...mark,
  atUs: usAfter(state, -Math.max(0, state.unixMs - mark.unixMs)),
});

/** After a jump of the host's clock the Unix ends move with it; called by the timer. */
export const followClock = (state: EngineState): void => {
  const nowUs = Math.floor(state.monoUs);
  /** By how much the Unix end is wrong; 0 = not worth telling, or over. */
  const offMs = (untilUnixMs: number | null, endsUs: number | null): number => {
    if (untilUnixMs === null || endsUs === null || endsUs <= nowUs) return 0;
    const ms = state.unixMs + leftMs(endsUs, nowUs) - untilUnixMs;
    return Math.abs(ms) > CLOCK_JUMP_MS ? ms : 0;
  };
  const { fences, disablements } = state.book;
  if (fences.some((fence) => offMs(fence.untilUnixMs, fence.endsUs) !== 0))
    setFences(
      state,
      fences.map((fence) => ({ ...fence, untilUnixMs: fence.untilUnixMs + offMs(fence.untilUnixMs, fence.endsUs) })),
    );
  if (disablements.every(({ untilUnixMs, endsUs }) => offMs(untilUnixMs, endsUs) === 0)) return;
  const followed = disablements.map((each) => {
    const ms = offMs(each.untilUnixMs, each.endsUs);
    return ms === 0 ? each : { ...each, sinceUnixMs: each.sinceUnixMs + ms, untilUnixMs: each.untilUnixMs! + ms };
  });
  setDisablements(state, followed, "the host's clock has jumped: what is left stays the same");
};
