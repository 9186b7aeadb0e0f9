import { expect, test } from 'vitest';
import type { EngineEvent, OperatorCommand } from '../core/events.ts';
import { NOTHING, type Effect, type Fact } from '../core/facts.ts';
import { durabilityOf, isJournaled, isRestrictive, isStop, stopAlone } from './commitPolicy.ts';
import { canceling, gating, placing, querying, snapping } from './orders.testkit.ts';
import { commandOf } from './runner.testkit.ts';

const stamp = { seq: 1, monoUs: 1, unixMs: 1 };
const timer: EngineEvent = { type: 'timer', ...stamp };
const commanded = (command: OperatorCommand): EngineEvent => ({ type: 'operator', ...stamp, command });
const kill = commanded(commandOf('kill'));

const noted: Fact = { type: 'noted', severity: 'info', kind: 'engine', subject: null, text: '' };
const holding: Fact = { type: 'holding-changed', instrumentId: 'x', before: null, after: { qty: '1', foreignQty: '0' }, why: '' };
const fences: Fact = { type: 'fences-changed', fences: [] };

test('what is known of orders, positions and rules survives power loss; notes survive the process', () => {
  expect(durabilityOf(timer, { ...NOTHING, facts: [noted] })).toBe('normal');
  expect(durabilityOf(timer, { ...NOTHING, facts: [noted, holding] })).toBe('full');
  expect(durabilityOf(timer, { ...NOTHING, facts: [fences] })).toBe('full');
  expect(durabilityOf(timer, { ...NOTHING, effects: [placing('q1')] })).toBe('full');
  expect(durabilityOf(kill, NOTHING)).toBe('full');
});

test('an event is journaled when it changed something durable, or was said by a person', () => {
  expect(isJournaled(timer, NOTHING)).toBe(false);
  expect(isJournaled(timer, { ...NOTHING, facts: [noted] })).toBe(true);
  expect(isJournaled(timer, { ...NOTHING, effects: [snapping(1)] })).toBe(true);
  expect(isJournaled(kill, NOTHING)).toBe(true);
});

test('stops are exactly these', () => {
  const kinds = ['pause', 'resume', 'kill', 'flatten', 'hands-off', 'reset', 'arm', 'disarm'] as const;
  expect(kinds.filter((kind) => isStop(commanded(commandOf(kind))))).toEqual(['pause', 'kill', 'flatten', 'hands-off']);
  expect(isStop(timer)).toBe(false);
});

test('without a commit only what halts or asks may leave, and cancels of a stop; never an order', () => {
  const announcing = (mode: 'normal' | 'close_only' | 'halt'): Effect => ({ type: 'announce-mode', mode });
  const effects = [
    announcing('normal'),
    announcing('close_only'),
    announcing('halt'),
    gating('open'),
    gating('reducing'),
    gating('closed'),
    placing('q1', 'open'),
    placing('q1', 'unwind'),
    canceling('q1'),
    querying('q1'),
    snapping(1),
  ];
  const restrictive = [announcing('close_only'), announcing('halt'), gating('reducing'), gating('closed')];
  expect(effects.filter((effect) => isRestrictive(effect, timer))).toEqual([...restrictive, querying('q1'), snapping(1)]);
  expect(effects.filter((effect) => isRestrictive(effect, kill))).toEqual([...restrictive, canceling('q1'), querying('q1'), snapping(1)]);
});

test('after a ledger fault a stop commits itself alone: no record whose beginning the ledger may not have, and no order', () => {
  const latched = { type: 'trading-state', before: 'active', after: 'halted' } as const;
  const order = { type: 'order-changed', order: { state: 'in-flight' }, before: 'in-flight' } as unknown as Fact;
  const left = stopAlone(kill, {
    ...NOTHING,
    facts: [latched, order, holding, noted],
    effects: [placing('q1'), canceling('q1'), snapping(1)],
  });
  expect(left).toEqual({ facts: [latched, noted], effects: [canceling('q1'), snapping(1)] });
});
