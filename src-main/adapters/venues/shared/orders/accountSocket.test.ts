import { WebSocket } from 'ws';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualTime, ScriptedVenue, until, type Peer } from '../scriptedVenue.testkit.ts';
import { PROBE_AFTER_MS, PROBE_WITHIN_MS } from './accountConnection.ts';
import { Budget } from '../budget.ts';
import { CLOSE_GRACE_MS } from '../venueSocket.ts';
import { createAccountSocket, LIFE_JITTER, LOOK_EVERY_MS, LOST_BACKOFF, REFUSED_BACKOFF, STABLE_MS } from './accountSocket.ts';
import type { AccountSocketOptions } from './accountSocket.ts';
import type { CallAnswer, NoAnswer, SocketDialect } from './parts.ts';
import { Usage } from './usage.ts';

const DAY_MS = 86_400_000;
const endings: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

interface Frame {
  readonly id?: string;
  readonly push?: number;
  readonly closing?: string;
  readonly revoked?: string;
  readonly ok?: boolean;
}
const read: SocketDialect['read'] = (value) => {
  const frame = value as Frame;
  if (frame.revoked !== undefined) return { kind: 'refused', code: '-2015', text: frame.revoked };
  if (frame.closing !== undefined) return { kind: 'closing-soon', text: frame.closing };
  if (frame.push !== undefined) return { kind: 'push' };
  return frame.id === undefined ? { kind: 'ignored' } : { kind: 'answer', id: frame.id };
};

const stage = async (more: Partial<SocketDialect> = {}, options: Partial<AccountSocketOptions> = {}) => {
  const venue = new ScriptedVenue();
  const port = await venue.start();
  const time = new ManualTime();
  const heard = { pushes: [] as number[], unreadable: [] as string[], details: [] as string[] };
  /** Answers of the venue to log-ins; calls are answered by each test. */
  const rules = { login: (peer: Peer) => peer.say({ id: 'login', ok: true }) };
  venue.onMessage = (peer, text) => {
    if (text.includes('"login"')) rules.login(peer);
  };
  const usage = new Usage(time, [{ name: 'o', max: 10, windowMs: 10_000 }], [{ name: 'order', allowances: ['o'] }]);
  const socket = createAccountSocket({
    name: 'order entry',
    dialect: {
      url: async () => ({ url: `ws://127.0.0.1:${port}/private?listenKey=CANARY` }),
      opening: [
        () => ({
          id: 'login',
          frame: '{"id":"login"}',
          accepts: (value) => ((value as Frame).ok === true ? null : 'log-in refused: 60009'),
        }),
      ],
      read,
      heartbeat: { kind: 'server-ping', missedAfterMs: 3 * DAY_MS },
      connectMs: 5_000,
      maxLifeMs: DAY_MS,
      connections: { max: 100, windowMs: 1_000 },
      ...more,
    },
    owner: {
      pushed: (value) => heard.pushes.push((value as Frame).push!),
      unreadable: (why) => heard.unreadable.push(why),
      changed: () => heard.details.push(`${socket.up ? 'up' : 'down'}: ${socket.detail}`),
    },
    usage,
    clock: time,
    timers: time,
    random: () => 0.5,
    ...options,
  });
  endings.push(async () => {
    const stopped = socket.stop();
    await time.passUntil(() => venue.peers.every((peer) => peer.socket.readyState === WebSocket.CLOSED), 'sockets to end');
    await stopped;
    await venue.stop();
  });
  const call = (id: string, use: Partial<Parameters<typeof socket.call>[2]> = {}): Promise<CallAnswer | NoAnswer> =>
    socket.call(id, JSON.stringify({ id }), { budget: 'order', cost: 1, lane: 'entry', deadlineMs: 2_000, ...use });
  const isUp = () => time.passUntil(() => socket.up, 'the socket is up', 50);
  const heardBy = (peer: Peer, id: string) => until(() => peer.heard.some((text) => text === JSON.stringify({ id })), `call ${id}`);
  return { venue, port, time, heard, rules, usage, socket, call, isUp, heardBy };
};

