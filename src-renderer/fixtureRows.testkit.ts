/** Realistic rows for the stand-in engine: four venues, three pairs, intents, events. Tests only. */
import type { Direction, GateResult, Intent } from '../src-shared/domain/opportunity.ts';
import { instrumentIdOf, type GroupId, type IntentId, type PairId, type VenueId } from '../src-shared/domain/ids.ts';
import type { Instrument } from '../src-shared/domain/instrument.ts';
import { fixtureGroups, fixtureLimits, fixturePositions } from './fixtureTrading.testkit.ts';
import { fixtureTerminal } from './fixtureTerminal.testkit.ts';
import type {
  ConsoleTables,
  DirectionDetail,
  EngineRow,
  EventRow,
  InstrumentRow,
  IntentRow,
  PairDetail,
  PairRow,
  VenueRow,
} from '../src-shared/domain/view.ts';

export type FixtureTables = { -readonly [Name in keyof ConsoleTables]: Record<string, ConsoleTables[Name][string]> };

const venue = (nowMs: number, label: string, protocol: string, fields: Partial<VenueRow>): VenueRow => ({
  label,
  protocol,
  simulated: true,
  link: 'live',
  linkDetail: 'book ticker streams acknowledged',
  linkSinceUnixMs: 0,
  quoteAgeMs: 40,
  latencyMs: 12,
  clockOffsetMs: -3.1,
  clockUncertaintyMs: 1.2,
  roundTripMs: 8,
  framesPerSecond: 212,
  malformedFrames: 0,
  lastMalformed: null,
  reconnects: 0,
  metatrader: null,
  exchange: null,
  orderLink: 'up',
  reconciled: 'yes',
  reconcileDetail: 'agrees with our books',
  reconciledUnixMs: nowMs - 12_000,
  equity: '10000.00',
  equityCcy: 'USDT',
  messagesLastMinute: 4,
  errorsInWindow: 0,
  disabled: null,
  shutsUnixMs: null,
  opensUnixMs: null,
  ...fields,
});

const METATRADER: VenueRow['metatrader'] = {
  sessionId: '7f3a21c09b',
  epoch: 3,
  quoteOnly: false,
  gates: 'ok',
  login: '50123456',
  server: 'Demo-Server',
  company: 'Simulated Broker',
  currency: 'USD',
  marginMode: 'hedging',
  terminalBuild: '5320',
  eaVersion: '1.0',
  declaredUtcOffsetS: 7_200,
  pingUs: 31_000,
  equity: '10000.00',
  httpUsMax: 4_100,
  terminal: fixtureTerminal(),
};

/** `[base currency, base units in one unit of the venue, step, minimum]` */
const DESCRIBED: Readonly<Record<string, readonly [string, string, string, string]>> = {
  'XAUUSD@mt5-demo': ['XAU', '100', '0.01', '0.01'],
  'XAGUSD@mt5-demo': ['XAG', '5000', '0.01', '0.01'],
  'XAU-USDT-SWAP@okx': ['XAU', '0.001', '1', '1'],
  'XAG-USDT-SWAP@okx': ['XAG', '0.01', '1', '1'],
  'BTCUSDT@binance-spot': ['BTC', '1', '0.00001', '0.00001'],
  'BTCUSDT@binance-usdm': ['BTC', '1', '0.001', '0.001'],
};

const described = (venueId: string, symbol: string, pxDigits: number): Instrument | null => {
  const id = instrumentIdOf(symbol, venueId);
  const known = DESCRIBED[id];
  if (known === undefined) return null;
  const [baseCcy, baseQtyPerUnit, qtyStep, minQty] = known;
  const isCfd = venueId.startsWith('mt5');
  return {
    id,
    venueId: venueId as VenueId,
    symbol,
    kind: isCfd ? 'cfd' : 'perpetual',
    baseCcy,
    quoteCcy: isCfd ? 'USD' : 'USDT',
    tickSize: (10 ** -pxDigits).toFixed(pxDigits),
    qtyStep,
    minQty,
    maxQty: null,
    minNotional: null,
    baseQtyPerUnit,
    tradable: true,
    venueState: isCfd ? 'full' : 'live',
    instIdCode: null,
  };
};

