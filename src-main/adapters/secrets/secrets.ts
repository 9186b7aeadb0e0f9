/**
 * Owns the generated secrets of one data directory: the MetaTrader token and key, the operator's password, the cookie
 * key, and the tokens that can only stop and only read, in one file that only its owner can read. Never two alike. No secret leaves through a log, a topic or an error:
 * messages name the file and the member, never the content.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeFileDurably } from './durableFile.ts';

export const SECRETS_FILE = 'secrets.json';
const TOKEN_BYTES = 32;
const PASSWORD_BYTES = 18;
const MAX_SECRET_LENGTH = 256;
/** What counts as strong where others than this machine can try passwords (see {@link passwordWeakness}). */
export const STRONG_PASSWORD_LENGTH = 16;
export const STRONG_PASSWORD_DISTINCT = 10;

const machineSecret = z
  .string()
  .regex(/^[\w-]+$/, 'letters, digits, dash and underscore only')
  .min(43, 'at least 43 characters (256 bits in base64url)')
  .max(MAX_SECRET_LENGTH);

const secretsSchema = z.strictObject({
  version: z.literal(1),
  /** `Authorization: Bearer …` of the EA. */
  mt5Token: machineSecret,
  /** Signs replies to the EA; never equal to the token. */
  mt5Key: machineSecret,
  /** Sign-in of the console and Basic Auth of the interfaces. May be changed by hand. */
  password: z.string().min(12, 'at least 12 characters').max(MAX_SECRET_LENGTH),
  /** Signs session cookies; a new one signs everybody out. */
  cookieSecret: machineSecret,
  /** `Authorization: Bearer …` of `/api/pause`, `kill`, `flatten` and `hands-off`. It can only stop, and reads nothing. */
  killToken: machineSecret,
  /** `Authorization: Bearer …` of what only reads: status, dashboard, metrics. */
  readToken: machineSecret,
});
export type Secrets = z.infer<typeof secretsSchema>;
/** A file of an earlier version lacks these; they are made when it is opened. */
const storedSchema = secretsSchema.partial({ killToken: true, readToken: true });

/** The file is there but must not be used; the message says which file and what is wrong, {@link fixOf} the one thing to do. */
export class SecretsFault extends Error {
  readonly path: string;
  /** One sentence; never a part of a secret. null = the message says it all. */
  readonly fix: string | null;
  constructor(file: string, message: string, options: ErrorOptions & { readonly fix?: string } = {}) {
    super(`${file}: ${message}`, options);
    this.name = 'SecretsFault';
    this.path = file;
    this.fix = options.fix ?? null;
  }
}

export const fixOf = ({ fix }: SecretsFault): string => fix ?? 'Correct what the line names, then start the engine again.';

const randomText = (bytes: number): string => randomBytes(bytes).toString('base64url');

const freshSecrets = (): Secrets => ({
  version: 1,
  mt5Token: randomText(TOKEN_BYTES),
  mt5Key: randomText(TOKEN_BYTES),
  password: randomText(PASSWORD_BYTES),
  cookieSecret: randomText(TOKEN_BYTES),
  killToken: randomText(TOKEN_BYTES),
  readToken: randomText(TOKEN_BYTES),
});

const write = (file: string, secrets: Secrets): void => writeFileDurably(file, `${JSON.stringify(secrets, null, 2)}\n`);

/** POSIX only: Windows keeps the application-data folder private by its own access lists. */
const refuseIfShared = (file: string): void => {
  const found = lstatSync(file);
  if (!found.isFile()) throw new SecretsFault(file, 'is not a regular file (links are refused)');
  if (process.platform === 'win32') return;
  if ((found.mode & 0o077) !== 0)
    throw new SecretsFault(file, `others may read it (mode ${(found.mode & 0o777).toString(8)}); run: chmod 600 "${file}"`);
  const self = process.getuid?.();
  if (self !== undefined && self !== 0 && found.uid !== self) throw new SecretsFault(file, 'belongs to another user');
};

