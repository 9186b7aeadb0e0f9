import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { InstrumentId, VenueId } from '../../../src-shared/domain/ids.ts';
import type { RungRecord } from '../../../src-shared/domain/live.ts';
import type { ChargeRecord } from '../../../src-shared/domain/order.ts';
import type { EngineSettings } from '../../../src-shared/domain/settings.ts';
import type { KillLatch, Latch } from '../../../src-shared/domain/tradingState.ts';
import { MAX_ENDED_GROUPS, MAX_TRADE_IDS, NOTHING_RECOVERED } from '../../core/book.ts';
import type { OperatorCommand } from '../../core/events.ts';
import type { Effect, Fact } from '../../core/facts.ts';
import { eventRowOf } from '../../core/notes.ts';
import { MAX_TIMELINE_ROWS } from './groupQueries.ts';
import { openArchive, openLedger } from './ledger.ts';
import { handClock, sampleIntent, scratchFolder, smallSettings, stampedTimer, startedFrom } from './ledger.testkit.ts';
import {
  endedGroup,
  entryFacts,
  fillFact,
  groupFact,
  orderFact,
  sampleDust,
  sampleFill,
  sampleGroup,
  sampleOrder,
  sampleRequest,
  T0,
} from './trading.testkit.ts';

const begun = (path = join(scratchFolder(), 'ledger.db')) => {
  const clock = handClock(T0);
  const ledger = openLedger({ path, clock, owner: 'test 1' });
  const { runId, recovered } = ledger.beginRun(smallSettings(), '2.0.0');
  ledger.commit(startedFrom(runId, recovered), [{ type: 'run-started', runId }], [], 'full');
  let seq = 1;
  const commit = (facts: readonly Fact[], effects: readonly Effect[] = []): number => {
    seq += 1;
    const event = stampedTimer(seq);
    const rows = facts.map((fact) => eventRowOf(fact, event.unixMs));
    ledger.commit(event, facts, effects, 'normal', rows);
    return seq;
  };
  return { ledger, clock, path, commit, runId };
};

const recoveredOf = (path: string, unixMs = T0) => {
  const ledger = openLedger({ path, clock: handClock(unixMs), owner: 'test 2' });
  try {
    return ledger.beginRun(smallSettings(), '2.0.0').recovered;
  } finally {
    ledger.close();
  }
};

const latch: KillLatch = {
  level: 'kill',
  latchedUnixMs: T0,
  source: 'engine',
  by: 'engine',
  reason: 'silent EA',
  verifiedUnixMs: null,
  remaining: ['q1a01'],
};

const firstRung: RungRecord = { rung: 0, maxNotionalUsd: null, closedWell: 0, sinceUnixMs: T0 };
const bound = (venueId: string, before: string | null, account: string | null): Fact => ({
  type: 'account-bound',
  venueId: venueId as VenueId,
  before,
  account,
  cleared: [],
  why: 'test',
});
const secondRung: RungRecord = { rung: 1, maxNotionalUsd: 500.5, closedWell: 2, sinceUnixMs: T0 + 9.5 };

