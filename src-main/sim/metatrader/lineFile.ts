/**
 * An append-only file of JSON lines that survives the death of its program: the simulated broker's book and the simulated
 * EA's journal. Owns the file. A line that was being written at the end is no line; everything before it counts.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface LineFile {
  /** What an earlier run wrote, oldest first. */
  readonly before: readonly unknown[];
  append(row: unknown): void;
  /** Puts these lines in place of all of them, whole or not at all. */
  rewrite(rows: Iterable<unknown>): void;
}

/** Nothing is kept beyond the program's life. */
const forgetful: LineFile = { before: [], append: () => undefined, rewrite: () => undefined };

const readLines = (path: string): unknown[] => {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  lines.pop();
  return lines.map((line): unknown => JSON.parse(line));
};

/** `null`: memory only. @throws SyntaxError for a damaged file, since a book that was guessed at is worse than none */
export const openLineFile = (path: string | null): LineFile => {
  if (path === null) return forgetful;
  mkdirSync(dirname(path), { recursive: true });
  const before = readLines(path);
  const textOf = (rows: Iterable<unknown>) => [...rows].map((row) => `${JSON.stringify(row)}\n`).join('');
  const rewrite = (rows: Iterable<unknown>) => {
    writeFileSync(`${path}.new`, textOf(rows), { flush: true });
    renameSync(`${path}.new`, path);
  };
  rewrite(before);
  return { before, rewrite, append: (row) => appendFileSync(path, textOf([row])) };
};
