/** The listener with a desk behind it: what is taken, once; what a reply carries; what the desk and the engine are told. */
import { createHmac } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCommand, RecordingDesk } from './desk.testkit.ts';
import { WireRefusal } from './fieldsWire.ts';
import {
  ackBody,
  connectEa,
  dealRow,
  goldSymbol,
  goldTick,
  helloBody,
  KEY,
  pollBody,
  SERVER_AHEAD_MS,
  snapshotBody,
  startListener,
  TOKEN,
  type RunningListener,
  type WireReply,
} from './metatrader.testkit.ts';
import { helloReplySchema, replySchema } from './replyWire.ts';

let desk: RecordingDesk;
let listener: RunningListener;
beforeEach(async () => {
  desk = new RecordingDesk();
  listener = await startListener([{}], { desk });
});
afterEach(async () => {
  await listener.stop();
});

const signature = (session: string, seq: number, text: string): string =>
  createHmac('sha256', KEY).update(`${session}|${seq}|${text}`).digest('hex');
const said = (reply: WireReply) => [reply.status, reply.json.error?.code, reply.json.error?.field];

describe('hello', () => {
  it('opens a trading session: the desk has the whole of it, the reply says so and is signed', async () => {
    const { reply } = await connectEa(listener);
    expect(helloReplySchema.parse(reply.json)).toMatchObject({ session: 'session-1', epoch: 1, trading: true, why: '', command: null });
    expect(reply.headers['x-hc-sig']).toBe(signature('session-1', 0, reply.text));
    expect(desk.sessions).toHaveLength(1);
    expect(desk.sessions[0]?.session).toEqual({ id: 'session-1', epoch: 1 });
    expect(desk.sessions[0]?.hello).toMatchObject({
      account_kind: 'demo',
      magic_base: 1_600_000_000_000,
      limits: { max_lots_command: '1', max_lots_total: '5', max_commands_minute: 60, opening: true },
    });
    expect(desk.sessions[0]?.hello.symbols[0]).toMatchObject({ filling: 3, exemode: 'market', swap_long: '-12.5', swap_triple_day: 3 });
  });

  it.each([
    ['account_kind', 'account_kind'],
    ['magic_base', 'magic_base'],
    ['limits', 'limits'],
    ['kill_presses', 'kill_presses'],
    ['open_ids', 'open_ids'],
  ])('needs %s where orders go through the EA, and not where it only streams', async (key, field) => {
    expect(said(await listener.post('/mt5/hello', helloBody({ [key]: undefined })))).toEqual([400, 'bad-field', field]);
    expect(desk.taken).toBe(0);
    expect(listener.epochs.last('mt5' as never)).toBe(0);
    const quotes = await startListener();
    const reply = await quotes.post('/mt5/hello', helloBody({ [key]: undefined }));
    expect([reply.status, reply.json['trading']]).toEqual([200, false]);
    await quotes.stop();
  });

  it.each([
    'filling',
    'exemode',
    'swap_mode',
    'swap_long',
    'swap_short',
    'swap_triple_day',
    'sessions',
    'vol_limit',
    'tick_value',
    'margin',
  ])('needs %s of every symbol, likewise', async (key) => {
    const symbols = [{ ...goldSymbol, [key]: undefined }];
    expect(said(await listener.post('/mt5/hello', helloBody({ symbols })))).toEqual([400, 'bad-field', `symbols[0].${key}`]);
    const quotes = await startListener();
    expect((await quotes.post('/mt5/hello', helloBody({ symbols }))).status).toBe(200);
    await quotes.stop();
  });

  it('says why when the desk takes no orders from this session', async () => {
    desk.answer = { trading: false, why: 'the ledger is read-only' };
    const { reply } = await connectEa(listener);
    expect([reply.status, reply.json['trading'], reply.json['why']]).toEqual([200, false, 'the ledger is read-only']);
  });

  it('that the desk refuses leaves the session before it alone, and costs no epoch', async () => {
    const ea = await connectEa(listener);
    desk.fault = new WireRefusal(412, 'account-kind', 'account_kind', 'this is a real account');
    expect(said(await listener.post('/mt5/hello', helloBody({ boot_id: 'boot-2', account_kind: 2 })))).toEqual([
      412,
      'account-kind',
      'account_kind',
    ]);
    expect(listener.epochs.last('mt5' as never)).toBe(1);
    expect((await ea.poll()).status).toBe(200);
    expect(
      listener
        .eventsOf('metatrader')
        .at(-1)
        ?.report.terminal?.checks.find(({ code }) => code === 'hello'),
    ).toMatchObject({
      state: 'fail',
      detail: 'hello was refused: this is a real account',
    });
  });

  it('whose epoch cannot be written is refused, and the desk hears that there is no such session', async () => {
    const ea = await connectEa(listener);
    listener.epochs.fail = true;
    expect((await listener.post('/mt5/hello', helloBody({ boot_id: 'boot-2' }))).status).toBe(503);
    expect(desk.links.at(-1)).toMatchObject({ alive: false });
    expect((await ea.poll()).status).toBe(200);
    expect(desk.links.at(-1)).toMatchObject({ alive: true });
  });

  it('copied on the way does not fence off the EA that sent it', async () => {
    const hello = helloBody({ mono_ms: '1000' });
    const first = await listener.post('/mt5/hello', hello);
    const repeated = await listener.post('/mt5/hello', hello);
    expect(repeated.json['session']).toBe(first.json['session']);
    expect(desk.sessions).toHaveLength(1);
    const poll = (session: unknown, epoch: unknown, seq: string) =>
      listener.post('/mt5/poll', { v: 1, session, epoch, seq, gates: 'ok', ...pollBody() });
    expect((await poll(first.json['session'], 1, '1')).status).toBe(200);
    expect(said(await listener.post('/mt5/hello', hello))).toEqual([400, 'out-of-order', 'mono_ms']);
    expect(said(await listener.post('/mt5/hello', { ...hello, mono_ms: '999' }))).toEqual([400, 'out-of-order', 'mono_ms']);
    expect((await poll(first.json['session'], 1, '2')).status).toBe(200);
    // A later one of the same run takes over, and what is still under way of the earlier may say hello again.
    expect((await listener.post('/mt5/hello', { ...hello, mono_ms: '2000' })).json['epoch']).toBe(2);
    expect(said(await poll(first.json['session'], 1, '3'))).toEqual([409, 'unknown-session', 'session']);
    expect((await listener.post('/mt5/hello', { ...hello, boot_id: 'boot-2', mono_ms: '1' })).json['epoch']).toBe(3);
    expect(said(await poll(first.json['session'], 1, '3'))).toEqual([409, 'superseded', 'session']);
  });
});

