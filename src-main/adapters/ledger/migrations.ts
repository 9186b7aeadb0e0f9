/**
 * The schema as numbered steps, forward only. A released step is never edited; the next change is the next number.
 * All missing steps run in one transaction: a file is at one version or at the next, never between.
 * Amounts are decimal text; signals (bps) and times are REAL, which gives back every double bit for bit.
 */
import { V3_TERMINALS } from './commandSchema.ts';
import { V4_CHARGES } from './chargeSchema.ts';
import { APPLICATION_ID, versionOf, type Sqlite } from './database.ts';
import { V6_CURSORS_AND_RUNG, V7_PASSED_AND_ACCOUNTS } from './exchangeSchema.ts';
import { V2_TRADING } from './tradingSchema.ts';

const V1_RUNS_AND_JOURNAL = `
CREATE TABLE configuration_versions (
  digest TEXT PRIMARY KEY,
  settings TEXT NOT NULL,
  first_used_unix_ms REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
  run INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  version TEXT NOT NULL,
  owner TEXT NOT NULL,
  configuration TEXT NOT NULL REFERENCES configuration_versions (digest),
  started_unix_ms REAL NOT NULL,
  ended_unix_ms REAL,
  end_reason TEXT
) STRICT;

CREATE TABLE events (
  run INTEGER NOT NULL REFERENCES runs (run),
  seq INTEGER NOT NULL,
  unix_ms REAL NOT NULL,
  mono_us REAL NOT NULL,
  type TEXT NOT NULL,
  payload TEXT NOT NULL,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE facts (
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  type TEXT NOT NULL,
  payload TEXT NOT NULL,
  PRIMARY KEY (run, seq, ordinal),
  FOREIGN KEY (run, seq) REFERENCES events (run, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE effects (
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  type TEXT NOT NULL,
  payload TEXT NOT NULL,
  done_unix_ms REAL,
  settled_by_run INTEGER,
  PRIMARY KEY (run, seq, ordinal),
  FOREIGN KEY (run, seq) REFERENCES events (run, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX effects_undone ON effects (run, seq) WHERE done_unix_ms IS NULL AND settled_by_run IS NULL;
`;

const V1_WHAT_BECAME_TRUE = `
CREATE TABLE intents (
  intent_id TEXT PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (run),
  seq INTEGER NOT NULL,
  pair_id TEXT NOT NULL,
  proposed_unix_ms REAL NOT NULL,
  evidence TEXT NOT NULL,
  ended_unix_ms REAL,
  end_reason TEXT,
  best_edge_bps REAL NOT NULL,
  duration_ms REAL,
  suppressed INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX intents_by_time ON intents (proposed_unix_ms);
CREATE INDEX intents_open ON intents (intent_id) WHERE ended_unix_ms IS NULL;

CREATE TABLE operator_actions (
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  unix_ms REAL NOT NULL,
  request_id TEXT NOT NULL,
  command TEXT NOT NULL,
  source TEXT NOT NULL,
  operator TEXT NOT NULL,
  reason TEXT NOT NULL,
  refused_because TEXT,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE event_log (
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  unix_ms REAL NOT NULL,
  severity TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT,
  text TEXT NOT NULL,
  PRIMARY KEY (run, seq, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_log_by_time ON event_log (unix_ms);

CREATE TABLE latches (
  name TEXT PRIMARY KEY CHECK (name IN ('pause', 'kill')),
  latch TEXT,
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

const V1_SAMPLES_AND_LEASE = `
CREATE TABLE sampled_pairs (
  pair INTEGER PRIMARY KEY,
  pair_id TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE samples (
  pair INTEGER NOT NULL REFERENCES sampled_pairs (pair),
  unix_ms REAL NOT NULL,
  f_bps REAL,
  r_bps REAL,
  PRIMARY KEY (pair, unix_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE lease (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  token TEXT NOT NULL,
  owner TEXT NOT NULL,
  pid INTEGER NOT NULL,
  host TEXT NOT NULL,
  taken_unix_ms REAL NOT NULL,
  expires_unix_ms REAL NOT NULL
) STRICT;
`;

/** What a person declared foreign although it bears our name at the venue; null = nothing, as before this step. */
const V5_ACCEPTED = 'ALTER TABLE holdings ADD COLUMN accepted_qty TEXT;';

/** `MIGRATIONS[n]` leads from version n to version n + 1. */
export const MIGRATIONS: readonly string[] = [
  V1_RUNS_AND_JOURNAL + V1_WHAT_BECAME_TRUE + V1_SAMPLES_AND_LEASE,
  V2_TRADING,
  V3_TERMINALS,
  V4_CHARGES,
  V5_ACCEPTED,
  V6_CURSORS_AND_RUNG,
  V7_PASSED_AND_ACCOUNTS,
];
export const NEWEST_VERSION = MIGRATIONS.length;

/** Brings the database to `target`; one at or past it is left alone. @throws SqliteError; the file is then unchanged. */
export const migrate = (db: Sqlite, target = NEWEST_VERSION): void => {
  if (versionOf(db) >= target) return;
  const climb = db.transaction(() => {
    for (let version = versionOf(db); version < target; version += 1) {
      const step = MIGRATIONS[version];
      if (step === undefined) throw new RangeError(`no migration leads from schema version ${version}`);
      db.exec(step);
      db.pragma(`user_version = ${version + 1}`);
    }
    db.pragma(`application_id = ${APPLICATION_ID}`);
  });
  climb.immediate();
};
