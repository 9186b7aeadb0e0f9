/**
 * Whatever a venue does, every ask ends within its named bound, and once the venue is well the link is up again within a named time:
 * the whole order side of futures in front of a scripted venue, in any interleaving of losses, silence, refusals, limits and asks.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClientOrderId } from '../../../../src-shared/domain/ids.ts';
import type { ControlInput } from '../../../core/events.ts';
import type { OrderGateway } from '../../../runtime/ports.ts';
import { orderFor, refTo } from '../shared/binanceOrders.testkit.ts';
import type { RestReply, ScriptedBinance } from '../shared/binanceOrders.testkit.ts';
import { LOOK_EVERY_MS, REFUSED_BACKOFF } from '../shared/orders/accountSocket.ts';
import { BACKSTOP_MS, createGateway, QUERY_DEADLINE_MS, SNAPSHOT_DEADLINE_MS } from '../shared/orders/gateway.ts';
import type { GatewayParts } from '../shared/orders/parts.ts';
import type { ManualTime } from '../shared/scriptedVenue.testkit.ts';
import { CONNECT_MS } from '../shared/streamProtocol.ts';
import { binanceUsdmOrders } from './orders.ts';
import { EXCHANGE_INFO, result, SYMBOL, usdmStage } from './usdmStage.testkit.ts';

const ACK_MS = 2_000;
const RETRY_AFTER_S = 2;
/** A question under way, a handshake that hangs, the longest wait after a refusal, and the first reading of the account. */
const RISES_WITHIN_MS = REFUSED_BACKOFF.maxMs + CONNECT_MS + 20_000;

const MOODS = ['well', 'silent', 'drop', 'fault', 'maintenance', 'limited', 'garbage', 'refused', 'spent', 'late'] as const;
type Mood = (typeof MOODS)[number];
type Line = 'door' | 'rest' | 'api' | 'time';
const ASKS = ['place', 'reduce', 'cancel', 'query', 'snapshot'] as const;
const WELL = 'acknowledged acknowledged acknowledged found answered';
type Step =
  | { readonly do: 'mood'; readonly line: Line; readonly mood: Mood }
  | { readonly do: 'lose'; readonly which: 'entry' | 'stream'; readonly how: 'cut' | 'goodbye' | 'hang' }
  | { readonly do: 'ask'; readonly what: (typeof ASKS)[number] }
  | { readonly do: 'push'; readonly frame: string }
  | { readonly do: 'pass'; readonly ms: number };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('mood' as const),
      line: fc.constantFrom<Line>('door', 'rest', 'api', 'time'),
      mood: fc.constantFrom(...MOODS),
    }),
    fc.record({
      do: fc.constant('lose' as const),
      which: fc.constantFrom('entry' as const, 'stream' as const),
      how: fc.constantFrom('cut' as const, 'goodbye' as const, 'hang' as const),
    }),
    fc.record({ do: fc.constant('ask' as const), what: fc.constantFrom(...ASKS) }),
    fc.record({
      do: fc.constant('push' as const),
      frame: fc.constantFrom('{"e":', '{"e":"listenKeyExpired"}', '{"e":"ORDER_TRADE_UPDATE"}'),
    }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(50, 400, 2_500, 12_000, 40_000) }),
  ),
  { minLength: 4, maxLength: 24 },
);

const READ: Readonly<Record<string, unknown>> = {
  'GET /fapi/v1/exchangeInfo': EXCHANGE_INFO,
  'GET /fapi/v1/accountConfig': { canTrade: true, dualSidePosition: false, multiAssetsMargin: false },
  'GET /fapi/v1/symbolConfig': [{ symbol: SYMBOL, marginType: 'CROSSED', leverage: 20 }],
  'GET /fapi/v1/commissionRate': { symbol: SYMBOL, takerCommissionRate: '0.000500' },
  'GET /fapi/v1/premiumIndex': { symbol: SYMBOL, markPrice: '4000.00', nextFundingTime: 1 },
  'GET /fapi/v1/fundingInfo': [],
  'GET /fapi/v1/leverageBracket': [{ symbol: SYMBOL, brackets: [{ initialLeverage: 50 }] }],
  'GET /sapi/v1/account/apiRestrictions': { ipRestrict: true, enableWithdrawals: false, enableFutures: true },
  'POST /fapi/v1/order/test': {},
  'GET /fapi/v1/openOrders': [],
  'GET /fapi/v3/positionRisk': [],
  'GET /fapi/v3/balance': [{ accountAlias: 'a', asset: 'USDT', balance: '1', availableBalance: '1' }],
  'GET /fapi/v3/account': {
    totalInitialMargin: '0',
    totalMarginBalance: '1',
    availableBalance: '1',
    assets: [{ asset: 'USDT', walletBalance: '1', marginBalance: '1', initialMargin: '0', availableBalance: '1' }],
  },
  'GET /fapi/v1/userTrades': [],
  'POST /fapi/v1/listenKey': { listenKey: 'key' },
  'PUT /fapi/v1/listenKey': {},
  'DELETE /fapi/v1/listenKey': {},
};

