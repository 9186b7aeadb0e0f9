/**
 * The command desk of one MetaTrader venue, behind the listener and the order port: commands, their way to the EA and back,
 * deals, snapshots, the account they belong to. Joins the parts of this folder; each of them says what it keeps to.
 */
import { isFinalCommand, type CommandRecord, type TerminalReport } from '../../../../src-shared/domain/metatrader.ts';
import { MS_PER_HOUR, MS_PER_MIN, MS_PER_S } from '../../../../src-shared/domain/units.ts';
import type { CommandDesk, DeskReply } from '../commandDesk.ts';
import { WireRefusal } from '../fieldsWire.ts';
import type { Hello } from '../helloWire.ts';
import type { ReplyMode } from '../replyWire.ts';
import type { PollRequest } from '../wire.ts';
import { createAcks } from './acks.ts';
import { accountText, bindAccount, journalDifferences, refuseAccount } from './admission.ts';
import { createAsks } from './asks.ts';
import { isOrderKind, openBook, type Entry } from './book.ts';
import { checksOf } from './checks.ts';
import { createDeals } from './deals.ts';
import { createGateway } from './gateway.ts';
import { createLatencies } from '../../../../src-shared/domain/latencies.ts';
import { createOrderLink } from './orderLink.ts';
import { createOutbox } from './outbox.ts';
import { BEGUN_EXTRA_MS, DEFAULT_MAGIC_BASE, LEASE_MS, usOf, type DeskFrame, type DeskParts } from './parts.ts';
import { createPushes } from './pushes.ts';
import { createSnapshots } from './snapshots.ts';
import { ulids } from './ulid.ts';

/** Deals are asked for again this far back from the newest that is known: some come late. */
export const DEALS_OVERLAP_MS = 10 * MS_PER_MIN;
/** And never further back than this. */
export const DEALS_LOOKBACK_MS = 48 * MS_PER_HOUR;
/** Commands that are looked through for contradictions at start. */
const REMEMBERED = 1_000;

interface Terminal {
  readonly hello: Hello | null;
  readonly refused: { readonly code: string; readonly text: string } | null;
  readonly poll: PollRequest | null;
  readonly mode: ReplyMode;
  /** Server time minus UTC. */
  readonly offsetMs: number;
  /** UTC; of the replies, in server time. */
  readonly dealsSinceUnixMs: number;
}

/** From where deals are asked for in a new session: before anything of ours that nobody has heard of. */
const dealsSince = ({ store, venue, clock }: DeskFrame, live: readonly CommandRecord[]): number => {
  const nowMs = clock.unixMs();
  const oldest = nowMs - DEALS_LOOKBACK_MS;
  const newestDeal = store.dealsSince(venue.id, oldest).at(-1)?.unixMs ?? nowMs;
  const oldestLive = live.reduce((least, { queuedUnixMs }) => Math.min(least, queuedUnixMs), nowMs);
  return Math.max(oldest, Math.min(newestDeal, oldestLive) - DEALS_OVERLAP_MS);
};

/** Until when the EA may be at its broker with an order, and have no word for us: it need not say anything before it begins. */
const busyUntilUs = ({ record, dueUs, leasedUntilUs }: Entry): number => {
  const { kind, state, deliveries, acknowledgedUnixMs } = record;
  if (state === 'received' || state === 'sending') return dueUs;
  const unheard = isOrderKind(kind) && !isFinalCommand(state) && deliveries > 0 && acknowledgedUnixMs === null;
  return unheard ? leasedUntilUs + usOf(BEGUN_EXTRA_MS) : -Infinity;
};

