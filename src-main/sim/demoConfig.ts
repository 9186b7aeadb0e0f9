/**
 * The configuration a simulated world is watched with. Owns pairs, costs and settings of the demo and of tapes; venue
 * URLs come from the running servers. Fees of the demo are a declared assumption (a top fee tier), so that its
 * dislocations pay after every cost; tapes use the venues' regular fees. Time is compressed: what takes hours in life
 * takes seconds here, hence exits and the rule against repeated execution are the demo's own. Every size is the product's.
 */
import type { ConfigInput } from '../../src-shared/config/schema.ts';
import type { SimVenueId } from './market/instruments.ts';

type VenueInput = ConfigInput['venues'][number];
type InstrumentInput = ConfigInput['instruments'][number];
type PairInput = ConfigInput['pairs'][number];

export interface VenueUrls {
  readonly rest: string;
  readonly stream: string;
}
export type ExchangeUrls = Readonly<Record<Exclude<SimVenueId, 'mt5'>, VenueUrls>>;

export interface ConfigPlace {
  readonly dataDir: string;
  readonly listener: NonNullable<ConfigInput['listener']>;
}

/** Taker fees in bps. `top` is the demo's assumption of a top tier; `regular` what an ordinary account pays. */
export const FEE_TIERS = {
  top: { 'binance-spot': 2.4, 'binance-usdm': 1.7, okx: 1.5 },
  regular: { 'binance-spot': 10, 'binance-usdm': 5, okx: 5 },
} as const;
export type FeeTier = keyof typeof FEE_TIERS;

const FUNDING_BPS_PER_DAY = 3;
const WINDOW_MS = 600_000;
const MIN_COVERED_MS = 15_000;
/** A dislocation of the demo lasts some seconds; what has not converged after this is not going to. */
const DEMO_MAX_HOLD_MS = 90_000;
/** Dislocations come every half minute: a day of life each hour. Sizes, prices and losses keep the product's limits. */
const DEMO_LIMITS = { maxGroupsPerMinute: 6, maxGroupsPerHour: 240 };
const ONE_DOLLAR = { kind: 'fixed' as const, rate: 1, why: 'in the simulated world 1 USD buys 1 USDT by construction' };
const SAME_CURRENCY = { kind: 'fixed' as const, rate: 1, why: 'both legs are quoted in USDT' };

const LABELS: Record<SimVenueId, string> = {
  'binance-spot': 'Binance spot (simulated)',
  'binance-usdm': 'Binance USD-M (simulated)',
  okx: 'OKX (simulated)',
  mt5: 'MetaTrader 5 (simulated)',
};

/** Answer times like those of the real ones from a well-placed machine. */
const EXCHANGE_PAPER = { latencyMs: 35, latencyJitterMs: 25, slippageBps: 0.05 };
const BROKER_PAPER = { latencyMs: 120, latencyJitterMs: 80, slippageBps: 0.1 };
/** What each account starts with, on paper and at the simulated exchanges. Spot sells only what it owns, hence the inventory. */
export const START_BALANCES: Record<SimVenueId, Record<string, string>> = {
  'binance-spot': { USDT: '25000', BTC: '0.5' },
  'binance-usdm': { USDT: '50000' },
  okx: { USDT: '50000' },
  mt5: { USD: '50000' },
};

const paperInput = (id: SimVenueId): NonNullable<VenueInput['paper']> => ({
  ...(id === 'mt5' ? BROKER_PAPER : EXCHANGE_PAPER),
  startBalances: START_BALANCES[id],
});

export const venueInput = (id: SimVenueId, urls: ExchangeUrls, label = LABELS[id]): VenueInput =>
  id === 'mt5'
    ? { id, label, protocol: 'metatrader', simulated: true, paper: paperInput(id) }
    : { id, label, protocol: id, simulated: true, paper: paperInput(id), urls: urls[id] };

/** Where orders go: the paths behind which the real ones stand. */
const orderUrls = (id: Exclude<SimVenueId, 'mt5'>, { rest, stream }: VenueUrls) => {
  if (id === 'okx') return { rest, entry: `${stream}/private`, stream: `${stream}/private` };
  if (id === 'binance-spot') return { rest, entry: `${stream}/ws-api/v3`, stream: `${stream}/ws-api/v3` };
  return { rest, entry: `${stream}/ws-fapi/v1`, stream: `${stream}/private/ws` };
};

/** With orders through the venue's own simulated account, in place of paper. */
const tradingVenueInput = (id: SimVenueId, urls: ExchangeUrls): VenueInput => {
  const venue = venueInput(id, urls);
  if (id === 'mt5' || venue.protocol === 'metatrader') return venue;
  return { ...venue, orders: { environment: 'simulated', urls: orderUrls(id, urls[id]) } };
};

export interface InstrumentChoice {
  readonly venue: SimVenueId;
  readonly symbol: string;
  readonly kind: 'spot' | 'perpetual' | 'cfd';
  /** What the venue must report, else the pair is refused. */
  readonly expected: NonNullable<InstrumentInput['expected']>;
  readonly commissionPerLot?: number;
}

