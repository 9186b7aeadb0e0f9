/**
 * Recorded frames of Binance's combined streams (`<receive ns> <frame>`, gzip). Owns reading them; a frame's text is
 * never changed. Lines that are no stream frame (a REST snapshot, say) are counted and left out.
 */
import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { StreamFrame } from '../exchange/binanceStreams.ts';
import { linesOf } from './lines.ts';

export interface RecordedFrame {
  /** Receive time of the recording host, Unix ms with fractions. */
  readonly atMs: number;
  readonly frame: StreamFrame;
}

const LINE = /^(\d{19}) (\{"stream":")([^"]+)(","data":)/;

/** The frame of one line; null when the line holds none. */
export const frameOfLine = (line: string): RecordedFrame | null => {
  const match = LINE.exec(line);
  if (match === null || !line.endsWith('}')) return null;
  const [head, ns, , stream] = match as unknown as [string, string, string, string];
  return {
    atMs: Number(ns.slice(0, -6)) + Number(ns.slice(-6)) / 1_000_000,
    frame: { stream, raw: line.slice(head.length, -1), combined: line.slice(ns.length + 1) },
  };
};

export const gunzipStream = (path: string): Readable => pipeline(createReadStream(path), createGunzip(), () => undefined);

export async function* recordedFrames(path: string, onSkipped: () => void = () => undefined): AsyncGenerator<RecordedFrame[]> {
  for await (const lines of linesOf(gunzipStream(path))) {
    const frames: RecordedFrame[] = [];
    for (const line of lines) {
      const frame = frameOfLine(line);
      if (frame === null) onSkipped();
      else frames.push(frame);
    }
    if (frames.length > 0) yield frames;
  }
}
