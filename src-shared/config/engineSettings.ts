/** From the validated file to what the engine reads. A projection: no defaults and no rules live here. */
import { instrumentIdOf, type InstrumentId, type PairId, type VenueId } from '../domain/ids.ts';
import type { EngineSettings } from '../domain/settings.ts';
import type { Config } from './schema.ts';

export const engineSettingsOf = (config: Config): EngineSettings => ({
  mode: config.mode,
  profile: config.profile,
  venues: config.venues.map((v) => ({
    id: v.id as VenueId,
    label: v.label,
    protocol: v.protocol,
    simulated: v.simulated,
    maxQuoteAgeMs: v.maxQuoteAgeMs,
  })),
  instruments: config.instruments.map(({ venue, ...rest }) => ({
    ...rest,
    id: instrumentIdOf(rest.symbol, venue),
    venueId: venue as VenueId,
  })),
  pairs: config.pairs.map((p) => ({
    ...p,
    id: p.id as PairId,
    a: p.a as InstrumentId,
    b: p.b as InstrumentId,
    conversion:
      p.conversion.kind === 'fixed'
        ? p.conversion
        : { kind: 'instrument', instrumentId: p.conversion.instrument as InstrumentId, invert: p.conversion.invert },
  })),
  statistics: config.statistics,
  frozenQuoteMs: config.frozenQuoteMs,
});
