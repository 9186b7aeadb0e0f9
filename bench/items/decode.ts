/**
 * What one market-data frame costs, from the socket's bytes to the engine's inlet: our decoders against JSON.parse and
 * against the message paths of the exchange libraries. And whether ours ever says something else than JSON.parse.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createBinanceDecoder } from '../../src-main/adapters/venues/shared/binanceDecoder.ts';
import type { FrameDecoder } from '../../src-main/adapters/venues/shared/frameDecoder.ts';
import { createOkxDecoder } from '../../src-main/adapters/venues/okx/decode.ts';
import { createMarketQueue, createQuoteSlot } from '../../src-main/runtime/queues.ts';
import { BINANCE_SYMBOLS, damaged, framesOf, OKX_SYMBOLS, seeded, type FrameKind } from '../frames.ts';
import type { BenchContext, BenchItem } from '../item.ts';
import { binancePath, ccxtPath, okxPath, type MessagePath } from '../peers.ts';
import { judgedBy, plainPath } from '../plainPath.ts';
import { bandOf, interleave, ratioBand, timed, type Side } from '../rounds.ts';
import { atMost, figureRow, ratioRow, skippedRow, type Goal, type Row } from '../verdict.ts';

const ITEM = 'decode';
const FRAMES = 4_096;
const KINDS: readonly FrameKind[] = ['binance-spot', 'binance-usdm', 'okx'];

const decoderOf = (kind: FrameKind): FrameDecoder =>
  kind === 'okx' ? createOkxDecoder(OKX_SYMBOLS) : createBinanceDecoder(BINANCE_SYMBOLS);

/** Decode, hand to the runner's inlet, take out again as the runner does. */
const ourSide = (kind: FrameKind, frames: readonly Buffer[]): Side => {
  const decoder = decoderOf(kind);
  const queue = createMarketQueue(BINANCE_SYMBOLS.length);
  const slot = createQuoteSlot();
  return () =>
    timed(frames.length, () => {
      for (const frame of frames) {
        if (decoder.decode(frame) !== 'quote') throw new Error(`not read as a quote: ${frame.toString()}`);
        const { draft } = decoder;
        const venueMs = Number.isNaN(draft.venueMs) ? null : draft.venueMs;
        queue.quote(draft.slot, draft.bidPx, draft.bidQty, draft.askPx, draft.askQty, venueMs, draft.updateId, 0);
        queue.take(slot);
      }
    });
};

const plainSide = (kind: FrameKind, frames: readonly Buffer[]): Side => {
  const path = plainPath(kind);
  const queue = createMarketQueue(BINANCE_SYMBOLS.length);
  const slot = createQuoteSlot();
  return () =>
    timed(frames.length, () => {
      for (const frame of frames) {
        if (!path(frame, queue)) throw new Error('the plain path refused a whole frame');
        queue.take(slot);
      }
    });
};

const peerSide = (peer: MessagePath, frames: readonly Buffer[]): Side => {
  return () => {
    const before = peer.delivered();
    const cost = timed(frames.length, () => {
      for (const frame of frames) peer.take(frame.toString());
    });
    if (peer.delivered() - before !== frames.length)
      throw new Error(`${peer.name} delivered ${peer.delivered() - before} of ${frames.length} quotes`);
    return cost;
  };
};

