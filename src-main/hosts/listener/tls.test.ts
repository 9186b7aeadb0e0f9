/** A listener that other machines may reach: over TLS, by its own name, with a strong password. */
import { execFileSync } from 'node:child_process';
import { request } from 'node:https';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openSecrets } from '../../adapters/secrets/secrets.ts';
import { systemClock } from '../../runtime/clock.ts';
import { basicOf, startTestApp, temporaryDirectory, testConfig, type TestApp } from '../app.testkit.ts';
import { createLog } from '../log.ts';
import { openListener } from './server.ts';

const makeCertificate = (): { readonly certFile: string; readonly keyFile: string } | null => {
  const directory = temporaryDirectory();
  const [certFile, keyFile] = [path.join(directory, 'cert.pem'), path.join(directory, 'key.pem')];
  const args = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=localhost',
    '-keyout',
    keyFile,
    '-out',
    certFile,
  ];
  try {
    execFileSync('openssl', args, { stdio: 'ignore' });
    return { certFile, keyFile };
  } catch {
    return null;
  }
};

const get = (
  test: TestApp,
  target: string,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number; readonly headers: Record<string, unknown> }> =>
  new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: test.port, path: target, headers, rejectUnauthorized: false, agent: false };
    const sent = request(options, (response) => {
      response.resume().on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }));
    });
    sent.on('error', reject);
    sent.end();
  });

it('serves TLS alone, with Secure cookies, under its own names', async (context) => {
  const tls = makeCertificate();
  if (tls === null) return context.skip('no openssl here to make a certificate with');
  const test = await startTestApp({
    config: testConfig({ listener: { host: '0.0.0.0', port: 0, tls, publicOrigins: ['https://arb.example.com'] } }),
  });
  try {
    expect(test.app.listener.url).toBe(`https://127.0.0.1:${test.port}`);
    expect((await get(test, '/healthz')).status).toBe(200);
    const byName = await get(test, '/healthz', { host: 'arb.example.com' });
    expect([byName.status, byName.headers['strict-transport-security']]).toEqual([200, 'max-age=31536000']);
    expect((await get(test, '/healthz', { host: 'evil.example' })).status).toBe(403);
    expect(
      (await get(test, '/api/dashboard', { origin: 'https://arb.example.com', authorization: basicOf(test.secrets.password) })).status,
    ).toBe(200);
    expect(
      (await get(test, '/api/dashboard', { origin: 'http://arb.example.com', authorization: basicOf(test.secrets.password) })).status,
    ).toBe(403);
    const link = new URL(test.app.signInUrl());
    expect((await get(test, link.pathname + link.search)).headers['set-cookie']).toEqual([expect.stringContaining('; Secure')]);
    await expect(test.ask('/healthz')).rejects.toThrow();
  } finally {
    await test.stop();
  }
  return undefined;
});

it('names the certificate file that cannot be read', async () => {
  const tls = { certFile: path.join(temporaryDirectory(), 'absent.pem'), keyFile: 'key.pem' };
  const opening = openListener({
    config: { ...testConfig().listener, tls },
    clock: systemClock,
    log: createLog(() => undefined),
    password: openSecrets(temporaryDirectory()).password,
    metatrader: async () => undefined,
    routes: [],
  });
  await expect(opening).rejects.toThrow(/listener\.tls\.certFile: .*absent\.pem cannot be read \(ENOENT\)/);
});
