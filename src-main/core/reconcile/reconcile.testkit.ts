/** Two venues whose snapshots wait until the test answers them. */
import { NOTHING_RECOVERED, type RecoveredTrading } from '../book.ts';
import type { InstrumentId } from '../../../src-shared/domain/ids.ts';
import type { OpenOrderReport, OrderRecord, PositionReport, SnapshotOutcome, VenueSnapshot } from '../../../src-shared/domain/order.ts';
import type { Effect } from '../facts.ts';
import { TradingWorld, type TradingOptions } from '../hedging/hedging.testkit.ts';
import { entryBlock, requestSnapshot } from './wall.ts';

export type Ask = Extract<Effect, { type: 'take-snapshot' }>;

/** Snapshots wait until the test answers them. */
export class Asked extends TradingWorld {
  constructor(options: TradingOptions = {}) {
    super(options);
    this.answersSnapshots = false;
  }

  get asks(): readonly Ask[] {
    return this.results.flatMap((r) => r.effects).filter((e): e is Ask => e.type === 'take-snapshot');
  }

  asksOf(venueId: string): readonly Ask[] {
    return this.asks.filter((ask) => ask.venueId === venueId);
  }

  venue(id: string) {
    return this.state.book.venues.find((v) => v.venueId === id)!;
  }

  say(ask: Ask, more: Partial<VenueSnapshot> = {}): void {
    const snapshot: VenueSnapshot = {
      venueUnixMs: this.unixMs,
      openOrders: [],
      fills: [],
      positions: this.positionsOf(ask.venueId),
      account: {
        ccy: 'USD',
        equity: '1000000',
        marginUsed: '0',
        marginFree: '1000000',
        balances: [{ ccy: 'USD', free: '1000000', total: '1000000' }],
      },
      ...more,
    };
    this.outcome(ask, { code: 'answered', snapshot });
  }

  outcome({ venueId, requestId }: Ask, outcome: SnapshotOutcome): void {
    this.control({ type: 'venue-snapshot', venueId, requestId, outcome });
  }

  /** The newest request of a venue, answered. */
  answer(venueId: string, more: Partial<VenueSnapshot> = {}): void {
    this.say(this.asksOf(venueId).at(-1)!, more);
  }

  fail(venueId: string, why = 'HTTP 503'): void {
    this.outcome(this.asksOf(venueId).at(-1)!, { code: 'failed', why });
  }

  positionsOf(venueId: string): readonly PositionReport[] {
    return Object.entries(this.truth)
      .filter(([id]) => id.endsWith(`@${venueId}`))
      .map(([id, qty]) => at(qty.toFixed(), null, id));
  }

  ask(venueId: string): void {
    requestSnapshot(this.state, this.state.book.venues.indexOf(this.venue(venueId)), 'test');
    this.timer();
  }

  block(): string | null {
    return entryBlock(this.state, this.state.pairs[0]!);
  }

  both(): this {
    this.answer('va');
    this.answer('vb');
    return this;
  }
}

export const at = (qty: string, foreignQty: string | null = null, id = 'X@va'): PositionReport => ({
  instrumentId: id as InstrumentId,
  qty,
  foreignQty,
  avgPx: null,
});
export const open = (clientOrderId: string | null, venueOrderId = 'v9'): OpenOrderReport => ({
  venueOrderId,
  clientOrderId,
  symbol: 'X',
  side: 'buy',
  qty: '2',
  filledQty: '0',
});
export const up = (): Asked => new Asked().trading();
export const reconciled = (trading: RecoveredTrading = NOTHING_RECOVERED): Asked => new Asked().trading({ trading }).both();

export const entered = (options: TradingOptions = {}): { w: Asked; order: OrderRecord } => {
  const w = new Asked(options);
  w.trading();
  w.both();
  w.hold(0, 10_000);
  w.timer();
  w.command('arm');
  w.spread(5);
  const leg = w.group.legs.a.orders.length > 0 ? 'a' : 'b';
  return { w, order: w.order(leg) };
};
export const sideOf = (order: OrderRecord): string => order.request.venueId;
export const now = (w: Asked, { request }: OrderRecord): OrderRecord => w.state.book.orders[request.clientOrderId]!;
