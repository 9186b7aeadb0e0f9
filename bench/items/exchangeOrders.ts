/**
 * An order on its way out: from the call until the socket has it (build, sign, serialize, write), and the whole client's CPU from
 * the call to the acknowledgement and its private pushes, against the exchange libraries, each with its own account at the same
 * simulated exchange in another process. And from our call to the acknowledgement and to the fill.
 */
import { Socket } from 'node:net';
import type { ExchangeProtocol } from '../../src-shared/config/exchangeSites.ts';
import type { InstrumentId } from '../../src-shared/domain/ids.ts';
import { openOwn, freshId, type Own } from '../../e2e/exchange/ownGateway.ts';
import { openCcxt } from '../../e2e/referees/ccxtReferee.ts';
import { openOfficialSpot, openOfficialUsdm } from '../../e2e/referees/officialReferee.ts';
import { openOkxApi, openSieblySpot, openSieblyUsdm } from '../../e2e/referees/sieblyReferee.ts';
import { eventually, type Referee, type RefereeSite } from '../../e2e/referees/view.ts';
import { startChild } from '../child.ts';
import type { StageAnswer, StagePlace } from '../children/exchangeStage.ts';
import type { BenchContext, BenchItem } from '../item.ts';
import { bandOf, cpuNs, interleave, quantileOf, ratioBand, sortedOf, type Side } from '../rounds.ts';
import { atMost, figure, ratioRow, skippedRow, type Row } from '../verdict.ts';

const ITEM = 'exchange';
const PROTOCOLS: readonly ExchangeProtocol[] = ['binance-usdm', 'binance-spot', 'okx'];
const LINK_WITHIN_MS = 15_000;
/** The best of the peers may cost this much more, at least. */
const GOAL = 1 / 3;

/** The moment of the newest write to any TCP socket of this process; every library ends there. */
let wroteUs = Number.NaN;
const nowUs = (): number => performance.now() * 1_000;
interface Writing {
  write: (this: Socket, ...parts: unknown[]) => boolean;
}
const watchWrites = (): (() => void) => {
  const prototype = Socket.prototype as unknown as Writing;
  const { write } = prototype;
  prototype.write = function writeWatched(...parts) {
    const result = write.apply(this, parts);
    wroteUs = nowUs();
    return result;
  };
  return () => {
    prototype.write = write;
  };
};

/** One client that places an order which takes nothing and ends at once; resolves when it is acknowledged. */
interface Contender {
  readonly name: string;
  place(): Promise<void>;
  /** Until its own allowance is whole again; outside of what is measured. */
  rest(): Promise<void>;
  close(): Promise<void>;
}

const instrumentsOf = (protocol: ExchangeProtocol, symbol: string) => [
  {
    id: `${symbol}@${protocol}` as InstrumentId,
    symbol,
    kind: protocol === 'binance-spot' ? ('spot' as const) : ('perpetual' as const),
    expected: {},
    takerFeeBps: 10,
    initialMarginRate: 0.2,
    carryIntervalHours: protocol === 'binance-spot' ? null : 8,
  },
];

const openOurs = async (protocol: ExchangeProtocol, place: StagePlace): Promise<Own> => {
  const { restUrl, socketUrl, symbol, keys } = place;
  const own = openOwn({ protocol, restUrl, socketUrl, key: keys['ours']!, instruments: instrumentsOf(protocol, symbol) });
  await eventually(`our gateway at ${protocol}`, LINK_WITHIN_MS, () => (own.told.link.up ? true : null));
  return own;
};
const forget = ({ told }: Own): void => {
  told.events.length = 0;
  told.reports.clear();
  told.fills.clear();
};
/** Orders of an instrument that our gateway lets go in its window of two seconds at OKX, where no reply says what is allowed. */
const OKX_ORDERS = 40;
const OKX_WINDOW_MS = 2_200;
const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

