/** Everything an EA must not say: refused by name, with nothing lost, nothing executed, and the number still free. */
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCommand, RecordingDesk } from './desk.testkit.ts';
import { parseWire, WireRefusal } from './fieldsWire.ts';
import { helloSchema, MAX_OPEN_IDS, MAX_SESSIONS, MAX_SYMBOLS, quotesHelloSchema } from './helloWire.ts';
import {
  ackBody,
  connectEa,
  dealRow,
  goldSymbol,
  goldTick,
  helloBody,
  orderRow,
  pollBody,
  positionRow,
  snapshotBody,
  startListener,
  TOKEN,
  type RunningListener,
} from './metatrader.testkit.ts';
import { MAX_AHEAD_MS } from './quoteIntake.ts';
import { ackRequestSchema, fillRequestSchema, MAX_PARTS, MAX_ROWS, MAX_TICKETS, snapshotRequestSchema } from './tradeWire.ts';
import { MAX_BODY_BYTES, pollRequestSchema, quotesPollSchema, readBody, tickRequestSchema } from './wire.ts';

let desk: RecordingDesk;
let listener: RunningListener;
beforeEach(async () => {
  desk = new RecordingDesk();
  listener = await startListener([{}], { desk });
});
afterEach(async () => {
  await listener.stop();
});

type Ea = Awaited<ReturnType<typeof connectEa>>;
const said = (reply: { readonly status: number; readonly json: { readonly error?: { readonly field: string | null } } }) => [
  reply.status,
  reply.json.error?.field,
];

/** Refused with that field, nothing taken and no command given out; the same number then serves for a right message. */
const refuses = async (field: string | null, send: (ea: Ea) => Promise<Awaited<ReturnType<RunningListener['post']>>>) => {
  const ea = await connectEa(listener);
  desk.queue = [openCommand()];
  const before = desk.taken;
  const reply = await send(ea);
  expect(said(reply)).toEqual([400, field]);
  expect(reply.text).not.toContain(TOKEN);
  expect([desk.taken, desk.queue.length, listener.quotes.length]).toEqual([before, 1, 0]);
  expect((await ea.poll({ seq: '1' })).status).toBe(200);
};

describe('ack', () => {
  it.each([
    [{ command_id: '' }, 'command_id'],
    [{ command_id: 7 }, 'command_id'],
    [{ command_id: 'x'.repeat(65) }, 'command_id'],
    [{ command_id: undefined }, 'command_id'],
    [{ lease_id: null }, 'lease_id'],
    [{ lease_id: 'a\u0007' }, 'lease_id'],
    [{ state: 'cancelled' }, 'state'],
    [{ state: 'queued' }, 'state'],
    [{ state: 9 }, 'state'],
    [{ retcode: '10009' }, 'retcode'],
    [{ retcode: -1 }, 'retcode'],
    [{ retcode: 0.5 }, 'retcode'],
    [{ retcode_ext: '0' }, 'retcode_ext'],
    [{ error: null }, 'error'],
    [{ text: 5 }, 'text'],
    [{ order: 77 }, 'order'],
    [{ order: '-1' }, 'order'],
    [{ order: '1e9' }, 'order'],
    [{ order: '123456789012345678901' }, 'order'],
    [{ deals: '5' }, 'deals'],
    [{ deals: [5] }, 'deals[0]'],
    [{ deals: ['0'] }, 'deals[0]'],
    [{ deals: ['5', '5'] }, 'deals'],
    [{ deals: ['5', '05'] }, 'deals'],
    [{ positions: [null] }, 'positions[0]'],
    [{ cum_lots: '-0.10' }, 'cum_lots'],
    [{ cum_lots: 'NaN' }, 'cum_lots'],
    [{ cum_lots: '1e1' }, 'cum_lots'],
    [{ cum_lots: '' }, 'cum_lots'],
    [{ cum_lots: ' 1' }, 'cum_lots'],
    [{ cum_lots: '0,1' }, 'cum_lots'],
    [{ cum_lots: '0.1234567890123456' }, 'cum_lots'],
    [{ cum_lots: null }, 'cum_lots'],
    [{ cum_lots: true }, 'cum_lots'],
    [{ avg_price: -1 }, 'avg_price'],
    [{ broker_ms: '41' }, 'broker_ms'],
    [{ broker_ms: -1 }, 'broker_ms'],
    [{ queue_ms: undefined }, 'queue_ms'],
    [{ duplicate: 'false' }, 'duplicate'],
    [{ duplicate: 0 }, 'duplicate'],
    [{ cumlots: '0.10' }, 'cumlots'],
    [{ lots: '0.10' }, 'lots'],
    [{ constructor: 1 }, 'constructor'],
  ])('names the field: %j', (own, field) => refuses(field, (ea) => ea.ack(own)));

  it.each(Object.keys(ackBody()))('may not lack %s', (field) => refuses(field, (ea) => ea.ack({ [field]: undefined })));

  it('names at most a hundred tickets', async () => {
    const tickets = (count: number) => Array.from({ length: count }, (_, i) => String(i + 1));
    await refuses('deals', (ea) => ea.ack({ deals: tickets(MAX_TICKETS + 1) }));
    const ea = await connectEa(listener);
    expect((await ea.ack({ deals: tickets(MAX_TICKETS) })).status).toBe(200);
  });

  it.each([
    ['a key that comes twice', '"cum_lots":"0.10","cum_lots":"0.20"', 'cum_lots'],
    ['one that is written in two ways', '"cum_lots":"0.10","cum\\u005flots":"0.20"', 'cum_lots'],
    ['the prototype', '"__proto__":{"cum_lots":"0.20"}', '__proto__'],
  ])('refuses %s', (_name, extra, field) =>
    refuses(field, (ea) => {
      const { cum_lots: _, ...rest } = ackBody();
      const whole = JSON.stringify(ea.envelope(field === '__proto__' ? ackBody() : rest));
      return listener.post('/mt5/ack', null, { raw: `${whole.slice(0, -1)},${extra}}` });
    }),
  );
});

