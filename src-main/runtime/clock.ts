/**
 * The one place where the process's clocks are read for the engine. Monotonic time serves ages and order of magnitude
 * of delays, Unix time serves display and the ledger; the order of events comes from neither.
 */
import { US_PER_MS } from '../../src-shared/domain/units.ts';
import type { Clock } from './ports.ts';

/** `performance.now()` reads CLOCK_MONOTONIC with sub-microsecond fractions and, unlike `hrtime.bigint()`, allocates nothing. */
export const systemClock: Clock = {
  monoUs: () => performance.now() * US_PER_MS,
  unixMs: () => Date.now(),
};
