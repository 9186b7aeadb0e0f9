import { describe, expect, it } from 'vitest';
import type { PlaceOutcome } from '../../../../../src-shared/domain/order.ts';
import type { OrderRequest } from '../../../../../src-shared/domain/order.ts';
import { CHECK_EVERY_MS, CHECK_MIN_GAP_MS, CHECKS_KEEP_MS } from './accountWatch.ts';
import { BACKSTOP_MS, GAP_PAUSE_MS, MAX_PATIENCE_MS, PATIENCE_PER_DAY_MS, QUERY_DEADLINE_MS, SNAPSHOT_DEADLINE_MS } from './gateway.ts';
import type { AccountReading } from './parts.ts';
import { BAND_KEEPS_MS, BANDS_EVERY_MS } from './priceBands.ts';
import { MAX_WAITING_PUSHES } from './pushes.ts';
import { FIGURES_EVERY_MS, REPORT_GAP_MS } from './reporter.ts';
import { check, EMPTY, fillOf, INSTRUMENT_ID, orderOf, refOf, reportOf, stageGateway, venueConfig } from './scriptedDialect.testkit.ts';

const yes = () => true;
const acknowledged: PlaceOutcome = { code: 'acknowledged', venueOrderId: '7', venueUnixMs: null };
/** Writes, and then nothing comes. */
const silent = (_order: OrderRequest, mayLeave: () => boolean): Promise<PlaceOutcome> => {
  mayLeave();
  return new Promise(() => undefined);
};

