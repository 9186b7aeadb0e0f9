/** The outcome tables of both Binance products against the published classes: every code, every status, every text. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SPOT_OUTCOMES } from '../binance-spot/outcomes.ts';
import { USDM_OUTCOMES } from '../binance-usdm/outcomes.ts';
import { sharedDataPath } from './frames.testkit.ts';
import { cancelOutcomeOf, meaningOf, placeOutcomeOf, rowOf } from './orders/outcomes.ts';
import type { OutcomeTable } from './orders/parts.ts';

interface Classes {
  readonly unknown: { readonly codes: number[]; readonly http?: number[]; readonly http503_msg?: string[] };
  readonly definite_failure_retryable: { readonly codes: number[]; readonly http: number[]; readonly http503_msg?: string[] };
  readonly duplicate_client_id: { readonly codes: number[]; readonly msg?: string };
  readonly definite_reject: { readonly codes: number[]; readonly http?: number[] };
  readonly query_not_found: { readonly codes: number[]; readonly archived?: number[] };
  readonly cancel_unknown_order: { readonly codes: number[] };
  readonly already_set_ok?: { readonly codes: number[] };
  readonly listen_key_dead?: { readonly codes: number[] };
}
const path = sharedDataPath('vectors', 'error_classes.json');
const read = (product: string): Classes => (JSON.parse(readFileSync(path!, 'utf8')) as Record<string, Classes>)[product]!;
const bad = (code: number | null, text = '', status = 400) => ({ code: code === null ? null : `${code}`, status, text });

const PRODUCTS: readonly (readonly [string, OutcomeTable])[] = [
  ['binance_usdm', USDM_OUTCOMES],
  ['binance_spot', SPOT_OUTCOMES],
];
/** Refused ahead of the matching engine by the product's own list of errors, and in no recorded class. */
const BESIDE: Readonly<Record<string, readonly number[]>> = {
  binance_usdm: [-1101, -1103, -1104, -1130, -1136, -2017, -2026, -2028, -4001, -4002, -4060, -4118, -4141, -4192, -5039],
  binance_spot: [-1101, -1103, -1104, -1106, -1115, -1116, -1117, -1130],
};
const DEFINITE = ['rejected', 'retry-fresh', 'retry-later'];
const LATER = ['retry-later', 'retry-fresh', 'clock'];

describe.each(PRODUCTS)('%s', (product, table) => {
  test('every published code is in its class', (ctx) => {
    if (path === null) ctx.skip('no published classes here');
    const classes = read(product);
    const seen = new Set<number>();
    const walk = (codes: readonly number[], expected: readonly string[], text = '') => {
      for (const code of codes) {
        seen.add(code);
        expect(expected, `${code}`).toContain(meaningOf(table, bad(code, text)));
      }
    };
    walk(classes.unknown.codes, ['unknown']);
    walk(classes.definite_failure_retryable.codes, LATER);
    walk(classes.duplicate_client_id.codes, ['duplicate-id'], classes.duplicate_client_id.msg);
    walk(classes.definite_reject.codes, ['rejected', 'retry-fresh']);
    walk(classes.query_not_found.codes, ['not-found']);
    walk(classes.query_not_found.archived ?? [], ['not-found']);
    walk(classes.cancel_unknown_order.codes, ['nothing-to-cancel']);
    walk(classes.already_set_ok?.codes ?? [], ['already-set']);
    walk(classes.listen_key_dead?.codes ?? [], ['listen-key-dead']);
    expect(seen.size).toBeGreaterThan(20);
    walk(BESIDE[product]!, ['rejected']);
    for (const { code } of table) if (code !== null) expect([...seen], `${code} is in no published class`).toContain(Number(code));
  });

  test('every published status is in its class', (ctx) => {
    if (path === null) ctx.skip('no published classes here');
    const classes = read(product);
    for (const status of classes.unknown.http ?? [500, 502, 503, 504, 599]) expect(meaningOf(table, bad(null, '', status))).toBe('unknown');
    for (const status of classes.definite_failure_retryable.http) expect(meaningOf(table, bad(null, '', status))).toBe('retry-later');
    for (const status of classes.definite_reject.http ?? []) expect(meaningOf(table, bad(null, '', status))).toBe('rejected');
  });

  test('what a placement does with each class', () => {
    expect(placeOutcomeOf(table, bad(-1007)).code).toBe('unknown');
    expect(placeOutcomeOf(table, bad(-1021))).toMatchObject({ code: 'refused', refusal: { retry: 'later', venueCode: '-1021' } });
    expect(placeOutcomeOf(table, bad(-2015))).toMatchObject({ code: 'refused', refusal: { retry: 'never' } });
    // A code, a status and a text that nobody wrote down.
    expect(placeOutcomeOf(table, bad(-9999, 'whatever')).code).toBe('unknown');
    expect(placeOutcomeOf(table, bad(null, 'whatever', 599)).code).toBe('unknown');
    expect(placeOutcomeOf(table, bad(null, 'whatever', 302)).code).toBe('unknown');
    expect(cancelOutcomeOf(table, bad(-2011, 'Unknown order sent.')).code).toBe('refused');
    expect(cancelOutcomeOf(table, bad(-9999)).code).toBe('unknown');
  });

  test('each row says in words what it means and where that is written', () => {
    for (const row of table) {
      expect(row.words.length, `${row.code}`).toBeGreaterThan(8);
      expect(row.source, `${row.code}`).toMatch(/Binance/);
      expect(row.code !== null || row.status !== undefined || row.text !== undefined).toBe(true);
    }
  });
});

