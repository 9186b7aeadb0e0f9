/**
 * Words, lamps and figures of an exchange account. Pure. What was not read is never lit, the environment is always said in a
 * word, and every state has a word besides its colour.
 */
import type { AccountCheck, BudgetReport, DeadManReport, Environment, ExchangeReport } from '../../../src-shared/domain/exchange.ts';
import type { VenueRow } from '../../../src-shared/domain/view.ts';
import { trueMinus, UNKNOWN } from '../../format/numbers.ts';
import { age } from '../../format/times.ts';
import type { Lamp } from '../terminal/terminalText.ts';

/** `real`: the money is. Written out beside every account, so that two consoles cannot be taken for each other. */
export const ENVIRONMENT_WORDS: Readonly<Record<Environment, readonly [word: string, tone: string, means: string]>> = {
  simulated: ['simulated', 'is-simulated', 'An exchange that this computer plays'],
  demo: ['demo', 'is-demo', 'The exchange’s own play money'],
  live: ['LIVE', 'is-real', 'Real money at the exchange'],
};

const lamp = (tone: Lamp['tone'], word: string, title = ''): Lamp => ({ tone, word, title });

/** Can an order reach the account? */
export const entryLamp = ({ entry }: ExchangeReport): Lamp => lamp(entry.up ? 'is-live' : 'is-bad', entry.up ? 'up' : 'down', entry.detail);
/** Does the account tell us of its orders and fills? */
export const streamLamp = ({ stream }: ExchangeReport): Lamp =>
  lamp(stream.up ? 'is-live' : 'is-bad', stream.up ? 'up' : 'down', stream.detail);
/** Both, and the account read back: only then are orders sent. */
export const ordersLamp = ({ orderLink, exchange }: Pick<VenueRow, 'orderLink' | 'exchange'>): Lamp => {
  if (exchange === null) return lamp('', 'paper', 'Orders of this venue stay on paper.');
  if (orderLink === 'up')
    return exchange.checks.some(isFailing) ? lamp('is-wait', 'some pairs', 'Failing checks refuse their pairs.') : lamp('is-live', 'up');
  return lamp('is-bad', 'down', exchange.entry.up ? exchange.stream.detail : exchange.entry.detail);
};

/** Why no order reaches the account, in one sentence: a failing check says more than the link that follows it. null = orders may go. */
export const ordersWhy = ({ orderLink, exchange }: Pick<VenueRow, 'orderLink' | 'exchange'>): string | null => {
  if (exchange === null || orderLink === 'up') return null;
  const failing = exchange.checks.find(isFailing);
  if (failing !== undefined) return `${checkName(failing)}: ${failing.fix === '' ? checkFigures(failing) : trueMinus(failing.fix)}`;
  return exchange.entry.up ? exchange.stream.detail : exchange.entry.detail;
};

/** The account that answers is not the one that this ledger belongs to, or does not say who it is; null = it is. */
export const otherAccount = (checks: readonly AccountCheck[]): AccountCheck | null =>
  checks.find((check) => check.code === 'account' && isFailing(check)) ?? null;

const isFailing = ({ state }: AccountCheck): boolean => state === 'fail';

/** `14 of 16 pass · 1 fail · 1 warn`. */
export const checksText = (checks: readonly AccountCheck[]): string => {
  if (checks.length === 0) return 'not read yet';
  const of = (state: AccountCheck['state']): number => checks.filter((check) => check.state === state).length;
  const rest = (['fail', 'warn', 'waiting'] as const).flatMap((state) => (of(state) > 0 ? [`${of(state)} ${state}`] : []));
  return [`${of('pass')} of ${checks.length} pass`, ...rest].join(' · ');
};

/** `14/16 · 1 fail`: where a line is short. */
export const checksBrief = (checks: readonly AccountCheck[]): string => {
  if (checks.length === 0) return 'not read yet';
  const of = (state: AccountCheck['state']): number => checks.filter((check) => check.state === state).length;
  const worst = (['fail', 'waiting', 'warn'] as const).find((state) => of(state) > 0);
  return `${of('pass')}/${checks.length}${worst === undefined ? '' : ` · ${of(worst)} ${worst}`}`;
};

