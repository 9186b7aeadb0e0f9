/**
 * What Binance's codes mean where futures and spot agree, and how rows are written. The tables themselves are the products': order
 * matters there, the first row that matches wins. A code that stands in no row is unknown.
 */
import type { Meaning, OutcomeRow } from './orders/parts.ts';

export interface CodeGroup {
  readonly meaning: Meaning;
  readonly source: string;
  /** Code to our words. */
  readonly codes: Readonly<Record<string, string>>;
}

export const rowsOf = ({ meaning, source, codes }: CodeGroup): readonly OutcomeRow[] =>
  Object.entries(codes).map(([code, words]) => ({ code, meaning, words, source }));

/** Of HTTP, and of the `status` that a web-socket reply carries in its place. */
export const STATUS_ROWS: readonly OutcomeRow[] = [
  {
    code: null,
    status: { from: 429, to: 429 },
    meaning: 'retry-later',
    words: 'too many requests',
    source: 'Binance, general information: 429 is refused before anything is done',
  },
  {
    code: null,
    status: { from: 418, to: 418 },
    meaning: 'retry-later',
    words: 'the address is banned for a while',
    source: 'Binance, general information: 418 follows an ignored 429',
  },
  {
    code: null,
    status: { from: 403, to: 403 },
    meaning: 'rejected',
    words: 'the web application firewall refused',
    source: 'Binance, general information: 403 is the firewall, ahead of the API',
  },
];

const TRANSPORT = 'Binance, error codes, 10xx: execution status unknown; the two general ones are taken for no better';
export const UNKNOWN_CODES: readonly OutcomeRow[] = rowsOf({
  meaning: 'unknown',
  source: TRANSPORT,
  codes: {
    '-1000': 'an unknown error while it was worked on',
    '-1001': 'an internal error',
    '-1006': 'an unexpected answer from inside the exchange',
    '-1007': 'the exchange waited in vain for its own back end',
  },
});

const EITHER = 'Binance, error codes of futures and of spot, 2026';
export const RETRY_CODES: readonly OutcomeRow[] = [
  ...rowsOf({
    meaning: 'retry-later',
    source: EITHER,
    codes: { '-1003': 'too much request weight', '-1015': 'too many new orders' },
  }),
  ...rowsOf({ meaning: 'clock', source: EITHER, codes: { '-1021': 'the stamp lay outside of the window' } }),
];

export const REJECT_CODES: readonly OutcomeRow[] = rowsOf({
  meaning: 'rejected',
  source: EITHER,
  codes: {
    '-1022': 'the signature is not valid',
    '-1100': 'an illegal character in a parameter',
    '-1101': 'too many parameters, or one of them twice',
    '-1102': 'a mandatory parameter is missing or malformed',
    '-1103': 'a parameter that is not known',
    '-1104': 'a parameter that was not read',
    '-1106': 'a parameter that is not taken here',
    '-1111': 'more digits than the instrument takes',
    '-1115': 'no such time in force',
    '-1116': 'no such order type',
    '-1117': 'no such side',
    '-1121': 'no such symbol',
    '-1130': 'the value of a parameter is not valid',
    '-2014': 'the API key is malformed',
    '-2015': 'the API key, its addresses or its rights do not allow this',
  },
});

export const ABSENCE_CODES: readonly OutcomeRow[] = [
  ...rowsOf({ meaning: 'nothing-to-cancel', source: EITHER, codes: { '-2011': 'there is no such open order' } }),
  ...rowsOf({ meaning: 'not-found', source: EITHER, codes: { '-2013': 'no such order' } }),
];
