/**
 * Whatever OKX does, every ask ends within its named bound, and once it is well the link is up again within a named time: the whole
 * order side in front of a scripted venue, in any interleaving of losses, silence, refusals, limits and asks.
 */
import * as fc from 'fast-check';
import { test } from 'vitest';
import type { WebSocket } from 'ws';
import type { ClientOrderId } from '../../../../src-shared/domain/ids.ts';
import { loseSockets, weathered, weatherOf } from '../shared/orders/anyWeather.testkit.ts';
import type { Line, Mood, Step, WeatherVenue } from '../shared/orders/anyWeather.testkit.ts';
import { okxStage, orderOf, refOf, SWAP } from './okxPeer.testkit.ts';
import type { Answer, OkxStage } from './okxPeer.testkit.ts';
import { okxOrders } from './orders.ts';

const TIME = '/api/v5/public/time';
const ORDER = { ordId: '7', instId: SWAP, side: 'buy', state: 'canceled', sz: '10', accFillSz: '0' };

const inMood = (mood: Mood, well: () => Answer | 'drop' | 'silent'): Answer | 'drop' | 'silent' => {
  switch (mood) {
    case 'silent':
    case 'drop':
      return mood;
    case 'fault':
      return { status: 500, code: '50026', msg: 'System error' };
    case 'maintenance':
      return { status: 503, code: '50001', msg: 'Service temporarily unavailable' };
    case 'limited':
    case 'spent':
      return { status: 429, code: '50011', msg: 'Too Many Requests' };
    case 'garbage':
      return { text: '<html>' };
    case 'refused':
      return { status: 401, code: '50113', msg: 'Invalid Sign' };
    case 'late':
      return { status: 401, code: '50102', msg: 'Timestamp request expired' };
    case 'well':
      return well();
  }
};

type Frame = Parameters<OkxStage['okx']['onOrder']>[1];

const venueOf = ({ okx, time, parts }: OkxStage): WeatherVenue => {
  const moods: Record<Line, Mood> = { door: 'well', rest: 'well', api: 'well', time: 'well' };
  okx.rules.set('/api/v5/trade/order', ({ query }) => ({ data: [{ ...ORDER, clOrdId: query.get('clOrdId') ?? '' }] }));
  okx.rules.set('/api/v5/trade/cancel-order', ({ body }) => ({
    data: [{ ordId: '7', clOrdId: body['clOrdId'] ?? '', sCode: '0', sMsg: '' }],
  }));
  for (const [path, rule] of okx.rules) okx.rules.set(path, (heard) => inMood(path === TIME ? moods.time : moods.rest, () => rule(heard)));
  const answer = (socket: WebSocket, frame: Frame, sCode: string): void => {
    const { clOrdId = '' } = (frame.args?.[0] ?? {}) as { readonly clOrdId?: string };
    const code = sCode === '0' ? '0' : '1';
    okx.say(socket, { id: frame.id, op: frame.op, code, msg: '', data: [{ ordId: '7', clOrdId, sCode, sMsg: '', ts: '' }] });
  };
  okx.onOrder = (socket, frame) => {
    const codes: Partial<Record<Mood, string>> = {
      fault: '50026',
      maintenance: '50001',
      limited: '50011',
      spent: '50061',
      refused: '51008',
      late: '50037',
    };
    if (moods.api === 'silent') return;
    if (moods.api === 'drop') return socket.terminate();
    if (moods.api === 'garbage') return okx.say(socket, '{"id":');
    answer(socket, frame, codes[moods.api] ?? '0');
  };
  okx.onLogin = (socket) => {
    if (moods.door === 'silent') return;
    if (moods.door === 'well' || moods.door === 'spent') return okx.say(socket, { event: 'login', code: '0', msg: '', connId: 'a1' });
    if (moods.door === 'refused') return okx.say(socket, { event: 'error', code: '60009', msg: 'Login failed.', connId: 'a1' });
    if (moods.door === 'late') return okx.say(socket, { event: 'error', code: '60006', msg: 'Timestamp request expired', connId: 'a1' });
    if (moods.door === 'garbage') return okx.say(socket, '{"event":');
    socket.close(4_001, 'no');
  };
  return {
    make: okxOrders,
    parts,
    time,
    set: (line, mood) => {
      moods[line] = mood;
    },
    lose: (_which, how) => loseSockets(okx.sockets, how),
    push: (frame) => {
      for (const socket of okx.sockets) if (socket.readyState === socket.OPEN) okx.say(socket, frame);
    },
    order: (nth, more) => orderOf({ clientOrderId: `q${nth}` as ClientOrderId, ...more }),
    ref: ({ clientOrderId }) => refOf({ clientOrderId }),
  };
};

const FRAMES = [
  '{"arg":',
  '{"event":"notice","code":"64008","msg":"closing"}',
  '{"arg":{"channel":"orders"},"data":[{}]}',
  '{"event":"channel-conn-count-error","channel":"orders"}',
];

/** The first reading finds the key refused, and with it no code of an instrument was read. */
const KEY_REFUSED_AT_FIRST: readonly Step[] = [
  { do: 'mood', line: 'rest', mood: 'refused' },
  { do: 'pass', ms: 40_000 },
  { do: 'lose', which: 'entry', how: 'cut' },
  { do: 'pass', ms: 400 },
];

test('OKX: every ask ends within its bound in any weather, and the link is up and answers soon after it', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(weatherOf(FRAMES), async (script) => {
      const stage = await okxStage();
      await weathered(venueOf(stage), script, () => stage.end());
    }),
    { numRuns: 15, examples: [[KEY_REFUSED_AT_FIRST]] },
  );
});
