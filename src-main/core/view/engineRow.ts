/** The engine's one row: mode, latches, what is armed, what is naked, the day, and the runtime's own figures. */
import { MS_PER_DAY, type Stamp } from '../../../src-shared/domain/units.ts';
import type { EngineRow } from '../../../src-shared/domain/view.ts';
import { liveReport } from '../live/guard.ts';
import { armConditions } from '../risk/arming.ts';
import { liveGroups } from '../risk/exposure.ts';
import type { EngineState } from '../state.ts';
import { resetConditions } from '../stops/reset.ts';
import { nakedSinceUnixMs } from './groupRows.ts';
import { shown, USD_DIGITS } from './rounding.ts';
import { nakedUsdOf } from './worth.ts';

/** What the engine's row needs from outside the core. */
export interface RuntimeFigures {
  readonly version: string;
  readonly ledgerPath: string;
  readonly ledgerFault: string | null;
  readonly journalSeq: number;
  readonly quotesPerSecond: number;
  readonly conflatedQuotes: number;
  readonly stepP99Us: number | null;
  readonly commitP99Us: number | null;
}

/** Of the UTC day of `unixMs`; a day that ended is not today's result. */
const dayNetUsd = ({ book: { day } }: EngineState, unixMs: number): number | null =>
  day === null || day.groups === 0 || day.utcDay !== Math.floor(unixMs / MS_PER_DAY) ? null : shown(day.netUsd, USD_DIGITS);

const nakedOf = (state: EngineState): { readonly usd: number | null; readonly sinceUnixMs: number | null } => {
  let usd: number | null = null;
  let oldest: number | null = null;
  for (const group of liveGroups(state)) {
    const since = nakedSinceUnixMs(state, group);
    if (since === null) continue;
    usd = (usd ?? 0) + nakedUsdOf(group);
    oldest = oldest === null ? since : Math.min(oldest, since);
  }
  return { usd: shown(usd, USD_DIGITS), sinceUnixMs: oldest };
};

export const engineRow = (state: EngineState, figures: RuntimeFigures, at: Stamp): EngineRow => {
  const naked = nakedOf(state);
  const live = liveGroups(state);
  return {
    runId: state.runId,
    version: figures.version,
    mode: state.settings.mode,
    profile: state.settings.profile,
    startedUnixMs: state.startedUnixMs,
    nowUnixMs: at.unixMs,
    tradingState: state.trading,
    armed: state.book.armed !== null,
    armedBy: state.book.armed,
    pause: state.pause,
    kill: state.kill,
    scopedStops: state.book.scopedStops,
    armConditions: armConditions(state),
    resetConditions: resetConditions(state),
    dayNetUsd: dayNetUsd(state, at.unixMs),
    nakedUsd: naked.usd,
    nakedSinceUnixMs: naked.sinceUnixMs,
    openGroups: live.length,
    heldGroups: live.filter((group) => group.state === 'operator-held').length,
    quotesPerSecond: shown(figures.quotesPerSecond, 0) ?? 0,
    conflatedQuotes: figures.conflatedQuotes,
    journalSeq: figures.journalSeq,
    ledgerFault: figures.ledgerFault,
    ledgerPath: figures.ledgerPath,
    stepP99Us: shown(figures.stepP99Us, 1),
    commitP99Us: shown(figures.commitP99Us, 1),
    live: liveReport(state),
  };
};
