/**
 * Keys never leave: the built engine with canary keys at simulated exchanges is armed, hedges, is killed, started again, examined,
 * exported and backed up, and dies at a transaction's boundary. Then everything that was written, printed, shown to a console or
 * asked as a URL is searched for the keys in every spelling; what the wire must carry stands in headers and frames alone.
 */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { CrashEngine } from '../crash/engineRun.ts';
import { builtCli } from '../drivers/built.ts';
import { startProgram } from '../drivers/program.ts';
import { freePort, makeSecrets } from '../drivers/world.ts';
import { EXCHANGES, exchangeConfig, keyVariable, startExchangeWorld, type ExchangeId } from './exchangeWorld.ts';
import { canaryKey, filesBelow, foundBelow, foundIn, type CanaryKey, type Needle } from './needles.ts';
import { recordFrom, startTap, type Tap } from './tap.ts';

const HEDGED_WITHIN_MS = 120_000;
const WITHIN_MS = 60_000;
const TRADING = { exits: { maxHoldMs: 500, stopLossBps: null }, limits: { maxOpenGroups: 3, maxTotalNotionalUsd: 20_000 } };

const KINDS = { okx: 'hmac-passphrase', 'binance-usdm': 'ed25519', 'binance-spot': 'hmac' } as const;
const makeKeys = (): Readonly<Record<ExchangeId, CanaryKey>> => ({
  okx: canaryKey('okx', KINDS.okx),
  'binance-usdm': canaryKey('binance-usdm', KINDS['binance-usdm']),
  'binance-spot': canaryKey('binance-spot', KINDS['binance-spot']),
});

const argvOf = (pid: number): Buffer => readFileSync(`/proc/${pid}/cmdline`);
const portOf = (url: unknown): number => Number(new URL(String(url)).port);

/** One key by each of the three ways in which a headless host gets them; all outside of what is searched. */
const handOver = (keys: Readonly<Record<ExchangeId, CanaryKey>>, folder: string): (() => void) => {
  const file = (name: string, key: CanaryKey): string => {
    const target = path.join(folder, name);
    writeFileSync(target, JSON.stringify(key.file), { mode: 0o600 });
    chmodSync(target, 0o600);
    return target;
  };
  file('quant-arb.okx.json', keys.okx);
  const set: Record<string, string> = {
    CREDENTIALS_DIRECTORY: folder,
    [`${keyVariable('binance-usdm')}_FILE`]: file('usdm.json', keys['binance-usdm']),
    [keyVariable('binance-spot')]: JSON.stringify(keys['binance-spot'].file),
  };
  Object.assign(process.env, set);
  return () => {
    for (const name of Object.keys(set)) delete process.env[name];
  };
};

interface Evidence {
  readonly outputs: string[];
  readonly argv: Buffer[];
}
const command = async (evidence: Evidence, args: readonly string[]): Promise<void> => {
  const program = startProgram(builtCli(), { args });
  evidence.argv.push(argvOf(program.pid));
  await program.ended;
  evidence.outputs.push(program.output());
};

/** Every page and interface; the contract's own socket is open all the while. */
const askEverything = async (url: string, readToken: string): Promise<void> => {
  const authorization = `Bearer ${readToken}`;
  for (const route of ['/', '/api/status', '/api/dashboard', '/metrics', '/readyz', '/healthz'])
    await (await fetch(new URL(route, url), { headers: { authorization } })).arrayBuffer();
};

