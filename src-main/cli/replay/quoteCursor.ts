/**
 * One tape as quotes: finds out which venue and symbol it recorded, then runs every frame through that venue's
 * production decoder. Stands always on the next quote; frames that are no quotes are counted and passed over.
 */
import { Decimal, decimalOfWireNumber } from '../../../src-shared/domain/decimal.ts';
import type { VenueProtocol } from '../../../src-shared/domain/instrument.ts';
import type { ExactInteger } from '../../../src-shared/domain/quote.ts';
import { createBinanceSpotDecoder } from '../../adapters/venues/binance-spot/decode.ts';
import { createBinanceUsdmDecoder } from '../../adapters/venues/binance-usdm/decode.ts';
import type { FrameDecoder } from '../../adapters/venues/shared/frameDecoder.ts';
import { QuoteSequence } from '../../adapters/venues/shared/quoteSequence.ts';
import { NS_PER_US, readTape, TapeCursor, TapeError, type TapeFrame } from './tapeFile.ts';

/** Frames looked at before a tape is given up as one without quotes. */
export const MAX_FRAMES_BEFORE_FIRST_QUOTE = 5_000;
/** Quotes from which the price and quantity steps are read. */
const STEP_SAMPLE_QUOTES = 2_000;

export interface TapeIdentity {
  readonly path: string;
  readonly protocol: Extract<VenueProtocol, 'binance-spot' | 'binance-usdm'>;
  readonly symbol: string;
  /** Finest step seen in the first quotes: tapes carry no metadata. */
  readonly tickSize: string;
  readonly qtyStep: string;
}

export interface TapeQuote {
  receivedNs: bigint;
  bidPx: number;
  bidQty: number;
  askPx: number;
  askQty: number;
  venueMs: number | null;
  updateId: ExactInteger | null;
}

interface TickerLike {
  readonly symbol: string;
  readonly isFutures: boolean;
}

/** Reads a tape's beginning. @throws TapeError where no bookTicker frame of Binance is found */
export const identifyTape = async (path: string): Promise<TapeIdentity> => {
  let seen = 0;
  for await (const batch of readTape(path)) {
    for (const { frame } of batch) {
      const ticker = tickerOf(frame);
      if (ticker !== null) return withSteps(path, ticker);
      if (++seen >= MAX_FRAMES_BEFORE_FIRST_QUOTE)
        throw new TapeError(path, seen, 'no Binance bookTicker frame up to here; only such tapes can be replayed');
    }
  }
  throw new TapeError(path, null, 'holds no Binance bookTicker frame; only such tapes can be replayed');
};

const tickerOf = (frame: Uint8Array): TickerLike | null => {
  let root: unknown;
  try {
    root = JSON.parse(Buffer.from(frame).toString('utf8'));
  } catch {
    return null;
  }
  const outer = root as { readonly stream?: unknown; readonly data?: unknown } | null;
  const body = (typeof outer?.stream === 'string' ? outer.data : outer) as Readonly<Record<string, unknown>> | null;
  if (body === null || typeof body !== 'object' || typeof body['s'] !== 'string') return null;
  if (!['u', 'b', 'B', 'a', 'A'].every((key) => key in body)) return null;
  if (body['e'] === 'bookTicker') return { symbol: body['s'], isFutures: true };
  return body['e'] === undefined ? { symbol: body['s'], isFutures: false } : null;
};

const withSteps = async (path: string, ticker: TickerLike): Promise<TapeIdentity> => {
  const protocol = ticker.isFutures ? ('binance-usdm' as const) : ('binance-spot' as const);
  const quotes = new QuoteCursor({ path, protocol, symbol: ticker.symbol, tickSize: '0', qtyStep: '0' });
  let [pxDigits, qtyDigits] = [0, 0];
  const digits = (value: number): number => decimalOfWireNumber(value).decimalPlaces();
  for (let n = 0; n < STEP_SAMPLE_QUOTES && (await quotes.next()); n++) {
    const { bidPx, askPx, bidQty, askQty } = quotes.head;
    pxDigits = Math.max(pxDigits, digits(bidPx), digits(askPx));
    qtyDigits = Math.max(qtyDigits, digits(bidQty), digits(askQty));
  }
  await quotes.close();
  const step = (places: number): string => new Decimal(10).pow(-places).toString();
  return { path, protocol, symbol: ticker.symbol, tickSize: step(pxDigits), qtyStep: step(qtyDigits) };
};

export class QuoteCursor {
  readonly tape: TapeIdentity;
  readonly head: TapeQuote = { receivedNs: 0n, bidPx: 0, bidQty: 0, askPx: 0, askQty: 0, venueMs: null, updateId: null };
  frames = 0;
  malformed = 0;
  /** First reason for a malformed frame. */
  firstMalformed: string | null = null;
  /** Quotes dropped by the feeds' own rule: their update id did not rise. */
  outOfOrder = 0;
  readonly #cursor: TapeCursor;
  readonly #decoder: FrameDecoder;
  readonly #sequence = new QuoteSequence(1);

  constructor(tape: TapeIdentity) {
    this.tape = tape;
    this.#cursor = new TapeCursor(tape.path);
    this.#decoder = tape.protocol === 'binance-spot' ? createBinanceSpotDecoder([tape.symbol]) : createBinanceUsdmDecoder([tape.symbol]);
  }

  get fallbacks(): number {
    return this.#decoder.fallbacks;
  }

  /** Moves `head` to the next quote without waiting. @returns false when the tape must be read on first */
  step(): boolean {
    for (let next = this.#cursor.ready; next !== undefined; next = this.#cursor.ready) {
      this.#cursor.take();
      this.frames++;
      if (this.#accept(next)) return true;
    }
    return false;
  }

  /** @returns false at the end of the tape */
  async next(): Promise<boolean> {
    for (;;) {
      if (this.step()) return true;
      if (!(await this.#cursor.refill())) return false;
    }
  }

  async close(): Promise<void> {
    await this.#cursor.close();
  }

  #accept({ frame, receivedNs }: TapeFrame): boolean {
    const outcome = this.#decoder.decode(frame);
    if (outcome === 'malformed') {
      this.malformed++;
      this.firstMalformed ??= this.#decoder.why;
    }
    const { draft } = this.#decoder;
    if (outcome !== 'quote' || draft.slot !== 0) return false;
    if (this.#sequence.take(0, draft.updateId, draft.previousId, Number(receivedNs / NS_PER_US)) !== 'news') {
      this.outOfOrder++;
      return false;
    }
    this.head.receivedNs = receivedNs;
    this.head.bidPx = draft.bidPx;
    this.head.bidQty = draft.bidQty;
    this.head.askPx = draft.askPx;
    this.head.askQty = draft.askQty;
    this.head.venueMs = Number.isNaN(draft.venueMs) ? null : draft.venueMs;
    this.head.updateId = draft.updateId;
    return true;
  }
}
