/**
 * Work that others do for us and that must end: each piece ends by itself, at its deadline, or when everything is stopped, whichever
 * comes first, and exactly once. Whoever starts a piece says what its end means when it did not end by itself.
 */
import type { Timers } from '../timers.ts';

const NOTHING_TO_CANCEL = (): void => undefined;

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
      let cancel = NOTHING_TO_CANCEL;
      const settle = (outcome: T): void => {
        if (!this.#endings.delete(end)) return;
        cancel();
        resolve(outcome);
      };
      const end = (why: string): void => settle(failed(why));
      this.#endings.add(end);
      const fault = (error: unknown): void => end(`it failed on our side: ${error instanceof Error ? error.message : String(error)}`);
      try {
        work().then(settle, fault);
      } catch (error) {
        return fault(error);
      }
      // Behind the work, which may write an order at once. Stopped meanwhile, it has ended already.
      if (this.#endings.has(end)) cancel = this.#timers.after(deadlineMs, () => end(`no outcome within ${deadlineMs} ms`));
    });
  }

  stop(why: string): void {
    this.#stopped = why;
    for (const end of this.#endings) end(why);
  }
}
