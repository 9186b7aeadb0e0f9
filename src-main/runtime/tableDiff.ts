/** The difference of two table sets as row patches, field by field. Pure; rows hold JSON values only. */
import type { RowPatch } from '../../src-shared/contract/frames.ts';
import { TOPICS, type ConsoleTables, type Topic } from '../../src-shared/domain/view.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Equality of JSON values; members that are objects (a latch, a terminal report) are small. */
export const sameValue = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Fields, b as Fields];
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => key in right && sameValue(left[key], right[key]));
};

const changedFields = (before: Fields, after: Fields): Fields | null => {
  let changed: Record<string, unknown> | null = null;
  for (const field of Object.keys(after)) {
    if (sameValue(before[field], after[field])) continue;
    changed ??= {};
    changed[field] = after[field];
  }
  return changed;
};

const topicPatches = (topic: Topic, before: Readonly<Record<string, Fields>>, after: Readonly<Record<string, Fields>>): RowPatch[] => {
  const patches: RowPatch[] = [];
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) patches.push([topic, key, null]);
  for (const [key, row] of Object.entries(after)) {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    const fields = old === undefined ? row : changedFields(old, row);
    if (fields !== null) patches.push([topic, key, fields]);
  }
  return patches;
};

/** What leads from `before` to `after`; removed rows first, a new row with all its fields. */
export const diffTables = (before: ConsoleTables, after: ConsoleTables): readonly RowPatch[] =>
  TOPICS.flatMap((topic) => {
    const [old, now] = [before[topic], after[topic]] as unknown as [Record<string, Fields>, Record<string, Fields>];
    return topicPatches(topic, old, now);
  });
