/** The decoder of Binance spot's bookTicker frames; pure, one a connection. */
export { createBinanceDecoder as createBinanceSpotDecoder } from '../shared/binanceDecoder.ts';