describe('a placement', () => {
  it('ends as the dialect says', async () => {
    const { gateway, started, reports, time } = stageGateway();
    await started();
    expect(await gateway.place(orderOf(), yes)).toEqual(acknowledged);
    await time.pass(FIGURES_EVERY_MS + REPORT_GAP_MS);
    expect(reports().at(-1)?.toAck).toMatchObject({ count: 1 });
  });

  it('is refused with a sentence while anything is down, and nothing is asked of the dialect', async () => {
    const { gateway, dialect, started } = stageGateway();
    let asked = 0;
    dialect.placing = async () => (asked++, acknowledged);
    const refusal = async () => {
      const outcome = await gateway.place(orderOf(), yes);
      return outcome.code === 'refused' ? `${outcome.refusal.retry}: ${outcome.refusal.text}` : outcome.code;
    };
    expect(await refusal()).toBe('later: Exchange X: not started');
    await started();
    dialect.turn('stream', false, 'socket error: x');
    expect(await refusal()).toBe('later: Exchange X: private stream: socket error: x');
    dialect.turn('entry', false, 'connecting');
    expect(await refusal()).toBe('later: Exchange X: order entry: connecting');
    dialect.turn('entry', true, '');
    dialect.turn('stream', true, '');
    dialect.venueMs = null;
    expect(await refusal()).toBe("later: Exchange X: the venue's clock is not known");
    expect(asked).toBe(0);
  });

  it('that gives back waits for order entry alone: a naked leg must not wait for the private stream', async () => {
    const { gateway, dialect, started } = stageGateway();
    await started();
    dialect.turn('stream', false, 'socket error: x');
    for (const purpose of ['close', 'unwind'] as const)
      expect((await gateway.place(orderOf({ purpose, reduceOnly: true }), yes)).code, purpose).toBe('acknowledged');
    for (const purpose of ['open', 'complete'] as const)
      expect((await gateway.place(orderOf({ purpose }), yes)).code, purpose).toBe('refused');
    dialect.turn('entry', false, 'connecting');
    expect((await gateway.place(orderOf({ purpose: 'unwind', reduceOnly: true }), yes)).code).toBe('refused');
    dialect.turn('entry', true, '');
    dialect.venueMs = null;
    expect((await gateway.place(orderOf({ purpose: 'unwind', reduceOnly: true }), yes)).code).toBe('refused');
  });

  it('that gives back waits at a start until the link has risen: what happened meanwhile is told first', async () => {
    const unread = stageGateway((dialect) => {
      dialect.checking = async () => 'HTTP 503';
    });
    const deaf = stageGateway((dialect) => {
      dialect.stream = { up: false, detail: 'no listen key' };
    });
    for (const { gateway, started } of [unread, deaf]) {
      await started();
      expect((await gateway.place(orderOf({ purpose: 'unwind', reduceOnly: true }), yes)).code).toBe('refused');
    }
    deaf.dialect.turn('stream', true, 'connected');
    deaf.dialect.turn('stream', false, 'lost');
    expect((await deaf.gateway.place(orderOf({ purpose: 'unwind', reduceOnly: true }), yes)).code).toBe('acknowledged');
  });

  it('was not sent where the gate closes at the write, and is unknown where it had opened', async () => {
    const { gateway, dialect, started } = stageGateway();
    await started();
    expect(await gateway.place(orderOf(), () => false)).toEqual({
      code: 'refused',
      refusal: { venueCode: null, text: 'not sent: the gate is closed', retry: 'never', by: 'gateway' },
    });
    dialect.placing = async (_order, mayLeave) => {
      mayLeave();
      throw new Error('boom');
    };
    expect(await gateway.place(orderOf(), yes)).toEqual({ code: 'unknown', why: 'it failed on our side: boom' });
    dialect.placing = async () => {
      throw new Error('boom');
    };
    expect(await gateway.place(orderOf(), yes)).toMatchObject({ code: 'refused', refusal: { by: 'gateway', retry: 'later' } });
  });

  it('ends at the deadline: unknown once written, else refused and never written later', async () => {
    const { gateway, dialect, started, time } = stageGateway();
    await started();
    dialect.placing = silent;
    const written = gateway.place(orderOf(), yes);
    let ask: () => boolean = yes;
    dialect.placing = (_order, mayLeave) => {
      ask = mayLeave;
      return new Promise(() => undefined);
    };
    const unwritten = gateway.place(orderOf(), yes);
    await time.pass(2_000 + BACKSTOP_MS);
    expect(await written).toMatchObject({ code: 'unknown' });
    expect(await unwritten).toMatchObject({ code: 'refused', refusal: { by: 'gateway' } });
    expect(ask()).toBe(false);
  });

  it.each([
    [{ qty: '1.0005' }, 'the quantity 1.0005 is no multiple of the venue’s step 0.001'],
    [{ limitPx: '4000.005' }, 'the price 4000.005 is no multiple of the venue’s tick 0.01'],
    [{ symbol: 'OTHER' }, 'is no instrument of Exchange X'],
  ])('that the venue would refuse by its own description is not sent: %o', async (over, words) => {
    const { gateway, started } = stageGateway();
    await started();
    const outcome = await gateway.place(orderOf(over), yes);
    expect(outcome).toMatchObject({ code: 'refused', refusal: { retry: 'never', by: 'gateway' } });
    expect(outcome.code === 'refused' && outcome.refusal.text.replace("venue's", 'venue’s')).toContain(words);
  });

  it('counts the venue’s refusals by code, most frequent first', async () => {
    const { gateway, dialect, started, reports, time } = stageGateway();
    await started();
    const refuse = async (venueCode: string, by: 'venue' | 'gateway' = 'venue') => {
      dialect.placing = async () => ({ code: 'refused', refusal: { venueCode, text: 'no', retry: 'never', by } });
      await gateway.place(orderOf(), yes);
    };
    await refuse('-2019');
    await refuse('-1013');
    await refuse('-1013');
    await refuse('own', 'gateway');
    await time.pass(REPORT_GAP_MS);
    expect(reports().at(-1)?.rejects).toEqual([
      { code: '-1013', text: 'no', count: 2 },
      { code: '-2019', text: 'no', count: 1 },
    ]);
  });
});

