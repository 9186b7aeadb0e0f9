/**
 * Groups: what they hold against what the venues executed for them, how long a residual may last, and what a closed one
 * earned (I2, I3, I10).
 */
import type { HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import type { EngineSettings } from '../../../src-shared/domain/settings.ts';
import { isOver, type Account } from './account.ts';
import { EPSILON, type Truth } from './truth.ts';
import { Violation } from './violation.ts';

export interface GroupParts {
  readonly settings: EngineSettings;
  readonly truth: Truth;
  readonly baseQtyPerUnit: (instrumentId: string) => number;
  readonly qtyStep: (instrumentId: string) => number;
  /** Since when nothing strikes at the venue; what the oracle may expect of the engine then. */
  readonly fairSinceMs: (venueId: string) => number;
}

/** A timer's turn and a venue's answer on top of the engine's own times. */
const GRACE_MS = 1_500;
/** A second leg that waits to be sent, and then is on its way: so long the residual's clock need not run. */
const BEFORE_CLOCK_MS = 12_000;
/** In fair weather a residual that stood so long has led to an order. */
const REPAIR_MS = 9_000;
/** PnL may differ by the larger of these. */
const PNL_USD = 0.05;
const PNL_SHARE = 0.001;

export class Groups {
  readonly #parts: GroupParts;
  /** Since when a residual, as told, has stood without a live order. */
  readonly #idleSinceMs = new Map<string, number>();
  /** Since when it has stood at all. */
  readonly #nakedSinceMs = new Map<string, number>();

  constructor(parts: GroupParts) {
    this.#parts = parts;
  }

  forget(): void {
    this.#idleSinceMs.clear();
    this.#nakedSinceMs.clear();
  }

  changed(group: HedgeGroup, nowMs: number): void {
    if (group.state === 'closed') this.#closed(group, nowMs);
  }

  /** Residual of a group by what the engine was told, less what was settled. */
  residual(group: HedgeGroup): number {
    const { truth } = this.#parts;
    const held = truth.legBase(group.id, 'a', 'heard') + truth.legBase(group.id, 'b', 'heard');
    return held - Number(group.settledBaseQty);
  }

  /** Smallest residual that can be traded away: below it is dust. */
  quantum(group: HedgeGroup): number {
    const { qtyStep, baseQtyPerUnit } = this.#parts;
    const step = (id: string): number => qtyStep(id) * baseQtyPerUnit(id);
    return Math.max(step(group.legs.a.instrumentId), step(group.legs.b.instrumentId));
  }

  /** Called often: residuals that stand. */
  watch(account: Account, nowMs: number): void {
    for (const group of account.groups.values()) if (!isOver(group.state)) this.#watchOne(group, account, nowMs);
  }

  #watchOne(group: HedgeGroup, account: Account, nowMs: number): void {
    const { hedging } = this.#parts.settings;
    const isNaked = Math.abs(this.residual(group)) > this.quantum(group) - EPSILON;
    if (!isNaked) {
      this.#idleSinceMs.delete(group.id);
      this.#nakedSinceMs.delete(group.id);
      return;
    }
    if (!this.#nakedSinceMs.has(group.id)) this.#nakedSinceMs.set(group.id, nowMs);
    const orders = this.#parts.truth.ofGroup(group.id);
    // An end that was told ahead of its fills: the engine may wait for these, and asks for them.
    const isLive = orders.some((o) => !o.isTold || o.traded > o.heard + EPSILON);
    // An order that came and went between two looks counts, too.
    const newestMs = orders.at(-1)?.wishedMs ?? 0;
    if (newestMs > (this.#idleSinceMs.get(group.id) ?? Number.POSITIVE_INFINITY)) this.#idleSinceMs.set(group.id, nowMs);
    if (isLive) this.#idleSinceMs.delete(group.id);
    else if (!this.#idleSinceMs.has(group.id)) this.#idleSinceMs.set(group.id, nowMs);
    const isKilled = account.kill !== null;
    const isHeld = group.state === 'operator-held';
    const text = (ms: number): string =>
      `group ${group.id} (${group.state}) is naked by ${this.residual(group)} for ${(ms / 1_000).toFixed(1)} s`;
    const idleMs = nowMs - (this.#idleSinceMs.get(group.id) ?? nowMs);
    const isRepaired = isKilled || isHeld || group.state === 'compensating' || group.state === 'closing';
    if (idleMs > hedging.compensateAfterMs + GRACE_MS && !isRepaired)
      throw new Violation('I3', nowMs, `${text(idleMs)} and nothing is done`);
    if (!isKilled && !isHeld && this.#isNeglected(group, account, nowMs))
      throw new Violation('I3', nowMs, `${text(REPAIR_MS)} in fair weather, and no order was sent for it`);
    const nakedMs = nowMs - this.#nakedSinceMs.get(group.id)!;
    if (nakedMs > hedging.haltAfterMs + BEFORE_CLOCK_MS && !isKilled && !isHeld) throw new Violation('I3', nowMs, text(nakedMs));
    if (idleMs > hedging.haltAfterMs + GRACE_MS && !isKilled && !isHeld) throw new Violation('I3', nowMs, text(idleMs));
  }

  /** Naked for long in fair weather, and not one order of the group was wished for since. */
  #isNeglected(group: HedgeGroup, account: Account, nowMs: number): boolean {
    const sinceMs = this.#nakedSinceMs.get(group.id) ?? nowMs;
    if (nowMs - sinceMs < REPAIR_MS) return false;
    for (const { venueId } of [group.legs.a, group.legs.b]) {
      if (this.#parts.fairSinceMs(venueId) > sinceMs - GRACE_MS) return false;
      if (account.stopOf(group.pairId, venueId) !== 'none') return false;
    }
    const orders = this.#parts.truth.ofGroup(group.id);
    return orders.every((order) => order.isTold && order.wishedMs < sinceMs);
  }

  #closed(group: HedgeGroup, nowMs: number): void {
    const { truth } = this.#parts;
    const fail = (invariant: Violation['invariant'], text: string): never => {
      throw new Violation(invariant, nowMs, `closed group ${group.id}: ${text}`);
    };
    const settled = { a: Number(group.legs.a.settledQty ?? '0'), b: Number(group.legs.b.settledQty ?? '0') };
    for (const leg of ['a', 'b'] as const) {
      const perUnit = this.#parts.baseQtyPerUnit(group.legs[leg].instrumentId);
      const sign = group.legs[leg].side === 'buy' ? 1 : -1;
      const held = truth.legBase(group.id, leg, 'heard') - sign * settled[leg] * perUnit;
      if (Math.abs(held) > EPSILON) fail('I2', `leg ${leg} still holds ${held} base`);
    }
    const live = truth.ofGroup(group.id).find((o) => o.fate === 'left' || o.fate === 'working');
    if (live !== undefined) fail('I2', `${live.request.clientOrderId} is ${live.fate}`);
    if (settled.a === 0 && settled.b === 0) this.#earned(group, fail);
  }

  #earned(group: HedgeGroup, fail: (invariant: Violation['invariant'], text: string) => never): void {
    const cash = { a: 0, b: 0 };
    let turned = 0;
    for (const { fill, baseQty, leg, heard } of this.#parts.truth.tradesOf(group.id)) {
      if (!heard) continue;
      const amount = baseQty * Number(fill.px);
      turned += amount;
      cash[leg] += (fill.side === 'buy' ? -amount : amount) - Number(fill.fee);
    }
    const net = cash.a * group.conversionRate + cash.b;
    const pair = this.#parts.settings.pairs.find((p) => p.id === group.pairId)!;
    const usd = net * pair.usdPerQuoteCcy;
    if (group.result === null) {
      if (turned > 0) fail('I10', `no result, and the venues paid ${usd.toFixed(4)}`);
      return;
    }
    const allowed = Math.max(PNL_USD, Math.abs(usd) * PNL_SHARE);
    if (Math.abs(group.result.netUsd - usd) > allowed)
      fail('I10', `result ${group.result.netUsd.toFixed(4)}, the venues paid ${usd.toFixed(4)}`);
  }
}
