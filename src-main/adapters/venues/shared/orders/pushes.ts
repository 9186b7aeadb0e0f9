/**
 * What an exchange tells of its own accord, in order: an event that a full inlet does not take waits, and those behind it wait, too.
 * Bounded; beyond the bound nothing is kept, and `overflowed` says so once everything before has gone: then the engine must reconcile.
 */
import type { ControlInput } from '../../../../core/events.ts';
import type { ControlInlet } from '../../../../runtime/ports.ts';
import type { Timers } from '../timers.ts';

export const MAX_WAITING_PUSHES = 4_096;
export const PUSH_RETRY_MS = 20;

export class Pushes {
  readonly #inlet: ControlInlet;
  readonly #timers: Timers;
  readonly #overflowed: (lost: number) => void;
  readonly #waiting: ControlInput[] = [];
  #lost = 0;
  #cancel: (() => void) | null = null;
  #ended = false;

  constructor(inlet: ControlInlet, timers: Timers, overflowed: (lost: number) => void) {
    this.#inlet = inlet;
    this.#timers = timers;
    this.#overflowed = overflowed;
  }

  give(event: ControlInput): void {
    if (this.#ended) return;
    if (this.#waiting.length === 0 && this.#lost === 0 && this.#inlet.offer(event) === 'taken') return;
    if (this.#waiting.length >= MAX_WAITING_PUSHES) this.#lost += 1;
    else this.#waiting.push(event);
    this.#cancel ??= this.#timers.after(PUSH_RETRY_MS, () => this.#turn());
  }

  stop(): void {
    this.#ended = true;
    this.#cancel?.();
    this.#cancel = null;
  }

  #turn(): void {
    this.#cancel = null;
    let taken = 0;
    while (taken < this.#waiting.length && this.#inlet.offer(this.#waiting[taken]!) === 'taken') taken += 1;
    this.#waiting.splice(0, taken);
    if (this.#waiting.length > 0) this.#cancel = this.#timers.after(PUSH_RETRY_MS, () => this.#turn());
    else if (this.#lost > 0) {
      const lost = this.#lost;
      this.#lost = 0;
      this.#overflowed(lost);
    }
  }
}
