/**
 * The configuration file. Owns its schema, defaults and cross-field rules; every figure carries its unit in its
 * name. Unknown keys are refused: a misspelt limit must not be a limit that is not there.
 */
import { z } from 'zod';
import { Decimal } from '../domain/decimal.ts';
import { ENVIRONMENTS, REGIONS } from '../domain/exchange.ts';
import { DEFAULT_LIMITS, LIMIT_NAMES, type LimitName } from '../domain/limits.ts';
import { DEFAULT_EXITS, DEFAULT_HEDGING, VENUE_DEFAULTS } from '../domain/settings.ts';
import { orderFaults } from './orderRules.ts';

const identifier = z.string().regex(/^[a-z0-9][a-z0-9-]{0,23}$/, 'lower-case letters, digits and dashes, at most 24');
const amount = z
  .string()
  .regex(/^\d{1,18}(\.\d{1,18})?$/, 'a plain decimal in quotes, such as "0.01"')
  .refine((text) => !new Decimal(text).isNegative());
const positiveMs = z
  .number()
  .int()
  .positive()
  .max(7 * 24 * 3_600_000);
const bps = z.number().min(-10_000).max(10_000);
const url = (protocol: RegExp, shape: string) => z.url({ protocol, error: `a URL like ${shape}` });

const expectation = z.strictObject({
  tickSize: amount.optional(),
  qtyStep: amount.optional(),
  minQty: amount.optional(),
  baseQtyPerUnit: amount.optional(),
  baseCcy: z.string().optional(),
  quoteCcy: z.string().optional(),
});

const costs = z.strictObject({
  takerFeeBps: bps,
  commissionPerLot: z.number().min(0).default(0),
  slippageBps: z.number().min(0).max(1_000).default(0),
  carryLongBpsPerDay: bps.default(0),
  carryShortBpsPerDay: bps.default(0),
  tripleCarryUtcWeekday: z.number().int().min(0).max(6).nullable().default(null),
  rolloverUtcMinute: z.number().int().min(0).max(1_439).nullable().default(null),
  carryIntervalHours: z.number().positive().max(24).nullable().default(null),
});

const MINUTES_PER_WEEK = 7 * 24 * 60;
const session = z
  .strictObject({
    openUtcMinuteOfWeek: z.number().int().min(0).max(MINUTES_PER_WEEK),
    closeUtcMinuteOfWeek: z.number().int().min(0).max(MINUTES_PER_WEEK),
  })
  .refine((w) => w.openUtcMinuteOfWeek < w.closeUtcMinuteOfWeek, 'opens before it closes; split a window that crosses Sunday 00:00');

/** What the paper account of a venue does with orders. Has no effect on anything live. */
const paperAccount = z.strictObject({
  latencyMs: z.number().int().min(0).max(60_000).default(40),
  latencyJitterMs: z.number().int().min(0).max(60_000).default(20),
  slippageBps: z.number().min(0).max(1_000).default(0.1),
  partialFillRate: z.number().min(0).max(1).default(0),
  rejectRate: z.number().min(0).max(1).default(0),
  startBalances: z
    .record(z.string().regex(/^[A-Z0-9]{2,10}$/, 'a currency such as "USDT"'), amount)
    .default({ USD: '100000', USDT: '100000' }),
});

/** Orders through the exchange itself; absent = on a paper account. The key is no part of the configuration. */
const exchangeOrders = z.strictObject({
  environment: z.enum(ENVIRONMENTS),
  /** What the account is called at the exchange, for people: named again where real money is confirmed. */
  account: z.string().min(1).max(48).nullable().default(null),
  /** OKX only: the site that the account was opened at. */
  region: z.enum(REGIONS).default('global'),
  /** Of derivatives; read back from the account and checked, never set. Spot ignores it. */
  marginMode: z.enum(['cross', 'isolated']).default('cross'),
  /** Which of two own orders that would meet gives way. Sent with every order. */
  selfTradePrevention: z.enum(['taker', 'maker', 'both']).default('taker'),
  /** How long the venue waits for us before it cancels what rests; OKX takes 10 to 120 s. */
  deadManMs: z.number().int().min(10_000).max(120_000).default(60_000),
  /** Only for `simulated`, and for a site that moved; hosts of another environment are refused. */
  urls: z
    .strictObject({ rest: url(/^https?$/, 'https://host'), entry: url(/^wss?$/, 'wss://host'), stream: url(/^wss?$/, 'wss://host') })
    .nullable()
    .default(null),
});

