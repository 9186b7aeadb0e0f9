/** The life of one press of KILL, as a table: every phase against every event. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BAD_NEWS_SHOWN_MS,
  KILL_READY,
  LATCH_SHOWN_WITHIN_MS,
  PRESS_LIFE_MS,
  stepKill,
  type KillEffect,
  type KillEvent,
  type KillPhase,
} from './killMachine.ts';

const RECEIPT = { committedUnixMs: 1, engineMs: 2, changed: true };
const PHASES = {
  ready: KILL_READY,
  requested: { at: 'requested', requestId: 'one', pressedMs: 1_000 },
  unconfirmed: { at: 'unconfirmed', requestId: 'one', pressedMs: 1_000, why: 'no link to the engine' },
  latched: { at: 'latched', requestId: 'one', acknowledgement: RECEIPT, acknowledgedMs: 1_100, roundTripMs: 100, shown: false },
  shown: { at: 'latched', requestId: 'one', acknowledgement: RECEIPT, acknowledgedMs: 1_100, roundTripMs: 100, shown: true },
  refused: { at: 'refused', why: 'ledger', sinceMs: 1_200 },
  forgotten: { at: 'forgotten', why: 'no link to the engine', sinceMs: 11_000 },
} as const satisfies Record<string, KillPhase>;

const EVENTS = {
  pressUp: { kind: 'press', requestId: 'two', nowMs: 2_000, linkUp: true },
  pressDown: { kind: 'press', requestId: 'two', nowMs: 2_000, linkUp: false },
  ack: { kind: 'acknowledged', requestId: 'one', nowMs: 1_250, acknowledgement: RECEIPT },
  ackOfOther: { kind: 'acknowledged', requestId: 'old', nowMs: 1_250, acknowledgement: RECEIPT },
  undelivered: { kind: 'undelivered', requestId: 'one', why: 'closed' },
  refused: { kind: 'refused', requestId: 'one', nowMs: 1_200, why: 'ledger' },
  linkUp: { kind: 'link', up: true },
  linkDown: { kind: 'link', up: false },
  retryUp: { kind: 'retry', linkUp: true },
  retryDown: { kind: 'retry', linkUp: false },
  soon: { kind: 'clock', nowMs: 1_000 + PRESS_LIFE_MS - 1 },
  late: { kind: 'clock', nowMs: 1_000 + PRESS_LIFE_MS },
  muchLater: { kind: 'clock', nowMs: 11_000 + BAD_NEWS_SHOWN_MS },
  killed: { kind: 'engineRow', killed: true },
  notKilled: { kind: 'engineRow', killed: false },
} as const satisfies Record<string, KillEvent>;

type PhaseName = keyof typeof PHASES;
type EventName = keyof typeof EVENTS;
type Expected = Partial<Record<EventName, readonly [KillPhase['at'], KillEffect | null]>>;

/** Only what moves; every pair not named must leave the phase as it was and do nothing. */
const TABLE: Record<PhaseName, Expected> = {
  ready: { pressUp: ['requested', 'send'], pressDown: ['unconfirmed', null] },
  requested: {
    pressUp: ['requested', null],
    pressDown: ['unconfirmed', null],
    ack: ['latched', null],
    undelivered: ['unconfirmed', null],
    refused: ['refused', null],
    linkDown: ['unconfirmed', null],
    late: ['forgotten', 'abandon'],
    muchLater: ['forgotten', 'abandon'],
  },
  unconfirmed: {
    pressUp: ['requested', 'send'],
    pressDown: ['unconfirmed', null],
    ack: ['latched', null],
    refused: ['refused', null],
    linkUp: ['requested', 'send'],
    retryUp: ['requested', 'send'],
    late: ['forgotten', 'abandon'],
    muchLater: ['forgotten', 'abandon'],
  },
  latched: {
    pressUp: ['requested', 'send'],
    pressDown: ['unconfirmed', null],
    soon: ['ready', null],
    late: ['ready', null],
    muchLater: ['ready', null],
    killed: ['latched', null],
  },
  shown: { pressUp: ['requested', 'send'], pressDown: ['unconfirmed', null], notKilled: ['ready', null] },
  refused: { pressUp: ['requested', 'send'], pressDown: ['unconfirmed', null], killed: ['ready', null], muchLater: ['ready', null] },
  forgotten: { pressUp: ['requested', 'send'], pressDown: ['unconfirmed', null], killed: ['ready', null], muchLater: ['ready', null] },
};

