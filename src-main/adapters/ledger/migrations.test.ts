import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { NOTHING_RECOVERED } from '../../core/book.ts';
import { TradingWorld } from '../../core/hedging/hedging.testkit.ts';
import { DEFAULT_EXITS } from '../../../src-shared/domain/settings.ts';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { InstrumentId, VenueId } from '../../../src-shared/domain/ids.ts';
import type { Fact } from '../../core/facts.ts';
import { MAX_PASSED_TRADES } from './tradingProjections.ts';
import { APPLICATION_ID, versionOf } from './database.ts';
import { openArchive, openLedger } from './ledger.ts';
import { encodeExact } from '../../../src-shared/domain/exactJson.ts';
import { handClock, sampleIntent, scratchFolder, smallSettings, stampedTimer, startedFrom } from './ledger.testkit.ts';
import { entryFacts, sampleGroup } from './trading.testkit.ts';
import { migrate, MIGRATIONS, NEWEST_VERSION } from './migrations.ts';

const schemaOf = (db: Database.Database) => db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all();

test.each(MIGRATIONS.map((_, version) => version))('a file of version %i comes to the newest schema and is usable', (version) => {
  const path = join(scratchFolder(), 'ledger.db');
  const old = new Database(path);
  migrate(old, version);
  expect(versionOf(old)).toBe(version);
  old.close();
  const ledger = openLedger({ path, clock: handClock(), owner: 'x' });
  ledger.beginRun(smallSettings(), '1');
  ledger.close();
  const migrated = new Database(path);
  const fresh = new Database(':memory:');
  migrate(fresh);
  expect(schemaOf(migrated)).toEqual(schemaOf(fresh));
  expect(versionOf(migrated)).toBe(NEWEST_VERSION);
  expect(migrated.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
  migrated.close();
  fresh.close();
});

test('a step that fails leaves the file at its old version, whole', () => {
  const db = new Database(':memory:');
  db.exec('CREATE TABLE lease (in_the_way TEXT)');
  const before = schemaOf(db);
  expect(() => migrate(db)).toThrow('already exists');
  expect(versionOf(db)).toBe(0);
  expect(schemaOf(db)).toEqual(before);
  db.close();
});

test('an older file is not read half: the archive asks for the engine to bring it up', () => {
  const path = join(scratchFolder(), 'ledger.db');
  const db = new Database(path);
  db.pragma(`application_id = ${APPLICATION_ID}`);
  db.close();
  expect(() => openArchive({ path })).toThrow('older schema version 0');
});

/** A file as version 1 left it: a run that was killed, with everything that version could write. */
const fileOfVersion1 = (path: string): void => {
  const db = new Database(path);
  migrate(db, 1);
  const { limits: _limits, hedging: _hedging, venues, instruments, pairs, ...rest } = smallSettings();
  const settings = {
    ...rest,
    venues: venues.map(({ ackTimeoutMs: _ack, orderValidityMs: _validity, ...venue }) => venue),
    instruments: instruments.map(({ calendar: _calendar, initialMarginRate: _rate, ...instrument }) => instrument),
    pairs: pairs.map(({ legOrder: _order, exits: _exits, usdPerQuoteCcy: _usd, ...pair }) => pair),
  };
  const { denials: _denials, groupId: _groupId, ...intent } = sampleIntent('old1', 1_760_000_000_000.5);
  const kill = {
    latchedUnixMs: 1_760_000_000_001.25,
    source: 'console',
    by: 'me',
    reason: 'say "no"',
    verifiedUnixMs: null,
    remaining: ['okx'],
  };
  const started = { runId: 'r1', pause: null, kill: null, sampleIntervalMs: 1_000, openIntents: [], notes: [] };
  const stretch = { fromUnixMs: 0, toUnixMs: 0, count: 0, checksum: 0 };
  db.prepare('INSERT INTO configuration_versions VALUES (?, ?, ?)').run('d1', encodeExact(settings), 1);
  db.prepare("INSERT INTO runs VALUES (1, 'r1', '1.0.0', 'test', 'd1', 1, NULL, NULL)").run();
  db.prepare("INSERT INTO events VALUES (1, 1, 1, 0, 'started', ?)").run(encodeExact({ ...started, stretch }));
  db.prepare("INSERT INTO events VALUES (1, 2, 2, 5.5, 'timer', '{}')").run();
  db.prepare('INSERT INTO facts VALUES (1, 2, 0, \'intent-proposed\', \'{"type":"intent-proposed","intentId":"old1"}\')').run();
  db.prepare('INSERT INTO effects VALUES (1, 2, 0, \'announce-mode\', \'{"type":"announce-mode","mode":"halt"}\', NULL, NULL)').run();
  db.prepare("INSERT INTO intents VALUES ('old1', 1, 2, 'one-two', ?, ?, NULL, NULL, 2.125, NULL, NULL)").run(
    intent.proposedUnixMs,
    encodeExact(intent),
  );
  db.prepare("INSERT INTO operator_actions VALUES (1, 2, 2, 'rrrrrrrr', 'kill', 'console', 'me', 'say no', NULL)").run();
  db.prepare("INSERT INTO event_log VALUES (1, 2, 0, 2, 'critical', 'operator', NULL, 'KILL by me')").run();
  db.prepare("INSERT INTO latches VALUES ('kill', ?, 1, 2)").run(encodeExact(kill));
  db.prepare("INSERT INTO latches VALUES ('pause', NULL, 1, 2)").run();
  db.close();
};

test('a file of version 1 keeps everything: latch, intents, journal, open effects; and trades on paper from then on', () => {
  const path = join(scratchFolder(), 'ledger.db');
  fileOfVersion1(path);
  const ledger = openLedger({ path, clock: handClock(), owner: 'x' });
  const { runId, recovered } = ledger.beginRun(smallSettings(), '2.0.0');
  expect(recovered.kill).toStrictEqual({
    level: 'kill',
    latchedUnixMs: 1_760_000_000_001.25,
    source: 'console',
    by: 'me',
    reason: 'say "no"',
    verifiedUnixMs: null,
    remaining: ['okx'],
  });
  expect(recovered).toMatchObject({
    pause: null,
    openIntents: [{ id: 'old1', pairId: 'one-two' }],
    undoneEffects: [{ type: 'announce-mode', mode: 'halt' }],
    previousRunEndedCleanly: false,
    trading: NOTHING_RECOVERED,
  });
  expect(ledger.intent('old1')).toStrictEqual(sampleIntent('old1', 1_760_000_000_000.5));
  expect(ledger.intents(null, 5)[0]).toMatchObject({ id: 'old1', groupId: null });
  expect(ledger.events(null, 5)[0]).toMatchObject({ text: 'KILL by me' });
  ledger.commit(startedFrom(runId, recovered), [], [], 'full');
  ledger.commit(stampedTimer(2), entryFacts(1), [], 'full');
  expect(ledger.group('g1')?.group).toStrictEqual(sampleGroup(1));
  ledger.close();

  const archive = openArchive({ path });
  expect(archive.mode()).toBe('paper');
  expect(archive.settingsOf('r1')).toStrictEqual(smallSettings());
  expect([...archive.journal('r1')]).toMatchObject([
    { type: 'started', trading: NOTHING_RECOVERED, samples: [] },
    { type: 'timer', monoUs: 5.5 },
  ]);
  archive.close();
});

test('a file of version 1 that never ran is not bound to a mode yet', () => {
  const path = join(scratchFolder(), 'ledger.db');
  const old = new Database(path);
  migrate(old, 1);
  old.close();
  openLedger({ path, clock: handClock(), owner: 'x' }).close();
  const archive = openArchive({ path });
  expect(archive.mode()).toBeNull();
  archive.close();
});

/** As version 6 of the program left it, dumped: a group open at two exchanges, cursors, a rung that was earned. */
const VERSION_6 = new URL('./version6.sql', import.meta.url);

test('a file that version 6 wrote keeps its open group, cursors and rung, and trades on; what came with version 7 is empty', () => {
  const path = join(scratchFolder(), 'ledger.db');
  const old = new Database(path);
  old.pragma('foreign_keys = OFF');
  old.exec(readFileSync(VERSION_6, 'utf8'));
  old.pragma('user_version = 6');
  old.pragma(`application_id = ${APPLICATION_ID}`);
  old.close();
  const ledger = openLedger({ path, clock: handClock(), owner: 'x' });
  const settings = { pair: { exits: { ...DEFAULT_EXITS, convergenceBps: -1_000 } } };
  const { recovered, runId } = ledger.beginRun(new TradingWorld(settings).state.settings, '7');
  const { trading } = recovered;
  expect(trading.groups).toMatchObject([{ state: 'open', legs: { a: { closedQty: '0' }, b: { closedQty: '0' } } }]);
  expect(trading.cursors).toEqual({ va: expect.any(Number), vb: expect.any(Number) });
  expect(trading.rung).toMatchObject({ rung: 1, maxNotionalUsd: 500, closedWell: 2 });
  expect(trading.accounts).toEqual({});
  expect(trading.tradeIds).toEqual(['vb X@vb t1', 'va X@va t2']);
  ledger.commit(startedFrom(runId, recovered), [], [], 'full');
  const passed = {
    type: 'trade-passed',
    venueId: 'vb' as VenueId,
    instrumentId: 'X@vb' as InstrumentId,
    tradeId: 't9',
    venueUnixMs: 1,
  } as const;
  ledger.commit(stampedTimer(2), [passed], [], 'full');
  ledger.close();
  const world = new TradingWorld(settings);
  for (const leg of ['a', 'b'] as const) {
    const { instrumentId, side, openedQty } = trading.groups[0]!.legs[leg];
    world.truth[instrumentId] = new Decimal(openedQty).times(side === 'buy' ? 1 : -1);
  }
  world.trading({ runId: 'run-2', trading }).wait(500);
  world.act('close');
  for (const leg of ['b', 'a'] as const) {
    world.ack(world.order(leg));
    world.fill(world.order(leg), undefined, { tradeId: `closes-${leg}` });
  }
  expect(world.group).toMatchObject({ state: 'closed', residualBaseQty: '0' });
});

test('of what was passed over the newest are kept, and no more', () => {
  const path = join(scratchFolder(), 'ledger.db');
  const ledger = openLedger({ path, clock: handClock(), owner: 'x' });
  const { recovered, runId } = ledger.beginRun(smallSettings(), '7');
  ledger.commit(startedFrom(runId, recovered), [], [], 'full');
  const passed = (n: number): Fact => ({
    type: 'trade-passed',
    venueId: 'vb' as VenueId,
    instrumentId: 'X@vb' as InstrumentId,
    tradeId: `t${n}`,
    venueUnixMs: null,
  });
  const many = Array.from({ length: MAX_PASSED_TRADES + 1 }, (_, n) => passed(n));
  // The first is told again at last: it is the newest then.
  ledger.commit(stampedTimer(2), [...many, passed(1)], [], 'full');
  ledger.close();
  const { tradeIds } = openArchive({ path }).standing().trading;
  expect(tradeIds).toHaveLength(MAX_PASSED_TRADES);
  expect(tradeIds.slice(0, 2)).toEqual(['vb X@vb t2', 'vb X@vb t3']);
  expect(tradeIds.at(-1)).toBe('vb X@vb t1');
});
