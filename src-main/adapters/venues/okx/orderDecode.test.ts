import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import { instrumentIdOf } from '../../../../src-shared/domain/ids.ts';
import type { VenueId } from '../../../../src-shared/domain/ids.ts';
import type { FillReport } from '../../../../src-shared/domain/order.ts';
import { parseExact } from '../shared/exactJson.ts';
import { sharedDataPath } from '../shared/frames.testkit.ts';
import { fillsOf, MAX_REMEMBERED, OkxPushes, paidOf } from './orderDecode.ts';
import { accountOf } from './orderReading.ts';
import { balanceEntry, cancelWords, positionEntry } from './orderWire.ts';
import { readSocketFrame } from './orderSocket.ts';

const ownerOf = (...symbols: readonly string[]) => ({
  venueId: 'okx' as VenueId,
  instrumentIds: new Map(symbols.map((symbol) => [symbol, instrumentIdOf(symbol, 'okx')])),
});
const SWAP = 'XAU-USDT-SWAP';
const orderPush = (more: object = {}) => ({
  instId: SWAP,
  ordId: '71',
  clOrdId: 'arb1',
  side: 'buy',
  state: 'partially_filled',
  accFillSz: '4',
  fillSz: '4',
  fillPx: '4000.5',
  tradeId: '9001',
  fillTime: '1795353000001',
  fillFee: '-0.008',
  fillFeeCcy: 'USDT',
  uTime: '1795353000002',
  category: 'normal',
  cancelSource: '',
  ...more,
});
const frame = (...data: readonly object[]) => ({ arg: { channel: 'orders', instType: 'ANY', uid: '0' }, data });
const positions = (...data: readonly object[]) => ({ arg: { channel: 'positions', instType: 'ANY' }, data });

/** Python's way of writing a dict, as the recorder printed it; null where a line is cut off. */
const lineOfPython = (line: string): Record<string, unknown> | null => {
  const json = line
    .replaceAll("'", '"')
    .replaceAll(/\bNone\b/g, 'null')
    .replaceAll(/\bTrue\b/g, 'true')
    .replaceAll(/\bFalse\b/g, 'false');
  try {
    return parseExact(json) as Record<string, unknown>;
  } catch {
    return null;
  }
};
const recorded = (name: string) => {
  const path = sharedDataPath('private-streams', name);
  return path === null
    ? null
    : readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map(lineOfPython);
};

describe('orders as recorded', () => {
  const lines = recorded('okx_orders.log');

  test('quantities and fees add up to the frames’ own totals, one order stays live, one line is no frame', (context) => {
    if (lines === null) return context.skip('no recorded data on this machine');
    const frames = lines.filter((line) => line !== null);
    expect(lines.length - frames.length).toBe(1);
    const pushes = frames.filter((one) => readSocketFrame(one).kind === 'push');
    expect(frames.map((one) => readSocketFrame(one).kind).slice(0, 3)).toEqual(['answer', 'answer', 'ignored']);
    interface Last {
      readonly instId: string;
      readonly ordId: string;
      readonly accFillSz: string;
      readonly fee: string;
      readonly feeCcy: string;
      readonly state: string;
      readonly clOrdId: string;
    }
    const entries = pushes.flatMap((one) => one['data'] as Last[]);
    const decoder = new OkxPushes(ownerOf(...new Set(entries.map(({ instId }) => instId))), 'cross');
    const booked = new Map<string, { qty: Decimal; fee: Decimal; ccy: Set<string> }>();
    const last = new Map<string, Last>();
    let fills = 0;
    for (const one of [...pushes, ...pushes]) {
      const pushed = decoder.decode(one);
      expect(pushed.alarms).toEqual([]);
      expect(pushed.toAskFor).toEqual([]);
      for (const entry of one['data'] as Last[]) {
        last.set(entry.ordId, entry);
        const sum = booked.get(entry.ordId) ?? { qty: new Decimal(0), fee: new Decimal(0), ccy: new Set<string>() };
        for (const fill of pushed.fills) {
          fills += 1;
          sum.ccy.add(fill.feeCcy);
          booked.set(entry.ordId, { ...sum, qty: sum.qty.plus(fill.qty), fee: sum.fee.plus(fill.fee) });
        }
        for (const report of pushed.reports) expect(report).toMatchObject({ venueOrderId: entry.ordId, clientOrderId: entry.clOrdId });
      }
    }
    expect(fills).toBe(entries.filter((entry) => (entry as unknown as { tradeId: string }).tradeId !== '').length);
    for (const [ordId, { accFillSz, fee, feeCcy }] of last) {
      const { qty, fee: paid, ccy } = booked.get(ordId) ?? { qty: new Decimal(0), fee: new Decimal(0), ccy: new Set([feeCcy]) };
      expect(qty.toFixed(), ordId).toBe(new Decimal(accFillSz).toFixed());
      expect(paid.toFixed(), ordId).toBe(paidOf(fee));
      expect([...ccy], ordId).toEqual([feeCcy]);
    }
    expect([...last.values()].filter(({ state }) => state === 'live').map(({ ordId }) => ordId)).toEqual(['1944233281454800896']);
  });
});

