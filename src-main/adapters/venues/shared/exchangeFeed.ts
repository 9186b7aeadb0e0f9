/** One exchange venue's data side: the stream link, the REST watch and the reporter, joined. */
import type { ExchangeVenueConfig } from '../../../../src-shared/config/schema.ts';
import type { VenueId } from '../../../../src-shared/domain/ids.ts';
import { US_PER_MS, US_PER_S } from '../../../../src-shared/domain/units.ts';
import type { Clock, Inlets, VenueFeed } from '../../../runtime/ports.ts';
import { ClockOffset } from './clockOffset.ts';
import type { VenueRest } from './instrumentSource.ts';
import { LinkReporter } from './linkReporter.ts';
import { RestWatch } from './restWatch.ts';
import type { FeedInstrument } from './restWatch.ts';
import { StreamLink } from './streamLink.ts';
import type { StreamProtocol } from './streamProtocol.ts';
import { systemTimers } from './timers.ts';
import type { Timers } from './timers.ts';
import { VenueHttp } from './venueHttp.ts';

export interface ExchangeFeedSettings {
  readonly venue: ExchangeVenueConfig;
  /** Those of this venue; at least one. */
  readonly instruments: readonly FeedInstrument[];
  readonly inlets: Inlets;
  readonly clock: Clock;
  /** [0, 1), for jitter only. */
  readonly random: () => number;
  /** Every frame as it came, before decoding, for tapes. */
  readonly recordFrame?: ((frame: Buffer, receivedMonoUs: number) => void) | undefined;
  readonly timers?: Timers | undefined;
}

export interface VenueDialect {
  readonly stream: StreamProtocol;
  readonly rest: VenueRest;
}

/** How often our two clocks are compared, and how far they may part before someone has set ours. */
const CLOCK_COMPARE_US = US_PER_S;
const CLOCK_SET_MS = 50;

/** @throws RangeError when there is nothing to subscribe, a symbol comes twice, or the venue's limit is exceeded. */
export const joinFeed = (settings: ExchangeFeedSettings, dialect: VenueDialect): VenueFeed => {
  const { venue, instruments, inlets, clock, random, timers = systemTimers } = settings;
  const symbols = instruments.map(({ symbol }) => symbol);
  if (symbols.length === 0) throw new RangeError(`venue ${venue.id}: no instruments to subscribe`);
  if (symbols.length > dialect.stream.maxInstruments)
    throw new RangeError(`venue ${venue.id}: ${symbols.length} instruments, one connection carries ${dialect.stream.maxInstruments}`);
  if (new Set(symbols).size < symbols.length) throw new RangeError(`venue ${venue.id}: an instrument is given twice`);
  const reporter = new LinkReporter(venue.id as VenueId, inlets);
  const offset = new ClockOffset();
  const http = new VenueHttp(venue.urls.rest, clock, timers);
  const watch = new RestWatch({ venueId: venue.id as VenueId, instruments, rest: dialect.rest, http, offset, reporter, timers, random });
  let isFirstConnection = true;
  let unixBehindMonoMs = clock.unixMs() - clock.monoUs() / US_PER_MS;
  let comparedUs = clock.monoUs();
  const link = new StreamLink({
    streamUrl: venue.urls.stream,
    protocol: dialect.stream,
    symbols,
    indexes: instruments.map(({ index }) => index),
    inlet: inlets,
    reporter,
    clock,
    timers,
    random,
    onVenueTime: (venueMs, receivedUs) => {
      if (receivedUs - comparedUs >= CLOCK_COMPARE_US) {
        comparedUs = receivedUs;
        const before = unixBehindMonoMs;
        unixBehindMonoMs = clock.unixMs() - clock.monoUs() / US_PER_MS;
        if (Math.abs(unixBehindMonoMs - before) > CLOCK_SET_MS) offset.forget();
      }
      offset.frame(venueMs, unixBehindMonoMs + receivedUs / US_PER_MS, receivedUs);
    },
    onConnected: () => {
      if (!isFirstConnection) watch.refresh();
      isFirstConnection = false;
    },
    recordFrame: settings.recordFrame ?? (() => undefined),
  });
  return {
    start: () => {
      link.start();
      watch.start();
    },
    stop: async () => {
      await Promise.all([link.stop(), watch.stop()]);
    },
  };
};
