/** The headless host's command line: what may be said, what it means, and what is wrong with it. Pure. */
import path from 'node:path';
import { parseArgs } from 'node:util';

export const PROFILES = ['demo', 'paper'] as const;
export type Profile = (typeof PROFILES)[number];
export const DEFAULT_PORT = 8_787;
export const DEFAULT_SEED = 1;
export const MAX_TAPES = 16;
export const MAX_SPEED = 1_000;

export interface HeadlessArgs {
  readonly profile: Profile;
  /** null = the profile's own. */
  readonly configFile: string | null;
  readonly dataDir: string | null;
  /** null = the configuration's, or the default. */
  readonly port: number | null;
  readonly seed: number;
  readonly tapes: readonly string[];
  readonly speed: number;
  readonly open: boolean;
  readonly readyFile: string | null;
  readonly simControl: boolean;
  readonly recordTape: boolean;
  readonly help: boolean;
}

/** What was typed cannot be meant; the message names the option. */
export class UsageFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageFault';
  }
}

export const HEADLESS_USAGE = `Usage: quant-arb run [options]

  --profile demo|paper   demo: embedded simulated venues and a simulated MetaTrader, no account and no internet (default)
                         paper: the real hosts' market data, from a configuration file, whose "mode" says where orders
                         go: paper, demo (play money), or live (real money, guarded: see "quant-arb init --for live")
  --config FILE          configuration to run (see config/paper.example.json); implies paper
  --data-dir DIR         where ledger and secrets live (default: the platform's application-data folder)
  --port N               port of the listener, 0 = any free one (default ${DEFAULT_PORT})
  --seed N               seed of the demo's markets (default ${DEFAULT_SEED})
  --tape FILE            play recorded frames through the demo's sockets; may be repeated
  --speed X              speed of tapes, 1 = as recorded
  --record-tape          keep every event of this run for bit-exact replay
  --no-open              do not open a browser
  --ready-file FILE      write {url, signInUrl, pid} there when ready
  --sim-control          open the demo's loopback endpoint for faults (tests)
  --help                 this text
`;

const OPTIONS = {
  config: { type: 'string' },
  profile: { type: 'string' },
  'data-dir': { type: 'string' },
  port: { type: 'string' },
  seed: { type: 'string' },
  tape: { type: 'string', multiple: true },
  speed: { type: 'string' },
  'record-tape': { type: 'boolean' },
  'no-open': { type: 'boolean' },
  'ready-file': { type: 'string' },
  'sim-control': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const wholeIn = (name: string, text: string | undefined, least: number, most: number): number | null => {
  if (text === undefined) return null;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new UsageFault(`--${name} must be a whole number from ${least} to ${most}, not "${text}"`);
  return value;
};

const speedOf = (text: string | undefined): number => {
  if (text === undefined) return 1;
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= MAX_SPEED))
    throw new UsageFault(`--speed must be a number above 0 and at most ${MAX_SPEED}, not "${text}"`);
  return value;
};

const profileOf = (profile: string | undefined, config: string | undefined): Profile => {
  if (profile === undefined) return config === undefined ? 'demo' : 'paper';
  if (profile !== 'demo' && profile !== 'paper') throw new UsageFault(`--profile must be one of ${PROFILES.join(', ')}, not "${profile}"`);
  if (profile === 'demo' && config !== undefined)
    throw new UsageFault('--config does not go with --profile demo: the demo makes its own configuration');
  if (profile === 'paper' && config === undefined)
    throw new UsageFault('--profile paper needs --config FILE; "quant-arb init" writes one to start from');
  return profile;
};

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
};

/** @throws UsageFault */
export const parseHeadlessArgs = (argv: readonly string[], cwd: string = process.cwd()): HeadlessArgs => {
  const values = parse(argv);
  const profile = profileOf(values.profile, values.config);
  const tapes = values.tape ?? [];
  if (profile !== 'demo')
    for (const name of ['seed', 'tape', 'speed', 'sim-control'] as const)
      if (values[name] !== undefined) throw new UsageFault(`--${name} belongs to the demo; the paper profile listens to real venues`);
  if (tapes.length > MAX_TAPES) throw new UsageFault(`--tape: at most ${MAX_TAPES} tapes`);
  const absolute = (file: string | undefined): string | null => (file === undefined ? null : path.resolve(cwd, file));
  return {
    profile,
    configFile: absolute(values.config),
    dataDir: absolute(values['data-dir']),
    port: wholeIn('port', values.port, 0, 65_535),
    seed: wholeIn('seed', values.seed, 0, 2 ** 31 - 1) ?? DEFAULT_SEED,
    tapes: tapes.map((tape) => path.resolve(cwd, tape)),
    speed: speedOf(values.speed),
    open: values['no-open'] !== true,
    readyFile: absolute(values['ready-file']),
    simControl: values['sim-control'] === true,
    recordTape: values['record-tape'] === true,
    help: values.help === true,
  };
};
