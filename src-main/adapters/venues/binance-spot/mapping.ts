/** Binance spot's exchangeInfo to our `Instrument`. Pure. */
import { z } from 'zod';
import type { VenueId } from '../../../../src-shared/domain/ids.ts';
import type { Instrument } from '../../../../src-shared/domain/instrument.ts';
import { instrumentOfBinance } from '../shared/binanceMapping.ts';
import { spotSymbol } from './wire.ts';

/** An `Instrument`, or why the entry cannot be used. */
export const instrumentOfSpot = (venueId: VenueId, entry: unknown): Instrument | string => {
  const read = spotSymbol.safeParse(entry);
  return read.success ? instrumentOfBinance(venueId, 'spot', read.data) : z.prettifyError(read.error);
};
