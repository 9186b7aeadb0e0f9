import { describe, expect, test } from 'vitest';
import { shortIdentity } from '../../src-shared/domain/exchange.ts';
import type { VenueId } from '../../src-shared/domain/ids.ts';
import type { SnapshotOutcome } from '../../src-shared/domain/order.ts';
import { DEFAULT_EXITS } from '../../src-shared/domain/settings.ts';
import { exchangeReport, LiveWorld } from './live/live.testkit.ts';
import { TradingWorld, type TradingOptions } from './hedging/hedging.testkit.ts';
import { armConditions } from './risk/arming.ts';

const MINE = '447558923436195840';
const OTHER = '447558923436199999';
const STAYS: TradingOptions = { pair: { exits: { ...DEFAULT_EXITS, convergenceBps: -1_000 }, cooldownMs: 0 } };

const says = (world: TradingWorld, venueId: string, account: string | null | undefined): void => {
  const report = exchangeReport({ environment: 'demo', ...(account === undefined ? {} : { account }) });
  world.control({ type: 'exchange', venueId: venueId as VenueId, report });
};

/** The next run of a ledger; nothing was said of its accounts, its links are still down. */
const begun = (world: TradingWorld, options = STAYS): TradingWorld => {
  const next = new TradingWorld(options);
  Object.assign(next.truth, world.truth);
  next.startUnixMs = world.unixMs + 1_000;
  next.ready({ runId: 'run-2', trading: world.remembered() });
  next.answersSnapshots = false;
  return next;
};

const up = (world: TradingWorld): void => {
  for (const { settings } of world.state.venues) world.orderLink(settings.id, 'up');
};

/** What the venue answers the newest question for a snapshot with. */
const answer = (world: TradingWorld, venueId: string): void =>
  world.answerSnapshot(venueId as VenueId, world.state.book.venues.find((v) => v.venueId === venueId)!.pendingRequest);

const bound = (): TradingWorld => {
  const world = new TradingWorld(STAYS).trading();
  says(world, 'vb', MINE);
  return world;
};

/** An order of its first leg is on its way. */
const opening = (): TradingWorld => {
  const world = bound().hold(0, 10_000);
  world.timer();
  world.command('arm');
  world.spread(5);
  return world;
};

const openBound = (): TradingWorld => {
  const world = opening();
  world.done(world.order('b'));
  world.done(world.order('a'));
  expect(world.group.state).toBe('open');
  return world;
};

