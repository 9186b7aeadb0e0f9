/**
 * What really happened at one venue: its orders, trades and positions, in its own whole steps of quantity. Owns the truth
 * that survives every crash of the engine; knows nothing of the engine's books.
 */
import type { Side, FillReport, OpenOrderReport, OrderReport, OrderRequest, PositionReport } from '../../../src-shared/domain/order.ts';
import type { VenueId } from '../../../src-shared/domain/ids.ts';
import type { ArenaInstrument } from '../arena.ts';

export interface Trade {
  readonly fill: FillReport;
  readonly x: ArenaInstrument;
  readonly steps: number;
  readonly px: number;
  readonly fee: number;
  /** null = the venue's own act. */
  readonly order: VenueOrder | null;
  readonly venueMs: number;
  /** Of the venue's own act; an order hides its trades with itself. */
  readonly hiddenUntilVenueMs: number;
}

export interface VenueOrder {
  readonly request: OrderRequest;
  readonly x: ArenaInstrument;
  readonly venueOrderId: string;
  readonly acceptedVenueMs: number;
  /** Questions find neither the order nor its fills before this moment of the venue's clock. */
  readonly hiddenUntilVenueMs: number;
  state: 'working' | 'filled' | 'canceled' | 'rejected';
  /** What the venue took of it: less than was asked where a reducing order was cut to the position. */
  readonly takenSteps: number;
  filledSteps: number;
  text: string;
  readonly trades: Trade[];
}

export interface TicketPosition {
  readonly positionId: string;
  readonly x: ArenaInstrument;
  readonly side: Side;
  steps: number;
}

const digitsOf = (step: string): number => (step.split('.')[1] ?? '').length;
export const stepsOf = (x: ArenaInstrument, qty: string): number => Math.round(Number(qty) / Number(x.metadata.qtyStep));
export const qtyText = (x: ArenaInstrument, steps: number): string =>
  (steps * Number(x.metadata.qtyStep)).toFixed(digitsOf(x.metadata.qtyStep));
export const pxText = (x: ArenaInstrument, px: number): string => px.toFixed(digitsOf(x.metadata.tickSize));
export const baseOf = (x: ArenaInstrument, steps: number): number => steps * Number(x.metadata.qtyStep) * x.baseQtyPerUnit;

export class VenueBook {
  readonly #venueId: VenueId;
  readonly orders = new Map<string, VenueOrder>();
  readonly trades: Trade[] = [];
  readonly tickets = new Map<string, TicketPosition>();
  /** Signed, in steps, by instrument id. */
  readonly net = new Map<string, number>();
  /** Cash of trades less fees, by instrument id. */
  cash = 0;
  #nextOrder = 0;
  #nextTrade = 0;

  constructor(venueId: VenueId) {
    this.#venueId = venueId;
  }

  accept(
    request: OrderRequest,
    x: ArenaInstrument,
    venueMs: number,
    hiddenForMs: number,
    takenSteps = stepsOf(x, request.qty),
  ): VenueOrder {
    this.#nextOrder += 1;
    const order: VenueOrder = {
      request,
      x,
      venueOrderId: `${this.#venueId}-${this.#nextOrder}`,
      acceptedVenueMs: venueMs,
      hiddenUntilVenueMs: venueMs + hiddenForMs,
      state: 'working',
      takenSteps,
      filledSteps: 0,
      text: '',
      trades: [],
    };
    this.orders.set(request.clientOrderId, order);
    return order;
  }

  /** Executes; at MT5 `positionId` names the ticket that is opened or reduced. */
  execute(order: VenueOrder, steps: number, px: number, venueMs: number, positionId: string | null): Trade {
    const { x, request } = order;
    this.#nextTrade += 1;
    const base = baseOf(x, steps);
    const fee = x.venue === 'mt5' ? x.commissionPerLot * steps * Number(x.metadata.qtyStep) : (base * px * x.feeBps) / 10_000;
    const feeText = fee.toFixed(8);
    const fill: FillReport = {
      venueId: this.#venueId,
      instrumentId: x.settings.id,
      tradeId: `t${this.#nextTrade}`,
      clientOrderId: request.clientOrderId,
      side: request.side,
      qty: qtyText(x, steps),
      px: pxText(x, px),
      fee: feeText,
      feeCcy: x.metadata.quoteCcy,
      positionId,
      venueUnixMs: venueMs,
    };
    const trade: Trade = {
      fill,
      x,
      steps,
      px: Number(fill.px),
      fee: Number(feeText),
      order,
      venueMs,
      hiddenUntilVenueMs: order.hiddenUntilVenueMs,
    };
    order.trades.push(trade);
    order.filledSteps += steps;
    this.trades.push(trade);
    const sign = request.side === 'buy' ? 1 : -1;
    this.net.set(x.settings.id, (this.net.get(x.settings.id) ?? 0) + sign * steps);
    this.cash += -sign * base * trade.px - trade.fee;
    if (positionId !== null) this.#moveTicket(positionId, x, request, steps);
    return trade;
  }

