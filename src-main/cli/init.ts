/** `init`: a configuration to start from, written where the operator can edit it. Never overwrites. */
import { copyFileSync, constants } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { UsageFault } from '../hosts/headless/args.ts';
import { productRoot } from '../hosts/version.ts';
import { EXIT, guarded, type Output } from './output.ts';

const EXAMPLE = path.join('config', 'paper.example.json');

export const INIT_USAGE = `Usage: quant-arb init [FILE]

Writes an example configuration of the real venues' market data to FILE (default ./quant-arb.json).
An existing file is refused.
`;

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: {}, allowPositionals: true }).positionals;
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
};

export const runInit = (argv: readonly string[], output: Output): Promise<number> =>
  guarded(output, INIT_USAGE, async () => {
    const [name = 'quant-arb.json', ...more] = parse(argv);
    if (more.length > 0) throw new UsageFault('name one file');
    const file = path.resolve(name);
    try {
      copyFileSync(path.join(productRoot(), EXAMPLE), file, constants.COPYFILE_EXCL);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new UsageFault(`${file} exists already; name another file`);
      throw error;
    }
    output.out(
      `${file} was written. Look at venues, fees and sessions, then run:\n\n  quant-arb run --config ${JSON.stringify(file)}\n\n` +
        `Then "quant-arb ea --config ${JSON.stringify(file)}" prints what MetaTrader's EA needs, and "quant-arb doctor" with the same\n` +
        'option checks all of it. "mode": "demo" in the file lets the EA trade a demo account; the exchanges stay on paper.\n',
    );
    return EXIT.ok;
  });
