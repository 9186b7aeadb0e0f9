/**
 * The MetaTrader side of the HTTP listener: `POST /mt5/{hello,snapshot,tick,poll,ack,fill}` as one Fastify plugin.
 * Owns who may speak (loopback, no browser, bearer token, rates), finds the venue a request belongs to, takes each number once
 * and writes the signed reply. Must not decide anything about trading; `announceMode` is told by the engine.
 */
import { createHash, createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { MetatraderVenueConfig } from '../../../src-shared/config/schema.ts';
import { US_PER_S } from '../../../src-shared/domain/units.ts';
import type { Clock, Inlets } from '../../runtime/ports.ts';
import { MetatraderLink, type LinkFigures, type MetatraderInstrument, type Note } from './link.ts';
import type { EpochStore } from './session.ts';
import type { CommandDesk, DeskReply } from './commandDesk.ts';
import { parseWire, WireRefusal } from './fieldsWire.ts';
import { helloSchema, quotesHelloSchema, type QuotesHello } from './helloWire.ts';
import type { HelloReply, ReplyEnvelope, ReplyMode } from './replyWire.ts';
import { ackRequestSchema, fillRequestSchema, snapshotRequestSchema } from './tradeWire.ts';
import {
  bareTickSchema,
  MAX_BODY_BYTES,
  POLL_MS,
  pollRequestSchema,
  PROTOCOL_VERSION,
  quotesPollSchema,
  readBody,
  requireVersion,
  tickRequestSchema,
} from './wire.ts';

/** An EA polls every 20 ms and posts ticks besides: some hundred a second. */
export const MAX_REQUESTS_PER_SECOND = 1_000;
/** Each hello costs a write to disk. */
export const MAX_HELLOS_PER_MINUTE = 30;
/** Wrong tokens answered with 401 before they are answered with 429. */
export const MAX_WRONG_TOKENS_PER_SECOND = 5;
/** Faults of ours that are noted at once; afterwards one in ten seconds. */
export const MAX_NOTES_AT_ONCE = 3;
/** How often silence is looked at. */
export const WATCH_INTERVAL_MS = 250;
const FORWARDED_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'] as const;
const LOOPBACK = /^(::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/;

export interface MetatraderListenerParts {
  readonly venues: readonly MetatraderVenueConfig[];
  readonly instruments: readonly MetatraderInstrument[];
  readonly inlets: Inlets;
  readonly clock: Clock;
  readonly epochs: EpochStore;
  /** The EA's bearer token, and the key (another one) that signs our replies. */
  readonly token: string;
  readonly key: string;
  /** Unguessable, at most 64 characters. */
  readonly randomId: () => string;
  readonly note: Note;
  /** By venue; a venue without one takes quotes only. */
  readonly desks?: ReadonlyMap<string, CommandDesk>;
  readonly maxRequestsPerSecond?: number;
}

export interface MetatraderListener {
  /** Register under any Fastify instance; it brings its own body parser and error answers. */
  plugin(server: FastifyInstance): Promise<void>;
  announceMode(mode: ReplyMode): void;
  figures(): Readonly<Record<string, LinkFigures>>;
  /** Looks for silence; done by a timer between `start` and `stop`. */
  watch(): void;
  start(): void;
  stop(): void;
}

/** Counts down a budget that refills evenly. */
const createBudget = (perSecond: number, burst: number, clock: Clock): (() => boolean) => {
  let left = burst;
  let atUs = clock.monoUs();
  return () => {
    const nowUs = clock.monoUs();
    left = Math.min(burst, left + ((nowUs - atUs) / US_PER_S) * perSecond);
    atUs = nowUs;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
};

/** Takes as long for a wrong text as for a right one of its length; the length itself is no secret. */
const isSame = (given: string, expected: Buffer): boolean => {
  const bytes = Buffer.from(given);
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
};

/** @throws WireRefusal unless the request comes from a program on this machine, not from a browser or through a proxy */
const requireLocalProgram = (request: FastifyRequest): void => {
  const { socket } = request.raw;
  if (!LOOPBACK.test(socket.remoteAddress ?? ''))
    throw new WireRefusal(403, 'not-loopback', null, 'only programs on this machine may post here');
  for (const name of FORWARDED_HEADERS)
    if (request.headers[name] !== undefined) throw new WireRefusal(403, 'forwarded', name, 'forwarded requests are refused');
  if (request.headers.origin !== undefined) throw new WireRefusal(403, 'origin', 'Origin', 'requests of web pages are refused');
  const expected = `127.0.0.1:${socket.localPort}`;
  if (request.headers.host !== expected) throw new WireRefusal(403, 'host', 'Host', `the Host header must be ${expected}`);
};

type Body = Readonly<Record<string, unknown>>;
type Reading = Parameters<typeof readBody>[1];

/** Given as `again` where no command may be leased. */
const NO_COMMAND = '';
const NOTHING_TOLD: DeskReply = { command: null, more: false, snapshotRequest: 0, dealsSinceMsc: 0 };

/** ` field: message` */
const told = ({ field, message }: WireRefusal): string => `${field === null ? '' : ` ${field}`}: ${message}`;

/** A trading message by its content: two that differ are never taken for one another. */
const markOf = (path: string, request: { readonly session: string }): string => {
  const { mono_ms: _aged, gates: _told, ...said } = request as unknown as Body;
  return `${path}:${createHash('sha256').update(JSON.stringify(said)).digest('base64')}`;
};

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly signature: string | null;
}

class Listener implements MetatraderListener {
  readonly #parts: MetatraderListenerParts;
  readonly #links: readonly MetatraderLink[];
  readonly #authorization: Buffer;
  readonly #key: KeyObject;
  readonly #mayRequest: () => boolean;
  readonly #mayHello: () => boolean;
  readonly #mayFail: () => boolean;
  readonly #mayNote: () => boolean;
  #mode: ReplyMode = 'normal';
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: MetatraderListenerParts) {
    this.#parts = parts;
    this.#authorization = Buffer.from(`Bearer ${parts.token}`);
    this.#key = createSecretKey(parts.key, 'utf8');
    const rate = parts.maxRequestsPerSecond ?? MAX_REQUESTS_PER_SECOND;
    this.#mayRequest = createBudget(rate, 2 * rate, parts.clock);
    this.#mayHello = createBudget(MAX_HELLOS_PER_MINUTE / 60, MAX_HELLOS_PER_MINUTE, parts.clock);
    this.#mayFail = createBudget(MAX_WRONG_TOKENS_PER_SECOND, 2 * MAX_WRONG_TOKENS_PER_SECOND, parts.clock);
    this.#mayNote = createBudget(1 / 10, MAX_NOTES_AT_ONCE, parts.clock);
    this.#links = parts.venues.map(
      (venue) =>
        new MetatraderLink({
          ...parts,
          venue,
          instruments: parts.instruments.filter((each) => each.settings.venueId === venue.id),
          desk: parts.desks?.get(venue.id) ?? null,
        }),
    );
  }

  announceMode(mode: ReplyMode): void {
    this.#mode = mode;
    for (const link of this.#links) link.announceMode(mode);
  }

  figures(): Readonly<Record<string, LinkFigures>> {
    return Object.fromEntries(this.#links.map((link) => [link.venue.id, { ...link.figures() }]));
  }

  start(): void {
    for (const link of this.#links) link.start();
    this.#timer ??= setInterval(() => this.watch(), WATCH_INTERVAL_MS);
    this.#timer.unref();
  }

  watch(): void {
    for (const link of this.#links)
      try {
        link.watch();
      } catch (error) {
        // A disk that does not write: the desk has changed nothing and tries again with the next turn.
        if (this.#mayNote()) this.#parts.note('warn', `the watch over ${link.venue.label} failed: ${(error as Error).message}`);
      }
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  async plugin(server: FastifyInstance): Promise<void> {
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    // Before the body is read: a stranger's bytes are not worth parsing.
    server.addHook('onRequest', async (request) => this.#authorize(request));
    server.setErrorHandler((error, _request, reply) => this.#sendError(error, reply));
    const paths: Readonly<Record<string, readonly [Reading, (body: Body) => Answer]>> = {
      hello: ['tolerant', (body) => this.#hello(body)],
      tick: ['tolerant', (body) => this.#tick(body)],
      poll: ['tolerant', (body) => this.#poll(body)],
      snapshot: ['strict', (body) => this.#snapshot(body)],
      ack: ['strict', (body) => this.#ack(body)],
      fill: ['strict', (body) => this.#fill(body)],
    };
    for (const [path, [reading, take]] of Object.entries(paths))
      server.post(`/mt5/${path}`, (request, reply) => this.#answer(request, reply, (bytes) => take(readBody(bytes, reading))));
  }

  #authorize(request: FastifyRequest): void {
    requireLocalProgram(request);
    // Strangers have a small budget of their own: guessing must not starve the EA.
    if (!isSame(request.headers.authorization ?? '', this.#authorization))
      throw this.#mayFail()
        ? new WireRefusal(401, 'token', 'Authorization', 'the bearer token is missing or wrong')
        : new WireRefusal(429, 'too-many', 'Authorization', 'too many wrong tokens');
    if (!this.#mayRequest()) throw new WireRefusal(429, 'too-many', null, 'more requests than one EA needs: slow down');
  }

  #answer(request: FastifyRequest, reply: FastifyReply, take: (bytes: Buffer) => Answer): FastifyReply {
    if (!Buffer.isBuffer(request.body)) throw new WireRefusal(400, 'no-body', null, 'a JSON body is needed');
    const answer = take(request.body);
    void reply.code(answer.status).header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-store');
    if (answer.signature !== null) void reply.header('x-hc-sig', answer.signature);
    return reply.send(answer.body);
  }

  /** Never echoes the body or the token; counts against the only venue there is, else against none. */
  #sendError(error: unknown, reply: FastifyReply): FastifyReply {
    const refusal = this.#refusalOf(error);
    if (refusal.status < 500 && refusal.status !== 401 && refusal.status !== 403 && this.#links.length === 1)
      this.#links[0]?.refused(`${refusal.status} ${refusal.code}${told(refusal)}`);
    if (refusal.status === 429) void reply.header('retry-after', '1');
    return reply
      .code(refusal.status)
      .header('content-type', 'application/json; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(JSON.stringify({ error: { code: refusal.code, field: refusal.field, message: refusal.message } }));
  }

  #refusalOf(error: unknown): WireRefusal {
    if (error instanceof WireRefusal) return error;
    const { statusCode, code } = error as { statusCode?: number; code?: string };
    if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new WireRefusal(413, 'body-too-large', null, `at most ${MAX_BODY_BYTES} bytes`);
    if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new WireRefusal(415, 'content-type', 'Content-Type', 'send application/json');
    if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
      return new WireRefusal(statusCode, 'bad-request', null, 'the request is malformed');
    // An EA asks fifty times a second: a lasting fault must not fill the log.
    if (this.#mayNote()) this.#parts.note('warn', `a MetaTrader request failed: ${error instanceof Error ? error.message : String(error)}`);
    return new WireRefusal(503, 'unavailable', null, 'the engine could not take this request; try again');
  }

  #envelope(link: MetatraderLink | null, epoch: number, seq: number, again: string | null): ReplyEnvelope {
    const told = link?.desk?.reply(again) ?? NOTHING_TOLD;
    if (again === null && told.command !== null) link?.fence.carried(seq, told.command.command_id);
    return {
      v: PROTOCOL_VERSION,
      epoch,
      ack_seq: String(seq),
      now_utc_ms: String(Math.trunc(this.#parts.clock.unixMs())),
      poll_ms: POLL_MS,
      mode: this.#mode,
      snapshot_request: told.snapshotRequest,
      deals_since_msc: String(told.dealsSinceMsc),
      more: told.more,
      command: told.command,
    };
  }

  /** HMAC-SHA256 over `session|seq|body`: another program on our port cannot make one. */
  #signed(session: string, seq: number, reply: ReplyEnvelope): Answer & { readonly signature: string } {
    const body = JSON.stringify(reply);
    const signature = createHmac('sha256', this.#key).update(`${session}|${seq}|${body}`).digest('hex');
    return { status: 200, body, signature };
  }

  #hello(body: Body): Answer {
    let link: MetatraderLink | null = this.#links.length === 1 ? (this.#links[0] ?? null) : null;
    try {
      requireVersion(body);
      const hello = parseWire(quotesHelloSchema, body);
      link = this.#linkFor(hello);
      const full = link.desk === null ? null : parseWire(helloSchema, body);
      if (!this.#mayHello()) throw new WireRefusal(429, 'too-many', null, 'too many hellos: are two EAs fighting?');
      const { session, trading, why } = link.hello(hello, full);
      const envelope = this.#envelope(link, session.epoch, hello.seq, NO_COMMAND);
      const reply: HelloReply = { ...envelope, session: session.id, wanted: link.wanted(), trading, why };
      return this.#signed(session.id, hello.seq, reply);
    } catch (error) {
      if (error instanceof WireRefusal && error.status !== 429)
        link?.refusedHello(error.code, error.status === 412 ? error.message : `${error.field ?? 'body'}: ${error.message}`);
      throw error;
    }
  }

  /** The venue whose account this is; an exact claim beats "any". @throws WireRefusal 412 with both figures */
  #linkFor(hello: QuotesHello): MetatraderLink {
    const claims = (link: MetatraderLink) => (link.venue.login === null ? 0 : 1) + (link.venue.server === null ? 0 : 1);
    const fits = this.#links.filter(
      ({ venue }) => (venue.login === null || venue.login === hello.login) && (venue.server === null || venue.server === hello.server),
    );
    const best = Math.max(-1, ...fits.map(claims));
    const [link, ...others] = fits.filter((each) => claims(each) === best);
    if (link === undefined) {
      const wanted = this.#links.map(({ venue }) => `${venue.login ?? 'any'} at ${venue.server ?? 'any server'}`).join(' or ');
      throw new WireRefusal(
        412,
        'account',
        'login',
        `this is account ${hello.login} at ${hello.server}; configured is ${wanted || 'none'}`,
      );
    }
    if (others.length > 0)
      throw new WireRefusal(
        412,
        'account',
        'login',
        `account ${hello.login} fits several venues: set login and server in the configuration`,
      );
    return link;
  }

  #tick(body: Body): Answer {
    const arrivedMonoUs = this.#parts.clock.monoUs();
    if (body['session'] === undefined && body['v'] === undefined && body['ticks'] === undefined) return this.#bareTick(body, arrivedMonoUs);
    const link = this.#linkOf(body);
    const request = parseWire(tickRequestSchema, body);
    return this.#inSession(link, request, 'tick', (speaker, missed) => speaker.ticks(request, missed, arrivedMonoUs));
  }

  #poll(body: Body): Answer {
    const link = this.#linkOf(body);
    const full = link?.desk ? parseWire(pollRequestSchema, body) : null;
    const request = full ?? parseWire(quotesPollSchema, body);
    return this.#inSession(link, request, 'poll', (speaker, missed) => speaker.poll(request, full, missed));
  }

  #ack(body: Body): Answer {
    const link = this.#linkOf(body);
    const request = parseWire(ackRequestSchema, body);
    return this.#inSession(link, request, markOf('ack', request), (speaker, missed) => speaker.ack(request, missed));
  }

  #fill(body: Body): Answer {
    const link = this.#linkOf(body);
    const request = parseWire(fillRequestSchema, body);
    return this.#inSession(link, request, markOf('fill', request), (speaker, missed) => speaker.fill(request, missed));
  }

  #snapshot(body: Body): Answer {
    const link = this.#linkOf(body);
    const request = parseWire(snapshotRequestSchema, body);
    return this.#inSession(link, request, markOf('snapshot', request), (speaker, missed) => speaker.snapshot(request, missed));
  }

  /** Whose session it claims to be; null = nobody's. @throws WireRefusal for another protocol version */
  #linkOf(body: Body): MetatraderLink | null {
    requireVersion(body);
    return this.#links.find((each) => each.fence.current()?.id === body['session']) ?? null;
  }

  /**
   * Takes a request once: what it says is applied (and on disk where it must be) before its answer is made. A fault while the
   * answer is made leaves it applied: the repeat is answered, and carries no command.
   */
  #inSession(
    claimed: MetatraderLink | null,
    request: { readonly session: string; readonly epoch: number; readonly seq: number },
    mark: string,
    apply: (link: MetatraderLink, missed: number) => void,
  ): Answer {
    const { session, epoch, seq } = request;
    const link = claimed ?? this.#fencedLink(session, epoch);
    const admission = link.fence.admit(session, epoch, seq, mark);
    if (admission.kind === 'new') {
      apply(link, admission.missed);
      link.fence.applied(seq, mark);
      return this.#signed(session, seq, this.#envelope(link, epoch, seq, null));
    }
    link.repeated();
    return this.#signed(session, seq, this.#envelope(link, epoch, seq, admission.kind === 'repeat' ? admission.command : NO_COMMAND));
  }

  /**
   * Nobody's session: the venue that gave it says why. One from before the engine started may be of any venue that has had its
   * epoch; where one of them still waits for its EA, it is taken for that one: "superseded" would stop an EA for good.
   */
  #fencedLink(session: string, epoch: number): MetatraderLink {
    const isLast = (each: MetatraderLink) => this.#parts.epochs.last(each.venue.id as never) === epoch;
    const link =
      this.#links.find(({ fence }) => fence.knows(session)) ??
      this.#links.find((each) => isLast(each) && each.fence.current() === null) ??
      this.#links.find(isLast) ??
      this.#links[0];
    if (link === undefined) throw new WireRefusal(412, 'account', 'session', 'no MetaTrader venue is configured');
    return link;
  }

  #bareTick(body: Body, arrivedMonoUs: number): Answer {
    const tick = parseWire(bareTickSchema, body);
    const link = this.#links.find((each) => each.knows(tick.symbol)) ?? this.#links[0];
    if (link === undefined) throw new WireRefusal(412, 'account', 'session', 'no MetaTrader venue is configured');
    link.bareTick(tick, arrivedMonoUs);
    return { status: 200, body: JSON.stringify(this.#envelope(null, 0, 0, NO_COMMAND)), signature: null };
  }
}

export const createMetatraderListener = (parts: MetatraderListenerParts): MetatraderListener => new Listener(parts);
