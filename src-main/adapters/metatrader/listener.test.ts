import { createHmac } from 'node:crypto';
import { createConnection } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEAD_AFTER_MS, DEGRADED_AFTER_MS, MAX_IGNORED_SYMBOLS } from './link.ts';
import { MAX_HELLOS_PER_MINUTE, MAX_WRONG_TOKENS_PER_SECOND } from './listener.ts';
import { connectEa, goldSymbol, goldTick, helloBody, KEY, startListener, TOKEN, type RunningListener } from './metatrader.testkit.ts';
import { MAX_BODY_BYTES, MAX_TICKS } from './wire.ts';

let listener: RunningListener;
beforeEach(async () => {
  listener = await startListener();
});
afterEach(async () => {
  await listener.stop();
});

describe('who may speak', () => {
  const bare = { symbol: 'XAUUSD', bid: 4000.1, ask: 4000.3, time_msc: 1_790_000_000_000 };

  it.each([
    ['no token', { authorization: undefined }, 401, 'token', 'Authorization'],
    ['a wrong token', { authorization: 'Bearer nope' }, 401, 'token', 'Authorization'],
    ['the token without its scheme', { authorization: TOKEN }, 401, 'token', 'Authorization'],
    ['a token with one character more', { authorization: `Bearer ${TOKEN}T` }, 401, 'token', 'Authorization'],
    ['a web page', { origin: 'http://127.0.0.1' }, 403, 'origin', 'Origin'],
    ['a sandboxed web page', { origin: 'null' }, 403, 'origin', 'Origin'],
    ['a rebound name', { host: 'evil.example' }, 403, 'host', 'Host'],
    ['localhost by name', { host: 'localhost' }, 403, 'host', 'Host'],
    ['a proxy', { 'x-forwarded-for': '10.0.0.1' }, 403, 'forwarded', 'x-forwarded-for'],
    ['another content type', { 'content-type': 'text/plain' }, 415, 'content-type', 'Content-Type'],
  ])('refuses %s', async (_name, headers, status, code, field) => {
    const reply = await listener.post('/mt5/tick', bare, { headers });
    expect([reply.status, reply.json.error?.code, reply.json.error?.field]).toEqual([status, code, field]);
    expect(reply.text).not.toContain(TOKEN);
    expect(listener.quotes).toEqual([]);
  });

  it('does not count a stranger against the EA, and tires of strangers', async () => {
    const statuses: number[] = [];
    for (let i = 0; i <= 2 * MAX_WRONG_TOKENS_PER_SECOND; i += 1)
      statuses.push((await listener.post('/mt5/tick', bare, { headers: { authorization: 'Bearer x' } })).status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(2 * MAX_WRONG_TOKENS_PER_SECOND);
    expect(statuses.at(-1)).toBe(429);
    expect((await listener.post('/mt5/tick', bare)).status).toBe(200);
  });

  it('limits requests at the edge and recovers with time', async () => {
    await listener.stop();
    listener = await startListener([{}], { maxRequestsPerSecond: 2 });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1) statuses.push((await listener.post('/mt5/tick', bare)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 429]);
    listener.advanceMs(500);
    expect((await listener.post('/mt5/tick', bare)).status).toBe(200);
    expect((await listener.post('/mt5/tick', bare)).headers['retry-after']).toBe('1');
  });

  it('answers keep-alive requests on one connection, one write each, uncompressed and unredirected', async () => {
    const body = JSON.stringify(bare);
    const text = `POST /mt5/tick HTTP/1.1\r\nHost: 127.0.0.1:${listener.port}\r\nAuthorization: Bearer ${TOKEN}\r\nAccept-Encoding: gzip, deflate\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const socket = createConnection(listener.port, '127.0.0.1');
    const chunks: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      const answered = new Promise<Buffer>((resolve) => void socket.once('data', resolve));
      socket.write(text);
      chunks.push((await answered).toString());
    }
    socket.destroy();
    for (const chunk of chunks) {
      expect(chunk).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(chunk).toMatch(/\r\n\r\n\{"v":1,.*\}$/);
      expect(chunk.toLowerCase()).not.toMatch(/content-encoding|transfer-encoding|location:|connection: close/);
      expect(chunk.toLowerCase()).toContain('cache-control: no-store');
    }
  });
});

describe('bodies', () => {
  it.each([
    ['a trailing zero byte', Buffer.from('{"symbol":"X"}\0'), 400, 'nul-byte', null],
    ['an ANSI body', Buffer.from([0x7b, 0x22, 0xe9, 0x22, 0x7d]), 400, 'not-utf8', null],
    ['half a body', '{"symbol":', 400, 'not-json', null],
    ['an array', '[]', 400, 'not-an-object', null],
    ['nothing', '', 400, 'no-body', null],
    ['null', 'null', 400, 'not-an-object', null],
    ['too much', `{"symbol":"${'x'.repeat(MAX_BODY_BYTES)}"}`, 413, 'body-too-large', null],
    ['no version', '{"session":"s"}', 400, 'bad-field', 'v'],
    ['another version', '{"session":"s","v":2}', 412, 'version', 'v'],
  ])('refuses %s', async (_name, raw, status, code, field) => {
    const reply = await listener.post('/mt5/tick', null, { raw });
    expect([reply.status, reply.json.error?.code, reply.json.error?.field]).toEqual([status, code, field]);
  });

  it('takes a body of exactly the greatest size', async () => {
    const start = '{"symbol":"XAUUSD","bid":4000.1,"ask":4000.3,"time_msc":1790000000000,"pad":"';
    const raw = `${start}${'x'.repeat(MAX_BODY_BYTES - start.length - 2)}"}`;
    expect(Buffer.byteLength(raw)).toBe(MAX_BODY_BYTES);
    expect((await listener.post('/mt5/tick', null, { raw })).status).toBe(200);
  });

  it.each([
    [{ bid: 'abc' }, 'ticks[0].bid'],
    [{ bid: '1e5' }, 'ticks[0].bid'],
    [{ bid: 0 }, 'ticks[0].bid'],
    [{ bid: '-1' }, 'ticks[0].bid'],
    [{ bid: '4000.123456789012345' }, 'ticks[0].bid'],
    [{ ask: undefined }, 'ticks[0].ask'],
    [{ ask: true }, 'ticks[0].ask'],
    [{ symbol: '' }, 'ticks[0].symbol'],
    [{ symbol: 'X\u0001' }, 'ticks[0].symbol'],
    [{ symbol: 'x'.repeat(33) }, 'ticks[0].symbol'],
    [{ time_msc: '1790000000' }, 'ticks[0].time_msc'],
    [{ time_msc: 'yesterday' }, 'ticks[0].time_msc'],
    [{ time_msc: '99999999999999999' }, 'ticks[0].time_msc'],
    [{ age_ms: '-5' }, 'ticks[0].age_ms'],
  ])('names the field of a bad tick: %j', async (own, field) => {
    const ea = await connectEa(listener);
    const reply = await ea.tick([goldTick(listener, own)]);
    expect([reply.status, reply.json.error?.field]).toEqual([400, field]);
    expect(listener.quotes).toEqual([]);
    // The refused request was not applied, hence its number is still free.
    expect((await listener.post('/mt5/tick', { ...ea.envelope({ ticks: [goldTick(listener)] }), seq: '1' })).status).toBe(200);
  });

  it.each([
    [{ seq: 'x' }, 'seq'],
    [{ seq: '0' }, 'seq'],
    [{ seq: undefined }, 'seq'],
    [{ epoch: '1' }, 'epoch'],
    [{ session: 7 }, 'session'],
    [{ gates: '' }, 'gates'],
    [{ ticks: {} }, 'ticks'],
    [{ ticks: [null] }, 'ticks[0]'],
  ])('names the field of a bad envelope: %j', async (own, field) => {
    const ea = await connectEa(listener);
    const reply = await ea.tick([], own);
    expect([reply.status, reply.json.error?.field]).toEqual([400, field]);
  });

  it('takes the greatest number of ticks and not one more', async () => {
    const ea = await connectEa(listener);
    const ticks = (count: number) =>
      Array.from({ length: count }, (_, i) => goldTick(listener, { bid: (4_000 + i / 100).toFixed(2), ask: '4100' }));
    expect((await ea.tick(ticks(MAX_TICKS))).status).toBe(200);
    expect(listener.quotes).toHaveLength(MAX_TICKS);
    expect((await ea.tick(ticks(MAX_TICKS + 1))).json.error?.field).toBe('ticks');
  });

  it.each([
    [{ login: undefined }, 'login'],
    [{ login: '' }, 'login'],
    [{ margin_mode: 3 }, 'margin_mode'],
    [{ server_utc_offset_s: '10800' }, 'server_utc_offset_s'],
    [{ symbols: [{ ...goldSymbol, contract_size: 0 }] }, 'symbols[0].contract_size'],
    [{ symbols: [{ ...goldSymbol, trade_mode: 'sometimes' }] }, 'symbols[0].trade_mode'],
    [{ symbols: 'XAUUSD' }, 'symbols'],
    [{ company: 'a\nb' }, 'company'],
  ])('names the field of a bad hello: %j', async (own, field) => {
    const reply = await listener.post('/mt5/hello', helloBody(own));
    expect([reply.status, reply.json.error?.field]).toEqual([400, field]);
    expect(listener.epochs.last('mt5' as never)).toBe(0);
  });
});

