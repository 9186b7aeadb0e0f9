/** `backup`: a consistent copy of a ledger, also while its engine runs. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { backupFile } from '../adapters/ledger/backupFile.ts';
import { UsageFault } from '../hosts/headless/args.ts';
import { LEDGER_USAGE, ledgerPathOf } from './ledgerPath.ts';
import { EXIT, guarded, type Output } from './output.ts';

export const BACKUP_USAGE = `Usage: quant-arb backup [options] TARGET

Copies the ledger to TARGET, which must not exist. The engine may go on running.

${LEDGER_USAGE}`;

const OPTIONS = { ledger: { type: 'string' }, 'data-dir': { type: 'string' }, profile: { type: 'string' } } as const;

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
};

export const runBackup = (argv: readonly string[], output: Output): Promise<number> =>
  guarded(output, BACKUP_USAGE, async () => {
    const { values, positionals } = parse(argv);
    const [target, ...more] = positionals;
    if (target === undefined || more.length > 0) throw new UsageFault('name one target file');
    const from = ledgerPathOf(values);
    await backupFile(from, path.resolve(target));
    output.out(`${from} was copied to ${path.resolve(target)}\n`);
    return EXIT.ok;
  });