test('what a restart must not forget comes back exactly as it was committed', () => {
  const { ledger, path, commit } = begun();
  const open = sampleGroup(2, { state: 'open', openedUnixMs: T0 + 9, residualBaseQty: '-0.0004', residualAlarmed: true });
  const unknown = sampleOrder(sampleRequest(1, 'b'), { state: 'unknown', unknownSinceUnixMs: T0 + 7, queries: 2, why: 'time-out' });
  const filled = sampleOrder(sampleRequest(1, 'a'), { state: 'filled', filledQty: '0.010', bookedQty: '0.010', avgPx: '64000.1' });
  commit(entryFacts(1));
  commit(entryFacts(2));
  commit([groupFact(open, 'opening'), orderFact(unknown, 'in-flight'), orderFact(filled, 'in-flight'), fillFact(sampleFill(1, 'a'))]);
  const refused = sampleOrder(sampleRequest(2, 'a'), {
    state: 'rejected',
    refusal: { venueCode: '-2010', text: 'no funds', retry: 'never', by: 'venue' },
  });
  commit([
    orderFact(refused, 'in-flight'),
    { type: 'holding-changed', instrumentId: 'BTCUSDT@one', before: null, after: { qty: '-0.010', foreignQty: '0.5' }, why: 'fill t1' },
    { type: 'fences-changed', fences: [{ pairId: 'one-two', kind: 'failure', untilUnixMs: T0 + 30_000.5 }] },
    {
      type: 'disablements-changed',
      disablements: [{ scope: 'venue:one', code: 'venue-errors', text: '5 errors', sinceUnixMs: T0, untilUnixMs: null }],
      why: 'five errors',
    },
    { type: 'scoped-stop', scope: 'venue:one', level: 'pause', before: null, after: latch },
    { type: 'scoped-stop', scope: 'venue:one', level: 'kill', before: latch, after: latch },
    { type: 'scoped-stop', scope: 'pair:one-two', level: 'flatten', before: null, after: { ...latch, level: 'flatten' } },
    {
      type: 'limit-changed',
      name: 'maxOpenGroups',
      before: 3,
      after: 1,
      override: { name: 'maxOpenGroups', value: 1, configured: 3, changedUnixMs: T0, by: 'me' },
      by: 'me',
      reason: 'careful',
    },
    { type: 'day-changed', day: { utcDay: 20_370, startEquityUsd: 100_000.5, netUsd: -3.25, groups: 2, losingStreak: 1 } },
    { type: 'cursor-moved', venueId: 'one' as VenueId, fillsSinceUnixMs: T0 + 0.5 },
    { type: 'cursor-moved', venueId: 'two' as VenueId, fillsSinceUnixMs: T0 },
    { type: 'cursor-moved', venueId: 'one' as VenueId, fillsSinceUnixMs: T0 + 60_000.25 },
    { type: 'trade-passed', venueId: 'one' as VenueId, instrumentId: 'BTCUSDT@one' as InstrumentId, tradeId: 'p1', venueUnixMs: T0 + 0.5 },
    bound('one', null, 'live 111'),
    bound('two', null, 'live 222'),
    bound('three', null, 'live 333'),
    bound('two', 'live 222', 'live 444'),
    bound('three', 'live 333', null),
    { type: 'rung-changed', before: firstRung, after: { ...firstRung, closedWell: 4 }, why: 'group g1 closed well' },
    { type: 'rung-changed', before: firstRung, after: secondRung, why: 'climbed' },
  ]);
  ledger.close();

  expect(recoveredOf(path).trading).toStrictEqual({
    groups: [sampleGroup(1), open],
    orders: [filled, unknown, refused, sampleOrder(sampleRequest(2, 'b'))],
    tradeIds: ['one BTCUSDT@one t1', 'one BTCUSDT@one p1'],
    holdings: { 'BTCUSDT@one': { qty: '-0.010', foreignQty: '0.5' } },
    magics: { one: 9_007_199_254_740_002 },
    fences: [{ pairId: 'one-two', kind: 'failure', untilUnixMs: T0 + 30_000.5 }],
    disablements: [{ scope: 'venue:one', code: 'venue-errors', text: '5 errors', sinceUnixMs: T0, untilUnixMs: null }],
    scopedStops: [
      { scope: 'pair:one-two', level: 'flatten', latch: { ...latch, level: 'flatten' } },
      { scope: 'venue:one', level: 'kill', latch },
    ],
    overrides: [{ name: 'maxOpenGroups', value: 1, configured: 3, changedUnixMs: T0, by: 'me' }],
    day: { utcDay: 20_370, startEquityUsd: 100_000.5, netUsd: -3.25, groups: 2, losingStreak: 1 },
    cursors: { one: T0 + 60_000.25, two: T0 },
    accounts: { one: 'live 111', two: 'live 444' },
    rung: secondRung,
    entries: [
      { unixMs: T0 + 1.25, pairId: 'one-two', direction: 'sell-a-buy-b' },
      { unixMs: T0 + 2.25, pairId: 'one-two', direction: 'sell-a-buy-b' },
    ],
  });
});

test('what was lifted, undone or run out is not recovered', () => {
  const { ledger, path, commit } = begun();
  commit([
    { type: 'scoped-stop', scope: 'venue:one', level: 'kill', before: null, after: latch },
    { type: 'fences-changed', fences: [{ pairId: 'one-two', kind: 'entry', untilUnixMs: T0 }] },
    {
      type: 'limit-changed',
      name: 'priceCollarBps',
      before: 10,
      after: 5,
      override: { name: 'priceCollarBps', value: 5, configured: 10, changedUnixMs: T0, by: 'me' },
      by: 'me',
      reason: '',
    },
  ]);
  commit([
    { type: 'scoped-stop', scope: 'venue:one', level: 'kill', before: latch, after: null },
    { type: 'fences-changed', fences: [] },
    { type: 'limit-changed', name: 'priceCollarBps', before: 5, after: 10, override: null, by: 'me', reason: '' },
  ]);
  ledger.close();
  expect(recoveredOf(path).trading).toStrictEqual(NOTHING_RECOVERED);
});