describe('a price band', () => {
  const band = { instrumentId: INSTRUMENT_ID, highestBuyPx: '4080', lowestSellPx: '3920' };
  it('refuses what opens beyond it, with both figures, and nothing else', async () => {
    const { gateway, started } = stageGateway((dialect) => {
      dialect.banding = async () => [band];
    });
    await started();
    const place = async (over: Partial<OrderRequest>) => (await gateway.place(orderOf(over), yes)).code;
    expect(await gateway.place(orderOf({ limitPx: '4080.01' }), yes)).toMatchObject({
      code: 'refused',
      refusal: { retry: 'fresh-price', text: "XAUUSDT: the limit 4080.01 is above the venue's highest buy price 4080" },
    });
    expect(await gateway.place(orderOf({ side: 'sell', limitPx: '3919.99', purpose: 'complete' }), yes)).toMatchObject({
      refusal: { text: "XAUUSDT: the limit 3919.99 is below the venue's lowest sell price 3920" },
    });
    expect(await place({ limitPx: '4080' })).toBe('acknowledged');
    expect(await place({ side: 'sell', limitPx: '3920' })).toBe('acknowledged');
    expect(await place({ limitPx: '4080.01', purpose: 'close' })).toBe('acknowledged');
    expect(await place({ limitPx: '4080.01', purpose: 'unwind' })).toBe('acknowledged');
  });

  it('is read every few seconds, and says nothing when it is old', async () => {
    let asked = 0;
    const { gateway, dialect, started, time } = stageGateway((scripted) => {
      scripted.banding = async () => (asked++, [band]);
    });
    await started();
    await time.pass(BANDS_EVERY_MS);
    const before = asked;
    await time.pass(BANDS_EVERY_MS);
    expect(asked).toBe(before + 1);
    dialect.banding = async () => 'HTTP 503';
    await time.pass(BANDS_EVERY_MS);
    expect((await gateway.place(orderOf({ limitPx: '4081' }), yes)).code).toBe('refused');
    await time.pass(BAND_KEEPS_MS);
    expect((await gateway.place(orderOf({ limitPx: '4081' }), yes)).code).toBe('acknowledged');
  });
});

describe('a push that may have kept an execution from us', () => {
  const missing = { reports: [], fills: [], alarms: [], recheck: false, missing: 'an order that cannot be read' };

  it('is a gap like a lost connection, closed by a reconciliation at once, and not more often than a venue can be asked', async () => {
    const { dialect, time, links, started } = stageGateway();
    await started();
    const before = links().length;
    dialect.owner!.pushed(missing, time.monoUs());
    expect(links().slice(before)).toEqual(['down: an order that cannot be read', expect.stringMatching(/^up: /)]);
    for (let k = 0; k < 50; k += 1) dialect.owner!.pushed(missing, time.monoUs());
    expect(links()).toHaveLength(before + 2);
    await time.pass(GAP_PAUSE_MS);
    expect(links()).toHaveLength(before + 4);
    await time.pass(10 * GAP_PAUSE_MS);
    expect(links()).toHaveLength(before + 4);
  });
});

