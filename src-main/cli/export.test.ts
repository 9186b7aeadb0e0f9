import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { CommandRecord, DealRecord } from '../../src-shared/domain/metatrader.ts';
import type { InstrumentId, VenueId } from '../../src-shared/domain/ids.ts';
import { openLedger } from '../adapters/ledger/ledger.ts';
import { handClock, smallSettings, stampedTimer, startedFrom } from '../adapters/ledger/ledger.testkit.ts';
import { endedGroup, entryFacts, fillFact, groupFact, sampleFill, sampleGroup, T0 } from '../adapters/ledger/trading.testkit.ts';
import { csvCell, runExport } from './export.ts';

const call = async (...argv: string[]) => {
  let out = '';
  let err = '';
  const code = await runExport(argv, { out: (text) => void (out += text), err: (text) => void (err += text) });
  return { code, out, err };
};

/** Three groups; the first is closed and has a fill. */
const seeded = (): string => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'quant-arb-export-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'ledger.sqlite');
  const ledger = openLedger({ path: file, clock: handClock(T0), owner: 'test' });
  const { runId, recovered } = ledger.beginRun(smallSettings(), 'test');
  ledger.commit(startedFrom(runId, recovered), [], [], 'full');
  for (let n = 1; n <= 3; n += 1) ledger.commit(stampedTimer(n + 1), entryFacts(n), [], 'full');
  const group = sampleGroup(1);
  const fees = { ...group.legs.a, fees: { BNB: '0.001', USDT: '0.2' } };
  const closed = endedGroup({ ...group, legs: { ...group.legs, a: fees }, why: 'said "enough", so closed' });
  ledger.commit(stampedTimer(5), [fillFact(sampleFill(1, 'a')), groupFact(closed, 'opening')], [], 'full');
  ledger.close();
  return file;
};

const tableOf = (csv: string): readonly Readonly<Record<string, string>>[] => {
  const [header = [], ...lines] = csv
    .trimEnd()
    .split('\r\n')
    .map((line) =>
      [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell = '']) => cell.replace(/^"|"$/g, '').replaceAll('""', '"')),
    );
  return lines.map((cells) => Object.fromEntries(header.map((name, i) => [name, cells[i] ?? ''])));
};

it('writes groups newest first, each marked as paper, with exact amounts and the result', async () => {
  const ledger = seeded();
  const { code, out } = await call('groups', '--ledger', ledger);
  const rows = tableOf(out);
  expect(code).toBe(0);
  expect(rows.map(({ mode, id, state }) => [mode, id, state])).toEqual([
    ['paper', 'g3', 'opening'],
    ['paper', 'g2', 'opening'],
    ['paper', 'g1', 'closed'],
  ]);
  expect(rows[2]).toMatchObject({
    why: 'said "enough", so closed',
    base_qty: '0.010',
    a_instrument: 'BTCUSDT@one',
    a_side: 'sell',
    a_fees: '0.001 BNB; 0.2 USDT',
    b_fees: '',
    net: '0.07',
    ccy: 'USDT',
    close_reason: 'convergence',
    created_utc: new Date(T0 + 1.25).toISOString(),
  });
  expect(rows[0]).toMatchObject({ net: '', opened_utc: '', ended_utc: '' });
});

it('writes orders and fills, each marked as paper', async () => {
  const ledger = seeded();
  const orders = tableOf((await call('orders', '--ledger', ledger)).out);
  expect(orders).toHaveLength(6);
  expect(orders.find((row) => row['client_order_id'] === 'q1a01')).toMatchObject({
    mode: 'paper',
    group_id: 'g1',
    magic: '9007199254740001',
    qty: '0.010',
    limit_px: '63990.1',
    state: 'in-flight',
    refusal_code: '',
  });
  const fills = tableOf((await call('fills', '--ledger', ledger)).out);
  expect(fills).toEqual([
    expect.objectContaining({ mode: 'paper', trade_id: 't1', px: '64000.10', fee: '-0.0001', fee_ccy: 'BNB', via: 'push' }),
  ]);
});

