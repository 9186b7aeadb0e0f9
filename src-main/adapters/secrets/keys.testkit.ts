/** Venues and keys that no exchange knows, a sealer that really encrypts, and what was concealed. */
import { createCipheriv, createDecipheriv, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { VenueId } from '../../../src-shared/domain/ids.ts';
import type { KeyVenue } from './keyText.ts';
import type { Sealer } from './sealedKeys.ts';

export const OKX: KeyVenue = { id: 'okx' as VenueId, protocol: 'okx', environment: 'demo' };
export const USDM: KeyVenue = { id: 'binance-usdm' as VenueId, protocol: 'binance-usdm', environment: 'demo' };

export const edPem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
export const rsaPem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

export const okxEntry = { environment: 'demo', apiKey: 'canary-okx-api-key', secret: 'canary-okx-secret', passphrase: 'canary phrase' };
export const usdmEntry = { environment: 'demo', apiKey: 'canary-usdm-api-key', secret: 'canary-usdm-secret' };

export const keyDirectory = (): string => mkdtempSync(path.join(os.tmpdir(), 'quant-arb-keys-'));

/** Another sealer, even of the same kind, cannot open what this one sealed. */
export const createTestSealer = (unusable: string | null = null): Sealer => {
  const key = randomBytes(32);
  return {
    name: 'the test’s key chain',
    unusable: () => Promise.resolve(unusable),
    seal: (text) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Promise.resolve(Buffer.concat([nonce, cipher.getAuthTag(), sealed]));
    },
    open: async (sealed) => {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
      decipher.setAuthTag(sealed.subarray(12, 28));
      return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString('utf8');
    },
  };
};

/** Collects what was to be concealed. */
export const createConcealer = () => {
  const values: string[] = [];
  return { values, conceal: (more: readonly string[]): void => void values.push(...more) };
};
