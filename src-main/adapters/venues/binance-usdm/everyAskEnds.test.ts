/**
 * Whatever a venue does, every ask ends within its named bound, and once the venue is well the link is up again within a named time:
 * the whole order side of futures in front of a scripted venue, in any interleaving of losses, silence, refusals, limits and asks.
 */
import * as fc from 'fast-check';
import { test } from 'vitest';
import type { ClientOrderId } from '../../../../src-shared/domain/ids.ts';
import { orderFor, refTo } from '../shared/binanceOrders.testkit.ts';
import type { RestReply, ScriptedBinance } from '../shared/binanceOrders.testkit.ts';
import { loseSockets, RETRY_AFTER_S, weathered, weatherOf } from '../shared/orders/anyWeather.testkit.ts';
import type { Line, Mood, WeatherVenue } from '../shared/orders/anyWeather.testkit.ts';
import type { GatewayParts } from '../shared/orders/parts.ts';
import type { ManualTime } from '../shared/scriptedVenue.testkit.ts';
import { binanceUsdmOrders } from './orders.ts';
import { ACCOUNT_AS_CONFIGURED, result, SYMBOL, usdmStage } from './usdmStage.testkit.ts';

const READ: Readonly<Record<string, unknown>> = {
  ...ACCOUNT_AS_CONFIGURED,
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

const venueOf = (venue: ScriptedBinance, time: ManualTime, parts: GatewayParts): WeatherVenue => {
  const moods: Record<Line, Mood> = { door: 'well', rest: 'well', api: 'well', time: 'well' };
  const order = (name: string | undefined, more: object = {}) => result({ clientOrderId: name, executedQty: '0', ...more });
  const api = (answer: object) => {
    switch (moods.api) {
      case 'silent':
      case 'drop':
        return moods.api;
      case 'limited': {
        const retryAfter = venue.nowMs + RETRY_AFTER_S * 1_000;
        return { status: 429, error: { ...refusal(-1003), data: { serverTime: venue.nowMs, retryAfter } } };
      }
      case 'fault':
      case 'maintenance':
        return { status: 503, error: refusal(-1007) };
      case 'refused':
        return { status: 401, error: refusal(-2015) };
      case 'late':
        return { status: 400, error: refusal(-1021) };
      case 'garbage':
        return { result: 'x' };
      case 'spent':
      case 'well':
        return { result: answer };
    }
  };
  for (const [what, body] of Object.entries(READ)) venue.rest.set(what, () => restIn(moods.rest, body));
  for (const what of ['GET /fapi/v1/order', 'DELETE /fapi/v1/order'])
    venue.rest.set(what, ({ params }) => restIn(moods.rest, order(params['origClientOrderId'], { status: 'CANCELED' })));
  venue.api.set('order.place', ({ params }) => api(order(params['newClientOrderId'])));
  venue.api.set('order.cancel', ({ params }) => api(order(params['origClientOrderId'], { status: 'CANCELED' })));
  venue.api.set('order.status', ({ params }) => api(order(params['origClientOrderId'])));
  return {
    make: binanceUsdmOrders,
    parts,
    time,
    set: (line, mood) => {
      moods[line] = mood;
      if (line === 'door') venue.door = DOORS[mood];
      if (line !== 'time') return;
      venue.timeFault = mood === 'well' || mood === 'spent' ? null : restIn(mood, {});
      venue.timeHeaders = { 'x-mbx-used-weight-1m': mood === 'spent' ? '2400' : '1' };
    },
    lose: (which, how) =>
      loseSockets(
        (which === 'entry' ? venue.apiSockets : venue.streams).map(({ socket }) => socket),
        how,
      ),
    push: (frame) => venue.push(frame),
    order: (nth, more) => orderFor(SYMBOL, { clientOrderId: `q${nth}` as ClientOrderId, ...more }),
    ref: refTo,
  };
};

const FRAMES = ['{"e":', '{"e":"listenKeyExpired"}', '{"e":"ORDER_TRADE_UPDATE"}'];

test('futures: every ask ends within its bound in any weather, and the link is up and answers soon after it', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(weatherOf(FRAMES), async (script) => {
      let parts: GatewayParts | null = null;
      const stage = await usdmStage({ make: (given) => binanceUsdmOrders((parts = given)) });
      await weathered(venueOf(stage.venue, stage.time, parts!), script, () => stage.end());
    }),
    { numRuns: 15 },
  );
});
