/** The double itself, on a stub application: what the shell specs rely on must hold before they mean anything. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { launchDouble, startOnDouble, stubMain } from '../drivers/double.ts';
import type { RunningDouble } from '../drivers/double.ts';

interface Stub {
  readonly attempts: Readonly<Record<string, string>>;
  readonly nested: { readonly list: readonly number[]; readonly process: string };
  readonly say: (text: unknown) => void;
  readonly fail: () => void;
  readonly onAnswer: (callback: (text: string) => void) => () => void;
}
declare global {
  var stub: Stub;
}

let home: string;
let double: RunningDouble;
let page: Page;

test.beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'double-spec-'));
  double = await launchDouble(stubMain, [], home);
  page = double.page;
});
test.afterAll(async () => {
  await double.program.end();
  rmSync(home, { recursive: true, force: true });
});

const answerTo = (text: string): Promise<string> =>
  page.evaluate(
    (said) =>
      new Promise<string>((resolve) => {
        const off = stub.onAnswer((answer) => {
          off();
          resolve(answer);
        });
        stub.say(said);
      }),
    text,
  );

test('the page sees a frozen bridge, and nothing of Node or of the double', async () => {
  const seen = await page.evaluate(() => ({
    frozen: Object.isFrozen(stub) && Object.isFrozen(stub.nested),
    fixed: Object.getOwnPropertyDescriptor(globalThis, 'stub')?.configurable,
    nested: stub.nested,
    secure: isSecureContext,
    foreign: ['process', 'require', 'module', 'Buffer'].filter((name) => name in globalThis),
    double: Object.getOwnPropertyNames(globalThis).filter((name) => /electron|double/i.test(name)),
  }));
  expect(seen).toEqual({
    frozen: true,
    fixed: false,
    nested: { list: [1, 2], process: 'undefined' },
    secure: true,
    foreign: [],
    double: [],
  });
});

test('the preload may require nothing but electron, and use only what is stood in', async () => {
  const attempts = await page.evaluate(() => stub.attempts);
  expect(attempts['fs']).toContain('module not found: node:fs');
  expect(attempts['unknownMember']).toContain('no ipcRenderer.sendSync');
});

test('messages carry their true sender; an unknown member of main names itself', async () => {
  expect(await answerTo('hello')).toBe('hello from app://stub/, top, true');
  expect(await answerTo('unknown')).toContain('the electron double has no BrowserWindow.setKiosk');
});

test('errors of the bridge cross as errors; what cannot be cloned does not cross', async () => {
  const failures = await page.evaluate(() => {
    const messageOf = (act: () => void): string => {
      try {
        act();
        return 'nothing thrown';
      } catch (error) {
        return error instanceof Error ? error.message : 'no error';
      }
    };
    return [messageOf(stub.fail), messageOf(() => stub.say(document.body))];
  });
  expect(failures[0]).toBe('as asked');
  expect(failures[1]).toMatch(/could not be cloned/);
});

test('a reload gives a fresh, working bridge', async () => {
  await page.reload();
  expect(await answerTo('again')).toBe('again from app://stub/, top, true');
});

test('headers of the scheme reach Chromium: its policy blocks inline scripts', async () => {
  const blocked = page.evaluate(
    () =>
      new Promise<string>((resolve) =>
        addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true }),
      ),
  );
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.inlineRan = true';
    document.body.append(script);
  });
  expect(await blocked).toBe('script-src-elem');
  expect(await page.evaluate(() => 'inlineRan' in globalThis)).toBe(false);
});

test('navigation and new windows are put to the application', async () => {
  await page.click('#out');
  await page.click('#popup');
  await page.evaluate(() => void open('https://elsewhere.example/script'));
  await expect
    .poll(async () => JSON.parse(await answerTo('seen')) as string[])
    .toEqual(['navigate https://elsewhere.example/', 'open https://elsewhere.example/popup', 'open https://elsewhere.example/script']);
  expect(await page.title()).toBe('stub');
  // Chromium cannot be kept from opening it, but it is closed at once and nothing of it was loaded.
  await expect.poll(() => double.browser.contexts()[0]?.pages().length).toBe(1);
  expect((await double.control({ act: 'report' })).openedOutside).toHaveLength(2);
});

test("permissions are the application's to decide", async () => {
  const states = await page.evaluate(async () =>
    Promise.all((['notifications', 'geolocation'] as const).map(async (name) => (await navigator.permissions.query({ name })).state)),
  );
  expect(states).toEqual(['granted', 'denied']);
});

test('a second instance is told no, and the first hears of it', async () => {
  const second = startOnDouble(stubMain, [], home);
  expect((await second.ended).code).toBe(3);
  await expect.poll(async () => JSON.parse(await answerTo('seen')) as string[]).toContain('second instance');
  expect((await double.control({ act: 'report' })).windows[0]?.focused).toBe(1);
});

test('closing the last window quits, in order', async () => {
  const own = await launchDouble(stubMain, [], mkdtempSync(path.join(home, 'own-')));
  void own.control({ act: 'close-window' });
  expect(await own.program.ended).toEqual({ code: 0, signal: null });
  expect(own.program.output()).toContain('will-quit');
});
