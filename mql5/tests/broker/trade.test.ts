/** The trade functions as an expert sees them: `cases/TradeCases.mq5`, translated, built, and run against the broker. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { buildEa, CompilerMissing, compilerVersion } from '../build.ts';
import { startBroker, TEST_LOGIN } from './server.ts';

const SOURCE = fileURLToPath(new URL('cases/TradeCases.mq5', import.meta.url));
const LIMIT_MS = 400_000;
const GOLD = 'XAUUSD.m';
const WANTED: readonly (readonly [string, string])[] = [
  ['chart', `${GOLD} 2 0.01`],
  ['account', `${TEST_LOGIN} Simulated-Demo 100000.00 2`],
  ['gates', '111'],
  ['tick', '4000.10 4000.40'],
  ['unselected', 'false 4302'],
  ['selected', 'true'],
  ['unknown', '0'],
  ['volume', '0.01 3 100 USD'],
  ['sessions', '1 0 86400'],
  ['off step', 'false 10014 4756'],
  ['check', 'true 0'],
  ['open', 'true 10009 0.10 4000.40'],
  ['positions', '1'],
  ['position', 'true'],
  ['copied', `1600000000777 0.10 ${GOLD} 31`],
  ['no position', 'false 4753'],
  ['history', 'true'],
  ['deals', '2 1'],
  ['deal', '1600000000777 -0.35 0 true'],
  ['reset', '1'],
  ['gone', '0 4755'],
  ['async', 'true 10008 3'],
];

test(
  'every trade function says what the broker knows, and what happens later comes as an event',
  async (context) => {
    if (compilerVersion() === null) context.skip(new CompilerMissing().message);
    const program = await buildEa({ source: SOURCE });
    const folder = mkdtempSync(join(tmpdir(), 'trade-cases-'));
    const host = await startBroker({ offsetS: 10_800 });
    host.server.setQuote(GOLD, '4000.10', '4000.40');
    host.server.setQuote('BTCUSD', '61800.00', '61815.00');
    writeFileSync(join(folder, 'inputs'), '');
    const options = ['--broker', host.address, '--chart', GOLD, '--files', folder, '--inputs', join(folder, 'inputs')];
    const child = spawn(program, options, { stdio: ['pipe', 'pipe', 'inherit'] });
    const said: string[] = [];
    const closed = Promise.withResolvers<void>();
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(line.replace(/^PRINT /, ''));
      if (line.includes('=') && line.includes('retcode 10009') && said.filter((l) => l.includes('retcode 10009')).length === 2)
        host.server.setQuote(GOLD, '4000.20', '4000.50');
      if (line.includes('ontick=')) child.kill('SIGTERM');
    });
    child.once('close', () => closed.resolve());
    try {
      await closed.promise;
      const told = new Map(said.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
      expect(WANTED.map(([name]) => [name, told.get(name)])).toEqual(WANTED);
      expect(Math.abs(Number(told.get('clocks')) - 10_800)).toBeLessThanOrEqual(1);
      const types = said.filter((l) => l.startsWith('transaction=')).map((l) => Number(l.split('=')[1]!.split(' ')[0]));
      expect(types).toEqual([10, 0, 6, 2, 3, 10, 0, 6, 2, 3, 10]);
      expect(host.evidence().positions).toEqual([]);
      expect(host.evidence().requests.map((r) => r.accepted)).toEqual([false, true, true]);
    } finally {
      child.kill('SIGKILL');
      await host.stop();
      rmSync(folder, { recursive: true });
    }
  },
  LIMIT_MS,
);
