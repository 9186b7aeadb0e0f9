/**
 * Which command the next reply carries. Invariants: the lease is on disk before the bytes leave; at most one command a reply;
 * none after its time, none that may not leave in this very moment, none that the EA has answered. Cancels and questions go
 * first; open and close go by their numbers, and wait while an earlier one may still be on its way: the EA takes no number
 * below the highest that it has seen.
 */
import type { CommandRecord } from '../../../../src-shared/domain/metatrader.ts';
import { US_PER_MS } from '../../../../src-shared/domain/units.ts';
import type { WireCommand } from '../replyWire.ts';
import { isOrderKind, type CommandBook, type Entry } from './book.ts';
import type { Latencies } from '../../../../src-shared/domain/latencies.ts';
import { LEASE_MS, usOf, type DeskFrame } from './parts.ts';

const REVOKED = 'revoked: it may no longer leave';
/** Cancels before questions, both before what they may be about; then by number: one overtaken would be stale for the EA. */
const placeInLine = ({ kind, magic }: CommandRecord): number => (kind === 'cancel' ? 0 : kind === 'query' ? 1 : (magic ?? 2));

export interface Outbox {
  /** Perhaps leases one. */
  next(): WireCommand | null;
  /** The command that an answer carried before, if it may still be delivered. */
  again(commandId: string): WireCommand | null;
  /** A new session: what its EA does not have in its journal it never got. */
  forgotten(known: readonly string[]): void;
  /** Whether another could be fetched now. */
  more(): boolean;
  /** Revokes what waits and may no longer leave, ends what waited too long. */
  sweep(): void;
}

interface OutboxParts {
  readonly frame: DeskFrame;
  readonly book: CommandBook;
  /** Whether orders may be delivered now. */
  readonly open: () => boolean;
  readonly toPickup: Latencies;
}

const ttlMsOf = (entry: Entry, nowUs: number): number => Math.floor((entry.expiresUs - nowUs) / US_PER_MS);

const wireOf = ({ commandId, leaseId, kind, body, magic }: CommandRecord, ttlMs: number): WireCommand => {
  const { target_num: target, ...fields } = body;
  const num = String(kind === 'query' ? (target ?? 0) : (magic ?? 0));
  return { command_id: commandId, num, kind, lease_id: leaseId, lease_ms: LEASE_MS, ttl_ms: ttlMs, ...fields } as unknown as WireCommand;
};

export const createOutbox = ({ frame, book, open, toPickup }: OutboxParts): Outbox => {
  const { clock } = frame;
  let fault = '';

  const end = (entry: Entry, state: 'canceled' | 'expired', why: string): void => {
    const { commandId } = entry.record;
    const retry = state === 'expired' ? 'fresh-price' : 'never';
    try {
      book.change(entry.record, { state, why }, 'normal');
    } catch (error) {
      // It never left, whatever the disk says: the next start ends what it finds as queued in the same way.
      frame.alarm('mt5-store', `command ${commandId} is ${state}, which could not be kept: ${(error as Error).message}`);
      entry.record = { ...entry.record, state, why };
    }
    book.answer(commandId, { code: 'refused', refusal: { venueCode: null, text: why, retry, by: 'gateway' } });
  };

  const waits = ({ record, leasedUntilUs }: Entry, nowUs: number): boolean =>
    record.state === 'queued' || (record.state === 'leased' && nowUs >= leasedUntilUs);
  const line = (nowUs: number): readonly Entry[] =>
    [...book.entries.values()]
      .filter(({ record, expiresUs }) => (record.state === 'queued' || record.state === 'leased') && nowUs < expiresUs)
      .filter(({ record }) => open() || !isOrderKind(record.kind))
      .toSorted((p, q) => placeInLine(p.record) - placeInLine(q.record) || p.queuedUs - q.queuedUs);
  /** The next that may be given; null = none now. What may not leave is passed over. */
  const first = (revoke: (entry: Entry) => void): Entry | null => {
    const nowUs = clock.monoUs();
    for (const entry of line(nowUs)) {
      const ready = waits(entry, nowUs);
      if (!isOrderKind(entry.record.kind) && !ready) continue;
      if (entry.mayLeave()) return ready ? entry : null;
      if (entry.record.deliveries === 0) revoke(entry);
    }
    return null;
  };

  /** @returns null where the disk does not keep it, or its time ended meanwhile */
  const lease = (entry: Entry): WireCommand | null => {
    const { record } = entry;
    try {
      book.change(record, {
        state: 'leased',
        why: 'given to the EA',
        deliveries: record.deliveries + 1,
        leaseId: `${record.commandId.slice(-8)}-${record.deliveries + 1}`,
        deliveredUnixMs: record.deliveredUnixMs ?? clock.unixMs(),
      });
      fault = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== fault) frame.alarm('mt5-store', `command ${record.commandId} stays here, its delivery could not be kept: ${message}`);
      fault = message;
      return null;
    }
    const nowUs = clock.monoUs();
    entry.leasedUntilUs = nowUs + usOf(LEASE_MS);
    if (entry.deliveredUs === null) {
      entry.deliveredUs = nowUs;
      toPickup.note((nowUs - entry.queuedUs) / US_PER_MS);
    }
    const ttlMs = ttlMsOf(entry, nowUs);
    return ttlMs > 0 ? wireOf(entry.record, ttlMs) : null;
  };

  return {
    next() {
      const entry = first((revoked) => end(revoked, 'canceled', REVOKED));
      return entry === null ? null : lease(entry);
    },
    again(commandId) {
      const entry = book.entries.get(commandId);
      const nowUs = clock.monoUs();
      if (entry === undefined || entry.record.state !== 'leased' || ttlMsOf(entry, nowUs) <= 0) return null;
      if ((isOrderKind(entry.record.kind) && !open()) || !entry.mayLeave()) return null;
      return wireOf(entry.record, ttlMsOf(entry, nowUs));
    },
    more: () => first(() => undefined) !== null,
    forgotten(known) {
      for (const entry of book.entries.values())
        if (entry.record.state === 'leased' && !known.includes(entry.record.commandId)) entry.leasedUntilUs = 0;
    },
    sweep() {
      const nowUs = clock.monoUs();
      for (const entry of book.entries.values()) {
        if (entry.record.state !== 'queued') continue;
        if (nowUs >= entry.expiresUs) end(entry, 'expired', 'its time was over before the EA fetched it');
        else if (!entry.mayLeave()) end(entry, 'canceled', REVOKED);
      }
    },
  };
};
