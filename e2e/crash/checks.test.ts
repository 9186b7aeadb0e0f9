/** The crash test's checker finds what it is there to find: each kind of wrong, planted one by one into evidence that is right. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Checker, keptKill } from './checks.ts';
import { exact, readVenueBooks, type LedgerFill, type LedgerOrder, type LedgerView, type VenueBook, type VenueOrder } from './evidence.ts';

const INSTRUMENT = 'BTCUSDT@x';

const venueOrder = (id: string, over: Partial<VenueOrder> = {}): VenueOrder => ({
  clientOrderId: id,
  symbol: 'BTCUSDT',
  side: 'buy',
  qty: '2',
  filledQty: '2',
  fills: [
    {
      venueId: 'x',
      instrumentId: INSTRUMENT,
      tradeId: `t-${id}`,
      clientOrderId: id,
      side: 'buy',
      qty: '2',
      px: '10.5',
      fee: '-0.01',
      feeCcy: 'USDT',
    },
  ],
  ...over,
});
const book = (fresh: readonly VenueOrder[], over: Partial<VenueBook> = {}): VenueBook => ({
  venueId: 'x',
  file: 'x.jsonl',
  fresh,
  past: [],
  countedBefore: 0,
  positionsBefore: new Map(),
  ...over,
});
const ledgerOrder = (id: string, over: Partial<LedgerOrder> = {}): LedgerOrder => ({
  client_order_id: id,
  group_id: `g-${id}`,
  leg: 'a',
  attempt: 1,
  purpose: 'open',
  venue_id: 'x',
  instrument_id: INSTRUMENT,
  symbol: 'BTCUSDT',
  side: 'buy',
  qty: '2.0',
  state: 'filled',
  filled_qty: '2',
  booked_qty: '2',
  magic: null,
  committed_unix_ms: 1_000,
  ...over,
});
const ledgerFill = (id: string, over: Partial<LedgerFill> = {}): LedgerFill => ({
  venue_id: 'x',
  instrument_id: INSTRUMENT,
  trade_id: `t-${id}`,
  client_order_id: id,
  group_id: `g-${id}`,
  side: 'buy',
  qty: '2',
  px: '10.50',
  fee: '-0.01',
  fee_ccy: 'USDT',
  base_qty: '2',
  via: 'push',
  ...over,
});
const ledger = (over: Partial<LedgerView> = {}): LedgerView => ({
  orders: [ledgerOrder('one')],
  fills: [ledgerFill('one')],
  groups: [{ group_id: 'g-one', state: 'operator-held', why: '', residual_base_qty: '2', settled_base_qty: '0' }],
  holdings: [{ instrument_id: INSTRUMENT, qty: '2', foreign_qty: '0' }],
  settlements: [],
  settledByHand: [],
  kill: null,
  damage: [],
  ...over,
});

const judged = (books: readonly VenueBook[], view: LedgerView): readonly string[] => {
  const checker = new Checker();
  return [...books.flatMap((each) => checker.absorb(each)), ...checker.atRest(view, books.slice(-1))];
};

it('looks again at an order that it knows: what was resting then may be executed now', () => {
  const checker = new Checker();
  checker.absorb(book([venueOrder('one', { filledQty: '0', fills: [] })]));
  expect(checker.always(ledger()).join()).toContain('never happened');
  expect(checker.absorb(book([venueOrder('one')]))).toEqual([]);
  expect(checker.always(ledger())).toEqual([]);
  expect(checker.counts).toEqual({ orders: 1, fills: 1 });
});

describe('the checker', () => {
  it('has nothing to say about what is right', () => {
    expect(judged([book([venueOrder('one')])], ledger())).toEqual([]);
    const held = new Map([[INSTRUMENT, exact('2')]]);
    const reopened = book([], { countedBefore: 1, past: [venueOrder('one')], positionsBefore: held });
    expect(judged([book([venueOrder('one')]), reopened], ledger())).toEqual([]);
  });

  const adopted = { group_id: 'g-one', instrument_id: INSTRUMENT, kind: 'adopted', qty: '0.5' } as const;
  it('counts what a person settled as held by the venue and no longer by us', () => {
    const holdings = [{ instrument_id: INSTRUMENT, qty: '1.5', foreign_qty: '0.5' }];
    expect(judged([book([venueOrder('one')])], ledger({ holdings, settlements: [adopted], settledByHand: ['g-one'] }))).toEqual([]);
  });

  const one = book([venueOrder('one')]);
  it.each<[string, readonly VenueBook[], LedgerView, RegExp]>([
    ['an order twice in one opening', [book([venueOrder('one'), venueOrder('one')])], ledger(), /took one twice/],
    ['an order again after a restart', [one, book([venueOrder('one')], { countedBefore: 1 })], ledger(), /took one twice/],
    ['an order that was never committed', [book([venueOrder('one'), venueOrder('two')])], ledger(), /never committed/],
    ['another quantity than committed', [one], ledger({ orders: [ledgerOrder('one', { qty: '3' })] }), /otherwise than committed/],
    ['another venue than committed', [one], ledger({ orders: [ledgerOrder('one', { venue_id: 'y' })] }), /otherwise than committed/],
    ['a fill that was lost', [one], ledger({ fills: [], orders: [ledgerOrder('one', { booked_qty: '0' })] }), /was lost/],
    ['a fill that was invented', [book([])], ledger(), /never happened/],
    ['a fill at another price', [one], ledger({ fills: [ledgerFill('one', { px: '10.6' })] }), /otherwise than it happened/],
    ['a fill with another fee', [one], ledger({ fills: [ledgerFill('one', { fee: '0.01' })] }), /otherwise than it happened/],
    ['a fill twice', [one], ledger({ fills: [ledgerFill('one'), ledgerFill('one')] }), /is there twice/],
    ['an attempt twice', [one], ledger({ orders: [ledgerOrder('one'), ledgerOrder('two', { group_id: 'g-one' })] }), /attempt 1 .* twice/],
    [
      'another position than its fills',
      [one],
      ledger({ holdings: [{ instrument_id: INSTRUMENT, qty: '1', foreign_qty: '0' }] }),
      /we hold/,
    ],
    ['a settlement that was not taken out', [one], ledger({ settlements: [adopted], settledByHand: ['g-one'] }), /we hold .* and settled/],
    [
      'foreign what nobody adopted',
      [one],
      ledger({ holdings: [{ instrument_id: INSTRUMENT, qty: '2', foreign_qty: '1' }] }),
      /counts as foreign/,
    ],
    [
      'a settlement that nobody asked for',
      [one],
      ledger({
        holdings: [{ instrument_id: INSTRUMENT, qty: '1.5', foreign_qty: '0.5' }],
        settlements: [adopted],
        settledByHand: ['g-two'],
      }),
      /nobody asked/,
    ],
    [
      'an account that disagrees',
      [one, book([], { countedBefore: 1, positionsBefore: new Map([[INSTRUMENT, 1n]]) })],
      ledger(),
      /its account/,
    ],
    ['a venue that forgot', [one, book([venueOrder('two')])], ledger(), /forgot one/],
    ['an order in doubt', [one], ledger({ orders: [ledgerOrder('one', { state: 'unknown' })] }), /is unknown/],
    ['a group under way', [one], ledger({ groups: [{ ...ledger().groups[0]!, state: 'opening' }] }), /is opening/],
    ['a closed group that holds something', [one], ledger({ groups: [{ ...ledger().groups[0]!, state: 'closed' }] }), /still holds/],
    ['a damaged file', [one], ledger({ damage: ['row 7 missing'] }), /row 7 missing/],
  ])('finds %s', (_what, books, view, said) => {
    expect(judged(books, view)).toContainEqual(expect.stringMatching(said));
  });

  it('lets a hedged group stay open while the engine is killed, and only then', () => {
    const groups = [{ ...ledger().groups[0]!, state: 'open' }];
    const kill = { level: 'kill', latchedUnixMs: 500, verifiedUnixMs: null };
    expect(judged([one], ledger({ groups, kill }))).toEqual([]);
    expect(judged([one], ledger({ groups }))).toEqual([expect.stringContaining('is open')]);
  });

  it('finds a lost latch, and an opening after the kill', () => {
    expect(keptKill(ledger(), 500)).toEqual([expect.stringContaining('does not know it')]);
    const kill = { level: 'kill', latchedUnixMs: 500, verifiedUnixMs: null };
    expect(keptKill(ledger({ kill }), 500)).toEqual([expect.stringContaining('after the kill')]);
    expect(keptKill(ledger({ kill, orders: [ledgerOrder('one', { purpose: 'unwind' })] }), 500)).toEqual([]);
    expect(keptKill(ledger({ kill }), 1_000)).toEqual([]);
  });
});

describe('evidence', () => {
  it('reads exact amounts', () => {
    expect([exact('0'), exact('-1.5'), exact('0.000000000000000001')]).toEqual([0n, -1_500_000_000_000_000_000n, 1n]);
    expect(() => exact('1e-8')).toThrow('1e-8');
  });

  it('reads a venue’s book without its torn end, and no other file', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'quant-arb-evidence-'));
    const header = { paperAccount: 1, venueId: 'x', account: { orders: 3, positions: [{ instrumentId: INSTRUMENT, qty: '-1' }] } };
    const { fills, ...order } = venueOrder('one');
    const line = { order: { ...order, fills: fills.map((report) => ({ report })) } };
    const text = [header, { ...line, past: true }, line].map((each) => JSON.stringify(each)).join('\n');
    writeFileSync(path.join(folder, 'x.jsonl'), `${text}\n{"order":{"clientOrd`);
    writeFileSync(path.join(folder, 'other.json'), '{"version":1}\n');
    expect(readVenueBooks(folder)).toEqual([
      {
        venueId: 'x',
        file: path.join(folder, 'x.jsonl'),
        fresh: [venueOrder('one')],
        past: [venueOrder('one')],
        countedBefore: 3,
        positionsBefore: new Map([[INSTRUMENT, exact('-1')]]),
      },
    ]);
  });
});
