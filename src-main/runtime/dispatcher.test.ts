import { expect, test, vi } from 'vitest';
import type { ControlInput } from '../core/events.ts';
import { createDispatcher, MAX_REMAINING_NAMED, MAX_REPLY_ATTEMPTS } from './dispatcher.ts';
import type { OrderGateway } from './ports.ts';

const gateway = (name: string, remaining: () => Promise<readonly string[]>): OrderGateway => ({ name, remaining });

const ask = async (gateways: readonly OrderGateway[], taken: () => 'taken' | 'full' = () => 'taken') => {
  const offered: ControlInput[] = [];
  const done = vi.fn<() => void>();
  const announceMode = vi.fn<(mode: string) => void>();
  const sink = createDispatcher({ gateways, announceMode, verifyDeadlineMs: 30 });
  sink.dispatch([{ type: 'announce-mode', mode: 'halt' }, { type: 'verify-stopped' }], {
    offer: (event) => {
      const verdict = taken();
      if (verdict === 'taken') offered.push(event);
      return verdict;
    },
    done,
  });
  expect(announceMode).toHaveBeenCalledExactlyOnceWith('halt');
  await sink.settled();
  return { offered, done };
};

test('without gateways nothing can remain', async () => {
  const { offered, done } = await ask([]);
  expect(offered).toEqual([{ type: 'stop-verified', remaining: [] }]);
  expect(done).toHaveBeenCalledOnce();
});

test('one that fails, throws or stays silent counts as something that may remain', async () => {
  const { offered, done } = await ask([
    gateway('clear', async () => []),
    gateway('busy', async () => ['order 7']),
    gateway('failing', async () => Promise.reject(new Error('HTTP 500'))),
    gateway('throwing', () => {
      throw new Error('not connected');
    }),
    gateway('silent', () => new Promise(() => {})),
  ]);
  expect(offered).toEqual([
    {
      type: 'stop-verified',
      remaining: [
        'busy: order 7',
        'failing: unknown (HTTP 500)',
        'throwing: unknown (not connected)',
        'silent: unknown (no answer within 30 ms)',
      ],
    },
  ]);
  expect(done).toHaveBeenCalledOnce();
});

test('a long list is cut and its rest counted', async () => {
  const orders = Array.from({ length: MAX_REMAINING_NAMED + 5 }, (_, i) => `order ${i}`);
  const { offered } = await ask([gateway('g', async () => orders)]);
  const [event] = offered;
  expect(event?.type === 'stop-verified' && event.remaining).toHaveLength(MAX_REMAINING_NAMED + 1);
  expect(event?.type === 'stop-verified' && event.remaining.at(-1)).toBe('and 5 more');
});

test('a full control queue is tried again, a bounded number of times, and the effect then stays open', async () => {
  let refusals = 3;
  const soon = await ask([], () => ((refusals -= 1) < 0 ? 'taken' : 'full'));
  expect(soon.offered).toHaveLength(1);
  expect(soon.done).toHaveBeenCalledOnce();
  let attempts = 0;
  const never = await ask([], () => ((attempts += 1), 'full'));
  expect(attempts).toBe(MAX_REPLY_ATTEMPTS);
  expect(never.done).not.toHaveBeenCalled();
}, 20_000);

test('an announcement that fails leaves its effects open', async () => {
  const done = vi.fn<() => void>();
  const sink = createDispatcher({
    gateways: [],
    announceMode: () => {
      throw new Error('no listener');
    },
  });
  sink.dispatch([{ type: 'announce-mode', mode: 'normal' }], { offer: () => 'taken', done });
  await sink.settled();
  expect(done).not.toHaveBeenCalled();
});