const RANK: Readonly<Record<AccountCheck['state'], number>> = { fail: 0, waiting: 1, warn: 2, pass: 3 };
/** What stands against trading first; else in the engine's own order. */
export const orderedChecks = (checks: readonly AccountCheck[]): readonly AccountCheck[] =>
  checks.toSorted((x, y) => RANK[x.state] - RANK[y.state]);

export const checkName = ({ label, instrumentId }: AccountCheck): string =>
  instrumentId === null ? label : `${label} · ${instrumentId.split('@')[0] ?? ''}`;

/** Both figures, then the exchange's own code. */
export const checkFigures = ({ configured, reported, venueCode }: AccountCheck): string =>
  [
    configured === null ? null : `configured ${configured}`,
    reported === null ? null : `${configured === null ? '' : 'venue '}${reported}`,
    venueCode === null ? null : `code ${venueCode}`,
  ]
    .filter((part) => part !== null)
    .map(trueMinus)
    .join(' · ');

/** `41.2 s left`, `off`; a timer that could not be set is said in its own words. @param venueNowMs by the venue's clock. */
export const deadManText = (
  { supported, armed, firesUnixMs, detail }: DeadManReport,
  venueNowMs: number,
): readonly [text: string, tone: string] => {
  if (!supported) return ['none here', 'tone-faint'];
  if (armed && firesUnixMs !== null) return [`${age(Math.max(0, firesUnixMs - venueNowMs))} left`, 'strong'];
  return detail.startsWith('failed') ? [detail, 'tone-error strong'] : ['off, nothing rests', 'tone-dim'];
};

/** Of one call a second and the like there is no being near: they are full or empty. */
const LEAST_COUNTED = 10;
/** What else it would take away: Binance's timer knows symbols, not owners. null = only what this engine placed. */
export const deadManScope = (protocol: string): string | null =>
  protocol === 'binance-usdm' ? 'cancels every open order of its symbols, yours too' : null;

/** The fullest allowance: how near the account is to being refused. */
export const fullest = (budgets: readonly BudgetReport[]): BudgetReport | null =>
  budgets
    .filter(({ max }) => max >= LEAST_COUNTED)
    .reduce<BudgetReport | null>((most, each) => (most === null || each.used * most.max > most.used * each.max ? each : most), null);

/** An allowance that asks for a look: half used, or silent because the exchange asked for it. */
export const pressing = (budgets: readonly BudgetReport[], nowUnixMs: number): BudgetReport | null => {
  const silent = budgets.find(({ quietUntilUnixMs }) => quietUntilUnixMs !== null && quietUntilUnixMs > nowUnixMs);
  if (silent !== undefined) return silent;
  const most = fullest(budgets);
  return most !== null && most.used * 2 > most.max ? most : null;
};

export const isDeadManShown = ({ armed, detail }: DeadManReport): boolean => armed || detail.startsWith('failed');

export const budgetTone = ({ used, max, quietUntilUnixMs }: BudgetReport, nowUnixMs: number): string =>
  quietUntilUnixMs !== null && quietUntilUnixMs > nowUnixMs ? 'tone-error strong' : used > 0.7 * max ? 'tone-warn' : 'tone-dim';

export const budgetText = (budget: BudgetReport | null, nowUnixMs: number): string => {
  if (budget === null) return UNKNOWN;
  const { used, max, quietUntilUnixMs } = budget;
  const quiet = quietUntilUnixMs !== null && quietUntilUnixMs > nowUnixMs ? ` · silent ${age(quietUntilUnixMs - nowUnixMs)}` : '';
  return `${used} / ${max}${quiet}`;
};

/** Beyond this a clock is wrong, ours or theirs; as the doctor has it. */
const CLOCK_OFF_MS = 5_000;
export const clockTone = (offsetMs: number | null): string =>
  offsetMs !== null && Math.abs(offsetMs) > CLOCK_OFF_MS ? 'tone-error strong' : '';

/** A key that ends within this is worth a colour. */
const KEY_SOON_MS = 14 * 86_400_000;
/** null = it never ends, or the venue does not say. */
export const keyExpiryText = (expiresUnixMs: number | null, nowUnixMs: number): readonly [text: string, tone: string] | null => {
  if (expiresUnixMs === null) return null;
  const left = expiresUnixMs - nowUnixMs;
  return left <= 0 ? ['expired', 'tone-error strong'] : [`${age(left)} left`, left < KEY_SOON_MS ? 'tone-warn' : 'tone-dim'];
};
