/**
 * The seeded market. Owns a shared fair value per underlying, a mean-reverting basis per instrument, bursts, session
 * breaks and dislocations. A pure function of seed and virtual time: it has no clock, and advancing in one step or in
 * a thousand emits the same updates bit for bit (so long as no anchor is set, which ties a fair value to a tape).
 */
import { randomStream, type RandomStream } from '../random.ts';
import { keyOf, tickSizeOf, type SimInstrument, type Underlying } from './instruments.ts';
import { dislocationBps, scheduleOf, type DislocationPlan, type DislocationSchedule } from './dislocation.ts';
import { breakAt, type SessionBreakPlan } from './sessionBreak.ts';

/** One new best bid and ask. Prices in ticks, quantities in steps. */
export interface BookUpdate {
  readonly instrument: SimInstrument;
  readonly atMs: number;
  readonly bidTicks: number;
  readonly askTicks: number;
  readonly bidQtySteps: number;
  readonly askQtySteps: number;
  readonly updateId: number;
}

export interface MarketModelSettings {
  readonly seed: number;
  readonly instruments: readonly SimInstrument[];
  readonly dislocations: readonly DislocationPlan[];
  readonly breaks: Partial<Record<Underlying, SessionBreakPlan>>;
  /** Quotes per second, scaled; 1 = as the instruments say. */
  readonly rateScale?: number;
}

export interface MarketModel {
  /** Emits, in order of time, every update after the last call up to and including `toMs`. */
  advance(toMs: number, emit: (update: BookUpdate) => void): void;
  /** From now on the fair value of `underlying` is what somebody else says. */
  anchor(underlying: Underlying, price: number): void;
  /** Fair value now, in quote currency. */
  fairOf(underlying: Underlying): number;
}

const GRID_MS = 50;
const START_PRICE: Record<Underlying, number> = { BTC: 61_800, ETH: 2_000, XAU: 4_000 };
const VOLATILITY_BPS_PER_SQRT_S: Record<Underlying, number> = { BTC: 0.9, ETH: 1.1, XAU: 0.35 };
const BURST_MEAN_GAP_MS = 9_000;
const BURST_MIN_MS = 300;
const BURST_MEAN_MS = 700;
const BURST_RATE = 5;
const BURST_VOLATILITY = 2.5;
const MIN_GAP_MS = 0.05;
const MAX_UPDATE_ID_STEP = 40;

interface FairValue {
  readonly random: RandomStream;
  readonly stepBps: number;
  price: number;
  anchored: boolean;
  burstFromMs: number;
  burstUntilMs: number;
}

interface Book {
  readonly instrument: SimInstrument;
  readonly basisRandom: RandomStream;
  readonly random: RandomStream;
  readonly schedule: DislocationSchedule | null;
  readonly tick: number;
  basisBps: number;
  nextMs: number;
  bid: number;
  ask: number;
  bidQty: number;
  askQty: number;
  updateId: number;
}

export const createMarketModel = (settings: MarketModelSettings): MarketModel => {
  const rate = settings.rateScale ?? 1;
  const fair = new Map<Underlying, FairValue>();
  for (const u of new Set(settings.instruments.map((x) => x.underlying))) fair.set(u, startFair(settings.seed, u));
  const books = settings.instruments.map((x) => startBook(settings, x));
  let gridMs = 0;

  const stepGrid = () => {
    gridMs += GRID_MS;
    for (const f of fair.values()) stepFair(f, gridMs);
    for (const b of books) stepBasis(b);
  };
  const quote = (book: Book, emit: (update: BookUpdate) => void) => {
    const at = book.nextMs;
    const f = fair.get(book.instrument.underlying)!;
    const pause = breakAt(settings.breaks[book.instrument.underlying], at);
    const { stopsInBreak, meanGapMs, maxGapMs } = book.instrument.shape;
    const bursting = at >= f.burstFromMs && at < f.burstUntilMs;
    const gap = book.random.exponential(meanGapMs / rate / (bursting ? BURST_RATE : 1));
    book.nextMs = at + Math.max(MIN_GAP_MS, Math.min(maxGapMs, gap));
    if (pause.closed && stopsInBreak) return;
    requote(book, f.price, at, pause.widthFactor * (bursting ? 1.3 : 1));
    emit({
      instrument: book.instrument,
      atMs: at,
      bidTicks: book.bid,
      askTicks: book.ask,
      bidQtySteps: book.bidQty,
      askQtySteps: book.askQty,
      updateId: book.updateId,
    });
  };

  return {
    advance(toMs, emit) {
      for (;;) {
        let next: Book | null = null;
        for (const b of books) if (next === null || b.nextMs < next.nextMs) next = b;
        const quoteMs = next === null ? Infinity : next.nextMs;
        const gridNextMs = gridMs + GRID_MS;
        if (Math.min(quoteMs, gridNextMs) > toMs) break;
        if (gridNextMs <= quoteMs) stepGrid();
        else quote(next!, emit);
      }
    },
    anchor(underlying, price) {
      const f = fair.get(underlying);
      if (f === undefined) return;
      if (!(price > 0)) throw new RangeError(`an anchor must be a positive price, got ${price}`);
      f.price = price;
      f.anchored = true;
    },
    fairOf: (underlying) => fair.get(underlying)?.price ?? START_PRICE[underlying],
  };
};

