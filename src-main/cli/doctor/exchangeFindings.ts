/**
 * One exchange account as the running engine reports it: environment and hosts, key, clock, what was read back of the account
 * with both figures and the exchange's own code, links, allowances, dead-man timer, refusals. Pure.
 */
import type { AccountCheck, BudgetReport, ExchangeReport } from '../../../src-shared/domain/exchange.ts';
import type { ExchangeVenueConfig } from '../../../src-shared/config/schema.ts';
import { sitesOf } from '../../../src-shared/config/exchangeSites.ts';
import { fileInstead, handOverText, isFromEnvironment } from '../../adapters/secrets/headlessKeys.ts';
import type { ExchangeStanding } from '../../hosts/exchangeStanding.ts';
import { findingsOf, type Finding } from './finding.ts';

/** Above this share an allowance leaves no room for what must not wait. */
export const BUSY_SHARE = 0.8;
/** An allowance of a call or two is full or empty, and never a sign of anything. */
const LEAST_COUNTED = 10;
const MAX_CLOCK_OFFSET_MS = 5_000;

/** How a key gets to an engine without a desktop; said wherever one is missing. */
export const handOver = (venueId: string): string =>
  `Enter it in the desktop console (Exchange, Key), or hand it over: ${handOverText(venueId)}; then start the engine again.`;

/** A key that was found; one out of a variable works, and lies open where a file would not. */
export const foundKey = (venueId: string, source: string): Finding => {
  const { pass, warn } = findingsOf(venueId);
  return isFromEnvironment(venueId, source)
    ? warn('key-source', 'Key from', `${source}: readable in the engine’s environment (/proc) while it runs`, fileInstead(venueId))
    : pass('key-source', 'Key from', source);
};

const hostsText = (report: ExchangeReport, { protocol }: ExchangeStanding, venue: ExchangeVenueConfig | null): string => {
  const urls =
    venue?.orders?.urls ?? sitesOf(venue?.protocol ?? (protocol as ExchangeVenueConfig['protocol']), report.environment, report.region);
  if (urls === null) return 'hosts as configured';
  return [...new Set([urls.rest, urls.entry, urls.stream].map((url) => new URL(url).host))].join(', ');
};

const environmentFinding = (standing: ExchangeStanding, report: ExchangeReport, venue: ExchangeVenueConfig | null): Finding => {
  const { pass, fail } = findingsOf(standing.venueId);
  const { environment, region } = report;
  const said = `${environment}${region === 'global' ? '' : `, region ${region}`}: ${hostsText(report, standing, venue)}`;
  const wanted = venue?.orders ?? null;
  if (wanted === null || (wanted.environment === environment && wanted.region === region)) return pass('environment', 'Environment', said);
  return fail(
    'environment',
    'Environment',
    `it runs on ${environment} (${region}), the configuration says ${wanted.environment} (${wanted.region})`,
    'Start the engine again with this configuration.',
  );
};

const keyFinding = ({ venueId, key }: ExchangeStanding): Finding => {
  const { fail } = findingsOf(venueId);
  if (key === null)
    return fail('key-source', 'Key from', 'the engine says nothing of it', 'Restart the engine: it runs an older installation.');
  if (key.state === 'none') return fail('key-source', 'Key from', key.source, handOver(venueId));
  if (key.state === 'unusable')
    return fail('key-source', 'Key from', key.source, 'Correct what the line names, then start the engine again.');
  if (key.atNextStart)
    return fail(
      'key-source',
      'Key from',
      `${key.source}, changed since the start`,
      'Start the engine again: the new key counts from then.',
    );
  return foundKey(venueId, key.source);
};

const clockFinding = ({ venueId, clockOffsetMs, clockUncertaintyMs, roundTripMs }: ExchangeStanding): Finding => {
  const { pass, fail, waiting } = findingsOf(venueId);
  if (clockOffsetMs === null) return waiting('clock-offset', 'Clock', 'not measured yet', 'Wait until the venue is connected.');
  const uncertain = clockUncertaintyMs === null ? '' : ` ± ${clockUncertaintyMs.toFixed(1)}`;
  const text = `${clockOffsetMs.toFixed(1)}${uncertain} ms beside ours${roundTripMs === null ? '' : `, round trip ${roundTripMs.toFixed(0)} ms`}`;
  return Math.abs(clockOffsetMs) > MAX_CLOCK_OFFSET_MS
    ? fail('clock-offset', 'Clock', text, 'Let this computer set its clock by NTP.')
    : pass('clock-offset', 'Clock', text);
};

const figures = ({ configured, reported, venueCode }: AccountCheck): string => {
  const both = configured === null ? (reported ?? '') : `configured ${configured}, the venue says ${reported ?? 'nothing'}`;
  const code = venueCode === null ? '' : `code ${venueCode}`;
  return [both, code].filter((part) => part !== '').join('; ');
};

const checkFinding = (venueId: string, check: AccountCheck): Finding => {
  const label = check.instrumentId === null ? check.label : `${check.label} ${check.instrumentId.split('@')[0] ?? ''}`;
  const detail = figures(check) || (check.state === 'pass' ? 'as it must be' : 'the venue says no more');
  const fix = check.fix === '' ? 'Wait until the engine has read the account.' : check.fix;
  return { code: `check-${check.code}`, venue: venueId, label, state: check.state, detail, fix: check.state === 'pass' ? '' : fix };
};

