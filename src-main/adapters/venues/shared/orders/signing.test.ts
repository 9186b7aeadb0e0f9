import { createHmac, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { assert, constantFrom, oneof, property, string } from 'fast-check';
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

describe('an HMAC', () => {
  const sameAsNode = (secret: string, payload: string, encoding: 'hex' | 'base64'): void => {
    const signed = createSign({ algorithm: 'hmac-sha256', text: secret }, encoding)(payload);
    expect(signed).toBe(createHmac('sha256', secret).update(payload, 'utf8').digest(encoding));
  };
  const text = string({ unit: 'binary', maxLength: 300 });

  it('is the one that node makes, of any secret and payload', () => {
    const secret = oneof(string({ minLength: 1, maxLength: 70 }), string({ unit: 'binary', minLength: 1, maxLength: 140 }));
    assert(property(secret, text, constantFrom('hex', 'base64'), sameAsNode), { numRuns: 300 });
  });

  it.each([63, 64, 65])('whatever the length of the secret: %d bytes', (length) => sameAsNode('k'.repeat(length), 'a=1', 'hex'));

  it.each(['\u{7f}', '\u{80}', 'k\u{20ac}'])('and whatever it is made of: %j', (secret) => sameAsNode(secret, 'a=1', 'hex'));

  it('of a payload of any length', () => sameAsNode('secret', '\u{20ac}'.repeat(100_000), 'hex'));

  it('depends on nothing that was signed before', () => {
    const sign = createSign({ algorithm: 'hmac-sha256', text: 'secret' }, 'hex');
    const [long, short] = ['a'.repeat(1_000), 'b'];
    const alone = createSign({ algorithm: 'hmac-sha256', text: 'secret' }, 'hex')(short);
    sign(long);
    expect(sign(short)).toBe(alone);
  });
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
