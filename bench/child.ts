/**
 * Child processes of the bench: our own modules under the same Node, talking by messages, and always ended by their handle.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Child {
  readonly process: ChildProcess;
  send(message: unknown): void;
  /** The next message. Rejects when the child ends first. */
  next<T>(): Promise<T>;
  end(): Promise<void>;
}

/** Starts bench/children/`name`. */
export const startChild = (
  name: string,
  options: { readonly flags?: readonly string[]; readonly args?: readonly string[] } = {},
): Child => {
  const child = fork(fileURLToPath(new URL(`children/${name}`, import.meta.url)), [...(options.args ?? [])], {
    execArgv: [...(options.flags ?? [])],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const arrived: unknown[] = [];
  const waiting: { take: (message: unknown) => void; fail: (cause: Error) => void }[] = [];
  let ended: Error | null = null;
  child.on('message', (message) => {
    const waiter = waiting.shift();
    if (waiter === undefined) arrived.push(message);
    else waiter.take(message);
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = new Error(`${name} ended (${signal ?? code}) before it answered`);
      for (const waiter of waiting.splice(0)) waiter.fail(ended);
      resolve();
    });
  });
  return {
    process: child,
    send: (message) => void child.send(message as object),
    next: <T>() =>
      new Promise<T>((resolve, reject) => {
        if (arrived.length > 0) resolve(arrived.shift() as T);
        else if (ended === null) waiting.push({ take: (message) => resolve(message as T), fail: reject });
        else reject(ended);
      }),
    async end() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
    },
  };
};
