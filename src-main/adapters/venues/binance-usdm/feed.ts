/** The dialect of Binance USD-M futures: its stream and its metadata side. */
import { binanceDialect, notExchangeInfo } from '../shared/binanceDialect.ts';
import { findingsOfExchangeInfo } from '../shared/binanceMapping.ts';
import type { VenueDialect } from '../shared/exchangeFeed.ts';
import type { VenueRest } from '../shared/instrumentSource.ts';
import { instrumentOfFutures } from './mapping.ts';
import * as wire from './wire.ts';

/** The venue has one document for all symbols. */
const fetchInstruments: VenueRest['fetchInstruments'] = async (venueId, symbols, get) => {
  const outcome = await get(wire.EXCHANGE_INFO_PATH);
  if (!outcome.ok) return outcome;
  const findings = findingsOfExchangeInfo(outcome.value, symbols, (entry) => instrumentOfFutures(venueId, entry));
  return findings === null ? notExchangeInfo(wire.EXCHANGE_INFO_PATH) : { ok: true, findings };
};

export const binanceUsdm: VenueDialect = binanceDialect(wire.PRODUCT, fetchInstruments);
