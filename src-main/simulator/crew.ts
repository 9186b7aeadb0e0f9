/** Runs many seeds on a few child processes, in order of seed, and hands back every report. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RunReport } from './simulation.ts';
import type { Job } from './worker.ts';

export interface CrewOptions {
  readonly workers: number;
  /** Name of a planted bug. */
  readonly bug?: string;
  /** Asked after every report: true = begin nothing more. */
  readonly enough?: (report: RunReport) => boolean;
}

/** Jobs that wait in a child besides the one it does: hides the way there and back. */
const AHEAD = 2;

/** @throws Error when a child dies: its last words are on stderr. */
export const runCrew = (jobs: Iterable<Job>, { workers, bug, enough }: CrewOptions): Promise<void> => {
  const source = jobs[Symbol.iterator]();
  const script = fileURLToPath(new URL('./worker.ts', import.meta.url));
  const children: ChildProcess[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let isEnough = false;
  let open = 0;

  const end = (): void => {
    for (const child of children) if (child.connected) child.disconnect();
    resolve();
  };
  const give = (child: ChildProcess): void => {
    if (isEnough) return;
    const next = source.next();
    if (next.done === true) return;
    open += 1;
    child.send(next.value);
  };
  const takeReport = (child: ChildProcess, report: RunReport): void => {
    open -= 1;
    isEnough ||= enough?.(report) === true;
    give(child);
    if (open === 0) end();
  };
  for (let n = 0; n < workers; n += 1) {
    const child = fork(script, bug === undefined ? [] : ['--bug', bug], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
    children.push(child);
    child.on('message', (report) => takeReport(child, report as RunReport));
    child.on('exit', (code) => {
      if (code !== 0 && code !== null) reject(new Error(`a simulator process ended with code ${code}`));
    });
    for (let k = 0; k < AHEAD; k += 1) give(child);
  }
  if (open === 0) end();
  return promise;
};
