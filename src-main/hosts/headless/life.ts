/**
 * The process around a headless run: what it prints, how it takes signals, and with which code it ends. The first
 * signal ends it cleanly, a second one at once.
 */
import { createLog } from '../log.ts';
import { HEADLESS_USAGE, parseHeadlessArgs, UsageFault, type HeadlessArgs } from './args.ts';
import { openBrowser } from './browser.ts';
import { startHeadless, type Running } from './run.ts';

export const EXIT = { ok: 0, fault: 1, usage: 2, forced: 130 } as const;

/** Faults whose message is all that a person needs; of others the log also gets where they came from. */
const EXPECTED: readonly string[] = [
  'ConfigFault',
  'SecretsFault',
  'ExposureFault',
  'LedgerFault',
  'PaperBookFault',
  'PortFault',
  'TapeRefused',
  'RangeError',
];

const greet = (running: Running, args: HeadlessArgs): void => {
  const opened = args.open && openBrowser(running.signInUrl);
  process.stdout.write(
    [
      '',
      `  Quant Arb is running in mode ${running.app.settings.mode} (${args.configFile ?? 'embedded demo venues'}): ${running.url}`,
      `  Sign in, once, within an hour: ${running.signInUrl}`,
      `  ${opened ? 'The browser has been asked to open it.' : 'Later sign-ins take the password in secrets.json.'}`,
      `  Data: ${running.dataDir}`,
      '  Ctrl-C ends it; twice ends it at once.',
      '',
      '',
    ].join('\n'),
  );
};

const argumentsOf = (argv: readonly string[]): HeadlessArgs | null => {
  try {
    return parseHeadlessArgs(argv);
  } catch (error) {
    if (!(error instanceof UsageFault)) throw error;
    process.stderr.write(`${error.message}\n\n${HEADLESS_USAGE}`);
    return null;
  }
};

/** Resolves with the exit code when everything has ended. */
export const liveHeadless = async (argv: readonly string[]): Promise<number> => {
  const args = argumentsOf(argv);
  if (args === null) return EXIT.usage;
  if (args.help) {
    process.stdout.write(HEADLESS_USAGE);
    return EXIT.ok;
  }
  // What the engine writes is its owner's alone, whatever the shell has set.
  process.umask(0o077);
  // A reader that went away (`| head`) is no reason to end, nor to complain for ever.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  const log = createLog((line) => void process.stdout.write(`${line}\n`));
  let ending: ((why: string) => void) | null = null;
  const ended = new Promise<string>((resolve) => {
    ending = resolve;
  });
  let signals = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    signals += 1;
    if (signals > 1) process.exit(EXIT.forced);
    log.info('stopping; once more ends at once', { signal });
    ending?.(signal);
  };
  const onFault = (error: unknown): void => {
    log.error('unexpected fault', { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    process.exitCode = EXIT.fault;
    ending?.('unexpected fault');
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  process.on('uncaughtException', onFault).on('unhandledRejection', onFault);
  try {
    const running = await startHeadless(args, log);
    log.info('ready', {
      config: args.configFile ?? 'the demo’s own',
      mode: running.app.settings.mode,
      port: running.app.listener.port,
      run: running.app.runId,
    });
    greet(running, args);
    const why = await ended;
    await running.stop(why);
    log.info('stopped', { why });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    const { name, message, stack, fix } = error as Error & { readonly fix?: string | null };
    log.error('cannot start', EXPECTED.includes(name) ? {} : { fault: stack });
    process.stderr.write(`\nQuant Arb cannot start.\n${message}\n${typeof fix === 'string' ? `→ ${fix}\n` : ''}`);
    return EXIT.fault;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    process.off('uncaughtException', onFault).off('unhandledRejection', onFault);
  }
};
