/**
 * Binance spot on the wire: hosts' paths, documented limits, schemas. Market data only.
 * Source: Binance spot API documentation, July 2026.
 */
import { symbolBase } from '../shared/binanceWire.ts';

export { restError, serverTime } from '../shared/binanceWire.ts';
export const spotSymbol = symbolBase;

/** Appended to `urls.stream`. */
export const STREAM_PATH = '/ws';
export const TIME_PATH = '/api/v3/time';
export const EXCHANGE_INFO_PATH = '/api/v3/exchangeInfo';

export const MAX_CLIENT_MESSAGES_PER_S = 5;
export const MAX_STREAMS_PER_CONNECTION = 1_024;
export const MAX_CONNECTIONS_PER_5_MIN = 300;
export const SERVER_PING_EVERY_MS = 20_000;
export const MAX_CONNECTION_LIFE_MS = 24 * 3_600_000;

/** One symbol by `symbol`, several by a JSON list; an unknown one fails the whole call with −1121. */
export const exchangeInfoQuery = (symbols: readonly string[]): string =>
  symbols.length === 1
    ? `${EXCHANGE_INFO_PATH}?symbol=${encodeURIComponent(symbols[0] ?? '')}`
    : `${EXCHANGE_INFO_PATH}?symbols=${encodeURIComponent(JSON.stringify(symbols))}`;
export const INVALID_SYMBOL = -1121;
