import { describe, expect, it } from 'vitest';
import { REGIONS } from '../domain/exchange.ts';
import { engineSettingsOf } from './engineSettings.ts';
import { sitesOf } from './exchangeSites.ts';
import { configSchema, MIN_REHEARSAL_GROUPS, type ConfigInput } from './schema.ts';

type VenueInput = ConfigInput['venues'][number];
type Orders = Extract<VenueInput, { protocol: 'okx' }>['orders'];

const SITES = {
  simulated: { rest: 'http://127.0.0.1:9001', stream: 'ws://127.0.0.1:9001/ws/v5' },
  demo: { rest: 'https://openapi.okx.com', stream: 'wss://wspap.okx.com:8443/ws/v5' },
  live: { rest: 'https://openapi.okx.com', stream: 'wss://ws.okx.com:8443/ws/v5' },
} as const;
type Where = keyof typeof SITES;

const okx = (where: Where, over: Partial<NonNullable<Orders>> = {}, venue: Partial<Extract<VenueInput, { protocol: 'okx' }>> = {}) => ({
  id: 'okx',
  label: 'OKX',
  protocol: 'okx' as const,
  simulated: where === 'simulated',
  urls: SITES[where],
  orders: {
    environment: where,
    ...(where === 'simulated'
      ? { urls: { rest: SITES.simulated.rest, entry: SITES.simulated.stream, stream: SITES.simulated.stream } }
      : {}),
    ...over,
  },
  ...venue,
});
const mt5 = { id: 'mt5', label: 'MetaTrader 5', protocol: 'metatrader' as const, login: '12345678', server: 'Broker-Live' };
const LADDER = [
  { maxNotionalUsd: null, groups: 5 },
  { maxNotionalUsd: 1_000, groups: 10 },
  { maxNotionalUsd: 5_000, groups: 10 },
];
const LIVE = { rehearsalDataDir: 'data/demo', ladder: LADDER };

const config = (mode: ConfigInput['mode'], exchange: VenueInput, over: Partial<ConfigInput> = {}): ConfigInput => ({
  version: 1,
  profile: 'test',
  mode,
  dataDir: 'data/test',
  venues: [mt5, exchange],
  instruments: [
    { venue: 'mt5', symbol: 'XAUUSD', kind: 'cfd', costs: { takerFeeBps: 0 } },
    { venue: 'okx', symbol: 'XAU-USDT-SWAP', kind: 'perpetual', costs: { takerFeeBps: 5 } },
  ],
  pairs: [
    { id: 'xau', underlying: 'XAU', a: 'XAUUSD@mt5', b: 'XAU-USDT-SWAP@okx', conversion: { kind: 'fixed', rate: 1, why: 'the same' } },
  ],
  ...(mode === 'live' ? { live: LIVE } : {}),
  ...over,
});

/** `path: message` of everything that is refused. */
const faults = (input: ConfigInput): readonly string[] =>
  configSchema.safeParse(input).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

describe('where orders go', () => {
  it('is taken where mode, environment and hosts say the same', () => {
    expect(faults(config('demo', okx('simulated')))).toEqual([]);
    expect(faults(config('demo', okx('demo')))).toEqual([]);
    expect(faults(config('live', okx('live')))).toEqual([]);
    expect(faults(config('paper', okx('live', {}, { orders: null })))).toEqual([]);
    expect(faults(config('demo', okx('live', {}, { orders: null })))).toEqual([]);
  });

  it('takes every site of OKX with the hosts it has by itself', () => {
    for (const region of REGIONS)
      for (const environment of ['demo', 'live'] as const) {
        const urls = sitesOf('okx', environment, region);
        expect(faults(config(environment, okx(environment, { region, urls })))).toEqual([]);
      }
  });

  it.each<[string, ConfigInput, string]>([
    ['orders on paper', config('paper', okx('demo')), 'venues.1.orders: on paper nothing is sent'],
    ['real money in demo', config('demo', okx('live')), 'venues.1.orders.environment: mode demo takes simulated or demo, not live'],
    ['play money in live', config('live', okx('demo')), 'venues.1.orders.environment: mode live takes live, not demo'],
    ['paper in live', config('live', okx('live', {}, { orders: null })), 'venues.1.orders: live trades at every venue'],
    [
      'demo orders on live prices',
      config('demo', okx('demo', {}, { urls: SITES.live })),
      'venues.1.urls.stream: a host of environment live',
    ],
    [
      'a simulated venue elsewhere',
      config('demo', okx('simulated', {}, { urls: SITES.live })),
      'venues.1.urls.rest: a host of environment',
    ],
    ['simulated without an address', config('demo', okx('simulated', { urls: null })), 'venues.1.orders.urls: simulated exchanges have no'],
    ['live called simulated', config('live', okx('live', {}, { simulated: true })), 'venues.1.simulated: true exactly where'],
    [
      'orders to an unknown host',
      config('live', okx('live', { urls: { rest: 'https://okx.example', entry: SITES.live.stream, stream: SITES.live.stream } })),
      'venues.1.orders.urls.rest: no host of an exchange that is known',
    ],
    [
      'a host hidden behind another',
      config(
        'live',
        okx('live', { urls: { rest: 'https://evil.example#@www.okx.com', entry: SITES.live.stream, stream: SITES.live.stream } }),
      ),
      'venues.1.orders.urls.rest: a plain URL',
    ],
    [
      'keys in the open',
      config('live', okx('live', { urls: { rest: 'http://www.okx.com', entry: SITES.live.stream, stream: SITES.live.stream } })),
      'venues.1.orders.urls.rest: keys go over https and wss only',
    ],
    [
      'a demo key at the live socket',
      config('demo', okx('demo', { urls: { rest: SITES.demo.rest, entry: SITES.live.stream, stream: SITES.demo.stream } })),
      'venues.1.orders.urls.entry: a host of environment live, and the orders are set to demo',
    ],
    [
      'a key of one site at another',
      config(
        'live',
        okx('live', {
          region: 'eea',
          urls: {
            rest: 'https://eea.okx.com',
            entry: 'wss://wsus.okx.com:8443/ws/v5/private',
            stream: 'wss://wseea.okx.com:8443/ws/v5/private',
          },
        }),
      ),
      'venues.1.orders.urls.entry: a host of region us, and the orders are set to eea',
    ],
    [
      'a region of Binance',
      config('demo', {
        ...okx('demo', { region: 'eea' }),
        protocol: 'binance-usdm',
        urls: { rest: 'https://demo-fapi.binance.com', stream: 'wss://fstream.binancefuture.com' },
      }),
      'venues.1.orders.region: only OKX has regions',
    ],
    [
      'the key and passphrase of one exchange at the host of another',
      config('live', okx('live', { urls: { rest: 'https://api.binance.com', entry: SITES.live.stream, stream: SITES.live.stream } })),
      'venues.1.orders.urls.rest: a host of another exchange',
    ],
    [
      'prices of one exchange for the orders of another',
      config('live', okx('live', {}, { urls: { rest: 'https://fapi.binance.com', stream: SITES.live.stream } })),
      'venues.1.urls.rest: a host of another exchange',
    ],
    // Whoever connects reads each of these as "demo…" although it is written otherwise.
    ...['%64emo', 'd\u00ademo', '\uff44emo'].map((name): [string, ConfigInput, string] => [
      `a demo host written as ${encodeURI(name)}`,
      config('live', {
        ...okx('live', { urls: null }),
        protocol: 'binance-usdm',
        urls: { rest: `https://${name}-fapi.binance.com`, stream: 'wss://fstream.binance.com' },
      }),
      'venues.1.urls.rest: no host of an exchange that is known',
    ]),
  ])('is refused: %s', (_, input, fault) => {
    expect(faults(input)).toContainEqual(expect.stringContaining(fault));
  });
});