const instrument = (venueId: string, symbol: string, bidPx: number, askPx: number, pxDigits: number): InstrumentRow => ({
  venueId,
  symbol,
  bidPx,
  askPx,
  bidQty: 12,
  askQty: 9,
  pxDigits,
  ageMs: 40,
  stale: false,
  quoteOnly: false,
  metadata: 'ok',
  described: described(venueId, symbol, pxDigits),
});

const pair = (underlying: string, a: string, b: string, fields: Partial<PairRow>): PairRow => ({
  underlying,
  a,
  b,
  conversion: 'fixed at 1: both legs are taken for dollars',
  stale: false,
  ageMs: 80,
  fSpreadBps: 1.2,
  fEdgeBps: -3.1,
  fP50: 0.4,
  fP75: 1.9,
  fP90: 3.1,
  fP99: 6.2,
  fEntryBps: 6.4,
  fTriggerRate: 0.014,
  rSpreadBps: -3.2,
  rEdgeBps: -7.4,
  rP50: -2.6,
  rP75: -1.2,
  rP90: 0.3,
  rP99: 2.8,
  rEntryBps: 5.1,
  rTriggerRate: 0.0002,
  coverage: 0.94,
  gatesPassed: 12,
  gatesTotal: 15,
  best: 'sell-a-buy-b',
  firstFailing: 'edge',
  liveIntentId: null,
  groupId: null,
  blocked: null,
  ...fields,
});

const intent = (pairId: string, nowMs: number, agoMs: number, lastedMs: number | null, edgeBps: number): IntentRow => ({
  pairId,
  direction: 'sell-a-buy-b',
  episode: 3,
  proposedUnixMs: nowMs - agoMs,
  endedUnixMs: lastedMs === null ? null : nowMs - agoMs + lastedMs,
  endReason: lastedMs === null ? null : 'edge fell below the hysteresis',
  spreadBps: edgeBps + 4.2,
  edgeBps,
  bestEdgeBps: edgeBps + 1.3,
  thresholdBps: 5.4,
  costsBps: 4.2,
  executableBaseQty: 12.5,
  disposition: 'disarmed',
  groupId: null,
});

const events = (nowMs: number): Record<string, EventRow> => {
  const lines: ReadonlyArray<readonly [EventRow['severity'], EventRow['kind'], string | null, string]> = [
    ['info', 'engine', null, 'engine started: recovery of run 01J… took 41 ms, disarmed'],
    ['info', 'ledger', null, 'ledger opened: journal at 48,201'],
    ['info', 'venue', 'mt5-demo', 'hello from terminal build 5320, EA 1.0, session 7f3a21c0 epoch 3'],
    ['info', 'venue', 'okx', 'subscribed bbo-tbt XAU-USDT-SWAP, BTC-USDT-SWAP'],
    ['info', 'venue', 'binance-usdm', 'subscribed bookTicker btcusdt, xauusdt'],
    ['warn', 'venue', 'binance-spot', 'socket closed by the venue (1008): connecting again in 0.4 s'],
    ['info', 'venue', 'binance-spot', 'live again after 0.9 s'],
    ['warn', 'risk', 'XAG·OKX', 'MT5 quote stale 4.2 s'],
    ['info', 'intent', 'XAU·OKX', 'intent 01J8ZXAU3: spread +9.1 bp, edge +4.9 bp, disarmed'],
    ['error', 'venue', 'okx', 'subscribe refused 60018: Wrong URL or channel doesn’t exist'],
  ];
  return Object.fromEntries(
    lines.map(([severity, kind, subject, text], index) => [
      `e${index}`,
      { unixMs: nowMs - (lines.length - index) * 21_000, severity, kind, subject, text },
    ]),
  );
};

