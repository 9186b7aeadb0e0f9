import { describe, expect, it } from 'vitest';
import type { Secrets } from '../../adapters/secrets/secrets.ts';
import { basicOf } from '../app.testkit.ts';
import { createPeerBudgets } from './budgets.ts';
import { createSignIn, MAX_ONE_TIME_LINKS, ONE_TIME_LINK_MS, SESSION_MS, SIGN_IN_RATE } from './signIn.ts';

const secrets: Secrets = {
  version: 1,
  mt5Token: 'a'.repeat(43),
  mt5Key: 'b'.repeat(43),
  password: 'the-password',
  cookieSecret: 'c'.repeat(43),
  killToken: 'd'.repeat(43),
  readToken: 'e'.repeat(43),
};

const setUp = () => {
  const time = { ms: 1_790_000_000_000 };
  const clock = { monoUs: () => time.ms * 1_000, unixMs: () => time.ms };
  let rotations = 0;
  const signIn = createSignIn({
    clock,
    secrets,
    rotate: (before) => ({ ...before, cookieSecret: `${'d'.repeat(43)}${(rotations += 1)}` }),
  });
  const cookie = (port = 8_787): string => signIn.cookie(port, false).split(';')[0] as string;
  return { time, clock, signIn, cookie };
};

describe('session cookies', () => {
  it('are good until their time, at the edge', () => {
    const { time, signIn, cookie } = setUp();
    const header = cookie();
    const end = time.ms + SESSION_MS;
    expect(signIn.sessionEnd(8_787, header)).toBe(end);
    time.ms = end - 1;
    expect(signIn.sessionEnd(8_787, header)).toBe(end);
    time.ms = end;
    expect(signIn.sessionEnd(8_787, header)).toBeNull();
  });

  it('are found among others, and worthless on another port, changed in any character, or with another key', () => {
    const { signIn, cookie } = setUp();
    const header = cookie();
    expect(signIn.sessionEnd(8_787, `theme=dark; ${header}; x=y`)).not.toBeNull();
    expect(signIn.sessionEnd(8_788, header.replace('8787', '8788'))).toBeNull();
    const value = header.indexOf('=') + 1;
    for (let i = value; i < header.length; i += 1) {
      const changed = header.slice(0, i) + (header[i] === '1' ? '2' : '1') + header.slice(i + 1);
      expect(signIn.sessionEnd(8_787, changed)).toBeNull();
    }
    signIn.signOutEverybody();
    expect(signIn.sessionEnd(8_787, header)).toBeNull();
    expect(signIn.sessionEnd(8_787, cookie())).not.toBeNull();
  });

  it.each([
    undefined,
    '',
    'quant-arb-8787',
    'quant-arb-8787=',
    'quant-arb-8787=..',
    'quant-arb-8787=9999999999999.x.y',
    `x=${'y'.repeat(9_000)}`,
  ])('are not made of %j', (header) => {
    expect(setUp().signIn.sessionEnd(8_787, header)).toBeNull();
  });

  it('are Secure where the page came over TLS', () => {
    expect(setUp().signIn.cookie(1, true)).toContain('; Secure');
    expect(setUp().signIn.clearedCookie(1, false)).toContain('Max-Age=0');
  });
});

describe('one-time links', () => {
  it('work once, for an hour, and only so many at a time', () => {
    const { time, signIn } = setUp();
    const token = signIn.oneTimeToken();
    expect([signIn.redeem('p', token), signIn.redeem('p', token)]).toEqual(['ok', 'wrong']);
    const late = signIn.oneTimeToken();
    time.ms += ONE_TIME_LINK_MS;
    expect(signIn.redeem('p', late)).toBe('wrong');
    const first = signIn.oneTimeToken();
    const rest = Array.from({ length: MAX_ONE_TIME_LINKS }, () => signIn.oneTimeToken());
    expect(signIn.redeem('q', first)).toBe('wrong');
    expect(signIn.redeem('q', rest[0] as string)).toBe('ok');
  });
});

describe('passwords', () => {
  it('are limited by peer, recover with time, and one peer does not lock out another', () => {
    const { time, signIn } = setUp();
    for (let i = 0; i < SIGN_IN_RATE.burst; i += 1) expect(signIn.password('p', 'x')).toBe('wrong');
    expect(signIn.password('p', secrets.password)).toBe('too-many');
    expect(signIn.password('q', secrets.password)).toBe('ok');
    time.ms += 12_000;
    expect(signIn.password('p', secrets.password)).toBe('ok');
  });

  it('by Basic Auth need the right user and password, whatever the shape', () => {
    const { signIn } = setUp();
    expect(signIn.basic('p', basicOf(secrets.password))).toBe('ok');
    expect(signIn.basic('p', undefined)).toBeNull();
    let peer = 0;
    for (const header of [
      basicOf('x'),
      basicOf(secrets.password, 'root'),
      'Basic',
      'Basic ====',
      `Basic ${btoa('operator')}`,
      `Bearer ${btoa('operator:the-password')}`,
      `Basic ${'A'.repeat(2_000)}`,
    ])
      expect([header, signIn.basic(`peer-${(peer += 1)}`, header)]).toEqual([header, 'wrong']);
  });
});

describe('peer budgets', () => {
  it('hold at the edge, refill evenly, and forget the peer unheard longest', () => {
    let us = 0;
    const budgets = createPeerBudgets({ perSecond: 2, burst: 3 }, { monoUs: () => us, unixMs: () => 0 }, 2);
    expect([budgets.take('a'), budgets.take('a'), budgets.take('a'), budgets.take('a')]).toEqual([true, true, true, false]);
    us += 499_999;
    expect(budgets.take('a')).toBe(false);
    us += 1;
    expect([budgets.take('a'), budgets.take('a')]).toEqual([true, false]);
    budgets.take('b');
    budgets.take('c');
    expect(budgets.size).toBe(2);
    expect(budgets.has('a')).toBe(true);
  });
});
