/** What the EA says of commands, and what the engine hears of it. */
import { describe, expect, test } from 'vitest';
import type { CommandState } from '../../../../src-shared/domain/metatrader.ts';
import { COMMAND_STATES, isFinalCommand } from '../../../../src-shared/domain/metatrader.ts';
import { ACK_STATES, type AckRequest } from '../tradeWire.ts';
import { ack, deskWorld, order, OFFSET_MS, refOf, settled, T0, wireDeal, type DeskWorld } from './desk.testkit.ts';
import { verdictOn } from './transitions.ts';

const delivered = (): { readonly world: DeskWorld; readonly id: string; readonly kept: ReturnType<DeskWorld['place']> } => {
  const world = deskWorld();
  world.trade();
  const kept = world.place(order(1));
  return { world, id: world.fetch().command_id, kept };
};
const reports = (world: DeskWorld) => world.events('order-report').map(({ report }) => [report.state, report.filledQty]);

describe('the table of transitions', () => {
  test('no end ever becomes anything else, and only an end, what is known, or a contradiction follows one', () => {
    for (const state of COMMAND_STATES.filter(isFinalCommand))
      for (const word of ACK_STATES) expect(['same', 'late', 'contradiction']).toContain(verdictOn(state, 1, word));
  });
  test('unknown leaves only to an end', () => {
    for (const word of ACK_STATES) {
      const verdict = verdictOn('unknown', 1, word);
      if (verdict !== 'same' && verdict !== 'late') expect(isFinalCommand(verdict as CommandState)).toBe(true);
    }
  });
  test('a state repeated is the same; what was never delivered can have been heard of by no EA', () => {
    for (const state of COMMAND_STATES) {
      const word = state.replace('-', '_') as AckRequest['state'];
      if (ACK_STATES.includes(word)) expect(verdictOn(state, 1, word)).toBe('same');
      for (const any of ACK_STATES) expect(verdictOn(state, 0, any)).toBe('contradiction');
    }
  });
  test.each([
    ['sending', 'expired'],
    ['sending', 'canceled'],
    ['accepted', 'expired'],
    ['done', 'rejected'],
    ['rejected', 'done'],
    ['partial', 'done'],
  ] as const)('%s, then %s, contradict each other', (state, word) => {
    expect(verdictOn(state, 1, word)).toBe('contradiction');
  });
});

