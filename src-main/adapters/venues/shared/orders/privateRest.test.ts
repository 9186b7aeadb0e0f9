import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createNetServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualTime, until } from '../scriptedVenue.testkit.ts';
import { MAX_BODY_BYTES } from '../venueHttp.ts';
import type { NoAnswer, RestAnswer, RestRequest } from './parts.ts';
import { createPrivateRest, laneOf, type PrivateRestOptions } from './privateRest.ts';
import { Usage } from './usage.ts';

const GET: RestRequest = { method: 'GET', target: '/api/v1/x?a=1&signature=s', headers: { 'X-MBX-APIKEY': 'k' }, body: null };
const POST: RestRequest = { method: 'POST', target: '/api/v1/x', headers: { 'content-type': 'application/json' }, body: '{"b":1}' };

const endings: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

const listening = (server: Server | NetServer): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

const usageOf = (time: ManualTime) =>
  new Usage(
    time,
    [
      { name: 'w', max: 100, windowMs: 60_000 },
      { name: 'o', max: 10, windowMs: 10_000 },
    ],
    [
      { name: 'weight', allowances: ['w'] },
      { name: 'other', allowances: ['o'] },
    ],
  );

const restAt = (port: number, more: Partial<PrivateRestOptions> = {}) => {
  const time = new ManualTime();
  const usage = usageOf(time);
  const rest = createPrivateRest({ baseUrl: `http://127.0.0.1:${port}`, usage, clock: time, timers: time, quietBy: 'host', ...more });
  endings.push(() => rest.close());
  const send = (request: RestRequest, use: Partial<Parameters<typeof rest.send>[1]> = {}): Promise<RestAnswer | NoAnswer> =>
    rest.send(request, { budget: 'weight', cost: 1, lane: 'question', deadlineMs: 5_000, ...use });
  return { time, usage, rest, send };
};

const stage = async (
  answer: (request: IncomingMessage, body: string, response: ServerResponse) => void,
  more: Partial<PrivateRestOptions> = {},
) => {
  const heard: { method: string; url: string; body: string; headers: IncomingMessage['headers']; socket: Socket }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      heard.push({ method: request.method ?? '', url: request.url ?? '', body, headers: request.headers, socket: request.socket });
      answer(request, body, response);
    });
  });
  const port = await listening(server);
  endings.push(() => new Promise<void>((resolve) => void (server.closeAllConnections(), server.close(() => resolve()))));
  return { heard, port, ...restAt(port, more) };
};

const json =
  (status: number, text: string, headers: Record<string, string> = {}) =>
  (_: unknown, __: unknown, response: ServerResponse) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(text);
  };

describe('a request that is answered', () => {
  it('leaves as it was signed, and comes back exact', async () => {
    const { heard, send } = await stage(json(200, '{"orderId":8389766145050669870}', { 'X-MBX-USED-WEIGHT-1M': '7' }));
    const answer = await send(POST);
    expect(heard[0]).toMatchObject({ method: 'POST', url: '/api/v1/x', body: '{"b":1}' });
    expect(heard[0]!.headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '7' });
    expect(answer).toMatchObject({ came: true, status: 200, value: { orderId: 8389766145050669870n } });
    expect(answer.came && answer.headers['x-mbx-used-weight-1m']).toBe('7');
  });

  it('is an answer whatever its status, and keeps a text that is no JSON', async () => {
    const { send } = await stage(json(503, 'Service Unavailable.'));
    expect(await send(GET)).toMatchObject({ came: true, status: 503, text: 'Service Unavailable.', value: undefined });
  });

  it('is not followed elsewhere', async () => {
    const { heard, send } = await stage(json(302, '', { location: '/other' }));
    expect(await send(GET)).toMatchObject({ came: true, status: 302 });
    expect(heard).toHaveLength(1);
  });

  it('keeps its connection for the next', async () => {
    const { heard, send } = await stage(json(200, '{}'));
    await send(GET);
    await send(GET);
    expect(heard[0]!.socket).toBe(heard[1]!.socket);
  });

  it('is told to whoever counts', async () => {
    const told: string[] = [];
    const { send } = await stage(json(200, '{}'), { heard: ({ status }, budget) => void told.push(`${status} ${budget}`) });
    await send(GET);
    expect(told).toEqual(['200 weight']);
  });
});

