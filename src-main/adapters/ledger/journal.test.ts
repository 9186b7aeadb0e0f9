import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { QuoteEvent, SpreadSample, StartedEvent } from '../../core/events.ts';
import { checksumOf, encodeTrading, eventOfRow, rowOfEvent } from './journal.ts';
import { NOTHING_RECOVERED } from '../../core/book.ts';

const anyNumber = fc.double();
const stamp = { seq: fc.nat(), monoUs: fc.double({ noNaN: true }), unixMs: fc.double({ noNaN: true }) };

const quotes: fc.Arbitrary<QuoteEvent> = fc.record(
  {
    ...stamp,
    type: fc.constant('quote' as const),
    instrument: fc.nat(),
    bidPx: anyNumber,
    bidQty: anyNumber,
    askPx: anyNumber,
    askQty: anyNumber,
    venueMs: fc.option(anyNumber),
    updateId: fc.option(fc.oneof(fc.bigInt(), fc.maxSafeInteger())),
    receivedMonoUs: anyNumber,
  },
  { noNullPrototype: true },
);

test('every quote comes back the same: NaN sizes, bigint ids and minus zero included', () => {
  fc.assert(
    fc.property(quotes, (quote) => {
      expect(eventOfRow(rowOfEvent(quote), { samples: () => [], trading: () => null })).toStrictEqual(quote);
    }),
  );
});

test('the row of a started event names its samples instead of repeating them', () => {
  const samples: SpreadSample[] = [
    { unixMs: 1_000, pair: 0, fBps: 1.5, rBps: null },
    { unixMs: 2_000, pair: 1, fBps: -0.25, rBps: 4 },
  ];
  const event: StartedEvent = {
    type: 'started',
    seq: 1,
    monoUs: 0.5,
    unixMs: 3_000,
    runId: 'r',
    pause: null,
    kill: null,
    samples,
    sampleIntervalMs: 1_000,
    openIntents: [],
    trading: { ...NOTHING_RECOVERED, magics: { one: 7 }, day: { utcDay: 1, startEquityUsd: null, netUsd: -0, groups: 0, losingStreak: 0 } },
  };
  const row = rowOfEvent(event);
  expect(row.payload).not.toContain('fBps');
  expect(row.payload).not.toContain('trading');
  const again = eventOfRow(row, {
    samples: (stretch) => {
      expect(stretch).toEqual({ fromUnixMs: 1_000, toUnixMs: 2_000, count: 2, checksum: checksumOf(samples) });
      return samples;
    },
    trading: () => encodeTrading(event),
  });
  expect(again).toStrictEqual(event);
});

test('the checksum of samples sees a changed bit, a changed order and a gap', () => {
  const a: SpreadSample = { unixMs: 1_000, pair: 0, fBps: 1, rBps: 2 };
  const b: SpreadSample = { unixMs: 2_000, pair: 0, fBps: 1, rBps: 2 };
  const sums = [
    [a, b],
    [b, a],
    [a, { ...b, rBps: null }],
    [a, { ...b, fBps: 1 + Number.EPSILON }],
  ].map(checksumOf);
  expect(new Set(sums).size).toBe(sums.length);
});
