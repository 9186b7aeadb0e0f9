/** Who gets in: the one-time link once, the password, and nobody whose request another site made. */
import { request as httpRequest } from 'node:http';
import { expect, test } from '../drivers/fixtures.ts';

test('the one-time link signs in once, with a cookie scripts and other sites cannot use', async ({ ownHost, browser }) => {
  const page = await ownHost.openConsole();
  await expect(page.getByTestId('link-state')).toHaveText(/LIVE/);
  expect(page.url()).toBe(new URL('/', ownHost.ready.url).href);
  const cookies = await page.context().cookies();
  expect(cookies).toHaveLength(1);
  expect(cookies[0]).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
  expect(await page.evaluate(() => document.cookie)).toBe('');

  const stranger = await browser.newPage();
  await stranger.goto(ownHost.ready.url);
  await expect(stranger.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await stranger.goto(ownHost.ready.signInUrl);
  await expect(stranger.getByRole('alert')).toContainText('has been used');
  await stranger.getByLabel('Password').fill('not the password');
  await stranger.getByRole('button', { name: 'Sign in' }).click();
  await expect(stranger.getByRole('alert')).toContainText('not right');
  await stranger.getByLabel('Password').fill(ownHost.password);
  await stranger.getByRole('button', { name: 'Sign in' }).click();
  await expect(stranger.getByTestId('link-state')).toHaveText(/LIVE/);
  await stranger.close();
});

const statusWith = (url: string, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    httpRequest(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('upgrade', (_response, socket) => {
        socket.destroy();
        resolve(101);
      })
      .on('error', reject)
      .end();
  });

test('a foreign Host or Origin is refused, for pages and for the web-socket', async ({ sharedHost }) => {
  const { url } = sharedHost.ready;
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  expect(await statusWith(`${url}/healthz`, {})).toBe(200);
  expect(await statusWith(`${url}/healthz`, { host: 'evil.example' })).toBe(403);
  expect(await statusWith(`${url}/`, { origin: 'https://evil.example' })).toBe(403);
  expect(await statusWith(`${url}/console`, { ...upgrade, origin: 'https://evil.example' })).toBe(403);
  expect(await statusWith(`${url}/console`, { ...upgrade, origin: url })).toBe(401);
  expect(await statusWith(`${url}/console`, upgrade)).toBe(403);
});

test('without signing in there is no data: health says nothing, the rest asks who', async ({ sharedHost }) => {
  const { url } = sharedHost.ready;
  expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok\n');
  for (const route of ['/api/dashboard', '/metrics']) expect((await fetch(url + route)).status).toBe(401);
  expect((await sharedHost.http('GET', '/api/dashboard')).status).toBe(200);
});

test('readiness turns to 503 with its reasons when venues fall silent', async ({ ownHost, ownConsole }) => {
  await ownConsole.priced('btc-bin');
  await expect.poll(async () => (await ownHost.http('GET', '/readyz')).status, { timeout: 30_000 }).toBe(200);
  await ownHost.silenceAll();
  await expect.poll(async () => (await ownHost.http('GET', '/readyz')).status, { timeout: 30_000 }).toBe(503);
  expect(((await (await ownHost.http('GET', '/readyz')).json()) as { reasons: string[] }).reasons.length).toBeGreaterThan(0);
});
