/**
 * The tape of a run: every event that was stepped but is not in the journal, so that journal + tape replays the run bit
 * for bit. An append-only file of checksummed, deflated chunks, compressed off the main thread. Bounded three ways (bytes
 * of a tape, chunks not yet written, tapes in the folder); a tape never has a hole: at a limit it ends, and says so.
 */
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32, deflateRaw, inflateRawSync } from 'node:zlib';
import type { EngineEvent } from '../core/events.ts';
import { eventsOf, jsonRecordOf, MAX_BINARY_RECORD_BYTES, putBinary, type ByteSink } from './tapeCodec.ts';

export const TAPE_CHUNK_BYTES = 256 * 1024;
/** About a day of 500 quotes a second. */
export const MAX_TAPE_BYTES = 1024 * 1024 * 1024;
export const MAX_UNWRITTEN_CHUNKS = 32;
export const MAX_TAPES = 8;

const MAGIC = Buffer.from('QATAPE1\n');
const SUFFIX = '.tape';
/** Inflated bytes, deflated bytes, checksum of the inflated bytes. */
const CHUNK_HEAD_BYTES = 12;
const MAX_CHUNK_BYTES = 16 * 1024 * 1024;
const FASTEST = { level: 1 } as const;
const deflated = promisify<Buffer, typeof FASTEST, Buffer>(deflateRaw);

export interface TapeRecorder {
  begin(runId: string): void;
  /** Copies the event; costs no I/O. */
  record(event: EngineEvent): void;
  /** Hands what was recorded so far to the writer. */
  flush(): void;
  /** Resolves when all of it is in the file. */
  close(): Promise<void>;
  /** Why recording ended; null while it goes on. A tape that fails never stops the engine. */
  readonly endedBecause: string | null;
  readonly writtenBytes: number;
}

export interface TapeOptions {
  readonly folder: string;
  readonly maxBytes?: number;
  readonly maxTapes?: number;
}

export const tapePathOf = (folder: string, runId: string): string => join(folder, `${runId}${SUFFIX}`);

/** Deletes the oldest tapes until fewer than `keep` are left. */
const forgetOldTapes = (folder: string, keep: number): void => {
  const tapes = readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => ({ path: join(folder, name), at: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { path } of tapes.slice(Math.max(0, keep - 1))) rmSync(path, { force: true });
};

export const createTape = ({ folder, maxBytes = MAX_TAPE_BYTES, maxTapes = MAX_TAPES }: TapeOptions): TapeRecorder => {
  const newSink = (): ByteSink => ({ buffer: Buffer.allocUnsafe(TAPE_CHUNK_BYTES), at: 0 });
  let sink = newSink();
  let path: string | null = null;
  let file: FileHandle | null = null;
  let written: Promise<void> = Promise.resolve();
  let unwritten = 0;
  let writtenBytes = 0;
  let endedBecause: string | null = null;
  let broken = false;

  const failed = (error: unknown): void => {
    broken = true;
    endedBecause ??= `the tape could not be written: ${error instanceof Error ? error.message : String(error)}`;
  };
  const append = async (chunk: Buffer): Promise<void> => {
    // After a failed write nothing may follow it: that would be a hole.
    if (path === null || broken) return;
    file ??= await open(path, 'wx', 0o600);
    const body = await deflated(chunk, FASTEST);
    const head = Buffer.alloc(CHUNK_HEAD_BYTES);
    head.writeUInt32LE(chunk.length, 0);
    head.writeUInt32LE(body.length, 4);
    head.writeUInt32LE(crc32(chunk), 8);
    const bytes = Buffer.concat(writtenBytes === 0 ? [MAGIC, head, body] : [head, body]);
    await file.write(bytes);
    writtenBytes += bytes.length;
    if (writtenBytes >= maxBytes) endedBecause ??= `the tape reached its limit of ${maxBytes} bytes`;
  };
  const hand = (chunk: Buffer): void => {
    if (unwritten >= MAX_UNWRITTEN_CHUNKS) {
      endedBecause ??= `the disk was too slow: ${MAX_UNWRITTEN_CHUNKS} chunks of the tape were waiting`;
      return;
    }
    unwritten += 1;
    written = written
      .then(async () => append(chunk))
      .catch(failed)
      .finally(() => {
        unwritten -= 1;
      });
  };
  const flush = (): void => {
    if (sink.at === 0 || path === null) return;
    const full = sink.buffer.subarray(0, sink.at);
    sink = newSink();
    if (endedBecause === null) hand(full);
  };
  return {
    begin(runId) {
      path = tapePathOf(folder, runId);
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        forgetOldTapes(folder, maxTapes);
      } catch (error) {
        failed(error);
      }
    },
    record(event) {
      if (endedBecause !== null) return;
      const json = jsonRecordOf(event);
      if (json !== null) {
        flush();
        hand(json);
        return;
      }
      if (sink.at + MAX_BINARY_RECORD_BYTES > TAPE_CHUNK_BYTES) flush();
      putBinary(sink, event);
    },
    flush,
    async close() {
      flush();
      await written;
      await file?.close();
      file = null;
      endedBecause ??= 'the run ended';
    },
    get endedBecause() {
      return endedBecause;
    },
    get writtenBytes() {
      return writtenBytes;
    },
  };
};

const readAt = (fd: number, length: number, at: number): Buffer | null => {
  const bytes = Buffer.allocUnsafe(length);
  return readSync(fd, bytes, 0, length, at) === length ? bytes : null;
};

/** The chunk at `at`; null where the file ends or was torn off by a crash. */
const readChunk = (fd: number, at: number): { readonly chunk: Buffer; readonly next: number } | null => {
  const head = readAt(fd, CHUNK_HEAD_BYTES, at);
  if (head === null) return null;
  const [size, packed, checksum] = [head.readUInt32LE(0), head.readUInt32LE(4), head.readUInt32LE(8)];
  if (size > MAX_CHUNK_BYTES || packed > MAX_CHUNK_BYTES) return null;
  const body = readAt(fd, packed, at + CHUNK_HEAD_BYTES);
  if (body === null) return null;
  try {
    const chunk = inflateRawSync(body, { maxOutputLength: MAX_CHUNK_BYTES });
    return chunk.length === size && crc32(chunk) === checksum ? { chunk, next: at + CHUNK_HEAD_BYTES + packed } : null;
  } catch {
    return null;
  }
};

/** All whole events of a tape, in order; a chunk torn off by a crash ends it. @throws Error on a file that is no tape. */
export function* readTape(path: string): Generator<EngineEvent> {
  const fd = openSync(path, 'r');
  try {
    if (fstatSync(fd).size > 0 && readAt(fd, MAGIC.length, 0)?.equals(MAGIC) !== true)
      throw new Error(`${path} is not a tape of this program`);
    let at = MAGIC.length;
    for (let found = readChunk(fd, at); found !== null; found = readChunk(fd, at)) {
      yield* eventsOf(found.chunk);
      at = found.next;
    }
  } finally {
    closeSync(fd);
  }
}
