/**
 * The one HTTP listener: its limits, its guards and its errors. Routes come as plugins (MetaTrader, interfaces,
 * console); every one of them is behind the same frontier (far end, Host, Origin) and the same rate limit. Each
 * response is one write. Must not know what the routes do.
 */
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { isIP, type AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyPluginAsync, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Clock } from '../../runtime/ports.ts';
import type { Log } from '../log.ts';
import { createPeerBudgets, type Rate } from './budgets.ts';
import { createFrontier, ExposureFault, plainAddress, refuseExposure, type Frontier, type ListenerConfig } from './exposure.ts';
import { portHolder } from './portHolder.ts';
import { HttpRefusal, refusalBody, refusalOf } from './refusal.ts';

export const MAX_BODY_BYTES = 64 * 1024;
export const MAX_HEADER_BYTES = 16 * 1024;
export const MAX_CONNECTIONS = 256;
export const HEADERS_TIMEOUT_MS = 10_000;
export const REQUEST_TIMEOUT_MS = 15_000;
/** Longer than an EA's back-off, so that its connection survives quiet markets. */
export const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** Stalled requests are looked for this often. */
const CONNECTIONS_CHECK_MS = 1_000;
/** Everything but MetaTrader, a peer; loading the console takes some twenty requests at once. */
export const REQUEST_RATE: Rate = { perSecond: 50, burst: 250 };
const MAX_URL_PARAM_LENGTH = 256;

/** The port cannot be had; the message names it and who has it. */
export class PortFault extends Error {
  readonly port: number;
  constructor(port: number, message: string) {
    super(message);
    this.name = 'PortFault';
    this.port = port;
  }
}

export interface ListenerParts {
  readonly config: ListenerConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly password: string;
  /** Brings guards of its own and is spared the general rate limit. */
  readonly metatrader: FastifyPluginAsync;
  readonly routes: readonly FastifyPluginAsync[];
  readonly requestRate?: Rate;
}

export interface Listener {
  readonly server: FastifyInstance;
  readonly port: number;
  /** Where this machine reaches it, for example `http://127.0.0.1:8787`. */
  readonly url: string;
  readonly frontier: Frontier;
  /** For the owner of upgrades: same guards as requests. */
  readonly node: Server;
  close(): Promise<void>;
}

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  // Not `no-referrer`: with it browsers send `Origin: null` on our own forms.
  'referrer-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), payment=()',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cache-control': 'no-store',
};

const readTls = (field: 'certFile' | 'keyFile', file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ExposureFault(`listener.tls.${field}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
};

const createServer = ({ config }: ListenerParts): FastifyInstance => {
  const shared = {
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    forceCloseConnections: true,
    // 404 for what a handler could not be found for, whatever the shape of the URL.
    routerOptions: { maxParamLength: MAX_URL_PARAM_LENGTH },
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    http: { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: CONNECTIONS_CHECK_MS },
  } as const;
  if (config.tls === null) return Fastify(shared);
  const { certFile, keyFile } = config.tls;
  const tls = { cert: readTls('certFile', certFile), key: readTls('keyFile', keyFile), minVersion: 'TLSv1.2' as const };
  return Fastify({ ...shared, https: { ...shared.http, ...tls } });
};

/** Refused before any route or body is looked at. */
const guard = (request: FastifyRequest, frontier: Frontier): void => {
  // An absolute target would name a host of its own beside the Host header.
  if (!request.raw.url?.startsWith('/')) throw new HttpRefusal(400, 'bad-target', null, 'the request target must be a path');
  if (!frontier.admitsPeer(request.socket.remoteAddress)) throw new HttpRefusal(403, 'peer', null, 'this far end is not admitted');
  if (!frontier.admitsHost(request.headers.host)) throw new HttpRefusal(403, 'host', 'Host', 'this Host is not ours');
  if (request.headers.origin !== undefined && !frontier.admitsOrigin(request.headers.origin))
    throw new HttpRefusal(403, 'origin', 'Origin', 'requests of other sites are refused');
  const site = request.headers['sec-fetch-site'];
  if (request.method !== 'GET' && site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new HttpRefusal(403, 'origin', 'Sec-Fetch-Site', 'requests of other sites are refused');
};

const sendError = (error: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply => {
  const refusal = refusalOf(error, MAX_BODY_BYTES);
  if (refusal === null)
    log.error('a request failed', { method: request.method, route: request.routeOptions.url, fault: (error as Error).message });
  const said = refusal ?? new HttpRefusal(500, 'fault', null, 'the engine failed to answer; its log says why');
  if (said.status === 429) void reply.header('retry-after', '1');
  return reply.code(said.status).type('application/json; charset=utf-8').send(refusalBody(said));
};

/** What Node refuses before Fastify sees a request: broken syntax, endless headers, stalled connections. */
const answerBrokenRequests = (server: FastifyInstance): void => {
  server.server.removeAllListeners('clientError');
  server.server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const { status, reason, code } =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? { status: 431, reason: 'Request Header Fields Too Large', code: 'headers-too-large' }
        : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? { status: 408, reason: 'Request Timeout', code: 'too-slow' }
          : { status: 400, reason: 'Bad Request', code: 'bad-request' };
    const body = refusalBody({ code, field: null, message: reason.toLowerCase() });
    socket.end(
      `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    return undefined;
  });
};

