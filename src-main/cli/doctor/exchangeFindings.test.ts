import { describe, expect, it } from 'vitest';
import { configSchema, type ExchangeVenueConfig } from '../../../src-shared/config/schema.ts';
import type { AccountCheck, ExchangeReport } from '../../../src-shared/domain/exchange.ts';
import type { InstrumentId } from '../../../src-shared/domain/ids.ts';
import type { ExchangeStanding } from '../../hosts/exchangeStanding.ts';
import { testConfig } from '../../hosts/app.testkit.ts';
import { BUSY_SHARE, exchangeFindings } from './exchangeFindings.ts';
import { findingText } from './finding.ts';

const NOW = 1_795_000_000_000;
const okx = {
  id: 'okx',
  label: 'OKX',
  protocol: 'okx' as const,
  urls: { rest: 'https://openapi.okx.com', stream: 'wss://wspap.okx.com:8443/ws/v5' },
  orders: { environment: 'demo' as const },
};
const venueOf = (over: object = {}): ExchangeVenueConfig => {
  const { venues } = configSchema.parse({ ...testConfig(), mode: 'demo', venues: [...testConfig().venues, { ...okx, ...over }] });
  return venues[2] as ExchangeVenueConfig;
};

const check = (over: Partial<AccountCheck> = {}): AccountCheck => ({
  code: 'leverage',
  instrumentId: 'XAU-USDT-SWAP@okx' as InstrumentId,
  state: 'pass',
  label: 'Leverage',
  configured: '20',
  reported: '20',
  venueCode: null,
  fix: '',
  ...over,
});
const report = (over: Partial<ExchangeReport> = {}): ExchangeReport => ({
  environment: 'demo',
  region: 'global',
  entry: { up: true, detail: 'logged in' },
  stream: { up: true, detail: 'orders, positions, account' },
  checks: [check()],
  deadMan: { supported: true, armed: false, firesUnixMs: null, detail: '' },
  budgets: [{ name: 'orders', used: 3, max: 60, windowMs: 2_000, quietUntilUnixMs: null }],
  keyExpiresUnixMs: null,
  toAck: null,
  toFill: null,
  rejects: [],
  ...over,
});
const standing = (over: Partial<ExchangeStanding> = {}, side: Partial<ExchangeReport> | null = {}): ExchangeStanding => ({
  venueId: 'okx',
  label: 'OKX',
  protocol: 'okx',
  simulated: false,
  link: 'live',
  linkDetail: 'book ticker acknowledged',
  clockOffsetMs: -47.2,
  clockUncertaintyMs: 1.5,
  roundTripMs: 31,
  orderLink: 'up',
  reconciled: 'yes',
  reconcileDetail: '',
  disabled: null,
  report: side === null ? null : report(side),
  key: {
    venueId: 'okx',
    label: 'OKX',
    protocol: 'okx',
    environment: 'demo',
    region: 'global',
    state: 'found',
    source: 'the file /k.json (demo, HMAC)',
    stored: false,
    atNextStart: false,
  },
  ...over,
});
const keyWith = (fields: object) => ({ key: { ...standing().key!, ...fields } });

const found = (given: ExchangeStanding, code: string, venue: ExchangeVenueConfig | null = venueOf()) => {
  const finding = exchangeFindings(given, venue, NOW).find((each) => each.code === code);
  if (finding === undefined) throw new Error(`no line ${code}`);
  return finding;
};

