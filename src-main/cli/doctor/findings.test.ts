/** Every line that the doctor can draw from what the engine says: each failure, and its one fix. */
import { describe, expect, it } from 'vitest';
import type { TerminalCheck, TerminalReport } from '../../../src-shared/domain/metatrader.ts';
import type { MetatraderReport } from '../../../src-shared/domain/venueLink.ts';
import { NO_STATUS, type EngineStatus } from '../../hosts/status.ts';
import type { StandingLeg, StandingPair, TerminalStanding } from '../../hosts/terminalStanding.ts';
import { engineFindings } from './engineFindings.ts';
import { findingsOf, findingText, type Finding } from './finding.ts';
import { MAX_MID_DIFFERENCE, pairFinding, terminalFindings } from './terminalFindings.ts';

/** One line that does not pass has one sentence, one that passes none. */
const hasOneFix = ({ state, fix }: Finding): boolean =>
  state === 'pass' ? fix === '' : /^[A-Z][^\n]*\.$/.test(fix) && !/\.\s+[A-Z]/.test(fix);

const running: EngineStatus = {
  ...NO_STATUS,
  engine: 'running',
  source: 'engine',
  version: '1.2.3',
  mode: 'demo',
  tradingState: 'active',
};
const WANTED = { version: '1.2.3', mode: 'demo', start: 'quant-arb run' };
const latch = { latchedUnixMs: 1, source: 'cli' as const, by: 'ann', reason: 'drill' };
const engineWith = (status: Partial<EngineStatus>) =>
  engineFindings({ code: 'answered', status: { ...running, ...status }, url: 'http://127.0.0.1:8787', pid: 7 }, WANTED);

describe('the engine', () => {
  it('passes while it runs, is ours, and nothing stops it', () => {
    const found = engineWith({});
    expect(found.map(({ code, state }) => [code, state])).toEqual([
      ['engine', 'pass'],
      ['engine-version', 'pass'],
      ['stops', 'pass'],
    ]);
  });

  it.each([
    [{ code: 'not-running', why: 'nobody listens' }, 'Start it: quant-arb run.'],
    [{ code: 'not-answering', why: 'no answer' }, 'Look at the engine’s output; end and start it if it stays silent.'],
    [{ code: 'refused', why: '401' }, 'Start the engine once more: its secrets and this directory’s differ.'],
  ] as const)('%j', (asked, fix) => {
    expect(engineFindings(asked, WANTED)).toEqual([
      { code: 'engine', venue: null, label: 'Engine', state: 'fail', detail: asked.why, fix },
    ]);
  });

  it.each([
    [{ version: '1.2.2' }, 'engine-version', 'Restart the engine: it runs an older installation.'],
    [{ mode: 'paper' }, 'engine-mode', 'Restart the engine with this configuration.'],
    [{ ledgerFault: 'disk full' }, 'ledger-fault', 'Do what the message says, then restart the engine.'],
    [
      { kill: { ...latch, level: 'kill' as const, verifiedUnixMs: null, remaining: [] } },
      'stops',
      'Reset the stop in the console when its cause is gone.',
    ],
    [{ pause: latch }, 'stops', 'Press Resume in the console.'],
    [{ tradingState: 'reducing' as const }, 'stops', 'Look at the banner of the console: it names the rule.'],
  ])('%j', (status, code, fix) => {
    const failing = engineWith(status).filter(({ state }) => state !== 'pass');
    expect(failing).toMatchObject([{ code, state: 'fail', fix }]);
  });
});

const check = (code: TerminalCheck['code'], state: TerminalCheck['state'] = 'pass', fix = ''): TerminalCheck => ({
  code,
  label: code,
  state,
  detail: 'd',
  fix,
});
const side = (over: Partial<TerminalReport> = {}): TerminalReport => ({
  trading: true,
  why: '',
  mode: 'normal',
  accountKind: 'demo',
  marginFree: '1',
  openPositions: 0,
  openLots: '0',
  liveCommands: 0,
  quarantined: 0,
  checks: [check('hello'), check('gates')],
  tickToEngine: null,
  toPickup: null,
  toAck: null,
  toDeal: null,
  ...over,
});
const report = (over: Partial<MetatraderReport> = {}): MetatraderReport => ({
  sessionId: 's',
  epoch: 4,
  quoteOnly: false,
  gates: 'ok',
  login: '1',
  server: 'S',
  company: 'C',
  currency: 'USD',
  marginMode: 'hedging',
  terminalBuild: '5320',
  eaVersion: '1.0',
  declaredUtcOffsetS: 7_200,
  pingUs: 1,
  equity: '1',
  httpUsMax: 1,
  terminal: side(),
  ...over,
});
const terminal = (over: Partial<TerminalStanding> = {}): TerminalStanding => ({
  venueId: 'mt5',
  label: 'Broker',
  simulated: false,
  link: 'live',
  linkDetail: '1 at S',
  quoteAgeMs: 10,
  orderLink: 'up',
  reconciled: 'yes',
  reconcileDetail: '',
  disabled: null,
  report: report(),
  pairs: [],
  ...over,
});
const failing = (standing: TerminalStanding) => terminalFindings(standing).filter(({ state }) => state !== 'pass');

