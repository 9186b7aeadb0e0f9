import { describe, expect, test } from 'vitest';
import type { ClientOrderId, GroupId, IntentId, PairId } from '../../../src-shared/domain/ids.ts';
import type { OpenOrderReport, OrderState } from '../../../src-shared/domain/order.ts';
import { DEFAULT_HEDGING } from '../../../src-shared/domain/settings.ts';
import type { KillLatch, KillLevel, ScopedStop } from '../../../src-shared/domain/tradingState.ts';
import { NOTHING_RECOVERED } from '../book.ts';
import { instrument, pairOf, settingsOf, venue, World, X_A, X_B } from '../core.testkit.ts';
import { answer, groupOf, LATCH, orderOf, reconciled, requestOf, tradable } from '../risk/risk.testkit.ts';
import { raiseHalt } from './halt.ts';
import { resetConditions } from './reset.ts';
import { isAtLeast, stopOf } from './scope.ts';
import { TELL_REMAINING_AFTER_MS, TELL_REMAINING_AGAIN_MS, VERIFY_AGAIN_MS } from './verify.ts';

const LEVELS: readonly KillLevel[] = ['kill', 'flatten', 'hands-off'];

const latchOf = (level: KillLevel, more: Partial<KillLatch> = {}): KillLatch => ({
  latchedUnixMs: 1,
  source: 'http',
  by: 'somebody',
  reason: 'smoke',
  level,
  verifiedUnixMs: null,
  remaining: [],
  ...more,
});

/** A group that opens, with its first order working at leg a. */
const withOrder = (world: World, state: OrderState = 'working'): World => {
  const request = requestOf(world, { leg: 'a', clientOrderId: 'qa01' as ClientOrderId });
  world.state.book.groups.push(groupOf({ a: { orders: [request.clientOrderId] } }));
  world.state.book.orders = { [request.clientOrderId]: orderOf(request, state) };
  return world;
};

const openAt = (clientOrderId: string): OpenOrderReport => ({
  venueOrderId: 'v1',
  clientOrderId,
  symbol: 'X',
  side: 'sell',
  qty: '0.5',
  filledQty: '0',
});

const answerAll = (world: World): void => {
  for (const v of world.state.venues) answer(world, v.settings.id);
};

describe('order of work', () => {
  test('a kill: latch, state, disarm; then gate, mode, cancels, questions to every venue', () => {
    const world = withOrder(reconciled());
    world.state.book.armed = LATCH;
    const killed = world.command('kill', 'drill');
    expect(killed.verdict).toMatchObject({ code: 'applied', changed: true });
    expect(killed.facts.map((fact) => fact.type).slice(0, 3)).toEqual(['kill-latched', 'trading-state', 'arming-changed']);
    expect(killed.effects.map((effect) => effect.type)).toEqual([
      'set-gate',
      'announce-mode',
      'cancel-order',
      'take-snapshot',
      'take-snapshot',
    ]);
    expect(killed.effects).toMatchObject([
      { gate: 'reducing' },
      { mode: 'close_only' },
      { ref: { clientOrderId: 'qa01' } },
      { venueId: 'va' },
      { venueId: 'vb' },
    ]);
    expect(world.state).toMatchObject({ trading: 'halted', kill: { level: 'kill', verifiedUnixMs: null, reason: 'drill' } });
    expect(world.state.book.armed).toBeNull();
  });

  test('hands-off closes the gate altogether, and wishes for no cancel', () => {
    const world = withOrder(reconciled());
    const { effects } = world.command('hands-off');
    expect(effects).toMatchObject([
      { type: 'set-gate', gate: 'closed' },
      { type: 'announce-mode', mode: 'halt' },
      { type: 'take-snapshot' },
      { type: 'take-snapshot' },
    ]);
  });

  test('a flatten begins to close what is open, after everything else', () => {
    const world = tradable();
    world.state.book.groups.push(groupOf({ state: 'open', openedUnixMs: 0, a: { openedQty: '0.5' }, b: { openedQty: '0.5' } }));
    for (const v of world.state.venues) world.control({ type: 'order-link', venueId: v.settings.id, state: 'up', detail: 'test' });
    const { effects, facts } = world.command('flatten');
    expect(effects[0]).toMatchObject({ type: 'set-gate', gate: 'reducing' });
    const placed = effects.filter((effect) => effect.type === 'place-order');
    expect(placed).toMatchObject([{ order: { purpose: 'close', reduceOnly: true, leg: 'a', side: 'buy' } }]);
    expect(effects.at(-1)).toBe(placed[0]);
    expect(facts.findLast((fact) => fact.type === 'group-changed')).toMatchObject({ group: { closeReason: 'flatten' } });
  });

  test('a stop of a part touches neither the gate, nor the arming, nor other parts', () => {
    const world = withOrder(reconciled());
    world.state.book.armed = LATCH;
    const other = world.command('kill', '', { scope: 'venue:vb' });
    expect(other.effects.map((effect) => effect.type)).toEqual(['take-snapshot']);
    const own = world.command('kill', '', { scope: 'venue:va' });
    expect(own.facts[0]).toMatchObject({ type: 'scoped-stop', scope: 'venue:va', level: 'kill', before: null });
    expect(own.effects.map((effect) => effect.type)).toEqual(['cancel-order', 'take-snapshot']);
    expect(world.state).toMatchObject({ trading: 'active', kill: null });
    expect(world.state.book.armed).toBe(LATCH);
  });

  test('MetaTrader takes what the gate lets through: a person closes both legs, or neither, also where naked legs are frozen', () => {
    const world = reconciled(settingsOf({ hedging: { ...DEFAULT_HEDGING, nakedLegsOnKill: 'freeze' } }));
    const killed = world.command('kill').effects;
    expect(killed).toContainEqual({ type: 'set-gate', gate: 'reducing' });
    expect(killed).toContainEqual({ type: 'announce-mode', mode: 'close_only' });
    expect(world.command('flatten').effects).toContainEqual({ type: 'announce-mode', mode: 'close_only' });
    expect(world.command('hands-off').effects).toContainEqual({ type: 'announce-mode', mode: 'halt' });
  });
});

