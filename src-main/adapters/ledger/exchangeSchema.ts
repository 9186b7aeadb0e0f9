/**
 * Schema version 6: from where each venue's fills are asked for at the next start, and where the ladder of real money stands. Without
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
