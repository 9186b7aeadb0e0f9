import { describe, expect, test } from 'vitest';
import { DEFAULT_EXITS } from '../../../src-shared/domain/settings.ts';
import { instrument, metadataOf } from '../core.testkit.ts';
import { sessionOf } from '../risk/calendar.ts';
import { actsOf } from './acts.ts';
import { exitEstimate, flattenWait, MAX_CLOSE_RETRY_MS, MAX_CLOSE_ROUNDS } from './closing.ts';
import { isReducible, REFUSED, TradingWorld, type TradingOptions } from './hedging.testkit.ts';

const NEVER = { convergenceBps: -1_000 } as const;

/** Both legs filled: exchange-first, b then a. */
const open = (options: TradingOptions = {}, exits: Partial<typeof DEFAULT_EXITS> = NEVER): TradingWorld => {
  const world = new TradingWorld({ ...options, pair: { exits: { ...DEFAULT_EXITS, ...exits }, ...options.pair } }).entered();
  world.done(world.order('b'));
  world.done(world.order('a'));
  expect(world.group.state).toBe('open');
  return world;
};

const closed = (world: TradingWorld): void => {
  world.done(world.order('b'));
  world.done(world.order('a'));
  expect(world.group).toMatchObject({ state: 'closed', residualBaseQty: '0' });
  expect(Object.values(world.truth).every((qty) => qty.isZero())).toBe(true);
};

describe('exits', () => {
  test('convergence to the centre', () => {
    const world = open({}, { convergenceBps: 0.5 });
    world.wait(300, 1);
    expect(world.group.state).toBe('open');
    world.wait(100, 0.4);
    expect(world.group).toMatchObject({ state: 'closing', closeReason: 'convergence' });
    closed(world);
  });

  test('take-profit and stop, net of everything as if closed now', () => {
    const profit = open({}, { ...NEVER, takeProfitBps: 4 });
    profit.wait(300, 2);
    expect(profit.group.state).toBe('open');
    profit.wait(100, 0);
    expect(profit.group.closeReason).toBe('take-profit');
    closed(profit);
    const loss = open({}, { ...NEVER, stopLossBps: 20 });
    loss.wait(300, 20);
    expect(exitEstimate(loss.state, loss.group)!.netBps).toBeCloseTo(-15.4, 0);
    expect(loss.group.state).toBe('open');
    loss.wait(100, 30);
    expect(loss.group.closeReason).toBe('stop');
  });

  test('what the fee of a spot purchase leaves of the first leg does not keep the second open', () => {
    const world = new TradingWorld({
      metadataB: { qtyStep: '0.00001', minQty: '0.00001', minNotional: '5' },
      pair: { exits: { ...DEFAULT_EXITS, ...NEVER, maxHoldMs: 2_000 } },
    });
    world.entered(-5);
    world.done(world.order('b'));
    world.done(world.order('a'));
    Object.assign(world.state.instruments[1]!.settings, { kind: 'spot' });
    world.wait(2_100, -5);
    world.ack(world.order('b'));
    world.fill(world.order('b'), '0.5', { fee: '0.0004', feeCcy: 'X' });
    world.done(world.order('a'));
    expect(world.placed.map(({ leg, purpose, side, qty }) => `${purpose} ${leg}: ${side} ${qty}`)).toEqual([
      'open b: sell 0.5',
      'open a: buy 0.5',
      'close b: buy 0.5',
      'close a: sell 0.5',
    ]);
    expect(world.facts('dust-booked').map(({ dust }) => dust.baseQty)).toEqual(['-0.0004']);
    expect(world.group).toMatchObject({ state: 'closed', residualBaseQty: '0', ladder: [] });
    // By the venues' own books: cash of all fills, three fees of 0.1, and 0.0004 short at the mid.
    const cash = world.executed.reduce((sum, { side, qty, px }) => sum + (side === 'buy' ? -1 : 1) * Number(qty) * Number(px), 0);
    const { bidPx, askPx } = world.state.instruments[1]!;
    expect(Number(world.group.result!.net)).toBeCloseTo(cash - 0.3 - 0.0004 * ((bidPx + askPx) / 2), 9);
  });

  test('the longest holding time, at exactly its end', () => {
    const world = open({}, { ...NEVER, maxHoldMs: 2_000 });
    world.wait(1_900);
    expect(world.group.state).toBe('open');
    world.wait(100);
    expect(world.group).toMatchObject({ state: 'closing', closeReason: 'holding-time' });
    closed(world);
  });

  test('a session that is about to end', () => {
    const world = open({}, { ...NEVER, closeBeforeSessionEndMs: 60_000 });
    const minuteNow = Math.floor((world.unixMs - Date.UTC(2026, 0, 4)) / 60_000);
    Object.assign(world.state.instruments[0]!.settings, { sessions: [{ openUtcMinuteOfWeek: 0, closeUtcMinuteOfWeek: minuteNow + 2 }] });
    expect(sessionOf(world.state, world.state.instruments[0]!, world.unixMs).untilCloseMs).toBeGreaterThan(60_000);
    world.wait(1_000);
    expect(world.group.state).toBe('open');
    world.wait(60_000);
    expect(world.group.closeReason).toBe('session');
  });

  test('the operator, and flatten', () => {
    const byHand = open();
    byHand.wait(500);
    expect(byHand.act('close').verdict).toMatchObject({ code: 'applied' });
    expect(byHand.group).toMatchObject({ state: 'closing', closeReason: 'operator' });
    closed(byHand);
    const flat = open();
    flat.wait(500);
    flat.command('flatten');
    expect(flat.group).toMatchObject({ state: 'closing', closeReason: 'flatten' });
    closed(flat);
    expect(flat.state.kill).toMatchObject({ level: 'flatten' });
  });

  test('without a fresh quote nothing is estimated', () => {
    const world = open();
    world.pass(5_000).timer();
    expect(exitEstimate(world.state, world.group)).toBeNull();
  });
});

