/** What a venue's metadata side must answer, and how a report is compared with the configuration's claims. */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { VenueId } from '../../../../src-shared/domain/ids.ts';
import type { Instrument, InstrumentExpectation, MetadataMismatch } from '../../../../src-shared/domain/instrument.ts';
import type { HttpFailure, HttpOutcome } from './venueHttp.ts';

export type Finding =
  | { readonly symbol: string; readonly instrument: Instrument }
  /** The venue answered, and there is nothing usable under this symbol. */
  | { readonly symbol: string; readonly missing: string };
export type Findings = { readonly ok: true; readonly findings: readonly Finding[] } | HttpFailure;

/** One read; waits for our own request limit, so that only the venue's refusals are failures. */
export type Get = (path: string) => Promise<HttpOutcome>;

export interface VenueRest {
  readonly timePath: string;
  /** Server time out of the answer to `timePath`; null when it is not there. */
  readonly readTime: (value: unknown) => number | null;
  readonly fetchInstruments: (venueId: VenueId, symbols: readonly string[], get: Get) => Promise<Findings>;
}

const AMOUNTS = ['tickSize', 'qtyStep', 'minQty', 'baseQtyPerUnit'] as const;
const CURRENCIES = ['baseCcy', 'quoteCcy'] as const;

/** Every claim that the venue contradicts, both figures named; amounts are compared by value, not by spelling. */
export const mismatchesOf = (expected: InstrumentExpectation, reported: Instrument): readonly MetadataMismatch[] => [
  ...AMOUNTS.flatMap((field) => {
    const configured = expected[field];
    return configured === undefined || new Decimal(configured).equals(reported[field])
      ? []
      : [{ field, configured, reported: reported[field] }];
  }),
  ...CURRENCIES.flatMap((field) => {
    const configured = expected[field];
    return configured === undefined || configured === reported[field] ? [] : [{ field, configured, reported: reported[field] }];
  }),
];
