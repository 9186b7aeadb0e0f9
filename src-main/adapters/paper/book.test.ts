import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { VenueProtocol } from '../../../src-shared/domain/instrument.ts';
import type { FillReport } from '../../../src-shared/domain/order.ts';
import { MAX_KEPT_ORDERS, openBookFile, PaperBookFault, type BookedOrder } from './bookFile.ts';
import { IDEAL, Stage } from './paper.testkit.ts';

/** Bytes that the disk still takes (Infinity = it is well), and which file lengths were made to survive power loss. */
const disk = vi.hoisted(() => ({ room: Number.POSITIVE_INFINITY, truncates: true, synced: [] as number[] }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    writeSync: (fd: number, bytes: Buffer, from: number, length: number, at: number) => {
      if (disk.room === Number.POSITIVE_INFINITY) return fs.writeSync(fd, bytes, from, length, at);
      const fits = Math.min(length, disk.room);
      disk.room -= fits;
      if (fits > 0) return fs.writeSync(fd, bytes, from, fits, at);
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    },
    // Power loss cannot be had here: that it was asked for, at which length, is all that a test can see.
    fsyncSync: (fd: number) => void disk.synced.push(fs.fstatSync(fd).size),
    ftruncateSync: (fd: number, length: number) => {
      if (!disk.truncates) throw new Error('EIO: i/o error');
      fs.ftruncateSync(fd, length);
    },
  };
});
afterEach(() => {
  disk.room = Number.POSITIVE_INFINITY;
  disk.truncates = true;
});

const PROTOCOLS: readonly VenueProtocol[] = ['binance-spot', 'binance-usdm', 'okx', 'metatrader'];
const newFile = (): string => path.join(mkdtempSync(path.join(os.tmpdir(), 'paper-book-')), 'book.jsonl');

/** The truth of an account, as a question brings it to light. */
const truthOf = async (stage: Stage): Promise<unknown> => {
  const answer = await stage.answer(stage.gateway.snapshot(0));
  if (answer.code !== 'answered') throw new Error(answer.why);
  const { venueUnixMs: _, ...rest } = answer.snapshot;
  return rest;
};

const trade = async (stage: Stage, n: number): Promise<void> => {
  const side = n % 3 === 2 ? 'sell' : 'buy';
  if (stage.venue.protocol !== 'metatrader') return void (await stage.done({ side }));
  const open = stage.fills().find(({ positionId, side: was }) => was === 'buy' && positionId === `5000000${n - 1}`);
  await stage.done(side === 'sell' && open !== undefined ? { side, positionId: open.positionId } : {});
};

