/**
 * Joins one Chromium page to its window's preload: runs the built preload in an isolated world of its own before any
 * script of the page, and carries messages both ways, in order, each with the frame it truly came from.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CDPSession, Page } from '@playwright/test';
import { fromChromium } from './chromium.ts';
import { strict } from './strict.ts';
import { deliverySource, pageWorldSource, preloadWorldSource } from './worlds.ts';

const PRELOAD_WORLD = 'ElectronPreload';
/** The name only the preload's world can call. */
const BINDING = 'electronDouble';

/** Main → preload. What cannot be delivered any more is dropped, as Electron does. */
export type Deliver = (channel: string, args: unknown[]) => void;
/** Preload → main, with the sending frame as Electron describes it; null when it is gone. */
export type Receive = (channel: string, args: unknown[], senderFrame: object | null) => void;

const frameOf = (page: Page, isTop: boolean): object => {
  const url = fromChromium(page.url());
  return strict('WebFrameMain', { url, origin: new URL(url).origin, parent: isTop ? null : strict('WebFrameMain', {}) });
};

interface World {
  readonly uniqueId: string;
  readonly frameId: string;
}

/** The execution contexts of the preload's world that exist now, newest last. */
const watchWorlds = (cdp: CDPSession): ReadonlyMap<number, World> => {
  const worlds = new Map<number, World>();
  cdp.on('Runtime.executionContextCreated', ({ context }) => {
    const { frameId } = context.auxData as { frameId: string };
    if (context.name === PRELOAD_WORLD) worlds.set(context.id, { uniqueId: context.uniqueId, frameId });
  });
  cdp.on('Runtime.executionContextDestroyed', ({ executionContextId }) => worlds.delete(executionContextId));
  cdp.on('Runtime.executionContextsCleared', () => worlds.clear());
  return worlds;
};

/** Prepares `page`, which must not have loaded anything yet. */
export const joinPreload = async (cdp: CDPSession, page: Page, preloadFile: string, receive: Receive): Promise<Deliver> => {
  const worlds = watchWorlds(cdp);
  await cdp.send('Runtime.enable');
  await cdp.send('Page.enable');
  const topFrameId = (await cdp.send('Page.getFrameTree')).frameTree.frame.id;
  cdp.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
    if (name !== BINDING) return;
    const { channel, args } = JSON.parse(payload) as { channel: string; args: unknown[] };
    const world = worlds.get(executionContextId);
    receive(channel, args, world === undefined ? null : frameOf(page, world.frameId === topFrameId));
  });
  const secret = randomUUID();
  await cdp.send('Runtime.addBinding', { name: BINDING, executionContextName: PRELOAD_WORLD });
  await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: pageWorldSource(secret) });
  await cdp.send('Page.addScriptToEvaluateOnNewDocument', {
    worldName: PRELOAD_WORLD,
    source: preloadWorldSource(secret, BINDING, readFileSync(preloadFile, 'utf8')),
  });
  return (channel, args) => {
    const world = [...worlds.values()].findLast(({ frameId }) => frameId === topFrameId);
    if (world === undefined) return;
    const expression = deliverySource(BINDING, channel, args);
    cdp.send('Runtime.evaluate', { uniqueContextId: world.uniqueId, expression }).catch(() => undefined);
  };
};
