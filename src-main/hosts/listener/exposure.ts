/**
 * Who may reach the listener at all: what may be bound, which far ends are taken, and which Host and Origin a
 * request may carry. Pure decisions, no sockets. DNS rebinding ends here: a page of another site that resolves to
 * us still carries its own name in Host and Origin.
 */
import { BlockList, isIP } from 'node:net';
import { LOOPBACK_HOSTS, type Config } from '../../../src-shared/config/schema.ts';
import { passwordWeakness } from '../../adapters/secrets/secrets.ts';

export type ListenerConfig = Config['listener'];

/** The configured address must not be opened; the message says what would make it acceptable. */
export class ExposureFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExposureFault';
  }
}

/** `::ffff:127.0.0.1` is how a dual-stack socket spells `127.0.0.1`. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');

export const isLoopbackAddress = (address: string | undefined): boolean => {
  if (address === undefined) return false;
  const plain = plainAddress(address);
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
};

const proxyList = (proxies: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const proxy of proxies) {
    const [address = '', prefix] = proxy.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const bits = prefix === undefined ? null : Number(prefix);
    if (isIP(address) === 0 || (bits !== null && !(Number.isInteger(bits) && bits >= 1 && bits <= (family === 'ipv6' ? 128 : 32))))
      throw new ExposureFault(`listener.trustedProxies: "${proxy}" is neither an IP address nor a network such as 10.0.0.0/8`);
    if (bits === null) list.addAddress(address, family);
    else list.addSubnet(address, bits, family);
  }
  return list;
};

const isListed = (list: BlockList, address: string): boolean => {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
};

/** @throws ExposureFault unless the address is loopback, or guarded by TLS or a proxy and a strong password */
export const refuseExposure = (listener: ListenerConfig, password: string): void => {
  proxyList(listener.trustedProxies);
  if (LOOPBACK_HOSTS.includes(listener.host)) return;
  if (listener.tls === null && listener.trustedProxies.length === 0)
    throw new ExposureFault(
      `listener.host: ${listener.host} is reachable from other machines; set listener.tls or listener.trustedProxies, or use 127.0.0.1`,
    );
  const weakness = passwordWeakness(password);
  if (weakness !== null)
    throw new ExposureFault(
      `listener.host: ${listener.host} is reachable from other machines, and the password in secrets.json is ${weakness}`,
    );
};

export interface Frontier {
  /** Whether this far end may talk to us at all. */
  admitsPeer(address: string | undefined): boolean;
  admitsHost(host: string | undefined): boolean;
  admitsOrigin(origin: string | undefined): boolean;
}

const bracketed = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host);

/** The rules once the port is known. */
export const createFrontier = (listener: ListenerConfig, port: number): Frontier => {
  const proxies = proxyList(listener.trustedProxies);
  const scheme = listener.tls === null ? 'http' : 'https';
  const loopback = LOOPBACK_HOSTS.includes(listener.host);
  const unspecified = listener.host === '0.0.0.0' || listener.host === '::';
  const names = [...LOOPBACK_HOSTS, ...(loopback || unspecified ? [] : [listener.host])].map(bracketed);
  const defaultPort = scheme === 'http' ? 80 : 443;
  const own = names.flatMap((name) => (port === defaultPort ? [name, `${name}:${port}`] : [`${name}:${port}`]));
  const published = listener.publicOrigins.map((origin) => new URL(origin));
  const hosts = new Set([...own, ...published.map((url) => url.host)]);
  const origins = new Set([...own.map((host) => `${scheme}://${host}`), ...published.map((url) => url.origin)]);
  return {
    admitsPeer: (address) =>
      isLoopbackAddress(address) || (!loopback && (listener.tls !== null || isListed(proxies, plainAddress(address ?? '')))),
    admitsHost: (host) => host !== undefined && hosts.has(host.toLowerCase()),
    admitsOrigin: (origin) => origin !== undefined && origins.has(origin.toLowerCase()),
  };
};
