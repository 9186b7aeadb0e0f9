import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../src-shared/config/schema.ts';
import { testConfig } from '../app.testkit.ts';
import { createFrontier, ExposureFault, isLoopbackAddress, refuseExposure, type ListenerConfig } from './exposure.ts';

const STRONG = 'correct-horse-battery-9';
const listenerOf = (over: Partial<ListenerConfig>): ListenerConfig => ({ ...testConfig().listener, ...over });
const tls = { certFile: 'c', keyFile: 'k' };

describe('refuseExposure', () => {
  it.each(['127.0.0.1', '::1', 'localhost'])('lets %s be bound with any password', (host) => {
    expect(() => refuseExposure(listenerOf({ host }), 'weak')).not.toThrow();
  });

  it('refuses other addresses without TLS or a proxy, also where the schema was not asked', () => {
    expect(() => refuseExposure(listenerOf({ host: '0.0.0.0' }), STRONG)).toThrow(/reachable from other machines; set listener.tls/);
    expect(configSchema.safeParse({ ...testConfig(), listener: { host: '0.0.0.0' } }).success).toBe(false);
  });

  it.each([
    ['short1!', 'shorter than 16 characters'],
    ['aaaaaaaaaaaaaaaa1', 'fewer than 10 different characters'],
    ['abcdefghijklmnop', 'only one kind of character'],
  ])('refuses the weak password %s there', (password, why) => {
    expect(() => refuseExposure(listenerOf({ host: '0.0.0.0', tls }), password)).toThrow(why);
    expect(() => refuseExposure(listenerOf({ host: '10.0.0.5', trustedProxies: ['10.0.0.1'] }), password)).toThrow(ExposureFault);
  });

  it('lets them be bound with TLS or a proxy and a strong password', () => {
    expect(() => refuseExposure(listenerOf({ host: '0.0.0.0', tls }), STRONG)).not.toThrow();
    expect(() => refuseExposure(listenerOf({ host: '10.0.0.5', trustedProxies: ['10.0.0.0/8', '::1'] }), STRONG)).not.toThrow();
    expect(() => refuseExposure(listenerOf({ host: '0.0.0.0', tls }), 'abcdefghijklmnopqrstuvwx')).not.toThrow();
  });

  it.each(['proxy.example', '10.0.0.0/0', '10.0.0.0/33', '10.0.0.0/x', ''])('refuses the trusted proxy %j', (proxy) => {
    expect(() => refuseExposure(listenerOf({ trustedProxies: [proxy] }), STRONG)).toThrow(/listener.trustedProxies/);
  });
});

describe('createFrontier', () => {
  it('on loopback admits this machine and its own names only', () => {
    const frontier = createFrontier(listenerOf({}), 8_787);
    expect(['127.0.0.1', '::1', '::ffff:127.0.0.1', '127.1.2.3'].map((peer) => frontier.admitsPeer(peer))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(['10.0.0.1', '::ffff:10.0.0.1', '2001:db8::1', undefined].map((peer) => frontier.admitsPeer(peer))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(frontier.admitsHost('127.0.0.1:8787')).toBe(true);
    expect(
      [undefined, '', '127.0.0.1', '127.0.0.1:8788', 'arb.example.com', '0.0.0.0:8787'].map((host) => frontier.admitsHost(host)),
    ).not.toContain(true);
    expect(frontier.admitsOrigin('http://localhost:8787')).toBe(true);
    expect(
      [undefined, 'null', 'https://localhost:8787', 'http://localhost', 'http://localhost:8787/'].map((origin) =>
        frontier.admitsOrigin(origin),
      ),
    ).not.toContain(true);
  });

  it('behind a proxy admits the proxy and this machine, and the published name', () => {
    const frontier = createFrontier(
      listenerOf({ host: '10.0.0.5', trustedProxies: ['10.0.0.1', '192.168.0.0/16'], publicOrigins: ['https://arb.example.com'] }),
      8_787,
    );
    expect(['10.0.0.1', '192.168.7.7', '127.0.0.1'].map((peer) => frontier.admitsPeer(peer))).toEqual([true, true, true]);
    expect(['10.0.0.2', '8.8.8.8'].map((peer) => frontier.admitsPeer(peer))).toEqual([false, false]);
    expect(frontier.admitsHost('arb.example.com')).toBe(true);
    expect(frontier.admitsOrigin('https://arb.example.com')).toBe(true);
    expect(frontier.admitsOrigin('http://arb.example.com')).toBe(false);
  });

  it('with TLS admits anybody by the right name, without the port where it is the usual one', () => {
    const frontier = createFrontier(listenerOf({ host: '203.0.113.9', tls }), 443);
    expect(frontier.admitsPeer('198.51.100.1')).toBe(true);
    expect(['203.0.113.9', '203.0.113.9:443'].map((host) => frontier.admitsHost(host))).toEqual([true, true]);
    expect(frontier.admitsOrigin('https://203.0.113.9')).toBe(true);
    expect(frontier.admitsOrigin('http://203.0.113.9')).toBe(false);
  });
});

describe('isLoopbackAddress', () => {
  it('is not fooled by names that look like addresses', () => {
    expect(['127.0.0.1.evil.example', '::ffff:10.0.0.1', '0.0.0.0', '', undefined].map(isLoopbackAddress)).not.toContain(true);
  });
});
