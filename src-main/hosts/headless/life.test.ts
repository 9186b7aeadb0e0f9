/** The headless host as a process: the demo from start to a clean end, and each refusal to start. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ask, basicOf, temporaryDirectory } from '../app.testkit.ts';
import { productRoot } from '../version.ts';

const ENTRY = path.join(productRoot(), 'src-main', 'hosts', 'headless', 'main.ts');
const START_MS = 60_000;
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

const launch = (args: readonly string[]) => {
  const child = spawn(process.execPath, [ENTRY, '--no-open', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, 'close').then(([code, signal]) => ({ code: code as number | null, signal: signal as string | null }));
  return { child, ended, said: () => said };
};

interface Ready {
  readonly url: string;
  readonly signInUrl: string;
  readonly pid: number;
}

const startDemo = async (dataDir: string, more: readonly string[] = []) => {
  const readyFile = path.join(dataDir, 'ready.json');
  const life = launch(['--data-dir', dataDir, '--port', '0', '--ready-file', readyFile, ...more]);
  await expect.poll(() => existsSync(readyFile) || life.child.exitCode !== null, { timeout: START_MS, interval: 50 }).toBe(true);
  if (!existsSync(readyFile)) throw new Error(life.said());
  return { ...life, readyFile, ready: JSON.parse(readFileSync(readyFile, 'utf8')) as Ready };
};

describe('the headless host', { timeout: 2 * START_MS }, () => {
  it('shows live demo venues with a link that signs in once, and ends cleanly with one signal', async () => {
    const dataDir = temporaryDirectory();
    const { child, ended, ready, readyFile, said } = await startDemo(dataDir);
    const port = Number(new URL(ready.url).port);
    expect(ready.pid).toBe(child.pid);
    if (process.platform !== 'win32') expect(statSync(readyFile).mode & 0o777).toBe(0o600);
    const link = new URL(ready.signInUrl);
    const cookie = (await ask(port, link.pathname + link.search)).headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    const live = async () => {
      const { text } = await ask(port, '/api/dashboard', { headers: { cookie } });
      const { venues } = JSON.parse(text) as { venues: Record<string, { link: string; simulated: boolean }> };
      return Object.values(venues).filter((venue) => venue.simulated && venue.link === 'live').length;
    };
    await expect.poll(live, { timeout: START_MS, interval: 100 }).toBe(4);
    const { password } = JSON.parse(readFileSync(path.join(dataDir, 'secrets.json'), 'utf8')) as { password: string };
    expect((await ask(port, '/metrics', { headers: { authorization: basicOf(password) } })).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(said()).toContain('info stopped why=SIGTERM');
    expect(said()).not.toContain(password);
  });

  it('comes back after being killed outright, with its kill latch', async () => {
    const dataDir = temporaryDirectory();
    const first = await startDemo(dataDir);
    const { password } = JSON.parse(readFileSync(path.join(dataDir, 'secrets.json'), 'utf8')) as { password: string };
    const headers = { authorization: basicOf(password), 'x-quant-arb': '1' };
    expect((await ask(Number(new URL(first.ready.url).port), '/api/kill', { method: 'POST', headers })).status).toBe(200);
    first.child.kill('SIGKILL');
    await first.ended;
    writeFileSync(first.readyFile, '');
    const again = launch(['--data-dir', dataDir, '--port', '0', '--ready-file', first.readyFile]);
    await expect
      .poll(() => readFileSync(first.readyFile, 'utf8') !== '' || again.child.exitCode !== null, { timeout: START_MS, interval: 50 })
      .toBe(true);
    const { url } = JSON.parse(readFileSync(first.readyFile, 'utf8')) as Ready;
    const tables = JSON.parse((await ask(Number(new URL(url).port), '/api/dashboard', { headers })).text);
    expect(tables.engine.engine).toMatchObject({ tradingState: 'halted', kill: { source: 'http' } });
  });

  it('refuses a second engine on one ledger, naming the first', async () => {
    const dataDir = temporaryDirectory();
    const first = await startDemo(dataDir);
    const second = launch(['--data-dir', dataDir, '--port', '0']);
    expect((await second.ended).code).toBe(1);
    expect(second.said()).toContain(`pid ${first.ready.pid}`);
    expect(second.said()).not.toContain('    at ');
  });

  it('refuses what it does not understand with code 2, and what it cannot read with code 1', async () => {
    const misspelt = launch(['--prot', '1']);
    const missing = launch(['--config', path.join(temporaryDirectory(), 'absent.json')]);
    expect((await misspelt.ended).code).toBe(2);
    expect(misspelt.said()).toContain('Usage: quant-arb run');
    expect((await missing.ended).code).toBe(1);
    expect(missing.said()).toMatch(/absent\.json:\n {2}there is no such file/);
  });
});
