/** What is unhedged, in dollars, and for how long: counts on by itself between two frames. */
import { useEngineTime } from './useTick.ts';
import { nakedText, nakedTone } from '../features/groups/groupText.ts';
import { useIsLive } from '../store/consoleStore.ts';

interface StopwatchProps {
  readonly nakedUsd: number | null;
  readonly sinceUnixMs: number | null;
  readonly testId?: string;
}

const TICK_MS = 100;
const IDLE_TICK_MS = 1_000;

/** `none` while nothing is naked; without a link the time stands still, for nobody knows. */
export const Stopwatch = ({ nakedUsd, sinceUnixMs, testId }: StopwatchProps) => {
  const isLive = useIsLive();
  const nowMs = useEngineTime(sinceUnixMs === null ? IDLE_TICK_MS : TICK_MS);
  const text = nakedText(nakedUsd, isLive ? sinceUnixMs : null, nowMs);
  const forMs = sinceUnixMs === null ? null : nowMs - sinceUnixMs;
  return (
    <span className={text === null ? 'tone-faint' : `strong ${nakedTone(forMs)}`} data-testid={testId}>
      {text ?? 'none'}
    </span>
  );
};
