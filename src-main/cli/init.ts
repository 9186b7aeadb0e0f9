/** `init`: a configuration to start from, written where the operator can edit it. Never overwrites. */
import { copyFileSync, constants } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { UsageFault } from '../hosts/headless/args.ts';
import { productRoot } from '../hosts/version.ts';
import { EXIT, guarded, type Output } from './output.ts';

const EXAMPLES = ['paper', 'demo-exchanges', 'live'] as const;
type Example = (typeof EXAMPLES)[number];
const fileOf = (example: Example): string => path.join('config', `${example}.example.json`);

export const INIT_USAGE = `Usage: quant-arb init [FILE] [--for paper|demo-exchanges|live]

Writes an example configuration to FILE (default ./quant-arb.json). An existing file is refused.

  --for paper            the real venues' market data, every order on paper (default)
  --for demo-exchanges   the exchanges' own demo accounts and a MetaTrader demo account: play money, real order paths
  --for live             real money: names accounts, the rehearsal it follows, and a ladder of sizes from the venue minimum

Keys are no part of any configuration: the desktop console stores them, a service hands them over (see "doctor").
`;

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: { for: { type: 'string', default: 'paper' } }, allowPositionals: true });
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
};

const exampleOf = (name: string): Example => {
  const found = EXAMPLES.find((each) => each === name);
  if (found === undefined) throw new UsageFault(`--for must be one of ${EXAMPLES.join(', ')}, not "${name}"`);
  return found;
};

const NEXT: Readonly<Record<Example, string>> = {
  paper:
    'option checks all of it. "mode": "demo" in the file lets the EA trade a demo account; the exchanges stay on paper\n' +
    'until their venues have "orders" ("quant-arb init --for demo-exchanges" shows how).\n',
  'demo-exchanges':
    'option says which key is missing and where it may come from; "doctor --first-contact" asks the exchanges\u2019 demo what only\n' +
    'they can answer. Let hedges open and close there and press KILL once: mode live asks for both.\n',
  live:
    'option must pass within a day of arming. Live also needs a kill drill and closed hedges in the rehearsal it names, proved\n' +
    'keys, and the accounts and the worst case typed in the console. It begins at the venue minimum. No flag skips any of it.\n',
};

export const runInit = (argv: readonly string[], output: Output): Promise<number> =>
  guarded(output, INIT_USAGE, async () => {
    const { positionals, values } = parse(argv);
    const example = exampleOf(values.for);
    const [name = 'quant-arb.json', ...more] = positionals;
    if (more.length > 0) throw new UsageFault('name one file');
    const file = path.resolve(name);
    try {
      copyFileSync(path.join(productRoot(), fileOf(example)), file, constants.COPYFILE_EXCL);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new UsageFault(`${file} exists already; name another file`);
      throw error;
    }
    const quoted = JSON.stringify(file);
    output.out(
      `${file} was written. Look at venues, accounts, fees and sessions, then run:\n\n  quant-arb run --config ${quoted}\n\n` +
        `Then "quant-arb ea --config ${quoted}" prints what MetaTrader's EA needs, and "quant-arb doctor" with the same\n${NEXT[example]}`,
    );
    return EXIT.ok;
  });