test('a raised kill is recovered at its level', () => {
  const { ledger, path, commit } = begun();
  const flatten: KillLatch = { ...latch, level: 'flatten', remaining: [] };
  commit([{ type: 'kill-latched', latch, requestId: 'aaaaaaaa' }]);
  commit([{ type: 'kill-raised', before: latch, after: flatten, requestId: 'bbbbbbbb' }]);
  ledger.close();
  expect(recoveredOf(path).kill).toStrictEqual(flatten);
});

test('live groups all come back, of the ended ones the newest, by when they last changed', () => {
  const { ledger, path, commit } = begun();
  const count = MAX_ENDED_GROUPS + 3;
  for (let n = 1; n <= count; n += 1) commit(entryFacts(n));
  for (let n = count; n >= 2; n -= 1) commit([groupFact(endedGroup(sampleGroup(n), n === 5 ? 'denied' : 'closed'), 'opening')]);
  commit(entryFacts(count + 1));
  ledger.close();
  const { groups, orders, entries } = recoveredOf(path).trading;
  const ended = Array.from({ length: MAX_ENDED_GROUPS }, (_, i) => `g${MAX_ENDED_GROUPS + 1 - i}`);
  expect(groups.map((group) => group.id)).toEqual(['g1', `g${count + 1}`, ...ended]);
  expect(orders).toHaveLength(2 * groups.length);
  expect(entries).toHaveLength(count);
});

test('trade ids are remembered up to their bound, oldest first, and entries for an hour', () => {
  const { ledger, path, commit } = begun();
  commit(entryFacts(1));
  const fills = Array.from({ length: MAX_TRADE_IDS + 2 }, (_, n) => fillFact(sampleFill(1, 'a', { tradeId: `x${n}` })));
  commit(fills);
  ledger.close();
  const { tradeIds } = recoveredOf(path, T0 + 3_600_001).trading;
  expect(tradeIds).toHaveLength(MAX_TRADE_IDS);
  expect([tradeIds[0], tradeIds.at(-1)]).toEqual(['one BTCUSDT@one x2', `one BTCUSDT@one x${MAX_TRADE_IDS + 1}`]);
  expect(recoveredOf(path, T0 + 3_600_001).trading.entries).toHaveLength(1);
  expect(recoveredOf(path, T0 + 3_600_001.25).trading.entries).toEqual([]);
});

test('a charge is remembered as a trade is, and taken once only', () => {
  const { ledger, path, commit } = begun();
  commit(entryFacts(1));
  const fill = sampleFill(1, 'a', { tradeId: 'x1' });
  commit([fillFact(fill)]);
  const { venueId, instrumentId, tradeId, clientOrderId, groupId, leg } = fill;
  const charge: ChargeRecord = {
    venueId,
    instrumentId,
    tradeId,
    clientOrderId: clientOrderId!,
    groupId,
    leg,
    chargeId: 'x1#1',
    amount: '-0.70',
    ccy: 'USD',
    venueUnixMs: null,
    why: 'swap',
    bookedUnixMs: T0 + 5,
  };
  commit([{ type: 'charge-booked', charge }]);
  expect(() => commit([{ type: 'charge-booked', charge }])).toThrow(/UNIQUE/);
  ledger.close();
  expect(recoveredOf(path).trading.tradeIds).toEqual(['one BTCUSDT@one x1', 'one BTCUSDT@one x1#1']);
});

