import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ControlInput } from '../core/events.ts';
import type { ClientOrderId, VenueId } from '../../src-shared/domain/ids.ts';
import {
  createControlQueue,
  createMarketQueue,
  createQuoteSlot,
  createRing,
  isAnswer,
  isPush,
  MAX_ANSWERS_OWED,
  MAX_CONTROL_EVENTS,
  MAX_OPERATOR_COMMANDS,
  MAX_ORDER_PUSHES,
} from './queues.ts';

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

const answer: ControlInput = { type: 'cancel-outcome', clientOrderId: 'q1' as ClientOrderId, outcome: { code: 'acknowledged' } };
const push: ControlInput = { type: 'order-link', venueId: 'one' as VenueId, state: 'up', detail: '' };

test('an answer whose place was reserved is taken although everything else is full, and no place is given twice', () => {
  const queue = createControlQueue();
  expect(queue.push(answer)).toBe(false);
  for (let i = 0; i < MAX_ANSWERS_OWED; i += 1) expect(queue.reserve()).toBe(true);
  expect(queue.reserve()).toBe(false);
  for (let i = 0; i < MAX_ORDER_PUSHES; i += 1) expect(queue.push(push)).toBe(true);
  expect(queue.push(push)).toBe(false);
  for (let i = 0; i < MAX_CONTROL_EVENTS; i += 1) queue.push(timer);
  for (let i = 0; i < MAX_OPERATOR_COMMANDS; i += 1) queue.push(kill);
  for (let i = 0; i < MAX_ANSWERS_OWED; i += 1) expect(queue.push(answer)).toBe(true);
  expect(queue.push(answer)).toBe(false);
  for (let i = 0; i < MAX_OPERATOR_COMMANDS; i += 1) expect(queue.shift()).toBe(kill);
  for (let i = 0; i < MAX_ORDER_PUSHES; i += 1) expect(queue.shift()).toBe(push);
  expect(queue.reserve()).toBe(false);
  for (let i = 0; i < MAX_ANSWERS_OWED; i += 1) expect(queue.shift()).toBe(answer);
  expect(queue.reserved).toBe(0);
  expect(queue.shift()).toBe(timer);
});

test('whatever comes in whatever order: reserved answers are never refused, nothing is lost or doubled, each kind keeps its order', () => {
  const moves = fc.array(fc.constantFrom('reserve', 'answer', 'push', 'timer', 'kill', 'shift'), { maxLength: 200 });
  fc.assert(
    fc.property(moves, (list) => {
      const queue = createControlQueue();
      let owed = 0;
      let serial = 0;
      const model: { readonly rank: number; readonly input: ControlInput }[] = [];
      const put = (input: ControlInput, rank: number): void => {
        const own = { ...input };
        expect(queue.push(own)).toBe(true);
        model.push({ rank: rank * 1_000 + serial++, input: own });
      };
      for (const move of list) {
        if (move === 'reserve') {
          expect(queue.reserve()).toBe(true);
          owed += 1;
        } else if (move === 'answer') {
          if (owed === 0) expect(queue.push(answer)).toBe(false);
          else {
            owed -= 1;
            put(answer, 1);
          }
        } else if (move === 'push') put(push, 1);
        else if (move === 'timer') put(timer, 2);
        else if (move === 'kill') {
          if (model.filter(({ input }) => input.type === 'operator').length < MAX_OPERATOR_COMMANDS) put(kill, 0);
        } else {
          model.sort((p, q) => p.rank - q.rank);
          expect(queue.shift()).toBe(model.shift()?.input);
        }
        expect(queue.size).toBe(model.length);
        expect(queue.reserved).toBe(owed + model.filter(({ input }) => isAnswer(input)).length);
      }
    }),
  );
  expect([isPush(push), isPush(answer), isAnswer(push)]).toEqual([true, false, false]);
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