const refusal = (code: number) => ({ code, msg: 'no' });
const restIn = (mood: Mood, body: unknown): RestReply | 'silent' | 'drop' => {
  switch (mood) {
    case 'silent':
    case 'drop':
      return mood;
    case 'fault':
      return { status: 500, body: {} };
    case 'maintenance':
      return { status: 503, body: { code: 0, msg: 'Service Unavailable.' } };
    case 'limited':
      return { status: 429, body: refusal(-1003), headers: { 'retry-after': `${RETRY_AFTER_S}` } };
    case 'garbage':
      return { body: '<html>' };
    case 'refused':
      return { status: 401, body: refusal(-2015) };
    case 'late':
      return { status: 400, body: refusal(-1021) };
    case 'spent':
      return { body, headers: { 'x-mbx-used-weight-1m': '2400' } };
    case 'well':
      return { body, headers: { 'x-mbx-used-weight-1m': '1' } };
  }
};
const DOORS: Readonly<Record<Mood, ScriptedBinance['door']>> = {
  well: 'open',
  silent: 'silent',
  drop: 'drop',
  fault: { status: 500, headers: '' },
  maintenance: { status: 503, headers: `Retry-After: ${RETRY_AFTER_S}\r\n` },
  limited: { status: 429, headers: `Retry-After: ${RETRY_AFTER_S}\r\n` },
  garbage: { status: 200, headers: '' },
  refused: { status: 401, headers: '' },
  spent: 'open',
  late: 'open',
};

interface Asked {
  readonly what: string;
  readonly askedMs: number;
  readonly mostMs: number;
  endedMs: number;
  code: string;
}

class World {
  readonly #venue: ScriptedBinance;
  readonly #time: ManualTime;
  readonly #gateway: OrderGateway;
  readonly #moods: Record<Line, Mood> = { door: 'well', rest: 'well', api: 'well', time: 'well' };
  readonly asked: Asked[] = [];
  link = false;
  #orders = 0;

