/**
 * What the EA must not forget: every command it has ever had, how far it came, which deals the engine has taken. Owns the
 * journal's lines. Invariant: a state is on file before anything is done or said because of it.
 */
import type { LineFile } from '../lineFile.ts';

export type EntryState =
  | 'received'
  | 'sending'
  | 'accepted'
  | 'unknown'
  | 'done'
  | 'partial'
  | 'rejected'
  | 'expired'
  | 'canceled'
  | 'not_executed';

export interface Entry {
  readonly id: string;
  readonly num: number;
  /** Empty: known only by a cancel or a query, never received. */
  readonly fingerprint: string;
  readonly leaseId: string;
  readonly kind: string;
  readonly lots: string;
  /** Of a flatten: `own` or a symbol. */
  readonly scope: string;
  readonly state: EntryState;
  readonly retcode: number;
  readonly error: string;
  readonly text: string;
  readonly order: number;
  readonly deals: readonly number[];
  readonly positions: readonly number[];
  readonly cumLots: string;
  readonly avgPrice: string;
  readonly brokerMs: number;
  readonly queueMs: number;
  /** The engine has taken the word about its end. */
  readonly acknowledged: boolean;
  readonly sentUnixMs: number;
}

/** Money of a deal as last seen, its revision, and the newest revision that the engine has taken (-1 = none). */
export interface DealMark {
  readonly deal: number;
  readonly money: string;
  readonly rev: number;
  readonly taken: number;
}

type Line = { readonly entry: Entry } | { readonly mark: DealMark };

const FINAL: readonly EntryState[] = ['done', 'partial', 'rejected', 'expired', 'canceled', 'not_executed'];
export const isFinal = (state: EntryState): boolean => FINAL.includes(state);

const BLANK: Omit<Entry, 'id'> = {
  num: 0,
  fingerprint: '',
  leaseId: '',
  kind: '',
  lots: '0',
  scope: '',
  state: 'received',
  retcode: 0,
  error: '',
  text: '',
  order: 0,
  deals: [],
  positions: [],
  cumLots: '0',
  avgPrice: '0',
  brokerMs: 0,
  queueMs: 0,
  acknowledged: false,
  sentUnixMs: 0,
};
/** As many as `hello` may name. */
const MAX_OPEN_IDS = 500;

export class Journal {
  readonly #file: LineFile;
  readonly #entries = new Map<string, Entry>();
  readonly #marks = new Map<number, DealMark>();
  #highest = 0;

  constructor(file: LineFile) {
    this.#file = file;
    for (const line of file.before as readonly Line[]) this.#take(line);
    file.rewrite([...[...this.#entries.values()].map((entry) => ({ entry })), ...[...this.#marks.values()].map((mark) => ({ mark }))]);
  }

  /** The highest number of a command that was received. */
  get highest(): number {
    return this.#highest;
  }
  find(id: string): Entry | null {
    return this.#entries.get(id) ?? null;
  }
  inState(...states: EntryState[]): Entry[] {
    return [...this.#entries.values()].filter((e) => states.includes(e.state));
  }
  openIds(): string[] {
    const open = [...this.#entries.values()].filter((e) => !isFinal(e.state) || !e.acknowledged);
    return open.map((e) => e.id).slice(-MAX_OPEN_IDS);
  }
  mark(deal: number): DealMark | null {
    return this.#marks.get(deal) ?? null;
  }

  /** Writes an entry, or changes one; an end is never changed into another. */
  write(id: string, over: Partial<Omit<Entry, 'id'>>): Entry {
    const before = this.#entries.get(id);
    if (before !== undefined && isFinal(before.state) && over.state !== undefined && over.state !== before.state) return before;
    const entry: Entry = { ...BLANK, ...before, ...over, id };
    this.#put({ entry });
    return entry;
  }

  writeMark(mark: DealMark): void {
    this.#put({ mark });
  }

  #put(line: Line): void {
    this.#file.append(line);
    this.#take(line);
  }

  #take(line: Line): void {
    if ('mark' in line) this.#marks.set(line.mark.deal, line.mark);
    else {
      this.#entries.set(line.entry.id, line.entry);
      if (line.entry.fingerprint !== '') this.#highest = Math.max(this.#highest, line.entry.num);
    }
  }
}
