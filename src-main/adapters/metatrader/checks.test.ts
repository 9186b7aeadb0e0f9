import { describe, expect, it } from 'vitest';
import type { InstrumentId, VenueId } from '../../../src-shared/domain/ids.ts';
import type { InstrumentSettings } from '../../../src-shared/domain/settings.ts';
import { gateInWords, linkChecks, mergedChecks, ZONE_TOLERANCE_MS, type LinkFacts } from './checks.ts';
import { quotesHelloSchema } from './helloWire.ts';
import { goldSymbol, helloBody } from './metatrader.testkit.ts';

const settings = {
  id: 'XAUUSD@mt5' as InstrumentId,
  venueId: 'mt5' as VenueId,
  symbol: 'XAUUSD',
  kind: 'cfd',
  expected: { baseQtyPerUnit: '100', quoteCcy: 'USD' },
} as InstrumentSettings;
const facts = (own: Partial<LinkFacts> = {}, symbol: Record<string, unknown> = {}): LinkFacts => ({
  hello: {
    login: '123456',
    server: 'Broker-Demo',
    eaVersion: '1.0.0',
    terminalBuild: '5955',
    symbols: quotesHelloSchema.parse({ ...helloBody(), symbols: [{ ...goldSymbol, ...symbol }] }).symbols,
  },
  alive: true,
  refused: null,
  gates: 'ok',
  instruments: [{ index: 0, settings }],
  declaredOffsetMs: 10_800_000,
  measured: { offsetMs: 10_799_400, uncertaintyMs: 20 },
  ...own,
});
const line = (code: string, given: LinkFacts) => linkChecks(given).find((check) => check.code === code);

it('all pass, with their figures, when all is well', () => {
  expect(linkChecks(facts()).map(({ code, state, detail, fix }) => [code, state, detail, fix])).toEqual([
    ['hello', 'pass', '123456 at Broker-Demo', ''],
    ['version', 'pass', 'protocol 1, EA 1.0.0, terminal build 5955', ''],
    ['gates', 'pass', 'trading is allowed', ''],
    ['symbols', 'pass', '1 lot of XAUUSD = 100 XAU, priced in USD', ''],
    ['offset', 'pass', 'measured UTC+3.00 h, off by 0.6 s; declared UTC+3.00 h', ''],
    ['sessions', 'pass', 'XAUUSD 5 windows a week', ''],
  ]);
});

it('all wait, each with what to do, while no EA has spoken', () => {
  const lines = linkChecks(facts({ hello: null, gates: null, declaredOffsetMs: null, measured: null, alive: false }));
  expect(lines.map(({ state }) => state)).toEqual(Array(6).fill('waiting'));
  expect(lines.every(({ fix }) => fix.endsWith('.'))).toBe(true);
});

describe('each fails alone, saying what and how to mend it', () => {
  it.each<[string, string, LinkFacts]>([
    ['hello', 'fallen silent', facts({ alive: false })],
    ['hello', 'this is account 1', facts({ refused: { code: 'account', text: 'this is account 1' } })],
    ['version', 'speaks protocol 2', facts({ refused: { code: 'version', text: 'the EA speaks protocol 2' } })],
    ['gates', 'Algo Trading is off', facts({ gates: 'algo_trading_off' })],
    ['symbols', 'does not offer XAUUSD', facts({}, { name: 'XAUUSD.m' })],
    ['symbols', 'baseQtyPerUnit is 10, configured is 100', facts({}, { contract_size: 10 })],
    ['symbols', 'quoteCcy is EUR', facts({}, { profit: 'EUR' })],
    ['symbols', 'XAUUSD is close only', facts({}, { trade_mode: 3 })],
    ['offset', 'no zone is there', facts({ measured: { offsetMs: 10_800_000 + ZONE_TOLERANCE_MS + 1, uncertaintyMs: 1 } })],
    ['offset', 'no zone is there', facts({ measured: { offsetMs: 15 * 3_600_000, uncertaintyMs: 1 } })],
    ['offset', 'disagree', facts({ measured: { offsetMs: 7_200_000, uncertaintyMs: 1 } })],
    ['sessions', 'no trading hours for XAUUSD', facts({}, { sessions: [] })],
    ['sessions', 'no trading hours for XAUUSD', facts({}, { sessions: [[1, 5, 5]] })],
  ])('%s: %s', (code, detail, given) => {
    expect(line(code, given)).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining(detail),
      fix: expect.stringMatching(/^[A-Z].*\.$/),
    });
    expect(linkChecks(given).filter((check) => check.state === 'fail').length).toBe(1);
  });

  it('an offset at the edge of what a clock may miss passes', () => {
    expect(line('offset', facts({ measured: { offsetMs: 10_800_000 - ZONE_TOLERANCE_MS, uncertaintyMs: 1 } }))?.state).toBe('pass');
  });

  it('without a fresh tick the offset waits, with what is declared', () => {
    expect(line('offset', facts({ measured: null }))).toMatchObject({
      state: 'waiting',
      detail: expect.stringContaining('declared UTC+3.00 h'),
    });
  });
});

it.each([
  'disconnected',
  'algo_trading_off',
  'ea_trading_off',
  'account_trading_off',
  'account_experts_off',
  'account_changed',
  'close_only_input',
  'unsigned_engine',
])('has words for the gate %s, and a fix', (gate) => {
  expect(gateInWords(gate).what).not.toContain(gate);
  expect(gateInWords(gate).fix).toMatch(/^[A-Z].*\.$/);
});

it('tells an unknown gate as it is', () => {
  expect(gateInWords('new_gate').what).toContain('new_gate');
});

it('merges with the lines of the desk: each code once, in the order one works through them', () => {
  const own = linkChecks(facts());
  const desk = (['snapshot', 'account', 'hello'] as const).map((code) => ({
    code,
    label: code,
    state: 'pass' as const,
    detail: 'desk',
    fix: '',
  }));
  const merged = mergedChecks(own, desk);
  expect(merged.map(({ code }) => code)).toEqual(['hello', 'version', 'account', 'gates', 'symbols', 'sessions', 'offset', 'snapshot']);
  expect(merged[0]?.detail).toBe('123456 at Broker-Demo');
});