const exchangeVenue = z.strictObject({
  id: identifier,
  label: z.string().min(1).max(32),
  protocol: z.enum(['binance-spot', 'binance-usdm', 'okx']),
  simulated: z.boolean().default(false),
  maxQuoteAgeMs: positiveMs.default(VENUE_DEFAULTS.exchange.maxQuoteAgeMs),
  ackTimeoutMs: positiveMs.default(VENUE_DEFAULTS.exchange.ackTimeoutMs),
  orderValidityMs: positiveMs.default(VENUE_DEFAULTS.exchange.orderValidityMs),
  paper: paperAccount.prefault({}),
  orders: exchangeOrders.nullable().default(null),
  urls: z.strictObject({
    rest: url(/^https?$/, 'https://host'),
    /** Base that the feed extends: `wss://stream.binance.com:9443` (`/ws`), `wss://fstream.binance.com` (`/public/ws`), `wss://ws.okx.com:8443/ws/v5` (`/public`). */
    stream: url(/^wss?$/, 'wss://host'),
  }),
});

const metatraderVenue = z.strictObject({
  id: identifier,
  label: z.string().min(1).max(32),
  protocol: z.literal('metatrader'),
  simulated: z.boolean().default(false),
  maxQuoteAgeMs: positiveMs.default(VENUE_DEFAULTS.metatrader.maxQuoteAgeMs),
  ackTimeoutMs: positiveMs.default(VENUE_DEFAULTS.metatrader.ackTimeoutMs),
  orderValidityMs: positiveMs.default(VENUE_DEFAULTS.metatrader.orderValidityMs),
  paper: paperAccount.prefault({}),
  /** Account the EA must report; null accepts any and shows it. */
  login: z.string().max(32).nullable().default(null),
  server: z.string().max(64).nullable().default(null),
  /** Accept `{"symbol","bid","ask","time_msc"}` without a session, as quote-only. */
  acceptBareTicks: z.boolean().default(true),
});

const isZone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};
const minuteOfWeek = z.number().int().min(0).max(MINUTES_PER_WEEK);
const minuteOfDay = z.number().int().min(0).max(1_440);

/** Trading hours as the broker writes them, in its own zone with its daylight saving. */
const calendar = z.strictObject({
  zone: z.string().max(64).refine(isZone, 'an IANA zone such as "Europe/Athens"'),
  weekly: z
    .array(
      z
        .strictObject({ openMinuteOfWeek: minuteOfWeek, closeMinuteOfWeek: minuteOfWeek })
        .refine((w) => w.openMinuteOfWeek < w.closeMinuteOfWeek, 'opens before it closes; split a window that crosses Sunday 00:00'),
    )
    .min(1)
    .max(64),
  holidays: z
    .array(
      z.strictObject({
        date: z.iso.date(),
        name: z.string().min(1).max(64),
        /** Empty = closed all day. */
        open: z
          .array(
            z
              .strictObject({ openMinuteOfDay: minuteOfDay, closeMinuteOfDay: minuteOfDay })
              .refine((w) => w.openMinuteOfDay < w.closeMinuteOfDay, 'opens before it closes'),
          )
          .max(8)
          .default([]),
      }),
    )
    .max(200)
    .default([]),
});

const instrument = z.strictObject({
  venue: identifier,
  symbol: z.string().min(1).max(32),
  kind: z.enum(['spot', 'perpetual', 'cfd']),
  expected: expectation.default({}),
  costs,
  assumedDisplayedBaseQty: z.number().positive().max(1e9).default(1),
  sessions: z.array(session).max(32).default([]),
  calendar: calendar.nullable().default(null),
  /** Absent: paid in full for spot, 5 % for perpetuals, 1 % for CFDs. */
  initialMarginRate: z.number().positive().max(1).optional(),
});

const conversion = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fixed'), rate: z.number().positive().max(1e6), why: z.string().min(1).max(200) }),
  z.strictObject({ kind: z.literal('instrument'), instrument: z.string(), invert: z.boolean().default(false) }),
]);

