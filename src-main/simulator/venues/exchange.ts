/**
 * A simulated crypto exchange: takes immediate-or-cancel limits, matches them against its own quotes, and has every fault of
 * the catalogue. A request is never executed later than its validity after it left.
 */
import type { AccountCheckCode, ExchangeReport } from '../../../src-shared/domain/exchange.ts';
import type { OrderRef, OrderRequest, PlaceOutcome, CancelOutcome } from '../../../src-shared/domain/order.ts';
import type { ArenaInstrument } from '../arena.ts';
import type { LiquidationItem } from '../plan.ts';
import { stepsOf, type Trade, type VenueOrder } from './book.ts';
import type { Connection } from './connection.ts';
import { refusal, SimVenue } from './venue.ts';

/** Of orders, in the best of weather, that are filled in part. */
const THIN_SHARE = 0.05;

const passing = (code: AccountCheckCode) =>
  ({ code, instrumentId: null, state: 'pass', label: code, configured: null, reported: null, venueCode: null, fix: '' }) as const;

/** An account that answers to its key, may trade and may not withdraw. */
const PROVED: ExchangeReport = {
  environment: 'live',
  account: 'ours',
  region: 'global',
  entry: { up: true, detail: 'simulated' },
  stream: { up: true, detail: 'simulated' },
  checks: [passing('key'), passing('trading-right'), passing('withdrawal-right')],
  deadMan: { supported: false, armed: false, firesUnixMs: null, detail: '' },
  budgets: [],
  keyExpiresUnixMs: null,
  toAck: null,
  toFill: null,
  rejects: [],
};

type Settle = (outcome: PlaceOutcome) => void;

export class SimExchange extends SimVenue {
  protected unreachable(): string | null {
    return this.is('down') === null ? null : 'no connection';
  }

  protected override linkUp(connection: Connection): void {
    const environment = this.parts.isLive ? 'live' : 'simulated';
    const account = this.isOtherAccount ? 'theirs' : 'ours';
    connection.push({ type: 'exchange', venueId: this.venueId, report: { ...PROVED, environment, account } });
    super.linkUp(connection);
  }

  /** Something of somebody else's, at our account. */
  strangersAct(x: ArenaInstrument, steps: number, isPushed: boolean): void {
    const trades = this.book.strangersAct(x, steps, this.parts.market().quoteOf(x).bidPx, this.venueMs());
    this.parts.witness.foreign(trades[1]);
    if (isPushed) for (const trade of trades) this.announceTrade(trade);
  }

  protected onCut(): void {
    // What has left is at the venue; nothing of ours waits here.
  }

  /** Closes so much of its largest position by itself. @returns whether there was one */
  liquidate({ share, hiddenMs, isPushed }: Pick<LiquidationItem, 'share' | 'hiddenMs' | 'isPushed'>): boolean {
    const sized = this.parts.instruments.map((x) => ({ x, steps: this.book.net.get(x.settings.id) ?? 0 }));
    const [largest] = sized.sort((p, q) => Math.abs(q.steps) - Math.abs(p.steps));
    if (largest === undefined || largest.steps === 0) return false;
    const { x, steps: held } = largest;
    const quote = this.parts.market().quoteOf(x);
    const px = held > 0 ? quote.bidPx : quote.askPx;
    const steps = Math.max(1, Math.floor(Math.abs(held) * share));
    const trade = this.book.closeByItself(x, steps, px, this.venueMs(), hiddenMs);
    this.parts.witness.liquidated(trade);
    if (isPushed) this.announceTrade(trade);
    return true;
  }

