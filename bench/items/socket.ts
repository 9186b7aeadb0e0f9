/**
 * How many frames a second get from a local web-socket into the engine's step: our feed, against `ws` with JSON.parse in
 * front of the same engine, and against ccxt. The venue floods from another process; all sides read what it sends. Counted
 * in CPU time of the receiving process, one core's worth: frames/s here is what one core takes, whatever else runs.
 */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { createEngine, step } from '../../src-main/core/engine.ts';
import { createMarketQueue, createQuoteSlot } from '../../src-main/runtime/queues.ts';
import { startChild, type Child } from '../child.ts';
import type { VenueOrder } from '../children/venueServer.ts';
import type { BenchContext, BenchItem } from '../item.ts';
import { startLiveEngine, type LiveEngine } from '../liveEngine.ts';
import { ccxtPath, type MessagePath } from '../peers.ts';
import { bandOf, cpuNs, interleave, ratioBand, type Side } from '../rounds.ts';
import { atLeast, figure, figureRow, ratioRow, skippedRow, type Row } from '../verdict.ts';
import { openingEvents, settingsOf } from '../world.ts';
import { NOTHING_RECOVERED } from '../../src-main/core/book.ts';

const ITEM = 'socket';
const PAIRS = 4;
const FLOOD_DEADLINE_MS = 30_000;

/** Our whole way: feed, decoder, runner, engine, ledger standing by. */
const ourSide = (engine: LiveEngine, quotes: number, seen: { share: number; conflated: number }): Side => {
  return async () => {
    const before = engine.runner.metricsSnapshot();
    const beganMs = performance.now();
    const beganNs = cpuNs();
    engine.order({ do: 'flood', quotes });
    let now = before;
    do {
      // Waiting must not cost what is measured.
      await pause(2);
      now = engine.runner.metricsSnapshot();
    } while (
      (now.quotesReceived - before.quotesReceived < quotes || now.marketPending > 0) &&
      performance.now() - beganMs < FLOOD_DEADLINE_MS
    );
    seen.share = Math.min(seen.share, (now.quotesReceived - before.quotesReceived) / quotes);
    seen.conflated = (now.quotesConflated - before.quotesConflated) / quotes;
    return (cpuNs() - beganNs) / quotes;
  };
};

/** Connects to the first venue as a plain client would. */
const connect = async (child: Child, ports: readonly number[], onFrame: (frame: Buffer) => void): Promise<WebSocket> => {
  const socket = new WebSocket(`ws://127.0.0.1:${ports[0]}/public/ws`, { perMessageDeflate: false });
  await once(socket, 'open');
  socket.send(JSON.stringify({ method: 'SUBSCRIBE', params: [], id: 1 }));
  await once(socket, 'message');
  socket.on('message', (frame) => onFrame(frame as Buffer));
  child.process.once('exit', () => socket.terminate());
  return socket;
};

interface PlainVenue {
  readonly side: Side;
  close(): Promise<void>;
}

/** A client of its own venue process, counting what `take` made of the frames. */
const plainVenue = async (quotes: number, take: (frame: Buffer) => void): Promise<PlainVenue> => {
  const child = startChild('venueServer.ts', { args: [String(PAIRS)] });
  const { ports } = await child.next<{ ports: readonly number[] }>();
  let [count, finished] = [0, (): void => {}];
  const socket = await connect(child, ports, (frame) => {
    take(frame);
    count += 1;
    if (count === quotes) finished();
  });
  return {
    async side() {
      count = 0;
      const done = new Promise<void>((resolve) => (finished = resolve));
      const beganNs = cpuNs();
      child.send({ do: 'flood', quotes } satisfies VenueOrder);
      await done;
      return (cpuNs() - beganNs) / quotes;
    },
    async close() {
      socket.terminate();
      await child.end();
    },
  };
};

