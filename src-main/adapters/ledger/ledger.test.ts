import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Fact } from '../../core/facts.ts';
import type { EventRow } from '../../../src-shared/domain/view.ts';
import type { KillLatch, Latch } from '../../../src-shared/domain/tradingState.ts';
import { NOTHING_RECOVERED } from '../../core/book.ts';
import { openArchive, openLedger } from './ledger.ts';
import { handClock, sampleIntent, scratchFolder, smallSettings, stampedTimer, startedFrom } from './ledger.testkit.ts';

const T0 = 1_760_000_000_000;

const begun = (path = join(scratchFolder(), 'ledger.db')) => {
  const clock = handClock(T0);
  const ledger = openLedger({ path, clock, owner: 'test 1' });
  const { runId, recovered } = ledger.beginRun(smallSettings(), '1.0.0');
  ledger.commit(startedFrom(runId, recovered), [{ type: 'run-started', runId }], [], 'full');
  return { ledger, clock, path, runId, recovered };
};

const kill: KillLatch = {
  level: 'kill',
  latchedUnixMs: T0,
  source: 'console',
  by: 'me',
  reason: 'why not',
  verifiedUnixMs: null,
  remaining: ['okx'],
};
const pause: Latch = { latchedUnixMs: T0, source: 'http', by: 'me', reason: '' };

test('a fresh ledger recovers nothing and knows of no earlier run', () => {
  const { ledger, recovered } = begun();
  expect(recovered).toEqual({
    pause: null,
    kill: null,
    samples: [],
    openIntents: [],
    trading: NOTHING_RECOVERED,
    previousRunEndedCleanly: null,
    undoneEffects: [],
    notes: [],
  });
  ledger.close();
});

test('latches, open intents, samples and undone effects outlive a run that never ended', () => {
  const { ledger, path, runId } = begun();
  const facts: Fact[] = [
    { type: 'pause-changed', before: null, after: pause, requestId: 'aaaaaaaa' },
    { type: 'kill-latched', latch: { ...kill, remaining: [] }, requestId: 'bbbbbbbb' },
    { type: 'kill-verified', latch: kill },
    { type: 'intent-proposed', intent: sampleIntent('open1', T0) },
    { type: 'intent-proposed', intent: sampleIntent('ended1', T0) },
  ];
  ledger.commit(
    stampedTimer(2),
    facts,
    [
      { type: 'set-gate', gate: 'reducing' },
      { type: 'announce-mode', mode: 'halt' },
    ],
    'full',
  );
  ledger.commit(stampedTimer(3), [], [{ type: 'announce-mode', mode: 'normal' }], 'normal');
  ledger.effectsDone(3);
  const ended: Fact = { type: 'intent-ended', intentId: 'ended1', reason: 'edge-gone', bestEdgeBps: 9, durationMs: 5, suppressed: 2 };
  ledger.commit(stampedTimer(4), [ended], [], 'normal');
  ledger.appendSamples([
    { unixMs: T0 - 1_000, pair: 1, fBps: 1.25, rBps: null },
    { unixMs: T0 - 2_000, pair: 0, fBps: Number.NaN, rBps: -0.1 },
    { unixMs: T0 - 4_000_000, pair: 0, fBps: 1, rBps: 1 },
  ]);
  ledger.close();

  const again = openLedger({ path, clock: handClock(T0), owner: 'test 2' });
  const { recovered } = again.beginRun(smallSettings(), '1.0.1');
  expect(recovered.pause).toEqual(pause);
  expect(recovered.kill).toEqual(kill);
  expect(recovered.openIntents).toEqual([{ id: 'open1', pairId: 'one-two' }]);
  expect(recovered.undoneEffects).toEqual([
    { type: 'set-gate', gate: 'reducing' },
    { type: 'announce-mode', mode: 'halt' },
  ]);
  expect(recovered.previousRunEndedCleanly).toBe(false);
  expect(recovered.notes.join()).toContain(`previous run ${runId} did not end cleanly`);
  expect(recovered.samples).toEqual([
    { unixMs: T0 - 2_000, pair: 0, fBps: null, rBps: -0.1 },
    { unixMs: T0 - 1_000, pair: 1, fBps: 1.25, rBps: null },
  ]);
  again.close();
});