describe('cancel, query and snapshot', () => {
  it('never reject, and end in time', async () => {
    const { gateway, dialect, started, time } = stageGateway();
    await started();
    dialect.canceling = (_ref, mayLeave) => (mayLeave(), new Promise(() => undefined));
    dialect.querying = () => new Promise(() => undefined);
    dialect.reading = () => new Promise(() => undefined);
    const outcomes = Promise.all([gateway.cancel(refOf(), yes), gateway.query(refOf()), gateway.snapshot(dialect.venueMs!)]);
    await time.pass(Math.max(2_000 + BACKSTOP_MS, QUERY_DEADLINE_MS, SNAPSHOT_DEADLINE_MS));
    expect((await outcomes).map(({ code }) => code)).toEqual(['unknown', 'failed', 'failed']);
    dialect.canceling = () => new Promise(() => undefined);
    const unwritten = gateway.cancel(refOf(), yes);
    await time.pass(2_000 + BACKSTOP_MS);
    expect(await unwritten).toMatchObject({ code: 'refused', venueCode: null });
    dialect.querying = async () => Promise.reject(new Error('boom'));
    expect(await gateway.query(refOf())).toEqual({ code: 'failed', why: 'it failed on our side: boom' });
  });

  it('go through while order entry is down: stops must not wait for it', async () => {
    const { gateway, dialect, started } = stageGateway();
    await started();
    dialect.turn('entry', false, 'lost');
    expect(await gateway.cancel(refOf(), yes)).toEqual({ code: 'acknowledged' });
    expect(await gateway.snapshot(0)).toMatchObject({ code: 'answered' });
  });

  it('date "not found" by the venue’s clock before it was asked', async () => {
    const { gateway, dialect, started } = stageGateway();
    await started();
    const notFound = async (venueUnixMs: number | null) => {
      dialect.querying = async () => ({ code: 'not-found', venueUnixMs });
      return gateway.query(refOf());
    };
    expect(await notFound(1_795_354_009_999)).toEqual({ code: 'not-found', venueUnixMs: 1_795_354_000_000 });
    expect(await notFound(1_795_353_000_000)).toEqual({ code: 'not-found', venueUnixMs: 1_795_353_000_000 });
    expect(await notFound(null)).toEqual({ code: 'not-found', venueUnixMs: null });
    dialect.venueMs = null;
    expect(await notFound(1_795_354_009_999)).toEqual({ code: 'not-found', venueUnixMs: null });
  });

  it('date a snapshot by the venue’s clock before it was begun', async () => {
    const { gateway, dialect, started } = stageGateway();
    await started();
    dialect.reading = async () => {
      dialect.venueMs = 1_795_354_999_999;
      return EMPTY;
    };
    expect(await gateway.snapshot(0)).toMatchObject({ snapshot: { venueUnixMs: 1_795_354_000_000 } });
    dialect.reading = async () => 'HTTP 503';
    expect(await gateway.snapshot(0)).toEqual({ code: 'failed', why: 'HTTP 503' });
  });

  it('give a snapshot of many days as long as the engine waits for it: else no absence is ever made good', async () => {
    const { gateway, dialect, time, started } = stageGateway();
    await started();
    let answer: (reading: AccountReading) => void = () => undefined;
    dialect.reading = () => new Promise((resolve) => (answer = resolve));
    const days = 5;
    const taken = gateway.snapshot(dialect.venueMs! - days * 86_400_000);
    await time.pass(SNAPSHOT_DEADLINE_MS + days * PATIENCE_PER_DAY_MS - 1);
    answer(EMPTY);
    expect(await taken).toMatchObject({ code: 'answered' });
    const given = gateway.snapshot(dialect.venueMs! - 365 * 86_400_000);
    await time.pass(SNAPSHOT_DEADLINE_MS + MAX_PATIENCE_MS);
    expect(await given).toMatchObject({ code: 'failed' });
  });
});

describe('the link', () => {
  it('is up only when both sockets are and the account was read', async () => {
    const { gateway, dialect, links, time } = stageGateway((scripted) => {
      scripted.entry = { up: false, detail: 'connecting' };
      scripted.checking = async () => 'HTTP 503';
    });
    gateway.start();
    await time.pass(1);
    expect(links()).toEqual(['down: order entry: connecting']);
    dialect.turn('entry', true, 'connected');
    await time.pass(100);
    expect(links()).toHaveLength(1);
    expect(await gateway.place(orderOf(), yes)).toMatchObject({ refusal: { text: 'Exchange X: the account has not been read: HTTP 503' } });
    dialect.checking = async () => ({ checks: [check('fail')], keyExpiresUnixMs: 5, described: [] });
    await time.passUntil(() => links().length === 2, 'the link', 250, 60_000);
    expect(links()[1]).toBe('up: order entry and private stream are up');
    dialect.turn('stream', false, 'lost');
    dialect.turn('entry', false, 'lost too');
    expect(links().slice(2)).toEqual(['down: private stream: lost']);
  });

  it('rises after the engine was told what the account is', async () => {
    const { inlets, started } = stageGateway();
    await started();
    const told = inlets.control.map((event) => (event.type === 'exchange' ? event.report.checks[0]?.state : event.type));
    expect(told.indexOf('pass')).toBeGreaterThan(-1);
    expect(told.indexOf('pass')).toBeLessThan(told.lastIndexOf('order-link'));
  });

  it('falls and rises again when pushes were lost on our own side', async () => {
    const { gateway, dialect, inlets, links, started, time } = stageGateway();
    await started();
    inlets.isFull = true;
    for (let n = 0; n < MAX_WAITING_PUSHES + 1; n += 1)
      dialect.owner!.pushed({ reports: [], fills: [fillOf(String(n))], alarms: [], recheck: false }, 0);
    await time.pass(100);
    inlets.isFull = false;
    await time.pass(100);
    const trades = inlets.of('fill').map(({ fill }) => fill.tradeId);
    expect(trades).toEqual(Array.from({ length: MAX_WAITING_PUSHES }, (_, n) => String(n)));
    expect(links().slice(1)).toEqual([
      'up: order entry and private stream are up',
      'down: 1 pushes found no room',
      'up: order entry and private stream are up',
    ]);
    await gateway.stop();
  });
});

