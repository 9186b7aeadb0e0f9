/**
 * A console on a stand-in engine: the built page as the desktop loads it, its bridge wired to `src-renderer/standIn.testkit.ts` in a
 * process of its own. For what the page alone does, above all where no engine here may ever go: real money.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { builtRenderer } from './built.ts';
import { startProgram, type Program } from './program.ts';

const MAIN = path.join(import.meta.dirname, '..', '..', 'src-renderer', 'standIn.testkit.ts');
/** A page gets its whole platform in a secure context only. */
const ORIGIN = 'https://stand-in.invalid';
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** As `src-renderer/fixtureScenes.testkit.ts` has them. */
export type Scene = 'paper' | 'live' | 'crowd' | 'empty';

export interface StandIn {
  /** Nothing comes and nothing is heard: the line is dead. */
  mute(muted: boolean): void;
  stop(): Promise<void>;
}

interface FromStandIn {
  readonly frame?: string;
  readonly ready?: true;
}

/** What the preload script would have put there. */
const installBridge = (): void => {
  const receivers = new Set<(frame: string) => void>();
  const frames = globalThis as unknown as {
    standInSend: (frame: string) => void;
    standInFrame: (frame: string) => void;
    quantArb: unknown;
  };
  frames.standInFrame = (frame) => {
    for (const receive of receivers) receive(frame);
  };
  frames.quantArb = {
    protocolVersion: 1,
    send: (frame: string) => frames.standInSend(frame),
    onFrame: (receive: (frame: string) => void) => {
      receivers.add(receive);
      return () => receivers.delete(receive);
    },
  };
};

const serveBuilt = async (page: Page): Promise<void> => {
  const root = builtRenderer();
  await page.route(`${ORIGIN}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    const file = path.join(root, pathname === '/' ? 'index.html' : pathname);
    const type = TYPES[path.extname(file)];
    if (type === undefined || !existsSync(file)) return route.fulfill({ status: 404 });
    return route.fulfill({ contentType: type, body: readFileSync(file) });
  });
};

const started = (program: Program): Promise<void> =>
  new Promise((resolve, reject) => {
    program.child.on('message', (message: FromStandIn) => message.ready && resolve());
    void program.ended.then(() => reject(new Error(`the stand-in ended: ${program.output()}`)));
  });

/** Opens the console of this scene in `page`. */
export const openStandIn = async (page: Page, scene: Scene): Promise<StandIn> => {
  const program = startProgram(MAIN, { args: [scene], nodeArgs: ['--disable-warning=ExperimentalWarning'] });
  await started(program);
  const { child } = program;
  await page.exposeFunction('standInSend', (frame: string) => void child.send({ frame }));
  await page.addInitScript(installBridge);
  await serveBuilt(page);
  await page.goto(ORIGIN);
  child.on('message', ({ frame }: FromStandIn) => {
    if (frame === undefined) return;
    // A frame that is on its way when the page closes has nobody left to reach.
    page
      .evaluate((text) => (globalThis as unknown as { standInFrame: (frame: string) => void }).standInFrame(text), frame)
      .catch(() => undefined);
  });
  return {
    mute: (muted) => void child.send({ mute: muted }),
    stop: async () => {
      await program.end();
    },
  };
};
