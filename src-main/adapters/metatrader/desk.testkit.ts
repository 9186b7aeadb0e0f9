/** A desk that records what the listener tells it, and says what the test wants said. */
import type { TerminalReport } from '../../../src-shared/domain/metatrader.ts';
import type { OrderGateway } from '../../runtime/ports.ts';
import type { CommandDesk, DeskLink, DeskReply } from './commandDesk.ts';
import type { Hello } from './helloWire.ts';
import type { ReplyMode, WireCommand } from './replyWire.ts';
import type { CurrentSession } from './session.ts';
import type { AckRequest, SnapshotRequest, WireDeal } from './tradeWire.ts';
import type { PollRequest } from './wire.ts';

export const openCommand = (own: Partial<WireCommand> = {}): WireCommand =>
  ({
    kind: 'open',
    command_id: '01JD0000000000000000000001',
    num: '1600000000001',
    lease_id: 'lease-1',
    lease_ms: 2_000,
    ttl_ms: 1_500,
    symbol: 'XAUUSD',
    side: 'buy',
    lots: '0.10',
    limit_price: '4000.50',
    max_dev_points: 20,
    fill: 'ioc',
    comment: 'qa 1600000000001',
    ...own,
  }) as WireCommand;

export const QUIET_REPORT: TerminalReport = {
  trading: true,
  why: '',
  mode: 'normal',
  accountKind: 'demo',
  marginFree: '900',
  openPositions: 0,
  openLots: '0',
  liveCommands: 0,
  quarantined: 0,
  checks: [{ code: 'account-mode', label: 'Account mode', state: 'pass', detail: 'hedging', fix: '' }],
  tickToEngine: null,
  toPickup: null,
  toAck: null,
  toDeal: null,
};

export class RecordingDesk implements CommandDesk {
  readonly gateway = {} as OrderGateway;
  readonly calls: (readonly [string, ...unknown[]])[] = [];
  readonly links: DeskLink[] = [];
  readonly acks: AckRequest[] = [];
  readonly deals: WireDeal[] = [];
  readonly offsets: number[] = [];
  readonly snapshots: SnapshotRequest[] = [];
  readonly polls: PollRequest[] = [];
  readonly sessions: { readonly hello: Hello; readonly session: CurrentSession }[] = [];
  readonly modes: ReplyMode[] = [];
  /** Leased one by one by new requests. */
  queue: WireCommand[] = [];
  /** Which of them may still be delivered again. */
  deliverable = true;
  snapshotRequest = 0;
  dealsSinceMsc = 0;
  silenceMs = 0;
  answer: { readonly trading: boolean; readonly why: string } = { trading: true, why: '' };
  /** Thrown by the next call that takes something. */
  fault: Error | null = null;
  replyFault: Error | null = null;
  watched = 0;
  #leased = new Map<string, WireCommand>();

  /** Everything that was ever taken: a refused request must not add to it. */
  get taken(): number {
    return this.acks.length + this.deals.length + this.snapshots.length + this.polls.length + this.sessions.length;
  }

  #mayFail(): void {
    const { fault } = this;
    this.fault = null;
    if (fault !== null) throw fault;
  }

  sessionOpened(hello: Hello, session: CurrentSession): { readonly trading: boolean; readonly why: string } {
    this.#mayFail();
    this.sessions.push({ hello, session });
    return this.answer;
  }

  linkChanged(link: DeskLink): void {
    this.links.push(link);
  }

  announceMode(mode: ReplyMode): void {
    this.modes.push(mode);
  }

  takeAck(ack: AckRequest): void {
    this.#mayFail();
    this.acks.push(ack);
  }

  takeDeals(deals: readonly WireDeal[], offsetMs: number): void {
    this.#mayFail();
    this.deals.push(...deals);
    this.offsets.push(offsetMs);
  }

  takeSnapshot(part: SnapshotRequest, offsetMs: number): void {
    this.#mayFail();
    this.snapshots.push(part);
    this.offsets.push(offsetMs);
  }

  takePoll(poll: PollRequest): void {
    this.#mayFail();
    this.polls.push(poll);
  }

  reply(again: string | null): DeskReply {
    this.calls.push(['reply', again]);
    const { replyFault } = this;
    this.replyFault = null;
    if (replyFault !== null) throw replyFault;
    const leased = again === null ? this.queue.shift() : this.deliverable ? this.#leased.get(again) : undefined;
    if (leased !== undefined) this.#leased.set(leased.command_id, leased);
    return {
      command: leased === undefined ? null : again === null ? leased : { ...leased, ttl_ms: leased.ttl_ms - 100 },
      more: again === null && this.queue.length > 0,
      snapshotRequest: this.snapshotRequest,
      dealsSinceMsc: this.dealsSinceMsc,
    };
  }

  toleratedSilenceMs(): number {
    return this.silenceMs;
  }

  report(): TerminalReport {
    return QUIET_REPORT;
  }

  watch(): void {
    this.watched += 1;
  }
}
