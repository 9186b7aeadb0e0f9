/**
 * Work that others do for us and that must end: each piece ends by itself, at its deadline, or when everything is stopped, whichever
 * comes first, and exactly once. Whoever starts a piece says what its end means when it did not end by itself.
 */
import type { Timers } from '../timers.ts';

export class Bounded {
  readonly #timers: Timers;
  readonly #endings = new Set<(why: string) => void>();
  #stopped: string | null = null;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  get size(): number {
    return this.#endings.size;
  }

  /** Never rejects: what `work` throws is given to `failed`, as is a deadline and a stop. */
  run<T>(work: () => Promise<T>, deadlineMs: number, failed: (why: string) => T): Promise<T> {
    if (this.#stopped !== null) return Promise.resolve(failed(this.#stopped));
    return new Promise((resolve) => {
      const settle = (outcome: T): void => {
        if (!this.#endings.delete(end)) return;
        cancel();
        resolve(outcome);
      };
      const end = (why: string): void => settle(failed(why));
      this.#endings.add(end);
      const cancel = this.#timers.after(deadlineMs, () => end(`no outcome within ${deadlineMs} ms`));
      const fault = (error: unknown): void => end(`it failed on our side: ${error instanceof Error ? error.message : String(error)}`);
      try {
        work().then(settle, fault);
      } catch (error) {
        fault(error);
      }
    });
  }

  stop(why: string): void {
    this.#stopped = why;
    for (const end of this.#endings) end(why);
  }
}
