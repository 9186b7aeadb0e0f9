/**
 * Whether we may trade. `halted` follows from a kill latch, `reducing` from later risk rules, else `active`.
 * Pause and kill are latches: they outlive restarts and end only by an explicit act.
 */
export type TradingState = 'active' | 'reducing' | 'halted';
export type KillSource = 'console' | 'http' | 'cli' | 'file' | 'ea' | 'shortcut' | 'engine';

export interface Latch {
  readonly latchedUnixMs: number;
  readonly source: KillSource;
  readonly by: string;
  readonly reason: string;
}

export interface KillLatch extends Latch {
  /** null until every gateway has answered that nothing of ours is working. */
  readonly verifiedUnixMs: number | null;
  /** What still remains and who must act; empty when verified. */
  readonly remaining: readonly string[];
}
