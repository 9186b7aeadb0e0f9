/**
 * The commands of one venue: what the store keeps of them, and what only this run of the engine knows (the call that waits for
 * an outcome, leases, deadlines). Invariants: a command is in the store before anybody hears of it; a call that waits is
 * answered exactly once; what an earlier run left is never delivered again.
 */
import type { ClientOrderId, InstrumentId } from '../../../../src-shared/domain/ids.ts';
import { isFinalCommand, type CommandKind, type CommandRecord, type CommandState } from '../../../../src-shared/domain/metatrader.ts';
import type { PlaceOutcome } from '../../../../src-shared/domain/order.ts';
import type { Durability } from '../../../runtime/ports.ts';
import { ANSWER_MARGIN_MS, LEASE_MS, usOf, type DeskFrame } from './parts.ts';

/** A command that has not ended, or whose call still waits. */
export interface Entry {
  record: CommandRecord;
  /** May be delivered until then. */
  readonly expiresUs: number;
  /** Without an outcome by then it is unknown. */
  dueUs: number;
  /** The EA has it until then, without another delivery; 0 before the first. */
  leasedUntilUs: number;
  readonly queuedUs: number;
  deliveredUs: number | null;
  /** Whether it may leave, asked with every delivery. */
  readonly mayLeave: () => boolean;
  /** The call that waits; null once answered, and for commands that are not orders. */
  settle: ((outcome: PlaceOutcome) => void) | null;
}

export interface NewCommand {
  readonly kind: CommandKind;
  readonly body: CommandRecord['body'];
  readonly magic: number | null;
  readonly clientOrderId: ClientOrderId | null;
  readonly instrumentId: InstrumentId | null;
  readonly ttlMs: number;
  readonly mayLeave: () => boolean;
  readonly settle: Entry['settle'];
}

export const isOrderKind = (kind: CommandKind): boolean => kind === 'open' || kind === 'close';

export interface CommandBook {
  readonly entries: ReadonlyMap<string, Entry>;
  /** Commits it as queued. @throws LedgerFault; there is no such command then. */
  add(command: NewCommand): Entry;
  /** Commits the change; an end leaves the entries once its call is answered. @throws LedgerFault */
  change(record: CommandRecord, patch: Partial<CommandRecord>, durability?: Durability): CommandRecord;
  /** As it is now, wherever it is kept. null = not one of this venue. */
  find(commandId: string): CommandRecord | null;
  ofOrder(clientOrderId: string): CommandRecord | null;
  ofMagic(magic: number): CommandRecord | null;
  answer(commandId: string, outcome: PlaceOutcome): void;
  /** Not ended, of whatever run. */
  readonly liveCount: number;
}

const fresh = (frame: DeskFrame, { kind, body, magic, clientOrderId, instrumentId }: NewCommand): CommandRecord => ({
  venueId: frame.venue.id,
  commandId: frame.newId(),
  kind,
  magic,
  clientOrderId,
  instrumentId,
  body,
  state: 'queued',
  why: 'waits for the EA to fetch it',
  deliveries: 0,
  leaseId: null,
  retcode: null,
  order: null,
  cumLots: '0',
  avgPx: null,
  queuedUnixMs: frame.clock.unixMs(),
  deliveredUnixMs: null,
  acknowledgedUnixMs: null,
  endedUnixMs: null,
  firstDealUnixMs: null,
  brokerMs: null,
  quarantine: null,
});

/** What an earlier run left of an order: never delivered is over for ever, anything else is unknown and only asked about. */
const leftBehind = ({ kind, deliveries, state }: CommandRecord): { readonly state: CommandState; readonly why: string } | null => {
  if (deliveries === 0) return { state: 'canceled', why: 'the engine ended before the EA fetched it' };
  if (!isOrderKind(kind)) return { state: 'expired', why: 'the engine ended before the answer' };
  return state === 'unknown' ? null : { state: 'unknown', why: `the engine ended while it was ${state}` };
};

/** @throws LedgerFault */
export const openBook = (frame: DeskFrame): CommandBook => {
  const { store, clock, venue } = frame;
  const entries = new Map<string, Entry>();
  /** Unknown ones of earlier runs; their ends come by report. */
  const restored = new Set<string>();

  const forgetEnded = (entry: Entry): void => {
    if (isFinalCommand(entry.record.state) && entry.settle === null) entries.delete(entry.record.commandId);
  };
  const change: CommandBook['change'] = (record, patch, durability = 'full') => {
    const ended = patch.state !== undefined && isFinalCommand(patch.state) && record.endedUnixMs === null;
    const next = { ...record, ...patch, ...(ended ? { endedUnixMs: clock.unixMs() } : {}) };
    store.put(next, durability);
    if (ended) restored.delete(next.commandId);
    const entry = entries.get(next.commandId);
    if (entry !== undefined) {
      entry.record = next;
      forgetEnded(entry);
    }
    return next;
  };
  const ours = (record: CommandRecord | null): CommandRecord | null =>
    record === null || record.venueId !== venue.id ? null : (entries.get(record.commandId)?.record ?? record);

  for (const record of store.live(venue.id)) {
    const left = leftBehind(record);
    const now = left === null ? record : change(record, left);
    if (!isFinalCommand(now.state)) restored.add(now.commandId);
  }

  return {
    entries,
    add(command) {
      const record = fresh(frame, command);
      // Not yet delivered: what a power failure takes away was never there. The lease is on disk before it leaves.
      store.put(record, 'normal');
      const nowUs = clock.monoUs();
      const entry: Entry = {
        record,
        expiresUs: nowUs + usOf(command.ttlMs),
        dueUs: nowUs + usOf(command.ttlMs + LEASE_MS + ANSWER_MARGIN_MS),
        leasedUntilUs: 0,
        queuedUs: nowUs,
        deliveredUs: null,
        mayLeave: command.mayLeave,
        settle: command.settle,
      };
      entries.set(record.commandId, entry);
      return entry;
    },
    change,
    find: (commandId) => entries.get(commandId)?.record ?? ours(store.get(commandId)),
    ofOrder: (clientOrderId) => ours(store.ofOrder(clientOrderId)),
    ofMagic: (magic) => ours(store.ofMagic(venue.id, magic)),
    answer(commandId, outcome) {
      const entry = entries.get(commandId);
      const settle = entry?.settle ?? null;
      if (entry === undefined || settle === null) return;
      entry.settle = null;
      forgetEnded(entry);
      settle(outcome);
    },
    get liveCount() {
      return restored.size + [...entries.values()].filter(({ record }) => !isFinalCommand(record.state)).length;
    },
  };
};
