/** Some of the seeded mistakes; `npm run mql5:mutants` tries them all. */
import { describe, expect, test } from 'vitest';
import { MISTAKES } from '../mistakes.ts';
import { verdictOf } from '../mutants.ts';
import { compilerMissing } from './worlds.testkit.ts';

const WITHIN_MS = 500_000;

describe.concurrent('a mistake in the EA is noticed', () => {
  for (const mistake of MISTAKES.filter(({ quick }) => quick === true))
    test(
      mistake.name,
      async (context) => {
        const missing = compilerMissing();
        if (missing !== null) return context.skip(missing);
        expect((await verdictOf(mistake)).layer).not.toBe('nothing');
      },
      WITHIN_MS,
    );
});

test('there are at least twenty-five, each with a name of its own', () => {
  expect(MISTAKES.length).toBeGreaterThanOrEqual(25);
  expect(new Set(MISTAKES.map(({ name }) => name)).size).toBe(MISTAKES.length);
});
