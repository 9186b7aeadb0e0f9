import { afterEach, describe, expect, test } from 'vitest';
import type { Environment } from '../../../../src-shared/domain/exchange.ts';
import type { GatewayParts } from '../shared/orders/parts.ts';
import { until } from '../shared/scriptedVenue.testkit.ts';
import { INSTRUMENTS, instrumentRow, KEY, okxStage, orderOf, refOf, SPOT, SWAP } from './okxPeer.testkit.ts';
import type { OkxStage } from './okxPeer.testkit.ts';
import { whyNotHere } from './orders.ts';

const stages: OkxStage[] = [];
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.end();
});
const staged = async (more: Partial<GatewayParts> = {}, environment?: Environment) => {
  const stage = await okxStage(more, environment);
  stages.push(stage);
  return stage;
};
const upStage = async (environment?: Environment) => {
  const stage = await staged({}, environment);
  await stage.up();
  return stage;
};
const yes = () => true;
const entry = (more: object = {}) => ({ ordId: '700', clOrdId: 'arb01', ts: '1795353000000', sCode: '0', sMsg: '', ...more });
const reply = (id: string | undefined, op: string, more: object = {}, code = '0') => ({ id, op, code, msg: '', data: [entry(more)] });
/** Answers every order call with `more`. */
const answering = ({ okx }: OkxStage, more: object = {}, code = '0') => {
  okx.onOrder = (socket, frame) => okx.say(socket, reply(frame.id, frame.op ?? '', more, code));
};

describe('the private socket', () => {
  test('logs in with the venue’s seconds, subscribes three channels one after the other, then is up', async () => {
    const { okx, dialect, owner } = await upStage();
    expect(okx.faults).toEqual([]);
    const said = okx.frames.map(({ frame }) => frame);
    expect(said.map(({ op }) => op)).toEqual(['login', 'subscribe', 'subscribe', 'subscribe']);
    expect(said.slice(1).map(({ args }) => args)).toEqual([
      [{ channel: 'orders', instType: 'ANY' }],
      [{ channel: 'positions', instType: 'ANY', extraParams: '{"updateInterval":"0"}' }],
      [{ channel: 'account', extraParams: '{"updateInterval":"0"}' }],
    ]);
    expect(dialect.entry).toEqual({ up: true, detail: 'connected' });
    expect(dialect.stream.up).toBe(true);
    expect(owner.changes).toBeGreaterThan(0);
  });

  test('a venue an hour ahead: its own clock is what is stamped and shown', async () => {
    const stage = await staged();
    stage.okx.skewMs = 3_600_000;
    await stage.up();
    expect(stage.okx.faults).toEqual([]);
    expect(Math.abs(stage.dialect.venueUnixMs()! - stage.okx.nowMs)).toBeLessThan(5);
  });

  test('a refused log-in says what is wrong, and does not come up', async () => {
    const stage = await staged({
      key: { environment: 'simulated', apiKey: 'other', secret: { algorithm: 'hmac-sha256', text: 'x' }, passphrase: 'p' },
    });
    stage.dialect.start(stage.owner);
    await stage.time.passUntil(() => stage.dialect.entry.detail.includes('60009'), 'the refusal', 50);
    expect(stage.dialect.entry.up).toBe(false);
    expect(stage.dialect.entry.detail).toContain('the log-in failed');
    await expect(stage.dialect.check()).resolves.toMatchObject({ checks: [{ code: 'key', state: 'fail', venueCode: '50113' }] });
  });

  test('a key of another environment never leaves', async () => {
    const stage = await staged({
      key: { environment: 'live', apiKey: KEY.apiKey, secret: { algorithm: 'hmac-sha256', text: KEY.secret }, passphrase: KEY.passphrase },
    });
    stage.dialect.start(stage.owner);
    await stage.time.pass(5_000);
    expect(stage.dialect.entry.detail).toContain('the key is of the environment "live"');
    expect(typeof (await stage.dialect.check())).toBe('string');
    expect([stage.okx.heard.length, stage.okx.sockets.length]).toEqual([0, 0]);
  });

  test('notice 64008: the successor is up before the old socket ends, what is under way there is answered there', async () => {
    const stage = await upStage();
    const { okx, dialect, time } = stage;
    const placing = dialect.place(orderOf(), yes);
    const { id } = await stage.order(0);
    okx.say(okx.sockets[0]!, { event: 'notice', code: '64008', msg: 'closing soon', connId: 'a1' });
    await time.passUntil(() => okx.frames.filter(({ frame }) => frame.op === 'subscribe').length === 6, 'a second socket', 50);
    okx.say(okx.sockets[0]!, reply(id, 'order'));
    await expect(placing).resolves.toMatchObject({ code: 'acknowledged', venueOrderId: '700' });
    answering(stage);
    await expect(dialect.place(orderOf({ clientOrderId: 'arb01' as never }), yes)).resolves.toMatchObject({ code: 'acknowledged' });
    expect(okx.frames.at(-1)!.socket).toBe(okx.sockets[1]);
  });

  test.each([
    [4_001, 'login failed'],
    [4_007, 'key changed'],
    [4_009, 'too many channels'],
  ])('close code %i is named', async (code, words) => {
    const stage = await upStage();
    stage.okx.sockets[0]!.close(code, 'bye');
    await until(() => !stage.dialect.entry.up, 'the link to go down');
    expect(stage.dialect.entry.detail).toContain(words);
  });

  test('how many sockets read our orders is shown; too many is a refusal', async () => {
    const { okx, dialect, owner } = await upStage();
    const socket = okx.sockets[0]!;
    const counted = async (connCount: string) => {
      const before = owner.changes;
      okx.say(socket, { event: 'channel-conn-count', channel: 'orders', connCount, connId: 'a1' });
      await until(() => owner.changes > before, 'the count');
      return dialect.stream.detail;
    };
    await expect(counted('2')).resolves.toBe('connected');
    await expect(counted('3')).resolves.toBe('connected; 3 sockets read this account’s orders');
    expect(owner.alarms).toEqual([]);
    okx.say(socket, { event: 'channel-conn-count-error', channel: 'orders', connCount: '30', connId: 'a1' });
    await until(() => !dialect.stream.up, 'the refusal');
    expect(dialect.stream.detail).toContain('all 30 sockets');
  });
});