const cells = (Object.keys(PHASES) as PhaseName[]).flatMap((phase) =>
  (Object.keys(EVENTS) as EventName[]).map((event) => [phase, event] as const),
);

describe('stepKill', () => {
  it.each(cells)('%s × %s', (phaseName, eventName) => {
    const before = PHASES[phaseName];
    const step = stepKill(before, EVENTS[eventName]);
    const expected = TABLE[phaseName][eventName];
    if (expected === undefined) expect(step).toEqual({ phase: before, effect: null });
    else expect([step.phase.at, step.effect]).toEqual(expected);
  });

  it('keeps the request id through loss and return of the link: one press is one act', () => {
    let step = stepKill(KILL_READY, { kind: 'press', requestId: 'one', nowMs: 0, linkUp: true });
    step = stepKill(step.phase, { kind: 'link', up: false });
    step = stepKill(step.phase, { kind: 'link', up: true });
    expect(step).toEqual({ phase: { at: 'requested', requestId: 'one', pressedMs: 0 }, effect: 'send' });
  });

  it('renews the ten seconds, not the act, when the operator presses again', () => {
    const again = stepKill(PHASES.unconfirmed, EVENTS.pressUp).phase;
    expect(again).toEqual({ at: 'requested', requestId: 'one', pressedMs: 2_000 });
    expect(stepKill(again, { kind: 'clock', nowMs: 2_000 + PRESS_LIFE_MS - 1 }).phase.at).toBe('requested');
  });

  it('measures the round trip from the press', () => {
    expect(stepKill(PHASES.requested, EVENTS.ack).phase).toMatchObject({ at: 'latched', roundTripMs: 250, shown: false });
  });

  it('waits for the engine row before it believes a reset', () => {
    expect(stepKill(PHASES.latched, { kind: 'clock', nowMs: 1_100 + LATCH_SHOWN_WITHIN_MS - 1 }).phase.at).toBe('latched');
    expect(stepKill(PHASES.latched, EVENTS.notKilled).phase.at).toBe('latched');
  });
});

const anyEvent: fc.Arbitrary<KillEvent> = fc
  .constantFrom(...Object.values(EVENTS))
  .filter((event) => event.kind !== 'press' && event.kind !== 'clock');

describe('a forgotten press', () => {
  it('is never sent again, whatever happens short of a new press', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
        let phase: KillPhase = stepKill(PHASES.unconfirmed, EVENTS.late).phase;
        for (const event of events) {
          const step = stepKill(phase, event);
          expect(step.effect).toBeNull();
          phase = step.phase;
        }
      }),
    );
  });

  it('was sent only within ten seconds of the press', () => {
    const timed = fc.array(fc.tuple(fc.integer({ min: 0, max: 3_000 }), anyEvent), { maxLength: 40 });
    fc.assert(
      fc.property(timed, (steps) => {
        let nowMs = 0;
        let phase = stepKill(KILL_READY, { kind: 'press', requestId: 'one', nowMs, linkUp: false }).phase;
        for (const [pauseMs, event] of steps) {
          nowMs += pauseMs;
          phase = stepKill(phase, { kind: 'clock', nowMs }).phase;
          const step = stepKill(phase, event);
          if (step.effect === 'send') expect(nowMs).toBeLessThan(PRESS_LIFE_MS);
          phase = step.phase;
        }
      }),
    );
  });
});