test('undone effects stay open until a later run has committed its start', () => {
  const { ledger, path } = begun();
  ledger.commit(stampedTimer(2), [], [{ type: 'set-gate', gate: 'reducing' }], 'full');
  ledger.close();
  const second = openLedger({ path, clock: handClock(T0), owner: 'b' });
  expect(second.beginRun(smallSettings(), '1').recovered.undoneEffects).toHaveLength(1);
  second.close();
  const third = openLedger({ path, clock: handClock(T0), owner: 'c' });
  const { runId, recovered } = third.beginRun(smallSettings(), '1');
  expect(recovered.undoneEffects).toHaveLength(1);
  third.commit(startedFrom(runId, recovered), [], [], 'full');
  third.close();
  const fourth = openLedger({ path, clock: handClock(T0), owner: 'd' });
  expect(fourth.beginRun(smallSettings(), '1').recovered.undoneEffects).toEqual([]);
  fourth.close();
});

test('a reset kill and an ended pause are gone after restart', () => {
  const { ledger, path } = begun();
  ledger.commit(
    stampedTimer(2),
    [
      { type: 'kill-latched', latch: kill, requestId: 'a' },
      { type: 'pause-changed', before: null, after: pause, requestId: 'b' },
    ],
    [],
    'full',
  );
  ledger.commit(
    stampedTimer(3),
    [
      { type: 'kill-reset', before: kill, reason: 'ok', by: 'me', requestId: 'c' },
      { type: 'pause-changed', before: pause, after: null, requestId: 'd' },
    ],
    [],
    'full',
  );
  ledger.endRun('asked to');
  ledger.close();
  const again = openLedger({ path, clock: handClock(), owner: 'b' });
  const { recovered } = again.beginRun(smallSettings(), '1');
  expect(recovered).toMatchObject({ kill: null, pause: null, previousRunEndedCleanly: true, notes: [] });
  again.close();
});

test('a commit is all or nothing', () => {
  const { ledger } = begun();
  const twice: Fact = { type: 'intent-proposed', intent: sampleIntent('same', T0) };
  expect(() => ledger.commit(stampedTimer(2), [twice, twice], [{ type: 'set-gate', gate: 'reducing' }], 'full')).toThrow('UNIQUE');
  expect(ledger.intents(null, 10)).toEqual([]);
  ledger.commit(stampedTimer(2), [twice], [], 'full');
  expect(ledger.intents(null, 10)).toHaveLength(1);
  ledger.close();
});

test('the whole intent is kept, and its row shows how it ended', () => {
  const { ledger } = begun();
  const intent = sampleIntent('x1', T0);
  ledger.commit(stampedTimer(2), [{ type: 'intent-proposed', intent }], [], 'normal');
  expect(ledger.intent('x1')).toStrictEqual(intent);
  expect(ledger.intent('x2')).toBeNull();
  expect(ledger.intents(null, 1)[0]).toMatchObject({ id: 'x1', endedUnixMs: null, bestEdgeBps: 2.125, costsBps: 10 });
  const end: Fact = { type: 'intent-ended', intentId: 'x1', reason: 'stale', bestEdgeBps: 3, durationMs: 4, suppressed: 0 };
  ledger.commit(stampedTimer(3), [end], [], 'normal');
  expect(ledger.intents(null, 1)[0]).toMatchObject({ endedUnixMs: T0 + 3, endReason: 'stale', bestEdgeBps: 3 });
  ledger.close();
});

