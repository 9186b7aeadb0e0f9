/**
 * The EA's sources into MetaTrader's data folder: all of them or none, and never over a file that somebody changed unless told
 * to. Owns which files those are; knows nothing of inputs.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { UsageFault } from '../hosts/headless/args.ts';

/** Relative to `mql5` here and to `MQL5` there. */
const FOLDERS = ['Experts', path.join('Include', 'QuantArb')] as const;
const SOURCE = /\.(mq5|mqh)$/i;

const sourcesIn = (root: string, folder: string): readonly string[] => {
  const found = readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile() && SOURCE.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
};

/** Paths relative to `root`, the product's `mql5` folder. @throws UsageFault when the EA itself is not there */
export const eaSources = (root: string): readonly string[] => {
  const isThere = (folder: string): boolean => statSync(path.join(root, folder), { throwIfNoEntry: false })?.isDirectory() === true;
  const files = FOLDERS.filter(isThere)
    .flatMap((folder) => sourcesIn(root, folder))
    .toSorted();
  if (!files.some((file) => path.basename(file) === 'QuantArb.mq5')) throw new UsageFault(`there is no QuantArb.mq5 below ${root}`);
  return files;
};

/** @throws UsageFault unless it is a data folder of MetaTrader 5, which has MQL5 in it. */
const mql5FolderOf = (dataFolder: string): string => {
  const isFolder = (folder: string): boolean => statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  const inside = path.join(dataFolder, 'MQL5');
  if (isFolder(inside)) return inside;
  if (path.basename(dataFolder).toUpperCase() === 'MQL5' && isFolder(dataFolder)) return dataFolder;
  throw new UsageFault(
    `${dataFolder} is no data folder of MetaTrader 5 (there is no MQL5 in it): in MetaTrader, File, Open Data Folder shows it`,
  );
};

const same = (left: string, right: string): boolean => readFileSync(left).equals(readFileSync(right));

/** Beside its place first, then in it: MetaEditor never sees half a file. */
const put = (from: string, to: string): void => {
  const draft = `${to}.quant-arb.tmp`;
  mkdirSync(path.dirname(to), { recursive: true });
  try {
    copyFileSync(from, draft);
    renameSync(draft, to);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
};

export interface CopyOutcome {
  readonly into: string;
  readonly written: readonly string[];
  readonly unchanged: readonly string[];
  /** Differ from ours and stood in the way; then nothing was written. */
  readonly refused: readonly string[];
}

/** @throws UsageFault, or what the file system throws */
export const copyEa = (root: string, dataFolder: string, force: boolean): CopyOutcome => {
  const into = mql5FolderOf(dataFolder);
  const files = eaSources(root);
  const exists = (file: string): boolean => statSync(path.join(into, file), { throwIfNoEntry: false }) !== undefined;
  const unchanged = files.filter((file) => exists(file) && same(path.join(root, file), path.join(into, file)));
  const changed = files.filter((file) => exists(file) && !unchanged.includes(file));
  if (changed.length > 0 && !force) return { into, written: [], unchanged, refused: changed };
  const written = files.filter((file) => !unchanged.includes(file));
  for (const file of written) put(path.join(root, file), path.join(into, file));
  return { into, written, unchanged, refused: [] };
};