const startFair = (seed: number, u: Underlying): FairValue => {
  const random = randomStream(seed, `fair/${u}`);
  return {
    random,
    stepBps: VOLATILITY_BPS_PER_SQRT_S[u] * Math.sqrt(GRID_MS / 1_000),
    price: START_PRICE[u] * (1 + random.normal() * 0.0002),
    anchored: false,
    burstFromMs: random.exponential(BURST_MEAN_GAP_MS),
    burstUntilMs: 0,
  };
};

const startBook = (settings: MarketModelSettings, instrument: SimInstrument): Book => {
  const name = keyOf(instrument);
  const random = randomStream(settings.seed, `quotes/${name}`);
  const plan = settings.dislocations.find((d) => d.instrument === name);
  return {
    instrument,
    basisRandom: randomStream(settings.seed, `basis/${name}`),
    random,
    schedule: plan === undefined ? null : scheduleOf(plan, randomStream(settings.seed, `dislocations/${name}`)),
    tick: tickSizeOf(instrument),
    basisBps: instrument.shape.basisMeanBps,
    nextMs: random.uniform() * instrument.shape.meanGapMs,
    bid: 0,
    ask: 0,
    bidQty: 1,
    askQty: 1,
    updateId: instrument.firstUpdateId,
  };
};

const stepFair = (f: FairValue, atMs: number): void => {
  if (f.burstUntilMs <= f.burstFromMs) f.burstUntilMs = f.burstFromMs + BURST_MIN_MS + f.random.exponential(BURST_MEAN_MS);
  if (atMs >= f.burstUntilMs) {
    f.burstFromMs = atMs + f.random.exponential(BURST_MEAN_GAP_MS);
    f.burstUntilMs = f.burstFromMs + BURST_MIN_MS + f.random.exponential(BURST_MEAN_MS);
  }
  const bursting = atMs >= f.burstFromMs;
  const moveBps = f.random.normal() * f.stepBps * (bursting ? BURST_VOLATILITY : 1);
  if (!f.anchored) f.price *= 1 + moveBps / 10_000;
};

/** Ornstein–Uhlenbeck with the stationary deviation the shape asks for. */
const stepBasis = (b: Book): void => {
  const { basisMeanBps, basisSdBps, basisReversionMs } = b.instrument.shape;
  const pull = Math.exp(-GRID_MS / basisReversionMs);
  b.basisBps = basisMeanBps + (b.basisBps - basisMeanBps) * pull + b.basisRandom.normal() * basisSdBps * Math.sqrt(1 - pull * pull);
};

const requote = (b: Book, fairPrice: number, atMs: number, widthFactor: number): void => {
  const { sizeOnlyShare, requoteBps, halfWidthBps, typicalQtySteps } = b.instrument.shape;
  const offsetBps = b.basisBps + (b.schedule === null ? 0 : dislocationBps(b.schedule, atMs));
  const mid = fairPrice * (1 + offsetBps / 10_000);
  const half = (mid * halfWidthBps * widthFactor) / 10_000;
  const quotedMid = ((b.bid + b.ask) / 2) * b.tick;
  const quotedHalf = ((b.ask - b.bid) / 2) * b.tick;
  const departed = Math.abs(mid - quotedMid) > (mid * requoteBps) / 10_000 || Math.abs(half - quotedHalf) > half * 0.5 + b.tick;
  b.updateId += b.random.integer(1, MAX_UPDATE_ID_STEP);
  const movesPrice = b.random.uniform() >= sizeOnlyShare;
  const qty = Math.max(1, Math.round(typicalQtySteps * Math.exp(b.random.normal() * 0.7)));
  const bidSide = b.random.uniform() < 0.5;
  if (b.bid === 0 || departed || movesPrice) {
    b.bid = Math.floor((mid - half) / b.tick);
    b.ask = Math.max(b.bid + 1, Math.ceil((mid + half) / b.tick));
  }
  if (bidSide || b.bidQty === 1) b.bidQty = qty;
  if (!bidSide || b.askQty === 1) b.askQty = Math.max(1, Math.round(typicalQtySteps * Math.exp(b.random.normal() * 0.7)));
};