describe('positions and balances as recorded', () => {
  const held = recorded('okx_positions.log');
  test('every position entry is read; the same position again is no reason to check', (context) => {
    if (held === null) return context.skip('no recorded data on this machine');
    const pushes = held.filter((line) => line !== null && readSocketFrame(line).kind === 'push');
    const decoder = new OkxPushes(ownerOf('BTC-USDT-SWAP'), 'cross');
    const decoded = pushes.map((one) => decoder.decode(one));
    expect(decoded.length).toBeGreaterThan(20);
    expect(decoded.some(({ alarms, recheck }) => recheck || alarms.length > 0)).toBe(false);
    expect(new OkxPushes(ownerOf('BTC-USDT-SWAP'), 'isolated').decode(pushes[0]).recheck).toBe(true);
  });

  const worth = recorded('okx_account.log');
  test('every balance entry is read, margin free is what the venue has over', (context) => {
    if (worth === null) return context.skip('no recorded data on this machine');
    const entries = worth
      .filter((line) => line !== null && readSocketFrame(line).kind === 'push')
      .flatMap((one) => one!['data'] as unknown[]);
    expect(entries.length).toBeGreaterThan(5);
    for (const entry of entries) {
      const account = accountOf(balanceEntry.parse(entry), 'USDT');
      expect(account).toMatchObject({ ccy: 'USD', marginUsed: '0', equity: (entry as { totalEq: string }).totalEq });
      expect(account.marginFree).toBe((entry as { adjEq: string }).adjEq);
      expect(account.balances.find(({ ccy }) => ccy === 'OKB')).toEqual({ ccy: 'OKB', free: '300', total: '300' });
    }
  });

  const both = sharedDataPath('private-streams', 'okx_position_account_ws01.json');
  test('frames of a two-way account in isolated margin', (context) => {
    if (both === null) return context.skip('no recorded data on this machine');
    // The last line is the recorder's own object, printed.
    const texts = readFileSync(both, 'utf8')
      .replace(/^Okx.*$/m, '')
      .split(/^receive \w+: /m)
      .filter((text) => text.trim() !== '');
    const frames = texts.map((text) => JSON.parse(text) as { arg: { channel: string }; data: unknown[] });
    expect(frames.map(({ arg }) => arg.channel)).toEqual(expect.arrayContaining(['positions', 'account']));
    const decoder = new OkxPushes(ownerOf('BTC-USDT-SWAP'), 'cross');
    for (const { arg, data } of frames) {
      if (arg.channel === 'positions') {
        expect(positionEntry.parse(data[0])).toMatchObject({ posSide: 'long', mgnMode: 'isolated', pos: '20' });
        expect(decoder.decode({ arg, data }).recheck).toBe(true);
      } else expect(accountOf(balanceEntry.parse(data[0]), 'USDT').ccy).toBe('USDT');
    }
  });
});

