/**
 * A simulated OKX: joins sockets, metadata, accounts and a market. Owns how a book update is spelt on the wire (`bbo-tbt`,
 * `tickers`), its conflation, and the repetition of an unchanged book; the order side is joined in `okxOrderSide.ts`.
 */
import type { FaultSwitch } from '../faults.ts';
import { priceText, qtyText, type SimInstrument } from '../market/instruments.ts';
import type { BookUpdate } from '../market/model.ts';
import { randomStream } from '../random.ts';
import type { SimAccounts } from './account/account.ts';
import { createOkxMetadata, fundingRow, instrumentRow, instTypeOf } from './okxMetadata.ts';
import { bandOf } from './okxListings.ts';
import { joinOkxOrderSide } from './okxOrderSide.ts';
import type { OkxArg } from './okxRequests.ts';
import { createOkxStreams, OKX_TIMINGS, type OkxTimings } from './okxStreams.ts';
import { startVenueServer, type VenueServer } from './venueServer.ts';

export interface OkxVenueSettings {
  readonly instruments: readonly SimInstrument[];
  readonly faults: FaultSwitch;
  /** The venue's own clock, Unix ms, before faults. */
  readonly clock: () => number;
  readonly seed: number;
  readonly timings?: Partial<OkxTimings> | undefined;
  /** Where its accounts are kept; absent = forgotten at the end. */
  readonly file?: string | null | undefined;
  /** Keys that belong to demo trading, told by `x-simulated-trading: 1`. */
  readonly demoKeys?: readonly string[] | undefined;
  readonly maxUnreadBytes?: number | undefined;
  readonly port?: number | undefined;
}

export interface OkxVenue {
  readonly server: VenueServer;
  readonly accounts: SimAccounts;
  publish(update: BookUpdate): void;
  stop(): Promise<void>;
}

/** `bbo-tbt` comes at most this often, conflated to the newest. */
const BBO_MS = 10;
const FUNDING_PUSH_MS = 30_000;
const CHECK_MS = 250;
const SLOW_READER = 4_005;

interface Book {
  update: BookUpdate;
  venueMs: number;
  changed: boolean;
  bboMonoMs: number;
  tickerMonoMs: number;
  tickerStale: boolean;
}

const bboText = (b: Book): string => {
  const { instrument: x, bidTicks, askTicks, bidQtySteps, askQtySteps, updateId } = b.update;
  const orders = (steps: number) => (steps % 9) + 1;
  const level = (ticks: number, steps: number) => `[["${priceText(x, ticks)}","${qtyText(x, steps)}","0","${orders(steps)}"]]`;
  return `[{"asks":${level(askTicks, askQtySteps)},"bids":${level(bidTicks, bidQtySteps)},"ts":"${b.venueMs}","seqId":${updateId}}]`;
};

const tickerRow = (b: Book): object => {
  const { instrument: x, bidTicks, askTicks, bidQtySteps, askQtySteps } = b.update;
  const day = { open: Math.round(bidTicks * 1.004), high: Math.round(bidTicks * 1.009), low: Math.round(bidTicks * 0.985) };
  const price = (ticks: number) => priceText(x, ticks);
  return {
    instType: instTypeOf(x),
    instId: x.symbol,
    last: price(bidTicks),
    lastSz: qtyText(x, 1),
    askPx: price(askTicks),
    askSz: qtyText(x, askQtySteps),
    bidPx: price(bidTicks),
    bidSz: qtyText(x, bidQtySteps),
    open24h: price(day.open),
    high24h: price(day.high),
    low24h: price(day.low),
    sodUtc0: price(day.open),
    sodUtc8: price(day.open),
    volCcy24h: '73998.8786',
    vol24h: '7399887.86',
    ts: String(b.venueMs),
  };
};
const tickerText = (b: Book): string => JSON.stringify([tickerRow(b)]);

