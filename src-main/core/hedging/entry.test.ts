import { describe, expect, test } from 'vitest';
import { TradingWorld } from './hedging.testkit.ts';

describe('the first path', () => {
  test('exchange-first opens, holds and closes', () => {
    const world = new TradingWorld().entered();
    console.log(world.facts('intent-proposed').map((f) => [f.intent.disposition, JSON.stringify(f.intent.denials)]));
    console.log(world.group.state, world.group.why, world.placed);
    world.done(world.order('b'));
    console.log(world.group.state, world.group.why, world.placed.length);
    world.done(world.order('a'));
    console.log(world.group.state, world.group.why);
    world.wait(1000);
    world.wait(300, 0);
    console.log(world.group.state, world.group.why, world.placed.length);
    world.done(world.order('b'));
    world.done(world.order('a'));
    console.log(world.group.state, world.group.why, world.group.result);
    expect(world.group.state).toBe('closed');
  });
});
