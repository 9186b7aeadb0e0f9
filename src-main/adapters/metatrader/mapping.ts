/** From the EA's symbol table to our instruments, and what the configuration got wrong about them. Pure. */
import { Decimal, type DecimalText } from '../../../src-shared/domain/decimal.ts';
import type { Instrument, InstrumentExpectation, MetadataMismatch } from '../../../src-shared/domain/instrument.ts';
import type { InstrumentSettings } from '../../../src-shared/domain/settings.ts';
import type { QuotedSymbol } from './helloWire.ts';

/** One lot is `contract_size` base units; steps and limits stay in lots. */
export const instrumentOf = (settings: InstrumentSettings, symbol: QuotedSymbol): Instrument => ({
  id: settings.id,
  venueId: settings.venueId,
  symbol: symbol.name,
  kind: settings.kind,
  baseCcy: symbol.base,
  quoteCcy: symbol.profit,
  // Some brokers leave the tick size at zero for symbols that move by points.
  tickSize: new Decimal(symbol.tick_size).isZero() ? symbol.point : symbol.tick_size,
  qtyStep: symbol.vol_step,
  minQty: symbol.vol_min,
  maxQty: new Decimal(symbol.vol_max).isZero() ? null : symbol.vol_max,
  minNotional: null,
  baseQtyPerUnit: symbol.contract_size,
  tradable: symbol.trade_mode === 'full',
  venueState: symbol.trade_mode,
  instIdCode: null,
});

const AMOUNTS = ['tickSize', 'qtyStep', 'minQty', 'baseQtyPerUnit'] as const;
const WORDS = ['baseCcy', 'quoteCcy'] as const;

const sameAmount = (left: DecimalText, right: DecimalText): boolean => new Decimal(left).eq(new Decimal(right));

/** Each claim of the configuration that the broker contradicts, with both figures. */
export const mismatchesOf = (expected: InstrumentExpectation, reported: Instrument): readonly MetadataMismatch[] => [
  ...AMOUNTS.flatMap((field) => {
    const configured = expected[field];
    return configured === undefined || sameAmount(configured, reported[field]) ? [] : [{ field, configured, reported: reported[field] }];
  }),
  ...WORDS.flatMap((field) => {
    const configured = expected[field];
    return configured === undefined || configured === reported[field] ? [] : [{ field, configured, reported: reported[field] }];
  }),
];
