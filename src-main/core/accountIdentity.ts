/**
 * To which account of each exchange this ledger belongs. Owns that binding, which is durable: the first account that an exchange names,
 * until a person accepts another one. Invariants: while the account that answers is another one, or was not read yet, nothing is
 * concluded from its silence and its positions, none of its acts is ours, and nothing is sent to it; only what bears the name of an
 * order of ours is believed. Nothing of the ledger is reset but by a person, and then only with nothing open there.
 */
import { Decimal } from '../../src-shared/domain/decimal.ts';
import { shortIdentity, type AccountCheck, type ExchangeReport } from '../../src-shared/domain/exchange.ts';
import { isEndedGroup } from '../../src-shared/domain/hedgeGroup.ts';
import { LEGS } from '../../src-shared/domain/order.ts';
import { fallBack } from './live/ladder.ts';
import { emit } from './notes.ts';
import { isUnsettled, ordersAt } from './reconcile/reconcile.ts';
import { beginAnew } from './reconcile/wall.ts';
import type { EngineState, VenueState } from './state.ts';

/** `open`: bound to none. `unread`: nothing said yet. `unsaid`: the exchange does not name it now. `other`: another one answers. */
type Standing = 'open' | 'same' | 'unread' | 'unsaid' | 'other';

/** One number in two environments is two accounts. Absent = not read yet, null = not said. */
const identityOf = (report: ExchangeReport | null): string | null | undefined =>
  report?.account === undefined || report.account === null ? report?.account : `${report.environment} ${report.account}`;

const standingOf = (bound: string | undefined, found: string | null | undefined): Standing => {
  if (bound === undefined) return 'open';
  if (found === undefined) return 'unread';
  if (found === null) return 'unsaid';
  return found === bound ? 'same' : 'other';
};

/** Shortened, unless both would read the same. */
const namesOf = (bound: string, found: string): readonly [bound: string, found: string] => {
  const short = [shortIdentity(bound), shortIdentity(found)] as const;
  return short[0] === short[1] ? [bound, found] : short;
};

const foundAt = (state: EngineState, venueId: string): string | null | undefined =>
  identityOf(state.venues.find(({ settings }) => settings.id === venueId)?.exchange ?? null);

/** Why nothing from a venue may be believed, and nothing sent there; null = its account is the right one, as far as it says. */
export const accountBar = (state: EngineState, venueId: string): string | null => {
  const bound = state.book.accounts[venueId];
  if (bound === undefined) return null;
  const found = foundAt(state, venueId);
  const standing = standingOf(bound, found);
  if (standing === 'unread') return `which account of ${venueId} answers is not known yet; this ledger belongs to ${shortIdentity(bound)}`;
  if (standing !== 'other') return null;
  const [ours, theirs] = namesOf(bound, found!);
  return `the key of ${venueId} is of account ${theirs}, this ledger belongs to ${ours}`;
};

const FIX: Readonly<Record<'other' | 'unsaid', string>> = {
  other: 'Enter the key of the account that this ledger belongs to; or, with nothing open there, accept the other account.',
  unsaid: 'The venue does not say which account this is: check the key.',
};

/** The report with its account judged. A first account is bound here. */
export const withAccount = (state: EngineState, { settings }: VenueState, report: ExchangeReport): ExchangeReport => {
  const { accounts } = state.book;
  const bound = accounts[settings.id];
  const found = identityOf(report);
  if (bound === undefined && typeof found === 'string') {
    accounts[settings.id] = found;
    emit(state, {
      type: 'account-bound',
      venueId: settings.id,
      before: null,
      account: found,
      cleared: [],
      why: 'the first that was found',
    });
  }
  const standing = standingOf(bound, found);
  if (bound === undefined || (standing !== 'other' && standing !== 'unsaid')) return report;
  const [configured, reported] = standing === 'other' ? namesOf(bound, found!) : [shortIdentity(bound), 'not said'];
  const failing: AccountCheck = {
    code: 'account',
    instrumentId: null,
    state: 'fail',
    label: 'Account',
    configured,
    reported,
    venueCode: null,
    fix: FIX[standing],
  };
  return { ...report, checks: [failing, ...report.checks.filter(({ code }) => code !== 'account')] };
};

/** What is open at the venue by our books. */
const openThere = (state: EngineState, venueId: string): readonly string[] => {
  const { groups, orders, holdings } = state.book;
  const live = groups.filter((g) => !isEndedGroup(g.state) && LEGS.some((leg) => g.legs[leg].venueId === venueId));
  const held = state.instruments.filter(
    ({ settings }) => settings.venueId === venueId && !new Decimal(holdings[settings.id]?.qty ?? 0).isZero(),
  );
  return [
    ...live.map(({ id, state: group }) => `group ${id} is ${group}`),
    ...ordersAt(orders, venueId)
      .filter((order) => isUnsettled(order) || order.state === 'quarantined')
      .map(({ request, state: order }) => `order ${request.clientOrderId} is ${order}`),
    ...held.map(({ settings }) => `${holdings[settings.id]!.qty} of ${settings.id} is held by our books`),
  ];
};

/** What stands against belonging to the account that answers now; empty = an operator may accept it. */
const acceptConditions = (state: EngineState, venueId: string): readonly string[] => {
  if (!state.venues.some(({ settings }) => settings.id === venueId)) return [`there is no venue "${venueId}"`];
  const standing = standingOf(state.book.accounts[venueId], foundAt(state, venueId));
  if (standing === 'open' || standing === 'same') return [`the account of ${venueId} is the one that this ledger belongs to`];
  return [...(state.book.armed === null ? [] : ['armed: disarm first']), ...openThere(state, venueId)];
};

/**
 * The ledger belongs to the account that answers now, or to the next one that is named: with a fresh cursor, nothing held, and the
 * ladder at its first rung.
 * @returns what stands against it; empty = done
 */
export const acceptAccount = (state: EngineState, venueId: string, by: string): readonly string[] => {
  const conditions = acceptConditions(state, venueId);
  if (conditions.length > 0) return conditions;
  const venue = state.venues.find(({ settings }) => settings.id === venueId)!;
  const { accounts, holdings } = state.book;
  const before = accounts[venueId]!;
  const account = foundAt(state, venueId) ?? null;
  const ids = state.instruments.filter((x) => x.venue === venue).map(({ settings }) => settings.id);
  const cleared = ids.filter((id) => holdings[id] !== undefined);
  for (const id of cleared) delete holdings[id];
  if (account === null) delete accounts[venueId];
  else accounts[venueId] = account;
  const why = `accepted by ${by}`;
  emit(state, { type: 'account-bound', venueId: venue.settings.id, before, account, cleared, why });
  fallBack(state, `another account of ${venueId} was accepted by ${by}`);
  const { exchange } = venue;
  if (exchange !== null) venue.exchange = { ...exchange, checks: exchange.checks.filter(({ code }) => code !== 'account') };
  beginAnew(state, venue);
  return [];
};
