/**
 * Two scripted venues at the level of effects: what the core wishes for waits here until the test says how the venue answers. They
 * keep their own books of what was executed, and answer snapshots from those at once.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { GroupAct, HedgeGroup, LegOrder } from '../../../src-shared/domain/hedgeGroup.ts';
import type { InstrumentId, VenueId } from '../../../src-shared/domain/ids.ts';
import type { Instrument } from '../../../src-shared/domain/instrument.ts';
import type { FillReport, LegName, OrderRecord, OrderRef, OrderReport, OrderRequest, Refusal } from '../../../src-shared/domain/order.ts';
import type { EngineSettings, HedgingSettings, PairSettings } from '../../../src-shared/domain/settings.ts';
import { VENUE_DEFAULTS } from '../../../src-shared/domain/settings.ts';
import { NOTHING_RECOVERED, type RecoveredTrading } from '../book.ts';
import { instrument, metadataOf, pairOf, settingsOf, venue, World } from '../core.testkit.ts';
import type { EngineEvent, StartedEvent, Unstamped } from '../events.ts';
import type { StepResult } from '../facts.ts';

export interface TradingOptions {
  readonly legOrder?: LegOrder;
  readonly pair?: Partial<PairSettings>;
  readonly hedging?: Partial<HedgingSettings>;
  readonly settings?: Partial<EngineSettings>;
  readonly metadataA?: Partial<Instrument>;
  readonly metadataB?: Partial<Instrument>;
  /** Leg a is at MetaTrader, with position tickets. */
  readonly metatrader?: boolean;
}

const tradingSettings = (o: TradingOptions): EngineSettings => {
  const cfd = o.metatrader ?? false;
  const a = instrument('X', 'va', cfd ? { kind: 'cfd' } : {});
  const b = instrument('X', 'vb');
  const base = settingsOf();
  const slow = { protocol: 'metatrader', ...VENUE_DEFAULTS.metatrader } as const;
  return settingsOf({
    venues: [venue('va', cfd ? slow : {}), venue('vb')],
    instruments: [a, b],
    pairs: [pairOf(a, b, { legOrder: o.legOrder ?? 'exchange-first', ...o.pair })],
    hedging: { ...base.hedging, ...o.hedging },
    limits: { ...base.limits, maxMessagesPerSecond: 50, maxMessagesPerMinute: 500, maxVenueErrors: 50 },
    ...o.settings,
  });
};

export const REFUSED: Refusal = { venueCode: '51008', text: 'insufficient balance', retry: 'never', by: 'venue' };
export const TOO_LATE: Refusal = { venueCode: '51121', text: 'price moved', retry: 'fresh-price', by: 'venue' };

export class TradingWorld extends World {
  readonly placed: OrderRequest[] = [];
  readonly cancels: OrderRef[] = [];
  readonly queried: OrderRef[] = [];
  /** Executed at the venues, by instrument, signed. */
  readonly truth: Record<string, Decimal> = {};
  readonly executed: FillReport[] = [];
  answersSnapshots = true;
  private trades = 0;
  private readonly options: TradingOptions;

  constructor(options: TradingOptions = {}) {
    super(tradingSettings(options));
    this.options = options;
  }

  override take(event: Unstamped<EngineEvent>): StepResult {
    const result = super.take(event);
    for (const effect of result.effects) {
      if (effect.type === 'place-order') this.placed.push(effect.order);
      if (effect.type === 'cancel-order') this.cancels.push(effect.ref);
      if (effect.type === 'query-order') this.queried.push(effect.ref);
    }
    for (const effect of result.effects)
      if (effect.type === 'take-snapshot' && this.answersSnapshots) this.answerSnapshot(effect.venueId, effect.requestId);
    return result;
  }

  /** MetaTrader knows by magic number what is ours; nothing foreign is there. */
  private foreignAt(venueId: VenueId): string | null {
    return this.state.venues.find((v) => v.settings.id === venueId)!.settings.protocol === 'metatrader' ? '0' : null;
  }

