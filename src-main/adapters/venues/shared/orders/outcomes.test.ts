import { describe, expect, it } from 'vitest';
import {
  cancelOutcomeOf,
  cancelWithoutAnswer,
  MAX_REPLY_CHARS,
  meaningOf,
  placeOutcomeOf,
  placeWithoutAnswer,
  wordsOf,
} from './outcomes.ts';
import type { Meaning, OutcomeRow, OutcomeTable } from './parts.ts';

const row = (code: string | null, meaning: Meaning, more: Partial<OutcomeRow> = {}): OutcomeRow => ({
  code,
  meaning,
  words: `means ${meaning}`,
  source: 'test',
  ...more,
});
const TABLE: OutcomeTable = [
  row('-2010', 'duplicate-id', { text: 'Duplicate order sent.' }),
  row('-2010', 'rejected'),
  row('-1021', 'clock'),
  row('-1015', 'retry-later'),
  row('-5028', 'retry-fresh'),
  row('-1006', 'unknown'),
  row('-2011', 'nothing-to-cancel'),
  row('-2013', 'not-found'),
  row(null, 'retry-later', { status: { from: 503, to: 503 }, text: 'Service Unavailable.' }),
  row(null, 'unknown', { status: { from: 500, to: 599 } }),
];
const reply = (code: string | null, text = 'words', status: number | null = 400) => ({ code, text, status });

describe('a table of outcomes', () => {
  it('takes the first row that matches', () => {
    expect(meaningOf(TABLE, reply('-2010', 'Duplicate order sent.'))).toBe('duplicate-id');
    expect(meaningOf(TABLE, reply('-2010', 'Account has insufficient balance'))).toBe('rejected');
    expect(meaningOf(TABLE, reply(null, 'Service Unavailable.', 503))).toBe('retry-later');
    expect(meaningOf(TABLE, reply(null, 'Unknown error, please check your request or try again later.', 503))).toBe('unknown');
  });

  it('holds status ranges at both edges', () => {
    expect([499, 500, 599, 600].map((status) => meaningOf(TABLE, reply('-9', 'x', status)))).toEqual([null, 'unknown', 'unknown', null]);
    expect(meaningOf(TABLE, reply('-9', 'x', null))).toBeNull();
  });
});

describe('a placement', () => {
  it.each([
    ['-2010', 'never'],
    ['-1021', 'later'],
    ['-1015', 'later'],
    ['-5028', 'fresh-price'],
  ])('is refused by %s with retry %s', (code, retry) => {
    expect(placeOutcomeOf(TABLE, reply(code))).toMatchObject({ code: 'refused', refusal: { venueCode: code, retry, by: 'venue' } });
  });

  it.each(['-1006', '-2011', '-2013', '-31337', null])('is unknown by %s: nobody wrote down that nothing was executed', (code) => {
    expect(placeOutcomeOf(TABLE, reply(code)).code).toBe('unknown');
  });

  it('of a known id may have an elder that lives', () => {
    expect(placeOutcomeOf(TABLE, reply('-2010', 'Duplicate order sent.'))).toEqual({
      code: 'unknown',
      why: 'an earlier order of this id may live: HTTP 400 -2010 Duplicate order sent.',
    });
  });

  it('without an answer is unknown exactly when it may have left', () => {
    const none = { came: false, why: 'w', retryAfterMs: 0 } as const;
    expect(placeWithoutAnswer({ ...none, left: true })).toEqual({ code: 'unknown', why: 'w' });
    expect(placeWithoutAnswer({ ...none, left: false })).toMatchObject({ code: 'refused', refusal: { by: 'gateway', retry: 'later' } });
    expect(cancelWithoutAnswer({ ...none, left: true })).toEqual({ code: 'unknown', why: 'w' });
    expect(cancelWithoutAnswer({ ...none, left: false })).toMatchObject({ code: 'refused', venueCode: null });
  });
});

describe('a cancel', () => {
  it.each([
    ['-2011', 'refused'],
    ['-2013', 'refused'],
    ['-1015', 'refused'],
    ['-1021', 'refused'],
    ['-1006', 'unknown'],
    ['-31337', 'unknown'],
    [null, 'unknown'],
  ] as const)('answered %s is %s', (code, outcome) => expect(cancelOutcomeOf(TABLE, reply(code)).code).toBe(outcome));
});

it('quotes the venue, but not by the kilobyte', () => {
  const exact = 'x'.repeat(MAX_REPLY_CHARS);
  expect(wordsOf(reply(null, exact, 200))).toBe(exact);
  expect(wordsOf(reply(null, `${exact}y`, 200))).toBe(`${exact}…`);
  expect(wordsOf(reply('-1', 'two\n  lines', 418))).toBe('HTTP 418 -1 two lines');
});
