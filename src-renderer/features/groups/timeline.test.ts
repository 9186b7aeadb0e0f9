/** A group's history in order, each step with its leg, its time from the commit, and the venue's own words. */
import { describe, expect, it } from 'vitest';
import type { DustRecord } from '../../../src-shared/domain/hedgeGroup.ts';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import type { GroupHistory } from '../../../src-shared/domain/view.ts';
import { fixtureGroups, fixtureHistory, hedgeGroupOf, orderRecord } from '../../fixtureTrading.testkit.ts';
import { fixtureIntent, fixtureTables } from '../../fixtureRows.testkit.ts';
import { buildTimeline, type TimelineEntry } from './timeline.ts';

const NOW = 1_000_000;
const GROUPS = fixtureGroups(NOW);
const rowOf = (id: string) => {
  const row = GROUPS[id];
  if (row === undefined) throw new Error(`no group ${id}`);
  return row;
};
const historyOf = (id: string): GroupHistory => fixtureHistory(id, rowOf(id), null);
const brief = ({ kind, leg, text, sinceCommitMs }: TimelineEntry) => [kind, leg, text, sinceCommitMs];

describe('a group whose second leg was rejected', () => {
  const entries = buildTimeline(historyOf('gbtc9'));

  it('is told step by step with legs and latencies', () => {
    expect(entries.map(brief)).toEqual([
      ['group', null, 'group committed: 0.02 base, exchange-first', null],
      ['order', 'a', 'open: buy 0.02 BTCUSDT, limit 97330.0', null],
      ['answer', 'a', 'acknowledged', 9],
      ['fill', 'a', 'fill: buy 0.02 at 97231.52', 12],
      ['order', 'b', 'open: sell 0.02 BTCUSDT, limit 97330.0', null],
      ['end', 'b', 'rejected', 9],
      ['note', null, rowOf('gbtc9').why, null],
      ['rung', 'a', 'compensation 1: unwind 0.02 base, in-flight', null],
    ]);
  });

  it('keeps the venue’s words and code as they came', () => {
    expect(entries.find((entry) => entry.kind === 'end')).toMatchObject({ detail: '-2019 · Margin is insufficient.', tone: 'tone-warn' });
  });

  it('has a key of its own for every entry', () => {
    expect(new Set(entries.map((entry) => entry.key)).size).toBe(entries.length);
  });
});

describe('an order', () => {
  const group = hedgeGroupOf('gxag2', rowOf('gxag2'));
  const only = (over: Parameters<typeof orderRecord>[2]): readonly TimelineEntry[] => {
    const order = orderRecord(group, { name: 'a', attempt: 1, purpose: 'open', side: 'sell', committedUnixMs: 5_000_000 }, over);
    return buildTimeline({ ...historyOf('gxag2'), orders: [order], fills: [], timeline: [] }).filter((entry) => entry.unixMs >= 5_000_000);
  };

  it('that is unknown says so and how often it was asked for', () => {
    const entries = only({
      state: 'unknown',
      why: 'no answer in 5 s',
      queries: 3,
      unknownSinceUnixMs: 5_005_000,
      acknowledgedUnixMs: null,
      endedUnixMs: null,
    });
    expect(entries.at(-1)).toMatchObject({ text: expect.stringContaining('unknown'), sinceCommitMs: 5_000, tone: 'tone-error' });
    expect(entries.at(-1)?.detail).toBe('no answer in 5 s · asked 3 times');
  });

  it('that ended with a remainder tells how much was filled', () => {
    expect(only({ state: 'canceled', filledQty: '20', why: 'canceled', endedUnixMs: 5_000_040 }).at(-1)).toMatchObject({
      text: 'canceled',
      detail: 'filled 20 of 50',
      sinceCommitMs: 40,
    });
  });

  it('that our own side refused is not called rejected', () => {
    const refusal = { venueCode: null, text: 'below the least notional', retry: 'never', by: 'gateway' } as const;
    expect(only({ state: 'rejected', refusal, acknowledgedUnixMs: null, endedUnixMs: 5_000_001 }).at(-1)).toMatchObject({
      text: 'refused before it left',
      detail: 'below the least notional',
    });
  });

  it('that is filled without a booked fill yet still shows its end', () => {
    expect(only({ state: 'filled', endedUnixMs: 5_000_012 }).at(-1)).toMatchObject({ kind: 'end', text: 'filled' });
  });
});

describe('the rest of the story', () => {
  it('begins with the intent', () => {
    const tables = fixtureTables(NOW);
    const [[id, row]] = Object.entries(tables.intents) as [[string, (typeof tables.intents)[string]]];
    const pair = tables.pairs[row.pairId];
    if (pair === undefined) throw new Error('no pair');
    const intent = { ...fixtureIntent(id, row, pair), proposedUnixMs: rowOf('gxau4').createdUnixMs };
    expect(buildTimeline({ ...historyOf('gxau4'), intent })[0]).toMatchObject({
      kind: 'intent',
      text: 'intent: spread +9.1, edge +4.9 bp after costs',
    });
  });

  it('of a denied group is its denials', () => {
    const [only, ...rest] = buildTimeline(historyOf('gxau2'));
    expect(rest).toEqual([]);
    expect(only).toMatchObject({ text: 'denied', detail: 'in all groups $10,651, limit $10,000', tone: 'tone-warn' });
  });

  it('of an ended group names the reason', () => {
    expect(buildTimeline(historyOf('gxau3')).at(-1)).toMatchObject({ text: 'closed · take profit' });
  });

  it('takes the engine’s words on states, and leaves orders and fills to their records', () => {
    const history = historyOf('gxau4');
    expect(buildTimeline(history).some((entry) => entry.text.startsWith('open: both legs'))).toBe(true);
    const note = { unixMs: 9_000_000, severity: 'info', subject: 'gxau4' } as const;
    const told = buildTimeline({
      ...history,
      timeline: [
        { ...note, kind: 'group', text: 'opening → open' },
        { ...note, kind: 'order', text: 'a: filled' },
        { ...note, kind: 'risk', severity: 'critical', text: 'unhedged for 10 s' },
      ],
    });
    expect(told.slice(-2)).toMatchObject([{ text: 'opening → open' }, { text: 'unhedged for 10 s', tone: 'tone-error' }]);
    expect(told.some((entry) => entry.text === 'a: filled' || entry.text.startsWith('open: both legs'))).toBe(false);
  });

  it('shows what was booked out without an order', () => {
    const history = historyOf('gxag2');
    const dust: DustRecord = {
      groupId: history.group.id,
      leg: 'b',
      instrumentId: history.group.legs.b.instrumentId,
      qty: '-3',
      baseQty: '-0.03',
      kind: 'written-off',
      reason: 'broker confirmed',
      unixMs: 9_000_000,
    };
    expect(buildTimeline({ ...history, dust: [dust] }).at(-1)).toMatchObject({
      text: '−0.03 base written off',
      detail: 'broker confirmed',
      leg: 'b',
    });
  });

  it('does not mind a fill of an order it does not know', () => {
    const history = historyOf('gxau4');
    const [fill] = history.fills;
    if (fill === undefined) throw new Error('no fill');
    const stray = { ...fill, tradeId: 'stray', clientOrderId: 'qelse' as ClientOrderId, via: 'snapshot' as const };
    expect(buildTimeline({ ...history, fills: [stray] }).find((entry) => entry.kind === 'fill')).toMatchObject({
      sinceCommitMs: null,
      detail: expect.stringContaining('learned by snapshot'),
    });
  });
});
