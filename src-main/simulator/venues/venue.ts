/**
 * What both kinds of simulated venue share: the clock, the push channel with its faults, questions and snapshots. Owns the
 * connection of the engine's present life; subclasses decide what becomes of an order.
 */
import type { InstrumentId, VenueId } from '../../../src-shared/domain/ids.ts';
import type { OrderRef, OrderRequest, QueryOutcome, Refusal, SnapshotOutcome } from '../../../src-shared/domain/order.ts';
import type { CancelOutcome, PlaceOutcome } from '../../../src-shared/domain/order.ts';
import type { ControlInput } from '../../core/events.ts';
import type { ControlInlet, OrderGateway } from '../../runtime/ports.ts';
import { START_BALANCE, type ArenaInstrument } from '../arena.ts';
import type { Chance } from '../chance.ts';
import type { Clockwork } from '../clockwork.ts';
import type { Market } from '../market.ts';
import type { FaultItem, SimVenueName } from '../plan.ts';
import type { Weather } from '../weather.ts';
import { VenueBook, qtyText, stepsOf, type Trade, type VenueOrder } from './book.ts';
import { Connection } from './connection.ts';
import type { VenueWitness } from './witness.ts';

export interface VenueParts {
  readonly name: SimVenueName;
  readonly instruments: readonly ArenaInstrument[];
  readonly chance: Chance;
  readonly clock: Clockwork;
  readonly weather: Weather;
  readonly market: () => Market;
  readonly witness: VenueWitness;
  /** Its account holds real money, as far as the engine knows. */
  readonly isLive: boolean;
  /** Venue clock minus a host clock that is right. */
  readonly offsetMs: number;
}

export const refusal = (venueCode: string | null, text: string, retry: Refusal['retry'], by: Refusal['by'] = 'venue'): PlaceOutcome => ({
  code: 'refused',
  refusal: { venueCode, text, retry, by },
});

/** How old a position may be that a venue lists while it lags. */
const POSITIONS_LAG_MS = 2_400;

/** Ask and report of margin: positions at their last price. */
const MARGIN_RATE = 0.02;

export abstract class SimVenue {
  readonly parts: VenueParts;
  readonly venueId: VenueId;
  readonly book: VenueBook;
  /** The engine's key belongs to another account: empty, and never ours. */
  isOtherAccount = false;
  protected connection: Connection | null = null;
  #draws = 0;

  constructor(parts: VenueParts) {
    this.parts = parts;
    this.venueId = parts.name as string as VenueId;
    this.book = new VenueBook(this.venueId);
  }

  venueMs(): number {
    return this.parts.clock.trueUnixMs() + this.parts.offsetMs;
  }

