/**
 * Binance spot on the wire: hosts' paths, documented limits, schemas. Market data only.
 * Source: Binance spot API documentation, July 2026.
 */
import type { BinanceProduct } from '../shared/binanceDialect.ts';
import { symbolBase } from '../shared/binanceWire.ts';

export { restError } from '../shared/binanceWire.ts';
export const spotSymbol = symbolBase;

export const EXCHANGE_INFO_PATH = '/api/v3/exchangeInfo';

/** Where the product speaks and what it allows, as documented. */
export const PRODUCT: BinanceProduct = {
  path: '/ws',
  timePath: '/api/v3/time',
  callsPerS: 5,
  connections: { max: 300, windowMs: 300_000 },
  pingEveryMs: 20_000,
  maxLifeMs: 24 * 3_600_000,
  maxStreams: 1_024,
};

/** One symbol by `symbol`, several by a JSON list; an unknown one fails the whole call with −1121. */
export const exchangeInfoQuery = (symbols: readonly string[]): string =>
  symbols.length === 1
    ? `${EXCHANGE_INFO_PATH}?symbol=${encodeURIComponent(symbols[0] ?? '')}`
    : `${EXCHANGE_INFO_PATH}?symbols=${encodeURIComponent(JSON.stringify(symbols))}`;
export const INVALID_SYMBOL = -1121;
