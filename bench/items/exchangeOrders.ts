/**
 * An order on its way out (build, sign, serialize, write), and the whole client's CPU from the call to the acknowledgement and its
 * private pushes, against the exchange libraries and against the least that our stack allows, each with its own account at the same
 * simulated exchange in another process. And from our call to the acknowledgement and to the fill.
 */
import type { ExchangeProtocol } from '../../src-shared/config/exchangeSites.ts';
import type { InstrumentId } from '../../src-shared/domain/ids.ts';
import { openOwn, freshId, type Own } from '../../e2e/exchange/ownGateway.ts';
import { openCcxt } from '../../e2e/referees/ccxtReferee.ts';
import { openOfficialSpot, openOfficialUsdm } from '../../e2e/referees/officialReferee.ts';
import { openOkxApi, openSieblySpot, openSieblyUsdm } from '../../e2e/referees/sieblyReferee.ts';
import { eventually, type Referee, type RefereeSite } from '../../e2e/referees/view.ts';
import { startChild } from '../child.ts';
import { openFloor, type Floor } from '../exchangeFloor.ts';
import type { StageAnswer, StagePlace } from '../children/exchangeStage.ts';
import type { BenchContext, BenchItem } from '../item.ts';
import { bandOf, cpuNs, interleave, quantileOf, ratioBand, sortedOf, type Side } from '../rounds.ts';
import { watchSocketWrites, type SocketWrites } from '../socketWrites.ts';
import { atMost, figure, ratioRow, skippedRow, type Row } from '../verdict.ts';

const ITEM = 'exchange';
const PROTOCOLS: readonly ExchangeProtocol[] = ['binance-usdm', 'binance-spot', 'okx'];
const LINK_WITHIN_MS = 15_000;
/** The best of the peers may cost this much more, at least. */
const GOAL = 1 / 3;
const FLOOR = 'floor';

const nowUs = (): number => performance.now() * 1_000;

/** One client that places orders which take nothing and end at once. */
interface Contender {
  readonly name: string;
  /** What is to be said, ready; the call says it, and resolves when it is acknowledged. */
  prepare(): () => Promise<void>;
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
  rest: () => {
    forget(own);
    return protocol === 'okx' ? pause(OKX_WINDOW_MS) : Promise.resolve();
  },
  prepare: () => {
    const request = own.request({ symbol, side: 'buy', qty, px: px.below });
    return async () => {
      const outcome = await own.place(request);
      if (outcome.code !== 'acknowledged') throw new Error(`ours: ${JSON.stringify(outcome)}`);
    };
  },
  close: () => own.stop(),
});
const least = (floor: Floor): Contender => ({
  name: FLOOR,
  rest: () => Promise.resolve(),
  prepare: () => {
    const clientId = freshId();
    return () => floor.place(clientId);
  },
  close: () => Promise.resolve(floor.close()),
});
const peer = (name: string, referee: Referee, { symbol, qty, px }: StagePlace): Contender => ({
  name,
  rest: () => Promise.resolve(),
  prepare: () => {
    const clientId = `${referee.idPrefix}${freshId()}`.slice(0, 32);
    const ask = { symbol, side: 'buy' as const, qty, px: px.below, kind: 'ioc' as const, reduceOnly: false, clientId };
    return async () => {
      const said = await referee.place(ask, 'socket');
      if (!said.taken) throw new Error(`${name}: ${said.code} ${said.text}`);
    };
  },
  close: () => referee.close(),
});

const PEERS: Readonly<Record<ExchangeProtocol, Readonly<Record<string, (site: RefereeSite) => Promise<Referee>>>>> = {
  'binance-usdm': { ccxt: (site) => openCcxt('binance-usdm', site), official: openOfficialUsdm, siebly: openSieblyUsdm },
  'binance-spot': { ccxt: (site) => openCcxt('binance-spot', site), official: openOfficialSpot, siebly: openSieblySpot },
  okx: { ccxt: (site) => openCcxt('okx', site), siebly: openOkxApi },
};
const LABELS: Readonly<Record<string, string>> = {
  ccxt: 'ccxt',
  official: 'official connector',
  siebly: 'Siebly',
  [FLOOR]: 'the least: a ready frame, one signature, `ws.send`',
};

const siteOf = ({ restUrl, socketUrl, symbol, keys }: StagePlace, name: string): RefereeSite => {
  const key = keys[name]!;
  const secret = key.secret.algorithm === 'hmac-sha256' ? key.secret.text : '';
  return { rest: restUrl, socket: socketUrl, key: { apiKey: key.apiKey, secret, passphrase: key.passphrase ?? '' }, symbols: [symbol] };
};

/** What a side measures with. */
interface Means {
  readonly writes: SocketWrites;
  /** Stops and continues the exchanges' process. */
  readonly exchanges: { halt(): void; goOn(): void };
}
type Measure = (contender: Contender, count: number, means: Means) => Side;

