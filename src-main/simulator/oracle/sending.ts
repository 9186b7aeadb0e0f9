/**
 * What may be sent: the checks of every single order, at the moment the engine wishes for it and again when it leaves
 * (I1, I4, I6, I7, I8).
 */
import type { OrderRef, OrderRequest } from '../../../src-shared/domain/order.ts';
import type { EngineSettings, InstrumentSettings } from '../../../src-shared/domain/settings.ts';
import { isOver, type Account } from './account.ts';
import type { Moment } from './cooldowns.ts';
import { EPSILON, isOpeningPurpose, type Truth } from './truth.ts';
import { Violation } from './violation.ts';

/** The newest quote of an instrument that the engine took. */
export interface SeenQuote {
  readonly bidPx: number;
  readonly askPx: number;
  readonly receivedMonoUs: number;
}

export interface SendingParts {
  readonly settings: EngineSettings;
  readonly baseQtyPerUnit: (instrumentId: string) => number;
  readonly truth: Truth;
  readonly quotes: Map<string, SeenQuote>;
}

const BPS = 10_000;
const US_PER_MS = 1_000;
/** A wall clock in whole milliseconds says an end no more finely. */
const ROUNDING_MS = 1;

export class Sending {
  readonly #parts: SendingParts;
  /** After a failed commit nothing may open in this life. */
  isLedgerFaulty = false;

  constructor(parts: SendingParts) {
    this.#parts = parts;
  }

  /** The engine wishes for an order. */
  wished(order: OrderRequest, pairId: string, account: Account, nowMs: number, at: Moment): void {
    const fail = (invariant: Violation['invariant'], text: string): never => {
      throw new Violation(
        invariant,
        nowMs,
        `${order.purpose} order ${order.clientOrderId} (group ${order.groupId}, leg ${order.leg}): ${text}`,
      );
    };
    const { truth } = this.#parts;
    if (truth.orders.has(order.clientOrderId)) fail('I1', 'its client id was used before');
    const same = truth.ofGroup(order.groupId).find((o) => o.request.leg === order.leg && o.request.attempt === order.attempt);
    if (same !== undefined) fail('I1', `attempt ${order.attempt} of this leg is ${same.request.clientOrderId}`);
    const twin = truth
      .ofGroup(order.groupId)
      .find((o) => o.request.leg === order.leg && o.request.positionId === order.positionId && o.fate !== 'ended' && o.fate !== 'dead');
    if (twin !== undefined) fail('I1', `${twin.request.clientOrderId} of the same leg may still be executed`);
    const stop = this.#stopped(order, pairId, account);
    if (stop !== null) fail('I6', stop);
    const stale = this.#staleQuote(order, pairId, at.monoUs);
    if (stale !== null) fail('I8', stale);
    const reach = this.#reach(order);
    if (reach !== null) fail('I8', reach);
    if (order.purpose === 'open') {
      const open = truth.untold(pairId).find((o) => o.request.groupId !== order.groupId);
      if (open !== undefined) fail('I7', `${open.request.clientOrderId} of group ${open.request.groupId} is unresolved`);
    }
    const isFirst = order.purpose === 'open' && truth.ofGroup(order.groupId).length === 0;
    const barred = isFirst ? this.#barred(order, pairId, account, at.monoUs) : null;
    if (barred !== null) fail('I6', barred);
    const mark = this.#mark(order);
    if (mark !== null) fail('I6', mark);
    const size = this.#oversize(order, account);
    if (size !== null) fail('I6', size);
    const tracked = truth.track(order, pairId, nowMs);
    // What this life can no longer commit must never leave.
    if (this.isLedgerFaulty) tracked.fate = 'dead';
  }

  /** The bytes leave, or the EA has the command. */
  left(order: OrderRequest, account: Account, nowMs: number): void {
    const fail = (invariant: Violation['invariant'], text: string): never => {
      throw new Violation(invariant, nowMs, `${order.purpose} order ${order.clientOrderId} left: ${text}`);
    };
    const tracked = this.#parts.truth.orders.get(order.clientOrderId);
    if (tracked === undefined || !tracked.committed) return fail('I4', 'no committed row was there before');
    tracked.leftTimes += 1;
    if (tracked.leftTimes > 1) fail('I1', 'it left twice');
    if (tracked.fate === 'dead') fail('I1', 'it had been given up');
    tracked.fate = 'left';
    if (this.isLedgerFaulty && isOpeningPurpose(order.purpose)) fail('I4', 'after a failed commit of this life');
    const stop = this.#stopped(order, tracked.pairId, account);
    if (stop !== null && stop !== 'disarmed' && stop !== 'paused') fail('I6', stop);
  }

  cancelLeft(ref: OrderRef, account: Account, nowMs: number): void {
    const tracked = this.#parts.truth.orders.get(ref.clientOrderId);
    const stop = account.stopOf(tracked?.pairId ?? '', ref.venueId);
    if (stop === 'hands-off') throw new Violation('I6', nowMs, `a cancel of ${ref.clientOrderId} left although nothing may be sent`);
  }