const engineRow = (nowMs: number): EngineRow => ({
  runId: '01J8ZQ3F7K',
  version: '0.1.0',
  mode: 'paper',
  profile: 'demo',
  startedUnixMs: nowMs - 3_912_000,
  nowUnixMs: nowMs,
  tradingState: 'active',
  armed: false,
  armedBy: null,
  pause: null,
  kill: null,
  scopedStops: [],
  armConditions: [],
  resetConditions: [],
  dayNetUsd: 42.18,
  nakedUsd: 3_505.1,
  nakedSinceUnixMs: nowMs - 71_000,
  openGroups: 5,
  heldGroups: 1,
  quotesPerSecond: 832,
  conflatedQuotes: 18_204,
  journalSeq: 48_212,
  ledgerFault: null,
  ledgerPath: 'quant-arb/demo/ledger.sqlite',
  stepP99Us: 38,
  commitP99Us: 1_420,
});

export const fixtureTables = (nowMs: number): FixtureTables => ({
  engine: { engine: engineRow(nowMs) },
  venues: {
    'mt5-demo': venue(nowMs, 'MetaTrader 5 demo', 'metatrader', {
      latencyMs: null,
      metatrader: METATRADER,
      linkDetail: 'session alive',
      shutsUnixMs: nowMs + 10_740_000,
    }),
    okx: venue(nowMs, 'OKX', 'okx', { latencyMs: 45 }),
    'binance-usdm': venue(nowMs, 'Binance USD-M', 'binance-usdm', { malformedFrames: 2, lastMalformed: '{"e":"bookTic' }),
    'binance-spot': venue(nowMs, 'Binance spot', 'binance-spot', {
      latencyMs: null,
      link: 'backing-off',
      linkDetail: 'closed by the venue (1008), next attempt in 0.4 s',
      reconnects: 3,
      orderLink: 'down',
      reconciled: 'failed',
      reconcileDetail: 'the account did not answer within 5 s',
      disabled: '5 errors in 5 min, the last: 503 Service Unavailable',
      errorsInWindow: 5,
    }),
  },
  instruments: {
    'XAUUSD@mt5-demo': instrument('mt5-demo', 'XAUUSD', 2_651.42, 2_651.6, 2),
    'XAU-USDT-SWAP@okx': instrument('okx', 'XAU-USDT-SWAP', 2_650.9, 2_651, 1),
    'BTCUSDT@binance-spot': instrument('binance-spot', 'BTCUSDT', 97_231.51, 97_231.52, 2),
    'BTCUSDT@binance-usdm': instrument('binance-usdm', 'BTCUSDT', 97_240.1, 97_240.2, 1),
    'XAGUSD@mt5-demo': instrument('mt5-demo', 'XAGUSD', 31.204, 31.226, 3),
    'XAG-USDT-SWAP@okx': instrument('okx', 'XAG-USDT-SWAP', 31.21, 31.22, 2),
  },
  pairs: {
    XAU·OKX: pair('XAU', 'XAUUSD@mt5-demo', 'XAU-USDT-SWAP@okx', { liveIntentId: '01J8ZXAU4' }),
    BTC·BIN: pair('BTC', 'BTCUSDT@binance-spot', 'BTCUSDT@binance-usdm', { groupId: 'gbtc9', best: 'sell-b-buy-a', fP50: -1.4 }),
    XAG·OKX: pair('XAG', 'XAGUSD@mt5-demo', 'XAG-USDT-SWAP@okx', {
      blocked: 'XAG-USDT-SWAP@okx: 5000 by our fills, 4000 at the venue',
      fP50: null,
      fP75: null,
      fP90: null,
      fEntryBps: null,
      fTriggerRate: null,
      coverage: 0.11,
    }),
  },
  intents: {
    '01J8ZXAU4': { ...intent('XAU·OKX', nowMs, 8_000, null, 4.9), disposition: 'hedging', groupId: 'gxau4' },
    '01J8ZXAU3': { ...intent('XAU·OKX', nowMs, 94_000, 6_200, 3.1), disposition: 'denied', groupId: 'gxau2' },
    '01J8ZXAU2': intent('XAU·OKX', nowMs, 201_000, 11_900, 5.7),
    '01J8ZBTC9': intent('BTC·BIN', nowMs, 640_000, 800, 1.2),
  },
  groups: fixtureGroups(nowMs),
  positions: fixturePositions(),
  limits: fixtureLimits(),
  events: events(nowMs),
});

