/**
 * The third step of the schema: commands to the EAs. Keys are what makes "once" physical: an id is one command for ever, a
 * magic number one order of a venue, a client order id one command that may execute. What a report once said is kept: transitions
 * and revisions of deals are only ever added to. The mode `demo` joins `paper` and `live`.
 */
const V3_MODE = `
CREATE TABLE trading_mode_of_v3 (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  mode TEXT NOT NULL CHECK (mode IN ('paper', 'demo', 'live'))
) STRICT;
INSERT INTO trading_mode_of_v3 SELECT only, mode FROM trading_mode;
DROP TABLE trading_mode;
ALTER TABLE trading_mode_of_v3 RENAME TO trading_mode;
`;

/** States that never change; the same list as `isFinalCommand`, which a test compares. */
export const FINAL_STATES = "('done', 'partial', 'rejected', 'expired', 'canceled', 'not-executed')";

const V3_COMMANDS = `
CREATE TABLE terminal_accounts (
  venue_id TEXT PRIMARY KEY,
  login TEXT NOT NULL,
  server TEXT NOT NULL,
  bound_unix_ms REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE terminal_commands (
  number INTEGER PRIMARY KEY,
  venue_id TEXT NOT NULL,
  command_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('open', 'close', 'cancel', 'query', 'flatten')),
  magic INTEGER,
  client_order_id TEXT,
  instrument_id TEXT,
  body TEXT NOT NULL,
  state TEXT NOT NULL,
  why TEXT NOT NULL,
  deliveries INTEGER NOT NULL,
  lease_id TEXT,
  retcode INTEGER,
  broker_order TEXT,
  cum_lots TEXT NOT NULL,
  avg_px TEXT,
  queued_unix_ms REAL NOT NULL,
  delivered_unix_ms REAL,
  acknowledged_unix_ms REAL,
  ended_unix_ms REAL,
  first_deal_unix_ms REAL,
  broker_ms REAL,
  quarantine TEXT
) STRICT;
CREATE UNIQUE INDEX terminal_commands_by_magic ON terminal_commands (venue_id, magic) WHERE magic IS NOT NULL;
CREATE UNIQUE INDEX terminal_commands_by_order ON terminal_commands (client_order_id) WHERE kind IN ('open', 'close');
CREATE INDEX terminal_commands_live ON terminal_commands (venue_id, number) WHERE state NOT IN ${FINAL_STATES};
CREATE INDEX terminal_commands_by_time ON terminal_commands (queued_unix_ms, number);
CREATE TRIGGER terminal_commands_final BEFORE UPDATE ON terminal_commands
WHEN old.state IN ${FINAL_STATES} AND new.state <> old.state
BEGIN SELECT raise(ABORT, 'a final state of a command never changes'); END;

CREATE TABLE terminal_transitions (
  number INTEGER PRIMARY KEY,
  command_id TEXT NOT NULL REFERENCES terminal_commands (command_id),
  unix_ms REAL NOT NULL,
  state TEXT NOT NULL,
  why TEXT NOT NULL,
  deliveries INTEGER NOT NULL,
  lease_id TEXT,
  retcode INTEGER,
  cum_lots TEXT NOT NULL,
  quarantine TEXT
) STRICT;
CREATE INDEX terminal_transitions_by_command ON terminal_transitions (command_id, number);
CREATE TRIGGER terminal_transitions_kept BEFORE UPDATE ON terminal_transitions
BEGIN SELECT raise(ABORT, 'transitions are only added to'); END;
CREATE TRIGGER terminal_transitions_never_gone BEFORE DELETE ON terminal_transitions
BEGIN SELECT raise(ABORT, 'transitions are only added to'); END;
`;

const DEAL_COLUMNS = `
  venue_id TEXT NOT NULL,
  deal TEXT NOT NULL,
  rev INTEGER NOT NULL,
  broker_order TEXT NOT NULL,
  position_id TEXT NOT NULL,
  magic INTEGER NOT NULL,
  own INTEGER NOT NULL,
  instrument_id TEXT,
  symbol TEXT NOT NULL,
  side TEXT,
  entry TEXT NOT NULL,
  lots TEXT NOT NULL,
  price TEXT NOT NULL,
  commission TEXT NOT NULL,
  swap TEXT NOT NULL,
  fee TEXT NOT NULL,
  profit TEXT NOT NULL,
  time_msc INTEGER NOT NULL,
  unix_ms REAL NOT NULL,
  reason TEXT NOT NULL`;

const V3_DEALS = `
CREATE TABLE terminal_deals (
  number INTEGER PRIMARY KEY,${DEAL_COLUMNS},
  UNIQUE (venue_id, deal)
) STRICT;
CREATE INDEX terminal_deals_by_magic ON terminal_deals (venue_id, magic, number);
CREATE INDEX terminal_deals_by_position ON terminal_deals (venue_id, position_id, number);
CREATE INDEX terminal_deals_by_time ON terminal_deals (venue_id, unix_ms, number);

CREATE TABLE terminal_deal_revisions (
  number INTEGER PRIMARY KEY,${DEAL_COLUMNS},
  reported_unix_ms REAL NOT NULL,
  UNIQUE (venue_id, deal, rev)
) STRICT;
CREATE TRIGGER terminal_deal_revisions_kept BEFORE UPDATE ON terminal_deal_revisions
BEGIN SELECT raise(ABORT, 'revisions of deals are only added to'); END;
CREATE TRIGGER terminal_deal_revisions_never_gone BEFORE DELETE ON terminal_deal_revisions
BEGIN SELECT raise(ABORT, 'revisions of deals are only added to'); END;
`;

export const V3_TERMINALS = V3_MODE + V3_COMMANDS + V3_DEALS;
