/**
 * Binance USD-M futures on the wire: the split paths, documented limits, schemas. Market data only.
 * Since April 2026 bookTicker lives under `/public`; a subscription on another path is acknowledged and then silent.
 * Source: Binance derivatives documentation, May 2026, and its connector, September 2026.
 */
import { z } from 'zod';
import { symbolBase } from '../shared/binanceWire.ts';

export { serverTime } from '../shared/binanceWire.ts';
export const futuresSymbol = symbolBase.extend({ contractType: z.string() });

/** Appended to `urls.stream`. */
export const STREAM_PATH = '/public/ws';
export const TIME_PATH = '/fapi/v1/time';
export const EXCHANGE_INFO_PATH = '/fapi/v1/exchangeInfo';

export const MAX_CLIENT_MESSAGES_PER_S = 10;
export const MAX_STREAMS_PER_CONNECTION = 1_024;
export const MAX_CONNECTIONS_PER_5_MIN = 300;
export const SERVER_PING_EVERY_MS = 180_000;
export const MAX_CONNECTION_LIFE_MS = 24 * 3_600_000;
/** Perpetuals that we can hold: gold is a `TRADIFI_PERPETUAL`. */
export const PERPETUAL_CONTRACT_TYPES: readonly string[] = ['PERPETUAL', 'TRADIFI_PERPETUAL'];
