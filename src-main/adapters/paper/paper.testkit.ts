/** A paper venue with its market, on virtual time: nothing passes unless the test says so. */
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ClientOrderId, GroupId, InstrumentId, VenueId } from '../../../src-shared/domain/ids.ts';
import type { Instrument, VenueProtocol } from '../../../src-shared/domain/instrument.ts';
import type { FillReport, OrderRef, OrderReport, OrderRequest, PlaceOutcome } from '../../../src-shared/domain/order.ts';
import {
  INSTRUMENT_TRADING_DEFAULTS,
  NO_COSTS,
  VENUE_DEFAULTS,
  type InstrumentSettings,
  type PaperSettings,
  type VenueSettings,
} from '../../../src-shared/domain/settings.ts';
import type { MetatraderReport } from '../../../src-shared/domain/venueLink.ts';
import type { ControlInput } from '../../core/events.ts';
import type { Clock, OrderGateway } from '../../runtime/ports.ts';
import { createPaperGateway, type PaperGateway } from './gateway.ts';
import type { Timers } from './timers.ts';

export const START_UNIX_MS = Date.UTC(2026, 10, 18, 12);

/** What only `core/risk` can make: the test stands in for it. */
type Approved = Parameters<OrderGateway['place']>[0];

export class VirtualTime implements Clock, Timers {
  nowMs = 0;
  #due: { atMs: number; n: number; wake: () => void }[] = [];
  #n = 0;

  monoUs(): number {
    return this.nowMs * 1_000;
  }

  unixMs(): number {
    return START_UNIX_MS + this.nowMs;
  }

