/**
 * Unit and property tests, in plain Node. End-to-end tests are Playwright's (see e2e/).
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'src-*/**/*.test.{ts,tsx}',
      'scripts/**/*.test.ts',
      'bench/**/*.test.ts',
      'e2e/**/*.test.ts',
      'mql5/tests/**/*.test.ts',
      'tidy.test.ts',
    ],
    environment: 'node',
    // A shared machine is slow now and then; no test's meaning depends on speed.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    restoreMocks: true,
  },
});