describe('an account socket', () => {
  it('is up when every opening call was answered well', async () => {
    const { socket, isUp, heard, venue } = await stage();
    expect(socket.detail).toBe('not started');
    socket.start();
    expect(socket.up).toBe(false);
    await isUp();
    expect(venue.peers).toHaveLength(1);
    expect(heard.details).toEqual(['down: connecting', 'up: connected']);
  });

  it('says why the log-in was refused, tries again later, and never prints its address', async () => {
    const { socket, isUp, rules, time, heard, venue } = await stage();
    rules.login = (peer) => peer.say({ id: 'login', ok: false });
    socket.start();
    await until(() => socket.detail === 'log-in refused: 60009', 'the refusal');
    const before = venue.peers.length;
    await time.pass(200);
    expect(venue.peers).toHaveLength(before);
    rules.login = (peer) => peer.say({ id: 'login', ok: true });
    await isUp();
    expect(JSON.stringify(heard)).not.toContain('CANARY');
  });

  it('waits where there is no address yet, and where the venue wants no sockets', async () => {
    let why: string | null = 'no listen key: HTTP 503';
    const asked = { count: 0 };
    let url = '';
    const { socket, time, venue, port, isUp, usage, call } = await stage({
      url: async () => {
        asked.count += 1;
        return why === null ? { url } : { why };
      },
    });
    url = `ws://127.0.0.1:${port}`;
    socket.start();
    await until(() => socket.detail === why, 'the sentence');
    venue.refuseUpgrade = { status: 429, headers: 'Retry-After: 30\r\n' };
    why = null;
    await time.passUntil(() => socket.detail === 'HTTP 429 instead of a web-socket', 'the refusal');
    expect(usage.take('order', 1, 'safety')).toMatchObject({ taken: false });
    venue.refuseUpgrade = null;
    const count = asked.count;
    await time.pass(29_000);
    expect(asked.count).toBe(count);
    expect(await call('a')).toMatchObject({ came: false, left: false });
    await isUp();
  });

  it('hands pushes on in order, and says of what it could not read', async () => {
    const { socket, isUp, venue, heard } = await stage();
    socket.start();
    await isUp();
    for (const push of [1, 2, 3]) venue.peers[0]!.say({ push });
    venue.peers[0]!.say('{"push":');
    venue.peers[0]!.say({ push: 4 });
    await until(() => heard.pushes.length === 4, 'pushes');
    expect(heard.pushes).toEqual([1, 2, 3, 4]);
    expect(heard.unreadable).toEqual(['order entry: a frame of 8 bytes could not be read: SyntaxError']);
  });
});

