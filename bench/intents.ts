/** Facts as the engine writes them, of the usual size, for measuring what keeping them costs. */
import type { IntentId, PairId } from '../src-shared/domain/ids.ts';
import type { Intent } from '../src-shared/domain/opportunity.ts';
import type { QuoteEvidence } from '../src-shared/domain/quote.ts';
import type { EngineEvent } from '../src-main/core/events.ts';
import type { Fact } from '../src-main/core/facts.ts';

const UNIX_MS = 1_790_000_000_000;

export const quoteEvidence = (venue: string, bidPx: string, askPx: string): QuoteEvidence => ({
  instrumentId: `C0USDT@${venue}`,
  bidPx,
  bidQty: '1.250',
  askPx,
  askQty: '0.875',
  venueMs: UNIX_MS,
  updateId: '9007199254740993',
  receivedUnixMs: UNIX_MS,
  ageMs: 1.5,
});

export const intentOf = (n: number): Intent => ({
  id: `bench-${n}` as IntentId,
  pairId: 'pair-0' as PairId,
  direction: 'sell-a-buy-b',
  episode: n,
  proposedUnixMs: UNIX_MS + n,
  spreadBps: 12.25,
  edgeBps: 2.125,
  centreBps: 0.125,
  deviationBps: 12.125,
  thresholdBps: 5,
  entrySpreadBps: 10,
  percentiles: { p50: 0.1, p75: 1, p90: 2, p99: 3 },
  triggerRate: 0.01,
  coverage: 0.95,
  executableBaseQty: 0.4,
  conversionRate: 1,
  costs: { feesBps: 8, commissionBps: 0, slippageBps: 1, carryBps: 0, exitSpreadBps: 1, totalBps: 10 },
  quotes: [quoteEvidence('left', '64000.1', '64000.2'), quoteEvidence('right', '63900.1', '63900.2')],
  gates: [{ code: 'edge', passed: true, measured: 2.125, limit: 1, unit: 'bps', note: 'edge 2.13 bps, at least 1.00' }],
  exactSpreadBps: '12.25',
  disposition: 'disarmed',
  denials: [],
  groupId: null,
});

/** The event of an intent, and its fact. */
export const proposalOf = (n: number): { readonly event: EngineEvent; readonly facts: readonly Fact[] } => ({
  event: {
    type: 'quote',
    seq: n,
    monoUs: n * 1_000,
    unixMs: UNIX_MS + n,
    instrument: 0,
    bidPx: 64_000.1,
    bidQty: 1.25,
    askPx: 64_000.2,
    askQty: 0.875,
    venueMs: UNIX_MS,
    updateId: 9_007_199_254_740_993n,
    receivedMonoUs: n * 1_000,
  },
  facts: [{ type: 'intent-proposed', intent: intentOf(n) }],
});