describe('the book outlives the engine', () => {
  test.each(PROTOCOLS)('%s: the same account, orders and fills after a restart', async (protocol) => {
    const stage = new Stage(protocol);
    for (let n = 0; n < 6; n++) await trade(stage, n);
    const before = await truthOf(stage);
    const again = new Stage(protocol, { statePath: stage.statePath, time: stage.time });
    expect(await truthOf(again)).toEqual(before);
    for (const { clientOrderId } of stage.fills())
      expect(await again.answer(again.gateway.query(again.ref({ clientOrderId: clientOrderId!, magic: null })))).toMatchObject({
        code: 'found',
      });
    const repeat = again.request({ clientOrderId: stage.fills()[0]!.clientOrderId! });
    expect((await again.answer(again.gateway.place(repeat, () => true))).code).toBe('unknown');
    again.quote();
    await again.done();
    expect(again.fills().map(({ tradeId }) => tradeId)).toEqual(['70000007']);
    expect(new Set([...stage.fills(), ...again.fills()].map(({ tradeId }) => tradeId)).size).toBe(7);
  });

  test('a writer that dies at any byte leaves whole orders: all that were answered, and at most one that was not', async () => {
    const stage = new Stage('binance-usdm');
    const truths = [await truthOf(stage)];
    const ends = [readFileSync(stage.statePath).length];
    for (let n = 0; n < 4; n++) {
      await stage.done();
      truths.push(await truthOf(stage));
      ends.push(readFileSync(stage.statePath).length);
    }
    const whole = readFileSync(stage.statePath);
    const copy = newFile();
    // Every ninth byte, and every one around the ends of lines.
    const cuts = Array.from({ length: whole.length + 1 }, (_, at) => at).filter(
      (at) => at >= ends[0]! && (at % 9 === 0 || ends.some((end) => Math.abs(end - at) < 3)),
    );
    for (const cut of cuts) {
      writeFileSync(copy, whole.subarray(0, cut));
      const orders = ends.findLastIndex((end) => end <= cut);
      const isTorn = cut !== ends[orders];
      const book = openBookFile(copy, { venueId: 'v', protocol: 'binance-usdm' }, {});
      expect([book.orders.size, book.account.orders, book.notes.length], `cut at ${cut}`).toEqual([orders, orders, isTorn ? 1 : 0]);
      book.close();
      if (cut % 99 !== 0 && !ends.includes(cut)) continue;
      writeFileSync(copy, whole.subarray(0, cut));
      const again = new Stage('binance-usdm', { statePath: copy, time: stage.time });
      expect(await truthOf(again), `cut at ${cut}`).toEqual(truths[orders]);
      expect(again.told.filter((event) => event.type === 'limit-crossed')).toHaveLength(isTorn ? 1 : 0);
      await again.done();
      const third = new Stage('binance-usdm', { statePath: copy, time: stage.time });
      expect(third.gateway.notes).toEqual([]);
    }
  });

  test('nothing is told before it is on disk', async () => {
    const stage = new Stage('okx');
    const request = stage.request();
    const outcome = stage.gateway.place(request, () => true);
    await stage.time.pass(20);
    expect(stage.fills()).toEqual([]);
    expect(disk.synced.at(-1)).toBe(readFileSync(stage.statePath).length);
    expect(readFileSync(stage.statePath, 'utf8')).toContain(`"clientOrderId":"${request.clientOrderId}"`);
    await stage.time.pass(100);
    expect((await outcome).code).toBe('acknowledged');
  });

  test('a disk that is full at any byte of an order: unknown, not there, and the book stays whole', async () => {
    const stage = new Stage('okx');
    await stage.done();
    for (let room = 0; room < 700; room += 23) {
      const before = readFileSync(stage.statePath, 'utf8');
      const request = stage.request();
      const outcome = stage.gateway.place(request, () => true);
      disk.room = room;
      await stage.time.pass(100);
      disk.room = Number.POSITIVE_INFINITY;
      stage.quote();
      if ((await outcome).code === 'acknowledged') break;
      expect(await outcome).toMatchObject({ code: 'unknown', why: expect.stringMatching(/ENOSPC/) as string });
      expect(readFileSync(stage.statePath, 'utf8')).toBe(before);
      expect((await stage.answer(stage.gateway.query(stage.ref(request)))).code).toBe('not-found');
      expect((await stage.done()).code).toBe('acknowledged');
    }
    expect(new Stage('okx', { statePath: stage.statePath }).gateway.notes).toEqual([]);
  });

  test('half a line that cannot be taken back: nothing more is taken until a restart', async () => {
    const stage = new Stage('okx');
    disk.truncates = false;
    const outcome = stage.place();
    disk.room = 10;
    await stage.time.pass(100);
    disk.room = Number.POSITIVE_INFINITY;
    expect((await outcome).code).toBe('unknown');
    disk.truncates = true;
    expect(await stage.done()).toMatchObject({ code: 'unknown', why: expect.stringMatching(/until a restart/) as string });
    const again = new Stage('okx', { statePath: stage.statePath });
    expect(again.gateway.notes).toHaveLength(1);
    expect((await again.done()).code).toBe('acknowledged');
  });

  test('a book of another venue, of another kind, or damaged in its middle is refused by name', async () => {
    const stage = new Stage('okx');
    await stage.done();
    await stage.done();
    const open =
      (file: string, protocol = 'okx', venueId = 'v') =>
      () =>
        openBookFile(file, { venueId, protocol }, {});
    expect(open(stage.statePath, 'metatrader')).toThrow(PaperBookFault);
    expect(open(stage.statePath, 'okx', 'w')).toThrow(/is the book of v \(okx\), not of w/);
    const damaged = newFile();
    writeFileSync(damaged, readFileSync(stage.statePath, 'utf8').replace('"order"', '"ordre"'));
    expect(open(damaged)).toThrow(/damaged at line 2/);
    writeFileSync(damaged, '{"some":"file"}\n');
    expect(open(damaged)).toThrow(/is not the book of a paper account/);
  });

  test('stays bounded: older orders live on in the account alone', () => {
    const file = newFile();
    const order = (n: number): BookedOrder => ({
      clientOrderId: `q${n}`,
      venueOrderId: `${n}`,
      instrumentId: 'X@v',
      symbol: 'X',
      side: 'buy',
      qty: '1',
      filledQty: '0',
      state: 'canceled',
      text: '',
      magic: null,
      venueUnixMs: n,
      fills: [],
    });
    const header = {
      paperAccount: 1,
      venueId: 'v',
      protocol: 'okx',
      account: { balances: {}, positions: [], marks: {}, orders: 0, trades: 0 },
    };
    const lines = Array.from({ length: MAX_KEPT_ORDERS + 3 }, (_, n) => JSON.stringify({ order: order(n) }));
    writeFileSync(file, `${[JSON.stringify(header), ...lines].join('\n')}\n`);
    const book = openBookFile(file, { venueId: 'v', protocol: 'okx' }, {});
    expect([book.orders.size, book.orders.has('q2'), book.orders.has('q3'), book.account.orders]).toEqual([
      MAX_KEPT_ORDERS,
      false,
      true,
      MAX_KEPT_ORDERS + 3,
    ]);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(MAX_KEPT_ORDERS + 2);
    book.close();
  });
});

