import { expect, test, vi } from 'vitest';
import { openArchive, openLedger } from '../adapters/ledger/ledger.ts';
import { handClock, smallSettings } from '../adapters/ledger/ledger.testkit.ts';
import { step } from '../core/engine.ts';
import type { EngineEvent } from '../core/events.ts';
import { InvariantViolation } from '../core/invariant.ts';
import { LedgerFault, type Ledger } from './ports.ts';
import { MAX_CONTROL_EVENTS, MAX_OPERATOR_COMMANDS } from './queues.ts';
import { commandOf, quoteTo, rig } from './runner.testkit.ts';
import { MAX_STEP_FAILURES } from './runner.ts';

const full = () => new LedgerFault('disk-full', '/x/ledger.db', 'Ledger /x/ledger.db: the disk is full');

const journalOf = (path: string): EngineEvent[] => {
  const archive = openArchive({ path });
  const runId = archive.runs().at(-1)?.runId ?? '';
  const events = [...archive.journal(runId)];
  archive.close();
  return events;
};

test('a command is answered only after its commit, and effects leave only after theirs', async () => {
  const order: string[] = [];
  const { runner, ledger, sink, clock } = rig({
    faulty: (real) => ({
      ...real,
      commit: (event, ...rest) => {
        real.commit(event, ...rest);
        order.push(`commit ${event.type}`);
      },
    }),
  });
  sink.dispatch = (effects) =>
    void order.push(...effects.map((effect) => `effect ${effect.type}${effect.type === 'set-gate' ? ` ${effect.gate}` : ''}`));
  runner.start();
  clock.advanceMs(5);
  const outcome = await runner.command(commandOf('kill')).finally(() => order.push('answer'));
  expect(outcome).toMatchObject({ code: 'applied', receipt: { changed: true, committedUnixMs: clock.unixMs() } });
  expect(order[0]).toBe('commit started');
  const kill = order.indexOf('commit operator');
  expect(kill).toBeGreaterThan(0);
  expect(order.slice(kill + 1)).toEqual(expect.arrayContaining(['effect set-gate reducing', 'effect announce-mode', 'answer']));
  // Once, and not before its commit.
  expect(order.filter((what) => what === 'effect set-gate reducing')).toHaveLength(1);
  expect(order.indexOf('effect set-gate reducing')).toBeGreaterThan(kill);
  expect(order.at(-1)).toBe('answer');
  ledger.close();
});

test('a quote that changes nothing durable never touches the ledger', () => {
  const { runner, ledger, path, clock } = rig();
  runner.start();
  quoteTo(runner, clock, 0, 100);
  quoteTo(runner, clock, 1, 100);
  runner.offer({ type: 'timer' });
  runner.drain();
  expect(journalOf(path).map((event) => event.type)).toEqual(['started']);
  expect(runner.metricsSnapshot()).toMatchObject({ eventsStepped: 4, eventsCommitted: 1, quotesReceived: 2 });
  ledger.close();
});

test('control is drained before market data, operator commands before all', async () => {
  const seen: string[] = [];
  const { runner, ledger, clock } = rig({
    step: (state, event) => {
      seen.push(event.type);
      return step(state, event);
    },
  });
  runner.start();
  quoteTo(runner, clock, 0, 100);
  runner.offer({ type: 'timer' });
  const paused = runner.command(commandOf('pause'));
  runner.drain();
  expect(seen).toEqual(['started', 'operator', 'timer', 'quote']);
  await paused;
  ledger.close();
});

test('quotes are stepped in a microtask after the callback that brought them, the newest of each instrument only', async () => {
  const { runner, ledger, state, clock } = rig();
  runner.start();
  for (const mid of [100, 101, 102]) quoteTo(runner, clock, 0, mid);
  expect(state.instruments[0]?.bidPx).not.toBe(101.5);
  await Promise.resolve();
  expect(state.instruments[0]?.bidPx).toBe(101.5);
  expect(runner.metricsSnapshot()).toMatchObject({ quotesReceived: 3, quotesConflated: 2, marketPending: 0 });
  ledger.close();
});

