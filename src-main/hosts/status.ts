/**
 * What programs are told of the engine's standing: one flat answer made of the console's tables. Its members are an
 * interface (`quant-arb status --help` documents them): added to, never renamed. Pure.
 */
import type { KillLatch, Latch, ScopedStop, TradingState } from '../../src-shared/domain/tradingState.ts';
import type { ConsoleTables } from '../../src-shared/domain/view.ts';
import type { KeysStanding } from '../../src-shared/contract/keys.ts';
import type { LiveReport } from '../../src-shared/domain/live.ts';
import { exchangesOf, type ExchangeStanding } from './exchangeStanding.ts';
import { readinessOf } from './readiness.ts';
import { terminalsOf, type TerminalStanding } from './terminalStanding.ts';

export interface StandingGroup {
  readonly id: string;
  readonly pairId: string;
  readonly state: string;
  readonly why: string;
  /** Signed unhedged base quantity, decimal text. */
  readonly residualBaseQty: string;
  readonly nakedSinceUnixMs: number | null;
}

export interface EngineStatus {
  readonly engine: 'running' | 'not-answering' | 'not-running';
  /** Where the rest comes from: the engine itself, or what its ledger kept. */
  readonly source: 'engine' | 'ledger' | 'nothing';
  readonly mode: string | null;
  readonly profile: string | null;
  readonly version: string | null;
  readonly runId: string | null;
  readonly startedUnixMs: number | null;
  /** Of the last run, where the ledger was read: null = it did not end cleanly, or still runs. */
  readonly endedUnixMs: number | null;
  readonly endReason: string | null;
  readonly tradingState: TradingState | null;
  readonly armed: boolean;
  readonly pause: Latch | null;
  readonly kill: KillLatch | null;
  readonly scopedStops: readonly ScopedStop[];
  /** The KILL file that is there; null = none. */
  readonly killFile: string | null;
  readonly openGroups: number;
  readonly heldGroups: number;
  /** Every group that has not ended. */
  readonly groups: readonly StandingGroup[];
  /** Those of them with something unhedged. */
  readonly residuals: readonly StandingGroup[];
  readonly nakedUsd: number | null;
  readonly nakedSinceUnixMs: number | null;
  /** Realized today (UTC). */
  readonly dayNetUsd: number | null;
  readonly ledgerFault: string | null;
  /** Why the engine is not ready; empty = ready. Only from a running engine. */
  readonly reasons: readonly string[];
  /** Every MetaTrader venue with its hand-shake. Only from a running engine. */
  readonly terminals: readonly TerminalStanding[];
  /** Every exchange with its account. Only from a running engine. */
  readonly exchanges: readonly ExchangeStanding[];
  /** Why arming would be refused now. Only from a running engine. */
  readonly armConditions: readonly string[];
  /** How real money stands; null in every other mode. Only from a running engine. */
  readonly live: LiveReport | null;
  /** Of the configuration it runs: two that trade the same have the same. Only from a running engine. */
  readonly fingerprint: string | null;
}

export const NO_STATUS: EngineStatus = {
  engine: 'not-running',
  source: 'nothing',
  mode: null,
  profile: null,
  version: null,
  runId: null,
  startedUnixMs: null,
  endedUnixMs: null,
  endReason: null,
  tradingState: null,
  armed: false,
  pause: null,
  kill: null,
  scopedStops: [],
  killFile: null,
  openGroups: 0,
  heldGroups: 0,
  groups: [],
  residuals: [],
  nakedUsd: null,
  nakedSinceUnixMs: null,
  dayNetUsd: null,
  ledgerFault: null,
  reasons: [],
  terminals: [],
  exchanges: [],
  armConditions: [],
  live: null,
  fingerprint: null,
};

/** Decimal text that is zero however it is written. */
const isZero = (text: string): boolean => /^-?0*(\.0*)?$/.test(text);
export const unhedged = (groups: readonly StandingGroup[]): readonly StandingGroup[] =>
  groups.filter(({ residualBaseQty }) => !isZero(residualBaseQty));

/** The standing of the engine whose tables these are. */
export const statusOf = (
  tables: ConsoleTables,
  killFile: string | null,
  keys: KeysStanding | null = null,
  fingerprint: string | null = null,
): EngineStatus => {
  const engine = tables.engine['engine'];
  const { reasons } = readinessOf(tables);
  if (engine === undefined) return { ...NO_STATUS, engine: 'running', source: 'engine', killFile, reasons };
  const groups = Object.entries(tables.groups)
    .filter(([, row]) => row.endedUnixMs === null)
    .map(([id, { pairId, state, why, residualBaseQty, nakedSinceUnixMs }]) => ({
      id,
      pairId,
      state,
      why,
      residualBaseQty,
      nakedSinceUnixMs,
    }));
  const { mode, profile, version, runId, startedUnixMs, tradingState, armed, pause, kill, scopedStops } = engine;
  const { openGroups, heldGroups, nakedUsd, nakedSinceUnixMs, dayNetUsd, ledgerFault } = engine;
  const said = { mode, profile, version, runId, startedUnixMs, tradingState, armed, pause, kill, scopedStops };
  const owned = { openGroups, heldGroups, groups, residuals: unhedged(groups), nakedUsd, nakedSinceUnixMs, dayNetUsd };
  return {
    ...NO_STATUS,
    engine: 'running',
    source: 'engine',
    ...said,
    ...owned,
    killFile,
    ledgerFault,
    reasons,
    terminals: terminalsOf(tables),
    exchanges: exchangesOf(tables, keys),
    armConditions: engine.armConditions,
    live: engine.live ?? null,
    fingerprint,
  };
};
