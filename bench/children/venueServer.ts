/**
 * Two venues in a process of their own, each speaking enough of Binance's futures protocol for our real feed: metadata and
 * time over HTTP, subscriptions, bookTicker frames. Frames are encoded beforehand and written straight to the socket, so
 * that this side never is the bottleneck. An update id is the monotonic microsecond of sending: both ends read one clock.
 */
import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';

export type VenueOrder =
  /** Quotes a second over all instruments of both venues; crossings of the first pair a second among them. */
  | { readonly do: 'pace'; readonly quotesPerSecond: number; readonly crossingsPerSecond: number }
  /** As fast as the first venue's socket takes them, in whole thousands. */
  | { readonly do: 'flood'; readonly quotes: number }
  /** Once, beside whatever is paced: the left leg of so many first pairs leaves, and comes back with their next quote. */
  | { readonly do: 'cross'; readonly pairs: number }
  | { readonly do: 'rest' };

export interface VenueAnswer {
  readonly sent: number;
  readonly crossings: number;
}

const PAIRS = Number(process.argv[2] ?? '1');
const MID = 1_000;
/** A crossing lasts so long: shorter than the window's tenth, so that it stays rare to the statistics. */
const CROSSING_MS = 5;
const CROSSING_BPS = 30;
const FLOOD_CHUNK_FRAMES = 1_000;

const monoUs = (): number => Number(process.hrtime.bigint() / 1_000n);
const symbolOf = (pair: number): string => `C${pair}USDT`;

let lastId = 0;
const nextId = (): number => (lastId = Math.max(lastId + 1, monoUs()));

const frameText = (pair: number, bid: number, id: number): string => {
  const unixMs = Date.now();
  return `{"e":"bookTicker","u":${id},"s":"${symbolOf(pair)}","ps":"${symbolOf(pair)}","b":"${bid.toFixed(2)}","B":"12.500","a":"${(bid + 0.02).toFixed(2)}","A":"11.250","T":${unixMs},"E":${unixMs},"st":1}`;
};

/** An unmasked text frame of a server. */
const encoded = (text: string): Buffer => {
  const payload = Buffer.from(text);
  if (payload.length < 126) return Buffer.concat([Buffer.from([0x81, payload.length]), payload]);
  return Buffer.concat([Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff]), payload]);
};

const exchangeInfo = JSON.stringify({
  timezone: 'UTC',
  serverTime: Date.now(),
  symbols: Array.from({ length: PAIRS }, (_, pair) => ({
    symbol: symbolOf(pair),
    pair: symbolOf(pair),
    contractType: 'PERPETUAL',
    status: 'TRADING',
    baseAsset: `C${pair}`,
    quoteAsset: 'USDT',
    marginAsset: 'USDT',
    pricePrecision: 2,
    quantityPrecision: 3,
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000', tickSize: '0.01' },
      { filterType: 'LOT_SIZE', minQty: '0.001', maxQty: '1000', stepSize: '0.001' },
      { filterType: 'MIN_NOTIONAL', notional: '5' },
    ],
  })),
});

interface Venue {
  readonly port: number;
  socket: Duplex | null;
}

const openVenue = async (): Promise<Venue> => {
  const server = createServer((request, response) => {
    const body = request.url?.includes('/time') === true ? `{"serverTime":${Date.now()}}` : exchangeInfo;
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const venue: Venue = { port: (server.address() as AddressInfo).port, socket: null };
  server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('error', () => {});
      client.on('message', (message) => {
        const { method, id } = JSON.parse((message as Buffer).toString()) as { method?: string; id: number };
        client.send(JSON.stringify({ result: null, id }));
        if (method === 'SUBSCRIBE') venue.socket = socket;
      });
      client.on('close', () => {
        if (venue.socket === socket) venue.socket = null;
      });
    });
  });
  return venue;
};

const left = await openVenue();
const right = await openVenue();
const venues = [left, right] as const;
const write = (venue: Venue, bytes: Buffer): boolean => venue.socket?.write(bytes) ?? true;

let timer: NodeJS.Timeout | null = null;
let answer = { sent: 0, crossings: 0 };