test('paging by time visits every event once, also those of one millisecond', () => {
  const { ledger } = begun();
  const noted = (text: string): Fact & EventRow => ({ type: 'noted', unixMs: 0, severity: 'warn', kind: 'venue', subject: 'okx', text });
  for (let seq = 2; seq < 8; seq += 1) {
    const notes = ['a', 'b', 'c'].map((letter) => ({ ...noted(`${seq}${letter}`), unixMs: T0 + seq }));
    ledger.commit(stampedTimer(seq), [...notes, { type: 'run-stopping', why: '' }], [], 'normal', [...notes, null]);
  }
  const seen: string[] = [];
  for (let before: number | null = null; ; ) {
    const rows = ledger.events(before, 4);
    if (rows.length === 0) break;
    seen.push(...rows.map((row) => row.text));
    before = rows.at(-1)?.unixMs ?? null;
  }
  expect(seen).toEqual([7, 6, 5, 4, 3, 2].flatMap((seq) => [`${seq}c`, `${seq}b`, `${seq}a`]));
  expect(new Set(ledger.events(null, 100).map((row) => row.id)).size).toBe(18);
  ledger.close();
});

test('operator actions are kept with who, where, why and the refusal', () => {
  const { ledger, path } = begun();
  const command = { kind: 'reset', requestId: 'rrrrrrrr', reason: 'try', source: 'console', by: 'me' } as const;
  const refused: Fact = { type: 'command-refused', requestId: 'rrrrrrrr', command: 'reset', conditions: ['okx is stale'] };
  const event = { type: 'operator', seq: 2, monoUs: 1, unixMs: T0, command } as const;
  ledger.commit(event, [refused], [], 'full');
  ledger.close();
  const archive = openArchive({ path });
  const [run] = archive.runs();
  expect(run).toMatchObject({ lastSeq: 2, version: '1.0.0', endedUnixMs: null });
  expect([...archive.journal(run?.runId ?? '')].at(-1)).toStrictEqual(event);
  archive.close();
});

test('the archive gives back settings and journal, across page borders, beside a running writer', () => {
  const { ledger, path, runId } = begun();
  for (let seq = 2; seq <= 2_500; seq += 1) ledger.commit(stampedTimer(seq), [], [], 'normal');
  const archive = openArchive({ path });
  expect(archive.settingsOf(runId)).toStrictEqual(smallSettings());
  const seqs: number[] = [];
  for (const event of archive.journal(runId)) {
    if (event.seq === 1_200) ledger.commit(stampedTimer(2_501), [], [], 'normal');
    seqs.push(event.seq);
  }
  expect(seqs).toEqual(Array.from({ length: 2_501 }, (_, i) => i + 1));
  expect(() => archive.settingsOf('nobody')).toThrow('there is no run nobody');
  archive.close();
  ledger.close();
});

test('a run that started from samples names them; replay refuses when they are gone', () => {
  const { ledger, path } = begun();
  ledger.appendSamples([{ unixMs: T0 - 500, pair: 0, fBps: 0.1 + 0.2, rBps: null }]);
  ledger.close();
  const clock = handClock(T0);
  const second = openLedger({ path, clock, owner: 'b' });
  const { runId, recovered } = second.beginRun(smallSettings(), '1');
  const started = startedFrom(runId, recovered);
  second.commit(started, [], [], 'full');
  const archive = openArchive({ path });
  expect([...archive.journal(runId)]).toStrictEqual([started]);
  clock.advanceMs(31 * 24 * 3_600_000);
  second.renewLease();
  expect(second.prune()).toBe(1);
  expect(() => [...archive.journal(runId)]).toThrow('cannot be replayed');
  archive.close();
  second.close();
});

test('nothing can be committed before a run has begun or after it has ended', () => {
  const ledger = openLedger({ path: join(scratchFolder(), 'l.db'), clock: handClock(), owner: 'x' });
  expect(() => ledger.commit(stampedTimer(1), [], [], 'full')).toThrow('no run has begun');
  ledger.beginRun(smallSettings(), '1');
  ledger.endRun('done');
  expect(() => ledger.commit(stampedTimer(1), [], [], 'full')).toThrow('no run has begun');
  ledger.close();
  expect(() => ledger.checkpoint()).toThrow(expect.objectContaining({ name: 'LedgerFault', code: 'io' }));
  ledger.close();
});