describe('placing', () => {
  test('the frame is what OKX asks for, the end is on its clock, the answer is ours', async () => {
    const stage = await upStage();
    answering(stage);
    await expect(stage.dialect.place(orderOf(), yes)).resolves.toEqual({
      code: 'acknowledged',
      venueOrderId: '700',
      venueUnixMs: 1_795_353_000_000,
    });
    const frame = await stage.order(0);
    expect(frame.args).toEqual([
      {
        instIdCode: 10_458,
        tdMode: 'cross',
        side: 'buy',
        ordType: 'ioc',
        px: '4000.6',
        sz: '10',
        clOrdId: 'arb01',
        tag: 'quantarb',
        stpMode: 'cancel_taker',
      },
    ]);
    expect(Number(frame['expTime']) - stage.okx.nowMs).toBeGreaterThan(1_490);
    expect(Number(frame['expTime']) - stage.okx.nowMs).toBeLessThanOrEqual(1_501);
    expect(stage.okx.asked('/api/v5/trade/order')).toEqual([]);
  });

  test('spot goes as cash, under its own code', async () => {
    const stage = await upStage();
    answering(stage);
    await stage.dialect.place(orderOf({ symbol: SPOT, reduceOnly: true }), yes);
    expect((await stage.order(0)).args).toEqual([expect.objectContaining({ instIdCode: 10_459, tdMode: 'cash' })]);
    expect((await stage.order(0)).args![0]).not.toHaveProperty('reduceOnly');
  });

  test('a shut gate, an unread code and a strange instrument send nothing', async () => {
    const stage = await staged();
    stage.dialect.start(stage.owner);
    await stage.time.passUntil(() => stage.dialect.entry.up, 'up', 50);
    await expect(stage.dialect.place(orderOf(), yes)).resolves.toMatchObject({ refusal: { by: 'gateway', retry: 'later' } });
    await stage.dialect.check();
    await expect(stage.dialect.place(orderOf(), () => false)).resolves.toMatchObject({ code: 'refused', refusal: { by: 'gateway' } });
    await expect(stage.dialect.place(orderOf({ symbol: 'BTC-USDT' }), yes)).resolves.toMatchObject({ refusal: { retry: 'never' } });
    for (const id of ['', 'a-b', 'x'.repeat(33)])
      await expect(stage.dialect.place(orderOf({ clientOrderId: id as never }), yes)).resolves.toMatchObject({
        refusal: { by: 'gateway', retry: 'never' },
      });
    expect(stage.okx.frames.filter(({ frame }) => frame.op === 'order')).toEqual([]);
  });

  test('without the venue’s clock nothing is sent', async () => {
    const stage = await staged();
    await expect(stage.dialect.place(orderOf(), yes)).resolves.toMatchObject({ refusal: { by: 'gateway', retry: 'later' } });
  });

  test('a socket that ends before the answer, and silence, are unknown', async () => {
    const stage = await upStage();
    const lost = stage.dialect.place(orderOf(), yes);
    await stage.order(0);
    stage.okx.sockets[0]!.terminate();
    await expect(lost).resolves.toMatchObject({ code: 'unknown' });
    await stage.time.passUntil(() => stage.dialect.entry.up, 'up again', 100);
    const silent = stage.dialect.place(orderOf(), yes);
    await stage.order(1);
    await stage.time.pass(stage.parts.venue.ackTimeoutMs);
    await expect(silent).resolves.toMatchObject({ code: 'unknown' });
    await stage.time.passUntil(() => stage.okx.sockets.length === 3, 'another socket, for this one may be dead', 50);
  });

  test.each([
    ['51008', 'refused'],
    ['51016', 'unknown'],
    ['50026', 'unknown'],
    ['59999', 'unknown'],
  ])('sCode %s: %s', async (sCode, expected) => {
    const stage = await upStage();
    answering(stage, { ordId: '', sCode, sMsg: 'words' }, '1');
    await expect(stage.dialect.place(orderOf(), yes)).resolves.toMatchObject({ code: expected });
  });

  test('too often: that instrument’s placing falls silent for a window, cancels do not', async () => {
    const stage = await upStage();
    answering(stage, { ordId: '', sCode: '50011', sMsg: 'Too Many Requests' }, '1');
    await expect(stage.dialect.place(orderOf(), yes)).resolves.toMatchObject({ refusal: { venueCode: '50011', retry: 'later' } });
    answering(stage);
    await expect(stage.dialect.place(orderOf(), yes)).resolves.toMatchObject({ refusal: { by: 'gateway', retry: 'later' } });
    await expect(stage.dialect.cancel(refOf(), yes)).resolves.toEqual({ code: 'acknowledged' });
    await expect(stage.dialect.place(orderOf({ symbol: SPOT }), yes)).resolves.toMatchObject({ code: 'acknowledged' });
    await stage.time.pass(2_001);
    await expect(stage.dialect.place(orderOf(), yes)).resolves.toMatchObject({ code: 'acknowledged' });
  });

  test('the sub-account’s own figure bounds its orders', async () => {
    const stage = await upStage();
    expect(stage.dialect.budgets().find(({ name }) => name === 'orders of the account')?.max).toBe(600);
    expect(stage.dialect.budgets().find(({ name }) => name === `place ${SWAP}`)?.max).toBe(60);
  });

  test('a refused time stamp: nothing is stamped until the clock was measured anew', async () => {
    const stage = await upStage();
    answering(stage, { ordId: '', sCode: '50102', sMsg: 'Timestamp request expired' }, '1');
    const { dialect, okx, time } = stage;
    const before = okx.asked('/api/v5/public/time').length;
    await expect(dialect.place(orderOf(), yes)).resolves.toMatchObject({ refusal: { retry: 'later', venueCode: '50102' } });
    expect(dialect.venueUnixMs()).toBeNull();
    await time.passUntil(() => dialect.venueUnixMs() !== null, 'measured anew', 50);
    expect(okx.asked('/api/v5/public/time').length).toBeGreaterThan(before);
  });

  test('terms that were not accepted are shown until an order is taken', async () => {
    const stage = await upStage();
    const agreement = async () => {
      const checking = stage.dialect.check();
      await stage.time.pass(3_000);
      const checked = await checking;
      return typeof checked === 'string'
        ? checked
        : checked.checks.find(({ code, instrumentId }) => code === 'agreement' && instrumentId === `${SWAP}@okx`);
    };
    answering(stage, { ordId: '', sCode: '54092', sMsg: 'accept the disclaimer' }, '1');
    await stage.dialect.place(orderOf(), yes);
    expect(stage.owner.pushes.at(-1)?.recheck).toBe(true);
    await expect(agreement()).resolves.toMatchObject({ state: 'fail', venueCode: '54092' });
    answering(stage);
    await stage.dialect.place(orderOf(), yes);
    await expect(agreement()).resolves.toMatchObject({ state: 'pass' });
  });
});

