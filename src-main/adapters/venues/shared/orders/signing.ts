/**
 * Signs what the venues' folders build: HMAC-SHA256 as hex or base64, Ed25519 as base64. Knows no payload and no header. The key is
 * read once; it is never printed, and a key that cannot be read is named without its content.
 */
import { createHmac, createPrivateKey, createSecretKey, sign as signWith } from 'node:crypto';
import type { VenueKey } from '../../../../runtime/ports.ts';

/** The signature of exactly these UTF-8 bytes. */
export type Sign = (payload: string) => string;
/** How a venue writes an HMAC; an Ed25519 signature is base64 at every venue. */
export type HmacEncoding = 'hex' | 'base64';

/** The key cannot sign; the message names the member, never its content. */
export class SigningKeyFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SigningKeyFault';
  }
}

const ed25519 = (pem: string): Sign => {
  let key;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new SigningKeyFault('privateKeyPem: no private key in PEM');
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new SigningKeyFault(`privateKeyPem: ${key.asymmetricKeyType}, and Ed25519 is needed`);
  return (payload) => signWith(null, Buffer.from(payload, 'utf8'), key).toString('base64');
};

const hmac = (text: string, encoding: HmacEncoding): Sign => {
  if (text === '') throw new SigningKeyFault('secret: empty');
  const key = createSecretKey(text, 'utf8');
  return (payload) => createHmac('sha256', key).update(payload, 'utf8').digest(encoding);
};

/** @throws SigningKeyFault when the secret cannot sign. */
export const createSign = (secret: VenueKey['secret'], encoding: HmacEncoding): Sign =>
  secret.algorithm === 'ed25519' ? ed25519(secret.pem) : hmac(secret.text, encoding);