test.each<[string, (commit: (facts: readonly Fact[]) => unknown) => unknown]>([
  [
    'a client order id',
    (commit) => commit([orderFact(sampleOrder(sampleRequest(2, 'a', { clientOrderId: 'q1a01' as never }))), ...entryFacts(2)]),
  ],
  [
    'an attempt of a leg',
    (commit) => commit([orderFact(sampleOrder(sampleRequest(1, 'a', { clientOrderId: 'q1a99' as never, magic: 7 })))]),
  ],
  [
    'a magic at its venue',
    (commit) => commit([orderFact(sampleOrder(sampleRequest(1, 'a', { clientOrderId: 'q1a02' as never, attempt: 2 })))]),
  ],
  ['an execution', (commit) => commit([fillFact(sampleFill(1, 'a')), fillFact(sampleFill(1, 'a', { qty: '0.020' }))])],
  ['an intent', (commit) => commit([groupFact(sampleGroup(1, { id: 'g77' as never }))])],
  ['a group that is not there', (commit) => commit([orderFact(sampleOrder(sampleRequest(9, 'b')))])],
])('%s cannot be used twice, or be made up: the commit is gone whole', (_what, violate) => {
  const { ledger, path, commit } = begun();
  commit(entryFacts(1));
  expect(() => violate(commit)).toThrow(/UNIQUE|FOREIGN KEY/);
  ledger.close();
  const { trading } = recoveredOf(path);
  expect(trading.groups).toEqual([sampleGroup(1)]);
  expect(trading.orders).toEqual([sampleOrder(sampleRequest(1, 'a')), sampleOrder(sampleRequest(1, 'b'))]);
  expect(trading.tradeIds).toEqual([]);
});

test('facts of one step may come in any order: references are checked at its commit', () => {
  const { ledger, commit } = begun();
  commit([fillFact(sampleFill(1, 'b')), ...entryFacts(1).toReversed()]);
  expect(ledger.group('g1')?.fills).toHaveLength(1);
  ledger.close();
});

test('one group with everything that happened to it', () => {
  const { ledger, commit } = begun();
  commit(entryFacts(1));
  commit(entryFacts(2));
  const filled = sampleOrder(sampleRequest(1, 'a'), { state: 'filled', filledQty: '0.010' });
  commit([orderFact(filled, 'in-flight'), fillFact(sampleFill(1, 'a')), { type: 'dust-booked', dust: sampleDust(1) }]);
  const closed = endedGroup(sampleGroup(1));
  commit([{ type: 'group-acted', groupId: closed.id, act: 'close', by: 'me', reason: 'enough', requestId: 'aaaaaaaa' }]);
  commit([groupFact(closed, 'opening')]);
  const history = ledger.group('g1');
  expect(history).toStrictEqual({
    group: closed,
    intent: { ...sampleIntent('i1', T0 + 1), disposition: 'hedging', groupId: 'g1' },
    orders: [filled, sampleOrder(sampleRequest(1, 'b'))],
    fills: [sampleFill(1, 'a')],
    dust: [sampleDust(1)],
    timeline: expect.any(Array) as unknown,
  });
  expect(history?.timeline.map(({ kind, text }) => `${kind}: ${text.slice(0, 24)}`)).toEqual([
    'group: one-two: new → opening: ',
    'order: a: open sell 0.010 BTCUS',
    'order: b: open buy 0.010 BTCUSD',
    'order: a: q1a01 in-flight → fil',
    'order: a: sell 0.010 BTCUSDT@on',
    'group: dust: 0.0004 of BTCUSDT@',
    'operator: close by me: enough',
    'group: one-two: opening → close',
  ]);
  expect(ledger.group('nobody')).toBeNull();
  expect(ledger.intents(null, 10).map(({ id, groupId, disposition }) => [id, groupId, disposition])).toEqual([
    ['i2', 'g2', 'hedging'],
    ['i1', 'g1', 'hedging'],
  ]);
  ledger.close();
});

test('a timeline is bounded: the newest rows stay', () => {
  const { ledger, commit } = begun();
  commit(entryFacts(1));
  const noted = (n: number): Fact => ({ type: 'noted', severity: 'info', kind: 'group', subject: 'g1', text: `note ${n}` });
  commit(Array.from({ length: MAX_TIMELINE_ROWS }, (_, n) => noted(n)));
  const timeline = ledger.group('g1')?.timeline;
  expect(timeline).toHaveLength(MAX_TIMELINE_ROWS);
  expect(timeline?.at(-1)?.text).toBe(`note ${MAX_TIMELINE_ROWS - 1}`);
  expect(timeline?.[0]?.text).toBe('note 0');
  ledger.close();
});