describe('real money', () => {
  const live = (over: Partial<NonNullable<ConfigInput['live']>>, more: Partial<ConfigInput> = {}) =>
    faults(config('live', okx('live'), { live: { ...LIVE, ...over }, ...more }));

  it('has its block, and nothing else has', () => {
    expect(faults(config('live', okx('live'), { live: null }))).toContainEqual(expect.stringMatching(/^live: mode live needs/));
    expect(faults(config('demo', okx('demo'), { live: LIVE }))).toContainEqual(expect.stringMatching(/^live: only mode live has it/));
  });

  it('follows a rehearsal of its own, and of enough groups', () => {
    expect(live({ rehearsalDataDir: 'data/test' })).toContainEqual(expect.stringMatching(/^live\.rehearsalDataDir: the rehearsal has/));
    expect(live({ rehearsalGroups: MIN_REHEARSAL_GROUPS })).toEqual([]);
    expect(live({ rehearsalGroups: MIN_REHEARSAL_GROUPS - 1 })).toHaveLength(1);
  });

  it('begins at the venue minimum and grows to the limit', () => {
    const rungs = (...sizes: (number | null)[]) => ({ ladder: sizes.map((maxNotionalUsd) => ({ maxNotionalUsd, groups: 3 })) });
    expect(live(rungs(null))).toEqual([]);
    expect(live(rungs(null, 100, 5_000))).toEqual([]);
    expect(live(rungs(500))).toContainEqual('live.ladder.0.maxNotionalUsd: the first rung is the venue minimum: null');
    expect(live(rungs(null, null))).toContainEqual('live.ladder.1.maxNotionalUsd: only the first rung is the venue minimum');
    expect(live(rungs(null, 500, 500))).toContainEqual('live.ladder.2.maxNotionalUsd: more than the rung below (500)');
    expect(live(rungs(null, 5_001))).toContainEqual('live.ladder.1.maxNotionalUsd: at most limits.maxGroupNotionalUsd (5000)');
    expect(live({ ladder: [{ maxNotionalUsd: null, groups: 2 }] })).toHaveLength(1);
    expect(live({ ladder: [] })).toHaveLength(1);
  });

  it('names its terminal account, which is none of ours', () => {
    const naming = (over: object) => ({ ...config('live', okx('live')), venues: [{ ...mt5, ...over }, okx('live')] });
    expect(faults(naming({ login: null }))).toEqual(['venues.0.login: live names the account it trades']);
    expect(faults(naming({ server: null }))).toEqual(['venues.0.server: live names the account it trades']);
    expect(faults(naming({ simulated: true }))).toEqual(['venues.0.simulated: live has no simulated terminal']);
  });

  it('gives the engine accounts by name and the ladder; other modes give it none', () => {
    const parsed = configSchema.parse(config('live', okx('live', { account: 'hedge-1', region: 'eea' })));
    expect(engineSettingsOf(parsed, 0).live).toEqual({
      accounts: [
        { venueId: 'mt5', name: 'MetaTrader 5 12345678@Broker-Live' },
        { venueId: 'okx', name: 'OKX hedge-1 (eea)' },
      ],
      ladder: LADDER,
    });
    expect(engineSettingsOf(configSchema.parse(config('demo', okx('demo'))), 0).live).toBeNull();
  });
});
