import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { ControlInput } from '../../core/events.ts';
import { MAX_WAITING_PUSHES, PUSH_RETRY_MS } from './pushes.ts';
import { IDEAL, Stage, START_UNIX_MS, TERMINAL } from './paper.testkit.ts';
import { teeInlets } from './tee.ts';

const EXCHANGES = ['binance-spot', 'binance-usdm', 'okx'] as const;

describe('an order on its way', () => {
  test('is executed at the quote in force when it arrives, not at the one it was decided on', async () => {
    const stage = new Stage('binance-usdm');
    const outcome = stage.place();
    await stage.time.pass(19);
    stage.quote({ bid: 60_010, ask: 60_010.1 });
    await stage.time.pass(2);
    stage.quote({ bid: 60_020, ask: 60_020.1 });
    await stage.time.pass(100);
    expect(await outcome).toEqual({ code: 'acknowledged', venueOrderId: '50000001', venueUnixMs: START_UNIX_MS + 20 });
    expect(stage.fills()).toMatchObject([
      { px: '60010.1', qty: '0.01', side: 'buy', fee: '0.30005050'.replace(/0+$/, ''), feeCcy: 'USDT' },
    ]);
  });

  test('expires when the quote has left its limit meanwhile', async () => {
    const stage = new Stage('okx');
    const outcome = stage.place({ limitPx: '60000.1' });
    stage.quote({ bid: 60_001, ask: 60_001.1 });
    await stage.time.pass(100);
    expect((await outcome).code).toBe('acknowledged');
    expect(stage.fills()).toEqual([]);
    expect(stage.reports().at(-1)).toMatchObject({
      state: 'canceled',
      filledQty: '0',
      text: expect.stringMatching(/beyond the limit/) as string,
    });
  });

  test('takes the displayed size once, however many orders come within one quote', async () => {
    const stage = new Stage('binance-usdm');
    stage.quote({ askQty: 0.015 });
    const outcomes = [stage.place(), stage.place(), stage.place()];
    await stage.time.pass(100);
    expect((await Promise.all(outcomes)).map(({ code }) => code)).toEqual(['acknowledged', 'acknowledged', 'acknowledged']);
    expect(stage.fills().map(({ qty }) => qty)).toEqual(['0.01', '0.005']);
    expect(
      stage
        .reports()
        .filter(({ state }) => state !== 'working')
        .map(({ filledQty }) => filledQty),
    ).toEqual(['0.01', '0.005', '0']);
    stage.quote();
    await stage.done();
    expect(stage.fills().at(-1)!.qty).toBe('0.01');
  });

  test('MetaTrader displays no size: the assumed one is taken, in lots', async () => {
    const stage = new Stage('metatrader', { settings: { assumedDisplayedBaseQty: 3 } });
    expect((await stage.done({ qty: '0.05' })).code).toBe('acknowledged');
    expect(stage.fills()).toMatchObject([{ qty: '0.03', px: '4000.2', fee: '0.1', feeCcy: 'USD', positionId: '50000001' }]);
  });

  test('slips to our cost, on the tick, and never past the limit', async () => {
    const stage = new Stage('binance-usdm', { paper: { slippageBps: 1 } });
    await stage.done();
    await stage.done({ limitPx: '60003' });
    await stage.done({ side: 'sell' });
    expect(stage.fills().map(({ px }) => px)).toEqual(['60006.2', '60003', '59994']);
  });

  test('is filled in part as often as asked, on the step', async () => {
    const stage = new Stage('binance-usdm', { paper: { partialFillRate: 1 }, random: () => 0.37 });
    await stage.done();
    expect(stage.fills().map(({ qty }) => qty)).toEqual(['0.003']);
    expect(stage.reports().at(-1)).toMatchObject({ state: 'canceled', filledQty: '0.003' });
    await stage.done({ qty: '0.001' });
    expect(stage.fills().at(-1)!.qty).toBe('0.001');
  });

  test.each(EXCHANGES)('%s refuses what arrives after its validity', async (protocol) => {
    const stage = new Stage(protocol, { paper: { latencyMs: 5_000 } });
    const outcome = stage.place({ validityMs: 2_499 });
    await stage.time.pass(2_499);
    stage.quote();
    await stage.time.pass(3_000);
    expect(await outcome).toMatchObject({ code: 'refused', refusal: { by: 'venue', retry: 'fresh-price' } });
    const timely = stage.place({ validityMs: 2_500 });
    await stage.time.pass(2_499);
    stage.quote();
    await stage.time.pass(3_000);
    expect((await timely).code).toBe('acknowledged');
  });

  test('jitter lengthens the way', async () => {
    const stage = new Stage('okx', { paper: { latencyMs: 40, latencyJitterMs: 20 }, random: () => 0.5 });
    let answered = false;
    void stage.place().then(() => (answered = true));
    await stage.time.pass(49);
    expect(answered).toBe(false);
    await stage.time.pass(1);
    expect(answered).toBe(true);
  });

  test('a push may be faster than the answer, or slower', async () => {
    const order = async (draw: number): Promise<readonly string[]> => {
      const stage = new Stage('okx', { random: () => draw });
      const seen: string[] = [];
      void stage.place().then(() => seen.push(`answer after ${stage.reports().length} reports`));
      await stage.time.pass(200);
      return seen;
    };
    expect(await order(0)).toEqual(['answer after 2 reports']);
    expect(await order(0.99)).toEqual(['answer after 0 reports']);
  });
});

