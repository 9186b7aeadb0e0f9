/**
 * Binance USD-M futures on the wire: the split paths, documented limits, schemas. Market data only.
 * Since April 2026 bookTicker lives under `/public`; a subscription on another path is acknowledged and then silent.
 * Source: Binance derivatives documentation, May 2026, and its connector, September 2026.
 */
import { z } from 'zod';
import type { BinanceProduct } from '../shared/binanceDialect.ts';
import { symbolBase } from '../shared/binanceWire.ts';

export const futuresSymbol = symbolBase.extend({ contractType: z.string() });

export const EXCHANGE_INFO_PATH = '/fapi/v1/exchangeInfo';

/** Where the product speaks and what it allows, as documented. */
export const PRODUCT: BinanceProduct = {
  path: '/public/ws',
  timePath: '/fapi/v1/time',
  callsPerS: 10,
  connections: { max: 300, windowMs: 300_000 },
  pingEveryMs: 180_000,
  maxLifeMs: 24 * 3_600_000,
  maxStreams: 1_024,
};

/** Perpetuals that we can hold: gold is a `TRADIFI_PERPETUAL`. */
export const PERPETUAL_CONTRACT_TYPES: readonly string[] = ['PERPETUAL', 'TRADIFI_PERPETUAL'];
