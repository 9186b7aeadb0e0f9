/**
 * What the ledger keeps of exchanges beside trading. Schema version 6: from where each venue's fills are asked for at the next start, and where the ladder of real money stands. Without
 * a cursor, as in every earlier file, a start asks from before the oldest thing that may not be known.
 */
export const V6_CURSORS_AND_RUNG = `
CREATE TABLE fill_cursors (
  venue_id TEXT PRIMARY KEY,
  fills_since_unix_ms REAL NOT NULL,
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE live_rung (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  rung INTEGER NOT NULL,
  max_notional_usd REAL,
  closed_well INTEGER NOT NULL,
  since_unix_ms REAL NOT NULL
) STRICT;
`;

/**
 * Schema version 7: executions that were looked at and are none of ours, so that no later start takes them for ours; and to which
 * account of each exchange this file belongs. Earlier files have neither: the account is the one that is found first.
 */
export const V7_PASSED_AND_ACCOUNTS = `
CREATE TABLE passed_trades (
  number INTEGER PRIMARY KEY,
  venue_id TEXT NOT NULL,
  instrument_id TEXT NOT NULL,
  trade_id TEXT NOT NULL,
  venue_unix_ms REAL,
  passed_unix_ms REAL NOT NULL,
  UNIQUE (venue_id, instrument_id, trade_id)
) STRICT;

CREATE TABLE venue_accounts (
  venue_id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  bound_unix_ms REAL NOT NULL,
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