const pair = z.strictObject({
  id: identifier,
  underlying: z.string().min(1).max(16),
  /** `SYMBOL@venue` */
  a: z.string(),
  b: z.string(),
  conversion,
  deviationFloorBps: z.number().min(0).max(1_000).default(2),
  deviationPercentile: z.number().min(50).max(99.9).default(90),
  minEdgeBps: z.number().min(0).max(1_000).default(1),
  hysteresisBps: z.number().min(0).max(1_000).default(0.5),
  displayedShare: z.number().gt(0).max(1).default(0.5),
  minExecutableBaseQty: z.number().min(0).default(0),
  maxSkewMs: positiveMs.default(750),
  abnormalEdgeBps: z.number().positive().max(10_000).default(100),
  abnormalP99Multiple: z.number().min(1).max(100).default(3),
  expectedHoldMs: positiveMs.default(3_600_000),
  cooldownMs: z.number().int().min(0).max(86_400_000).default(5_000),
  legOrder: z.enum(['metatrader-first', 'exchange-first', 'together']).default('metatrader-first'),
  exits: z
    .strictObject({
      convergenceBps: bps.default(DEFAULT_EXITS.convergenceBps),
      takeProfitBps: z.number().positive().max(10_000).nullable().default(DEFAULT_EXITS.takeProfitBps),
      stopLossBps: z.number().positive().max(10_000).nullable().default(DEFAULT_EXITS.stopLossBps),
      maxHoldMs: positiveMs.default(DEFAULT_EXITS.maxHoldMs),
      closeBeforeSessionEndMs: z.number().int().min(0).max(86_400_000).default(DEFAULT_EXITS.closeBeforeSessionEndMs),
    })
    .prefault({}),
  /** Dollars that one unit of leg b's quote currency is worth; the limits are in dollars. */
  usdPerQuoteCcy: z.number().positive().max(1e6).default(1),
});

/** Every limit there is, each with its default; unset is never unlimited. */
const limits = z.strictObject(
  Object.fromEntries(LIMIT_NAMES.map((name) => [name, z.number().min(0).max(1e9).default(DEFAULT_LIMITS[name])])) as {
    readonly [K in LimitName]: z.ZodDefault<z.ZodNumber>;
  },
);

const hedging = z.strictObject({
  compensateAfterMs: positiveMs.default(DEFAULT_HEDGING.compensateAfterMs),
  alarmAfterMs: positiveMs.default(DEFAULT_HEDGING.alarmAfterMs),
  haltAfterMs: positiveMs.default(DEFAULT_HEDGING.haltAfterMs),
  compensationSlippageBps: z.number().positive().max(1_000).default(DEFAULT_HEDGING.compensationSlippageBps),
  maxCompleteAttempts: z.number().int().min(0).max(10).default(DEFAULT_HEDGING.maxCompleteAttempts),
  maxUnwindAttempts: z.number().int().min(1).max(20).default(DEFAULT_HEDGING.maxUnwindAttempts),
  openingDeadlineMs: positiveMs.default(DEFAULT_HEDGING.openingDeadlineMs),
  queryEveryMs: positiveMs.default(DEFAULT_HEDGING.queryEveryMs),
  notFoundMarginMs: positiveMs.default(DEFAULT_HEDGING.notFoundMarginMs),
  nakedLegsOnKill: z.enum(['repair', 'freeze']).default(DEFAULT_HEDGING.nakedLegsOnKill),
  fillsSweepMs: positiveMs.default(DEFAULT_HEDGING.fillsSweepMs),
  positionsSweepMs: positiveMs.default(DEFAULT_HEDGING.positionsSweepMs),
  snapshotTimeoutMs: positiveMs.default(DEFAULT_HEDGING.snapshotTimeoutMs),
});

/** Fewer closed groups show nothing; the configuration may only ask for more. */
export const MIN_REHEARSAL_GROUPS = 10;
const DEFAULT_REHEARSAL_GROUPS = 20;
/** On each rung at least so many groups close well before the next is climbed. */
const MIN_RUNG_GROUPS = 3;

/** Of mode live: what went before it, and how its sizes grow. */
const live = z.strictObject({
  /** Data directory of the paper or demo engine whose kill drill and closed groups count; relative to the configuration file. */
  rehearsalDataDir: z.string().min(1),
  rehearsalGroups: z.number().int().min(MIN_REHEARSAL_GROUPS).max(10_000).default(DEFAULT_REHEARSAL_GROUPS),
  /** The first rung is the venue minimum (null). There is no default: sizes of real money are written down. */
  ladder: z
    .array(
      z.strictObject({
        maxNotionalUsd: z.number().positive().max(1e9).nullable(),
        groups: z.number().int().min(MIN_RUNG_GROUPS).max(10_000),
      }),
    )
    .min(1)
    .max(12),
});

export const LOOPBACK_HOSTS: readonly string[] = ['127.0.0.1', '::1', 'localhost'];
export const MAX_PAIRS = 200;

const listener = z.strictObject({
  host: z.string().default('127.0.0.1'),
  port: z.number().int().min(0).max(65_535).default(8_787),
  /** Only these may be the far end when the host is not loopback; needs TLS or this. */
  trustedProxies: z.array(z.string()).max(8).default([]),
  /** Where browsers reach us through a proxy or by name; other Host and Origin headers are refused. */
  publicOrigins: z
    .array(url(/^https$/, 'https://arb.example.com'))
    .max(8)
    .default([]),
  tls: z.strictObject({ certFile: z.string(), keyFile: z.string() }).nullable().default(null),
});