describe('pushes', () => {
  it('are handed on in the venue’s order, duplicates included, alarms first', async () => {
    const { dialect, inlets, started } = stageGateway();
    await started();
    const before = inlets.control.length;
    const pushed = { reports: [reportOf('filled', { filledQty: '1' })], fills: [fillOf('1')], alarms: ['liquidated'], recheck: false };
    dialect.owner!.pushed(pushed, 0);
    dialect.owner!.pushed({ ...pushed, alarms: [] }, 0);
    expect(inlets.control.slice(before).map(({ type }) => type)).toEqual(['limit-crossed', 'fill', 'order-report', 'fill', 'order-report']);
    expect(inlets.of('limit-crossed')).toEqual([{ type: 'limit-crossed', limit: 'exchange-act', detail: 'Exchange X: liquidated' }]);
  });

  it('wait in order for a full inlet', async () => {
    const { dialect, inlets, started, time } = stageGateway();
    await started();
    inlets.isFull = true;
    for (const id of ['1', '2']) dialect.owner!.pushed({ reports: [], fills: [fillOf(id)], alarms: [], recheck: false }, 0);
    inlets.isFull = false;
    dialect.owner!.pushed({ reports: [], fills: [fillOf('3')], alarms: [], recheck: false }, 0);
    expect(inlets.of('fill')).toHaveLength(0);
    await time.pass(20);
    expect(inlets.of('fill').map(({ fill }) => fill.tradeId)).toEqual(['1', '2', '3']);
  });

  it('time the first fill of an order from its write', async () => {
    const { gateway, dialect, started, time, reports } = stageGateway();
    await started();
    dialect.placing = async (_order, mayLeave) => {
      mayLeave();
      time.skip(30);
      dialect.owner!.pushed({ reports: [], fills: [fillOf('1')], alarms: [], recheck: false }, time.monoUs());
      time.skip(10);
      return acknowledged;
    };
    await gateway.place(orderOf(), yes);
    dialect.owner!.pushed({ reports: [], fills: [fillOf('2')], alarms: [], recheck: false }, time.monoUs());
    await time.pass(FIGURES_EVERY_MS + REPORT_GAP_MS);
    expect(reports().at(-1)).toMatchObject({ toFill: { p50: 30, count: 1 }, toAck: { p50: 40, count: 1 } });
  });
});

describe('account checks', () => {
  it('are read at start, after each reconnection, on a change, and every ten minutes', async () => {
    let asked = 0;
    const { dialect, started, time } = stageGateway((scripted) => {
      const inner = scripted.checking;
      scripted.checking = () => (asked++, inner());
    });
    await started();
    await time.pass(CHECK_MIN_GAP_MS);
    const first = asked;
    await time.pass(CHECK_EVERY_MS);
    expect(asked).toBe(first + 1);
    await time.pass(CHECK_MIN_GAP_MS);
    dialect.turn('stream', false, 'lost');
    dialect.turn('stream', true, 'connected');
    await time.pass(CHECK_MIN_GAP_MS);
    expect(asked).toBe(first + 2);
    for (let n = 0; n < 5; n += 1) dialect.owner!.pushed({ reports: [], fills: [], alarms: [], recheck: true }, 0);
    await time.pass(CHECK_MIN_GAP_MS);
    expect(asked).toBe(first + 3);
  });

  it('wait when they could not be read again, but what failed stays failed', async () => {
    const { dialect, started, time, reports } = stageGateway((scripted) => {
      scripted.checking = async () => ({ checks: [check('pass'), check('fail', 'fees')], keyExpiresUnixMs: null, described: [] });
    });
    await started();
    dialect.checking = async () => 'HTTP 503';
    await time.pass(CHECKS_KEEP_MS - 1_000);
    expect(
      reports()
        .at(-1)
        ?.checks.map(({ state }) => state),
    ).toEqual(['pass', 'fail']);
    await time.pass(120_000);
    expect(
      reports()
        .at(-1)
        ?.checks.map(({ state }) => state),
    ).toEqual(['waiting', 'fail']);
    expect(reports().at(-1)?.checks[0]?.fix).toContain('HTTP 503');
  });
});

