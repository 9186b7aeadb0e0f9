/**
 * What the order sides of both Binance products are joined from: budgets, REST, the venue's clock, order entry on the web-socket API,
 * the desk. Opens nothing before `start`. Which frames a product's private stream has, and what an account is asked, is the product's.
 */
import { sitesOf } from '../../../../src-shared/config/exchangeSites.ts';
import type { OrderUrls } from '../../../../src-shared/config/exchangeSites.ts';
import type { InstrumentId, VenueId } from '../../../../src-shared/domain/ids.ts';
import { US_PER_MS } from '../../../../src-shared/domain/units.ts';
import { BinanceAuth } from './binanceAuth.ts';
import { BinanceCalls } from './binanceCalls.ts';
import { BinanceDesk } from './binanceDesk.ts';
import type { DeskProduct } from './binanceDesk.ts';
import { allowancesOf, hearHeaders, hearLimits, heedBan, heedReply } from './binanceLimits.ts';
import type { RateLimitWire } from './binanceLimits.ts';
import { readReply, socketReply } from './binanceOrderWire.ts';
import { BinanceTrades } from './binanceTrades.ts';
import type { TradeFigures } from './binanceTrades.ts';
import { serverShutdown } from './binanceWire.ts';
import { Budget, prudent } from './budget.ts';
import { createAccountSocket } from './orders/accountSocket.ts';
import type { KeptSocket } from './orders/accountSocket.ts';
import type {
  AccountReading,
  DialectOwner,
  GatewayParts,
  Lane,
  PrivateRest,
  Pushed,
  SocketDialect,
  SocketMessage,
} from './orders/parts.ts';
import { NOTHING_PUSHED } from './binanceReports.ts';
import { createPrivateRest } from './orders/privateRest.ts';
import { Usage } from './orders/usage.ts';
import { VenueClock } from './orders/venueClock.ts';
import { CONNECT_MS } from './streamProtocol.ts';

export interface BinanceAccountProduct extends DeskProduct, TradeFigures {
  readonly timePath: string;
  /** As documented; the venue's own figures replace them. */
  readonly rateLimits: readonly RateLimitWire[];
  readonly entryPingEveryMs: number;
  /** Whether user events come on the entry socket, and what subscribes them. */
  readonly userEvents: { readonly read: (value: unknown) => Pushed } | null;
}

/** The venue ends a socket after 24 h; the successor is opened well before. */
export const MAX_LIFE_MS = 23 * 3_600_000;
/** So many server pings may be missed before the peer counts as gone. */
export const MISSED_PINGS = 2.5;
/** Documented for both products: attempts by address in five minutes. */
export const CONNECTIONS = prudent(300, 300_000);
/** An execution that a reply told of is pushed within this time, or the private stream is in doubt. */
export const PUSH_GRACE_MS = 3_000;
/** After a first reading others follow until all that was missed is known; then questions are ordinary ones. */
export const CATCH_UP_MS = 15_000;
/** Executions that are remembered as told. */
export const MAX_TOLD = 10_000;
const LOGON_METHOD = 'session.logon';

export const urlsOf = ({ venue }: GatewayParts): OrderUrls => {
  const { environment, region, urls } = venue.orders;
  const found = urls ?? sitesOf(venue.protocol, environment, region);
  if (found === null) throw new RangeError(`${venue.id}: a simulated venue needs orders.urls`);
  return found;
};

/** Symbols to instruments, of those that are configured. */
export const symbolsOf = ({ instruments }: GatewayParts): ReadonlyMap<string, InstrumentId> =>
  new Map(instruments.map(({ symbol, id }) => [symbol, id]));

export class BinanceAccount {
  readonly venueId: VenueId;
  readonly usage: Usage;
  readonly rest: PrivateRest;
  readonly calls: BinanceCalls;
  readonly clock: VenueClock;
  readonly trades: BinanceTrades;
  readonly entry: KeptSocket;
  /** Of all sockets of the account together. */
  readonly connections = new Budget(CONNECTIONS);
  readonly desk: BinanceDesk;
  readonly auth: BinanceAuth;
  readonly parts: GatewayParts;
  readonly urls: OrderUrls;
  owner: DialectOwner | null = null;
  readonly #product: BinanceAccountProduct;
  #caughtUpUs = Number.POSITIVE_INFINITY;
  readonly #told = new Set<string>();
  /** Orders of which the stream told an execution. */
  readonly #heard = new Set<string>();
  /** Orders whose executions a reply told of and no push yet, with what calls the doubt off. */
  readonly #unpushed = new Map<string, () => void>();
  /** Whoever carries the private pushes. */
  readonly #stream: () => KeptSocket;

