import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { VenueId } from '../../src-shared/domain/ids.ts';
import { openArchive } from '../adapters/ledger/ledger.ts';
import { handClock, scratchFolder } from '../adapters/ledger/ledger.testkit.ts';
import { step } from '../core/engine.ts';
import type { ControlInput, EngineEvent } from '../core/events.ts';
import type { Effect, StepResult } from '../core/facts.ts';
import type { EngineState } from '../core/state.ts';
import { createDispatcher } from './dispatcher.ts';
import {
  ACKNOWLEDGED,
  canceling,
  gatewayOf,
  gating,
  orderOf,
  placing,
  querying,
  snapping,
  type ScriptedGateway,
} from './orders.testkit.ts';
import { LedgerFault, type Ledger } from './ports.ts';
import { MAX_ANSWERS_OWED, MAX_CONTROL_EVENTS, MAX_ORDER_PUSHES } from './queues.ts';
import { commandOf, quoteTo, rig, type Rig } from './runner.testkit.ts';

/** A core that wishes for what the test says, on top of what the real one does. */
const wishing =
  (effectsOf: (event: EngineEvent, state: EngineState) => readonly Effect[]) =>
  (state: EngineState, event: EngineEvent): StepResult => {
    const result = step(state, event);
    const effects = effectsOf(event, state);
    return effects.length === 0 ? result : { ...result, effects: [...result.effects, ...effects] };
  };

/** `limit-crossed` with the limit `wish 1` wishes for the effects of that name. */
const wishes = (book: Readonly<Record<string, readonly Effect[]>>) =>
  wishing((event) => (event.type === 'limit-crossed' ? (book[event.limit] ?? []) : []));
const wish = (limit: string): ControlInput => ({ type: 'limit-crossed', limit, detail: '' });

const live = (gateways: readonly ScriptedGateway[], options: Parameters<typeof rig>[0] = {}): Rig =>
  rig({ effects: createDispatcher({ gateways, announceMode: () => {} }), ...options });

const take = async ({ runner }: Rig, ...inputs: readonly ControlInput[]): Promise<void> => {
  for (const input of inputs) runner.offer(input);
  runner.drain();
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
  runner.drain();
};

const journalOf = (path: string): EngineEvent[] => {
  const archive = openArchive({ path });
  const events = [...archive.journal(archive.runs().at(-1)?.runId ?? '')];
  archive.close();
  return events;
};

