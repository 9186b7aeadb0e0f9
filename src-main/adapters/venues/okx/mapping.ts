/** OKX's instrument entries to our `Instrument`. Pure. */
import { z } from 'zod';
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import { instrumentIdOf } from '../../../../src-shared/domain/ids.ts';
import type { VenueId } from '../../../../src-shared/domain/ids.ts';
import type { Instrument } from '../../../../src-shared/domain/instrument.ts';
import { plainDecimal } from '../shared/decimalText.ts';
import { decimalText, instrumentEntry } from './wire.ts';
import type { InstrumentWire } from './wire.ts';

const isDecimal = (text: string): boolean => decimalText.safeParse(text).success;

/** `XAU-USDT` of the underlying, the family or the name itself. */
const currenciesOf = (wire: InstrumentWire): readonly [string, string] => {
  const [base = '', quote = ''] = (wire.uly || wire.instFamily || wire.instId).split('-');
  return [wire.baseCcy || base, wire.quoteCcy || quote];
};

/** Base units in one contract, or why that is no fixed number. */
const baseQtyPerContract = (wire: InstrumentWire, baseCcy: string): { readonly baseQty: string } | string => {
  if (wire.ctType !== 'linear') return `contract type ${wire.ctType || 'unknown'}: only linear contracts can be watched`;
  if (wire.ctValCcy !== baseCcy) return `a contract is worth ${wire.ctVal} ${wire.ctValCcy}, not an amount of ${baseCcy}`;
  if (!isDecimal(wire.ctVal) || !isDecimal(wire.ctMult)) return `ctVal "${wire.ctVal}" × ctMult "${wire.ctMult}" is no amount`;
  return { baseQty: new Decimal(wire.ctVal).times(wire.ctMult).toFixed() };
};

/** An `Instrument`, or why the entry cannot be used. */
export const instrumentOfOkx = (venueId: VenueId, entry: unknown): Instrument | string => {
  const read = instrumentEntry.safeParse(entry);
  if (!read.success) return z.prettifyError(read.error);
  const wire = read.data;
  if (wire.instType !== 'SPOT' && wire.instType !== 'SWAP') return `type ${wire.instType}: only spot and swaps can be watched`;
  const isSpot = wire.instType === 'SPOT';
  const [baseCcy, quoteCcy] = currenciesOf(wire);
  if (baseCcy === '' || quoteCcy === '') return 'no base or quote currency';
  const unit = isSpot ? { baseQty: '1' } : baseQtyPerContract(wire, baseCcy);
  if (typeof unit === 'string') return unit;
  return {
    id: instrumentIdOf(wire.instId, venueId),
    venueId,
    symbol: wire.instId,
    kind: isSpot ? 'spot' : 'perpetual',
    baseCcy,
    quoteCcy,
    tickSize: plainDecimal(wire.tickSz),
    qtyStep: plainDecimal(wire.lotSz),
    minQty: plainDecimal(wire.minSz),
    maxQty: isDecimal(wire.maxLmtSz) ? plainDecimal(wire.maxLmtSz) : null,
    minNotional: null,
    baseQtyPerUnit: unit.baseQty,
    tradable: wire.state === 'live',
    venueState: wire.state,
    instIdCode: wire.instIdCode === null || wire.instIdCode === undefined || wire.instIdCode === '' ? null : `${wire.instIdCode}`,
  };
};
