/** The dialect of Binance USD-M futures: its stream and its metadata side. */
import { findingsOfExchangeInfo } from '../shared/binanceMapping.ts';
import { binanceStream } from '../shared/binanceStream.ts';
import type { VenueDialect } from '../shared/exchangeFeed.ts';
import type { VenueRest } from '../shared/instrumentSource.ts';
import { instrumentOfFutures } from './mapping.ts';
import * as wire from './wire.ts';

const FIVE_MIN_MS = 300_000;

/** The venue has one document for all symbols. */
const fetchInstruments: VenueRest['fetchInstruments'] = async (venueId, symbols, get) => {
  const outcome = await get(wire.EXCHANGE_INFO_PATH);
  if (!outcome.ok) return outcome;
  const findings = findingsOfExchangeInfo(outcome.value, symbols, (entry) => instrumentOfFutures(venueId, entry));
  if (findings !== null) return { ok: true, findings };
  const text = `${wire.EXCHANGE_INFO_PATH}: not an exchangeInfo document`;
  return { ok: false, code: 'not-json', text, status: 200, body: null, retryAfterMs: 0 };
};

export const binanceUsdm: VenueDialect = {
  stream: binanceStream({
    path: wire.STREAM_PATH,
    callsPerS: wire.MAX_CLIENT_MESSAGES_PER_S,
    connections: { max: wire.MAX_CONNECTIONS_PER_5_MIN, windowMs: FIVE_MIN_MS },
    pingEveryMs: wire.SERVER_PING_EVERY_MS,
    maxLifeMs: wire.MAX_CONNECTION_LIFE_MS,
    maxStreams: wire.MAX_STREAMS_PER_CONNECTION,
  }),
  rest: {
    timePath: wire.TIME_PATH,
    readTime: (value) => wire.serverTime.safeParse(value).data?.serverTime ?? null,
    fetchInstruments,
  },
};
