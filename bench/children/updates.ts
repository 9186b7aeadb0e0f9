/**
 * A million order updates through decoders and gateways in a process of its own: each an order of its own that is filled whole. The
 * dialects' sockets are not there; everything behind them is. Sends what was held, tenth by tenth.
 */
import type { ExchangeProtocol } from '../../src-shared/config/exchangeSites.ts';
import type { InstrumentId, VenueId } from '../../src-shared/domain/ids.ts';
import { SpotPushes } from '../../src-main/adapters/venues/binance-spot/pushes.ts';
import { UsdmPushes } from '../../src-main/adapters/venues/binance-usdm/pushes.ts';
import { OkxPushes } from '../../src-main/adapters/venues/okx/orderDecode.ts';
import { parseExact } from '../../src-main/adapters/venues/shared/exactJson.ts';
import { createGateway } from '../../src-main/adapters/venues/shared/orders/gateway.ts';
import type { DialectOwner, ExchangeDialect, Pushed } from '../../src-main/adapters/venues/shared/orders/parts.ts';
import { systemTimers } from '../../src-main/adapters/venues/shared/timers.ts';
import { clock, venueOf } from '../../e2e/exchange/ownGateway.ts';
import { FILL_FRAMES } from '../accountFrames.ts';

export interface UpdatesAnswer {
  readonly updates: number;
  readonly heapKiB: readonly number[];
  readonly rssKiB: readonly number[];
  readonly seconds: number;
}

const TENTHS = 10;
const TURN = 1_000;
const PROTOCOLS: readonly ExchangeProtocol[] = ['binance-usdm', 'binance-spot', 'okx'];
const SYMBOL: Readonly<Record<ExchangeProtocol, string>> = { 'binance-usdm': 'BTCUSDT', 'binance-spot': 'BTCUSDT', okx: 'BTC-USDT-SWAP' };
const NEVER = 'nothing is asked here';
const UP = { up: true, detail: '' };

/** A venue whose sockets are up and of which nothing is asked. */
const quiet = (owned: (owner: DialectOwner) => void): ExchangeDialect => ({
  environmentHeader: {},
  start: owned,
  stop: () => Promise.resolve(),
  place: () => Promise.resolve({ code: 'unknown', why: NEVER }),
  cancel: () => Promise.resolve({ code: 'unknown', why: NEVER }),
  query: () => Promise.resolve({ code: 'failed', why: NEVER }),
  read: () => Promise.resolve(NEVER),
  check: () => Promise.resolve({ checks: [], keyExpiresUnixMs: null, described: [] }),
  deadMan: () => null,
  bands: () => null,
  budgets: () => [],
  entry: UP,
  stream: UP,
  venueUnixMs: () => Date.now(),
});

interface Line {
  readonly take: (text: string) => void;
  readonly stop: () => Promise<void>;
}
let fills = 0;

const lineOf = (protocol: ExchangeProtocol): Line => {
  const symbol = SYMBOL[protocol];
  const id = `${symbol}@${protocol}` as InstrumentId;
  const instruments = new Map([[symbol, id]]);
  const okx = new OkxPushes({ venueId: protocol as VenueId, instrumentIds: instruments }, 'cross');
  const binance =
    protocol === 'binance-spot' ? new SpotPushes(protocol as VenueId, instruments) : new UsdmPushes(protocol as VenueId, instruments);
  const read = (value: unknown): Pushed => (protocol === 'okx' ? okx.decode(value) : binance.read(value));
  let owner: DialectOwner | null = null;
  const gateway = createGateway(
    {
      venue: venueOf({ protocol, restUrl: 'http://127.0.0.1:9', socketUrl: 'ws://127.0.0.1:9' }),
      instruments: [
        {
          id,
          symbol,
          kind: protocol === 'binance-spot' ? 'spot' : 'perpetual',
          expected: {},
          takerFeeBps: 5,
          initialMarginRate: 0.2,
          carryIntervalHours: null,
        },
      ],
      key: { environment: 'simulated', apiKey: 'k', secret: { algorithm: 'hmac-sha256', text: 's' }, passphrase: null },
      inlet: {
        offer: (event) => {
          if (event.type === 'fill') fills += 1;
          return 'taken';
        },
      },
      clock,
      timers: systemTimers,
      random: Math.random,
    },
    () => quiet((made) => (owner = made)),
  );
  gateway.start();
  return { take: (text) => owner?.pushed(read(parseExact(text)), clock.monoUs()), stop: () => gateway.stop() };
};

const heldKiB = (): number => {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return Math.round((heapUsed + arrayBuffers) / 1_024);
};

const run = async (updates: number): Promise<UpdatesAnswer> => {
  const began = performance.now();
  const lines = PROTOCOLS.map((protocol) => ({ line: lineOf(protocol), frame: FILL_FRAMES[protocol] }));
  const heapKiB = [heldKiB()];
  const rssKiB: number[] = [];
  for (let i = 1; i <= updates; i++) {
    const { line, frame } = lines[i % lines.length]!;
    line.take(frame(i));
    if (i % TURN === 0) await new Promise((resolve) => void setImmediate(resolve));
    if (i % (updates / TENTHS) !== 0) continue;
    heapKiB.push(heldKiB());
    rssKiB.push(Math.round(process.memoryUsage.rss() / 1_024));
  }
  for (const { line } of lines) await line.stop();
  if (fills !== updates) throw new Error(`${fills} fills of ${updates} updates`);
  return { updates, heapKiB, rssKiB, seconds: (performance.now() - began) / 1_000 };
};

process.once('message', (updates: number) => {
  void run(updates).then((answer) => process.send?.(answer, () => process.disconnect()));
});
// Not to outlive the bench.
process.once('disconnect', () => process.exit());
