/**
 * A simulated Binance, spot or USD-M futures: joins streams, metadata and a market. Owns how a book update is spelt on
 * the wire, key for key: futures `bookTicker` carries `ps` and `st`, spot has neither event name nor time.
 */
import type { FaultSwitch } from '../faults.ts';
import { priceText, qtyText, type SimInstrument } from '../market/instruments.ts';
import type { BookUpdate } from '../market/model.ts';
import type { SimAccounts, TopOfBook } from './account/account.ts';
import { Limits } from './binance/limits.ts';
import { createPrivateSide } from './binance/privateSide.ts';
import { createBinanceMetadata } from './binanceMetadata.ts';
import { createBinanceStreams, SPOT_TIMINGS, USDM_TIMINGS, type BinanceTimings, type StreamFrame } from './binanceStreams.ts';
import { startVenueServer, type VenueServer } from './venueServer.ts';

export interface BinanceVenueSettings {
  readonly product: 'spot' | 'usdm';
  readonly instruments: readonly SimInstrument[];
  readonly faults: FaultSwitch;
  /** The venue's own clock, Unix ms, before faults. */
  readonly clock: () => number;
  readonly timings?: Partial<BinanceTimings> | undefined;
  readonly maxUnreadBytes?: number | undefined;
  readonly port?: number | undefined;
  /** Where the accounts' book is kept; null or absent = forgotten at the end. */
  readonly file?: string | null | undefined;
}

export interface BinanceVenue {
  readonly server: VenueServer;
  /** Whoever trades here; opened by whoever starts the venue. */
  readonly accounts: SimAccounts;
  /** A new best bid and ask of the model. */
  publish(update: BookUpdate): void;
  /** A recorded frame, sent as it is. */
  publishFrame(frame: StreamFrame): void;
  readonly wanted: (stream: string) => boolean;
  stop(): Promise<void>;
}

const MARK_INTERVAL_MS = 1_000;
const MARKS_PER_SLOW_MARK = 3;
const MATCHING_TO_GATEWAY_MS = 4;
const CHECK_MS = 250;
const SLOW_READER = 1_008;

const spotTicker = (u: BookUpdate): string => {
  const { instrument: x } = u;
  return `{"u":${u.updateId},"s":"${x.symbol}","b":"${priceText(x, u.bidTicks)}","B":"${qtyText(x, u.bidQtySteps)}","a":"${priceText(x, u.askTicks)}","A":"${qtyText(x, u.askQtySteps)}"}`;
};

const usdmTicker = (u: BookUpdate, nowMs: number): string => {
  const { instrument: x } = u;
  return `{"e":"bookTicker","u":${u.updateId},"s":"${x.symbol}","ps":"${x.symbol}","b":"${priceText(x, u.bidTicks)}","B":"${qtyText(x, u.bidQtySteps)}","a":"${priceText(x, u.askTicks)}","A":"${qtyText(x, u.askQtySteps)}","T":${nowMs - MATCHING_TO_GATEWAY_MS},"E":${nowMs},"st":1}`;
};

const middleOf = (u: BookUpdate): string => priceText(u.instrument, Math.round((u.bidTicks + u.askTicks) / 2));
const middleOfFrame = (raw: string): string => {
  const { b, a } = JSON.parse(raw) as { b: string; a: string };
  return ((Number(b) + Number(a)) / 2).toFixed(2);
};

const markPrice = (symbol: string, mark: string, nowMs: number, { rate, nextMs }: { rate: string; nextMs: number }): string =>
  `{"e":"markPriceUpdate","E":${nowMs},"s":"${symbol}","ps":"${symbol}","p":"${mark}","ap":"${mark}","P":"${mark}","i":"${mark}","r":"${rate}","T":${nextMs},"st":1}`;