describe('answers', () => {
  test('come back as events, ahead of timers and quotes, behind commands', async () => {
    const seen: string[] = [];
    const one = live([gatewayOf()], {
      step: (state, event) => {
        seen.push(event.type);
        return wishes({ go: [placing('q1')] })(state, event);
      },
    });
    one.runner.start();
    one.runner.offer(wish('go'));
    one.runner.drain();
    seen.length = 0;
    quoteTo(one.runner, one.clock, 0, 100);
    one.runner.offer({ type: 'timer' });
    await Promise.resolve();
    for (let i = 0; i < 20; i += 1) await Promise.resolve();
    const at = (type: string): number => seen.indexOf(type);
    expect(at('order-outcome')).toBeGreaterThanOrEqual(0);
    seen.length = 0;
    quoteTo(one.runner, one.clock, 0, 100);
    one.runner.offer({ type: 'timer' });
    one.runner.offer({ type: 'order-link', venueId: 'one' as VenueId, state: 'up', detail: '' });
    const paused = one.runner.command(commandOf('pause'));
    one.runner.drain();
    expect(seen.slice(0, 4)).toEqual(['operator', 'order-link', 'timer', 'quote']);
    await paused;
    one.ledger.close();
  });

  test('none is lost and none comes twice although every queue is full when they arrive', async () => {
    const count = 500;
    const waiting: (() => void)[] = [];
    const gateway = gatewayOf('one', {
      place: async () => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return ACKNOWLEDGED;
      },
    });
    const answered: string[] = [];
    const orders = Array.from({ length: count }, (_, i) => placing(`q${i}`));
    const one = live([gateway], {
      step: (state, event) => {
        if (event.type === 'order-outcome') answered.push(event.clientOrderId);
        return wishes({ go: orders })(state, event);
      },
    });
    one.runner.start();
    one.runner.offer(wish('go'));
    one.runner.drain();
    const push: ControlInput = { type: 'order-link', venueId: 'one' as VenueId, state: 'down', detail: '' };
    // All in one turn of the event loop: nothing is stepped before the queues are full.
    while (one.runner.offer({ type: 'timer' }) === 'taken');
    while (one.runner.offer(push) === 'taken');
    expect(one.runner.metricsSnapshot().controlDepth).toBe(MAX_CONTROL_EVENTS + MAX_ORDER_PUSHES);
    for (const go of waiting) go();
    for (let i = 0; i < 50; i += 1) await new Promise((resolve) => setImmediate(resolve));
    one.runner.drain();
    expect(answered.toSorted()).toEqual(orders.map((_, i) => `q${i}`).toSorted());
    one.ledger.close();
  });

  test('when gateways owe the maximum nothing more is asked of them, and the engine halts', async () => {
    const gateway = gatewayOf('one', { query: () => new Promise(() => {}), place: () => new Promise(() => {}) });
    const questions = Array.from({ length: MAX_ANSWERS_OWED }, (_, i) => querying(`q${i}`));
    const one = live([gateway], { step: wishes({ flood: questions, more: [placing('p1')] }) });
    one.runner.start();
    await take(one, wish('flood'));
    expect(one.state.kill).toBeNull();
    expect(gateway.calls).toHaveLength(MAX_ANSWERS_OWED);
    await take(one, wish('more'));
    expect(gateway.calls).not.toContain('place p1');
    expect(one.state.kill).toMatchObject({ source: 'engine', reason: expect.stringContaining(`${MAX_ANSWERS_OWED} answers`) });
    one.ledger.close();
  });
});

test('a report of a venue that found no room is a gap in its channel: down, then up as it was, and asked anew', () => {
  const links: string[] = [];
  const one = rig({
    step: (state, event) => {
      if (event.type === 'order-link') links.push(`${event.venueId} ${event.state} ${event.detail}`);
      return step(state, event);
    },
  });
  one.runner.start();
  one.state.book.venues.find((venue) => venue.venueId === 'two')!.orderLink = 'up';
  const report = (venueId: string): ControlInput => ({
    type: 'order-report',
    report: {
      clientOrderId: orderOf('q1').clientOrderId,
      venueId: venueId as VenueId,
      venueOrderId: null,
      state: 'working',
      filledQty: '0',
      venueUnixMs: null,
      text: '',
    },
  });
  for (let i = 0; i < MAX_ORDER_PUSHES; i += 1) expect(one.runner.offer(report('one'))).toBe('taken');
  for (let i = 0; i < 3; i += 1) expect(one.runner.offer(report('two'))).toBe('full');
  expect(one.runner.offer({ type: 'order-link', venueId: 'three' as VenueId, state: 'down', detail: '' })).toBe('full');
  one.runner.drain();
  const [two, three] = ['3 of its reports found the queue full', '1 of its reports found the queue full'];
  expect(links).toEqual([`two down ${two}`, `two up ${two}`, `three down ${three}`]);
  one.ledger.close();
});