describe('fill', () => {
  it.each([
    [{ deal: '0' }, 'deal'],
    [{ deal: 5 }, 'deal'],
    [{ deal: '9007199254740993.0' }, 'deal'],
    [{ order: null }, 'order'],
    [{ position_id: 12 }, 'position_id'],
    [{ magic: 1_600_000_000_001 }, 'magic'],
    [{ magic: '1.6e12' }, 'magic'],
    [{ symbol: 'a\nb' }, 'symbol'],
    [{ symbol: '' }, 'symbol'],
    [{ side: 'BUY' }, 'side'],
    [{ side: 0 }, 'side'],
    [{ side: 'none' }, 'side'],
    [{ entry: 0 }, 'entry'],
    [{ entry: 'none' }, 'entry'],
    [{ lots: '-0.10' }, 'lots'],
    [{ lots: '0.00' }, 'lots'],
    [{ lots: 'inf' }, 'lots'],
    [{ price: 0 }, 'price'],
    [{ price: '-4000' }, 'price'],
    [{ commission: 'nan' }, 'commission'],
    [{ commission: undefined }, 'commission'],
    [{ swap: '' }, 'swap'],
    [{ fee: [] }, 'fee'],
    [{ profit: '1e400' }, 'profit'],
    [{ time_msc: '1790010800' }, 'time_msc'],
    [{ time_msc: '1790010800123000' }, 'time_msc'],
    [{ time_msc: '-1' }, 'time_msc'],
    [{ reason: 3 }, 'reason'],
    [{ type: '' }, 'type'],
    [{ comment: null }, 'comment'],
    [{ rev: '0' }, 'rev'],
    [{ rev: -1 }, 'rev'],
    [{ comission: '-0.70' }, 'comission'],
  ])('names the field of a row: %j', (own, field) =>
    refuses(`deals[1].${field}`, (ea) => ea.tellDeals([dealRow({ deal: '1' }), dealRow(own)])),
  );

  it.each(Object.keys(dealRow()))('rows may not lack %s', (field) =>
    refuses(`deals[0].${field}`, (ea) => ea.tellDeals([dealRow({ [field]: undefined })])),
  );

  it('names a deal once, and has at most a hundred', async () => {
    await refuses('deals', (ea) => ea.tellDeals([dealRow(), dealRow({ rev: 1 })]));
    const rows = (count: number) => Array.from({ length: count }, (_, i) => dealRow({ deal: String(i + 1) }));
    await refuses('deals', (ea) => ea.tellDeals(rows(MAX_ROWS + 1)));
    const ea = await connectEa(listener);
    expect((await ea.tellDeals(rows(MAX_ROWS))).status).toBe(200);
  });

  it('takes whatever other people trade: comments of any kind, any magic number, any symbol', async () => {
    const ea = await connectEa(listener);
    const foreign = dealRow({
      deal: '00018446744073709551'.slice(-20),
      magic: '18446744073709551615',
      symbol: '#ÄPFEL & Co "x"',
      comment: `tab\there\u0000\u001f ${'ö'.repeat(400)}`,
      reason: '',
    });
    expect((await ea.tellDeals([foreign, dealRow({ deal: '2', magic: '-9223372036854775808' })])).status).toBe(200);
    expect(desk.deals.map(({ deal, magic, comment }) => [deal, magic, comment.length])).toEqual([
      ['18446744073709551', Number.MAX_SAFE_INTEGER, 256],
      ['2', -Number.MAX_SAFE_INTEGER, 16],
    ]);
    expect(desk.deals[0]?.comment.startsWith('tab here   ö')).toBe(true);
  });
});

