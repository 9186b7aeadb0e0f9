/**
 * What every measurement is given and gives back. An item measures one thing; `main.ts` runs them one after another.
 */
import type { Row } from './verdict.ts';

export interface BenchContext {
  /** A rough look in a fraction of the time; its bands are wide. */
  readonly quick: boolean;
  /** An empty folder on the disk that is measured; gone afterwards. */
  readonly scratch: string;
  /** Where recorded market data lies, or null. */
  readonly recordings: string | null;
  readonly say: (line: string) => void;
}

export interface BenchItem {
  readonly name: string;
  readonly title: string;
  run(context: BenchContext): Promise<readonly Row[]>;
}
