import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { openRoad, type Road, type RoadFault } from './proxy.ts';

interface Heard {
  readonly path: string;
  readonly host: string;
  readonly body: string;
}
const open: { server: Server | null; road: Road | null } = { server: null, road: null };
afterEach(async () => {
  await open.road?.stop();
  open.server?.closeAllConnections();
  open.server?.close();
});

const engine = async () => {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('error', () => undefined);
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      heard.push({ path: request.url ?? '', host: request.headers.host ?? '', body });
      response.writeHead(200, { 'x-hc-sig': 'signed' }).end(`{"answer":${heard.length},"to":${body}}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.server = server;
  const target = (server.address() as AddressInfo).port;
  open.road = await openRoad({ target });
  return { heard, target, road: open.road };
};

/** Answers 'nothing' when the connection ends without a whole answer, or when `giveUp` resolves before one. */
const post = (
  road: Road,
  body: string,
  giveUp?: Promise<unknown>,
): Promise<{ status: number; text: string; signed: boolean } | 'nothing'> =>
  new Promise((resolve) => {
    const sent = httpRequest({ host: '127.0.0.1', port: road.port, path: '/mt5/poll', method: 'POST', agent: false }, (reply) => {
      let text = '';
      reply.on('data', (part: Buffer) => (text += part.toString()));
      reply.on('error', () => resolve('nothing'));
      reply.on('end', () =>
        resolve(reply.complete ? { status: reply.statusCode ?? 0, text, signed: reply.headers['x-hc-sig'] !== undefined } : 'nothing'),
      );
    });
    void giveUp?.then(() => sent.destroy());
    sent.on('error', () => resolve('nothing'));
    sent.end(body);
  });

describe('the road', () => {
  test('passes what it is given, and names the port it dials', async () => {
    const { heard, road, target } = await engine();
    expect(await post(road, '1')).toEqual({ status: 200, text: '{"answer":1,"to":1}', signed: true });
    expect(heard).toEqual([{ path: '/mt5/poll', host: `127.0.0.1:${target}`, body: '1' }]);
    expect(road.exchanges).toMatchObject([{ path: 'poll', fault: null, request: '1', status: 200, delivered: true }]);
  });

  const client: readonly [RoadFault, number, unknown][] = [
    ['lose-request', 0, 'nothing'],
    ['cut-request', 0, 'nothing'],
    ['lose-reply', 1, 'nothing'],
    ['cut-reply', 1, 'nothing'],
    ['gateway-error', 0, { status: 502, text: '<h1>502</h1>', signed: false }],
    ['delay-request', 1, { status: 200, text: '{"answer":1,"to":7}', signed: true }],
    ['delay-reply', 1, { status: 200, text: '{"answer":1,"to":7}', signed: true }],
    ['unsigned-reply', 1, { status: 200, text: '{"answer":1,"to":7}', signed: false }],
    ['garble-reply', 1, { status: 200, text: expect.stringMatching(/^\{"answer":[28]?1?,"to":[78]\}$/), signed: true }],
    ['double', 1, { status: 200, text: '{"answer":1,"to":7}', signed: true }],
  ];
  test.each(client)('%s: the engine hears %i, the client gets …', async (fault, times, gets) => {
    const { heard, road } = await engine();
    const met = road.next(fault, () => true, 30);
    const reply = await post(road, '7');
    await met;
    expect(reply).toEqual(gets);
    if (fault === 'garble-reply') expect((reply as { text: string }).text).not.toBe('{"answer":1,"to":7}');
    expect(heard).toHaveLength(times);
    expect(road.counts[fault]).toBe(1);
    if (fault !== 'double') return;
    await expect.poll(() => heard.length).toBe(2);
    expect(heard[1]).toEqual(heard[0]);
  });

  test('hang: heard, and never answered', async () => {
    const { heard, road } = await engine();
    void road.next('hang');
    const wasHeard = expect.poll(() => heard.length).toBe(1);
    expect(
      await post(
        road,
        '7',
        Promise.resolve(wasHeard).then(() => sleep(100)),
      ),
    ).toBe('nothing');
    expect(heard).toHaveLength(1);
  });

  test('overtaken: what was given up arrives behind what came later', async () => {
    const { heard, road } = await engine();
    // Long enough for the second on any machine.
    void road.next('overtaken', () => true, 1_500);
    expect(await post(road, '1')).toBe('nothing');
    await post(road, '2');
    await expect.poll(() => heard.map(({ body }) => body)).toEqual(['2', '1']);
  });

  test('old-reply: the answer of before', async () => {
    const { road } = await engine();
    await post(road, '1');
    void road.next('old-reply');
    expect(await post(road, '2')).toMatchObject({ text: '{"answer":1,"to":1}' });
  });

  test('an answer can be met by what it says', async () => {
    const { road } = await engine();
    const met = road.nextReply('lose-reply', (_path, reply) => reply.includes('"to":3'));
    expect(await post(road, '2')).toMatchObject({ status: 200 });
    expect(await post(road, '3')).toBe('nothing');
    expect(await met).toMatchObject({ request: '3', delivered: false });
  });

  test('closed it refuses, and opens on the same port', async () => {
    const { road } = await engine();
    const { port } = road;
    await road.close();
    expect(await post(road, '1')).toBe('nothing');
    await road.open();
    expect(road.port).toBe(port);
    expect(await post(road, '1')).toMatchObject({ status: 200 });
  });

  test('the same seed is the same weather', async () => {
    const { target } = await engine();
    const weather = async () => {
      const road = await openRoad({ target, seed: 9, rates: { 'lose-request': 0.3, 'lose-reply': 0.2 } });
      for (let i = 0; i < 40; i += 1) await post(road, String(i));
      const faults = road.exchanges.map(({ fault }) => fault);
      await road.stop();
      return faults;
    };
    const first = await weather();
    expect(await weather()).toEqual(first);
    expect(new Set(first).size).toBe(3);
  });
});
