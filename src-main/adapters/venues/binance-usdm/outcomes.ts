/**
 * What Binance USD-M futures' replies mean for a placement, a cancel, a question. Data; the first row that matches wins, no match is
 * unknown. HTTP 503 is told apart by its text alone, for one of its texts says that the order may have been taken.
 */
import { ABSENCE_CODES, REJECT_CODES, RETRY_CODES, rowsOf, STATUS_ROWS, UNKNOWN_CODES } from '../shared/binanceOutcomes.ts';
import type { OutcomeTable } from '../shared/orders/parts.ts';

const GENERAL = 'Binance USD-M futures, general information, HTTP return codes';
const CODES = 'Binance USD-M futures, error codes, May 2026';
const ONLY_503 = { from: 503, to: 503 };

export const USDM_OUTCOMES: OutcomeTable = [
  {
    code: null,
    status: ONLY_503,
    text: 'Unknown error, please check your request or try again later.',
    meaning: 'unknown',
    words: 'sent on, and no answer in time',
    source: GENERAL,
  },
  // Comes with 503, and is the one code that makes a 503 definite.
  ...rowsOf({ meaning: 'retry-later', source: CODES, codes: { '-1008': 'throttled by the exchange; reducing orders are exempt' } }),
  {
    code: null,
    status: ONLY_503,
    text: 'Service Unavailable.',
    meaning: 'retry-later',
    words: 'not available: it failed',
    source: GENERAL,
  },
  {
    code: null,
    status: ONLY_503,
    text: 'Internal error; unable to process your request. Please try again.',
    meaning: 'retry-later',
    words: 'an internal error: it failed',
    source: GENERAL,
  },
  {
    code: null,
    status: { from: 500, to: 599 },
    meaning: 'unknown',
    words: 'a fault of the exchange: it may have been done',
    source: GENERAL,
  },
  { code: null, status: { from: 408, to: 408 }, meaning: 'unknown', words: 'no answer from its back end in time', source: GENERAL },
  ...UNKNOWN_CODES,
  ...STATUS_ROWS,
  ...RETRY_CODES,
  ...rowsOf({
    meaning: 'retry-fresh',
    source: 'Binance USD-M futures, error codes: the matching engine checks the window, too',
    codes: { '-5028': 'it reached the matching engine after its window' },
  }),
  ...rowsOf({
    meaning: 'retry-fresh',
    source: `${CODES}: the band follows the mark price`,
    codes: {
      '-4016': 'the price is above the band',
      '-4024': 'the price is below the band',
      '-4131': 'the best price of the other side is beyond the band',
    },
  }),
  ...rowsOf({ meaning: 'duplicate-id', source: CODES, codes: { '-4116': 'an open order bears this client id' } }),
  ...REJECT_CODES,
  ...rowsOf({
    meaning: 'rejected',
    source: CODES,
    codes: {
      '-2010': 'the order was refused',
      '-2017': 'the keys of the account are locked',
      '-2018': 'the balance does not suffice',
      '-2019': 'the margin does not suffice',
      '-2020': 'it cannot be filled',
      '-2021': 'it would trigger at once',
      '-2022': 'there is nothing that a reduce-only order could reduce',
      '-2023': 'the account is being liquidated',
      '-2024': 'the position does not suffice',
      '-2025': 'too many open orders',
      '-2026': 'this order type cannot reduce only',
      '-2027': 'the position would exceed what this leverage allows',
      '-2028': 'the leverage is smaller than the margin permits',
      '-4001': 'the price is below zero',
      '-4002': 'the price is above the maximum',
      '-4003': 'no quantity',
      '-4004': 'the quantity is below the minimum',
      '-4005': 'the quantity is above the maximum',
      '-4013': 'the price is below the minimum',
      '-4014': 'the price is no multiple of the tick',
      '-4015': 'the client id is not valid',
      '-4023': 'the quantity is no multiple of the step',
      '-4060': 'no such position side',
      '-4061': 'the position side does not fit the position mode',
      '-4062': 'reduce-only is not taken in this position mode',
      '-4087': 'the account may only reduce',
      '-4088': 'the account may not place orders now',
      '-4105': 'refused; the text says why',
      '-4106': 'refused; the text says why',
      '-4107': 'refused; the text says why',
      '-4109': 'the account is not active',
      '-4118': 'with the orders that rest, it would do more than reduce',
      '-4120': 'conditional orders are taken elsewhere',
      '-4140': 'the symbol takes no orders in its present state',
      '-4141': 'the symbol is closed',
      '-4164': 'the order is worth less than the minimum',
      '-4189': 'refused; the text says why',
      '-4192': 'trading is forbidden for a cooling-off period',
      '-4400': 'the account may only reduce (quantitative rules)',
      '-4401': 'the account may only reduce (compliance)',
      '-4402': 'not offered where the account lives',
      '-4411': 'the agreement on TradFi perpetuals is not signed',
      '-5021': 'a fill-or-kill order could not be filled whole',
      '-5022': 'a post-only order would have taken',
      '-5041': 'refused; the text says why',
    },
  }),
  ...ABSENCE_CODES,
  ...rowsOf({
    meaning: 'already-set',
    source: CODES,
    codes: { '-4046': 'the margin mode is already so', '-4059': 'the position mode is already so' },
  }),
  ...rowsOf({ meaning: 'listen-key-dead', source: CODES, codes: { '-1125': 'the listen key does not exist' } }),
];
