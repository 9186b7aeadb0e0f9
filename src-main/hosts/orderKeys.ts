/**
 * The keys of the venues whose orders go to an exchange, asked for once and all together, so that one start tells of every one that
 * is missing. Where a key can be entered in the console the engine starts without; elsewhere nobody could ever give it one.
 */
import type { VenueId } from '../../src-shared/domain/ids.ts';
import { handOverText } from '../adapters/secrets/headlessKeys.ts';
import { fixOf, SecretsFault } from '../adapters/secrets/secrets.ts';
import type { VenueKey } from '../runtime/ports.ts';
import type { HostKeys } from './hostKeys.ts';

const keyOf = (keys: HostKeys | undefined, venueId: VenueId): VenueKey | SecretsFault => {
  if (keys === undefined)
    return new SecretsFault(venueId, 'no key: this host has no place to look for one', { fix: 'Run “quant-arb run” or the desktop.' });
  try {
    const key = keys.secrets.venueKey(venueId);
    return key ?? new SecretsFault(venueId, keys.secrets.describe(venueId), { fix: `Hand it over: ${handOverText(venueId)}.` });
  } catch (error) {
    if (error instanceof SecretsFault) return error;
    throw error;
  }
};

/** Several faults as one, each with its own fix. */
const together = (faults: readonly SecretsFault[]): SecretsFault =>
  new SecretsFault('exchange keys', faults.map((fault) => `\n  ${fault.message}\n    → ${fixOf(fault)}`).join(''), {
    fix: 'Do each of these, then start the engine again; “quant-arb doctor” with the same options looks at them without starting it.',
  });

const ENTER_IT = 'Enter it in this sheet under Key, then start this program again.';

/** By venue its key, or in words why there is none and what to do. @throws SecretsFault where a key is missing that nobody could enter */
export const keysForOrders = (keys: HostKeys | undefined, venueIds: readonly VenueId[]): ReadonlyMap<VenueId, VenueKey | string> => {
  const looked = venueIds.map((venueId) => [venueId, keyOf(keys, venueId)] as const);
  const faults = looked.flatMap(([, found]) => (found instanceof SecretsFault ? [found] : []));
  const isEnterable = keys?.desk.standing().storable ?? false;
  const [first] = faults;
  if (!isEnterable && first !== undefined) throw faults.length === 1 ? first : together(faults);
  return new Map(looked.map(([venueId, found]) => [venueId, found instanceof SecretsFault ? `${found.message}. ${ENTER_IT}` : found]));
};
