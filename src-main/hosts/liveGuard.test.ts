/** The evidence for real money, from real files: a record of the doctor, a ledger with a drill and closed hedges. */
import path from 'node:path';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configSchema, type Config, type ConfigInput, type LiveConfig } from '../../src-shared/config/schema.ts';
import type { LiveCheck } from '../../src-shared/domain/live.ts';
import { handClock, scratchFolder } from '../adapters/ledger/ledger.testkit.ts';
import { rehearse } from '../adapters/ledger/rehearsal.testkit.ts';
import { DOCTOR_RECORD_FILE, fingerprintOf, writeDoctorRecord, type DoctorRecord } from './doctorRecord.ts';
import { createLiveGuard, LOOK_EVERY_MS, MAX_DOCTOR_AGE_MS, MAX_DRILL_AGE_MS, REREAD_REHEARSAL_MS, RETELL_MS } from './liveGuard.ts';

const NEEDED = 10;
const liveConfig = (over: Partial<ConfigInput> = {}): Config & { live: LiveConfig } => {
  const config = configSchema.parse({
    version: 1,
    profile: 'live',
    mode: 'live',
    dataDir: 'live',
    live: { rehearsalDataDir: 'demo', rehearsalGroups: NEEDED, ladder: [{ maxNotionalUsd: null, groups: 3 }] },
    venues: [
      { id: 'mt5', label: 'MetaTrader', protocol: 'metatrader', login: '1', server: 'S' },
      { id: 'mt5-b', label: 'MetaTrader', protocol: 'metatrader', login: '2', server: 'S' },
    ],
    instruments: ['mt5', 'mt5-b'].map((venue) => ({ venue, symbol: 'XAUUSD', kind: 'cfd', costs: { takerFeeBps: 0 } })),
    pairs: [{ id: 'xau', underlying: 'XAU', a: 'XAUUSD@mt5', b: 'XAUUSD@mt5-b', conversion: { kind: 'fixed', rate: 1, why: 'the same' } }],
    ...over,
  } satisfies ConfigInput);
  if (config.live === null) throw new Error('not live');
  return { ...config, live: config.live };
};

const guardOf = (over: { closed?: number; verified?: boolean; mode?: 'demo' | 'live'; ledger?: string } = {}) => {
  const [dataDir, clock, config] = [scratchFolder(), handClock(), liveConfig()];
  const rehearsalLedger = over.ledger ?? rehearse(scratchFolder(), clock, over.closed ?? NEEDED, over.verified ?? true, over.mode);
  const told: (readonly LiveCheck[])[] = [];
  const inlet = {
    offer: (event: { readonly type: string }) => {
      if (event.type === 'live-checklist') told.push((event as unknown as { items: readonly LiveCheck[] }).items);
      return 'taken' as const;
    },
  };
  const guard = createLiveGuard({ config, dataDir, rehearsalLedger, clock, inlet });
  const record: DoctorRecord = { version: 1, unixMs: clock.unixMs(), fingerprint: fingerprintOf(config), runId: 'r', ok: true, unmet: [] };
  const item = (code: LiveCheck['code']) => told.at(-1)?.find((each) => each.code === code);
  return { guard, told, item, clock, record, dataDir, config };
};

describe('the evidence for real money', () => {
  it('passes whole when the doctor, a drill and enough hedges are there', () => {
    const { guard, told, record, dataDir } = guardOf();
    writeDoctorRecord(dataDir, record);
    guard.look();
    expect(told).toEqual([
      [
        { code: 'doctor', label: 'Doctor', state: 'pass', detail: 'everything passed 0 min ago', fix: '' },
        { code: 'kill-drill', label: 'Kill drill', state: 'pass', detail: 'pressed 0 min ago, verified after 1.4 s', fix: '' },
        { code: 'rehearsal-groups', label: 'Rehearsal', state: 'pass', detail: '10 hedges closed, 10 needed', fix: '' },
      ],
    ]);
  });

  it('takes the doctor’s word for a day, of this configuration, and only when all passed', () => {
    const { guard, item, record, dataDir, clock, config } = guardOf();
    const after = (fields: Partial<DoctorRecord>) => {
      writeDoctorRecord(dataDir, { ...record, unixMs: clock.unixMs(), ...fields });
      clock.advanceMs(RETELL_MS);
      guard.look();
      return item('doctor');
    };
    guard.look();
    expect(item('doctor')).toMatchObject({ state: 'fail', detail: 'the doctor has not looked at this engine' });
    expect(after({ ok: false, unmet: ['OKX: Key'] })).toMatchObject({ state: 'fail', detail: expect.stringContaining('OKX: Key') });
    const other = fingerprintOf(liveConfig({ frozenQuoteMs: 1_234 }));
    expect(after({ fingerprint: other })).toMatchObject({ state: 'fail', detail: expect.stringContaining('another configuration') });
    expect(after({ unixMs: clock.unixMs() + 3_600_000 })).toMatchObject({ state: 'fail', detail: expect.stringContaining('future') });
    expect(after({ unixMs: clock.unixMs() - MAX_DOCTOR_AGE_MS + RETELL_MS })).toMatchObject({ state: 'pass' });
    expect(after({ unixMs: clock.unixMs() - MAX_DOCTOR_AGE_MS })).toMatchObject({ state: 'fail' });
    expect(fingerprintOf({ ...config, dataDir: 'elsewhere' })).toBe(record.fingerprint);
    writeFileSync(path.join(dataDir, DOCTOR_RECORD_FILE), '{"ok":true');
    clock.advanceMs(RETELL_MS);
    guard.look();
    expect(item('doctor')).toMatchObject({ state: 'fail' });
  });

  it('wants a drill that every venue confirmed, within thirty days', () => {
    const unverified = guardOf({ verified: false });
    unverified.guard.look();
    expect(unverified.item('kill-drill')).toMatchObject({ state: 'fail', detail: expect.stringContaining('KILL was pressed 1 times') });
    const { guard, item, clock } = guardOf();
    guard.look();
    expect(item('kill-drill')).toMatchObject({ state: 'pass' });
    clock.advanceMs(MAX_DRILL_AGE_MS + 2_000);
    guard.look();
    expect(item('kill-drill')).toMatchObject({ state: 'fail', detail: 'no kill drill within 30 days' });
  });

  it('counts hedges that we opened and closed, nothing else', () => {
    const { guard, item } = guardOf({ closed: NEEDED - 1 });
    guard.look();
    expect(item('rehearsal-groups')).toMatchObject({ state: 'fail', detail: '9 of 10 hedges closed' });
  });

  it('finds nothing in a ledger of real money, or where there is none', () => {
    for (const guard of [guardOf({ mode: 'live' }), guardOf({ ledger: path.join(scratchFolder(), 'none.sqlite') })]) {
      guard.guard.look();
      expect(guard.item('kill-drill')).toMatchObject({ state: 'fail' });
      expect(guard.item('rehearsal-groups')).toMatchObject({ state: 'fail' });
    }
  });

  it('tells changes at once, and else only now and then', () => {
    const { guard, told, record, dataDir, clock } = guardOf({ closed: 0 });
    guard.look();
    clock.advanceMs(LOOK_EVERY_MS);
    guard.look();
    expect(told).toHaveLength(1);
    writeDoctorRecord(dataDir, { ...record, unixMs: clock.unixMs() });
    guard.look();
    expect(told).toHaveLength(2);
    clock.advanceMs(REREAD_REHEARSAL_MS);
    guard.look();
    expect(told).toHaveLength(2);
    clock.advanceMs(RETELL_MS);
    guard.look();
    expect(told).toHaveLength(3);
  });
});