  protected place(order: OrderRequest, mayLeave: () => boolean, settle: Settle): void {
    const { clock, witness } = this.parts;
    if (this.unreachable() !== null && this.between('offline', 0, 1) < 0.5)
      return settle(refusal(null, 'not connected', 'later', 'gateway'));
    if (!mayLeave()) return settle(refusal(null, 'the gate is closed', 'never', 'gateway'));
    if (this.isOtherAccount) witness.misled(order);
    witness.orderLeft(order);
    const leftMs = clock.elapsedMs();
    if (this.unreachable() !== null) return this.#lose(order, settle);
    if (this.strikes('lost-request')) {
      const delayMs = this.between('wander', -6_000, 3_000);
      if (delayMs < 0) return this.#lose(order, settle);
      clock.after(delayMs, () => this.#arrive(order, leftMs, () => undefined));
      return this.#noAnswer(settle);
    }
    clock.after(this.between('out', 3, 60), () => this.#arrive(order, leftMs, (outcome) => this.#reply(outcome, settle)));
  }

  #lose(order: OrderRequest, settle: Settle): void {
    this.parts.witness.dead(order, 'lost on its way');
    this.#noAnswer(settle);
  }

  #noAnswer(settle: Settle): void {
    this.parts.clock.after(this.between('deadline', 1_200, 6_000), () => settle({ code: 'unknown', why: 'no answer' }));
  }

