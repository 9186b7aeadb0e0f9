/**
 * Identities. Owns the branded string types by which everything is named; must not know what the
 * named things contain. Two ids of different kinds never assign to each other.
 */

export type VenueId = string & { readonly brand: 'VenueId' };
/** `SYMBOL@venue`, for example `XAU-USDT-SWAP@okx`. */
export type InstrumentId = string & { readonly brand: 'InstrumentId' };
export type PairId = string & { readonly brand: 'PairId' };
/** One life of the engine, from start to end. */
export type RunId = string & { readonly brand: 'RunId' };
/** `run` + pair + episode; at most 32 characters of `[A-Za-z0-9]` so that every exchange would take it. */
export type IntentId = string & { readonly brand: 'IntentId' };

/** `g` + the tail of its intent's id: one intent leads to at most one group. */
export type GroupId = string & { readonly brand: 'GroupId' };
/** Ours, deterministic from group, leg and attempt; `[A-Za-z0-9]{1,32}`, so that every exchange takes it. Never used twice. */
export type ClientOrderId = string & { readonly brand: 'ClientOrderId' };

/** Position of an instrument in `EngineSettings.instruments`; the hot path speaks in these, people in ids. */
export type InstrumentIndex = number;

export const instrumentIdOf = (symbol: string, venueId: string): InstrumentId => `${symbol}@${venueId}` as InstrumentId;
