/** What the stand-in engine says of its exchange accounts: every state of a check, busy allowances, a timer, refusals, keys. Tests only. */
import type { KeysStanding, KeyStanding } from '../src-shared/contract/keys.ts';
import type { AccountCheck, ExchangeReport } from '../src-shared/domain/exchange.ts';
import type { InstrumentId } from '../src-shared/domain/ids.ts';
import { livePhraseOf, type LiveReport } from '../src-shared/domain/live.ts';

const check = (code: AccountCheck['code'], label: string, fields: Partial<AccountCheck> = {}): AccountCheck => ({
  code,
  instrumentId: null,
  state: 'pass',
  label,
  configured: null,
  reported: null,
  venueCode: null,
  fix: '',
  ...fields,
});
const XAU = 'XAU-USDT-SWAP@okx' as InstrumentId;

export const fixtureAccountChecks = (): readonly AccountCheck[] => [
  check('key', 'Key', { reported: 'accepted', venueCode: '0' }),
  check('trading-right', 'May trade', { reported: 'read_only,trade' }),
  check('withdrawal-right', 'May not withdraw', { reported: 'no' }),
  check('ip-binding', 'Bound to an address', {
    state: 'warn',
    reported: 'any address',
    fix: 'Bind the key to this computer’s address at OKX.',
  }),
  check('position-mode', 'Position mode', { configured: 'net', reported: 'net_mode' }),
  check('leverage', 'Leverage', {
    instrumentId: XAU,
    state: 'fail',
    configured: 'at least 20',
    reported: '10',
    venueCode: '51000',
    fix: 'Set the leverage of XAU-USDT-SWAP to 20 at OKX, or raise initialMarginRate.',
  }),
  check('fees', 'Taker fee', { instrumentId: XAU, configured: '5 bps', reported: '5 bps' }),
  check('metadata', 'Contract', { instrumentId: XAU, configured: '0.001', reported: '0.001' }),
  check('price-band', 'Price band', { instrumentId: XAU, state: 'waiting', fix: 'Wait a few seconds: it is asked again.' }),
];

export const fixtureExchange = (nowUnixMs: number, fields: Partial<ExchangeReport> = {}): ExchangeReport => ({
  environment: 'demo',
  region: 'global',
  entry: { up: true, detail: 'logged in at wspap.okx.com' },
  stream: { up: true, detail: 'orders, positions, account' },
  checks: fixtureAccountChecks(),
  deadMan: { supported: true, armed: true, firesUnixMs: nowUnixMs + 52_000, detail: 'refreshed' },
  budgets: [
    { name: 'orders', used: 12, max: 60, windowMs: 2_000, quietUntilUnixMs: null },
    { name: 'account', used: 812, max: 1_000, windowMs: 2_000, quietUntilUnixMs: null },
    { name: 'queries', used: 4, max: 60, windowMs: 2_000, quietUntilUnixMs: nowUnixMs + 30_000 },
  ],
  keyExpiresUnixMs: nowUnixMs + 9 * 86_400_000,
  toAck: { p50: 14.2, p95: 31, count: 482 },
  toFill: { p50: 17.9, p95: 44, count: 480 },
  rejects: [
    { code: '51008', text: 'Order failed. Insufficient USDT balance in account.', count: 3 },
    { code: '51121', text: 'Order quantity must be a multiple of the lot size.', count: 1 },
  ],
  ...fields,
});

const key = (venueId: string, label: string, protocol: string, fields: Partial<KeyStanding> = {}): KeyStanding => ({
  venueId,
  label,
  protocol,
  environment: 'demo',
  region: 'global',
  state: 'none',
  source: 'no key: none was entered at this desktop',
  stored: false,
  atNextStart: false,
  ...fields,
});

export const fixtureKeys = (): KeysStanding => ({
  storable: true,
  why: '',
  venues: [
    key('okx', 'OKX', 'okx', { state: 'found', source: 'keys.sealed.json, sealed by gnome_libsecret (demo, HMAC)', stored: true }),
    key('binance-usdm', 'Binance USD-M', 'binance-usdm'),
  ],
});

export const fixtureLive = (fields: Partial<LiveReport> = {}): LiveReport => ({
  checklist: [
    { code: 'doctor', state: 'pass', label: 'Doctor', detail: 'everything passed 12 min ago', fix: '' },
    { code: 'kill-drill', state: 'pass', label: 'Kill drill', detail: 'pressed 3 days ago, verified after 1.1 s', fix: '' },
    { code: 'rehearsal-groups', state: 'pass', label: 'Rehearsal', detail: '31 hedges closed, 20 needed', fix: '' },
    { code: 'keys', state: 'pass', label: 'Keys proved', detail: 'every venue answered to its key, and none may withdraw', fix: '' },
  ],
  checkedUnixMs: Date.now(),
  phrase: livePhraseOf(
    [
      { venueId: 'mt5', name: 'MetaTrader 5 12345678@Broker-Live' },
      { venueId: 'okx', name: 'OKX hedge-1' },
    ],
    214,
  ),
  worstCaseUsd: 214,
  worstCaseWhy: '3 groups of at most $400, each unwound at 30 bps beyond both spreads, and the day’s loss limit of $200',
  rung: 0,
  rungs: [
    { maxNotionalUsd: null, groups: 5 },
    { maxNotionalUsd: 1_000, groups: 10 },
    { maxNotionalUsd: 2_500, groups: 20 },
    { maxNotionalUsd: 5_000, groups: 20 },
  ],
  groupsOnRung: 5,
  climbConditions: [],
  ...fields,
});
