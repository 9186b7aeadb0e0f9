import { describe, expect, test, vi } from 'vitest';
import { isOpening, type OrderPurpose } from '../../src-shared/domain/order.ts';
import type { ControlInput } from '../core/events.ts';
import type { Effect } from '../core/facts.ts';
import { createDispatcher, gateOf, MAX_WHY_LENGTH, type Dispatcher, type Gate } from './dispatcher.ts';
import { canceling, gatewayOf, gating, orderOf, placing, querying, snapping, type ScriptedGateway } from './orders.testkit.ts';

const PURPOSES: readonly OrderPurpose[] = ['open', 'complete', 'close', 'unwind'];
const GATES: readonly Gate[] = ['open', 'reducing', 'closed'];

const carry = async (dispatcher: Dispatcher, effects: readonly Effect[], taken: 'taken' | 'full' = 'taken') => {
  const answers: ControlInput[] = [];
  const done = vi.fn<() => void>();
  dispatcher.dispatch(effects, { offer: (event) => (answers.push(event), taken), done });
  await dispatcher.settled();
  return { answers, done };
};

const opened = (gateways: readonly ScriptedGateway[], gate: Gate = 'open', announceMode: (mode: string) => void = () => {}) => {
  const dispatcher = createDispatcher({ gateways, announceMode });
  dispatcher.dispatch([gating(gate)], { offer: () => 'taken', done: () => {} });
  return dispatcher;
};

describe('every call comes back as exactly one event', () => {
  const all = [placing('q1'), canceling('q2'), querying('q3'), snapping(7)];

  test('with the outcome of the gateway of its venue', async () => {
    const [one, two] = [gatewayOf('one'), gatewayOf('two')];
    const { answers, done } = await carry(opened([one, two]), [...all, placing('q9', 'open', 'two')]);
    expect(answers.map(({ type }) => type).sort()).toEqual([
      'cancel-outcome',
      'order-outcome',
      'order-outcome',
      'order-query',
      'venue-snapshot',
    ]);
    expect(answers).toContainEqual({
      type: 'order-outcome',
      clientOrderId: 'q1',
      outcome: expect.objectContaining({ code: 'acknowledged' }),
    });
    expect(answers).toContainEqual({
      type: 'venue-snapshot',
      venueId: 'one',
      requestId: 7,
      outcome: expect.objectContaining({ code: 'answered' }),
    });
    expect(one.calls).toEqual(['place q1', 'cancel q2', 'query q3', 'snapshot 5']);
    expect(two.calls).toEqual(['place q9']);
    expect(done).toHaveBeenCalledOnce();
  });

  const broken: readonly (readonly [string, () => Promise<never>])[] = [
    ['rejects', () => Promise.reject(new Error('x'.repeat(1_000)))],
    [
      'throws',
      () => {
        throw new Error('ECONNRESET');
      },
    ],
    ['rejects with no error', () => Promise.reject('gone')],
    ['resolves with nothing', () => Promise.resolve(undefined as never)],
    ['resolves with no outcome', () => Promise.resolve({ code: 'maybe' } as never)],
  ];
  test.each(broken)('a gateway that %s: an order is unknown, a question failed', async (_name, bad) => {
    const gateway = gatewayOf('one', { place: bad, cancel: bad, query: bad, snapshot: bad });
    const { answers, done } = await carry(opened([gateway]), all);
    const why = expect.stringMatching(new RegExp(`^.{1,${MAX_WHY_LENGTH + 40}}$`));
    expect(answers).toHaveLength(4);
    expect(answers).toEqual(
      expect.arrayContaining([
        { type: 'order-outcome', clientOrderId: 'q1', outcome: { code: 'unknown', why } },
        { type: 'cancel-outcome', clientOrderId: 'q2', outcome: { code: 'unknown', why } },
        { type: 'order-query', clientOrderId: 'q3', outcome: { code: 'failed', why } },
        { type: 'venue-snapshot', venueId: 'one', requestId: 7, outcome: { code: 'failed', why } },
      ]),
    );
    expect(done).toHaveBeenCalledOnce();
  });

  test('a venue without a gateway: nothing was sent, nothing is known', async () => {
    const { answers } = await carry(opened([gatewayOf('two')]), all);
    expect(answers).toEqual(
      expect.arrayContaining([
        {
          type: 'order-outcome',
          clientOrderId: 'q1',
          outcome: {
            code: 'refused',
            refusal: { venueCode: null, text: 'not sent: venue one has no gateway', retry: 'never', by: 'gateway' },
          },
        },
        { type: 'cancel-outcome', clientOrderId: 'q2', outcome: { code: 'refused', venueCode: null, text: expect.any(String) } },
        { type: 'order-query', clientOrderId: 'q3', outcome: { code: 'failed', why: 'venue one has no gateway' } },
        { type: 'venue-snapshot', venueId: 'one', requestId: 7, outcome: { code: 'failed', why: 'venue one has no gateway' } },
      ]),
    );
  });

  test('an answer that was not taken leaves its effects open', async () => {
    const { done } = await carry(opened([gatewayOf()]), all, 'full');
    expect(done).not.toHaveBeenCalled();
  });
});