test('keys are nowhere but where they must be', async () => {
  test.setTimeout(HEDGED_WITHIN_MS + 4 * WITHIN_MS);
  test.skip(process.platform !== 'linux', 'the arguments of a process are read from /proc');
  const root = mkdtempSync(path.join(tmpdir(), 'quant-arb-canary-'));
  const [dataDir, worldDir, keysDir] = ['data', 'world', 'keys'].map((name) => path.join(root, name)) as [string, string, string];
  for (const folder of [dataDir, worldDir, keysDir]) mkdirSync(folder, { mode: 0o700 });
  const keys = makeKeys();
  const needles: readonly Needle[] = EXCHANGES.flatMap((venueId) => keys[venueId].needles);
  const takeBack = handOver(keys, keysDir);
  const secrets = makeSecrets(dataDir);
  const port = await freePort();
  const taps: Tap[] = [];
  const shown = recordFrom(port);
  const world = await startExchangeWorld({
    seed: 5,
    worldDir,
    listenerUrl: `http://127.0.0.1:${port}`,
    token: secrets.mt5Token,
    terminalKey: secrets.mt5Key,
    keys: Object.fromEntries(EXCHANGES.map((venueId) => [venueId, keys[venueId].file])),
  });
  const evidence: Evidence = { outputs: [], argv: [] };
  let engine: CrashEngine | null = null;
  try {
    // Every venue is reached through a wire that is listened to.
    let text = JSON.stringify(exchangeConfig(world, dataDir, port, TRADING));
    for (const venue of world.config.venues) {
      const urls = venue['urls'] as { readonly rest: string } | undefined;
      if (urls === undefined) continue;
      const tap = await startTap(portOf(urls.rest));
      taps.push(tap);
      text = text.replaceAll(`127.0.0.1:${portOf(urls.rest)}`, `127.0.0.1:${tap.port}`);
    }
    engine = new CrashEngine(dataDir, port, secrets, JSON.parse(text));
    const keep = (): void => void evidence.outputs.push(engine?.output ?? '');

    await engine.start();
    await engine.arm(HEDGED_WITHIN_MS);
    await expect
      .poll(() => world.readBooks().reduce((sum, { fresh }) => sum + fresh.filter(({ fills }) => fills.length > 0).length, 0), {
        timeout: HEDGED_WITHIN_MS,
        intervals: [200],
      })
      .toBeGreaterThan(1);
    evidence.argv.push(argvOf((JSON.parse(readFileSync(path.join(dataDir, 'ready.json'), 'utf8')) as { pid: number }).pid));
    await askEverything(engine.url, secrets.readToken);
    const place = ['--config', path.join(dataDir, 'config.json'), '--data-dir', dataDir, '--port', String(port)];
    await command(evidence, ['doctor', ...place]);
    await command(evidence, ['doctor', '--json', ...place]);
    await command(evidence, ['status', '--json', '--data-dir', dataDir]);
    await engine.kill('canary');
    keep();
    await engine.sigkill();
    await engine.start();
    for (const table of ['orders', 'fills', 'groups', 'intents'])
      await command(evidence, ['export', table, '--data-dir', dataDir, '--format', 'json', '--out', path.join(dataDir, `${table}.json`)]);
    await command(evidence, ['backup', '--data-dir', dataDir, path.join(dataDir, 'backup.sqlite')]);
    engine.crashAt({ at: 'COMMIT', side: 'before', n: 1 });
    keep();
    if (!(await engine.diesWithin(WITHIN_MS))) await engine.sigkill();

    const found = [
      ...foundBelow(dataDir, needles),
      ...evidence.outputs.flatMap((output, i) => foundIn(`output ${i}`, Buffer.from(output), needles)),
      ...evidence.argv.flatMap((argv, i) => foundIn(`arguments ${i}`, argv, needles)),
      ...foundIn('what a console received', shown.received(), needles),
      ...taps.flatMap((tap, i) => foundIn(`URLs at ${i}`, Buffer.from(tap.requestLines().join('\n')), needles)),
    ];
    expect(found).toEqual([]);

    // The search was looking at something, and would have found it.
    expect(filesBelow(dataDir).map((file) => path.basename(file))).toEqual(
      expect.arrayContaining(['ledger.sqlite', 'orders.json', 'fills.json', 'backup.sqlite', 'config.json']),
    );
    expect(evidence.outputs.join('').length).toBeGreaterThan(500);
    expect(evidence.argv.every((argv) => argv.length > 20)).toBe(true);
    expect(shown.received().length).toBeGreaterThan(1_000);
    const asked = taps.flatMap((tap) => tap.requestLines());
    expect(asked.filter((line) => /\/fapi\/|\/api\/v/.test(line)).length).toBeGreaterThan(10);
    const wires = Buffer.concat(taps.map((tap) => tap.sent()));
    expect(foundIn('the wires', wires, keys.okx.needles).length).toBeGreaterThan(0);
    const planted = path.join(dataDir, 'planted.bin');
    writeFileSync(
      planted,
      Buffer.concat([Buffer.alloc(5_000, 1), Buffer.from(JSON.stringify(EXCHANGES.map((venueId) => keys[venueId].file)))]),
    );
    expect(foundBelow(dataDir, needles)).toEqual(needles.map(({ name }) => `${name} stands in ${planted}`));
  } finally {
    await engine?.sigkill().catch(() => undefined);
    takeBack();
    shown.stop();
    for (const tap of taps) await tap.stop();
    await world.stop();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  }
});
