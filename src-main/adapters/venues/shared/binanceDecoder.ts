/**
 * Binance bookTicker frames, raw or in the combined envelope, spot or futures, to a quote draft.
 * Keys in any order, unknown ones skipped; whatever the scanner does not want to judge goes to JSON.parse.
 */
import { z } from 'zod';
import { bookTicker } from './binanceWire.ts';
import {
  CLOSE_BRACE,
  COLON,
  COMMA,
  isSpelt,
  OPEN_BRACE,
  plainStringEnd,
  QUOTE,
  scanDecimalText,
  scanInteger,
  scanned,
  skipSpace,
  skipValue,
  SURPRISE,
} from './byteScanner.ts';
import type { Bytes } from './byteScanner.ts';
import { numberOfDecimalText, parseExact } from './exactJson.ts';
import { emptyDraft } from './frameDecoder.ts';
import type { Decoded, FrameDecoder, QuoteDraft } from './frameDecoder.ts';
import { SymbolTable } from './symbolTable.ts';

const SEEN_EVENT_NAME = 1;
const SEEN_ID = 2;
const SEEN_SYMBOL = 4;
const SEEN_BID_PX = 8;
const SEEN_BID_QTY = 16;
const SEEN_ASK_PX = 32;
const SEEN_ASK_QTY = 64;
const SEEN_VENUE_TIME = 128;
const SEEN_SENT_TIME = 256;
const AMOUNTS = SEEN_BID_PX | SEEN_BID_QTY | SEEN_ASK_PX | SEEN_ASK_QTY;
const INTEGERS = SEEN_ID | SEEN_VENUE_TIME | SEEN_SENT_TIME;
const WHOLE_QUOTE = AMOUNTS | SEEN_ID | SEEN_SYMBOL;
const SEEN_STREAM = 1;
const SEEN_BODY = 2;

const FLAGS = new Uint16Array(256);
for (const [key, flag] of Object.entries({
  e: SEEN_EVENT_NAME,
  u: SEEN_ID,
  s: SEEN_SYMBOL,
  b: SEEN_BID_PX,
  B: SEEN_BID_QTY,
  a: SEEN_ASK_PX,
  A: SEEN_ASK_QTY,
  T: SEEN_VENUE_TIME,
  E: SEEN_SENT_TIME,
}))
  FLAGS[key.charCodeAt(0)] = flag;
const flagOf = (key: number): number => FLAGS[key]!;

const EVENT_NAME = new TextEncoder().encode('bookTicker');
const STREAM_KEY = new TextEncoder().encode('stream');
const BODY_KEY = new TextEncoder().encode('data');

class BinanceDecoder implements FrameDecoder {
  readonly draft: QuoteDraft = emptyDraft();
  message: unknown = undefined;
  why = '';
  fallbacks = 0;
  readonly #table: SymbolTable;

  constructor(symbols: readonly string[]) {
    this.#table = new SymbolTable(symbols);
  }

  decode(frame: Bytes): Decoded {
    return this.#scanFrame(frame) ? 'quote' : this.#parseFrame(frame);
  }

