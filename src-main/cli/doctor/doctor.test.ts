/** The doctor on this computer: with nothing there, with each thing wrong, and beside a running engine. */
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLedger } from '../../adapters/ledger/ledger.ts';
import { handClock, smallSettings } from '../../adapters/ledger/ledger.testkit.ts';
import { openSecrets } from '../../adapters/secrets/secrets.ts';
import { playEa, startTestApp, testConfig, type TestApp } from '../../hosts/app.testkit.ts';
import { fingerprintOf, readDoctorRecord } from '../../hosts/doctorRecord.ts';
import { writeMarker } from '../../hosts/engineMarker.ts';
import { runCommand } from '../commands.ts';
import type { Finding } from './finding.ts';

const call = async (...argv: string[]) => {
  let out = '';
  let err = '';
  const code = await runCommand(argv, { out: (text) => void (out += text), err: (text) => void (err += text) });
  return { code, out, err };
};
interface Said {
  readonly ok: boolean;
  readonly url: string;
  readonly token?: string;
  readonly findings: readonly Finding[];
}
const said = async (...argv: string[]) => {
  const { code, out } = await call('doctor', '--json', ...argv);
  return { code, ...(JSON.parse(out) as Said) };
};
const of = ({ findings }: { readonly findings: readonly Finding[] }, code: string): Finding => {
  const found = findings.find((finding) => finding.code === code);
  if (found === undefined) throw new Error(`no line ${code}`);
  return found;
};

let root: string;
let dataDir: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'quant-arb-doctor-'));
  dataDir = path.join(root, 'data');
});
const configured = (over: object = {}): string => {
  const file = path.join(root, 'config.json');
  writeFileSync(file, JSON.stringify({ ...testConfig(), mode: 'paper', dataDir: 'data', ...over }));
  return file;
};

describe('usage', () => {
  it.each([
    [['doctor', '--colour'], '--colour'],
    [['doctor', '--config', 'a', '--profile', 'demo'], '--config and --profile'],
    [['doctor', '--port', 'x'], '--port'],
    [['doctor', '--port', '65536'], '--port'],
  ])('refuses %j', async (argv, named) => {
    expect(await call(...argv)).toMatchObject({ code: 2, err: expect.stringContaining(named) });
  });
});

describe('without an engine', () => {
  it('nothing is there yet: it waits, makes nothing, and says what to start', async () => {
    const report = await said('--config', configured(), '--port', '65500');
    expect(report).toMatchObject({ code: 1, ok: false, url: 'http://127.0.0.1:65500' });
    for (const code of ['data-dir', 'secrets', 'ledger'])
      expect(of(report, code)).toMatchObject({ state: 'waiting', fix: expect.stringContaining('Start the engine once') });
    expect(of(report, 'engine')).toMatchObject({ state: 'fail', fix: expect.stringContaining('quant-arb run --config') });
    expect(of(report, 'config')).toMatchObject({
      state: 'pass',
      detail: expect.stringContaining('mode paper, pairs 1, MetaTrader venues 2'),
    });
    for (const { state, fix } of report.findings) expect(fix === '').toBe(state === 'pass');
  });

  it('a configuration that cannot be read names its first fault', async () => {
    const report = await said('--config', configured({ mode: 'dmeo' }));
    expect(of(report, 'config')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('mode:'),
      fix: 'Correct this field of the configuration file.',
    });
    const absent = await said('--config', path.join(root, 'absent.json'));
    expect(of(absent, 'config')).toMatchObject({
      detail: expect.stringContaining('no such file'),
      fix: expect.stringContaining('quant-arb init'),
    });
    // Whose data directory and port it would have been nobody knows.
    expect(absent.findings).toHaveLength(1);
  });

  it('a port that another program has is told, with who has it', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', () => resolve()));
    try {
      const { port } = other.address() as AddressInfo;
      expect(of(await said('--config', configured(), '--port', String(port)), 'port')).toMatchObject({
        state: 'fail',
        fix: expect.stringContaining('InpUrl'),
      });
    } finally {
      other.close();
    }
    expect(of(await said('--config', configured(), '--port', '0'), 'port')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('another port at each start'),
    });
  });

  it('a listener that the EA cannot reach is told', async () => {
    const tls = { certFile: 'c', keyFile: 'k' };
    expect(of(await said('--config', configured({ listener: { host: '10.0.0.7', port: 1, tls } })), 'reach')).toMatchObject({
      state: 'fail',
      fix: 'Bind 127.0.0.1 in listener.host.',
    });
    expect(of(await said('--config', configured({ listener: { host: '127.0.0.1', port: 1, tls } })), 'reach').state).toBe('fail');
  });

  it('a data directory that others may enter, or that is none, fails', async () => {
    mkdirSync(dataDir, { mode: 0o755 });
    chmodSync(dataDir, 0o755);
    const shared = of(await said('--config', configured()), 'data-dir');
    // Windows keeps folders private by its own access lists.
    if (process.platform === 'win32') expect(shared.state).toBe('pass');
    else expect(shared).toMatchObject({ state: 'fail', fix: expect.stringContaining('chmod 700') });
    const file = path.join(root, 'file');
    writeFileSync(file, '');
    expect(of(await said('--config', configured(), '--data-dir', file), 'data-dir')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('is not a directory'),
    });
  });

  it('broken secrets, a KILL file and a ledger of another mode fail, and nothing secret is printed', async () => {
    mkdirSync(dataDir, { mode: 0o700 });
    const { mt5Key, mt5Token } = openSecrets(dataDir);
    writeFileSync(path.join(dataDir, 'KILL'), 'drill');
    const ledger = openLedger({ path: path.join(dataDir, 'ledger.sqlite'), clock: handClock(), owner: 'test' });
    ledger.beginRun({ ...smallSettings(), mode: 'paper' }, 'test');
    ledger.close();
    const report = await said('--config', configured({ mode: 'demo' }));
    expect(of(report, 'secrets').state).toBe('pass');
    expect(of(report, 'kill-file')).toMatchObject({ state: 'fail', detail: expect.stringContaining('KILL') });
    expect(of(report, 'ledger')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('holds mode paper'),
      fix: expect.stringContaining('another data directory'),
    });
    const text = (await call('doctor', '--config', configured())).out;
    expect(text).not.toContain(mt5Key);
    expect(text).not.toContain(mt5Token);
    expect(text).toContain('mt5Token and mt5Key in');
    expect((await call('doctor', '--config', configured(), '--show-secrets')).out).toContain(`InpKey     ${mt5Key}`);
    expect(await said('--config', configured(), '--show-secrets')).toMatchObject({ token: mt5Token });
    writeFileSync(path.join(dataDir, 'secrets.json'), '{');
    expect(of(await said('--config', configured()), 'secrets')).toMatchObject({ state: 'fail' });
  });
});

