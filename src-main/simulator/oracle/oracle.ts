/**
 * The oracle: its own books, and every invariant of the engine checked against them. It hears what the venues saw and did,
 * what reached the engine, and what the engine said; it shares no code with the engine, only the words of the domain.
 */
import type { FillReport, OrderRef, OrderReport, OrderRequest, PositionReport } from '../../../src-shared/domain/order.ts';
import type { EngineSettings, InstrumentSettings } from '../../../src-shared/domain/settings.ts';
import { Account, isLive, tradeKeyOf, type Said } from './account.ts';
import { Acts } from './acts.ts';
import { Booking } from './booking.ts';
import { Groups } from './groups.ts';
import type { Moment } from './cooldowns.ts';
import { Sending, type SeenQuote } from './sending.ts';
import { Truth } from './truth.ts';
import { Violation } from './violation.ts';

export interface OracleUnits {
  readonly baseQtyPerUnit: number;
  readonly qtyStep: number;
}

export class Oracle {
  readonly truth = new Truth();
  readonly sending: Sending;
  readonly groups: Groups;
  readonly acts: Acts;
  readonly #booking: Booking;
  readonly #quotes = new Map<string, SeenQuote>();
  readonly #units: Readonly<Record<string, OracleUnits>>;
  readonly #now: () => number;
  readonly #fenceMs: Readonly<Record<string, number>>;
  /** What this life has said, and what of it is committed. */
  account = new Account();
  readonly #committed: Said[] = [];
  /** What venues last said they hold, and which have answered in this life at all. */
  readonly #positions = new Map<string, number>();
  readonly #answered = new Set<string>();
  readonly #instruments: readonly InstrumentSettings[];
  /** Commands to arm real money whose confirmation was not what the console showed. */
  readonly #typedWrong = new Set<string>();
  /** Venues that are reached with a key of another account now. */
  readonly #strangers = new Set<string>();
  #command: string | null = null;