export const instrumentInput = (choice: InstrumentChoice, tier: FeeTier): InstrumentInput => {
  const { venue, symbol, kind, expected } = choice;
  if (venue === 'mt5')
    return {
      venue,
      symbol,
      kind,
      expected,
      assumedDisplayedBaseQty: 50,
      costs: {
        takerFeeBps: 0,
        commissionPerLot: choice.commissionPerLot ?? 0,
        slippageBps: 0.2,
        carryLongBpsPerDay: 0.9,
        carryShortBpsPerDay: -0.3,
        tripleCarryUtcWeekday: 3,
        rolloverUtcMinute: 21 * 60,
      },
    };
  const funded = kind === 'perpetual';
  return {
    venue,
    symbol,
    kind,
    expected,
    costs: {
      takerFeeBps: FEE_TIERS[tier][venue],
      slippageBps: 0.2,
      carryLongBpsPerDay: funded ? FUNDING_BPS_PER_DAY : 0,
      carryShortBpsPerDay: funded ? -FUNDING_BPS_PER_DAY : 0,
      carryIntervalHours: funded ? 8 : null,
    },
  };
};

export const pairInput = (id: string, underlying: string, a: string, b: string, over: Partial<PairInput> = {}): PairInput => ({
  id,
  underlying,
  a,
  b,
  conversion: a.endsWith('@mt5') ? ONE_DOLLAR : SAME_CURRENCY,
  deviationFloorBps: 2,
  minEdgeBps: 1,
  /** Right after the start the 99th percentile is that of a quiet minute; a multiple of 3 would block every dislocation. */
  abnormalP99Multiple: 50,
  expectedHoldMs: 600_000,
  cooldownMs: 5_000,
  exits: { convergenceBps: 2, maxHoldMs: DEMO_MAX_HOLD_MS },
  ...over,
});

export interface WorldConfig {
  readonly profile: string;
  /** `demo`: orders go through the simulated terminal and to the simulated exchanges; `paper`: nowhere. */
  readonly mode: ConfigInput['mode'];
  readonly venues: readonly VenueInput[];
  readonly instruments: readonly InstrumentInput[];
  readonly pairs: readonly PairInput[];
}

export const configInputOf = (world: WorldConfig, place: ConfigPlace): ConfigInput => ({
  version: 1,
  profile: world.profile,
  mode: world.mode,
  listener: place.listener,
  venues: [...world.venues],
  instruments: [...world.instruments],
  pairs: [...world.pairs],
  limits: DEMO_LIMITS,
  statistics: { windowMs: WINDOW_MS, minCoveredMs: MIN_COVERED_MS },
  dataDir: place.dataDir,
});

const DEMO_CHOICES: readonly InstrumentChoice[] = [
  { venue: 'mt5', symbol: 'XAUUSD', kind: 'cfd', expected: { tickSize: '0.01', baseQtyPerUnit: '100' }, commissionPerLot: 3.5 },
  { venue: 'mt5', symbol: 'BTCUSD', kind: 'cfd', expected: { tickSize: '0.01', baseQtyPerUnit: '1' } },
  { venue: 'okx', symbol: 'XAU-USDT-SWAP', kind: 'perpetual', expected: { tickSize: '0.01', baseQtyPerUnit: '0.001' } },
  { venue: 'okx', symbol: 'BTC-USDT-SWAP', kind: 'perpetual', expected: { tickSize: '0.1', baseQtyPerUnit: '0.01' } },
  { venue: 'binance-usdm', symbol: 'XAUUSDT', kind: 'perpetual', expected: { tickSize: '0.01', qtyStep: '0.001' } },
  { venue: 'binance-usdm', symbol: 'BTCUSDT', kind: 'perpetual', expected: { tickSize: '0.1', qtyStep: '0.001' } },
  { venue: 'binance-spot', symbol: 'BTCUSDT', kind: 'spot', expected: { tickSize: '0.01', qtyStep: '0.00001' } },
];

export const demoConfig = (urls: ExchangeUrls): WorldConfig => ({
  profile: 'demo',
  mode: 'demo',
  venues: (['mt5', 'okx', 'binance-usdm', 'binance-spot'] as const).map((id) => tradingVenueInput(id, urls)),
  instruments: DEMO_CHOICES.map((choice) => instrumentInput(choice, 'top')),
  pairs: [
    pairInput('xau-okx', 'XAU', 'XAUUSD@mt5', 'XAU-USDT-SWAP@okx'),
    pairInput('xau-bin', 'XAU', 'XAUUSD@mt5', 'XAUUSDT@binance-usdm'),
    pairInput('btc-okx', 'BTC', 'BTCUSD@mt5', 'BTC-USDT-SWAP@okx'),
    pairInput('btc-bin', 'BTC', 'BTCUSDT@binance-spot', 'BTCUSDT@binance-usdm'),
  ],
});
