/** The three states are named only when they were reached. */
import { describe, expect, it } from 'vitest';
import type { KillLatch } from '../../../src-shared/domain/tradingState.ts';
import type { KillPhase } from './killMachine.ts';
import { killStateText } from './killText.ts';

const LATCHED: KillLatch = {
  level: 'kill',
  latchedUnixMs: Date.UTC(2026, 10, 22, 14, 2, 11),
  source: 'http',
  by: 'night desk',
  reason: '',
  verifiedUnixMs: null,
  remaining: [],
};
const ACKNOWLEDGED: KillPhase = {
  at: 'latched',
  requestId: 'x',
  acknowledgement: { committedUnixMs: 0, engineMs: 1.83, changed: true },
  acknowledgedMs: 0,
  roundTripMs: 4,
  shown: true,
};

describe('killStateText', () => {
  it.each<[string, KillPhase, KillLatch | null, string]>([
    ['nothing happened', { at: 'ready' }, null, ''],
    ['waiting', { at: 'requested', requestId: 'x', pressedMs: 700 }, null, 'REQUESTED · waiting 300 ms'],
    ['acknowledged before the row shows it', ACKNOWLEDGED, null, 'REQUESTED → LATCHED 1.8 ms'],
    ['latched, not verified', ACKNOWLEDGED, LATCHED, 'REQUESTED → LATCHED 1.8 ms → verifying…'],
    [
      'something remains',
      ACKNOWLEDGED,
      { ...LATCHED, remaining: ['okx: 1 order'] },
      'REQUESTED → LATCHED 1.8 ms → REMAINING: okx: 1 order',
    ],
    ['verified', ACKNOWLEDGED, { ...LATCHED, verifiedUnixMs: LATCHED.latchedUnixMs + 12 }, 'REQUESTED → LATCHED 1.8 ms → VERIFIED 12 ms'],
    ['killed elsewhere', { at: 'ready' }, LATCHED, 'LATCHED 14:02:11Z → verifying…'],
    ['no link', { at: 'unconfirmed', requestId: 'x', pressedMs: 0, why: 'closed' }, null, 'UNCONFIRMED · retrying for 9 s · closed'],
    ['given up', { at: 'forgotten', why: 'closed', sinceMs: 0 }, null, 'NOT CONFIRMED · the press was dropped after 10 s · closed'],
    ['refused', { at: 'refused', why: 'the ledger is full', sinceMs: 0 }, null, 'REFUSED · the ledger is full'],
  ])('%s', (_, phase, latch, text) => {
    expect(killStateText(phase, latch, 1_000)).toBe(text);
  });

  it('never says LATCHED or VERIFIED of a press that nobody acknowledged', () => {
    for (const phase of [
      { at: 'requested', requestId: 'x', pressedMs: 0 },
      { at: 'unconfirmed', requestId: 'x', pressedMs: 0, why: '' },
      { at: 'forgotten', why: '', sinceMs: 0 },
      { at: 'refused', why: '', sinceMs: 0 },
    ] as const) {
      expect(killStateText(phase, null, 5)).not.toMatch(/LATCHED|VERIFIED/);
    }
  });
});
