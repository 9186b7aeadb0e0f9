import { afterEach, describe, expect, it } from 'vitest';
import type { VenueId } from '../../../../src-shared/domain/ids.ts';
import { binanceSpot } from '../binance-spot/feed.ts';
import { LinkReporter } from './linkReporter.ts';
import { HANDOVER_OVERLAP_MS, StreamLink } from './streamLink.ts';
import {
  acknowledgeBinance,
  acknowledgeOkx,
  binanceTick,
  ManualTime,
  okxTick,
  RecordingInlets,
  ScriptedVenue,
  stage,
  until,
} from './scriptedVenue.testkit.ts';
import type { Peer, Stage } from './scriptedVenue.testkit.ts';

const HOUR_MS = 3_600_000;
const open: Stage[] = [];
const staged = async (...args: Parameters<typeof stage>): Promise<Stage> => {
  const one = await stage(...args);
  open.push(one);
  return one;
};
afterEach(async () => {
  for (const one of open.splice(0)) await one.end();
});

/** A futures feed that is live with one quote (id 1) on its first connection. */
const liveFutures = async (symbols = ['XAUUSDT']): Promise<Stage & { first: Peer }> => {
  const s = await staged('binance-usdm', symbols);
  s.venue.onMessage = acknowledgeBinance;
  s.feed.start();
  const first = await s.peer(0);
  await until(() => first.heard.length > 0, 'the subscription');
  for (const symbol of symbols) first.say(binanceTick(symbol, 1));
  await until(() => s.inlets.link.startsWith('live'), 'live');
  return { ...s, first };
};

