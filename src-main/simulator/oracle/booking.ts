/**
 * What is booked: every fill the engine was told of, once, as the venue executed it, on the leg that ordered it; holdings
 * are their sum; what is over is over (I2, I5, I11).
 */
import type { FillRecord, OrderRecord, OrderState } from '../../../src-shared/domain/order.ts';
import { isLive, tradeKeyOf, type Account } from './account.ts';
import type { Truth, TruthTrade } from './truth.ts';
import { Violation } from './violation.ts';

const QTY_EPSILON = 1e-9;

export class Booking {
  readonly #truth: Truth;
  /** Told in the step that is under way, or booked by it. */
  readonly #touched = new Set<TruthTrade>();
  readonly #offered = new Set<string>();
  /** Orders of which the step that is under way said that their state changed. */
  readonly #changed = new Set<string>();

  constructor(truth: Truth) {
    this.#truth = truth;
  }

  /** In an answer that the engine may find too old to believe: it may book it, and need not. */
  offered(key: string): void {
    this.#offered.add(key);
  }

  /** The engine is told of an execution. */
  told(key: string): void {
    const trade = this.#truth.trades.get(key);
    if (trade === undefined) return;
    this.#touched.add(trade);
    if (trade.heard) return;
    trade.heard = true;
    if (trade.order === null) return;
    trade.order.heard += Number(trade.fill.qty);
    // Executed in full is an end, whoever tells of it.
    if (trade.order.heard >= Number(trade.order.request.qty) - QTY_EPSILON) trade.order.isTold = true;
  }

  /** A fill is booked; `account` does not hold it yet. */
  booked(fill: FillRecord, account: Account, nowMs: number): void {
    const fail = (invariant: Violation['invariant'], text: string): never => {
      throw new Violation(invariant, nowMs, `fill ${fill.tradeId} at ${fill.venueId}: ${text}`);
    };
    const key = tradeKeyOf(fill);
    const trade = this.#truth.trades.get(key);
    if (trade === undefined) return fail('I2', 'booked, and the venue never executed it');
    if (account.booked.has(key)) fail('I11', 'booked twice');
    if (!trade.heard && !this.#offered.has(key)) fail('I2', 'booked, and nobody told the engine of it');
    this.told(key);
    const { fill: real, groupId, leg } = trade;
    const differs = Number(fill.qty) !== Number(real.qty) || Number(fill.px) !== Number(real.px) || fill.side !== real.side;
    if (differs) fail('I2', `booked as ${fill.side} ${fill.qty} at ${fill.px}, executed as ${real.side} ${real.qty} at ${real.px}`);
    if (Number(fill.fee) !== Number(real.fee)) fail('I10', `booked with fee ${fill.fee}, the venue took ${real.fee}`);
    if (fill.groupId !== groupId || fill.leg !== leg) fail('I2', `booked on ${fill.groupId}/${fill.leg}, ordered by ${groupId}/${leg}`);
    const perUnit = Number(fill.baseQty) / Number(fill.qty);
    if (Math.abs(perUnit - trade.baseQty / Number(real.qty)) > QTY_EPSILON) fail('I2', `booked as ${fill.baseQty} base`);
  }

  ordered(order: OrderRecord, before: OrderState | null, account: Account, nowMs: number): void {
    const id = order.request.clientOrderId;
    const fail = (invariant: Violation['invariant'], text: string): never => {
      throw new Violation(invariant, nowMs, `order ${id}: ${text}`);
    };
    const known = account.orders.get(id);
    if (known !== undefined && before !== null && known.state !== before) fail('I11', `said to come from ${before}, was ${known.state}`);
    // A refusal or an absence may turn out to be contradicted, and is then asked about; what was executed never comes back to life.
    const isOver = known !== undefined && (known.state === 'filled' || known.state === 'canceled' || known.state === 'quarantined');
    if (isOver && isLive(order.state)) fail('I11', `${known.state} became ${order.state}`);
    if (Number(order.bookedQty) > Number(order.filledQty) + QTY_EPSILON)
      fail('I5', `booked ${order.bookedQty} of ${order.filledQty} filled`);
    const tracked = this.#truth.orders.get(id);
    if (tracked === undefined || order.state === known?.state) return;
    if (order.state === 'absent' && tracked.fate !== 'dead' && tracked.fate !== 'wished')
      fail('I1', `held to be absent, but it is ${tracked.fate} (${tracked.traded} executed)`);
    if (order.state === 'rejected' && tracked.traded > 0) fail('I2', `held to be rejected, but ${tracked.traded} was executed`);
    this.#changed.add(id);
  }

  /** More executed than ordered: of one answer with several executions the engine books one after the other, hence at the end of the step. */
  #quarantined(account: Account, nowMs: number): void {
    for (const id of this.#changed) {
      const order = account.orders.get(id);
      const tracked = this.#truth.orders.get(id);
      if (order === undefined || tracked === undefined) continue;
      const over = tracked.heard - Number(order.request.qty);
      if (over > QTY_EPSILON && !isLive(order.state) && order.state !== 'quarantined')
        throw new Violation(
          'I5',
          nowMs,
          `order ${id}: ${tracked.heard} executed of ${order.request.qty} ordered, and it is ${order.state}`,
        );
    }
    this.#changed.clear();
  }

  /** After a step: what was told is booked, and holdings are the sum of what is booked. */
  settle(account: Account, nowMs: number): void {
    if (this.#changed.size > 0) this.#quarantined(account, nowMs);
    if (this.#touched.size === 0) return;
    for (const trade of this.#touched) {
      const { fill, order, key } = trade;
      if (!account.booked.has(key)) throw new Violation('I2', nowMs, `fill ${fill.tradeId} at ${fill.venueId} was told, and is not booked`);
      const holding = account.holdings.get(fill.instrumentId) ?? 0;
      const sum = (account.bookedQty.get(fill.instrumentId) ?? 0) - (account.settledQty.get(fill.instrumentId) ?? 0);
      if (Math.abs(holding - sum) > QTY_EPSILON)
        throw new Violation('I2', nowMs, `own position of ${fill.instrumentId} is ${holding}, its fills add up to ${sum}`);
      if (order === null) continue;
      const record = account.orders.get(order.request.clientOrderId);
      const over = order.heard - Number(order.request.qty);
      if (over > QTY_EPSILON && record?.state !== 'quarantined')
        throw new Violation(
          'I5',
          nowMs,
          `order ${order.request.clientOrderId}: ${order.heard} executed of ${order.request.qty}, and it is ${record?.state}`,
        );
    }
    this.#touched.clear();
    this.#offered.clear();
  }

  forget(): void {
    this.#touched.clear();
    this.#offered.clear();
    this.#changed.clear();
  }
}