describe('what an EA says', () => {
  it('reaches the desk as read: tickets whole, lots exact, money entries without a side, in UTC by the measured clock', async () => {
    const ea = await connectEa(listener);
    await ea.tick([goldTick(listener, { time_msc: String(listener.time.unixMs + SERVER_AHEAD_MS - 7) })]);
    expect((await ea.ack()).status).toBe(200);
    const money = dealRow({ deal: '12', side: 'none', entry: 'none', symbol: '', lots: 0, price: 0, type: 'interest', magic: '-5' });
    expect((await ea.tellDeals([dealRow(), money])).status).toBe(200);
    expect((await ea.snapshot()).status).toBe(200);
    expect((await ea.poll()).status).toBe(200);
    expect(desk.acks[0]).toMatchObject({ order: '9007199254740993', cum_lots: '0.1', avg_price: '4000.35', retcode: 10_009 });
    expect(desk.deals.map(({ deal, side, entry, lots, magic }) => [deal, side, entry, lots, magic])).toEqual([
      ['9007199254740995', 'buy', 'in', '0.1', 1_600_000_000_001],
      ['12', null, 'none', '0', -5],
    ]);
    expect(desk.snapshots[0]).toMatchObject({ request: 1, part: 0, last: true, account: { equity: '1001.2' } });
    expect(desk.polls[0]).toMatchObject({ equity: '1000.5', margin_free: '900', open_lots: '0' });
    expect(desk.offsets).toEqual([SERVER_AHEAD_MS - 7, SERVER_AHEAD_MS - 7]);
  });

  it('is in UTC by the declared offset until there are ticks', async () => {
    const ea = await connectEa(listener, { server_utc_offset_s: 7_200 });
    await ea.tellDeals();
    expect(desk.offsets).toEqual([7_200_000]);
  });

  it('is taken once, whatever is repeated; the answer is signed anew', async () => {
    const ea = await connectEa(listener);
    const ack = ea.envelope(ackBody());
    const fill = ea.envelope({ deals: [dealRow()] });
    const snapshot = ea.envelope(snapshotBody());
    for (const [path, message, seq] of [
      ['/mt5/ack', ack, 1],
      ['/mt5/fill', fill, 2],
      ['/mt5/snapshot', snapshot, 3],
    ] as const)
      for (let i = 0; i < 3; i += 1) {
        listener.advanceMs(10);
        const reply = await listener.post(path, { ...message, mono_ms: String(i + 2) });
        expect([reply.status, reply.json['ack_seq'], reply.headers['x-hc-sig']]).toEqual([
          200,
          String(seq),
          signature(ea.session, seq, reply.text),
        ]);
      }
    expect((await listener.post('/mt5/ack', ack)).status).toBe(200);
    expect([desk.acks.length, desk.deals.length, desk.snapshots.length]).toEqual([1, 1, 1]);
  });

  it('under a number that said something else is refused, not swallowed', async () => {
    const ea = await connectEa(listener);
    await ea.ack({ seq: '1' });
    expect(said(await ea.ack({ seq: '1', cum_lots: '0.20' }))).toEqual([400, 'seq-reused', 'seq']);
    expect(said(await ea.tellDeals([dealRow()], { seq: '1' }))).toEqual([400, 'seq-reused', 'seq']);
    await ea.poll({ seq: '9' });
    expect(said(await ea.tellDeals([dealRow()], { seq: '5' }))).toEqual([400, 'out-of-order', 'seq']);
    expect((await ea.tellDeals([dealRow()], { seq: '10' })).status).toBe(200);
    expect([desk.acks.length, desk.deals.length]).toEqual([1, 1]);
  });

  it('is not taken for a copy of what an earlier session said under its number', async () => {
    const old = await connectEa(listener);
    for (let i = 0; i < 3; i += 1) await old.tellDeals();
    const ea = await connectEa(listener, { boot_id: 'boot-2' });
    await ea.poll({ seq: '5' });
    expect(said(await ea.ack({ seq: '3' }))).toEqual([400, 'out-of-order', 'seq']);
    expect(desk.acks).toEqual([]);
  });

  it('that the desk refuses or cannot write leaves its number free', async () => {
    const ea = await connectEa(listener);
    desk.fault = new WireRefusal(409, 'unknown-command', 'command_id', 'no such command was ever issued');
    expect(said(await ea.ack({ seq: '1' }))).toEqual([409, 'unknown-command', 'command_id']);
    desk.fault = new Error('disk full');
    expect(said(await ea.ack({ seq: '1' }))).toEqual([503, 'unavailable', null]);
    expect((await ea.ack({ seq: '1' })).status).toBe(200);
    expect(desk.acks).toHaveLength(1);
  });

  it('stays taken when its answer fails: the repeat is answered, and leases nothing', async () => {
    const ea = await connectEa(listener);
    desk.queue = [openCommand()];
    desk.replyFault = new Error('disk full');
    expect((await ea.ack({ seq: '1' })).status).toBe(503);
    const repeat = await ea.ack({ seq: '1' });
    expect([repeat.status, repeat.json['command']]).toEqual([200, null]);
    expect(desk.acks).toHaveLength(1);
    expect((await ea.poll({ seq: '2' })).json['command']).toEqual(openCommand());
  });

  it('of trading is refused by name where the venue is on paper: the EA keeps it', async () => {
    const quotes = await startListener();
    const ea = await connectEa(quotes);
    for (const reply of [await ea.ack(), await ea.tellDeals(), await ea.snapshot()])
      expect(said(reply)).toEqual([400, 'quotes-only', null]);
    await quotes.stop();
  });

  it('by an older session is fenced off on every path', async () => {
    const old = await connectEa(listener);
    await connectEa(listener, { boot_id: 'boot-2' });
    const before = desk.taken;
    for (const reply of [await old.ack(), await old.tellDeals(), await old.snapshot(), await old.poll(), await old.tick([])])
      expect(said(reply)).toEqual([409, 'superseded', 'session']);
    expect(desk.taken).toBe(before);
  });
});

