/** The planted bugs: each a small change of the production source that the simulator must catch, and by what it should. */
import type { Invariant } from '../oracle/violation.ts';

export interface PlantedBug {
  readonly name: string;
  /** Relative to the repository. */
  readonly file: string;
  /** Occurs exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Any of these counts as caught. */
  readonly expected: readonly Invariant[];
}

export const BUGS: readonly PlantedBug[] = [];