describe('a latch rises only', () => {
  test.each(['all', 'pair:pair', 'venue:va'] as const)('%s', (scope) => {
    for (const first of LEVELS) {
      for (const second of LEVELS) {
        const world = reconciled();
        world.command(first, 'one', { scope });
        const again = world.command(second, 'two', { scope });
        const rises = LEVELS.indexOf(second) > LEVELS.indexOf(first);
        expect(again.verdict).toMatchObject({ code: 'applied', changed: rises });
        if (!rises) expect(again).toMatchObject({ facts: [], effects: [] });
        else
          expect(again.facts[0]).toMatchObject({
            type: scope === 'all' ? 'kill-raised' : 'scoped-stop',
            before: { level: first },
            after: { level: second },
          });
        const latch = scope === 'all' ? world.state.kill : world.state.book.scopedStops[0]!.latch;
        expect(latch).toMatchObject({ level: rises ? second : first, reason: rises ? 'two' : 'one', verifiedUnixMs: null });
      }
    }
  });

  test('a pause of a part rises to a kill, and never comes back by pausing', () => {
    const world = reconciled();
    world.command('pause', '', { scope: 'pair:pair' });
    world.command('kill', '', { scope: 'pair:pair' });
    expect(world.command('pause', '', { scope: 'pair:pair' }).verdict).toMatchObject({ changed: false });
    expect(world.state.book.scopedStops).toMatchObject([{ level: 'kill' }]);
  });

  test("the engine's own halt latches a kill, and tells when something latched already", () => {
    const world = reconciled();
    raiseHalt(world.state, 'residual');
    expect(world.state.kill).toMatchObject({ level: 'kill', source: 'engine', by: 'engine', reason: 'residual' });
    world.state.draft.facts = [];
    raiseHalt(world.state, 'again');
    expect(world.state.draft.facts).toMatchObject([{ type: 'noted', severity: 'critical', text: expect.stringContaining('again') }]);
    expect(world.state.kill).toMatchObject({ reason: 'residual' });
  });
});