describe('the demo environment’s defect', () => {
  const refusing = (stage: OkxStage) => answering(stage, { ordId: '', sCode: '51001', sMsg: "Instrument ID code doesn't exist" }, '1');

  test('after that definite refusal the instrument’s orders go by REST, and it is said', async () => {
    const stage = await upStage();
    refusing(stage);
    const { dialect, okx } = stage;
    await expect(dialect.place(orderOf(), yes)).resolves.toMatchObject({ refusal: { venueCode: '51001', retry: 'fresh-price' } });
    expect(okx.asked('/api/v5/trade/order')).toEqual([]);
    await until(() => dialect.entry.detail.includes(`${SWAP} go by REST`), 'the note');
    okx.rules.set('/api/v5/trade/order', () => ({ data: [entry()] }));
    await expect(dialect.place(orderOf(), yes)).resolves.toMatchObject({ code: 'acknowledged', venueOrderId: '700' });
    const [asked] = okx.asked('/api/v5/trade/order');
    expect(asked).toMatchObject({ method: 'POST', body: { instId: SWAP, clOrdId: 'arb01', ordType: 'ioc' } });
    expect(Number(asked!.headers['exptime']) - okx.nowMs).toBeGreaterThan(1_400);
    okx.rules.set('/api/v5/trade/cancel-order', () => ({ data: [entry()] }));
    await expect(dialect.cancel(refOf(), yes)).resolves.toEqual({ code: 'acknowledged' });
    expect(okx.asked('/api/v5/trade/cancel-order')).toHaveLength(1);
    answering(stage);
    await expect(dialect.place(orderOf({ symbol: SPOT }), yes)).resolves.toMatchObject({ code: 'acknowledged' });
    expect(okx.asked('/api/v5/trade/order')).toHaveLength(1);
  });

  test('a code that has changed is read, and the socket stays the way', async () => {
    const stage = await upStage();
    refusing(stage);
    const { dialect, okx } = stage;
    okx.rules.set('/api/v5/public/instruments', () => ({ data: [instrumentRow(SWAP, { instIdCode: 20_001 })] }));
    const before = stage.owner.changes;
    await dialect.place(orderOf(), yes);
    await until(() => stage.owner.changes > before, 'the code read again');
    answering(stage);
    await expect(dialect.place(orderOf(), yes)).resolves.toMatchObject({ code: 'acknowledged' });
    expect((await stage.order(1)).args).toEqual([expect.objectContaining({ instIdCode: 20_001 })]);
    expect(dialect.entry.detail).toBe('connected');
  });

  test('an order by REST that got no answer is unknown; a 5xx is, too', async () => {
    const stage = await upStage();
    refusing(stage);
    await stage.dialect.place(orderOf(), yes);
    await until(() => stage.dialect.entry.detail.includes('go by REST'), 'the note');
    stage.okx.rules.set('/api/v5/trade/order', () => 'drop');
    await expect(stage.dialect.place(orderOf(), yes)).resolves.toMatchObject({ code: 'unknown' });
    stage.okx.rules.set('/api/v5/trade/order', () => ({ status: 503, code: '50001', msg: 'Service temporarily unavailable' }));
    await expect(stage.dialect.place(orderOf(), yes)).resolves.toMatchObject({ code: 'unknown' });
  });
});