describe('the doctor at an exchange account', () => {
  it('passes every line of a good one, and says where its orders go', () => {
    const lines = exchangeFindings(standing(), venueOf(), NOW);
    expect(lines.filter(({ state }) => state !== 'pass')).toEqual([]);
    expect(found(standing(), 'environment').detail).toBe('demo: openapi.okx.com, wspap.okx.com:8443');
    expect(found(standing(), 'clock-offset').detail).toBe('-47.2 ± 1.5 ms beside ours, round trip 31 ms');
    expect(found(standing(), 'check-leverage')).toMatchObject({
      label: 'Leverage XAU-USDT-SWAP',
      detail: 'configured 20, the venue says 20',
    });
  });

  it.each<[string, ExchangeStanding, string, string, string]>([
    ['no quotes', standing({ link: 'down', linkDetail: 'refused' }), 'quotes', 'down: refused', 'urls in the configuration'],
    [
      'another region',
      standing({}, { region: 'eea' }),
      'environment',
      'it runs on demo (eea), the configuration says demo (global)',
      'Start the engine again',
    ],
    ['no key', standing(keyWith({ state: 'none', source: 'no key: nowhere' })), 'key-source', 'no key: nowhere', 'QUANT_ARB_OKX_KEY_FILE'],
    [
      'a bad key',
      standing(keyWith({ state: 'unusable', source: '/k.json: secret: is missing' })),
      'key-source',
      'secret: is missing',
      'Correct what the line names',
    ],
    ['a changed key', standing(keyWith({ atNextStart: true })), 'key-source', 'changed since the start', 'counts from then'],
    ['a wild clock', standing({ clockOffsetMs: 5_001 }), 'clock-offset', '5001.0 ± 1.5 ms', 'NTP'],
    [
      'a failing check',
      standing({}, { checks: [check({ state: 'fail', reported: '50', venueCode: '51000', fix: 'Set the leverage to 20.' })] }),
      'check-leverage',
      'configured 20, the venue says 50; code 51000',
      'Set the leverage to 20.',
    ],
    [
      'no entry',
      standing({ orderLink: 'down' }, { entry: { up: false, detail: '60009 login failed' } }),
      'order-entry',
      '60009 login failed',
      'maintenance',
    ],
    [
      'no stream',
      standing({ orderLink: 'down' }, { stream: { up: false, detail: 'listen key expired' } }),
      'private-stream',
      'listen key expired',
      'maintenance',
    ],
    [
      'silence asked for',
      standing({}, { budgets: [{ name: 'weight', used: 9, max: 10, windowMs: 60_000, quietUntilUnixMs: NOW + 1 }] }),
      'budget',
      'asked for silence until',
      'Wait until then',
    ],
    [
      'a timer that fails',
      standing({}, { deadMan: { supported: true, armed: false, firesUnixMs: null, detail: 'failed: 51071' } }),
      'dead-man',
      'failed: 51071',
      'outlive this engine',
    ],
    [
      'books apart',
      standing({ reconciled: 'failed', reconcileDetail: '3 there, 2 here' }),
      'reconciled',
      '3 there, 2 here',
      'accept or close',
    ],
    ['a disabled venue', standing({ disabled: '5 errors' }), 'disabled', '5 errors', 'Press Enable'],
  ])('fails with one fix: %s', (_, given, code, detail, fix) => {
    const finding = found(given, code);
    expect(finding).toMatchObject({ state: 'fail', detail: expect.stringContaining(detail), fix: expect.stringContaining(fix) });
    expect(exchangeFindings(given, venueOf(), NOW).filter(({ state }) => state === 'fail')).toEqual([finding]);
  });

  it('warns of what stands in nobody’s way', () => {
    const busy = (used: number) => standing({}, { budgets: [{ name: 'weight', used, max: 100, windowMs: 60_000, quietUntilUnixMs: NOW }] });
    expect(found(busy(100 * BUSY_SHARE), 'budget').state).toBe('pass');
    expect(found(busy(100 * BUSY_SHARE + 1), 'budget').state).toBe('warn');
    expect(found(standing({}, { rejects: [{ code: '51008', text: 'Insufficient balance', count: 3 }] }), 'rejects')).toMatchObject({
      state: 'warn',
      detail: '3 × 51008 Insufficient balance',
    });
    const bound = check({
      code: 'ip-binding',
      state: 'warn',
      label: 'Bound to an address',
      instrumentId: null,
      configured: null,
      reported: 'any',
      fix: 'Bind it.',
    });
    expect(findingText(found(standing({}, { checks: [bound] }), 'check-ip-binding'))).toContain('warn     Bound to an address');
  });

  it('waits for what was not read yet, and leaves paper alone', () => {
    expect(found(standing({ clockOffsetMs: null }), 'clock-offset').state).toBe('waiting');
    expect(found(standing({ reconciled: 'never' }), 'reconciled').state).toBe('waiting');
    expect(found(standing({}, null), 'account')).toMatchObject({ state: 'waiting' });
    const paper = exchangeFindings(standing({ key: null }, null), venueOf({ orders: null }), NOW);
    expect(paper.map(({ code, state }) => `${code} ${state}`)).toEqual(['quotes pass', 'environment pass', 'clock-offset pass']);
    expect(found(standing({}, { deadMan: { supported: false, armed: false, firesUnixMs: null, detail: '' } }), 'dead-man').detail).toBe(
      'the venue has none',
    );
  });
});
