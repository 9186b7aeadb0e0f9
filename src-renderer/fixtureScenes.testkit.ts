/**
 * Scenes of the stand-in engine that the rows of every day do not show: real money ready to be armed, accounts with long names and
 * everything wrong at once, and nothing at all. Tests only.
 */
import type { AccountCheck } from '../src-shared/domain/exchange.ts';
import type { EngineRow } from '../src-shared/domain/view.ts';
import { fixtureAccountChecks, fixtureExchange, fixtureLive } from './fixtureExchange.testkit.ts';
import { fixtureTables, type FixtureTables } from './fixtureRows.testkit.ts';

export const SCENES = ['paper', 'live', 'crowd', 'empty'] as const;
export type Scene = (typeof SCENES)[number];

/** Every figure of the engine's row is there in all scenes. */
const withEngine = (tables: FixtureTables, fields: Partial<EngineRow>): FixtureTables => {
  const engine = tables.engine['engine'];
  return engine === undefined ? tables : { ...tables, engine: { engine: { ...engine, ...fields } } };
};

/** Real money: accounts proved, checklist shown, the first rung climbed enough. */
const liveTables = (nowMs: number): FixtureTables => {
  const tables = fixtureTables(nowMs);
  const passing = fixtureAccountChecks().filter(({ state }) => state === 'pass');
  for (const id of ['okx', 'binance-usdm']) {
    const venue = tables.venues[id];
    if (venue !== undefined)
      tables.venues[id] = {
        ...venue,
        simulated: false,
        exchange: fixtureExchange(nowMs, { environment: 'live', region: 'global', checks: passing, rejects: [] }),
      };
  }
  return withEngine(tables, { mode: 'live', profile: 'live', live: fixtureLive(), nakedUsd: null, nakedSinceUnixMs: null, heldGroups: 0 });
};

/** As long as the configuration takes one, with its number. */
const LONG_NAME = 'Hedging account, second desk No';
const LONG_REFUSAL =
  'Order placement failed due to insufficient margin in the account, or because the position tier of this instrument does not allow the leverage that is set; adjust the leverage, transfer funds, or reduce the order quantity, and try again (reference 4f1c9a77-e0c2-4f5b-9d6e-0b7d3f9f2a11)';
const UNBROKEN =
  'wss://ws-private-maintenance-window.region-with-a-very-long-name.exchange.example:8443/ws/v5/private/0123456789abcdef0123456789abcdef';
const MANY = 9;

const failing = (check: AccountCheck): AccountCheck => ({ ...check, state: 'fail', venueCode: `51000 ${LONG_REFUSAL}`, fix: LONG_REFUSAL });

const anotherAccount: AccountCheck = {
  code: 'account',
  instrumentId: null,
  state: 'fail',
  label: 'Account',
  configured: 'demo …4417',
  reported: 'demo …9020',
  venueCode: null,
  fix: 'Enter the key of the account that this ledger belongs to.',
};

/** Many accounts with long names, everything wrong at once, and words without a blank. */
const crowdTables = (nowMs: number): FixtureTables => {
  const tables = fixtureTables(nowMs);
  const { okx } = tables.venues;
  if (okx === undefined) return tables;
  for (let at = 0; at < MANY; at += 1) {
    const down = at % 2 === 0;
    tables.venues[`exchange-number-${at}`] = {
      ...okx,
      label: `${LONG_NAME}${at + 1}`,
      orderLink: down ? 'down' : 'up',
      reconciled: down ? 'failed' : 'yes',
      reconcileDetail: LONG_REFUSAL,
      disabled: down ? LONG_REFUSAL : null,
      linkDetail: UNBROKEN,
      exchange: fixtureExchange(nowMs, {
        environment: 'demo',
        region: 'eea',
        entry: { up: !down, detail: down ? `refused by the venue: ${UNBROKEN} ${LONG_REFUSAL}` : 'connected' },
        stream: { up: true, detail: UNBROKEN },
        checks: down ? [...fixtureAccountChecks().map(failing), anotherAccount] : fixtureAccountChecks(),
        rejects: [{ code: '51008', text: LONG_REFUSAL, count: 12_482 }],
        keyExpiresUnixMs: nowMs - 1_000,
      }),
    };
  }
  return withEngine(tables, { armConditions: [LONG_REFUSAL, UNBROKEN] });
};

const emptyTables = (nowMs: number): FixtureTables => {
  const { engine } = fixtureTables(nowMs);
  const none = { venues: {}, instruments: {}, pairs: {}, intents: {}, groups: {}, positions: {}, limits: {}, events: {} };
  return withEngine({ engine, ...none }, { nakedUsd: null, nakedSinceUnixMs: null, openGroups: 0, heldGroups: 0, dayNetUsd: null });
};

const TABLES: Readonly<Record<Scene, (nowMs: number) => FixtureTables>> = {
  paper: fixtureTables,
  live: liveTables,
  crowd: crowdTables,
  empty: emptyTables,
};

export const sceneTables = (scene: Scene, nowMs: number): FixtureTables => TABLES[scene](nowMs);
