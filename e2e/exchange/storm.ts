/**
 * Many orders through our gateway on a road that is bad in every way that is known: throttled, cut, silent, late, answered twice or
 * never, and with our own process gone in between. Afterwards what was concluded of every order must be what the exchange's own
 * book says: none twice, none lost, every fill known once. Owns the weather and the comparison.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExchangeProtocol } from '../../src-shared/config/exchangeSites.ts';
import type { FillReport, VenueSnapshot } from '../../src-shared/domain/order.ts';
import type { VenueKey } from '../../src-main/runtime/ports.ts';
import type { FaultInput } from '../../src-main/sim/faults.ts';
import { qtyText } from '../../src-main/sim/market/instruments.ts';
import { randomStream, type RandomStream } from '../../src-main/sim/random.ts';
import { openOwn, type Own } from './ownGateway.ts';
import { follow, send, type Conclusion, type Followed } from './settle.ts';
import { stormDepartures } from './reconcile.ts';
import { startStage, TRADED, type Stage } from './stage.ts';

export interface StormOptions {
  readonly protocol: ExchangeProtocol;
  readonly orders: number;
  readonly seed: number;
  /** Share of orders before which one more fault begins. */
  readonly faultShare?: number;
  /** How often our process is gone in between. */
  readonly restarts?: number;
  readonly say?: (line: string) => void;
}

export interface StormReport {
  readonly sent: number;
  readonly answers: Readonly<Record<Followed['answer'], number>>;
  readonly ends: Readonly<Record<Conclusion['end'], number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly queries: number;
  readonly bookOrders: number;
  readonly bookFills: number;
  readonly repeatedPushes: number;
  readonly seconds: number;
  /** Empty = none twice, none lost, all reconciled. */
  readonly violations: readonly string[];
}

const LINK_WITHIN_MS = 20_000;
/** A storm in which no order ends for so long has stalled, whatever else goes on. */
const STALL_MS = 60_000;
const STALL_LOOK_MS = 1_000;
const AT_ONCE = 8;
const FAULT_SHARE = 0.12;
const VALIDITY_MS = 400;
const ACK_TIMEOUT_MS = 300;
const MID_TICKS: Readonly<Record<ExchangeProtocol, number>> = { 'binance-usdm': 400_000, 'binance-spot': 6_180_000, okx: 400_000 };
const REJECTIONS: Readonly<Record<ExchangeProtocol, { readonly code: string; readonly message: string }>> = {
  'binance-usdm': { code: '-2019', message: 'Margin is insufficient.' },
  'binance-spot': { code: '-2010', message: 'Account has insufficient balance for requested action.' },
  okx: { code: '51008', message: 'Order failed. Insufficient USDT balance in account.' },
};

/** Every fault of the road, as it is drawn. */
export const weather = (protocol: ExchangeProtocol, random: RandomStream): readonly FaultInput[] => {
  const ms = (least: number, most: number): number => Math.round(least + random.uniform() * (most - least));
  const faults: FaultInput[] = [
    { kind: 'accept-then-drop-reply' },
    { kind: 'accept-then-drop-reply', close: true },
    { kind: 'accept-then-drop-reply', operation: 'query' },
    { kind: 'late-accept', delayMs: ms(20, VALIDITY_MS + 400) },
    { kind: 'reject', ...REJECTIONS[protocol] },
    { kind: 'partial', share: 0.5 },
    { kind: 'unknown-503' },
    { kind: 'unknown-503', accepted: false },
    { kind: 'rate-limit', durationMs: ms(50, 200) },
    { kind: 'rate-limit', durationMs: ms(50, 200), account: true, operation: 'place' },
    { kind: 'maintenance', durationMs: ms(50, 200) },
    { kind: 'not-found-then-found', forMs: ms(50, 600), durationMs: ms(200, 600) },
    { kind: 'dead-private-socket', durationMs: ms(50, 400) },
    { kind: 'duplicate-push', share: 0.6, durationMs: ms(200, 600) },
    { kind: 'reorder-push', share: 0.6, durationMs: ms(200, 600) },
    { kind: 'drop-push', share: 0.4, durationMs: ms(200, 600) },
    { kind: 'close', code: 1_006 },
    { kind: 'close', code: 1_001 },
    { kind: 'refuse', durationMs: ms(20, 120) },
    { kind: 'delay', delayMs: ms(5, 80), durationMs: ms(100, 400) },
  ];
  return protocol === 'binance-usdm' ? [...faults, { kind: 'listen-key-expire' }] : faults;
};

