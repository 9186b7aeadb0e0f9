/**
 * Recorded broker ticks: captures of an MT5 terminal (JSON) and daily quote files (zipped CSV, `ms_of_day,bid,ask`).
 * Owns reading them as ticks of one clock; the capture's distance between server and local clock is kept, it is not ours to mend.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { linesOf } from './lines.ts';
import { zipEntryStream, type ZipEntry } from './zip.ts';

export interface RecordedTick {
  /** When the recording host saw it, Unix ms. */
  readonly atMs: number;
  readonly bid: string;
  readonly ask: string;
  /** Broker clock minus the host's, as recorded; null where the recording has one clock only. */
  readonly serverLeadMs: number | null;
}

export const MAX_CAPTURE_TICKS = 200_000;
const BATCH = 512;

const captureSchema = z.object({
  metadata: z.object({
    symbol: z.string().min(1).max(32),
    data_collector: z.string(),
    broker: z.string().default(''),
    server: z.string().default(''),
    symbol_info: z.object({ digits: z.number().int().min(0).max(8), tick_size: z.number().positive() }),
  }),
  ticks: z
    .array(
      z.object({
        time_msc: z.number().int().positive(),
        collected_msc: z.number().int().positive().optional(),
        bid: z.number().positive(),
        ask: z.number().positive(),
      }),
    )
    .min(1)
    .max(MAX_CAPTURE_TICKS),
});

export interface Capture {
  readonly symbol: string;
  readonly broker: string;
  readonly server: string;
  readonly digits: number;
  readonly ticks: readonly RecordedTick[];
}

/** @throws Error naming the field that is not what an MT5 capture holds */
export const readCapture = async (path: string): Promise<Capture> => {
  const parsed = captureSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new Error(`not an MT5 capture: ${issue.path.join('.')}: ${issue.message}`);
  }
  const { metadata, ticks } = parsed.data;
  if (metadata.data_collector !== 'mt5') throw new Error(`not an MT5 capture: metadata.data_collector is "${metadata.data_collector}"`);
  const { digits } = metadata.symbol_info;
  return {
    symbol: metadata.symbol,
    broker: metadata.broker,
    server: metadata.server,
    digits,
    ticks: ticks.map((t) => ({
      atMs: t.collected_msc ?? t.time_msc,
      bid: t.bid.toFixed(digits),
      ask: t.ask.toFixed(digits),
      serverLeadMs: t.collected_msc === undefined ? null : t.time_msc - t.collected_msc,
    })),
  };
};

export async function* captureBatches(capture: Capture): AsyncGenerator<RecordedTick[]> {
  for (let at = 0; at < capture.ticks.length; at += BATCH) {
    await Promise.resolve();
    yield capture.ticks.slice(at, at + BATCH);
  }
}

const QUOTE_LINE = /^(\d{1,8}(?:\.\d+)?),(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)\r?$/;

export async function* dayQuotes(
  entry: ZipEntry,
  dayUnixMs: number,
  onSkipped: () => void = () => undefined,
): AsyncGenerator<RecordedTick[]> {
  for await (const lines of linesOf(zipEntryStream(entry))) {
    const ticks: RecordedTick[] = [];
    for (const line of lines) {
      const match = QUOTE_LINE.exec(line);
      if (match === null) onSkipped();
      else ticks.push({ atMs: dayUnixMs + Number(match[1]), bid: match[2]!, ask: match[3]!, serverLeadMs: null });
    }
    if (ticks.length > 0) yield ticks;
  }
}
