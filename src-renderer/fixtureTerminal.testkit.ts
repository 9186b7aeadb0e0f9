/** What the stand-in engine says of its MetaTrader terminal: the report with every state of a check, and a command of every state. Tests only. */
import type { ClientOrderId, InstrumentId, VenueId } from '../src-shared/domain/ids.ts';
import type { CommandRow, CommandState, TerminalCheck, TerminalReport } from '../src-shared/domain/metatrader.ts';

const check = (code: TerminalCheck['code'], label: string, detail: string, fix = '', state: TerminalCheck['state'] = 'pass') => ({
  code,
  label,
  state: fix === '' ? state : state === 'pass' ? ('fail' as const) : state,
  detail,
  fix,
});

/** Eleven pass and the snapshot is awaited. */
export const fixtureChecks = (): readonly TerminalCheck[] => [
  check('hello', 'Hello', 'epoch 3, boot 5a1e09c4'),
  check('version', 'Versions', 'EA 1.0, protocol 1, terminal build 5320'),
  check('account', 'Account', '50123456 at Demo-Server'),
  check('account-mode', 'Account mode', 'hedging'),
  check('account-kind', 'Account kind', 'demo'),
  check('gates', 'Trading allowed', 'ok'),
  check('symbols', 'Symbols', 'XAUUSD 100 XAU a lot, XAGUSD 5000 XAG a lot'),
  check('offset', 'Server time', 'UTC+2 declared, +2 h measured'),
  check('filling', 'Filling', 'XAUUSD IOC, XAGUSD FOK'),
  check('sessions', 'Trading hours', 'received for 2 of 2 symbols'),
  check('limits', 'Limits of the EA', '0.50 lots a command, 2.00 in all, 30 commands a minute, opening allowed'),
  check('snapshot', 'Reconciled', 'snapshot 4 asked for', 'Wait a few seconds: the EA reads twice, one second apart.', 'waiting'),
];

export const fixtureTerminal = (fields: Partial<TerminalReport> = {}): TerminalReport => ({
  trading: true,
  why: '',
  mode: 'normal',
  accountKind: 'demo',
  marginFree: '9731.20',
  openPositions: 2,
  openLots: '0.03',
  liveCommands: 1,
  quarantined: 1,
  checks: fixtureChecks(),
  tickToEngine: { p50: 1.4, p95: 6.2, count: 48_211 },
  toPickup: { p50: 11.8, p95: 24.1, count: 212 },
  toAck: { p50: 131, p95: 268, count: 212 },
  toDeal: { p50: 144, p95: 301, count: 118 },
  ...fields,
});

export const commandRow = (nowMs: number, agoMs: number, state: CommandState, fields: Partial<CommandRow> = {}): CommandRow => {
  const queuedUnixMs = nowMs - agoMs;
  return {
    venueId: 'mt5-demo' as VenueId,
    commandId: `01JD${String(agoMs).padStart(22, '0')}`,
    kind: 'open',
    magic: 1_600_000_000_000 + Math.max(0, 900 - Math.floor(agoMs / 1_000)),
    clientOrderId: 'qgxau4a01' as ClientOrderId,
    instrumentId: 'XAUUSD@mt5-demo' as InstrumentId,
    side: 'sell',
    lots: '0.01',
    state,
    why: '',
    deliveries: 1,
    retcode: 10_009,
    order: '70012345',
    cumLots: '0.01',
    avgPx: '2651.42',
    queuedUnixMs,
    deliveredUnixMs: queuedUnixMs + 12,
    acknowledgedUnixMs: queuedUnixMs + 139,
    firstDealUnixMs: queuedUnixMs + 151,
    endedUnixMs: queuedUnixMs + 151,
    brokerMs: 118,
    quarantine: null,
    ...fields,
  };
};

const NOTHING_DONE = { retcode: null, order: null, cumLots: '0', avgPx: null, firstDealUnixMs: null, brokerMs: null } as const;
const UNSENT = { ...NOTHING_DONE, deliveries: 0, deliveredUnixMs: null, acknowledgedUnixMs: null } as const;

/** One command of every state, newest first, and one that contradicted itself. */
export const fixtureCommands = (nowMs: number): readonly CommandRow[] => [
  commandRow(nowMs, 40, 'queued', { ...UNSENT, endedUnixMs: null }),
  commandRow(nowMs, 90, 'leased', { ...NOTHING_DONE, acknowledgedUnixMs: null, endedUnixMs: null }),
  commandRow(nowMs, 200, 'received', { ...NOTHING_DONE, endedUnixMs: null }),
  commandRow(nowMs, 310, 'sending', { ...NOTHING_DONE, endedUnixMs: null, side: 'buy', kind: 'close' }),
  commandRow(nowMs, 900, 'accepted', { ...NOTHING_DONE, retcode: 10_008, order: '70012399', endedUnixMs: null }),
  commandRow(nowMs, 6_000, 'unknown', {
    ...NOTHING_DONE,
    retcode: 10_012,
    deliveries: 2,
    endedUnixMs: null,
    why: '10012: no answer of the broker in time; history is being read',
  }),
  commandRow(nowMs, 9_000, 'done', {
    ...NOTHING_DONE,
    kind: 'query',
    magic: null,
    instrumentId: null,
    side: null,
    lots: null,
    retcode: null,
    clientOrderId: null,
  }),
  commandRow(nowMs, 193_000, 'done'),
  commandRow(nowMs, 264_000, 'partial', {
    lots: '0.05',
    cumLots: '0.03',
    retcode: 10_010,
    why: '0.03 of 0.05 lots: the rest found no price',
  }),
  commandRow(nowMs, 301_000, 'rejected', { ...NOTHING_DONE, retcode: 10_019, why: '10019: not enough money' }),
  commandRow(nowMs, 402_000, 'expired', { ...NOTHING_DONE, why: 'its time passed before the EA began' }),
  commandRow(nowMs, 480_000, 'canceled', { ...UNSENT, why: 'revoked: kill by operator' }),
  commandRow(nowMs, 611_000, 'not-executed', {
    ...NOTHING_DONE,
    retcode: 10_031,
    why: 'absent in 3 reads of orders, deals and positions over 15 s',
  }),
  commandRow(nowMs, 702_000, 'done', {
    cumLots: '0.02',
    lots: '0.01',
    quarantine: 'the EA reported 0.02 lots of a command of 0.01',
  }),
];