  /** The gateway of a new life of the engine. */
  connect(inlet: ControlInlet): OrderGateway {
    const connection = new Connection(inlet);
    this.connection = connection;
    return {
      venueId: this.venueId,
      kind: 'paper',
      start: () => this.parts.clock.after(this.between('link', 20, 400), () => this.linkUp(connection)),
      stop: () => {
        connection.cut();
        return Promise.resolve();
      },
      place: (order, mayLeave) => connection.asking<PlaceOutcome>((settle) => this.place(order, mayLeave, settle)),
      cancel: (ref, mayLeave) => connection.asking<CancelOutcome>((settle) => this.cancel(ref, mayLeave, settle)),
      query: (ref) => connection.asking<QueryOutcome>((settle) => this.#query(ref, settle)),
      snapshot: (since) => connection.asking<SnapshotOutcome>((settle) => this.#snapshot(since, settle)),
    };
  }

  /** The process died. */
  cut(): void {
    this.connection?.cut();
    this.connection = null;
    this.onCut();
  }

  protected abstract place(order: OrderRequest, mayLeave: () => boolean, settle: (outcome: PlaceOutcome) => void): void;
  protected abstract cancel(ref: OrderRef, mayLeave: () => boolean, settle: (outcome: CancelOutcome) => void): void;
  /** Why the venue cannot be asked now; null = it can. */
  protected abstract unreachable(): string | null;
  protected abstract onCut(): void;

  instrumentOf(id: InstrumentId): ArenaInstrument | null {
    return this.parts.instruments.find((x) => x.settings.id === id) ?? null;
  }

  /** A draw that belongs to the n-th thing that happened at this venue. */
  protected between(what: string, low: number, high: number): number {
    this.#draws += 1;
    return this.parts.chance.between(`${this.parts.name}/${what}/${this.#draws}`, low, high);
  }

  protected strikes(fault: Parameters<Weather['strikes']>[1]): boolean {
    this.#draws += 1;
    return this.parts.weather.strikes(this.parts.name, fault, String(this.#draws));
  }

  protected is(fault: Parameters<Weather['active']>[1]): FaultItem | null {
    return this.parts.weather.active(this.parts.name, fault);
  }

  protected hiddenForMs(): number {
    return this.strikes('hidden') ? this.between('hide', 200, 2_500) : 0;
  }

  /** Reports what was traded and what became of the order, through the faulty channel. */
  protected announce(order: VenueOrder, trades: readonly Trade[]): void {
    const events: ControlInput[] = trades.map((trade) => ({ type: 'fill', fill: trade.fill }));
    events.push({ type: 'order-report', report: this.book.reportOf(order, this.venueMs()) });
    const scrambled = this.strikes('duplicate-push');
    for (const event of events) {
      if (!this.pushes(event)) continue;
      const late = this.strikes('late-push') ? this.between('late', 500, 6_000) : 0;
      const spread = scrambled ? 400 : 3;
      this.#pushAfter(this.between('push', 4, 45) + late + this.between('order', 0, spread), event);
      if (scrambled) this.#pushAfter(this.between('again', 5, 3_000), event);
    }
  }

  /** An execution that belongs to no order, through the same channel. */
  protected announceTrade({ fill }: Trade): void {
    const event: ControlInput = { type: 'fill', fill };
    if (this.pushes(event)) this.#pushAfter(this.between('push', 4, 45), event);
  }

  /** Whether the channel carries this event at all. */
  protected pushes(_event: ControlInput): boolean {
    if (this.isOtherAccount) return false;
    return this.is('silent-push') === null && this.is('push-down') === null && this.is('down') === null;
  }

  #pushAfter(delayMs: number, event: ControlInput): void {
    const { connection } = this;
    this.parts.clock.after(delayMs, () => {
      if (this.is('push-down') === null && this.is('down') === null) connection?.push(event);
    });
  }

  /** Faults that the venue's links show. */
  onWeather(item: FaultItem, begins: boolean): void {
    const { connection } = this;
    if (connection === null) return;
    if (item.fault === 'push-down') this.#orderLink(connection, begins ? 'down' : 'up');
    if (item.fault !== 'down') return;
    this.#orderLink(connection, begins ? 'down' : 'up');
    const report = begins ? { state: 'backing-off' as const, detail: 'connection lost' } : { state: 'live' as const, detail: 'back' };
    connection.push({ type: 'venue-link', venueId: this.venueId, report });
  }

  #orderLink(connection: Connection, state: 'up' | 'down'): void {
    connection.push({ type: 'order-link', venueId: this.venueId, state, detail: `simulated ${state}` });
  }

  protected linkUp(connection: Connection): void {
    for (const x of this.parts.instruments) connection.push({ type: 'instrument', instrument: x.metadata, mismatches: [] });
    const isDown = this.is('down') !== null;
    const report = isDown ? { state: 'connecting' as const, detail: 'no answer' } : { state: 'live' as const, detail: 'connected' };
    connection.push({ type: 'venue-link', venueId: this.venueId, report });
    this.clockReport(connection);
    if (!isDown && this.is('push-down') === null) this.#orderLink(connection, 'up');
    this.#beat(connection);
  }

  /** Once a second what the adapter measures and the terminal says. */
  #beat(connection: Connection): void {
    this.parts.clock.after(1_000, () => {
      if (!connection.alive) return;
      this.heartbeat(connection);
      this.#beat(connection);
    });
  }

  protected heartbeat(connection: Connection): void {
    if (this.is('down') === null) this.clockReport(connection);
  }

  protected clockReport(connection: Connection): void {
    const offsetMs = this.venueMs() - this.parts.clock.unixMs();
    connection.push({ type: 'venue-clock', venueId: this.venueId, report: { offsetMs, uncertaintyMs: 15, roundTripMs: 30 } });
  }

  #query(ref: OrderRef, settle: (outcome: QueryOutcome) => void): void {
    const { clock } = this.parts;
    const outward = this.between('query', 5, 60);
    if (this.unreachable() !== null || this.strikes('query-fails') || this.strikes('maintenance')) {
      clock.after(this.between('query-error', 20, 2_500), () => settle({ code: 'failed', why: this.unreachable() ?? 'transport error' }));
      return;
    }
    clock.after(outward, () => {
      const answer = this.lookUp(ref);
      clock.after(this.between('query-back', 5, 60), () => settle(this.unreachable() === null ? answer : { code: 'failed', why: 'lost' }));
    });
  }

