/**
 * Who trades at the simulated exchanges of a world: the engine's own accounts, with keys made once per data directory, and what
 * anybody may read of every account's own book. Owns keys and openings; the books belong to the venues.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { VenueKey } from '../runtime/ports.ts';
import { FEE_TIERS, START_BALANCES } from './demoConfig.ts';
import type { AccountKey, AccountOpening, FeeRate, SimAccounts } from './exchange/account/account.ts';
import type { SimVenueId } from './market/instruments.ts';

export type SimExchangeId = Exclude<SimVenueId, 'mt5'>;
export const SIM_EXCHANGES = ['binance-spot', 'binance-usdm', 'okx'] as const satisfies readonly SimExchangeId[];

/** The engine's account at every simulated exchange. */
export const ENGINE_ACCOUNT = 'engine';
const KEYS_FILE = 'exchange-keys.json';
const PRIVATE_FILE = 0o600;
const SECRET_BYTES = 24;
const BPS = 10_000;
/** A maker pays this share of the taker's fee. */
const MAKER_SHARE = 0.4;
/** Rows of each kind that the book shows at most, newest last. */
const MAX_SHOWN_ROWS = 2_000;

export type WorldKeys = Readonly<Record<SimExchangeId, VenueKey>>;

const randomText = (): string => randomBytes(SECRET_BYTES).toString('hex');

/** Both ways of signing are in use: Binance futures logs in with Ed25519, the others sign with HMAC. */
const newKeys = (): WorldKeys => ({
  'binance-spot': {
    environment: 'simulated',
    apiKey: randomText(),
    secret: { algorithm: 'hmac-sha256', text: randomText() },
    passphrase: null,
  },
  'binance-usdm': {
    environment: 'simulated',
    apiKey: randomText(),
    secret: { algorithm: 'ed25519', pem: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
    passphrase: null,
  },
  okx: {
    environment: 'simulated',
    apiKey: randomUUID(),
    secret: { algorithm: 'hmac-sha256', text: randomText() },
    passphrase: randomText(),
  },
});

const keyFile = z.strictObject({
  environment: z.literal('simulated'),
  apiKey: z.string().min(1),
  secret: z.string().min(1).optional(),
  privateKeyPem: z.string().min(1).optional(),
  passphrase: z.string().min(1).optional(),
});
type KeyText = z.output<typeof keyFile>;
const keysFile = z.partialRecord(z.enum(SIM_EXCHANGES), keyFile);

const keyOf = ({ environment, apiKey, secret, privateKeyPem, passphrase }: KeyText): VenueKey => {
  if ((secret === undefined) === (privateKeyPem === undefined))
    throw new Error('a simulated key has a secret or a privateKeyPem, and not both');
  return {
    environment,
    apiKey,
    secret: privateKeyPem === undefined ? { algorithm: 'hmac-sha256', text: secret ?? '' } : { algorithm: 'ed25519', pem: privateKeyPem },
    passphrase: passphrase ?? null,
  };
};

/** A key as key files and environment variables spell it. */
export const keyTextOf = ({ environment, apiKey, secret, passphrase }: VenueKey): object => ({
  environment,
  apiKey,
  ...(secret.algorithm === 'ed25519' ? { privateKeyPem: secret.pem } : { secret: secret.text }),
  ...(passphrase === null ? {} : { passphrase }),
});

/** @throws Error, ZodError, SyntaxError naming what is wrong with the text */
export const readKeys = (text: string): Partial<WorldKeys> => {
  const read = keysFile.parse(JSON.parse(text) as unknown);
  return Object.fromEntries(Object.entries(read).map(([venue, key]) => [venue, keyOf(key)]));
};

/** Keys of this data directory: read where they were made before, else made. What is `given` takes their place and is kept nowhere. */
export const worldKeys = (dataDir: string | undefined, given: Partial<WorldKeys> = {}): WorldKeys => {
  const file = dataDir === undefined ? null : join(dataDir, KEYS_FILE);
  const known = file !== null && existsSync(file) ? readKeys(readFileSync(file, 'utf8')) : {};
  const own = { ...newKeys(), ...known };
  if (file !== null) {
    const text = JSON.stringify(Object.fromEntries(SIM_EXCHANGES.map((venue) => [venue, keyTextOf(own[venue])])));
    writeFileSync(file, text, { mode: PRIVATE_FILE, flush: true });
  }
  return { ...own, ...given };
};

const proofOf = ({ secret }: VenueKey): AccountKey['proof'] => {
  if (secret.algorithm === 'hmac-sha256') return { algorithm: 'hmac-sha256', secret: secret.text };
  const publicKey = createPublicKey(createPrivateKey(secret.pem));
  return { algorithm: 'ed25519', publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
};

const feesAt = (venue: SimExchangeId): FeeRate => {
  const taker = new Decimal(FEE_TIERS.top[venue]).div(BPS);
  return { taker: taker.toFixed(), maker: taker.times(MAKER_SHARE).toFixed() };
};

/** The engine's account as a venue opens it: bound to this machine, allowed to trade, never to withdraw. */
export const engineAccount = (venue: SimExchangeId, key: VenueKey, createdMs: number): AccountOpening => ({
  id: ENGINE_ACCOUNT,
  keys: [
    {
      apiKey: key.apiKey,
      proof: proofOf(key),
      passphrase: key.passphrase,
      mayTrade: true,
      mayWithdraw: false,
      addresses: ['127.0.0.1'],
      expiresMs: null,
      createdMs,
    },
  ],
  balances: START_BALANCES[venue],
  fees: { spot: feesAt(venue), perpetual: feesAt(venue) },
});

/** What one account's own book says: the proof beside which everybody else's view is held. */
export const bookOf = (accounts: SimAccounts, account: string): object => ({
  balances: accounts.balances(account),
  positions: accounts.positions(account).filter((p) => !new Decimal(p.qty).isZero()),
  openOrders: accounts.openOrders(account),
  orders: accounts.orders(account).slice(-MAX_SHOWN_ROWS),
  fills: accounts.fills(account).slice(-MAX_SHOWN_ROWS),
  transfers: accounts.transfers(account).slice(-MAX_SHOWN_ROWS),
  timers: accounts.deadMen(account),
});