describe('sessions', () => {
  it('answers hello with session, epoch, the wanted symbols, and a signature over all of it', async () => {
    const { reply } = await connectEa(listener);
    expect(reply.json).toEqual({
      v: 1,
      epoch: 1,
      ack_seq: '0',
      now_utc_ms: String(listener.time.unixMs),
      poll_ms: 20,
      mode: 'normal',
      want_snapshot: false,
      more: false,
      command: null,
      session: 'session-1',
      wanted: ['XAUUSD', 'BTCUSD'],
      deals_since_msc: '0',
    });
    expect(reply.headers['x-hc-sig']).toBe(createHmac('sha256', KEY).update(`session-1|0|${reply.text}`).digest('hex'));
  });

  it('signs every later answer over session, sequence and body', async () => {
    const ea = await connectEa(listener);
    const reply = await ea.poll();
    expect(reply.headers['x-hc-sig']).toBe(createHmac('sha256', KEY).update(`${ea.session}|1|${reply.text}`).digest('hex'));
    expect(reply.json['ack_seq']).toBe('1');
  });

  it('fences an older EA off for good, and leaves the newer one alone', async () => {
    const first = await connectEa(listener);
    const second = await connectEa(listener, { boot_id: 'boot-2' });
    expect(second.epoch).toBe(2);
    const refused = await first.tick([goldTick(listener)]);
    expect([refused.status, refused.json.error?.code]).toEqual([409, 'superseded']);
    expect(listener.quotes).toEqual([]);
    expect((await second.tick([goldTick(listener)])).status).toBe(200);
    expect(listener.quotes).toHaveLength(1);
  });

  it('after a restart of the engine lets the last EA say hello again, and still fences the one before', async () => {
    const first = await connectEa(listener);
    const second = await connectEa(listener);
    const { epochs } = listener;
    const restarted = await startListener();
    epochs.next = restarted.epochs.next.bind(restarted.epochs);
    restarted.epochs.next('mt5' as never);
    restarted.epochs.next('mt5' as never);
    const again = await restarted.post('/mt5/poll', second.envelope({ connected: true }));
    const fenced = await restarted.post('/mt5/poll', first.envelope({ connected: true }));
    expect([again.status, again.json.error?.code]).toEqual([409, 'unknown-session']);
    expect([fenced.status, fenced.json.error?.code]).toEqual([409, 'superseded']);
    expect((await connectEa(restarted)).epoch).toBe(3);
    await restarted.stop();
  });

  it('applies a repeated request once and gives the very same answer', async () => {
    const ea = await connectEa(listener);
    const request = ea.envelope({ ticks: [goldTick(listener)] });
    const first = await listener.post('/mt5/tick', request);
    listener.advanceMs(100);
    const repeat = await listener.post('/mt5/tick', { ...request, ticks: [goldTick(listener, { bid: '1', ask: '2' })] });
    expect(repeat.text).toBe(first.text);
    expect(repeat.headers['x-hc-sig']).toBe(first.headers['x-hc-sig']);
    expect(listener.quotes).toHaveLength(1);
  });

  it('acknowledges a number older than the last without applying it, and counts numbers that never came', async () => {
    const ea = await connectEa(listener);
    await ea.tick([goldTick(listener)], { seq: '5' });
    const stale = await ea.tick([goldTick(listener, { bid: '1', ask: '2' })], { seq: '3' });
    expect([stale.status, stale.json['ack_seq']]).toEqual([200, '3']);
    expect(listener.quotes).toHaveLength(1);
    expect(listener.metatrader.figures()['mt5']).toMatchObject({ missedRequests: 4, repeatedRequests: 1 });
  });

  it('refuses a hello it could not make durable, and keeps the session it had', async () => {
    const ea = await connectEa(listener);
    listener.epochs.fail = true;
    expect((await listener.post('/mt5/hello', helloBody())).status).toBe(503);
    expect((await ea.poll()).status).toBe(200);
  });

  it('bounds how often EAs may fight over the venue', async () => {
    const statuses: number[] = [];
    for (let i = 0; i <= MAX_HELLOS_PER_MINUTE; i += 1) statuses.push((await listener.post('/mt5/hello', helloBody())).status);
    expect(statuses.slice(0, -1).every((status) => status === 200)).toBe(true);
    expect(statuses.at(-1)).toBe(429);
  });

  it('refuses another account with both figures', async () => {
    await listener.stop();
    listener = await startListener([{ login: '777', server: 'Real' }]);
    const reply = await listener.post('/mt5/hello', helloBody());
    expect([reply.status, reply.json.error?.code]).toEqual([412, 'account']);
    expect(reply.json.error?.message).toBe('this is account 123456 at Broker-Demo; configured is 777 at Real');
  });

  it('gives each account its own venue, and neither the other one', async () => {
    await listener.stop();
    listener = await startListener([{ login: '1' }, { login: '2' }]);
    const one = await connectEa(listener, { login: '1' });
    const two = await connectEa(listener, { login: 2 });
    await one.tick([goldTick(listener)]);
    await two.tick([goldTick(listener)]);
    expect(listener.quotes.map((quote) => quote.instrument)).toEqual([0, 2]);
  });
});

