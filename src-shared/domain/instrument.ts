/**
 * What trades where. Owns the description of venues and instruments as the venues themselves report it.
 * Every amount is in the venue's own unit; `baseQtyPerUnit` is the only bridge to base units.
 */
import type { DecimalText } from './decimal.ts';
import type { InstrumentId, VenueId } from './ids.ts';

export type VenueProtocol = 'binance-spot' | 'binance-usdm' | 'okx' | 'metatrader';
export type InstrumentKind = 'spot' | 'perpetual' | 'cfd';

export interface Instrument {
  readonly id: InstrumentId;
  readonly venueId: VenueId;
  /** The venue's own spelling, case included. */
  readonly symbol: string;
  readonly kind: InstrumentKind;
  readonly baseCcy: string;
  readonly quoteCcy: string;
  readonly tickSize: DecimalText;
  /** Step, minimum and maximum in the venue's unit: base quantity, contracts or lots. */
  readonly qtyStep: DecimalText;
  readonly minQty: DecimalText;
  readonly maxQty: DecimalText | null;
  /** In quote currency; null where the venue sets none. */
  readonly minNotional: DecimalText | null;
  /** Base units in one venue unit: 1, `ctVal × ctMult`, or the MT5 contract size. */
  readonly baseQtyPerUnit: DecimalText;
  readonly tradable: boolean;
  /** The venue's own word for its state: `TRADING`, `live`, `full` … */
  readonly venueState: string;
  /** OKX's integer id, mandatory in its web-socket order calls; null elsewhere or where OKX gives none. */
  readonly instIdCode: string | null;
}

/** What the configuration claims about an instrument; a claim that the venue contradicts refuses the pair. */
export interface InstrumentExpectation {
  readonly tickSize?: DecimalText | undefined;
  readonly qtyStep?: DecimalText | undefined;
  readonly minQty?: DecimalText | undefined;
  readonly baseQtyPerUnit?: DecimalText | undefined;
  readonly baseCcy?: string | undefined;
  readonly quoteCcy?: string | undefined;
}

export interface MetadataMismatch {
  readonly field: keyof InstrumentExpectation;
  readonly configured: string;
  readonly reported: string;
}
