import { describe, expect, it } from 'vitest';
import type { ConsoleTables, EngineRow, GroupRow, InstrumentRow, PositionRow, VenueRow } from '../../src-shared/domain/view.ts';
import type { KillLatch } from '../../src-shared/domain/tradingState.ts';
import { readinessOf } from './readiness.ts';
import { statusOf } from './status.ts';

const latch: KillLatch = {
  level: 'kill',
  latchedUnixMs: 1,
  source: 'cli',
  by: 'ann',
  reason: 'wide',
  verifiedUnixMs: null,
  remaining: ['okx: no answer yet'],
};
const engine = {
  ledgerFault: null,
  kill: null,
  scopedStops: [],
  tradingState: 'active',
  heldGroups: 0,
  openGroups: 0,
} as unknown as EngineRow;
const venue = {
  link: 'live',
  linkDetail: '',
  reconciled: 'yes',
  reconcileDetail: '',
  reconciledUnixMs: 1,
  disabled: null,
} as unknown as VenueRow;
const group = {
  pairId: 'xau',
  state: 'operator-held',
  why: 'the close was refused',
  residualBaseQty: '-0.10',
  nakedSinceUnixMs: 7,
  endedUnixMs: null,
} as unknown as GroupRow;

const tables = (over: { readonly [T in keyof ConsoleTables]?: object } = {}): ConsoleTables =>
  ({
    engine: { engine },
    venues: { okx: venue },
    instruments: { x: { metadata: 'ok', bidPx: 1, stale: false } as InstrumentRow },
    pairs: {},
    intents: {},
    groups: {},
    positions: {},
    limits: {},
    events: {},
    ...over,
  }) as ConsoleTables;
const reasonsWith = (over: Parameters<typeof tables>[0]) => readinessOf(tables(over)).reasons;
const engineWith = (over: Partial<EngineRow>) => reasonsWith({ engine: { engine: { ...engine, ...over } } });
const venueWith = (over: Partial<VenueRow>) => reasonsWith({ venues: { okx: { ...venue, ...over } } });

describe('readiness', () => {
  it('has no reason while everything is as it should be, an ordinary sweep included', () => {
    expect(readinessOf(tables())).toEqual({ ready: true, reasons: [] });
    expect(venueWith({ reconciled: 'under-way' })).toEqual([]);
    expect(readinessOf(tables({ engine: {} }))).toEqual({ ready: false, reasons: ['the engine has not started'] });
  });

  it.each<[string, () => readonly string[], readonly (string | RegExp)[]]>([
    ['a ledger fault', () => engineWith({ ledgerFault: 'disk full' }), [/ledger cannot be written: disk full/]],
    [
      'a kill and what remains',
      () => engineWith({ kill: latch }),
      [/latched \(kill, cli, by ann\): wide/, /not yet stopped: okx: no answer yet/],
    ],
    ['a halt without a latch', () => engineWith({ tradingState: 'halted' }), ['trading is halted']],
    [
      'a stop of one pair',
      () => engineWith({ scopedStops: [{ scope: 'pair:xau', level: 'pause', latch: { ...latch, reason: '' } }] }),
      ['pair:xau is stopped (pause, cli, by ann)'],
    ],
    [
      'a venue that was never reconciled',
      () => venueWith({ reconciled: 'never', reconciledUnixMs: null }),
      ['venue okx is not reconciled yet'],
    ],
    [
      'one whose first reconciliation is under way',
      () => venueWith({ reconciled: 'under-way', reconciledUnixMs: null }),
      ['venue okx is not reconciled yet'],
    ],
    [
      'one that could not be',
      () => venueWith({ reconciled: 'failed', reconcileDetail: 'timeout' }),
      ['venue okx could not be reconciled: timeout'],
    ],
    ['one since whose link was down', () => venueWith({ reconciled: 'stale' }), [/not reconciled since its link was down/]],
    ['a disabled venue', () => venueWith({ disabled: '5 errors' }), ['venue okx is disabled: 5 errors']],
    ['a held group', () => reasonsWith({ groups: { g1: group } }), ['hedge group g1 of xau waits for an operator: the close was refused']],
    [
      'a difference of positions',
      () => reasonsWith({ positions: { x: { ownQty: '1', foreignQty: '0', reportedQty: '2' } as PositionRow } }),
      ['instrument x: 1 by our fills, 0 foreign, and the venue says 2'],
    ],
  ])('names %s', (_what, reasons, said) => {
    expect(reasons()).toEqual(said.map((each) => (typeof each === 'string' ? each : expect.stringMatching(each))));
  });
});

describe('status', () => {
  it('lists what has not ended, and of that what is unhedged', () => {
    const hedged = { ...group, state: 'open', residualBaseQty: '0.00' };
    const status = statusOf(tables({ groups: { g1: group, g2: hedged, g3: { ...group, endedUnixMs: 9 } } }), '/d/KILL');
    expect(status.groups.map(({ id }) => id)).toEqual(['g1', 'g2']);
    expect(status.residuals).toEqual([
      { id: 'g1', pairId: 'xau', state: 'operator-held', why: 'the close was refused', residualBaseQty: '-0.10', nakedSinceUnixMs: 7 },
    ]);
    expect(status).toMatchObject({ engine: 'running', source: 'engine', killFile: '/d/KILL' });
  });

  it('of an engine that has not started claims nothing', () => {
    expect(statusOf(tables({ engine: {} }), null)).toMatchObject({ engine: 'running', tradingState: null, kill: null, groups: [] });
  });
});