export const startOkxVenue = async (settings: OkxVenueSettings): Promise<OkxVenue> => {
  const { faults } = settings;
  const timings = { ...OKX_TIMINGS, ...settings.timings };
  const venueNow = () => Math.round(settings.clock() + faults.skewMs);
  const random = randomStream(settings.seed, 'okx/connections');
  const books = new Map<string, Book>();
  const side = joinOkxOrderSide({
    instruments: settings.instruments,
    faults,
    venueNow,
    seed: settings.seed,
    file: settings.file ?? null,
    demoKeys: new Set(settings.demoKeys),
    limits: { single: timings.ordersPer2s, batch: timings.batchedOrdersPer2s, account: timings.accountOrdersPer2s },
    lastOf: (symbol) => {
      const book = books.get(symbol);
      return book === undefined ? '' : priceText(book.update.instrument, book.update.bidTicks);
    },
  });
  const { accounts } = side;
  const find = (arg: OkxArg) => settings.instruments.find((x) => x.symbol === arg.instId);

  const fundingText = (x: SimInstrument) => JSON.stringify([fundingRow(x, venueNow(), accounts.fundingRate(x.symbol))]);
  const snapshot = (arg: OkxArg): string | null => {
    if (arg.channel === 'instruments')
      return JSON.stringify(settings.instruments.map((x, i) => instrumentRow(x, i)).filter((row) => row.instType === arg.instType));
    const book = books.get(arg.instId ?? '');
    if (arg.channel === 'funding-rate') return fundingText(find(arg)!);
    if (book === undefined) return null;
    return arg.channel === 'tickers' ? tickerText(book) : bboText(book);
  };
  const streams = createOkxStreams({
    timings,
    lists: (arg) => {
      if (arg.channel === 'instruments') return ['SPOT', 'MARGIN', 'SWAP', 'FUTURES', 'OPTION'].includes(arg.instType ?? '');
      const x = find(arg);
      return x !== undefined && (arg.channel !== 'funding-rate' || instTypeOf(x) === 'SWAP');
    },
    connId: () =>
      Math.floor(random.uniform() * 0xffffffff)
        .toString(16)
        .padStart(8, '0'),
    snapshot,
    door: side.door,
  });
  const metadata = createOkxMetadata({
    instruments: settings.instruments,
    requestsPer2s: timings.requestsPer2s,
    venueNow,
    bandOf: (symbol) => bandOf(side.instrument(symbol), accounts.mark(symbol)),
    markOf: (symbol) => accounts.mark(symbol),
    fundingRateOf: (symbol) => accounts.fundingRate(symbol),
    tickerOf: (symbol) => {
      const book = books.get(symbol);
      return book === undefined ? null : tickerRow(book);
    },
  });
  const server = await startVenueServer(
    {
      name: 'okx',
      slowReaderCode: SLOW_READER,
      slowReaderReason: 'Write buffer full',
      checkEveryMs: Math.max(5, Math.min(CHECK_MS, timings.idleCloseMs / 4, timings.noticeMs / 4)),
      request: (method, url, parts) => side.rest.answer(method, url, parts) ?? metadata(method, url),
      accept: streams.accept,
      announceClose: streams.announceClose,
    },
    { faults, maxUnreadBytes: settings.maxUnreadBytes, port: settings.port },
  );
  const pushBook = (instId: string, b: Book, now: number) => {
    const repeat = now - b.bboMonoMs >= timings.repeatUnchangedMs;
    if (b.changed || repeat) {
      b.changed = false;
      b.bboMonoMs = now;
      if (streams.wanted('bbo-tbt', instId)) streams.publish('bbo-tbt', instId, bboText(b));
    }
    if ((b.tickerStale || repeat) && now - b.tickerMonoMs >= timings.tickerMs) {
      b.tickerStale = false;
      b.tickerMonoMs = now;
      if (streams.wanted('tickers', instId)) streams.publish('tickers', instId, tickerText(b));
    }
  };
  const bookTimer = setInterval(() => {
    const now = performance.now();
    for (const [instId, b] of books) pushBook(instId, b, now);
  }, BBO_MS);
  const fundingTimer = setInterval(() => {
    for (const x of settings.instruments)
      if (streams.wanted('funding-rate', x.symbol)) streams.publish('funding-rate', x.symbol, fundingText(x));
  }, FUNDING_PUSH_MS);
  return {
    server,
    accounts,
    publish: (update) => {
      side.market(update);
      const known = books.get(update.instrument.symbol);
      const fresh = { update, venueMs: venueNow(), changed: true, tickerStale: true };
      if (known === undefined) books.set(update.instrument.symbol, { ...fresh, bboMonoMs: 0, tickerMonoMs: 0 });
      else Object.assign(known, fresh);
    },
    stop: async () => {
      clearInterval(bookTimer);
      clearInterval(fundingTimer);
      side.stop();
      await server.stop();
    },
  };
};