describe('outcomes of the call', () => {
  test.each<[string, Partial<AckRequest> & { readonly state: AckRequest['state'] }, object, readonly (readonly string[])[]]>([
    [
      'done',
      { state: 'done', retcode: 10_009, order: '5001', cum_lots: '0.1' },
      { code: 'acknowledged', venueOrderId: '5001' },
      [['filled', '0.1']],
    ],
    ['partial', { state: 'partial', retcode: 10_010, order: '5001', cum_lots: '0.04' }, { code: 'acknowledged' }, [['canceled', '0.04']]],
    ['placed, open', { state: 'accepted', retcode: 10_008, order: '5001' }, { code: 'acknowledged' }, [['working', '0']]],
    [
      'a requote',
      { state: 'rejected', retcode: 10_004 },
      { code: 'refused', refusal: { by: 'venue', venueCode: '10004', retry: 'fresh-price' } },
      [],
    ],
    ['no money', { state: 'rejected', retcode: 10_019 }, { code: 'refused', refusal: { by: 'venue', retry: 'never' } }, []],
    ['too many requests', { state: 'rejected', retcode: 10_024 }, { code: 'refused', refusal: { by: 'venue', retry: 'later' } }, []],
    [
      'a gate',
      { state: 'rejected', error: 'algo_trading_off' },
      { code: 'refused', refusal: { by: 'gateway', venueCode: null, retry: 'later' } },
      [],
    ],
    [
      'the price guard',
      { state: 'rejected', error: 'price_guard' },
      { code: 'refused', refusal: { by: 'gateway', retry: 'fresh-price' } },
      [],
    ],
    [
      'expired at the EA',
      { state: 'expired', error: 'expired' },
      { code: 'refused', refusal: { by: 'gateway', retry: 'fresh-price' } },
      [],
    ],
    ['a timeout', { state: 'unknown', retcode: 10_012 }, { code: 'unknown' }, []],
    ['proof that nothing came of it', { state: 'not_executed' }, { code: 'refused', refusal: { by: 'venue' } }, []],
    // The one safe mistake is to call a refusal unknown.
    ['"rejected" with a code that is no refusal', { state: 'rejected', retcode: 10_012 }, { code: 'unknown' }, []],
    ['"rejected" with a code that nobody knows', { state: 'rejected', retcode: 19_999 }, { code: 'unknown' }, []],
    ['a conflict', { state: 'rejected', error: 'conflict' }, { code: 'unknown' }, []],
  ])('%s', async (_what, { state, ...over }, outcome, told) => {
    const { world, id, kept } = delivered();
    world.desk.takeAck(ack(id, state, over));
    await settled();
    expect(kept.outcome).toMatchObject(outcome);
    expect(reports(world)).toEqual(told);
    expect(world.events('order-report').every(({ report }) => report.clientOrderId === 'q1')).toBe(true);
  });

  test('received and sending are no outcome yet, and give the broker his time', async () => {
    const { world, id, kept } = delivered();
    world.desk.takeAck(ack(id, 'received'));
    world.desk.takeAck(ack(id, 'sending'));
    expect(world.desk.toleratedSilenceMs()).toBe(12_000);
    world.pass(11_999);
    await settled();
    expect(kept.outcome).toBeNull();
    world.pass(1);
    await settled();
    expect(kept.outcome).toMatchObject({ code: 'unknown' });
    expect(world.desk.toleratedSilenceMs()).toBe(0);
  });

  test('an EA that is silent with an order in its hands may be at its broker: so long as its lease and ten seconds', async () => {
    const { world, id } = delivered();
    expect(world.desk.toleratedSilenceMs()).toBe(12_000);
    world.pass(11_999);
    expect(world.store.get(id)?.state).toBe('unknown');
    expect(world.desk.toleratedSilenceMs()).toBe(12_000);
    world.pass(1);
    expect(world.desk.toleratedSilenceMs()).toBe(0);
    const other = delivered();
    other.world.desk.takeAck(ack(other.id, 'unknown'));
    expect(other.world.desk.toleratedSilenceMs()).toBe(0);
    const waiting = deskWorld();
    waiting.trade();
    waiting.place(order(1));
    expect(waiting.desk.toleratedSilenceMs()).toBe(0);
  });

  test('`done` with fewer lots than asked is told filled only when its deals are here', async () => {
    const { world, id, kept } = delivered();
    world.desk.takeAck(ack(id, 'done', { retcode: 10_009, order: '5001' }));
    await settled();
    expect([kept.outcome?.code, reports(world)]).toEqual(['acknowledged', []]);
    world.desk.takeDeals([wireDeal('1', T0 + 1, { lots: '0.06' })], OFFSET_MS);
    expect(reports(world)).toEqual([]);
    world.desk.takeDeals([wireDeal('2', T0 + 1, { lots: '0.04' })], OFFSET_MS);
    expect(reports(world)).toEqual([['filled', '0.1']]);
    expect(world.alarms()).toEqual([]);
  });

  test('deals that add up to the whole end it before the EA says so; its word is then the same', async () => {
    const { world, id, kept } = delivered();
    world.desk.takeDeals([wireDeal('1', T0 + 1)], OFFSET_MS);
    await settled();
    expect(kept.outcome).toMatchObject({ code: 'acknowledged', venueOrderId: '5001' });
    world.desk.takeAck(ack(id, 'sending'));
    world.desk.takeAck(ack(id, 'done', { retcode: 10_009, order: '5001', cum_lots: '0.1', avg_price: '2400.5', broker_ms: 80 }));
    expect(world.store.get(id)).toMatchObject({ state: 'done', cumLots: '0.1', retcode: 10_009, brokerMs: 80, avgPx: '2400.5' });
    expect([reports(world), world.alarms()]).toEqual([[['filled', '0.1']], []]);
  });

  test('after an unknown outcome a later end is told as a report', async () => {
    for (const [state, over, told] of [
      ['done', { retcode: 10_009, cum_lots: '0.1' }, ['filled', '0.1']],
      ['partial', { retcode: 10_010, cum_lots: '0.02' }, ['canceled', '0.02']],
      ['rejected', { retcode: 10_006 }, ['rejected', '0']],
      ['not_executed', {}, ['rejected', '0']],
      ['canceled', {}, ['rejected', '0']],
    ] as const) {
      const { world, id, kept } = delivered();
      world.pass(5_000);
      await settled();
      expect(kept.outcome).toMatchObject({ code: 'unknown' });
      world.desk.takeAck(ack(id, state, over));
      expect(reports(world)).toEqual([told]);
      world.desk.takeAck(ack(id, state, { ...over, duplicate: true }));
      expect(reports(world)).toEqual([told]);
    }
  });

  test('stale after a second delivery is unknown: the first may have been executed before the journal was lost', async () => {
    const { world, id, kept } = delivered();
    world.pass(1_999);
    world.desk.takeAck(ack(id, 'rejected', { error: 'stale' }));
    await settled();
    expect(kept.outcome).toMatchObject({ code: 'refused' });
    const again = deskWorld();
    again.trade();
    const second = again.place(order(1, { validityMs: 9_000 }));
    again.fetch();
    again.pass(2_000);
    again.desk.takeAck(ack(again.fetch().command_id, 'rejected', { error: 'stale' }));
    await settled();
    expect(second.outcome).toMatchObject({ code: 'unknown' });
  });
});

