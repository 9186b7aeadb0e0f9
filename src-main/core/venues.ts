/**
 * What the adapters report about venues: links, clocks, counters, MetaTrader sessions, instrument metadata, trading hours. Keeps the
 * newest report of each, and notes what a person must know: changed links, clock jumps, refused instruments.
 */
import { fractionDigitsOf } from '../../src-shared/domain/decimal.ts';
import type { Instrument, MetadataMismatch } from '../../src-shared/domain/instrument.ts';
import type { MetatraderReport, VenueClockReport, VenueCounters, VenueLinkReport } from '../../src-shared/domain/venueLink.ts';
import { MS_PER_HOUR, US_PER_S } from '../../src-shared/domain/units.ts';
import type { ControlEvent } from './events.ts';
import { metadataFault } from './gates.ts';
import { invariant } from './invariant.ts';
import { note } from './notes.ts';
import { setFence } from './risk/bookkeeping.ts';
import { noteHeartbeat } from './risk/heartbeat.ts';
import type { BrokerHours, EngineState, InstrumentState, VenueState } from './state.ts';

type SessionsReport = Omit<Extract<ControlEvent, { type: 'instrument-sessions' }>, 'type' | 'seq' | 'monoUs' | 'unixMs'>;

/** A measured offset that moves further than this between two reports has jumped. */
export const CLOCK_JUMP_MS = 1_000;

export const venueNamed = (state: EngineState, venueId: string): VenueState => {
  const venue = state.venues.find((v) => v.settings.id === venueId);
  invariant(venue !== undefined, `a report about venue "${venueId}", which is not configured`);
  return venue;
};

export const takeLink = (state: EngineState, venueId: string, report: VenueLinkReport): void => {
  const venue = venueNamed(state, venueId);
  const changed = report.state !== venue.link;
  const before = venue.link;
  venue.link = report.state;
  venue.linkDetail = report.detail;
  if (!changed) return;
  venue.linkSinceUnixMs = state.unixMs;
  if (before === 'live') state.book.venues[venue.index]!.linkLost = true;
  else if (report.state === 'live') fenceAfterReconnect(state, venue);
  const severity = report.state === 'down' ? 'error' : report.state === 'backing-off' || report.state === 'stale' ? 'warn' : 'info';
  note(state, severity, 'venue', venueId, `${before} → ${report.state}: ${report.detail}`);
};

/** Quotes after a gap are let settle; the first link of a run has no gap before it. */
const fenceAfterReconnect = (state: EngineState, venue: VenueState): void => {
  const kept = state.book.venues[venue.index]!;
  if (!kept.linkLost) return;
  kept.linkLost = false;
  for (const { settings, a, b } of state.pairs) if (a.venue === venue || b.venue === venue) setFence(state, settings.id, 'reconnect');
};

export const takeClock = (state: EngineState, venueId: string, report: VenueClockReport): void => {
  const venue = venueNamed(state, venueId);
  const before = venue.clock;
  venue.clock = report;
  if (before === null) return;
  const jumpMs = report.offsetMs - before.offsetMs;
  const allowedMs = CLOCK_JUMP_MS + before.uncertaintyMs + report.uncertaintyMs;
  if (Math.abs(jumpMs) <= allowedMs) return;
  const season = venue.settings.protocol === 'metatrader' && Math.abs(Math.abs(jumpMs) - MS_PER_HOUR) <= allowedMs;
  const text = `clock offset jumped by ${Math.round(jumpMs)} ms to ${Math.round(report.offsetMs)} ms`;
  note(state, season ? 'info' : 'warn', 'venue', venueId, season ? `${text}: the server's daylight saving` : text);
};

export const takeCounters = (state: EngineState, venueId: string, counters: VenueCounters): void => {
  const venue = venueNamed(state, venueId);
  const before = venue.counters;
  if (before !== null) {
    const seconds = (state.monoUs - venue.countersMonoUs) / US_PER_S;
    if (seconds > 0) venue.framesPerSecond = Math.max(0, counters.frames - before.frames) / seconds;
  }
  venue.counters = counters;
  venue.countersMonoUs = state.monoUs;
  if (counters.malformedFrames > 0 && (before === null || before.malformedFrames === 0))
    note(state, 'warn', 'venue', venueId, `first malformed frame: ${counters.lastMalformed ?? 'not kept'}`);
};

