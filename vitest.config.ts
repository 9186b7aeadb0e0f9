/**
 * Unit and property tests, in plain Node. End-to-end tests are Playwright's (see e2e/). Test files of one worker share their
 * modules, which halves the time; those that replace a module of others (`vi.mock`) get a registry of their own.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const TIDY = ['tidy.test.ts'];
/** Whole worlds of the EA, each with processes of its own. */
const WORLDS = ['mql5/tests/worlds/**/*.test.ts'];
const UNIT = [
  'src-*/**/*.test.{ts,tsx}',
  'scripts/**/*.test.ts',
  'bench/**/*.test.ts',
  'e2e/**/*.test.ts',
  'mql5/tests/*.test.ts',
  'mql5/tests/!(worlds)/**/*.test.ts',
];
const replacesModules = (file: string): boolean =>
  /\bvi\s*\.\s*(mock|doMock|hoisted)\(/.test(readFileSync(join(import.meta.dirname, file), 'utf8'));
const ALONE = globSync(UNIT, { cwd: import.meta.dirname, exclude: (path) => path.includes('node_modules') }).filter(replacesModules);

const project = (
  name: string,
  include: readonly string[],
  more: { readonly exclude?: readonly string[]; readonly isolate?: boolean } = {},
) => ({
  extends: true as const,
  test: { name, include: [...include], exclude: ['**/node_modules/**', ...(more.exclude ?? [])], isolate: more.isolate ?? false },
});

export default defineConfig({
  test: {
    environment: 'node',
    // A shared machine is slow now and then; no test's meaning depends on speed.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Guards against hanging: what is waited for comes, or never does.
    expect: { poll: { timeout: 15_000, interval: 20 } },
    maxWorkers: 2,
    restoreMocks: true,
    projects: [
      project('tidy', TIDY),
      project('unit', UNIT, { exclude: ALONE }),
      project('unit-alone', ALONE, { isolate: true }),
      project('worlds', WORLDS),
    ],
  },
});
