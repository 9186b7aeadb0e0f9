/** Nobody but the exchange is shown a key: no variable of the environment makes us talk to a host whose certificate does not hold. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it, type TestContext } from 'vitest';
import { ManualTime } from '../scriptedVenue.testkit.ts';
import { AccountConnection, type ConnectionEnd } from './accountConnection.ts';
import { createPrivateRest } from './privateRest.ts';
import { Usage } from './usage.ts';

const VARIABLE = 'NODE_TLS_REJECT_UNAUTHORIZED';
const before = process.env[VARIABLE];
const endings: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  if (before === undefined) delete process.env[VARIABLE];
  else process.env[VARIABLE] = before;
  for (const end of endings.splice(0).toReversed()) await end();
});

const makeCertificate = (context: TestContext): { readonly cert: Buffer; readonly key: Buffer } => {
  const folder = mkdtempSync(path.join(tmpdir(), 'quant-arb-cert-'));
  endings.push(() => rmSync(folder, { recursive: true }));
  const [certFile, keyFile] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  try {
    execFileSync('openssl', ['req', '-x509', ...kind, '-subj', '/CN=localhost', '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' });
  } catch {
    context.skip('no openssl here to make a certificate with');
  }
  return { cert: readFileSync(certFile), key: readFileSync(keyFile) };
};

/** Somebody in the middle, and every request that reached it. */
const impostor = async (context: TestContext): Promise<{ readonly port: number; readonly reached: string[] }> => {
  const reached: string[] = [];
  const server: Server = createServer(makeCertificate(context), (request, response) => {
    reached.push(request.url ?? '');
    response.end('{}');
  });
  server.on('upgrade', (request, socket) => {
    reached.push(request.url ?? '');
    socket.destroy();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  endings.push(() => new Promise<void>((resolve) => void (server.closeAllConnections(), server.close(() => resolve()))));
  return { port: (server.address() as AddressInfo).port, reached };
};

it('neither a question nor a socket reaches a host with a certificate of its own making', async (context) => {
  const { port, reached } = await impostor(context);
  process.env[VARIABLE] = '0';
  const time = new ManualTime();
  const usage = new Usage(time, [{ name: 'w', max: 100, windowMs: 60_000 }], [{ name: 'weight', allowances: ['w'] }]);
  const rest = createPrivateRest({ baseUrl: `https://127.0.0.1:${port}`, usage, clock: time, timers: time, quietBy: 'host' });
  endings.push(() => rest.close());
  const asked = { method: 'GET', target: '/signed', headers: { 'X-MBX-APIKEY': 'k' }, body: null } as const;
  const answer = await rest.send(asked, { budget: 'weight', cost: 1, lane: 'question', deadlineMs: 5_000 });
  expect(answer).toMatchObject({ came: false, left: false, why: expect.stringContaining('certificate') });
  const end = await new Promise<ConnectionEnd>((resolve) => {
    const ignored = (): void => undefined;
    const connection = new AccountConnection({
      url: `wss://127.0.0.1:${port}/entry`,
      headers: {},
      dialect: {
        opening: [],
        connectMs: 5_000,
        heartbeat: { kind: 'server-ping', missedAfterMs: 60_000 },
        read: () => ({ kind: 'ignored' }),
      } as never,
      clock: time,
      timers: time,
      owner: {
        isUp: ignored,
        pushed: ignored,
        heard: ignored,
        unreadable: ignored,
        closingSoon: ignored,
        ended: (_c, said) => resolve(said),
      },
    });
    endings.push(() => connection.end());
  });
  expect(end.reason).toContain('certificate');
  expect(reached).toEqual([]);
});
