import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sharedDataPath } from '../shared/frames.testkit.ts';
import { cancelOutcomeOf, placeOutcomeOf, rowOf } from '../shared/orders/outcomes.ts';
import { canceled, placed, readAct } from './orderCalls.ts';
import { isKeyRefusal, OKX_OUTCOMES } from './outcomes.ts';

const said = (code: string | null, status: number | null = null) => ({ code, status, text: 'as the venue said' });
const ofPlace = (code: string | null, status: number | null = null) => placeOutcomeOf(OKX_OUTCOMES, said(code, status));
const classOf = (code: string, status: number | null = null): string => {
  const outcome = ofPlace(code, status);
  return outcome.code === 'refused' ? outcome.refusal.retry : outcome.code;
};

interface Classes {
  readonly okx: Readonly<Record<'unknown' | 'definite_failure_retryable', { readonly codes: string[]; readonly http: number[] }>> &
    Readonly<
      Record<'duplicate_client_id' | 'definite_reject' | 'query_not_found' | 'cancel_unknown_order', { readonly codes: string[] }>
    > & {
      readonly unknown: { readonly ws: string[] };
    };
}
const vectors = sharedDataPath('vectors', 'error_classes.json');
/** What our table must say where the recorded classes say this. */
const EXPECTED = {
  unknown: ['unknown'],
  definite_failure_retryable: ['later', 'fresh-price'],
  duplicate_client_id: ['unknown'],
  // A limit that follows the market may let the same through on the next quote.
  definite_reject: ['never', 'fresh-price'],
  query_not_found: ['unknown'],
  cancel_unknown_order: ['unknown'],
} as const;

describe('OKX outcomes', () => {
  test('every recorded code is of its recorded class, alone and behind a top-level 1', (context) => {
    if (vectors === null) return context.skip('no recorded data on this machine');
    const { okx } = JSON.parse(readFileSync(vectors, 'utf8')) as Classes;
    let walked = 0;
    for (const [name, expected] of Object.entries(EXPECTED)) {
      const { codes } = okx[name as keyof typeof EXPECTED];
      for (const code of codes) {
        walked += 1;
        expect(expected, code).toContain(classOf(code));
        expect(rowOf(OKX_OUTCOMES, said(code)), code).not.toBeNull();
        const act = readAct({ code: '1', msg: '', data: [{ ordId: '', clOrdId: 'a', sCode: code, sMsg: 'x' }] }, null);
        const outcome = placed(act, 'a');
        expect(expected, `sCode ${code}`).toContain(outcome.code === 'refused' ? outcome.refusal.retry : outcome.code);
      }
    }
    expect(walked).toBeGreaterThan(45);
    for (const text of okx.unknown.ws) expect(ofPlace(text.slice(0, 5)).code, text).toBe('unknown');
    for (const status of okx.unknown.http) expect(ofPlace(null, status).code).toBe('unknown');
    for (const status of okx.definite_failure_retryable.http) expect(ofPlace(null, status)).toMatchObject({ refusal: { retry: 'later' } });
    for (const code of okx.cancel_unknown_order.codes)
      expect(cancelOutcomeOf(OKX_OUTCOMES, said(code))).toMatchObject({ code: 'refused', venueCode: code });
    for (const code of okx.query_not_found.codes) expect(rowOf(OKX_OUTCOMES, said(code))?.meaning).toBe('not-found');
  });

  test('every row is reached, has words and a source, and none comes twice', () => {
    const seen = new Set<string>();
    for (const row of OKX_OUTCOMES) {
      expect(rowOf(OKX_OUTCOMES, said(row.code, row.status?.from ?? null))).toBe(row);
      expect(row.words.length * row.source.length).toBeGreaterThan(0);
      const name = `${row.code} ${row.status?.from}`;
      expect(seen.has(name), name).toBe(false);
      seen.add(name);
    }
  });

  test('what is in no table is unknown, and so is every 5xx, whatever its body says', () => {
    const known = new Set(OKX_OUTCOMES.map(({ code }) => code));
    fc.assert(
      fc.property(
        fc
          .string({ unit: fc.constantFrom('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'), minLength: 1, maxLength: 6 })
          .filter((code) => !known.has(code)),
        (code) => {
          expect(ofPlace(code).code).toBe('unknown');
          expect(cancelOutcomeOf(OKX_OUTCOMES, said(code)).code).toBe('unknown');
        },
      ),
    );
    for (const code of known) for (const status of [500, 503, 599]) expect(ofPlace(code, status).code, `${code} ${status}`).toBe('unknown');
    expect(classOf('51008', 499)).toBe('never');
  });

  test('"busy" is unknown even where it comes as 429, "too often" is definite', () => {
    expect(classOf('50013', 429)).toBe('unknown');
    expect(classOf('50011', 429)).toBe('later');
    expect(classOf('50011', 200)).toBe('later');
  });

  test('a price beyond the moving limits may be tried on a fresh price', () => {
    for (const code of ['51006', '51031', '51135', '51136', '51137', '51138']) expect(classOf(code), code).toBe('fresh-price');
    for (const code of ['51000', '51008', '51121', '51150', '54031']) expect(classOf(code), code).toBe('never');
  });

  test('what OKX refuses before its matching is definite', () => {
    const never = [
      '51108',
      '51117',
      '51128',
      '51133',
      '51134',
      '51165',
      '51202',
      '51210',
      '51213',
      '54005',
      '54024',
      '54035',
      '54073',
      '59114',
    ];
    for (const code of never) expect(classOf(code), code).toBe('never');
    for (const code of ['50046', '51032', '51038']) expect(classOf(code), code).toBe('later');
    // A request that came twice says nothing about the first of the two.
    expect(classOf('50042')).toBe('unknown');
    // Of a cancel: the order is held back for a moment, and lives.
    expect(cancelOutcomeOf(OKX_OUTCOMES, said('54048')).code).toBe('unknown');
  });

  test('which codes condemn the key', () => {
    for (const code of ['50111', '50113', '50105', '50119', '50101', '60032']) expect(isKeyRefusal(code), code).toBe(true);
    for (const code of ['50102', '51000', '50011', '']) expect(isKeyRefusal(code), code).toBe(false);
  });
});

