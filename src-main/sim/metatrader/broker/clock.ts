/**
 * The broker's clock: UTC, a zone that jumps twice a year, and what the server's own clock is ahead. Owns the conversion
 * and nothing else; UTC comes from the outside, so that a test can be any day of the year.
 */

export interface ZoneStep {
  /** From this UTC instant on … */
  readonly fromUtcMs: number;
  /** … server time is UTC plus this. */
  readonly offsetS: number;
}

export interface ServerClock {
  utcMs(): number;
  /** "As if epoch": what the server writes on ticks and deals. */
  serverMs(): number;
  offsetS(): number;
}

/** The newest step that has begun is in force; before the first one, the first. `leadMs`: how far the server's clock is ahead. */
export const createServerClock = (utcNow: () => number, zone: readonly ZoneStep[], leadMs = 0): ServerClock => {
  const steps = [...zone].sort((a, b) => a.fromUtcMs - b.fromUtcMs);
  if (steps.length === 0) throw new RangeError('a server clock needs at least one zone step');
  const offsetAt = (utcMs: number): number => (steps.findLast((s) => s.fromUtcMs <= utcMs) ?? steps[0]!).offsetS;
  return {
    utcMs: utcNow,
    serverMs: () => {
      const utc = utcNow();
      return Math.floor(utc + leadMs + offsetAt(utc) * 1_000);
    },
    offsetS: () => offsetAt(utcNow()),
  };
};
