/** Re-renders a component every `ms` while it is shown: for texts that count time. Returns `performance.now()`. */
import { useEffect, useState } from 'react';

export const useTick = (ms: number, running = true): number => {
  const [nowMs, setNowMs] = useState(() => performance.now());
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => setNowMs(performance.now()), ms);
    return () => clearInterval(timer);
  }, [ms, running]);
  return nowMs;
};
