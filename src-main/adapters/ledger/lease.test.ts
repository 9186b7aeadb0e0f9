import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { LEASE_MS } from './lease.ts';
import { openLedger } from './ledger.ts';
import { handClock, scratchFolder, smallSettings, stampedTimer, startedFrom } from './ledger.testkit.ts';

const fresh = () => join(scratchFolder(), 'ledger.db');

test('a second engine is refused with owner, pid and expiry', () => {
  const path = fresh();
  const clock = handClock();
  const first = openLedger({ path, clock, owner: 'quant-arb 1.2.3 (headless)' });
  const until = new Date(clock.unixMs() + LEASE_MS).toISOString();
  expect(() => openLedger({ path, clock, owner: 'second' })).toThrow(
    expect.objectContaining({
      code: 'held-by-another',
      message: expect.stringMatching(new RegExp(`quant-arb 1\\.2\\.3 \\(headless\\) \\(pid ${process.pid} on .*, until ${until}`)),
    }),
  );
  first.close();
  openLedger({ path, clock, owner: 'second' }).close();
});

test('an engine that slept through its lease cannot write beside its successor', () => {
  const path = fresh();
  const clock = handClock();
  const first = openLedger({ path, clock, owner: 'first' });
  const run = first.beginRun(smallSettings(), '1');
  first.commit(startedFrom(run.runId, run.recovered), [], [], 'full');
  clock.advanceMs(LEASE_MS - 1);
  expect(() => openLedger({ path, clock, owner: 'second' })).toThrow('held by first');
  clock.advanceMs(1);
  const second = openLedger({ path, clock, owner: 'second' });
  const { recovered } = second.beginRun(smallSettings(), '1');
  expect(recovered.notes[0]).toMatch(/lease of first .* was taken over/);
  const lost = expect.objectContaining({ code: 'held-by-another', message: expect.stringContaining('held by second') });
  expect(() => first.commit(stampedTimer(2), [], [], 'full')).toThrow(lost);
  expect(() => first.appendSamples([])).toThrow(lost);
  expect(() => first.renewLease()).toThrow(lost);
  first.close();
  // The loser's closing must not have released the winner's lease.
  expect(() => openLedger({ path, clock, owner: 'third' })).toThrow('held by second');
  second.close();
});

test('a renewed lease lasts', () => {
  const path = fresh();
  const clock = handClock();
  const first = openLedger({ path, clock, owner: 'first' });
  for (let i = 0; i < 5; i += 1) {
    clock.advanceMs(LEASE_MS - 1);
    first.renewLease();
  }
  expect(() => openLedger({ path, clock, owner: 'second' })).toThrow('held by first');
  first.close();
});

test('a lease of another host holds until it expires, whatever lives here', () => {
  const path = fresh();
  const clock = handClock();
  openLedger({ path, clock, owner: 'x' }).close();
  const db = new Database(path);
  db.prepare('INSERT INTO lease VALUES (1, ?, ?, 999999999, ?, 0, ?)').run('t', 'far', 'another-host', clock.unixMs() + 1);
  db.close();
  expect(() => openLedger({ path, clock, owner: 'x' })).toThrow('on another-host');
  clock.advanceMs(1);
  openLedger({ path, clock, owner: 'x' }).close();
});

test('after kill -9 the next engine starts at once, notes the takeover, and has everything committed', async () => {
  const path = fresh();
  const url = (name: string) => pathToFileURL(join(import.meta.dirname, name)).href;
  const script = `
    const { openLedger } = await import(${JSON.stringify(url('ledger.ts'))});
    const clock = { monoUs: () => 0, unixMs: () => Date.now() };
    const ledger = openLedger({ path: ${JSON.stringify(path)}, clock, owner: 'victim' });
    const settings = JSON.parse(process.argv[1]);
    const { runId } = ledger.beginRun(settings, '1');
    const latch = { latchedUnixMs: 1, source: 'console', by: 'me', reason: 'r', verifiedUnixMs: null, remaining: [] };
    ledger.commit({ type: 'timer', seq: 1, monoUs: 0, unixMs: 1 }, [{ type: 'kill-latched', latch, requestId: 'x' }], [], 'full');
    ledger.commit({ type: 'timer', seq: 2, monoUs: 0, unixMs: 2 }, [{ type: 'pause-changed', before: null, after: latch, requestId: 'x' }], [], 'normal');
    console.log('ready');
    setInterval(() => {}, 1000);`;
  const victim = spawn(process.execPath, ['--input-type=module', '-e', script, JSON.stringify(smallSettings())], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(victim.stdout, 'data');
  const clock = { monoUs: () => 0, unixMs: () => Date.now() };
  expect(() => openLedger({ path, clock, owner: 'early' })).toThrow(`pid ${victim.pid}`);
  victim.kill('SIGKILL');
  await once(victim, 'exit');
  const ledger = openLedger({ path, clock, owner: 'next' });
  const { recovered } = ledger.beginRun(smallSettings(), '1');
  expect(recovered.kill).toMatchObject({ reason: 'r' });
  expect(recovered.pause).toMatchObject({ reason: 'r' });
  expect(recovered.notes).toEqual([expect.stringContaining('lease of victim'), expect.stringContaining('did not end cleanly')]);
  ledger.close();
});
