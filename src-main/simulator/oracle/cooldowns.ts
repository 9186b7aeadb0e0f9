/**
 * How long fences and timed disablements must hold, by the oracle's own reckoning: from the moment at which the engine first said so,
 * for as long as it then said, on the clock that never jumps. A wall clock that jumps, a list that leaves one out, or a later word that
 * would shorten it changes nothing; a restart may do no more than to count by the wall clock what is left.
 */
const US_PER_MS = 1_000;
/** Said again with another Unix end, and the same end by the clock that never jumps: the wall clock has jumped, that is all. */
const SAME_END_US = 1_500 * US_PER_MS;

export interface Moment {
  readonly monoUs: number;
  /** The engine's own clock, jumps included. */
  readonly unixMs: number;
}

export interface SaidFence {
  readonly pairId: string;
  readonly kind: string;
  readonly untilUnixMs: number;
}
export interface SaidDisablement {
  readonly scope: string;
  readonly code: string;
  readonly sinceUnixMs: number;
  /** null = until a person enables it. */
  readonly untilUnixMs: number | null;
}

interface Ending {
  readonly untilUnixMs: number;
  readonly endsUs: number;
}
export type Fence = SaidFence & Ending;
export type Disablement = SaidDisablement & { readonly endsUs: number };

/** `before` = what was said of the same one until now. */
const endOf = (untilUnixMs: number, before: Ending | undefined, { monoUs, unixMs }: Moment): number => {
  const endsUs = monoUs + (untilUnixMs - unixMs) * US_PER_MS;
  if (before === undefined) return endsUs;
  const same = before.untilUnixMs === untilUnixMs || Math.abs(before.endsUs - endsUs) <= SAME_END_US;
  return same ? before.endsUs : Math.max(before.endsUs, endsUs);
};

/** The wall clock is all that a new life has: what is left by it, and neither below nothing nor beyond the whole. */
const endAfterRestart = ({ untilUnixMs, endsUs }: Ending, wholeMs: number, { monoUs, unixMs }: Moment): number =>
  Math.min(endsUs, monoUs + Math.min(Math.max(0, untilUnixMs - unixMs), wholeMs) * US_PER_MS);

export class Cooldowns {
  /** Every fence that was ever set, by pair and kind. */
  readonly fences = new Map<string, Fence>();
  disablements: readonly Disablement[] = [];

  saidFences(fences: readonly SaidFence[], at: Moment): void {
    for (const fence of fences) {
      const key = `${fence.pairId} ${fence.kind}`;
      this.fences.set(key, { ...fence, endsUs: endOf(fence.untilUnixMs, this.fences.get(key), at) });
    }
  }

  /** @param byPerson whether a person has enabled what is missing now */
  saidDisablements(said: readonly SaidDisablement[], byPerson: boolean, at: Moment): void {
    const isSame = (p: SaidDisablement, q: SaidDisablement): boolean => p.scope === q.scope && p.code === q.code;
    const now = said.map((each): Disablement => {
      if (each.untilUnixMs === null) return { ...each, endsUs: Number.POSITIVE_INFINITY };
      const before = this.disablements.find((other) => isSame(each, other) && other.untilUnixMs !== null) as Ending | undefined;
      return { ...each, endsUs: endOf(each.untilUnixMs, before, at) };
    });
    const forgotten = byPerson
      ? []
      : this.disablements.filter((each) => each.endsUs > at.monoUs && !now.some((other) => isSame(each, other)));
    this.disablements = [...now, ...forgotten];
  }

  /** @param wholeMs how long a fence of a kind is */
  restarted(wholeMs: (kind: string) => number, at: Moment): void {
    for (const [key, fence] of this.fences) this.fences.set(key, { ...fence, endsUs: endAfterRestart(fence, wholeMs(fence.kind), at) });
    this.disablements = this.disablements.map((each) => {
      const { sinceUnixMs, untilUnixMs, endsUs } = each;
      if (untilUnixMs === null) return each;
      return { ...each, endsUs: endAfterRestart({ untilUnixMs, endsUs }, untilUnixMs - sinceUnixMs, at) };
    });
  }
}
