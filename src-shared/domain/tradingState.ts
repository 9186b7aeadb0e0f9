/**
 * Whether we may trade. `halted` follows from a kill latch, `reducing` from rules that only let exposure shrink, else
 * `active`. Stops are latches: they outlive restarts and end only by an explicit act. Arming is the opposite: no launch keeps it.
 */
export type TradingState = 'active' | 'reducing' | 'halted';
export type KillSource = 'console' | 'http' | 'cli' | 'file' | 'ea' | 'shortcut' | 'engine';

/**
 * `kill`: no opening, every working order canceled, undelivered commands revoked, naked legs repaired or frozen by policy.
 * `flatten`: the same, and groups are closed leg-paired, reduce-only. `hands-off`: nothing at all is sent, not even cancels.
 * A latch may rise kill → flatten → hands-off; it never sinks except by a reset.
 */
export type KillLevel = 'kill' | 'flatten' | 'hands-off';
export const KILL_LEVELS: readonly KillLevel[] = ['kill', 'flatten', 'hands-off'];

/** What a stop covers. */
export type StopScope = 'all' | `pair:${string}` | `venue:${string}`;

export interface Latch {
  readonly latchedUnixMs: number;
  readonly source: KillSource;
  readonly by: string;
  readonly reason: string;
}

export interface KillLatch extends Latch {
  readonly level: KillLevel;
  /** null until every venue, asked after the latch, has answered that nothing of ours is working there. */
  readonly verifiedUnixMs: number | null;
  /** What still remains and who must act; empty when verified. */
  readonly remaining: readonly string[];
}

/** A stop of one pair or one venue. The stops of scope `all` are the engine's own pause and kill latches. */
export interface ScopedStop {
  readonly scope: Exclude<StopScope, 'all'>;
  readonly level: 'pause' | KillLevel;
  readonly latch: KillLatch;
}
