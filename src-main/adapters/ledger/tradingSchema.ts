/**
 * The second step of the schema: trading. Keys are what makes "once" physical: an order is one row by its client id and by
 * group, leg and attempt; an execution is one row by venue, instrument and trade id; an intent leads to one group; a
 * magic number is used once a venue. References are checked at commit, so that facts may come in any order within a step.
 * What a run started from is a table of its own, by row number: megabytes beside the journal's small rows would be read again
 * with every comparison of a key. Rows that recovery needs are reached through partial indexes: what has ended costs a start nothing.
 */
const REFERRED = 'DEFERRABLE INITIALLY DEFERRED';

const V2_GROUPS = `
CREATE TABLE hedge_groups (
  number INTEGER PRIMARY KEY,
  group_id TEXT NOT NULL UNIQUE,
  intent_id TEXT NOT NULL UNIQUE REFERENCES intents (intent_id) ${REFERRED},
  pair_id TEXT NOT NULL,
  direction TEXT NOT NULL,
  leg_order TEXT NOT NULL,
  state TEXT NOT NULL,
  state_since_unix_ms REAL NOT NULL,
  why TEXT NOT NULL,
  legs TEXT NOT NULL,
  created_unix_ms REAL NOT NULL,
  opened_unix_ms REAL,
  ended_unix_ms REAL,
  deadline_unix_ms REAL NOT NULL,
  base_qty TEXT NOT NULL,
  notional_usd REAL NOT NULL,
  conversion_rate REAL NOT NULL,
  expected TEXT NOT NULL,
  residual_base_qty TEXT NOT NULL,
  residual_since_unix_ms REAL,
  residual_alarmed INTEGER NOT NULL,
  ladder TEXT NOT NULL,
  close_reason TEXT,
  settled_base_qty TEXT NOT NULL,
  denials TEXT NOT NULL,
  result TEXT,
  first_run INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  last_run INTEGER NOT NULL,
  last_seq INTEGER NOT NULL
) STRICT;
CREATE INDEX hedge_groups_by_time ON hedge_groups (created_unix_ms);
CREATE INDEX hedge_groups_live ON hedge_groups (number) WHERE state NOT IN ('closed', 'denied');
CREATE INDEX hedge_groups_ended ON hedge_groups (last_run, last_seq, number) WHERE state IN ('closed', 'denied');

CREATE TABLE dust (
  number INTEGER PRIMARY KEY,
  group_id TEXT NOT NULL REFERENCES hedge_groups (group_id) ${REFERRED},
  leg TEXT NOT NULL,
  instrument_id TEXT NOT NULL,
  qty TEXT NOT NULL,
  base_qty TEXT NOT NULL,
  kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  unix_ms REAL NOT NULL
) STRICT;
CREATE INDEX dust_by_group ON dust (group_id);
`;