  /** Why nothing of this kind may be sent now. */
  #stopped(order: OrderRequest, pairId: string, account: Account): string | null {
    const stop = account.stopOf(pairId, order.venueId);
    if (stop === 'hands-off') return 'nothing may be sent at all';
    if (!isOpeningPurpose(order.purpose) || order.authority === 'operator') return null;
    if (stop === 'kill' || stop === 'flatten') return `openings are stopped (${stop})`;
    const isFirst = order.purpose === 'open' && this.#parts.truth.ofGroup(order.groupId).length === 0;
    if (!isFirst) return null;
    if (!account.armed) return 'disarmed';
    return stop === 'pause' ? 'paused' : null;
  }

  /** What keeps a new group from beginning: cooldowns, disablements, limits. */
  #barred(order: OrderRequest, pairId: string, account: Account, nowUs: number): string | null {
    const { limits } = this.#parts.settings;
    const { fences, disablements } = account.cooldowns;
    for (const { pairId: fenced, kind, endsUs } of fences.values()) {
      const leftMs = (endsUs - nowUs) / US_PER_MS;
      // Its own entry fences the pair in the same step.
      const isOwn = kind === 'entry' && Math.abs(leftMs - limits.fenceAfterEntryMs) < ROUNDING_MS;
      if (fenced === pairId && leftMs > ROUNDING_MS && !isOwn) return `${pairId} is fenced (${kind}) for another ${leftMs} ms`;
    }
    const scopes = ['all', `pair:${pairId}`, ...this.#legsOf(pairId).map((x) => `venue:${x.venueId}`)];
    const disabled = disablements.find((d) => scopes.includes(d.scope) && d.endsUs - nowUs > ROUNDING_MS * US_PER_MS);
    if (disabled !== undefined) return `${disabled.scope} is disabled`;
    const live = [...account.groups.values()].filter((group) => !isOver(group.state) && group.id !== order.groupId);
    if (live.length >= limits.maxOpenGroups) return `${live.length} groups are open, at most ${limits.maxOpenGroups}`;
    const same = live.filter((group) => group.pairId === pairId).length;
    return same >= limits.maxOpenGroupsPerPair ? `${same} groups of ${pairId} are open` : null;
  }

  /** What makes a venue only reduce. */
  #mark(order: OrderRequest): string | null {
    const { kind } = this.#instrument(order.instrumentId);
    const reduces = !isOpeningPurpose(order.purpose);
    if (reduces && kind === 'perpetual' && !order.reduceOnly) return 'it reduces, and is not reduce-only';
    if (reduces && kind === 'cfd' && order.positionId === null) return 'it reduces, and names no position';
    return !reduces && (order.reduceOnly || order.positionId !== null) ? 'it opens, and is marked to reduce' : null;
  }

  #staleQuote(order: OrderRequest, pairId: string, nowUs: number): string | null {
    const own = this.#instrument(order.instrumentId);
    const needed = isOpeningPurpose(order.purpose) ? this.#legsOf(pairId) : [own];
    for (const x of needed) {
      const quote = this.#parts.quotes.get(x.id);
      const limitMs = this.#parts.settings.venues.find((v) => v.id === x.venueId)!.maxQuoteAgeMs;
      if (quote === undefined) return `no quote of ${x.id} yet`;
      const ageMs = (nowUs - quote.receivedMonoUs) / 1_000;
      if (ageMs > limitMs) return `the quote of ${x.id} is ${ageMs.toFixed(0)} ms old, limit ${limitMs} ms`;
      if (!(quote.bidPx > 0 && quote.askPx > quote.bidPx)) return `the quote of ${x.id} is ${quote.bidPx}/${quote.askPx}`;
    }
    return null;
  }

  /** How far the limit may reach beyond the own venue's touch. */
  #reach(order: OrderRequest): string | null {
    const quote = this.#parts.quotes.get(order.instrumentId)!;
    const { limits, hedging } = this.#parts.settings;
    const touch = order.side === 'buy' ? quote.askPx : quote.bidPx;
    const beyondBps = ((Number(order.limitPx) - touch) / touch) * BPS * (order.side === 'buy' ? 1 : -1);
    const allowed = order.purpose === 'open' ? limits.priceCollarBps : Math.max(limits.priceCollarBps, hedging.compensationSlippageBps);
    // One tick of rounding.
    if (beyondBps <= allowed + 0.5) return null;
    return `its limit ${order.limitPx} reaches ${beyondBps.toFixed(1)} bps beyond the touch ${touch}, allowed ${allowed}`;
  }

  /** What it would do to exposure, by what the engine was told. */
  #oversize(order: OrderRequest, account: Account): string | null {
    const { truth } = this.#parts;
    const base = Number(order.qty) * this.#parts.baseQtyPerUnit(order.instrumentId);
    const sign = order.side === 'buy' ? 1 : -1;
    const own = truth.legBase(order.groupId, order.leg, 'heard');
    const other = truth.legBase(order.groupId, order.leg === 'a' ? 'b' : 'a', 'heard');
    if (!isOpeningPurpose(order.purpose)) {
      const flips = own === 0 || Math.sign(own) === sign || base > Math.abs(own) + EPSILON;
      return flips ? `${sign * base} base against a leg that holds ${own}` : null;
    }
    const group = account.groups.get(order.groupId);
    if (group === undefined) return 'its group was never made known';
    const hasTwin = truth.ofGroup(order.groupId).some((o) => o.request.leg !== order.leg);
    const isSecond = order.purpose === 'complete' || (group.legOrder !== 'together' && hasTwin);
    const room = isSecond ? Math.abs(other) - Math.abs(own) : Number(group.baseQty) - Math.abs(own);
    return base > room + EPSILON ? `${base} base where ${room} lack (own ${own}, twin ${other})` : null;
  }

  #legsOf(pairId: string): readonly InstrumentSettings[] {
    const pair = this.#parts.settings.pairs.find((p) => p.id === pairId)!;
    return [this.#instrument(pair.a), this.#instrument(pair.b)];
  }

  #instrument(id: string): InstrumentSettings {
    return this.#parts.settings.instruments.find((x) => x.id === id)!;
  }
}