const linkFindings = ({ venueId, orderLink }: ExchangeStanding, { entry, stream }: ExchangeReport): readonly Finding[] => {
  const { pass, fail, waiting } = findingsOf(venueId);
  const of = (code: string, label: string, { up, detail }: ExchangeReport['entry']): Finding =>
    up
      ? pass(code, label, detail)
      : fail(
          code,
          label,
          detail,
          'Mend the lines above; else look whether the exchange is in maintenance, and at this computer’s connection.',
        );
  const [first, second] = [of('order-entry', 'Order entry', entry), of('private-stream', 'Private stream', stream)];
  if (orderLink === 'up') return [first, second, pass('order-link', 'Orders', 'the way to the exchange is open')];
  return [first, second, waiting('order-link', 'Orders', 'the order link is down', 'Mend the lines above first: this one follows them.')];
};

const budgetText = ({ name, used, max, windowMs }: BudgetReport): string => `${name} ${used} of ${max} in ${windowMs / 1_000} s`;

/** One line for all that are well; one each for those that are not. */
const budgetFindings = (venueId: string, budgets: readonly BudgetReport[], nowUnixMs: number): readonly Finding[] => {
  const { pass, fail, warn } = findingsOf(venueId);
  const silent = budgets.filter(({ quietUntilUnixMs }) => quietUntilUnixMs !== null && quietUntilUnixMs > nowUnixMs);
  const busy = budgets.filter((budget) => !silent.includes(budget) && budget.max >= LEAST_COUNTED && budget.used > budget.max * BUSY_SHARE);
  const share = ({ used, max }: BudgetReport): number => used / max;
  const rest = budgets.filter((budget) => !silent.includes(budget) && !busy.includes(budget)).toSorted((x, y) => share(y) - share(x));
  const [fullest] = rest.filter(({ max }) => max >= LEAST_COUNTED);
  const well = fullest === undefined ? [] : [pass('budget', 'Allowances', `${rest.length} counted, the fullest ${budgetText(fullest)}`)];
  return [
    ...silent.map((budget) =>
      fail(
        'budget',
        'Allowance',
        `${budgetText(budget)}; the exchange asked for silence until ${new Date(budget.quietUntilUnixMs ?? 0).toISOString()}`,
        'Wait until then; if it comes again, look what else uses this address or account.',
      ),
    ),
    ...busy.map((budget) => warn('budget', 'Allowance', budgetText(budget), 'Look what else uses this address or account.')),
    ...well,
  ];
};

const deadManFinding = (venueId: string, { supported, armed, firesUnixMs, detail }: ExchangeReport['deadMan']): Finding => {
  const { pass, fail } = findingsOf(venueId);
  const [code, label] = ['dead-man', 'Dead-man timer'];
  if (!supported) return pass(code, label, detail === '' ? 'the venue has none' : detail);
  if (detail.startsWith('failed'))
    return fail(code, label, detail, 'Look at the lines above: without it, resting orders outlive this engine.');
  return pass(code, label, armed && firesUnixMs !== null ? `armed until ${new Date(firesUnixMs).toISOString()}` : 'off: nothing rests');
};

const rejectFinding = (venueId: string, { rejects }: ExchangeReport): Finding => {
  const { pass, warn } = findingsOf(venueId);
  if (rejects.length === 0) return pass('rejects', 'Refused orders', 'none since the start');
  const text = rejects.slice(0, 4).map(({ code, text: words, count }) => `${count} × ${code} ${words}`.trim());
  return warn('rejects', 'Refused orders', text.join('; '), 'Look each code up at the exchange: most name a setting of the account.');
};

const booksFinding = ({ venueId, reconciled, reconcileDetail, orderLink }: ExchangeStanding): Finding => {
  const { pass, fail, waiting } = findingsOf(venueId);
  const label = 'Books agree';
  if (reconciled === 'yes') return pass('reconciled', label, 'orders, fills and positions there and here are the same');
  if (reconciled === 'failed')
    return fail(
      'reconciled',
      label,
      reconcileDetail,
      'Compare the positions at the exchange with the console, and accept or close the difference there.',
    );
  const fix = orderLink === 'up' ? 'Wait until the engine has read the account.' : 'Mend the lines above first: this one follows them.';
  return waiting('reconciled', label, reconcileDetail === '' ? reconciled : reconcileDetail, fix);
};

/** @param venue of the configuration that was named; null = none was. */
export const exchangeFindings = (standing: ExchangeStanding, venue: ExchangeVenueConfig | null, nowUnixMs: number): readonly Finding[] => {
  const { venueId, link, linkDetail, report, key, disabled } = standing;
  const { pass, fail, waiting } = findingsOf(venueId);
  const quotes =
    link === 'live'
      ? pass('quotes', 'Quotes', linkDetail)
      : fail('quotes', 'Quotes', `${link}: ${linkDetail}`, 'Look at this computer’s connection and the venue’s urls in the configuration.');
  const off =
    disabled === null ? [] : [fail('disabled', 'Venue', disabled, 'Press Enable at the venue in the console when the cause is gone.')];
  if (report === null && key === null && (venue === null || venue.orders === null))
    return [quotes, pass('environment', 'Environment', 'orders stay on paper'), clockFinding(standing), ...off];
  if (report === null)
    return [
      quotes,
      keyFinding(standing),
      waiting('account', 'Account', 'nothing was read of it yet', 'Mend the key’s line first; else wait a few seconds.'),
      ...off,
    ];
  return [
    quotes,
    environmentFinding(standing, report, venue),
    keyFinding(standing),
    clockFinding(standing),
    ...report.checks.map((check) => checkFinding(venueId, check)),
    ...linkFindings(standing, report),
    ...budgetFindings(venueId, report.budgets, nowUnixMs),
    deadManFinding(venueId, report.deadMan),
    rejectFinding(venueId, report),
    booksFinding(standing),
    ...off,
  ];
};