const listen = async (server: FastifyInstance, { host, port }: ListenerConfig): Promise<number> => {
  try {
    await server.listen({ host, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      const holder = await portHolder(port);
      throw new PortFault(port, `port ${port} of ${host} is taken${holder === null ? '' : ` by ${holder}`}; end it or choose another port`);
    }
    if (code === 'EACCES') throw new PortFault(port, `port ${port} of ${host} needs rights this user has not; choose one above 1023`);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') throw new PortFault(port, `${host} is no address of this machine`);
    throw new PortFault(port, `port ${port} of ${host} cannot be opened: ${message}`);
  }
  return (server.server.address() as AddressInfo).port;
};

/** Opens the listener. @throws ExposureFault, PortFault */
export const openListener = async (parts: ListenerParts): Promise<Listener> => {
  const { config, clock, log } = parts;
  refuseExposure(config, parts.password);
  const server = createServer(parts);
  server.server.maxConnections = MAX_CONNECTIONS;
  answerBrokenRequests(server);
  const budgets = createPeerBudgets(parts.requestRate ?? REQUEST_RATE, clock);
  // With port 0 the rules are known only once we listen; until then nobody can ask.
  let frontier = createFrontier(config, config.port);

  const admit = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    void reply.headers(SECURITY_HEADERS);
    if (config.tls !== null) void reply.header('strict-transport-security', 'max-age=31536000');
    guard(request, frontier);
    if (!budgets.take(plainAddress(request.ip))) throw new HttpRefusal(429, 'too-many', null, 'too many requests: slow down');
  };
  server.setErrorHandler((error, request, reply) => sendError(error, request, reply, log));
  server.setNotFoundHandler(async (request, reply) => {
    await admit(request, reply);
    throw new HttpRefusal(404, 'not-found', null, 'there is nothing at this path');
  });
  await server.register(parts.metatrader);
  // A scope of its own: hooks of the root would also meet MetaTrader, whose replies stay lean and unlimited by others.
  await server.register(async (inner) => {
    inner.addHook('onRequest', admit);
    for (const routes of parts.routes) await inner.register(routes);
  });

  try {
    const port = await listen(server, config);
    frontier = createFrontier(config, port);
    const reachable = config.host === '0.0.0.0' ? '127.0.0.1' : config.host === '::' ? '::1' : config.host;
    const url = `${config.tls === null ? 'http' : 'https'}://${isIP(reachable) === 6 ? `[${reachable}]` : reachable}:${port}`;
    return { server, port, url, frontier, node: server.server, close: () => server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
};
