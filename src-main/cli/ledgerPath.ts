/** Which ledger a command means: a file, a data directory, or a profile's usual one. */
import path from 'node:path';
import { LEDGER_FILE } from '../hosts/compose.ts';
import { defaultDataDir } from '../hosts/dataDir.ts';
import { UsageFault } from '../hosts/headless/args.ts';

export interface LedgerChoice {
  readonly ledger?: string | undefined;
  readonly 'data-dir'?: string | undefined;
  readonly profile?: string | undefined;
}

export const LEDGER_USAGE = `  --ledger FILE          the ledger itself, or
  --data-dir DIR         the data directory it is in, or
  --profile NAME         the profile whose usual data directory it is in (default demo)
`;

/** @throws UsageFault when more than one is named */
export const ledgerPathOf = (choice: LedgerChoice): string => {
  const named = (['ledger', 'data-dir', 'profile'] as const).filter((name) => choice[name] !== undefined);
  if (named.length > 1) throw new UsageFault(`name the ledger once: ${named.map((name) => `--${name}`).join(' and ')} were given`);
  if (choice.ledger !== undefined) return path.resolve(choice.ledger);
  return path.join(
    choice['data-dir'] === undefined ? defaultDataDir(choice.profile ?? 'demo') : path.resolve(choice['data-dir']),
    LEDGER_FILE,
  );
};
