/**
 * What one frame of an account costs, from text to the engine's nouns: executions and acknowledgements, against JSON.parse alone and
 * against the libraries' own message paths. And whether memory stays flat over a million order updates through gateway and decoders.
 */
import type { ExchangeProtocol } from '../../src-shared/config/exchangeSites.ts';
import type { InstrumentId, VenueId } from '../../src-shared/domain/ids.ts';
import { SpotPushes } from '../../src-main/adapters/venues/binance-spot/pushes.ts';
import { UsdmPushes } from '../../src-main/adapters/venues/binance-usdm/pushes.ts';
import { placed, readAct } from '../../src-main/adapters/venues/okx/orderCalls.ts';
import { OkxPushes } from '../../src-main/adapters/venues/okx/orderDecode.ts';
import { readApiFrame } from '../../src-main/adapters/venues/shared/binanceAccount.ts';
import { readOrder, readReply } from '../../src-main/adapters/venues/shared/binanceOrderWire.ts';
import { parseExact } from '../../src-main/adapters/venues/shared/exactJson.ts';
import type { Pushed } from '../../src-main/adapters/venues/shared/orders/parts.ts';
import { ACK_FRAMES, clientIdOf, FILL_FRAMES } from '../accountFrames.ts';
import { startChild } from '../child.ts';
import type { UpdatesAnswer } from '../children/updates.ts';
import type { BenchContext, BenchItem } from '../item.ts';
import { ccxtAccountPath, sdkAccountPath, type MessagePath } from '../peers.ts';
import { bandOf, interleave, ratioBand, timed, type Side } from '../rounds.ts';
import { atMost, figureRow, ratioRow, skippedRow, type Row } from '../verdict.ts';

const ITEM = 'exchange-frames';
const FRAMES = 2_048;
const PROTOCOLS: readonly ExchangeProtocol[] = ['binance-usdm', 'binance-spot', 'okx'];
const UPDATES = 1_000_000;

const SYMBOL: Readonly<Record<ExchangeProtocol, string>> = { 'binance-usdm': 'BTCUSDT', 'binance-spot': 'BTCUSDT', okx: 'BTC-USDT-SWAP' };

/** The decoder of a venue's pushes, as its dialect has it. */
const pushesOf = (protocol: ExchangeProtocol): ((value: unknown) => Pushed) => {
  const instruments = new Map([[SYMBOL[protocol], `${SYMBOL[protocol]}@${protocol}` as InstrumentId]]);
  const venueId = protocol as VenueId;
  if (protocol === 'okx') {
    const pushes = new OkxPushes({ venueId, instrumentIds: instruments }, 'cross');
    return (value) => pushes.decode(value);
  }
  const pushes = protocol === 'binance-spot' ? new SpotPushes(venueId, instruments) : new UsdmPushes(venueId, instruments);
  return (value) => pushes.read(value);
};

/** Frames that no decoder has seen yet: what is known is quicker to leave aside. */
const fresh = (make: (i: number) => string): (() => readonly Buffer[]) => {
  let next = 0;
  return () => Array.from({ length: FRAMES }, () => Buffer.from(make((next += 1))));
};

