import { afterEach, describe, expect, it } from 'vitest';
import type { FeedInstrument } from './restWatch.ts';
import { METADATA_EVERY_MS } from './restWatch.ts';
import { acknowledgeBinance, binanceTick, stage, until } from './scriptedVenue.testkit.ts';
import type { Reply, Stage } from './scriptedVenue.testkit.ts';
import { MAX_BODY_BYTES } from './venueHttp.ts';

const open: Stage[] = [];
const staged = async (
  protocol: Parameters<typeof stage>[0],
  instruments: readonly Pick<FeedInstrument, 'symbol' | 'expected'>[],
  onRequest: (url: string) => Reply | null,
): Promise<Stage> => {
  const one = await stage(protocol, ['unused'], { instruments: instruments.map((x, k) => ({ index: 10 + k, ...x })) });
  one.venue.onRequest = onRequest;
  one.venue.onMessage = acknowledgeBinance;
  open.push(one);
  one.feed.start();
  return one;
};
afterEach(async () => {
  for (const one of open.splice(0)) await one.end();
});

const ok = (body: unknown): Reply => ({ status: 200, body });
const futuresSymbol = (symbol: string, more: object = {}) => ({
  symbol,
  status: 'TRADING',
  contractType: 'TRADIFI_PERPETUAL',
  baseAsset: 'XAU',
  quoteAsset: 'USDT',
  pricePrecision: 7,
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '100000', tickSize: '0.0100' },
    { filterType: 'LOT_SIZE', minQty: '0.001', maxQty: '10000', stepSize: '0.001' },
    { filterType: 'MIN_NOTIONAL', notional: '5' },
    { filterType: 'SOMETHING_NEW', x: 1 },
  ],
  ...more,
});
const spotSymbol = (symbol: string) => ({
  symbol,
  status: 'BREAK',
  baseAsset: 'PAXG',
  quoteAsset: 'USDT',
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: '0.01000000', maxPrice: '1000000.00000000', tickSize: '0.01000000' },
    { filterType: 'LOT_SIZE', minQty: '0.00010000', maxQty: '9000.00000000', stepSize: '0.00010000' },
    { filterType: 'NOTIONAL', minNotional: '5.00000000' },
  ],
});
const swap = (instId: string, more: object = {}) => ({
  instType: 'SWAP',
  instId,
  instIdCode: 2_021_032_601_102,
  uly: 'XAU-USDT',
  instFamily: 'XAU-USDT',
  baseCcy: '',
  quoteCcy: '',
  settleCcy: 'USDT',
  ctVal: '0.001',
  ctMult: '1',
  ctValCcy: 'XAU',
  ctType: 'linear',
  tickSz: '0.01',
  lotSz: '1',
  minSz: '1',
  maxLmtSz: '100000000',
  state: 'live',
  ...more,
});

