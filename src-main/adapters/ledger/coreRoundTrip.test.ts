/** The real core against the real ledger: what a restart is given is what the engine held, after every single event. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isEndedGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import type { RecoveredTrading } from '../../core/book.ts';
import type { EngineEvent, Unstamped } from '../../core/events.ts';
import type { StepResult } from '../../core/facts.ts';
import type { FillReport } from '../../../src-shared/domain/order.ts';
import { DEFAULT_EXITS } from '../../../src-shared/domain/settings.ts';
import { digestOf } from '../../core/digest.ts';
import { createEngine, step } from '../../core/engine.ts';
import { TradingWorld, type TradingOptions } from '../../core/hedging/hedging.testkit.ts';
import { eventRowOf } from '../../core/notes.ts';
import { openArchive, openLedger } from './ledger.ts';
import { handClock, scratchFolder } from './ledger.testkit.ts';

/** Every event is committed with everything it brought. */
class KeptWorld extends TradingWorld {
  readonly path = join(scratchFolder(), 'ledger.db');
  readonly runId: string;
  private readonly ledger;
  private kept = 0;

  constructor(options: TradingOptions = {}) {
    super({ legOrder: 'metatrader-first', ...options });
    this.ledger = openLedger({ path: this.path, clock: handClock(this.unixMs), owner: 'test' });
    this.runId = this.ledger.beginRun(this.state.settings, '2').runId;
  }

  override take(event: Unstamped<EngineEvent>): StepResult {
    return super.take(event.type === 'started' ? { ...event, runId: this.runId } : event);
  }

  /** Commits what has happened since the last time. */
  keep(): void {
    for (; this.kept < this.events.length; this.kept += 1) {
      const event = this.events[this.kept]!;
      const { facts, effects } = this.results[this.kept]!;
      const rows = facts.map((fact) => eventRowOf(fact, event.unixMs));
      // Sequence numbers of a run begin at one; the test world counts from zero.
      this.ledger.commit({ ...event, seq: event.seq + 1 }, facts, effects, 'normal', rows);
    }
  }

  /** What a start would be given now. */
  recovered(): RecoveredTrading {
    const archive = openArchive({ path: this.path });
    try {
      return archive.standing().trading;
    } finally {
      archive.close();
    }
  }

  close(): void {
    this.ledger.close();
  }
}

const byKey = <T>(items: readonly T[], keyOf: (item: T) => string): Readonly<Record<string, T>> =>
  Object.fromEntries(items.map((item) => [keyOf(item), item]));

/** By key, for both sides have an order of their own. The hour of entries depends on the clock; what remains of a stop is asked anew. */
const comparable = ({ groups, orders, entries: _entries, scopedStops, tradeIds, ...others }: RecoveredTrading) => ({
  ...others,
  tradeIds: tradeIds.toSorted(),
  scopedStops: scopedStops.map((stop) => ({ ...stop, latch: { ...stop.latch, remaining: [] } })),
  groups: byKey(groups, ({ id }) => id),
  orders: byKey(orders, ({ request }) => request.clientOrderId),
});

const expectSame = (world: KeptWorld): void => {
  world.keep();
  expect(comparable(world.recovered())).toStrictEqual(comparable(world.remembered()));
};

const STORIES: readonly (readonly [name: string, options: TradingOptions, tell: (world: KeptWorld, look: () => void) => void])[] = [
  [
    'opened, held and closed',
    {},
    (world, look) => {
      world.entered();
      look();
      world.pass(20).done(world.order('a'));
      look();
      world.pass(20).done(world.order('b'));
      look();
      world.act('close');
      look();
      for (let n = 0; n < 4 && world.group.state !== 'closed'; n += 1) {
        const open = Object.values(world.state.book.orders).find(({ state }) => state === 'in-flight');
        if (open !== undefined) world.pass(20).done(open);
        world.wait(200);
        look();
      }
      expect(world.group.state).toBe('closed');
    },
  ],
  [
    'a second leg refused, the first unwound',
    {},
    (world, look) => {
      world.entered();
      world.pass(20).done(world.order('a'));
      world.refuse(world.order('b'));
      look();
      for (let n = 0; n < 80 && !isEndedGroup(world.group.state); n += 1) {
        world.wait(500);
        const open = Object.values(world.state.book.orders).find(({ state }) => state === 'in-flight');
        if (open !== undefined && open.request.purpose === 'complete') world.refuse(open);
        else if (open !== undefined) world.done(open);
        look();
      }
      expect(world.group.ladder.length).toBeGreaterThan(0);
    },
  ],
  [
    'left naked, adopted by a person',
    { metatrader: true },
    (world, look) => {
      world.entered();
      world.pass(20).done(world.order('a'));
      look();
      world.refuse(world.order('b'));
      look();
      world.silence(31_000);
      look();
      world.act('adopt');
      look();
      world.wait(1_000);
      look();
      expect(world.recovered().holdings['X@va']).toEqual({ qty: '0', foreignQty: '-0.5', acceptedQty: '-0.5' });
    },
  ],
  [
    'an answer lost, then found; a kill between',
    { metatrader: true },
    (world, look) => {
      world.entered();
      const first = world.order('a');
      const fill = world.execute(first);
      world.lose(first);
      look();
      world.command('kill', 'what is going on', { scope: 'venue:va' });
      look();
      world.wait(3_000);
      world.found(first, 'filled', [fill]);
      look();
      world.command('kill');
      look();
      world.command('set-limits', 'careful', { limits: { maxOpenGroups: 1 } });
      world.wait(1_000);
      look();
      expect(world.recovered().magics['va']).toBeGreaterThan(0);
      expect(world.recovered().scopedStops.length).toBeGreaterThan(0);
      expect(world.recovered().overrides).toHaveLength(1);
    },
  ],
];

