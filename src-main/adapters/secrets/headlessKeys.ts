/**
 * Exchange keys where no desktop holds them: what a service manager hands over, a file that an environment variable names, or
 * the variable itself, in this order; the first that is there counts, also when it is wrong. Nothing is written anywhere.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import path from 'node:path';
import type { VenueId } from '../../../src-shared/domain/ids.ts';
import type { Secrets, VenueKey } from '../../runtime/ports.ts';
import { keyFromText, keyKind, MAX_KEY_TEXT_BYTES, type Conceal, type KeyVenue } from './keyText.ts';
import { SecretsFault } from './secrets.ts';

/** `binance-usdm` → `QUANT_ARB_BINANCE_USDM_KEY`. */
export const keyVariable = (venueId: string): string => `QUANT_ARB_${venueId.toUpperCase().replaceAll('-', '_')}_KEY`;
export const keyFileVariable = (venueId: string): string => `${keyVariable(venueId)}_FILE`;
export const credentialName = (venueId: string): string => `quant-arb.${venueId}.json`;
const CREDENTIALS_DIRECTORY = 'CREDENTIALS_DIRECTORY';

/** How a key gets to an engine without a desktop; said wherever one is missing. */
export const handOverText = (venueId: string): string =>
  `systemd credential ${credentialName(venueId)}, or a file of mode 0600 named by ${keyFileVariable(venueId)}, or ${keyVariable(venueId)}`;

/**
 * Whether a key that was found came in a variable. Taken out of our environment it stays in what the kernel shows of this program
 * (`/proc/PID/environ`), and in whatever set it.
 * @param source as {@link createHeadlessKeys} describes it
 */
export const isFromEnvironment = (venueId: string, source: string): boolean => source.startsWith(`$${keyVariable(venueId)} (`);
export const fileInstead = (venueId: string): string =>
  `Put it into a file of mode 0600 and name that in ${keyFileVariable(venueId)}, or hand over the systemd credential ${credentialName(venueId)}.`;

export interface HeadlessKeysOptions {
  readonly venues: readonly KeyVenue[];
  /** Read once; a variable that held a key is removed from it, so that no child inherits it. */
  readonly env: Record<string, string | undefined>;
  readonly conceal: Conceal;
}

type Found = { readonly source: string; readonly text: string };
type Looked = { readonly key: VenueKey; readonly source: string } | { readonly fault: SecretsFault } | null;

const NAME_THE_FILE = 'Name the file itself, a regular one that holds the key alone.';
const letRead = (file: string): string =>
  `Let the user who runs the engine own it: chown ${process.getuid?.() ?? ''} ${JSON.stringify(file)}`;

/** @param mayGroup a credential's group bits come from the access list that the service manager set. */
const refuseShared = (found: Stats, file: string, source: string, mayGroup: boolean): void => {
  if (!found.isFile()) throw new SecretsFault(source, 'is not a regular file (links are refused)', { fix: NAME_THE_FILE });
  if (found.size > MAX_KEY_TEXT_BYTES) throw new SecretsFault(source, `is longer than ${MAX_KEY_TEXT_BYTES} bytes`, { fix: NAME_THE_FILE });
  if (process.platform === 'win32') return;
  const beyond = found.mode & (mayGroup ? 0o007 : 0o077);
  const mode = (found.mode & 0o777).toString(8);
  if (beyond !== 0) throw new SecretsFault(source, `others may read it (mode ${mode})`, { fix: `Run: chmod 600 ${JSON.stringify(file)}` });
  const self = process.getuid?.();
  const isOurs = self === undefined || self === 0 || found.uid === self || (mayGroup && found.uid === 0);
  if (!isOurs) throw new SecretsFault(source, 'belongs to another user', { fix: letRead(file) });
};

/** Looks at the very file that it reads. null = there is none. @throws SecretsFault */
const readPrivate = (file: string, source: string, mayGroup: boolean): string | null => {
  let descriptor: number;
  try {
    // Not through a link, and a pipe must not make us wait.
    descriptor = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    if (code === 'ELOOP') throw new SecretsFault(source, 'is not a regular file (links are refused)', { fix: NAME_THE_FILE });
    throw new SecretsFault(source, `cannot be read (${code ?? 'unknown'})`, { cause: error, fix: letRead(file) });
  }
  try {
    refuseShared(fstatSync(descriptor), file, source, mayGroup);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
};

const fromCredentials = (venueId: string, env: HeadlessKeysOptions['env']): Found | null => {
  const directory = env[CREDENTIALS_DIRECTORY];
  if (directory === undefined || directory === '') return null;
  const file = path.join(directory, credentialName(venueId));
  const text = readPrivate(file, file, true);
  return text === null ? null : { source: `the credential ${file}`, text };
};

const fromNamedFile = (venueId: string, env: HeadlessKeysOptions['env']): Found | null => {
  const variable = keyFileVariable(venueId);
  const file = env[variable];
  if (file === undefined || file === '') return null;
  if (!path.isAbsolute(file))
    throw new SecretsFault(`$${variable}`, 'must name the file with its whole path', {
      fix: `Write the whole path: ${path.resolve(file)}`,
    });
  const text = readPrivate(file, `${file} (named by $${variable})`, false);
  if (text === null)
    throw new SecretsFault(`$${variable}`, `names ${file}, which is not there`, {
      fix: 'Write the key there, or name the file that holds it.',
    });
  return { source: `the file ${file}, named by $${variable}`, text };
};

const fromVariable = (venueId: string, env: HeadlessKeysOptions['env']): Found | null => {
  const variable = keyVariable(venueId);
  const text = env[variable];
  if (text === undefined || text === '') return null;
  delete env[variable];
  return { source: `$${variable}`, text };
};

const lookFor = (venue: KeyVenue, { env, conceal }: HeadlessKeysOptions): Looked => {
  try {
    // The variable is taken out of the environment also when an earlier place has the key.
    const inherited = fromVariable(venue.id, env);
    if (inherited !== null) conceal([inherited.text]);
    const found = fromCredentials(venue.id, env) ?? fromNamedFile(venue.id, env) ?? inherited;
    if (found === null) return null;
    conceal([found.text.trim()]);
    return { key: keyFromText(found.text, venue, found.source, conceal), source: found.source };
  } catch (error) {
    if (error instanceof SecretsFault) return { fault: error };
    throw error;
  }
};

/** Looks at once and keeps what it found: later changes of files and environment have no effect on a running engine. */
export const createHeadlessKeys = (options: HeadlessKeysOptions): Secrets => {
  const looked = new Map<VenueId, Looked>(options.venues.map((venue) => [venue.id, lookFor(venue, options)]));
  return {
    venueKey: (venueId) => {
      const found = looked.get(venueId) ?? null;
      if (found === null) return null;
      if ('fault' in found) throw found.fault;
      return found.key;
    },
    describe: (venueId) => {
      const found = looked.get(venueId) ?? null;
      if (found === null)
        return `no key: neither $${CREDENTIALS_DIRECTORY}/${credentialName(venueId)} nor $${keyFileVariable(venueId)} nor $${keyVariable(venueId)} is there`;
      return 'fault' in found ? found.fault.message : `${found.source} (${keyKind(found.key)})`;
    },
  };
};