const ourFills = (protocol: ExchangeProtocol): Side => {
  const frames = fresh(FILL_FRAMES[protocol]);
  const read = pushesOf(protocol);
  return () => {
    const round = frames();
    return timed(round.length, () => {
      for (const frame of round) {
        const { fills, reports } = read(parseExact(frame.toString()));
        if (fills.length !== 1 || reports.length !== 1) throw new Error(`not read as a fill: ${frame.toString()}`);
      }
    });
  };
};
const ourAcks = (protocol: ExchangeProtocol): Side => {
  const frames = fresh(ACK_FRAMES[protocol]);
  let count = 0;
  const read = (value: unknown): boolean => {
    if (protocol === 'okx') return placed(readAct(value, null), clientIdOf(count)).code === 'acknowledged';
    if (readApiFrame(value).kind !== 'answer') return false;
    return readOrder(readReply(value)?.result) !== null;
  };
  return () => {
    const round = frames();
    return timed(round.length, () => {
      for (const frame of round) {
        count += 1;
        if (!read(parseExact(frame.toString()))) throw new Error(`not read as an acknowledgement: ${frame.toString()}`);
      }
    });
  };
};
const floor = (make: (i: number) => string): Side => {
  const frames = fresh(make);
  return () => {
    const round = frames();
    return timed(round.length, () => {
      for (const frame of round) if (typeof JSON.parse(frame.toString()) !== 'object') throw new Error('no object');
    });
  };
};
const peerFills = (peer: MessagePath, make: (i: number) => string): Side => {
  const frames = fresh(make);
  return () => {
    const round = frames();
    const before = peer.delivered();
    const cost = timed(round.length, () => {
      for (const frame of round) peer.take(frame.toString());
    });
    if (peer.delivered() - before !== round.length)
      throw new Error(`${peer.name} delivered ${peer.delivered() - before} of ${round.length}`);
    return cost;
  };
};

const decodeRows = async (protocol: ExchangeProtocol, context: BenchContext): Promise<readonly Row[]> => {
  const make = FILL_FRAMES[protocol];
  const peers = [await sdkAccountPath(protocol), await ccxtAccountPath(protocol)].filter((peer) => peer !== null);
  const sides: Record<string, Side> = { ours: ourFills(protocol), floor: floor(make) };
  for (const peer of peers) sides[peer.name] = peerFills(peer, make);
  const acks: Record<string, Side> = { ours: ourAcks(protocol), floor: floor(ACK_FRAMES[protocol]) };
  for (let warm = 0; warm < 4; warm++) for (const side of [...Object.values(sides), ...Object.values(acks)]) await side();
  const rounds = context.quick ? 5 : 15;
  const fills = await interleave(sides, rounds);
  const acknowledged = await interleave(acks, rounds);
  const row = (what: string, run: typeof fills, other: string, label: string): Row => {
    const ns = (name: string): number => Math.round(bandOf(run.costs[name]!).median);
    return ratioRow(ITEM, `${protocol}: ${what}, ours / ${label}`, ratioBand(run.costs['ours']!, run.costs[other]!), null, {
      control: run.control,
      note: `${ns('ours')} / ${ns(other)} ns a frame`,
    });
  };
  return [
    row('execution', fills, 'floor', 'JSON.parse alone'),
    ...peers.map(({ name }) => row('execution', fills, name, name)),
    ...(peers.length === 0 ? [skippedRow(ITEM, `${protocol}: execution`, 'no library is installed')] : []),
    row('acknowledgement', acknowledged, 'floor', 'JSON.parse alone'),
  ];
};

const memoryRows = async (context: BenchContext): Promise<readonly Row[]> => {
  const child = startChild('updates.ts', { flags: ['--expose-gc'] });
  try {
    child.send(context.quick ? UPDATES / 10 : UPDATES);
    const { updates, heapKiB, rssKiB, seconds } = await child.next<UpdatesAnswer>();
    const [first, last] = [heapKiB[1]!, heapKiB.at(-1)!];
    const note = `${updates.toLocaleString('en-US')} updates of as many orders in ${Math.round(seconds)} s, three gateways`;
    return [
      figureRow(ITEM, 'held after the last order update', last / 1_024, 'MiB', null, { note, figures: { heapKiB, rssKiB } }),
      figureRow(ITEM, 'held, last / after the first tenth', last / first, '×', atMost(1.05)),
    ];
  } finally {
    await child.end();
  }
};

export const exchangeFramesItem: BenchItem = {
  name: ITEM,
  title: 'account frames: executions and acknowledgements read; memory over a million order updates',
  async run(context: BenchContext) {
    const rows: Row[] = [];
    for (const protocol of PROTOCOLS) rows.push(...(await decodeRows(protocol, context)));
    return [...rows, ...(await memoryRows(context))];
  },
};
