import { createPublicKey, createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyOf } from './binance.testkit.ts';
import { isSigned, restPayload, socketPayload } from './gate.ts';

const FILE = join(import.meta.dirname, '../../../../../shared/data/vectors/signing_vectors.json');
interface Vector {
  readonly id: string;
  readonly alg: string;
  readonly secret?: string;
  readonly seed_hex?: string;
  readonly payload: string;
  readonly expect: string;
}
/** PKCS #8 of an Ed25519 seed. */
const PKCS8_PREFIX = '302e020100300506032b657004220420';

const proofOf = ({ secret, seed_hex }: Vector) => {
  if (secret !== undefined) return { algorithm: 'hmac-sha256', secret } as const;
  const der = Buffer.from(`${PKCS8_PREFIX}${seed_hex!}`, 'hex');
  const publicKey = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  return { algorithm: 'ed25519', publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }) as string } as const;
};

describe('signatures at the simulated Binance', () => {
  it('are those of every published vector, and of nothing beside it', (context) => {
    if (!existsSync(FILE)) context.skip('the vectors are not here');
    const { vectors } = JSON.parse(readFileSync(FILE, 'utf8')) as { vectors: Vector[] };
    const ours = vectors.filter((v) => v.id.startsWith('bn-'));
    expect(ours.length).toBeGreaterThanOrEqual(9);
    for (const v of ours) {
      const key = keyOf('x', { proof: proofOf(v) });
      expect([v.id, isSigned(key, v.payload, v.expect)]).toEqual([v.id, true]);
      expect([v.id, isSigned(key, `${v.payload}0`, v.expect)]).toEqual([v.id, false]);
      expect([v.id, isSigned(key, v.payload, '')]).toEqual([v.id, false]);
    }
  });

  it('cover query and body as sent, without themselves wherever they stand', () => {
    expect(restPayload('a=1&signature=zz', '')).toBe('a=1');
    expect(restPayload('signature=zz&a=%EF%BC%91', '')).toBe('a=%EF%BC%91');
    expect(restPayload('a=1', 'b=2&signature=zz')).toBe('a=1b=2');
    expect(restPayload('', 'a=1&signature=zz&b=2')).toBe('a=1&b=2');
  });

  it('cover the names of a web-socket call in order', () => {
    const values = new Map([
      ['timestamp', '1'],
      ['signature', 'zz'],
      ['apiKey', 'k'],
      ['price', '4000.10'],
    ]);
    expect(socketPayload(values)).toBe('apiKey=k&price=4000.10&timestamp=1');
  });
});