describe('the gate is asked in the moment before an order leaves', () => {
  test.each(EXCHANGES)('%s: at once, and a closed gate sends nothing', async (protocol) => {
    const stage = new Stage(protocol);
    const outcome = await stage.place({}, () => false);
    expect(outcome).toMatchObject({ code: 'refused', refusal: { by: 'gateway', venueCode: null } });
    expect(stage.time.pending).toBe(0);
  });

  test('MetaTrader: when the EA fetches the command', async () => {
    const stage = new Stage('metatrader');
    let open = true;
    const outcome = stage.place({}, () => open);
    await stage.time.pass(5);
    open = false;
    await stage.time.pass(100);
    expect(await outcome).toMatchObject({ code: 'refused', refusal: { by: 'gateway', text: 'the gate is closed' } });
    expect(stage.fills()).toEqual([]);
  });

  test('a command that was not fetched yet can be revoked; one that was cannot', async () => {
    const stage = new Stage('metatrader');
    const early = stage.request();
    const revoked = stage.gateway.place(early, () => true);
    expect(await stage.gateway.cancel(stage.ref(early), () => true)).toEqual({ code: 'acknowledged' });
    expect(await revoked).toMatchObject({ code: 'refused', refusal: { by: 'gateway', retry: 'never' } });
    const late = stage.request();
    const executed = stage.gateway.place(late, () => true);
    await stage.time.pass(13);
    const canceled = stage.gateway.cancel(stage.ref(late), () => true);
    await stage.time.pass(200);
    expect(await canceled).toMatchObject({ code: 'refused', text: expect.stringMatching(/too late/) as string });
    expect((await executed).code).toBe('acknowledged');
    expect(stage.fills()).toHaveLength(1);
  });

  test('no cancel leaves through a closed gate, and an exchange knows nothing to cancel', async () => {
    const stage = new Stage('binance-usdm');
    const ref = stage.ref(stage.request());
    expect(await stage.gateway.cancel(ref, () => false)).toMatchObject({ code: 'refused', venueCode: null });
    expect(await stage.answer(stage.gateway.cancel(ref, () => true))).toEqual({
      code: 'refused',
      venueCode: '-2011',
      text: 'Unknown order sent.',
    });
  });

  test('an undelivered command expires when the EA is gone, and is not executed when it returns', async () => {
    const stage = new Stage('metatrader');
    const outcome = stage.place();
    await stage.time.pass(5);
    stage.cut();
    await stage.time.pass(1_990);
    stage.open();
    await stage.time.pass(100);
    expect(await outcome).toMatchObject({
      code: 'refused',
      refusal: { by: 'gateway', text: expect.stringMatching(/expired undelivered/) as string },
    });
    expect(stage.fills()).toEqual([]);
  });
});

describe('what is not known is said to be unknown', () => {
  test('the second use of a client id', async () => {
    const stage = new Stage('binance-usdm');
    const request = stage.request();
    const first = stage.gateway.place(request, () => true);
    expect(await stage.gateway.place(request, () => true)).toMatchObject({
      code: 'unknown',
      why: expect.stringMatching(/-4116/) as string,
    });
    await stage.time.pass(200);
    expect((await first).code).toBe('acknowledged');
    expect(await stage.answer(stage.gateway.place(request, () => true))).toMatchObject({ code: 'unknown' });
    expect(stage.fills()).toHaveLength(1);
  });

  test('a line that is cut on the way there: nothing was executed, and nobody can know', async () => {
    const stage = new Stage('okx');
    const request = stage.request();
    const outcome = stage.gateway.place(request, () => true);
    stage.cut();
    await stage.time.pass(100);
    expect((await outcome).code).toBe('unknown');
    expect((await stage.gateway.query(stage.ref(request))).code).toBe('failed');
    expect((await stage.gateway.snapshot(0)).code).toBe('failed');
    stage.open();
    expect(await stage.answer(stage.gateway.query(stage.ref(request)))).toEqual({ code: 'not-found', venueUnixMs: START_UNIX_MS + 120 });
  });

  test('a line that is cut on the way back: it was executed, no push comes, and a question finds it', async () => {
    const stage = new Stage('okx');
    const request = stage.request();
    const outcome = stage.gateway.place(request, () => true);
    await stage.time.pass(21);
    stage.cut();
    await stage.time.pass(100);
    expect((await outcome).code).toBe('unknown');
    expect(stage.fills()).toEqual([]);
    stage.open();
    expect(await stage.answer(stage.gateway.query(stage.ref(request)))).toMatchObject({
      code: 'found',
      report: { state: 'filled', filledQty: '1', venueOrderId: '50000001' },
      fills: [{ tradeId: '70000001', qty: '1', px: '60000.1' }],
    });
  });

  test('everything on its way when the gateway stops; each call still ends', async () => {
    const stage = new Stage('okx');
    const [order, question, snapshot] = [stage.place(), stage.gateway.query(stage.ref(stage.request())), stage.gateway.snapshot(0)];
    await stage.gateway.stop();
    expect([(await order).code, (await question).code, (await snapshot).code]).toEqual(['unknown', 'failed', 'failed']);
    expect(stage.time.pending).toBe(0);
    expect(await stage.place()).toMatchObject({ code: 'refused', refusal: { by: 'gateway', retry: 'later' } });
  });
});