describe('the gate at the one dispatch point', () => {
  test('is set from the recovered latch before anything else', async () => {
    const first = rig();
    first.runner.start();
    expect(first.sink.dispatched[0]?.effects[0]).toEqual(gating('open'));
    await first.runner.command(commandOf('kill'));
    first.ledger.close();
    const second = rig({ path: first.path });
    second.runner.start();
    expect(second.sink.dispatched[0]?.effects[0]).toEqual(gating('reducing'));
    second.ledger.close();
  });

  test('closed between commit and write refuses openings, and lets reducing orders and cancels through', async () => {
    const written: string[] = [];
    const waiting: (() => void)[] = [];
    const slow = async (name: string, mayLeave: () => boolean) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      if (mayLeave()) written.push(name);
      return { code: 'unknown', why: '' } as const;
    };
    const gateway = gatewayOf('one', {
      place: (order, mayLeave) => slow(order.clientOrderId, mayLeave),
      cancel: (ref, mayLeave) => slow(`cancel ${ref.clientOrderId}`, mayLeave),
    });
    const go = [placing('q1', 'open'), placing('q2', 'complete'), placing('q3', 'unwind'), placing('q4', 'close'), canceling('q5')];
    const one = live([gateway], { step: wishes({ go, kill: [gating('reducing')] }) });
    one.runner.start();
    await take(one, wish('go'));
    expect(journalOf(one.path).at(-1)).toMatchObject({ type: 'limit-crossed', limit: 'go' });
    await take(one, wish('kill'));
    for (const on of waiting) on();
    await take(one);
    expect(written).toEqual(['q3', 'q4', 'cancel q5']);
    one.ledger.close();
  });

  test('hands off refuses cancels, too, and still asks', async () => {
    const gateway = gatewayOf();
    const after = [canceling('q1'), placing('q2', 'unwind'), querying('q3'), snapping(1)];
    const one = live([gateway], { step: wishes({ stop: [gating('closed')], after }) });
    one.runner.start();
    await take(one, wish('stop'), wish('after'));
    expect(gateway.calls.filter((call) => /q[123]/.test(call))).toEqual(['query q3']);
    expect(gateway.calls).toContain('snapshot 5');
    one.ledger.close();
  });
});

test('every place-order leaves exactly once over restarts, however the process ends', async () => {
  const path = join(scratchFolder(), 'ledger.db');
  const clock = handClock();
  const gateway = gatewayOf('one', { place: () => new Promise(() => {}) });
  const first = live([gateway], { path, clock, step: wishes({ go: [placing('q1'), placing('q2', 'unwind')] }) });
  first.runner.start();
  await take(first, wish('go'));
  expect(gateway.calls).toEqual(['place q1', 'place q2']);
  // Killed: nothing was answered, nothing is marked done.
  first.ledger.close();
  const dead = rig({ path, clock, step: wishes({ go: [placing('q3')] }) });
  dead.runner.start();
  // Killed between the commit and the dispatch: the sink passes nothing on.
  dead.runner.offer(wish('go'));
  dead.runner.drain();
  dead.ledger.close();
  for (let restart = 0; restart < 2; restart += 1) {
    const again = live([gateway], { path, clock });
    again.runner.start();
    await take(again, { type: 'timer' });
    again.ledger.close();
  }
  expect(gateway.calls.filter((call) => call.startsWith('place'))).toEqual(['place q1', 'place q2']);
});