describe('orders as documented', () => {
  test('a fill: the fee’s sign is turned, ids are text, the instrument is ours', () => {
    const { reports, fills, alarms } = new OkxPushes(ownerOf(SWAP), 'cross').decode(frame(orderPush()));
    expect(alarms).toEqual([]);
    expect(reports).toEqual([
      {
        clientOrderId: 'arb1',
        venueId: 'okx',
        venueOrderId: '71',
        state: 'working',
        filledQty: '4',
        venueUnixMs: 1_795_353_000_002,
        text: 'partially_filled',
      },
    ]);
    expect(fills).toEqual([
      {
        venueId: 'okx',
        instrumentId: `${SWAP}@okx`,
        tradeId: '9001',
        clientOrderId: 'arb1',
        side: 'buy',
        qty: '4',
        px: '4000.5',
        fee: '0.008',
        feeCcy: 'USDT',
        positionId: null,
        venueUnixMs: 1_795_353_000_001,
      },
    ]);
  });

  test('a rebate is a negative fee, none is zero', () => {
    expect([paidOf('0.0001'), paidOf('-0.5'), paidOf('0'), paidOf('-0')]).toEqual(['-0.0001', '0.5', '0', '0']);
  });

  test('the same execution twice is one, also with another uTime', () => {
    const decoder = new OkxPushes(ownerOf(SWAP), 'cross');
    expect(decoder.decode(frame(orderPush())).fills).toHaveLength(1);
    expect(decoder.decode(frame(orderPush({ uTime: '1795353000009' }))).fills).toHaveLength(0);
    expect(decoder.decode(frame(orderPush({ tradeId: '9002' }))).fills).toHaveLength(1);
  });

  test('the identity is instrument and trade: one id on two instruments is two', () => {
    const decoder = new OkxPushes(ownerOf(SWAP, 'XAUT-USDT'), 'cross');
    const { fills } = decoder.decode(frame(orderPush(), orderPush({ instId: 'XAUT-USDT', ordId: '72' })));
    expect(fills).toHaveLength(2);
  });

  test('an IOC that filled in part ends canceled, with the reason in words; a late word changes nothing, a late fill is booked', () => {
    const decoder = new OkxPushes(ownerOf(SWAP), 'cross');
    const end = {
      state: 'canceled',
      accFillSz: '6',
      fillSz: '0',
      fillPx: '',
      tradeId: '',
      fillFee: '0',
      fillFeeCcy: '',
      cancelSource: '14',
    };
    const ended = decoder.decode(frame(orderPush(end)));
    expect(ended.reports).toEqual([
      expect.objectContaining({ state: 'canceled', filledQty: '6', text: 'the rest of an immediate-or-cancel order' }),
    ]);
    expect(ended.fills).toEqual([]);
    const late = decoder.decode(frame(orderPush({ tradeId: '9003' })));
    expect([late.reports.length, late.fills.length]).toEqual([0, 1]);
    expect(decoder.decode(frame(orderPush({ ...end, state: 'filled' }))).reports).toEqual([]);
  });

  test('a spot market order ends filled with nothing in its last push', () => {
    const last = { instId: 'XAUT-USDT', state: 'filled', fillSz: '0', fillPx: '', tradeId: '', fillFee: '0', fillFeeCcy: '' };
    const pushed = new OkxPushes(ownerOf('XAUT-USDT'), 'cross').decode(frame(orderPush(last)));
    expect(pushed).toMatchObject({ fills: [], toAskFor: [], alarms: [], reports: [{ state: 'filled', filledQty: '4' }] });
  });

  test.each([
    ['adl', 'deleveraging'],
    ['full_liquidation', 'liquidation'],
    ['partial_liquidation', 'liquidation'],
    ['delivery', 'settlement'],
  ])('%s is the exchange’s own act: alarm, no order of ours', (category, venueMade) => {
    const pushed = new OkxPushes(ownerOf(SWAP), 'cross').decode(frame(orderPush({ category, clOrdId: '', tradeId: '-77' })));
    expect(pushed.alarms).toHaveLength(1);
    expect(pushed.alarms[0]).toContain('of its own accord');
    expect(pushed.reports).toEqual([]);
    expect(pushed.fills).toEqual([expect.objectContaining({ clientOrderId: null, venueMade, tradeId: '-77' })]);
  });

  test('a forced execution without an identity, and one without its fee, are asked for', () => {
    const decoder = new OkxPushes(ownerOf(SWAP), 'cross');
    const forced = decoder.decode(frame(orderPush({ category: 'adl', clOrdId: '', tradeId: '0' })));
    expect(forced).toMatchObject({ fills: [], toAskFor: [{ instId: SWAP, ordId: '71' }] });
    expect(decoder.decode(frame(orderPush({ fillFee: '' }))).toAskFor).toEqual([{ instId: SWAP, ordId: '71' }]);
  });

  test('a stranger’s order on our instrument counts as nobody’s, another instrument not at all', () => {
    const decoder = new OkxPushes(ownerOf(SWAP), 'cross');
    const stranger = decoder.decode(frame(orderPush({ clOrdId: '' })));
    expect(stranger.reports).toEqual([]);
    expect(stranger.fills).toEqual([expect.objectContaining({ clientOrderId: null })]);
    expect(decoder.decode(frame(orderPush({ instId: 'BTC-USDT-SWAP' })))).toMatchObject({ reports: [], fills: [], alarms: [] });
  });

  test('what cannot be read alarms and reconciles, and takes nothing else with it', () => {
    const pushed = new OkxPushes(ownerOf(SWAP), 'cross').decode(frame(orderPush({ state: 'vanished' }), orderPush({ ordId: '72' })));
    expect(pushed.alarms[0]).toContain('cannot be read');
    expect(pushed.recheck).toBe(true);
    expect(pushed.fills).toHaveLength(1);
    for (const odd of [{ fillFee: '1e-5' }, { accFillSz: 4 }, { ordId: '' }, { side: 'long' }])
      expect(new OkxPushes(ownerOf(SWAP), 'cross').decode(frame(orderPush(odd))).alarms).toHaveLength(1);
    expect(new OkxPushes(ownerOf(SWAP), 'cross').decode({ arg: 1 }).alarms).toHaveLength(1);
  });

  test('what cannot be read of an instrument that is none of ours says nothing', () => {
    const decoder = new OkxPushes(ownerOf(SWAP), 'cross');
    const event = { instId: 'BTC-ABOVE-DAILY-261231', side: 'yes', state: 'vanished' };
    const none = { reports: [], fills: [], alarms: [], toAskFor: [], recheck: false };
    expect(decoder.decode(frame(orderPush(event)))).toEqual(none);
    expect(decoder.decode(positions({ ...event, posSide: 'yes', pos: '1' }))).toEqual(none);
    // Whose it is cannot be read, either: then it may be ours.
    expect(decoder.decode(frame(orderPush({ instId: 7 }))).alarms).toHaveLength(1);
    expect(decoder.decode(positions({ instId: SWAP, posSide: 'yes', pos: '1' })).alarms).toHaveLength(1);
  });

  test('leverage, margin mode or side of a position that changes is a reason to check', () => {
    const decoder = new OkxPushes(ownerOf(SWAP), 'cross');
    const position = { instId: SWAP, pos: '10', posSide: 'net', avgPx: '4000', mgnMode: 'cross', lever: '20' };
    expect(decoder.decode(positions(position)).recheck).toBe(false);
    expect(decoder.decode(positions({ ...position, pos: '20' })).recheck).toBe(false);
    expect(decoder.decode(positions({ ...position, lever: '10' })).recheck).toBe(true);
    expect(decoder.decode(positions({ ...position, lever: '10', mgnMode: 'isolated' })).recheck).toBe(true);
  });

  test('however pushes are repeated and turned around, each execution is booked once and the sum is the whole', () => {
    const trades = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(trades, fc.array(fc.nat(11), { maxLength: 30 }), (ids, order) => {
        const decoder = new OkxPushes(ownerOf(SWAP), 'cross');
        const frames = ids.map((id) => frame(orderPush({ tradeId: `${id}`, fillSz: `${id}` })));
        const sent = [...order.map((at) => frames[at % frames.length]!), ...frames];
        const sum = sent.flatMap((one) => decoder.decode(one).fills).reduce((total, { qty }) => total + Number(qty), 0);
        expect(sum).toBe(ids.reduce((total, id) => total + id, 0));
      }),
      { numRuns: 50 },
    );
  });

  test('memory is bounded: the oldest execution is forgotten, the newest not', () => {
    const decoder = new OkxPushes(ownerOf(SWAP), 'cross');
    for (let trade = 0; trade <= MAX_REMEMBERED; trade += 1) expect(decoder.isNew(SWAP, `${trade}`)).toBe(true);
    expect(decoder.isNew(SWAP, `${MAX_REMEMBERED}`)).toBe(false);
    expect(decoder.isNew(SWAP, '1')).toBe(false);
    expect(decoder.isNew(SWAP, '0')).toBe(true);
  });

  test('unheard-of reasons keep the venue’s number and words', () => {
    expect(cancelWords('32')).toBe('canceled by self-trade prevention');
    expect(cancelWords('99', 'novel reason')).toBe('cancelSource 99: novel reason');
    expect(cancelWords('99')).toBe('cancelSource 99');
    expect(cancelWords('')).toBe('');
  });
});