  /** @throws SigningKeyFault, RangeError */
  constructor(parts: GatewayParts, product: BinanceAccountProduct, stream: (() => KeptSocket) | null) {
    this.#stream = stream ?? (() => this.entry);
    const { venue, clock, timers, random, key } = parts;
    this.parts = parts;
    this.#product = product;
    this.venueId = venue.id as VenueId;
    this.urls = urlsOf(parts);
    this.auth = new BinanceAuth(key);
    const { allowances, budgets } = allowancesOf(product.rateLimits);
    this.usage = new Usage(clock, allowances, budgets);
    this.rest = createPrivateRest({
      baseUrl: this.urls.rest.replace(/\/$/, ''),
      usage: this.usage,
      clock,
      timers,
      quietBy: 'host',
      heard: (answer) => {
        hearHeaders(this.usage, answer.headers);
        heedBan(this.usage, answer, this.clock.unixMs() ?? clock.unixMs());
      },
    });
    this.calls = new BinanceCalls(
      this.rest,
      this.auth,
      () => this.clock,
      () => this.#questionLane,
    );
    const ask = () => this.calls.time(product.timePath);
    this.clock = new VenueClock({ ask, clock, timers, random, changed: () => this.linksChanged() });
    this.trades = new BinanceTrades(this.venueId, this.calls, product);
    this.entry = this.#createEntry();
    this.desk = new BinanceDesk({
      venueId: this.venueId,
      product,
      auth: this.auth,
      calls: this.calls,
      clock: this.clock,
      entry: this.entry,
      trades: this.trades,
      ackTimeoutMs: venue.ackTimeoutMs,
      selfTradePrevention: venue.orders.selfTradePrevention,
      pushed: (pushed, receivedMonoUs) => this.#replied(pushed, receivedMonoUs),
      told: (pushed, receivedMonoUs) => this.push(pushed, receivedMonoUs),
      unanswered: (why) => this.entry.replace(why),
      monoUs: () => clock.monoUs(),
    });
  }

  /** Without the venue's clock nothing can be stamped, and then nothing can be placed. */
  get entryLink(): { readonly up: boolean; readonly detail: string } {
    if (this.entry.up && this.clock.why !== '') return { up: false, detail: this.clock.why };
    return { up: this.entry.up, detail: this.entry.detail };
  }