describe('instrument metadata', () => {
  it('maps a futures symbol by its filters and names every contradicted claim with both figures', async () => {
    const s = await staged(
      'binance-usdm',
      [
        { symbol: 'XAUUSDT', expected: { tickSize: '0.01', qtyStep: '0.01', baseQtyPerUnit: '1.0', quoteCcy: 'USDC' } },
        { symbol: 'NOPEUSDT', expected: {} },
        { symbol: 'XAUUSDT_261225', expected: {} },
      ],
      (url) =>
        url === '/fapi/v1/exchangeInfo'
          ? ok({
              symbols: [{ symbol: 'JUNK' }, futuresSymbol('XAUUSDT'), futuresSymbol('XAUUSDT_261225', { contractType: 'CURRENT_QUARTER' })],
            })
          : null,
    );
    await until(() => s.inlets.of('instrument').length > 0 && s.inlets.of('instrument-missing').length === 2, 'findings');
    expect(s.inlets.of('instrument')).toEqual([
      {
        type: 'instrument',
        instrument: {
          id: 'XAUUSDT@x',
          venueId: 'x',
          symbol: 'XAUUSDT',
          kind: 'perpetual',
          baseCcy: 'XAU',
          quoteCcy: 'USDT',
          tickSize: '0.01',
          qtyStep: '0.001',
          minQty: '0.001',
          maxQty: '10000',
          minNotional: '5',
          baseQtyPerUnit: '1',
          tradable: true,
          venueState: 'TRADING',
          instIdCode: null,
        },
        mismatches: [
          { field: 'qtyStep', configured: '0.01', reported: '0.001' },
          { field: 'quoteCcy', configured: 'USDC', reported: 'USDT' },
        ],
      },
    ]);
    expect(s.inlets.of('instrument-missing')).toEqual([
      { type: 'instrument-missing', instrumentId: 'NOPEUSDT@x', why: 'the venue does not list it' },
      { type: 'instrument-missing', instrumentId: 'XAUUSDT_261225@x', why: expect.stringContaining('CURRENT_QUARTER') },
    ]);
  });

  it('finds the unknown one among several spot symbols', async () => {
    const s = await staged(
      'binance-spot',
      [
        { symbol: 'PAXGUSDT', expected: { tickSize: '0.01' } },
        { symbol: 'NOPE', expected: {} },
      ],
      (url) => {
        if (!url.startsWith('/api/v3/exchangeInfo')) return null;
        return url === '/api/v3/exchangeInfo?symbol=PAXGUSDT'
          ? ok({ symbols: [spotSymbol('PAXGUSDT')] })
          : { status: 400, body: { code: -1121, msg: 'Invalid symbol.' } };
      },
    );
    await until(() => s.inlets.of('instrument-missing').length === 1, 'the missing one');
    expect(s.inlets.of('instrument-missing')[0]).toMatchObject({ instrumentId: 'NOPE@x', why: expect.stringContaining('-1121') });
    expect(s.inlets.of('instrument')[0]).toMatchObject({
      instrument: { kind: 'spot', tickSize: '0.01', qtyStep: '0.0001', minNotional: '5', tradable: false, venueState: 'BREAK' },
      mismatches: [],
    });
  });

  it('reads OKX contracts with their size and integer id, and refuses inverse ones', async () => {
    const s = await staged(
      'okx',
      [
        { symbol: 'XAU-USDT-SWAP', expected: { minQty: '0.01' } },
        { symbol: 'BTC-USD-SWAP', expected: {} },
        { symbol: 'NO-SUCH', expected: {} },
        { symbol: 'XAUT-USDT', expected: {} },
      ],
      (url) => {
        if (url === '/api/v5/public/instruments?instType=SWAP&instId=XAU-USDT-SWAP')
          return ok({ code: '0', msg: '', data: [swap('XAU-USDT-SWAP', { unknownKey: [] })] });
        if (url.endsWith('instType=SWAP&instId=BTC-USD-SWAP'))
          return ok({ code: '0', msg: '', data: [swap('BTC-USD-SWAP', { ctType: 'inverse', ctVal: '100', ctValCcy: 'USD' })] });
        if (url.endsWith('instType=SPOT&instId=XAUT-USDT')) {
          const spot = {
            instType: 'SPOT',
            ctVal: '',
            ctMult: '',
            ctValCcy: '',
            ctType: '',
            baseCcy: 'XAUT',
            quoteCcy: 'USDT',
            instIdCode: null,
          };
          return ok({ code: '0', msg: '', data: [swap('XAUT-USDT', spot)] });
        }
        return url.includes('instId=NO-SUCH') ? { status: 400, body: { code: '51001', msg: "Instrument ID doesn't exist." } } : null;
      },
    );
    await until(() => s.inlets.of('instrument').length + s.inlets.of('instrument-missing').length === 4, 'findings');
    const [gold, token] = s.inlets.of('instrument');
    expect(gold).toMatchObject({
      instrument: {
        baseCcy: 'XAU',
        quoteCcy: 'USDT',
        baseQtyPerUnit: '0.001',
        instIdCode: '2021032601102',
        kind: 'perpetual',
        minQty: '1',
      },
      mismatches: [{ field: 'minQty', configured: '0.01', reported: '1' }],
    });
    expect(token).toMatchObject({ instrument: { baseCcy: 'XAUT', baseQtyPerUnit: '1', instIdCode: null, kind: 'spot' } });
    expect(s.inlets.of('instrument-missing').map(({ why }) => why)).toEqual([
      expect.stringContaining('inverse'),
      expect.stringContaining('51001'),
    ]);
  });

  it('asks again after half an hour and after a lost connection, and says only what is new', async () => {
    let tickSize = '0.01';
    const info = () =>
      futuresSymbol('XAUUSDT', {
        filters: [{ filterType: 'PRICE_FILTER', minPrice: '0', maxPrice: '0', tickSize }, futuresSymbol('').filters[1]],
      });
    const s = await staged('binance-usdm', [{ symbol: 'XAUUSDT', expected: { tickSize: '0.01' } }], (url) =>
      url === '/fapi/v1/exchangeInfo' ? ok({ symbols: [info()] }) : null,
    );
    const asked = () => s.venue.requests.filter((url) => url === '/fapi/v1/exchangeInfo').length;
    const first = await s.peer(0);
    await until(() => first.heard.length > 0, 'the subscription');
    first.say(binanceTick('XAUUSDT', 1));
    await until(() => s.inlets.of('instrument').length === 1, 'the first report');
    await s.time.pass(METADATA_EVERY_MS - 60_000);
    expect(asked()).toBe(1);
    await s.time.passUntil(() => asked() === 2, 'the next reading', 1_000);
    expect(s.inlets.of('instrument')).toHaveLength(1);
    tickSize = '0.05';
    await s.time.pass(31_000);
    const before = s.venue.peers.length;
    s.venue.peers.at(-1)!.socket.close(1001);
    s.venue.peers[0]!.socket.close(1001);
    const next = await s.time.passUntil(() => s.venue.peers[before], 'another connection');
    await until(() => next.heard.length > 0, 'the subscription');
    next.say(binanceTick('XAUUSDT', 2));
    await s.time.passUntil(() => s.inlets.of('instrument').length === 2, 'the change', 1_000);
    expect(s.inlets.of('instrument')[1]!.mismatches).toEqual([{ field: 'tickSize', configured: '0.01', reported: '0.05' }]);
  });

  it('shows what it cannot get, obeys Retry-After, and recovers', async () => {
    let reply: Reply = { status: 418, body: { code: -1003, msg: 'Way too many requests' }, headers: { 'retry-after': '300' } };
    const s = await staged('binance-usdm', [{ symbol: 'XAUUSDT', expected: {} }], () => reply);
    await until(() => s.inlets.link.includes('418'), 'the note');
    expect(s.inlets.link).toContain('instrument metadata cannot be had');
    const asked = s.venue.requests.length;
    await s.time.pass(299_000);
    expect(s.venue.requests).toHaveLength(asked);
    reply = ok({ symbols: [futuresSymbol('XAUUSDT')] });
    await s.time.passUntil(() => s.inlets.of('instrument').length > 0, 'recovery', 1_000);
    expect(s.inlets.link).not.toContain('metadata');
  });

  it.each([
    ['not JSON', { status: 200, body: '<html>' }, 'not JSON'],
    ['another document', { status: 200, body: { hello: 1 } }, 'not an exchangeInfo document'],
    ['a server error', { status: 503, body: 'maintenance' }, 'HTTP 503 maintenance'],
    ['an endless body', { status: 200, body: 'x'.repeat(MAX_BODY_BYTES + 1) }, `more than ${MAX_BODY_BYTES} bytes`],
  ])('survives %s', async (_name, reply, words) => {
    const s = await staged('binance-usdm', [{ symbol: 'XAUUSDT', expected: {} }], (url) => (url.includes('exchangeInfo') ? reply : null));
    await until(() => s.inlets.link.includes(words), 'the note');
    expect(s.inlets.of('instrument')).toHaveLength(0);
  });
});

