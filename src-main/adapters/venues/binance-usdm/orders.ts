/**
 * The order side of Binance USD-M futures: order entry on the web-socket API, private pushes on a stream of its own that a listen key
 * opens. Joins; the rules are in the folder's other files and in `shared`.
 */
import { sitesOf } from '../../../../src-shared/config/exchangeSites.ts';
import type { OrderRequest } from '../../../../src-shared/domain/order.ts';
import { BinanceAccount, CONNECTIONS, MAX_LIFE_MS, MISSED_PINGS, symbolsOf } from '../shared/binanceAccount.ts';
import type { BinanceAccountProduct } from '../shared/binanceAccount.ts';
import { BinanceCalls } from '../shared/binanceCalls.ts';
import { KEY_RIGHTS_LIMITS } from '../shared/binanceChecks.ts';
import { allowancesOf } from '../shared/binanceLimits.ts';
import { BinanceSymbols } from '../shared/binanceSymbols.ts';
import { createAccountSocket } from '../shared/orders/accountSocket.ts';
import type { KeptSocket } from '../shared/orders/accountSocket.ts';
import type { MakeDialect } from '../shared/orders/gateway.ts';
import type { DialectOwner, ExchangeDialect, GatewayParts, PrivateRest, SocketMessage } from '../shared/orders/parts.ts';
import { createPrivateRest } from '../shared/orders/privateRest.ts';
import { Usage } from '../shared/orders/usage.ts';
import { CONNECT_MS } from '../shared/streamProtocol.ts';
import { isMembers, isText } from '../shared/wireGuards.ts';
import { countdown, PATHS, premiumIndex, RATE_LIMITS, WEIGHTS } from './accountWire.ts';
import { checkUsdm } from './checks.ts';
import { ListenKey } from './listenKey.ts';
import { instrumentOfFutures } from './mapping.ts';
import { USDM_OUTCOMES } from './outcomes.ts';
import { UsdmPushes } from './pushes.ts';
import { readUsdm } from './reading.ts';
import { EXCHANGE_INFO_PATH } from './wire.ts';

/** Executions are listed for seven days a question, and for six months at all. */
const TRADES_WINDOW_MS = 7 * 86_400_000;
const TRADES_MEMORY_MS = 180 * 86_400_000;
const PING_EVERY_MS = 180_000;

/**
 * The stream delivers nothing without a filter (reported of the exchange in May 2026; no document says so), and the end of the key is
 * an event like any other.
 */
const STREAM_EVENTS = ['ORDER_TRADE_UPDATE', 'TRADE_LITE', 'ACCOUNT_UPDATE', 'ACCOUNT_CONFIG_UPDATE', 'MARGIN_CALL', 'listenKeyExpired'];
const KEY_EXPIRED = 'listenKeyExpired';

/** `reduceOnly` is sent only where it holds, for its absence is what the venue documents for "no". */
export const usdmOrderParams = (order: Pick<OrderRequest, 'reduceOnly'>) => ({
  positionSide: 'BOTH',
  newOrderRespType: 'RESULT',
  reduceOnly: order.reduceOnly ? 'true' : undefined,
});

const PRODUCT: BinanceAccountProduct = {
  outcomes: USDM_OUTCOMES,
  timePath: PATHS.time,
  orderPath: PATHS.order,
  tradesPath: PATHS.trades,
  allOrdersPath: PATHS.allOrders,
  orderWeight: WEIGHTS.order,
  weights: { order: WEIGHTS.order, trades: WEIGHTS.trades, tradesOfOrder: WEIGHTS.trades, allOrders: WEIGHTS.allOrders },
  windowMs: TRADES_WINDOW_MS,
  memoryMs: TRADES_MEMORY_MS,
  newestFirst: false,
  orderParams: usdmOrderParams,
  archivedCode: null,
  // The matching engine looks at the window itself (-5028).
  rateLimits: RATE_LIMITS,
  entryPingEveryMs: PING_EVERY_MS,
  userEvents: null,
};

const readStreamFrame = (value: unknown): SocketMessage => {
  if (!isMembers(value) || !isText(value['e'])) return { kind: 'ignored' };
  return value['e'] === KEY_EXPIRED ? { kind: 'refused', code: KEY_EXPIRED, text: 'the listen key expired' } : { kind: 'push' };
};

class UsdmDialect implements ExchangeDialect {
  readonly environmentHeader = {};
  readonly #account: BinanceAccount;
  readonly #symbols: BinanceSymbols;
  readonly #pushes: UsdmPushes;
  readonly #listenKey: ListenKey;
  readonly #stream: KeptSocket;
  /** The host that tells the rights of keys; null = none does in this environment. */
  readonly #rights: { readonly calls: BinanceCalls; readonly rest: PrivateRest | null } | null;
  readonly #settleCcy: string;
  #isMultiAssets = false;

