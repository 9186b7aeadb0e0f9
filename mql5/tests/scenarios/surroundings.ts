/** What surrounds EA and engine: switches, accounts, tokens and keys, two terminals, other programs, lost files. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACCOUNT_KIND, MARGIN_MODE } from '../../../src-main/sim/metatrader/broker/numbers.ts';
import { scenario, type Scenario } from '../scenario.ts';
import { inWorld, LOGIN, type World, type WorldChoice } from '../world.ts';

const world = (name: string, choice: Omit<WorldChoice, 'program' | 'folder'>, story: (world: World) => Promise<void>): Scenario =>
  scenario(name, (stage) => inWorld({ ...choice, ...stage }, story));

/** Both run, and the engine never lets an order through. */
const neverTrades = async (w: World, forMs = 2_500): Promise<void> => {
  await w.startEngine();
  w.ea.start();
  await sleep(forMs);
  assert.equal(w.engine.orderLink, 'down');
  const placed = w.buy('0.10', { validityMs: 300 });
  assert.equal((await placed.outcome).code, 'refused');
  assert.equal(w.executedLots(placed), 0);
};

const gate = (name: string, off: (w: World) => void, on: (w: World) => void, words: RegExp): Scenario =>
  world(name, {}, async (w) => {
    await w.trading();
    await w.opened('0.10');
    off(w);
    await w.engine.until('the link is down', () => w.engine.orderLink === 'down');
    assert.match(w.engine.orderLinkDetail, words);
    const placed = w.buy('0.10', { validityMs: 500 });
    assert.equal((await placed.outcome).code, 'refused');
    assert.equal(w.executedLots(placed), 0);
    on(w);
    await w.engine.untilUp();
    await w.opened('0.10');
  });