test('two gateways of one venue are refused', () => {
  expect(() => createDispatcher({ gateways: [gatewayOf(), gatewayOf()], announceMode: () => {} })).toThrow('two gateways');
});

describe('the gate', () => {
  const allowed = (gate: Gate, purpose: OrderPurpose): boolean => gate === 'open' || (gate === 'reducing' && !isOpening(purpose));

  test.each(GATES.flatMap((gate) => PURPOSES.map((purpose) => [gate, purpose] as const)))('%s: %s', async (gate, purpose) => {
    const gateway = gatewayOf();
    const { answers } = await carry(opened([gateway], gate), [placing('q1', purpose)]);
    expect(gateway.calls).toEqual(allowed(gate, purpose) ? ['place q1'] : []);
    const code = allowed(gate, purpose) ? { code: 'acknowledged' } : { code: 'refused', refusal: { by: 'gateway', retry: 'never' } };
    expect(answers).toMatchObject([{ type: 'order-outcome', clientOrderId: 'q1', outcome: code }]);
  });

  test('it is closed until it is set', async () => {
    const gateway = gatewayOf();
    const dispatcher = createDispatcher({ gateways: [gateway], announceMode: () => {} });
    expect(dispatcher.gate).toBe('closed');
    await carry(dispatcher, [placing('q1', 'close'), canceling('q2')]);
    expect(gateway.calls).toEqual([]);
  });

  test('reducing lets an operator’s completion through, and nothing else that opens; closed does not', async () => {
    const by = (purpose: OrderPurpose, authority: 'rule' | 'operator'): Effect => ({
      type: 'place-order',
      order: { ...orderOf('q1', purpose), authority },
    });
    const sent = async (gate: Gate, effect: Effect): Promise<number> => {
      const gateway = gatewayOf('one');
      await carry(opened([gateway], gate), [effect]);
      return gateway.calls.length;
    };
    expect(await sent('reducing', by('complete', 'operator'))).toBe(1);
    expect(await sent('reducing', by('complete', 'rule'))).toBe(0);
    expect(await sent('reducing', by('open', 'operator'))).toBe(0);
    expect(await sent('closed', by('complete', 'operator'))).toBe(0);
  });

  test('closed refuses cancels too and still asks; reducing cancels', async () => {
    const gateway = gatewayOf();
    const { answers } = await carry(opened([gateway], 'closed'), [canceling('q1'), querying('q2'), snapping(1)]);
    expect(gateway.calls).toEqual(['query q2', 'snapshot 5']);
    expect(answers).toContainEqual({
      type: 'cancel-outcome',
      clientOrderId: 'q1',
      outcome: { code: 'refused', venueCode: null, text: 'not sent: the gate is closed' },
    });
    const other = gatewayOf();
    await carry(opened([other], 'reducing'), [canceling('q1')]);
    expect(other.calls).toEqual(['cancel q1']);
  });

  test.each(GATES.flatMap((gate) => PURPOSES.map((purpose) => [gate, purpose] as const)))(
    'is asked again when the bytes are about to be written: set to %s meanwhile, %s',
    async (gate, purpose) => {
      const verdicts: boolean[] = [];
      const waiting: (() => void)[] = [];
      const gateway = gatewayOf('one', {
        place: async (_order, mayLeave) => {
          await new Promise<void>((resolve) => waiting.push(resolve));
          verdicts.push(mayLeave());
          return { code: 'unknown', why: '' };
        },
        cancel: async (_ref, mayLeave) => {
          await new Promise<void>((resolve) => waiting.push(resolve));
          verdicts.push(mayLeave());
          return { code: 'unknown', why: '' };
        },
      });
      const dispatcher = opened([gateway]);
      dispatcher.dispatch([placing('q1', purpose), canceling('q2')], { offer: () => 'taken', done: () => {} });
      dispatcher.dispatch([gating(gate)], { offer: () => 'taken', done: () => {} });
      for (const go of waiting) go();
      await dispatcher.settled();
      expect(verdicts).toEqual([allowed(gate, purpose), gate !== 'closed']);
    },
  );

  test('closes before what follows it in the same step', async () => {
    const gateway = gatewayOf();
    await carry(opened([gateway]), [gating('reducing'), placing('q1'), canceling('q2')]);
    expect(gateway.calls).toEqual(['cancel q2']);
  });

  test('a stop of one pair or venue is asked for with every order and cancel, and again when it leaves', async () => {
    const verdicts: boolean[] = [];
    const asked: string[] = [];
    let stopped = false;
    const gateway = gatewayOf('one', {
      place: async (_order, mayLeave) => {
        await Promise.resolve();
        verdicts.push(mayLeave());
        return { code: 'unknown', why: '' };
      },
    });
    const dispatcher = opened([gateway]);
    dispatcher.barBy?.((clientOrderId, act) => {
      asked.push(`${act} ${clientOrderId}`);
      return stopped ? 'hands-off is in force: nothing is sent' : null;
    });
    dispatcher.dispatch([placing('q1', 'close')], { offer: () => 'taken', done: () => {} });
    stopped = true;
    await dispatcher.settled();
    expect(verdicts).toEqual([false]);
    const { answers } = await carry(dispatcher, [placing('q2'), canceling('q1')]);
    expect(gateway.calls).toEqual(['place q1']);
    expect(asked).toEqual(['reduce q1', 'reduce q1', 'open q2', 'cancel q1']);
    expect(answers).toHaveLength(2);
  });

  test('locked openings never leave again, whatever gate is set; the rest does', async () => {
    let atWrite: boolean | null = null;
    const gateway = gatewayOf('one', {
      place: async (_order, mayLeave) => {
        await Promise.resolve();
        atWrite = mayLeave();
        return { code: 'unknown', why: '' };
      },
    });
    const dispatcher = opened([gateway]);
    dispatcher.dispatch([placing('q0')], { offer: () => 'taken', done: () => {} });
    dispatcher.lockOpenings('the disk is full');
    await dispatcher.settled();
    expect(atWrite).toBe(false);
    const { answers } = await carry(dispatcher, [
      gating('open'),
      placing('q1'),
      placing('q2', 'complete'),
      placing('q3', 'unwind'),
      canceling('q4'),
    ]);
    expect(gateway.calls).toEqual(['place q0', 'place q3', 'cancel q4']);
    expect(answers).toContainEqual(
      expect.objectContaining({
        clientOrderId: 'q1',
        outcome: { code: 'refused', refusal: expect.objectContaining({ text: 'not sent: the disk is full' }) },
      }),
    );
  });

  test('a recovered latch demands its gate', () => {
    const latch = { latchedUnixMs: 1, source: 'cli', by: 'x', reason: '', verifiedUnixMs: null, remaining: [] } as const;
    expect(gateOf(null)).toBe('open');
    expect(gateOf({ ...latch, level: 'kill' })).toBe('reducing');
    expect(gateOf({ ...latch, level: 'flatten' })).toBe('reducing');
    expect(gateOf({ ...latch, level: 'hands-off' })).toBe('closed');
  });
});

test('an announcement that fails leaves its effects open, and the others are carried out', async () => {
  const gateway = gatewayOf();
  const dispatcher = opened([gateway], 'open', () => {
    throw new Error('no listener');
  });
  const { done } = await carry(dispatcher, [{ type: 'announce-mode', mode: 'halt' }, canceling('q1')]);
  expect(gateway.calls).toEqual(['cancel q1']);
  expect(done).not.toHaveBeenCalled();
});
