/** What the oracle holds a cooldown to: as long as it was first said, on the clock that never jumps. */
import { describe, expect, test } from 'vitest';
import { Cooldowns, type Moment } from './cooldowns.ts';

const HOUR = 3_600_000;
const FENCE = { pairId: 'gold', kind: 'loss' };
const at = (ms: number, jumpedMs = 0): Moment => ({ monoUs: ms * 1_000, unixMs: 1_000_000 + ms + jumpedMs });
const until = (ms: number, jumpedMs = 0): number => 1_000_000 + ms + jumpedMs;
const endMs = (cooldowns: Cooldowns): number => cooldowns.fences.get('gold loss')!.endsUs / 1_000;

const fenced = (): Cooldowns => {
  const cooldowns = new Cooldowns();
  cooldowns.saidFences([{ ...FENCE, untilUnixMs: until(60_000) }], at(0));
  return cooldowns;
};

describe('a fence', () => {
  test.each([
    ['left out of a later list', [], at(1_000), 60_000],
    ['said again after a jump, not yet moved', [{ ...FENCE, untilUnixMs: until(60_000) }], at(1_000, HOUR), 60_000],
    ['moved with the wall clock', [{ ...FENCE, untilUnixMs: until(60_000, HOUR) }], at(1_000, HOUR), 60_000],
    ['shortened', [{ ...FENCE, untilUnixMs: until(20_000) }], at(1_000), 60_000],
    ['set anew', [{ ...FENCE, untilUnixMs: until(100_000) }], at(40_000), 100_000],
  ])('%s', (_what, fences, when, expected) => {
    const cooldowns = fenced();
    cooldowns.saidFences(fences, when);
    expect(endMs(cooldowns)).toBe(expected);
  });

  test.each([
    ['as long as it was', at(10_000), 60_000],
    ['by the wall clock no shorter', at(10_000, -HOUR), 60_000],
    ['over by the wall clock, which is all that a new life has', at(10_000, HOUR), 10_000],
    ['half over by the wall clock', at(10_000, 20_000), 40_000],
  ])('after a restart: %s', (_what, when, expected) => {
    const cooldowns = fenced();
    cooldowns.restarted(() => 60_000, when);
    expect(endMs(cooldowns)).toBe(expected);
  });
});

describe('a disablement', () => {
  const streak = { scope: 'all', code: 'losing-streak', sinceUnixMs: until(0), untilUnixMs: until(60_000) };
  const errors = { scope: 'venue:okx', code: 'venue-errors', sinceUnixMs: until(0), untilUnixMs: null };
  const scopes = (cooldowns: Cooldowns): readonly string[] => cooldowns.disablements.map(({ scope }) => scope);

  test('that is missing in a later list holds until its end, unless a person lifted it', () => {
    const cooldowns = new Cooldowns();
    cooldowns.saidDisablements([streak, errors], false, at(0));
    cooldowns.saidDisablements([], false, at(1_000, HOUR));
    expect(scopes(cooldowns)).toEqual(['all', 'venue:okx']);
    cooldowns.saidDisablements([streak], true, at(2_000));
    expect(scopes(cooldowns)).toEqual(['all']);
    cooldowns.saidDisablements([], false, at(60_000));
    expect(scopes(cooldowns)).toEqual([]);
  });

  test('without an end has none after a restart, and one with an end no more than its whole', () => {
    const cooldowns = new Cooldowns();
    cooldowns.saidDisablements([streak, errors], false, at(0));
    cooldowns.restarted(() => 0, at(10_000, -HOUR));
    expect(cooldowns.disablements.map(({ endsUs }) => endsUs)).toEqual([60_000_000, Number.POSITIVE_INFINITY]);
  });
});
