/**
 * Recorded frames from a file: one line each, `<receive time, ns> <raw frame>`, gzip or plain. Reads in batches and keeps
 * one batch in memory, whatever the length of the tape. Says file and line of whatever does not fit.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';

/** Longest line that can be a frame; Binance's own limit for a message is far below. */
export const MAX_TAPE_LINE_BYTES = 4 * 1024 * 1024;
export const NS_PER_US = 1_000n;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const GZIP_MAGIC = [0x1f, 0x8b];
const MAX_NS_DIGITS = 19;

export interface TapeFrame {
  readonly receivedNs: bigint;
  readonly frame: Uint8Array;
}

/** What is wrong with a tape, with its file and, where there is one, its line. */
export class TapeError extends Error {
  constructor(path: string, line: number | null, what: string) {
    super(`${path}${line === null ? '' : `, line ${line}`}: ${what}`);
    this.name = 'TapeError';
  }
}

/** Batches of frames in file order. @throws TapeError for a missing, cut or foreign file. */
export async function* readTape(path: string): AsyncGenerator<readonly TapeFrame[]> {
  let rest = new Uint8Array(0);
  let line = 0;
  try {
    for await (const chunk of await contentOf(path)) {
      const bytes: Uint8Array = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const batch: TapeFrame[] = [];
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
        line++;
        if (end > start) batch.push(frameOf(path, line, bytes.subarray(start, end)));
        start = end + 1;
      }
      rest = bytes.slice(start);
      if (rest.length > MAX_TAPE_LINE_BYTES) throw new TapeError(path, line + 1, `longer than ${MAX_TAPE_LINE_BYTES} bytes`);
      if (batch.length > 0) yield batch;
    }
  } catch (error) {
    if (error instanceof TapeError) throw error;
    throw new TapeError(path, line === 0 ? null : line, readable(error));
  }
  if (rest.length > 0) yield [frameOf(path, line + 1, rest)];
}

const contentOf = async (path: string): Promise<AsyncIterable<Uint8Array>> => {
  const file = await open(path);
  const magic = new Uint8Array(GZIP_MAGIC.length);
  try {
    await file.read(magic, 0, magic.length, 0);
  } finally {
    await file.close();
  }
  const stream = createReadStream(path);
  if (!GZIP_MAGIC.every((byte, i) => magic[i] === byte)) return stream;
  const gunzip = createGunzip();
  stream.on('error', (error) => gunzip.destroy(error));
  return stream.pipe(gunzip);
};

const frameOf = (path: string, line: number, bytes: Uint8Array): TapeFrame => {
  const space = bytes.subarray(0, MAX_NS_DIGITS + 1).indexOf(SPACE);
  const text = space < 1 ? '' : Buffer.from(bytes.subarray(0, space)).toString('latin1');
  if (!/^\d+$/.test(text)) throw new TapeError(path, line, 'does not begin with a receive time in ns and a space');
  return { receivedNs: BigInt(text), frame: bytes.subarray(space + 1) };
};

const readable = (error: unknown): string => {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'Z_BUF_ERROR') return 'the compressed file ends too early';
  if (code?.startsWith('Z_')) return 'the compressed file is damaged';
  return (error as Error).message;
};

/** One tape, read frame by frame. */
export class TapeCursor {
  readonly path: string;
  readonly #batches: AsyncGenerator<readonly TapeFrame[]>;
  #batch: readonly TapeFrame[] = [];
  #at = 0;

  constructor(path: string) {
    this.path = path;
    this.#batches = readTape(path);
  }

  /** The next frame without taking it; undefined = more must be read, or the tape has ended. */
  get ready(): TapeFrame | undefined {
    return this.#batch[this.#at];
  }

  take(): void {
    this.#at++;
  }

  /** Reads on when the batch is used up. @returns false at the end of the tape */
  async refill(): Promise<boolean> {
    while (this.#at >= this.#batch.length) {
      const next = await this.#batches.next();
      if (next.done === true) return false;
      this.#batch = next.value;
      this.#at = 0;
    }
    return true;
  }

  async close(): Promise<void> {
    await this.#batches.return(undefined);
  }
}