const parse = (file: string, text: string): { readonly secrets: Secrets; readonly complete: boolean } => {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    // The parser's message would quote the content.
    throw new SecretsFault(file, 'is not JSON; restore it, or delete it to have new secrets made');
  }
  const parsed = storedSchema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new SecretsFault(file, `${issue?.path.join('.') || 'file'}: ${issue?.message ?? 'invalid'}`);
  }
  const { killToken, readToken } = parsed.data;
  const secrets = { ...parsed.data, killToken: killToken ?? randomText(TOKEN_BYTES), readToken: readToken ?? randomText(TOKEN_BYTES) };
  const names = ['mt5Token', 'mt5Key', 'cookieSecret', 'killToken', 'readToken', 'password'] as const;
  for (const [at, name] of names.entries())
    for (const other of names.slice(0, at))
      if (secrets[name] === secrets[other]) throw new SecretsFault(file, `${name} must differ from ${other}`);
  return { secrets, complete: killToken !== undefined && readToken !== undefined };
};

/** Reads the secrets of a data directory, making them on first use. @throws SecretsFault */
export const openSecrets = (dataDir: string): Secrets => {
  const file = path.join(dataDir, SECRETS_FILE);
  let text: string;
  try {
    refuseIfShared(file);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof SecretsFault) throw error;
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new SecretsFault(file, `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`, { cause: error });
    return written(file, freshSecrets());
  }
  const { secrets, complete } = parse(file, text);
  return complete ? secrets : written(file, secrets);
};

const written = (file: string, secrets: Secrets): Secrets => {
  try {
    write(file, secrets);
  } catch (fault) {
    throw new SecretsFault(file, `cannot be written (${(fault as NodeJS.ErrnoException).code ?? 'unknown'})`, { cause: fault });
  }
  return secrets;
};

/** The secrets of a data directory as they are, for programs beside the engine; null where none were made. @throws SecretsFault */
export const readSecrets = (dataDir: string): Secrets | null => {
  const file = path.join(dataDir, SECRETS_FILE);
  if (!existsSync(file)) return null;
  refuseIfShared(file);
  const { secrets, complete } = parse(file, readFileSync(file, 'utf8'));
  if (!complete) throw new SecretsFault(file, 'has no killToken or readToken yet; start the engine once to have them made');
  return secrets;
};

/** Signs everybody out, durably: cookies made before are worthless from now on. @throws when it cannot be written. */
export const rotateCookieSecret = (dataDir: string, secrets: Secrets): Secrets => {
  const rotated = { ...secrets, cookieSecret: randomText(TOKEN_BYTES) };
  write(path.join(dataDir, SECRETS_FILE), rotated);
  return rotated;
};

/** Everything that must never be printed. */
export const secretValues = (secrets: Secrets): readonly string[] => [
  secrets.mt5Token,
  secrets.mt5Key,
  secrets.password,
  secrets.cookieSecret,
  secrets.killToken,
  secrets.readToken,
];

/** Equal in a time that depends on neither text: both are hashed first, so not even the length shows. */
export const equalInConstantTime = (left: string, right: string): boolean =>
  timingSafeEqual(createHash('sha256').update(left).digest(), createHash('sha256').update(right).digest());

/**
 * Why a password may not face other machines, or null when it may. Strong = at least 16 characters, at least ten
 * of them different, and two kinds of character (letters, digits, others) unless it has 24 or more.
 */
export const passwordWeakness = (password: string): string | null => {
  if (password.length < STRONG_PASSWORD_LENGTH) return `shorter than ${STRONG_PASSWORD_LENGTH} characters`;
  if (new Set(password).size < STRONG_PASSWORD_DISTINCT) return `fewer than ${STRONG_PASSWORD_DISTINCT} different characters`;
  const kinds = [/\p{L}/u, /\d/, /[^\p{L}\d]/u].filter((kind) => kind.test(password)).length;
  if (kinds < 2 && password.length < 24) return 'only one kind of character (mix letters, digits and others, or use 24 characters)';
  return null;
};