describe('what did not leave', () => {
  it('is said of a gate that closed in the moment before the write', async () => {
    const { heard, send } = await stage(json(200, '{}'));
    let asked = 0;
    const answer = await send(POST, { mayLeave: () => (asked++, false) });
    expect(answer).toEqual({ came: false, left: false, why: 'POST /api/v1/x: the gate is closed', retryAfterMs: 0 });
    expect(asked).toBe(1);
    await send(GET);
    expect(heard.map(({ method }) => method)).toEqual(['GET']);
  });

  it('is said of a host that refuses the connection, and of a connection that never stands', async () => {
    const closed = createNetServer();
    const port = await listening(closed);
    await new Promise((resolve) => closed.close(resolve));
    const { send } = restAt(port);
    expect(await send(POST, { mayLeave: () => true })).toMatchObject({ came: false, left: false });
    const { rest } = restAt(port);
    const late = rest.send(POST, { budget: 'weight', cost: 1, lane: 'safety', deadlineMs: 1_000 });
    rest.close();
    expect(await late).toMatchObject({ came: false, left: false, why: 'POST /api/v1/x: stopped' });
  });

  it('is said of an allowance that is used up, with the wait', async () => {
    const { heard, send, usage } = await stage(json(200, '{}'));
    usage.heard('w', 100);
    const answer = await send(GET, { lane: 'safety' });
    expect(answer).toMatchObject({ came: false, left: false });
    expect(!answer.came && answer.retryAfterMs).toBeGreaterThan(0);
    expect(heard).toHaveLength(0);
  });
});

describe('what may have left', () => {
  it('is said when the host takes the request and drops the connection', async () => {
    const server = createNetServer((socket) => socket.once('data', () => socket.destroy()));
    const port = await listening(server);
    endings.push(() => new Promise((resolve) => server.close(resolve)));
    expect(await restAt(port).send(POST)).toMatchObject({ came: false, left: true });
  });

  it('is said when the answer is cut off in its middle', async () => {
    const server = createNetServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half":')),
    );
    const port = await listening(server);
    endings.push(() => new Promise((resolve) => server.close(resolve)));
    expect(await restAt(port).send(POST)).toMatchObject({ came: false, left: true });
  });

  it('is said at the deadline', async () => {
    const { heard, send, time } = await stage(() => undefined);
    const answer = send(POST, { deadlineMs: 2_000 });
    await until(() => heard[0], 'the request');
    await time.pass(1_999);
    let done = false;
    void answer.then(() => (done = true));
    await time.pass(0);
    expect(done).toBe(false);
    await time.pass(1);
    expect(await answer).toEqual({ came: false, left: true, why: 'POST /api/v1/x: no answer within 2 s', retryAfterMs: 0 });
  });

  it('is said of an answer beyond every size', async () => {
    const { send } = await stage((_request, _body, response) => {
      response.writeHead(200);
      response.write(Buffer.alloc(MAX_BODY_BYTES, 0x20));
      response.end('{}');
    });
    expect(await send(GET)).toMatchObject({ came: false, left: true, why: expect.stringContaining('bytes') });
  });

  it('is said when we stop meanwhile', async () => {
    const { heard, send, rest } = await stage(() => undefined);
    const answer = send(POST);
    await until(() => heard[0], 'the request');
    rest.close();
    expect(await answer).toMatchObject({ came: false, left: true });
    expect(await send(POST)).toMatchObject({ came: false, left: false });
  });
});

describe('a venue that asks for silence', () => {
  it.each([
    [429, { 'retry-after': '7' }, 7_000],
    [429, { 'retry-after': '0' }, 1_000],
    [429, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, 60_000],
    [429, {}, 60_000],
    [418, {}, 120_000],
    [403, {}, 60_000],
  ])('by %i %o is left alone for %i ms, on every budget', async (status, headers, quietMs) => {
    const { heard, send, time } = await stage(json(status, '{"code":-1003}', headers));
    expect(await send(GET)).toMatchObject({ came: true, status });
    expect(await send(GET, { budget: 'other', lane: 'safety' })).toMatchObject({ came: false, left: false, retryAfterMs: quietMs });
    expect(heard).toHaveLength(1);
    time.skip(quietMs);
    expect(await send(GET, { budget: 'other' })).toMatchObject({ came: true });
  });

  it('may silence one budget alone, for as long as that venue means', async () => {
    const { send, time } = await stage(json(429, '{"code":"50011"}'), { quietBy: 'budget', quietMs: 2_000 });
    await send(GET);
    expect(await send(GET)).toMatchObject({ came: false, retryAfterMs: 2_000 });
    expect(await send(GET, { budget: 'other' })).toMatchObject({ came: true });
    time.skip(2_000);
    expect(await send(GET)).toMatchObject({ came: true });
  });
});

it('lets a cancel pass questions that are stuck', async () => {
  const { heard, send } = await stage((request, _body, response) => {
    if (request.method === 'DELETE') json(200, '{}')(request, '', response);
  });
  for (let question = 0; question < 10; question += 1) void send(GET);
  await until(() => heard[2], 'the questions that fit');
  expect(await send({ ...GET, method: 'DELETE' }, { lane: 'safety' })).toMatchObject({ came: true });
});

it('gives the reserve to what makes us safer', () => {
  expect((['open', 'complete', 'close', 'unwind'] as const).map(laneOf)).toEqual(['entry', 'safety', 'safety', 'safety']);
});