describe('getting live', () => {
  it('connects to the public path, subscribes in lower case, and is live only after data', async () => {
    const s = await staged('binance-usdm', ['XAUUSDT', 'PAXGUSDT']);
    s.venue.onMessage = acknowledgeBinance;
    s.feed.start();
    const peer = await s.peer(0);
    expect(peer.path).toBe('/public/ws');
    await until(() => s.inlets.link.includes('acknowledged'), 'acknowledged');
    expect(JSON.parse(peer.heard[0]!)).toEqual({ method: 'SUBSCRIBE', params: ['xauusdt@bookTicker', 'paxgusdt@bookTicker'], id: 1 });
    expect(s.inlets.links.some((text) => text.startsWith('live'))).toBe(false);
    peer.say(binanceTick('PAXGUSDT', '9223372036854775807'));
    await until(() => s.inlets.link.startsWith('live'), 'live');
    expect(s.inlets.quotes).toEqual([
      {
        instrument: 11,
        bidPx: 4000.01,
        bidQty: 31.21,
        askPx: 4000.11,
        askQty: 40.66,
        venueMs: 1_795_354_000_000,
        updateId: 9_223_372_036_854_775_807n,
      },
    ]);
  });

  it('uses the spot and the OKX path', async () => {
    const spot = await staged('binance-spot', ['BTCUSDT']);
    spot.feed.start();
    expect((await spot.peer(0)).path).toBe('/ws');
    const okx = await staged('okx', ['XAU-USDT-SWAP']);
    okx.venue.onMessage = acknowledgeOkx;
    okx.feed.start();
    const peer = await okx.peer(0);
    expect(peer.path).toBe('/ws/v5/public');
    await until(() => peer.heard.length > 0, 'the subscription');
    expect(JSON.parse(peer.heard[0]!)).toEqual({ id: '1', op: 'subscribe', args: [{ channel: 'bbo-tbt', instId: 'XAU-USDT-SWAP' }] });
    peer.say(okxTick('XAU-USDT-SWAP', 7));
    await until(() => okx.inlets.link.startsWith('live'), 'live');
    expect(okx.inlets.quotes[0]).toMatchObject({ instrument: 10, bidQty: 40_660, updateId: 7, venueMs: 1_795_354_000_000 });
  });

  it('leaves a path that acknowledges and stays silent, says which, and tries again', async () => {
    const s = await staged('binance-usdm', ['XAUUSDT']);
    s.venue.onMessage = acknowledgeBinance;
    s.feed.start();
    await s.peer(0);
    await until(() => s.inlets.link.includes('acknowledged'), 'acknowledged');
    await s.time.pass(9_000);
    expect(s.inlets.link).toContain('waiting for the first quote');
    await s.time.passUntil(() => s.inlets.link.startsWith('backing-off'), 'giving up');
    expect(s.inlets.link).toContain('acknowledged, then silent for 10 s');
    expect(s.inlets.link).toContain('/public/ws');
    await s.time.passUntil(() => s.venue.peers.length > 1, 'another attempt');
    expect(s.inlets.links.some((text) => text.startsWith('live'))).toBe(false);
  });

  it('leaves a venue that never acknowledges', async () => {
    const s = await staged('binance-spot', ['BTCUSDT']);
    s.feed.start();
    const peer = await s.peer(0);
    await until(() => peer.heard.length > 0, 'the subscription');
    await s.time.passUntil(() => s.inlets.link.includes('BTCUSDT not acknowledged within 5 s'), 'giving up');
  });

  it("shows the venue's own code when a subscription is refused", async () => {
    const s = await staged('binance-spot', ['BTCUSDT']);
    s.venue.onMessage = (peer) => peer.say({ error: { code: 2, msg: 'Invalid request: too many parameters' }, id: 1 });
    s.feed.start();
    await until(() => s.inlets.link.startsWith('backing-off'), 'giving up');
    expect(s.inlets.link).toContain('BTCUSDT refused by the venue: 2 Invalid request');
  });

  it('lives with the instruments that OKX takes and names the one it refuses', async () => {
    const s = await staged('okx', ['XAU-USDT-SWAP', 'NO-SUCH']);
    s.venue.onMessage = (peer, text) => {
      if (text === 'ping') return peer.say('pong');
      const { id, args } = JSON.parse(text) as { id: string; args: unknown[] };
      peer.say({ id, event: 'error', code: '60018', msg: "Wrong URL or channel:bbo-tbt,instId:NO-SUCH doesn't exist.", connId: 'c' });
      peer.say({ id, event: 'subscribe', arg: args[0], connId: 'c' });
      peer.say(okxTick('XAU-USDT-SWAP', 1));
    };
    s.feed.start();
    await until(() => s.inlets.link.startsWith('live'), 'live');
    expect(s.inlets.link).toContain('NO-SUCH refused by the venue: 60018');
    // The refused one is not waited for.
    await s.time.pass(70_000);
    expect(s.inlets.link.startsWith('live')).toBe(true);
  });

  it('takes the unanswered one for the refused one when OKX names nobody', async () => {
    const s = await staged('okx', ['XAU-USDT-SWAP', 'NO-SUCH']);
    s.venue.onMessage = (peer, text) => {
      if (text === 'ping') return peer.say('pong');
      const { id, args } = JSON.parse(text) as { id: string; args: unknown[] };
      peer.say({ id, event: 'error', code: '60012', msg: 'Illegal request', connId: 'c' });
      peer.say({ id, event: 'subscribe', arg: args[0], connId: 'c' });
      peer.say(okxTick('XAU-USDT-SWAP', 1));
    };
    s.feed.start();
    await until(() => s.inlets.quotes.length > 0, 'a quote');
    await s.time.passUntil(() => s.inlets.link.startsWith('live'), 'live');
    expect(s.inlets.link).toContain('60012');
  });

  it('stays away as long as a refused upgrade says', async () => {
    const s = await staged('binance-spot', ['BTCUSDT']);
    s.venue.refuseUpgrade = { status: 429, headers: 'Retry-After: 90\r\n' };
    s.feed.start();
    await until(() => s.inlets.link.startsWith('backing-off'), 'giving up');
    expect(s.inlets.link).toContain('HTTP 429');
    s.venue.refuseUpgrade = null;
    await s.time.pass(89_000);
    expect(s.venue.peers).toHaveLength(0);
    await s.time.passUntil(() => s.venue.peers.length > 0, 'another attempt');
  });
});

