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
  .regex(/^[\x21-\x7e]+$/, 'letters, digits and signs only, without blanks or line breaks');

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
  if (member === '') return `the whole: must be one object with ${MEMBERS.join(', ')}`;
  const missing = issue?.code === 'invalid_type' && issue.input === undefined;
  return `${member}: ${missing ? 'is missing' : (issue?.message ?? 'is not valid')}`;
};

const PEM_AS_JSON = 'In privateKeyPem write each line break of the PEM as \\n, all on one line.';

/** Why it is no open private key, and what to do; only marks that every PEM has are looked for. */
const pemFault = (pem: string): readonly [what: string, fix: string] => {
  if (/BEGIN [\w ]*PUBLIC KEY/.test(pem))
    return ['is a public key', 'Give the private key; the public one is what the exchange was given.'];
  if (/BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(pem))
    return ['is locked by a password', 'Take the password off: openssl pkey -in KEY.pem -out OPEN.pem, and hand over OPEN.pem.'];
  if (pem.includes('-----BEGIN') && !pem.trim().includes('\n')) return ['has lost its line breaks', PEM_AS_JSON];
  return [
    'is no private key in PEM (“-----BEGIN PRIVATE KEY-----”), or a damaged one',
    'Copy the whole file of the private key, its first and last line included.',
  ];
};

/** @throws SecretsFault */
const pemOf = (pem: string, source: string): string => {
  let kind: string | undefined;
  try {
    kind = createPrivateKey({ key: pem, format: 'pem' }).asymmetricKeyType;
  } catch {
    // The library's message may quote the input.
    const [what, fix] = pemFault(pem);
    throw new SecretsFault(source, `privateKeyPem: ${what}`, { fix });
  }
  if (kind !== 'ed25519')
    throw new SecretsFault(source, `privateKeyPem: is of kind ${kind ?? 'unknown'}; only Ed25519 is taken`, {
      fix: 'Make an Ed25519 key at the exchange, or hand over an HMAC secret.',
    });
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
    throw new SecretsFault(source, `environment: is ${environment}, and the orders of ${venue.id} are set to ${venue.environment}`, {
      fix: `Hand over a key that was made for ${venue.environment}; a key is never used in another environment.`,
    });
  const secret = secretOf(record, venue, source);
  if (secret.algorithm === 'hmac-sha256' && secret.text === apiKey) throw new SecretsFault(source, 'secret: is the same as apiKey');
  if (venue.protocol === 'okx' && passphrase === undefined)
    throw new SecretsFault(source, 'passphrase: is missing; OKX needs it', {
      fix: 'Add "passphrase": the one that was chosen when the key was made at OKX.',
    });
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

/** Why a text is no JSON, and what to do, by signs that hold nothing of a key. */
const jsonFault = (text: string, error: unknown): readonly [what: string, fix: string] => {
  if (text.trim() === '') return ['is empty', `Write one JSON object with ${MEMBERS.join(', ')}.`];
  if (text.trimStart().startsWith('-----BEGIN'))
    return ['is a bare PEM, not JSON', `Write {"environment":"…","apiKey":"…","privateKeyPem":"…"}. ${PEM_AS_JSON}`];
  if (isJson(text.replaceAll(/\r?\n/g, ' '))) return ['is not JSON: a text in it goes over several lines', PEM_AS_JSON];
  // The parser's message quotes the content; its figures do not.
  const place = /\(line \d+ column \d+\)/.exec(error instanceof Error ? error.message : '')?.[0] ?? '(it ends too early)';
  return [`is not JSON ${place}; it must be one object with ${MEMBERS.join(', ')}`, 'Look there for a missing quote, comma or brace.'];
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Some editors begin a file with it. */
const BYTE_ORDER_MARK = /^\uFEFF/;

/** @throws SecretsFault */
export const keyFromText = (text: string, venue: KeyVenue, source: string, conceal: Conceal): VenueKey => {
  if (Buffer.byteLength(text) > MAX_KEY_TEXT_BYTES) throw new SecretsFault(source, `is longer than ${MAX_KEY_TEXT_BYTES} bytes`);
  const bare = text.replace(BYTE_ORDER_MARK, '');
  let value: unknown;
  try {
    value = JSON.parse(bare);
  } catch (error) {
    const [what, fix] = jsonFault(bare, error);
    throw new SecretsFault(source, what, { fix });
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
