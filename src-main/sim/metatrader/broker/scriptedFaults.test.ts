import { describe, expect, it } from 'vitest';
import { LOGIN, marketOrder, openBench, XAU, type Bench } from './broker.testkit.ts';
import { FILLING, ORDER_STATE } from './numbers.ts';
import type { TradeRequest } from './records.ts';
import { FaultScript, type BrokerFault } from './scriptedFaults.ts';

const send = ({ server }: Bench, over: Partial<TradeRequest> = {}) => server.request(LOGIN, marketOrder(over));
const held = ({ server }: Bench) => [...server.accountBook(LOGIN).positions.values()].map((p) => p.volume);
const trades = ({ server }: Bench) => [...server.accountBook(LOGIN).deals.values()].filter((d) => d.type <= 1);
const bench = (fault: BrokerFault): Bench => {
  const made = openBench();
  made.server.inject(fault);
  return made;
};

describe('scripted faults', () => {
  it.each([10_004, 10_006, 10_021, 10_024, 10_029])('answer %i: nothing is done, with or without a trace', (retcode) => {
    const plain = bench({ kind: 'answer', retcode });
    expect(send(plain)).toMatchObject({ retcode, sent: false, error: 4_756, order: 0 });
    expect(plain.server.accountBook(LOGIN).history.size).toBe(0);
    const traced = bench({ kind: 'answer', retcode, trace: true });
    expect(send(traced).retcode).toBe(retcode);
    expect([...traced.server.accountBook(LOGIN).history.values()][0]).toMatchObject({ state: ORDER_STATE.rejected, volumeCurrent: '0.1' });
    expect(traced.server.audit()[0]).toMatchObject({ retcode, filledLots: '0' });
    expect(trades(traced)).toEqual([]);
  });

  it.each([10_012, 10_031, 10_011, 10_028, 0])('unclear %i: the answer is the same, whether it was executed, later, or not', (retcode) => {
    const [done, later, not] = [true, true, false].map((executed, i) =>
      bench({ kind: 'unclear', retcode, executed, afterMs: i === 1 ? 20_000 : 0 }),
    );
    const answers = [done!, later!, not!].map((b) => send(b));
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ retcode, sent: false, order: 0, deal: 0 });
    expect([held(done!), held(later!), held(not!)]).toEqual([['0.1'], [], []]);
    later!.wait(19_999);
    expect(held(later!)).toEqual([]);
    later!.wait(1);
    expect(held(later!)).toEqual(['0.1']);
    expect([done!, later!, not!].map((b) => b.server.received()[0]!.order !== 0)).toEqual([true, true, false]);
  });

  it('placed: 10008, an active order, the deals later', () => {
    const b = bench({ kind: 'placed', afterMs: 300 });
    const { retcode, order } = send(b);
    expect(retcode).toBe(10_008);
    expect(b.server.accountBook(LOGIN).orders.get(order)!.state).toBe(ORDER_STATE.placed);
    b.wait(300);
    expect(b.server.accountBook(LOGIN).history.get(order)!.state).toBe(ORDER_STATE.filled);
    expect(held(b)).toEqual(['0.1']);
  });

  it('a position that is gone by then leaves a canceled order', () => {
    const b = openBench();
    const { order } = send(b);
    b.server.inject({ kind: 'placed', afterMs: 300, on: 'close' });
    const close = send(b, { type: 1, position: order });
    b.server.closePosition(LOGIN, order);
    b.wait(300);
    expect(b.server.accountBook(LOGIN).history.get(close.order)!.state).toBe(ORDER_STATE.canceled);
    expect(trades(b)).toHaveLength(2);
  });

  it('partial: IOC takes what there is, FOK nothing, and the rest is canceled', () => {
    const ioc = bench({ kind: 'partial', lots: '0.04' });
    expect(send(ioc)).toMatchObject({ retcode: 10_010, sent: true, volume: '0.04' });
    expect([...ioc.server.accountBook(LOGIN).history.values()][0]).toMatchObject({ state: ORDER_STATE.canceled, volumeCurrent: '0.06' });
    const fok = bench({ kind: 'partial', lots: '0.04' });
    expect(send(fok, { filling: FILLING.fok })).toMatchObject({ retcode: 10_006, volume: '0' });
    expect(held(fok)).toEqual([]);
    const thin = openBench();
    thin.server.changeSymbol(XAU, { depthLots: '0.07' });
    expect(send(thin).retcode).toBe(10_010);
    expect(held(thin)).toEqual(['0.07']);
  });

  it('split: several deals of one order, in one position or in one each', () => {
    const one = bench({ kind: 'split', parts: 3 });
    send(one);
    expect(held(one)).toEqual(['0.1']);
    expect(trades(one).map((d) => d.volume)).toEqual(['0.03', '0.03', '0.04']);
    const each = bench({ kind: 'split', parts: 3, positions: true });
    send(each);
    expect(held(each)).toEqual(['0.03', '0.03', '0.04']);
    expect(new Set(trades(each).map((d) => d.positionId)).size).toBe(3);
    expect(new Set(trades(each).map((d) => d.magic)).size).toBe(1);
  });

  it('slip, a comment of its own, a result without figures, a commission that comes later', () => {
    const slipped = bench({ kind: 'slip', points: 25 });
    expect(send(slipped).price).toBe('4000.65');
    expect(send(bench({ kind: 'slip', points: 25 }), { type: 1 }).price).toBe('3999.85');
    const b = bench({ kind: 'comment', comment: 'broker says no' });
    send(b);
    expect(trades(b)[0]!.comment).toBe('broker says no');
    expect(send(bench({ kind: 'bare-result' }))).toMatchObject({ retcode: 10_009, sent: true, order: 0, deal: 0, volume: '0' });
    const late = bench({ kind: 'late-commission', afterMs: 2_000 });
    send(late);
    expect(trades(late)[0]!.commission).toBe('0');
    late.wait(2_000);
    expect(trades(late)[0]!.commission).toBe('-0.35');
    expect(late.server.accountBook(LOGIN).account.balance).toBe('99999.65');
  });

  it('strike as often as said, after as many as said, and only whom they are meant for', () => {
    const script = new FaultScript();
    const open = { symbol: XAU, magic: 7, act: 'open' as const };
    script.inject({ kind: 'answer', retcode: 10_004, times: 2, skip: 1, on: 'open', symbol: XAU, magic: 7 });
    expect(script.take({ ...open, act: 'close' })).toBeNull();
    expect(script.take({ ...open, magic: 8 })).toBeNull();
    expect(script.take({ ...open, symbol: 'BTCUSD' })).toBeNull();
    expect([1, 2, 3, 4].map(() => script.take(open)?.kind ?? null)).toEqual([null, 'answer', 'answer', null]);
    expect(script.waiting()).toBe(0);
    expect(() => script.inject({ kind: 'resting', times: 0 })).toThrow('times');
  });
});