it('one figure has one spelling, however it was printed', async () => {
  const ea = await connectEa(listener);
  await ea.tellDeals([dealRow({ order: '00077', position_id: '000', swap: '-0.00', fee: 0, lots: 0.1, commission: '-00.70' })]);
  expect(desk.deals[0]).toMatchObject({ order: '77', position_id: '0', swap: '0', fee: '0', lots: '0.1', commission: '-0.7' });
});

describe('snapshot', () => {
  it.each([
    [{ request: 0 }, 'request'],
    [{ request: -1 }, 'request'],
    [{ request: undefined }, 'request'],
    [{ part: -1 }, 'part'],
    [{ part: '0' }, 'part'],
    [{ part: MAX_PARTS }, 'part'],
    [{ last: 1 }, 'last'],
    [{ account: null }, 'account'],
    [{ account: { ...snapshotBody().account, equity: 'x' } }, 'account.equity'],
    [{ account: { ...snapshotBody().account, margin: '-1' } }, 'account.margin'],
    [{ account: { ...snapshotBody().account, currency: '' } }, 'account.currency'],
    [{ account: { ...snapshotBody().account, credit: '0' } }, 'account.credit'],
    [{ positions: {} }, 'positions'],
    [{ positions: [positionRow({ lots: '-0.1' })] }, 'positions[0].lots'],
    [{ positions: [positionRow({ lots: 0 })] }, 'positions[0].lots'],
    [{ positions: [positionRow({ side: 'long' })] }, 'positions[0].side'],
    [{ positions: [positionRow({ id: 5 })] }, 'positions[0].id'],
    [{ positions: [positionRow({ volume: '0.1' })] }, 'positions[0].volume'],
    [{ positions: [positionRow(), positionRow({ ticket: '3' })] }, 'positions'],
    [{ orders: [orderRow({ lots_left: '-1' })] }, 'orders[0].lots_left'],
    [{ orders: [orderRow(), orderRow()] }, 'orders'],
    [{ orders: [null] }, 'orders[0]'],
    [{ deals: [dealRow({ price: 'NaN' })] }, 'deals[0].price'],
    [{ deals: undefined }, 'deals'],
    [{ snapshot_id: 4 }, 'snapshot_id'],
  ])('names the field: %j', (own, field) => refuses(field, (ea) => ea.snapshot(own)));

  it('has at most a hundred rows a part, over all its lists', async () => {
    const positions = (count: number) => Array.from({ length: count }, (_, i) => positionRow({ id: String(i + 1) }));
    await refuses('positions', (ea) => ea.snapshot({ positions: positions(MAX_ROWS - 1) }));
    const ea = await connectEa(listener);
    expect((await ea.snapshot({ positions: positions(MAX_ROWS - 2), part: MAX_PARTS - 1 })).status).toBe(200);
  });
});

