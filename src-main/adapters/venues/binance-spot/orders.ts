/**
 * The order side of Binance spot: order entry and private pushes on one socket of the web-socket API. It has no dead-man timer. Joins;
 * the rules are in the folder's other files and in `shared`.
 */
import { BinanceAccount, symbolsOf } from '../shared/binanceAccount.ts';
import type { BinanceAccountProduct } from '../shared/binanceAccount.ts';
import { BinanceSymbols } from '../shared/binanceSymbols.ts';
import type { MakeDialect } from '../shared/orders/gateway.ts';
import type { DialectOwner, ExchangeDialect, GatewayParts, Pushed } from '../shared/orders/parts.ts';
import { averagePrice, NO_REFERENCE_PRICE, PATHS, RATE_LIMITS, referencePrice, WEIGHTS } from './accountWire.ts';
import { checkSpot } from './checks.ts';
import { instrumentOfSpot } from './mapping.ts';
import { ARCHIVED_CODE, SPOT_OUTCOMES } from './outcomes.ts';
import { SpotPushes } from './pushes.ts';
import { readSpot } from './reading.ts';
import { EXCHANGE_INFO_PATH } from './wire.ts';

/** Executions are listed for a day a question. */
const TRADES_WINDOW_MS = 86_400_000;
/** The venue names no end; further back we do not look. */
const TRADES_MEMORY_MS = 180 * 86_400_000;
const PING_EVERY_MS = 20_000;

/** FULL: the reply lists the executions with their fees. */
export const SPOT_ORDER_PARAMS = { newOrderRespType: 'FULL' } as const;

const productOf = (read: (value: unknown) => Pushed): BinanceAccountProduct => ({
  outcomes: SPOT_OUTCOMES,
  timePath: PATHS.time,
  orderPath: PATHS.order,
  tradesPath: PATHS.trades,
  allOrdersPath: PATHS.allOrders,
  orderWeight: WEIGHTS.order,
  weights: { order: WEIGHTS.order, trades: WEIGHTS.trades, tradesOfOrder: WEIGHTS.tradesOfOrder, allOrders: WEIGHTS.allOrders },
  windowMs: TRADES_WINDOW_MS,
  memoryMs: TRADES_MEMORY_MS,
  newestFirst: true,
  orderParams: () => SPOT_ORDER_PARAMS,
  archivedCode: ARCHIVED_CODE,
  rateLimits: RATE_LIMITS,
  entryPingEveryMs: PING_EVERY_MS,
  userEvents: { read },
});

/** One symbol, or a JSON list of several. */
const exchangeInfoParams = (symbols: readonly string[]): Readonly<Record<string, string>> =>
  symbols.length === 1 ? { symbol: symbols[0]! } : { symbols: JSON.stringify(symbols) };

class SpotDialect implements ExchangeDialect {
  readonly environmentHeader = {};
  readonly #account: BinanceAccount;
  readonly #symbols: BinanceSymbols;

  constructor(parts: GatewayParts) {
    const symbols = symbolsOf(parts);
    const account = new BinanceAccount(
      parts,
      productOf((value) => pushes.read(value)),
      null,
    );
    const { calls, usage, venueId, trades } = account;
    const pushes = new SpotPushes(venueId, symbols, (symbol, orderId, name) => trades.learn(symbol, orderId, name));
    this.#account = account;
    this.#symbols = new BinanceSymbols(calls, usage, [...symbols.keys()], {
      path: EXCHANGE_INFO_PATH,
      query: exchangeInfoParams([...symbols.keys()]),
      weight: WEIGHTS.exchangeInfo,
      instrumentOf: (entry) => instrumentOfSpot(venueId, entry),
    });
  }

  start(owner: DialectOwner): void {
    this.#account.start(owner);
  }

  stop(): Promise<void> {
    return this.#account.stop();
  }

  place: ExchangeDialect['place'] = (order, mayLeave) => this.#account.desk.place(order, mayLeave);
  cancel: ExchangeDialect['cancel'] = (ref, mayLeave) => this.#account.desk.cancel(ref, mayLeave);
  query: ExchangeDialect['query'] = (ref) => this.#account.desk.query(ref);
  read: ExchangeDialect['read'] = async (fillsSinceUnixMs) =>
    this.#account.wasRead(await readSpot(this.#account, this.#symbols, fillsSinceUnixMs));

  check: ExchangeDialect['check'] = () => checkSpot(this.#account, this.#symbols, this.#account.parts.venue.orders.environment !== 'demo');

  /** PERCENT_PRICE(_BY_SIDE), times the reference price of this moment, or the average price where the symbol has no such. */
  bands: ExchangeDialect['bands'] = () => {
    const { calls, parts } = this.#account;
    return this.#symbols.bands(parts.instruments, async (symbol) => {
      const reference = await calls.open(PATHS.referencePrice, { symbol }, referencePrice, { cost: WEIGHTS.referencePrice });
      const px = reference.ok ? reference.value.referencePrice : null;
      if (px !== null) return { px };
      if (!reference.ok && reference.reply?.code !== NO_REFERENCE_PRICE) return reference.why;
      const average = await calls.open(PATHS.averagePrice, { symbol }, averagePrice, { cost: WEIGHTS.averagePrice });
      return average.ok ? { px: average.value.price } : average.why;
    });
  };

  deadMan: ExchangeDialect['deadMan'] = () => null;
  budgets: ExchangeDialect['budgets'] = () => this.#account.usage.reports();
  venueUnixMs: ExchangeDialect['venueUnixMs'] = () => this.#account.clock.unixMs();

  get entry() {
    return this.#account.entryLink;
  }

  /** The same socket: it is up once the user events are subscribed. */
  get stream() {
    return { up: this.#account.entry.up, detail: this.#account.entry.detail };
  }
}

/** @throws SigningKeyFault, RangeError */
export const binanceSpotOrders: MakeDialect = (parts) => new SpotDialect(parts);
