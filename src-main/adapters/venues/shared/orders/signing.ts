/**
 * Signs what the venues' folders build: HMAC-SHA256 as hex or base64, Ed25519 as base64. Knows no payload and no header. The key is
 * read once; it is never printed, and a key that cannot be read is named without its content.
 */
import { createHmac, createPrivateKey, createSecretKey, hash, sign as signWith } from 'node:crypto';
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

/** Of SHA-256, in bytes. */
const BLOCK = 64;
const DIGEST = 32;
const FIRST_NOT_ASCII = 0x80;
const PROBES = ['', 'timestamp=1\u{20ac}', 'x'.repeat(3 * BLOCK)];

/**
 * HMAC as RFC 2104 defines it, by two one-shot digests: node's own makes an object and looks the algorithm up for every signature, which
 * costs several times the hashing. null = not of this secret: the inner pad stands before the payload as text, so it has to be ASCII.
 */
const quickHmac = (secret: Buffer, encoding: HmacEncoding): Sign | null => {
  if (secret.length > BLOCK || secret.some((byte) => byte >= FIRST_NOT_ASCII)) return null;
  const padded = (pad: number, more: number): Buffer => {
    const block = Buffer.alloc(BLOCK + more, pad);
    for (const [i, byte] of secret.entries()) block[i] = pad ^ byte;
    return block;
  };
  const inner = padded(0x36, 0).toString('latin1');
  const outer = padded(0x5c, DIGEST);
  return (payload) => {
    outer.write(hash('sha256', `${inner}${payload}`, 'binary'), BLOCK, 'binary');
    return hash('sha256', outer, encoding);
  };
};

const agree = (quick: Sign, slow: Sign): boolean => {
  try {
    return PROBES.every((probe) => quick(probe) === slow(probe));
  } catch {
    return false;
  }
};

const hmac = (text: string, encoding: HmacEncoding): Sign => {
  if (text === '') throw new SigningKeyFault('secret: empty');
  const key = createSecretKey(text, 'utf8');
  const slow: Sign = (payload) => createHmac('sha256', key).update(payload, 'utf8').digest(encoding);
  const quick = quickHmac(Buffer.from(text, 'utf8'), encoding);
  // Where the runtime's one-shot digest is another or absent, its own HMAC signs.
  return quick !== null && agree(quick, slow) ? quick : slow;
};

/** @throws SigningKeyFault when the secret cannot sign. */
export const createSign = (secret: VenueKey['secret'], encoding: HmacEncoding): Sign =>
  secret.algorithm === 'ed25519' ? ed25519(secret.pem) : hmac(secret.text, encoding);
