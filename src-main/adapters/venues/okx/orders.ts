/**
 * OKX's order side: one private socket for orders and pushes, REST for cancels and questions when that is down. An order leaves by the
 * socket alone, but for the one documented defect of the demo environment: where it refuses the `instIdCode` that it publishes itself,
 * that instrument's later orders go by REST. Repeats nothing, guesses nothing; every stamp is the venue's own time.
 */
import { environmentsOfHost, sitesOf } from '../../../../src-shared/config/exchangeSites.ts';
import type { OrderUrls } from '../../../../src-shared/config/exchangeSites.ts';
import type { ExchangeOrdersConfig } from '../../../../src-shared/config/schema.ts';
import type { VenueId } from '../../../../src-shared/domain/ids.ts';
import type { CancelOutcome, OrderRef, OrderRequest, PlaceOutcome, QueryOutcome } from '../../../../src-shared/domain/order.ts';
import { pause } from '../shared/timers.ts';
import type { TimeSample } from '../shared/clockOffset.ts';
import { createAccountSocket } from '../shared/orders/accountSocket.ts';
import type { KeptSocket } from '../shared/orders/accountSocket.ts';
import type { MakeDialect } from '../shared/orders/gateway.ts';
import { cancelWithoutAnswer, gatewayRefusal, meaningOf, placeWithoutAnswer } from '../shared/orders/outcomes.ts';
import type { VenueReply } from '../shared/orders/outcomes.ts';
import type { AccountReading, DialectOwner, ExchangeDialect, GatewayInstrument, GatewayParts } from '../shared/orders/parts.ts';
import { createPrivateRest, laneOf } from '../shared/orders/privateRest.ts';
import { createSign } from '../shared/orders/signing.ts';
import { Usage } from '../shared/orders/usage.ts';
import { VenueClock } from '../shared/orders/venueClock.ts';
import { OkxAccount } from './orderAccount.ts';
import { budgetOf, okxAllowances, okxBudgets, silencedBy, WINDOW_MS } from './orderBudgets.ts';
import { cancelBody, canceled, cancelFrame, placeBody, placed, placeFrame, readAct } from './orderCalls.ts';
import type { Act, OrderTerms } from './orderCalls.ts';
import { OkxPushes } from './orderDecode.ts';
import type { Owner, ToAskFor } from './orderDecode.ts';
import { OkxReading } from './orderReading.ts';
import { OkxRest } from './orderRest.ts';
import { CALL_PREFIX, okxSocket, orderReadersIn } from './orderSocket.ts';
import { CANCEL_PATH, CLORDID, DEMO_HEADER, ORDER_PATH } from './orderWire.ts';
import { INSTRUMENT_UNKNOWN, LIMITED, OKX_OUTCOMES, TERMS_NOT_ACCEPTED, TOO_LATE } from './outcomes.ts';
import { loginFrame } from './sign.ts';
import type { OkxKey } from './sign.ts';
import { TIME_PATH, restReply, timeEntry } from './wire.ts';

/** An execution may be in the fills a moment after it was pushed. */
const FILLS_LAG_MS = 500;
const FILLS_TRIES = 4;

/** A key of one environment is never sent to a host of another; null = all of them fit. */
export const whyNotHere = ({ venue, key }: GatewayParts, urls: OrderUrls | null): string | null => {
  const { environment } = venue.orders;
  if (urls === null) return 'no address is known for its environment';
  if (key.environment !== environment)
    return `the key is of the environment "${key.environment}", the venue is configured as "${environment}"`;
  if (key.passphrase === null || key.passphrase === '') return 'OKX keys come with a passphrase, and there is none';
  if (key.secret.algorithm !== 'hmac-sha256') return 'OKX signs with an HMAC secret, not with a private key';
  const strange = [urls.rest, urls.entry].find((url) => !environmentsOfHost(url).includes(environment));
  return strange === undefined ? null : `${new URL(strange).hostname} is no host of the environment "${environment}"`;
};

