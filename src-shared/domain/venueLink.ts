/** A venue's link, clock and counters as its adapter reports them, and the MetaTrader side of one. Data only. */
import type { TerminalReport } from './metatrader.ts';

/** Connectivity of a venue, as its adapter reports it. A link says nothing about the freshness of one quote. */
export type LinkState = 'idle' | 'connecting' | 'live' | 'stale' | 'backing-off' | 'down';

export interface VenueLinkReport {
  readonly state: LinkState;
  /** One short sentence: what happened, with the venue's own code where there is one. */
  readonly detail: string;
}

/** Figures of an adapter for lamps and metrics; cumulative since start. */
export interface VenueCounters {
  readonly frames: number;
  readonly malformedFrames: number;
  readonly outOfOrderFrames: number;
  readonly fallbackDecodes: number;
  readonly reconnects: number;
  /** The newest malformed frame, cut to 200 characters, for the console. */
  readonly lastMalformed: string | null;
}

export interface VenueClockReport {
  /** venue clock minus this host's clock, ms. */
  readonly offsetMs: number;
  /** Half the round trip or the spread of the estimate, ms. */
  readonly uncertaintyMs: number;
  readonly roundTripMs: number | null;
}

/** The MetaTrader side of a link; null members are unknown. */
export interface MetatraderReport {
  readonly sessionId: string | null;
  readonly epoch: number;
  /** True while ticks come without a session (the bare tick of an old EA). */
  readonly quoteOnly: boolean;
  /** `ok` or the first failing gate of the EA. */
  readonly gates: string | null;
  readonly login: string | null;
  readonly server: string | null;
  readonly company: string | null;
  readonly currency: string | null;
  readonly marginMode: string | null;
  readonly terminalBuild: string | null;
  readonly eaVersion: string | null;
  readonly declaredUtcOffsetS: number | null;
  readonly pingUs: number | null;
  readonly equity: string | null;
  readonly httpUsMax: number | null;
  /** The order side; absent or null where the engine trades this venue on paper. */
  readonly terminal?: TerminalReport | null;
}