describe('what becomes of it', () => {
  it('quotes without sizes, with the broker time as it came, received when the terminal knew it', async () => {
    const ea = await connectEa(listener);
    await ea.tick([goldTick(listener, { age_ms: '250' }), goldTick(listener, { symbol: 'BTCUSD', bid: 100_000.5, ask: 100_001 })]);
    expect(listener.quotes).toEqual([
      {
        instrument: 0,
        bidPx: 4000.1,
        bidQty: NaN,
        askPx: 4000.35,
        askQty: NaN,
        venueMs: listener.time.unixMs + 10_800_000,
        receivedMonoUs: 750_000,
      },
      {
        instrument: 1,
        bidPx: 100_000.5,
        bidQty: NaN,
        askPx: 100_001,
        askQty: NaN,
        venueMs: listener.time.unixMs + 10_800_000,
        receivedMonoUs: 1_000_000,
      },
    ]);
  });

  it('does not make a quote young again when the terminal merely reads it again', async () => {
    const ea = await connectEa(listener);
    const tick = goldTick(listener);
    await ea.tick([tick]);
    listener.advanceMs(900);
    await ea.tick([{ ...tick, age_ms: '900' }, goldTick(listener, { time_msc: Number(tick.time_msc) - 5, bid: '3999' })]);
    expect(listener.quotes).toHaveLength(1);
  });

  it('goes on when the server clock goes back an hour', async () => {
    const ea = await connectEa(listener);
    await ea.tick([goldTick(listener)]);
    await ea.tick([goldTick(listener, { time_msc: String(listener.time.unixMs + 2 * 3_600_000) })]);
    expect(listener.quotes).toHaveLength(2);
  });

  it('reports the account, and its symbols with what the configuration got wrong', async () => {
    await connectEa(listener, { symbols: [{ ...goldSymbol, contract_size: '10.0', tick_size: 0 }] });
    expect(listener.eventsOf('metatrader').at(-1)?.report).toMatchObject({
      sessionId: 'session-1',
      epoch: 1,
      quoteOnly: false,
      gates: 'ok',
      login: '123456',
      marginMode: 'hedging',
      declaredUtcOffsetS: 10_800,
    });
    expect(listener.eventsOf('instrument')).toEqual([
      {
        type: 'instrument',
        instrument: expect.objectContaining({
          id: 'XAUUSD@mt5',
          baseQtyPerUnit: '10',
          tickSize: '0.01',
          qtyStep: '0.01',
          tradable: true,
          venueState: 'full',
        }),
        mismatches: [{ field: 'baseQtyPerUnit', configured: '100', reported: '10' }],
      },
    ]);
    expect(listener.eventsOf('instrument-missing')).toEqual([
      { type: 'instrument-missing', instrumentId: 'BTCUSD@mt5', why: expect.stringContaining('"BTCUSD"') },
    ]);
  });

  it('takes a netting account for quotes only and says so', async () => {
    const ea = await connectEa(listener, { margin_mode: 0 });
    expect((await ea.tick([goldTick(listener)])).status).toBe(200);
    expect(listener.eventsOf('venue-link').at(-1)?.report).toEqual({
      state: 'live',
      detail: '123456 at Broker-Demo, netting account: quotes only',
    });
    expect(listener.eventsOf('metatrader').at(-1)?.report.marginMode).toBe('netting');
  });

  it('passes the first failing gate on at once, from ticks and from polls', async () => {
    const ea = await connectEa(listener);
    await ea.tick([], { gates: 'TERMINAL_TRADE_ALLOWED' });
    await ea.poll({ gates: 'ok' });
    expect(listener.eventsOf('metatrader').map((event) => event.report.gates)).toEqual(['ok', 'TERMINAL_TRADE_ALLOWED', 'ok']);
  });

  it('tells every EA the mode of the engine', async () => {
    const ea = await connectEa(listener);
    listener.metatrader.announceMode('halt');
    expect((await ea.poll()).json['mode']).toBe('halt');
  });

  it('answers ticks of unconfigured symbols with 200, counts them, and notes each symbol once', async () => {
    const ea = await connectEa(listener);
    const ticks = Array.from({ length: MAX_IGNORED_SYMBOLS + 5 }, (_, i) => goldTick(listener, { symbol: `S${i}` }));
    expect((await ea.tick(ticks)).status).toBe(200);
    expect((await ea.tick(ticks)).status).toBe(200);
    expect(listener.quotes).toEqual([]);
    expect(listener.notes).toHaveLength(MAX_IGNORED_SYMBOLS);
    expect(listener.metatrader.figures()['mt5']?.ignoredTicks).toBe(2 * ticks.length);
  });

  it('shows malformed requests on the venue, cut, without their content', async () => {
    const ea = await connectEa(listener);
    await ea.tick([goldTick(listener, { bid: 'SECRET-LOOKING' })]);
    listener.advanceMs(2_000);
    await ea.poll();
    const counters = listener.eventsOf('venue-counters').at(-1)?.counters;
    expect(counters?.malformedFrames).toBe(1);
    expect(counters?.lastMalformed).toBe('400 bad-field ticks[0].bid: a finite number, or a plain decimal in quotes');
  });
});