describe('canceling', () => {
  test('by the socket while it is up, by REST while it is not', async () => {
    const stage = await upStage();
    const { dialect, okx } = stage;
    answering(stage);
    await expect(dialect.cancel(refOf({ venueOrderId: '700' }), yes)).resolves.toEqual({ code: 'acknowledged' });
    expect(await stage.order(0)).toMatchObject({ op: 'cancel-order', args: [{ instIdCode: 10_458, ordId: '700' }] });
    okx.onLogin = () => undefined;
    okx.sockets[0]!.terminate();
    await until(() => !dialect.entry.up, 'down');
    okx.rules.set('/api/v5/trade/cancel-order', () => ({ code: '1', data: [entry({ sCode: '51400', sMsg: 'gone' })] }));
    await expect(dialect.cancel(refOf(), yes)).resolves.toMatchObject({ code: 'refused', venueCode: '51400' });
    expect(okx.asked('/api/v5/trade/cancel-order')[0]).toMatchObject({ body: { instId: SWAP, clOrdId: 'arb01' } });
    okx.rules.set('/api/v5/trade/cancel-order', () => 'drop');
    await expect(dialect.cancel(refOf(), yes)).resolves.toMatchObject({ code: 'unknown' });
    expect(okx.asked('/api/v5/trade/cancel-order')).toHaveLength(2);
  });
});