describe('the account that a ledger belongs to', () => {
  test('is the first that is found, once and durably; what an exchange does not say binds nothing', () => {
    const world = new TradingWorld(STAYS).trading();
    says(world, 'vb', undefined);
    says(world, 'vb', null);
    expect(world.facts('account-bound')).toEqual([]);
    expect(armConditions(world.state).filter((text) => text.includes('account'))).toEqual([]);
    says(world, 'vb', MINE);
    says(world, 'vb', MINE);
    expect(world.facts('account-bound')).toMatchObject([{ venueId: 'vb', before: null, account: `demo ${MINE}` }]);
    expect(world.remembered().accounts).toEqual({ vb: `demo ${MINE}` });
  });

  test('another one at a later start refuses its pairs with both identities, shortened, and resets nothing', () => {
    const world = openBound();
    const next = begun(world);
    says(next, 'vb', OTHER);
    up(next);
    const [condition] = armConditions(next.state).filter((text) => text.includes('account'));
    expect(condition).toContain(shortIdentity(`demo ${MINE}`));
    expect(condition).toContain(shortIdentity(`demo ${OTHER}`));
    expect(condition).not.toContain(MINE);
    expect(next.facts('account-bound')).toEqual([]);
    expect(next.facts('cursor-moved')).toEqual([]);
    expect(next.remembered()).toMatchObject({ accounts: { vb: `demo ${MINE}` }, holdings: world.remembered().holdings });
    expect(next.facts('noted').some(({ severity, text }) => severity === 'error' && text.includes(shortIdentity(`demo ${OTHER}`)))).toBe(
      true,
    );
  });

  test('nothing of what another account says is believed: no snapshot, no "not found", no act of the exchange', () => {
    const next = begun(opening());
    says(next, 'vb', OTHER);
    up(next);
    answer(next, 'vb');
    expect(next.state.book.venues[1]).toMatchObject({ reconciled: 'failed', answeredRequest: 0, account: null });
    expect(next.state.book.venues[1]!.reconcileDetail).toContain(shortIdentity(`demo ${OTHER}`));
    next.silence(30_000);
    for (let n = 0; n < 5; n += 1) next.notFound(next.order('b'));
    expect(next.order('b').state).toBe('unknown');
    // What bears our name is ours, wherever it is found.
    next.found(next.order('b'), 'working', [next.execute(next.order('b'), '0.1')]);
    expect(next.facts('fill-booked')).toHaveLength(1);
    const act = { clientOrderId: null, venueMade: 'liquidation', side: 'sell' } as const;
    next.tell(next.execute(next.order('b'), '0.1', act));
    expect(next.facts('fill-booked')).toHaveLength(1);
    expect(next.facts('trade-passed')).toEqual([]);
  });

  test('nothing is sent there, whoever asks, not even what reduces; elsewhere everything goes on', () => {
    const world = openBound();
    const next = begun(world);
    says(next, 'vb', OTHER);
    up(next);
    answer(next, 'va');
    next.wait(500);
    next.act('close');
    next.wait(2_000);
    expect(next.placed.filter(({ venueId }) => venueId === 'vb')).toEqual([]);
    expect(next.group.legs.b.closedQty).toBe('0');
  });

  test('until it is read nothing is concluded either; the right one then goes on as ever', () => {
    const next = begun(opening());
    next.silence(30_000);
    for (let n = 0; n < 5; n += 1) next.notFound(next.order('b'));
    expect(next.order('b').state).toBe('unknown');
    says(next, 'vb', MINE);
    up(next);
    answer(next, 'vb');
    expect(next.state.book.venues[1]!.answeredRequest).toBeGreaterThan(0);
    next.silence(10_000);
    for (let n = 0; n < 3; n += 1) next.notFound(next.order('b'));
    expect(next.order('b').state).toBe('absent');
  });

  test('one that was known and is not said any more refuses entries, and nothing else', () => {
    const world = openBound();
    const next = begun(world);
    says(next, 'vb', null);
    next.answersSnapshots = true;
    up(next);
    expect(armConditions(next.state).some((text) => text.includes('account'))).toBe(true);
    next.wait(500);
    next.act('close');
    expect(next.placed).toHaveLength(1);
  });

  test('the same number in another world is another account', () => {
    const next = begun(bound());
    next.control({ type: 'exchange', venueId: 'vb' as VenueId, report: exchangeReport({ environment: 'live', account: MINE }) });
    expect(armConditions(next.state).some((text) => text.includes('account'))).toBe(true);
  });
});