describe('executions out of the fills', () => {
  const entry = (more: object = {}) => ({
    instId: SWAP,
    ordId: '71',
    clOrdId: 'arb1',
    tradeId: '9001',
    billId: '1',
    subType: '1',
    side: 'buy',
    fillSz: '4',
    fillPx: '4000.5',
    fee: '-0.008',
    feeCcy: 'USDT',
    fillTime: '2',
    ts: '3',
    ...more,
  });

  test.each([
    ['100', 'liquidation'],
    ['111', 'liquidation'],
    ['112', 'settlement'],
    ['113', 'settlement'],
    ['125', 'deleveraging'],
    ['128', 'deleveraging'],
    ['1', undefined],
    ['129', undefined],
    ['204', undefined],
  ])('subType %s: %s', (subType, venueMade) => {
    const [fill] = fillsOf(ownerOf(SWAP), [entry({ subType })]) as readonly FillReport[];
    expect(fill?.venueMade).toBe(venueMade);
    expect(fill?.clientOrderId).toBe(venueMade === undefined ? 'arb1' : null);
  });

  test('oldest first, other instruments left out; one that cannot be read spoils all', () => {
    const list = [entry({ tradeId: '2', fillTime: '9' }), entry({ instId: 'BTC-USDT' }), entry({ tradeId: '1', fillTime: '' })];
    expect((fillsOf(ownerOf(SWAP), list) as readonly FillReport[]).map(({ tradeId }) => tradeId)).toEqual(['1', '2']);
    expect(fillsOf(ownerOf(SWAP), [...list, entry({ fee: '' })])).toMatch(/cannot be read/);
    // Of options, event contracts and whatever comes next the account may hold what it likes.
    expect(fillsOf(ownerOf(SWAP), [...list, entry({ instId: 'BTC-USD-261231-90000-C', fee: '', fillPx: '', tradeId: '' })])).toHaveLength(
      2,
    );
    expect(fillsOf(ownerOf(SWAP), [...list, entry({ instId: null })])).toMatch(/cannot be read/);
  });

  test('a forced execution may name no fee: there was none', () => {
    expect(fillsOf(ownerOf(SWAP), [entry({ subType: '106', fee: '', feeCcy: '' })])).toMatchObject([
      { fee: '0', venueMade: 'liquidation' },
    ]);
  });
});
