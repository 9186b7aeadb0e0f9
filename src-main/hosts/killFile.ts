/**
 * The KILL file: a file of that name in the data directory stops trading, whoever put it there and however it came. It is
 * looked at before anybody can give a command, then watched; because watching can fail unnoticed, it is also looked for by
 * a timer. Its appearance latches KILL once. The file itself is never touched: while it is there, the latch cannot be reset.
 */
import { closeSync, constants, lstatSync, openSync, readSync, watch as watchDirectory, type FSWatcher, type Stats } from 'node:fs';
import { randomBytes } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MAX_REASON_LENGTH } from '../../src-shared/contract/contract.ts';
import type { OperatorCommand } from '../core/events.ts';
import type { CommandOutcome } from '../runtime/commands.ts';
import type { Log } from './log.ts';

/** The second is what an editor on Windows makes of the first. */
export const KILL_FILE_NAMES = ['KILL', 'KILL.txt'] as const;
export const KILL_FILE = KILL_FILE_NAMES[0];
/** The longest that a file which no watcher reported stays unseen. */
export const KILL_FILE_POLL_MS = 250;
/** A file is there before its content is: so long an empty one is given to get its reason. */
export const KILL_FILE_SETTLES_MS = 20;
/** More than a reason can hold in any encoding of it. */
const MAX_READ_BYTES = 4 * MAX_REASON_LENGTH;

export interface KillFileParts {
  readonly dataDir: string;
  readonly log: Log;
  readonly command: (command: OperatorCommand) => Promise<CommandOutcome>;
}

export interface KillFileWatch {
  /** Looks once. Resolves when the kill that a new file asks for has been answered. */
  look(): Promise<void>;
  /** Looks from now on by itself. */
  start(): void;
  stop(): void;
  /** The file that is there now; null = none. */
  present(): string | null;
  /** The engine's commands, less what a present file forbids. Every transport gives its commands here. */
  readonly command: (command: OperatorCommand) => Promise<CommandOutcome>;
}

interface Found {
  readonly file: string;
  readonly stats: Stats;
}

/** Anything of that name counts, a directory and a dangling link too: whoever made it meant it. */
const find = (dataDir: string): Found | null => {
  for (const name of KILL_FILE_NAMES) {
    const file = path.join(dataDir, name);
    const stats = lstatSync(file, { throwIfNoEntry: false });
    if (stats !== undefined) return { file, stats };
  }
  return null;
};

/** The first line, as far as it fits into a reason. Only regular files are opened: a pipe would never answer. */
const reasonIn = ({ file, stats }: Found): string => {
  if (!stats.isFile()) return '';
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch {
    return '';
  }
  try {
    const bytes = Buffer.alloc(MAX_READ_BYTES);
    const length = readSync(descriptor, bytes, 0, bytes.length, 0);
    const line =
      bytes
        .toString('utf8', 0, length)
        .replace(/^\uFEFF/, '')
        .split(/[\r\n]/, 1)[0] ?? '';
    return line
      .replaceAll(/\p{Cc}/gu, ' ')
      .trim()
      .slice(0, MAX_REASON_LENGTH);
  } catch {
    return '';
  } finally {
    closeSync(descriptor);
  }
};

/** Windows does not say who owns a file in its stat. */
const ownerOf = ({ stats, file }: Found): string => {
  const name = path.basename(file);
  if (process.platform === 'win32') return `${name} file`;
  const own = process.getuid?.() === stats.uid ? ` (${os.userInfo().username})` : '';
  return `${name} file of user ${stats.uid}${own}`;
};

export const createKillFileWatch = ({ dataDir, log, command }: KillFileParts): KillFileWatch => {
  /** The appearance that has been answered: identity of the file, so that one put in place of another counts anew. */
  let answered: string | null = null;
  let looking: Promise<void> | null = null;
  let complained = false;
  let watcher: FSWatcher | null = null;
  let timer: NodeJS.Timeout | null = null;

  const seen = (): Found | null => {
    try {
      const found = find(dataDir);
      complained = false;
      return found;
    } catch (error) {
      if (!complained) log.error('the KILL file cannot be looked for', { fault: (error as Error).message });
      complained = true;
      return null;
    }
  };
  const kill = async (seenFirst: Found, identity: string): Promise<void> => {
    let found = seenFirst;
    if (found.stats.isFile() && found.stats.size === 0) {
      await sleep(KILL_FILE_SETTLES_MS);
      // Gone again meanwhile is no matter: it was there.
      found = seen() ?? found;
    }
    const outcome = await command({
      kind: 'kill',
      requestId: randomBytes(12).toString('hex'),
      reason: reasonIn(found),
      source: 'file',
      by: ownerOf(found),
    });
    if (outcome.code === 'busy') return;
    answered = identity;
    log.warn('KILL by file; it is left where it is, and the latch cannot be reset while it exists', {
      file: found.file,
      outcome: outcome.code,
      ...(outcome.code === 'ledger-fault' ? { fault: outcome.fault } : {}),
    });
  };
  const lookOnce = async (): Promise<void> => {
    const found = seen();
    if (found === null) {
      if (answered !== null) log.info('the KILL file is gone; the latch stands until it is reset');
      answered = null;
      return;
    }
    const identity = `${found.file} ${found.stats.ino} ${found.stats.birthtimeMs}`;
    if (identity !== answered) await kill(found, identity);
  };
  const look = (): Promise<void> =>
    (looking ??= lookOnce()
      .catch((error: unknown) => log.error('the KILL file was seen, and the kill failed', { fault: (error as Error).message }))
      .finally(() => {
        looking = null;
      }));
  const present = (): string | null => seen()?.file ?? null;

  return {
    look,
    present,
    start() {
      timer = setInterval(() => void look(), KILL_FILE_POLL_MS);
      try {
        watcher = watchDirectory(dataDir, (_event, name) => {
          if (name === null || (KILL_FILE_NAMES as readonly string[]).includes(name)) void look();
        });
        watcher.on('error', () => watcher?.close());
      } catch (error) {
        log.warn('the data directory cannot be watched; the KILL file is looked for by a timer alone', { fault: (error as Error).message });
      }
    },
    stop() {
      if (timer !== null) clearInterval(timer);
      watcher?.close();
      timer = null;
      watcher = null;
    },
    command(given) {
      const file = given.kind === 'reset' && (given.scope ?? 'all') === 'all' ? present() : null;
      if (file === null) return command(given);
      return Promise.resolve({ code: 'not-allowed', conditions: [`the file ${file} asks for the stop: remove it first`] });
    },
  };
};
