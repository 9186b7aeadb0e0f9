/**
 * OKX `bbo-tbt` frames to a quote draft by scanning the bytes; `books5` and `tickers` by JSON.parse.
 * An empty side of the book is price 0 and quantity 0, as Binance writes it: known to be empty, not unknown.
 */
import { z } from 'zod';
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  isSpelt,
  OPEN_BRACE,
  OPEN_BRACKET,
  plainStringEnd,
  QUOTE,
  scanDecimalText,
  scanInteger,
  scanned,
  skipSpace,
  skipValue,
  SURPRISE,
} from '../shared/byteScanner.ts';
import type { Bytes } from '../shared/byteScanner.ts';
import { numberOfDecimalText, parseExact } from '../shared/exactJson.ts';
import { emptyDraft } from '../shared/frameDecoder.ts';
import type { Decoded, FrameDecoder, QuoteDraft } from '../shared/frameDecoder.ts';
import { SymbolTable } from '../shared/symbolTable.ts';
import { BBO_CHANNEL, bookEntry, push, tickerEntry } from './wire.ts';

const spelling = (text: string): Bytes => new TextEncoder().encode(text);
const KEY_ARG = spelling('arg');
const KEY_BODY = spelling('data');
const KEY_EVENT = spelling('event');
const KEY_CHANNEL = spelling('channel');
const KEY_INSTRUMENT = spelling('instId');
const KEY_ASKS = spelling('asks');
const KEY_BIDS = spelling('bids');
const KEY_TIME = spelling('ts');
const KEY_ID = spelling('seqId');
const KEY_PREVIOUS_ID = spelling('prevSeqId');
const CHANNEL = spelling(BBO_CHANNEL);

const SEEN_ARG = 1;
const SEEN_BODY = 2;
const SEEN_CHANNEL = 4;
const SEEN_INSTRUMENT = 8;
const SEEN_ASKS = 16;
const SEEN_BIDS = 32;
const SEEN_TIME = 64;
const SEEN_ID = 128;
const SEEN_PREVIOUS_ID = 256;
const WHOLE_QUOTE = SEEN_ARG | SEEN_BODY | SEEN_CHANNEL | SEEN_INSTRUMENT | SEEN_ASKS | SEEN_BIDS | SEEN_TIME;

/** Which object a key stands in. */
const IN_FRAME = 0;
const IN_ARG = 1;
const IN_ENTRY = 2;
type Place = typeof IN_FRAME | typeof IN_ARG | typeof IN_ENTRY;

class OkxDecoder implements FrameDecoder {
  readonly draft: QuoteDraft = emptyDraft();
  message: unknown = undefined;
  why = '';
  fallbacks = 0;
  readonly #table: SymbolTable;
  #seen = 0;

  constructor(symbols: readonly string[]) {
    this.#table = new SymbolTable(symbols);
  }

  decode(frame: Bytes): Decoded {
    return this.#scanFrame(frame) ? 'quote' : this.#parseFrame(frame);
  }

  #scanFrame(frame: Bytes): boolean {
    this.#seen = 0;
    this.draft.updateId = null;
    this.draft.previousId = null;
    const end = this.#scanObject(frame, skipSpace(frame, 0), IN_FRAME);
    return end !== SURPRISE && skipSpace(frame, end) === frame.length && (this.#seen & WHOLE_QUOTE) === WHOLE_QUOTE;
  }