interface BookTicker {
  readonly s: string;
  readonly b: string;
  readonly B: string;
  readonly a: string;
  readonly A: string;
  readonly T: number;
  readonly u: number;
}

/** JSON.parse, Number(); then the same conflating queue, drained once a turn as the runner does, and the same engine's step. */
const parsedIntoStep = (): ((frame: Buffer) => void) => {
  const settings = settingsOf(PAIRS);
  const state = createEngine(settings);
  const queue = createMarketQueue(settings.instruments.length);
  const slot = createQuoteSlot();
  const places = new Map(settings.instruments.flatMap((each, at) => (each.venueId === 'left' ? [[each.symbol, at] as const] : [])));
  let seq = 0;
  const stamp = (): { seq: number; monoUs: number; unixMs: number } => ({
    seq: (seq += 1),
    monoUs: performance.now() * 1_000,
    unixMs: Date.now(),
  });
  step(state, {
    type: 'started',
    runId: 'bench',
    pause: null,
    kill: null,
    samples: [],
    sampleIntervalMs: 1_000,
    openIntents: [],
    trading: NOTHING_RECOVERED,
    ...stamp(),
  });
  for (const event of openingEvents(settings)) step(state, { ...event, ...stamp() });
  let awaited = false;
  const drain = (): void => {
    awaited = false;
    while (queue.take(slot)) {
      slot.seq = seq += 1;
      slot.monoUs = performance.now() * 1_000;
      slot.unixMs = Date.now();
      step(state, slot);
    }
  };
  return (frame) => {
    const body = JSON.parse(frame.toString()) as BookTicker;
    const at = places.get(body.s);
    if (at === undefined) return;
    queue.quote(at, Number(body.b), Number(body.B), Number(body.a), Number(body.A), body.T, body.u, performance.now() * 1_000);
    if (awaited) return;
    awaited = true;
    setImmediate(drain);
  };
};

const ccxtTake =
  (peer: MessagePath): ((frame: Buffer) => void) =>
  (frame) =>
    peer.take(frame.toString());

export const socketItem: BenchItem = {
  name: ITEM,
  title: 'frames through a local web-socket into step, per core (real feed; venue in another process)',
  async run(context: BenchContext) {
    const quotes = context.quick ? 20_000 : 120_000;
    const rounds = context.quick ? 3 : 7;
    const engine = await startLiveEngine(PAIRS, context.scratch);
    const plain = await plainVenue(quotes, parsedIntoStep());
    const peer = await ccxtPath('binance-usdm');
    const ccxt = peer === null ? null : await plainVenue(quotes, ccxtTake(peer));
    const seen = { share: 1, conflated: 0 };
    try {
      const sides: Record<string, Side> = {
        ours: ourSide(engine, quotes, seen),
        plain: plain.side,
        ...(ccxt === null ? {} : { ccxt: ccxt.side }),
      };
      const { costs, control } = await interleave(sides, rounds);
      const perSecond = (name: string): string => `${Math.round(1e9 / bandOf(costs[name]!).median).toLocaleString('en-US')}/s`;
      const faster = (name: string, label: string, limit: number): Row =>
        costs[name] === undefined
          ? skippedRow(ITEM, `frames/s: ours / ${label}`, `${label} is not installed`)
          : ratioRow(ITEM, `frames/s: ours / ${label}`, ratioBand(costs[name], costs['ours']!), atLeast(limit), {
              control,
              note: `${perSecond('ours')} / ${perSecond(name)}`,
            });
      return [
        faster('plain', 'ws + JSON.parse + the same step', 2),
        faster('ccxt', 'ccxt (its message path alone, no step)', 8),
        figureRow(ITEM, 'frames seen by our feed', seen.share * 100, '%', atLeast(100), {
          note: `${figure(seen.conflated * 100)} % of a flood conflated before the step, each counted`,
        }),
      ];
    } finally {
      await ccxt?.close();
      await plain.close();
      await engine.stop();
    }
  },
};
