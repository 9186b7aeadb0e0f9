/** Older rows of a log, page by page, on demand. Bounded; a page that cannot be read says so and may be asked again. */
import { useState } from 'react';
import { useLiveConsole } from '../connection/console.ts';
import type { ConsoleClient } from '../connection/transport.ts';

export const PAGE_ROWS = 100;
/** Rows kept of older pages; beyond it the log ends instead of growing. */
export const MAX_OLDER_ROWS = 2_000;

export interface PagedRow<Row> {
  readonly id: string;
  readonly row: Row;
}

export interface Pages<Row> {
  readonly rows: ReadonlyArray<PagedRow<Row>>;
  readonly state: 'more' | 'loading' | 'end' | 'failed';
}

export const PAGES_WORDS: Readonly<Record<Pages<unknown>['state'], string>> = {
  more: 'Older',
  loading: 'Reading…',
  end: 'No older',
  failed: 'Could not be read: try again. Older',
};

/** Pages already fetched and an older one before them, without doubles, and whether more can follow. */
export const joinPages = <Row>(known: ReadonlyArray<PagedRow<Row>>, page: ReadonlyArray<PagedRow<Row>>): Pages<Row> => {
  const ids = new Set(known.map((entry) => entry.id));
  const joined = [...page.filter((entry) => !ids.has(entry.id)), ...known];
  const isEnd = page.length < PAGE_ROWS || joined.length > MAX_OLDER_ROWS;
  return { rows: joined.slice(-MAX_OLDER_ROWS), state: isEnd ? 'end' : 'more' };
};

type ReadPage<Row> = (client: ConsoleClient, beforeUnixMs: number | null, limit: number) => Promise<ReadonlyArray<PagedRow<Row>>>;

export const usePages = <Row>(read: ReadPage<Row>) => {
  const { client } = useLiveConsole();
  const [pages, setPages] = useState<Pages<Row>>({ rows: [], state: 'more' });
  const load = async (beforeUnixMs: number | null): Promise<void> => {
    const to = client();
    setPages((before) => ({ ...before, state: to === null ? 'failed' : 'loading' }));
    if (to === null) return;
    try {
      const page = await read(to, beforeUnixMs, PAGE_ROWS);
      setPages((before) => joinPages(before.rows, page));
    } catch {
      setPages((before) => ({ ...before, state: 'failed' }));
    }
  };
  return { pages, load };
};
