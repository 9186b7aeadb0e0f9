/** The desktop window, on the double: the page is caged, the window remembers its place, the shortcut kills, one instance. */
import { ConsolePage } from '../drivers/consolePage.ts';
import { expect, test } from '../drivers/fixtures.ts';

test('the page has no Node and one frozen bridge', async ({ sharedHost }) => {
  const seen = await sharedHost.double.page.evaluate(() => {
    const bridge = (globalThis as unknown as { quantArb: Record<string, unknown> }).quantArb;
    return {
      frozen: Object.isFrozen(bridge),
      fixed: Object.getOwnPropertyDescriptor(globalThis, 'quantArb'),
      members: Object.keys(bridge).toSorted(),
      version: bridge['protocolVersion'],
      foreign: ['process', 'require', 'module', 'Buffer', 'electron', 'ipcRenderer'].filter((name) => name in globalThis),
    };
  });
  expect(seen).toMatchObject({
    frozen: true,
    fixed: { configurable: false, writable: false },
    members: ['onFrame', 'protocolVersion', 'send'],
    version: 1,
    foreign: [],
  });
});

test('the bridge takes strings of bounded length only, and nonsense harms nobody', async ({ console, sharedHost }) => {
  const thrown = await sharedHost.double.page.evaluate(() => {
    const { send, onFrame } = (globalThis as unknown as { quantArb: Record<'send' | 'onFrame', (value: unknown) => unknown> }).quantArb;
    return [() => send({ a: 1 }), () => send('x'.repeat(65_537)), () => onFrame('no function')].map((act) => {
      try {
        act();
        return 'nothing thrown';
      } catch (error) {
        return (error as Error).message;
      }
    });
  });
  expect(thrown[0]).toContain('a frame is a string');
  expect(thrown[1]).toContain('longer than 65536');
  expect(thrown[2]).toContain('a callback is needed');
  await sharedHost.double.page.evaluate(() => {
    const { send } = (globalThis as unknown as { quantArb: { send: (frame: string) => void } }).quantArb;
    for (const nonsense of ['', '{', 'null', '{"i":1}']) send(nonsense);
  });
  await console.live();
  await console.priced('btc-bin');
});

test('the content policy is in force: no inline script, no foreign connection, no frame', async ({ sharedHost }) => {
  const { page } = sharedHost.double;
  const violated = await page.evaluate(async () => {
    const seen: string[] = [];
    addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'globalThis.inlineRan = true';
    document.body.append(script);
    const frame = document.createElement('iframe');
    frame.src = 'https://elsewhere.example/';
    document.body.append(frame);
    await fetch('https://elsewhere.example/').catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 200));
    frame.remove();
    script.remove();
    return { seen, inlineRan: 'inlineRan' in globalThis };
  });
  expect(violated.inlineRan).toBe(false);
  expect(new Set(violated.seen)).toEqual(new Set(['script-src-elem', 'frame-src', 'connect-src']));
});

test('app:// serves the console and refuses the rest', async ({ sharedHost }) => {
  const statuses = await sharedHost.double.page.evaluate(() =>
    Promise.all(
      ['/', '/absent.js', '/..%2f..%2fpackage.json', '/.env.json', '/%2e%2e/main/electron.js'].map(
        async (url) => (await fetch(url)).status,
      ),
    ),
  );
  expect(statuses).toEqual([200, 404, 403, 403, 404]);
});

test('the window leaves for nowhere; listed links go to the user’s browser', async ({ console, sharedHost }) => {
  const { page, control } = sharedHost.double;
  const url = page.url();
  await page.evaluate(() => location.assign('https://elsewhere.example/'));
  await page.evaluate(() => void open('https://elsewhere.example/popup'));
  await page.getByRole('link', { name: /TradingView/ }).click();
  await expect
    .poll(async () => (await control({ act: 'report' })).openedOutside)
    .toEqual([expect.stringContaining('https://www.tradingview.com')]);
  expect(page.url()).toBe(url);
  await console.live();
});

test('every permission is denied', async ({ sharedHost }) => {
  const states = await sharedHost.double.page.evaluate(async () =>
    Promise.all(
      (['geolocation', 'notifications', 'microphone', 'midi', 'clipboard-read'] as PermissionName[]).map(
        async (name) => (await navigator.permissions.query({ name })).state,
      ),
    ),
  );
  expect(new Set(states)).toEqual(new Set(['denied']));
});

test('the window runs locked down, and only the engine’s own process holds Node', async ({ sharedHost }) => {
  const { windows } = await sharedHost.double.control({ act: 'report' });
  expect(windows).toHaveLength(1);
  expect(windows[0]?.url).toBe('app://console/');
  expect(windows[0]?.visible).toBe(true);
  expect(windows[0]?.webPreferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false,
  });
});

test('the window comes back where it was', async ({ ownHost }) => {
  const bounds = { x: 120, y: 60, width: 1300, height: 820 };
  await ownHost.double.control({ act: 'place-window', bounds });
  await ownHost.stop();
  await ownHost.start();
  expect((await ownHost.double.control({ act: 'report' })).windows[0]?.bounds).toEqual(bounds);
});

test('a second start brings the first window forward and ends', async ({ ownHost }) => {
  const before = (await ownHost.double.control({ act: 'report' })).windows[0]?.focused ?? 0;
  const second = ownHost.startAgain();
  expect((await second.ended).code).toBe(0);
  await expect.poll(async () => (await ownHost.double.control({ act: 'report' })).windows[0]?.focused).toBe(before + 1);
});

test('the global shortcut kills, and the console says where from', async ({ ownHost, ownConsole }) => {
  const { shortcuts } = await ownHost.double.control({ act: 'report' });
  expect(shortcuts).toEqual(['CommandOrControl+Alt+Shift+K']);
  await ownHost.double.control({ act: 'press-shortcut', accelerator: 'CommandOrControl+Alt+Shift+K' });
  await expect(ownConsole.killBanner).toContainText('(shortcut)');
});

test('a reload finds the engine again; closing the window ends the engine cleanly', async ({ ownHost }) => {
  const { page, program, control } = ownHost.double;
  await page.reload();
  await new ConsolePage(page, ownHost).live();
  void control({ act: 'close-window' }).catch(() => undefined);
  expect(await program.ended).toEqual({ code: 0, signal: null });
  await ownHost.start();
  const after = new ConsolePage(ownHost.double.page, ownHost);
  await after.live();
  await expect(after.events).not.toContainText(/unclean|not end cleanly|crash/i);
});