describe('what a reply carries', () => {
  it('is one command, on whatever was posted, with more to come', async () => {
    const ea = await connectEa(listener);
    desk.queue = ['1', '2', '3', '4', '5'].map((id) => openCommand({ command_id: id }));
    desk.snapshotRequest = 4;
    desk.dealsSinceMsc = 1_790_000_000_123;
    const replies = [await ea.tick([goldTick(listener)]), await ea.poll(), await ea.ack(), await ea.tellDeals(), await ea.snapshot()];
    expect(replies.map(({ json }) => replySchema.parse(json)).map(({ command, more }) => [command?.command_id, more])).toEqual([
      ['1', true],
      ['2', true],
      ['3', true],
      ['4', true],
      ['5', false],
    ]);
    expect(replies[0]?.json).toMatchObject({ snapshot_request: 4, deals_since_msc: '1790000000123', mode: 'normal' });
  });

  it('repeats its command only while it may be delivered, with the time that is left, and leases no other', async () => {
    const ea = await connectEa(listener);
    desk.queue = [openCommand(), openCommand({ command_id: 'second' })];
    const poll = ea.envelope(pollBody());
    expect((await listener.post('/mt5/poll', poll)).json['command']).toMatchObject({ ttl_ms: 1_500, lease_id: 'lease-1' });
    const repeat = await listener.post('/mt5/poll', poll);
    expect(repeat.json['command']).toMatchObject({ command_id: openCommand().command_id, ttl_ms: 1_400, lease_id: 'lease-1' });
    desk.deliverable = false;
    listener.metatrader.announceMode('halt');
    const late = await listener.post('/mt5/poll', poll);
    expect([late.json['command'], late.json['mode']]).toEqual([null, 'halt']);
    expect(late.headers['x-hc-sig']).toBe(signature(ea.session, 1, late.text));
    expect((await ea.poll()).json['command']).toMatchObject({ command_id: 'second' });
  });

  it('is no command for a late copy, for a repeat of an answer without one, and for hello', async () => {
    desk.queue = [openCommand()];
    const ea = await connectEa(listener);
    expect(ea.reply.json['command']).toBeNull();
    desk.queue = [];
    const first = ea.envelope(pollBody());
    await listener.post('/mt5/poll', first);
    desk.queue = [openCommand()];
    expect((await listener.post('/mt5/poll', first)).json['command']).toBeNull();
    expect((await ea.poll()).json['command']).not.toBeNull();
    expect((await listener.post('/mt5/poll', first)).json['command']).toBeNull();
    expect(desk.calls.map(([, again]) => again)).toEqual(['', null, '', null, '']);
  });

  it('tells the desk the mode of the engine, too', async () => {
    listener.metatrader.announceMode('close_only');
    expect(desk.modes).toEqual(['close_only']);
  });
});