const pace = (quotesPerSecond: number, crossingsPerSecond: number): void => {
  const beganUs = monoUs();
  let due = 0;
  let turn = 0;
  let crossed = 0;
  let returnAtUs = Number.POSITIVE_INFINITY;
  timer = setInterval(() => {
    const nowUs = monoUs();
    const passedS = (nowUs - beganUs) / 1e6;
    due = Math.floor(passedS * quotesPerSecond);
    const batches: [Buffer[], Buffer[]] = [[], []];
    for (; answer.sent < due; answer = { ...answer, sent: answer.sent + 1 }) {
      turn += 1;
      // The first pair's left leg moves only by crossings.
      const pair = PAIRS === 1 ? 0 : 1 + (turn % (PAIRS - 1));
      const side = PAIRS === 1 ? 1 : turn & 1;
      batches[side]!.push(encoded(frameText(pair, MID + ((turn * 7) % 5) / 100, nextId())));
    }
    if (nowUs >= returnAtUs) {
      batches[0].push(encoded(frameText(0, MID, nextId())));
      returnAtUs = Number.POSITIVE_INFINITY;
    } else if (crossingsPerSecond > 0 && Math.floor(passedS * crossingsPerSecond) > crossed && left.socket !== null) {
      crossed += 1;
      answer = { ...answer, crossings: answer.crossings + 1 };
      returnAtUs = nowUs + CROSSING_MS * 1_000;
      batches[0].push(encoded(frameText(0, MID * (1 + CROSSING_BPS / 10_000), nextId())));
    }
    for (const [at, batch] of batches.entries()) if (batch.length > 0) write(venues[at]!, Buffer.concat(batch));
  }, 1);
};

/** As wide as the venue's ids are today, always, so that they can be written over in place. */
const FLOOD_ID = 8_817_455_000_000;
const FLOOD_ID_DIGITS = 13;
let floodId = FLOOD_ID;

/** A chunk of whole frames, and where each one's id ends. */
const floodChunk = (): { readonly bytes: Buffer; readonly idEnds: readonly number[] } => {
  const frames = Array.from({ length: FLOOD_CHUNK_FRAMES }, (_, i) => encoded(frameText(i % PAIRS, MID + (i % 5) / 100, FLOOD_ID)));
  const idEnds: number[] = [];
  let at = 0;
  for (const frame of frames) {
    idEnds.push(at + frame.indexOf(`${FLOOD_ID}`) + FLOOD_ID_DIGITS - 1);
    at += frame.length;
  }
  return { bytes: Buffer.concat(frames), idEnds };
};

const flood = async (quotes: number): Promise<void> => {
  const { bytes, idEnds } = floodChunk();
  for (let sent = 0; sent < quotes; sent += FLOOD_CHUNK_FRAMES) {
    const chunk = Buffer.from(bytes);
    for (const end of idEnds) {
      floodId += 1;
      for (let at = end, rest = floodId; rest > 0 && at > end - FLOOD_ID_DIGITS; at--, rest = Math.floor(rest / 10))
        chunk[at] = 48 + (rest % 10);
    }
    if (!write(left, chunk)) await new Promise((resolve) => left.socket?.once('drain', resolve));
  }
};

const quiet = (): void => {
  // Every instrument says something once, so that all are known and fresh.
  for (const venue of venues) for (let pair = 0; pair < PAIRS; pair++) write(venue, encoded(frameText(pair, MID, nextId())));
};

/** Takes orders and forgets them: a socket whose other end reads. */
const sink = createTcpServer((socket) => socket.on('error', () => {}).resume());
await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));

process.on('message', (order: VenueOrder) => {
  if (order.do === 'cross') {
    for (let pair = 0; pair < order.pairs; pair++) write(left, encoded(frameText(pair, MID * (1 + CROSSING_BPS / 10_000), nextId())));
    return;
  }
  if (timer !== null) clearInterval(timer);
  timer = null;
  if (order.do === 'rest') {
    process.send?.(answer);
    answer = { sent: 0, crossings: 0 };
    quiet();
  } else if (order.do === 'pace') {
    quiet();
    pace(order.quotesPerSecond, order.crossingsPerSecond);
  } else void flood(order.quotes);
});
process.send?.({ ports: [left.port, right.port], sinkPort: (sink.address() as AddressInfo).port });
// Not to outlive the bench.
process.once('disconnect', () => process.exit());
