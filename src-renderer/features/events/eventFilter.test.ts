/** Which events are shown. */
import { describe, expect, it } from 'vitest';
import type { EventRow } from '../../../src-shared/domain/view.ts';
import { oldestOf, shownEvents, type EventFilter } from './eventFilter.ts';

const event = (unixMs: number, fields: Partial<EventRow> = {}): EventRow => ({
  unixMs,
  severity: 'info',
  kind: 'venue',
  subject: null,
  text: 'text',
  ...fields,
});
const ALL: EventFilter = { kind: 'all', severity: 'info', find: '' };
const LIVE = {
  e10: event(10, { severity: 'critical', kind: 'risk', subject: 'XAU·OKX', text: 'Naked leg' }),
  e9: event(9, { severity: 'warn' }),
  e2: event(2),
};
const ids = (filter: Partial<EventFilter>): readonly string[] => shownEvents([], LIVE, { ...ALL, ...filter }).map((entry) => entry.id);

describe('shownEvents', () => {
  it('orders by time, then by number, not by text', () => {
    expect(ids({})).toEqual(['e2', 'e9', 'e10']);
    expect(shownEvents([], { e10: event(1), e9: event(1) }, ALL).map((entry) => entry.id)).toEqual(['e9', 'e10']);
  });

  it('filters by kind and by severity and graver', () => {
    expect(ids({ kind: 'risk' })).toEqual(['e10']);
    expect(ids({ severity: 'warn' })).toEqual(['e9', 'e10']);
    expect(ids({ severity: 'error' })).toEqual(['e10']);
  });

  it('finds in text and subject, in any case', () => {
    expect(ids({ find: 'naked' })).toEqual(['e10']);
    expect(ids({ find: ' xau·okx ' })).toEqual(['e10']);
    expect(ids({ find: 'nothing' })).toEqual([]);
  });

  it('joins older pages without doubles', () => {
    const page = [
      { id: 'e1', row: event(1) },
      { id: 'e2', row: event(2) },
    ];
    expect(shownEvents(page, LIVE, ALL).map((entry) => entry.id)).toEqual(['e1', 'e2', 'e9', 'e10']);
  });
});

describe('oldestOf', () => {
  it('is the time to page on from', () => {
    expect(oldestOf([{ id: 'e1', row: event(1) }], LIVE)).toBe(1);
    expect(oldestOf([], LIVE)).toBe(2);
    expect(oldestOf([], {})).toBeNull();
  });
});