describe('heartbeat', () => {
  const states = () => listener.eventsOf('venue-link').map((event) => event.report.state);
  const look = () => listener.metatrader.watch();

  it('is idle, live, degraded at 1.5 s, dead at 5 s, and live again with the next word', async () => {
    listener.metatrader.start();
    const ea = await connectEa(listener);
    listener.advanceMs(DEGRADED_AFTER_MS);
    look();
    expect(states()).toEqual(['idle', 'live']);
    listener.advanceMs(1);
    look();
    expect(states()).toEqual(['idle', 'live', 'stale']);
    listener.advanceMs(DEAD_AFTER_MS - DEGRADED_AFTER_MS - 1);
    look();
    expect(states()).toEqual(['idle', 'live', 'stale']);
    listener.advanceMs(1);
    look();
    look();
    expect(states()).toEqual(['idle', 'live', 'stale', 'down']);
    await ea.poll();
    expect(states()).toEqual(['idle', 'live', 'stale', 'down', 'live']);
  });

  it('is stale while the terminal has lost its broker, though the EA goes on polling', async () => {
    const ea = await connectEa(listener);
    await ea.poll({ connected: false });
    look();
    expect(listener.eventsOf('venue-link').at(-1)?.report).toEqual({ state: 'stale', detail: 'the terminal has lost its broker' });
    await ea.poll();
    expect(states().at(-1)).toBe('live');
  });

  it('says again what a full inlet did not take', async () => {
    listener.time.inletFull = true;
    const ea = await connectEa(listener);
    expect(states()).toEqual([]);
    listener.time.inletFull = false;
    await ea.poll();
    expect(states()).toEqual(['live']);
    expect(listener.eventsOf('metatrader')).toHaveLength(1);
    expect(listener.eventsOf('instrument')).toHaveLength(2);
  });
});