test('one press is one act, however often it is delivered', async () => {
  const { runner, ledger, path } = rig();
  runner.start();
  const kill = commandOf('kill');
  const [first, second] = await Promise.all([runner.command(kill), runner.command(kill)]);
  const third = await runner.command(kill);
  expect(second).toBe(first);
  expect(third).toBe(first);
  expect(await runner.command(commandOf('kill'))).toMatchObject({ code: 'applied', receipt: { changed: false } });
  expect(journalOf(path).filter((event) => event.type === 'operator')).toHaveLength(2);
  ledger.close();
});

test('a refused command says why and is journaled', async () => {
  const { runner, ledger, path } = rig();
  runner.start();
  await runner.command(commandOf('kill'));
  const outcome = await runner.command(commandOf('reset'));
  expect(outcome).toMatchObject({ code: 'not-allowed' });
  expect(outcome.code === 'not-allowed' && outcome.conditions.length).toBeGreaterThan(0);
  expect(journalOf(path).at(-1)).toMatchObject({ type: 'operator', command: { kind: 'reset' } });
  ledger.close();
});

test('kill and pause outlive a restart; the engine starts halted and asks again', async () => {
  const first = rig();
  first.runner.start();
  await first.runner.command(commandOf('kill', 'fire'));
  await first.runner.command(commandOf('pause', 'lunch'));
  // No stop: the process dies here. Closing lets the lease go, which a dead process would lose as well.
  first.ledger.close();
  const second = rig({ path: first.path });
  second.runner.start();
  expect(second.state.kill).toMatchObject({ reason: 'fire', verifiedUnixMs: null });
  expect(second.state.pause).toMatchObject({ reason: 'lunch' });
  expect(second.state.trading).toBe('halted');
  expect(second.sink.dispatched[0]?.effects[0]).toEqual({ type: 'set-gate', gate: 'reducing' });
  expect(second.sink.dispatched[0]?.effects).toContainEqual({ type: 'announce-mode', mode: 'close_only' });
  expect(second.ledger.events(null, 50).map((row) => row.text)).toContainEqual(expect.stringContaining('did not end cleanly'));
  second.ledger.close();
});

test('the event log of the ledger has the very rows and keys of the live one', async () => {
  const { runner, ledger, state } = rig();
  runner.start();
  await runner.command(commandOf('pause'));
  runner.offer({ type: 'limit-crossed', limit: 'body', detail: '70 KiB' });
  runner.drain();
  const live = state.notes.map(({ id, row }) => ({ id, ...row })).toReversed();
  expect(live.length).toBeGreaterThan(2);
  expect(ledger.events(null, 100)).toEqual(live);
  ledger.close();
});

test('a clean stop commits `stopping`, ends the run and leaves nothing to note', async () => {
  const { runner, ledger, path } = rig();
  runner.start();
  await runner.stop('asked to');
  expect(journalOf(path).at(-1)).toMatchObject({ type: 'stopping', why: 'asked to' });
  expect(runner.offer({ type: 'timer' })).toBe('full');
  expect(await runner.command(commandOf('kill'))).toMatchObject({ code: 'busy' });
  ledger.close();
  const again = openLedger({ path, clock: handClock(), owner: 'next' });
  expect(again.beginRun(smallSettings(), '1').recovered).toMatchObject({
    previousRunEndedCleanly: true,
    notes: [],
  });
  again.close();
});