describe('contradictions are kept, alarmed, and change nothing that was certain', () => {
  test.each<
    [string, readonly [AckRequest['state'], Partial<AckRequest>], readonly [AckRequest['state'], Partial<AckRequest>], CommandState]
  >([
    ['done, then rejected', ['done', { cum_lots: '0.1' }], ['rejected', { retcode: 10_006 }], 'done'],
    ['rejected, then done', ['rejected', { retcode: 10_006 }], ['done', { cum_lots: '0.1' }], 'rejected'],
    ['partial with other lots', ['partial', { cum_lots: '0.04' }], ['partial', { cum_lots: '0.05' }], 'partial'],
    ['another order', ['done', { cum_lots: '0.1', order: '1' }], ['done', { cum_lots: '0.1', order: '2' }], 'done'],
    ['more lots than asked for', ['received', {}], ['done', { cum_lots: '0.11' }], 'unknown'],
    ['begun, then expired', ['sending', {}], ['expired', {}], 'unknown'],
    ['rejected with lots', ['sending', {}], ['rejected', { retcode: 10_006, cum_lots: '0.03' }], 'partial'],
  ])('%s', (_what, first, second, state) => {
    const { world, id } = delivered();
    world.desk.takeAck(ack(id, ...first));
    world.desk.takeAck(ack(id, ...second));
    expect(world.store.get(id)).toMatchObject({ state, quarantine: expect.any(String) as string });
    expect(world.alarms()).toEqual([expect.stringContaining(`mt5-contradiction: command ${id}`)]);
    expect(world.desk.report().quarantined).toBe(1);
  });

  test('more lots than asked for reach the engine, whoever is right', async () => {
    const { world, id, kept } = delivered();
    world.desk.takeAck(ack(id, 'done', { cum_lots: '0.2' }));
    await settled();
    expect(kept.outcome).toMatchObject({ code: 'unknown' });
    expect(reports(world)).toEqual([['filled', '0.2']]);
  });

  test('a word about a command that was never delivered: it never leaves then', async () => {
    const world = deskWorld();
    world.trade();
    const kept = world.place(order(1));
    world.desk.takeAck(ack(world.store.ofOrder('q1')!.commandId, 'done', { cum_lots: '0.1' }));
    await settled();
    expect(kept.outcome).toMatchObject({ code: 'unknown' });
    expect(world.desk.reply(null).command).toBeNull();
    expect(world.alarms()).toHaveLength(1);
  });

  test('an id that is none of ours is alarmed once', () => {
    const { world } = delivered();
    world.desk.takeAck(ack('01STRANGE', 'done', { cum_lots: '1' }));
    world.desk.takeAck(ack('01STRANGE', 'done', { cum_lots: '1' }));
    expect(world.alarms()).toEqual([expect.stringMatching(/^mt5-unknown-command: .*01STRANGE/)]);
  });

  test('a partial execution without lots is senseless, and named', () => {
    const { world, id } = delivered();
    expect(() => world.desk.takeAck(ack(id, 'partial'))).toThrow(expect.objectContaining({ status: 400, field: 'cum_lots' }));
    expect(world.store.get(id)).toMatchObject({ state: 'leased' });
  });
});

