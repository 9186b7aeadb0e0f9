/** How long to wait before the next attempt to reach the engine: doubling, capped, with jitter. Pure. */

export const FIRST_WAIT_MS = 250;
export const LONGEST_WAIT_MS = 5_000;

/**
 * @param attempt 1 for the first wait after a loss.
 * @param random in [0, 1): half the wait is fixed, half is drawn, so that many consoles do not return at once.
 */
export const backoffMs = (attempt: number, random: number): number => {
  const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(30, Math.max(0, attempt - 1)));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
};
