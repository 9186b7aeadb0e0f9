/**
 * A program under test: started, watched, ended. Its output is kept for the report of a failure, its end is a promise, and
 * nothing started here outlives the test that started it.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/** Characters of output kept, the newest. */
const MAX_OUTPUT_CHARS = 200_000;
/** A program that was asked to end and has not. */
const STOP_WITHIN_MS = 15_000;

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Program {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly ended: Promise<Ending>;
  /** Everything printed so far, newest part. */
  output(): string;
  /** Sends a signal and waits for the end. A program that ignores SIGTERM for long is killed, and the promise rejects. */
  end(signal?: NodeJS.Signals): Promise<Ending>;
}

export interface ProgramOptions {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
}

/** Starts a built main file on the Node this test runs on. */
export const startProgram = (file: string, { args, env = {}, nodeArgs = [] }: ProgramOptions): Program => {
  const child = fork(file, [...args], {
    execArgv: [...nodeArgs],
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-MAX_OUTPUT_CHARS);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  if (child.pid === undefined) throw new Error(`${file} could not be started`);
  return {
    child,
    pid: child.pid,
    ended,
    output: () => output,
    end: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null || child.signalCode !== null) return ended;
      child.kill(signal);
      let overdue: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => {
        overdue = setTimeout(() => resolve('late'), STOP_WITHIN_MS);
      });
      const outcome = await Promise.race([ended, late]);
      clearTimeout(overdue);
      if (outcome !== 'late') return outcome;
      child.kill('SIGKILL');
      await ended;
      throw new Error(`the program did not end within ${STOP_WITHIN_MS} ms of ${signal}; it printed:\n${output}`);
    },
  };
};

/** Waits for `wanted`, but fails with the program's output when the program ends first or time runs out. */
export const whileRunning = async <T>(program: Program, what: string, withinMs: number, wanted: Promise<T>): Promise<T> => {
  let overdue: NodeJS.Timeout | undefined;
  const failure = new Promise<never>((_resolve, reject) => {
    overdue = setTimeout(() => reject(new Error(`no ${what} within ${withinMs} ms; it printed:\n${program.output()}`)), withinMs);
    program.ended.then(
      ({ code, signal }) => reject(new Error(`ended (${code ?? signal}) before ${what}; it printed:\n${program.output()}`)),
      reject,
    );
  });
  try {
    return await Promise.race([wanted, failure]);
  } finally {
    clearTimeout(overdue);
    // The loser of the race may still reject: it has been told already.
    failure.catch(() => undefined);
  }
};
