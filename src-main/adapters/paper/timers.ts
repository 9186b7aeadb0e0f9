/** Wake-ups, injectable so that tests decide when time passes. Ages are never measured with these: see `Clock`. */

export interface Timers {
  /** Runs `wake` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, wake: () => void): () => void;
}

export const systemTimers: Timers = {
  after: (delayMs, wake) => {
    const timer = setTimeout(wake, delayMs);
    return () => clearTimeout(timer);
  },
};