describe('poll, tick and hello', () => {
  it.each([
    [{ connected: 'true' }, 'connected'],
    [{ connected: 1 }, 'connected'],
    [{ equity: 'NaN' }, 'equity'],
    [{ equity: undefined }, 'equity'],
    [{ margin_free: undefined }, 'margin_free'],
    [{ open_positions: -1 }, 'open_positions'],
    [{ open_positions: '0' }, 'open_positions'],
    [{ open_lots: '-0.01' }, 'open_lots'],
    [{ server_utc_offset_s: 86_401 }, 'server_utc_offset_s'],
    [{ server_utc_offset_s: '10800' }, 'server_utc_offset_s'],
    [{ kill_presses: -1 }, 'kill_presses'],
    [{ kill_presses: '1' }, 'kill_presses'],
    [{ kill_presses: undefined }, 'kill_presses'],
    [{ ping_us: -5 }, 'ping_us'],
  ])('names the field of a poll: %j', (own, field) => refuses(field, (ea) => ea.poll(own)));

  it('refuses a tick from the future, with all that came with it, and takes one at the edge', async () => {
    const at = (aheadMs: number) => goldTick(listener, { time_msc: String(listener.time.unixMs + aheadMs) });
    await refuses('ticks[1].time_msc', (ea) => ea.tick([goldTick(listener), at(MAX_AHEAD_MS + 1)]));
    await refuses('ticks[0].time_msc', (ea) => ea.tick([at(3 * 365 * 86_400_000)]));
    const ea = await connectEa(listener);
    expect((await ea.tick([at(MAX_AHEAD_MS)])).status).toBe(200);
    const bare = { symbol: 'XAUUSD', bid: 4000.1, ask: 4000.3, time_msc: listener.time.unixMs + MAX_AHEAD_MS + 1 };
    const quotes = await startListener();
    expect(said(await quotes.post('/mt5/tick', bare))).toEqual([400, 'time_msc']);
    expect(quotes.quotes).toEqual([]);
    await quotes.stop();
  });

  it('takes more than it knows in poll, tick and hello', async () => {
    const ea = await connectEa(listener, { new_in_v2: 1, symbols: [{ ...goldSymbol, isin: 'x' }] });
    expect(ea.reply.status).toBe(200);
    expect((await ea.poll({ cpu: 3 })).status).toBe(200);
    expect((await ea.tick([goldTick(listener, { last: '1' })], { more: true })).status).toBe(200);
  });

  it.each([
    [{ account_kind: 3 }, 'account_kind'],
    [{ account_kind: 'Demo' }, 'account_kind'],
    [{ magic_base: 1_600_000_000_000 }, 'magic_base'],
    [{ magic_base: '0' }, 'magic_base'],
    [{ magic_base: '-5' }, 'magic_base'],
    [{ magic_base: '9007199254740991' }, 'magic_base'],
    [{ limits: { ...helloBody().limits, max_lots_command: '0' } }, 'limits.max_lots_command'],
    [{ limits: { ...helloBody().limits, max_lots_total: -1 } }, 'limits.max_lots_total'],
    [{ limits: { ...helloBody().limits, max_commands_minute: 0 } }, 'limits.max_commands_minute'],
    [{ limits: { ...helloBody().limits, opening: 1 } }, 'limits.opening'],
    [{ kill_presses: '0' }, 'kill_presses'],
    [{ open_ids: 'none' }, 'open_ids'],
    [{ open_ids: [1] }, 'open_ids[0]'],
    [{ login: true }, 'login'],
    [{ server_utc_offset_s: 1e9 }, 'server_utc_offset_s'],
    [{ symbols: [{ ...goldSymbol, filling: -1 }] }, 'symbols[0].filling'],
    [{ symbols: [{ ...goldSymbol, exemode: 4 }] }, 'symbols[0].exemode'],
    [{ symbols: [{ ...goldSymbol, swap_long: 'much' }] }, 'symbols[0].swap_long'],
    [{ symbols: [{ ...goldSymbol, swap_triple_day: 7 }] }, 'symbols[0].swap_triple_day'],
    [{ symbols: [{ ...goldSymbol, sessions: [[7, 0, 1]] }] }, 'symbols[0].sessions[0][0]'],
    [{ symbols: [{ ...goldSymbol, sessions: [[1, 5, 4]] }] }, 'symbols[0].sessions[0]'],
    [{ symbols: [{ ...goldSymbol, sessions: [[1, 0]] }] }, 'symbols[0].sessions[0]'],
    [{ symbols: [{ ...goldSymbol, sessions: Array.from({ length: MAX_SESSIONS + 1 }, () => [0, 0, 1]) }] }, 'symbols[0].sessions'],
    [{ symbols: Array.from({ length: MAX_SYMBOLS + 1 }, () => goldSymbol) }, 'symbols'],
    [{ open_ids: Array.from({ length: MAX_OPEN_IDS + 1 }, (_, i) => String(i)) }, 'open_ids'],
  ])('names the field of a hello: %j', async (own, field) => {
    expect(said(await listener.post('/mt5/hello', helloBody(own)))).toEqual([400, field]);
    expect([desk.taken, listener.epochs.last('mt5' as never)]).toEqual([0, 0]);
  });

  it('has room for the largest hello', async () => {
    const symbols = Array.from({ length: MAX_SYMBOLS }, (_, i) => ({ ...goldSymbol, name: `SYMBOL${i}` }));
    const body = helloBody({ symbols, open_ids: Array.from({ length: MAX_OPEN_IDS }, (_, i) => String(i).padStart(26, '0')) });
    expect(JSON.stringify(body).length).toBeLessThan(MAX_BODY_BYTES);
    expect((await listener.post('/mt5/hello', body)).status).toBe(200);
  });
});