/** Between two orders of one who trades now and then: nothing of the last one is in the processor's caches any more. */
const RESTED_MS = 60;
const RESTED_ORDERS = 9;

/** Microseconds from the call until the system call that carries the order: the median of a round. */
const toWrite = (contender: Contender, count: number, { writes }: Means, restedMs: number): Side => {
  return async () => {
    const costs: number[] = [];
    await contender.rest();
    for (let i = 0; i < count; i++) {
      const place = contender.prepare();
      if (restedMs > 0) await pause(restedMs);
      // What is written before the reply came is the order, and nothing else is under way.
      const written = writes.next();
      const beganUs = nowUs();
      const done = place();
      costs.push((await written) - beganUs);
      await done;
    }
    return quantileOf(sortedOf(costs), 0.5);
  };
};

const oneByOne: Measure = (contender, count, means) => toWrite(contender, count, means, 0);
const nowAndThen: Measure = (contender, _count, means) => toWrite(contender, RESTED_ORDERS, means, RESTED_MS);

/**
 * CPU nanoseconds of the whole client until an order is with the kernel, system call included, all of its threads: of many at once,
 * while the exchange stands still, so that nothing but orders on their way out is counted.
 */
const outward: Measure = (contender, count, { writes, exchanges }) => {
  return async () => {
    await contender.rest();
    const calls = Array.from({ length: count }, () => contender.prepare());
    exchanges.halt();
    const written = writes.ended(count);
    const began = cpuNs();
    const all = Promise.all(calls.map((place) => place()));
    await Promise.race([written, all]);
    const cost = (cpuNs() - began) / count;
    exchanges.goOn();
    await all;
    return cost;
  };
};

/** CPU nanoseconds of the whole client for one acknowledged order. */
const whole: Measure = (contender, count) => {
  return async () => {
    await contender.rest();
    const calls = Array.from({ length: count }, () => contender.prepare());
    const began = cpuNs();
    for (const place of calls) await place();
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
  const peers = Object.keys(costs).filter((name) => name !== 'ours' && name !== FLOOR);
  const median = (name: string): number => bandOf(costs[name]!).median;
  const best = peers.toSorted((p, q) => median(p) - median(q))[0];
  if (best === undefined) return [skippedRow(ITEM, `${protocol}: ${what}`, 'no library is installed')];
  return [...peers, FLOOR].map((name) =>
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

const clientsOf = async (
  protocol: ExchangeProtocol,
  context: BenchContext,
  place: StagePlace,
  exchanges: Means['exchanges'],
): Promise<readonly Row[]> => {
  const own = await openOurs(protocol, place);
  const contenders: Contender[] = [ours(own, protocol, place), least(await openFloor(protocol, place))];
  for (const [name, open] of Object.entries(PEERS[protocol])) contenders.push(peer(name, await open(siteOf(place, name)), place));
  const [count, rounds] = context.quick ? [20, 5] : [OKX_ORDERS, protocol === 'okx' ? 9 : 15];
  const writes = watchSocketWrites();
  const means: Means = { writes, exchanges };
  const sides = (make: Measure): Record<string, Side> =>
    Object.fromEntries(contenders.map((each) => [each.name, make(each, count, means)]));
  try {
    const warmRounds = context.quick ? 4 : protocol === 'okx' ? 8 : 12;
    for (const side of Object.values(sides(whole))) for (let warm = 0; warm < warmRounds; warm++) await side();
    const rested = await interleave(sides(nowAndThen), rounds);
    const writing = await interleave(sides(oneByOne), rounds);
    const leaving = await interleave(sides(outward), rounds);
    const all = await interleave(sides(whole), rounds);
    return [
      ...ratios(protocol, `call → system call of the write, an order in ${RESTED_MS} ms`, 'µs', rested.costs, rested.control),
      ...ratios(protocol, 'call → system call of the write, order after order', 'µs', writing.costs, writing.control),
      ...ratios(protocol, 'CPU to build, sign, serialize and write', 'ns', leaving.costs, leaving.control),
      ...ratios(protocol, 'CPU of an acknowledged order, pushes included', 'ns', all.costs, all.control),
    ];
  } finally {
    writes.stop();
    for (const each of contenders) await each.close();
  }
};

const yieldTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

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
      const exchanges = {
        halt: () => void child.process.kill('SIGSTOP'),
        goOn: () => void child.process.kill('SIGCONT'),
      };
      const rows: Row[] = [];
      for (const protocol of PROTOCOLS) {
        context.say(protocol);
        rows.push(
          ...(await clientsOf(protocol, context, places[protocol], exchanges)),
          ...(await toFill(protocol, context, places[protocol])),
        );
      }
      return rows;
    } finally {
      await child.end();
    }
  },
};
