/**
 * The built console, read into memory once. A request can only name what was found then: no path of a request ever
 * reaches the file system. Pure after loading.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const MAX_FILES = 200;
export const MAX_TOTAL_BYTES = 32 * 1024 * 1024;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
};

export interface StaticFile {
  readonly bytes: Buffer;
  readonly type: string;
  readonly etag: string;
  /** The name carries a hash of the content, so it may be kept for ever. */
  readonly immutable: boolean;
}

/** URL path → file, for example `/assets/index-4f1c.js`. Empty when the console has not been built. @throws when it is beyond the limits */
export const loadStaticFiles = (directory: string): ReadonlyMap<string, StaticFile> => {
  const files = new Map<string, StaticFile>();
  let total = 0;
  let entries: readonly string[];
  try {
    entries = readdirSync(directory, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return files;
    throw error;
  }
  for (const file of entries) {
    const type = TYPES[path.extname(file)];
    if (type === undefined) continue;
    const bytes = readFileSync(file);
    total += bytes.length;
    if (files.size >= MAX_FILES || total > MAX_TOTAL_BYTES)
      throw new Error(`${directory}: more than ${MAX_FILES} files or ${MAX_TOTAL_BYTES} bytes; this is not the built console`);
    const url = `/${path.relative(directory, file).split(path.sep).map(encodeURIComponent).join('/')}`;
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
    files.set(url, { bytes, type, etag, immutable: url.startsWith('/assets/') });
  }
  return files;
};