describe('while live', () => {
  it('counts garbage and unknown messages, shows the newest, and goes on', async () => {
    const s = await liveFutures();
    s.first.say('{"u":1,');
    s.first.say({ surprising: true });
    s.first.say({ e: 'forceOrder', o: {} });
    s.first.say(`{"e":"bookTicker","u":5,"s":"XAUUSDT","b":"x","pad":"${'y'.repeat(500)}"}`);
    s.first.say(binanceTick('XAUUSDT', 2));
    await until(() => s.inlets.quotes.length === 2, 'the next quote');
    await s.time.pass(1_000);
    const counters = s.inlets.of('venue-counters').at(-1)!.counters;
    expect(counters).toMatchObject({ malformedFrames: 3, reconnects: 0, fallbackDecodes: 0 });
    expect(counters.lastMalformed).toHaveLength(200);
    expect(counters.lastMalformed).toContain('bookTicker');
    expect(s.inlets.link.startsWith('live')).toBe(true);
  });

  it('drops repeats and late updates, and believes a venue that renumbered', async () => {
    const s = await liveFutures();
    for (const id of [5, 5, 4, 6]) s.first.say(binanceTick('XAUUSDT', id));
    await until(() => s.inlets.quotes.length === 3, 'the quotes');
    expect(s.inlets.ids).toEqual([1, 5, 6]);
    s.first.say(binanceTick('XAUUSDT', 2));
    await s.time.pass(1_000);
    await s.time.passUntil(() => s.inlets.of('venue-counters').at(-1)?.counters.outOfOrderFrames === 2, 'counting');
    await s.time.pass(6_000);
    s.first.say(binanceTick('XAUUSDT', 3));
    await until(() => s.inlets.ids.at(-1) === 3, 'the new numbering');
  });

  it('reports a silent instrument although its neighbour speaks, and moves to a new socket', async () => {
    const s = await liveFutures(['XAUUSDT', 'PAXGUSDT']);
    for (let id = 2; id < 6; id++) {
      await s.time.pass(8_000);
      s.first.say(binanceTick('XAUUSDT', id));
      await until(() => s.inlets.ids.includes(id), `quote ${id}`);
    }
    await s.time.pass(500);
    expect(s.inlets.link).toMatch(/^stale: PAXGUSDT: no quote for 30 s/);
    const second = await s.peer(1);
    second.say(binanceTick('XAUUSDT', 6));
    second.say(binanceTick('PAXGUSDT', 9));
    await until(() => s.inlets.link.startsWith('live'), 'live again');
    expect(await s.first.closed).toBe(1_000);
  });

  it('misses the pings of the server', async () => {
    const s = await staged('binance-spot', ['BTCUSDT']);
    s.venue.onMessage = acknowledgeBinance;
    s.feed.start();
    const first = await s.peer(0);
    await until(() => first.heard.length > 0, 'the subscription');
    let id = 0;
    const speak = async () => {
      first.say(binanceTick('BTCUSDT', ++id));
      await until(() => s.inlets.ids.includes(id), 'a quote');
    };
    await speak();
    for (let k = 0; k < 4; k++) {
      await s.time.pass(12_000);
      await speak();
      expect(s.venue.peers).toHaveLength(1);
    }
    const answered = new Promise((resolve) => first.socket.once('pong', resolve));
    first.socket.ping('17');
    expect(String(await answered)).toBe('17');
    for (let k = 0; k < 4; k++) {
      await s.time.pass(12_000);
      await speak();
      expect(s.venue.peers).toHaveLength(1);
    }
    await s.time.pass(3_000);
    await s.peer(1);
    expect(s.inlets.link).toContain('no ping of the server for 50 s');
  });

  it('pings OKX after a silence and leaves when no pong comes', async () => {
    const s = await staged('okx', ['XAU-USDT-SWAP']);
    s.venue.onMessage = acknowledgeOkx;
    s.feed.start();
    const first = await s.peer(0);
    await until(() => first.heard.length > 0, 'the subscription');
    first.say(okxTick('XAU-USDT-SWAP', 1));
    await until(() => s.inlets.link.startsWith('live'), 'live');
    await s.time.passUntil(() => first.heard.includes('ping'), 'our ping', 1_000);
    await s.time.pass(10_000);
    expect(s.inlets.link.startsWith('live')).toBe(true);
    s.venue.onMessage = (peer, text) => (text === 'ping' ? undefined : acknowledgeOkx(peer, text));
    await s.time.passUntil(() => s.inlets.link.startsWith('backing-off'), 'giving up', 1_000);
    expect(s.inlets.link).toContain('no pong within 5 s');
    expect(s.inlets.of('venue-counters').at(-1)!.counters.malformedFrames).toBe(0);
  });

  it('reconnects after a close, subscribes again, and begins the numbering anew', async () => {
    const s = await staged('okx', ['XAU-USDT-SWAP']);
    s.venue.onMessage = acknowledgeOkx;
    s.feed.start();
    const first = await s.peer(0);
    await until(() => first.heard.length > 0, 'the subscription');
    first.say(okxTick('XAU-USDT-SWAP', 900));
    await until(() => s.inlets.link.startsWith('live'), 'live');
    first.socket.close(4004);
    await until(() => s.inlets.link.startsWith('backing-off'), 'backing off');
    expect(s.inlets.link).toContain('closed by the venue: 4004 no traffic for 30 s');
    const second = await s.time.passUntil(() => s.venue.peers[1], 'another attempt');
    await until(() => second.heard.length > 0, 'the subscription');
    second.say(okxTick('XAU-USDT-SWAP', 3));
    await until(() => s.inlets.link.startsWith('live'), 'live again');
    expect(s.inlets.ids).toEqual([900, 3]);
    await s.time.pass(1_000);
    expect(s.inlets.of('venue-counters').at(-1)!.counters.reconnects).toBe(1);
  });
});

