/** Real-looking frames, ways to damage them, and an independent judge of what a frame says (JSON.parse only). */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Decoded, FrameDecoder } from './frameDecoder.ts';

/** Directory of the recorded market data, or null where this machine has none. */
export const sharedDataPath = (...parts: string[]): string | null => {
  const root = process.env['QUANT_ARB_SHARED_DATA'] ?? resolve(process.cwd(), '../shared/data');
  const path = join(root, ...parts);
  return existsSync(path) ? path : null;
};

export type Judged = 'malformed' | 'message' | Record<string, unknown>;

/** At most 15 significant digits, as `toPrecision` sees them. */
const amountOf = (text: unknown): number | null => {
  if (typeof text !== 'string' || !/^[0-9]{1,24}([.][0-9]{1,24})?$/.test(text)) return null;
  const value = Number(text);
  const bare = text.replace('.', '').replace(/^0*/, '');
  let length = bare.length;
  while (length > 0 && bare[length - 1] === '0') length--;
  return length <= 15 ? value : null;
};
const isWhole = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;
/** Ids are compared as numbers: JSON.parse has no exact ones beyond 2^53. */
export const isSame = (verdict: Judged, judged: Judged): boolean => {
  if (typeof verdict !== 'object' || typeof judged !== 'object') return verdict === judged;
  for (const key in judged) {
    const value = verdict[key];
    if (!Object.is(typeof value === 'bigint' ? Number(value) : value, judged[key])) return false;
  }
  return Object.keys(verdict).length === Object.keys(judged).length;
};
const asObject = (value: unknown): Record<string, unknown> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;

/** Whole numbers written with an exponent beyond 2^53 cannot be known exactly: no id. */
const withoutInexact = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && !/^-?\d+$/.test(context?.source ?? '') ? `inexact ${value}` : value;

const parsed = (frame: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(frame).toString(), withoutInexact);
  } catch {
    return undefined;
  }
};

export const judgeBinance = (frame: Uint8Array, symbols: readonly string[]): Judged => {
  const root = asObject(parsed(frame));
  if (root === null) return 'malformed';
  const inner = typeof root['stream'] === 'string' ? asObject(root['data']) : null;
  const body = inner ?? root;
  const named = body['e'];
  if (named !== 'bookTicker' && !(named === undefined && 'u' in body && 's' in body)) return 'message';
  const [bidPx, bidQty, askPx, askQty] = [amountOf(body['b']), amountOf(body['B']), amountOf(body['a']), amountOf(body['A'])];
  const { s, u, T, E } = body;
  if (bidPx === null || bidQty === null || askPx === null || askQty === null || typeof s !== 'string') return 'malformed';
  const timeOk = (time: unknown) => time === undefined || (isWhole(time) && Number.isSafeInteger(time));
  if (!isWhole(u) || !timeOk(T) || !timeOk(E)) return 'malformed';
  return { slot: symbols.indexOf(s), bidPx, bidQty, askPx, askQty, venueMs: T ?? null, sentMs: E ?? null, updateId: u };
};

const sideOf = (levels: unknown): readonly [number, number] | null => {
  if (!Array.isArray(levels)) return null;
  if (levels.length === 0) return [0, 0];
  const pairs = levels.map((level: unknown) =>
    Array.isArray(level) && level.length >= 2 && typeof level[0] === 'string' && typeof level[1] === 'string' ? level : null,
  );
  const shapeOk = pairs.every(
    (level) => level !== null && level.slice(0, 2).every((text) => /^[0-9]{1,24}([.][0-9]{1,24})?$/.test(text as string)),
  );
  const [px, qty] = [amountOf(pairs[0]?.[0]), amountOf(pairs[0]?.[1])];
  return shapeOk && px !== null && qty !== null ? [px, qty] : null;
};

/** Only for `bbo-tbt`; ids are expected below 2^53. */
export const judgeOkx = (frame: Uint8Array, symbols: readonly string[]): Judged => {
  const root = asObject(parsed(frame));
  if (root === null) return 'malformed';
  if ('event' in root || !('arg' in root) || !('data' in root)) return 'message';
  const arg = asObject(root['arg']);
  const entries = root['data'];
  if (arg === null || typeof arg['channel'] !== 'string' || !Array.isArray(entries)) return 'malformed';
  if (arg['instId'] !== undefined && typeof arg['instId'] !== 'string') return 'malformed';
  if (arg['channel'] !== 'bbo-tbt') return 'message';
  const entry = asObject(entries.at(-1));
  if (entry === null || arg['instId'] === undefined) return 'malformed';
  const [bid, ask] = [sideOf(entry['bids']), sideOf(entry['asks'])];
  const { ts, seqId, prevSeqId } = entry;
  const idOk = (id: unknown) => id === undefined || (typeof id === 'number' && Number.isInteger(id));
  if (bid === null || ask === null || typeof ts !== 'string' || !/^[0-9]{1,16}$/.test(ts) || !idOk(seqId) || !idOk(prevSeqId))
    return 'malformed';
  return {
    slot: symbols.indexOf(arg['instId']),
    bidPx: bid[0],
    bidQty: bid[1],
    askPx: ask[0],
    askQty: ask[1],
    venueMs: Number(ts),
    sentMs: null,
    updateId: seqId ?? null,
  };
};

