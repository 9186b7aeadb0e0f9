/** Payloads and signatures against the published vectors: what is built is exactly what is signed and sent. */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { VenueKey } from '../../../runtime/ports.ts';
import { BinanceAuth, queryOf, sortedPayloadOf } from './binanceAuth.ts';
import type { Params } from './binanceAuth.ts';
import { sharedDataPath } from './frames.testkit.ts';

interface Vector {
  readonly id: string;
  readonly secret?: string;
  readonly seed_hex?: string;
  readonly payload: string;
  readonly expect: string;
}
const path = sharedDataPath('vectors', 'signing_vectors.json');
const vectors = path === null ? [] : (JSON.parse(readFileSync(path, 'utf8')) as { vectors: Vector[] }).vectors;
const vector = (id: string): Vector => vectors.find((each) => each.id === id)!;

/** PKCS #8 around a bare Ed25519 seed. */
const pemOf = (seedHex: string): string =>
  createPrivateKey({ key: Buffer.from(`302e020100300506032b657004220420${seedHex}`, 'hex'), format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();

const keyOf = ({ secret, seed_hex }: Vector, apiKey: string): VenueKey => ({
  environment: 'simulated',
  apiKey,
  secret: secret === undefined ? { algorithm: 'ed25519', pem: pemOf(seed_hex!) } : { algorithm: 'hmac-sha256', text: secret },
  passphrase: null,
});
const paramsOf = (payload: string): Record<string, string> =>
  Object.fromEntries(payload.split('&').map((pair) => pair.split('=') as [string, string]));

describe('published vectors', () => {
  test.for(['bn-fapi-query', 'bn-spot-rest-ascii', 'bn-spot-rest-percent-encoded'])('REST: %s', (id, ctx) => {
    if (path === null) ctx.skip('no vectors here');
    const found = vector(id);
    const { timestamp, ...params } = paramsOf(found.payload);
    const decoded = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)]));
    const query = new BinanceAuth(keyOf(found, 'k')).restQuery(decoded, Number(timestamp));
    expect(query).toBe(`${found.payload}&signature=${found.expect}`);
  });

  test.for(['bn-spot-wsapi-ascii', 'bn-spot-wsapi-utf8', 'bn-wsfapi-official-connector'])('web-socket API: %s', (id, ctx) => {
    if (path === null) ctx.skip('no vectors here');
    const found = vector(id);
    const { timestamp, apiKey, ...params } = paramsOf(found.payload);
    const shuffled = Object.fromEntries(Object.entries(params).toReversed());
    const signed = new BinanceAuth(keyOf(found, apiKey!)).onSocket(shuffled, Number(timestamp));
    expect(signed).toEqual({ ...params, apiKey, timestamp: Number(timestamp), signature: found.expect });
  });

  test('Ed25519 logs on once, and signs nothing after', (ctx) => {
    if (path === null) ctx.skip('no vectors here');
    const logon = vector('bn-ed25519-logon');
    const auth = new BinanceAuth(keyOf(logon, 'k'));
    expect(auth.logsOn).toBe(true);
    expect(auth.signed({}, 1_795_353_396_785)).toEqual({ apiKey: 'k', timestamp: 1_795_353_396_785, signature: logon.expect });
    const order = vector('bn-ed25519-order');
    const { timestamp, apiKey: _k, ...params } = paramsOf(order.payload);
    expect(auth.signed(params, Number(timestamp))).toMatchObject({ signature: order.expect });
    expect(auth.onSocket(params, Number(timestamp))).toEqual({ ...params, timestamp: Number(timestamp) });
    expect(auth.restQuery(params, Number(timestamp))).toContain('%3D%3D');
  });
});

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const anyParams = fc.dictionary(fc.stringMatching(/^[a-zA-Z]{1,8}$/), fc.oneof(text, fc.integer()), { maxKeys: 8 });

test('a query decodes to what went in, and has nothing that a URL must not have', () => {
  fc.assert(
    fc.property(anyParams, (params) => {
      const query = queryOf(params);
      expect(query).toMatch(/^[\w.~!*'()%=&-]*$/);
      expect([...new URLSearchParams(query.replaceAll('+', '%2B'))]).toEqual(Object.entries(params).map(([k, v]) => [k, `${v}`]));
    }),
  );
});

test('the order of members changes nothing on the web-socket API; undefined members are not there', () => {
  fc.assert(
    fc.property(anyParams, (params: Params) => {
      const other = Object.fromEntries([...Object.entries(params), ['zz', undefined] as const].toReversed());
      expect(sortedPayloadOf(other)).toBe(sortedPayloadOf(params));
    }),
  );
});

test('a stamp is whole and never ahead of the measured clock', () => {
  const auth = new BinanceAuth({
    environment: 'simulated',
    apiKey: 'k',
    secret: { algorithm: 'hmac-sha256', text: 's' },
    passphrase: null,
  });
  expect(auth.onSocket({}, 1_000.9)).toMatchObject({ timestamp: 1_000 });
  expect(auth.headers).toEqual({ 'X-MBX-APIKEY': 'k' });
});
