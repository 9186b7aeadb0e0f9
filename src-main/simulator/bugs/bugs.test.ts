/**
 * Every planted bug fits the production source as it is, and is caught. Each runs in child processes of its own that load the
 * changed source; the product itself is never touched.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { BUGS } from './bugs.ts';
import { huntOne } from './hunt.ts';
import { mutate } from './plant.ts';
import { CATCHING_SEEDS } from './seeds.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MINUTES = 1;
const WORKERS = 2;
describe('the planted bugs', () => {
  test('are at least twenty, each with a name of its own', () => {
    expect(BUGS.length).toBeGreaterThanOrEqual(20);
    expect(new Set(BUGS.map((bug) => bug.name)).size).toBe(BUGS.length);
    expect(Object.keys(CATCHING_SEEDS).filter((name) => !BUGS.some((bug) => bug.name === name))).toEqual([]);
  });

  test.each(BUGS)('$name: its places are in the source, each exactly once', ({ name, edits }) => {
    for (const edit of edits) {
      const source = readFileSync(ROOT + edit.file, 'utf8');
      expect(mutate(source, name, edit)).not.toBe(source);
    }
  });

  test('a place that is not there is an error', () => {
    const edit = { file: 'a.ts', find: 'x', replace: 'y' };
    expect(() => mutate('no such place', 'a bug', { ...edit, find: 'absent' })).toThrow('occurs 0 times');
    expect(() => mutate('x and x', 'a bug', edit)).toThrow('occurs 2 times');
  });

  test.each(BUGS)(
    '$name: is caught',
    async (bug) => {
      const caught = await huntOne(bug, WORKERS, MINUTES);
      expect(bug.expected, caught.text).toContain(caught.by);
    },
    300_000,
  );
});
