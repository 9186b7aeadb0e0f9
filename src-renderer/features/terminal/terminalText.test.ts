/** Lamps that are lit only by what was reported, and a command list that hides nothing a person must see. */
import { describe, expect, it } from 'vitest';
import { COMMAND_STATES, type CommandState } from '../../../src-shared/domain/metatrader.ts';
import { fixtureTables } from '../../fixtureRows.testkit.ts';
import { commandRow, fixtureChecks, fixtureCommands, fixtureTerminal } from '../../fixtureTerminal.testkit.ts';
import { COMMAND_COLUMNS } from './commandColumns.ts';
import { accountFigures } from './terminalFacts.tsx';
import {
  ackMs,
  algoLamp,
  checksText,
  COMMAND_LOOKS,
  dataLamp,
  dealMs,
  gateFault,
  orderedCommands,
  orderLamp,
  percentilesText,
  pickupMs,
} from './terminalText.ts';

const venue = fixtureTables(0).venues['mt5-demo']!;
const report = venue.metatrader!;
const gated = (gates: string | null) => ({ ...venue, metatrader: { ...report, gates } });
const trading = (fields: Parameters<typeof fixtureTerminal>[0], orderLink: 'up' | 'down' = 'up') => ({
  ...venue,
  orderLink,
  metatrader: { ...report, terminal: fixtureTerminal(fields) },
});

describe('data', () => {
  it.each([
    ['live', 'is-live', 'live'],
    ['stale', 'is-wait', 'stale'],
    ['connecting', 'is-wait', 'connecting'],
    ['down', 'is-bad', 'down'],
    ['idle', '', 'no EA yet'],
  ] as const)('%s', (link, tone, word) => {
    expect(dataLamp({ ...venue, link })).toMatchObject({ tone, word });
  });

  it('calls ticks without a session by their name, live or not', () => {
    expect(dataLamp({ ...venue, metatrader: { ...report, quoteOnly: true } })).toMatchObject({ tone: 'is-wait', word: 'quote only' });
  });
});

describe('orders', () => {
  it('are paper in mode paper, whatever the EA says', () => {
    expect(orderLamp(trading({}), 'paper')).toMatchObject({ tone: '', word: 'paper' });
  });

  it('are lit only while the link is up, the EA trades and nothing stops it', () => {
    expect(orderLamp(trading({}), 'demo')).toMatchObject({ tone: 'is-live', word: 'up' });
    expect(orderLamp(trading({}, 'down'), 'demo')).toMatchObject({ tone: 'is-bad', word: 'down' });
    expect(orderLamp(trading({ trading: false, why: 'netting account' }), 'demo')).toEqual({
      tone: 'is-bad',
      word: 'down',
      title: 'netting account',
    });
    expect(orderLamp(trading({ mode: 'halt' }), 'demo')).toMatchObject({ tone: 'is-wait', word: 'halt' });
    expect(orderLamp(trading({ mode: 'close_only' }), 'demo')).toMatchObject({ tone: 'is-wait', word: 'close only' });
  });

  it('are unknown, and unlit, before the engine has said anything', () => {
    expect(orderLamp({ ...venue, metatrader: null }, 'demo')).toMatchObject({ tone: '', word: '—' });
    expect(orderLamp({ ...venue, metatrader: { ...report, terminal: null } }, null)).toMatchObject({ tone: '', word: '—' });
  });
});

describe('Algo Trading', () => {
  it.each([
    ['ok', 'is-live', 'on'],
    ['algo_trading_off', 'is-bad', 'off'],
    ['ea_trading_off', 'is-bad', 'off'],
    ['disconnected', 'is-wait', '—'],
    ['account_trading_off', 'is-wait', 'on, account may not trade'],
    ['a_gate_of_tomorrow', 'is-wait', 'on, a_gate_of_tomorrow'],
    [null, '', '—'],
  ] as const)('%s', (gates, tone, word) => {
    expect(algoLamp(gated(gates))).toMatchObject({ tone, word });
  });

  it('every closed gate of the protocol says what opens it', () => {
    for (const gate of [
      'disconnected',
      'algo_trading_off',
      'ea_trading_off',
      'account_trading_off',
      'account_experts_off',
      'account_changed',
      'close_only_input',
      'unsigned_engine',
    ])
      expect(gateFault(gate)).toMatch(/^.+: .+\.$/);
    expect([gateFault('ok'), gateFault(null), gateFault('new')]).toEqual([null, null, 'new']);
  });
});