  answerSnapshot(venueId: VenueId, requestId: number): void {
    const positions = Object.entries(this.truth)
      .filter(([id]) => id.endsWith(`@${venueId}`))
      .map(([id, qty]) => ({ instrumentId: id as InstrumentId, qty: qty.toFixed(), foreignQty: this.foreignAt(venueId), avgPx: null }));
    const account = {
      ccy: 'USD',
      equity: '1000000',
      marginUsed: '0',
      marginFree: '1000000',
      balances: [{ ccy: 'USD', free: '1000000', total: '1000000' }],
    };
    const snapshot = { venueUnixMs: this.unixMs, openOrders: [], fills: [], positions, account };
    this.control({ type: 'venue-snapshot', venueId, requestId, outcome: { code: 'answered', snapshot } });
  }

  /** Started, everything live and reconciled; not armed. */
  trading(more: Partial<StartedEvent> = {}): this {
    this.ready(more);
    const { metadataA = {}, metadataB = {} } = this.options;
    const [a, b] = this.state.instruments;
    this.control({ type: 'instrument', instrument: metadataOf(a!.settings, metadataA), mismatches: [] });
    this.control({ type: 'instrument', instrument: metadataOf(b!.settings, metadataB), mismatches: [] });
    for (const { settings } of this.state.venues) this.orderLink(settings.id, 'up');
    return this;
  }

  orderLink(venueId: string, state: 'up' | 'down'): void {
    this.control({ type: 'order-link', venueId: venueId as VenueId, state, detail: 'test' });
  }

  /** Calm, armed, and a spread of `bps` that fires. */
  entered(bps = 5): this {
    this.trading().hold(0, 10_000);
    this.timer();
    this.command('arm');
    this.spread(bps);
    return this;
  }

  get group(): HedgeGroup {
    return this.state.book.groups.at(-1)!;
  }

  order(leg: LegName, attempt?: number): OrderRecord {
    const ids = this.group.legs[leg].orders;
    return this.state.book.orders[ids[(attempt ?? ids.length) - 1]!]!;
  }

  ack(order: OrderRecord): void {
    this.control({
      type: 'order-outcome',
      clientOrderId: order.request.clientOrderId,
      outcome: { code: 'acknowledged', venueOrderId: `v-${order.request.clientOrderId}`, venueUnixMs: this.unixMs },
    });
  }

  refuse(order: OrderRecord, refusal: Refusal = REFUSED): void {
    this.control({ type: 'order-outcome', clientOrderId: order.request.clientOrderId, outcome: { code: 'refused', refusal } });
  }

  lose(order: OrderRecord): void {
    this.control({ type: 'order-outcome', clientOrderId: order.request.clientOrderId, outcome: { code: 'unknown', why: 'HTTP 502' } });
  }

  /** Executes at the venue, and returns the fill without telling the engine. */
  execute({ request }: OrderRecord, qty: string = request.qty, more: Partial<FillReport> = {}): FillReport {
    const { venueId, instrumentId, clientOrderId, side } = request;
    const fill: FillReport = {
      venueId,
      instrumentId,
      tradeId: `t${++this.trades}`,
      clientOrderId,
      side,
      qty,
      px: side === 'buy' ? request.quote.askPx : request.quote.bidPx,
      fee: '0.1',
      feeCcy: 'USD',
      positionId: request.magic === null ? null : (request.positionId ?? `p${this.trades}`),
      venueUnixMs: this.unixMs,
      ...more,
    };
    const before = this.truth[instrumentId] ?? new Decimal(0);
    this.truth[instrumentId] = before.plus(fill.side === 'buy' ? fill.qty : new Decimal(fill.qty).negated());
    this.executed.push(fill);
    return fill;
  }

  tell(fill: FillReport): void {
    this.control({ type: 'fill', fill });
  }

  fill(order: OrderRecord, qty?: string, more?: Partial<FillReport>): FillReport {
    const fill = this.execute(order, qty, more);
    this.tell(fill);
    return fill;
  }

