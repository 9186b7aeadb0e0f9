/**
 * Owns what the text of an exchange key says: `{"environment","apiKey","secret" | "privateKeyPem"[,"passphrase"]}`. Faults name the
 * source and the member, never the content; not even the name of an unknown member is repeated, for it may be a key gone astray.
 */
import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { ENVIRONMENTS, type Environment } from '../../../src-shared/domain/exchange.ts';
import type { VenueId } from '../../../src-shared/domain/ids.ts';
import type { VenueProtocol } from '../../../src-shared/domain/instrument.ts';
import type { VenueKey } from '../../runtime/ports.ts';
import { SecretsFault } from './secrets.ts';

/** A venue whose orders need a key: what the key must fit. */
export interface KeyVenue {
  readonly id: VenueId;
  readonly protocol: Exclude<VenueProtocol, 'metatrader'>;
  /** Of the venue's `orders`. */
  readonly environment: Environment;
}

export const MAX_KEY_TEXT_BYTES = 16_384;
const LEAST_SECRET_CHARS = 8;
const MAX_SECRET_CHARS = 512;
const MAX_PEM_CHARS = 8_192;

// It travels in headers and frames: anything but printable ASCII is a slip of copying.
const printable = z
  .string()
  .min(LEAST_SECRET_CHARS, `at least ${LEAST_SECRET_CHARS} characters`)
  .max(MAX_SECRET_CHARS, `at most ${MAX_SECRET_CHARS} characters`)
  .regex(/^[\x21-\x7e]+$/, 'letters, digits and signs only, without blanks');

const keySchema = z.strictObject({
  environment: z.enum(ENVIRONMENTS, `one of ${ENVIRONMENTS.join(', ')}`),
  apiKey: printable,
  secret: printable.optional(),
  privateKeyPem: z.string().min(1).max(MAX_PEM_CHARS, `at most ${MAX_PEM_CHARS} characters`).optional(),
  passphrase: z
    .string()
    .min(1)
    .max(MAX_SECRET_CHARS, `at most ${MAX_SECRET_CHARS} characters`)
    .regex(/^[\x20-\x7e]+$/, 'letters, digits and signs only')
    .optional(),
});
type KeyRecord = z.infer<typeof keySchema>;
const MEMBERS = Object.keys(keySchema.shape);

/** Told of everything that must never be printed, before anything else is done with it. */
export type Conceal = (values: readonly string[]) => void;

/** A text and its parts, for a log would also show a PEM line by line. */
const shapesOf = (text: string): readonly string[] => [text, ...text.split(/\r?\n/).filter((line) => !line.startsWith('-----'))];

/** Every value of a key that must never be printed. */
export const keyValues = (key: VenueKey): readonly string[] => [
  key.apiKey,
  ...shapesOf(key.secret.algorithm === 'ed25519' ? key.secret.pem : key.secret.text),
  ...(key.passphrase === null ? [] : [key.passphrase]),
];

const concealStrings = (value: unknown, conceal: Conceal): void => {
  if (typeof value === 'string') conceal(shapesOf(value));
  else if (typeof value === 'object' && value !== null)
    for (const [name, inner] of Object.entries(value)) if (name !== 'environment') concealStrings(inner, conceal);
};

const issueText = (error: z.ZodError): string => {
  const issue = error.issues[0];
  if (issue?.code === 'unrecognized_keys') return `has a member that means nothing here; there are ${MEMBERS.join(', ')}`;
  const member = issue?.path.join('.') ?? '';
  const missing = issue?.code === 'invalid_type' && issue.input === undefined;
  return `${member === '' ? 'the whole' : member}: ${missing ? 'is missing' : (issue?.message ?? 'is not valid')}`;
};

/** @throws SecretsFault */
const pemOf = (pem: string, source: string): string => {
  let kind: string | undefined;
  try {
    kind = createPrivateKey({ key: pem, format: 'pem' }).asymmetricKeyType;
  } catch {
    // The library's message may quote the input.
    throw new SecretsFault(source, 'privateKeyPem: is no private key in PEM without a password (“-----BEGIN PRIVATE KEY-----”)');
  }
  if (kind !== 'ed25519') throw new SecretsFault(source, `privateKeyPem: is of kind ${kind ?? 'unknown'}; only Ed25519 is taken`);
  return pem;
};

const secretOf = ({ secret, privateKeyPem }: KeyRecord, venue: KeyVenue, source: string): VenueKey['secret'] => {
  if (secret !== undefined && privateKeyPem !== undefined)
    throw new SecretsFault(source, 'secret and privateKeyPem: give the one that the exchange gave');
  if (secret !== undefined) return { algorithm: 'hmac-sha256', text: secret };
  if (privateKeyPem === undefined) throw new SecretsFault(source, 'secret: is missing');
  if (venue.protocol === 'okx') throw new SecretsFault(source, 'privateKeyPem: OKX signs with a secret');
  return { algorithm: 'ed25519', pem: pemOf(privateKeyPem, source) };
};

/** @throws SecretsFault naming source and member */
const keyOf = (record: KeyRecord, venue: KeyVenue, source: string): VenueKey => {
  const { environment, apiKey, passphrase } = record;
  if (environment !== venue.environment)
    throw new SecretsFault(source, `environment: is ${environment}, and the orders of ${venue.id} are set to ${venue.environment}`);
  const secret = secretOf(record, venue, source);
  if (secret.algorithm === 'hmac-sha256' && secret.text === apiKey) throw new SecretsFault(source, 'secret: is the same as apiKey');
  if (venue.protocol === 'okx' && passphrase === undefined) throw new SecretsFault(source, 'passphrase: is missing; OKX needs it');
  if (venue.protocol !== 'okx' && passphrase !== undefined) throw new SecretsFault(source, 'passphrase: Binance has none');
  return { environment, apiKey, secret, passphrase: passphrase ?? null };
};

/** A key from a value that was JSON. @param source as a person finds it again. @throws SecretsFault */
export const keyFromValue = (value: unknown, venue: KeyVenue, source: string, conceal: Conceal): VenueKey => {
  concealStrings(value, conceal);
  const parsed = keySchema.safeParse(value, { reportInput: true });
  if (!parsed.success) throw new SecretsFault(source, issueText(parsed.error));
  return keyOf(parsed.data, venue, source);
};

/** @throws SecretsFault */
export const keyFromText = (text: string, venue: KeyVenue, source: string, conceal: Conceal): VenueKey => {
  if (Buffer.byteLength(text) > MAX_KEY_TEXT_BYTES) throw new SecretsFault(source, `is longer than ${MAX_KEY_TEXT_BYTES} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message would quote the content.
    throw new SecretsFault(source, `is not JSON; it must be one object with ${MEMBERS.join(', ')}`);
  }
  return keyFromValue(value, venue, source, conceal);
};

/** The text that {@link keyFromText} reads back. */
export const keyTextOf = ({ environment, apiKey, secret, passphrase }: VenueKey): string =>
  JSON.stringify({
    environment,
    apiKey,
    ...(secret.algorithm === 'ed25519' ? { privateKeyPem: secret.pem } : { secret: secret.text }),
    ...(passphrase === null ? {} : { passphrase }),
  });

/** What kind of key it is, for people. */
export const keyKind = ({ environment, secret }: VenueKey): string =>
  `${environment}, ${secret.algorithm === 'ed25519' ? 'Ed25519' : 'HMAC'}`;
