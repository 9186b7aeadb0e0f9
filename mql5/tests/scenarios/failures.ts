/** The failure table of the reference, row by row, between the real EA and the real engine side; and outcomes nobody can know at once. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXECUTION, REASON } from '../../../src-main/sim/metatrader/broker/numbers.ts';
import { emptyRequest } from '../../../src-main/sim/metatrader/broker/records.ts';
import type { BrokerFault } from '../../../src-main/sim/metatrader/broker/scriptedFaults.ts';
import { scenario, type Scenario } from '../scenario.ts';
import { GOLD_THERE, inWorld, LOGIN, type World, type WorldChoice } from '../world.ts';

const world = (name: string, choice: Omit<WorldChoice, 'program' | 'folder'>, story: (world: World) => Promise<void>): Scenario =>
  scenario(name, (stage) => inWorld({ ...choice, ...stage }, story));

const carriesCommand = (_path: string, reply: string): boolean => reply.includes('"command":{');
const of = (path: string) => (where: string) => where === path;

/** What a retcode makes of an order. */
const rejected = (name: string, fault: BrokerFault | null, prepare: (w: World) => void, retry: string): Scenario =>
  world(name, {}, async (w) => {
    await w.trading();
    prepare(w);
    if (fault !== null) w.broker.inject(fault);
    const placed = w.buy('0.10');
    const outcome = await placed.outcome;
    assert.equal(outcome.code, 'refused', JSON.stringify(outcome));
    if (outcome.code === 'refused') assert.equal(outcome.refusal.retry, retry, JSON.stringify(outcome.refusal));
    assert.equal(w.executedLots(placed), 0);
  });

/** The broker's answer says nothing; the truth is found by the number. */
const unclear = (retcode: number, executed: boolean, afterMs = 0): Scenario =>
  world(`${retcode} ${executed ? 'with' : 'without'} execution${afterMs > 0 ? ', late' : ''}: unknown until found`, {}, async (w) => {
    await w.trading();
    w.broker.inject({ kind: 'unclear', retcode, executed, ...(afterMs > 0 ? { afterMs } : {}) });
    const placed = w.buy('0.10', { validityMs: 2_000 });
    if (executed) await w.filled(placed, '0.10', 30_000);
    const outcome = await placed.outcome;
    const known = await w.engine.settle(placed, 40_000);
    if (executed) {
      assert.notEqual(outcome.code, 'refused', JSON.stringify(outcome));
      assert.equal(known.code === 'found' && known.report.state, 'filled', JSON.stringify(known));
    } else assert.ok(known.code === 'not-found' || known.report.state === 'rejected', JSON.stringify(known));
    assert.equal(w.executedLots(placed), executed ? 0.1 : 0);
  });

