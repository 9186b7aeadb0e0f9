/**
 * What a tape file is, told from its content and never from its name. Owns the summary on which a matching configuration
 * is built: product, symbol, first moment, first price, distance of the venue's clock.
 */
import { open } from 'node:fs/promises';
import { recordedFrames } from './rawFrames.ts';
import { dayQuotes, readCapture, type Capture } from './terminalTicks.ts';
import { onlyZipEntry, type ZipEntry } from './zip.ts';

export interface FramesTape {
  readonly kind: 'binance-frames';
  readonly path: string;
  readonly product: 'spot' | 'usdm';
  readonly symbol: string;
  readonly firstMs: number;
  readonly firstMid: number;
  /** Venue clock minus the recording host's, from the first frame that carries an event time. */
  readonly venueLeadMs: number;
}
export interface CaptureTape {
  readonly kind: 'mt5-capture';
  readonly path: string;
  readonly symbol: string;
  readonly firstMs: number;
  readonly firstMid: number;
  readonly capture: Capture;
}
export interface DayTape {
  readonly kind: 'day-quotes';
  readonly path: string;
  readonly symbol: string;
  readonly firstMs: number;
  readonly firstMid: number;
  readonly dayUnixMs: number;
  readonly entry: ZipEntry;
}
export type Tape = FramesTape | CaptureTape | DayTape;

/** A file that cannot be played; the message names it and what it lacks. */
export class TapeRefused extends Error {
  readonly path: string;
  constructor(path: string, why: string, options?: ErrorOptions) {
    super(`${path}: ${why}`, options);
    this.name = 'TapeRefused';
    this.path = path;
  }
}

/** Frames looked at before a recording counts as one without quotes. */
const MAX_HEAD_FRAMES = 20_000;
const MAX_CAPTURE_BYTES = 64 * 1024 * 1024;

const headOf = async (path: string): Promise<{ bytes: Buffer; size: number }> => {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(4);
    const { bytesRead } = await file.read(bytes, 0, 4, 0);
    return { bytes: bytes.subarray(0, bytesRead), size: (await file.stat()).size };
  } finally {
    await file.close();
  }
};

const midOf = (bid: unknown, ask: unknown): number => (Number(bid) + Number(ask)) / 2;

const frames = async (path: string): Promise<FramesTape> => {
  let firstMs: number | null = null;
  let venueLeadMs: number | null = null;
  let quote: { symbol: string; product: 'spot' | 'usdm'; firstMid: number } | null = null;
  let seen = 0;
  for await (const batch of recordedFrames(path)) {
    for (const { atMs, frame } of batch) {
      firstMs ??= atMs;
      seen += 1;
      const body = JSON.parse(frame.raw) as Record<string, unknown>;
      if (venueLeadMs === null && typeof body['E'] === 'number') venueLeadMs = body['E'] - atMs;
      if (quote === null && frame.stream.endsWith('@bookTicker'))
        quote = { symbol: String(body['s']), product: 'e' in body ? 'usdm' : 'spot', firstMid: midOf(body['b'], body['a']) };
      if (quote !== null && venueLeadMs !== null) break;
    }
    if ((quote !== null && venueLeadMs !== null) || seen > MAX_HEAD_FRAMES) break;
  }
  if (firstMs === null) throw new Error('no line is "<receive ns> <combined stream frame>"');
  if (quote === null) throw new Error(`no bookTicker among its first ${MAX_HEAD_FRAMES} frames`);
  return { kind: 'binance-frames', path, firstMs, venueLeadMs: venueLeadMs ?? 0, ...quote };
};

const day = async (path: string): Promise<DayTape> => {
  const entry = await onlyZipEntry(path);
  const match = /^(\d{4})(\d{2})(\d{2})_([a-z]+)_tick_quote\.csv$/.exec(entry.name);
  if (match === null) throw new Error(`its entry "${entry.name}" is not "YYYYMMDD_symbol_tick_quote.csv"`);
  const dayUnixMs = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  for await (const ticks of dayQuotes(entry, dayUnixMs)) {
    const [first] = ticks;
    return {
      kind: 'day-quotes',
      path,
      symbol: match[4]!.toUpperCase(),
      firstMs: first!.atMs,
      firstMid: midOf(first!.bid, first!.ask),
      dayUnixMs,
      entry,
    };
  }
  throw new Error('no line is "ms_of_day,bid,ask"');
};

const capture = async (path: string, size: number): Promise<CaptureTape> => {
  if (size > MAX_CAPTURE_BYTES) throw new Error(`${size} bytes; an MT5 capture may have ${MAX_CAPTURE_BYTES}`);
  const read = await readCapture(path);
  const [first] = read.ticks;
  return { kind: 'mt5-capture', path, symbol: read.symbol, firstMs: first!.atMs, firstMid: midOf(first!.bid, first!.ask), capture: read };
};

/** @throws TapeRefused */
export const recogniseTape = async (path: string): Promise<Tape> => {
  try {
    const { bytes, size } = await headOf(path);
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return await frames(path);
    if (bytes.toString('latin1', 0, 2) === 'PK') return await day(path);
    if (bytes.toString('latin1').trimStart().startsWith('{')) return await capture(path, size);
    throw new Error('neither gzip (recorded frames), nor ZIP (daily quotes), nor JSON (MT5 capture)');
  } catch (error) {
    throw new TapeRefused(path, error instanceof Error ? error.message : String(error), { cause: error });
  }
};