describe('futures', () => {
  const UNKNOWN_503 = 'Unknown error, please check your request or try again later.';
  test('503 is told apart by its text; a text that nobody wrote down is unknown', (ctx) => {
    expect(meaningOf(USDM_OUTCOMES, bad(null, UNKNOWN_503, 503))).toBe('unknown');
    expect(meaningOf(USDM_OUTCOMES, bad(-1000, UNKNOWN_503, 503))).toBe('unknown');
    expect(meaningOf(USDM_OUTCOMES, bad(null, 'Under construction', 503))).toBe('unknown');
    expect(meaningOf(USDM_OUTCOMES, bad(null, '<h1>503 Service Unavailable</h1>', 503))).toBe('unknown');
    expect(meaningOf(USDM_OUTCOMES, bad(-1008, 'Request throttled by system-level protection.', 503))).toBe('retry-later');
    if (path === null) ctx.skip('no published texts here');
    const classes = read('binance_usdm');
    expect(classes.unknown.http503_msg).toEqual([UNKNOWN_503]);
    for (const text of classes.definite_failure_retryable.http503_msg!)
      expect(meaningOf(USDM_OUTCOMES, bad(null, text, 503))).toBe('retry-later');
  });

  test('the same text under another status is no excuse', () => {
    expect(meaningOf(USDM_OUTCOMES, bad(null, 'Service Unavailable.', 502))).toBe('unknown');
    expect(meaningOf(USDM_OUTCOMES, bad(-1001, 'Internal error; unable to process your request. Please try again.', 400))).toBe('unknown');
  });

  test('an order beyond the band may be tried on a fresh price, and is not executed', () => {
    for (const code of [-4016, -4024, -4131]) expect(DEFINITE).toContain(meaningOf(USDM_OUTCOMES, bad(code)));
    expect(placeOutcomeOf(USDM_OUTCOMES, bad(-4024))).toMatchObject({ code: 'refused', refusal: { retry: 'fresh-price' } });
    expect(placeOutcomeOf(USDM_OUTCOMES, bad(-4116))).toMatchObject({ code: 'unknown' });
  });
});

describe('spot', () => {
  test('every 5xx is unknown, whatever its text and code', () => {
    for (const status of [500, 501, 502, 503, 504, 520, 599])
      for (const code of [null, -1008, -2010, -1013]) {
        expect(meaningOf(SPOT_OUTCOMES, bad(code, 'Service Unavailable.', status)), `${status} ${code}`).toBe('unknown');
      }
    expect(meaningOf(SPOT_OUTCOMES, bad(null, '', 600))).toBeNull();
  });

  test('-2010 and -1013 have two meanings, told apart by their texts', () => {
    expect(rowOf(SPOT_OUTCOMES, bad(-2010, 'Duplicate order sent.'))?.meaning).toBe('duplicate-id');
    expect(placeOutcomeOf(SPOT_OUTCOMES, bad(-2010, 'Duplicate order sent.')).code).toBe('unknown');
    // The filter follows the average price; all other filters are the instrument's own.
    for (const filter of ['PERCENT_PRICE', 'PERCENT_PRICE_BY_SIDE'])
      expect(placeOutcomeOf(SPOT_OUTCOMES, bad(-1013, `Filter failure: ${filter}`))).toMatchObject({ refusal: { retry: 'fresh-price' } });
    expect(placeOutcomeOf(SPOT_OUTCOMES, bad(-1013, 'Filter failure: LOT_SIZE'))).toMatchObject({ refusal: { retry: 'never' } });
    // What the matching engine itself reports as an error of a message is in no table.
    expect(placeOutcomeOf(SPOT_OUTCOMES, bad(-1010, 'whatever')).code).toBe('unknown');
    const poor = bad(-2010, 'Account has insufficient balance for requested action.');
    expect(placeOutcomeOf(SPOT_OUTCOMES, poor)).toMatchObject({ code: 'refused', refusal: { retry: 'never' } });
  });
});