describe('a call', () => {
  it('is answered by its id, whatever comes first', async () => {
    const { socket, isUp, venue, call, heardBy } = await stage();
    socket.start();
    await isUp();
    const [a, b] = [call('a'), call('b')];
    const peer = venue.peers[0]!;
    await heardBy(peer, 'b');
    peer.say({ id: 'b', n: 2 });
    peer.say({ id: 'nobody', n: 0 });
    peer.say({ id: 'a', n: 1 });
    expect(await Promise.all([a, b])).toMatchObject([
      { came: true, value: { n: 1 } },
      { came: true, value: { n: 2 } },
    ]);
  });

  it('did not leave where the gate closed, the allowance is used up, or nothing is up', async () => {
    const { socket, isUp, venue, call, usage } = await stage();
    expect(await call('a')).toEqual({ came: false, left: false, why: 'order entry is down: not started', retryAfterMs: 0 });
    socket.start();
    await isUp();
    expect(await call('b', { mayLeave: () => false })).toMatchObject({ came: false, left: false, why: 'the gate is closed' });
    usage.heard('o', 10);
    expect(await call('c', { mayLeave: () => true })).toMatchObject({ came: false, left: false });
    expect(venue.peers[0]!.heard).toEqual(['{"id":"login"}']);
  });

  it('may have left when nothing answers in time; a late answer changes nothing', async () => {
    const { socket, isUp, venue, call, heardBy, time } = await stage();
    socket.start();
    await isUp();
    const answer = call('a');
    await heardBy(venue.peers[0]!, 'a');
    await time.pass(2_000);
    expect(await answer).toEqual({ came: false, left: true, why: 'no answer within 2 s', retryAfterMs: 0 });
    venue.peers[0]!.say({ id: 'a' });
    const next = call('b');
    await heardBy(venue.peers[0]!, 'b');
    venue.peers[0]!.say({ id: 'b' });
    expect(await next).toMatchObject({ came: true });
  });

  it('may have left when the socket dies under it', async () => {
    const { socket, isUp, venue, call, heardBy } = await stage();
    socket.start();
    await isUp();
    const answer = call('a');
    await heardBy(venue.peers[0]!, 'a');
    venue.peers[0]!.socket.terminate();
    expect(await answer).toMatchObject({ came: false, left: true, why: expect.stringContaining('lost before the answer') });
    expect(socket.up).toBe(false);
    expect(await call('b')).toMatchObject({ came: false, left: false });
  });

  it('of an id under way is not written twice', async () => {
    const { socket, isUp, venue, call, heardBy } = await stage();
    socket.start();
    await isUp();
    void call('a');
    expect(await call('a')).toMatchObject({ came: false, left: false });
    await heardBy(venue.peers[0]!, 'a');
    expect(venue.peers[0]!.heard.filter((text) => text.includes('"a"'))).toHaveLength(1);
  });
});

describe('a socket that is handed over', () => {
  it('answers on the old one what was asked there, and takes new calls on the successor', async () => {
    const { socket, isUp, venue, call, heardBy, time, heard } = await stage();
    socket.start();
    await isUp();
    const [old] = venue.peers;
    const answer = call('a');
    await heardBy(old!, 'a');
    old!.say({ closing: '64008 closes in 60 s' });
    await time.passUntil(() => socket.detail === 'connected' && venue.peers.length === 2, 'the successor');
    const next = call('b');
    await heardBy(venue.peers[1]!, 'b');
    expect(old!.socket.readyState).toBe(WebSocket.OPEN);
    old!.say({ push: 7 });
    old!.say({ id: 'a' });
    expect(await answer).toMatchObject({ came: true });
    await old!.closed;
    venue.peers[1]!.say({ id: 'b' });
    expect(await next).toMatchObject({ came: true });
    expect(heard.pushes).toEqual([7]);
    expect(heard.details.filter((detail) => detail.startsWith('down'))).toEqual(['down: connecting']);
  });

  it('is opened before the venue ends the old one after a day', async () => {
    const { socket, isUp, venue, time } = await stage();
    socket.start();
    await isUp();
    time.skip(DAY_MS * (1 - LIFE_JITTER / 2) - 10_000);
    await time.pass(5_000);
    expect(venue.peers).toHaveLength(1);
    await time.passUntil(() => venue.peers.length === 2, 'the successor', 250, 20_000);
    await venue.peers[0]!.closed;
    expect(socket.up).toBe(true);
  });

  it('keeps serving while its successor cannot be opened', async () => {
    const { socket, isUp, venue, call, heardBy, time } = await stage();
    socket.start();
    await isUp();
    venue.refuseUpgrade = { status: 503, headers: '' };
    socket.replace('a new listen key');
    await time.pass(5_000);
    const answer = call('a');
    await heardBy(venue.peers[0]!, 'a');
    venue.peers[0]!.say({ id: 'a' });
    expect(await answer).toMatchObject({ came: true });
    venue.refuseUpgrade = null;
    await time.passUntil(() => venue.peers.length === 2 && socket.detail === 'connected', 'the successor');
  });
});

