/**
 * What a rule has disabled: repeated execution of a pair, errors of a venue, a losing streak. Owns the list; some end by
 * themselves, the others only when an operator enables again. Every change is the whole list as a fact.
 */
import type { StopScope } from '../../../src-shared/domain/tradingState.ts';
import type { Disablement } from '../book.ts';
import { emit } from '../notes.ts';
import type { EngineState, PairState } from '../state.ts';

export const isInForce = ({ untilUnixMs }: Disablement, nowUnixMs: number): boolean => untilUnixMs === null || nowUnixMs < untilUnixMs;

/** In force now, of this kind and scope; null = none. */
export const disablementOf = (
  state: EngineState,
  code: Disablement['code'],
  scopes: readonly StopScope[],
  nowUnixMs: number,
): Disablement | null =>
  state.book.disablements.find((d) => d.code === code && scopes.includes(d.scope) && isInForce(d, nowUnixMs)) ?? null;

export const scopesOfPair = ({ settings, a, b }: PairState): readonly StopScope[] => [
  'all',
  `pair:${settings.id}`,
  `venue:${a.settings.venueId}`,
  `venue:${b.settings.venueId}`,
];

const replace = (state: EngineState, disablements: readonly Disablement[], why: string): void => {
  state.book.disablements = disablements;
  emit(state, { type: 'disablements-changed', disablements, why });
};

/** Adds it, in place of an earlier one of the same kind and scope, and lets go of what has run out. */
export const disable = (state: EngineState, added: Disablement): void => {
  const kept = state.book.disablements.filter((d) => isInForce(d, state.unixMs) && !(d.code === added.code && d.scope === added.scope));
  replace(state, [...kept, added], `${added.scope} disabled: ${added.text}`);
};

/** Lifts everything of exactly this scope. @returns whether there was anything. */
export const liftDisablements = (state: EngineState, scope: StopScope, by: string): boolean => {
  const { disablements } = state.book;
  const kept = disablements.filter((d) => d.scope !== scope);
  if (kept.length === disablements.length) return false;
  replace(state, kept, `${scope} enabled again by ${by}`);
  return true;
};

/** Lets go of what has run out; called by the timer. */
export const expireDisablements = (state: EngineState): void => {
  const { disablements } = state.book;
  const kept = disablements.filter((d) => isInForce(d, state.unixMs));
  if (kept.length < disablements.length)
    replace(
      state,
      kept,
      `over: ${disablements
        .filter((d) => !kept.includes(d))
        .map((d) => `${d.scope} ${d.code}`)
        .join(', ')}`,
    );
};
