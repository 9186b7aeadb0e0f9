/**
 * What a goal is and whether it was met. Three verdicts: missed only when even the better end of the band misses, met
 * only when even the worse end meets; between them the machine is too noisy to say.
 */
import type { Band } from './rounds.ts';

export type Verdict = 'met' | 'missed' | 'too noisy to say' | 'no goal' | 'skipped';

/** One line of the table. */
export interface Row {
  readonly item: string;
  readonly what: string;
  /** In words, with its unit; empty = for information. */
  readonly goal: string;
  readonly measured: string;
  readonly verdict: Verdict;
  readonly band?: Band;
  /** A/A control of the same rounds. */
  readonly control?: Band;
  readonly note?: string;
  /** Further figures for the JSON document. */
  readonly figures?: Readonly<Record<string, unknown>>;
}

export interface Goal {
  readonly limit: number;
  readonly sense: 'at most' | 'at least';
}

export const atMost = (limit: number): Goal => ({ limit, sense: 'at most' });
export const atLeast = (limit: number): Goal => ({ limit, sense: 'at least' });

export const judge = (band: Band, goal: Goal): Verdict => {
  if (Number.isNaN(band.median)) return 'skipped';
  const [better, worse] = goal.sense === 'at most' ? [band.p10, band.p90] : [band.p90, band.p10];
  const meets = (value: number): boolean => (goal.sense === 'at most' ? value <= goal.limit : value >= goal.limit);
  if (meets(worse)) return 'met';
  return meets(better) ? 'too noisy to say' : 'missed';
};

/** A figure that holds or does not: counts, bounds that one run settles. */
export const judgeFigure = (value: number, goal: Goal): Verdict => judge({ median: value, p10: value, p90: value, rounds: 1 }, goal);

const signOf = (goal: Goal): string => (goal.sense === 'at most' ? '≤' : '≥');

/** Three significant digits, no exponent. */
export const figure = (value: number): string => {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en-US', { minimumFractionDigits: 0, maximumFractionDigits: Math.min(digits, 6) });
};

export const bandText = (band: Band): string => `${figure(band.median)} (${figure(band.p10)}–${figure(band.p90)})`;

/** A row for a ratio `subject / peer`. */
export const ratioRow = (
  item: string,
  what: string,
  band: Band,
  goal: Goal | null,
  more: { control?: Band; note?: string; figures?: Readonly<Record<string, unknown>> } = {},
): Row => ({
  item,
  what,
  goal: goal === null ? '' : `${signOf(goal)} ${figure(goal.limit)} ×`,
  measured: `${bandText(band)} ×`,
  verdict: goal === null ? 'no goal' : judge(band, goal),
  band,
  ...more,
});

/** A row for a figure with a unit. */
export const figureRow = (
  item: string,
  what: string,
  value: number,
  unit: string,
  goal: Goal | null,
  more: { note?: string; figures?: Readonly<Record<string, unknown>> } = {},
): Row => ({
  item,
  what,
  goal: goal === null ? '' : `${signOf(goal)} ${figure(goal.limit)} ${unit}`.trim(),
  measured: `${figure(value)} ${unit}`.trim(),
  verdict: goal === null ? 'no goal' : judgeFigure(value, goal),
  ...more,
});

export const skippedRow = (item: string, what: string, why: string): Row => ({
  item,
  what,
  goal: '',
  measured: '',
  verdict: 'skipped',
  note: why,
});
