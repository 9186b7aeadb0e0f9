/** `kill` and `status` beside a running engine, and without one. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSecrets } from '../adapters/secrets/secrets.ts';
import { playEa, startTestApp, type TestApp } from '../hosts/app.testkit.ts';
import { MARKER_FILE, writeMarker } from '../hosts/engineMarker.ts';
import type { EngineStatus } from '../hosts/status.ts';
import { runCommand } from './commands.ts';
import { KILL_EXIT } from './kill.ts';
import { STATUS_EXIT } from './status.ts';

const call = async (...argv: string[]) => {
  let out = '';
  let err = '';
  const code = await runCommand(argv, { out: (text) => void (out += text), err: (text) => void (err += text) });
  return { code, out, err };
};
const directory = (): string => mkdtempSync(path.join(os.tmpdir(), 'quant-arb-stops-'));
/** A process id that certainly is nobody's. */
const NOBODY = 2 ** 22 + 1_234_567;

const marked = (dataDir: string, url: string, pid = process.pid): void =>
  writeMarker(dataDir, { pid, runId: 'r', url, certFile: null, startedUnixMs: 1 });

describe('usage', () => {
  it.each([
    [['kill', '--level', 'soft'], '--level'],
    [['kill', '--scope', 'gold'], '--scope'],
    [['kill', '--wait', 'x'], '--wait'],
    [['kill', '--reason', 'x'.repeat(201)], '--reason'],
    [['kill', 'now'], 'now'],
    [['kill', '--data-dir', '/nowhere/at/all'], '/nowhere/at/all'],
    [['kill', '--data-dir', 'a', '--profile', 'b'], '--profile'],
    [['status', '--level', 'x'], '--level'],
  ])('refuses %j', async (argv, named) => {
    expect(await call(...argv)).toMatchObject({ code: 2, err: expect.stringContaining(named) });
  });
});

describe('beside a running engine', () => {
  let test: TestApp;
  beforeEach(async () => {
    test = await startTestApp();
    marked(test.dataDir, test.origin);
  });
  afterEach(async () => test.stop());
  const status = async () => JSON.parse((await call('status', '--json', '--data-dir', test.dataDir)).out) as EngineStatus;

  it('kill latches and says so; status shows it', async () => {
    await playEa(test, '1');
    await playEa(test, '2');
    const killed = await call('kill', '--reason', 'drill', '--wait', '0', '--data-dir', test.dataDir);
    expect(killed.out).toMatch(/KILL of all LATCHED: [\d.]+ ms in the engine/);
    expect([KILL_EXIT.verified, KILL_EXIT.notVerified]).toContain(killed.code);
    expect(existsSync(path.join(test.dataDir, 'KILL'))).toBe(false);
    expect((await status()).kill).toMatchObject({ level: 'kill', source: 'cli', reason: 'drill', by: expect.stringMatching(/@.* at 127/) });
    expect((await status()).terminals.map(({ venueId, link }) => [venueId, link])).toEqual([
      ['mt5', 'live'],
      ['mt5-b', 'live'],
    ]);
    expect((await call('status', '--data-dir', test.dataDir)).out).toContain('mt5      mt5-b live, 2 at S; orders on paper');
    expect((await call('kill', '--wait', '0', '--data-dir', test.dataDir)).out).toContain('was latched already');
    const raised = await call('kill', '--level', 'hands-off', '--wait', '0', '--data-dir', test.dataDir);
    expect(raised.out).toContain('HANDS-OFF of all LATCHED');
    const shown = await call('status', '--data-dir', test.dataDir);
    expect(shown).toMatchObject({ code: STATUS_EXIT.stopped, out: expect.stringContaining('HANDS-OFF since') });
  });

  it('kill of a scope leaves the rest alone', async () => {
    expect((await call('kill', '--scope', 'pair:xau', '--wait', '0', '--data-dir', test.dataDir)).out).toContain('LATCHED');
    expect(await status()).toMatchObject({ kill: null, scopedStops: [{ scope: 'pair:xau', level: 'kill' }] });
  });

  it('status is 0 while nothing is stopped', async () => {
    expect(await call('status', '--data-dir', test.dataDir)).toMatchObject({
      code: STATUS_EXIT.ok,
      out: expect.stringContaining('running'),
    });
  });

  it('the KILL file kills within moments and keeps the latch from being reset', async () => {
    writeFileSync(path.join(test.dataDir, 'KILL'), 'by hand\n');
    await expect.poll(async () => (await status()).kill, { timeout: 10_000 }).toMatchObject({ source: 'file', reason: 'by hand' });
    const reset = await test.app.command({ kind: 'reset', requestId: 'reset1234', reason: 'over', source: 'console', by: 'me' });
    expect(reset).toMatchObject({ code: 'not-allowed', conditions: [expect.stringContaining('KILL')] });
  });

  it('a wrong token ends in the file, and the engine takes that', async () => {
    const secrets = JSON.parse(readFileSync(path.join(test.dataDir, 'secrets.json'), 'utf8')) as object;
    writeFileSync(path.join(test.dataDir, 'secrets.json'), JSON.stringify({ ...secrets, killToken: 'k'.repeat(43) }));
    const killed = await call('kill', '--wait', '0', '--data-dir', test.dataDir);
    expect(killed.err).toContain('did not latch it (401)');
    expect(killed.out).toContain('LATCHED by the file');
  });
});

