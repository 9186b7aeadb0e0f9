/**
 * Best bid and ask at one moment. Prices and quantities are numbers read from at most 15 significant digits
 * (see `decimal.ts`: the exact decimal can always be had back). Unknown is `NaN` for quantities (MT5 displays
 * none) and `null` for times and ids, never zero.
 */

/** Venue sequence ids reach past 2^53: a number where it is exact, else a bigint. */
export type ExactInteger = number | bigint;

export interface Quote {
  readonly bidPx: number;
  /** In the venue's unit (base quantity, contracts, lots); NaN = not displayed. */
  readonly bidQty: number;
  readonly askPx: number;
  readonly askQty: number;
  /** Matching-engine time on the venue's clock; null where the venue sends none (Binance spot). */
  readonly venueMs: number | null;
  readonly updateId: ExactInteger | null;
  readonly receivedMonoUs: number;
}

/** A quote as evidence in the journal: exact decimals as text, ids as text, both clocks. */
export interface QuoteEvidence {
  readonly instrumentId: string;
  readonly bidPx: string;
  readonly bidQty: string | null;
  readonly askPx: string;
  readonly askQty: string | null;
  readonly venueMs: number | null;
  readonly updateId: string | null;
  readonly receivedUnixMs: number;
  readonly ageMs: number;
}