describe('pushes', () => {
  const push = (more: object = {}) => ({
    instId: SWAP,
    ordId: '700',
    clOrdId: 'arb01',
    side: 'buy',
    state: 'filled',
    accFillSz: '10',
    fillSz: '10',
    fillPx: '4000.5',
    tradeId: '5',
    fillFee: '-0.02',
    fillFeeCcy: 'USDT',
    uTime: '1',
    category: 'normal',
    ...more,
  });
  const forced = (tradeId: string) => ({
    instId: SWAP,
    ordId: '701',
    tradeId,
    billId: '9',
    subType: '125',
    side: 'sell',
    fillSz: '10',
    fillPx: '3990',
    fee: '-1',
    feeCcy: 'USDT',
    fillTime: '7',
  });

  test('a fill arrives, once', async () => {
    const { okx, owner } = await upStage();
    okx.push('orders', push());
    okx.push('orders', push());
    okx.push('orders', push({ tradeId: '6', ordId: '702' }));
    await until(() => owner.fills.length === 2, 'both fills');
    expect(owner.fills.map(({ tradeId, fee }) => [tradeId, fee])).toEqual([
      ['5', '0.02'],
      ['6', '0.02'],
    ]);
  });

  test('what was forced upon us is asked for, with its identity, when the fills have it', async () => {
    const { okx, owner, time } = await upStage();
    let asked = 0;
    okx.rules.set('/api/v5/trade/fills', () => ({ data: (asked += 1) > 1 ? [forced('-77')] : [] }));
    okx.push('orders', push({ category: 'adl', ordId: '701', clOrdId: '', tradeId: '0' }));
    await time.passUntil(() => owner.fills.length === 1, 'the forced fill', 50);
    expect(owner.fills[0]).toMatchObject({ tradeId: '-77', venueMade: 'deleveraging', clientOrderId: null, fee: '1' });
    expect(owner.alarms[0]).toContain('OKX acted of its own accord: adl');
    expect(okx.asked('/api/v5/trade/fills').at(-1)!.query.get('ordId')).toBe('701');
  });

  test('a forced execution that never shows up in the fills alarms again', async () => {
    const { okx, owner, time } = await upStage();
    okx.push('orders', push({ category: 'full_liquidation', ordId: '701', clOrdId: '', tradeId: '0' }));
    await time.passUntil(() => owner.alarms.length === 2, 'the second alarm', 50);
    expect(owner.alarms[1]).toContain('could not be read');
    expect(owner.pushes.at(-1)?.recheck).toBe(true);
  });

  test('a frame that is neither this nor that alarms', async () => {
    const { okx, owner } = await upStage();
    okx.say(okx.sockets[0]!, { hello: 1 });
    okx.say(okx.sockets[0]!, 'no json');
    await until(() => owner.alarms.length === 2, 'two alarms');
  });
});

describe('which key goes where', () => {
  const base = { key: { environment: 'live', secret: { algorithm: 'hmac-sha256', text: 's' }, apiKey: 'k', passphrase: 'p' } };
  const partsOf = (environment: Environment, key: object = {}) =>
    ({
      ...base,
      key: { ...base.key, environment, ...key },
      venue: { orders: { environment } },
      instruments: INSTRUMENTS,
    }) as unknown as GatewayParts;
  const urls = (rest: string, entry: string) => ({ rest, entry, stream: entry });

  test.each([
    ['live', urls('https://openapi.okx.com', 'wss://ws.okx.com:8443/ws/v5/private'), {}, null],
    ['demo', urls('https://eea.okx.com', 'wss://wseeapap.okx.com:8443/ws/v5/private'), {}, null],
    ['demo', urls('https://openapi.okx.com', 'wss://ws.okx.com:8443/ws/v5/private'), {}, 'no host of the environment "demo"'],
    ['live', urls('https://openapi.okx.com', 'wss://wspap.okx.com:8443/ws/v5/private'), {}, 'no host of the environment "live"'],
    ['live', urls('http://127.0.0.1:1', 'ws://127.0.0.1:1'), {}, 'no host of the environment "live"'],
    ['live', null, {}, 'no address'],
    ['live', urls('https://openapi.okx.com', 'wss://ws.okx.com:8443/x'), { environment: 'demo' }, 'the key is of the environment "demo"'],
    ['live', urls('https://openapi.okx.com', 'wss://ws.okx.com:8443/x'), { passphrase: null }, 'passphrase'],
    ['live', urls('https://openapi.okx.com', 'wss://ws.okx.com:8443/x'), { secret: { algorithm: 'ed25519', pem: '' } }, 'HMAC'],
  ] as const)('%s at %j with %j: %s', (environment, at, key, why) => {
    const found = whyNotHere(partsOf(environment, key), at);
    if (why === null) expect(found).toBeNull();
    else expect(found).toContain(why);
  });
});
