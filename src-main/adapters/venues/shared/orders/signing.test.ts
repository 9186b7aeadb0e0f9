import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sharedDataPath } from '../frames.testkit.ts';
import { createSign, SigningKeyFault } from './signing.ts';

interface Vector {
  readonly id: string;
  readonly alg: 'hmac-sha256-hex' | 'hmac-sha256-base64' | 'ed25519-base64';
  readonly secret?: string;
  readonly seed_hex?: string;
  readonly payload: string;
  readonly expect: string;
}

const file = sharedDataPath('vectors', 'signing_vectors.json');
const vectors = file === null ? [] : (JSON.parse(readFileSync(file, 'utf8')) as { vectors: readonly Vector[] }).vectors;

/** PKCS #8 of a raw Ed25519 seed (RFC 8410). */
const pemOf = (seedHex: string): string => {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seedHex, 'hex')]);
  return `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
};

const signOf = ({ alg, secret = '', seed_hex = '' }: Vector) =>
  alg === 'ed25519-base64'
    ? createSign({ algorithm: 'ed25519', pem: pemOf(seed_hex) }, 'hex')
    : createSign({ algorithm: 'hmac-sha256', text: secret }, alg === 'hmac-sha256-hex' ? 'hex' : 'base64');

it('signs all eleven of the venues’ own vectors, and nothing else the same', (context) => {
  if (file === null) return context.skip('shared data absent: signing vectors');
  expect(vectors).toHaveLength(11);
  for (const vector of vectors) {
    expect([vector.id, signOf(vector)(vector.payload)]).toEqual([vector.id, vector.expect]);
    expect(signOf(vector)(`${vector.payload} `)).not.toBe(vector.expect);
  }
});

describe('a key that cannot sign', () => {
  const rsa = generateKeyPairSync('rsa', {
    modulusLength: 1_024,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  it.each([
    ['no PEM', 'not a key at all'],
    ['another algorithm', rsa.privateKey],
  ])('is refused and not repeated: %s', (_what, pem) => {
    let text = '';
    try {
      createSign({ algorithm: 'ed25519', pem }, 'hex');
    } catch (error) {
      expect(error).toBeInstanceOf(SigningKeyFault);
      text = (error as Error).message;
    }
    expect(text).toContain('privateKeyPem');
    for (const line of pem.split('\n').filter((part) => part.length > 8)) expect(text).not.toContain(line);
  });

  it('includes an empty secret', () => expect(() => createSign({ algorithm: 'hmac-sha256', text: '' }, 'hex')).toThrow(SigningKeyFault));
});
