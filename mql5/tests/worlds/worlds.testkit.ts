/** Runs scenarios side by side, each in a folder of its own, with the EA built once; says why where it cannot. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { buildEa } from '../build.ts';
import type { Scenario } from '../scenario.ts';

const BUILD_WITHIN_MS = 500_000;
const STORY_WITHIN_MS = 170_000;

export const compilerMissing = (): string | null =>
  spawnSync('g++', ['--version']).status === 0 ? null : 'no g++ here: the EA cannot be built';

export const inWorlds = (title: string, scenarios: readonly Scenario[]): void => {
  const missing = compilerMissing();
  let program = '';
  const folder = mkdtempSync(path.join(tmpdir(), 'quant-arb-ea-'));
  beforeAll(async () => {
    if (missing === null) program = await buildEa({ sanitize: true });
  }, BUILD_WITHIN_MS);
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  describe.concurrent(title, () => {
    for (const [n, { name, run }] of scenarios.entries())
      test(
        name,
        async (context) => {
          if (missing !== null) return context.skip(missing);
          await run({ program, folder: path.join(folder, String(n)) });
        },
        STORY_WITHIN_MS,
      );
  });
};
