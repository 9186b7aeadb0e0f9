/** The whole of it: the built engine hedges with its MT5 leg through the EA, and everything that can die in the middle does. */
import assert from 'node:assert/strict';
import { buildBuiltWorld } from '../builtWorld.ts';
import { scenario, type Scenario } from '../scenario.ts';

const ALLOWED_WITHIN_MS = 60_000;

export const HEADLINE: readonly Scenario[] = [
  scenario(
    'the built engine opens a hedge through the EA, partially filled, closed, EA and engine killed in the middle, recovered',
    async (stage) => {
      const w = await buildBuiltWorld(stage);
      try {
        await w.engine.start();
        w.ea.start();
        w.broker.server.inject({ kind: 'partial', lots: '0.01', on: 'open' });
        await w.engine.arm(ALLOWED_WITHIN_MS);
        await w.until('a hedge through the EA, opened and closed', () => w.deals() >= 4);
        assert.ok(w.commandStates().includes('partial'), 'no command was filled in part');

        // The EA dies in the middle of its next order, and the broker executes it.
        await w.ea.kill();
        w.ea.start({ dieAt: 'OrderSend-after:1' });
        await w.until('the EA died at its order', () => !w.ea.alive);
        w.ea.start();
        await w.until('it goes on', async () => (await w.engine.standing()).tradingState !== 'halted' && w.deals() >= 6);

        // The engine dies at a commit of its ledger, then the road gets bad.
        w.engine.crashAt({ at: 'COMMIT', side: 'after', n: 3 });
        if (!(await w.engine.diesWithin(8_000))) await w.engine.sigkill();
        await w.engine.start();
        w.road.rates = { 'lose-request': 0.04, 'lose-reply': 0.04, double: 0.05, 'delay-reply': 0.05, 'garble-reply': 0.02 };
        w.broker.server.inject({ kind: 'unclear', retcode: 10_012, executed: true });
        await w.engine.arm(ALLOWED_WITHIN_MS);
        const deals = w.deals();
        await w.until('hedges on the bad road', () => w.deals() >= deals + 4);
        w.road.rates = {};
        w.broker.server.clearFaults();

        await w.engine.disarm();
        await w.rest();
        await w.agree();
        assert.equal(w.ea.damage(), '');
        const held = (await w.engine.standing()).groups;
        assert.deepEqual(held, [], 'groups that a person must end');
        assert.equal((await w.ea.stop()).code, 0);
        assert.deepEqual(w.verdict(), []);
      } finally {
        await w.end();
      }
    },
  ),
];