describe('hand-over', () => {
  const neverAway = (s: Stage) =>
    expect(s.inlets.links.slice(s.inlets.links.findIndex((text) => text.startsWith('live')))).toSatisfy((links: string[]) =>
      links.every((text) => text.startsWith('live')),
    );

  it('opens the new socket before the 24 hours end and shows no gap and no repeat', async () => {
    const s = await liveFutures();
    let id = 1;
    const speak = async (peer: Peer) => {
      const answered = new Promise((resolve) => peer.socket.once('pong', resolve));
      peer.socket.ping();
      await answered;
      peer.say(binanceTick('XAUUSDT', ++id));
      await until(() => s.inlets.ids.includes(id), `quote ${id}`);
    };
    s.time.skip(23.5 * HOUR_MS);
    await speak(s.first);
    await s.time.pass(1_000);
    expect(s.venue.peers).toHaveLength(1);
    s.time.skip(0.4 * HOUR_MS);
    await speak(s.first);
    await s.time.pass(250);
    expect(s.inlets.link).toContain('handing over to a new connection because of its age');
    const second = await s.peer(1);
    await until(() => second.heard.length > 0, 'the subscription');
    // The new socket repeats what the old one said, and runs behind for a while.
    await speak(s.first);
    second.say(binanceTick('XAUUSDT', id - 1));
    second.say(binanceTick('XAUUSDT', id));
    expect(await s.first.closed).toBe(1_000);
    await speak(second);
    expect(s.inlets.ids).toEqual(Array.from({ length: id }, (_, k) => k + 1));
    neverAway(s);
    await s.time.pass(1_000);
    expect(s.inlets.of('venue-counters').at(-1)!.counters).toMatchObject({ reconnects: 0, outOfOrderFrames: 0 });
  });

  it.each([
    ['binance-spot', { e: 'serverShutdown', E: 1 }, 'serverShutdown'],
    ['okx', { event: 'notice', code: '64008', msg: 'The connection will soon be closed for a service upgrade.', connId: 'c' }, '64008'],
  ] as const)('obeys the notice of %s at once', async (protocol, notice, word) => {
    const symbol = protocol === 'okx' ? 'XAU-USDT-SWAP' : 'BTCUSDT';
    const tick = (id: number) => (protocol === 'okx' ? okxTick(symbol, id) : binanceTick(symbol, id));
    const s = await staged(protocol, [symbol]);
    s.venue.onMessage = protocol === 'okx' ? acknowledgeOkx : acknowledgeBinance;
    s.feed.start();
    const first = await s.peer(0);
    await until(() => first.heard.length > 0, 'the subscription');
    first.say(tick(1));
    await until(() => s.inlets.link.startsWith('live'), 'live');
    first.say(notice);
    const second = await s.peer(1);
    await s.time.pass(250);
    expect(s.inlets.link).toContain(word);
    first.say(tick(2));
    await until(() => s.inlets.ids.includes(2), 'the old socket still speaking');
    second.say(tick(3));
    await first.closed;
    expect(s.inlets.ids).toEqual([1, 2, 3]);
    expect(s.inlets.link).toContain(`took over because of the venue announcing the end of this connection (${word}`);
    neverAway(s);
  });

  it('keeps the old socket when the new one stays silent, and tries again later', async () => {
    const s = await staged('binance-spot', ['BTCUSDT']);
    s.venue.onMessage = acknowledgeBinance;
    s.feed.start();
    const first = await s.peer(0);
    await until(() => first.heard.length > 0, 'the subscription');
    first.say(binanceTick('BTCUSDT', 1));
    await until(() => s.inlets.link.startsWith('live'), 'live');
    first.say({ e: 'serverShutdown' });
    const second = await s.peer(1);
    await until(() => second.heard.length > 0, 'the subscription');
    await s.time.pass(11_000);
    await second.closed;
    await until(() => s.inlets.link.includes('acknowledged, then silent'), 'the reason shown');
    first.say(binanceTick('BTCUSDT', 2));
    await until(() => s.inlets.ids.includes(2), 'the old socket still speaking');
    await s.time.passUntil(() => s.venue.peers.length > 2, 'another attempt');
    neverAway(s);
  });

  it('takes over after the overlap although a quiet instrument has not spoken on the new socket', async () => {
    const s = await liveFutures(['XAUUSDT', 'PAXGUSDT']);
    s.first.say({ e: 'serverShutdown' });
    const second = await s.peer(1);
    await until(() => second.heard.length > 0, 'the subscription');
    second.say(binanceTick('XAUUSDT', 2));
    await until(() => s.inlets.ids.includes(2), 'the new socket speaking');
    await s.time.pass(HANDOVER_OVERLAP_MS - 1_000);
    s.first.say(binanceTick('PAXGUSDT', 3));
    await until(() => s.inlets.ids.includes(3), 'the old socket still speaking');
    await s.time.pass(2_000);
    await s.first.closed;
  });

  it('goes on with the successor when the old socket dies first', async () => {
    const s = await liveFutures();
    s.first.say({ e: 'serverShutdown' });
    const second = await s.peer(1);
    await until(() => second.heard.length > 0, 'the subscription');
    s.first.socket.close(1001);
    await until(() => s.inlets.link.startsWith('connecting'), 'connecting');
    second.say(binanceTick('XAUUSDT', 2));
    await until(() => s.inlets.link.startsWith('live'), 'live again');
    expect(s.venue.peers).toHaveLength(2);
  });
});

