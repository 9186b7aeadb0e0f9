/**
 * What a decoder gives for one frame. The draft is one object, overwritten by the next frame: readers copy at once.
 */
import type { ExactInteger } from '../../../../src-shared/domain/quote.ts';
import { UNKNOWN_SLOT } from './symbolTable.ts';

/**
 * `quote`: the draft is filled. `message`: anything else the venue may say; read `message`.
 * `malformed`: read `why`.
 */
export type Decoded = 'quote' | 'message' | 'malformed';

export interface QuoteDraft {
  /** Position of the symbol in the decoder's list; `UNKNOWN_SLOT` for one that nobody asked for. */
  slot: number;
  bidPx: number;
  bidQty: number;
  askPx: number;
  askQty: number;
  /** Matching-engine time, Unix ms of the venue; NaN = none. */
  venueMs: number;
  /** When the venue's gateway sent the frame, Unix ms of the venue; NaN = none. */
  sentMs: number;
  updateId: ExactInteger | null;
  /** Id of the update before, where the venue chains them. */
  previousId: ExactInteger | null;
}

export interface FrameDecoder {
  readonly draft: Readonly<QuoteDraft>;
  /** Parsed value of the last `message`. */
  readonly message: unknown;
  /** Reason of the last `malformed`. */
  readonly why: string;
  /** Quotes that needed JSON.parse, since construction. */
  readonly fallbacks: number;
  decode(frame: Uint8Array): Decoded;
}

export const emptyDraft = (): QuoteDraft => ({
  slot: UNKNOWN_SLOT,
  bidPx: Number.NaN,
  bidQty: Number.NaN,
  askPx: Number.NaN,
  askQty: Number.NaN,
  venueMs: Number.NaN,
  sentMs: Number.NaN,
  updateId: null,
  previousId: null,
});