test('pages of groups, orders and fills visit each once, newest first', () => {
  const { ledger, path, commit } = begun();
  for (let n = 1; n <= 9; n += 1) commit([...entryFacts(n), fillFact(sampleFill(n, 'b'))]);
  ledger.close();
  const archive = openArchive({ path });
  const pagesOf = <T>(read: (before: number | null, limit: number) => readonly T[], timeOf: (item: T) => number): readonly T[] => {
    const seen: T[] = [];
    for (let before: number | null = null; ; before = timeOf(seen.at(-1)!)) {
      const page = read(before, 2);
      if (page.length === 0) return seen;
      seen.push(...page);
    }
  };
  const groups = pagesOf(
    (before, limit) => archive.groups(before, limit),
    (group) => group.createdUnixMs,
  );
  expect(groups.map((group) => group.id)).toEqual(Array.from({ length: 9 }, (_, i) => `g${9 - i}`));
  expect(
    pagesOf(
      (before, limit) => archive.fills(before, limit),
      (fill) => fill.bookedUnixMs,
    ).map((fill) => fill.tradeId),
  ).toEqual(groups.map(({ id }) => id.replace('g', 't')));
  expect(
    pagesOf(
      (before, limit) => archive.orders(before, limit),
      (order) => order.committedUnixMs,
    ),
  ).toHaveLength(18);
  expect(archive.mode()).toBe('paper');
  archive.close();
});

test('every version of a group and of an order can be had back; nothing is stored twice', () => {
  const { ledger, path, commit } = begun();
  const groups = [
    sampleGroup(1),
    sampleGroup(1, { state: 'open', why: 'both legs are filled', openedUnixMs: T0 + 5 }),
    sampleGroup(1, { state: 'compensating', why: 'a residual', residualBaseQty: '0.004', residualSinceUnixMs: T0 + 6 }),
    endedGroup(sampleGroup(1)),
  ];
  const request = sampleRequest(1, 'a');
  const orders = [
    sampleOrder(request),
    sampleOrder(request, { state: 'unknown', unknownSinceUnixMs: T0 + 2 }),
    sampleOrder(request, { state: 'filled', filledQty: '0.010', endedUnixMs: T0 + 3 }),
  ];
  const [intent] = entryFacts(1);
  commit([intent!, groupFact(groups[0]!), orderFact(orders[0]!)]);
  commit([groupFact(groups[1]!, 'opening'), orderFact(orders[1]!, 'in-flight')]);
  commit(entryFacts(2));
  // Twice within one step, and once without a difference.
  commit([
    groupFact(groups[2]!, 'open'),
    groupFact(groups[2]!, 'compensating'),
    groupFact(groups[3]!, 'compensating'),
    orderFact(orders[2]!, 'unknown'),
  ]);
  ledger.close();
  const archive = openArchive({ path });
  expect(archive.groupVersions('g1')).toStrictEqual([...groups.slice(0, 3), groups[2], groups[3]]);
  expect(archive.orderVersions('q1a01')).toStrictEqual(orders);
  expect([archive.groupVersions('g2').length, archive.groupVersions('g9'), archive.orderVersions('q9')]).toEqual([1, [], []]);
  archive.close();
  const db = new Database(path, { readonly: true });
  const payloads = db.prepare<[], string>("SELECT payload FROM facts WHERE type IN ('group-changed', 'order-changed')").pluck().all();
  expect(Math.max(...payloads.map((payload) => payload.length))).toBeLessThan(600);
  db.close();
});

test('an order in the outbox names its row; one that no fact has brought is kept whole', () => {
  const { ledger, path, commit } = begun();
  const [a, b] = [sampleRequest(1, 'a'), sampleRequest(1, 'b')];
  const place = (order: typeof a): Effect => ({ type: 'place-order', order: order as never });
  const [intent, group] = entryFacts(1);
  commit([intent!, group!, orderFact(sampleOrder(a))], [place(a), place(b), { type: 'set-gate', gate: 'open' }]);
  ledger.close();
  const db = new Database(path, { readonly: true });
  const sizes = db.prepare<[], number>("SELECT length(payload) FROM effects WHERE type = 'place-order' ORDER BY ordinal").pluck().all();
  expect(sizes[0]).toBeLessThan(60);
  expect(sizes[1]).toBeGreaterThan(300);
  db.close();
  expect(recoveredOf(path).undoneEffects).toStrictEqual([place(a), place(b), { type: 'set-gate', gate: 'open' }]);
});