const V2_ORDERS = `
CREATE TABLE orders (
  client_order_id TEXT NOT NULL PRIMARY KEY,
  group_id TEXT NOT NULL REFERENCES hedge_groups (group_id) ${REFERRED},
  leg TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  purpose TEXT NOT NULL,
  authority TEXT NOT NULL,
  venue_id TEXT NOT NULL,
  instrument_id TEXT NOT NULL,
  symbol TEXT NOT NULL,
  side TEXT NOT NULL,
  qty TEXT NOT NULL,
  limit_px TEXT NOT NULL,
  time_in_force TEXT NOT NULL,
  reduce_only INTEGER NOT NULL,
  position_id TEXT,
  magic INTEGER,
  validity_ms REAL NOT NULL,
  quote TEXT NOT NULL,
  state TEXT NOT NULL,
  venue_order_id TEXT,
  filled_qty TEXT NOT NULL,
  booked_qty TEXT NOT NULL,
  avg_px TEXT,
  refusal TEXT,
  why TEXT NOT NULL,
  committed_unix_ms REAL NOT NULL,
  acknowledged_unix_ms REAL,
  first_fill_unix_ms REAL,
  ended_unix_ms REAL,
  unknown_since_unix_ms REAL,
  cancel_requested_unix_ms REAL,
  queries INTEGER NOT NULL,
  last_query_unix_ms REAL,
  UNIQUE (group_id, leg, attempt)
) STRICT;
CREATE INDEX orders_by_time ON orders (committed_unix_ms);

CREATE TABLE commands (
  venue_id TEXT NOT NULL,
  magic INTEGER NOT NULL,
  client_order_id TEXT NOT NULL UNIQUE REFERENCES orders (client_order_id) ${REFERRED},
  PRIMARY KEY (venue_id, magic)
) STRICT, WITHOUT ROWID;

CREATE TABLE fills (
  number INTEGER PRIMARY KEY,
  venue_id TEXT NOT NULL,
  instrument_id TEXT NOT NULL,
  trade_id TEXT NOT NULL,
  client_order_id TEXT REFERENCES orders (client_order_id) ${REFERRED},
  group_id TEXT NOT NULL REFERENCES hedge_groups (group_id) ${REFERRED},
  leg TEXT NOT NULL,
  side TEXT NOT NULL,
  qty TEXT NOT NULL,
  px TEXT NOT NULL,
  fee TEXT NOT NULL,
  fee_ccy TEXT NOT NULL,
  position_id TEXT,
  venue_unix_ms REAL,
  base_qty TEXT NOT NULL,
  booked_unix_ms REAL NOT NULL,
  via TEXT NOT NULL,
  UNIQUE (venue_id, instrument_id, trade_id)
) STRICT;
CREATE INDEX fills_by_group ON fills (group_id);
CREATE INDEX fills_by_time ON fills (booked_unix_ms);
`;

const V2_POSITIONS_AND_RISK = `
CREATE TABLE holdings (
  instrument_id TEXT PRIMARY KEY,
  qty TEXT NOT NULL,
  foreign_qty TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE position_differences (
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  unix_ms REAL NOT NULL,
  venue_id TEXT NOT NULL,
  instrument_id TEXT NOT NULL,
  own_qty TEXT NOT NULL,
  reported_qty TEXT,
  PRIMARY KEY (run, seq, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE fences (
  ordinal INTEGER PRIMARY KEY,
  pair_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  until_unix_ms REAL NOT NULL
) STRICT;

CREATE TABLE disablements (
  ordinal INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  code TEXT NOT NULL,
  text TEXT NOT NULL,
  since_unix_ms REAL NOT NULL,
  until_unix_ms REAL
) STRICT;

CREATE TABLE scoped_stops (
  scope TEXT PRIMARY KEY,
  level TEXT NOT NULL,
  latch TEXT NOT NULL,
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE limit_overrides (
  name TEXT PRIMARY KEY,
  value REAL NOT NULL,
  configured REAL NOT NULL,
  changed_unix_ms REAL NOT NULL,
  operator TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE day_results (
  utc_day INTEGER PRIMARY KEY,
  start_equity_usd REAL,
  net_usd REAL NOT NULL,
  hedge_groups INTEGER NOT NULL,
  losing_streak INTEGER NOT NULL
) STRICT;
`;

/** Every run before this step was paper; a latch of that time stood for `kill`. */
const V2_MODE_AND_EARLIER_ROWS = `
CREATE TABLE recoveries (
  run INTEGER PRIMARY KEY REFERENCES runs (run),
  trading TEXT NOT NULL
) STRICT;

CREATE TABLE trading_mode (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  mode TEXT NOT NULL CHECK (mode IN ('paper', 'live'))
) STRICT;
INSERT INTO trading_mode SELECT 1, 'paper' WHERE EXISTS (SELECT 1 FROM runs);

ALTER TABLE operator_actions ADD COLUMN target TEXT;
ALTER TABLE operator_actions ADD COLUMN detail TEXT;

UPDATE latches SET latch = json_set(latch, '$.level', 'kill')
WHERE name = 'kill' AND latch IS NOT NULL AND json_extract(latch, '$.level') IS NULL;

CREATE INDEX event_log_by_subject ON event_log (subject, run, seq, ordinal) WHERE subject IS NOT NULL;
`;

export const V2_TRADING = V2_GROUPS + V2_ORDERS + V2_POSITIONS_AND_RISK + V2_MODE_AND_EARLIER_ROWS;