describe('bodies of trading messages', () => {
  it.each(['ack', 'fill', 'snapshot', 'poll'])(
    '%s: half, with a zero byte, in ANSI, too large, of another version, for nobody',
    async (path) => {
      const ea = await connectEa(listener);
      const content = { ack: ackBody(), fill: { deals: [dealRow()] }, snapshot: snapshotBody(), poll: pollBody() }[path] ?? {};
      const whole = JSON.stringify(ea.envelope(content));
      const before = desk.taken;
      const post = async (raw: Buffer | string) => (await listener.post(`/mt5/${path}`, null, { raw })).status;
      const statuses = [
        await post(whole.slice(0, -9)),
        await post(`${whole}\0`),
        await post(Buffer.from(whole.replace('"gates":"ok"', '"gates":"\u00e9"'), 'latin1')),
        await post(whole.replace('"gates"', `"pad":"${'x'.repeat(MAX_BODY_BYTES)}","gates"`)),
        await post(`[${whole}]`),
        await post(`${whole}${whole}`),
        await post(randomBytes(200)),
        await post(''),
        await post(whole.replace('"v":1', '"v":2')),
        await post(whole.replace('"v":1', '"v":"1"')),
        await post(whole.replace(ea.session, 'session-of-nobody')),
        await post(whole.replace('"epoch":1', '"epoch":2')),
      ];
      expect(statuses).toEqual([400, 400, 400, 413, 400, 400, 400, 400, 412, 400, 409, 400]);
      expect(desk.taken).toBe(before);
      expect(await post(whole)).toBe(200);
      expect(desk.taken).toBe(before + 1);
    },
  );
});

describe('a key that comes twice', () => {
  it.each([
    ['ack', ackBody(), '"cum_lots":"0.10"', '"cum_lots":"0.20"', 'cum_lots'],
    ['fill', { deals: [dealRow()] }, '"lots":"0.10"', '"lots":"0.20"', 'lots'],
    ['snapshot', snapshotBody(), '"margin_free":"981.20"', '"margin_free":"9.20"', 'margin_free'],
  ])('is refused in %s, wherever it stands', (path, content, said, otherwise, field) =>
    refuses(field, (ea) => {
      const whole = JSON.stringify(ea.envelope(content));
      return listener.post(`/mt5/${path}`, null, { raw: whole.replace(said, `${said},${otherwise}`) });
    }),
  );

  it('is no other than the same key in another object, or the same word as a value', async () => {
    const ea = await connectEa(listener);
    const rows = [dealRow({ deal: '1', comment: 'lots' }), dealRow({ deal: '2', comment: '"lots":"1","lots":' })];
    expect((await ea.tellDeals(rows)).status).toBe(200);
  });
});