  #reply(outcome: PlaceOutcome, settle: Settle): void {
    const { clock } = this.parts;
    if (this.strikes('lost-reply') || this.unreachable() !== null) return this.#noAnswer(settle);
    const late = this.strikes('late-reply') ? this.between('late-reply', 1_500, 6_000) : 0;
    clock.after(this.between('back', 3, 60) + late, () => settle(outcome));
  }

  #arrive(order: OrderRequest, leftMs: number, reply: Settle): void {
    const { clock, witness } = this.parts;
    const x = this.instrumentOf(order.instrumentId);
    const flaw = x === null ? 'unknown instrument' : this.flawOf(order, x);
    if (x === null || flaw !== null || this.book.orders.has(order.clientOrderId)) {
      witness.malformed(order, flaw ?? 'client id used twice');
      if (flaw === null) return reply({ code: 'unknown', why: 'duplicate client id' });
      witness.dead(order, flaw);
      return reply(refusal('-1111', flaw, 'never'));
    }
    const no = this.#refusalOf(order, x, clock.elapsedMs() - leftMs);
    if (no !== null) {
      witness.dead(order, 'refused');
      return reply(no);
    }
    const taken = order.reduceOnly ? Math.min(stepsOf(x, order.qty), this.#room(order, x)) : undefined;
    const accepted = this.book.accept(order, x, this.venueMs(), this.hiddenForMs(), taken);
    witness.accepted(accepted);
    reply({ code: 'acknowledged', venueOrderId: accepted.venueOrderId, venueUnixMs: this.venueMs() });
    this.#match(accepted);
  }

  #refusalOf(order: OrderRequest, x: ArenaInstrument, travelledMs: number): PlaceOutcome | null {
    if (travelledMs > order.validityMs) return refusal('-1021', 'outside of its validity', 'fresh-price');
    if (this.strikes('busy')) return refusal('-1003', 'too many requests', 'later');
    if (this.strikes('maintenance')) return refusal('50001', 'maintenance', 'later');
    if (this.strikes('reject')) return refusal('-2010', 'rejected', 'never');
    if (this.strikes('fresh-price')) return refusal('-5022', 'price moved', 'fresh-price');
    if (!order.reduceOnly && this.strikes('no-money')) return refusal('-2019', 'margin is insufficient', 'never');
    if (!order.reduceOnly) return null;
    const room = this.#room(order, x);
    // One that would reach past flat is refused whole, or, at Binance, made smaller.
    const isTaken = room >= stepsOf(x, order.qty) || (this.parts.name === 'binance' && room > 0);
    return isTaken ? null : refusal('-2022', 'reduce-only would not reduce', 'never');
  }

  #match(order: VenueOrder): void {
    const wanted = this.#executable(order);
    if (this.strikes('slow-match')) return this.#matchSlowly(order, wanted);
    this.#take(order, wanted);
  }

  /** Steps that trade at once: what the limit reaches of what is displayed. */
  #executable(order: VenueOrder): number {
    const { x, request } = order;
    const quote = this.parts.market().quoteOf(x);
    const isBuy = request.side === 'buy';
    const px = isBuy ? quote.askPx : quote.bidPx;
    const reaches = isBuy ? Number(request.limitPx) >= px : Number(request.limitPx) <= px;
    if (!reaches) return 0;
    const qty = order.takenSteps;
    const displayed = stepsOf(x, String(isBuy ? quote.askQty : quote.bidQty));
    // Now and then there is less than what was shown.
    if (this.strikes('partial') || this.between('thin', 0, 1) < THIN_SHARE) return Math.floor(qty * this.between('part', 0, 1));
    if (this.strikes('over-fill')) return qty + 1 + Math.floor(this.between('over', 0, 3));
    return Math.min(qty, displayed * 4);
  }

  #take(order: VenueOrder, wanted: number): void {
    const trades = this.#trade(order, wanted, this.between('pieces', 0, 1) < 0.75 ? 1 : 2);
    this.#finish(order);
    this.announce(order, trades);
  }

  #trade(order: VenueOrder, wanted: number, pieces: number): Trade[] {
    const { x, request } = order;
    const quote = this.parts.market().quoteOf(x);
    const px = request.side === 'buy' ? quote.askPx : quote.bidPx;
    const trades: Trade[] = [];
    for (let left = wanted, piece = 0; left > 0; piece += 1) {
      const steps = piece + 1 >= pieces ? left : Math.max(1, Math.floor(left / 2));
      left -= steps;
      const trade = this.book.execute(order, steps, px, this.venueMs(), null);
      this.parts.witness.traded(trade);
      trades.push(trade);
    }
    return trades;
  }

  #finish(order: VenueOrder): void {
    const isFull = order.filledSteps >= order.takenSteps;
    this.book.end(order, isFull ? 'filled' : 'canceled', isFull ? '' : 'IOC remainder');
    this.parts.witness.ended(order);
  }

  /** Half now, the rest later, if the order still works then. */
  #matchSlowly(order: VenueOrder, wanted: number): void {
    const { clock } = this.parts;
    const first = Math.floor(wanted / 2);
    this.announce(order, this.#trade(order, first, 1));
    clock.after(this.between('slow', 300, 4_000), () => {
      if (order.state === 'working') this.#take(order, Math.min(wanted - first, this.#executable(order), this.#roomOf(order)));
    });
  }

  /** What the venue has closed by itself meanwhile, a reducing order does not close again. */
  #roomOf({ request, x }: VenueOrder): number {
    return request.reduceOnly ? this.#room(request, x) : Number.POSITIVE_INFINITY;
  }

  /** Steps until flat. */
  #room({ side }: OrderRequest, x: ArenaInstrument): number {
    const net = this.book.net.get(x.settings.id) ?? 0;
    return Math.max(0, side === 'sell' ? net : -net);
  }

  protected cancel(ref: OrderRef, mayLeave: () => boolean, settle: (outcome: CancelOutcome) => void): void {
    const { clock, witness } = this.parts;
    if (!mayLeave()) return settle({ code: 'refused', venueCode: null, text: 'the gate is closed' });
    witness.cancelLeft(ref);
    if (this.unreachable() !== null || this.strikes('lost-request')) {
      clock.after(this.between('deadline', 1_200, 6_000), () => settle({ code: 'unknown', why: 'no answer' }));
      return;
    }
    clock.after(this.between('out', 3, 60), () => {
      const order = this.book.orders.get(ref.clientOrderId);
      const works = !this.isOtherAccount && order !== undefined && order.state === 'working';
      if (works) {
        this.book.end(order, 'canceled', 'by request');
        witness.ended(order);
        this.announce(order, []);
      }
      const outcome: CancelOutcome = works ? { code: 'acknowledged' } : { code: 'refused', venueCode: '-2011', text: 'unknown order' };
      clock.after(this.between('back', 3, 60), () =>
        settle(this.strikes('lost-reply') || this.unreachable() !== null ? { code: 'unknown', why: 'no answer' } : outcome),
      );
    });
  }
}