it('as JSON holds everything of a group, and every version of it', async () => {
  const rows = JSON.parse((await call('groups', '--ledger', seeded(), '--format', 'json')).out) as {
    mode: string;
    group: { id: string };
    intent: { id: string };
    orders: unknown[];
    fills: unknown[];
    versions: { state: string }[];
  }[];
  expect(rows.map(({ mode, group }) => [mode, group.id])).toEqual([
    ['paper', 'g3'],
    ['paper', 'g2'],
    ['paper', 'g1'],
  ]);
  expect(rows[2]).toMatchObject({ intent: { id: 'i1' }, versions: [{ state: 'opening' }, { state: 'closed' }] });
  expect([rows[2]?.orders.length, rows[2]?.fills.length]).toEqual([2, 1]);
  const orders = JSON.parse((await call('orders', '--ledger', seeded(), '--format', 'json')).out) as {
    mode: string;
    versions: unknown[];
  }[];
  expect(orders.every(({ mode, versions }) => mode === 'paper' && versions.length === 1)).toBe(true);
  const fills = JSON.parse((await call('fills', '--ledger', seeded(), '--format', 'json')).out) as unknown[];
  expect(fills).toEqual([{ mode: 'paper', ...sampleFill(1, 'a') }]);
});

it('writes commands and deals, each marked with its mode, with their history in JSON', async () => {
  const file = seeded();
  const ledger = openLedger({ path: file, clock: handClock(T0), owner: 'test' });
  const command: CommandRecord = {
    venueId: 'mt5' as VenueId,
    commandId: 'c1',
    kind: 'close',
    magic: T0 + 1,
    clientOrderId: null,
    instrumentId: 'XAUUSD@mt5' as InstrumentId,
    body: { symbol: 'XAUUSD', side: 'sell', lots: '0.10', limit_price: '2400.5', position_id: '7' },
    state: 'queued',
    why: 'waits, "here"',
    deliveries: 0,
    leaseId: null,
    retcode: null,
    order: null,
    cumLots: '0',
    avgPx: null,
    queuedUnixMs: T0,
    deliveredUnixMs: null,
    acknowledgedUnixMs: null,
    endedUnixMs: null,
    firstDealUnixMs: null,
    brokerMs: null,
    quarantine: null,
  };
  ledger.commands.put(command, 'full');
  ledger.commands.put({ ...command, state: 'rejected', retcode: 10_019, deliveries: 1, endedUnixMs: T0 + 1 }, 'full');
  const deal: DealRecord = {
    venueId: command.venueId,
    deal: '9007199254740993',
    rev: 0,
    order: '5',
    positionId: '7',
    magic: T0 + 1,
    own: true,
    instrumentId: command.instrumentId,
    symbol: 'XAUUSD',
    side: 'sell',
    entry: 'out',
    lots: '0.10',
    price: '2400.50',
    commission: '-0.70',
    swap: '0',
    fee: '0',
    profit: '1.5',
    timeMsc: T0 + 7_200_000,
    unixMs: T0,
    reason: 'expert',
  };
  ledger.commands.putDeals([deal]);
  ledger.commands.putDeals([{ ...deal, rev: 1, swap: '-0.3' }]);
  ledger.close();
  expect(tableOf((await call('commands', '--ledger', file)).out)).toEqual([
    expect.objectContaining({
      mode: 'paper',
      command_id: 'c1',
      kind: 'close',
      lots: '0.10',
      position_id: '7',
      state: 'rejected',
      why: 'waits, "here"',
      retcode: '10019',
      queued_utc: new Date(T0).toISOString(),
    }),
  ]);
  const [commands] = JSON.parse((await call('commands', '--ledger', file, '--format', 'json')).out) as {
    transitions: { state: string }[];
  }[];
  expect(commands?.transitions.map(({ state }) => state)).toEqual(['queued', 'rejected']);
  expect(tableOf((await call('deals', '--ledger', file)).out)).toEqual([
    expect.objectContaining({
      mode: 'paper',
      deal: '9007199254740993',
      rev: '1',
      own: 'yes',
      commission: '-0.70',
      swap: '-0.3',
      server_time: new Date(T0 + 7_200_000).toISOString().slice(0, -1),
      utc: new Date(T0).toISOString(),
    }),
  ]);
  const [deals] = JSON.parse((await call('deals', '--ledger', file, '--format', 'json')).out) as { revisions: { rev: number }[] }[];
  expect(deals?.revisions.map(({ rev }) => rev)).toEqual([0, 1]);
});

it('keeps to the span', async () => {
  const ledger = seeded();
  const from = new Date(T0 + 2).toISOString();
  const to = new Date(T0 + 3).toISOString();
  const { out } = await call('groups', '--ledger', ledger, '--from', from, '--to', to);
  expect(tableOf(out).map((row) => row['id'])).toEqual(['g2']);
});

it('quotes CSV cells where they must be', () => {
  expect([null, 1.5, 'a', 'a,b', 'a"b', 'a\nb'].map(csvCell)).toEqual(['', '1.5', 'a', '"a,b"', '"a""b"', '"a\nb"']);
});
