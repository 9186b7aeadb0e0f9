/** Press and hold as a table: every phase against every event, and no way to fire but by holding. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOLD_IDLE, HOLD_MS, holdProgress, stepHold, type HoldEffect, type HoldEvent, type HoldPhase } from './holdMachine.ts';

const PHASES = {
  idle: HOLD_IDLE,
  holding: { at: 'holding', by: 'pointer', sinceMs: 1_000 },
  held: { at: 'held', by: 'pointer' },
} as const satisfies Record<string, HoldPhase>;

const EVENTS = {
  down: { kind: 'down', by: 'pointer', nowMs: 1_100 },
  keyDown: { kind: 'down', by: 'key', nowMs: 1_100 },
  upEarly: { kind: 'up', by: 'pointer', nowMs: 1_000 + HOLD_MS - 1 },
  upLate: { kind: 'up', by: 'pointer', nowMs: 1_000 + HOLD_MS },
  otherUp: { kind: 'up', by: 'key', nowMs: 1_000 + HOLD_MS },
  abort: { kind: 'abort' },
  soon: { kind: 'clock', nowMs: 1_000 + HOLD_MS - 1 },
  late: { kind: 'clock', nowMs: 1_000 + HOLD_MS },
} as const satisfies Record<string, HoldEvent>;

type PhaseName = keyof typeof PHASES;
type EventName = keyof typeof EVENTS;

/** Only what moves; every pair not named leaves the phase as it was and does nothing. */
const TABLE: Record<PhaseName, Partial<Record<EventName, readonly [HoldPhase['at'], HoldEffect | null]>>> = {
  idle: { down: ['holding', 'begin'], keyDown: ['holding', 'begin'] },
  holding: {
    upEarly: ['idle', 'early'],
    // The clock may be late in a busy page; the finger was not.
    upLate: ['idle', 'fire'],
    abort: ['idle', 'early'],
    late: ['held', 'fire'],
  },
  held: { upEarly: ['idle', null], upLate: ['idle', null], abort: ['idle', null] },
};

const cells = (Object.keys(PHASES) as PhaseName[]).flatMap((phase) =>
  (Object.keys(EVENTS) as EventName[]).map((event) => [phase, event] as const),
);

describe('stepHold', () => {
  it.each(cells)('%s × %s', (phase, event) => {
    const expected = TABLE[phase][event];
    const step = stepHold(PHASES[phase], EVENTS[event]);
    if (expected === undefined) expect(step).toEqual({ phase: PHASES[phase], effect: null });
    else expect([step.phase.at, step.effect]).toEqual(expected);
  });

  it('fires at most once a press, and never before the whole time was held', () => {
    const by = fc.constantFrom('pointer', 'key');
    const gap = fc.integer({ min: 0, max: 2_000 });
    const happening = fc.oneof(
      fc.record({ kind: fc.constant('down'), by, gap }),
      fc.record({ kind: fc.constant('up'), by, gap }),
      fc.record({ kind: fc.constant('abort'), gap }),
      fc.record({ kind: fc.constant('clock'), gap }),
    );
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => {
        let phase: HoldPhase = HOLD_IDLE;
        let nowMs = 0;
        let begunMs: number | null = null;
        for (const { gap: waited, ...event } of happenings) {
          nowMs += waited;
          const step = stepHold(phase, { ...event, nowMs } as HoldEvent);
          if (step.effect === 'begin') begunMs = nowMs;
          if (step.effect === 'fire') {
            expect(begunMs).not.toBeNull();
            expect(nowMs - (begunMs ?? 0)).toBeGreaterThanOrEqual(HOLD_MS);
            begunMs = null;
          }
          if (step.effect === 'early') begunMs = null;
          phase = step.phase;
        }
      }),
    );
  });
});

describe('holdProgress', () => {
  it('goes from nothing to all', () => {
    expect(holdProgress(HOLD_IDLE, 99)).toBe(0);
    expect(holdProgress(PHASES.holding, 1_000 + HOLD_MS / 2)).toBe(0.5);
    expect(holdProgress(PHASES.holding, 99_000)).toBe(1);
    expect(holdProgress(PHASES.held, 0)).toBe(1);
  });
});