test.each(STORIES)('%s: at each look the ledger gives back what the core holds', (_name, options, tell) => {
  const world = new KeptWorld(options);
  let looks = 0;
  tell(world, () => {
    looks += 1;
    expectSame(world);
  });
  expect(looks).toBeGreaterThan(3);
  world.close();
});

test.each(STORIES)('%s: the journal replayed into an empty engine is the same engine, bit for bit', (_name, options, tell) => {
  const world = new KeptWorld(options);
  tell(world, () => world.keep());
  world.keep();
  world.close();
  const archive = openArchive({ path: world.path });
  const state = createEngine(archive.settingsOf(world.runId));
  for (const event of archive.journal(world.runId)) step(state, { ...event, seq: event.seq - 1 });
  archive.close();
  expect(digestOf(state)).toBe(digestOf(world.state));
});

/** An act of exchange vb that closed nothing of ours: we held nothing there. */
const foreignAct = (world: TradingWorld): FillReport => ({
  venueId: world.state.venues[1]!.settings.id,
  instrumentId: world.state.instruments[1]!.settings.id,
  tradeId: 'foreign-1',
  clientOrderId: null,
  side: 'sell',
  qty: '0.1',
  px: '10000',
  fee: '0',
  feeCcy: 'USD',
  positionId: null,
  venueUnixMs: null,
  venueMade: 'liquidation',
});

test('an act that was nobody of ours, seconds before a group: killed after any commit, the next run books none of it and does not halt', () => {
  const world = new KeptWorld({ pair: { exits: { ...DEFAULT_EXITS, convergenceBps: -1_000 } } });
  world.trading();
  const act = foreignAct(world);
  let deaths = 0;
  const die = (): void => {
    world.keep();
    const next = new TradingWorld({ legOrder: 'metatrader-first' });
    Object.assign(next.truth, world.truth);
    next.startUnixMs = world.unixMs;
    next.trading({ runId: 'run-2', trading: world.recovered() });
    const { account } = next.state.book.venues[1]!;
    const snapshot = { venueUnixMs: next.unixMs, openOrders: [], fills: [act], positions: [], account: account! };
    next.control({ type: 'venue-snapshot', venueId: act.venueId, requestId: 9_999, outcome: { code: 'answered', snapshot } });
    expect(next.facts('fill-booked')).toEqual([]);
    expect(next.state.kill).toBeNull();
    deaths += 1;
  };
  world.tell(act);
  die();
  world.hold(0, 10_000).timer();
  world.command('arm');
  world.spread(5);
  die();
  for (const leg of ['a', 'b'] as const) {
    world.ack(world.order(leg));
    die();
    world.fill(world.order(leg));
    die();
  }
  expect(world.group.state).toBe('open');
  expect(deaths).toBe(6);
  world.close();
});

test('an engine that starts from what the ledger gives back keeps going from there', () => {
  const world = new KeptWorld();
  world.entered();
  world.pass(20).done(world.order('a'));
  world.keep();
  world.close();
  const again = openLedger({ path: world.path, clock: handClock(world.unixMs + 500), owner: 'b' });
  const { recovered } = again.beginRun(world.state.settings, '2');
  again.close();
  const fromLedger = new TradingWorld({ legOrder: 'metatrader-first' });
  const fromMemory = new TradingWorld({ legOrder: 'metatrader-first' });
  fromLedger.trading({ runId: 'run-2', trading: recovered.trading });
  fromMemory.trading({ runId: 'run-2', trading: world.remembered() });
  expect(digestOf(fromLedger.state)).toBe(digestOf(fromMemory.state));
  expect(fromLedger.state.book.armed).toBeNull();
  expect(fromLedger.queried.map(({ clientOrderId }) => clientOrderId)).toEqual([world.order('b').request.clientOrderId]);
});