describe('without an engine', () => {
  it('kill puts the file there, once, and the next start is killed before anything else', async () => {
    const dataDir = directory();
    const killed = await call('kill', '--reason', 'night', '--data-dir', dataDir);
    expect(killed).toMatchObject({ code: KILL_EXIT.notRunning, err: expect.stringContaining('No engine is running') });
    expect(readFileSync(path.join(dataDir, 'KILL'), 'utf8')).toMatch(/^night \(.+@.+\)\n$/);
    expect((await call('kill', '--data-dir', dataDir)).err).toContain('is there already');
    const test = await startTestApp({ dataDir });
    try {
      expect(test.app.dashboard().engine['engine']).toMatchObject({ tradingState: 'halted', kill: { source: 'file' } });
    } finally {
      await test.stop();
    }
    rmSync(path.join(dataDir, 'KILL'));
    const told = await call('status', '--json', '--data-dir', dataDir);
    expect(told.code).toBe(STATUS_EXIT.notRunning);
    expect(JSON.parse(told.out)).toMatchObject({
      engine: 'not-running',
      source: 'ledger',
      tradingState: 'halted',
      armed: false,
      kill: { source: 'file', level: 'kill' },
      killFile: null,
      groups: [],
    });
  });

  it('a marker that a crash left behind is not believed', async () => {
    const dataDir = directory();
    marked(dataDir, 'http://127.0.0.1:1', NOBODY);
    expect(await call('kill', '--data-dir', dataDir)).toMatchObject({
      code: KILL_EXIT.notRunning,
      err: expect.stringContaining(`process ${NOBODY} is gone`),
    });
    writeFileSync(path.join(dataDir, MARKER_FILE), 'not json');
    expect((await call('kill', '--data-dir', dataDir)).code).toBe(KILL_EXIT.notRunning);
  });

  it('flatten and scopes have no file: it says that nothing was stopped', async () => {
    const dataDir = directory();
    for (const more of [
      ['--level', 'flatten'],
      ['--scope', 'pair:xau'],
    ])
      expect(await call('kill', ...more, '--data-dir', dataDir)).toMatchObject({
        code: KILL_EXIT.notRunning,
        err: expect.stringContaining('Nothing was stopped'),
      });
    expect(existsSync(path.join(dataDir, 'KILL'))).toBe(false);
  });

  it('status of nothing names the ledger that is missing', async () => {
    const dataDir = directory();
    expect(await call('status', '--data-dir', dataDir)).toMatchObject({ code: 1, err: expect.stringContaining('ledger.sqlite') });
  });
});

describe('an engine that hangs', () => {
  let server: Server;
  let dataDir: string;
  beforeEach(async () => {
    dataDir = directory();
    openSecrets(dataDir);
    server = createServer(() => undefined);
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
    marked(dataDir, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterEach(() => void server.close());

  it('is not waited for: the file is put there, and nothing is claimed', { timeout: 30_000 }, async () => {
    const killed = await call('kill', '--data-dir', dataDir);
    expect(killed).toMatchObject({ code: KILL_EXIT.unconfirmed, err: expect.stringContaining('NOT CONFIRMED') });
    expect(killed.out).toBe('');
    expect(existsSync(path.join(dataDir, 'KILL'))).toBe(true);
  });
});
