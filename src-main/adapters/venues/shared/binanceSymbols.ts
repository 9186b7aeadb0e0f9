/**
 * What Binance says of the instruments that we trade there: description, price filters, modes. Read whole, kept until read anew; the
 * venue's rate limits stand in the same document and are handed on.
 */
import { z } from 'zod';
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { Instrument } from '../../../../src-shared/domain/instrument.ts';
import type { BinanceCalls } from './binanceCalls.ts';
import { hearLimits } from './binanceLimits.ts';
import { decimalText, exchangeInfo } from './binanceWire.ts';
import type { GatewayInstrument, PriceBand } from './orders/parts.ts';
import type { Usage } from './orders/usage.ts';

const BAD_SYMBOL = '-1121';

export interface DescribedSymbol {
  /** An instrument, or why there is none. */
  readonly instrument: Instrument | string;
  readonly wire: z.output<typeof symbolExtras> | null;
}
export type DescribedSymbols = ReadonlyMap<string, DescribedSymbol>;

/** What is read besides the instrument. */
const symbolExtras = z.looseObject({
  symbol: z.string(),
  contractType: z.string().optional(),
  allowedSelfTradePreventionModes: z.array(z.string()).optional(),
  filters: z.array(z.looseObject({ filterType: z.string() })),
});

/** Multipliers of a mark or average price; a side that is missing has no bound. */
export interface BandMultipliers {
  readonly highestBuy: Decimal | null;
  readonly lowestSell: Decimal | null;
}
const percentPrice = z.looseObject({ filterType: z.literal('PERCENT_PRICE'), multiplierUp: decimalText, multiplierDown: decimalText });
const percentPriceBySide = z.looseObject({
  filterType: z.literal('PERCENT_PRICE_BY_SIDE'),
  bidMultiplierUp: decimalText,
  askMultiplierDown: decimalText,
});

/** null = the venue sets no band for it. */
export const bandOf = ({ wire }: DescribedSymbol): BandMultipliers | null => {
  for (const filter of wire?.filters ?? []) {
    const plain = percentPrice.safeParse(filter);
    if (plain.success) return { highestBuy: new Decimal(plain.data.multiplierUp), lowestSell: new Decimal(plain.data.multiplierDown) };
    const bySide = percentPriceBySide.safeParse(filter);
    if (bySide.success)
      return { highestBuy: new Decimal(bySide.data.bidMultiplierUp), lowestSell: new Decimal(bySide.data.askMultiplierDown) };
  }
  return null;
};

export interface SymbolSource {
  readonly path: string;
  /** Spot is asked for its symbols, futures have one document. */
  readonly query: Readonly<Record<string, string>>;
  readonly weight: number;
  readonly instrumentOf: (entry: unknown) => Instrument | string;
}

export class BinanceSymbols {
  readonly #calls: BinanceCalls;
  readonly #usage: Usage;
  readonly #symbols: readonly string[];
  readonly #source: SymbolSource;
  #known: DescribedSymbols | null = null;

  constructor(calls: BinanceCalls, usage: Usage, symbols: readonly string[], source: SymbolSource) {
    this.#calls = calls;
    this.#usage = usage;
    this.#symbols = symbols;
    this.#source = source;
  }

  /** As last read; null = never yet. */
  get known(): DescribedSymbols | null {
    return this.#known;
  }

  /** As last read, or read now. */
  async ensure(): Promise<DescribedSymbols | string> {
    return this.#known ?? (await this.read());
  }

  /** Each band of the instruments, times its reference price of this moment; none is asked for where there is no band. */
  async bands(
    instruments: readonly GatewayInstrument[],
    referencePx: (symbol: string) => Promise<{ readonly px: string } | string>,
  ): Promise<readonly PriceBand[] | string> {
    const described = await this.ensure();
    if (typeof described === 'string') return described;
    const bands: PriceBand[] = [];
    for (const { id, symbol } of instruments) {
      const found = described.get(symbol);
      const band = found === undefined ? null : bandOf(found);
      if (band === null) continue;
      const reference = await referencePx(symbol);
      if (typeof reference === 'string') return reference;
      bands.push({
        instrumentId: id,
        highestBuyPx: band.highestBuy?.times(reference.px).toFixed() ?? null,
        lowestSellPx: band.lowestSell?.times(reference.px).toFixed() ?? null,
      });
    }
    return bands;
  }

  /** A sentence = why it could not be read. */
  async read(): Promise<DescribedSymbols | string> {
    const { path, query, weight, instrumentOf } = this.#source;
    // What the venue allows stands in it: our own figures must not forbid that they are put right.
    const asked = await this.#calls.open(path, query, exchangeInfo, { cost: weight, lane: 'figures' });
    if (!asked.ok) {
      const isBadSymbol = asked.reply?.code === BAD_SYMBOL;
      return isBadSymbol ? `${asked.why}; one of ${this.#symbols.join(', ')} is not listed` : asked.why;
    }
    hearLimits(this.#usage, asked.value);
    const entries = new Map(asked.value.symbols.map((entry) => [entry.symbol, entry]));
    this.#known = new Map(
      this.#symbols.map((symbol): [string, DescribedSymbol] => {
        const entry = entries.get(symbol);
        if (entry === undefined) return [symbol, { instrument: 'the venue does not list it', wire: null }];
        return [symbol, { instrument: instrumentOf(entry), wire: symbolExtras.safeParse(entry).data ?? null }];
      }),
    );
    return this.#known;
  }
}
