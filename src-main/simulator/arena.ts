/**
 * What is traded in a run, and with which settings: two exchanges and an MT5 broker, two pairs, drawn from the seed
 * among variants. Times are shorter than an operator's own, so that minutes hold many groups; the rules are the same.
 */
import type { InstrumentId, PairId, VenueId } from '../../src-shared/domain/ids.ts';
import type { LegOrder } from '../../src-shared/domain/hedgeGroup.ts';
import type { Instrument } from '../../src-shared/domain/instrument.ts';
import type { LiveCheck, LiveSettings } from '../../src-shared/domain/live.ts';
import { DEFAULT_LIMITS } from '../../src-shared/domain/limits.ts';
import {
  DEFAULT_HEDGING,
  INSTRUMENT_TRADING_DEFAULTS,
  NO_COSTS,
  VENUE_DEFAULTS,
  type EngineSettings,
  type InstrumentSettings,
  type PairSettings,
  type VenueSettings,
} from '../../src-shared/domain/settings.ts';
import type { Chance } from './chance.ts';
import type { SimVenueName } from './plan.ts';

export interface ArenaInstrument {
  readonly index: number;
  readonly venue: SimVenueName;
  readonly underlying: 'XAU' | 'BTC';
  readonly settings: InstrumentSettings;
  readonly metadata: Instrument;
  /** Of notional, at exchanges. */
  readonly feeBps: number;
  /** A lot and side, in the quote currency; MT5. */
  readonly commissionPerLot: number;
  readonly baseQtyPerUnit: number;
}

export interface Arena {
  readonly settings: EngineSettings;
  readonly instruments: readonly ArenaInstrument[];
}

/** Prices that the underlyings start from. */
export const START_PRICES = { XAU: 4_000, BTC: 60_000 } as const;
export const START_BALANCE = 1_000_000;

interface Traits {
  readonly venue: SimVenueName;
  readonly symbol: string;
  readonly underlying: 'XAU' | 'BTC';
  readonly quoteCcy: string;
  readonly tickSize: string;
  readonly qtyStep: string;
  readonly minQty: string;
  readonly minNotional: string | null;
  readonly baseQtyPerUnit: string;
  readonly feeBps: number;
  readonly commissionPerLot: number;
}

const GOLD_MT5: Traits = {
  venue: 'mt5',
  symbol: 'XAUUSD',
  underlying: 'XAU',
  quoteCcy: 'USD',
  tickSize: '0.01',
  qtyStep: '0.01',
  minQty: '0.01',
  minNotional: null,
  baseQtyPerUnit: '100',
  feeBps: 0,
  commissionPerLot: 7,
};
const GOLD_OKX: Traits = {
  venue: 'okx',
  symbol: 'XAU-USDT-SWAP',
  underlying: 'XAU',
  quoteCcy: 'USDT',
  tickSize: '0.1',
  qtyStep: '1',
  minQty: '1',
  minNotional: null,
  baseQtyPerUnit: '0.1',
  feeBps: 0.8,
  commissionPerLot: 0,
};
const GOLD_BINANCE: Traits = {
  venue: 'binance',
  symbol: 'XAUUSDT',
  underlying: 'XAU',
  quoteCcy: 'USDT',
  tickSize: '0.01',
  qtyStep: '0.001',
  minQty: '0.001',
  minNotional: '5',
  baseQtyPerUnit: '1',
  feeBps: 1,
  commissionPerLot: 0,
};
const BTC_OKX: Traits = {
  ...GOLD_OKX,
  symbol: 'BTC-USDT-SWAP',
  underlying: 'BTC',
  qtyStep: '0.1',
  minQty: '0.1',
  baseQtyPerUnit: '0.01',
};
const BTC_BINANCE: Traits = { ...GOLD_BINANCE, symbol: 'BTCUSDT', underlying: 'BTC', tickSize: '0.1' };

const instrumentOf = (traits: Traits, index: number): ArenaInstrument => {
  const id = `${traits.symbol}@${traits.venue}` as InstrumentId;
  const venueId = traits.venue as string as VenueId;
  const kind = traits.venue === 'mt5' ? 'cfd' : 'perpetual';
  return {
    index,
    venue: traits.venue,
    underlying: traits.underlying,
    feeBps: traits.feeBps,
    commissionPerLot: traits.commissionPerLot,
    baseQtyPerUnit: Number(traits.baseQtyPerUnit),
    settings: {
      id,
      venueId,
      symbol: traits.symbol,
      kind,
      expected: {},
      costs: { ...NO_COSTS, takerFeeBps: traits.feeBps, commissionPerLot: traits.commissionPerLot },
      assumedDisplayedBaseQty: 12,
      sessions: [],
      ...INSTRUMENT_TRADING_DEFAULTS,
      initialMarginRate: 0.02,
    },
    metadata: {
      id,
      venueId,
      symbol: traits.symbol,
      kind,
      baseCcy: traits.underlying,
      quoteCcy: traits.quoteCcy,
      tickSize: traits.tickSize,
      qtyStep: traits.qtyStep,
      minQty: traits.minQty,
      maxQty: null,
      minNotional: traits.minNotional,
      baseQtyPerUnit: traits.baseQtyPerUnit,
      tradable: true,
      venueState: 'live',
      instIdCode: null,
    },
  };
};