/** Recomputed from the fills alone. */
const expectedOf = (protocol: VenueProtocol, fills: readonly FillReport[], unit: string) => {
  const balances: Record<string, Decimal> = {};
  for (const [ccy, amount] of Object.entries(IDEAL.startBalances)) balances[ccy] = new Decimal(amount);
  const quote = protocol === 'metatrader' ? 'USD' : 'USDT';
  let held = new Decimal(0);
  for (const { side, qty, px, fee, feeCcy } of fills) {
    const signed = new Decimal(qty).times(side === 'buy' ? 1 : -1);
    held = held.plus(signed);
    balances[quote] = balances[quote]!.minus(signed.times(unit).times(px));
    if (protocol === 'binance-spot') balances['BTC'] = balances['BTC']!.plus(signed);
    balances[feeCcy] = balances[feeCcy]!.minus(fee);
  }
  return { balances, held };
};

test.each(PROTOCOLS)('%s: whatever is traded, balances are start + cash flows − fees, positions the sum of fills', async (protocol) => {
  const order = fc.record({
    side: fc.constantFrom('buy', 'sell'),
    steps: fc.integer({ min: 1, max: 20 }),
    move: fc.integer({ min: -50, max: 50 }),
    closes: fc.boolean(),
    draw: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(order, { minLength: 1, maxLength: 25 }), async (orders) => {
      let draw = 0;
      const stage = new Stage(protocol, { paper: { partialFillRate: 0.3, rejectRate: 0.1, slippageBps: 0.3 }, random: () => draw });
      const middle = protocol === 'metatrader' ? 4_000 : 60_000;
      for (const { side, steps, move, closes, draw: drawn } of orders) {
        draw = drawn;
        const bid = middle + move / 10;
        stage.quote({ bid, ask: Number((bid + 0.1).toFixed(1)) });
        const qty = new Decimal(stage.instrument.qtyStep).times(steps).toFixed();
        const own = closes && protocol === 'metatrader' ? stage.fills().at(-1) : undefined;
        await stage.answer(
          stage.place({
            side: own === undefined ? side : own.side === 'buy' ? 'sell' : 'buy',
            qty,
            limitPx: (side === 'buy' ? middle + 20 : middle - 20).toFixed(1),
            reduceOnly: closes && protocol !== 'metatrader',
            positionId: own?.positionId ?? null,
          }),
        );
      }
      stage.quote();
      const answer = await stage.answer(stage.gateway.snapshot(0));
      if (answer.code !== 'answered') throw new Error(answer.why);
      const { snapshot } = answer;
      expect(snapshot.fills).toEqual(stage.fills());
      const { balances, held } = expectedOf(protocol, snapshot.fills, stage.instrument.baseQtyPerUnit);
      const reported = new Decimal(snapshot.positions[0]?.qty ?? 0);
      expect(reported.toFixed()).toBe((protocol === 'binance-spot' ? balances['BTC']! : held).toFixed());
      const header = JSON.parse(
        // Opening anew writes the account as it follows from the lines.
        readFileSync(new Stage(protocol, { statePath: stage.statePath, open: false }).statePath, 'utf8').split('\n')[0]!,
      ) as { account: { balances: Record<string, string> } };
      for (const [ccy, amount] of Object.entries(balances)) expect(header.account.balances[ccy], ccy).toBe(amount.toFixed());
      const mark = protocol === 'metatrader' ? 4_000.1 : 60_000.05;
      const quote = protocol === 'metatrader' ? 'USD' : 'USDT';
      const value = (protocol === 'binance-spot' ? balances['BTC']! : held).times(stage.instrument.baseQtyPerUnit).times(mark);
      expect(new Decimal(snapshot.account.equity).minus(balances[quote]!.plus(value)).abs().toNumber()).toBeLessThan(1e-7);
    }),
    { numRuns: 40 },
  );
});
