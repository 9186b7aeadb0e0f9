/**
 * The prices of the simulated world. Each underlying walks at random; each instrument quotes it with a basis that reverts
 * to zero and is thrown off now and then, so that groups open and close. Owns the true quotes, which the venues match
 * against, and delivers what the engine sees of them: late, stale, frozen, crossed or leaping where the plan says so.
 */
import type { RandomStream } from '../sim/random.ts';
import { START_PRICES, type ArenaInstrument } from './arena.ts';
import type { Chance } from './chance.ts';
import type { Clockwork } from './clockwork.ts';
import type { Weather } from './weather.ts';

export interface TrueQuote {
  readonly bidPx: number;
  readonly bidQty: number;
  readonly askPx: number;
  readonly askQty: number;
}

/** Quantities in the venue's own unit; NaN = not displayed. */
export type QuoteTaker = (x: ArenaInstrument, quote: TrueQuote, venueMs: number, receivedMonoUs: number) => void;

const BPS = 10_000;
/** Mean time between two quotes of an instrument. */
const QUOTE_EVERY_MS = 420;
const WALK_BPS = 0.4;
const NOISE_BPS = 0.3;
/** Basis that is left after one second. */
const REVERSION_A_SECOND = 0.82;
const DISLOCATE_EVERY_MS = 11_000;
const DISPLAYED_BASE = { XAU: [4, 30], BTC: [0.3, 2] } as const;

interface Line {
  readonly x: ArenaInstrument;
  readonly random: RandomStream;
  readonly step: number;
  basisBps: number;
  basisAtMs: number;
  quote: TrueQuote;
  /** What was last shown, kept for frozen quotes. */
  shown: TrueQuote;
}

const roundTo = (value: number, step: number, digits: number): number => Number((Math.round(value / step) * step).toFixed(digits));

export class Market {
  readonly #clock: Clockwork;
  readonly #weather: Weather;
  readonly #take: QuoteTaker;
  readonly #lines: readonly Line[];
  readonly #mids: Record<'XAU' | 'BTC', number> = { ...START_PRICES };
  readonly #walks: Record<'XAU' | 'BTC', RandomStream>;
  #calm = false;

  constructor(instruments: readonly ArenaInstrument[], chance: Chance, clock: Clockwork, weather: Weather, take: QuoteTaker) {
    this.#clock = clock;
    this.#weather = weather;
    this.#take = take;
    this.#walks = { XAU: chance.stream('walk/XAU'), BTC: chance.stream('walk/BTC') };
    this.#lines = instruments.map((x) => {
      const line: Line = {
        x,
        random: chance.stream(`quotes/${x.settings.id}`),
        step: Number(x.metadata.tickSize),
        basisBps: 0,
        basisAtMs: 0,
        quote: { bidPx: 0, bidQty: 0, askPx: 0, askQty: 0 },
        shown: { bidPx: 0, bidQty: 0, askPx: 0, askQty: 0 },
      };
      this.#renew(line);
      return line;
    });
  }

  start(): void {
    for (const line of this.#lines) {
      this.#clock.after(line.random.integer(1, 400), () => this.#turn(line));
      this.#clock.after(3_000 + line.random.exponential(DISLOCATE_EVERY_MS), () => this.#dislocate(line));
    }
  }

  /** No more dislocations: everything converges. */
  calm(): void {
    this.#calm = true;
  }

  /** What the venue itself would trade at, now. */
  quoteOf(x: ArenaInstrument): TrueQuote {
    return this.#lines[x.index]!.quote;
  }

  #turn(line: Line): void {
    this.#renew(line);
    this.#show(line);
    this.#clock.after(60 + line.random.exponential(QUOTE_EVERY_MS - 60), () => this.#turn(line));
  }

  #dislocate(line: Line): void {
    if (this.#calm) return;
    const size = 10 + line.random.uniform() * 35;
    line.basisBps += line.random.uniform() < 0.5 ? size : -size;
    this.#clock.after(4_000 + line.random.exponential(DISLOCATE_EVERY_MS), () => this.#dislocate(line));
  }

  #renew(line: Line): void {
    const { x, random, step } = line;
    const nowMs = this.#clock.elapsedMs();
    line.basisBps *= REVERSION_A_SECOND ** ((nowMs - line.basisAtMs) / 1_000);
    line.basisAtMs = nowMs;
    const { underlying } = x;
    this.#mids[underlying] *= 1 + (this.#walks[underlying].normal() * WALK_BPS) / BPS;
    const gapBps = this.#weather.active(x.venue, 'price-gap') === null ? 0 : 180;
    const mid = this.#mids[underlying] * (1 + (line.basisBps + gapBps + random.normal() * NOISE_BPS) / BPS);
    const half = Math.max(step, (mid * (0.2 + 0.4 * random.uniform())) / BPS);
    const digits = (x.metadata.tickSize.split('.')[1] ?? '').length;
    const bidPx = roundTo(mid - half, step, digits);
    const askPx = Math.max(roundTo(mid + half, step, digits), Number((bidPx + step).toFixed(digits)));
    line.quote = { bidPx, askPx, bidQty: this.#sizeOf(line), askQty: this.#sizeOf(line) };
  }

  #sizeOf({ x, random }: Line): number {
    const [low, high] = DISPLAYED_BASE[x.underlying];
    const base = low + random.uniform() * (high - low);
    const step = Number(x.metadata.qtyStep);
    const digits = (x.metadata.qtyStep.split('.')[1] ?? '').length;
    return Math.max(step, roundTo(base / x.baseQtyPerUnit, step, digits));
  }

  #show(line: Line): void {
    const { x } = line;
    const weather = this.#weather;
    if (weather.active(x.venue, 'stale-quotes') !== null || weather.active(x.venue, 'down') !== null) return;
    if (x.venue === 'mt5' && (weather.active('mt5', 'ea-silent') !== null || weather.active('mt5', 'market-closed') !== null)) return;
    if (weather.active(x.venue, 'frozen-quotes') === null) line.shown = this.#spoiled(line);
    const { shown } = line;
    const venueMs = this.#clock.trueUnixMs();
    const hidesSize = x.venue === 'mt5';
    const quote = hidesSize ? { ...shown, bidQty: Number.NaN, askQty: Number.NaN } : shown;
    this.#clock.after(2 + line.random.uniform() * 40, () => this.#take(x, quote, venueMs, this.#clock.monoUs()));
  }

  #spoiled(line: Line): TrueQuote {
    const { quote, x, random } = line;
    const fault = this.#weather.active(x.venue, 'crossed-quotes');
    if (fault === null || random.uniform() > fault.share) return quote;
    const draw = random.uniform();
    if (draw < 0.4) return { ...quote, bidPx: quote.askPx, askPx: quote.bidPx };
    return draw < 0.7 ? { ...quote, bidPx: quote.askPx } : { ...quote, bidPx: 0, askPx: 0 };
  }
}