  constructor(venue: ScriptedBinance, time: ManualTime, parts: GatewayParts) {
    this.#venue = venue;
    this.#time = time;
    const offer = (event: ControlInput): 'taken' => {
      if (event.type === 'order-link') this.link = event.state === 'up';
      return 'taken';
    };
    this.#gateway = createGateway({ ...parts, inlet: { offer } }, binanceUsdmOrders);
    for (const [what, body] of Object.entries(READ)) venue.rest.set(what, () => restIn(this.#moods.rest, body));
    const order = (name: string | undefined, more: object = {}) => result({ clientOrderId: name, executedQty: '0', ...more });
    for (const what of ['GET /fapi/v1/order', 'DELETE /fapi/v1/order'])
      venue.rest.set(what, ({ params }) => restIn(this.#moods.rest, order(params['origClientOrderId'], { status: 'CANCELED' })));
    venue.api.set('order.place', ({ params }) => this.#api(order(params['newClientOrderId'])));
    venue.api.set('order.cancel', ({ params }) => this.#api(order(params['origClientOrderId'], { status: 'CANCELED' })));
    venue.api.set('order.status', ({ params }) => this.#api(order(params['origClientOrderId'])));
    this.#gateway.start();
  }

  #api(answer: object) {
    const { api } = this.#moods;
    if (api === 'silent' || api === 'drop') return api;
    if (api === 'limited') {
      const retryAfter = this.#venue.nowMs + RETRY_AFTER_S * 1_000;
      return { status: 429, error: { ...refusal(-1003), data: { serverTime: this.#venue.nowMs, retryAfter } } };
    }
    if (api === 'fault' || api === 'maintenance') return { status: 503, error: refusal(-1007) };
    if (api === 'refused') return { status: 401, error: refusal(-2015) };
    if (api === 'late') return { status: 400, error: refusal(-1021) };
    return { result: api === 'garbage' ? 'x' : answer };
  }

  set(line: Line, mood: Mood): void {
    this.#moods[line] = mood;
    if (line === 'door') this.#venue.door = DOORS[mood];
    if (line !== 'time') return;
    this.#venue.timeFault = mood === 'well' || mood === 'spent' ? null : restIn(mood, {});
    this.#venue.timeHeaders = { 'x-mbx-used-weight-1m': mood === 'spent' ? '2400' : '1' };
  }

  async obey(step: Step): Promise<void> {
    if (step.do === 'mood') this.set(step.line, step.mood);
    else if (step.do === 'ask') this.ask(step.what);
    else if (step.do === 'push') this.#venue.push(step.frame);
    else if (step.do === 'lose') this.#lose(step.which, step.how);
    else await this.#pass(step.ms);
    await this.#pass(1);
  }

  #lose(which: 'entry' | 'stream', how: 'cut' | 'goodbye' | 'hang'): void {
    for (const { socket } of which === 'entry' ? this.#venue.apiSockets : this.#venue.streams) {
      if (how === 'cut') socket.terminate();
      else socket.close(1_001, 'gone');
      if (how === 'hang') socket.pause();
    }
  }

  ask(what: (typeof ASKS)[number]): Asked {
    this.#orders += 1;
    const reduces = what === 'reduce' ? ({ reduceOnly: true, purpose: 'unwind' } as const) : {};
    const order = orderFor(SYMBOL, { clientOrderId: `q${this.#orders}` as ClientOrderId, ...reduces });
    const gateway = this.#gateway;
    const yes = () => true;
    const [mostMs, outcome]: readonly [number, Promise<{ readonly code: string }>] =
      what === 'cancel'
        ? [ACK_MS + BACKSTOP_MS, gateway.cancel(refTo(order), yes)]
        : what === 'query'
          ? [QUERY_DEADLINE_MS, gateway.query(refTo(order))]
          : what === 'snapshot'
            ? [SNAPSHOT_DEADLINE_MS, gateway.snapshot(this.#time.unixMs() - 60_000)]
            : [ACK_MS + BACKSTOP_MS, gateway.place(order as Parameters<OrderGateway['place']>[0], yes)];
    const asked: Asked = { what, askedMs: this.#time.unixMs(), mostMs, endedMs: Number.NaN, code: '' };
    this.asked.push(asked);
    void this.#note(asked, outcome);
    return asked;
  }

  async #note(asked: Asked, outcome: Promise<{ readonly code: string }>): Promise<void> {
    const { code } = await outcome;
    asked.endedMs = this.#time.unixMs();
    asked.code = code;
  }

  /** In small steps: what is under way on the loopback gets its turns. */
  async #pass(ms: number): Promise<void> {
    const endMs = this.#time.unixMs() + ms;
    await this.#time.passUntil(() => this.#time.unixMs() >= endMs, 'time', Math.min(ms, 250));
  }

  /** Everything is well again: the link must rise and every kind of ask be answered within the bound; what the venue counted may linger. */
  async recover(): Promise<void> {
    for (const line of ['door', 'rest', 'api', 'time'] as const) this.set(line, 'well');
    const wellMs = this.#time.unixMs();
    // Goodbyes that were said before are seen at the next look.
    await this.#pass(2 * LOOK_EVERY_MS);
    await this.#time.passUntil(() => this.link, 'the link is up', 250, RISES_WITHIN_MS);
    for (;;) {
      const last = ASKS.map((what) => this.ask(what));
      await this.#time.passUntil(() => last.every(({ code }) => code !== ''), 'the asks end', 250, QUERY_DEADLINE_MS);
      const codes = last.map(({ code }) => code);
      if (codes.join(' ') === WELL || this.#time.unixMs() - wellMs > RISES_WITHIN_MS) return expect(codes.join(' ')).toBe(WELL);
      await this.#pass(1_000);
    }
  }

  async end(): Promise<void> {
    const stopped = this.#gateway.stop();
    let isOver = false;
    void stopped.finally(() => (isOver = true));
    await this.#time.passUntil(() => isOver, 'the gateway ends', 250, 60_000);
  }
}

const RUNS = { numRuns: 25 };

describe('the order side of futures', () => {
  test('ends every ask within its bound in any weather, and is up and answers soon after it', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        let parts: GatewayParts | null = null;
        const stage = await usdmStage({ make: (given) => binanceUsdmOrders((parts = given)) });
        const world = new World(stage.venue, stage.time, parts!);
        try {
          for (const step of script) await world.obey(step);
          await world.recover();
          await world.obey({ do: 'pass', ms: QUERY_DEADLINE_MS });
          for (const { what, askedMs, endedMs, mostMs } of world.asked) expect([what, endedMs - askedMs <= mostMs]).toEqual([what, true]);
        } finally {
          await world.end();
          await stage.end();
        }
      }),
      RUNS,
    );
  });
});
