import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { World } from '../core.testkit.ts';
import { approveOrder } from '../risk/orders.ts';
import { answer, groupOf, reconciled, requestOf } from '../risk/risk.testkit.ts';
import { isAtLeast, stopOf } from './scope.ts';

const answerAll = (world: World): void => {
  for (const v of world.state.venues) answer(world, v.settings.id);
};
const quoted = (world: World): World => {
  world.spread(0);
  return world;
};

const SCOPES = ['all', 'pair:pair', 'venue:va', 'venue:vb'] as const;
const commands = fc.record({
  kind: fc.constantFrom(
    'pause',
    'resume',
    'kill',
    'flatten',
    'hands-off',
    'reset',
    'arm',
    'disarm',
    'enable',
    'set-limits',
    'answer',
    'timer',
  ),
  scope: fc.constantFrom(...SCOPES),
  reason: fc.constantFrom('', 'because'),
});

test('while halted no sequence of commands makes an opening order approvable, and none arms', () => {
  let halted = 0;
  let approved = 0;
  fc.assert(
    fc.property(fc.array(commands, { maxLength: 12 }), (sequence) => {
      const world = reconciled();
      for (const { kind, scope, reason } of sequence) {
        world.pass(100);
        quoted(world);
        if (kind === 'answer') answerAll(world);
        else if (kind === 'timer') world.timer();
        else world.command(kind, reason, kind === 'set-limits' ? { limits: { maxOpenGroups: 9 } } : { scope });
        const { state } = world;
        expect(state.trading === 'halted').toBe(state.kill !== null);
        state.book.groups = [groupOf()];
        const opening = approveOrder(state, requestOf(world));
        state.book.groups = [];
        if (state.kill !== null) {
          halted++;
          expect(state.book.armed).toBeNull();
        }
        const stopped = isAtLeast(stopOf(state, state.pairs[0]!), 'kill');
        if (stopped) expect(opening.ok).toBe(false);
        else if (opening.ok) approved++;
      }
    }),
    { numRuns: 200 },
  );
  expect(halted).toBeGreaterThan(50);
  expect(approved).toBeGreaterThan(50);
});

test('the gate always says what the latch says', () => {
  fc.assert(
    fc.property(fc.array(commands, { maxLength: 12 }), (sequence) => {
      const world = reconciled();
      let gate = 'open';
      for (const { kind, scope, reason } of sequence) {
        quoted(world);
        if (kind === 'answer') answerAll(world);
        else if (kind === 'timer') world.timer();
        else world.command(kind, reason, { scope, limits: {} });
        for (const effect of world.results.at(-1)!.effects) if (effect.type === 'set-gate') gate = effect.gate;
        const { kill } = world.state;
        expect(gate).toBe(kill === null ? 'open' : kill.level === 'hands-off' ? 'closed' : 'reducing');
      }
    }),
    { numRuns: 100 },
  );
});