describe('bare ticks of an old EA', () => {
  const bare = (own: Record<string, unknown> = {}) => ({
    symbol: 'XAUUSD',
    bid: 4000.1,
    ask: 4000.35,
    time_msc: listener.time.unixMs,
    ...own,
  });

  it('are quotes, and shown as quote-only', async () => {
    const reply = await listener.post('/mt5/tick', bare());
    expect([reply.status, reply.json['ack_seq'], reply.json['command']]).toEqual([200, '0', null]);
    expect(listener.quotes).toHaveLength(1);
    expect(listener.eventsOf('metatrader').at(-1)?.report).toMatchObject({ quoteOnly: true, sessionId: null });
    expect(listener.eventsOf('venue-link').at(-1)?.report.detail).toBe('quotes only: an EA without a session');
  });

  it.each([
    [{ bid: '4000.1' }, 'bid'],
    [{ bid: 0 }, 'bid'],
    [{ ask: undefined }, 'ask'],
    [{ ask: null }, 'ask'],
    [{ time_msc: '1790000000000' }, 'time_msc'],
    [{ time_msc: 1_790_000_000 }, 'time_msc'],
    [{ time_msc: 1.5e12 + 0.5 }, 'time_msc'],
    [{ symbol: 5 }, 'symbol'],
  ])('are strict: %j', async (own, field) => {
    const reply = await listener.post('/mt5/tick', bare(own));
    expect([reply.status, reply.json.error?.field]).toEqual([400, field]);
    expect(listener.quotes).toEqual([]);
  });

  it('are refused beside a live session, and taken over when it has gone silent', async () => {
    await connectEa(listener);
    expect((await listener.post('/mt5/tick', bare())).json.error?.code).toBe('session-active');
    listener.advanceMs(DEAD_AFTER_MS + 1);
    expect((await listener.post('/mt5/tick', bare())).status).toBe(200);
    await connectEa(listener);
    expect(listener.eventsOf('metatrader').at(-1)?.report.quoteOnly).toBe(false);
  });

  it('are refused where the configuration does not want them, and still need the token', async () => {
    expect((await listener.post('/mt5/tick', bare(), { headers: { authorization: undefined } })).status).toBe(401);
    await listener.stop();
    listener = await startListener([{ acceptBareTicks: false }]);
    expect((await listener.post('/mt5/tick', bare())).json.error?.code).toBe('bare-tick');
  });
});

