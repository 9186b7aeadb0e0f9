import { expect, it } from 'vitest';
import { CHECK_EVERY_MS, FIRST_CHECK_BACKOFF, KEY_BACKOFF } from './accountWatch.ts';
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

it('a key that was refused is tried again soon, not after minutes: what an order needs to know may be unread', async () => {
  let state: 'pass' | 'fail' = 'fail';
  let asked = 0;
  const { time, started, reports } = stageGateway((dialect) => {
    dialect.checking = async () => {
      asked += 1;
      return { checks: [check(state, 'key')], keyExpiresUnixMs: null, described: [] };
    };
  });
  const keyState = () =>
    reports()
      .at(-1)
      ?.checks.find(({ code }) => code === 'key')?.state;
  await started();
  await time.passUntil(() => asked > 10, 'many tries', 1_000, 5 * 60_000);
  expect(keyState()).toBe('fail');
  await time.pass(5 * 60_000);
  expect(asked).toBeLessThan(50);
  state = 'pass';
  await time.passUntil(() => keyState() === 'pass', 'the key', 1_000, KEY_BACKOFF.maxMs + 1_000);
  const soFar = asked;
  await time.pass(CHECK_EVERY_MS - 1_000);
  expect(asked).toBe(soFar);
});
