/** The one door to the exchanges' data: chooses the dialect by protocol. Knows no venue's details. */
import type { VenueProtocol } from '../../../src-shared/domain/instrument.ts';
import type { VenueFeed } from '../../runtime/ports.ts';
import { binanceSpot } from './binance-spot/feed.ts';
import { binanceUsdm } from './binance-usdm/feed.ts';
import { okx } from './okx/feed.ts';
import { joinFeed } from './shared/exchangeFeed.ts';
import type { ExchangeFeedSettings, VenueDialect } from './shared/exchangeFeed.ts';
import type { FrameDecoder } from './shared/frameDecoder.ts';

export type { ExchangeFeedSettings } from './shared/exchangeFeed.ts';
export type { FrameDecoder, QuoteDraft } from './shared/frameDecoder.ts';

export type ExchangeProtocol = Exclude<VenueProtocol, 'metatrader'>;

const DIALECTS: Readonly<Record<ExchangeProtocol, VenueDialect>> = {
  'binance-spot': binanceSpot,
  'binance-usdm': binanceUsdm,
  okx,
};

/** @throws RangeError when there is nothing to subscribe, a symbol comes twice, or the venue's limit is exceeded. */
export const createExchangeFeed = (settings: ExchangeFeedSettings): VenueFeed => joinFeed(settings, DIALECTS[settings.venue.protocol]);

/** The decoder that a feed of this protocol uses, for tapes and measurements; `symbols` in the venue's spelling. */
export const createFrameDecoder = (protocol: ExchangeProtocol, symbols: readonly string[]): FrameDecoder =>
  DIALECTS[protocol].stream.createDecoder(symbols);