describe('server clock', () => {
  it('is measured from ticks and reported, whatever the EA declares', async () => {
    const ea = await connectEa(listener, { server_utc_offset_s: -18_000 });
    await ea.tick([goldTick(listener, { time_msc: String(listener.time.unixMs + 3 * 3_600_000 - 40) })]);
    listener.advanceMs(1_000);
    await ea.tick([goldTick(listener, { time_msc: String(listener.time.unixMs + 3 * 3_600_000 - 15) })]);
    listener.advanceMs(1_000);
    await ea.poll({ ping_us: 2_500 });
    expect(listener.eventsOf('venue-clock').at(-1)?.report).toEqual({ offsetMs: 10_799_985, uncertaintyMs: 25, roundTripMs: 2.5 });
    expect(listener.eventsOf('metatrader').at(-1)?.report.declaredUtcOffsetS).toBe(-18_000);
  });

  it('alarms a step that is no daylight saving', async () => {
    const ea = await connectEa(listener);
    const tickAt = (aheadMs: number) => {
      listener.advanceMs(1_000);
      return ea.tick([goldTick(listener, { time_msc: String(listener.time.unixMs + aheadMs) })]);
    };
    await tickAt(10_800_000);
    for (let i = 0; i < 8; i += 1) await tickAt(10_800_000 + 600_000);
    expect(listener.eventsOf('limit-crossed').map((event) => event.limit)).toEqual(['mt5-server-clock-step']);
    for (let i = 0; i < 8; i += 1) await tickAt(10_800_000 + 600_000 + 3_600_000);
    expect(listener.eventsOf('limit-crossed')).toHaveLength(1);
    expect(listener.notes.some((note) => note.includes('daylight saving'))).toBe(true);
  });
});