test('a full control queue refuses, keeps room for commands, and folds its losses into one event', async () => {
  const { runner, ledger, path, clock } = rig();
  runner.start();
  for (let i = 0; i < MAX_CONTROL_EVENTS; i += 1) expect(runner.offer({ type: 'timer' })).toBe('taken');
  for (let i = 0; i < 10; i += 1) expect(runner.offer({ type: 'timer' })).toBe('full');
  const killed = runner.command(commandOf('kill'));
  expect(runner.metricsSnapshot()).toMatchObject({ controlDepth: MAX_CONTROL_EVENTS + 1, controlDropped: 10 });
  runner.drain();
  expect(await killed).toMatchObject({ code: 'applied' });
  const crossed = () => journalOf(path).filter((event) => event.type === 'limit-crossed');
  expect(crossed()).toMatchObject([{ limit: 'control-queue', detail: expect.stringContaining('10 events were dropped') }]);
  for (let i = 0; i < MAX_CONTROL_EVENTS + 3; i += 1) runner.offer({ type: 'timer' });
  runner.drain();
  expect(crossed()).toHaveLength(1);
  clock.advanceMs(1_001);
  runner.offer({ type: 'timer' });
  runner.drain();
  expect(crossed()).toHaveLength(2);
  ledger.close();
});

test('commands beyond their own queue are answered busy, and can be tried again', async () => {
  const { runner, ledger } = rig();
  runner.start();
  const taken = Array.from({ length: MAX_OPERATOR_COMMANDS }, () => runner.command(commandOf('pause')));
  const late = commandOf('kill');
  expect(await runner.command(late)).toMatchObject({ code: 'busy' });
  await Promise.all(taken);
  expect(await runner.command(late)).toMatchObject({ code: 'applied' });
  ledger.close();
});

test('a ledger fault halts trading, is shown, keeps the picture moving, and an operator kill is answered honestly', async () => {
  let broken = false;
  const { runner, ledger, state, sink, clock } = rig({
    faulty: (real): Ledger => ({
      ...real,
      commit: (...args) => {
        if (broken) throw full();
        real.commit(...args);
      },
    }),
  });
  runner.start();
  sink.dispatched.length = 0;
  broken = true;
  runner.offer({ type: 'limit-crossed', limit: 'body', detail: 'x' });
  runner.drain();
  expect(state.trading).toBe('halted');
  expect(state.kill).toMatchObject({ source: 'engine', reason: expect.stringContaining('disk is full') });
  expect(runner.figures().ledgerFault).toContain('disk is full');
  // Only what restricts may leave without a commit.
  expect(sink.dispatched.flatMap(({ effects }) => effects)).toEqual(
    expect.arrayContaining([
      { type: 'announce-mode', mode: 'close_only' },
      { type: 'set-gate', gate: 'reducing' },
    ]),
  );
  expect(sink.locks[0]).toContain('disk is full');
  quoteTo(runner, clock, 0, 250);
  runner.drain();
  expect(state.instruments[0]?.bidPx).toBe(249.5);
  expect(await runner.command(commandOf('kill'))).toEqual({
    code: 'ledger-fault',
    fault: expect.stringMatching(/disk is full.*holds in memory/),
  });
  expect(await runner.command(commandOf('reset'))).toMatchObject({ code: 'ledger-fault' });
  expect(state.trading).toBe('halted');
  broken = false;
  // Room again: the stop is committed, but the run stays faulted: its journal has a hole.
  expect(await runner.command(commandOf('kill'))).toMatchObject({ code: 'applied' });
  expect(runner.figures().ledgerFault).toContain('disk is full');
  ledger.close();
});

test('what was not committed may restrict, but never release', () => {
  let broken = false;
  const { runner, ledger, sink } = rig({
    step: (state, event) => {
      const result = step(state, event);
      return event.type === 'limit-crossed' ? { ...result, effects: [{ type: 'announce-mode', mode: 'normal' }] } : result;
    },
    faulty: (real) => ({
      ...real,
      commit: (...args) => {
        if (broken) throw full();
        real.commit(...args);
      },
    }),
  });
  runner.start();
  const released = () =>
    sink.dispatched.flatMap(({ effects }) => effects).filter((effect) => effect.type === 'announce-mode' && effect.mode === 'normal');
  const before = released().length;
  broken = true;
  runner.offer({ type: 'limit-crossed', limit: 'x', detail: '' });
  runner.drain();
  expect(released()).toHaveLength(before);
  expect(sink.dispatched.at(-1)?.effects).toContainEqual({ type: 'announce-mode', mode: 'close_only' });
  ledger.close();
});

