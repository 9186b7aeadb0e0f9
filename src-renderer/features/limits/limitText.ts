/** Words, units and uses of the risk limits. Pure. Which way is tighter is the domain's. */
import { LIMIT_NAMES, TIGHTER, type LimitName } from '../../../src-shared/domain/limits.ts';
import type { LimitRow } from '../../../src-shared/domain/view.ts';
import { count, quantity, UNKNOWN } from '../../format/numbers.ts';
import { age } from '../../format/times.ts';

export const LIMIT_WORDS: Readonly<Record<LimitName, string>> = {
  maxGroupNotionalUsd: 'One group',
  maxTotalNotionalUsd: 'All groups',
  maxOpenGroups: 'Open groups',
  maxOpenGroupsPerPair: 'Open, one pair',
  priceCollarBps: 'Price collar',
  maxVenuesApartBps: 'Venues apart',
  maxMessagesPerSecond: 'Messages a second',
  maxMessagesPerMinute: 'Messages a minute',
  reservedMessagesPct: 'Messages kept back',
  maxGroupsPerMinute: 'Groups a minute',
  maxGroupsPerHour: 'Groups an hour',
  duplicateWindowMs: 'Look-alike window',
  minMarginLevelPct: 'Margin level',
  noEntryBeforeCloseMin: 'No entry, close',
  noEntryAfterOpenMin: 'No entry, open',
  noEntryBeforeWeekendMin: 'No entry, weekend',
  maxLosingGroups: 'Losing in a row',
  losingCooldownMs: 'Cooldown after losses',
  maxDayLossPct: 'Day loss',
  maxVenueErrors: 'Errors of one venue',
  venueErrorWindowMs: 'Window of errors',
  heartbeatWarnMs: 'EA silent: warn',
  heartbeatHaltMs: 'EA silent: halt',
  fenceAfterEntryMs: 'Fence after entry',
  fenceAfterFailureMs: 'Fence after failure',
  fenceAfterLossMs: 'Fence after loss',
  fenceAfterReconnectMs: 'Fence after reconnect',
};

const isLimitName = (name: string): name is LimitName => Object.hasOwn(LIMIT_WORDS, name);
export const limitWords = (name: string): string => (isLimitName(name) ? LIMIT_WORDS[name] : name);

export type LimitUnit = 'USD' | 'bp' | '%' | 'ms' | 'min' | '';

const SUFFIXES: ReadonlyArray<readonly [suffix: string, unit: LimitUnit]> = [
  ['Usd', 'USD'],
  ['Bps', 'bp'],
  ['Pct', '%'],
  ['Ms', 'ms'],
  ['Min', 'min'],
];

/** The unit stands at the end of the name. */
export const limitUnit = (name: string): LimitUnit => SUFFIXES.find(([suffix]) => name.endsWith(suffix))?.[1] ?? '';

/** `$5 000`, `10 bp`, `30 %`, `15m 00s`, `5 min`, `3`. */
export const limitFigure = (name: string, value: number | null): string => {
  if (value === null) return UNKNOWN;
  switch (limitUnit(name)) {
    case 'USD':
      return `$${count(value)}`;
    case 'bp':
      return `${quantity(value)} bp`;
    case '%':
      return `${quantity(value)} %`;
    case 'ms':
      return age(value);
    case 'min':
      return `${quantity(value)} min`;
    case '':
      return quantity(value);
    default:
      return limitUnit(name) satisfies string;
  }
};

/** How much of the limit is used, 0–1 and beyond; a floor is used up when the figure has sunk to it. null = no such thing. */
export const shareUsed = (name: string, { value, used }: Pick<LimitRow, 'value' | 'used'>): number | null => {
  if (used === null) return null;
  const isFloor = isLimitName(name) && TIGHTER[name] === 'higher';
  const [part, whole] = isFloor ? [value, used] : [used, value];
  if (whole <= 0) return part <= 0 ? 0 : 1;
  return part / whole;
};

const NEAR = 0.8;
export const toneOfShare = (share: number | null): '' | 'is-near' | 'is-full' =>
  share === null || share < NEAR ? '' : share < 1 ? 'is-near' : 'is-full';

/** How a change reads before it is asked for. */
export const changeOf = (name: LimitName, before: number, after: number): 'same' | 'tighter' | 'looser' => {
  if (after === before) return 'same';
  return after < before === (TIGHTER[name] === 'lower') ? 'tighter' : 'looser';
};

/** A figure as typed: a plain decimal, no sign, no exponent. */
export const parseLimit = (typed: string): number | null => {
  const text = typed.trim();
  return /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : null;
};

/** Of most use first: money, loss, counts; what has no use at all comes after. */
const FIRST: readonly LimitName[] = [
  'maxDayLossPct',
  'maxTotalNotionalUsd',
  'maxGroupNotionalUsd',
  'maxOpenGroups',
  'maxLosingGroups',
  'minMarginLevelPct',
  'maxMessagesPerMinute',
  'maxGroupsPerHour',
  'maxVenueErrors',
];

const rankOf = (name: string): number => {
  const first = (FIRST as readonly string[]).indexOf(name);
  if (first >= 0) return first;
  const at = (LIMIT_NAMES as readonly string[]).indexOf(name);
  return FIRST.length + (at < 0 ? LIMIT_NAMES.length : at);
};

export const orderedLimits = (limits: Readonly<Record<string, LimitRow>>): ReadonlyArray<readonly [name: string, row: LimitRow]> =>
  Object.entries(limits).sort(([x], [y]) => rankOf(x) - rankOf(y) || x.localeCompare(y));

export const asLimitName = (name: string): LimitName | null => (isLimitName(name) ? name : null);
