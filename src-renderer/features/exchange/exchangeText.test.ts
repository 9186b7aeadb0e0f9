import { describe, expect, it } from 'vitest';
import type { ExchangeReport } from '../../../src-shared/domain/exchange.ts';
import { fixtureAccountChecks, fixtureExchange, fixtureLive } from '../../fixtureExchange.testkit.ts';
import { checklistText, climbProgress, rungPlace, rungText, worstCaseText } from '../live/liveText.ts';
import {
  budgetText,
  budgetTone,
  checkFigures,
  checkName,
  checksBrief,
  checksText,
  deadManScope,
  deadManText,
  ENVIRONMENT_WORDS,
  entryLamp,
  fullest,
  isDeadManShown,
  keyExpiryText,
  orderedChecks,
  clockTone,
  ordersLamp,
  ordersWhy,
  otherAccount,
  pressing,
} from './exchangeText.ts';

const NOW = 1_795_000_000_000;
const report = (fields: Partial<ExchangeReport> = {}) => fixtureExchange(NOW, fields);
const passing = fixtureAccountChecks().filter(({ state }) => state === 'pass');

describe('an exchange account in words', () => {
  it('says its world in a word of its own', () => {
    expect(Object.values(ENVIRONMENT_WORDS).map(([word]) => word)).toEqual(['simulated', 'demo', 'LIVE']);
    expect(new Set(Object.values(ENVIRONMENT_WORDS).map(([, tone]) => tone)).size).toBe(3);
  });

  it('lights nothing that was not read, and never calls a failing account up', () => {
    expect(ordersLamp({ orderLink: 'up', exchange: report({ checks: passing }) })).toMatchObject({ tone: 'is-live', word: 'up' });
    expect(ordersLamp({ orderLink: 'up', exchange: report() })).toMatchObject({ tone: 'is-wait', word: 'some pairs' });
    const down = report({ entry: { up: false, detail: '60009 login failed' } });
    expect(ordersLamp({ orderLink: 'down', exchange: down })).toMatchObject({ tone: 'is-bad', title: '60009 login failed' });
    expect(entryLamp(down)).toMatchObject({ tone: 'is-bad', word: 'down' });
    expect(ordersLamp({ orderLink: 'up', exchange: null })).toMatchObject({ tone: '', word: 'paper' });
  });

  it('says beside a dark lamp why, a failing check before the link that follows it', () => {
    const down = { entry: { up: false, detail: 'refused by the venue: 60007 Invalid sign' } };
    expect(ordersWhy({ orderLink: 'up', exchange: report(down) })).toBeNull();
    expect(ordersWhy({ orderLink: 'down', exchange: null })).toBeNull();
    expect(ordersWhy({ orderLink: 'down', exchange: report(down) })).toMatch(/^Leverage · XAU-USDT-SWAP: Set the leverage/);
    expect(ordersWhy({ orderLink: 'down', exchange: report({ ...down, checks: passing }) })).toBe(down.entry.detail);
    const deaf = report({ checks: passing, stream: { up: false, detail: 'connecting' } });
    expect(ordersWhy({ orderLink: 'down', exchange: deaf })).toBe('connecting');
    expect([clockTone(null), clockTone(-5_000), clockTone(-5_001)]).toEqual(['', '', 'tone-error strong']);
  });

  it('tells the account of another from every other failing check', () => {
    const other = { ...fixtureAccountChecks()[0]!, code: 'account', state: 'fail' } as const;
    expect(otherAccount(fixtureAccountChecks())).toBeNull();
    expect(otherAccount([...passing, { ...other, state: 'pass' }])).toBeNull();
    expect(otherAccount([...passing, other])).toBe(other);
  });

  it('counts checks by state, the worst first, with both figures and the exchange’s code', () => {
    const checks = fixtureAccountChecks();
    expect(checksText(checks)).toBe('6 of 9 pass · 1 fail · 1 warn · 1 waiting');
    expect(checksBrief(checks)).toBe('6/9 · 1 fail');
    expect(checksBrief(passing)).toBe('6/6');
    expect([checksText([]), checksBrief([])]).toEqual(['not read yet', 'not read yet']);
    const [first] = orderedChecks(checks);
    expect(first).toMatchObject({ code: 'leverage', state: 'fail' });
    expect(checkName(first!)).toBe('Leverage · XAU-USDT-SWAP');
    expect(checkFigures(first!)).toBe('configured at least 20 · venue 10 · code 51000');
  });

  it('counts the dead-man timer down by the venue’s clock, and says when it could not be set', () => {
    const { deadMan } = report();
    expect(deadManText(deadMan, NOW)).toEqual(['52.0 s left', 'strong']);
    expect(deadManText(deadMan, NOW + 60_000)).toEqual(['0 ms left', 'strong']);
    expect(deadManText({ ...deadMan, armed: false, firesUnixMs: null, detail: 'stable' }, NOW)[0]).toBe('off, nothing rests');
    expect(deadManText({ ...deadMan, armed: false, firesUnixMs: null, detail: 'failed: 51071' }, NOW)).toEqual([
      'failed: 51071',
      'tone-error strong',
    ]);
    const failed = { ...deadMan, armed: false, detail: 'failed: 51071' };
    expect([deadMan, failed, { ...deadMan, armed: false, detail: '' }].map(isDeadManShown)).toEqual([true, true, false]);
    expect(deadManText({ ...deadMan, supported: false }, NOW)[0]).toBe('none here');
  });

  it('says where the timer takes more than our own orders', () => {
    expect(['okx', 'binance-usdm', 'binance-spot'].map(deadManScope)).toEqual([
      null,
      'cancels every open order of its symbols, yours too',
      null,
    ]);
  });

  it('shows the fullest allowance, and a silence that was asked for', () => {
    const { budgets } = report();
    expect(fullest(budgets)?.name).toBe('account');
    expect(fullest([])).toBeNull();
    expect(fullest([{ ...budgets[0]!, used: 1, max: 1 }])).toBeNull();
    expect([pressing(budgets, NOW)?.name, pressing(budgets, NOW + 30_000)?.name, pressing([budgets[0]!], NOW)]).toEqual([
      'queries',
      'account',
      null,
    ]);
    expect(budgetText(budgets[2]!, NOW)).toBe('4 / 60 · silent 30.0 s');
    expect(budgetText(budgets[2]!, NOW + 30_000)).toBe('4 / 60');
    expect(budgets.map((budget) => budgetTone(budget, NOW))).toEqual(['tone-dim', 'tone-warn', 'tone-error strong']);
  });

  it('counts a key down, in colour when it ends soon', () => {
    expect(keyExpiryText(null, NOW)).toBeNull();
    expect(keyExpiryText(NOW - 1, NOW)).toEqual(['expired', 'tone-error strong']);
    expect(keyExpiryText(NOW + 14 * 86_400_000 - 1, NOW)?.[1]).toBe('tone-warn');
    expect(keyExpiryText(NOW + 14 * 86_400_000, NOW)?.[1]).toBe('tone-dim');
  });
});

describe('real money in words', () => {
  it('places the rung, and what is missing to the next', () => {
    const live = fixtureLive();
    expect([rungPlace(live), climbProgress(live)]).toEqual(['rung 1 of 4 · venue minimum', '5 of 5 closed well']);
    const last = fixtureLive({ rung: 3 });
    expect([rungText(last.rungs[3]!), climbProgress(last)]).toEqual(['up to $5\u202f000 a group', null]);
  });

  it('never shows what could not be computed as a figure', () => {
    expect(worstCaseText({ worstCaseUsd: null })).toBe('cannot be said now');
    expect(worstCaseText({ worstCaseUsd: 1_214 })).toBe('$1\u202f214');
    expect(checklistText([])).toBe('nothing shown yet');
    expect(checklistText(fixtureLive().checklist)).toBe('4 of 4 shown');
  });
});