const gatesOf = (row: PairRow, spread: number | null, edge: number | null): readonly GateResult[] => [
  { code: 'metadata', passed: true, measured: null, limit: null, unit: 'none', note: 'both instruments agree with the configuration' },
  { code: 'venue-link', passed: true, measured: null, limit: null, unit: 'none', note: 'both venues live' },
  { code: 'quote-present', passed: true, measured: null, limit: null, unit: 'none', note: 'both legs quoted' },
  { code: 'quote-valid', passed: true, measured: null, limit: null, unit: 'none', note: 'no crossed, locked or frozen quote' },
  {
    code: 'quote-age-a',
    passed: !row.stale,
    measured: row.ageMs,
    limit: 1_000,
    unit: 'ms',
    note: `leg A is ${row.ageMs} ms old, limit 1,000 ms`,
  },
  { code: 'quote-age-b', passed: true, measured: 31, limit: 500, unit: 'ms', note: 'leg B is 31 ms old, limit 500 ms' },
  { code: 'quote-skew', passed: true, measured: 49, limit: 400, unit: 'ms', note: 'quotes lie 49 ms apart, limit 400 ms' },
  { code: 'session', passed: true, measured: null, limit: null, unit: 'none', note: 'open until 21:58 UTC' },
  { code: 'statistics', passed: true, measured: 3_384, limit: 1_800, unit: 's', note: '56 min covered, 30 min needed' },
  { code: 'executable-qty', passed: true, measured: 12.5, limit: 1, unit: 'base', note: '12.5 oz at the touch, least 1 oz' },
  {
    code: 'edge',
    passed: (edge ?? -1) >= 1,
    measured: edge,
    limit: 1,
    unit: 'bps',
    note: `edge ${edge?.toFixed(1)} bp, least 1.0 bp after costs of 4.2 bp`,
  },
  {
    code: 'deviation',
    passed: (spread ?? -9) > 5.4,
    measured: spread,
    limit: 5.4,
    unit: 'bps',
    note: 'deviation from the centre is below p90 of 5.4 bp',
  },
  { code: 'abnormal-edge', passed: true, measured: edge, limit: 60, unit: 'bps', note: 'not abnormal' },
  { code: 'trading-state', passed: true, measured: null, limit: null, unit: 'none', note: 'active' },
  { code: 'armed', passed: false, measured: null, limit: null, unit: 'none', note: 'disarmed' },
  { code: 'reconciled', passed: true, measured: null, limit: null, unit: 'none', note: 'both venues agree with our books' },
  { code: 'open-groups', passed: false, measured: 3, limit: 3, unit: 'count', note: '3 groups open, limit 3' },
  { code: 'notional', passed: true, measured: 6_156, limit: 8_000, unit: 'usd', note: '$6,156 of $8,000 in all' },
  { code: 'calendar', passed: true, measured: 179, limit: 15, unit: 'min', note: 'shuts in 179 min, at least 15 min' },
  { code: 'margin', passed: true, measured: 1_240, limit: 300, unit: '%', note: 'margin level 1,240 % after' },
  { code: 'cooldown', passed: true, measured: 94, limit: 30, unit: 's', note: 'last episode ended 94 s ago' },
];