describe('a socket that is lost again and again', () => {
  /** How long it was away. */
  const away = async ({ time, socket }: Awaited<ReturnType<typeof stage>>): Promise<number> => {
    const lostMs = time.unixMs();
    await time.passUntil(() => socket.up, 'back', 50, 120_000);
    return time.unixMs() - lostMs;
  };
  const MOST_MS = 4_500;

  it('waits longer from one loss to the next, never so long that a naked leg waits for it, and begins anew after a while', async () => {
    const staged = await stage();
    const { socket, venue, isUp, time } = staged;
    socket.start();
    await isUp();
    const lose = async (): Promise<number> => {
      venue.peers.at(-1)!.socket.terminate();
      await until(() => !socket.up, 'the loss');
      return away(staged);
    };
    const aways: number[] = [];
    for (let losses = 0; losses < 9; losses += 1) aways.push(await lose());
    expect(aways[0]).toBeLessThanOrEqual(LOST_BACKOFF.firstMs + 2 * LOOK_EVERY_MS);
    expect(aways[4]).toBeGreaterThan(aways[0]!);
    expect(Math.max(...aways)).toBeLessThanOrEqual(MOST_MS);
    await time.pass(STABLE_MS - 500);
    expect(await lose()).toBeGreaterThanOrEqual(LOST_BACKOFF.maxMs / 2);
    await time.pass(STABLE_MS);
    expect(await lose()).toBeLessThanOrEqual(LOST_BACKOFF.firstMs + 2 * LOOK_EVERY_MS);
  });

  it.each([503, 502, 500])('is back soon after a venue that answered %i for minutes is well', async (status) => {
    const staged = await stage();
    const { socket, venue, isUp, time } = staged;
    socket.start();
    await isUp();
    venue.refuseUpgrade = { status, headers: '' };
    venue.peers[0]!.socket.terminate();
    await time.pass(180_000);
    venue.refuseUpgrade = null;
    expect(await away(staged)).toBeLessThanOrEqual(MOST_MS);
  });

  it('knocks ever more rarely where the venue refuses us, at the door or at the log-in', async () => {
    const asked = { count: 0, url: '' };
    const { socket, venue, port, rules, time } = await stage({
      url: async () => {
        asked.count += 1;
        return { url: asked.url };
      },
    });
    asked.url = `ws://127.0.0.1:${port}`;
    rules.login = (peer) => peer.say({ id: 'login', ok: false });
    socket.start();
    await time.pass(300_000);
    const atLogIn = asked.count;
    expect(atLogIn).toBeLessThanOrEqual(5 + 300_000 / (REFUSED_BACKOFF.maxMs / 2));
    venue.refuseUpgrade = { status: 404, headers: '' };
    await time.pass(300_000);
    expect(asked.count - atLogIn).toBeLessThanOrEqual(300_000 / (REFUSED_BACKOFF.maxMs / 2));
  });

  it('draws on the allowance of connections that it shares with the other sockets of its account', async () => {
    const connections = new Budget({ max: 3, windowMs: 60_000 });
    const staged = await stage({}, { connections });
    const { socket, venue, isUp, time } = staged;
    connections.take(time.monoUs());
    connections.take(time.monoUs());
    socket.start();
    await isUp();
    venue.peers[0]!.socket.terminate();
    await until(() => !socket.up, 'the loss');
    expect(await away(staged)).toBeGreaterThan(55_000);
  });

  it('does not knock while the venue wants silence of all that comes from us', async () => {
    const staged = await stage();
    const { socket, venue, isUp, usage } = staged;
    socket.start();
    await isUp();
    usage.quietAll(20_000);
    venue.peers[0]!.socket.terminate();
    await until(() => !socket.up, 'the loss');
    const awayMs = await away(staged);
    expect(awayMs).toBeGreaterThanOrEqual(20_000);
    expect(awayMs).toBeLessThanOrEqual(20_000 + 3 * LOOK_EVERY_MS);
  });

  it('whose peer has said goodbye and never hangs up is given up at once', async () => {
    const staged = await stage();
    const { socket, venue, isUp, time } = staged;
    socket.start();
    await isUp();
    const { socket: theirs } = venue.peers[0]!;
    theirs.close(1_001, 'gone');
    theirs.pause();
    await time.passUntil(() => !socket.up, 'the end', 50, 2_000);
    expect(socket.detail).toBe('closed by the venue: 1001 gone');
    expect(await away(staged)).toBeLessThanOrEqual(MOST_MS);
    expect(venue.peers).toHaveLength(2);
    theirs.terminate();
  });
});