const topOf = (u: BookUpdate): TopOfBook => ({
  bidPrice: priceText(u.instrument, u.bidTicks),
  bidQty: qtyText(u.instrument, u.bidQtySteps),
  askPrice: priceText(u.instrument, u.askTicks),
  askQty: qtyText(u.instrument, u.askQtySteps),
});
const topOfFrame = (raw: string): TopOfBook => {
  const { b, B, a, A } = JSON.parse(raw) as { b: string; B: string; a: string; A: string };
  return { bidPrice: b, bidQty: B, askPrice: a, askQty: A };
};

export const frameOf = (stream: string, raw: string): StreamFrame => ({ stream, raw, combined: `{"stream":"${stream}","data":${raw}}` });

export const startBinanceVenue = async (settings: BinanceVenueSettings): Promise<BinanceVenue> => {
  const { product, faults } = settings;
  const timings = { ...(product === 'spot' ? SPOT_TIMINGS : USDM_TIMINGS), ...settings.timings };
  const venueNow = () => Math.round(settings.clock() + faults.skewMs);
  /** How to say the middle of each book; said only when somebody asks. */
  const marks = new Map<string, () => string>();
  const streams = createBinanceStreams(product, timings, venueNow, faults);
  const limits = new Limits(product, timings);
  const { accounts, rest, socketApi, stop } = createPrivateSide({
    product,
    instruments: settings.instruments,
    faults,
    timings,
    limits,
    now: venueNow,
    streams,
    file: settings.file ?? null,
  });
  const fundingOf = (symbol: string) => ({ rate: Number(accounts.fundingRate(symbol)).toFixed(8), nextMs: accounts.nextFundingMs(symbol) });
  const metadata = createBinanceMetadata({
    product,
    instruments: settings.instruments,
    figures: timings,
    limits,
    venueNow,
    fundingOf,
    markOf: (symbol) => marks.get(symbol)?.() ?? null,
  });
  const server = await startVenueServer(
    {
      name: product === 'spot' ? 'binance-spot' : 'binance-usdm',
      slowReaderCode: SLOW_READER,
      slowReaderReason: 'Client does not read fast enough',
      checkEveryMs: Math.max(5, Math.min(CHECK_MS, timings.pingIntervalMs / 4, timings.lifetimeMs / 4)),
      request: (method, url, parts) => metadata(method, url) ?? rest(method, url, parts),
      accept: (url) => socketApi.accept(url) ?? streams.accept(url),
      ...(product === 'spot' ? { announceClose: () => [streams, socketApi].forEach((side) => side.announceClose()) } : {}),
    },
    { faults, maxUnreadBytes: settings.maxUnreadBytes, port: settings.port },
  );
  let seconds = 0;
  const markTimer = setInterval(() => {
    seconds += 1;
    for (const [symbol, mark] of product === 'usdm' ? marks : []) {
      const name = symbol.toLowerCase();
      if (!streams.wanted(`${name}@markPrice@1s`) && !streams.wanted(`${name}@markPrice`)) continue;
      const raw = markPrice(symbol, mark(), venueNow(), fundingOf(symbol));
      streams.publish(frameOf(`${name}@markPrice@1s`, raw));
      if (seconds % MARKS_PER_SLOW_MARK === 0) streams.publish(frameOf(`${name}@markPrice`, raw));
    }
  }, MARK_INTERVAL_MS);
  return {
    server,
    accounts,
    publish: (update) => {
      const { symbol } = update.instrument;
      accounts.market(symbol, () => topOf(update));
      marks.set(symbol, () => middleOf(update));
      const stream = `${symbol.toLowerCase()}@bookTicker`;
      if (streams.wanted(stream))
        streams.publish(frameOf(stream, product === 'spot' ? spotTicker(update) : usdmTicker(update, venueNow())));
    },
    publishFrame: (frame) => {
      const [name, channel] = frame.stream.split('@');
      if (channel === 'bookTicker') {
        marks.set(name!.toUpperCase(), () => middleOfFrame(frame.raw));
        accounts.market(name!.toUpperCase(), () => topOfFrame(frame.raw));
      }
      streams.publish(frame);
    },
    wanted: streams.wanted,
    stop: async () => {
      clearInterval(markTimer);
      stop();
      await server.stop();
    },
  };
};