describe('server time', () => {
  const timeOf = (s: () => Stage, aheadMs: number) => (url: string) =>
    url.includes('/time') ? ok({ serverTime: s().time.unixMs() + aheadMs }) : null;

  it('measures how far the venue is from us', async () => {
    let s!: Stage;
    s = await staged('binance-usdm', [{ symbol: 'XAUUSDT', expected: {} }], (url) => timeOf(() => s, 1_269)(url));
    await until(() => s.inlets.of('venue-clock').length > 0, 'the report');
    expect(s.inlets.of('venue-clock')[0]!.report).toEqual({ offsetMs: 1_269.5, uncertaintyMs: 0.5, roundTripMs: 0 });
    expect(s.venue.requests.filter((url) => url.includes('/time'))).toHaveLength(5);
  });

  it('believes the stamps of the stream where they contradict REST, and says so', async () => {
    let s!: Stage;
    s = await staged('binance-usdm', [{ symbol: 'XAUUSDT', expected: {} }], (url) => timeOf(() => s, 0)(url));
    const peer = await s.peer(0);
    await until(() => peer.heard.length > 0, 'the subscription');
    peer.say(binanceTick('XAUUSDT', 1, s.time.unixMs() + 7_000));
    await until(() => s.inlets.quotes.length > 0, 'a quote');
    await s.time.passUntil(() => s.inlets.of('venue-clock').at(-1)?.report.offsetMs === 7_000, 'the correction', 1_000);
    expect(s.inlets.link).toContain("7 s off the server's REST time");
  });

  it('uses the stamps alone where there is no REST', async () => {
    const s = await staged('binance-usdm', [{ symbol: 'XAUUSDT', expected: {} }], () => null);
    const peer = await s.peer(0);
    await until(() => peer.heard.length > 0, 'the subscription');
    peer.say(binanceTick('XAUUSDT', 1, s.time.unixMs() - 86_400_000));
    await until(() => s.inlets.quotes.length > 0, 'a quote');
    await s.time.passUntil(() => s.inlets.of('venue-clock').length > 0, 'the report', 1_000);
    expect(s.inlets.of('venue-clock')[0]!.report).toMatchObject({ offsetMs: -86_400_000, roundTripMs: null });
    expect(s.inlets.link).toContain('server time cannot be had');
  });
});