const bell = (centre: number, width: number) => {
  const stepBps = 0.25;
  const fromBps = centre - 12;
  const raw = Array.from({ length: 120 }, (_, index) => {
    const x = fromBps + (index + 0.5) * stepBps - centre;
    return Math.exp(-(x * x) / (2 * width * width)) * (1 + 0.2 * Math.sin(index * 1.7)) + (x > 4 && x < 9 ? 0.012 : 0);
  });
  const sum = raw.reduce((total, share) => total + share, 0);
  return { fromBps, stepBps, shares: raw.map((share) => share / sum) };
};

const directionDetail = (row: PairRow, direction: Direction): DirectionDetail => {
  const isF = direction === 'sell-a-buy-b';
  const spreadBps = isF ? row.fSpreadBps : row.rSpreadBps;
  const edgeBps = isF ? row.fEdgeBps : row.rEdgeBps;
  const p50 = isF ? row.fP50 : row.rP50;
  return {
    direction,
    view: {
      spreadBps,
      edgeBps,
      p50,
      p75: isF ? row.fP75 : row.rP75,
      p90: isF ? row.fP90 : row.rP90,
      p99: isF ? row.fP99 : row.rP99,
      entrySpreadBps: isF ? row.fEntryBps : row.rEntryBps,
      triggerRate: isF ? row.fTriggerRate : row.rTriggerRate,
    },
    centreBps: p50,
    thresholdBps: 5.4,
    executableBaseQty: 12.5,
    costs: { feesBps: 3, commissionBps: 0.6, slippageBps: 1, carryBps: -0.2, exitSpreadBps: 2.6, totalBps: 7 },
    gates: gatesOf(row, spreadBps, edgeBps),
    histogram: p50 === null ? null : bell(p50, 2.1),
    resolutionBps: 0.125,
  };
};

export const fixtureDetail = (pairId: string, row: PairRow, atUnixMs: number): PairDetail => ({
  pairId,
  atUnixMs,
  directions: [directionDetail(row, 'sell-a-buy-b'), directionDetail(row, 'sell-b-buy-a')],
  conversionRate: 0.9996,
  windowMs: 3_600_000,
  coveredMs: 3_384_000,
  coverage: 0.94,
});

export const fixtureIntent = (id: string, row: IntentRow, pairRow: PairRow): Intent => ({
  id: id as IntentId,
  pairId: row.pairId as PairId,
  direction: row.direction,
  episode: row.episode,
  proposedUnixMs: row.proposedUnixMs,
  spreadBps: row.spreadBps,
  edgeBps: row.edgeBps,
  centreBps: 0.4,
  deviationBps: row.spreadBps - 0.4,
  thresholdBps: row.thresholdBps,
  entrySpreadBps: 6.4,
  percentiles: { p50: 0.4, p75: 1.9, p90: 3.1, p99: 6.2 },
  triggerRate: 0.014,
  coverage: 0.94,
  executableBaseQty: row.executableBaseQty,
  conversionRate: 0.9996,
  costs: { feesBps: 3, commissionBps: 0.6, slippageBps: 1, carryBps: -0.2, exitSpreadBps: -0.2, totalBps: 4.2 },
  quotes: [
    {
      instrumentId: pairRow.a,
      bidPx: '2653.42',
      bidQty: null,
      askPx: '2653.60',
      askQty: null,
      venueMs: row.proposedUnixMs - 60,
      updateId: null,
      receivedUnixMs: row.proposedUnixMs - 48,
      ageMs: 48,
    },
    {
      instrumentId: pairRow.b,
      bidPx: '2650.9',
      bidQty: '120',
      askPx: '2651.0',
      askQty: '85',
      venueMs: row.proposedUnixMs - 22,
      updateId: '18446744073709551001',
      receivedUnixMs: row.proposedUnixMs - 12,
      ageMs: 12,
    },
  ],
  gates: gatesOf(pairRow, row.spreadBps, row.edgeBps),
  exactSpreadBps: row.spreadBps.toFixed(6),
  disposition: row.disposition,
  denials: [],
  groupId: row.groupId as GroupId | null,
});
