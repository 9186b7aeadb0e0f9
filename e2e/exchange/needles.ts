/**
 * Canary keys and the search for them: strings that exist nowhere else, looked for in every spelling in which bytes may carry them.
 * Owns the spellings; where to look is the caller's.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Needle {
  /** What it is, for people. */
  readonly name: string;
  readonly text: string;
}

const token = (): string => `canary${randomBytes(27).toString('base64url').replaceAll(/[-_]/g, 'x')}`;

export interface CanaryKey {
  /** As a key file holds it. */
  readonly file: Readonly<Record<string, string>>;
  readonly needles: readonly Needle[];
}

const MIN_PEM_LINE = 32;

/** An HMAC key, with a passphrase where the venue has one, or an Ed25519 key in PEM. */
export const canaryKey = (venueId: string, kind: 'hmac' | 'hmac-passphrase' | 'ed25519'): CanaryKey => {
  const apiKey = token();
  const api = { name: `${venueId} apiKey`, text: apiKey };
  if (kind === 'ed25519') {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    const lines = pem.split('\n').filter((line) => line.length >= MIN_PEM_LINE && !line.includes('-----'));
    // The first bytes say only that it is such a key: the secret stands behind them.
    const bare = lines.join('').slice(-MIN_PEM_LINE - 8);
    return { file: { environment: 'simulated', apiKey, privateKeyPem: pem }, needles: [api, { name: `${venueId} PEM`, text: bare }] };
  }
  const secret = token();
  const passphrase = token();
  const needles = [api, { name: `${venueId} secret`, text: secret }];
  if (kind === 'hmac') return { file: { environment: 'simulated', apiKey, secret }, needles };
  return {
    file: { environment: 'simulated', apiKey, secret, passphrase },
    needles: [...needles, { name: `${venueId} passphrase`, text: passphrase }],
  };
};

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
/** Base64 of it at each of the three places in which it may stand; the edges depend on what is around, and are left out. */
const base64Cores = (text: string): readonly Buffer[] =>
  [0, 1, 2].map((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)])
      .toString('base64')
      .replaceAll('=', '');
    return Buffer.from(whole.slice(shift === 0 ? 0 : 4, -4));
  });

const spellingsOf = ({ text }: Needle): readonly Buffer[] => [
  Buffer.from(text),
  utf16(text),
  Buffer.from(Buffer.from(text).toString('hex')),
  Buffer.from(Buffer.from(text).toString('hex').toUpperCase()),
  Buffer.from(encodeURIComponent(text)),
  ...base64Cores(text),
  // A quarter of it is too much as well.
  Buffer.from(text.slice(0, Math.ceil(text.length / 2))),
  Buffer.from(text.slice(-Math.ceil(text.length / 2))),
];

/** Which of them stand in these bytes, in whatever spelling. */
export const foundIn = (where: string, bytes: Buffer, needles: readonly Needle[]): readonly string[] =>
  needles.flatMap((needle) =>
    spellingsOf(needle).some((spelling) => bytes.includes(spelling)) ? [`${needle.name} stands in ${where}`] : [],
  );

/** Every file below, whatever it is: databases with their WAL and free pages, logs, tapes, locks. */
export const foundBelow = (folder: string, needles: readonly Needle[]): readonly string[] =>
  filesBelow(folder).flatMap((file) => foundIn(file, readFileSync(file), needles));
export const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