describe('the order link', () => {
  const links = (stage: Stage) => stage.told.flatMap((event) => (event.type === 'order-link' ? [`${event.state}: ${event.detail}`] : []));

  test.each(EXCHANGES)('%s rises when the venue is live and described, and falls with its line', (protocol) => {
    const stage = new Stage(protocol, { open: false });
    stage.report({ type: 'venue-link', venueId: stage.venue.id, report: { state: 'live', detail: '' } });
    expect(links(stage).filter((each) => each.startsWith('up'))).toEqual([]);
    stage.report({ type: 'instrument', instrument: stage.instrument, mismatches: [] });
    stage.quote();
    stage.cut();
    stage.open();
    expect(links(stage).map((each) => each.split(':')[0])).toEqual(['down', 'up', 'down', 'up']);
  });

  test('MetaTrader: needs an EA with a session on a hedging account', () => {
    const stage = new Stage('metatrader');
    const report = (over: object) => stage.report({ type: 'metatrader', venueId: stage.venue.id, report: { ...TERMINAL, ...over } });
    expect(links(stage).at(-1)).toMatch(/^up/);
    report({ sessionId: null, quoteOnly: true });
    expect(links(stage).at(-1)).toMatch(/^down: no EA with a session/);
    report({});
    expect(links(stage).at(-1)).toMatch(/^up/);
    report({ marginMode: 'netting' });
    expect(links(stage).at(-1)).toMatch(/^down: the account is netting/);
  });
});

