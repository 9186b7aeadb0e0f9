/** What the oracle says when an invariant of the engine is broken. Thrown, so that a run ends at the first one. */
export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10' | 'I11' | 'I12' | 'form' | 'assertion';

/** In words, for tables. `form` = an order no venue would take; `assertion` = the engine caught itself. */
export const INVARIANTS: Readonly<Record<Invariant, string>> = {
  I1: 'one venue order an intent, leg and attempt; never two live ones of one meaning',
  I2: 'the ledger holds what the venue holds',
  I3: 'a residual is compensated, halted or held within its time',
  I4: 'nothing is sent without an earlier committed row',
  I5: 'an over-fill is quarantined',
  I6: 'stops and cooldowns hold, and what reduces only reduces',
  I7: 'no new group beside an unresolved leg',
  I8: 'no order from a quote past its age',
  I9: 'a replay gives the same state',
  I10: 'the result of a group is what the venues paid',
  I11: 'what is told twice or out of order changes nothing',
  I12: 'after the last fault everything ends in bounded time',
  form: 'every order is well-formed',
  assertion: 'the engine never breaks an assertion of its own',
};

export class Violation extends Error {
  readonly invariant: Invariant;
  readonly atMs: number;

  constructor(invariant: Invariant, atMs: number, text: string) {
    super(text);
    this.name = 'Violation';
    this.invariant = invariant;
    this.atMs = atMs;
  }
}