  /**
   * @param now milliseconds since the beginning
   * @param fairSinceMs since when nothing strikes at a venue, nor at the engine's own machine
   */
  constructor(
    settings: EngineSettings,
    units: Readonly<Record<string, OracleUnits>>,
    now: () => number,
    fairSinceMs: (venueId: string) => number,
  ) {
    this.#units = units;
    this.#instruments = settings.instruments;
    this.#now = now;
    const { fenceAfterEntryMs, fenceAfterFailureMs, fenceAfterLossMs, fenceAfterReconnectMs } = settings.limits;
    this.#fenceMs = { entry: fenceAfterEntryMs, failure: fenceAfterFailureMs, loss: fenceAfterLossMs, reconnect: fenceAfterReconnectMs };
    const baseQtyPerUnit = (id: string): number => units[id]!.baseQtyPerUnit;
    const qtyStep = (id: string): number => units[id]!.qtyStep;
    this.sending = new Sending({ settings, baseQtyPerUnit, truth: this.truth, quotes: this.#quotes });
    this.groups = new Groups({ settings, truth: this.truth, baseQtyPerUnit, qtyStep, fairSinceMs });
    this.#booking = new Booking(this.truth);
    this.acts = new Acts(this.truth);
  }

  fail(invariant: Violation['invariant'], text: string): never {
    throw new Violation(invariant, this.#now(), text);
  }

  // What reaches the engine.

  quoted(instrumentId: string, bidPx: number, askPx: number, receivedMonoUs: number): void {
    this.#quotes.set(instrumentId, { bidPx, askPx, receivedMonoUs });
  }

  toldFill(fill: FillReport): void {
    this.acts.told(tradeKeyOf(fill), this.account);
    this.#booking.told(tradeKeyOf(fill));
  }

  offeredFill(fill: FillReport): void {
    this.acts.told(tradeKeyOf(fill), this.account);
    this.#booking.offered(tradeKeyOf(fill));
  }

  /** What a venue said it holds; an instrument that is missing is flat. */
  toldPositions(venueId: string, positions: readonly PositionReport[]): void {
    this.#answered.add(venueId);
    const told = new Map(positions.map((position) => [position.instrumentId as string, Number(position.qty)]));
    for (const { id, venueId: at } of this.#instruments) if (at === venueId) this.#positions.set(id, told.get(id) ?? 0);
  }

  /** From now on the venue answers for another account, or for ours again. */
  reachedAs(venueId: string, isOther: boolean): void {
    if (isOther) this.#strangers.add(venueId);
    else this.#strangers.delete(venueId);
  }

  toldReport(report: OrderReport): void {
    const order = this.truth.orders.get(report.clientOrderId);
    if (order !== undefined && report.state !== 'working') order.isTold = true;
  }

  typedWrong(requestId: string): void {
    this.#typedWrong.add(requestId);
  }

  /** The step that follows obeys this command. */
  commanded(requestId: string): void {
    this.#command = requestId;
  }

  toldRefused(clientOrderId: string): void {
    const order = this.truth.orders.get(clientOrderId);
    if (order === undefined) return;
    order.isTold = true;
    // The dispatch point itself refused it: no venue ever heard of it.
    if (order.fate === 'wished') order.fate = 'dead';
  }

  // What the engine says.

  said(said: Said): void {
    const now = this.#now();
    if (said.of === 'fill' && !this.acts.booked(said.fill, this.account, now)) this.#booking.booked(said.fill, this.account, now);
    if (said.of === 'group') this.groups.changed(said.group, now);
    if (said.of === 'order' && said.order.state === 'absent') {
      const order = this.truth.orders.get(said.order.request.clientOrderId);
      if (order === undefined) this.fail('I2', `order ${said.order.request.clientOrderId} is kept, and its placement was never committed`);
      order.isTold = true;
    }
    if (said.of === 'armed' && said.on && this.#command !== null && this.#typedWrong.has(this.#command))
      this.fail('I6', 'real money is armed without its confirmation');
    this.#believed(said);
    this.account.take(said);
    if ((said.of === 'kill' || said.of === 'scoped') && said.level !== null && said.level !== 'pause' && said.verified)
      this.#verified(said.of === 'kill' ? 'all' : said.scope);
  }

  /** What the engine says a venue said, and when it lifts a stop. Before the account takes it. */
  #believed(said: Said): void {
    if (said.of === 'reconciled' && this.#strangers.has(said.venueId))
      this.fail('I2', `${said.venueId} is said to be reconciled, and another account answers there`);
    if (said.of === 'reconciled' && !this.#answered.has(said.venueId))
      this.fail('I2', `${said.venueId} is said to be reconciled, and never answered`);
    if (
      said.of === 'difference' &&
      said.reported !== null &&
      Number(said.reported) !== (this.#positions.get(said.instrumentId) ?? Number.NaN)
    )
      this.fail(
        'I2',
        `${said.instrumentId}: the venue is said to report ${said.reported}, it said ${this.#positions.get(said.instrumentId)}`,
      );
    if (said.of === 'kill' && said.level === null && this.account.kill !== null) {
      // A flatten may be ended while a group still waits for its venue: that is what the operator then means.
      if (!this.account.killVerified && this.account.kill !== 'flatten') this.fail('I6', 'a stop was reset that was never verified');
      if (this.account.armed) this.fail('I6', 'a reset leaves the engine armed');
    }
    const lifted = said.of === 'scoped' && said.level === null ? this.account.scoped.get(said.scope) : undefined;
    if (said.of === 'scoped' && lifted?.verified === false && lifted.level !== 'flatten')
      this.fail('I6', `the stop of ${said.scope} was reset, and was never verified`);
  }

  /** Before its new record is taken. */
  ordered(said: Extract<Said, { of: 'order' }>, before: Parameters<Booking['ordered']>[1]): void {
    this.#booking.ordered(said.order, before, this.account, this.#now());
  }

  wished(order: OrderRequest, at: Moment): void {
    const pairId = this.account.groups.get(order.groupId)?.pairId;
    if (pairId === undefined) this.fail('I4', `order ${order.clientOrderId} of group ${order.groupId}, which was never made known`);
    this.sending.wished(order, pairId, this.account, this.#now(), at);
  }

  stepped(): void {
    this.#command = null;
    this.#booking.settle(this.account, this.#now());
    if (this.account.kill !== null && this.account.armed) this.fail('I6', 'killed, and still armed');
  }

  /** Called ten times a second. */
  watch(): void {
    this.groups.watch(this.account, this.#now());
  }

  // What the ledger keeps.

  committed(said: readonly Said[], orderIds: readonly string[]): void {
    for (const id of orderIds) {
      const order = this.truth.orders.get(id);
      if (order !== undefined) order.committed = true;
    }
    this.#committed.push(...said);
  }

  /** The commit failed: what this life says from now on lives in memory alone. */
  commitFailed(): void {
    this.sending.isLedgerFaulty = true;
    for (const order of this.truth.orders.values()) if (order.fate === 'wished') order.fate = 'dead';
  }

  /** A new life begins from what is committed. */
  reborn(at: Moment): void {
    const account = new Account();
    for (const said of this.#committed) account.take(said);
    account.armed = false;
    account.cooldowns.restarted((kind) => this.#fenceMs[kind] ?? 0, at);
    this.account = account;
    this.#quotes.clear();
    this.#answered.clear();
    this.#booking.forget();
    this.groups.forget();
    this.sending.isLedgerFaulty = false;
    // A row of an order may have been written by a later commit than its own, which failed: its name is taken all the same.
    for (const id of account.orders.keys()) {
      const order = this.truth.orders.get(id);
      if (order !== undefined) order.committed = true;
    }
    this.acts.forget((key) => account.booked.has(key));
    this.truth.forget(
      (key) => account.booked.has(key),
      (id) => {
        const record = account.orders.get(id);
        return record !== undefined && !isLive(record.state);
      },
    );
  }

  // What the venues see and do.

  left(order: OrderRequest): void {
    this.sending.left(order, this.account, this.#now());
  }

  cancelLeft(ref: OrderRef): void {
    this.sending.cancelLeft(ref, this.account, this.#now());
  }

  accepted(clientOrderId: string): void {
    const order = this.truth.orders.get(clientOrderId);
    if (order === undefined || order.leftTimes === 0) this.fail('I4', `the venue holds ${clientOrderId}, which never left`);
    order.fate = 'working';
  }

  dead(clientOrderId: string): void {
    const order = this.truth.orders.get(clientOrderId);
    if (order !== undefined) order.fate = 'dead';
  }

  ended(clientOrderId: string): void {
    const order = this.truth.orders.get(clientOrderId);
    if (order !== undefined) order.fate = 'ended';
  }

  /** @param isOverfill whether the venue executed more than was ordered: its fault, not the engine's */
  traded(fill: FillReport, isOverfill: boolean): void {
    const units = this.#units[fill.instrumentId]!;
    const baseQty = Number(fill.qty) * units.baseQtyPerUnit;
    const order = this.truth.orders.get(fill.clientOrderId ?? '');
    if (order === undefined) this.fail('I4', `the venue executed ${fill.clientOrderId}, which never left`);
    const { groupId, leg, purpose } = order.request;
    const before = this.truth.legBase(groupId, leg, 'all');
    this.truth.addTrade(fill, baseQty, this.#now());
    const after = this.truth.legBase(groupId, leg, 'all');
    const reduces = purpose === 'close' || purpose === 'unwind';
    if (reduces && !isOverfill && (Math.abs(after) > Math.abs(before) || before * after < -1e-9))
      this.fail('I6', `${purpose} order ${order.request.clientOrderId} took leg ${leg} of ${groupId} from ${before} to ${after} base`);
  }

  /** The venue closed something by itself. */
  acted(fill: FillReport): void {
    this.acts.acted(fill, this.#units[fill.instrumentId]!.baseQtyPerUnit, this.account);
  }

  malformed(order: OrderRequest, why: string): void {
    this.fail('form', `${order.purpose} order ${order.clientOrderId} at ${order.venueId}: ${why}`);
  }

  /** A stop is said to be verified: then nothing of ours may work, or be on its way, in its scope. */
  #verified(scope: string): void {
    for (const order of this.truth.orders.values()) {
      if (order.fate !== 'working' && order.fate !== 'left') continue;
      const covered = scope === 'all' || scope === `pair:${order.pairId}` || scope === `venue:${order.request.venueId}`;
      const { purpose, clientOrderId } = order.request;
      if (covered && (purpose === 'open' || purpose === 'complete'))
        this.fail('I6', `the stop of ${scope} is said to be verified, and ${clientOrderId} is ${order.fate}`);
    }
  }
}