describe('the report', () => {
  it('is told on a change, at most four times a second', async () => {
    const { dialect, started, time, reports } = stageGateway();
    await started();
    await time.pass(1_000);
    const before = reports().length;
    for (let n = 0; n < 20; n += 1) {
      dialect.turn('stream', n % 2 === 1, `turn ${n}`);
      await time.pass(50);
    }
    expect(reports().length - before).toBeGreaterThan(2);
    expect(reports().length - before).toBeLessThanOrEqual(5);
    await time.pass(REPORT_GAP_MS);
    expect(reports().at(-1)?.stream.detail).toBe('turn 19');
    const quiet = reports().length;
    await time.pass(2_000);
    expect(reports()).toHaveLength(quiet);
  });

  it('tells figures that merely move now and then, silence of the venue at once', async () => {
    const { dialect, started, time, reports } = stageGateway();
    await started();
    await time.pass(1_000);
    const before = reports().length;
    dialect.budgetRows[0] = { ...dialect.budgetRows[0]!, used: 9 };
    dialect.owner!.linksChanged();
    await time.pass(1_000);
    expect(reports()).toHaveLength(before);
    dialect.budgetRows[0] = { ...dialect.budgetRows[0], quietUntilUnixMs: time.unixMs() + 5_000 };
    dialect.owner!.linksChanged();
    await time.pass(REPORT_GAP_MS);
    expect(reports()).toHaveLength(before + 1);
    dialect.budgetRows[0] = { ...dialect.budgetRows[0], used: 10 };
    await time.pass(FIGURES_EVERY_MS + REPORT_GAP_MS);
    expect(reports().at(-1)?.budgets[0]?.used).toBe(10);
  });

  it('is told again when there was no room', async () => {
    const { gateway, inlets, time, reports } = stageGateway();
    inlets.isFull = true;
    gateway.start();
    await time.pass(1_000);
    expect(reports()).toHaveLength(0);
    inlets.isFull = false;
    await time.pass(REPORT_GAP_MS);
    expect(reports()).toHaveLength(1);
  });
});

describe('stop', () => {
  it('settles everything: what left is unknown, what did not is refused, and nothing leaves any more', async () => {
    const { gateway, dialect, started, time } = stageGateway();
    await started();
    dialect.placing = silent;
    const written = gateway.place(orderOf(), yes);
    let ask: () => boolean = yes;
    dialect.placing = (_order, mayLeave) => {
      ask = mayLeave;
      return new Promise(() => undefined);
    };
    const unwritten = gateway.place(orderOf(), yes);
    dialect.querying = () => new Promise(() => undefined);
    const query = gateway.query(refOf());
    await gateway.stop();
    expect(await written).toEqual({ code: 'unknown', why: 'the engine has ended' });
    expect(await unwritten).toMatchObject({ code: 'refused', refusal: { by: 'gateway', text: 'not sent: the engine has ended' } });
    expect(await query).toEqual({ code: 'failed', why: 'the engine has ended' });
    expect(ask()).toBe(false);
    expect(await gateway.place(orderOf(), yes)).toMatchObject({ code: 'refused' });
    expect(await gateway.cancel(refOf(), yes)).toMatchObject({ code: 'refused' });
    expect(await gateway.snapshot(0)).toMatchObject({ code: 'failed' });
    await gateway.stop();
    expect(dialect.stops).toBe(1);
    await time.pass(120_000);
    expect(time.pending).toBe(0);
  });
});

it('is live only in the live environment', () => {
  expect(
    (['simulated', 'demo', 'live'] as const).map((environment) => stageGateway(undefined, venueConfig({ environment })).gateway.kind),
  ).toEqual(['demo', 'demo', 'live']);
});
