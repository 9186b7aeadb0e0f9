/**
 * The console's stream: one snapshot, then per-field deltas with consecutive sequence numbers. A receiver that
 * sees a gap drops its replica and asks for a new snapshot; it never guesses.
 */
import type { ConsoleTables, Topic } from '../domain/view.ts';

/** `[topic, key, changed fields]`; `null` removes the row. */
export type RowPatch = readonly [topic: Topic, key: string, fields: Readonly<Record<string, unknown>> | null];

export type ConsoleFrame =
  | { readonly kind: 'snapshot'; readonly seq: number; readonly tables: ConsoleTables }
  | { readonly kind: 'delta'; readonly seq: number; readonly patches: readonly RowPatch[] };

/** Largest rate at which a console gets deltas. */
export const MAX_DELTAS_PER_SECOND = 20;
/** Deltas a slow console may owe before it loses them and gets a snapshot instead. */
export const MAX_UNREAD_DELTAS = 32;
