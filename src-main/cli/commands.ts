/** The commands there are. Each is one line here and one file beside it. */
import { productVersion } from '../hosts/version.ts';
import { EXIT, type Output } from './output.ts';

interface Command {
  readonly says: string;
  readonly run: (argv: readonly string[], output: Output) => Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  run: {
    says: 'run the engine and serve its console',
    run: async (argv) => (await import('../hosts/headless/life.ts')).liveHeadless(argv),
  },
  kill: {
    says: 'stop trading now, with or without the console',
    run: async (argv, output) => (await import('./kill.ts')).runKill(argv, output),
  },
  status: {
    says: 'how the engine stands, also for programs',
    run: async (argv, output) => (await import('./status.ts')).runStatus(argv, output),
  },
  doctor: {
    says: 'check everything that trading needs, with one fix each',
    run: async (argv, output) => (await import('./doctor/doctor.ts')).runDoctor(argv, output),
  },
  ea: {
    says: 'print the inputs of the EA, and copy it into MetaTrader',
    run: async (argv, output) => (await import('./ea.ts')).runEa(argv, output),
  },
  init: { says: 'write an example configuration', run: async (argv, output) => (await import('./init.ts')).runInit(argv, output) },
  backup: {
    says: 'copy a ledger, also while its engine runs',
    run: async (argv, output) => (await import('./backup.ts')).runBackup(argv, output),
  },
  replay: {
    says: 'recorded frames through decoders and engine',
    run: async (argv, { out, err }) => (await import('./replay/replayCommand.ts')).replayCommand(argv, out, err),
  },
  export: {
    says: 'write intents, hedge groups, orders or fills as CSV or JSON',
    run: async (argv, output) => (await import('./export.ts')).runExport(argv, output),
  },
};

const usage = (): string =>
  [
    `Quant Arb ${productVersion()}`,
    '',
    'Usage: quant-arb <command> [options]',
    '',
    ...Object.entries(COMMANDS).map(([name, { says }]) => `  ${name.padEnd(10)} ${says}`),
    '',
    '"quant-arb <command> --help" says more.',
    '',
  ].join('\n');

const usageOf = async (name: string): Promise<string> => {
  switch (name) {
    case 'kill':
      return (await import('./kill.ts')).KILL_USAGE;
    case 'status':
      return (await import('./status.ts')).STATUS_USAGE;
    case 'doctor':
      return (await import('./doctor/doctor.ts')).DOCTOR_USAGE;
    case 'ea':
      return (await import('./ea.ts')).EA_USAGE;
    case 'init':
      return (await import('./init.ts')).INIT_USAGE;
    case 'backup':
      return (await import('./backup.ts')).BACKUP_USAGE;
    case 'export':
      return (await import('./export.ts')).EXPORT_USAGE;
    case 'run':
      return (await import('../hosts/headless/args.ts')).HEADLESS_USAGE;
    case 'replay':
      return (await import('./replay/replayCommand.ts')).REPLAY_HELP;
    default:
      return usage();
  }
};

const terminal: Output = { out: (text) => void process.stdout.write(text), err: (text) => void process.stderr.write(text) };

/** @returns the exit code. */
export const runCommand = async (argv: readonly string[], output: Output = terminal): Promise<number> => {
  const [name = 'help', ...rest] = argv;
  if (name === 'help' || name === '--help' || name === '-h') {
    output.out(rest[0] === undefined ? usage() : await usageOf(rest[0]));
    return EXIT.ok;
  }
  if (name === '--version') {
    output.out(`${productVersion()}\n`);
    return EXIT.ok;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    output.err(`There is no command "${name}".\n\n${usage()}`);
    return EXIT.usage;
  }
  if (rest.some((arg) => arg === '--help' || arg === '-h')) {
    output.out(await usageOf(name));
    return EXIT.ok;
  }
  return command.run(rest, output);
};
