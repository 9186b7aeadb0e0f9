import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { scratchFolder } from '../adapters/ledger/ledger.testkit.ts';
import type { EngineEvent } from '../core/events.ts';
import { createTape, MAX_TAPES, MAX_UNWRITTEN_CHUNKS, readTape, tapePathOf } from './tape.ts';

const stamp = { seq: fc.nat(), monoUs: fc.double({ min: 0 }), unixMs: fc.double({ min: 0 }) };
const event: fc.Arbitrary<EngineEvent> = fc.oneof(
  fc.record(
    {
      ...stamp,
      type: fc.constant('quote' as const),
      instrument: fc.nat(4_000_000_000),
      bidPx: fc.double(),
      bidQty: fc.double(),
      askPx: fc.double(),
      askQty: fc.double(),
      venueMs: fc.option(fc.double({ noNaN: true })),
      updateId: fc.option(fc.oneof(fc.bigInt(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }), fc.maxSafeInteger())),
      receivedMonoUs: fc.double(),
    },
    { noNullPrototype: true },
  ),
  fc.record({ ...stamp, type: fc.constant('timer' as const) }, { noNullPrototype: true }),
  fc.record({ ...stamp, type: fc.constant('limit-crossed' as const), limit: fc.string(), detail: fc.string() }, { noNullPrototype: true }),
);

test('every event comes back the same, bit for bit, in order', async () => {
  const folder = scratchFolder();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
      run += 1;
      const tape = createTape({ folder });
      tape.begin(`run${run}`);
      for (const one of events) tape.record(one);
      await tape.close();
      const again = events.length === 0 ? [] : [...readTape(tapePathOf(folder, `run${run}`))];
      expect(again).toStrictEqual(events);
    }),
    { numRuns: 60 },
  );
});

const timer = (seq: number): EngineEvent => ({ type: 'timer', seq, monoUs: seq * 10, unixMs: seq });
const readSeqs = (path: string): number[] => Array.from(readTape(path), (one) => one.seq);

test('a chunk torn off by a crash ends the tape before it, at every length; a changed byte too', async () => {
  const folder = scratchFolder();
  const tape = createTape({ folder });
  tape.begin('torn');
  for (let seq = 1; seq <= 20; seq += 1) {
    tape.record(timer(seq));
    if (seq === 10) tape.flush();
  }
  await tape.close();
  const path = tapePathOf(folder, 'torn');
  const whole = readFileSync(path);
  expect(readSeqs(path)).toHaveLength(20);
  const ten = Array.from({ length: 10 }, (_, i) => i + 1);
  for (let length = whole.length - 1; readSeqs(path).length > 0; length -= 1) {
    truncateSync(path, length);
    expect([[], ten]).toContainEqual(readSeqs(path));
  }
  const changed = Buffer.from(whole);
  changed.writeUInt8(changed.readUInt8(changed.length - 3) ^ 0xff, changed.length - 3);
  writeFileSync(path, changed);
  expect(readSeqs(path)).toEqual(ten);
});

test('at its size limit the tape ends, without a hole, and says so', async () => {
  const folder = scratchFolder();
  const tape = createTape({ folder, maxBytes: 100 });
  tape.begin('small');
  let seq = 0;
  while (tape.endedBecause === null && seq < 10_000) {
    seq += 1;
    tape.record(timer(seq));
    tape.flush();
    const before = tape.writtenBytes;
    await vi.waitUntil(() => tape.writtenBytes > before, { timeout: 5_000, interval: 1 });
  }
  expect(tape.endedBecause).toContain('limit of 100 bytes');
  tape.record(timer(seq + 1));
  await tape.close();
  const seqs = readSeqs(tapePathOf(folder, 'small'));
  expect(seqs).toEqual(seqs.map((_, i) => i + 1));
});

test('a disk that cannot keep up ends the tape instead of filling memory', async () => {
  const folder = scratchFolder();
  const tape = createTape({ folder });
  tape.begin('slow');
  for (let seq = 1; seq <= MAX_UNWRITTEN_CHUNKS + 1; seq += 1) {
    tape.record(timer(seq));
    tape.flush();
  }
  expect(tape.endedBecause).toContain(`${MAX_UNWRITTEN_CHUNKS} chunks`);
  await tape.close();
  expect(readSeqs(tapePathOf(folder, 'slow'))).toHaveLength(MAX_UNWRITTEN_CHUNKS);
});

test('a tape that cannot be written ends and says why', async () => {
  const folder = scratchFolder();
  writeFileSync(tapePathOf(folder, 'taken'), '');
  const tape = createTape({ folder });
  tape.begin('taken');
  tape.record(timer(1));
  await tape.close();
  expect(tape.endedBecause).toContain('EEXIST');
});

test('a folder that cannot be made ends the tape, not the engine', () => {
  const file = join(scratchFolder(), 'file');
  writeFileSync(file, '');
  const tape = createTape({ folder: join(file, 'below') });
  tape.begin('run');
  tape.record(timer(1));
  expect(tape.endedBecause).toContain('ENOTDIR');
});

test('only the newest tapes are kept', async () => {
  const folder = scratchFolder();
  for (let run = 0; run < MAX_TAPES + 3; run += 1) {
    const tape = createTape({ folder });
    tape.begin(`run${run}`);
    tape.record(timer(1));
    await tape.close();
  }
  expect(readdirSync(folder)).toHaveLength(MAX_TAPES);
  expect(readdirSync(folder)).toContain(`run${MAX_TAPES + 2}.tape`);
  expect(readSeqs(join(folder, `run${MAX_TAPES + 2}.tape`))).toEqual([1]);
});
