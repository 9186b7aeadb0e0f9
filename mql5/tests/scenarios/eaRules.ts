/** What the EA must do with a command by itself, whoever sent it: order of work, its own limits, identity, one execution. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXECUTION, REASON, TRADE_MODE } from '../../../src-main/sim/metatrader/broker/numbers.ts';
import { emptyRequest } from '../../../src-main/sim/metatrader/broker/records.ts';
import { inDuel, LOGIN, MAGIC_BASE, type Duel, type DuelChoice } from '../duel.ts';
import { scenario, type Scenario } from '../scenario.ts';
import { commandId, flattenCommand, openCommand, targetCommand, type Json } from '../scriptedEngine.ts';

const duel = (name: string, choice: DuelChoice, story: (duel: Duel) => Promise<void>): Scenario =>
  scenario(name, (stage) => inDuel(stage, choice, story));

/** The command is refused with this word, and nothing of it reached the broker. */
const refused = async (d: Duel, command: Json, error: string, state = 'rejected'): Promise<void> => {
  const ack = await d.end(command);
  assert.deepEqual([ack['state'], ack['error']], [state, error], JSON.stringify(ack));
  assert.equal(Number(ack['cum_lots']), 0);
  assert.equal(d.requests(command).length, 0, 'the broker had a request');
};