describe('reading an answer', () => {
  const entry = (more: object = {}) => ({
    ordId: '312269865356374016',
    clOrdId: 'arb1',
    ts: '1795353000000',
    sCode: '0',
    sMsg: '',
    ...more,
  });
  const answer = (more: object = {}, code = '0') => ({ id: 'c1', op: 'order', code, msg: '', data: [entry(more)] });

  test('accepted: the venue’s id as text, its time', () => {
    expect(placed(readAct(answer(), null), 'arb1')).toEqual({
      code: 'acknowledged',
      venueOrderId: '312269865356374016',
      venueUnixMs: 1_795_353_000_000,
    });
  });

  test.each([
    ['code 0 for another order', answer({ clOrdId: 'other' }), 200],
    ['code 0 without an entry', { code: '0', msg: '', data: [] }, 200],
    ['two entries', { code: '0', msg: '', data: [entry(), entry()] }, 200],
    ['all failed, and an entry that succeeded', answer({}, '1'), 200],
    ['no JSON', undefined, 200],
    ['a success behind a status that is none', answer(), 502],
    ['a success behind 4xx', answer(), 404],
    ['a number for a code', { code: 0, data: [entry()] }, 200],
  ])('%s is unknown', (_what, value, status) => {
    expect(placed(readAct(value, status), 'arb1').code).toBe('unknown');
  });

  test('refused: the entry’s own code and words', () => {
    const value = answer({ ordId: '', sCode: '51008', sMsg: 'Order failed. Insufficient USDT balance in account' }, '1');
    const outcome = placed(readAct(value, null), 'arb1');
    expect(outcome).toMatchObject({ code: 'refused', refusal: { venueCode: '51008', retry: 'never', by: 'venue' } });
    expect(outcome.code === 'refused' && outcome.refusal.text).toContain('Insufficient USDT balance');
    expect(placed(readAct({ id: 'c1', op: 'order', code: '60013', msg: 'Invalid args', data: [] }, null), 'arb1')).toMatchObject({
      refusal: { venueCode: '60013' },
    });
  });

  test('a cancel that was taken, and one of what is gone', () => {
    expect(canceled(readAct(answer(), null))).toEqual({ code: 'acknowledged' });
    expect(canceled(readAct(answer({ sCode: '51400', sMsg: 'gone' }, '1'), 200))).toMatchObject({ code: 'refused', venueCode: '51400' });
    expect(canceled(readAct(answer({ sCode: '51412', sMsg: 'slow' }, '1'), 200)).code).toBe('unknown');
  });
});