describe('a ledger that fails', () => {
  const GUARDED = ['commit', 'effectsDone', 'appendSamples', 'renewLease', 'checkpoint', 'prune'] as const;
  type Guarded = (typeof GUARDED)[number];

  /** Counts the calls; fails at the given one, and from then on if it is broken for good. */
  const failingAt = (real: Ledger, at: number, forGood: boolean, log: { calls: number; committed: EngineEvent[] }): Ledger => {
    const failing = (name: Guarded): void => {
      log.calls += 1;
      if (log.calls === at || (forGood && log.calls > at))
        throw new LedgerFault('disk-full', '/x/ledger.db', `Ledger /x/ledger.db: ${name}: the disk is full`);
    };
    return {
      ...real,
      commit: (event, ...rest) => {
        failing('commit');
        real.commit(event, ...rest);
        log.committed.push(event);
      },
      effectsDone: (seq) => (failing('effectsDone'), real.effectsDone(seq)),
      appendSamples: (samples) => (failing('appendSamples'), real.appendSamples(samples)),
      renewLease: () => (failing('renewLease'), real.renewLease()),
      checkpoint: () => (failing('checkpoint'), real.checkpoint()),
      prune: () => (failing('prune'), real.prune()),
    };
  };

  const session = async (at: number, forGood: boolean) => {
    const log = { calls: 0, committed: [] as EngineEvent[] };
    const gateway = gatewayOf();
    let serial = 0;
    const one = live([gateway], {
      faulty: (real) => failingAt(real, at, forGood, log),
      step: wishing((event) => {
        // An order on its own event and its cancel on the answer: each effect belongs to one commit.
        if (event.type === 'limit-crossed' && event.limit === 'go') return [placing(`q${(serial += 1)}`), gating('open')];
        if (event.type === 'order-outcome' && !event.clientOrderId.endsWith('x'))
          return [canceling(event.clientOrderId), ...(serial < 4 ? [placing(`${event.clientOrderId}x`, 'unwind')] : [])];
        return [];
      }),
    });
    try {
      one.runner.start();
    } catch (error) {
      one.ledger.close();
      return { one, log, gateway, refused: error };
    }
    for (let i = 0; i < 6; i += 1) {
      await take(one, wish('go'));
      one.clock.advanceMs(11_000);
      one.runner.tick();
      await take(one);
    }
    return { one, log, gateway, refused: null };
  };

  const isPlaced = (events: readonly EngineEvent[], call: string, n: number): boolean => {
    const id = call.replace('place ', '');
    if (!id.endsWith('x')) return events.filter((event) => event.type === 'limit-crossed' && event.limit === 'go').length >= n;
    return events.some((event) => event.type === 'order-outcome' && `${event.clientOrderId}x` === id);
  };

  test('at any call, once or for good: no order leaves uncommitted, none afterwards; it halts, says why, and loses nothing committed', async () => {
    const whole = await session(Number.POSITIVE_INFINITY, false);
    const total = whole.log.calls;
    expect(whole.one.state.kill).toBeNull();
    expect(whole.gateway.calls.filter((call) => call.startsWith('place'))).toHaveLength(6 + 3);
    whole.one.ledger.close();
    expect(total).toBeGreaterThan(25);
    for (let at = 1; at <= total; at += 1)
      for (const forGood of [false, true]) {
        const { one, log, gateway, refused } = await session(at, forGood);
        if (refused !== null) {
          expect(refused).toBeInstanceOf(LedgerFault);
          expect(gateway.calls).toEqual([]);
          continue;
        }
        const where = `call ${at}, ${forGood ? 'for good' : 'once'}`;
        expect(one.state.kill, where).toMatchObject({ source: 'engine', reason: expect.stringContaining('the disk is full') });
        expect(one.runner.figures().ledgerFault, where).toContain('the disk is full');
        let opened = 0;
        for (const call of gateway.calls.filter((name) => name.startsWith('place')))
          expect(isPlaced(log.committed, call, call.endsWith('x') ? 0 : (opened += 1)), `${where}: ${call}`).toBe(true);
        const before = gateway.calls.length;
        await take(one, wish('go'));
        expect(
          gateway.calls.slice(before).filter((call) => call.startsWith('place')),
          where,
        ).toEqual([]);
        one.ledger.close();
        expect(
          journalOf(one.path).map(({ seq, type }) => `${seq} ${type}`),
          where,
        ).toEqual(log.committed.map(({ seq, type }) => `${seq} ${type}`));
      }
  }, 60_000);

  test('what a halted engine is still obeyed in', async () => {
    let broken = false;
    const one = rig({
      faulty: (real) => ({
        ...real,
        commit: (...args) => {
          if (broken) throw new LedgerFault('io', '/x', 'Ledger /x: I/O error');
          real.commit(...args);
        },
      }),
    });
    one.runner.start();
    broken = true;
    one.runner.offer(wish('x'));
    one.runner.drain();
    for (const kind of ['resume', 'reset', 'arm'] as const)
      expect(await one.runner.command(commandOf(kind))).toMatchObject({ code: 'ledger-fault' });
    const seq = one.state.seq;
    expect(await one.runner.command(commandOf('hands-off'))).toMatchObject({
      code: 'ledger-fault',
      fault: expect.stringContaining('holds in memory'),
    });
    expect(one.state.seq).toBeGreaterThan(seq);
    one.ledger.close();
  });

  test('a stop that is committed after a fault still sends no order', async () => {
    let broken = false;
    const gateway = gatewayOf();
    const one = live([gateway], {
      faulty: (real) => ({
        ...real,
        commit: (...args) => {
          if (broken) throw new LedgerFault('io', '/x', 'Ledger /x: I/O error');
          real.commit(...args);
        },
      }),
      step: wishing((event) =>
        event.type === 'operator' && event.command.kind === 'flatten' ? [canceling('q1'), placing('q2', 'close')] : [],
      ),
    });
    one.runner.start();
    broken = true;
    await take(one, wish('x'));
    broken = false;
    await one.runner.command(commandOf('flatten'));
    await take(one);
    expect(gateway.calls.filter((call) => /q[12]/.test(call))).toEqual(['cancel q1']);
    one.ledger.close();
  });
});