  reportOf({ request }: OrderRecord, state: OrderReport['state'], filledQty: string): OrderReport {
    return {
      clientOrderId: request.clientOrderId,
      venueId: request.venueId,
      venueOrderId: null,
      state,
      filledQty,
      venueUnixMs: this.unixMs,
      text: '',
    };
  }

  report(order: OrderRecord, state: OrderReport['state'], filledQty: string): void {
    this.control({ type: 'order-report', report: this.reportOf(order, state, filledQty) });
  }

  /** Acknowledged, and filled whole. */
  done(order: OrderRecord): void {
    this.ack(order);
    this.fill(order);
  }

  /** Acknowledged, filled in part, and the rest expired. */
  partly(order: OrderRecord, qty: string): void {
    this.ack(order);
    if (qty !== '0') this.fill(order, qty);
    this.report(order, 'canceled', qty);
  }

  notFound(order: OrderRecord, venueUnixMs: number | null = this.unixMs): void {
    this.control({ type: 'order-query', clientOrderId: order.request.clientOrderId, outcome: { code: 'not-found', venueUnixMs } });
  }

  found(order: OrderRecord, state: OrderReport['state'], fills: readonly FillReport[]): void {
    const filled = fills.reduce((sum, f) => sum.plus(f.qty), new Decimal(0)).toFixed();
    this.control({
      type: 'order-query',
      clientOrderId: order.request.clientOrderId,
      outcome: { code: 'found', report: this.reportOf(order, state, filled), fills },
    });
  }

  act(act: GroupAct, reason = 'seen at the venue'): StepResult {
    return this.command('group-act', reason, { groupId: this.group.id, act });
  }

  /** Time passes with fresh quotes of this spread every 100 ms, and the timer. */
  wait(ms: number, bps = 5): this {
    for (let passed = 0; passed < ms; passed += 100) {
      this.pass(100).spread(bps);
      this.timer();
    }
    return this;
  }

  /** Time passes in silence: only the timer. */
  silence(ms: number): this {
    for (let passed = 0; passed < ms; passed += 100) this.pass(100).timer();
    return this;
  }

  /** What a ledger would give back to the next run. */
  remembered(): RecoveredTrading {
    const { groups, orders, tradeIds, holdings, magics, fences, disablements, scopedStops, overrides, day, entries, venues, live } =
      this.state.book;
    const { accounts } = this.state.book;
    return structuredClone({
      ...NOTHING_RECOVERED,
      groups,
      orders: Object.values(orders),
      tradeIds: Object.keys(tradeIds),
      holdings,
      magics,
      fences: fences.map(({ endsUs: _endsUs, ...durable }) => durable),
      disablements: disablements.map(({ endsUs: _endsUs, ...durable }) => durable),
      scopedStops,
      overrides,
      day,
      entries: entries.map(({ atUs: _atUs, ...durable }) => durable),
      cursors: Object.fromEntries(venues.flatMap((v) => (v.keptCursorUnixMs === 0 ? [] : [[v.venueId, v.keptCursorUnixMs]]))),
      accounts,
      rung: live?.rung ?? null,
    });
  }

  /** The next run of the engine at the same venues, `laterMs` after this one ended; its links are up again. */
  restarted(laterMs = 1_000, trading = this.remembered()): TradingWorld {
    const next = new TradingWorld(this.options);
    Object.assign(next.truth, this.truth);
    next.executed.push(...this.executed);
    next.trades = this.trades + 1_000;
    next.monoUs = 5_000_000;
    next.startUnixMs = this.unixMs + laterMs - next.monoUs / 1_000;
    return next.trading({ runId: 'run-2', trading, kill: this.state.kill, pause: this.state.pause });
  }
}

/** Whatever a venue does with it, it cannot raise a position. */
export const isReducible = (order: OrderRequest): boolean => order.reduceOnly && (order.magic === null || order.positionId !== null);
