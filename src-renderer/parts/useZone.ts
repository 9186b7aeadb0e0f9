/** The clock zone in use and the MT5 server's declared offset. */
import { useMemo } from 'react';
import type { ConsoleState } from '../store/consoleStore.ts';
import { useEngineTime } from './useTick.ts';
import { useConsole } from '../store/consoleStore.ts';
import { useUi } from '../store/uiStore.ts';
import { zoneOffset, type ZoneOffset } from '../format/times.ts';

/** Seconds east of UTC as the first MT5 venue with a session declares it; null = nobody said. */
export const mt5OffsetOf = (state: ConsoleState): number | null => {
  for (const venue of Object.values(state.tables.venues)) {
    const offsetS = venue.metatrader?.declaredUtcOffsetS;
    if (offsetS !== null && offsetS !== undefined) return offsetS;
  }
  return null;
};

const ZONE_CHECK_MS = 3_600_000;

export const useZone = (): ZoneOffset => {
  const zone = useUi((ui) => ui.zone);
  const mt5OffsetS = useConsole(mt5OffsetOf);
  // An hour's grain: only a change of the local zone's offset matters here.
  const nowMs = Math.floor(useEngineTime(ZONE_CHECK_MS) / ZONE_CHECK_MS) * ZONE_CHECK_MS;
  return useMemo(() => zoneOffset(zone, nowMs, mt5OffsetS), [zone, nowMs, mt5OffsetS]);
};