export const takeMetatrader = (state: EngineState, venueId: string, report: MetatraderReport): void => {
  const venue = venueNamed(state, venueId);
  const before = venue.metatrader;
  venue.metatrader = report;
  noteHeartbeat(state, venue);
  if (report.sessionId !== null && report.sessionId !== (before?.sessionId ?? null))
    note(
      state,
      'info',
      'venue',
      venueId,
      `new MetaTrader session, epoch ${report.epoch}, account ${report.login ?? '—'} at ${report.server ?? '—'}`,
    );
  if (report.quoteOnly && !(before?.quoteOnly ?? false))
    note(state, 'warn', 'venue', venueId, 'ticks without a session: quote-only, this EA cannot trade');
  if (report.gates !== null && report.gates !== (before?.gates ?? null))
    note(state, report.gates === 'ok' ? 'info' : 'warn', 'venue', venueId, `EA gates: ${report.gates}`);
};

export const takeInstrument = (state: EngineState, metadata: Instrument, mismatches: readonly MetadataMismatch[]): void => {
  const x = instrumentNamed(state, metadata.id);
  const before = metadataFault(x);
  x.metadata = metadata;
  x.mismatches = mismatches;
  x.missing = null;
  x.baseQtyPerUnit = Number(metadata.baseQtyPerUnit);
  x.pxDigits = fractionDigitsOf(metadata.tickSize);
  const unusable = !(x.baseQtyPerUnit > 0 && Number.isFinite(x.baseQtyPerUnit));
  if (unusable) x.missing = `the venue reports ${metadata.baseQtyPerUnit} base units a unit`;
  noteMetadata(state, x, before);
};

export const takeMissing = (state: EngineState, instrumentId: string, why: string): void => {
  const x = instrumentNamed(state, instrumentId);
  const before = metadataFault(x);
  x.missing = why;
  noteMetadata(state, x, before);
};

/** Trading hours from the EA's own terminal: they narrow what is configured, from now on. */
export const takeSessions = (state: EngineState, { instrumentId, serverUtcOffsetMin, weekly }: SessionsReport): void => {
  const x = instrumentNamed(state, instrumentId);
  const before = x.brokerHours;
  x.brokerHours = { serverUtcOffsetMin, weekly };
  if (before !== null && sameHours(before, x.brokerHours)) return;
  const hours =
    weekly.length === 0 ? 'no trading hours at all: shut' : `${weekly.length} windows a week, server at UTC ${serverUtcOffsetMin} min`;
  note(state, 'info', 'venue', instrumentId, `the broker reports ${hours}`);
};

const sameHours = (p: BrokerHours, q: BrokerHours): boolean =>
  p.serverUtcOffsetMin === q.serverUtcOffsetMin &&
  p.weekly.length === q.weekly.length &&
  p.weekly.every((w, i) => w.openMinuteOfWeek === q.weekly[i]!.openMinuteOfWeek && w.closeMinuteOfWeek === q.weekly[i]!.closeMinuteOfWeek);

const instrumentNamed = (state: EngineState, id: string): InstrumentState => {
  const x = state.instruments.find((i) => i.settings.id === id);
  invariant(x !== undefined, `metadata of instrument "${id}", which is not configured`);
  return x;
};

const noteMetadata = (state: EngineState, x: InstrumentState, before: string | null): void => {
  const after = metadataFault(x);
  if (after === before) return;
  const pairs = x.fanOut.map((pair) => pair.settings.id).join(', ');
  if (after === null) note(state, 'info', 'venue', x.settings.id, `metadata as configured; pairs accepted: ${pairs}`);
  else note(state, 'error', 'risk', x.settings.id, `${after}; pairs refused: ${pairs}`);
};