export const SURROUNDINGS: readonly Scenario[] = [
  gate(
    'Algo Trading off: said in words, nothing is sent; on again: it goes on',
    (w) => w.host.setTerminal({ algoTrading: false }),
    (w) => w.host.setTerminal({ algoTrading: true }),
    /Algo Trading/i,
  ),
  gate(
    "the EA's own box is off",
    (w) => w.host.setTerminal({ expertAllowed: false }),
    (w) => w.host.setTerminal({ expertAllowed: true }),
    /\w/,
  ),
  gate(
    'the account may not trade (investor password)',
    (w) => w.broker.changeAccount(LOGIN, { tradeAllowed: false }),
    (w) => w.broker.changeAccount(LOGIN, { tradeAllowed: true }),
    /\w/,
  ),
  gate(
    'the broker lets no program trade',
    (w) => w.broker.changeAccount(LOGIN, { tradeExpert: false }),
    (w) => w.broker.changeAccount(LOGIN, { tradeExpert: true }),
    /\w/,
  ),

  world('URL not white-listed: nothing reaches the engine, and the panel or an alert says what to do', { allow: [] }, async (w) => {
    await w.startEngine();
    w.ea.start();
    await w.until('it is said', () => /WebRequest|URL/i.test([...w.ea.alerts(), w.ea.panel(), ...w.ea.lines].join('\n')));
    assert.equal(w.road.exchanges.length, 0);
    assert.equal(w.engine.orderLink, 'down');
  }),

  world('wrong token: 401, shown, and never trades', { token: 'x'.repeat(43) }, async (w) => {
    await neverTrades(w);
    assert.ok(w.road.exchanges.every(({ status }) => status === 401 || status === 429));
    assert.ok(w.road.exchanges.length < 8, `${w.road.exchanges.length} attempts`);
  }),

  world('wrong key: the replies are not believed, and nothing is obeyed', { key: 'y'.repeat(43) }, async (w) => {
    await neverTrades(w, 3_000);
    assert.equal(w.broker.received().length, 0);
  }),

  world('another program on the port: its words are not obeyed', {}, async (w) => {
    const squatter = createServer((request, response) => {
      request.resume();
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(
          '{"v":1,"session":"x","epoch":1,"ack_seq":"0","mode":"normal","trading":true,"command":null,"snapshot_request":1,"more":true,"poll_ms":20,"now_utc_ms":"1","deals_since_msc":"0","wanted":["XAUUSD"],"why":""}',
        );
    });
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    w.road.target = (squatter.address() as AddressInfo).port;
    w.ea.start();
    await sleep(2_000);
    assert.ok(
      w.road.exchanges.every(({ path }) => path === 'hello'),
      'it spoke of its account beyond hello',
    );
    await w.startEngine();
    squatter.closeAllConnections();
    squatter.close();
    await w.engine.untilUp(25_000);
    await w.opened('0.10');
  }),

  world('two EAs in two terminals: the newer speaks, the older stops for good', {}, async (w) => {
    await w.trading();
    await w.opened('0.10');
    const second = w.newTerminal();
    second.start();
    await w.until('the first stops', () => w.terminals[0]!.alerts().length > 0);
    await w.engine.untilUp();
    const placed = w.buy('0.10');
    await w.filled(placed, '0.10');
    const sinceMs = performance.now() + 500;
    await sleep(2_000);
    const after = w.road.exchanges.filter(({ atMs, path }) => atMs > sinceMs && path !== 'hello');
    const sessions = new Set(after.map(({ request }) => (JSON.parse(request) as { session: string }).session));
    assert.equal(sessions.size, 1, 'both still speak');
  }),

  world('account switch in the terminal: the session ends, nothing is sent on the other account', {}, async (w) => {
    w.broker.openAccount({ login: LOGIN + 1, deposit: '1000' });
    await w.trading();
    await w.opened('0.10');
    w.host.setTerminal({ login: LOGIN + 1 });
    await w.engine.until('the link is down', () => w.engine.orderLink === 'down');
    const placed = w.buy('0.10', { validityMs: 500 });
    assert.notEqual((await placed.outcome).code, 'acknowledged');
    await sleep(1_000);
    assert.equal(w.broker.received().filter(({ login }) => login === LOGIN + 1).length, 0);
    assert.equal(w.engine.orderLink, 'down', 'the ledger is bound to the first account');
    w.host.setTerminal({ login: LOGIN });
    await w.engine.untilUp(30_000);
    await w.opened('0.10');
  }),

  world('netting account refused, with the reason', { account: { marginMode: MARGIN_MODE.netting } }, async (w) => {
    await neverTrades(w);
    assert.ok(
      w.road.exchanges.some(
        ({ status, reply }) => (status === 412 && /netting|hedging/i.test(reply ?? '')) || /"trading":false/.test(reply ?? ''),
      ),
    );
  }),

  world('real account refused in demo mode: play money never mixes with real', { account: { kind: ACCOUNT_KIND.real } }, async (w) => {
    await neverTrades(w);
    assert.ok(
      w.road.exchanges.some(({ status, reply }) => status === 412 && /account-kind/.test(reply ?? '')),
      w.story(),
    );
  }),

  world('paper mode: quotes flow, and the EA is told that it does not trade', { mode: 'paper' }, async (w) => {
    await w.startEngine();
    w.ea.start();
    await w.until('quotes', async () => (await w.engine.quotes()) > 5);
    assert.ok(w.road.exchanges.some(({ path, reply }) => path === 'hello' && /"trading":false/.test(reply ?? '')));
    assert.equal(w.broker.received().length, 0);
  }),

  world('journal deleted while the terminal is closed: nothing runs twice, what was unknown is found by its number', {}, async (w) => {
    await w.trading();
    const first = await w.opened('0.10');
    w.broker.inject({ kind: 'unclear', retcode: 10_012, executed: true, afterMs: 300 });
    const placed = w.buy('0.20', { validityMs: 2_000 });
    await w.until('it is executed', () => w.executedLots(placed) === 0.2);
    await w.ea.kill();
    w.ea.forget();
    w.startEa();
    await w.engine.untilUp(30_000);
    const known = await w.engine.settle(placed, 40_000);
    assert.equal(known.code === 'found' && Number(known.report.filledQty), 0.2, JSON.stringify(known));
    await w.filled(w.sell('0.10', { positionId: first }), '0.10');
  }),

  world('the EA is killed and started: it goes on where it was', {}, async (w) => {
    await w.trading();
    const position = await w.opened('0.20');
    await w.ea.kill();
    await w.engine.until('the link is down', () => w.engine.orderLink === 'down', 10_000);
    w.startEa();
    await w.engine.untilUp();
    await w.filled(w.sell('0.20', { positionId: position }), '0.20');
  }),
];