  /** The venue closes so much of what is held, nobody having asked. */
  closeByItself(x: ArenaInstrument, steps: number, px: number, venueMs: number, hiddenForMs: number): Trade {
    const held = this.net.get(x.settings.id) ?? 0;
    const side: Side = held > 0 ? 'sell' : 'buy';
    this.#nextTrade += 1;
    const base = baseOf(x, steps);
    const feeText = ((base * px * x.feeBps * 2) / 10_000).toFixed(8);
    const fill: FillReport = {
      venueId: this.#venueId,
      instrumentId: x.settings.id,
      tradeId: `t${this.#nextTrade}`,
      clientOrderId: null,
      side,
      qty: qtyText(x, steps),
      px: pxText(x, px),
      fee: feeText,
      feeCcy: x.metadata.quoteCcy,
      positionId: null,
      venueUnixMs: venueMs,
      venueMade: 'liquidation',
    };
    const trade: Trade = {
      fill,
      x,
      steps,
      px: Number(fill.px),
      fee: Number(feeText),
      order: null,
      venueMs,
      hiddenUntilVenueMs: venueMs + hiddenForMs,
    };
    this.trades.push(trade);
    const sign = side === 'buy' ? 1 : -1;
    this.net.set(x.settings.id, held + sign * steps);
    this.cash += -sign * base * trade.px - trade.fee;
    return trade;
  }

  /** Somebody else buys so much here, and the venue closes it at once, nobody having asked. @returns what the venue did */
  strangersAct(x: ArenaInstrument, steps: number, px: number, venueMs: number): readonly [bought: Trade, closed: Trade] {
    const made = (side: Side, more: Pick<FillReport, 'clientOrderId'> & Partial<FillReport>): Trade => {
      this.#nextTrade += 1;
      const fill: FillReport = {
        venueId: this.#venueId,
        instrumentId: x.settings.id,
        tradeId: `t${this.#nextTrade}`,
        side,
        qty: qtyText(x, steps),
        px: pxText(x, px),
        fee: '0',
        feeCcy: x.metadata.quoteCcy,
        positionId: null,
        venueUnixMs: venueMs,
        ...more,
      };
      const trade = { fill, x, steps, px: Number(fill.px), fee: 0, order: null, venueMs, hiddenUntilVenueMs: 0 };
      this.trades.push(trade);
      return trade;
    };
    const bought = made('buy', { clientOrderId: null });
    return [bought, made('sell', { clientOrderId: null, venueMade: 'liquidation' })];
  }

  end(order: VenueOrder, state: 'filled' | 'canceled' | 'rejected', text: string): void {
    order.state = state;
    order.text = text;
  }

  reportOf(order: VenueOrder, venueMs: number): OrderReport {
    return {
      clientOrderId: order.request.clientOrderId,
      venueId: this.#venueId,
      venueOrderId: order.venueOrderId,
      state: order.state,
      filledQty: qtyText(order.x, order.filledSteps),
      ...(order.takenSteps < stepsOf(order.x, order.request.qty) ? { orderQty: qtyText(order.x, order.takenSteps) } : {}),
      venueUnixMs: venueMs,
      text: order.text,
    };
  }

  /** What questions find at this moment; a hidden order is not there, nor are its trades. */
  visible(clientOrderId: string, venueMs: number): VenueOrder | null {
    const order = this.orders.get(clientOrderId);
    return order === undefined || order.hiddenUntilVenueMs > venueMs ? null : order;
  }

  openOrders(venueMs: number): OpenOrderReport[] {
    const open: OpenOrderReport[] = [];
    for (const order of this.orders.values())
      if (order.state === 'working' && order.hiddenUntilVenueMs <= venueMs)
        open.push({
          venueOrderId: order.venueOrderId,
          clientOrderId: order.request.clientOrderId,
          symbol: order.x.settings.symbol,
          side: order.request.side,
          qty: order.request.qty,
          filledQty: qtyText(order.x, order.filledSteps),
        });
    return open;
  }

  fillsSince(sinceVenueMs: number, venueMs: number): FillReport[] {
    return this.trades.filter((t) => t.venueMs >= sinceVenueMs && t.hiddenUntilVenueMs <= venueMs).map((t) => t.fill);
  }

  /** @param lagMs what was traded within so long is not in it yet */
  positions(venueMs: number, lagMs: number): PositionReport[] {
    const visible = new Map(this.net);
    const seen = new Map<string, ArenaInstrument>();
    for (const { x, steps, fill, venueMs: tradedMs, hiddenUntilVenueMs } of this.trades) {
      const { id } = x.settings;
      seen.set(id, x);
      if (hiddenUntilVenueMs > venueMs || tradedMs > venueMs - lagMs)
        visible.set(id, (visible.get(id) ?? 0) - (fill.side === 'buy' ? steps : -steps));
    }
    return [...seen.values()].flatMap((x) => {
      const steps = visible.get(x.settings.id) ?? 0;
      if (steps === 0) return [];
      return [{ instrumentId: x.settings.id, qty: qtyText(x, steps), foreignQty: x.venue === 'mt5' ? '0' : null, avgPx: null }];
    });
  }

  #moveTicket(positionId: string, x: ArenaInstrument, request: OrderRequest, steps: number): void {
    const held = this.tickets.get(positionId);
    if (held === undefined) this.tickets.set(positionId, { positionId, x, side: request.side, steps });
    else if (held.side === request.side) held.steps += steps;
    else if (held.steps > steps) held.steps -= steps;
    else this.tickets.delete(positionId);
  }
}