test('samples that cannot be written halt trading too', () => {
  const { runner, ledger, state, clock } = rig({
    faulty: (real) => ({
      ...real,
      appendSamples: () => {
        throw full();
      },
    }),
  });
  runner.start();
  for (let i = 0; i < 3_000 && state.kill === null; i += 1) {
    clock.advanceMs(1_000);
    runner.offer({ type: 'timer' });
    runner.drain();
  }
  expect(state.kill).toMatchObject({ source: 'engine' });
  ledger.close();
});

test('a broken invariant is journaled with its event, halts trading durably, and cannot be reset in this run', async () => {
  let armed = false;
  const { runner, ledger, state, path } = rig({
    step: (s, event) => {
      if (armed && event.type === 'timer') {
        armed = false;
        throw new InvariantViolation('residual without a group');
      }
      return step(s, event);
    },
  });
  runner.start();
  armed = true;
  runner.offer({ type: 'timer' });
  runner.drain();
  expect(state.kill).toMatchObject({ source: 'engine', reason: expect.stringContaining('residual without a group') });
  expect(journalOf(path).map((event) => event.type)).toEqual(['started', 'timer', 'operator']);
  expect(await runner.command(commandOf('reset'))).toMatchObject({ code: 'not-allowed', conditions: [expect.stringContaining('restart')] });
  ledger.close();
  const again = rig({ path });
  again.runner.start();
  expect(again.state.kill).toMatchObject({ source: 'engine' });
  again.ledger.close();
});

test('an engine that fails at everything stops stepping market data after a bounded number of failures', () => {
  let steps = 0;
  const { runner, ledger, clock } = rig({
    step: (state, event) => {
      if (event.type === 'started') return step(state, event);
      steps += 1;
      throw new InvariantViolation('always');
    },
  });
  runner.start();
  for (let i = 0; i < 3 * MAX_STEP_FAILURES; i += 1) {
    quoteTo(runner, clock, 0, 100 + i);
    runner.drain();
  }
  expect(steps).toBeLessThanOrEqual(MAX_STEP_FAILURES + 2);
  expect(runner.metricsSnapshot().marketPending).toBe(0);
  ledger.close();
});

test('no start on a ledger that cannot take the start', () => {
  const { runner, ledger } = rig({
    faulty: (real) => ({
      ...real,
      commit: () => {
        throw full();
      },
    }),
  });
  expect(() => runner.start()).toThrow(LedgerFault);
  ledger.close();
});

test('effects that were carried out are marked done at the next tick, and a ledger that is gone then halts', async () => {
  const { runner, ledger, sink, path, clock, state } = rig();
  runner.start();
  for (const { reply } of sink.dispatched) reply.done();
  runner.tick();
  runner.drain();
  await runner.command(commandOf('kill'));
  ledger.close();
  const again = openLedger({ path, clock, owner: 'b' });
  const { undoneEffects } = again.beginRun(smallSettings(), '1').recovered;
  expect(undoneEffects).toContainEqual({ type: 'announce-mode', mode: 'close_only' });
  expect(undoneEffects).not.toContainEqual({ type: 'announce-mode', mode: 'normal' });
  again.close();
  sink.dispatched.at(-1)?.reply.done();
  runner.tick();
  expect(runner.figures().ledgerFault).toContain('not open');
  expect(state.trading).toBe('halted');
});

test('its own timer offers one timer event at a time and keeps the lease', async () => {
  const ticks: number[] = [];
  const { runner, ledger } = rig({
    selfTimed: true,
    step: (state, event) => (event.type === 'timer' && ticks.push(event.seq), step(state, event)),
  });
  const renew = vi.spyOn(ledger, 'renewLease');
  runner.start();
  await expect.poll(() => ticks.length).toBeGreaterThan(2);
  expect(renew).not.toHaveBeenCalled();
  await runner.stop('done');
  ledger.close();
});
