import { createHmac } from 'node:crypto';
import { createConnection } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_HELLOS_PER_MINUTE, MAX_NOTES_AT_ONCE, MAX_WRONG_TOKENS_PER_SECOND } from './listener.ts';
import {
  connectEa,
  goldSymbol,
  goldTick,
  helloBody,
  KEY,
  pollBody,
  startListener,
  TOKEN,
  type RunningListener,
} from './metatrader.testkit.ts';
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
    [{ bid: Math.PI }, 'ticks[0].bid'],
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

it('takes prices padded with zeros, as DoubleToString prints them', async () => {
  const ea = await connectEa(listener);
  expect((await ea.tick([goldTick(listener, { bid: '4000.1000000000000000', ask: '000004000.35' })])).status).toBe(200);
  expect(listener.quotes[0]).toMatchObject({ bidPx: 4000.1, askPx: 4000.35 });
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
      snapshot_request: 0,
      more: false,
      command: null,
      session: 'session-1',
      wanted: ['XAUUSD', 'BTCUSD'],
      deals_since_msc: '0',
      trading: false,
      why: 'this engine trades the venue on paper: quotes only',
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

  it('refuses a late copy of a hello after another EA has taken over: that one goes on', async () => {
    await connectEa(listener, { mono_ms: '700' });
    const second = await connectEa(listener, { boot_id: 'boot-2', mono_ms: '5' });
    const copy = await listener.post('/mt5/hello', helloBody({ mono_ms: '700' }));
    expect([copy.status, copy.json.error?.code, copy.json.error?.field]).toEqual([400, 'out-of-order', 'mono_ms']);
    expect((await second.poll()).status).toBe(200);
    expect((await connectEa(listener, { mono_ms: '701' })).epoch).toBe(3);
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

  it('of several venues: a session from before a restart is not fenced off by another venue that has its epoch', async () => {
    const venues = [{ login: '1' }, { login: '2' }];
    const before = await startListener(venues);
    await connectEa(before, { login: '1', boot_id: 'b-1' });
    before.epochs.next('mt5-1' as never);
    const other = await connectEa(before, { login: '2', boot_id: 'b-2' });
    expect(other.epoch).toBe(2);
    await before.stop();
    const after = await startListener(venues, { epochs: before.epochs });
    const first = await connectEa(after, { login: '1', boot_id: 'b-1' });
    expect(first.epoch).toBe(2);
    expect((await after.post('/mt5/poll', other.envelope(pollBody()))).json.error?.code).toBe('unknown-session');
    await connectEa(after, { login: '2', boot_id: 'b-2' });
    const newer = await connectEa(after, { login: '1', boot_id: 'b-3' });
    expect(newer.epoch).toBe(3);
    expect((await after.post('/mt5/poll', first.envelope(pollBody()))).json.error?.code).toBe('superseded');
    await after.stop();
  });

  it('applies a repeated request once and answers it anew, with the time and the mode of now', async () => {
    const ea = await connectEa(listener);
    const request = ea.envelope({ ticks: [goldTick(listener)] });
    await listener.post('/mt5/tick', request);
    listener.advanceMs(100);
    listener.metatrader.announceMode('halt');
    const repeat = await listener.post('/mt5/tick', { ...request, ticks: [goldTick(listener, { bid: '1', ask: '2' })] });
    expect(repeat.json).toMatchObject({ ack_seq: '1', mode: 'halt', now_utc_ms: String(listener.time.unixMs), command: null });
    expect(repeat.headers['x-hc-sig']).toBe(createHmac('sha256', KEY).update(`${ea.session}|1|${repeat.text}`).digest('hex'));
    expect(listener.quotes).toHaveLength(1);
  });

  it('acknowledges a late copy without applying it', async () => {
    const ea = await connectEa(listener);
    const request = ea.envelope({ ticks: [goldTick(listener)] });
    await listener.post('/mt5/tick', request);
    await ea.poll();
    const late = await listener.post('/mt5/tick', { ...request, ticks: [goldTick(listener, { bid: '1', ask: '2' })] });
    expect([late.status, late.json['ack_seq']]).toEqual([200, '1']);
    expect(listener.quotes).toHaveLength(1);
    expect(listener.metatrader.figures()['mt5']?.repeatedRequests).toBe(1);
  });

  it('counts numbers that never came, and refuses them once a later one has been taken: they must not be lost as copies', async () => {
    const ea = await connectEa(listener);
    await ea.tick([goldTick(listener)], { seq: '5' });
    const early = await ea.tick([goldTick(listener, { bid: '1', ask: '2' })], { seq: '3' });
    expect([early.status, early.json.error?.code, early.json.error?.field]).toEqual([400, 'out-of-order', 'seq']);
    expect(listener.quotes).toHaveLength(1);
    expect(listener.metatrader.figures()['mt5']?.missedRequests).toBe(4);
  });

  it('refuses a number that was used for another kind of message', async () => {
    const ea = await connectEa(listener);
    await ea.tick([goldTick(listener)], { seq: '1' });
    const other = await ea.poll({ seq: '1' });
    expect([other.status, other.json.error?.code, other.json.error?.field]).toEqual([400, 'seq-reused', 'seq']);
  });

  it('refuses a hello it could not make durable, and keeps the session it had', async () => {
    const ea = await connectEa(listener);
    listener.epochs.fail = true;
    for (let i = 0; i < 2 * MAX_NOTES_AT_ONCE; i += 1) expect((await listener.post('/mt5/hello', helloBody())).status).toBe(503);
    expect(listener.notes).toHaveLength(MAX_NOTES_AT_ONCE);
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
