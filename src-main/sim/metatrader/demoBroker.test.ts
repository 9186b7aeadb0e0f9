import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEMO_INSTRUMENTS } from '../market/instruments.ts';
import { DEMO_ACCOUNT } from '../tape/tapeWorld.ts';
import { createServerClock } from './broker/clock.ts';
import { emptyRequest } from './broker/records.ts';
import { DEMO_DEPOSIT, openDemoBroker } from './demoBroker.ts';
import { openLineFile } from './lineFile.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'demo-broker-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const LOGIN = Number(DEMO_ACCOUNT.login);
const clock = createServerClock(() => Date.UTC(2026, 5, 2, 10), [{ fromUtcMs: 0, offsetS: 7_200 }]);
const open = (habits = { partialShare: 0, requoteShare: 0 }) => {
  const server = openDemoBroker({
    instruments: DEMO_INSTRUMENTS,
    account: DEMO_ACCOUNT,
    clock,
    seed: 3,
    file: join(folder, 'broker.jsonl'),
    habits,
  });
  server.setQuote('XAUUSD', '4000.10', '4000.40');
  return server;
};
const buy = (lots = '0.1') => ({ ...emptyRequest, action: 1, symbol: 'XAUUSD', volume: lots, filling: 1, magic: 5 });

describe("the demo's broker", () => {
  it('remembers everything across a death in the middle of a line, and opens the account once', () => {
    const before = open();
    const { order } = before.request(LOGIN, buy());
    appendFileSync(join(folder, 'broker.jsonl'), '[{"kind":"account","account":{"login"');
    const after = open();
    expect([...after.dump()]).toEqual([...before.dump()]);
    expect(after.accountBook(LOGIN).positions.get(order)!.volume).toBe('0.1');
    expect(after.accountBook(LOGIN).account.balance).toBe(String(Number(DEMO_DEPOSIT) - 0.35));
    expect(after.request(LOGIN, buy()).order).toBeGreaterThan(order);
  });

  it('does not guess at a damaged book', () => {
    open();
    const path = join(folder, 'broker.jsonl');
    appendFileSync(path, 'x\n');
    expect(() => open()).toThrow(SyntaxError);
    expect(readFileSync(path, 'utf8').endsWith('x\n')).toBe(true);
  });

  it('fills in part or requotes now and then, never more than asked', () => {
    const server = open({ partialShare: 0.3, requoteShare: 0.3 });
    const answers = Array.from({ length: 200 }, () => server.request(LOGIN, buy('0.03')));
    const share = (code: number) => answers.filter((a) => a.retcode === code).length / answers.length;
    for (const code of [10_010, 10_004]) expect(share(code)).toBeGreaterThan(0.2);
    for (const a of answers) expect(Number(a.volume)).toBeLessThanOrEqual(0.03);
    expect(answers.every((a) => [10_004, 10_009, 10_010].includes(a.retcode))).toBe(true);
    // The least volume cannot be halved.
    const least = Array.from({ length: 50 }, () => server.request(LOGIN, buy('0.01')).retcode);
    expect(least).not.toContain(10_010);
  });
});

describe('a file of lines', () => {
  it('keeps what was appended, replaces whole, and keeps nothing without a path', () => {
    const path = join(folder, 'deeper', 'lines.jsonl');
    openLineFile(path).append({ a: 1 });
    openLineFile(path).append({ a: 2 });
    expect(openLineFile(path).before).toEqual([{ a: 1 }, { a: 2 }]);
    openLineFile(path).rewrite([3]);
    expect(openLineFile(path).before).toEqual([3]);
    const none = openLineFile(null);
    none.append(1);
    expect(none.before).toEqual([]);
  });
});