describe('the account it reports', () => {
  test('futures: position, wallet, margin and equity after an opening and a partial close', async () => {
    const stage = new Stage('binance-usdm');
    await stage.done({ qty: '0.1' });
    stage.quote({ bid: 60_999.9, ask: 61_000.1 });
    const open = await stage.answer(stage.gateway.snapshot(0));
    if (open.code !== 'answered') throw new Error(open.why);
    const fee = 60_000.1 * 0.1 * 0.0005;
    expect(open.snapshot.positions).toEqual([{ instrumentId: stage.instrument.id, qty: '0.1', foreignQty: null, avgPx: '60000.1' }]);
    expect(Number(open.snapshot.account.equity)).toBeCloseTo(10_000 - fee + (61_000 - 60_000.1) * 0.1, 6);
    expect(Number(open.snapshot.account.marginUsed)).toBeCloseTo(61_000 * 0.1 * 0.05, 6);
    expect(open.snapshot.account.balances).toEqual([
      { ccy: 'USDT', free: expect.any(String) as string, total: String(10_000 - Number(fee.toFixed(8))) },
    ]);
    expect(open.snapshot.fills).toHaveLength(1);
    const since = START_UNIX_MS + 10_000;
    expect(await stage.answer(stage.gateway.snapshot(since))).toMatchObject({ snapshot: { fills: [], openOrders: [] } });
  });

  test('spot: the fee of a purchase comes out of what was bought; the balance is the position', async () => {
    const stage = new Stage('binance-spot');
    await stage.done({ qty: '0.1' });
    expect(stage.fills()).toMatchObject([{ fee: '0.0001', feeCcy: 'BTC', positionId: null }]);
    await stage.done({ side: 'sell', qty: '0.05' });
    expect(stage.fills().at(-1)).toMatchObject({ fee: '3', feeCcy: 'USDT' });
    const answer = await stage.answer(stage.gateway.snapshot(0));
    expect(answer).toMatchObject({
      snapshot: {
        positions: [{ qty: '0.5499', avgPx: null }],
        account: {
          ccy: 'USDT',
          marginUsed: null,
          balances: [
            { ccy: 'USDT', total: '6996.99' },
            { ccy: 'BTC', total: '0.5499' },
          ],
        },
      },
    });
  });

  test('MetaTrader: each opening is a position of its own, closed by ticket; two sides stand beside each other', async () => {
    const stage = new Stage('metatrader');
    await stage.done({ qty: '0.03' });
    await stage.done({ side: 'sell', qty: '0.01' });
    const both = await stage.answer(stage.gateway.snapshot(0));
    expect(both).toMatchObject({ snapshot: { positions: [{ qty: '0.02', foreignQty: '0' }] } });
    await stage.done({ side: 'sell', qty: '0.01', positionId: '50000001', purpose: 'close', reduceOnly: true });
    await stage.done({ side: 'buy', qty: '0.01', positionId: '50000002', purpose: 'close', reduceOnly: true });
    await stage.done({ side: 'sell', qty: '0.02', positionId: '50000001', purpose: 'close', reduceOnly: true });
    expect(stage.fills().map(({ positionId }) => positionId)).toEqual(['50000001', '50000002', '50000001', '50000002', '50000001']);
    const flat = await stage.answer(stage.gateway.snapshot(0));
    expect(flat).toMatchObject({ snapshot: { positions: [] } });
    if (flat.code !== 'answered') throw new Error(flat.why);
    // Three round trips of 0.2 each on 1, 1 and 2 ounces, and commissions of 0.1 (cents) for 0.03 lots, 0.04 for 0.01, 0.07 for 0.02.
    const commissions = stage.fills().reduce((sum, { fee }) => sum + Number(fee), 0);
    expect(Number(flat.snapshot.account.equity)).toBeCloseTo(10_000 - 0.2 * 4 - commissions, 9);
  });

  test('spot holdings without any price yet: not valued, hence not answered and not connected', async () => {
    const stage = new Stage('binance-spot', { open: false });
    stage.report({ type: 'venue-link', venueId: stage.venue.id, report: { state: 'live', detail: '' } });
    stage.report({ type: 'instrument', instrument: stage.instrument, mismatches: [] });
    expect((await stage.gateway.snapshot(0)).code).toBe('failed');
    stage.quote();
    expect((await stage.answer(stage.gateway.snapshot(0))).code).toBe('answered');
  });
});

describe('pushes', () => {
  test('wait for a full inlet, in order, and are bounded', async () => {
    const stage = new Stage('okx');
    stage.inlet = 'full';
    const before = stage.told.length;
    await stage.done();
    expect(stage.told).toHaveLength(before);
    stage.inlet = 'taken';
    await stage.time.pass(PUSH_RETRY_MS);
    expect(stage.told.slice(before).map((event) => (event.type === 'order-report' ? event.report.state : event.type))).toEqual([
      'working',
      'fill',
      'filled',
    ]);
    expect(MAX_WAITING_PUSHES).toBe(256);
  });
});

describe('the tee', () => {
  test('shows observers each quote of theirs and every report first, and changes nothing', () => {
    const seen: string[] = [];
    const observer = (name: string, instruments: readonly number[]) => ({
      instruments,
      quote: (index: number) => void seen.push(`${name} quote ${index}`),
      control: (event: ControlInput) => void seen.push(`${name} ${event.type}`),
    });
    const inlets = {
      quote: (index: number) => void seen.push(`engine quote ${index}`),
      offer: (event: ControlInput) => {
        seen.push(`engine ${event.type}`);
        return 'full' as const;
      },
    };
    const tee = teeInlets(inlets, [observer('a', [0, 2]), observer('b', [2])]);
    for (const index of [0, 1, 2]) tee.quote(index, 1, 1, 2, 1, null, null, 0);
    expect(tee.offer({ type: 'timer' })).toBe('full');
    expect(seen).toEqual([
      'a quote 0',
      'engine quote 0',
      'engine quote 1',
      'a quote 2',
      'b quote 2',
      'engine quote 2',
      'a timer',
      'b timer',
      'engine timer',
    ]);
  });
});

test('a paper account has no way to a key: it imports nothing that could hold, read or use one', () => {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const product = readdirSync(folder).filter((name) => /^\w+\.ts$/.test(name));
  expect(product.length).toBeGreaterThan(8);
  const imported = product.flatMap((name) =>
    [...readFileSync(path.join(folder, name), 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, specifier]) => specifier!),
  );
  expect(
    imported.filter((each) => /secret|crypto|https?|net|tls|child_process|process|env|fetch|ws$|venues|metatrader\//.test(each)),
  ).toEqual([]);
  const text = product.map((name) => readFileSync(path.join(folder, name), 'utf8')).join('\n');
  expect(text).not.toMatch(/\bprocess\.env\b|\bfetch\(|createHmac|\bsign\(/);
  expect(Object.keys(IDEAL)).not.toContain('key');
});