describe('closing', () => {
  test('what only closed in part is open again with the rest, and goes on where the reason stays', () => {
    const world = open();
    world.wait(100);
    world.act('close');
    world.partly(world.order('b'), '0.2');
    expect(world.placed.at(-1)).toMatchObject({ leg: 'a', purpose: 'close', qty: '0.2' });
    world.done(world.order('a'));
    expect(world.group).toMatchObject({ state: 'open', residualBaseQty: '0', closeReason: 'operator' });
    world.wait(1_500);
    expect(world.placed.at(-1)).toMatchObject({ leg: 'b', purpose: 'close', qty: '0.3' });
    closed(world);
  });

  test('a first leg that refuses leaves the group hedged; tried again, later each time', () => {
    const world = open();
    world.wait(100);
    world.act('close');
    for (const pause of [1_000, 2_000, 4_000]) {
      const before = world.placed.length;
      world.refuse(world.order('b'), REFUSED);
      expect(world.group).toMatchObject({ state: 'open', residualBaseQty: '0' });
      world.wait(pause - 600);
      expect(world.placed.length).toBe(before);
      world.wait(600);
      expect(world.placed.length).toBe(before + 1);
    }
    expect(world.placed.slice(2).every((o) => o.leg === 'b' && isReducible(o))).toBe(true);
  });

  test('a venue that will not let go: after so many closings a person, without a halt; both legs may be adopted', () => {
    const world = open();
    world.wait(100);
    world.act('close');
    for (let i = 0; i < MAX_CLOSE_ROUNDS; i++) {
      world.refuse(world.order('b'), REFUSED);
      world.wait(MAX_CLOSE_RETRY_MS + 100);
    }
    expect(world.placed).toHaveLength(2 + MAX_CLOSE_ROUNDS);
    expect(world.group).toMatchObject({ state: 'operator-held', residualBaseQty: '0' });
    expect(world.state.kill).toBeNull();
    expect(actsOf(world.state, world.group)).toEqual(['close', 'adopt', 'write-off']);
    world.act('adopt');
    expect(world.group.state).toBe('closed');
    expect(world.state.book.holdings).toMatchObject({ 'X@va': { qty: '0', foreignQty: '-0.5' }, 'X@vb': { qty: '0', foreignQty: '0.5' } });
  });

  test('a second leg that refuses is closed again with a growing bound, never reopened; exhausted → a person and a halt', () => {
    const world = open({ hedging: { maxUnwindAttempts: 3 } });
    world.wait(100);
    world.act('close');
    world.done(world.order('b'));
    world.refuse(world.order('a'), REFUSED);
    const bounds: number[] = [];
    for (let i = 0; i < 3; i++) {
      world.wait(3_000);
      const order = world.placed.at(-1)!;
      expect(order).toMatchObject({ leg: 'a', purpose: 'close', reduceOnly: true });
      bounds.push(Math.round((Number(order.limitPx) / Number(order.quote.askPx) - 1) * 10_000));
      world.refuse(world.order('a'), REFUSED);
    }
    world.wait(200);
    expect(bounds).toEqual([17, 23, 30]);
    expect(world.group.state).toBe('operator-held');
    expect(world.state.kill).toMatchObject({ source: 'engine' });
    expect(world.placed.slice(2).every(isReducible)).toBe(true);
  });

  test('one venue shut: nothing is sent to the other; it says what it waits for, and goes when it opens', () => {
    const world = open();
    const x = world.state.instruments[0]!;
    Object.assign(x.settings, { sessions: [{ openUtcMinuteOfWeek: 0, closeUtcMinuteOfWeek: 1 }] });
    world.wait(100);
    world.command('flatten');
    expect(flattenWait(world.state, world.group)).toBe('X@va is shut');
    world.wait(2_000);
    expect(world.placed).toHaveLength(2);
    expect(world.group).toMatchObject({ state: 'open', closeReason: 'flatten', why: 'to be closed (flatten); waits: X@va is shut' });
    Object.assign(x.settings, { sessions: [] });
    world.wait(200);
    expect(world.placed.at(-1)).toMatchObject({ leg: 'b', purpose: 'close' });
    closed(world);
  });

  test('a stale quote, a lost link and a silent order channel are waited for alike', () => {
    const world = open();
    world.wait(100);
    expect(flattenWait(world.state, world.group)).toBeNull();
    world.orderLink('vb', 'down');
    expect(flattenWait(world.state, world.group)).toBe('order channel of vb is down');
    world.link('va', 'backing-off');
    expect(flattenWait(world.state, world.group)).toBe('venue va is backing-off');
    world.link('va', 'live');
    world.orderLink('vb', 'up');
    world.pass(600).timer();
    expect(flattenWait(world.state, world.group)).toBe('X@va has no fresh quote');
  });

  test('an MT5 leg of several positions closes one order a position', () => {
    const world = new TradingWorld({
      metatrader: true,
      legOrder: 'metatrader-first',
      pair: { exits: { ...DEFAULT_EXITS, ...NEVER } },
    }).entered();
    const a = world.order('a');
    world.ack(a);
    world.fill(a, '0.2', { positionId: 'p1' });
    world.fill(a, '0.3', { positionId: 'p2' });
    world.done(world.order('b'));
    expect(world.group.legs.a.positions).toEqual([
      { positionId: 'p1', qty: '0.2' },
      { positionId: 'p2', qty: '0.3' },
    ]);
    world.wait(100);
    world.act('close');
    const closes = world.placed.slice(2);
    expect(closes.map((o) => `${o.leg} ${o.positionId} ${o.qty}`)).toEqual(['a p1 0.2', 'a p2 0.3']);
    expect(new Set(closes.map((o) => o.magic)).size).toBe(2);
    world.done(world.order('a', 2));
    expect(world.placed).toHaveLength(4);
    world.done(world.order('a', 3));
    expect(world.placed.at(-1)).toMatchObject({ leg: 'b', qty: '0.5' });
    world.done(world.order('b'));
    expect(world.group).toMatchObject({ state: 'closed', legs: { a: { positions: [] } } });
  });

  test('fees in a currency that nothing converts are named, not guessed', () => {
    const world = new TradingWorld().entered();
    world.ack(world.order('b'));
    world.fill(world.order('b'), undefined, { feeCcy: 'BNB', fee: '0.01' });
    world.done(world.order('a'));
    world.wait(300, 0);
    closed(world);
    expect(world.group.why).toContain('0.01 BNB');
    expect(world.group.result!.fees).toBe('0.3');
  });

  test('fees in a third currency are worth what an instrument quotes for it', () => {
    const bnb = instrument('BNB', 'va');
    const [a, b] = [instrument('X', 'va'), instrument('X', 'vb')];
    const world = new TradingWorld({ settings: { instruments: [a, b, bnb] } }).entered();
    world.control({ type: 'instrument', instrument: metadataOf(bnb, { baseCcy: 'BNB' }), mismatches: [] });
    world.quote(2, { bid: 599, ask: 601 });
    world.ack(world.order('b'));
    world.fill(world.order('b'), undefined, { feeCcy: 'BNB', fee: '0.01' });
    world.done(world.order('a'));
    world.wait(300, 0);
    closed(world);
    expect(world.group.why).not.toContain('BNB');
    expect(world.group.result!.fees).toBe('6.3');
  });
});
