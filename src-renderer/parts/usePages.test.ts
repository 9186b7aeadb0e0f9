/** Pages of a log: no doubles, an honest end, a bound. */
import { expect, it } from 'vitest';
import { joinPages, MAX_OLDER_ROWS, PAGE_ROWS, type PagedRow } from './usePages.ts';

const rows = (from: number, length: number): ReadonlyArray<PagedRow<number>> =>
  Array.from({ length }, (_, index) => ({ id: `r${from + index}`, row: from + index }));

it('puts the older page first and drops what is known', () => {
  expect(joinPages(rows(5, 3), rows(3, 3)).rows.map((entry) => entry.row)).toEqual([3, 4, 5, 6, 7]);
});

it('ends with a page that is not full', () => {
  expect(joinPages([], rows(0, PAGE_ROWS)).state).toBe('more');
  expect(joinPages([], rows(0, PAGE_ROWS - 1)).state).toBe('end');
  expect(joinPages([], []).state).toBe('end');
});

it('keeps the newest of too many and ends there', () => {
  const joined = joinPages(rows(PAGE_ROWS, MAX_OLDER_ROWS), rows(0, PAGE_ROWS));
  expect(joined.state).toBe('end');
  expect(joined.rows).toHaveLength(MAX_OLDER_ROWS);
  expect(joined.rows.at(-1)?.row).toBe(PAGE_ROWS + MAX_OLDER_ROWS - 1);
});
