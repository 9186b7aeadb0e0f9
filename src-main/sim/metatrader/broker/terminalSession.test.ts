import { describe, expect, it } from 'vitest';
import { randomStream } from '../../random.ts';
import { LOGIN, marketOrder, openBench, XAU, type Bench } from './broker.testkit.ts';
import { MARGIN_MODE, TRANSACTION } from './numbers.ts';
import { MAX_TRANSACTIONS, PROMPT, TerminalSession, type SessionHabits } from './terminalSession.ts';

const join = (bench: Bench, habits: Partial<SessionHabits> = {}): TerminalSession =>
  new TerminalSession({ server: bench.server, login: LOGIN, habits: { ...PROMPT, ...habits }, random: randomStream(1, 'session') });
const send = (session: TerminalSession, over = {}) => session.deliver(marketOrder(over), session.nextRequestId());
const types = (session: TerminalSession) => session.takeTransactions().map((t) => t.type);

describe('a terminal session', () => {
  it('knows nothing for a while after its start', () => {
    const bench = openBench();
    bench.server.request(LOGIN, marketOrder());
    const session = join(bench, { syncMs: 1_500 });
    bench.wait(1_499);
    expect([session.book().positions.size, session.isSynchronized(XAU)]).toEqual([0, false]);
    bench.wait(1);
    expect([session.book().positions.size, session.isSynchronized(XAU)]).toEqual([1, true]);
    expect(types(session)).toEqual([]);
  });

  it('is behind the server by its lag, and tells of each step in order', () => {
    const bench = openBench();
    const session = join(bench, { lagMs: 200 });
    expect(send(session).retcode).toBe(10_009);
    expect(session.book().positions.size).toBe(0);
    expect(types(session)).toEqual([TRANSACTION.request]);
    bench.wait(200);
    expect(session.book().positions.size).toBe(1);
    expect(types(session)).toEqual([TRANSACTION.orderAdd, TRANSACTION.dealAdd, TRANSACTION.orderDelete, TRANSACTION.historyAdd]);
  });

  it('tells nothing of what happened while it was away, and keeps the old lists until it has read anew', () => {
    const bench = openBench();
    const session = join(bench, { syncMs: 1_000 });
    bench.wait(1_000);
    const { order } = send(session);
    session.takeTransactions();
    session.setConnected(false);
    bench.server.closePosition(LOGIN, order);
    bench.server.setQuote(XAU, '4100.00', '4100.30');
    expect([session.book().positions.size, session.quote(XAU)!.bid, session.isSynchronized(XAU)]).toEqual([1, '4000.10', false]);
    session.setConnected(true);
    expect(session.book().positions.size).toBe(1);
    bench.wait(1_000);
    expect(session.book().positions.size).toBe(0);
    expect(types(session)).toEqual([]);
  });

  it('shuffles, doubles and drops transactions, and keeps the newest 1024', () => {
    const bench = openBench();
    const all = [TRANSACTION.orderAdd, TRANSACTION.dealAdd, TRANSACTION.orderDelete, TRANSACTION.historyAdd];
    const mixed = join(bench, { shuffle: true, duplicateShare: 1 });
    const dropped = join(bench, { dropShare: 1 });
    const orders = new Set<string>();
    for (let i = 0; i < 20; i += 1) {
      bench.server.request(LOGIN, marketOrder({ volume: '0.01' }));
      const heard = types(mixed);
      expect(new Set(heard)).toEqual(new Set(all));
      expect(heard).toHaveLength(8);
      orders.add(heard.join());
    }
    expect(orders.size).toBeGreaterThan(3);
    expect(types(dropped)).toEqual([]);
    const full = join(bench);
    for (let i = 0; i < 300; i += 1) bench.server.request(LOGIN, marketOrder({ volume: '0.01' }));
    const kept = full.takeTransactions();
    expect(kept).toHaveLength(MAX_TRANSACTIONS);
    expect(kept.at(-1)!.order).toBe(Math.max(...bench.server.accountBook(LOGIN).history.keys()));
  });

  it('TimeCurrent stands still without quotes, TimeTradeServer does not', () => {
    const bench = openBench();
    const session = join(bench);
    const [current, server] = [session.timeCurrentS(), session.timeTradeServerS()];
    bench.wait(60_000);
    expect([session.timeCurrentS() - current, session.timeTradeServerS() - server]).toEqual([0, 60]);
    bench.server.setQuote(XAU, '4000.20', '4000.50');
    expect(session.timeCurrentS() - current).toBe(60);
    expect(session.takeTicks()).toEqual([XAU]);
    expect(session.takeTicks()).toEqual([]);
  });

  it('refuses by itself while trading is off or the broker away; nothing leaves', () => {
    const bench = openBench();
    const session = join(bench);
    expect(session.refusal(marketOrder())).toBeNull();
    session.switches.algoTrading = false;
    expect(session.refusal(marketOrder())).toMatchObject({ retcode: 10_027, error: 4_752, sent: false });
    session.switches.algoTrading = true;
    session.switches.expertAllowed = false;
    expect(session.check(marketOrder())).toBe(10_027);
    session.switches.expertAllowed = true;
    session.setConnected(false);
    expect(session.refusal(marketOrder())).toMatchObject({ retcode: 10_031, sent: false });
    expect(bench.server.received()).toEqual([]);
  });

  it('forgets one account with the log-in to another', () => {
    const bench = openBench();
    bench.server.openAccount({ login: 502, deposit: '7', marginMode: MARGIN_MODE.netting });
    const session = join(bench);
    send(session);
    session.logIn(502);
    expect([session.book().positions.size, session.book().account.balance, types(session)]).toEqual([0, '7', []]);
    bench.server.request(LOGIN, marketOrder());
    expect(types(session)).toEqual([]);
  });

  it('tells of swaps and new tickets, of late money, of deals taken back', () => {
    const bench = openBench();
    const session = join(bench);
    const { deal } = send(session);
    session.takeTransactions();
    bench.server.rollOver({ retickets: true });
    bench.server.correctDeal(LOGIN, deal, { fee: '-1' });
    bench.server.removeDeal(LOGIN, deal);
    expect(types(session)).toEqual([TRANSACTION.position, TRANSACTION.dealUpdate, TRANSACTION.dealDelete]);
    expect(session.book().deals.has(deal)).toBe(false);
  });
});
