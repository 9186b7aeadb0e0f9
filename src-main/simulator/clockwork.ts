/**
 * Virtual time. Owns the one line of scheduled work, in order of time and then of scheduling; nothing in the simulated
 * world reads another clock. The Unix clock may jump; the monotonic one, and the venues' own, never do.
 */
import type { Clock } from '../runtime/ports.ts';

const US_PER_MS = 1_000;

interface Entry {
  readonly atUs: number;
  readonly order: number;
  readonly work: () => void;
}

const before = (a: Entry, b: Entry): boolean => a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);

export class Clockwork implements Clock {
  #nowUs = 1_000_000;
  readonly #startUnixMs: number;
  #jumpMs = 0;
  #order = 0;
  readonly #heap: Entry[] = [];

  /** @param startUnixMs what the Unix clock says in the beginning */
  constructor(startUnixMs: number) {
    this.#startUnixMs = startUnixMs;
  }

  monoUs(): number {
    return this.#nowUs;
  }

  /** Milliseconds since the simulation began. */
  elapsedMs(): number {
    return (this.#nowUs - 1_000_000) / US_PER_MS;
  }

  /** This host's Unix clock, jumps included. */
  unixMs(): number {
    return this.trueUnixMs() + this.#jumpMs;
  }

  /** The Unix clock of a host that never jumps: the venues stand on it. */
  trueUnixMs(): number {
    return this.#startUnixMs + Math.floor(this.elapsedMs());
  }

  jumpUnix(byMs: number): void {
    this.#jumpMs += byMs;
  }

  /** Time that passes while the process is stuck in one call: everything due meanwhile comes late. */
  block(forMs: number): void {
    this.#nowUs += Math.round(forMs * US_PER_MS);
  }

  get jumpedMs(): number {
    return this.#jumpMs;
  }

  after(delayMs: number, work: () => void): void {
    this.#push({ atUs: this.#nowUs + Math.max(0, Math.round(delayMs * US_PER_MS)), order: (this.#order += 1), work });
  }

  /** At so many milliseconds since the beginning; at once when that is past. */
  at(elapsedMs: number, work: () => void): void {
    this.after(elapsedMs - this.elapsedMs(), work);
  }

  /** Does the next piece of work that is due by then; false when there is none, and time then stands at that moment. */
  next(untilElapsedMs: number): boolean {
    const limitUs = 1_000_000 + untilElapsedMs * US_PER_MS;
    const first = this.#heap[0];
    if (first === undefined || first.atUs > limitUs) {
      this.#nowUs = Math.max(this.#nowUs, limitUs);
      return false;
    }
    this.#pop();
    this.#nowUs = Math.max(this.#nowUs, first.atUs);
    first.work();
    return true;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}
