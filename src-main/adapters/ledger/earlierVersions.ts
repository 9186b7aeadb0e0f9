/**
 * What records of earlier versions of the program did not say, filled in when they are read: version 1 watched and could not
 * trade. Rows themselves are never rewritten for it.
 */
import { decodeExact } from '../../../src-shared/domain/exactJson.ts';
import type { Intent } from '../../../src-shared/domain/opportunity.ts';
import {
  INSTRUMENT_TRADING_DEFAULTS,
  PAIR_TRADING_DEFAULTS,
  TRADING_DEFAULTS,
  VENUE_DEFAULTS,
  type EngineSettings,
  type VenueSettings,
} from '../../../src-shared/domain/settings.ts';

/** An intent led to no group, and no rule denied it one. */
export const intentOf = (evidence: string): Intent => {
  const intent = decodeExact(evidence) as Intent;
  return 'denials' in intent ? intent : { ...(intent as Intent), denials: [], groupId: null };
};

const venueOf = (venue: VenueSettings): VenueSettings => ({
  ...(venue.protocol === 'metatrader' ? VENUE_DEFAULTS.metatrader : VENUE_DEFAULTS.exchange),
  ...venue,
});

/** Settings that say nothing about trading have its defaults. */
export const settingsOfText = (text: string): EngineSettings => {
  const settings = decodeExact(text) as EngineSettings;
  if ('limits' in settings) return settings;
  const watching = settings as EngineSettings;
  return {
    ...TRADING_DEFAULTS,
    ...watching,
    venues: watching.venues.map(venueOf),
    instruments: watching.instruments.map((instrument) => ({ ...INSTRUMENT_TRADING_DEFAULTS, ...instrument })),
    pairs: watching.pairs.map((pair) => ({ ...PAIR_TRADING_DEFAULTS, ...pair })),
  };
};