describe('limits and ends', () => {
  it('opens no connection beyond its allowance, says so, and goes on when it may', async () => {
    const venue = new ScriptedVenue();
    const port = await venue.start();
    venue.onMessage = (peer) => peer.socket.terminate();
    const time = new ManualTime();
    const inlets = new RecordingInlets();
    const link = new StreamLink({
      streamUrl: `ws://127.0.0.1:${port}`,
      protocol: { ...binanceSpot.stream, connections: { max: 3, windowMs: 60_000 } },
      symbols: ['BTCUSDT'],
      indexes: [0],
      inlet: inlets,
      reporter: new LinkReporter('x' as VenueId, inlets),
      clock: time,
      timers: time,
      random: () => 0.5,
      onVenueTime: () => undefined,
      onConnected: () => undefined,
      recordFrame: () => undefined,
    });
    const startUs = time.monoUs();
    link.start();
    await time.passUntil(() => inlets.link.includes('our own limit of new connections is reached'), 'the limit');
    expect(venue.peers).toHaveLength(3);
    await time.passUntil(() => venue.peers.length > 3, 'the next allowance');
    expect(time.monoUs() - startUs).toBeGreaterThanOrEqual(60_000_000);
    await link.stop();
    await venue.stop();
  });

  it('sends no more calls a second than its share of the budget', async () => {
    const s = await staged(
      'binance-spot',
      Array.from({ length: 1_000 }, (_, k) => `S${k}USDT`),
    );
    s.feed.start();
    const peer = await s.peer(0);
    await until(() => peer.heard.length >= 4, 'the first calls');
    await s.time.pass(750);
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(peer.heard).toHaveLength(4);
    await s.time.pass(500);
    await until(() => peer.heard.length === 5, 'the last call');
  });

  it('keeps a report that the full engine refused, and only the newest', async () => {
    const s = await staged('binance-spot', ['BTCUSDT']);
    s.venue.onMessage = acknowledgeBinance;
    s.inlets.isFull = true;
    s.feed.start();
    const peer = await s.peer(0);
    await until(() => peer.heard.length > 0, 'the subscription');
    peer.say(binanceTick('BTCUSDT', 1));
    await until(() => s.inlets.quotes.length > 0, 'a quote');
    s.inlets.isFull = false;
    await s.time.pass(250);
    expect(s.inlets.links).toEqual(['live: live on path /ws; ' + s.inlets.link.split('; ').slice(1).join('; ')]);
  });

  it('stops clean: no socket, no timer, state down', async () => {
    const s = await liveFutures();
    await s.feed.stop();
    await s.first.closed;
    expect(s.inlets.link).toBe('down: stopped');
    expect(s.time.pending).toBe(0);
    await s.feed.stop();
  });

  it('cuts a venue off that does not answer the goodbye', async () => {
    const s = await liveFutures();
    s.first.socket.pause();
    const stopped = s.feed.stop();
    await s.time.passUntil(() => s.time.pending === 0, 'the cut');
    await stopped;
  });

  it('refuses settings that cannot work, by name', async () => {
    await expect(stage('binance-spot', [])).rejects.toThrow('no instruments');
    await expect(stage('binance-spot', ['A', 'A'])).rejects.toThrow('twice');
    await expect(
      stage(
        'binance-spot',
        Array.from({ length: 1_025 }, (_, k) => `S${k}`),
      ),
    ).rejects.toThrow('1024');
  });
});
