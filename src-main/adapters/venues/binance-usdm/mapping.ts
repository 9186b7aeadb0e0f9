/** Binance futures' exchangeInfo to our `Instrument`. Pure. */
import { z } from 'zod';
import type { VenueId } from '../../../../src-shared/domain/ids.ts';
import type { Instrument } from '../../../../src-shared/domain/instrument.ts';
import { instrumentOfBinance } from '../shared/binanceMapping.ts';
import { futuresSymbol, PERPETUAL_CONTRACT_TYPES } from './wire.ts';

/** An `Instrument`, or why the entry cannot be used. */
export const instrumentOfFutures = (venueId: VenueId, entry: unknown): Instrument | string => {
  const read = futuresSymbol.safeParse(entry);
  if (!read.success) return z.prettifyError(read.error);
  const { contractType } = read.data;
  if (!PERPETUAL_CONTRACT_TYPES.includes(contractType)) return `contract type ${contractType}: only perpetuals can be watched`;
  return instrumentOfBinance(venueId, 'perpetual', read.data);
};
