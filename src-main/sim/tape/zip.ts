/**
 * The least of ZIP that a tape needs: one deflated or stored entry, found through the central directory and inflated as
 * a stream. Owns no market knowledge. Archives with several entries or encryption are refused, saying so.
 */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';

const END_SIGNATURE = 0x06054b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_LENGTH = 22;
const MAX_COMMENT = 65_535;
const LOCAL_HEADER_LENGTH = 30;
const STORED = 0;
const DEFLATED = 8;
const ZIP64_MARK = 0xffffffff;
const ZIP64_FIELD = 1;
const ENCRYPTED = 1;

export interface ZipEntry {
  readonly path: string;
  readonly name: string;
  readonly method: number;
  readonly startByte: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly crc32: number;
}

const readAt = async (path: string, position: number, length: number): Promise<Buffer> => {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
};

const endRecord = (tail: Buffer): Buffer => {
  for (let at = tail.length - END_LENGTH; at >= 0; at -= 1) if (tail.readUInt32LE(at) === END_SIGNATURE) return tail.subarray(at);
  throw new Error('not a ZIP archive: no end of central directory');
};

/** Sizes and place of the entry. Writers of streams put them into a ZIP64 field even when they are small. */
const figuresOf = (central: Buffer): { bytes: number; packedBytes: number; localAt: number } => {
  const short = [central.readUInt32LE(24), central.readUInt32LE(20), central.readUInt32LE(42)];
  let at = 46 + central.readUInt16LE(28);
  const end = Math.min(central.length, at + central.readUInt16LE(30));
  while (at + 4 <= end && central.readUInt16LE(at) !== ZIP64_FIELD) at += 4 + central.readUInt16LE(at + 2);
  let next = at + 4;
  const [bytes, packedBytes, localAt] = short.map((figure) => {
    if (figure !== ZIP64_MARK) return figure;
    if (next + 8 > end) throw new Error('a ZIP64 entry without its figures');
    const long = Number(central.readBigUInt64LE(next));
    next += 8;
    return long;
  });
  return { bytes: bytes!, packedBytes: packedBytes!, localAt: localAt! };
};

/** The only entry of the archive. @throws Error saying what is unusual about it */
export const onlyZipEntry = async (path: string): Promise<ZipEntry> => {
  const { size } = await stat(path);
  const tailLength = Math.min(size, END_LENGTH + MAX_COMMENT);
  const end = endRecord(await readAt(path, size - tailLength, tailLength));
  const entries = end.readUInt16LE(10);
  if (entries !== 1) throw new Error(`a ZIP with ${entries} entries; one is expected`);
  const central = await readAt(path, end.readUInt32LE(16), end.readUInt32LE(12));
  if (central.length < 46 || central.readUInt32LE(0) !== CENTRAL_SIGNATURE) throw new Error('a ZIP with a broken central directory');
  const { bytes, packedBytes, localAt } = figuresOf(central);
  if ((central.readUInt16LE(8) & ENCRYPTED) !== 0) throw new Error('an encrypted ZIP');
  const method = central.readUInt16LE(10);
  if (method !== STORED && method !== DEFLATED) throw new Error(`a ZIP entry packed by method ${method}; only deflate is read`);
  const local = await readAt(path, localAt, LOCAL_HEADER_LENGTH);
  if (local.length < LOCAL_HEADER_LENGTH || local.readUInt32LE(0) !== LOCAL_SIGNATURE) throw new Error('a ZIP with a broken entry header');
  return {
    path,
    name: central.toString('utf8', 46, 46 + central.readUInt16LE(28)),
    method,
    startByte: localAt + LOCAL_HEADER_LENGTH + local.readUInt16LE(26) + local.readUInt16LE(28),
    packedBytes,
    bytes,
    crc32: central.readUInt32LE(16),
  };
};

/** The entry's bytes, inflated on the way. */
export const zipEntryStream = (entry: ZipEntry): Readable => {
  if (entry.packedBytes === 0) return Readable.from([]);
  const packed = createReadStream(entry.path, { start: entry.startByte, end: entry.startByte + entry.packedBytes - 1 });
  if (entry.method === STORED) return packed;
  return pipeline(packed, createInflateRaw(), () => undefined);
};
