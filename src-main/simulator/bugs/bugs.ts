/**
 * The planted bugs: small changes of the production source, each a mistake that cost somebody money, which the simulator must
 * catch. Where two defences guard one thing, a bug breaks both: one alone changes nothing that anybody could see.
 */
import type { Invariant } from '../oracle/violation.ts';
import { LEDGER_BUGS } from './ledgerBugs.ts';
import { ORDER_BUGS } from './orderBugs.ts';
import { STOP_BUGS } from './stopBugs.ts';

export interface Edit {
  /** Relative to the repository. */
  readonly file: string;
  /** Occurs exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface PlantedBug {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Any of these counts as caught. */
  readonly expected: readonly Invariant[];
  /** Longer than usual, where what it breaks takes its time. */
  readonly minutes?: number;
}

export const BUGS: readonly PlantedBug[] = [...ORDER_BUGS, ...STOP_BUGS, ...LEDGER_BUGS];
