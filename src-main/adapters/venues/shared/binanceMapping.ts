/** What spot and futures entries of exchangeInfo have in common, on their way to our `Instrument`. Pure. */
import { z } from 'zod';
import { instrumentIdOf } from '../../../../src-shared/domain/ids.ts';
import type { VenueId } from '../../../../src-shared/domain/ids.ts';
import type { Instrument, InstrumentKind } from '../../../../src-shared/domain/instrument.ts';
import { exchangeInfo, lotSize, minNotional, notional, priceFilter } from './binanceWire.ts';
import type { SymbolWire } from './binanceWire.ts';
import { plainDecimal } from './decimalText.ts';
import type { Finding } from './instrumentSource.ts';

const filterOf = <S extends z.ZodType>(wire: SymbolWire, filterType: string, schema: S): z.output<S> | string => {
  const found = wire.filters.find((filter) => filter.filterType === filterType);
  if (found === undefined) return `no ${filterType} filter`;
  const read = schema.safeParse(found);
  return read.success ? read.data : `${filterType}: ${z.prettifyError(read.error)}`;
};

/** The smallest order value; null where the venue sets none. */
const minNotionalOf = (wire: SymbolWire): string | null => {
  const modern = filterOf(wire, 'NOTIONAL', notional);
  if (typeof modern !== 'string') return plainDecimal(modern.minNotional);
  const plain = filterOf(wire, 'MIN_NOTIONAL', minNotional);
  if (typeof plain === 'string') return null;
  const amount = plain.notional ?? plain.minNotional;
  return amount === undefined ? null : plainDecimal(amount);
};

/** An `Instrument`, or why the entry cannot be used. Rules come from `filters`, never from the `…Precision` fields. */
export const instrumentOfBinance = (venueId: VenueId, kind: InstrumentKind, wire: SymbolWire): Instrument | string => {
  const price = filterOf(wire, 'PRICE_FILTER', priceFilter);
  if (typeof price === 'string') return price;
  const lot = filterOf(wire, 'LOT_SIZE', lotSize);
  if (typeof lot === 'string') return lot;
  return {
    id: instrumentIdOf(wire.symbol, venueId),
    venueId,
    symbol: wire.symbol,
    kind,
    baseCcy: wire.baseAsset,
    quoteCcy: wire.quoteAsset,
    tickSize: plainDecimal(price.tickSize),
    qtyStep: plainDecimal(lot.stepSize),
    minQty: plainDecimal(lot.minQty),
    maxQty: plainDecimal(lot.maxQty),
    minNotional: minNotionalOf(wire),
    baseQtyPerUnit: '1',
    tradable: wire.status === 'TRADING',
    venueState: wire.status,
    instIdCode: null,
  };
};

/** One finding for each symbol asked for; null when the document is not exchangeInfo at all. */
export const findingsOfExchangeInfo = (
  document: unknown,
  symbols: readonly string[],
  instrumentOf: (entry: unknown) => Instrument | string,
): readonly Finding[] | null => {
  const read = exchangeInfo.safeParse(document);
  if (!read.success) return null;
  const entries = new Map(read.data.symbols.map((entry) => [entry.symbol, entry]));
  return symbols.map((symbol) => {
    const entry = entries.get(symbol);
    if (entry === undefined) return { symbol, missing: 'the venue does not list it' };
    const instrument = instrumentOf(entry);
    return typeof instrument === 'string' ? { symbol, missing: `its description cannot be used: ${instrument}` } : { symbol, instrument };
  });
};
