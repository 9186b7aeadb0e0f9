/**
 * What a rule has disabled: repeated execution of a pair, errors of a venue, a losing streak. Owns the list; some end by
 * themselves, the others only when an operator enables again. Every change is the whole list as a fact.
 */
import type { StopScope } from '../../../src-shared/domain/tradingState.ts';
import type { Disablement, TimedDisablement } from '../book.ts';
import type { EngineState, PairState } from '../state.ts';
import { isInForce, newDisablement, setDisablements } from './deadlines.ts';

/** In force now, of this kind and scope; null = none. */
export const disablementOf = (
  state: EngineState,
  code: Disablement['code'],
  scopes: readonly StopScope[],
  nowUs: number,
): TimedDisablement | null =>
  state.book.disablements.find((d) => d.code === code && scopes.includes(d.scope) && isInForce(d, nowUs)) ?? null;

export const scopesOfPair = ({ settings, a, b }: PairState): readonly StopScope[] => [
  'all',
  `pair:${settings.id}`,
  `venue:${a.settings.venueId}`,
  `venue:${b.settings.venueId}`,
];

/**
 * Adds it, in place of an earlier one of the same kind and scope, and lets go of what has run out.
 * @param forMs null = until an operator enables it
 */
export const disable = (state: EngineState, what: Pick<Disablement, 'scope' | 'code' | 'text'>, forMs: number | null): void => {
  const kept = state.book.disablements.filter(
    (d) => isInForce(d, Math.floor(state.monoUs)) && !(d.code === what.code && d.scope === what.scope),
  );
  setDisablements(state, [...kept, newDisablement(state, what, forMs)], `${what.scope} disabled: ${what.text}`);
};

/** Lifts everything of exactly this scope. @returns whether there was anything. */
export const liftDisablements = (state: EngineState, scope: StopScope, by: string): boolean => {
  const { disablements } = state.book;
  const kept = disablements.filter((d) => d.scope !== scope);
  if (kept.length === disablements.length) return false;
  setDisablements(state, kept, `${scope} enabled again by ${by}`);
  return true;
};

/** Lets go of what has run out; called by the timer. */
export const expireDisablements = (state: EngineState): void => {
  const { disablements } = state.book;
  const kept = disablements.filter((d) => isInForce(d, Math.floor(state.monoUs)));
  if (kept.length < disablements.length)
    setDisablements(
      state,
      kept,
      `over: ${disablements
        .filter((d) => !kept.includes(d))
        .map((d) => `${d.scope} ${d.code}`)
        .join(', ')}`,
    );
};
