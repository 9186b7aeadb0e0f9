/**
 * What prices the venue would take, kept fresh while the links are up: an opening order beyond them would only come back refused, after
 * its twin was sent. A band that is older than ten seconds says nothing; the venue then decides.
 */
import type { InstrumentId } from '../../../../../src-shared/domain/ids.ts';
import { isOpening, type OrderRequest } from '../../../../../src-shared/domain/order.ts';
import { US_PER_MS } from '../../../../../src-shared/domain/units.ts';
import type { Clock } from '../../../../runtime/ports.ts';
import { isAbove } from '../decimalText.ts';
import type { Timers } from '../timers.ts';
import type { Bounded } from './bounded.ts';
import type { ExchangeDialect, PriceBand } from './parts.ts';

export const BANDS_EVERY_MS = 4_000;
export const BAND_KEEPS_MS = 10_000;
const BANDS_DEADLINE_MS = 4_000;

export interface PriceBandsParts {
  readonly bands: ExchangeDialect['bands'];
  readonly isWanted: () => boolean;
  readonly bounded: Bounded;
  readonly clock: Clock;
  readonly timers: Timers;
}

export class PriceBands {
  readonly #parts: PriceBandsParts;
  readonly #known = new Map<InstrumentId, { readonly band: PriceBand; readonly readUs: number }>();
  #running = false;
  #isLooking = false;
  #cancel: () => void = () => undefined;

  constructor(parts: PriceBandsParts) {
    this.#parts = parts;
  }

  /** Reads now, and then every few seconds. */
  start(): void {
    this.#running = true;
    if (this.#isLooking) return;
    this.#cancel();
    void this.#look();
  }

  stop(): void {
    this.#running = false;
    this.#cancel();
  }

  /** Both figures, where the order opens beyond a fresh band; else null. */
  refusalOf({ instrumentId, purpose, side, limitPx, symbol }: OrderRequest): string | null {
    const known = this.#known.get(instrumentId);
    if (!isOpening(purpose) || known === undefined) return null;
    if (this.#parts.clock.monoUs() - known.readUs > BAND_KEEPS_MS * US_PER_MS) return null;
    const { highestBuyPx, lowestSellPx } = known.band;
    if (side === 'buy' && highestBuyPx !== null && isAbove(limitPx, highestBuyPx))
      return `${symbol}: the limit ${limitPx} is above the venue's highest buy price ${highestBuyPx}`;
    if (side === 'sell' && lowestSellPx !== null && isAbove(lowestSellPx, limitPx))
      return `${symbol}: the limit ${limitPx} is below the venue's lowest sell price ${lowestSellPx}`;
    return null;
  }

  async #look(): Promise<void> {
    const { bands, bounded, clock, timers, isWanted } = this.#parts;
    const asked = isWanted() ? bands() : undefined;
    if (asked === null) return;
    this.#isLooking = true;
    if (asked !== undefined) {
      const askedUs = clock.monoUs();
      const read = await bounded.run(
        () => asked,
        BANDS_DEADLINE_MS,
        (why) => why,
      );
      if (typeof read !== 'string') for (const band of read) this.#known.set(band.instrumentId, { band, readUs: askedUs });
    }
    this.#isLooking = false;
    if (this.#running) this.#cancel = timers.after(BANDS_EVERY_MS, () => void this.#look());
  }
}