describe('a terminal that trades', () => {
  it('passes with the engine’s own lines, the order link and the books', () => {
    expect(terminalFindings(terminal()).map(({ code, state, venue }) => [code, state, venue])).toEqual([
      ['hello', 'pass', 'mt5'],
      ['gates', 'pass', 'mt5'],
      ['orders', 'pass', 'mt5'],
      ['reconciled', 'pass', 'mt5'],
    ]);
  });

  it('hands on each line of the hand-shake that does not pass, with the engine’s fix; orders only follow', () => {
    const checks = [check('hello'), check('gates', 'fail', 'Press the button.'), check('snapshot', 'waiting', 'Wait.')];
    const found = failing(
      terminal({ orderLink: 'down', report: report({ terminal: side({ trading: false, why: 'Algo Trading is off', checks }) }) }),
    );
    expect(found.map(({ code, state, fix }) => [code, state, fix])).toEqual([
      ['gates', 'fail', 'Press the button.'],
      ['snapshot', 'waiting', 'Wait.'],
      ['orders', 'waiting', 'Mend the lines above first: this one follows them.'],
    ]);
  });

  it.each([
    [{ orderLink: 'down' as const }, 'orders', 'fail'],
    [{ report: report({ terminal: side({ trading: false, why: 'not yet' }) }) }, 'orders', 'fail'],
    [{ reconciled: 'failed' as const, reconcileDetail: '0.10 and 0.20' }, 'reconciled', 'fail'],
    [{ reconciled: 'never' as const }, 'reconciled', 'waiting'],
    [{ report: report({ terminal: side({ quarantined: 2 }) }) }, 'quarantined', 'fail'],
    [{ disabled: '5 errors' }, 'disabled', 'fail'],
  ])('%j', (over, code, state) => {
    const found = failing(terminal(over));
    expect(found).toMatchObject([{ code, state }]);
    expect(found.every(hasOneFix)).toBe(true);
  });
});

describe('a terminal that only brings quotes', () => {
  const quotes = (over: Partial<MetatraderReport> = {}, link: Partial<TerminalStanding> = {}) =>
    terminal({ report: report({ terminal: null, ...over }), ...link });

  it('passes on paper, whatever the EA may do', () => {
    expect(failing(quotes({ gates: 'algo_trading_off' }, { orderLink: 'up' }))).toEqual([]);
  });

  it.each([
    [terminal({ report: null }), 'waiting', 'no EA has said hello'],
    [quotes({ sessionId: null }), 'waiting', 'no EA has said hello'],
    [quotes({ sessionId: null, quoteOnly: true }), 'fail', 'without a session'],
    [quotes({}, { link: 'down', linkDetail: 'silent for 5 s' }), 'fail', 'silent for 5 s'],
  ])('%#', (standing, state, detail) => {
    const found = failing(standing);
    expect(found).toMatchObject([{ code: 'hello', state, detail: expect.stringContaining(detail) }]);
    expect(found.every(hasOneFix)).toBe(true);
  });
});

const leg = (over: Partial<StandingLeg> = {}): StandingLeg => ({
  instrumentId: 'XAUUSD@mt5',
  metadata: 'ok',
  baseCcy: 'XAU',
  quoteCcy: 'USD',
  baseQtyPerUnit: '100',
  qtyStep: '0.01',
  minQty: '0.01',
  midPx: 100,
  ...over,
});
const pair = (over: Partial<StandingPair> = {}): StandingPair => ({
  pairId: 'xau',
  own: leg(),
  other: leg({ instrumentId: 'XAU-SWAP@okx', quoteCcy: 'USDT', baseQtyPerUnit: '0.001', qtyStep: '1', minQty: '1' }),
  identity: '1.00 lot XAUUSD = 100 XAU = 100,000 contracts XAU-SWAP',
  commonStepBaseQty: '1',
  conversion: 'fixed at 1: both are dollars',
  ...over,
});

describe('what a lot is', () => {
  it('passes with its identity, its least size and the currencies named', () => {
    expect(pairFinding('mt5', pair())).toMatchObject({
      state: 'pass',
      detail: '1.00 lot XAUUSD = 100 XAU = 100,000 contracts XAU-SWAP; least 1 XAU; USD and USDT, fixed at 1: both are dollars',
    });
    expect(pairFinding('mt5', pair({ other: leg({ baseCcy: 'GOLD' }) })).detail).toContain('; named XAU and GOLD; both in USD');
  });

  it.each([
    [pair({ own: leg({ metadata: 'awaited' }) }), 'waiting', 'XAUUSD@mt5 is not described'],
    [pair({ other: leg({ instrumentId: 'X@okx', metadata: 'awaited' }) }), 'waiting', 'X@okx is not described'],
    [pair({ own: leg({ metadata: 'baseQtyPerUnit is 10, expected 100' }) }), 'fail', 'is 10, expected 100'],
    [pair({ identity: null }), 'waiting', 'not described'],
    [pair({ commonStepBaseQty: null }), 'fail', 'no size fits'],
    [pair({ other: leg({ midPx: 100 * (1 + MAX_MID_DIFFERENCE) + 0.01 }) }), 'fail', 'is at'],
  ])('%#', (standing, state, detail) => {
    const found = pairFinding('mt5', standing);
    expect(found).toMatchObject({ code: 'notional', state, detail: expect.stringContaining(detail) });
    expect(hasOneFix(found)).toBe(true);
  });

  it('compares prices only where they are known and in one currency, up to the bound itself', () => {
    for (const other of [
      leg({ midPx: 100 * (1 + MAX_MID_DIFFERENCE) }),
      leg({ midPx: 100 / (1 + MAX_MID_DIFFERENCE) + 1e-9 }),
      leg({ midPx: null }),
      leg({ midPx: 16_000, quoteCcy: 'JPY' }),
    ])
      expect(pairFinding('mt5', pair({ other })).state).toBe('pass');
  });
});

it('prints the fix on a line of its own, only where there is one', () => {
  const { pass, fail } = findingsOf(null);
  expect(findingText(pass('a', 'Port', '8787 is free'))).toBe('  pass     Port                     8787 is free');
  expect(findingText(fail('a', 'Port', 'taken', 'End it.'))).toBe('  FAIL     Port                     taken\n           → End it.');
});