describe('cancel', () => {
  test('before its delivery it is called back at once', async () => {
    const world = deskWorld();
    world.trade();
    const kept = world.place(order(1));
    expect(await world.desk.gateway.cancel(refOf(order(1)), () => true)).toEqual({ code: 'acknowledged' });
    await settled();
    expect(kept.outcome).toMatchObject({ code: 'refused', refusal: { by: 'gateway' } });
    expect(world.desk.reply(null).command).toBeNull();
  });
  test('after it the EA is asked, once for all who ask; the target’s own word is the answer', async () => {
    const { world, id, kept } = delivered();
    const asked = [world.desk.gateway.cancel(refOf(order(1)), () => true), world.desk.gateway.cancel(refOf(order(1)), () => true)];
    const command = world.fetch();
    expect(command).toMatchObject({ kind: 'cancel', target_id: id });
    expect(world.desk.reply(null).command).toBeNull();
    world.desk.takeAck(ack(id, 'canceled'));
    expect(await Promise.all(asked)).toEqual([{ code: 'acknowledged' }, { code: 'acknowledged' }]);
    expect(kept.outcome).toMatchObject({ code: 'refused' });
    expect(world.store.get(command.command_id)).toMatchObject({ state: 'done' });
  });
  test('too late is a refusal; silence is unknown; an ended one has nothing to cancel', async () => {
    const { world, id } = delivered();
    const late = world.desk.gateway.cancel(refOf(order(1)), () => true);
    world.desk.takeAck(ack(world.fetch().command_id, 'rejected', { error: 'too_late' }));
    expect(await late).toMatchObject({ code: 'refused', venueCode: 'too_late' });
    const silent = world.desk.gateway.cancel(refOf(order(1)), () => true);
    world.pass(5_000);
    expect(await silent).toMatchObject({ code: 'unknown' });
    world.desk.takeAck(ack(id, 'done', { cum_lots: '0.1' }));
    expect(await world.desk.gateway.cancel(refOf(order(1)), () => true)).toMatchObject({ code: 'refused' });
    expect(await world.desk.gateway.cancel(refOf(order(9)), () => true)).toMatchObject({ code: 'refused' });
    expect(await world.desk.gateway.cancel(refOf(order(1)), () => false)).toMatchObject({ code: 'refused' });
  });
});

describe('query', () => {
  test('what ended with all its deals is found here, with them', async () => {
    const { world, id } = delivered();
    world.desk.takeAck(ack(id, 'done', { order: '5001', cum_lots: '0.1' }));
    world.desk.takeDeals([wireDeal('1', T0 + 1)], OFFSET_MS);
    const answer = await world.desk.gateway.query(refOf(order(1)));
    expect(answer).toMatchObject({
      code: 'found',
      report: { state: 'filled', filledQty: '0.1', venueOrderId: '5001' },
      fills: [{ tradeId: '1', qty: '0.1', px: '2400.5', fee: '0.7', feeCcy: 'USD', positionId: '5001', venueUnixMs: T0 }],
    });
    expect(world.desk.reply(null).command).toBeNull();
  });
  test('what was never delivered is certain, too: nothing of it can happen any more', async () => {
    const world = deskWorld();
    world.trade();
    world.place(order(1));
    expect(await world.desk.gateway.query(refOf(order(1)))).toMatchObject({ code: 'found', report: { state: 'rejected', filledQty: '0' } });
    expect(world.desk.reply(null).command).toBeNull();
    expect(await world.desk.gateway.query(refOf(order(2)))).toEqual({ code: 'not-found', venueUnixMs: null });
  });
  test('else the EA is asked, by number too; its word of the target is the answer', async () => {
    const { world, id } = delivered();
    world.pass(5_000);
    const asked = world.desk.gateway.query(refOf(order(1)));
    const command = world.fetch();
    expect(command).toMatchObject({ kind: 'query', target_id: id, num: String(T0 + 1) });
    world.desk.takeAck(ack(id, 'not_executed'));
    expect(await asked).toMatchObject({ code: 'found', report: { state: 'rejected' } });
    expect(world.store.get(command.command_id)).toMatchObject({ state: 'done' });
  });
  test('while the EA itself does not know, the question has failed: never "not found"', async () => {
    const { world, id } = delivered();
    world.pass(5_000);
    const asked = world.desk.gateway.query(refOf(order(1)));
    world.fetch();
    world.desk.takeAck(ack(id, 'unknown', { retcode: 10_012 }));
    expect(await asked).toMatchObject({ code: 'failed' });
    const silent = world.desk.gateway.query(refOf(order(1)));
    world.pass(5_000);
    expect(await silent).toMatchObject({ code: 'failed' });
    world.desk.linkChanged({ alive: false, connected: false, gates: '', detail: 'gone' });
    expect(await world.desk.gateway.query(refOf(order(1)))).toMatchObject({ code: 'failed' });
  });
  test('after a restart the engine learns from the store what it had not heard', async () => {
    const { world, id } = delivered();
    world.desk.takeAck(ack(id, 'done', { order: '5001', cum_lots: '0.1' }));
    world.desk.takeDeals([wireDeal('1', T0 + 1)], OFFSET_MS);
    const next = await world.restart();
    expect(await next.desk.gateway.query(refOf(order(1)))).toMatchObject({ code: 'failed' });
    next.trade();
    expect(await next.desk.gateway.query(refOf(order(1)))).toMatchObject({
      code: 'found',
      report: { state: 'filled' },
      fills: [{ tradeId: '1' }],
    });
  });
});