describe('beside a running engine', () => {
  let test: TestApp;
  beforeEach(async () => {
    test = await startTestApp();
    writeMarker(test.dataDir, { pid: process.pid, runId: 'r', url: test.origin, certFile: null, startedUnixMs: 1 });
  });
  afterEach(async () => test.stop());

  it('asks it, and shows both terminals and their pair', async () => {
    const before = await said('--data-dir', test.dataDir);
    expect(of(before, 'engine')).toMatchObject({ state: 'pass', detail: expect.stringContaining(test.origin) });
    expect(of(before, 'port').state).toBe('pass');
    expect(before.findings.filter(({ code }) => code === 'hello').map(({ state, venue }) => [venue, state])).toEqual([
      ['mt5', 'waiting'],
      ['mt5-b', 'waiting'],
    ]);
    await playEa(test, '1');
    await playEa(test, '2');
    const after = await said('--data-dir', test.dataDir);
    expect(of(after, 'hello')).toMatchObject({ state: 'pass', venue: 'mt5' });
    expect(of(after, 'notional')).toMatchObject({ state: 'pass', detail: expect.stringContaining('1.00 lot XAUUSD = 100 XAU') });
    expect((await call('doctor', '--data-dir', test.dataDir)).out).toContain('MetaTrader, venue mt5 (Broker A)');
  });

  it('records what it found of a configuration that runs, for mode live; of another one it says so', async () => {
    const config = path.join(root, 'running.json');
    writeFileSync(config, JSON.stringify(testConfig()));
    await said('--data-dir', test.dataDir);
    expect(readDoctorRecord(test.dataDir)).toBeNull();
    const report = await said('--config', config, '--data-dir', test.dataDir);
    expect(report.findings.some(({ code }) => code === 'engine-config')).toBe(false);
    expect(readDoctorRecord(test.dataDir)).toMatchObject({
      ok: false,
      fingerprint: fingerprintOf(testConfig()),
      unmet: expect.arrayContaining(['mt5: EA connected']),
    });
    const changed = path.join(root, 'changed.json');
    writeFileSync(changed, JSON.stringify({ ...testConfig(), frozenQuoteMs: 12_345 }));
    expect(of(await said('--config', changed, '--data-dir', test.dataDir), 'engine-config')).toMatchObject({
      state: 'fail',
      fix: 'Restart the engine with this configuration.',
    });
  });

  it('a marker whose process is gone, or whose port is dead, is no engine', async () => {
    writeMarker(test.dataDir, { pid: 2 ** 22 + 1_234_567, runId: 'r', url: test.origin, certFile: null, startedUnixMs: 1 });
    expect(of(await said('--data-dir', test.dataDir), 'engine')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('is gone'),
    });
    writeMarker(test.dataDir, { pid: process.pid, runId: 'r', url: 'http://127.0.0.1:9', certFile: null, startedUnixMs: 1 });
    expect(of(await said('--data-dir', test.dataDir), 'engine')).toMatchObject({ state: 'fail' });
  });
});