describe('scope', () => {
  const Y_C = instrument('Y', 'vc');
  const Y_B = instrument('Y', 'vb');
  const three = settingsOf({
    venues: [venue('va'), venue('vb'), venue('vc')],
    instruments: [X_A, X_B, Y_C, Y_B],
    pairs: [pairOf(X_A, X_B), pairOf(Y_C, Y_B, { id: 'other' as PairId })],
  });
  const groups = {
    pair: groupOf(),
    other: groupOf({ pairId: 'other' as PairId, a: { venueId: Y_C.venueId }, b: { venueId: Y_B.venueId } }),
  };

  test.each([
    ['all', ['pair', 'other'], ['va', 'vb', 'vc']],
    ['pair:pair', ['pair'], []],
    ['pair:other', ['other'], []],
    ['venue:va', ['pair'], ['va']],
    ['venue:vb', ['pair', 'other'], ['vb']],
    ['venue:vc', ['other'], ['vc']],
  ] as const)('%s covers pairs %j and venues %j', (scope, pairs, venues) => {
    for (const level of ['pause', ...LEVELS] as const) {
      const world = new World(three).ready();
      world.command(level, '', { scope });
      const { state } = world;
      for (const pair of state.pairs) expect(stopOf(state, pair) === level).toBe((pairs as readonly string[]).includes(pair.settings.id));
      for (const name of ['pair', 'other'] as const)
        expect(stopOf(state, groups[name]) === level).toBe((pairs as readonly string[]).includes(name));
      for (const v of state.venues) expect(stopOf(state, v) === level).toBe((venues as readonly string[]).includes(v.settings.id));
    }
  });

  test('the strongest of several is in force', () => {
    const world = new World(three).ready();
    world.command('hands-off', '', { scope: 'venue:va' });
    world.command('kill', '', { scope: 'pair:pair' });
    world.command('pause');
    expect(world.state.pairs.map((pair) => stopOf(world.state, pair))).toEqual(['hands-off', 'pause']);
    expect(isAtLeast('hands-off', 'flatten')).toBe(true);
    expect(isAtLeast('pause', 'kill')).toBe(false);
  });

  test('a kill of one pair asks both of its venues and no other, and cancels its own orders alone', () => {
    const world = new World(three).ready();
    world.spread(0);
    withOrder(world);
    const request = { ...requestOf(world, { clientOrderId: 'qo01' as ClientOrderId }), groupId: 'g2' as GroupId };
    world.state.book.groups.push({ ...groups.other, id: 'g2' as GroupId, intentId: 'i2' as IntentId });
    world.state.book.orders = { ...world.state.book.orders, qo01: orderOf(request, 'working') };
    expect(world.command('kill', '', { scope: 'pair:pair' }).effects).toMatchObject([
      { type: 'cancel-order', ref: { clientOrderId: 'qa01' } },
      { type: 'take-snapshot', venueId: 'va' },
      { type: 'take-snapshot', venueId: 'vb' },
    ]);
  });
});

