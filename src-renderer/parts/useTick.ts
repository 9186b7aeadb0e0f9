/** Re-render a component every so often while it is shown: for texts that count time. */
import { useEffect, useState } from 'react';
import { useConsole } from '../store/consoleStore.ts';

const useSampled = (read: () => number, ms: number, running: boolean): number => {
  const [value, setValue] = useState(read);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => setValue(read()), ms);
    return () => clearInterval(timer);
  }, [read, ms, running]);
  return value;
};

const monotonic = (): number => performance.now();
const engineTime = (): number => Date.now() + useConsole.getState().engineOffsetMs;

/** `performance.now()`, renewed every `ms`. */
export const useTick = (ms: number, running = true): number => useSampled(monotonic, ms, running);

/** The engine's clock, Unix milliseconds, renewed every `ms`; runs on by itself while the link is down. */
export const useEngineTime = (ms: number): number => useSampled(engineTime, ms, true);
