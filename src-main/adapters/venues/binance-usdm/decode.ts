/** The decoder of Binance USD-M futures' bookTicker frames; pure, one a connection. */
export { createBinanceDecoder as createBinanceUsdmDecoder } from '../shared/binanceDecoder.ts';