describe('verification', () => {
  test('needs the answer of every venue to a question asked after the latch', () => {
    const world = reconciled();
    world.control({ type: 'order-link', venueId: world.state.venues[0]!.settings.id, state: 'up', detail: 'again' });
    const asked = world.state.book.venues[0]!.pendingRequest;
    world.command('kill');
    expect(world.state.book.venues[0]!.pendingRequest).toBe(asked + 1);
    world.control({
      type: 'venue-snapshot',
      venueId: world.state.venues[0]!.settings.id,
      requestId: asked,
      outcome: {
        code: 'answered',
        snapshot: { venueUnixMs: null, openOrders: [], fills: [], positions: [], account: world.state.book.venues[0]!.account! },
      },
    });
    answer(world, 'vb');
    expect(world.state.kill).toMatchObject({
      verifiedUnixMs: null,
      remaining: [expect.stringMatching(/^va has not answered since the stop/)],
    });
    const last = answer(world, 'va');
    expect(last.facts.find((fact) => fact.type === 'kill-verified')).toMatchObject({ latch: { remaining: [] } });
    expect(world.state.kill).toMatchObject({ verifiedUnixMs: world.unixMs, remaining: [] });
  });

  test.each(['in-flight', 'working', 'unknown'] as const)('an order that is %s remains, whatever the venues say', (state) => {
    const world = withOrder(reconciled(), state);
    world.command('kill');
    answerAll(world);
    expect(world.state.kill!.verifiedUnixMs).toBeNull();
    expect(world.state.kill!.remaining).toEqual([expect.stringMatching(/^order qa01 \(sell 0.5 X@va\)/)]);
  });

  test('an order that a venue still shows remains, and the venue is asked again', () => {
    const world = withOrder(reconciled(), 'canceled');
    world.command('kill');
    answer(world, 'vb');
    answer(world, 'va', [openAt('qa01')]);
    expect(world.state.kill!.remaining.join()).toContain('qa01');
    expect(world.state.kill!.verifiedUnixMs).toBeNull();
    world.pass(VERIFY_AGAIN_MS);
    world.timer();
    expect(world.state.book.venues[0]!.pendingRequest).not.toBe(0);
    world.state.book.orders = { qa01: { ...world.state.book.orders['qa01']!, state: 'canceled' } };
    answer(world, 'va');
    expect(world.state.kill!.verifiedUnixMs).not.toBeNull();
  });

  test('a venue that fails to answer is not flat: it is asked until it does', () => {
    const world = reconciled();
    world.command('kill');
    answer(world, 'vb');
    const first = world.state.book.venues[0]!.pendingRequest;
    world.control({
      type: 'venue-snapshot',
      venueId: world.state.venues[0]!.settings.id,
      requestId: first,
      outcome: { code: 'failed', why: 'reset by peer' },
    });
    expect(world.state.kill!.verifiedUnixMs).toBeNull();
    world.pass(1_000);
    world.timer();
    expect(world.state.book.venues[0]!.pendingRequest).toBe(first + 1);
    answer(world, 'va');
    expect(world.state.kill!.verifiedUnixMs).not.toBeNull();
  });

  test('what remains is told after a moment, and a change of it not before half a minute', () => {
    const world = reconciled();
    world.command('kill');
    const told = () => world.facts('noted').filter(({ text }) => text.startsWith('kill not verified')).length;
    const wait = (ms: number) => {
      world.pass(ms);
      world.timer();
      return told();
    };
    expect(wait(TELL_REMAINING_AFTER_MS - 1)).toBe(0);
    expect(wait(1)).toBe(1);
    answer(world, 'va');
    expect(wait(TELL_REMAINING_AGAIN_MS - 1)).toBe(1);
    withOrder(world, 'unknown');
    expect(wait(1)).toBe(2);
    expect(wait(TELL_REMAINING_AGAIN_MS)).toBe(2);
  });

  test('an opening order that only now turns out to be working is canceled, once', () => {
    const world = withOrder(reconciled(), 'unknown');
    world.command('kill');
    world.state.book.orders = { qa01: { ...world.state.book.orders['qa01']!, state: 'working', cancelRequestedUnixMs: null } };
    expect(world.timer().effects).toContainEqual(expect.objectContaining({ type: 'cancel-order' }));
    expect(world.timer().effects.filter((effect) => effect.type === 'cancel-order')).toEqual([]);
  });

  test('hands-off cancels nothing, and says who must', () => {
    const world = withOrder(reconciled());
    world.command('hands-off');
    answerAll(world);
    expect(world.timer().effects.filter((effect) => effect.type === 'cancel-order')).toEqual([]);
    expect(world.state.kill!.remaining).toEqual([expect.stringContaining('hands are off, cancel it at va')]);
  });

  test('a flatten is verified when its groups are closed', () => {
    const world = reconciled();
    world.state.book.groups.push(groupOf({ state: 'operator-held', openedUnixMs: 0 }));
    world.command('flatten');
    answerAll(world);
    expect(world.state.kill).toMatchObject({ verifiedUnixMs: null, remaining: ['group g1 is held: an operator must act on it'] });
    world.state.book.groups = [];
    world.timer();
    expect(world.state.kill!.verifiedUnixMs).not.toBeNull();
  });

  test('a stop of a part is verified by its own venues', () => {
    const world = reconciled();
    world.command('kill', '', { scope: 'venue:va' });
    const verified = answer(world, 'va').facts.find((fact) => fact.type === 'scoped-stop');
    expect(verified).toMatchObject({ scope: 'venue:va', before: { verifiedUnixMs: null }, after: { verifiedUnixMs: world.unixMs } });
  });
});