/** Refused before anything left. */
const isUnsent = ({ conclusion }: Followed): boolean => conclusion?.end === 'refused' && conclusion.by === 'gateway';
const REFUSED_PAUSE_MS = 20;

class Storm {
  readonly #options: StormOptions;
  readonly #random: RandomStream;
  readonly #stage: Stage;
  readonly #key: VenueKey;
  readonly #symbol: string;
  readonly #followed: Followed[] = [];
  /** Every fill that any of our gateways told of. */
  readonly #fills = new Map<string, FillReport>();
  readonly #counted: Record<string, number> = {};
  readonly #wrong: string[] = [];
  #own: Own;
  #repeats = 0;

  constructor(options: StormOptions, stage: Stage) {
    this.#options = options;
    this.#stage = stage;
    this.#random = randomStream(options.seed, `storm/${options.protocol}`);
    this.#symbol = TRADED[options.protocol][0]!;
    this.#key = stage.open('storm', { balances: { USDT: '100000000', BTC: '1000' } });
    this.#own = this.#begin();
  }

  #begin(): Own {
    const { protocol, restUrl, socketUrl, instruments } = this.#stage;
    return openOwn({
      protocol,
      restUrl,
      socketUrl,
      key: this.#key,
      instruments,
      ackTimeoutMs: ACK_TIMEOUT_MS,
      orderValidityMs: VALIDITY_MS,
    });
  }

  async #up(): Promise<void> {
    const endsMs = performance.now() + LINK_WITHIN_MS;
    while (!this.#own.told.link.up) {
      if (performance.now() > endsMs) throw new Error(`the gateway does not come up: ${this.#own.told.link.detail}`);
      await sleep(5);
    }
  }

  /** Remembers what the gateway told before it is gone. */
  #absorb(): void {
    for (const [key, fill] of this.#own.told.fills) {
      const known = this.#fills.get(key);
      if (known === undefined) this.#fills.set(key, fill);
      else if (JSON.stringify(known) !== JSON.stringify(fill)) this.#wrong.push(`fill ${key} differs from what an earlier gateway told`);
    }
    this.#repeats += this.#own.told.repeats;
    this.#wrong.push(...this.#own.told.contradictions);
  }

  /** As if the process had died: nothing in memory is carried over but what a ledger would hold. */
  async #restart(): Promise<void> {
    const ended = this.#own;
    this.#absorb();
    this.#own = this.#begin();
    await ended.stop();
    this.#counted['our process gone'] = (this.#counted['our process gone'] ?? 0) + 1;
  }

  #quote(): void {
    const mid = MID_TICKS[this.#options.protocol];
    this.#stage.quote(this.#symbol, { bid: mid, ask: mid + 1, bidSteps: 400, askSteps: 400 });
  }

  /** By orders, not by time: as much weather on a slow machine as on a quick one. */
  #weather(): void {
    const { faultShare = FAULT_SHARE, protocol } = this.#options;
    if (this.#random.uniform() >= faultShare) return;
    const faults = weather(protocol, this.#random);
    const fault = faults[Math.floor(this.#random.uniform() * faults.length)]!;
    this.#stage.faults.inject(fault);
    this.#counted[fault.kind] = (this.#counted[fault.kind] ?? 0) + 1;
  }

  async #trade(): Promise<void> {
    const side = this.#random.uniform() < 0.5 ? 'buy' : 'sell';
    const mid = MID_TICKS[this.#options.protocol];
    const steps = 100 + Math.floor(this.#random.uniform() * 600);
    this.#quote();
    this.#weather();
    const request = this.#own.request({
      symbol: this.#symbol,
      side,
      qty: qtyText(this.#stage.listed(this.#symbol), steps),
      px: this.#stage.price(this.#symbol, side === 'buy' ? mid + 1 : mid),
      validityMs: VALIDITY_MS,
    });
    const followed: Followed = { request, sentUnixMs: Date.now(), answer: 'none', conclusion: null, queries: 0 };
    this.#followed.push(followed);
    await send(() => this.#own, followed);
    if (isUnsent(followed)) await sleep(REFUSED_PAUSE_MS);
    else await follow(() => this.#own, followed);
  }

  /** A gateway that is down refuses at once: orders are for when it is up. */
  async #trader(): Promise<void> {
    const { orders } = this.#options;
    while (this.#sent < orders && this.#wrong.length === 0) {
      if (!this.#own.told.link.up) {
        await sleep(5);
        continue;
      }
      await this.#trade().catch((fault: unknown) => this.#wrong.push(`lost: ${(fault as Error).message}`));
    }
  }

  /** Orders that left us; those refused before are no orders. */
  get #sent(): number {
    return this.#followed.filter((each) => !isUnsent(each)).length;
  }

  /** Why nothing may end: links, the reading of the account, allowances. */
  #standing(): string {
    const { link, report } = this.#own.told;
    const unread = report?.checks.find(({ state }) => state === 'waiting');
    const short = report?.budgets.filter(({ used, max, quietUntilUnixMs }) => used >= max || quietUntilUnixMs !== null);
    return JSON.stringify({
      link,
      entry: report?.entry,
      stream: report?.stream,
      unread: unread?.fix,
      short,
      faults: this.#stage.faults.active(),
    });
  }

  /** @returns what ends the watch */
  #watch(): () => void {
    let ended = 0;
    let sinceMs = performance.now();
    const timer = setInterval(() => {
      const count = this.#followed.filter(({ conclusion }) => conclusion !== null).length;
      const isStalled = count === ended && performance.now() - sinceMs > STALL_MS;
      if (isStalled) this.#wrong.push(`no order has ended for ${STALL_MS / 1_000} s: ${this.#standing()}`);
      if (count !== ended || isStalled) sinceMs = performance.now();
      ended = count;
    }, STALL_LOOK_MS);
    timer.unref();
    return () => clearInterval(timer);
  }

  async run(): Promise<StormReport> {
    const begunMs = performance.now();
    const { orders, restarts = 2, say } = this.#options;
    this.#quote();
    await this.#up();
    const unwatch = this.#watch();
    const traders = Promise.all(Array.from({ length: AT_ONCE }, () => this.#trader()));
    const state = { done: false };
    void traders.then(() => (state.done = true));
    for (let nth = 1; nth <= restarts && !state.done; nth += 1) {
      while (!state.done && this.#sent < (orders * nth) / (restarts + 1)) await sleep(5);
      say?.(`${this.#sent} orders, our process is gone`);
      await this.#restart();
    }
    await traders;
    unwatch();
    this.#stage.faults.inject({ kind: 'clear' });
    await this.#reconcile();
    return this.#report((performance.now() - begunMs) / 1_000);
  }

  async #reconcile(): Promise<void> {
    const endsMs = performance.now() + LINK_WITHIN_MS;
    const since = Math.min(...this.#followed.map(({ sentUnixMs }) => sentUnixMs)) - 60_000;
    for (;;) {
      const outcome = await this.#own.gateway.snapshot(since);
      if (outcome.code === 'answered') {
        for (const fill of outcome.snapshot.fills) this.#fills.set(`${fill.instrumentId} ${fill.tradeId}`, fill);
        this.#wrong.push(...this.#departures(outcome.snapshot));
        break;
      }
      if (performance.now() > endsMs) throw new Error(`no snapshot after the storm: ${outcome.why}`);
      await sleep(50);
    }
    this.#absorb();
  }

  #departures({ openOrders, positions }: VenueSnapshot): readonly string[] {
    const isSpot = this.#stage.listed(this.#symbol).kind === 'spot';
    const instrumentId = `${this.#symbol}@${this.#options.protocol}`;
    const held = positions.find((each) => each.instrumentId === instrumentId)?.qty ?? '0';
    return stormDepartures(
      { orders: this.#stage.orders('storm'), fills: this.#stage.fills('storm') },
      { followed: this.#followed, fills: [...this.#fills.values()], openOrders: openOrders.length, heldQty: isSpot ? null : held },
    );
  }

  #report(seconds: number): StormReport {
    const answers = { none: 0, acknowledged: 0, unknown: 0, refused: 0 };
    const ends = { filled: 0, canceled: 0, rejected: 0, absent: 0, refused: 0 };
    for (const { answer, conclusion } of this.#followed) {
      answers[answer] += 1;
      if (conclusion !== null) ends[conclusion.end] += 1;
    }
    return {
      sent: this.#sent,
      answers,
      ends,
      faults: this.#counted,
      queries: this.#followed.reduce((sum, { queries }) => sum + queries, 0),
      bookOrders: this.#stage.orders('storm').length,
      bookFills: this.#stage.fills('storm').length,
      repeatedPushes: this.#repeats,
      seconds,
      violations: this.#wrong,
    };
  }

  stop(): Promise<void> {
    return this.#own.stop();
  }
}

export const runStorm = async (options: StormOptions): Promise<StormReport> => {
  const stage = await startStage({ protocol: options.protocol, seed: options.seed, relaxed: true });
  const storm = new Storm(options, stage);
  try {
    return await storm.run();
  } finally {
    await storm.stop();
    await stage.stop();
  }
};
