/**
 * The console's copy of the engine's tables. Pure: one frame in, a new copy out, sharing everything unchanged.
 * It is disposable: a gap in the sequence is reported, never bridged, and the owner must ask for a new snapshot.
 */
import type { ConsoleFrame, RowPatch } from '../../src-shared/contract/frames.ts';
import { TOPICS, type ConsoleTables, type Topic } from '../../src-shared/domain/view.ts';

export interface Replica {
  readonly seq: number;
  readonly tables: ConsoleTables;
}

export type ReplicaOutcome =
  | { readonly kind: 'applied'; readonly replica: Replica }
  | { readonly kind: 'gap'; readonly expectedSeq: number | null; readonly receivedSeq: number };

export const EMPTY_TABLES: ConsoleTables = {
  engine: {},
  venues: {},
  instruments: {},
  pairs: {},
  intents: {},
  groups: {},
  positions: {},
  limits: {},
  events: {},
};

type LooseRow = Readonly<Record<string, unknown>>;
type LooseTable = Record<string, LooseRow>;

const isTopic = (value: string): value is Topic => (TOPICS as readonly string[]).includes(value);

/** The row with `fields` laid over it; the same object where nothing differs. */
const patchedRow = (row: LooseRow | undefined, fields: LooseRow): LooseRow => {
  if (row === undefined) return fields;
  for (const name of Object.keys(fields)) {
    if (!Object.is(row[name], fields[name])) return { ...row, ...fields };
  }
  return row;
};

const patchedTables = (tables: ConsoleTables, patches: readonly RowPatch[]): ConsoleTables | null => {
  const touched = new Map<Topic, LooseTable>();
  for (const [topic, key, fields] of patches) {
    if (!isTopic(topic)) return null;
    const before: LooseTable = touched.get(topic) ?? (tables[topic] as unknown as LooseTable);
    const present = Object.hasOwn(before, key) ? before[key] : undefined;
    const row = fields === null ? undefined : patchedRow(present, fields);
    if (row === present) continue;
    const table = touched.get(topic) ?? { ...before };
    if (row === undefined) delete table[key];
    else table[key] = row;
    touched.set(topic, table);
  }
  return touched.size === 0 ? tables : { ...tables, ...Object.fromEntries(touched) };
};

/**
 * @param replica null before the first snapshot.
 * A delta must follow its predecessor by exactly one; a patch of an unknown topic counts as a gap too, because
 * the copy could no longer be trusted to be whole.
 */
export const applyFrame = (replica: Replica | null, frame: ConsoleFrame): ReplicaOutcome => {
  if (frame.kind === 'snapshot') return { kind: 'applied', replica: { seq: frame.seq, tables: frame.tables } };
  const gap: ReplicaOutcome = { kind: 'gap', expectedSeq: replica === null ? null : replica.seq + 1, receivedSeq: frame.seq };
  if (replica === null || frame.seq !== replica.seq + 1) return gap;
  const tables = patchedTables(replica.tables, frame.patches);
  return tables === null ? gap : { kind: 'applied', replica: { seq: frame.seq, tables } };
};