describe('over the socket', () => {
  it('answers every path on one kept connection, uncompressed', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set<unknown>();
    const post = (path: string, body: unknown): Promise<WireReply> =>
      new Promise((resolve, reject) => {
        const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', 'accept-encoding': 'gzip, deflate' };
        const sent = httpRequest({ host: '127.0.0.1', port: listener.port, path, method: 'POST', headers, agent }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: JSON.parse(text) });
          });
        });
        sent.on('socket', (socket) => sockets.add(socket));
        sent.on('error', reject);
        sent.end(JSON.stringify(body));
      });
    const hello = await post('/mt5/hello', helloBody());
    const messages = {
      tick: { ticks: [goldTick(listener)] },
      poll: pollBody(),
      ack: ackBody(),
      fill: { deals: [dealRow()] },
      snapshot: snapshotBody(),
    };
    let seq = 0;
    for (const [path, message] of Object.entries(messages)) {
      seq += 1;
      const reply = await post(`/mt5/${path}`, {
        v: 1,
        session: hello.json['session'],
        epoch: 1,
        seq: String(seq),
        gates: 'ok',
        ...message,
      });
      expect([path, reply.status, reply.headers['content-encoding'], reply.headers['cache-control']]).toEqual([
        path,
        200,
        undefined,
        'no-store',
      ]);
      expect(reply.headers['x-hc-sig']).toBe(signature('session-1', seq, reply.text));
    }
    expect(sockets.size).toBe(1);
    agent.destroy();
  });

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('understands no %s on any path', async (method) => {
    for (const path of ['hello', 'snapshot', 'tick', 'poll', 'ack', 'fill', 'other']) {
      const reply = await listener.post(`/mt5/${path}`, null, {
        method,
        raw: '',
        headers: { authorization: undefined, 'content-type': undefined },
      });
      expect(reply.status).toBe(404);
    }
    expect(desk.taken).toBe(0);
  });

  it('knows no other path', async () => {
    for (const path of ['/mt5', '/mt5/', '/mt5/acks', '/mt5/ack/1']) expect((await listener.post(path, {})).status).toBe(404);
  });
});