describe('accepting another account', () => {
  const conditionsOf = (world: TradingWorld, venueId = 'vb'): readonly string[] => {
    const { verdict } = world.command('accept-account', 'new sub-account', { venueId });
    return verdict?.code === 'not-allowed' ? verdict.conditions : [];
  };

  test('is refused where there is none, at a venue that is not configured, and while something is open there', () => {
    expect(conditionsOf(bound())).toEqual([expect.stringContaining('is the one that this ledger belongs to')]);
    expect(conditionsOf(bound(), 'vz')).toEqual([expect.stringContaining('no venue "vz"')]);
    const next = begun(openBound());
    says(next, 'vb', OTHER);
    const conditions = conditionsOf(next);
    expect(conditions.some((text) => text.includes(next.group.id))).toBe(true);
    expect(conditions.some((text) => text.includes('X@vb'))).toBe(true);
    expect(next.remembered().accounts).toEqual({ vb: `demo ${MINE}` });
  });

  test('with an order whose end is not known it is refused', () => {
    const next = begun(opening());
    says(next, 'vb', OTHER);
    expect(conditionsOf(next).some((text) => text.includes(next.order('b').request.clientOrderId))).toBe(true);
  });

  test('binds the ledger anew, with a fresh cursor and no holding of the other account, and asks the venue', () => {
    const world = bound();
    const { id } = world.state.instruments[1]!.settings;
    const before = { ...world.remembered(), holdings: { ...world.remembered().holdings, [id]: { qty: '0', foreignQty: '3' } } };
    const next = new TradingWorld(STAYS);
    next.ready({ runId: 'run-2', trading: { ...before, cursors: { vb: 1_000 } } });
    next.answersSnapshots = false;
    says(next, 'vb', OTHER);
    up(next);
    const asked = next.results.flatMap(({ effects }) => effects).filter((effect) => effect.type === 'take-snapshot').length;
    expect(conditionsOf(next)).toEqual([]);
    expect(next.facts('account-bound')).toMatchObject([{ before: `demo ${MINE}`, account: `demo ${OTHER}`, cleared: [id] }]);
    expect(next.facts('cursor-moved').at(-1)!.fillsSinceUnixMs).toBeGreaterThanOrEqual(Math.floor(next.unixMs) - 1);
    const effects = next.results.flatMap((result) => result.effects).filter((effect) => effect.type === 'take-snapshot');
    expect(effects).toHaveLength(asked + 1);
    expect(next.remembered()).toMatchObject({ accounts: { vb: `demo ${OTHER}` } });
    expect(next.state.book.holdings[id]).toBeUndefined();
    answer(next, 'vb');
    expect(next.state.book.venues[1]!.reconciled).toBe('yes');
    expect(armConditions(next.state).filter((text) => text.includes('account'))).toEqual([]);
    expect(begun(next).remembered().accounts).toEqual({ vb: `demo ${OTHER}` });
  });

  test('the ladder of real money begins at its first rung again', () => {
    const world = new LiveWorld().proved();
    world.exchange('vb', { account: MINE });
    const rung = { rung: 2, maxNotionalUsd: 1_000, closedWell: 1, sinceUnixMs: world.unixMs };
    const next = new LiveWorld();
    next.ready({ runId: 'run-2', trading: { ...world.remembered(), rung } });
    next.exchange('vb', { account: OTHER });
    expect(next.state.book.live!.rung).toEqual(rung);
    expect(conditionsOf(next)).toEqual([]);
    expect(next.state.book.live!.rung).toMatchObject({ rung: 0, closedWell: 0 });
  });
});

test('two accounts that read the same when shortened are shown whole', () => {
  const next = begun(bound());
  const like = `${MINE.slice(0, 3)}0${MINE.slice(4)}`;
  says(next, 'vb', like);
  const [condition] = armConditions(next.state).filter((text) => text.includes('account'));
  expect(condition).toContain(like);
  expect(condition).toContain(MINE);
});

test('a snapshot of an earlier question counts as little', () => {
  const world = openBound();
  const next = begun(world);
  says(next, 'vb', OTHER);
  const fill = next.execute(world.order('b', 1), '0.1', { clientOrderId: null, venueMade: 'liquidation', side: 'sell' });
  const account = { ccy: 'USD', equity: '1', marginUsed: null, marginFree: null, balances: [] };
  const snapshot = { venueUnixMs: next.unixMs, openOrders: [], fills: [fill], positions: [], account };
  const outcome: SnapshotOutcome = { code: 'answered', snapshot };
  next.control({ type: 'venue-snapshot', venueId: fill.venueId, requestId: 9_999, outcome });
  expect(next.facts('fill-booked')).toEqual([]);
});