export const configSchema = z
  .strictObject({
    version: z.literal(1),
    profile: z.string().min(1).max(24),
    /**
     * `paper`: every venue on paper. `demo`: MetaTrader through the EA on a demo account, exchanges on paper or, with `orders`, on
     * play money; no real money anywhere. `live`: real money at every venue. A ledger file holds one mode, for good.
     */
    mode: z.enum(['paper', 'demo', 'live']),
    listener: listener.prefault({}),
    venues: z
      .array(
        z.discriminatedUnion('protocol', [
          exchangeVenue.extend({ protocol: z.literal('binance-spot') }),
          exchangeVenue.extend({ protocol: z.literal('binance-usdm') }),
          exchangeVenue.extend({ protocol: z.literal('okx') }),
          metatraderVenue,
        ]),
      )
      .min(1)
      .max(16),
    instruments: z.array(instrument).min(2).max(400),
    pairs: z.array(pair).min(1).max(MAX_PAIRS),
    statistics: z
      .strictObject({
        windowMs: positiveMs.default(3_600_000),
        minCoveredMs: z.number().int().min(0).default(300_000),
        bucketBps: z.number().min(0.001).max(1).default(0.01),
      })
      .prefault({}),
    frozenQuoteMs: positiveMs.default(60_000),
    limits: limits.prefault({}),
    hedging: hedging.prefault({}),
    live: live.nullable().default(null),
    /** Directory of the ledger and the secrets; relative to the configuration file. */
    dataDir: z.string().min(1),
  })
  .superRefine((config, context) => {
    const fail = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    const venueIds = new Set<string>();
    for (const [i, v] of config.venues.entries()) {
      if (venueIds.has(v.id)) fail(['venues', i, 'id'], `a second venue "${v.id}"`);
      venueIds.add(v.id);
    }
    const instrumentIds = new Set<string>();
    for (const [i, x] of config.instruments.entries()) {
      if (!venueIds.has(x.venue)) fail(['instruments', i, 'venue'], `no venue "${x.venue}"`);
      const id = `${x.symbol}@${x.venue}`;
      if (instrumentIds.has(id)) fail(['instruments', i], `a second instrument "${id}"`);
      instrumentIds.add(id);
    }
    const pairIds = new Set<string>();
    for (const [i, p] of config.pairs.entries()) {
      if (pairIds.has(p.id)) fail(['pairs', i, 'id'], `a second pair "${p.id}"`);
      pairIds.add(p.id);
      for (const leg of ['a', 'b'] as const) if (!instrumentIds.has(p[leg])) fail(['pairs', i, leg], `no instrument "${p[leg]}"`);
      if (p.a === p.b) fail(['pairs', i, 'b'], 'a pair needs two different instruments');
      if (p.conversion.kind === 'instrument' && !instrumentIds.has(p.conversion.instrument))
        fail(['pairs', i, 'conversion', 'instrument'], `no instrument "${p.conversion.instrument}"`);
    }
    const { compensateAfterMs, alarmAfterMs, haltAfterMs } = config.hedging;
    if (!(compensateAfterMs < alarmAfterMs && alarmAfterMs < haltAfterMs))
      fail(['hedging', 'haltAfterMs'], 'compensate, alarm and halt must follow each other in time');
    for (const { path, message } of orderFaults(config)) fail([...path], message);
    if (config.limits.heartbeatWarnMs >= config.limits.heartbeatHaltMs) fail(['limits', 'heartbeatWarnMs'], 'warns before it halts');
    if (config.mode === 'demo' && !config.venues.some(({ protocol }) => protocol === 'metatrader'))
      fail(['mode'], 'demo sends orders to MetaTrader, and no venue speaks its protocol');
    if (config.statistics.minCoveredMs > config.statistics.windowMs) fail(['statistics', 'minCoveredMs'], 'longer than the window');
    if (!LOOPBACK_HOSTS.includes(config.listener.host) && config.listener.tls === null && config.listener.trustedProxies.length === 0)
      fail(['listener', 'host'], 'only loopback may be bound without TLS or trusted proxies');
  });

export type Config = z.output<typeof configSchema>;
export type LiveConfig = NonNullable<Config['live']>;
export type ConfigInput = z.input<typeof configSchema>;
export type VenueConfig = Config['venues'][number];
export type ExchangeVenueConfig = Exclude<VenueConfig, { protocol: 'metatrader' }>;
export type ExchangeOrdersConfig = NonNullable<ExchangeVenueConfig['orders']>;
export type MetatraderVenueConfig = Extract<VenueConfig, { protocol: 'metatrader' }>;