export const verdictOf = (decoder: FrameDecoder, outcome: Decoded): Judged => {
  if (outcome !== 'quote') return outcome;
  const { slot, bidPx, bidQty, askPx, askQty, venueMs, sentMs, updateId } = decoder.draft;
  const known = (time: number) => (Number.isNaN(time) ? null : time);
  return { slot, bidPx, bidQty, askPx, askQty, venueMs: known(venueMs), sentMs: known(sentMs), updateId };
};

const FRAGMENTS = [
  '"',
  '\\',
  '\\"',
  '\\u0062',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '.',
  '-',
  '0',
  '9',
  'e5',
  ' ',
  '\n',
  'null',
  'true',
  '"b":"7",',
  '"data":{',
  '"x":[1,{"y":"\\n"}],',
  '"T":17,',
  '"seqId":9,',
  'é',
  '\u0001',
];

/** A damaged copy: bytes changed, cut out, doubled, swapped or put in; `random` gives [0, 1). */
export const mutate = (frame: string, random: () => number): Buffer => {
  let text = frame;
  const pick = (below: number) => Math.floor(random() * below);
  for (let rounds = 1 + pick(2); rounds > 0; rounds--) {
    const at = pick(text.length + 1);
    const length = 1 + pick(6);
    const kind = pick(6);
    if (kind === 0) text = text.slice(0, at) + text.slice(at + length);
    else if (kind === 1) text = text.slice(0, at) + FRAGMENTS[pick(FRAGMENTS.length)] + text.slice(at);
    else if (kind === 2) text = text.slice(0, at) + text.slice(at, at + length) + text.slice(at);
    else if (kind === 3) text = text.slice(0, at) + String.fromCharCode(pick(128)) + text.slice(at + 1);
    else if (kind === 4) text = shuffleKeys(text, pick);
    else text = text.slice(0, at) + FRAGMENTS[pick(FRAGMENTS.length)] + text.slice(at + length);
  }
  const bytes = Buffer.from(text);
  if (pick(20) === 0 && bytes.length > 0) bytes[pick(bytes.length)] = pick(256);
  return bytes;
};

const shuffled = (value: unknown, pick: (below: number) => number): unknown => {
  if (Array.isArray(value)) return value.map((member) => shuffled(member, pick));
  const object = asObject(value);
  if (object === null) return value;
  const entries = Object.entries(object).map(([key, member]) => ({ key, member: shuffled(member, pick), order: pick(1_000) }));
  return Object.fromEntries(entries.sort((x, y) => x.order - y.order).map(({ key, member }) => [key, member]));
};

const shuffleKeys = (text: string, pick: (below: number) => number): string => {
  try {
    return JSON.stringify(shuffled(JSON.parse(text), pick));
  } catch {
    return text;
  }
};

/** A small deterministic generator for [0, 1) (mulberry32). */
export const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
};

export const BINANCE_SYMBOLS = ['XAUUSDT', 'PAXGUSDT', 'BTCUSDT'];
export const BINANCE_FRAMES = [
  '{"e":"bookTicker","u":400900217,"s":"XAUUSDT","ps":"XAUUSDT","b":"4000.01","B":"31.210","a":"4000.11","A":"40.660","T":1795353000001,"E":1795353000005,"st":1}',
  '{"u":98494969448,"s":"BTCUSDT","b":"63704.00000000","B":"4.77471000","a":"63704.01000000","A":"11.33198000"}',
  '{"stream":"xauusdt@bookTicker","data":{"e":"bookTicker","u":400900217,"s":"XAUUSDT","b":"4000.01","B":"31.210","a":"4000.11","A":"40.660","T":1795353000001,"E":1795353000005}}',
  '{"result":null,"id":1}',
  '{"error":{"code":2,"msg":"Invalid request"},"id":3}',
  '{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":500,"u":502,"b":[["61737.6","0.0"]],"a":[["61837.6","1.5"]]}',
];
export const OKX_SYMBOLS = ['XAU-USDT-SWAP', 'BTC-USDT'];
export const OKX_FRAMES = [
  '{"arg":{"channel":"bbo-tbt","instId":"XAU-USDT-SWAP"},"data":[{"asks":[["4000.11","31210","0","3"]],"bids":[["4000.01","40660","0","7"]],"ts":"1795353000001","seqId":123456789}]}',
  '{"arg":{"channel":"bbo-tbt","instId":"BTC-USDT"},"data":[{"asks":[],"bids":[["63704.1","0.00373695","0","7"]],"ts":"1795353000001","seqId":4503599627370497}]}',
  '{"id":"1","event":"subscribe","arg":{"channel":"bbo-tbt","instId":"XAU-USDT-SWAP"},"connId":"a4d3ae55"}',
];
