/** What ledger and runtime tests stand on: a scratch folder, a clock that is turned by hand, small settings, and facts. */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { InstrumentId, IntentId, PairId, VenueId } from '../../../src-shared/domain/ids.ts';
import type { Intent } from '../../../src-shared/domain/opportunity.ts';
import {
  INSTRUMENT_TRADING_DEFAULTS,
  NO_COSTS,
  PAIR_TRADING_DEFAULTS,
  TRADING_DEFAULTS,
  VENUE_DEFAULTS,
  type EngineSettings,
  type InstrumentSettings,
  type PairSettings,
} from '../../../src-shared/domain/settings.ts';
import type { EngineEvent, StartedEvent } from '../../core/events.ts';
import type { Clock, Recovered } from '../../runtime/ports.ts';

const MEMORY = '/dev/shm';
const ROOM_BYTES = 256 * 1024 * 1024;
/** In memory where there is room: faults of a disk are made here, not met, and thousands of commits would wait minutes for a busy one. */
const scratchPlace = (): string => {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ROOM_BYTES ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
};

/** A folder that is gone when the test is. */
export const scratchFolder = (): string => {
  const folder = mkdtempSync(join(scratchPlace(), 'quant-arb-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

export interface HandClock extends Clock {
  advanceMs(ms: number): void;
}

/** Stands still until advanced. */
export const handClock = (unixMs = 1_760_000_000_000): HandClock => {
  let passedMs = 0;
  return {
    monoUs: () => passedMs * 1_000,
    unixMs: () => unixMs + passedMs,
    advanceMs: (ms) => {
      passedMs += ms;
    },
  };
};

const instrument = (symbol: string, venueId: string): InstrumentSettings => ({
  id: `${symbol}@${venueId}` as InstrumentId,
  venueId: venueId as VenueId,
  symbol,
  kind: 'spot',
  expected: {},
  costs: NO_COSTS,
  assumedDisplayedBaseQty: 1,
  sessions: [],
  ...INSTRUMENT_TRADING_DEFAULTS,
});

const pair = (id: string, a: string, b: string): PairSettings => ({
  id: id as PairId,
  underlying: 'BTC',
  a: a as InstrumentId,
  b: b as InstrumentId,
  conversion: { kind: 'fixed', rate: 1, why: 'same currency' },
  deviationFloorBps: 1,
  deviationPercentile: 90,
  minEdgeBps: 0,
  hysteresisBps: 0.5,
  displayedShare: 0.5,
  minExecutableBaseQty: 0,
  maxSkewMs: 1_000,
  abnormalEdgeBps: 500,
  abnormalP99Multiple: 20,
  expectedHoldMs: 60_000,
  cooldownMs: 0,
  ...PAIR_TRADING_DEFAULTS,
});

const VENUES = ['one', 'two', 'three'] as const;

/** Three venues with an instrument each, two pairs. */
export const smallSettings = (): EngineSettings => ({
  mode: 'paper',
  profile: 'test',
  venues: VENUES.map((id) => ({
    id: id as VenueId,
    label: id,
    protocol: 'binance-spot',
    simulated: true,
    ...VENUE_DEFAULTS.exchange,
    maxQuoteAgeMs: 60_000,
  })),
  instruments: VENUES.map((venue) => instrument('BTCUSDT', venue)),
  pairs: [pair('one-two', 'BTCUSDT@one', 'BTCUSDT@two'), pair('two-three', 'BTCUSDT@two', 'BTCUSDT@three')],
  statistics: { windowMs: 3_600_000, minCoveredMs: 0, bucketBps: 0.1 },
  frozenQuoteMs: 60_000,
  ...TRADING_DEFAULTS,
});

export const stampedTimer = (seq: number, unixMs = 1_760_000_000_000 + seq): EngineEvent => ({
  type: 'timer',
  seq,
  monoUs: seq * 1_000.25,
  unixMs,
});

export const startedFrom = (runId: string, recovered: Recovered, seq = 1): StartedEvent => ({
  type: 'started',
  seq,
  monoUs: 0,
  unixMs: 1_760_000_000_000,
  runId,
  pause: recovered.pause,
  kill: recovered.kill,
  samples: recovered.samples,
  sampleIntervalMs: 1_000,
  openIntents: recovered.openIntents,
  trading: recovered.trading,
  notes: recovered.notes,
});

export const sampleIntent = (id: string, proposedUnixMs: number): Intent => ({
  id: id as IntentId,
  pairId: 'one-two' as PairId,
  direction: 'sell-a-buy-b',
  episode: 1,
  proposedUnixMs,
  spreadBps: 12.25,
  edgeBps: 2.125,
  centreBps: 0.1,
  deviationBps: 12.15,
  thresholdBps: 5,
  entrySpreadBps: 10,
  percentiles: { p50: 0.1, p75: 1, p90: 2, p99: 3 },
  triggerRate: 0.01,
  coverage: 0.9,
  executableBaseQty: 0.3,
  conversionRate: 1,
  costs: { feesBps: 8, commissionBps: 0, slippageBps: 1, carryBps: -0, exitSpreadBps: 1, totalBps: 10 },
  quotes: [
    {
      instrumentId: 'BTCUSDT@one',
      bidPx: '64000.10',
      bidQty: '0.300',
      askPx: '64000.20',
      askQty: null,
      venueMs: null,
      updateId: '90071992547409931',
      receivedUnixMs: proposedUnixMs,
      ageMs: 1.5,
    },
    {
      instrumentId: 'BTCUSDT@two',
      bidPx: '63900.10',
      bidQty: '1',
      askPx: '63900.20',
      askQty: '2',
      venueMs: proposedUnixMs - 3,
      updateId: null,
      receivedUnixMs: proposedUnixMs,
      ageMs: 0,
    },
  ],
  gates: [{ code: 'edge', passed: true, measured: 2.125, limit: 0, unit: 'bps', note: 'edge 2.1 bps, needs 0' }],
  exactSpreadBps: '12.2500000001',
  disposition: 'disarmed',
  denials: [],
  groupId: null,
});
