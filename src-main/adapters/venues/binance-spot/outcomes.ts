/**
 * What Binance spot's replies mean for a placement, a cancel, a question. Data; the first row that matches wins, no match is unknown.
 * Every 5xx is unknown here, whatever its text; two codes have two meanings, told apart by their texts.
 */
import { ABSENCE_CODES, REJECT_CODES, RETRY_CODES, rowsOf, STATUS_ROWS, UNKNOWN_CODES } from '../shared/binanceOutcomes.ts';
import type { OutcomeTable } from '../shared/orders/parts.ts';

const CODES = 'Binance spot, errors, July 2026';
/** Canceled or expired without a fill, more than 90 days ago. */
export const ARCHIVED_CODE = '-2026';

export const SPOT_OUTCOMES: OutcomeTable = [
  {
    code: null,
    status: { from: 500, to: 599 },
    meaning: 'unknown',
    words: 'a fault of the exchange: it may have been done',
    source: 'Binance spot, REST, HTTP return codes: 5xx must not be treated as a failure',
  },
  { code: null, status: { from: 408, to: 408 }, meaning: 'unknown', words: 'no answer from its back end in time', source: CODES },
  ...UNKNOWN_CODES,
  ...STATUS_ROWS,
  ...RETRY_CODES,
  ...rowsOf({
    meaning: 'retry-later',
    source: CODES,
    codes: { '-1008': 'the exchange is overloaded', '-1034': 'too many connections' },
  }),
  {
    code: '-2010',
    text: 'Duplicate order sent.',
    meaning: 'duplicate-id',
    words: 'an order of this client id is open',
    source: 'Binance spot, errors, messages for -2010',
  },
  // Of all filters the only ones that follow the market: PERCENT_PRICE and PERCENT_PRICE_BY_SIDE.
  {
    code: '-1013',
    text: 'Filter failure: PERCENT_PRICE',
    meaning: 'retry-fresh',
    words: 'the price is beyond the band, which follows the market',
    source: 'Binance spot, filters, July 2026',
  },
  ...REJECT_CODES,
  ...rowsOf({
    meaning: 'rejected',
    source: CODES,
    codes: { '-1013': 'a filter of the instrument refused it', '-2010': 'the matching engine refused it' },
  }),
  ...ABSENCE_CODES,
  ...rowsOf({ meaning: 'not-found', source: CODES, codes: { [ARCHIVED_CODE]: 'ended without a fill long ago' } }),
];