/** @throws LedgerFault when what an earlier run left cannot be settled */
export const createDesk = ({ mode: money, venue, instruments, store, inlet, clock, random }: DeskParts): CommandDesk => {
  let terminal: Terminal = {
    hello: null,
    refused: null,
    poll: null,
    mode: 'halt',
    offsetMs: 0,
    dealsSinceUnixMs: clock.unixMs(),
  };
  const pushes = createPushes(inlet, () => {
    link.again('some of what happened could not be told');
    deals.tellChargesAgain('all');
  });
  const alarm = (limit: string, detail: string): void => pushes.give({ type: 'limit-crossed', limit, detail });
  let quarantined = 0;
  const quarantine = (record: CommandRecord, why: string): CommandRecord => {
    const kept = book.change(record, { quarantine: record.quarantine ?? why });
    if (record.quarantine === null) quarantined += 1;
    alarm('mt5-contradiction', `command ${record.commandId} at ${venue.id}: ${why}`);
    return kept;
  };
  const frame: DeskFrame = {
    mode: money,
    venue,
    instruments,
    store,
    clock,
    pushes,
    newId: ulids(() => clock.unixMs(), random),
    alarm,
    quarantine,
    currency: () => terminal.hello?.currency ?? null,
    magicBase: () => terminal.hello?.magic_base ?? DEFAULT_MAGIC_BASE,
  };
  const book = openBook(frame);
  quarantined = store.newest(REMEMBERED).filter((each) => each.venueId === venue.id && each.quarantine !== null).length;
  const [toPickup, toAck, toDeal] = [createLatencies(), createLatencies(), createLatencies()];
  const link = createOrderLink(frame);
  const asks = createAsks(frame, book);
  const acks = createAcks({ frame, book, asks, toAck });
  const deals = createDeals({
    frame,
    book,
    toDeal,
    changed: (record) => acks.conclude(record),
    touched: (why) => {
      alarm('mt5-external-close', `${venue.id}: ${why}`);
      link.again(`a position changed: ${why}`);
    },
  });
  const snapshots = createSnapshots(frame, book, () => link.completed());
  const outbox = createOutbox({ frame, book, open: () => link.up && !gateway.stopped, toPickup });
  const pointOf = (symbol: string): string | null => terminal.hello?.symbols.find(({ name }) => name === symbol)?.point ?? null;
  const gateway = createGateway({ frame, book, asks, snapshots, link, pointOf });

  /** Silence has made them unknown: only evidence ends them now. */
  const loseTrack = (): void => {
    const nowUs = clock.monoUs();
    for (const { record, dueUs, settle } of book.entries.values()) {
      if (settle === null || record.deliveries === 0 || nowUs < dueUs) continue;
      const why = `no word of the EA on what became of it (it was ${record.state})`;
      acks.conclude(book.change(record, { state: 'unknown', why }));
    }
  };

  const admit = (hello: Hello): void => {
    const live = store.live(venue.id);
    try {
      refuseAccount(frame, hello, live);
    } catch (error) {
      if (error instanceof WireRefusal) terminal = { ...terminal, refused: { code: error.code, text: error.message } };
      throw error;
    }
    bindAccount(frame, hello);
    terminal = {
      ...terminal,
      hello,
      refused: null,
      poll: null,
      offsetMs: hello.server_utc_offset_s * MS_PER_S,
      dealsSinceUnixMs: dealsSince(frame, live),
    };
    for (const text of journalDifferences(hello, (id) => book.find(id), live)) alarm('mt5-unknown-command', `${venue.id}: ${text}`);
    outbox.forgotten(hello.open_ids);
    snapshots.fail('a new session of the EA began');
    snapshots.restart();
    link.opened(accountText(hello), hello.gates);
    deals.tellChargesAgain('untold');
  };

  const reply = (again: string | null): DeskReply => {
    const silent = gateway.stopped;
    const command = silent || again === '' ? null : again === null ? outbox.next() : outbox.again(again);
    const sinceUnixMs = Math.min(terminal.dealsSinceUnixMs, snapshots.sinceUnixMs ?? Infinity);
    return {
      command,
      more: !silent && outbox.more(),
      snapshotRequest: silent ? 0 : snapshots.wanted,
      dealsSinceMsc: Math.max(0, Math.floor(sinceUnixMs + terminal.offsetMs)),
    };
  };

  const report = (): TerminalReport => {
    const { hello, poll, mode, refused } = terminal;
    return {
      trading: link.up,
      why: refused === null ? link.detail : refused.text,
      mode,
      accountKind: hello?.account_kind ?? null,
      marginFree: poll?.margin_free ?? snapshots.account?.margin_free ?? null,
      openPositions: poll?.open_positions ?? null,
      openLots: poll?.open_lots ?? null,
      liveCommands: book.liveCount,
      quarantined,
      checks: checksOf({
        money,
        hello,
        refused,
        bound: store.account(venue.id),
        symbols: instruments.map(({ symbol }) => symbol),
        snapshot: {
          complete: snapshots.complete,
          positions: snapshots.positions.length,
          equity: snapshots.account?.equity ?? null,
          currency: snapshots.account?.currency ?? null,
        },
      }),
      tickToEngine: null,
      toPickup: toPickup.percentiles(),
      toAck: toAck.percentiles(),
      toDeal: toDeal.percentiles(),
    };
  };

  return {
    gateway,
    sessionOpened(hello) {
      admit(hello);
      return { trading: true, why: '' };
    },
    linkChanged(next) {
      link.linkChanged(next);
      if (!next.alive) snapshots.fail(link.detail);
    },
    announceMode(mode) {
      terminal = { ...terminal, mode };
      outbox.sweep();
    },
    takeAck: (ack) => acks.take(ack),
    takeDeals(told, offsetMs) {
      terminal = { ...terminal, offsetMs };
      deals.take(told, offsetMs);
    },
    takeSnapshot(part, offsetMs) {
      terminal = { ...terminal, offsetMs };
      deals.take(part.deals, offsetMs);
      snapshots.take(part);
    },
    takePoll(poll) {
      terminal = { ...terminal, poll };
      pushes.turn();
    },
    reply,
    toleratedSilenceMs() {
      const nowUs = clock.monoUs();
      return [...book.entries.values()].some((entry) => nowUs < busyUntilUs(entry)) ? LEASE_MS + BEGUN_EXTRA_MS : 0;
    },
    report,
    watch() {
      pushes.turn();
      outbox.sweep();
      asks.sweep();
      snapshots.sweep();
      loseTrack();
      deals.drain();
    },
  };
};
