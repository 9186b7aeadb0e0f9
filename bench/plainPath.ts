/**
 * The way everybody does it: text, JSON.parse, Number(). The floor our decoders are compared with, and, kept strict, the
 * independent judge of what a damaged frame says.
 */
import type { MarketInlet } from '../src-main/runtime/ports.ts';
import { BINANCE_SYMBOLS, OKX_SYMBOLS, type FrameKind } from './frames.ts';

export type PlainPath = (frame: Buffer, inlet: MarketInlet) => boolean;

const slotsOf = (symbols: readonly string[]): ReadonlyMap<string, number> => new Map(symbols.map((symbol, slot) => [symbol, slot]));

interface BinanceBody {
  readonly s: string;
  readonly b: string;
  readonly B: string;
  readonly a: string;
  readonly A: string;
  readonly u: number;
  readonly T?: number;
}
interface OkxFrame {
  readonly arg: { readonly channel: string; readonly instId: string };
  readonly data: readonly { readonly asks: string[][]; readonly bids: string[][]; readonly ts: string; readonly seqId: number }[];
}

/** Parse, convert, validate, hand on: what our decoder and inlet do, done plainly. */
export const plainPath = (kind: FrameKind): PlainPath => {
  const slots = slotsOf(kind === 'okx' ? OKX_SYMBOLS : BINANCE_SYMBOLS);
  const hand = (
    inlet: MarketInlet,
    slot: number | undefined,
    bidPx: number,
    bidQty: number,
    askPx: number,
    askQty: number,
    venueMs: number | null,
    id: number,
  ): boolean => {
    if (slot === undefined || !(bidPx > 0) || !(askPx > 0) || !(bidQty >= 0) || !(askQty >= 0)) return false;
    inlet.quote(slot, bidPx, bidQty, askPx, askQty, venueMs, id, 0);
    return true;
  };
  if (kind === 'okx') {
    return (frame, inlet) => {
      const { arg, data } = JSON.parse(frame.toString()) as OkxFrame;
      const last = data[data.length - 1]!;
      const [bid, ask] = [last.bids[0], last.asks[0]];
      if (bid === undefined || ask === undefined) return false;
      return hand(
        inlet,
        slots.get(arg.instId),
        Number(bid[0]),
        Number(bid[1]),
        Number(ask[0]),
        Number(ask[1]),
        Number(last.ts),
        last.seqId,
      );
    };
  }
  return (frame, inlet) => {
    const body = JSON.parse(frame.toString()) as BinanceBody;
    return hand(inlet, slots.get(body.s), Number(body.b), Number(body.B), Number(body.a), Number(body.A), body.T ?? null, body.u);
  };
};

const DECIMAL_TEXT = /^[0-9]{1,24}([.][0-9]{1,24})?$/;
/** Digits that a number keeps exactly. */
const EXACT_DIGITS = 15;

const amountOf = (text: unknown): number => {
  if (typeof text !== 'string' || !DECIMAL_TEXT.test(text)) return Number.NaN;
  const digits = text.replace('.', '').replace(/^0*/, '').replace(/0*$/, '');
  return digits.length <= EXACT_DIGITS ? Number(text) : Number.NaN;
};

type Loose = Readonly<Record<string, unknown>>;
const objectOf = (value: unknown): Loose | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : null;
const isTime = (value: unknown): boolean => value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0);

/** An id written as a whole number stays known however long; written with an exponent beyond 2^53 it is not. */
const hasExactId = (text: string, key: string, id: unknown): boolean => {
  if (typeof id !== 'number' || !Number.isInteger(id)) return false;
  if (Number.isSafeInteger(id)) return true;
  let exact = true;
  JSON.parse(text, ((name: string, value: unknown, source?: { readonly source?: string }) => {
    if (name === key && value === id) exact = /^-?\d+$/.test(source?.source ?? '');
    return value;
  }) as (name: string, value: unknown) => unknown);
  return exact;
};

const judgeBinance = (text: string, root: Loose): string | null => {
  const inner = typeof root['stream'] === 'string' ? objectOf(root['data']) : null;
  const body = inner ?? root;
  const { e, u, s, T, E } = body;
  if (e !== 'bookTicker' && !(e === undefined && 'u' in body && 's' in body)) return null;
  const amounts = ['b', 'B', 'a', 'A'].map((key) => amountOf(body[key]));
  if (amounts.some(Number.isNaN) || typeof s !== 'string' || !isTime(T) || !isTime(E)) return null;
  if (!hasExactId(text, 'u', u) || (u as number) < 0) return null;
  return [BINANCE_SYMBOLS.indexOf(s), ...amounts, Number(T ?? Number.NaN), Number(u)].join(' ');
};

const sideOf = (levels: unknown): readonly number[] | null => {
  if (!Array.isArray(levels)) return null;
  if (levels.length === 0) return [0, 0];
  const wellFormed = levels.every(
    (level: unknown) => Array.isArray(level) && [0, 1].every((at) => typeof level[at] === 'string' && DECIMAL_TEXT.test(level[at])),
  );
  const first = (levels as unknown[][])[0]!;
  const best = wellFormed ? [amountOf(first[0]), amountOf(first[1])] : [Number.NaN];
  return best.some(Number.isNaN) ? null : best;
};

const judgeOkx = (text: string, root: Loose): string | null => {
  const arg = objectOf(root['arg']);
  const entries = root['data'];
  if ('event' in root || arg === null || !Array.isArray(entries)) return null;
  const entry = objectOf(entries.at(-1));
  if (arg['channel'] !== 'bbo-tbt' || typeof arg['instId'] !== 'string' || entry === null) return null;
  const [bid, ask] = [sideOf(entry['bids']), sideOf(entry['asks'])];
  const { ts, seqId, prevSeqId } = entry;
  if (bid === null || ask === null || typeof ts !== 'string' || !/^[0-9]{1,16}$/.test(ts)) return null;
  for (const [key, id] of [
    ['seqId', seqId],
    ['prevSeqId', prevSeqId],
  ] as const)
    if (id !== undefined && !hasExactId(text, key, id)) return null;
  return [OKX_SYMBOLS.indexOf(arg['instId']), ...bid, ...ask, Number(ts), seqId === undefined ? 'none' : Number(seqId)].join(' ');
};

/** What JSON.parse says the frame says: its figures in one line, or null when it is no quote that may be used. */
export const judgedBy = (kind: FrameKind, frame: Buffer): string | null => {
  const text = frame.toString();
  let root: Loose | null;
  try {
    root = objectOf(JSON.parse(text));
  } catch {
    return null;
  }
  if (root === null) return null;
  return kind === 'okx' ? judgeOkx(text, root) : judgeBinance(text, root);
};
