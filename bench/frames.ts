/**
 * Frames as the venues send them today, made from a seed: every one differs, prices walk. And ways to damage a frame, to
 * ask whether the decoder and JSON.parse still say the same.
 */

/** Small, fast, reproducible: mulberry32. */
export const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
};

export type FrameKind = 'binance-spot' | 'binance-usdm' | 'okx';

export const BINANCE_SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT'];
export const OKX_SYMBOLS = ['BTC-USDT-SWAP', 'ETH-USDT-SWAP', 'SOL-USDT-SWAP', 'XRP-USDT-SWAP'];
const START_UNIX_MS = 1_790_000_000_000;

export interface QuoteText {
  readonly slot: number;
  readonly bidPx: string;
  readonly bidQty: string;
  readonly askPx: string;
  readonly askQty: string;
  readonly id: number;
  readonly unixMs: number;
}

/** A walk of quotes over four symbols. */
export const quoteTexts = (count: number, seed: number): QuoteText[] => {
  const random = seeded(seed);
  const mids = [62_000, 3_400, 190, 2.4];
  return Array.from({ length: count }, (_, i) => {
    const slot = Math.floor(random() * mids.length);
    mids[slot]! *= 1 + (random() - 0.5) * 2e-5;
    const mid = mids[slot]!;
    const decimals = mid > 1_000 ? 1 : 4;
    const tick = 10 ** -decimals;
    return {
      slot,
      bidPx: (mid - tick / 2).toFixed(decimals),
      bidQty: (random() * 20).toFixed(3),
      askPx: (mid + tick / 2).toFixed(decimals),
      askQty: (random() * 20).toFixed(3),
      id: 8_817_455_000_000 + i * 3,
      unixMs: START_UNIX_MS + i,
    };
  });
};

export const frameOf = (kind: FrameKind, q: QuoteText): string => {
  const symbol = (kind === 'okx' ? OKX_SYMBOLS : BINANCE_SYMBOLS)[q.slot]!;
  switch (kind) {
    case 'binance-spot':
      return `{"u":${q.id},"s":"${symbol}","b":"${q.bidPx}","B":"${q.bidQty}","a":"${q.askPx}","A":"${q.askQty}"}`;
    case 'binance-usdm':
      return `{"e":"bookTicker","u":${q.id},"s":"${symbol}","ps":"${symbol}","b":"${q.bidPx}","B":"${q.bidQty}","a":"${q.askPx}","A":"${q.askQty}","T":${q.unixMs},"E":${q.unixMs + 1},"st":1}`;
    case 'okx':
      return `{"arg":{"channel":"bbo-tbt","instId":"${symbol}"},"data":[{"asks":[["${q.askPx}","${q.askQty}","0","1"]],"bids":[["${q.bidPx}","${q.bidQty}","0","3"]],"ts":"${q.unixMs}","seqId":${q.id}}]}`;
  }
};

export const framesOf = (kind: FrameKind, count: number, seed: number): Buffer[] =>
  quoteTexts(count, seed).map((quote) => Buffer.from(frameOf(kind, quote)));

const SPLICES = [
  '0',
  '9',
  '.',
  '-',
  '"',
  ',',
  '{',
  '}',
  '[',
  ']',
  ':',
  ' ',
  '\\',
  'e',
  '\u00e9',
  'null',
  'true',
  '"x":1,',
  '1e400',
  '\n',
  '00',
];

/** The frame with one to three bytes dropped, doubled, replaced, moved or spliced; now and then cut short. */
export const damaged = (frame: Buffer, random: () => number): Buffer => {
  let bytes = frame;
  const times = 1 + Math.floor(random() * 3);
  for (let n = 0; n < times; n++) {
    const at = Math.floor(random() * bytes.length);
    const kind = Math.floor(random() * 5);
    const splice = Buffer.from(SPLICES[Math.floor(random() * SPLICES.length)]!);
    if (kind === 0) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
    else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), splice, bytes.subarray(at + 1)]);
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), splice, bytes.subarray(at)]);
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + 8), bytes.subarray(at)]);
    else if (random() < 0.2) bytes = bytes.subarray(0, at);
  }
  return bytes;
};