  /** Questions draw on the reserve until what happened in a gap is known: what a naked leg waits for is not to wait for an allowance. */
  get #questionLane(): Lane {
    return this.parts.clock.monoUs() < this.#caughtUpUs ? 'recovery' : 'question';
  }

  linksChanged(): void {
    if (!this.entryLink.up || !this.#stream().up) this.#caughtUpUs = Number.POSITIVE_INFINITY;
    this.owner?.linksChanged();
  }

  /**
   * The venue's time is asked for: measured where it is not known. Its answer says what the venue counts of us by now, and whoever was
   * refused by our own count may be heard sooner than that count runs down.
   */
  async sound(): Promise<void> {
    if (this.clock.unixMs() === null) await this.clock.measure();
    else await this.calls.time(this.#product.timePath);
  }

  /** Hands a reading on; the first whole one since the links came up begins the end of the catching up. */
  wasRead(reading: AccountReading | string): AccountReading | string {
    if (typeof reading === 'string') void this.sound();
    const isFirst = this.#caughtUpUs === Number.POSITIVE_INFINITY;
    if (typeof reading !== 'string' && isFirst && this.entryLink.up && this.#stream().up)
      this.#caughtUpUs = this.parts.clock.monoUs() + CATCH_UP_MS * US_PER_MS;
    return reading;
  }

  /** What the reply to a placement told: the stream must tell it, too. */
  #replied(pushed: Pushed, receivedMonoUs: number): void {
    for (const { venueOrderId, filledQty } of pushed.reports) {
      if (venueOrderId === null || filledQty === '0' || this.#heard.has(venueOrderId) || this.#unpushed.has(venueOrderId)) continue;
      const doubt = (): void => {
        this.#unpushed.delete(venueOrderId);
        // Given up, not handed over: what else it kept from us is found by the reconciliation that follows.
        this.#stream().reconnect('an execution was not pushed');
      };
      this.#unpushed.set(venueOrderId, this.parts.timers.after(PUSH_GRACE_MS, doubt));
    }
    this.push(pushed, receivedMonoUs);
  }

  /** What the private stream told. */
  streamed(pushed: Pushed, receivedMonoUs: number): void {
    for (const { venueOrderId, filledQty } of pushed.reports) {
      if (venueOrderId === null || filledQty === '0') continue;
      remember(this.#heard, venueOrderId);
      this.#unpushed.get(venueOrderId)?.();
      this.#unpushed.delete(venueOrderId);
    }
    this.push(pushed, receivedMonoUs);
  }

  /** An execution is told once, whichever of reply, stream and the stream's successor brings it first. */
  push(pushed: Pushed, receivedMonoUs: number): void {
    if (pushed === NOTHING_PUSHED) return;
    const fills = pushed.fills.filter((fill) => this.#isNews(`${fill.instrumentId} ${fill.tradeId}`));
    this.owner?.pushed({ ...pushed, fills }, receivedMonoUs);
  }

  #isNews(trade: string): boolean {
    if (this.#told.has(trade)) return false;
    remember(this.#told, trade);
    return true;
  }

  /** Of a socket of this account: something may be missing. */
  unreadable(why: string): void {
    this.push({ ...NOTHING_PUSHED, alarms: [why], recheck: true, missing: why }, this.parts.clock.monoUs());
  }

  start(owner: DialectOwner): void {
    this.owner = owner;
    this.clock.start();
    this.entry.start();
  }

  async stop(): Promise<void> {
    this.clock.stop();
    for (const calledOff of this.#unpushed.values()) calledOff();
    this.#unpushed.clear();
    await this.entry.stop();
    this.rest.close();
  }

  #createEntry(): KeptSocket {
    const { clock, timers, random } = this.parts;
    const { userEvents } = this.#product;
    return createAccountSocket({
      name: 'order entry',
      dialect: this.#entryDialect(),
      owner: {
        pushed: (value, receivedMonoUs) => {
          if (userEvents !== null) this.streamed(userEvents.read(value), receivedMonoUs);
        },
        changed: () => this.linksChanged(),
        unreadable: (why) => this.unreadable(why),
        heard: (value) => {
          hearLimits(this.usage, value);
          heedReply(this.usage, value, this.clock.unixMs());
        },
      },
      usage: this.usage,
      clock,
      timers,
      random,
      connections: this.connections,
    });
  }

  #entryDialect(): SocketDialect {
    const { userEvents, entryPingEveryMs } = this.#product;
    const call = (id: string, method: string, params: (venueUnixMs: number) => object) => () => ({
      id,
      frame: JSON.stringify({ id, method, params: params(this.clock.unixMs() ?? 0) }),
      accepts: (value: unknown) => acceptedOf(method, value),
    });
    const logon = call('logon', LOGON_METHOD, (now) => this.auth.signed({}, now));
    const subscribe = this.auth.logsOn
      ? call('subscribe', 'userDataStream.subscribe', () => ({}))
      : call('subscribe', 'userDataStream.subscribe.signature', (now) => this.auth.signed({}, now));
    return {
      // What is sent to it is stamped: there is no use in a socket before the clock.
      url: async () => {
        if (this.clock.unixMs() === null) await this.clock.measure();
        return this.clock.unixMs() === null ? { why: this.clock.why } : { url: this.urls.entry };
      },
      opening: [...(this.auth.logsOn ? [logon] : []), ...(userEvents === null ? [] : [subscribe])],
      read: readApiFrame,
      heartbeat: { kind: 'server-ping', missedAfterMs: MISSED_PINGS * entryPingEveryMs },
      connectMs: CONNECT_MS,
      maxLifeMs: MAX_LIFE_MS,
      connections: CONNECTIONS,
    };
  }
}

/** The oldest leaves for the newest. */
const remember = (kept: Set<string>, name: string): void => {
  if (kept.size >= MAX_TOLD) kept.delete(kept.keys().next().value!);
  kept.add(name);
};

const acceptedOf = (method: string, value: unknown): string | null => {
  const read = socketReply.safeParse(value);
  if (!read.success) return `${method}: a reply that cannot be read`;
  const { status, error } = read.data;
  return status === 200 ? null : `${method}: ${error === undefined ? `status ${status}` : `${error.code} ${error.msg}`}`;
};

const eventOf = (value: unknown): { readonly e: unknown } | null => {
  const outer = value as { readonly event?: unknown; readonly e?: unknown } | null;
  if (typeof outer !== 'object' || outer === null) return null;
  if (typeof outer.event === 'object' && outer.event !== null) return outer.event as { readonly e: unknown };
  return outer.e === undefined ? null : { e: outer.e };
};

/** What a frame of the web-socket API is: a reply to ours, an event, or the end. */
export const readApiFrame = (value: unknown): SocketMessage => {
  const event = eventOf(value);
  if (event !== null) {
    if (event.e === 'eventStreamTerminated')
      return { kind: 'refused', code: 'eventStreamTerminated', text: 'the venue ended the subscription' };
    const isShutdown = event.e === 'serverShutdown' || serverShutdown.safeParse(value).success;
    return isShutdown ? { kind: 'closing-soon', text: 'the venue shuts this server down' } : { kind: 'push' };
  }
  const reply = readReply(value);
  if (reply === null) return { kind: 'ignored' };
  const { id, error } = reply;
  if (id !== null) return { kind: 'answer', id: `${id}` };
  return error === undefined ? { kind: 'ignored' } : { kind: 'refused', code: `${error.code}`, text: error.msg };
};
