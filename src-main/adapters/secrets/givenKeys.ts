/** Keys that somebody in the same program made: those of the simulated accounts. Held in memory, checked like any other. */
import type { VenueId } from '../../../src-shared/domain/ids.ts';
import type { Secrets, VenueKey } from '../../runtime/ports.ts';
import { keyFromText, keyKind, keyTextOf, type Conceal, type KeyVenue } from './keyText.ts';

const SOURCE = 'the simulated exchange';

/** @throws SecretsFault when a key does not fit its venue */
export const createGivenKeys = (venues: readonly KeyVenue[], given: Readonly<Record<string, VenueKey>>, conceal: Conceal): Secrets => {
  const keys = new Map<VenueId, VenueKey>();
  for (const venue of venues) {
    const key = given[venue.id];
    if (key !== undefined) keys.set(venue.id, keyFromText(keyTextOf(key), venue, `${SOURCE} ${venue.id}`, conceal));
  }
  return {
    venueKey: (venueId) => keys.get(venueId) ?? null,
    describe: (venueId) => {
      const key = keys.get(venueId);
      return key === undefined ? 'no key: the simulated exchanges made none' : `${SOURCE} (${keyKind(key)})`;
    },
  };
};