describe('spans', () => {
  it.each([
    [{ p50: 1.44, p95: 6.21, count: 9 }, '1.4 / 6.2 ms'],
    [{ p50: 9.99, p95: 131, count: 9 }, '10.0 / 131 ms'],
    [{ p50: 131.2, p95: 999.4, count: 9 }, '131 / 999 ms'],
    [{ p50: 131, p95: 1_000, count: 9 }, '131 ms / 1.0 s'],
    [null, '—'],
  ])('%j', (spans, text) => {
    expect(percentilesText(spans)).toBe(text);
  });

  it('of a command count from its delivery, and are unknown where an end is missing', () => {
    const done = commandRow(0, 1_000, 'done');
    expect([pickupMs(done), ackMs(done), dealMs(done)]).toEqual([12, 127, 139]);
    const queued = { ...done, deliveredUnixMs: null };
    expect([pickupMs(queued), ackMs(queued), dealMs(queued)]).toEqual([null, null, null]);
    expect(ackMs({ ...done, acknowledgedUnixMs: done.queuedUnixMs })).toBe(0);
  });
});

describe('commands', () => {
  it('each state has a shape of its own class and a word', () => {
    for (const state of COMMAND_STATES) expect(COMMAND_LOOKS[state][0]).toMatch(/^\S$/);
    const shapes = (states: readonly CommandState[]) => new Set(states.map((state) => COMMAND_LOOKS[state][0])).size;
    expect(shapes(['done', 'unknown', 'rejected', 'partial', 'queued', 'sending', 'canceled'])).toBe(7);
  });

  it('a quarantined one stands on top however old, others newest first, another terminal’s not at all', () => {
    const rows = fixtureCommands(1_000_000);
    const shown = orderedCommands([{ ...rows[0]!, venueId: 'mt5-other' as never, commandId: 'foreign' }, ...rows], 'mt5-demo');
    expect(shown).toHaveLength(rows.length);
    expect(shown[0]?.quarantine).not.toBeNull();
    expect(shown.slice(1).map((row) => row.queuedUnixMs)).toEqual(
      shown
        .slice(1)
        .map((row) => row.queuedUnixMs)
        .toSorted((x, y) => y - x),
    );
  });

  it('export carries every field', () => {
    const row = commandRow(0, 1_000, 'done');
    const names = COMMAND_COLUMNS.map(({ name }) => name.replace(/At$/, 'UnixMs'));
    expect(new Set(names)).toEqual(new Set(Object.keys(row)));
  });
});

describe('facts', () => {
  it('counts the checks', () => {
    expect(checksText(fixtureChecks())).toBe('11 of 12 pass · 1 waiting');
    expect(checksText(fixtureChecks().map((check) => ({ ...check, state: 'fail' as const })))).toBe('0 of 12 pass · 12 fail');
  });

  it('unknown figures are dashes; without an order side its lines are absent', () => {
    const figures = Object.fromEntries(accountFigures({ ...report, equity: null, login: null, server: null, terminal: null }));
    expect(figures).toMatchObject({ Account: '—', Equity: '—', 'Kind · mode': '— · hedging', 'Server time': 'UTC+2 h' });
    expect(figures).not.toHaveProperty('Free margin');
    expect(Object.fromEntries(accountFigures(report))).toMatchObject({ 'Free margin': '9731.20 USD', 'The EA may': 'normal' });
  });
});
