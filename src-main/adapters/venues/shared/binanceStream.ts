/** Binance's words on the stream, shared by spot and futures: subscriptions, acknowledgements, notices. */
import { prudent } from './budget.ts';
import type { Allowance } from './budget.ts';
import { createBinanceDecoder } from './binanceDecoder.ts';
import { bareError, callAcknowledged, callRefused, combined, serverShutdown, streamNameOf } from './binanceWire.ts';
import { ACKNOWLEDGE_MS, CONNECT_MS } from './streamProtocol.ts';
import type { StreamProtocol, SubscribeCall, VenueMessage } from './streamProtocol.ts';

/** Keeps a subscription call far below any frame limit. */
export const MAX_STREAMS_PER_CALL = 200;

export const binanceSubscribeCalls = (symbols: readonly string[]): readonly SubscribeCall[] => {
  const calls: SubscribeCall[] = [];
  for (let from = 0; from < symbols.length; from += MAX_STREAMS_PER_CALL) {
    const params = symbols.slice(from, from + MAX_STREAMS_PER_CALL).map(streamNameOf);
    const id = calls.length + 1;
    calls.push({
      requestId: `${id}`,
      text: JSON.stringify({ method: 'SUBSCRIBE', params, id }),
      answers: 'whole',
      slots: params.map((_, k) => from + k),
    });
  }
  return calls;
};

const idOf = (id: number | null | undefined): string | null => (id === null || id === undefined ? null : `${id}`);

export const interpretBinance = (message: unknown): VenueMessage => {
  const acknowledged = callAcknowledged.safeParse(message);
  if (acknowledged.success) return { kind: 'acknowledged', requestId: `${acknowledged.data.id}`, symbol: null };
  const refused = callRefused.safeParse(message);
  if (refused.success) {
    const { error, id } = refused.data;
    return { kind: 'refused', requestId: idOf(id), symbol: null, code: `${error.code}`, text: error.msg };
  }
  const isShutdown = serverShutdown.safeParse(message).success || serverShutdown.safeParse(combined.safeParse(message).data?.data).success;
  if (isShutdown) return { kind: 'closing-soon', code: 'serverShutdown', text: '' };
  const bare = bareError.safeParse(message);
  if (bare.success) return { kind: 'refused', requestId: idOf(bare.data.id), symbol: null, code: `${bare.data.code}`, text: bare.data.msg };
  return isEvent(message) ? { kind: 'ignored' } : { kind: 'unrecognised' };
};

/** Another stream's event, raw or in the combined envelope: nothing of ours, but nothing wrong either. */
const isEvent = (message: unknown): boolean =>
  typeof message === 'object' &&
  message !== null &&
  (('e' in message && typeof message.e === 'string') || ('stream' in message && typeof message.stream === 'string'));

/** What a product's documentation states; `path` is appended to `urls.stream`. */
export interface BinanceFigures {
  readonly path: string;
  readonly callsPerS: number;
  readonly connections: Allowance;
  readonly pingEveryMs: number;
  readonly maxLifeMs: number;
  readonly maxStreams: number;
}

/** bookTicker speaks only on change and repeats nothing, hence the patience with the first frame. */
const FIRST_FRAME_MS = 10_000;
const INSTRUMENT_SILENCE_MS = 30_000;
/** So many server pings may be missed before the peer counts as gone. */
const MISSED_PINGS = 2.5;

export const binanceStream = (figures: BinanceFigures): StreamProtocol => ({
  path: figures.path,
  createDecoder: createBinanceDecoder,
  subscribeCalls: binanceSubscribeCalls,
  interpret: interpretBinance,
  closeMeaning: () => '',
  heartbeat: { kind: 'server-ping', missedAfterMs: MISSED_PINGS * figures.pingEveryMs },
  deadlines: {
    connectMs: CONNECT_MS,
    acknowledgeMs: ACKNOWLEDGE_MS,
    firstFrameMs: FIRST_FRAME_MS,
    instrumentSilenceMs: INSTRUMENT_SILENCE_MS,
    maxLifeMs: figures.maxLifeMs,
  },
  connections: prudent(figures.connections.max, figures.connections.windowMs),
  calls: prudent(figures.callsPerS, 1_000),
  maxInstruments: figures.maxStreams,
});