const ours = (own: Own, protocol: ExchangeProtocol, { symbol, qty, px }: StagePlace): Contender => ({
  name: 'ours',
  rest: () => (protocol === 'okx' ? pause(OKX_WINDOW_MS) : Promise.resolve()),
  place: async () => {
    const outcome = await own.place(own.request({ symbol, side: 'buy', qty, px: px.below }));
    if (outcome.code !== 'acknowledged') throw new Error(`ours: ${JSON.stringify(outcome)}`);
  },
  close: () => own.stop(),
});
const peer = (name: string, referee: Referee, { symbol, qty, px }: StagePlace): Contender => ({
  name,
  rest: () => Promise.resolve(),
  place: async () => {
    const ask = {
      symbol,
      side: 'buy' as const,
      qty,
      px: px.below,
      kind: 'ioc' as const,
      reduceOnly: false,
      clientId: `${referee.idPrefix}${freshId()}`.slice(0, 32),
    };
    const said = await referee.place(ask, 'socket');
    if (!said.taken) throw new Error(`${name}: ${said.code} ${said.text}`);
  },
  close: () => referee.close(),
});

const PEERS: Readonly<Record<ExchangeProtocol, Readonly<Record<string, (site: RefereeSite) => Promise<Referee>>>>> = {
  'binance-usdm': { ccxt: (site) => openCcxt('binance-usdm', site), official: openOfficialUsdm, siebly: openSieblyUsdm },
  'binance-spot': { ccxt: (site) => openCcxt('binance-spot', site), official: openOfficialSpot, siebly: openSieblySpot },
  okx: { ccxt: (site) => openCcxt('okx', site), siebly: openOkxApi },
};
const LABELS: Readonly<Record<string, string>> = { ccxt: 'ccxt', official: 'official connector', siebly: 'Siebly' };

const siteOf = ({ restUrl, socketUrl, symbol, keys }: StagePlace, name: string): RefereeSite => {
  const key = keys[name]!;
  const secret = key.secret.algorithm === 'hmac-sha256' ? key.secret.text : '';
  return { rest: restUrl, socket: socketUrl, key: { apiKey: key.apiKey, secret, passphrase: key.passphrase ?? '' }, symbols: [symbol] };
};

/** Microseconds from the call until the order is with the socket, before the system call that carries it: the median of a round. */
const toWrite = (contender: Contender, count: number): Side => {
  return async () => {
    const costs: number[] = [];
    await contender.rest();
    for (let i = 0; i < count; i++) {
      const beganUs = nowUs();
      wroteUs = Number.NaN;
      const done = contender.place();
      // What is written before the reply came is the order, and nothing else is under way.
      while (Number.isNaN(wroteUs)) await Promise.resolve().then(() => yieldTurn());
      costs.push(wroteUs - beganUs);
      await done;
    }
    return quantileOf(sortedOf(costs), 0.5);
  };
};
const yieldTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** CPU nanoseconds of the whole client for one acknowledged order. */
const whole = (contender: Contender, count: number): Side => {
  return async () => {
    await contender.rest();
    const began = cpuNs();
    for (let i = 0; i < count; i++) await contender.place();
    return (cpuNs() - began) / count;
  };
};

const ratios = (
  protocol: ExchangeProtocol,
  what: string,
  unit: string,
  costs: Readonly<Record<string, readonly number[]>>,
  control: Row['control'],
): readonly Row[] => {
  const peers = Object.keys(costs).filter((name) => name !== 'ours');
  const median = (name: string): number => bandOf(costs[name]!).median;
  const best = peers.toSorted((p, q) => median(p) - median(q))[0];
  if (best === undefined) return [skippedRow(ITEM, `${protocol}: ${what}`, 'no library is installed')];
  return peers.map((name) =>
    ratioRow(
      ITEM,
      `${protocol}: ${what}, ours / ${LABELS[name]}`,
      ratioBand(costs['ours']!, costs[name]!),
      name === best ? atMost(GOAL) : null,
      {
        ...(control === undefined ? {} : { control }),
        note: `${figure(median('ours'))} / ${figure(median(name))} ${unit}${name === best ? ', the best of them' : ''}`,
        figures: { ours: median('ours'), peer: median(name) },
      },
    ),
  );
};

