/** The replica against its law: snapshot + deltas = tables, and a gap is never bridged. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConsoleFrame, RowPatch } from '../../src-shared/contract/frames.ts';
import type { ConsoleTables, Topic } from '../../src-shared/domain/view.ts';
import { TOPICS } from '../../src-shared/domain/view.ts';
import { applyFrame, EMPTY_TABLES, type Replica } from './replica.ts';

const applied = (replica: Replica | null, frame: ConsoleFrame): Replica => {
  const outcome = applyFrame(replica, frame);
  if (outcome.kind !== 'applied') throw new Error(`gap at ${outcome.receivedSeq}`);
  return outcome.replica;
};

const tablesOf = (loose: Partial<Record<Topic, Record<string, object>>>): ConsoleTables => ({ ...EMPTY_TABLES, ...loose }) as ConsoleTables;

const delta = (seq: number, ...patches: RowPatch[]): ConsoleFrame => ({ kind: 'delta', seq, patches });

const start = (): Replica =>
  applied(null, {
    kind: 'snapshot',
    seq: 7,
    tables: tablesOf({ pairs: { x: { ageMs: 1, stale: false }, y: { ageMs: 2, stale: false } }, venues: { okx: { link: 'live' } } }),
  });

describe('applyFrame', () => {
  it('lays changed fields over a row and shares every other row and table', () => {
    const before = start();
    const after = applied(before, delta(8, ['pairs', 'x', { ageMs: 5 }]));
    expect(after.tables.pairs['x']).toEqual({ ageMs: 5, stale: false });
    expect(after.tables.pairs['y']).toBe(before.tables.pairs['y']);
    expect(after.tables.venues).toBe(before.tables.venues);
    expect(before.tables.pairs['x']).toEqual({ ageMs: 1, stale: false });
  });

  it('keeps the very same tables when a patch changes nothing', () => {
    const before = start();
    expect(applied(before, delta(8, ['pairs', 'x', { ageMs: 1 }], ['venues', 'nobody', null])).tables).toBe(before.tables);
  });

  it('adds and removes rows, and takes several patches of one row in their order', () => {
    const after = applied(
      start(),
      delta(
        8,
        ['pairs', 'y', null],
        ['pairs', 'z', { ageMs: 9 }],
        ['pairs', 'z', { ageMs: 10 }],
        ['pairs', 'x', null],
        ['pairs', 'x', { ageMs: 3 }],
      ),
    );
    expect(after.tables.pairs).toEqual({ z: { ageMs: 10 }, x: { ageMs: 3 } });
  });

  it('treats a key of Object.prototype as an ordinary absent row', () => {
    expect(applied(start(), delta(8, ['pairs', 'constructor', { ageMs: 4 }])).tables.pairs['constructor']).toEqual({ ageMs: 4 });
  });

  it.each([
    ['a skipped number', start(), 9, 8],
    ['a repeated number', start(), 7, 8],
    ['an older number', start(), 3, 8],
    ['a delta before any snapshot', null, 1, null],
  ])('reports %s as a gap', (_, replica, receivedSeq, expectedSeq) => {
    expect(applyFrame(replica, delta(receivedSeq))).toEqual({ kind: 'gap', expectedSeq, receivedSeq });
  });

  it('reports a patch of an unknown topic as a gap', () => {
    expect(applyFrame(start(), delta(8, ['secrets' as Topic, 'x', {}])).kind).toBe('gap');
  });

  it('starts anew from a snapshot whatever came before', () => {
    const anew = applied(start(), { kind: 'snapshot', seq: 2, tables: EMPTY_TABLES });
    expect(anew).toEqual({ seq: 2, tables: EMPTY_TABLES });
  });
});

const figure = fc.oneof(fc.constant(null), fc.integer({ min: -3, max: 3 }), fc.boolean());
const row = fc.dictionary(fc.constantFrom('bid', 'ask', 'age'), figure, { maxKeys: 3, noNullPrototype: true });
const table = fc.dictionary(fc.constantFrom('p', 'q', 'r', 's'), row, { maxKeys: 4, noNullPrototype: true });
const tables = fc.record(Object.fromEntries(TOPICS.map((topic) => [topic, table]))) as unknown as fc.Arbitrary<ConsoleTables>;

/** What an honest publisher sends to get from one state to the next; fields it drops come as a new row. */
const patchesBetween = (before: ConsoleTables, after: ConsoleTables): RowPatch[] =>
  TOPICS.flatMap((topic) => {
    const [was, is] = [before[topic], after[topic]] as unknown as ReadonlyArray<Record<string, Record<string, unknown>>>;
    const patches: RowPatch[] = [];
    for (const key of Object.keys(was ?? {})) if (!Object.hasOwn(is ?? {}, key)) patches.push([topic, key, null]);
    for (const [key, now] of Object.entries(is ?? {})) {
      const old = was?.[key];
      const dropped = old !== undefined && Object.keys(old).some((name) => !Object.hasOwn(now, name));
      if (dropped) patches.push([topic, key, null]);
      const fields = Object.entries(now).filter(([name, value]) => dropped || old === undefined || !Object.is(old[name], value));
      if (old === undefined || fields.length > 0 || dropped) patches.push([topic, key, Object.fromEntries(fields)]);
    }
    return patches;
  });

describe('snapshot + deltas', () => {
  it('equal the tables at every step', () => {
    fc.assert(
      fc.property(fc.array(tables, { minLength: 1, maxLength: 8 }), fc.integer({ min: 0, max: 1e9 }), (states, seq) => {
        const [first = EMPTY_TABLES, ...rest] = states;
        let replica = applied(null, { kind: 'snapshot', seq, tables: first });
        let before = first;
        for (const state of rest) {
          replica = applied(replica, delta(replica.seq + 1, ...patchesBetween(before, state)));
          expect(replica.tables).toEqual(state);
          before = state;
        }
      }),
    );
  });

  it('lose exactly the frames after a gap until the next snapshot', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 30 }), (delivered) => {
        let replica: Replica | null = applied(null, { kind: 'snapshot', seq: 0, tables: EMPTY_TABLES });
        let lost = false;
        for (const [index, isDelivered] of delivered.entries()) {
          if (!isDelivered) {
            lost = true;
            continue;
          }
          const outcome = applyFrame(replica, delta(index + 1, ['pairs', 'x', { ageMs: index }]));
          expect(outcome.kind).toBe(lost ? 'gap' : 'applied');
          replica = outcome.kind === 'applied' ? outcome.replica : null;
        }
      }),
    );
  });
});