test('a started event with recovered trading comes back from the journal bit for bit', () => {
  const { ledger, path, commit } = begun();
  commit([
    ...entryFacts(1),
    fillFact(sampleFill(1, 'a')),
    { type: 'fences-changed', fences: [{ pairId: 'p', kind: 'loss', untilUnixMs: T0 }] },
  ]);
  ledger.close();
  const second = openLedger({ path, clock: handClock(T0), owner: 'b' });
  const { runId, recovered } = second.beginRun(smallSettings(), '2');
  const started = startedFrom(runId, recovered);
  second.commit(started, [], [], 'full');
  second.commit(stampedTimer(2), [groupFact(endedGroup(sampleGroup(1)), 'opening')], [], 'full');
  second.close();
  const archive = openArchive({ path });
  expect([...archive.journal(runId)][0]).toStrictEqual(started);
  expect(archive.standing().trading.groups).toEqual([endedGroup(sampleGroup(1))]);
  archive.close();
});

const commandBase = { requestId: 'rrrrrrrr', reason: 'why', source: 'console', by: 'me' } as const;

test.each<[OperatorCommand, string | null, string | null]>([
  [{ ...commandBase, kind: 'kill' }, 'all', null],
  [{ ...commandBase, kind: 'flatten', scope: 'pair:one-two' }, 'pair:one-two', null],
  [{ ...commandBase, kind: 'arm' }, null, null],
  [{ ...commandBase, kind: 'arm', confirmation: 'live mine worst 5 USD' }, null, 'live mine worst 5 USD'],
  [{ ...commandBase, kind: 'climb' }, null, null],
  [{ ...commandBase, kind: 'disarm' }, null, null],
  [{ ...commandBase, kind: 'set-limits', limits: { maxOpenGroups: 1 } }, null, '{"maxOpenGroups":1}'],
  [{ ...commandBase, kind: 'group-act', groupId: 'g1', act: 'write-off' }, 'g1', 'write-off'],
  [{ ...commandBase, kind: 'enable', scope: 'venue:one' }, 'venue:one', null],
  [{ ...commandBase, kind: 'accept-account', venueId: 'one' }, 'one', null],
  [{ ...commandBase, kind: 'accept-position', instrumentId: 'BTCUSDT@one' }, 'BTCUSDT@one', null],
])('the action %j is kept with what it was about, and its event comes back', (command, target, detail) => {
  const { ledger, path, runId } = begun();
  const event = { type: 'operator', seq: 2, monoUs: 1, unixMs: T0, command } as const;
  ledger.commit(event, [], [], 'full');
  ledger.close();
  const db = new Database(path, { readonly: true });
  const row = db.prepare('SELECT command, target, detail, reason, operator FROM operator_actions').get();
  expect(row).toEqual({ command: command.kind, target, detail, reason: 'why', operator: 'me' });
  db.close();
  const archive = openArchive({ path });
  expect([...archive.journal(runId)].at(-1)).toStrictEqual(event);
  archive.close();
});

test('a file belongs to the mode of its first run, for good', () => {
  const { ledger, path } = begun();
  ledger.close();
  const live = { ...smallSettings(), mode: 'live' } as unknown as EngineSettings;
  const again = openLedger({ path, clock: handClock(T0), owner: 'b' });
  expect(() => again.beginRun(live, '2')).toThrow(expect.objectContaining({ name: 'LedgerFault', code: 'other-mode', path }));
  expect(() => again.beginRun(live, '2')).toThrow(/holds paper trading.*live.*choose another --data-dir/s);
  expect(again.beginRun(smallSettings(), '2').recovered.previousRunEndedCleanly).toBe(false);
  again.close();
  const archive = openArchive({ path });
  expect(archive.runs()).toHaveLength(2);
  archive.close();

  const fresh = join(scratchFolder(), 'live.db');
  const first = openLedger({ path: fresh, clock: handClock(T0), owner: 'c' });
  first.beginRun(live, '2');
  expect(() => first.beginRun(smallSettings(), '2')).toThrow('holds live trading');
  first.close();
});

test('arming is a fact and is never recovered', () => {
  const { ledger, path, commit } = begun();
  const by: Latch = { latchedUnixMs: T0, source: 'console', by: 'me', reason: 'go' };
  commit([{ type: 'arming-changed', before: null, after: by, why: 'go' }]);
  ledger.close();
  expect(recoveredOf(path).trading).toStrictEqual(NOTHING_RECOVERED);
});