  protected lookUp(ref: OrderRef): QueryOutcome {
    const venueMs = this.venueMs();
    const order = this.isOtherAccount ? null : this.book.visible(ref.clientOrderId, venueMs);
    if (order === null) return { code: 'not-found', venueUnixMs: venueMs };
    return { code: 'found', report: this.book.reportOf(order, venueMs), fills: order.trades.map((t) => t.fill) };
  }

  #snapshot(sinceVenueMs: number, settle: (outcome: SnapshotOutcome) => void): void {
    const { clock } = this.parts;
    const fails = this.unreachable() !== null || this.strikes('snapshot-fails') || this.strikes('maintenance');
    if (fails) {
      clock.after(this.between('snapshot-error', 20, 1_500), () => settle({ code: 'failed', why: this.unreachable() ?? 'HTTP 503' }));
      return;
    }
    const silentMs = this.strikes('snapshot-silent') ? this.between('silent', 6_000, 9_000) : 0;
    clock.after(this.between('snapshot', 10, 80), () => {
      const outcome: SnapshotOutcome = { code: 'answered', snapshot: this.#picture(sinceVenueMs) };
      clock.after(this.between('snapshot-back', 10, 120) + silentMs, () =>
        settle(this.unreachable() === null ? outcome : { code: 'failed', why: 'lost' }),
      );
    });
  }

  #picture(sinceVenueMs: number) {
    const venueMs = this.venueMs();
    if (this.isOtherAccount) {
      const account = { ccy: 'USDT', equity: '1000', marginUsed: '0', marginFree: '1000', balances: [] };
      return { venueUnixMs: venueMs, openOrders: [], fills: [], positions: [], account };
    }
    let used = 0;
    let marked = this.book.cash;
    for (const x of this.parts.instruments) {
      const quote = this.parts.market().quoteOf(x);
      const base = Number(qtyText(x, this.book.net.get(x.settings.id) ?? 0)) * x.baseQtyPerUnit;
      const mid = (quote.bidPx + quote.askPx) / 2;
      used += Math.abs(base) * mid * MARGIN_RATE;
      marked += base * mid;
    }
    const equity = START_BALANCE + marked;
    const ccy = this.parts.name === 'mt5' ? 'USD' : 'USDT';
    return {
      venueUnixMs: venueMs,
      openOrders: this.book.openOrders(venueMs),
      fills: this.book.fillsSince(sinceVenueMs, venueMs),
      positions: this.book.positions(venueMs, this.is('positions-lag') === null ? 0 : POSITIONS_LAG_MS),
      account: {
        ccy,
        equity: equity.toFixed(2),
        marginUsed: used.toFixed(2),
        marginFree: (equity - used).toFixed(2),
        balances: [{ ccy, free: (equity - used).toFixed(2), total: equity.toFixed(2) }],
      },
    };
  }

  /** What no venue would take; null = well-formed. */
  protected flawOf(order: OrderRequest, x: ArenaInstrument): string | null {
    const step = Number(x.metadata.qtyStep);
    const units = Number(order.qty) / step;
    if (!(units > 0) || Math.abs(units - Math.round(units)) > 1e-6) return `quantity ${order.qty} is not on the step ${x.metadata.qtyStep}`;
    if (stepsOf(x, order.qty) < stepsOf(x, x.metadata.minQty)) return `quantity ${order.qty} is below ${x.metadata.minQty}`;
    const ticks = Number(order.limitPx) / Number(x.metadata.tickSize);
    if (!(ticks > 0) || Math.abs(ticks - Math.round(ticks)) > 1e-3)
      return `price ${order.limitPx} is not on the tick ${x.metadata.tickSize}`;
    if (!/^[A-Za-z0-9]{1,32}$/.test(order.clientOrderId)) return `client id ${order.clientOrderId}`;
    return null;
  }
}
