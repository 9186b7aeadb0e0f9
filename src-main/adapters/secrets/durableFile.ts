/**
 * Owns how a small file of the data directory is written: whole or not at all, readable by its owner only, and
 * on disk before the call returns. Must not know what the file says.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import path from 'node:path';

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_DIRECTORY = 0o700;

/** Makes a directory that only its owner may enter; an existing one is left as it is. */
export const ensurePrivateDirectory = (directory: string): void => {
  mkdirSync(directory, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
};

const syncDirectory = (directory: string): void => {
  // Windows cannot open a directory for this; NTFS journals the rename itself.
  if (process.platform === 'win32') return;
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

/** Replaces `file` by `text`. After a crash either the old or the new content is there. @throws on any failure. */
export const writeFileDurably = (file: string, text: string): void => {
  const directory = path.dirname(file);
  ensurePrivateDirectory(directory);
  const draft = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  const descriptor = openSync(draft, 'wx', OWNER_ONLY_FILE);
  try {
    try {
      const bytes = Buffer.from(text, 'utf8');
      for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  syncDirectory(directory);
};
