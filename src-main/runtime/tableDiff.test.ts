import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { TOPICS, type ConsoleTables } from '../../src-shared/domain/view.ts';
import { diffTables, sameValue } from './tableDiff.ts';

const value = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.constant(null),
  fc.boolean(),
  fc.record({ at: fc.integer({ min: 0, max: 2 }), who: fc.array(fc.nat(2), { maxLength: 2 }) }),
);
// The rows of a topic always have the same fields; only their values differ.
const row = fc.record({ a: value, b: value, c: value }, { noNullPrototype: true });
const tables = fc
  .record(
    Object.fromEntries(
      TOPICS.map((topic) => [
        topic,
        fc.dictionary(fc.constantFrom('x', 'y', 'z', 'constructor', 'toString'), row, { noNullPrototype: true }),
      ]),
    ),
    { noNullPrototype: true },
  )
  .map((made) => made as unknown as ConsoleTables);

test('patches lead from any tables to any other, and are empty only for equal ones', () => {
  fc.assert(
    fc.property(tables, tables, (before, after) => {
      const patches = diffTables(before, after);
      const copy = structuredClone(before) as unknown as Record<string, Record<string, Record<string, unknown>>>;
      for (const [topic, key, fields] of patches) {
        const table = copy[topic] ?? {};
        if (fields === null) delete table[key];
        else table[key] = { ...(Object.hasOwn(table, key) ? table[key] : {}), ...structuredClone(fields) };
        if (fields !== null) expect(Object.keys(fields).length).toBeGreaterThan(0);
      }
      expect(JSON.parse(JSON.stringify(copy))).toEqual(JSON.parse(JSON.stringify(after)));
      expect(patches.length === 0).toBe(sameValue(before, after));
    }),
  );
});