  constructor(parts: GatewayParts) {
    this.#account = new BinanceAccount(parts, PRODUCT, () => this.#stream);
    const { calls, usage, venueId, trades } = this.#account;
    const symbols = symbolsOf(parts);
    const instrumentOf = (entry: unknown) => instrumentOfFutures(venueId, entry);
    this.#symbols = new BinanceSymbols(calls, usage, [...symbols.keys()], {
      path: EXCHANGE_INFO_PATH,
      query: {},
      weight: WEIGHTS.exchangeInfo,
      instrumentOf,
    });
    this.#pushes = new UsdmPushes(venueId, symbols, (symbol, orderId, name) => trades.learn(symbol, orderId, name));
    this.#listenKey = new ListenKey(calls, parts.timers, (why) => this.#stream.reconnect(why));
    this.#stream = this.#createStream();
    this.#rights = this.#rightsOf(parts);
    this.#settleCcy = parts.instruments[0]?.expected.quoteCcy ?? 'USDT';
  }

  /** Another host and another product's allowances: what it refuses must not silence orders and cancels here. */
  #rightsOf({ venue, clock, timers }: GatewayParts) {
    const { auth, calls } = this.#account;
    if (venue.orders.environment === 'demo') return null;
    if (venue.orders.environment === 'simulated') return { calls, rest: null };
    const baseUrl = sitesOf('binance-spot', 'live', 'global')!.rest;
    const { allowances, budgets } = allowancesOf(KEY_RIGHTS_LIMITS);
    const rest = createPrivateRest({ baseUrl, usage: new Usage(clock, allowances, budgets), clock, timers, quietBy: 'host' });
    return { calls: new BinanceCalls(rest, auth, () => this.#account.clock), rest };
  }

  #createStream(): KeptSocket {
    const { parts, usage, urls, connections } = this.#account;
    const { clock, timers, random } = parts;
    return createAccountSocket({
      name: 'private stream',
      dialect: {
        url: async () => {
          const obtained = await this.#listenKey.obtain();
          if ('why' in obtained) {
            // Our own count may be all that stands in the way.
            void this.#account.sound();
            return obtained;
          }
          const events = STREAM_EVENTS.join('/');
          return { url: `${urls.stream}?listenKey=${encodeURIComponent(obtained.key)}&events=${events}` };
        },
        opening: [],
        read: readStreamFrame,
        heartbeat: { kind: 'server-ping', missedAfterMs: MISSED_PINGS * PING_EVERY_MS },
        connectMs: CONNECT_MS,
        maxLifeMs: MAX_LIFE_MS,
        connections: CONNECTIONS,
      },
      owner: {
        pushed: (value, receivedMonoUs) => this.#account.streamed(this.#pushes.read(value), receivedMonoUs),
        changed: () => this.#account.linksChanged(),
        unreadable: (why) => this.#account.unreadable(why),
      },
      usage,
      clock,
      timers,
      random,
      connections,
    });
  }

  start(owner: DialectOwner): void {
    this.#account.start(owner);
    this.#stream.start();
  }

  async stop(): Promise<void> {
    await this.#stream.stop();
    this.#listenKey.stop();
    this.#rights?.rest?.close();
    await this.#account.stop();
  }

  place: ExchangeDialect['place'] = (order, mayLeave) => this.#account.desk.place(order, mayLeave);
  cancel: ExchangeDialect['cancel'] = (ref, mayLeave) => this.#account.desk.cancel(ref, mayLeave);
  query: ExchangeDialect['query'] = (ref) => this.#account.desk.query(ref);

  read: ExchangeDialect['read'] = async (fillsSinceUnixMs) => {
    const money = { settleCcy: this.#settleCcy, isMultiAssets: this.#isMultiAssets };
    return this.#account.wasRead(await readUsdm(this.#account, fillsSinceUnixMs, money));
  };

  check: ExchangeDialect['check'] = async () => {
    const checked = await checkUsdm(this.#account, this.#symbols, this.#rights?.calls ?? null);
    if (typeof checked !== 'string') this.#isMultiAssets = checked.isMultiAssets;
    return checked;
  };

  /** PERCENT_PRICE, times the mark price of this moment. */
  bands: ExchangeDialect['bands'] = () => {
    const { calls, parts } = this.#account;
    return this.#symbols.bands(parts.instruments, async (symbol) => {
      const asked = await calls.open(PATHS.premiumIndex, { symbol }, premiumIndex, { cost: WEIGHTS.premiumIndex });
      return asked.ok ? { px: asked.value.markPrice } : asked.why;
    });
  };

  /** The venue has one timer a symbol; it cancels orders, never positions. */
  deadMan: ExchangeDialect['deadMan'] = async (symbols, timeoutMs) => {
    const { calls, clock } = this.#account;
    for (const symbol of symbols) {
      const params = { symbol, countdownTime: timeoutMs };
      const asked = await calls.signed('POST', PATHS.countdown, params, countdown, { cost: WEIGHTS.countdown, lane: 'safety' });
      if (!asked.ok) return asked.why;
    }
    return { firesUnixMs: Math.floor(clock.unixMs() ?? 0) + timeoutMs };
  };

  budgets: ExchangeDialect['budgets'] = () => this.#account.usage.reports();
  venueUnixMs: ExchangeDialect['venueUnixMs'] = () => this.#account.clock.unixMs();

  get entry() {
    return this.#account.entryLink;
  }

  get stream() {
    return { up: this.#stream.up, detail: this.#stream.detail };
  }
}

/** @throws SigningKeyFault, RangeError */
export const binanceUsdmOrders: MakeDialect = (parts) => new UsdmDialect(parts);
