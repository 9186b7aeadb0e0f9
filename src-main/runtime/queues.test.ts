import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ControlInput } from '../core/events.ts';
import { createControlQueue, createMarketQueue, createQuoteSlot, createRing, MAX_CONTROL_EVENTS, MAX_OPERATOR_COMMANDS } from './queues.ts';

test('a ring is a bounded first-in first-out queue', () => {
  const moves = fc.array(fc.oneof(fc.nat(), fc.constant('shift' as const)), { maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), moves, (capacity, list) => {
      const ring = createRing<number>(capacity);
      const model: number[] = [];
      for (const move of list) {
        if (move === 'shift') expect(ring.shift()).toBe(model.shift());
        else {
          expect(ring.push(move)).toBe(model.length < capacity);
          if (model.length < capacity) model.push(move);
        }
        expect(ring.size).toBe(model.length);
      }
    }),
  );
});

const timer: ControlInput = { type: 'timer' };
const kill: ControlInput = { type: 'operator', command: { kind: 'kill', requestId: 'aaaaaaaa', reason: '', source: 'cli', by: 'x' } };

test('the control queue takes exactly its maxima and gives commands first', () => {
  const queue = createControlQueue();
  for (let i = 0; i < MAX_CONTROL_EVENTS; i += 1) expect(queue.push(timer)).toBe(true);
  expect(queue.push(timer)).toBe(false);
  for (let i = 0; i < MAX_OPERATOR_COMMANDS; i += 1) expect(queue.push(kill)).toBe(true);
  expect(queue.push(kill)).toBe(false);
  expect(queue.size).toBe(MAX_CONTROL_EVENTS + MAX_OPERATOR_COMMANDS);
  for (let i = 0; i < MAX_OPERATOR_COMMANDS; i += 1) expect(queue.shift()).toBe(kill);
  expect(queue.shift()).toBe(timer);
});

test('the market queue keeps the newest of each instrument, in order of first arrival, and counts what it replaced', () => {
  const put = fc.record({
    instrument: fc.nat(3),
    bidPx: fc.double(),
    bidQty: fc.double(),
    askPx: fc.double(),
    askQty: fc.double(),
    venueMs: fc.option(fc.double({ noNaN: true })),
    updateId: fc.option(fc.oneof(fc.bigInt(), fc.maxSafeInteger())),
    receivedMonoUs: fc.double(),
  });
  fc.assert(
    fc.property(fc.array(fc.oneof({ weight: 3, arbitrary: put }, fc.constant('take' as const)), { maxLength: 80 }), (list) => {
      const queue = createMarketQueue(4);
      const model = new Map<number, unknown>();
      let [puts, takes] = [0, 0];
      const slot = createQuoteSlot();
      for (const move of list) {
        if (move !== 'take') {
          puts += 1;
          const { instrument: i, bidPx, bidQty, askPx, askQty, venueMs, updateId, receivedMonoUs } = move;
          queue.quote(i, bidPx, bidQty, askPx, askQty, venueMs, updateId, receivedMonoUs);
          model.set(i, move);
          continue;
        }
        const oldest = [...model.keys()][0];
        expect(queue.take(slot)).toBe(oldest !== undefined);
        if (oldest === undefined) continue;
        takes += 1;
        const { type: _type, seq: _seq, monoUs: _monoUs, unixMs: _unixMs, ...taken } = slot;
        expect(Object.entries(taken)).toEqual(expect.arrayContaining(Object.entries(model.get(oldest) as object)));
        model.delete(oldest);
      }
      expect(queue.pending).toBe(model.size);
      expect(queue.received).toBe(puts);
      expect(queue.conflated).toBe(puts - takes - model.size);
    }),
  );
});

test('a quote of an instrument that is not configured is a bug and says so', () => {
  const queue = createMarketQueue(2);
  for (const instrument of [-1, 2, Number.NaN]) {
    expect(() => queue.quote(instrument, 1, 1, 2, 1, null, null, 0)).toThrow(`instrument ${instrument}; the configuration has 2`);
  }
});
