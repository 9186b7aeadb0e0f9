/**
 * What the engine says of itself, as far as its facts go: groups, orders, bookings, stops. Kept twice by the oracle: what
 * this life has said, and what is committed; a crash throws the first away.
 */
import type { HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import type { FillRecord, OrderRecord } from '../../../src-shared/domain/order.ts';
import type { KillLevel } from '../../../src-shared/domain/tradingState.ts';
import { Cooldowns, type Moment, type SaidDisablement, type SaidFence } from './cooldowns.ts';

export type StopLevel = 'pause' | KillLevel;

/** One thing the engine said, in the oracle's own words. */
export type Said =
  | { readonly of: 'group'; readonly group: HedgeGroup }
  | { readonly of: 'order'; readonly order: OrderRecord }
  | { readonly of: 'fill'; readonly fill: FillRecord }
  | { readonly of: 'holding'; readonly instrumentId: string; readonly qty: string }
  /** Taken out of our own position by an operator: adopted, or written off. Signed, venue's unit. */
  | { readonly of: 'settled'; readonly instrumentId: string; readonly qty: string }
  | { readonly of: 'pause'; readonly on: boolean }
  /** null = reset. */
  | { readonly of: 'kill'; readonly level: KillLevel | null; readonly verified: boolean }
  | { readonly of: 'scoped'; readonly scope: string; readonly level: StopLevel | null; readonly verified: boolean }
  | { readonly of: 'armed'; readonly on: boolean }
  /** The whole list in force. */
  | { readonly of: 'fences'; readonly fences: readonly SaidFence[]; readonly at: Moment }
  | { readonly of: 'disablements'; readonly disablements: readonly SaidDisablement[]; readonly byPerson: boolean; readonly at: Moment }
  /** The engine says what a venue reported of an instrument; null = they agree again. */
  | { readonly of: 'difference'; readonly instrumentId: string; readonly reported: string | null }
  | { readonly of: 'reconciled'; readonly venueId: string };

/** The oracle's own words for what is over: it shares no code with the engine. */
export const isOver = (state: HedgeGroup['state']): boolean => state === 'closed' || state === 'denied';
export const isLive = (state: OrderRecord['state']): boolean => state === 'in-flight' || state === 'working' || state === 'unknown';

export const tradeKeyOf = (fill: { readonly instrumentId: string; readonly tradeId: string }): string =>
  `${fill.instrumentId} ${fill.tradeId}`;

export class Account {
  readonly groups = new Map<string, HedgeGroup>();
  readonly orders = new Map<string, OrderRecord>();
  readonly booked = new Set<string>();
  readonly holdings = new Map<string, number>();
  /** Σ of booked fills by instrument, signed, venue's unit. */
  readonly bookedQty = new Map<string, number>();
  /** Σ of what operators took out, by instrument, signed, venue's unit. */
  readonly settledQty = new Map<string, number>();
  readonly scoped = new Map<string, { readonly level: StopLevel; readonly verified: boolean }>();
  readonly cooldowns = new Cooldowns();
  kill: KillLevel | null = null;
  killVerified = false;
  paused = false;
  armed = false;

  take(said: Said): void {
    switch (said.of) {
      case 'group':
        this.groups.set(said.group.id, said.group);
        return;
      case 'order':
        this.orders.set(said.order.request.clientOrderId, said.order);
        return;
      case 'fill':
        this.#book(said.fill);
        return;
      case 'holding':
        this.holdings.set(said.instrumentId, Number(said.qty));
        return;
      case 'settled':
        this.settledQty.set(said.instrumentId, (this.settledQty.get(said.instrumentId) ?? 0) + Number(said.qty));
        return;
      case 'pause':
        this.paused = said.on;
        return;
      case 'kill':
        this.kill = said.level;
        this.killVerified = said.verified;
        return;
      case 'scoped':
        if (said.level === null) this.scoped.delete(said.scope);
        else this.scoped.set(said.scope, { level: said.level, verified: said.verified });
        return;
      case 'fences':
        this.cooldowns.saidFences(said.fences, said.at);
        return;
      case 'disablements':
        this.cooldowns.saidDisablements(said.disablements, said.byPerson, said.at);
        return;
      case 'difference':
      case 'reconciled':
        return;
      case 'armed':
        this.armed = said.on;
    }
  }

  /** Strongest stop in force over a pair and a venue. */
  stopOf(pairId: string, venueId: string): 'none' | StopLevel {
    const levels = ['pause', 'kill', 'flatten', 'hands-off'] as const;
    let at = this.kill === null ? (this.paused ? 0 : -1) : levels.indexOf(this.kill);
    for (const scope of [`pair:${pairId}`, `venue:${venueId}`]) {
      const stop = this.scoped.get(scope);
      if (stop !== undefined) at = Math.max(at, levels.indexOf(stop.level));
    }
    return at < 0 ? 'none' : levels[at]!;
  }

  #book(fill: FillRecord): void {
    this.booked.add(tradeKeyOf(fill));
    const signed = Number(fill.qty) * (fill.side === 'buy' ? 1 : -1);
    this.bookedQty.set(fill.instrumentId, (this.bookedQty.get(fill.instrumentId) ?? 0) + signed);
  }
}