/** Every place in a JSON value. */
const placesOf = (value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] => [
  path,
  ...(typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => placesOf(inner, [...path, Array.isArray(value) ? Number(key) : key]))
    : []),
];
const replaced = (value: unknown, [step, ...rest]: readonly (string | number)[], by: unknown): unknown => {
  if (step === undefined) return by;
  if (Array.isArray(value)) return value.map((each, i) => (i === step ? replaced(each, rest, by) : each));
  return { ...(value as object), [step]: replaced((value as Record<string, unknown>)[step], rest, by) };
};

describe('mutated messages', () => {
  const envelope = { v: 1, session: 's', epoch: 1, seq: '1', mono_ms: '5', gates: 'ok' };
  const messages = [
    [helloSchema, helloBody()],
    [quotesHelloSchema, helloBody()],
    [tickRequestSchema, { ...envelope, ticks: [{ symbol: 'X', bid: '1', ask: '2', time_msc: '1790010800123', age_ms: '0' }] }],
    [pollRequestSchema, { ...envelope, ...pollBody() }],
    [quotesPollSchema, { ...envelope, connected: true }],
    [ackRequestSchema, { ...envelope, ...ackBody() }],
    [fillRequestSchema, { ...envelope, deals: [dealRow()] }],
    [snapshotRequestSchema, { ...envelope, ...snapshotBody() }],
  ] as const;
  const junk = fc.oneof(
    fc.anything({ withBigInt: true, withNullPrototype: true, maxDepth: 2 }),
    fc.constantFrom<unknown>(
      undefined,
      null,
      Number.NaN,
      Infinity,
      -0,
      '-0',
      '0'.repeat(400),
      '9'.repeat(400),
      '\u0000',
      '\ud800',
      '__proto__',
      [],
      {},
      [[]],
      -1,
      '1e5',
      '0x1',
      ' 1',
      '١',
    ),
  );

  it('end in a message or in a WireRefusal that names a field; never in anything else', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), junk, (which, where, by) => {
        const [schema, valid] = messages[which % messages.length]!;
        const places = placesOf(valid);
        const mutated = replaced(valid, places[where % places.length]!, by);
        try {
          parseWire<unknown>(schema, mutated);
        } catch (error) {
          if (!(error instanceof WireRefusal)) throw error;
          expect(error.status).toBe(400);
          expect(error.message.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('as bytes end in an object or a WireRefusal', () => {
    const text = JSON.stringify({ ...envelope, ...snapshotBody() });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(text.length), fc.oneof(fc.constant(''), fc.string({ maxLength: 3 }))), { maxLength: 4 }),
        (edits) => {
          let mutated = text;
          for (const [at, insert] of edits) mutated = mutated.slice(0, at) + insert + mutated.slice(insert === '' ? at + 1 : at);
          try {
            expect(typeof readBody(Buffer.from(mutated), 'strict')).toBe('object');
          } catch (error) {
            expect(error).toBeInstanceOf(WireRefusal);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('over the socket never change the desk, unless they are right; the EA goes on', async () => {
    const ea = await connectEa(listener);
    const trading = [
      ['ack', ackRequestSchema, ackBody()],
      ['fill', fillRequestSchema, { deals: [dealRow()] }],
      ['snapshot', snapshotRequestSchema, snapshotBody()],
    ] as const;
    let seq = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), junk, async (which, where, by) => {
        const [path, schema, content] = trading[which % trading.length]!;
        const valid = { v: 1, session: ea.session, epoch: ea.epoch, seq: String((seq += 1)), gates: 'ok', ...content };
        const places = placesOf(content).slice(1);
        const sent = JSON.stringify(replaced(valid, places[where % places.length]!, by), (_key, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        );
        const before = desk.taken;
        const reply = await listener.post(`/mt5/${path}`, null, { raw: sent });
        const right = schema.safeParse(JSON.parse(sent)).success;
        expect(reply.status).toBe(right ? 200 : 400);
        if (!right) expect(desk.taken).toBe(before);
      }),
      { numRuns: 300 },
    );
    expect((await ea.poll({ seq: String(seq + 1) })).status).toBe(200);
    expect(desk.links.at(-1)?.alive).toBe(true);
  });
});
