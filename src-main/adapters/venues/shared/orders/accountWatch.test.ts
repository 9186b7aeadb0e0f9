import { expect, it } from 'vitest';
import { FIRST_CHECK_BACKOFF } from './accountWatch.ts';
import { check, stageGateway } from './scriptedDialect.testkit.ts';

it('an account that was never read is asked for again soon, however often it failed: until then nothing can be given back', async () => {
  let fault: string | null = 'our own allowance "weight 1 min" is used up';
  let asked = 0;
  const { time, started, links } = stageGateway((dialect) => {
    dialect.checking = async () => {
      asked += 1;
      return fault ?? { checks: [check('pass')], keyExpiresUnixMs: null, described: [] };
    };
  });
  await started();
  await time.pass(5 * 60_000);
  expect(asked).toBeGreaterThan(20);
  expect(asked).toBeLessThan(400);
  fault = null;
  await time.pass(FIRST_CHECK_BACKOFF.maxMs);
  expect(links().at(-1)).toMatch(/^up/);
});
