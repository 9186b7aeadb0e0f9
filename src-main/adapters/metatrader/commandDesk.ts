/**
 * The seam between the listener and the desk where commands to one EA are kept. Types only. The listener owns HTTP, sessions
 * and sequence numbers and calls each of these at most once for a request; the desk owns commands, deals and the ledger. One
 * desk a venue where orders go through the EA; none where the venue is traded on paper.
 */
import type { TerminalReport } from '../../../src-shared/domain/metatrader.ts';
import type { OrderGateway } from '../../runtime/ports.ts';
import type { Hello } from './helloWire.ts';
import type { ReplyMode, WireCommand } from './replyWire.ts';
import type { CurrentSession } from './session.ts';
import type { AckRequest, SnapshotRequest, WireDeal } from './tradeWire.ts';
import type { PollRequest } from './wire.ts';

/** What the link knows of the terminal now. */
export interface DeskLink {
  /** The EA has spoken within the dead time, and nobody has taken its place. */
  readonly alive: boolean;
  /** The terminal reaches its broker. */
  readonly connected: boolean;
  /** `ok` or the first failing gate. */
  readonly gates: string;
  readonly detail: string;
}

/** What a reply carries now, besides the mode. */
export interface DeskReply {
  readonly command: WireCommand | null;
  readonly more: boolean;
  /** 0: none is wanted. */
  readonly snapshotRequest: number;
  readonly dealsSinceMsc: number;
}

export interface CommandDesk {
  readonly gateway: OrderGateway;
  /**
   * New session of an admitted EA. @throws WireRefusal 412 (account of another ledger binding, netting, account kind, magic base
   * above our numbers); nothing has changed then.
   */
  sessionOpened(hello: Hello, session: CurrentSession): { readonly trading: boolean; readonly why: string };
  /** The link's view changed: silence, superseded, gates, broker connection. */
  linkChanged(link: DeskLink): void;
  announceMode(mode: ReplyMode): void;
  /**
   * Each commits before it returns. @throws WireRefusal 400 naming the field (409 is for sessions alone), nothing has changed
   * then; anything else it throws is answered 503 and the EA repeats. A contradiction is quarantined and alarmed, and returns.
   */
  takeAck(ack: AckRequest): void;
  takeDeals(deals: readonly WireDeal[], offsetMs: number): void;
  takeSnapshot(part: SnapshotRequest, offsetMs: number): void;
  takePoll(poll: PollRequest): void;
  /**
   * For a new request (`again` null) perhaps leases a command, committed before it returns. For the repeat of the last request:
   * `again` is the id of the command its answer carried, given once more only if it may still be delivered; empty = it carried
   * none, and the repeat leases none.
   */
  reply(again: string | null): DeskReply;
  /**
   * How long the terminal may be silent with good reason: 0, or the lease plus 10 s while an order was delivered and nothing was
   * said of it, or it has begun. It may be waiting for its broker and can say nothing.
   */
  toleratedSilenceMs(): number;
  /** For `MetatraderReport.terminal`; `checks` without what the link itself can see, `tickToEngine` null. */
  report(): TerminalReport;
  /** Lapsed leases, times to live, deadlines; called several times a second. */
  watch(): void;
}