export const EA_RULES: readonly Scenario[] = [
  duel('a command is executed and told: acknowledgement, deal, figures', {}, async (d) => {
    const command = d.open({ lots: '0.30' });
    const ack = await d.end(command);
    assert.equal(ack['state'], 'done');
    assert.equal(Number(ack['cum_lots']), 0.3);
    assert.equal(ack['retcode'], 10_009);
    assert.equal(ack['duplicate'], false);
    await d.until('the deal', () => d.engine.deals().size === 1);
    const [deal] = d.evidence().deals;
    const told = d.engine.deals().get(deal!.deal)!;
    assert.deepEqual(
      { ...told, lots: Number(told['lots']), price: Number(told['price']), commission: Number(told['commission']) },
      {
        ...told,
        order: deal!.order,
        position_id: deal!.positionId,
        magic: String(command['num']),
        symbol: 'XAUUSD',
        side: 'buy',
        entry: 'in',
        lots: 0.3,
        price: Number(deal!.price),
        commission: -1.05,
        rev: 0,
        type: 'trade',
        reason: 'expert',
      },
    );
    assert.deepEqual(ack['deals'], [deal!.deal]);
    assert.equal(ack['order'], deal!.order);
    const [request] = d.requests(command);
    assert.equal(request!.filling, 'ioc');
    assert.equal(request!.position, '0');
  }),

  duel('duplicate: the same command again is the same answer, and no second order', {}, async (d) => {
    const command = d.open();
    const first = await d.end(command);
    d.engine.give({ ...command, lease_id: 'another-lease' });
    await d.until('the answer again', () => d.engine.acks(String(command['command_id'])).some((ack) => ack['duplicate'] === true));
    const again = d.engine.acks(String(command['command_id'])).find((ack) => ack['duplicate'] === true)!;
    assert.deepEqual([again['state'], again['cum_lots'], again['order']], [first['state'], first['cum_lots'], first['order']]);
    await sleep(200);
    assert.equal(d.requests(command).length, 1);
  }),

  duel('duplicate: after a restart of the terminal the journal still knows it', {}, async (d) => {
    const command = d.open();
    await d.end(command);
    await d.ea.kill();
    const before = d.engine.heard.length;
    d.ea.start();
    await d.until('hello again', () => d.engine.heard.slice(before).some(({ path }) => path === 'poll'));
    d.engine.give(command);
    await d.until('the answer again', () => d.engine.acks(String(command['command_id'])).some((ack) => ack['duplicate'] === true));
    await sleep(200);
    assert.equal(d.requests(command).length, 1);
  }),

  duel('write-ahead: a command is on disk before its order is sent, and its end before it is told', {}, async (d) => {
    const onDisk = (id: string, state: string): boolean =>
      Object.values(d.ea.written()).some((text) => text.split('\n').some((line) => line.includes(id) && line.includes(`|${state}|`)));
    const [first, second] = [d.open(), d.open({ lots: '0.20' })];
    const unwritten: string[] = [];
    const { server } = d.host;
    const request = server.request.bind(server);
    server.request = (login, asked, ...more) => {
      const command = [first, second].find((each) => Number(each['num']) === asked.magic);
      if (command !== undefined && !onDisk(String(command['command_id']), 'sending')) unwritten.push(`${asked.magic} was sent`);
      return request(login, asked, ...more);
    };
    d.engine.prank = null;
    d.engine.onHeard = ({ path, body }) => {
      const [id, state] = [String(body['command_id']), String(body['state'])];
      if (path === 'ack' && ['done', 'rejected'].includes(state) && !onDisk(id, state)) unwritten.push(`${id} ${state} was told`);
    };
    server.inject({ kind: 'answer', retcode: 10_004, skip: 1 });
    await d.end(first);
    assert.equal((await d.end(second))['state'], 'rejected');
    assert.deepEqual(unwritten, []);
  }),

  duel('gates before each send, the first that fails is named', {}, async (d) => {
    const position = await d.opened();
    const gates: readonly (readonly [string, () => void, () => void])[] = [
      ['disconnected', () => d.host.setTerminal({ connected: false }), () => d.host.setTerminal({ connected: true })],
      ['algo_trading_off', () => d.host.setTerminal({ algoTrading: false }), () => d.host.setTerminal({ algoTrading: true })],
      ['ea_trading_off', () => d.host.setTerminal({ expertAllowed: false }), () => d.host.setTerminal({ expertAllowed: true })],
      [
        'account_trading_off',
        () => d.host.server.changeAccount(LOGIN, { tradeAllowed: false }),
        () => d.host.server.changeAccount(LOGIN, { tradeAllowed: true }),
      ],
      [
        'account_experts_off',
        () => d.host.server.changeAccount(LOGIN, { tradeExpert: false }),
        () => d.host.server.changeAccount(LOGIN, { tradeExpert: true }),
      ],
    ];
    for (const [word, shut, open] of gates) {
      shut();
      await d.until(`the gate ${word} is told`, () => d.engine.of('poll').at(-1)?.['gates'] === word);
      await refused(d, d.close(position), word);
      open();
      await d.until('the gate is open again', () => d.engine.of('poll').at(-1)?.['gates'] === 'ok');
    }
    assert.equal((await d.end(d.close(position)))['state'], 'done');
  }),

  duel('a position that comes between two reads of the lists is no reason to refuse', {}, async (d) => {
    const command = d.open();
    let [armed, came, before] = [false, false, ''];
    // The program waits for this reply, and does nothing else before the command it carries.
    d.engine.onHeard = () => (armed ||= d.engine.waiting > 0);
    d.host.onAsked = (verb) => {
      if (armed && !came && before === 'POS' && verb === 'ACC') {
        came = true;
        const byHand = { ...emptyRequest, action: 1, symbol: 'XAUUSD.m', volume: '0.50', filling: 1, magic: 42 };
        assert.notEqual(d.host.server.request(LOGIN, byHand, REASON.client).order, 0);
      }
      before = verb;
    };
    d.engine.give(command);
    await d.done(command);
    assert.ok(came);
  }),

  duel('conflict: the same id with other content is not executed', {}, async (d) => {
    const command = d.open();
    await d.end(command);
    d.engine.give({ ...command, lots: '0.20' });
    await d.until('the conflict', () => d.engine.acks(String(command['command_id'])).some((ack) => ack['error'] === 'conflict'));
    await sleep(200);
    assert.equal(d.requests(command).length, 1);
  }),

  duel('stale: a number that is not above the highest is not executed', {}, async (d) => {
    const late = d.open();
    await d.end(d.open());
    await refused(d, late, 'stale');
    await d.ea.kill();
    d.ea.start();
    await refused(d, { ...late, command_id: commandId() }, 'stale');
  }),

  duel('bad command: a number below the base, a kind that is not there, a field that is missing', {}, async (d) => {
    await refused(d, openCommand(MAGIC_BASE - 1), 'bad_command');
    await refused(d, d.open({ kind: 'hedge' }), 'bad_command');
    const { lots: _, ...without } = d.open();
    await refused(d, without, 'bad_command');
    await refused(d, d.open({ side: 'up' }), 'bad_command');
    await refused(d, d.open({ lots: '-0.10' }), 'bad_command').catch(() => undefined);
    assert.equal(d.evidence().requests.length, 0);
  }),

  duel('command expired: what came too late is not begun', {}, async (d) => {
    await refused(d, d.open({ ttl_ms: 0 }), 'expired', 'expired');
    assert.equal((await d.end(d.open({ ttl_ms: 2_000 })))['state'], 'done');
  }),

  duel('mode close_only refuses openings, halt refuses closes too', {}, async (d) => {
    const position = await d.opened();
    d.engine.mode = 'close_only';
    await refused(d, d.open(), 'mode');
    d.engine.mode = 'halt';
    await refused(d, d.close(position), 'mode');
    await refused(d, d.open(), 'mode');
    d.engine.mode = 'close_only';
    assert.equal((await d.end(d.close(position)))['state'], 'done');
    assert.deepEqual(d.positions(), []);
  }),

  duel('volume: off-step lots are refused, never rounded', {}, async (d) => {
    await refused(d, d.open({ lots: '0.105' }), 'volume');
    await refused(d, d.open({ lots: '0.001' }), 'volume');
    assert.equal(Number((await d.end(d.open({ lots: '0.29' })))['cum_lots']), 0.29);
  }),

  duel(
    'its own limits hold: lots of a command, lots in all, commands a minute',
    { inputs: { InpMaxLotsCommand: '1', InpMaxLotsTotal: '1.5', InpMaxCommandsMinute: '4' } },
    async (d) => {
      await refused(d, d.open({ lots: '1.01' }), 'volume_limit');
      await d.opened('1.00');
      await refused(d, d.open({ lots: '0.60' }), 'volume_limit');
      const position = await d.opened('0.50');
      const states: unknown[] = [];
      for (let i = 0; i < 4; i += 1) states.push((await d.end(d.close(position, { lots: '0.01' })))['error']);
      assert.ok(states.includes('rate_limit'), JSON.stringify(states));
      assert.ok(d.evidence().requests.length <= 4);
    },
  ),

  duel('opening not allowed by its input: closes only', { inputs: { InpAllowOpening: 'false' } }, async (d) => {
    await refused(d, d.open(), 'opening_off');
    assert.equal(d.positions().length, 0);
  }),

  duel('price guard: a quote beyond the limit is not sent', {}, async (d) => {
    await refused(d, d.open({ limit_price: '3999.00' }), 'price_guard');
    await refused(d, d.open({ side: 'sell', limit_price: '4001.00' }), 'price_guard');
    const position = await d.opened();
    await refused(d, d.close(position, { limit_price: '4005.00' }), 'price_guard');
  }),

  duel('ticks stop: an old quote is not traded on', { inputs: { InpMaxQuoteAgeMs: '700' } }, async (d) => {
    await d.opened();
    d.quoting = false;
    await sleep(1_200);
    await refused(d, d.open(), 'quote_old');
    d.quoting = true;
    await sleep(400);
    await d.opened();
  }),

  duel('retcodes by rule: symbol unknown, closed for openings, session closed, margin', {}, async (d) => {
    await refused(d, d.open({ symbol: 'EURUSD' }), 'symbol');
    const position = await d.opened();
    d.host.server.changeSymbol('XAUUSD.m', { tradeMode: TRADE_MODE.closeOnly });
    await refused(d, d.open(), 'symbol_mode');
    assert.equal((await d.end(d.close(position)))['state'], 'done');
    d.host.server.changeSymbol('XAUUSD.m', { tradeMode: TRADE_MODE.longOnly });
    await refused(d, d.open({ side: 'sell', limit_price: '3990.00' }), 'symbol_mode');
    d.host.server.changeSymbol('XAUUSD.m', { tradeMode: TRADE_MODE.full, sessions: [] });
    await refused(d, d.open(), 'session_closed');
  }),

  duel('no money: OrderCheck says so before anything is sent', { account: { deposit: '500' } }, async (d) => {
    await refused(d, d.open({ lots: '3.00' }), 'margin');
  }),

  duel('a close names the ticket of its position, and is never larger than it', {}, async (d) => {
    const position = await d.opened('0.20');
    await refused(d, d.close(position, { lots: '0.30' }), 'volume');
    await refused(d, d.close('999999', { lots: '0.10' }), 'position_gone');
    const command = d.close(position, { lots: '0.20' });
    assert.equal((await d.end(command))['state'], 'done');
    assert.notEqual(d.requests(command)[0]!.position, '0');
    assert.deepEqual(d.positions(), []);
  }),

  duel('ticket change at swap: a close finds its position by the identifier', {}, async (d) => {
    const position = await d.opened();
    d.host.server.rollOver({ retickets: true });
    await sleep(100);
    assert.equal((await d.end(d.close(position)))['state'], 'done');
    assert.deepEqual(d.positions(), []);
    await d.until('both deals', () => d.engine.deals().size === 2);
    assert.deepEqual(
      [...d.engine.deals().values()].map((deal) => deal['position_id']),
      [position, position],
    );
  }),

  duel(
    'deviation: points as asked, and never more than its input',
    { symbol: { exeMode: EXECUTION.instant }, inputs: { InpDeviationPoints: '15' } },
    async (d) => {
      const [small, large] = [d.open({ max_dev_points: 7 }), d.open({ max_dev_points: 40 })];
      await d.end(small);
      await d.end(large);
      assert.equal(d.requests(small)[0]!.deviation, 7);
      assert.equal(d.requests(large)[0]!.deviation, 15);
    },
  ),

  duel('comment cut at 31', {}, async (d) => {
    const command = d.open({ comment: 'x'.repeat(31) });
    await d.end(command);
    assert.ok(d.requests(command)[0]!.comment.length <= 31);
    const long = d.open({ comment: 'y'.repeat(60) });
    await d.end(long);
    assert.ok(d.requests(long).every(({ comment }) => comment.length <= 31));
  }),

  ...(['fok', 'ioc'] as const).map((only) =>
    duel(
      `filling by the symbol's flags, ${only.toUpperCase()} alone: open and close`,
      { symbol: { filling: only === 'fok' ? 1 : 2 } },
      async (d) => {
        const [open] = [d.open()];
        const position = ((await d.end(open))['positions'] as readonly string[])[0]!;
        const close = d.close(position);
        assert.equal((await d.end(close))['state'], 'done');
        assert.deepEqual(
          [...d.requests(open), ...d.requests(close)].map(({ filling }) => filling),
          [only, only],
        );
      },
    ),
  ),
  duel('filling without flags and without market execution: RETURN', { symbol: { filling: 0, exeMode: EXECUTION.exchange } }, async (d) => {
    const command = d.open();
    assert.equal((await d.end(command))['state'], 'done');
    assert.equal(d.requests(command)[0]!.filling, 'return');
  }),

  duel('cancel of a command that never came: it cannot run any more, even after a restart', {}, async (d) => {
    const target = d.open();
    const cancel = targetCommand('cancel', target);
    d.engine.give(cancel);
    await d.until('the target is canceled', () => d.engine.acks(String(target['command_id'])).some((ack) => ack['state'] === 'canceled'));
    d.engine.give(target);
    await sleep(300);
    await d.ea.kill();
    const before = d.engine.of('poll').length;
    d.ea.start();
    await d.until('polls again', () => d.engine.of('poll').length > before + 3);
    d.engine.give(target);
    await sleep(400);
    assert.equal(d.requests(target).length, 0);
  }),

  duel('cancel of what was executed: too late, and what became of it', {}, async (d) => {
    const target = d.open();
    await d.end(target);
    const cancel = targetCommand('cancel', target);
    const ack = await d.end(cancel);
    assert.deepEqual([ack['state'], ack['error']], ['rejected', 'too_late']);
    await d.until('the target is told again', () => d.engine.acks(String(target['command_id'])).length >= 2);
  }),

  duel('query for what the EA never saw: written down as not executed, and never run', {}, async (d) => {
    const target = d.open();
    d.engine.give(targetCommand('query', target));
    const ack = await d.ended(target, 20_000);
    assert.equal(ack['state'], 'not_executed');
    d.engine.give(target);
    await sleep(400);
    await d.ea.kill();
    d.ea.start();
    d.engine.give(target);
    await sleep(1_500);
    assert.equal(d.requests(target).length, 0);
  }),

  duel('journal deleted: what was executed before is found by its number, and not repeated', {}, async (d) => {
    const [first, second] = [d.open(), d.open()];
    await d.end(first);
    await d.end(second);
    await d.ea.kill();
    d.ea.forget();
    const before = d.engine.of('poll').length;
    d.ea.start();
    await d.until('polls again', () => d.engine.of('poll').length > before);
    d.engine.give(first);
    d.engine.give(targetCommand('query', second));
    const asked = await d.ended({ ...second, kind: 'query' }, 20_000);
    assert.equal(Number(asked['cum_lots']), 0.1);
    await sleep(500);
    assert.deepEqual([d.requests(first).length, d.requests(second).length], [1, 1]);
  }),

  duel('flatten: its own positions are closed, others never touched', {}, async (d) => {
    await d.opened('0.10');
    await d.opened('0.20');
    await d.opened('0.10', { symbol: 'BTCUSD', limit_price: '70000.00' });
    const foreign = d.host.server.request(
      LOGIN,
      { ...emptyRequest, action: 1, symbol: 'XAUUSD.m', volume: '0.50', filling: 1, magic: 42 },
      REASON.client,
    );
    assert.notEqual(foreign.order, 0);
    const command = flattenCommand('own');
    await d.end(command, 20_000);
    assert.deepEqual(
      d.evidence().positions.map(({ magic, lots }) => [magic, Number(lots)]),
      [[42, 0.5]],
    );
    await d.until('every closing deal', () => [...d.engine.deals().values()].filter((deal) => deal['entry'] === 'out').length === 3);
    for (const { magic } of d.evidence().requests) d.allowSeveral(magic);
  }),

  duel('flatten of one symbol leaves the others', {}, async (d) => {
    await d.opened('0.10');
    await d.opened('0.10', { symbol: 'BTCUSD', limit_price: '70000.00' });
    await d.end(flattenCommand('BTCUSD'), 20_000);
    assert.deepEqual(
      d.evidence().positions.map(({ symbol }) => symbol),
      ['XAUUSD.m'],
    );
    for (const { magic } of d.evidence().requests) d.allowSeveral(magic);
  }),

  duel('flatten: a close that is refused for good does not keep the others open', {}, async (d) => {
    await d.opened('0.10');
    await d.opened('0.10', { symbol: 'BTCUSD', limit_price: '70000.00' });
    d.host.server.inject({ kind: 'answer', retcode: 10_018, on: 'close', symbol: 'BTCUSD', times: 50 });
    const ack = await d.end(flattenCommand('own'), 20_000);
    assert.deepEqual([ack['state'], Number(ack['cum_lots'])], ['partial', 0.1]);
    assert.deepEqual(
      d.evidence().positions.map(({ symbol }) => symbol),
      ['BTCUSD'],
    );
    for (const { magic } of d.evidence().requests) d.allowSeveral(magic);
  }),

  duel('flatten: what was begun goes on after the terminal died in it', {}, async (d) => {
    await d.opened('0.10');
    d.host.server.inject({ kind: 'answer', retcode: 10_004, on: 'close', times: 3 });
    const command = flattenCommand('own');
    const before = d.evidence().requests.length;
    d.engine.give(command);
    await d.until('the first close', () => d.evidence().requests.length > before);
    await d.ea.kill();
    d.ea.start();
    assert.equal((await d.ended(command, 20_000))['state'], 'done');
    assert.equal(d.evidence().positions.length, 0);
    for (const { magic } of d.evidence().requests) d.allowSeveral(magic);
  }),

  duel('a stop bears the number of its position: it is no part of the command that opened it', {}, async (d) => {
    const command = d.open();
    const { cum_lots: lots, positions } = await d.end(command);
    d.host.server.closePosition(LOGIN, Number((positions as string[])[0]), { reason: REASON.sl });
    await d.until('the stop', () => d.evidence().positions.length === 0);
    await d.ea.kill();
    d.ea.forget();
    d.ea.start();
    const told = d.engine.acks(String(command['command_id'])).length;
    d.engine.give(targetCommand('query', command));
    const last = (): Json | undefined => d.engine.acks(String(command['command_id'])).slice(told).at(-1);
    await d.until('the target is told', () => last() !== undefined);
    assert.deepEqual([last()!['state'], Number(last()!['cum_lots'])], ['done', Number(lots)]);
  }),
];
