/**
 * Units and the small arithmetic between them. Signals are numbers; money is not (see `decimal.ts`).
 * Times: `…MonoUs` = monotonic microseconds since some start of this process, for ages and timeouts only;
 * `…UnixMs` = Unix milliseconds of this host's clock, for display, ledger and signatures;
 * `…VenueMs` = the venue's own stamp, comparable with ours only through a measured offset.
 */

export const BPS_PER_UNIT = 10_000;
export const US_PER_MS = 1_000;
export const US_PER_S = 1_000_000;
export const MS_PER_S = 1_000;
export const MS_PER_MIN = 60_000;
export const MS_PER_HOUR = 3_600_000;
export const MS_PER_DAY = 86_400_000;

/** `difference` as basis points of `reference`. */
export const bpsOf = (difference: number, reference: number): number => (difference / reference) * BPS_PER_UNIT;

/** Two moments on one line: what every event carries. */
export interface Stamp {
  readonly monoUs: number;
  readonly unixMs: number;
}
