/** What Binance's products have in common beside their words: a dialect made of one product's documented figures. */
import { binanceStream, type BinanceFigures } from './binanceStream.ts';
import { serverTime } from './binanceWire.ts';
import type { VenueDialect } from './exchangeFeed.ts';
import type { VenueRest } from './instrumentSource.ts';
import type { HttpFailure } from './venueHttp.ts';

export interface BinanceProduct extends BinanceFigures {
  /** Server time over REST. */
  readonly timePath: string;
}

export const binanceDialect = (product: BinanceProduct, fetchInstruments: VenueRest['fetchInstruments']): VenueDialect => ({
  stream: binanceStream(product),
  rest: {
    timePath: product.timePath,
    readTime: (value) => serverTime.safeParse(value).data?.serverTime ?? null,
    fetchInstruments,
  },
});

/** An answer of 200 whose document is something else. */
export const notExchangeInfo = (path: string): HttpFailure => ({
  ok: false,
  code: 'not-json',
  text: `${path}: not an exchangeInfo document`,
  status: 200,
  body: null,
  retryAfterMs: 0,
});