  #scanObject(bytes: Bytes, at: number, place: Place): number {
    if (bytes[at] !== OPEN_BRACE) return SURPRISE;
    let i = skipSpace(bytes, at + 1);
    if (bytes[i] === CLOSE_BRACE) return i + 1;
    for (;;) {
      if (bytes[i] !== QUOTE) return SURPRISE;
      const keyEnd = plainStringEnd(bytes, i + 1);
      if (keyEnd === SURPRISE) return SURPRISE;
      const colon = skipSpace(bytes, keyEnd + 1);
      if (bytes[colon] !== COLON) return SURPRISE;
      const value = skipSpace(bytes, colon + 1);
      if (place === IN_ENTRY) i = this.#scanEntryField(bytes, i + 1, keyEnd, value);
      else if (place === IN_ARG) i = this.#scanArgField(bytes, i + 1, keyEnd, value);
      else i = this.#scanFrameField(bytes, i + 1, keyEnd, value);
      if (i === SURPRISE) return SURPRISE;
      i = skipSpace(bytes, i);
      if (bytes[i] === CLOSE_BRACE) return i + 1;
      if (bytes[i] !== COMMA) return SURPRISE;
      i = skipSpace(bytes, i + 1);
    }
  }

  #first(key: number): boolean {
    if ((this.#seen & key) !== 0) return false;
    this.#seen |= key;
    return true;
  }

  #scanFrameField(bytes: Bytes, keyStart: number, keyEnd: number, value: number): number {
    if (isSpelt(KEY_ARG, bytes, keyStart, keyEnd)) return this.#first(SEEN_ARG) ? this.#scanObject(bytes, value, IN_ARG) : SURPRISE;
    if (isSpelt(KEY_BODY, bytes, keyStart, keyEnd)) return this.#first(SEEN_BODY) ? this.#scanOnlyEntry(bytes, value) : SURPRISE;
    return isSpelt(KEY_EVENT, bytes, keyStart, keyEnd) ? SURPRISE : skipValue(bytes, value);
  }

  #scanOnlyEntry(bytes: Bytes, at: number): number {
    if (bytes[at] !== OPEN_BRACKET) return SURPRISE;
    const entryEnd = this.#scanObject(bytes, skipSpace(bytes, at + 1), IN_ENTRY);
    if (entryEnd === SURPRISE) return SURPRISE;
    const close = skipSpace(bytes, entryEnd);
    return bytes[close] === CLOSE_BRACKET ? close + 1 : SURPRISE;
  }

  #scanArgField(bytes: Bytes, keyStart: number, keyEnd: number, value: number): number {
    const isChannel = isSpelt(KEY_CHANNEL, bytes, keyStart, keyEnd);
    if (!isChannel && !isSpelt(KEY_INSTRUMENT, bytes, keyStart, keyEnd)) return skipValue(bytes, value);
    if (bytes[value] !== QUOTE || !this.#first(isChannel ? SEEN_CHANNEL : SEEN_INSTRUMENT)) return SURPRISE;
    const end = plainStringEnd(bytes, value + 1);
    if (end === SURPRISE) return SURPRISE;
    if (!isChannel) this.draft.slot = this.#table.slotOf(bytes, value + 1, end);
    else if (!isSpelt(CHANNEL, bytes, value + 1, end)) return SURPRISE;
    return end + 1;
  }

  #scanEntryField(bytes: Bytes, keyStart: number, keyEnd: number, value: number): number {
    if (isSpelt(KEY_ASKS, bytes, keyStart, keyEnd)) return this.#first(SEEN_ASKS) ? this.#scanSide(bytes, value, true) : SURPRISE;
    if (isSpelt(KEY_BIDS, bytes, keyStart, keyEnd)) return this.#first(SEEN_BIDS) ? this.#scanSide(bytes, value, false) : SURPRISE;
    if (isSpelt(KEY_TIME, bytes, keyStart, keyEnd)) return this.#first(SEEN_TIME) ? this.#scanTime(bytes, value) : SURPRISE;
    const isId = isSpelt(KEY_ID, bytes, keyStart, keyEnd);
    if (!isId && !isSpelt(KEY_PREVIOUS_ID, bytes, keyStart, keyEnd)) return skipValue(bytes, value);
    const id = scanInteger(bytes, value);
    if (id === SURPRISE || !this.#first(isId ? SEEN_ID : SEEN_PREVIOUS_ID)) return SURPRISE;
    if (isId) this.draft.updateId = id;
    else this.draft.previousId = id;
    return scanned.end;
  }

  /** `[]` or `[["price","size",…]]`; a second level is left to JSON.parse. */
  #scanSide(bytes: Bytes, at: number, isAsk: boolean): number {
    if (bytes[at] !== OPEN_BRACKET) return SURPRISE;
    const level = skipSpace(bytes, at + 1);
    if (bytes[level] === CLOSE_BRACKET) {
      this.#setSide(isAsk, 0, 0);
      return level + 1;
    }
    if (bytes[level] !== OPEN_BRACKET) return SURPRISE;
    const price = scanDecimalText(bytes, skipSpace(bytes, level + 1));
    if (Number.isNaN(price)) return SURPRISE;
    const comma = skipSpace(bytes, scanned.end);
    if (bytes[comma] !== COMMA) return SURPRISE;
    const quantity = scanDecimalText(bytes, skipSpace(bytes, comma + 1));
    if (Number.isNaN(quantity)) return SURPRISE;
    this.#setSide(isAsk, price, quantity);
    return this.#levelEnd(bytes, skipSpace(bytes, scanned.end));
  }

  /** From behind the size to behind both closing brackets. */
  #levelEnd(bytes: Bytes, at: number): number {
    let i = at;
    while (bytes[i] === COMMA) {
      i = skipValue(bytes, skipSpace(bytes, i + 1));
      if (i === SURPRISE) return SURPRISE;
      i = skipSpace(bytes, i);
    }
    if (bytes[i] !== CLOSE_BRACKET) return SURPRISE;
    i = skipSpace(bytes, i + 1);
    return bytes[i] === CLOSE_BRACKET ? i + 1 : SURPRISE;
  }

  #setSide(isAsk: boolean, price: number, quantity: number): void {
    if (isAsk) {
      this.draft.askPx = price;
      this.draft.askQty = quantity;
    } else {
      this.draft.bidPx = price;
      this.draft.bidQty = quantity;
    }
  }

  #scanTime(bytes: Bytes, value: number): number {
    if (bytes[value] !== QUOTE) return SURPRISE;
    const ms = scanInteger(bytes, value + 1);
    if (ms === SURPRISE || typeof ms === 'bigint' || bytes[scanned.end] !== QUOTE) return SURPRISE;
    this.draft.venueMs = ms;
    return scanned.end + 1;
  }

  #parseFrame(frame: Bytes): Decoded {
    let root: unknown;
    try {
      root = parseExact(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString('utf8'));
    } catch (error) {
      return this.#malformed(`not JSON: ${(error as Error).message}`);
    }
    if (typeof root !== 'object' || root === null || Array.isArray(root)) return this.#malformed('not an object');
    const isPush = !('event' in root) && 'arg' in root && 'data' in root;
    if (!isPush) {
      this.message = root;
      return 'message';
    }
    const read = push.safeParse(root);
    if (!read.success) return this.#malformed(`push: ${z.prettifyError(read.error)}`);
    return this.#readPush(read.data);
  }

  #readPush({ arg, data }: z.output<typeof push>): Decoded {
    const isTicker = arg.channel === 'tickers';
    if (!isTicker && arg.channel !== BBO_CHANNEL && arg.channel !== 'books5') {
      this.message = { arg, data };
      return 'message';
    }
    const entry = data.at(-1);
    if (entry === undefined || arg.instId === undefined) return this.#malformed(`${arg.channel}: no entry or no instId`);
    this.draft.slot = this.#table.slotOfText(arg.instId);
    this.draft.previousId = null;
    return isTicker ? this.#readTicker(entry) : this.#readBook(arg.channel, entry);
  }

  #readTicker(entry: unknown): Decoded {
    const read = tickerEntry.safeParse(entry);
    if (!read.success) return this.#malformed(`tickers: ${z.prettifyError(read.error)}`);
    const { bidPx, bidSz, askPx, askSz, ts } = read.data;
    this.draft.updateId = null;
    return this.#fill('tickers', bidPx, bidSz, askPx, askSz, ts);
  }

  #readBook(channel: string, entry: unknown): Decoded {
    const read = bookEntry.safeParse(entry);
    if (!read.success) return this.#malformed(`${channel}: ${z.prettifyError(read.error)}`);
    const [bidPx, bidQty] = read.data.bids[0] ?? ['', ''];
    const [askPx, askQty] = read.data.asks[0] ?? ['', ''];
    this.draft.updateId = read.data.seqId ?? null;
    this.draft.previousId = read.data.prevSeqId ?? null;
    return this.#fill(channel, bidPx, bidQty, askPx, askQty, read.data.ts);
  }

  #fill(channel: string, bidPx: string, bidQty: string, askPx: string, askQty: string, ts: string): Decoded {
    const amounts = [bidPx, bidQty, askPx, askQty].map((text) => (text === '' ? 0 : numberOfDecimalText(text)));
    const [bid, bidSize, ask, askSize] = amounts;
    if (bid === undefined || bidSize === undefined || ask === undefined || askSize === undefined || amounts.some(Number.isNaN))
      return this.#malformed(`${channel}: a figure has more than 15 significant digits`);
    this.#setSide(false, bid, bidSize);
    this.#setSide(true, ask, askSize);
    this.draft.venueMs = Number(ts);
    this.fallbacks++;
    return 'quote';
  }

  #malformed(why: string): Decoded {
    this.why = why;
    return 'malformed';
  }
}

/** For one connection of OKX's public stream; `symbols` are `instId`s. */
export const createOkxDecoder = (symbols: readonly string[]): FrameDecoder => new OkxDecoder(symbols);
