/**
 * What stands before real money: the checklist, the keys as the running gateways proved them, the typed confirmation. Owns the
 * checklist. Invariants: what has not been shown counts as failed; no setting, flag or earlier arming stands for any of it.
 */
import type { AccountCheckCode } from '../../../src-shared/domain/exchange.ts';
import { confirms, LIVE_CHECK_CODES, livePhraseOf, type LiveCheck, type LiveReport } from '../../../src-shared/domain/live.ts';
import { note } from '../notes.ts';
import { tradedVenues } from '../risk/exposure.ts';
import type { EngineState, VenueState } from '../state.ts';
import { climbConditions, rungInForce } from './ladder.ts';
import { worstCase } from './worstCase.ts';

/** What of an account's checks is about its key. */
const KEY_CHECKS: ReadonlySet<AccountCheckCode> = new Set(['key', 'trading-right', 'withdrawal-right', 'ip-binding', 'key-expiry']);
/** Without these two a key is not proved, whatever else passes. */
const KEY_PROOFS: readonly AccountCheckCode[] = ['key', 'trading-right'];

/** Why the key of a venue is not proved by its running gateway; null = it is. */
const keyFault = ({ settings, exchange }: VenueState): string | null => {
  if (settings.protocol === 'metatrader') return null;
  if (exchange === null) return `${settings.id}: nothing was heard of its account`;
  if (exchange.environment !== 'live') return `${settings.id}: its orders go to ${exchange.environment}`;
  const failing = exchange.checks.find(({ code, state }) => KEY_CHECKS.has(code) && state === 'fail');
  if (failing !== undefined) return `${settings.id}: ${failing.label}${failing.venueCode === null ? '' : ` (${failing.venueCode})`}`;
  const unproved = KEY_PROOFS.find((code) => !exchange.checks.some((check) => check.code === code && check.state !== 'waiting'));
  if (unproved !== undefined) return `${settings.id}: ${unproved} was not read yet`;
  // A warning that nobody could read it is enough elsewhere: real money waits until the venue has said no.
  return exchange.checks.some(({ code, state }) => code === 'withdrawal-right' && state === 'pass')
    ? null
    : `${settings.id}: whether it may withdraw is not known`;
};

const keysCheck = (state: EngineState): LiveCheck => {
  const faults = tradedVenues(state).flatMap((index) => keyFault(state.venues[index]!) ?? []);
  const passed = faults.length === 0;
  return {
    code: 'keys',
    state: passed ? 'pass' : 'fail',
    label: 'keys proved',
    detail: passed ? 'every venue answered to its key, and none may withdraw' : faults.join('; '),
    fix: passed ? '' : 'correct the key at its venue or here, then have it checked again',
  };
};

const notShown = (code: LiveCheck['code']): LiveCheck => ({
  code,
  state: 'fail',
  label: code.replaceAll('-', ' '),
  detail: 'not shown yet',
  fix: 'the evidence is read when the engine starts, and again now and then',
});

/** Every item that is needed and every further one that was told; the keys are judged here, and the worse word counts. */
export const checklistOf = (state: EngineState): readonly LiveCheck[] => {
  const told = state.book.live?.checklist ?? [];
  const needed = LIVE_CHECK_CODES.map((code): LiveCheck => {
    const said = told.filter((item) => item.code === code);
    const failing = said.find((item) => item.state !== 'pass');
    if (failing !== undefined) return failing;
    if (code === 'keys') return keysCheck(state);
    return said[0] ?? notShown(code);
  });
  return [...needed, ...told.filter(({ code }) => !LIVE_CHECK_CODES.includes(code))];
};

export const takeChecklist = (state: EngineState, items: readonly LiveCheck[], checkedUnixMs: number): void => {
  const { live } = state.book;
  if (live === null) return;
  const before = live.checklist;
  live.checklist = items;
  live.checkedUnixMs = checkedUnixMs;
  for (const { code, label, state: now, detail } of items) {
    if (before?.find((item) => item.code === code)?.state === now) continue;
    note(state, now === 'pass' ? 'info' : 'warn', 'risk', code, `${label}: ${now === 'pass' ? '' : 'fails, '}${detail}`);
  }
};

/** What stands against arming real money, the confirmation aside; empty where the money is not real. */
export const liveConditions = (state: EngineState): readonly string[] => {
  if (state.book.live === null) return [];
  const failing = checklistOf(state).filter((item) => item.state !== 'pass');
  const { usd, why } = worstCase(state);
  return [
    ...failing.map(({ label, detail, fix }) => `${label}: ${detail}${fix === '' ? '' : `; ${fix}`}`),
    ...(usd === null ? [`the worst case cannot be said: ${why}`] : []),
  ];
};

const phraseNow = (state: EngineState): string | null => {
  const { usd } = worstCase(state);
  return usd === null || !state.settings.live ? null : livePhraseOf(state.settings.live.accounts, usd);
};

/** Why what was typed does not arm real money; null = it does, or the money is not real. Never says the phrase itself. */
export const confirmationFault = (state: EngineState, typed: string | undefined): string | null => {
  if (state.book.live === null) return null;
  const phrase = phraseNow(state);
  if (phrase !== null && typed !== undefined && confirms(typed, phrase)) return null;
  const asked = 'the name of every account and the worst case in dollars, letter for letter as the console shows them now';
  return typed === undefined || typed.trim() === ''
    ? `real money is armed by typing ${asked}`
    : `what was typed is not the confirmation: it is ${asked}`;
};

/** null where the money is not real. */
export const liveReport = (state: EngineState): LiveReport | null => {
  const { live } = state.book;
  const rung = rungInForce(state);
  if (live === null || rung === null || !state.settings.live) return null;
  const { usd, why } = worstCase(state);
  return {
    checklist: checklistOf(state),
    checkedUnixMs: live.checkedUnixMs,
    phrase: phraseNow(state),
    worstCaseUsd: usd,
    worstCaseWhy: why,
    rung: rung.rung,
    rungs: state.settings.live.ladder,
    groupsOnRung: rung.closedWell,
    climbConditions: climbConditions(state),
  };
};
