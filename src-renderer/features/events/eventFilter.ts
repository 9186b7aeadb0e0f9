/** Which events are shown, and in what order. Pure. */
import type { EventKind, EventRow, EventSeverity } from '../../../src-shared/domain/view.ts';
import type { PagedRow } from '../../parts/usePages.ts';

export type EventEntry = PagedRow<EventRow>;

export interface EventFilter {
  readonly kind: EventKind | 'all';
  /** This severity and graver ones. */
  readonly severity: EventSeverity;
  readonly find: string;
}

export const EVENT_KINDS: readonly EventKind[] = ['risk', 'intent', 'group', 'order', 'venue', 'operator', 'ledger', 'engine'];
export const SEVERITIES: readonly EventSeverity[] = ['info', 'warn', 'error', 'critical'];

const matches = (row: EventRow, { kind, severity, find }: EventFilter): boolean => {
  if (kind !== 'all' && row.kind !== kind) return false;
  if (SEVERITIES.indexOf(row.severity) < SEVERITIES.indexOf(severity)) return false;
  const sought = find.trim().toLowerCase();
  return sought === '' || `${row.text} ${row.subject ?? ''} ${row.kind}`.toLowerCase().includes(sought);
};

const byTime = (x: EventEntry, y: EventEntry): number => x.row.unixMs - y.row.unixMs || x.id.localeCompare(y.id, 'en', { numeric: true });

/** Oldest first, older pages and the live table joined without doubles. */
export const shownEvents = (
  older: readonly EventEntry[],
  live: Readonly<Record<string, EventRow>>,
  filter: EventFilter,
): readonly EventEntry[] => {
  const entries = older.filter((entry) => !Object.hasOwn(live, entry.id));
  for (const [id, row] of Object.entries(live)) entries.push({ id, row });
  return entries.filter((entry) => matches(entry.row, filter)).sort(byTime);
};

/** Time of the oldest event shown or known; null = none yet. */
export const oldestOf = (older: readonly EventEntry[], live: Readonly<Record<string, EventRow>>): number | null => {
  const oldest = Math.min(...older.map((entry) => entry.row.unixMs), ...Object.values(live).map((row) => row.unixMs));
  return Number.isFinite(oldest) ? oldest : null;
};
