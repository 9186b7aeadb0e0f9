/**
 * Where this host's exchange keys come from, joined: the demo world's, else the desktop's store, else what a service manager or
 * the environment hands over. Also the desk at which the desktop's console enters and removes them; without a store it only tells.
 */
import type { Config } from '../../src-shared/config/schema.ts';
import type { KeyEntry, KeysStanding, KeyStanding } from '../../src-shared/contract/keys.ts';
import type { VenueId } from '../../src-shared/domain/ids.ts';
import { createGivenKeys } from '../adapters/secrets/givenKeys.ts';
import { createHeadlessKeys, fileInstead, isFromEnvironment } from '../adapters/secrets/headlessKeys.ts';
import type { Conceal, KeyVenue } from '../adapters/secrets/keyText.ts';
import { openSealedKeys, type SealedKeys, type Sealer } from '../adapters/secrets/sealedKeys.ts';
import { SecretsFault } from '../adapters/secrets/secrets.ts';
import type { Secrets, VenueKey } from '../runtime/ports.ts';
import type { Log } from './log.ts';

/** A key is refused for what it is, or because this host cannot keep it; the words hold nothing of it. */
export type KeyOutcome = { readonly kind: 'done' } | { readonly kind: 'refused'; readonly why: string };

export interface KeyDesk {
  standing(): KeysStanding;
  enter(entry: KeyEntry, by: string): Promise<KeyOutcome>;
  remove(venueId: string, by: string): Promise<KeyOutcome>;
}

export interface HostKeys {
  readonly secrets: Secrets;
  readonly desk: KeyDesk;
}

/** Every venue whose orders go to an exchange. */
export const keyVenuesOf = (config: Config): readonly KeyVenue[] =>
  config.venues.flatMap((venue) =>
    venue.protocol === 'metatrader' || venue.orders === null
      ? []
      : [{ id: venue.id as VenueId, protocol: venue.protocol, environment: venue.orders.environment }],
  );

export interface HostKeysOptions {
  readonly config: Config;
  readonly dataDir: string;
  readonly env: Record<string, string | undefined>;
  readonly log: Log;
  /** Of the simulated accounts, where the host started them. */
  readonly given?: Readonly<Record<string, VenueKey>> | undefined;
  /** Of the desktop. */
  readonly sealer?: Sealer | undefined;
}

/** The desktop's own first; without one there, what the environment hands over. */
const joined = (sealed: SealedKeys, handed: Secrets): Secrets => {
  const of = (venueId: VenueId): Secrets => (sealed.has(venueId) ? sealed : handed);
  const nowhere = (venueId: VenueId): boolean => !sealed.has(venueId) && handed.describe(venueId).startsWith('no key');
  return {
    venueKey: (venueId) => of(venueId).venueKey(venueId),
    describe: (venueId) => (nowhere(venueId) ? sealed.describe(venueId) : of(venueId).describe(venueId)),
  };
};

const stateOf = (secrets: Secrets, venueId: VenueId): KeyStanding['state'] => {
  try {
    return secrets.venueKey(venueId) === null ? 'none' : 'found';
  } catch (error) {
    if (error instanceof SecretsFault) return 'unusable';
    throw error;
  }
};

const CANNOT_STORE =
  'This engine runs without a desktop: its keys come from the service manager or the environment, never through a browser (“quant-arb doctor” says how).';

const MADE_BY_THEMSELVES = 'The simulated exchanges made this key themselves: none is entered.';

class Desk implements KeyDesk {
  readonly #config: Config;
  readonly #secrets: Secrets;
  readonly #sealed: SealedKeys | null;
  readonly #log: Log;
  /** Why none is entered here; null = the store says. */
  readonly #why: string | null;
  readonly #touched = new Set<string>();

  constructor({ config, log, given }: HostKeysOptions, secrets: Secrets, sealed: SealedKeys | null) {
    this.#config = config;
    this.#secrets = secrets;
    this.#sealed = sealed;
    this.#log = log;
    this.#why = sealed !== null ? null : given === undefined ? CANNOT_STORE : MADE_BY_THEMSELVES;
  }

  standing(): KeysStanding {
    const why = this.#why ?? this.#sealed?.unusable ?? '';
    const venues = this.#config.venues.flatMap((venue): readonly KeyStanding[] => {
      if (venue.protocol === 'metatrader' || venue.orders === null) return [];
      const { id, label, protocol } = venue;
      const { environment, region } = venue.orders;
      const [state, source] = [stateOf(this.#secrets, id as VenueId), this.#secrets.describe(id as VenueId)];
      const stored = this.#sealed?.has(id as VenueId) ?? false;
      return [{ venueId: id, label, protocol, environment, region, state, source, stored, atNextStart: this.#touched.has(id) }];
    });
    return { storable: why === '', why, venues };
  }

  enter({ venueId, ...entry }: KeyEntry, by: string): Promise<KeyOutcome> {
    return this.#change(venueId, by, 'entered', async (sealed) => void (await sealed.enter(venueId as VenueId, entry)));
  }

  remove(venueId: string, by: string): Promise<KeyOutcome> {
    return this.#change(venueId, by, 'removed', async (sealed) => {
      if (!sealed.remove(venueId as VenueId)) throw new SecretsFault(venueId, 'no key was entered here');
    });
  }

  async #change(venueId: string, by: string, past: string, change: (sealed: SealedKeys) => Promise<void>): Promise<KeyOutcome> {
    if (this.#sealed === null) return { kind: 'refused', why: this.#why ?? CANNOT_STORE };
    try {
      await change(this.#sealed);
    } catch (error) {
      // What a store throws may quote what it was given: only our own words go out.
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      return {
        kind: 'refused',
        why: error instanceof SecretsFault ? [error.message, error.fix ?? []].flat().join('. ') : `the key could not be stored (${code})`,
      };
    }
    this.#touched.add(venueId);
    this.#log.info(`an exchange key was ${past}; it counts from the next start`, { venue: venueId, by });
    return { kind: 'done' };
  }
}

/** @throws SecretsFault when the desktop's file is damaged */
export const openHostKeys = async (options: HostKeysOptions): Promise<HostKeys> => {
  const { config, dataDir, env, log, given, sealer } = options;
  const venues = keyVenuesOf(config);
  const conceal: Conceal = (values) => log.conceal(values);
  if (given !== undefined) {
    const secrets = createGivenKeys(venues, given, conceal);
    return { secrets, desk: new Desk(options, secrets, null) };
  }
  const handed = createHeadlessKeys({ venues, env, conceal });
  for (const { id } of venues)
    if (isFromEnvironment(id, handed.describe(id)))
      log.warn('an exchange key came in an environment variable: it stays readable there (/proc) while this engine runs', {
        venue: id,
        instead: fileInstead(id),
      });
  if (sealer === undefined) return { secrets: handed, desk: new Desk(options, handed, null) };
  const sealed = await openSealedKeys({ dataDir, venues, sealer, conceal });
  const secrets = joined(sealed, handed);
  return { secrets, desk: new Desk(options, secrets, sealed) };
};