describe('reset', () => {
  test('names every missing condition with its figures, and changes nothing', () => {
    const world = new World().ready();
    world.quote(0, { bid: 100, ask: 101 });
    world.command('kill');
    world.link('vb', 'backing-off');
    world.pass(501);
    const refused = world.command('reset', '  ');
    expect(refused.verdict).toEqual({
      code: 'not-allowed',
      requestId: expect.any(String),
      conditions: [
        'a reason must be given',
        'va has not answered since the stop: look at its link, and at the venue',
        'vb has not answered since the stop: look at its link, and at the venue',
        'venue va: newest quote is 501 ms old, limit 500 ms',
        expect.stringMatching(/^venue va is not reconciled/),
        'venue vb is backing-off, not live: test',
        'venue vb has sent no quote yet',
        expect.stringMatching(/^venue vb is not reconciled/),
      ],
    });
    expect(refused.facts).toMatchObject([{ type: 'command-refused', command: 'reset' }]);
    expect(world.state.trading).toBe('halted');
  });

  test('possible at exactly the age limit; opens the gate, leaves a pause in force and the engine disarmed', () => {
    const world = reconciled();
    world.state.book.armed = LATCH;
    world.command('pause');
    world.command('kill');
    answerAll(world);
    world.pass(500);
    expect(resetConditions(world.state)).toEqual([]);
    const reset = world.command('reset', 'drill over');
    expect(reset.verdict).toMatchObject({ code: 'applied', changed: true });
    expect(reset.facts).toMatchObject([
      { type: 'kill-reset', reason: 'drill over', by: 'tester' },
      { type: 'trading-state', after: 'active' },
    ]);
    expect(reset.effects).toEqual([
      { type: 'set-gate', gate: 'open' },
      { type: 'announce-mode', mode: 'normal' },
    ]);
    expect(world.state.book.armed).toBeNull();
    expect(world.command('reset')).toMatchObject({ facts: [], verdict: { code: 'applied', changed: false } });
  });

  test.each([
    ['compensating', '0', /is compensating/],
    ['operator-held', '0.1', /operator-held with 0.1 base units unhedged: act on it first/],
    ['closing', '-0.5', /closing with -0.5 base units unhedged/],
  ] as const)('a group that is %s with %s unhedged stands against it', (state, residualBaseQty, line) => {
    const world = reconciled();
    world.command('kill');
    answerAll(world);
    world.state.book.groups.push(groupOf({ state, residualBaseQty }));
    expect(world.command('reset', 'now').verdict).toMatchObject({ code: 'not-allowed', conditions: [expect.stringMatching(line)] });
  });

  test('hedged groups, and a held one that was settled, do not', () => {
    const world = reconciled();
    world.command('kill');
    answerAll(world);
    world.state.book.groups.push(groupOf({ state: 'open' }), groupOf({ id: 'g2' as GroupId, state: 'operator-held' }));
    expect(world.command('reset', 'now').verdict).toMatchObject({ changed: true });
  });

  test('of a part: its own venues and groups alone count, and it disarms', () => {
    const world = reconciled();
    world.state.book.armed = LATCH;
    world.command('kill', '', { scope: 'venue:va' });
    answer(world, 'va');
    world.link('vb', 'down');
    expect(world.command('reset', '', { scope: 'venue:va' }).verdict).toMatchObject({ conditions: ['a reason must be given'] });
    const reset = world.command('reset', 'looked', { scope: 'venue:va' });
    expect(reset.facts).toMatchObject([
      { type: 'arming-changed', after: null },
      { type: 'scoped-stop', scope: 'venue:va', after: null },
    ]);
    expect(reset.effects).toEqual([]);
    expect(world.state.book.scopedStops).toEqual([]);
    expect(world.state.book.stopChecks).toEqual([]);
  });

  test('a paused part has nothing to reset', () => {
    const world = reconciled();
    world.command('pause', '', { scope: 'venue:va' });
    expect(world.command('reset', 'x', { scope: 'venue:va' }).verdict).toMatchObject({ code: 'applied', changed: false });
    expect(world.state.book.scopedStops).toHaveLength(1);
  });
});

describe('a restart', () => {
  test.each([
    ['kill', 'reducing', 'close_only'],
    ['flatten', 'reducing', 'close_only'],
    ['hands-off', 'closed', 'halt'],
  ] as const)('%s stays latched, the gate %s, and is verified anew', (level, gate, mode) => {
    const world = new World();
    const started = world.start({ kill: latchOf(level, { verifiedUnixMs: 7 }) });
    expect(started.facts.map((fact) => fact.type)).toEqual(['run-started', 'trading-state', 'noted']);
    expect(started.effects).toEqual([
      { type: 'set-gate', gate },
      { type: 'announce-mode', mode },
    ]);
    expect(world.state).toMatchObject({ trading: 'halted', kill: latchOf(level) });
    world.timer();
    expect(world.state.kill!.verifiedUnixMs).toBeNull();
    for (const v of world.state.venues) world.control({ type: 'order-link', venueId: v.settings.id, state: 'up', detail: 'test' });
    answerAll(world);
    expect(world.state.kill!.verifiedUnixMs).toBe(world.unixMs);
  });

  test('stops of parts hold, and are verified anew; a paused part stays paused', () => {
    const scopedStops: readonly ScopedStop[] = [
      { scope: 'venue:va', level: 'kill', latch: latchOf('kill', { verifiedUnixMs: 7 }) },
      { scope: 'pair:pair', level: 'pause', latch: latchOf('kill', { verifiedUnixMs: 7 }) },
    ];
    const world = reconciledAfter(scopedStops);
    expect(stopOf(world.state, world.state.venues[0]!)).toBe('kill');
    expect(world.state.book.scopedStops.find((stop) => stop.scope === 'pair:pair')).toEqual(scopedStops[1]);
    expect(world.facts('scoped-stop')).toMatchObject([{ scope: 'venue:va', after: { verifiedUnixMs: world.unixMs } }]);
  });

  const reconciledAfter = (scopedStops: readonly ScopedStop[]): World =>
    reconciled(settingsOf(), { trading: { ...NOTHING_RECOVERED, scopedStops } });
});
