/** The one door to the exchanges' data: chooses the dialect by protocol. Knows no venue's details. */
import type { VenueProtocol } from '../../../src-shared/domain/instrument.ts';
import type { VenueFeed } from '../../runtime/ports.ts';
import { binanceSpot } from './binance-spot/feed.ts';
import { binanceUsdm } from './binance-usdm/feed.ts';
import { okx } from './okx/feed.ts';
import { joinFeed } from './shared/exchangeFeed.ts';
import type { ExchangeFeedSettings, VenueDialect } from './shared/exchangeFeed.ts';

export type { ExchangeFeedSettings } from './shared/exchangeFeed.ts';

type ExchangeProtocol = Exclude<VenueProtocol, 'metatrader'>;

const DIALECTS: Readonly<Record<ExchangeProtocol, VenueDialect>> = {
  'binance-spot': binanceSpot,
  'binance-usdm': binanceUsdm,
  okx,
};

/** @throws RangeError when there is nothing to subscribe, a symbol comes twice, or the venue's limit is exceeded. */
export const createExchangeFeed = (settings: ExchangeFeedSettings): VenueFeed => joinFeed(settings, DIALECTS[settings.venue.protocol]);
