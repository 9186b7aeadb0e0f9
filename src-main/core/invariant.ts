/**
 * Broken invariants. An assertion that fails means that our own picture of the world cannot be trusted: the runner
 * lets nothing more through and halts trading. Never used for bad input from outside, which is an event, not a bug.
 */
export class InvariantViolation extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvariantViolation';
  }
}

/** For paths where building the message costs nothing; hot paths test first and throw themselves. */
export function invariant(holds: boolean, message: string): asserts holds {
  if (!holds) throw new InvariantViolation(message);
}
