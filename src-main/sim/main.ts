/**
 * The demo world as a process of its own, for crash tests and benchmarks. Owns arguments and the end: prints one JSON
 * line when ready, with a configuration of its venues to start an engine from and the keys of its accounts there, ends on SIGTERM, SIGINT or the end of its standard input.
 */
import { parseArgs } from 'node:util';
import { startDemoWorld } from './demoWorld.ts';
import { keyTextOf, readKeys } from './exchangeAccounts.ts';

const number = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new Error(`--${name} must be a number, got "${text}"`);
  return value;
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      tape: { type: 'string', multiple: true, default: [] },
      speed: { type: 'string' },
      'rate-scale': { type: 'string' },
      loop: { type: 'boolean', default: false },
      /** Where broker and exchanges keep their books; absent = forgotten at the end. */
      'data-dir': { type: 'string' },
      /** Dislocations at almost any moment. */
      restless: { type: 'boolean', default: false },
      'bare-ticks': { type: 'boolean', default: false },
      /** Both or neither: where the terminal posts. The token comes from the environment, never from arguments. */
      listener: { type: 'string' },
    },
  });
  /** Keys of the simulated accounts come from the environment where they are not to be made. */
  const given = process.env['QUANT_ARB_SIM_KEYS'];
  const world = await startDemoWorld({
    keys: given === undefined ? undefined : readKeys(given),
    dataDir: values['data-dir'],
    seed: number('seed', values.seed) ?? 1,
    tapes: values.tape,
    speed: number('speed', values.speed),
    rateScale: number('rate-scale', values['rate-scale']),
    loop: values.loop,
    bareTicks: values['bare-ticks'],
    restless: values.restless,
    control: true,
  });
  const token = process.env['QUANT_ARB_SIM_TOKEN'];
  if (values.listener !== undefined) {
    if (token === undefined) throw new Error('--listener needs the bearer token in QUANT_ARB_SIM_TOKEN');
    // With the key that it signs with, orders go through the simulated terminal, too.
    await world.attachTerminals({ listenerUrl: values.listener, token, key: process.env['QUANT_ARB_SIM_KEY'] });
  }
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    void world.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  process.stdin.resume();
  process.stdin.once('end', end);
  const config = world.configInput({ dataDir: '.', listener: { host: '127.0.0.1', port: 0 } });
  const keys = Object.fromEntries(Object.entries(world.keys()).map(([venue, key]) => [venue, keyTextOf(key)]));
  console.log(JSON.stringify({ urls: world.urls, controlUrl: world.controlUrl, pid: process.pid, config, keys }));
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
