/**
 * What a console spec is given: `console` on a host shared by all specs of a worker that change nothing, or `ownHost`,
 * fresh, for those that pause, kill, freeze or inject faults.
 */
import { test as base } from '@playwright/test';
import { ConsolePage } from './consolePage.ts';
import { ConsoleHost } from './host.ts';
import type { HostKind } from './host.ts';
import type { EagerChoice } from './world.ts';

export interface HostOptions {
  readonly hostKind: HostKind;
}

interface TestFixtures {
  /** For `ownHost`: venues in a process of their own on which a hedge pays at almost any moment; null = the demo. */
  readonly eager: EagerChoice | null;
  /** A host of this test's own. */
  readonly ownHost: ConsoleHost;
  /** A console on the worker's shared host. Must leave the engine as it was. */
  readonly console: ConsolePage;
  /** A console on `ownHost`. */
  readonly ownConsole: ConsolePage;
}

interface WorkerFixtures {
  readonly sharedHost: ConsoleHost;
}

export const test = base.extend<TestFixtures, WorkerFixtures & HostOptions>({
  hostKind: ['headless', { option: true, scope: 'worker' }],
  sharedHost: [
    async ({ browser, hostKind }, use) => {
      const host = new ConsoleHost({ kind: hostKind, browser });
      try {
        await host.start();
        await use(host);
      } finally {
        await host.dispose();
      }
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  console: async ({ sharedHost }, use) => {
    const page = new ConsolePage(await openShared(sharedHost), sharedHost);
    await page.live();
    await use(page);
    if (sharedHost.kind === 'headless') await page.page.context().close();
  },
  eager: [null, { option: true }],
  ownHost: async ({ browser, hostKind, eager }, use, testInfo) => {
    const host = new ConsoleHost({ kind: hostKind, browser, eager });
    try {
      await host.start();
      await use(host);
      if (testInfo.status !== testInfo.expectedStatus) await testInfo.attach('host output', { body: host.program.output() });
    } finally {
      await host.dispose();
    }
  },
  ownConsole: async ({ ownHost }, use) => {
    const page = new ConsolePage(await ownHost.openConsole(), ownHost);
    await page.live();
    await use(page);
  },
});

/** The double has one window: each test begins with it as loaded, at its first size. */
const openShared = async (host: ConsoleHost) => {
  if (host.kind === 'headless') return host.openConsole();
  const { page } = host.double;
  await host.resize(page, 1600, 1000);
  await page.reload();
  return page;
};

export { expect } from '@playwright/test';
