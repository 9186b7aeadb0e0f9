/** Small tapes made on the spot, and the way to the real ones. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

export const sharedFile = (name: string): string | null => {
  const root = process.env['QUANT_ARB_SHARED_DATA'] ?? resolve(import.meta.dirname, '../../../../shared/data');
  const path = join(root, name);
  return existsSync(path) ? path : null;
};

export const inTemporaryFolder = async (work: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'quant-arb-tape-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

export const START_MS = 1_723_161_255_000;

export const usdmFrame = (updateId: number, bid = 61_800.1): string =>
  `{"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":${updateId},"s":"BTCUSDT","b":"${bid.toFixed(2)}","B":"3.330","a":"${(bid + 0.1).toFixed(2)}","A":"0.057","T":${START_MS + 1_267},"E":${START_MS + 1_269}}}`;
export const spotFrame = (updateId: number): string =>
  `{"stream":"btcusdt@bookTicker","data":{"u":${updateId},"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"1.54698000"}}`;
/** A recorded line `atMs` after the start. */
export const line = (atMs: number, frame: string): string => `${START_MS + atMs}000000 ${frame}`;

export const writeTape = async (folder: string, name: string, lines: readonly string[]): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, gzipSync(`${lines.join('\n')}\n`));
  return path;
};

/** A ZIP of one entry, by hand: local header, bytes, central directory, end. */
export const zipOf = (name: string, content: string): Buffer => {
  const bytes = Buffer.from(content);
  const packed = deflateRawSync(bytes);
  const sizes = Buffer.alloc(16);
  sizes.writeUInt32LE(crc32(bytes), 0);
  sizes.writeUInt32LE(packed.length, 4);
  sizes.writeUInt32LE(bytes.length, 8);
  sizes.writeUInt16LE(name.length, 12);
  const local = Buffer.concat([Buffer.from('504b03041400000008000000000000000000'.slice(0, 28), 'hex'), sizes, Buffer.from(name)]);
  const central = Buffer.concat([
    Buffer.from('504b010214001400000008000000000000000000'.slice(0, 32), 'hex'),
    sizes,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length + packed.length, 16);
  return Buffer.concat([local, packed, central, end]);
};
