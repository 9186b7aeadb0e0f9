/** When the console may look alive, as a table. */
import { describe, expect, it } from 'vitest';
import { LINK_AT_START, SILENT_AFTER_MS, stepLink, type LinkEvent, type LinkPhase, type LinkView } from './linkMachine.ts';

const VIEWS: Record<LinkPhase, LinkView> = {
  connecting: LINK_AT_START,
  live: { phase: 'live', attempt: 0, why: null, lastFrameMs: 1_000, retryAtMs: null },
  silent: { phase: 'silent', attempt: 0, why: null, lastFrameMs: 1_000, retryAtMs: null },
  waiting: { phase: 'waiting', attempt: 2, why: 'closed', lastFrameMs: 1_000, retryAtMs: 9_000 },
};

const EVENTS: Record<string, LinkEvent> = {
  opening: { kind: 'opening' },
  frame: { kind: 'frame', nowMs: 2_000 },
  ended: { kind: 'ended', why: 'gone', retryAtMs: 5_000 },
  soon: { kind: 'clock', nowMs: 1_000 + SILENT_AFTER_MS - 1 },
  late: { kind: 'clock', nowMs: 1_000 + SILENT_AFTER_MS },
};

describe('stepLink', () => {
  it.each<[LinkPhase, string, LinkPhase]>([
    ['connecting', 'opening', 'connecting'],
    ['connecting', 'frame', 'live'],
    ['connecting', 'ended', 'waiting'],
    ['connecting', 'late', 'connecting'],
    ['live', 'frame', 'live'],
    ['live', 'ended', 'waiting'],
    ['live', 'soon', 'live'],
    ['live', 'late', 'silent'],
    ['silent', 'frame', 'live'],
    ['silent', 'ended', 'waiting'],
    ['silent', 'late', 'silent'],
    ['waiting', 'opening', 'connecting'],
    ['waiting', 'frame', 'waiting'],
    ['waiting', 'ended', 'waiting'],
    ['waiting', 'late', 'waiting'],
  ])('%s × %s → %s', (phase, event, next) => {
    expect(stepLink(VIEWS[phase], EVENTS[event] as LinkEvent).phase).toBe(next);
  });

  it('counts failures until a frame comes, and keeps the reason of the last one', () => {
    const failed = stepLink(VIEWS.waiting, { kind: 'ended', why: 'gone', retryAtMs: 5_000 });
    expect(failed).toMatchObject({ attempt: 3, why: 'gone', retryAtMs: 5_000 });
    const opening = stepLink(failed, { kind: 'opening' });
    expect(opening).toMatchObject({ attempt: 3, why: 'gone', retryAtMs: null });
    expect(stepLink(opening, { kind: 'frame', nowMs: 3_000 })).toMatchObject({ attempt: 0, why: null, lastFrameMs: 3_000 });
  });

  it('remembers when the last frame came while the link is down', () => {
    expect(stepLink(VIEWS.live, { kind: 'ended', why: 'gone', retryAtMs: 5_000 }).lastFrameMs).toBe(1_000);
  });
});