test('a broken invariant locks openings even where the kill itself breaks', async () => {
  const gateway = gatewayOf();
  let armed = false;
  const one = live([gateway], {
    step: (state, event) => {
      if (armed && event.type !== 'limit-crossed') throw new Error('broken');
      return wishes({ go: [placing('q1'), placing('q2', 'unwind')] })(state, event);
    },
  });
  one.runner.start();
  armed = true;
  await take(one, { type: 'timer' });
  armed = false;
  await take(one, wish('go'));
  expect(gateway.calls).toEqual(['place q2']);
  one.ledger.close();
});

test('a clean stop disarms, and carries out what follows from answers that were under way', async () => {
  let answer: () => void = () => {};
  const gateway = gatewayOf('one', {
    place: async ({ clientOrderId }) => {
      if (clientOrderId === 'q1') await new Promise<void>((resolve) => (answer = resolve));
      return ACKNOWLEDGED;
    },
  });
  const kinds: string[] = [];
  const one = live([gateway], {
    step: (state, event) => {
      if (event.type === 'operator') kinds.push(event.command.kind);
      return wishing((e) => {
        if (e.type === 'limit-crossed') return [placing('q1')];
        return e.type === 'order-outcome' && e.clientOrderId === 'q1' ? [placing('q2')] : [];
      })(state, event);
    },
  });
  one.runner.start();
  one.state.book.armed = { latchedUnixMs: 1, source: 'console', by: 'x', reason: '' };
  await take(one, wish('go'));
  const stopped = one.runner.stop('asked to');
  await Promise.resolve();
  expect(kinds).toEqual(['disarm']);
  answer();
  await stopped;
  expect(gateway.calls).toEqual(['place q1', 'place q2']);
  expect(journalOf(one.path).map((event) => event.type)).toEqual(expect.arrayContaining(['order-outcome', 'stopping']));
  expect(journalOf(one.path).at(-1)?.type).toBe('stopping');
  one.ledger.close();
});

test('without its own timer nothing waits for time: no timer of the process is ever asked for', async () => {
  // By code of ours: what other files of this process left behind may still ask for some.
  const asked: string[] = [];
  for (const name of ['setTimeout', 'setInterval'] as const) {
    const real = globalThis[name] as (...args: unknown[]) => NodeJS.Timeout;
    vi.spyOn(globalThis, name).mockImplementation((...args: unknown[]) => {
      const { stack = '' } = new Error(name);
      if (/src-main\/(?:core|runtime|adapters\/ledger)\//.test(stack)) asked.push(stack);
      return real(...args);
    });
  }
  const one = live([gatewayOf()], { step: wishes({ go: [placing('q1'), canceling('q1'), snapping(1)] }) });
  one.runner.start();
  await take(one, wish('go'));
  one.runner.tick();
  await take(one);
  await one.runner.stop('done');
  expect(asked).toEqual([]);
  one.ledger.close();
});
