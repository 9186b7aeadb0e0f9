/**
 * How figures are rounded for display. Unknown (NaN, infinite) is null, never 0; minus zero is zero. The ledger and the
 * intents keep every figure whole: nothing here feeds a decision.
 */
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MIN, MS_PER_S } from '../../../src-shared/domain/units.ts';

/** The table shows one digit and copies two; the pair in focus has three. */
export const ROW_BPS_DIGITS = 2;
export const BPS_DIGITS = 3;
export const SHARE_DIGITS = 4;
export const QTY_DIGITS = 9;
export const USD_DIGITS = 2;
/** A quantity beside a price is read at a glance; the intent's evidence has it whole. */
const DISPLAYED_QTY_SIGNIFICANT_DIGITS = 3;
/** Ages change with every look: finer steps would be noise on the screen and most of the bytes to it. */
const AGE_STEP_MS = 10;

/** Rounded; null where it is not a finite number. */
export const shown = (value: number | null, digits: number): number | null => {
  if (value === null || !Number.isFinite(value)) return null;
  const scale = 10 ** digits;
  const rounded = Math.round(value * scale) / scale;
  return rounded === 0 ? 0 : rounded;
};

export const shownAge = (ms: number): number | null => (Number.isFinite(ms) ? Math.round(ms / AGE_STEP_MS) * AGE_STEP_MS : null);

export const shownQty = (qty: number): number | null =>
  Number.isFinite(qty) ? Number(qty.toPrecision(DISPLAYED_QTY_SIGNIFICANT_DIGITS)) : null;

const two = (n: number): string => String(n).padStart(2, '0');

/** Time of day in UTC, `14:02:11Z`: for sentences; rows carry the moment itself. */
export const utcTimeOfDay = (unixMs: number): string => {
  const ms = ((unixMs % MS_PER_DAY) + MS_PER_DAY) % MS_PER_DAY;
  return `${two(Math.floor(ms / MS_PER_HOUR))}:${two(Math.floor(ms / MS_PER_MIN) % 60)}:${two(Math.floor(ms / MS_PER_S) % 60)}Z`;
};

export const tableOf = <T, Row>(items: readonly T[], entry: (item: T) => readonly [string, Row]): Readonly<Record<string, Row>> =>
  Object.fromEntries(items.map(entry));
