/** From the validated file to what the engine reads. A projection: no defaults and no rules live here. */
import { instrumentIdOf, type InstrumentId, type PairId, type VenueId } from '../domain/ids.ts';
import type { EngineSettings } from '../domain/settings.ts';
import type { LiveSettings } from '../domain/live.ts';
import type { Config, VenueConfig } from './schema.ts';
import { zoneOffsetsOf } from './zoneOffsets.ts';

const MARGIN_RATE = { spot: 1, perpetual: 0.05, cfd: 0.01 } as const;

/** As a person knows the account: `MetaTrader 5 12345678@Broker-Live`, `OKX hedge-1 (eea)`. */
const accountName = (venue: VenueConfig): string => {
  if (venue.protocol === 'metatrader') return `${venue.label} ${venue.login ?? ''}@${venue.server ?? ''}`;
  const { account = null, region = 'global' } = venue.orders ?? {};
  return [venue.label, account, region === 'global' ? null : `(${region})`].filter((part) => part !== null).join(' ');
};

const liveOf = ({ live, venues }: Config): LiveSettings | null =>
  live === null ? null : { accounts: venues.map((venue) => ({ venueId: venue.id, name: accountName(venue) })), ladder: live.ladder };

/** @param unixMs now: daylight saving is resolved for the years around it. */
export const engineSettingsOf = (config: Config, unixMs: number): EngineSettings => ({
  mode: config.mode,
  profile: config.profile,
  venues: config.venues.map((v) => ({
    id: v.id as VenueId,
    label: v.label,
    protocol: v.protocol,
    simulated: v.simulated,
    maxQuoteAgeMs: v.maxQuoteAgeMs,
    ackTimeoutMs: v.ackTimeoutMs,
    orderValidityMs: v.orderValidityMs,
  })),
  instruments: config.instruments.map(({ venue, ...rest }) => ({
    ...rest,
    id: instrumentIdOf(rest.symbol, venue),
    venueId: venue as VenueId,
    calendar: rest.calendar === null ? null : { ...rest.calendar, offsets: zoneOffsetsOf(rest.calendar.zone, unixMs) },
    initialMarginRate: rest.initialMarginRate ?? MARGIN_RATE[rest.kind],
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
  limits: config.limits,
  hedging: config.hedging,
  live: liveOf(config),
});