/** A socket and its successor, or one that the venue has not missed yet: the count comes with a subscription and never again. */
const OWN_READERS = 2;

/** What the orders of one instrument share. */
interface Traded {
  readonly terms: OrderTerms;
  readonly budget: string;
}
const tradedOf = ({ symbol, kind }: GatewayInstrument, orders: ExchangeOrdersConfig): Traded => ({
  terms: { isSpot: kind === 'spot', marginMode: orders.marginMode, selfTradePrevention: orders.selfTradePrevention },
  budget: budgetOf('place', symbol),
});

class OkxOrders implements ExchangeDialect {
  readonly environmentHeader: Readonly<Record<string, string>>;
  readonly #parts: GatewayParts;
  readonly #traded: ReadonlyMap<string, Traded>;
  readonly #usage: Usage;
  readonly #clock: VenueClock;
  readonly #rest: OkxRest;
  readonly #socket: KeptSocket;
  readonly #pushes: OkxPushes;
  readonly #reading: OkxReading;
  readonly #account: OkxAccount;
  readonly #stopped = new AbortController();
  /** By symbol, as the venue publishes it for this environment. */
  readonly #codes = new Map<string, string>();
  /** Symbols whose published code the demo socket does not know. */
  readonly #byRest = new Set<string>();
  readonly #agreed = new Map<string, boolean>();
  /** By `ordId`: true = another push came while its executions were being asked for. */
  readonly #asking = new Map<string, boolean>();
  #orderReaders = 1;
  #calls = 0;
  #owner: DialectOwner | null = null;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    const { venue, key, clock, timers, random, instruments } = parts;
    const { environment, region, urls: configured, marginMode } = venue.orders;
    const urls = configured ?? sitesOf('okx', environment, region);
    const whyNot = whyNotHere(parts, urls);
    const symbols = instruments.map(({ symbol }) => symbol);
    const okxKey: OkxKey = { apiKey: key.apiKey, passphrase: key.passphrase ?? '', sign: createSign(key.secret, 'base64') };
    const owner: Owner = {
      venueId: venue.id as VenueId,
      instrumentIds: new Map(instruments.map(({ symbol, id }) => [symbol, id])),
    };
    this.environmentHeader = environment === 'demo' ? DEMO_HEADER : {};
    this.#traded = new Map(instruments.map((one) => [one.symbol, tradedOf(one, venue.orders)]));
    this.#usage = new Usage(clock, okxAllowances(symbols), okxBudgets(symbols));
    const rest = createPrivateRest({
      baseUrl: (urls?.rest ?? '').replace(/\/$/, ''),
      usage: this.#usage,
      clock,
      timers,
      quietBy: 'budget',
      quietMs: WINDOW_MS,
    });
    // Without a measured clock nothing is signed, hence nothing leaves for a host that the key does not belong to.
    const ask = async () => whyNot ?? (await askTime(rest, this.environmentHeader));
    this.#clock = new VenueClock({ ask, clock, timers, random, changed: () => this.#owner?.linksChanged() });
    this.#rest = new OkxRest({
      rest,
      clock: this.#clock,
      timers,
      key: okxKey,
      headers: this.environmentHeader,
      refused: (code, budget) => this.#heed(code, budget),
    });
    this.#pushes = new OkxPushes(owner, marginMode);
    this.#reading = new OkxReading({
      rest: this.#rest,
      owner,
      instruments,
      venueUnixMs: () => this.#clock.unixMs(),
      alarm: (why) => this.#alarm(why),
    });
    this.#account = new OkxAccount({
      rest: this.#rest,
      usage: this.#usage,
      gateway: parts,
      roundTripMs: () => this.#clock.roundTripMs,
      agreed: (symbol) => this.#agreed.get(symbol) ?? null,
    });
    this.#socket = createAccountSocket({
      name: 'private socket',
      dialect: okxSocket(
        () => this.#address(urls?.entry ?? '', whyNot),
        () => loginFrame(okxKey, this.#clock.unixMs() ?? Number.NaN),
        (code) => this.#loginRefused(code),
      ),
      owner: {
        pushed: (value, receivedMonoUs) => this.#pushed(value, receivedMonoUs),
        changed: () => this.#owner?.linksChanged(),
        unreadable: (why) => this.#alarm(why, { missing: why }),
        heard: (value) => this.#heard(value),
      },
      usage: this.#usage,
      clock,
      timers,
      random,
      headers: this.environmentHeader,
    });
  }

  start(owner: DialectOwner): void {
    this.#owner = owner;
    this.#clock.start();
    this.#socket.start();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#clock.stop();
    this.#rest.close();
    await this.#socket.stop();
    this.#owner = null;
  }

  /** The log-in carries the venue's time, so that has to be known first. */
  async #address(url: string, whyNot: string | null): Promise<{ readonly url: string } | { readonly why: string }> {
    if (whyNot !== null) return { why: whyNot };
    if (this.#clock.unixMs() === null) await this.#clock.measure();
    return this.#clock.unixMs() === null ? { why: this.#clock.why } : { url };
  }

  get entry(): { readonly up: boolean; readonly detail: string } {
    const { up, detail } = this.#socket;
    if (this.#byRest.size === 0) return { up, detail };
    const symbols = [...this.#byRest].join(', ');
    return { up, detail: `${detail}; orders of ${symbols} go by REST: the demo socket refuses the instIdCode that OKX publishes` };
  }

  get stream(): { readonly up: boolean; readonly detail: string } {
    const { up, detail } = this.#socket;
    const others = this.#orderReaders > OWN_READERS ? `; ${this.#orderReaders} sockets read this account’s orders` : '';
    return { up, detail: `${detail}${others}` };
  }

  venueUnixMs(): number | null {
    return this.#clock.unixMs();
  }

  budgets(): ReturnType<ExchangeDialect['budgets']> {
    return this.#usage.reports();
  }

  async place(order: OrderRequest, mayLeave: () => boolean): Promise<PlaceOutcome> {
    const { symbol, clientOrderId } = order;
    const nowMs = this.#clock.unixMs();
    const traded = this.#traded.get(symbol);
    if (traded === undefined) return gatewayRefusal(`${symbol} is not configured at this venue`, 'never');
    if (!CLORDID.test(clientOrderId)) return gatewayRefusal('OKX takes client ids of 1 to 32 letters and digits only', 'never');
    if (nowMs === null) return gatewayRefusal(`${this.#clock.why}, and an order must say until when it holds`, 'later');
    const { budget, terms } = traded;
    const use = { budget, cost: 1, lane: laneOf(order.purpose), deadlineMs: this.#parts.venue.ackTimeoutMs, mayLeave };
    if (this.#byRest.has(symbol)) {
      if (!this.#socket.up) return gatewayRefusal(`the private socket is down: ${this.#socket.detail}`, 'later');
      const answer = await this.#rest.act(ORDER_PATH, placeBody(order, terms), use, order.validityMs);
      if (!answer.came) return placeWithoutAnswer(answer);
      return this.#placed(readAct(answer.value, answer.status, answer.text), order, clientOrderId, 'rest');
    }
    const code = this.#codes.get(symbol);
    if (code === undefined) return gatewayRefusal(`the instIdCode of ${symbol} has not been read from the venue`, 'later');
    const id = this.#nextId();
    const answer = await this.#socket.call(id, placeFrame(id, order, terms, code, nowMs + order.validityMs), use);
    if (!answer.came) {
      // Its pushes may be lost as well: the next order should not depend on it.
      if (answer.left) this.#socket.replace('an order was not answered');
      return placeWithoutAnswer(answer);
    }
    return this.#placed(readAct(answer.value, null), order, clientOrderId, 'socket');
  }

  #placed(act: Act, { symbol }: OrderRequest, clientOrderId: string, by: 'socket' | 'rest'): PlaceOutcome {
    if (act.done) this.#agreed.set(symbol, true);
    else this.#refusedOrder(act.reply, symbol, by);
    const outcome = placed(act, clientOrderId);
    const isDefect = !act.done && act.reply.code === INSTRUMENT_UNKNOWN && by === 'socket' && this.#mayLackCodes;
    if (outcome.code !== 'refused' || !isDefect) return outcome;
    return { code: 'refused', refusal: { ...outcome.refusal, retry: 'fresh-price' } };
  }

  #refusedOrder({ code }: VenueReply, symbol: string, by: 'socket' | 'rest'): void {
    if (code === null) return;
    this.#heed(code, budgetOf('place', symbol));
    if (code === TERMS_NOT_ACCEPTED) {
      this.#agreed.set(symbol, false);
      this.#recheck();
    }
    if (code === INSTRUMENT_UNKNOWN && by === 'socket') void this.#doubtCode(symbol);
  }

  get #mayLackCodes(): boolean {
    return this.#parts.venue.orders.environment !== 'live';
  }

  /** Either the code has changed, or this environment's socket does not know its own codes. */
  async #doubtCode(symbol: string): Promise<void> {
    const used = this.#codes.get(symbol);
    const described = await this.#account.describe(symbol);
    if (typeof described === 'string') return;
    const { instIdCode } = described.instrument;
    if (instIdCode === null) return;
    this.#codes.set(symbol, instIdCode);
    if (instIdCode === used && this.#mayLackCodes) this.#byRest.add(symbol);
    this.#owner?.linksChanged();
  }

  async cancel(ref: OrderRef, mayLeave: () => boolean): Promise<CancelOutcome> {
    const { symbol } = ref;
    const budget = budgetOf('cancel', symbol);
    const use = { budget, cost: 1, lane: 'safety', deadlineMs: this.#parts.venue.ackTimeoutMs, mayLeave } as const;
    const code = this.#codes.get(symbol);
    if (this.#socket.up && code !== undefined && !this.#byRest.has(symbol)) {
      const id = this.#nextId();
      const answer = await this.#socket.call(id, cancelFrame(id, ref, code), use);
      if (!answer.came) return cancelWithoutAnswer(answer);
      const act = readAct(answer.value, null);
      if (act.done || act.reply.code !== INSTRUMENT_UNKNOWN) return this.#canceled(act, budget);
      void this.#doubtCode(symbol);
    }
    const answer = await this.#rest.act(CANCEL_PATH, cancelBody(ref), use);
    return answer.came ? this.#canceled(readAct(answer.value, answer.status, answer.text), budget) : cancelWithoutAnswer(answer);
  }

  #canceled(act: Act, budget: string): CancelOutcome {
    if (!act.done && act.reply.code !== null) this.#heed(act.reply.code, budget);
    return canceled(act);
  }

  query(ref: OrderRef): Promise<QueryOutcome> {
    return this.#reading.query(ref);
  }

  read(fillsSinceUnixMs: number): Promise<AccountReading | string> {
    return this.#reading.read(fillsSinceUnixMs);
  }

  async check(): ReturnType<ExchangeDialect['check']> {
    const checked = await this.#account.check();
    if (typeof checked === 'string') return checked;
    for (const { symbol, instIdCode } of checked.described) if (instIdCode !== null) this.#codes.set(symbol, instIdCode);
    return checked;
  }

  deadMan(symbols: readonly string[], timeoutMs: number): ReturnType<ExchangeDialect['deadMan']> {
    return this.#account.deadMan(symbols, timeoutMs);
  }

  bands(): ReturnType<ExchangeDialect['bands']> {
    return this.#account.bands();
  }

  #nextId(): string {
    this.#calls += 1;
    return `${CALL_PREFIX}${this.#calls}`;
  }

  /** Limits silence what they concern; a refused time stamp makes our measurement worthless. */
  #heed(code: string, budget: string): void {
    if (code === LIMITED.account) this.#usage.quiet(silencedBy(budget, true), WINDOW_MS);
    else if (code === LIMITED.endpoint || code === LIMITED.socket) this.#usage.quiet(silencedBy(budget, false), WINDOW_MS);
    else if (TOO_LATE.has(code)) void this.#clock.measure();
    else if (meaningOf(OKX_OUTCOMES, { code, status: null, text: '' }) === 'clock') this.#clock.distrust(code);
  }

  #loginRefused(code: string): void {
    if (meaningOf(OKX_OUTCOMES, { code, status: null, text: '' }) === 'clock') this.#clock.distrust(code);
  }

  #heard(value: unknown): void {
    const readers = orderReadersIn(value);
    if (readers === null || readers === this.#orderReaders) return;
    this.#orderReaders = readers;
    this.#owner?.linksChanged();
  }

  #alarm(why: string, gap: { readonly missing?: string } = {}): void {
    this.#owner?.pushed({ reports: [], fills: [], alarms: [why], recheck: true, ...gap }, this.#parts.clock.monoUs());
  }

  #recheck(): void {
    this.#owner?.pushed({ reports: [], fills: [], alarms: [], recheck: true }, this.#parts.clock.monoUs());
  }

  #pushed(value: unknown, receivedMonoUs: number): void {
    const { toAskFor, ...pushed } = this.#pushes.decode(value);
    if (pushed.reports.length + pushed.fills.length + pushed.alarms.length > 0 || pushed.recheck || pushed.missing !== undefined)
      this.#owner?.pushed(pushed, receivedMonoUs);
    for (const order of toAskFor) void this.#fetchFills(order);
  }

  /** A forced execution has its identity in the fills alone, and may be there a moment later than here. */
  async #fetchFills({ instId, ordId }: ToAskFor): Promise<void> {
    if (this.#asking.has(ordId)) return void this.#asking.set(ordId, true);
    this.#asking.set(ordId, false);
    let why = 'the venue lists none';
    for (let tried = 0; tried < FILLS_TRIES && !this.#stopped.signal.aborted; tried += 1) {
      const fills = await this.#reading.fillsOfOrder(instId, ordId, '0');
      if (typeof fills === 'string') why = fills;
      const fresh = typeof fills === 'string' ? [] : fills.filter(({ tradeId }) => this.#pushes.isNew(instId, tradeId));
      if (fresh.length > 0) {
        const isMore = this.#asking.get(ordId) === true;
        this.#asking.delete(ordId);
        this.#owner?.pushed({ reports: [], fills: fresh, alarms: [], recheck: false }, this.#parts.clock.monoUs());
        return isMore ? this.#fetchFills({ instId, ordId }) : undefined;
      }
      await pause(this.#parts.timers, FILLS_LAG_MS, this.#stopped.signal);
    }
    this.#asking.delete(ordId);
    const failed = `the executions of order ${ordId} (${instId}) could not be read: ${why}`;
    if (!this.#stopped.signal.aborted) this.#alarm(failed, { missing: failed });
  }
}

const askTime = async (
  rest: ReturnType<typeof createPrivateRest>,
  headers: Readonly<Record<string, string>>,
): Promise<TimeSample | string> => {
  const use = { budget: 'time', cost: 1, lane: 'safety', deadlineMs: TIME_MS } as const;
  const answer = await rest.send({ method: 'GET', target: TIME_PATH, headers, body: null }, use);
  if (!answer.came) return answer.why;
  const entry = timeEntry.safeParse(restReply.safeParse(answer.value).data?.data?.[0]);
  if (!entry.success) return `HTTP ${answer.status} instead of the venue’s time`;
  return { serverMs: Number(entry.data.ts), midUnixMs: answer.midUnixMs, roundTripMs: answer.roundTripMs };
};
const TIME_MS = 5_000;

/** OKX's order side, spot and swaps. @throws SigningKeyFault when the secret cannot sign. */
export const okxOrders: MakeDialect = (parts) => new OkxOrders(parts);