const LEG_ORDERS: readonly LegOrder[] = ['metatrader-first', 'exchange-first', 'together'];

const pairOf = (id: string, a: ArenaInstrument, b: ArenaInstrument, chance: Chance): PairSettings => ({
  id: id as PairId,
  underlying: a.underlying,
  a: a.settings.id,
  b: b.settings.id,
  conversion: { kind: 'fixed', rate: 1, why: 'one dollar is one dollar here' },
  deviationFloorBps: 5,
  deviationPercentile: 75,
  minEdgeBps: 1,
  hysteresisBps: 0.5,
  displayedShare: 0.5,
  minExecutableBaseQty: 0,
  maxSkewMs: 1_000,
  abnormalEdgeBps: 150,
  abnormalP99Multiple: 100,
  expectedHoldMs: 60_000,
  cooldownMs: 500,
  legOrder: LEG_ORDERS[Math.floor(chance.of(`${id}/legs`) * LEG_ORDERS.length)]!,
  exits: {
    convergenceBps: 1,
    takeProfitBps: chance.hits(`${id}/take-profit`, 0.3) ? 8 : null,
    stopLossBps: chance.hits(`${id}/stop-loss`, 0.5) ? 40 : null,
    maxHoldMs: chance.hits(`${id}/hold`, 0.5) ? 12_000 : 30_000,
    closeBeforeSessionEndMs: 0,
  },
  usdPerQuoteCcy: 1,
});

const venueOf = (id: SimVenueName): VenueSettings => ({
  id: id as string as VenueId,
  label: id,
  protocol: id === 'mt5' ? 'metatrader' : id === 'okx' ? 'okx' : 'binance-usdm',
  simulated: true,
  ...(id === 'mt5' ? VENUE_DEFAULTS.metatrader : VENUE_DEFAULTS.exchange),
  maxQuoteAgeMs: id === 'mt5' ? 2_000 : 1_000,
});

/** In some runs the money counts as real: small sizes first, and arming asks for the typed confirmation. */
const LIVE: LiveSettings = {
  accounts: ['mt5', 'okx', 'binance'].map((venueId) => ({ venueId, name: `${venueId} account` })),
  ladder: [
    { maxNotionalUsd: null, groups: 1 },
    { maxNotionalUsd: 20_000, groups: 1 },
    { maxNotionalUsd: 60_000, groups: 1 },
  ],
};

/** The evidence that a host finds for it. */
export const SHOWN: readonly LiveCheck[] = (['doctor', 'kill-drill', 'rehearsal-groups'] as const).map((code) => ({
  code,
  state: 'pass',
  label: code,
  detail: 'simulated',
  fix: '',
}));

export const arenaOf = (chance: Chance): Arena => {
  // Half of the runs have two pairs that share an instrument: their positions net at that venue.
  const shared = chance.hits('shared', 0.4);
  const traits = shared ? [GOLD_MT5, GOLD_OKX, GOLD_BINANCE] : [GOLD_MT5, GOLD_OKX, BTC_BINANCE, BTC_OKX];
  const instruments = traits.map(instrumentOf);
  const [a, b, c, d] = instruments as [ArenaInstrument, ArenaInstrument, ArenaInstrument, ArenaInstrument | undefined];
  const tight = chance.hits('tight', 0.15);
  const live = chance.hits('live', 0.12);
  return {
    instruments,
    settings: {
      mode: live ? 'live' : 'paper',
      live: live ? LIVE : null,
      profile: 'simulation',
      venues: [venueOf('mt5'), venueOf('okx'), venueOf('binance')],
      instruments: instruments.map((x) => x.settings),
      pairs: [pairOf('gold', a, b, chance), pairOf('second', c, d ?? b, chance)],
      statistics: { windowMs: 60_000, minCoveredMs: 4_000, bucketBps: 0.1 },
      frozenQuoteMs: 10_000,
      limits: tight
        ? { ...DEFAULT_LIMITS, maxGroupNotionalUsd: 10_000, maxTotalNotionalUsd: 20_000, minMarginLevelPct: 150 }
        : {
            ...DEFAULT_LIMITS,
            maxGroupNotionalUsd: 60_000,
            maxTotalNotionalUsd: 200_000,
            maxOpenGroups: 4,
            maxOpenGroupsPerPair: 1,
            maxMessagesPerSecond: 10,
            maxMessagesPerMinute: 240,
            maxGroupsPerHour: 200,
            maxLosingGroups: 30,
            maxDayLossPct: 20,
            maxVenueErrors: chance.hits('strict', 0.4) ? 4 : 20,
            ...(chance.hits('patient', 0.35)
              ? { fenceAfterFailureMs: 40_000, fenceAfterLossMs: 40_000, maxGroupsPerMinute: 3 }
              : { fenceAfterFailureMs: 3_000, fenceAfterLossMs: 3_000, maxGroupsPerMinute: 10 }),
            fenceAfterReconnectMs: 1_000,
            losingCooldownMs: 20_000,
          },
      hedging: {
        ...DEFAULT_HEDGING,
        nakedLegsOnKill: chance.hits('freeze', 0.25) ? 'freeze' : 'repair',
        fillsSweepMs: chance.hits('sweeps', 0.5) ? 60_000 : 20_000,
        positionsSweepMs: chance.hits('sweeps', 0.5) ? 30_000 : 10_000,
      },
    },
  };
};