  after(delayMs: number, wake: () => void): () => void {
    const entry = { atMs: this.nowMs + delayMs, n: (this.#n += 1), wake };
    this.#due.push(entry);
    return () => {
      this.#due = this.#due.filter((each) => each !== entry);
    };
  }

  get pending(): number {
    return this.#due.length;
  }

  /** Lets everything happen that is due within `ms`, in order; promises settle in between. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const next = this.#due.toSorted((a, b) => a.atMs - b.atMs || a.n - b.n)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#due = this.#due.filter((each) => each !== next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.wake();
      await Promise.resolve();
    }
    this.nowMs = untilMs;
    await Promise.resolve();
  }
}

const SYMBOL: Record<VenueProtocol, string> = {
  'binance-spot': 'BTCUSDT',
  'binance-usdm': 'BTCUSDT',
  okx: 'BTC-USDT-SWAP',
  metatrader: 'XAUUSD',
};
const METADATA: Record<VenueProtocol, Partial<Instrument>> = {
  'binance-spot': {
    kind: 'spot',
    tickSize: '0.01',
    qtyStep: '0.00001',
    minQty: '0.00001',
    maxQty: '9000',
    minNotional: '5',
    venueState: 'TRADING',
  },
  'binance-usdm': { tickSize: '0.1', qtyStep: '0.001', minQty: '0.001', maxQty: '1000', minNotional: '50', venueState: 'TRADING' },
  okx: { tickSize: '0.1', qtyStep: '0.01', minQty: '0.01', maxQty: '10000', baseQtyPerUnit: '0.01', venueState: 'live' },
  metatrader: {
    kind: 'cfd',
    baseCcy: 'XAU',
    quoteCcy: 'USD',
    tickSize: '0.01',
    qtyStep: '0.01',
    minQty: '0.01',
    maxQty: '50',
    baseQtyPerUnit: '100',
    venueState: 'full',
  },
};
const COSTS: Record<VenueProtocol, Partial<InstrumentSettings['costs']>> = {
  'binance-spot': { takerFeeBps: 10 },
  'binance-usdm': { takerFeeBps: 5 },
  okx: { takerFeeBps: 5 },
  metatrader: { commissionPerLot: 3.5 },
};
export const TERMINAL: MetatraderReport = {
  sessionId: 's1',
  epoch: 1,
  quoteOnly: false,
  gates: 'ok',
  login: '1',
  server: 'S',
  company: null,
  currency: 'USD',
  marginMode: 'hedging',
  terminalBuild: null,
  eaVersion: null,
  declaredUtcOffsetS: null,
  pingUs: null,
  equity: null,
  httpUsMax: null,
};

export const IDEAL: PaperSettings = {
  latencyMs: 40,
  latencyJitterMs: 0,
  slippageBps: 0,
  partialFillRate: 0,
  rejectRate: 0,
  startBalances: { USD: '10000', USDT: '10000', BTC: '0.5' },
};

export interface StageOptions {
  readonly paper?: Partial<PaperSettings>;
  readonly instrument?: Partial<Instrument>;
  readonly settings?: Partial<InstrumentSettings>;
  readonly statePath?: string;
  readonly time?: VirtualTime;
  readonly random?: () => number;
  /** Without it nothing is reported: no link, no metadata, no quote. */
  readonly open?: boolean;
}

const linkedTo = (protocol: VenueProtocol): { venue: VenueSettings; symbol: string } => ({
  venue: {
    id: 'v' as VenueId,
    label: 'Venue',
    protocol,
    simulated: true,
    ...VENUE_DEFAULTS[protocol === 'metatrader' ? 'metatrader' : 'exchange'],
  },
  symbol: SYMBOL[protocol],
});

const described = (protocol: VenueProtocol, over: Partial<Instrument>): Instrument => ({
  id: `${SYMBOL[protocol]}@v` as InstrumentId,
  venueId: 'v' as VenueId,
  symbol: SYMBOL[protocol],
  kind: 'perpetual',
  baseCcy: 'BTC',
  quoteCcy: 'USDT',
  tickSize: '0.1',
  qtyStep: '0.001',
  minQty: '0.001',
  maxQty: null,
  minNotional: null,
  baseQtyPerUnit: '1',
  tradable: true,
  venueState: 'TRADING',
  instIdCode: null,
  ...METADATA[protocol],
  ...over,
});

export class Stage {
  readonly time: VirtualTime;
  readonly gateway: PaperGateway;
  readonly told: ControlInput[] = [];
  readonly instrument: Instrument;
  readonly statePath: string;
  readonly venue: VenueSettings;
  /** What the inlet answers. */
  inlet: 'taken' | 'full' = 'taken';
  #orders = 0;

  constructor(protocol: VenueProtocol, options: StageOptions = {}) {
    const { venue, symbol } = linkedTo(protocol);
    this.venue = venue;
    this.time = options.time ?? new VirtualTime();
    this.instrument = described(protocol, options.instrument ?? {});
    this.statePath = options.statePath ?? path.join(mkdtempSync(path.join(os.tmpdir(), 'paper-')), 'book.jsonl');
    const settings: InstrumentSettings = {
      id: this.instrument.id,
      venueId: venue.id,
      symbol,
      kind: this.instrument.kind,
      expected: {},
      costs: { ...NO_COSTS, ...COSTS[protocol] },
      assumedDisplayedBaseQty: 50,
      sessions: [],
      ...INSTRUMENT_TRADING_DEFAULTS,
      initialMarginRate: this.instrument.kind === 'spot' ? 1 : 0.05,
      ...options.settings,
    };
    this.gateway = createPaperGateway({
      venue,
      instruments: [{ index: 0, settings }],
      account: { ...IDEAL, ...options.paper },
      clock: this.time,
      timers: this.time,
      random: options.random ?? (() => 0.5),
      inlets: {
        offer: (event) => {
          if (this.inlet === 'taken') this.told.push(event);
          return this.inlet;
        },
      },
      statePath: this.statePath,
    });
    this.gateway.start();
    if (options.open !== false) this.open();
  }

  open(): void {
    this.report({ type: 'venue-link', venueId: this.venue.id, report: { state: 'live', detail: 'test' } });
    if (this.venue.protocol === 'metatrader') this.report({ type: 'metatrader', venueId: this.venue.id, report: TERMINAL });
    this.report({ type: 'instrument', instrument: this.instrument, mismatches: [] });
    this.quote();
  }

  cut(): void {
    this.report({ type: 'venue-link', venueId: this.venue.id, report: { state: 'backing-off', detail: 'cut' } });
  }

  report(event: ControlInput): void {
    this.gateway.observer.control(event);
  }

  /** Gold at 4,000 and bitcoin at 60,000, unless said. */
  quote(over: { bid?: number; ask?: number; bidQty?: number; askQty?: number; ageMs?: number } = {}): void {
    const isGold = this.venue.protocol === 'metatrader';
    const shown = isGold ? Number.NaN : 100;
    const { bid = isGold ? 4_000 : 60_000, ask = isGold ? 4_000.2 : 60_000.1, bidQty = shown, askQty = shown, ageMs = 0 } = over;
    this.gateway.observer.quote(0, bid, bidQty, ask, askQty, null, null, (this.time.nowMs - ageMs) * 1_000);
  }

  request(over: Partial<OrderRequest> = {}): Approved {
    this.#orders += 1;
    const isGold = this.venue.protocol === 'metatrader';
    const side = over.side ?? 'buy';
    const request: OrderRequest = {
      clientOrderId: `q${this.time.nowMs}n${this.#orders}` as ClientOrderId,
      groupId: 'g1' as GroupId,
      leg: 'a',
      attempt: this.#orders,
      purpose: 'open',
      authority: 'rule',
      venueId: this.venue.id,
      instrumentId: this.instrument.id,
      symbol: this.instrument.symbol,
      side,
      qty: isGold ? '0.01' : this.venue.protocol === 'okx' ? '1' : '0.01',
      limitPx: isGold ? (side === 'buy' ? '4001' : '3999') : side === 'buy' ? '60030' : '59970',
      timeInForce: 'ioc',
      reduceOnly: false,
      positionId: null,
      magic: isGold ? 1_000 + this.#orders : null,
      validityMs: this.venue.orderValidityMs,
      quote: {
        instrumentId: this.instrument.id,
        bidPx: '1',
        bidQty: null,
        askPx: '1',
        askQty: null,
        venueMs: null,
        updateId: null,
        receivedUnixMs: 0,
        ageMs: 0,
      },
      ...over,
    };
    return request as Approved;
  }

  place(over: Partial<OrderRequest> = {}, mayLeave: () => boolean = () => true): Promise<PlaceOutcome> {
    return this.gateway.place(this.request(over), mayLeave);
  }

  /** Places and lets the answer come. */
  async done(over: Partial<OrderRequest> = {}): Promise<PlaceOutcome> {
    const outcome = this.place(over);
    await this.time.pass(200);
    this.quote();
    return outcome;
  }

  ref(request: Pick<OrderRequest, 'clientOrderId' | 'magic'>): OrderRef {
    const { id, symbol } = this.instrument;
    return {
      clientOrderId: request.clientOrderId,
      venueId: this.venue.id,
      instrumentId: id,
      symbol,
      venueOrderId: null,
      magic: request.magic,
    };
  }

  async answer<T>(asked: Promise<T>): Promise<T> {
    await this.time.pass(200);
    return asked;
  }

  fills(): readonly FillReport[] {
    return this.told.flatMap((event) => (event.type === 'fill' ? [event.fill] : []));
  }

  reports(): readonly OrderReport[] {
    return this.told.flatMap((event) => (event.type === 'order-report' ? [event.report] : []));
  }
}
