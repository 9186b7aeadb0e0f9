/** Binance spot's dialect: its stream and its metadata side. */
import { binanceDialect, notExchangeInfo } from '../shared/binanceDialect.ts';
import { findingsOfExchangeInfo } from '../shared/binanceMapping.ts';
import type { VenueDialect } from '../shared/exchangeFeed.ts';
import type { Finding, VenueRest } from '../shared/instrumentSource.ts';
import type { HttpFailure } from '../shared/venueHttp.ts';
import { instrumentOfSpot } from './mapping.ts';
import * as wire from './wire.ts';

/** Keeps the query short enough for any gateway. */
const MAX_SYMBOLS_PER_QUERY = 50;

const isInvalidSymbol = (failure: HttpFailure): boolean => {
  const body = wire.restError.safeParse(failure.body);
  return body.success && Number(body.data.code) === wire.INVALID_SYMBOL;
};

const fetchInstruments: VenueRest['fetchInstruments'] = async (venueId, symbols, get) => {
  const findings: Finding[] = [];
  const queries: (readonly string[])[] = [];
  for (let from = 0; from < symbols.length; from += MAX_SYMBOLS_PER_QUERY) queries.push(symbols.slice(from, from + MAX_SYMBOLS_PER_QUERY));
  for (let asked = queries.shift(); asked !== undefined; asked = queries.shift()) {
    const outcome = await get(wire.exchangeInfoQuery(asked));
    const [only] = asked;
    if (outcome.ok) {
      const found = findingsOfExchangeInfo(outcome.value, asked, (entry) => instrumentOfSpot(venueId, entry));
      if (found === null) return notExchangeInfo(wire.EXCHANGE_INFO_PATH);
      findings.push(...found);
    } else if (!isInvalidSymbol(outcome)) return outcome;
    else if (asked.length === 1 && only !== undefined) findings.push({ symbol: only, missing: 'the venue does not list it (-1121)' });
    // One unknown symbol fails the whole call: ask for each to learn which.
    else queries.push(...asked.map((symbol) => [symbol]));
  }
  return { ok: true, findings };
};

export const binanceSpot: VenueDialect = binanceDialect(wire.PRODUCT, fetchInstruments);