export const FAILURES: readonly Scenario[] = [
  world('an order through the EA: placed, filled, closed', {}, async (w) => {
    await w.trading();
    const position = await w.opened('0.30');
    const close = w.sell('0.30', { positionId: position });
    assert.equal((await close.outcome).code, 'acknowledged');
    await w.filled(close, '0.30');
    const report = await w.engine.report();
    assert.equal(report['trading'], true);
    assert.ok((await w.engine.quotes()) > 5);
  }),

  world('app down at start: the EA backs off, shows it, and comes up with the app', {}, async (w) => {
    w.ea.start();
    await w.until('three attempts', () => w.road.exchanges.length >= 3);
    await sleep(1_000);
    const attempts = w.road.exchanges.length;
    assert.ok(attempts < 25, `${attempts} attempts: no back-off`);
    await w.startEngine();
    await w.engine.untilUp(15_000);
    await w.opened('0.10');
  }),

  world('app down: deals are kept and told when it is back, nothing new is executed', {}, async (w) => {
    await w.trading();
    const position = await w.opened('0.20');
    await w.engine.kill();
    w.broker.closePosition(LOGIN, Number(position));
    await sleep(800);
    await w.startEngine();
    await w.engine.untilUp();
    await w.opened('0.10');
  }),

  world('reply lost: the command is in the answer to the repeat, and runs once', {}, async (w) => {
    await w.trading();
    const met = w.road.nextReply('lose-reply', carriesCommand);
    const placed = w.buy('0.10');
    const lost = await met;
    await w.filled(placed, '0.10');
    const { seq } = JSON.parse(lost.request) as { seq: string };
    const again = w.road.exchanges.filter((each) => each.request.includes(`"seq":"${seq}"`));
    assert.ok(again.length >= 2, 'the request was not repeated under its number');
  }),

  world('acknowledgement lost, and its answer lost: told again, counted once', {}, async (w) => {
    await w.trading();
    void w.road.next('lose-request', of('ack'));
    void w.road.next('lose-reply', of('ack'));
    void w.road.next('lose-reply', of('fill'));
    await w.opened('0.10');
    void w.road.next('double', of('ack'), 300);
    void w.road.next('double', of('fill'), 400);
    void w.road.next('overtaken', of('ack'), 500);
    await w.opened('0.20');
    await sleep(600);
  }),

  world('broker link lost: nothing is sent, and it comes back with a fresh snapshot', {}, async (w) => {
    await w.trading();
    await w.opened('0.10');
    w.host.setTerminal({ connected: false });
    await w.engine.until('the link is down', () => w.engine.orderLink === 'down');
    const placed = w.buy('0.10', { validityMs: 800 });
    assert.equal((await placed.outcome).code, 'refused');
    w.host.setTerminal({ connected: true });
    await w.engine.untilUp();
    assert.equal(w.executedLots(placed), 0);
    await w.opened('0.10');
  }),

  world('command expired before delivery: never executed', {}, async (w) => {
    await w.trading();
    await w.road.close();
    const placed = w.buy('0.10', { validityMs: 500 });
    const outcome = await placed.outcome;
    assert.equal(outcome.code, 'refused', JSON.stringify(outcome));
    await w.road.open();
    await w.engine.untilUp();
    await sleep(500);
    assert.equal(w.executedLots(placed), 0);
  }),

  world('revoked before delivery: mayLeave says no, and nothing is executed', {}, async (w) => {
    await w.trading();
    await w.engine.mayLeave(false);
    const placed = w.buy('0.10');
    const outcome = await placed.outcome;
    assert.equal(outcome.code, 'refused');
    await w.engine.mayLeave(true);
    await sleep(300);
    assert.equal(w.executedLots(placed), 0);
    await w.opened('0.10');
  }),

  world('canceled before delivery: gone for ever', {}, async (w) => {
    await w.trading();
    await w.road.close();
    const placed = w.buy('0.10', { validityMs: 20_000 });
    const canceled = await w.engine.cancel(placed);
    assert.equal(canceled.code, 'acknowledged', JSON.stringify(canceled));
    await w.road.open();
    await w.engine.untilUp();
    await sleep(500);
    assert.equal(w.executedLots(placed), 0);
  }),

  world('kill: halt in the next reply, nothing is executed after it', {}, async (w) => {
    await w.trading();
    const position = await w.opened('0.10');
    await w.engine.mode('halt');
    const placed = [w.buy('0.10'), w.sell('0.10', { positionId: position })];
    for (const { outcome } of placed) assert.notEqual((await outcome).code, 'acknowledged');
    await w.engine.mode('close_only');
    const close = w.sell('0.10', { positionId: position });
    await w.filled(close, '0.10');
    const opening = w.buy('0.10');
    assert.notEqual((await opening.outcome).code, 'acknowledged');
    for (const each of [...placed, opening]) assert.equal(w.executedLots(each), 0);
  }),

  world('partial fill: what there was, told as it was', {}, async (w) => {
    await w.trading();
    w.broker.inject({ kind: 'partial', lots: '0.07' });
    const placed = w.buy('0.20');
    await w.filled(placed, '0.07');
    const known = await w.engine.settle(placed);
    assert.equal(known.code === 'found' && known.report.state, 'canceled', JSON.stringify(known));
    assert.equal(known.code === 'found' && Number(known.report.filledQty), 0.07);
  }),

  world('one order in many deals, one position: lots add up', {}, async (w) => {
    await w.trading();
    w.broker.inject({ kind: 'split', parts: 4 });
    const placed = w.buy('0.40');
    await w.filled(placed, '0.40');
  }),

  world('one order in many deals, a position each: every one is known and closed', {}, async (w) => {
    await w.trading();
    w.broker.inject({ kind: 'split', parts: 3, positions: true });
    const placed = w.buy('0.30');
    await w.filled(placed, '0.30');
    const positions = new Set(
      w.engine.fills.filter((fill) => fill.clientOrderId === placed.request.clientOrderId).map((fill) => fill.positionId),
    );
    assert.equal(positions.size, 3);
    for (const positionId of positions) await w.filled(w.sell('0.10', { positionId: positionId! }), '0.10');
  }),

  world('10008, and the deals come late', {}, async (w) => {
    await w.trading();
    w.broker.inject({ kind: 'placed', afterMs: 1_200 });
    const placed = w.buy('0.10');
    await w.filled(placed, '0.10');
    const known = await w.engine.settle(placed);
    assert.equal(known.code === 'found' && known.report.state, 'filled');
  }),

  world('10009 with an empty result: deals are found all the same', {}, async (w) => {
    await w.trading();
    w.broker.inject({ kind: 'bare-result' });
    await w.opened('0.10');
  }),

  unclear(10_012, true),
  unclear(10_012, false),
  unclear(10_012, true, 900),
  world('10012 with execution, and lists that lag behind: unknown until found', { habits: { lagMs: 900 } }, async (w) => {
    await w.trading();
    w.broker.inject({ kind: 'unclear', retcode: 10_012, executed: true });
    const placed = w.buy('0.10');
    await w.filled(placed, '0.10', 30_000);
  }),
  unclear(10_031, true),
  unclear(10_031, false),
  unclear(10_011, false),
  unclear(10_028, true),
  unclear(0, true),

  rejected('requote: refused, on a fresh price again', { kind: 'answer', retcode: 10_004 }, () => undefined, 'fresh-price'),
  rejected('price changed: refused, on a fresh price again', { kind: 'answer', retcode: 10_020 }, () => undefined, 'fresh-price'),
  rejected(
    'rejected with a trace in the history: refused, not executed',
    { kind: 'answer', retcode: 10_006, trace: true },
    () => undefined,
    'never',
  ),
  rejected('no money', { kind: 'answer', retcode: 10_019 }, () => undefined, 'never'),
  rejected('market closed', null, (w) => w.broker.changeSymbol(GOLD_THERE, { sessions: [] }), 'never'),

  world('position already gone by its stop: the close is refused, and the deal is told with its reason', {}, async (w) => {
    await w.trading();
    const position = await w.opened('0.10');
    w.broker.closePosition(LOGIN, Number(position), { reason: 4 });
    const close = w.sell('0.10', { positionId: position });
    const outcome = await close.outcome;
    assert.equal(outcome.code, 'refused', JSON.stringify(outcome));
    await w.engine.until('it is told', () =>
      w.engine.pushes.some(({ push }) => push.type === 'order-link' && /\(sl\)/.test(String(push['detail']))),
    );
    const snapshot = await w.engine.snapshot(0);
    assert.equal(snapshot.code === 'answered' && snapshot.snapshot.positions.filter(({ qty }) => Number(qty) !== 0).length, 0);
  }),

  world('heartbeat silent: degraded, dead, no entries; then up again', {}, async (w) => {
    await w.trading();
    w.road.rates = { 'lose-request': 1 };
    await w.engine.until('the link is down', () => w.engine.orderLink === 'down', 15_000);
    const placed = w.buy('0.10', { validityMs: 500 });
    assert.equal((await placed.outcome).code, 'refused');
    w.road.rates = {};
    await w.engine.untilUp(25_000);
    assert.equal(w.executedLots(placed), 0);
    await w.opened('0.10');
  }),

  world('broker clock: an hour more is daylight saving, and deals keep their true time', { offsetS: 7_200, leadMs: 350 }, async (w) => {
    await w.trading();
    await w.opened('0.10');
    w.host.setOffsetS(10_800);
    await sleep(3_000);
    await w.opened('0.10');
    assert.ok(!w.engine.pushes.some(({ push }) => push.type === 'limit-crossed' && push['limit'] === 'mt5-server-clock-step'));
  }),

  world('broker clock jumps by something else: alarmed', {}, async (w) => {
    await w.trading();
    await sleep(1_500);
    w.host.setOffsetS(7_200 + 777);
    await w.engine.until(
      'the alarm',
      () => w.engine.pushes.some(({ push }) => push.type === 'limit-crossed' && push['limit'] === 'mt5-server-clock-step'),
      20_000,
    );
  }),

  world('foreign trades: shown, counted apart, never touched', {}, async (w) => {
    await w.trading();
    await w.opened('0.10');
    const answer = w.broker.request(
      LOGIN,
      {
        ...emptyRequest,
        action: 1,
        symbol: GOLD_THERE,
        volume: '0.50',
        filling: 1,
        type: 1,
        magic: 42,
      },
      REASON.client,
    );
    assert.notEqual(answer.order, 0);
    await sleep(500);
    const snapshot = await w.engine.snapshot(0);
    assert.equal(snapshot.code, 'answered', JSON.stringify(snapshot));
    if (snapshot.code === 'answered') {
      const gold = snapshot.snapshot.positions.find(({ instrumentId }) => instrumentId === 'XAUUSD@mt5');
      assert.deepEqual([Number(gold?.qty), Number(gold?.foreignQty)], [-0.4, -0.5]);
    }
  }),

  world('commission and swap that come later: a charge, not another fill', {}, async (w) => {
    await w.trading();
    w.broker.inject({ kind: 'late-commission', afterMs: 700 });
    await w.opened('0.30');
    await w.engine.until('the charge', () => w.engine.pushes.some(({ push }) => push.type === 'charge'));
    w.broker.rollOver({ retickets: true });
    const [deal] = w.broker.accountBook(LOGIN).deals.values();
    assert.ok(deal);
    const position = w.engine.fills.at(-1)!.positionId!;
    await w.filled(w.sell('0.30', { positionId: position }), '0.30');
  }),

  world('instant execution: slippage within the points allowed', { symbol: { exeMode: EXECUTION.instant } }, async (w) => {
    await w.trading();
    await w.opened('0.10');
  }),

  world('orders side by side on two symbols: each its own', {}, async (w) => {
    await w.trading();
    const placed = [
      ...Array.from({ length: 6 }, () => w.buy('0.10', { validityMs: 20_000 })),
      ...Array.from({ length: 6 }, () => w.buy('0.02', { symbol: 'BTCUSD', limitPx: '70000.00', validityMs: 20_000 })),
    ];
    for (const each of placed) await w.filled(each, each.request.qty);
  }),
];