const costsOf = async (kind: FrameKind, context: BenchContext): Promise<Row[]> => {
  const frames = framesOf(kind, FRAMES, 7);
  const sdk = kind === 'okx' ? await okxPath() : await binancePath(kind);
  const sdkName = kind === 'okx' ? 'okx-api' : 'binance';
  const ccxt = await ccxtPath(kind);
  const sides: Record<string, Side> = { ours: ourSide(kind, frames), plain: plainSide(kind, frames) };
  if (sdk !== null) sides['sdk'] = peerSide(sdk, frames);
  if (ccxt !== null) sides['ccxt'] = peerSide(ccxt, frames);
  for (let warm = 0; warm < 8; warm++) for (const side of Object.values(sides)) await side();
  const { costs, control } = await interleave(sides, context.quick ? 5 : 21);
  const ns = Object.fromEntries(Object.entries(costs).map(([name, values]) => [name, Math.round(bandOf(values).median)]));
  const size = Math.round(frames.reduce((sum, frame) => sum + frame.length, 0) / frames.length);
  const against = (name: string, label: string, goal: Goal): Row =>
    costs[name] === undefined
      ? skippedRow(ITEM, `${kind}: ours / ${label}`, `${label} is not installed`)
      : ratioRow(ITEM, `${kind} (${size} B): ours / ${label}`, ratioBand(costs['ours']!, costs[name]), goal, {
          control,
          note: `${ns['ours']} / ${ns[name]} ns a frame`,
        });
  return [against('plain', 'JSON.parse', atMost(0.45)), against('sdk', sdkName, atMost(0.35)), against('ccxt', 'ccxt', atMost(0.12))];
};

/** Our decoder's answer in the judge's words. */
const saidBy = (decoder: FrameDecoder, kind: FrameKind, frame: Buffer): string | null => {
  if (decoder.decode(frame) !== 'quote') return null;
  const { slot, bidPx, bidQty, askPx, askQty, venueMs, updateId } = decoder.draft;
  const id = updateId === null ? (kind === 'okx' ? 'none' : Number.NaN) : Number(updateId);
  return [slot, bidPx, bidQty, askPx, askQty, venueMs, id].join(' ');
};

const mismatches = (context: BenchContext): Row => {
  const perKind = context.quick ? 40_000 : 340_000;
  let wrong = 0;
  let usable = 0;
  let example = '';
  for (const kind of KINDS) {
    const decoder = decoderOf(kind);
    const frames = framesOf(kind, FRAMES, 11);
    const random = seeded(13);
    for (let i = 0; i < perKind; i++) {
      const frame = damaged(frames[i % FRAMES]!, random);
      const [said, judged] = [saidBy(decoder, kind, frame), judgedBy(kind, frame)];
      if (judged !== null) usable += 1;
      if (said === judged) continue;
      wrong += 1;
      if (example === '') example = `${frame.toString()} → ${said ?? 'no quote'}, JSON.parse: ${judged ?? 'no quote'}`;
    }
  }
  const count = perKind * KINDS.length;
  return figureRow(ITEM, `mismatches with JSON.parse in ${count.toLocaleString('en-US')} damaged frames`, wrong, '', atMost(0), {
    note: wrong === 0 ? `${usable.toLocaleString('en-US')} of them still usable quotes` : `first: ${example}`,
  });
};

/** Recorded bookTicker frames of both books, without their receive times. */
const recordedFrames = (folder: string): Buffer[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.gz'))
    .flatMap((name) =>
      gunzipSync(readFileSync(join(folder, name)))
        .toString()
        .split('\n'),
    )
    .filter((line) => line.includes('@bookTicker'))
    .map((line) => Buffer.from(line.slice(line.indexOf(' ') + 1)));

const fallbacks = (context: BenchContext): Row => {
  const what = 'recorded frames that fell back to JSON.parse';
  if (context.recordings === null) return skippedRow(ITEM, what, 'no recorded market data here (QUANT_ARB_SHARED_DATA)');
  const frames = recordedFrames(join(context.recordings, 'binance-raw'));
  const decoder = decoderOf('binance-usdm');
  let quotes = 0;
  for (const frame of frames) if (decoder.decode(frame) === 'quote') quotes += 1;
  const percent = frames.length === 0 ? Number.NaN : (decoder.fallbacks / frames.length) * 100;
  return figureRow(ITEM, what, percent, '%', atMost(0.1), {
    note: `${quotes.toLocaleString('en-US')} of ${frames.length.toLocaleString('en-US')} frames are quotes`,
  });
};

export const decodeItem: BenchItem = {
  name: ITEM,
  title: 'frame decode, CPU a frame',
  async run(context) {
    const rows: Row[] = [];
    for (const kind of KINDS) rows.push(...(await costsOf(kind, context)));
    rows.push(mismatches(context), fallbacks(context));
    return rows;
  },
};
