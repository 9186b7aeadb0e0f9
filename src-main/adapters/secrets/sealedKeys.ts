/**
 * Exchange keys entered at the desktop: one file of the data directory, each key sealed by the operating system's own store
 * through {@link Sealer}. What the system cannot really encrypt is not stored. Keys live in memory while the program runs.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { VenueId } from '../../../src-shared/domain/ids.ts';
import type { Secrets, VenueKey } from '../../runtime/ports.ts';
import { writeFileDurably } from './durableFile.ts';
import { keyFromValue, keyKind, keyTextOf, keyValues, type Conceal, type KeyVenue } from './keyText.ts';
import { SecretsFault } from './secrets.ts';

export const SEALED_KEYS_FILE = 'keys.sealed.json';

/** The operating system's encryption, as far as it is needed. */
export interface Sealer {
  /** Why nothing can be sealed on this computer; null = it can. */
  readonly unusable: () => Promise<string | null>;
  readonly seal: (text: string) => Promise<Buffer>;
  /** @throws when another user, computer or keyring sealed it */
  readonly open: (sealed: Buffer) => Promise<string>;
  /** What seals, for people: `kwallet6`, `the system’s key chain`. */
  readonly name: string;
}

const fileSchema = z.strictObject({ version: z.literal(1), keys: z.record(z.string(), z.base64()) });
type SealedFile = z.infer<typeof fileSchema>;

/** What is inside a seal: bound to its venue, so that two cannot be exchanged. */
const contentSchema = z.strictObject({ venueId: z.string(), key: z.unknown() });

export interface SealedKeysOptions {
  readonly dataDir: string;
  readonly venues: readonly KeyVenue[];
  readonly sealer: Sealer;
  readonly conceal: Conceal;
}

export interface SealedKeys extends Secrets {
  /** Why keys cannot be stored on this computer; null = they can. */
  readonly unusable: string | null;
  has(venueId: VenueId): boolean;
  /** Checks and stores, on disk when it resolves. @param value as a person entered it. @throws SecretsFault, or what the disk threw */
  enter(venueId: VenueId, value: unknown): Promise<VenueKey>;
  /** False = there was none. @throws what the disk threw */
  remove(venueId: VenueId): boolean;
}

type Held = VenueKey | SecretsFault;

/** @throws SecretsFault */
const readFile = (file: string): SealedFile => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { version: 1, keys: {} };
    throw new SecretsFault(file, `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`, { cause: error });
  }
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch {
    throw new SecretsFault(file, 'is damaged; remove it and enter the keys again');
  }
};

const openSeal = async (venue: KeyVenue, sealed: string, file: string, { sealer, conceal }: SealedKeysOptions): Promise<Held> => {
  const source = `${file}, ${venue.id}`;
  let content: z.infer<typeof contentSchema>;
  try {
    content = contentSchema.parse(JSON.parse(await sealer.open(Buffer.from(sealed, 'base64'))));
  } catch {
    return new SecretsFault(source, 'cannot be opened by this user on this computer; enter the key again');
  }
  if (content.venueId !== venue.id) return new SecretsFault(source, 'holds the key of another venue; enter the key again');
  try {
    return keyFromValue(content.key, venue, source, conceal);
  } catch (error) {
    if (error instanceof SecretsFault) return error;
    throw error;
  }
};

class KeyFile implements SealedKeys {
  readonly #options: SealedKeysOptions;
  readonly #file: string;
  readonly #held: Map<VenueId, Held>;
  #sealed: SealedFile;
  readonly unusable: string | null;

  constructor(options: SealedKeysOptions, file: string, sealed: SealedFile, held: Map<VenueId, Held>, unusable: string | null) {
    this.#options = options;
    this.#file = file;
    this.#sealed = sealed;
    this.#held = held;
    this.unusable = unusable;
  }

  has(venueId: VenueId): boolean {
    return Object.hasOwn(this.#sealed.keys, venueId);
  }

  venueKey(venueId: VenueId): VenueKey | null {
    const held = this.#held.get(venueId) ?? null;
    if (held instanceof SecretsFault) throw held;
    return held;
  }

  describe(venueId: VenueId): string {
    const held = this.#held.get(venueId) ?? null;
    if (held instanceof SecretsFault) return held.message;
    if (held !== null) return `${this.#file}, sealed by ${this.#options.sealer.name} (${keyKind(held)})`;
    return this.unusable === null ? 'no key: none was entered at this desktop' : `no key: ${this.unusable}`;
  }

  async enter(venueId: VenueId, value: unknown): Promise<VenueKey> {
    const venue = this.#options.venues.find(({ id }) => id === venueId);
    if (venue === undefined) throw new SecretsFault(venueId, 'takes no key: its orders stay on paper, or there is no such venue');
    if (this.unusable !== null) throw new SecretsFault(this.#file, this.unusable);
    const key = keyFromValue(value, venue, 'what was entered', this.#options.conceal);
    const content = JSON.stringify({ venueId, key: JSON.parse(keyTextOf(key)) as unknown });
    const sealed = await this.#options.sealer.seal(content);
    // A store that only encodes would leave the secret readable in the file.
    if (keyValues(key).some((text) => text.length > 0 && sealed.includes(text)))
      throw new SecretsFault(this.#file, 'this computer’s store does not encrypt, so nothing was written');
    this.#write({ ...this.#sealed.keys, [venueId]: sealed.toString('base64') });
    this.#held.set(venueId, key);
    return key;
  }

  remove(venueId: VenueId): boolean {
    if (!this.has(venueId)) return false;
    const { [venueId]: _, ...others } = this.#sealed.keys;
    this.#write(others);
    this.#held.delete(venueId);
    return true;
  }

  #write(keys: SealedFile['keys']): void {
    const next: SealedFile = { version: 1, keys };
    writeFileDurably(this.#file, `${JSON.stringify(next, null, 2)}\n`);
    this.#sealed = next;
  }
}

/** Opens every seal once; a key that cannot be used is told when it is asked for. @throws SecretsFault when the file is damaged */
export const openSealedKeys = async (options: SealedKeysOptions): Promise<SealedKeys> => {
  const file = path.join(options.dataDir, SEALED_KEYS_FILE);
  const sealed = readFile(file);
  const unusable = await options.sealer.unusable();
  const held = new Map<VenueId, Held>();
  for (const venue of options.venues) {
    const text = sealed.keys[venue.id];
    if (text === undefined) continue;
    held.set(venue.id, unusable === null ? await openSeal(venue, text, file, options) : new SecretsFault(file, unusable));
  }
  return new KeyFile(options, file, sealed, held, unusable);
};
