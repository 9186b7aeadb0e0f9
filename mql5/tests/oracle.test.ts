/** The oracle is tried on agreeing evidence, and then on every disagreement it exists for. */
import { describe, expect, test } from 'vitest';
import { CLOCK_TOLERANCE_MS, judge, type BrokerDeal, type BrokerRequest, type CommandEvidence, type Judgement } from './oracle.ts';

const BASE = 1_600_000_000_000;
const T = 1_795_000_000_000;

const request = (over: Partial<BrokerRequest> = {}): BrokerRequest => ({
  unixMs: T,
  magic: BASE + 1,
  action: 'deal',
  symbol: 'XAUUSD',
  side: 'buy',
  lots: '0.30',
  position: '0',
  deviation: 20,
  filling: 'ioc',
  comment: 'QA 1',
  accepted: true,
  ...over,
});
const deal = (over: Partial<BrokerDeal> = {}): BrokerDeal => ({
  deal: '900',
  order: '500',
  positionId: '500',
  magic: BASE + 1,
  symbol: 'XAUUSD',
  side: 'buy',
  entry: 'in',
  lots: '0.30',
  price: '4000.10',
  commission: '-1.05',
  swap: '0',
  fee: '0',
  profit: '0',
  unixMs: T + 5,
  ...over,
});
const command = (over: Partial<CommandEvidence> = {}): CommandEvidence => ({
  commandId: 'c1',
  kind: 'open',
  magic: BASE + 1,
  clientOrderId: 'o1',
  state: 'done',
  lots: '0.3',
  side: 'buy',
  symbol: 'XAUUSD',
  maxDevPoints: 20,
  deliveries: 1,
  cumLots: '0.3',
  endedUnixMs: T + 10,
  quarantine: null,
  states: ['queued', 'leased', 'done'],
  ...over,
});
const fill = (over: object = {}) => ({ tradeId: '900', clientOrderId: 'o1', side: 'buy', qty: '0.3', px: '4000.1', ...over });

/** A command of 0.3 lots, executed once, told once. */
const agreeing = (): Judgement => ({
  broker: {
    requests: [request()],
    deals: [deal()],
    positions: [{ id: '500', symbol: 'XAUUSD', side: 'buy', lots: '0.30', magic: BASE + 1 }],
  },
  engine: { commands: [command()], deals: [deal()], fills: [fill()] },
  magicBase: BASE,
  settled: true,
});
const but = (broker: Partial<Judgement['broker']>, engine: Partial<Judgement['engine']> = {}, over: Partial<Judgement> = {}): Judgement => {
  const right = agreeing();
  return { ...right, broker: { ...right.broker, ...broker }, engine: { ...right.engine, ...engine }, ...over };
};

test('agreeing evidence is right', () => {
  expect(judge(agreeing())).toEqual([]);
  const foreign = deal({ deal: '7', magic: 0, positionId: '7', order: '7' });
  expect(judge(but({ deals: [deal(), foreign], requests: [request(), request({ magic: 0 }), request({ magic: 0 })] }))).toEqual([]);
});

describe('every disagreement is seen', () => {
  const wrong: readonly [string, Judgement, RegExp][] = [
    ['executed twice', but({ requests: [request(), request()] }), /executed 2 times/],
    ['of no command', but({}, { commands: [] }), /no command of the engine/],
    ['never delivered', but({}, { commands: [command({ deliveries: 0 })] }), /never delivered/],
    ['other lots', but({ requests: [request({ lots: '0.31' })] }), /sent for 0.31 lots/],
    ['other side', but({ requests: [request({ side: 'sell' })] }), /sent as sell/],
    ['close without a position', but({}, { commands: [command({ kind: 'close' })] }), /a close without a position/],
    ['opening with a position', but({ requests: [request({ position: '3' })] }), /an opening with position 3/],
    ['more deviation', but({ requests: [request({ deviation: 21 })] }), /deviation 21 points/],
    ['a long comment', but({ requests: [request({ comment: 'x'.repeat(32) })] }), /comment of 32/],
    ['a deal lost', but({}, { deals: [] }), /never reached the engine/],
    ['a fill lost', but({}, { fills: [] }), /is no fill of the ledger/],
    ['a deal twice', but({}, { deals: [deal(), deal()] }), /kept 2 times/],
    ['a fill in two ways', but({}, { fills: [fill(), fill({ qty: '0.2' })] }), /told in 2 ways/],
    ['an invented deal', but({ deals: [] }), /the broker never made it/],
    ['an invented fill', but({}, { fills: [fill(), fill({ tradeId: '1' })] }), /fill 1 is no deal/],
    ['other price', but({}, { deals: [deal({ price: '4000.2' })] }), /price is 4000.10, kept 4000.2/],
    ['late money lost', but({ deals: [deal({ swap: '-3' })] }), /swap is -3, kept 0/],
    ['the clock', but({}, { deals: [deal({ unixMs: T + 6 + CLOCK_TOLERANCE_MS })] }), /1001 ms off/],
    [
      'rejected and executed',
      but({}, { commands: [command({ state: 'rejected', cumLots: '0' })] }),
      /is rejected, and the broker executed/,
    ],
    ['done in part', but({ deals: [deal({ lots: '0.2' })] }), /done, and not all/],
    ['partial in full', but({}, { commands: [command({ state: 'partial' })] }), /is partial, and/],
    ['other count', but({}, { commands: [command({ cumLots: '0.2' })] }), /counts 0.2 lots/],
    ['beyond', but({ deals: [deal({ lots: '0.4' })] }), /filled beyond them/],
    ['left its end', but({}, { commands: [command({ states: ['queued', 'rejected', 'done'] })] }), /left its end/],
    ['not ended', but({}, { commands: [command({ state: 'unknown' })] }), /is still unknown/],
    ['a position more', but({ positions: [] }), /the broker holds 0e-18/],
    ['a fill of another order', but({}, { fills: [fill({ clientOrderId: null })] }), /is given to nobody/],
    ['after halt', but({}, {}, { halts: [{ fromUnixMs: T - 1, toUnixMs: T + 9 }] }), /after the EA had been told to halt/],
  ];
  test.each(wrong)('%s', (_name, evidence, words) => {
    expect(judge(evidence).join('\n')).toMatch(words);
  });

  test('what is still on its way is not yet missed', () => {
    expect(judge(but({}, { deals: [], fills: [] }, { settled: false }))).toEqual([]);
  });
});