describe('an end', () => {
  it('waits no longer than the grace for a peer that has said goodbye and never hangs up', async () => {
    const { socket, venue, isUp, time } = await stage();
    socket.start();
    await isUp();
    const { socket: theirs } = venue.peers[0]!;
    theirs.pause();
    theirs.close(1_001, 'gone');
    // Their frame is read, and nobody has looked yet.
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    let isOver = false;
    const stopped = socket.stop().finally(() => (isOver = true));
    await time.passUntil(() => isOver, 'the end', 250, CLOSE_GRACE_MS + 1_000);
    await stopped;
    theirs.terminate();
  });
});

describe('a socket that is worthless', () => {
  it('is given up when the venue revokes the log-in, and when its owner says so', async () => {
    const { socket, isUp, venue } = await stage();
    socket.start();
    await isUp();
    venue.peers[0]!.say({ revoked: 'Invalid API-key' });
    await until(() => !socket.up, 'the end');
    expect(socket.detail).toBe('refused by the venue: -2015 Invalid API-key');
    await isUp();
    socket.reconnect('the listen key has expired');
    await until(() => !socket.up, 'the end');
    expect(socket.detail).toBe('the listen key has expired');
    await isUp();
    expect(venue.peers).toHaveLength(3);
  });

  it('is noticed by text pings', async () => {
    const { socket, isUp, venue, time } = await stage({
      heartbeat: { kind: 'text-ping', ping: 'ping', pong: 'pong', afterSilenceMs: 20_000, pongWithinMs: 5_000 },
    });
    socket.start();
    await isUp();
    const [peer] = venue.peers;
    await time.pass(20_500);
    await until(() => peer!.heard.includes('ping'), 'our ping');
    peer!.say('pong');
    await time.passUntil(() => peer!.heard.filter((text) => text === 'ping').length === 2, 'the next ping', 250, 30_000);
    expect(socket.up).toBe(true);
    await time.passUntil(() => !socket.up, 'the end', 250, 6_000);
    expect(socket.detail).toBe('no pong within 5 s of our ping');
  });

  it('is noticed by the server’s pings that stay away', async () => {
    const { socket, isUp, venue, time } = await stage({ heartbeat: { kind: 'server-ping', missedAfterMs: 60_000 } });
    socket.start();
    await isUp();
    await time.pass(50_000);
    venue.peers[0]!.socket.ping();
    await time.pass(0);
    await until(() => socket.up, 'still up');
    await time.pass(50_000);
    expect(socket.up).toBe(true);
    await time.passUntil(() => !socket.up, 'the end', 250, 20_000);
    expect(socket.detail).toBe('no ping of the server for 60 s');
  });

  it('is noticed by our own pings, once the peer has ever answered one', async () => {
    const { socket, isUp, venue, time, heard } = await stage();
    socket.start();
    await isUp();
    const pinged = new Promise((resolve) => venue.peers[0]!.socket.once('ping', resolve));
    await time.pass(PROBE_AFTER_MS + 500);
    await pinged;
    // Comes after the pong of the same peer.
    venue.peers[0]!.say({ push: 1 });
    await until(() => heard.pushes.length === 1, 'what came after the pong');
    venue.peers[0]!.socket.pause();
    await time.passUntil(() => !socket.up, 'the end', 250, PROBE_AFTER_MS + PROBE_WITHIN_MS + 5_000);
    expect(socket.detail).toBe('no sign of life for 25 s');
    venue.peers[0]!.socket.terminate();
  });
});
