/** Schema version 4: money that came after its execution. Its key is what keeps a charge from being booked twice. */
export const V4_CHARGES = `
CREATE TABLE charges (
  number INTEGER PRIMARY KEY,
  venue_id TEXT NOT NULL,
  instrument_id TEXT NOT NULL,
  charge_id TEXT NOT NULL,
  trade_id TEXT NOT NULL,
  client_order_id TEXT NOT NULL REFERENCES orders (client_order_id) DEFERRABLE INITIALLY DEFERRED,
  group_id TEXT NOT NULL REFERENCES hedge_groups (group_id) DEFERRABLE INITIALLY DEFERRED,
  leg TEXT NOT NULL,
  amount TEXT NOT NULL,
  ccy TEXT NOT NULL,
  venue_unix_ms REAL,
  why TEXT NOT NULL,
  booked_unix_ms REAL NOT NULL,
  UNIQUE (venue_id, instrument_id, charge_id)
) STRICT;
CREATE INDEX charges_by_group ON charges (group_id);
`;