const clientsOf = async (protocol: ExchangeProtocol, context: BenchContext, place: StagePlace): Promise<readonly Row[]> => {
  const own = await openOurs(protocol, place);
  const contenders: Contender[] = [ours(own, protocol, place)];
  for (const [name, open] of Object.entries(PEERS[protocol])) contenders.push(peer(name, await open(siteOf(place, name)), place));
  const [count, rounds] = context.quick ? [20, 5] : [OKX_ORDERS, protocol === 'okx' ? 9 : 15];
  const sides = (make: typeof whole): Record<string, Side> => Object.fromEntries(contenders.map((each) => [each.name, make(each, count)]));
  const unwatch = watchWrites();
  try {
    const warmRounds = context.quick ? 4 : protocol === 'okx' ? 8 : 12;
    for (const side of Object.values(sides(whole))) for (let warm = 0; warm < warmRounds; warm++) await side();
    const writing = await interleave(sides(toWrite), rounds);
    const all = await interleave(sides(whole), rounds);
    forget(own);
    return [
      ...ratios(protocol, 'call → order handed to the socket', 'µs', writing.costs, writing.control),
      ...ratios(protocol, 'CPU of an acknowledged order, pushes included', 'ns', all.costs, all.control),
    ];
  } finally {
    unwatch();
    for (const each of contenders) await each.close();
  }
};

/** From the call to the acknowledgement, and to the first word of the fill; one after the other, as hedges go. */
const toFill = async (protocol: ExchangeProtocol, context: BenchContext, place: StagePlace): Promise<readonly Row[]> => {
  const own = await openOurs(protocol, place);
  const acknowledged: number[] = [];
  const filled: number[] = [];
  try {
    const pacedMs = protocol === 'okx' ? OKX_WINDOW_MS / OKX_ORDERS : 0;
    for (let i = 0; i < (context.quick ? 100 : 1_000); i++) {
      if (pacedMs > 0) await pause(pacedMs);
      const side = i % 2 === 0 ? 'buy' : 'sell';
      const request = own.request({ symbol: place.symbol, side, qty: place.qty, px: side === 'buy' ? place.px.ask : place.px.bid });
      forget(own);
      const beganMs = performance.now();
      const outcome = await own.place(request);
      acknowledged.push(performance.now() - beganMs);
      if (outcome.code !== 'acknowledged') throw new Error(`not acknowledged: ${JSON.stringify(outcome)}`);
      while (own.told.fills.size === 0) await yieldTurn();
      const fill = own.told.events.find(({ type }) => type === 'fill');
      if (fill === undefined) throw new Error('a fill that nobody told');
      filled.push(performance.now() - beganMs);
    }
  } finally {
    await own.stop();
  }
  const both = (values: readonly number[]): string =>
    `${figure(quantileOf(sortedOf(values), 0.5))} / ${figure(quantileOf(sortedOf(values), 0.99))} ms`;
  const row = (what: string, values: readonly number[]): Row => ({
    item: ITEM,
    what: `${protocol}: ${what}, p50 / p99`,
    goal: '',
    measured: both(values),
    verdict: 'no goal',
    note: `${values.length} orders, one after the other; exchange in another process`,
    figures: { p50: quantileOf(sortedOf(values), 0.5), p99: quantileOf(sortedOf(values), 0.99) },
  });
  return [row('call → acknowledged', acknowledged), row('call → fill booked', filled)];
};

export const exchangeItem: BenchItem = {
  name: ITEM,
  title: 'orders to the exchanges: our client against the libraries, at simulated exchanges in another process',
  async run(context: BenchContext) {
    const child = startChild('exchangeStage.ts');
    try {
      const places = await child.next<StageAnswer>();
      const rows: Row[] = [];
      for (const protocol of PROTOCOLS) {
        context.say(protocol);
        rows.push(...(await clientsOf(protocol, context, places[protocol])), ...(await toFill(protocol, context, places[protocol])));
      }
      return rows;
    } finally {
      await child.end();
    }
  },
};
