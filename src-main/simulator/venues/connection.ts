/**
 * The engine's end of a venue, for one life of the process. When the process dies the connection is cut: what is under
 * way still reaches the venue, and nothing comes back.
 */
import type { ControlInput } from '../../core/events.ts';
import type { ControlInlet } from '../../runtime/ports.ts';

export class Connection {
  readonly #inlet: ControlInlet;
  #alive = true;

  constructor(inlet: ControlInlet) {
    this.#inlet = inlet;
  }

  get alive(): boolean {
    return this.#alive;
  }

  cut(): void {
    this.#alive = false;
  }

  push(event: ControlInput): void {
    if (this.#alive) this.#inlet.offer(event);
  }

  /** A promise that this life may see resolved; `settle` counts once. */
  asking<T>(ask: (settle: (outcome: T) => void) => void): Promise<T> {
    return new Promise((resolve) => {
      if (!this.#alive) return;
      ask((outcome) => {
        if (this.#alive) resolve(outcome);
      });
    });
  }
}