  #scanFrame(frame: Bytes): boolean {
    const start = skipSpace(frame, 0);
    let end = this.#scanBody(frame, start, true);
    if (end === SURPRISE) end = this.#scanEnvelope(frame, start);
    return end !== SURPRISE && skipSpace(frame, end) === frame.length;
  }

  /** `{"stream":…,"data":{…}}`; what else stands there says nothing about the quote. */
  #scanEnvelope(bytes: Bytes, at: number): number {
    if (bytes[at] !== OPEN_BRACE) return SURPRISE;
    let seen = 0;
    let i = skipSpace(bytes, at + 1);
    for (;;) {
      if (bytes[i] !== QUOTE) return SURPRISE;
      const keyStart = i + 1;
      const keyEnd = plainStringEnd(bytes, keyStart);
      if (keyEnd === SURPRISE) return SURPRISE;
      i = skipSpace(bytes, keyEnd + 1);
      if (bytes[i] !== COLON) return SURPRISE;
      i = skipSpace(bytes, i + 1);
      const isBody = isSpelt(BODY_KEY, bytes, keyStart, keyEnd);
      if (isBody || isSpelt(STREAM_KEY, bytes, keyStart, keyEnd)) {
        const key = isBody ? SEEN_BODY : SEEN_STREAM;
        if ((seen & key) !== 0 || (!isBody && bytes[i] !== QUOTE)) return SURPRISE;
        seen |= key;
      }
      i = isBody ? this.#scanBody(bytes, i, false) : skipValue(bytes, i);
      if (i === SURPRISE) return SURPRISE;
      i = skipSpace(bytes, i);
      if (bytes[i] === CLOSE_BRACE) return seen === (SEEN_BODY | SEEN_STREAM) ? i + 1 : SURPRISE;
      if (bytes[i] !== COMMA) return SURPRISE;
      i = skipSpace(bytes, i + 1);
    }
  }

  /** The quote's own object. A known key met twice is left to JSON.parse, whose last one wins. */
  #scanBody(bytes: Bytes, at: number, outermost: boolean): number {
    if (bytes[at] !== OPEN_BRACE) return SURPRISE;
    this.draft.venueMs = Number.NaN;
    this.draft.sentMs = Number.NaN;
    let seen = 0;
    let i = skipSpace(bytes, at + 1);
    for (;;) {
      if (bytes[i] !== QUOTE) return SURPRISE;
      const keyStart = i + 1;
      const keyEnd = plainStringEnd(bytes, keyStart);
      if (keyEnd === SURPRISE) return SURPRISE;
      i = skipSpace(bytes, keyEnd + 1);
      if (bytes[i] !== COLON) return SURPRISE;
      i = skipSpace(bytes, i + 1);
      const flag = keyEnd === keyStart + 1 ? flagOf(bytes[keyStart]!) : 0;
      if ((seen & flag) !== 0) return SURPRISE;
      seen |= flag;
      if (flag !== 0) i = this.#scanField(bytes, flag, i);
      else if (outermost && (isSpelt(BODY_KEY, bytes, keyStart, keyEnd) || isSpelt(STREAM_KEY, bytes, keyStart, keyEnd))) return SURPRISE;
      else i = skipValue(bytes, i);
      if (i === SURPRISE) return SURPRISE;
      i = skipSpace(bytes, i);
      if (bytes[i] === CLOSE_BRACE) return (seen & WHOLE_QUOTE) === WHOLE_QUOTE ? i + 1 : SURPRISE;
      if (bytes[i] !== COMMA) return SURPRISE;
      i = skipSpace(bytes, i + 1);
    }
  }

  #scanField(bytes: Bytes, flag: number, at: number): number {
    if ((flag & AMOUNTS) !== 0) {
      const amount = scanDecimalText(bytes, at);
      if (Number.isNaN(amount)) return SURPRISE;
      if (flag === SEEN_BID_PX) this.draft.bidPx = amount;
      else if (flag === SEEN_BID_QTY) this.draft.bidQty = amount;
      else if (flag === SEEN_ASK_PX) this.draft.askPx = amount;
      else this.draft.askQty = amount;
      return scanned.end;
    }
    if ((flag & INTEGERS) !== 0) {
      const whole = scanInteger(bytes, at);
      if (whole === SURPRISE) return SURPRISE;
      if (flag === SEEN_ID) this.draft.updateId = whole;
      else if (typeof whole === 'bigint') return SURPRISE;
      else if (flag === SEEN_VENUE_TIME) this.draft.venueMs = whole;
      else this.draft.sentMs = whole;
      return scanned.end;
    }
    if (bytes[at] !== QUOTE) return SURPRISE;
    const end = plainStringEnd(bytes, at + 1);
    if (end === SURPRISE) return SURPRISE;
    if (flag === SEEN_SYMBOL) this.draft.slot = this.#table.slotOf(bytes, at + 1, end);
    else if (!isSpelt(EVENT_NAME, bytes, at + 1, end)) return SURPRISE;
    return end + 1;
  }

  #parseFrame(frame: Bytes): Decoded {
    let root: unknown;
    try {
      root = parseExact(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString('utf8'));
    } catch (error) {
      return this.#malformed(`not JSON: ${(error as Error).message}`);
    }
    if (!isObject(root)) return this.#malformed('not an object');
    const isCombined = typeof root['stream'] === 'string' && isObject(root['data']);
    const body = isCombined ? (root['data'] as Readonly<Record<string, unknown>>) : root;
    const isQuote = body['e'] === 'bookTicker' || (body['e'] === undefined && 'u' in body && 's' in body);
    if (!isQuote) {
      this.message = root;
      return 'message';
    }
    const read = bookTicker.safeParse(body);
    if (!read.success) return this.#malformed(`bookTicker: ${z.prettifyError(read.error)}`);
    return this.#fill(read.data);
  }

  #fill(wire: z.output<typeof bookTicker>): Decoded {
    const { draft } = this;
    draft.slot = this.#table.slotOfText(wire.s);
    draft.bidPx = numberOfDecimalText(wire.b);
    draft.bidQty = numberOfDecimalText(wire.B);
    draft.askPx = numberOfDecimalText(wire.a);
    draft.askQty = numberOfDecimalText(wire.A);
    draft.venueMs = wire.T ?? Number.NaN;
    draft.sentMs = wire.E ?? Number.NaN;
    draft.updateId = wire.u;
    for (const [name, value] of [
      ['b', draft.bidPx],
      ['B', draft.bidQty],
      ['a', draft.askPx],
      ['A', draft.askQty],
    ] as const)
      if (Number.isNaN(value)) return this.#malformed(`bookTicker: ${name} has more than 15 significant digits`);
    this.fallbacks++;
    return 'quote';
  }

  #malformed(why: string): Decoded {
    this.why = why;
    return 'malformed';
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** For one connection of Binance spot or futures; `symbols` in the venue's own (upper-case) spelling. */
export const createBinanceDecoder = (symbols: readonly string[]): FrameDecoder => new BinanceDecoder(symbols);
