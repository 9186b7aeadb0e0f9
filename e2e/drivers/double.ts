/** Starts a built Electron main program on the double and attaches to its Chromium. */
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import type { Browser, Page } from '@playwright/test';
import type { ControlMessage, ControlRequest, OutsideReport } from '../electron-double/controlChannel.ts';
import { startProgram, whileRunning } from './program.ts';
import type { Program } from './program.ts';

const REGISTER = new URL('../electron-double/register.ts', import.meta.url).href;
const START_WITHIN_MS = 60_000;

export interface RunningDouble {
  readonly program: Program;
  readonly browser: Browser;
  readonly page: Page;
  /** Acts on the machine around the application and reports what is seen of it outside the page. */
  readonly control: (request: ControlRequest) => Promise<OutsideReport>;
}

/** Starts `mainFile` without waiting for a window; `home` takes the place of the user's folders. */
export const startOnDouble = (mainFile: string, args: readonly string[], home: string): Program =>
  startProgram(mainFile, { args, nodeArgs: ['--import', REGISTER], env: { ELECTRON_DOUBLE_HOME: home } });

const debuggingUrlOf = (program: Program): Promise<string> =>
  new Promise((resolve) => {
    program.child.on('message', (message: ControlMessage) => {
      if (message.event === 'chromium') resolve(message.debuggingUrl);
    });
  });

/** A window's page: the first that left `about:blank`. */
const windowPage = async (browser: Browser): Promise<Page> => {
  const context = browser.contexts()[0];
  if (context === undefined) throw new Error('the double has no browser context');
  const isWindow = (page: Page): boolean => page.url().includes('.app-double.invalid');
  for (;;) {
    const found = context.pages().find(isWindow);
    if (found !== undefined) return found;
    const fresh = context.pages().map((page) => page.waitForEvent('framenavigated'));
    await Promise.race([...fresh, context.waitForEvent('page')]);
  }
};

export const makeControl = (program: Program): RunningDouble['control'] => {
  let lastId = 0;
  const waiting = new Map<number, (message: Extract<ControlMessage, { event: 'answer' }>) => void>();
  program.child.on('message', (message: ControlMessage) => {
    if (message.event !== 'answer') return;
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  });
  return (request) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, ({ report, error }) => (report === undefined ? reject(new Error(error)) : resolve(report)));
      program.child.send({ id: lastId, request });
    });
};

/** Starts `mainFile` and waits for its window's page. */
export const launchDouble = async (mainFile: string, args: readonly string[], home: string): Promise<RunningDouble> => {
  const program = startOnDouble(mainFile, args, home);
  const debuggingUrl = await whileRunning(program, 'a window', START_WITHIN_MS, debuggingUrlOf(program));
  const browser = await chromium.connectOverCDP(debuggingUrl);
  const page = await whileRunning(program, 'a page', START_WITHIN_MS, windowPage(browser));
  await page.waitForLoadState();
  return { program, browser, page, control: makeControl(program) };
};

export const stubMain = fileURLToPath(new URL('../electron-double/stub/main.mjs', import.meta.url));
