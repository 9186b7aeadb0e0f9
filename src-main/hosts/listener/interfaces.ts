/**
 * The interfaces for programs: `/healthz`, `/readyz`, `/metrics`, `/api/dashboard`, `/api/status`, and the stops `POST
 * /api/pause`, `kill`, `flatten` and `hands-off`. Nothing here starts, arms, resets or resumes. Reads need the operator's password
 * (Basic Auth), session or the read token; a stop needs the kill token, which can do nothing else, or password or session
 * together with a header that no form can send. Owns no rule of trading: commands are answered after their commit.
 */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { MAX_REASON_LENGTH, stopScope } from '../../../src-shared/contract/contract.ts';
import type { ConsoleTables } from '../../../src-shared/domain/view.ts';
import { equalInConstantTime, type Secrets } from '../../adapters/secrets/secrets.ts';
import type { OperatorCommand } from '../../core/events.ts';
import type { CommandOutcome } from '../../runtime/commands.ts';
import type { Readiness } from '../readiness.ts';
import type { EngineStatus } from '../status.ts';
import { isLoopbackAddress, plainAddress } from './exposure.ts';
import { HttpRefusal } from './refusal.ts';
import type { SignIn } from './signIn.ts';

export const COMMAND_HEADER = 'x-quant-arb';
/** What may be stopped by HTTP, and that is all that can be done by it. */
export const HTTP_STOPS = ['pause', 'kill', 'flatten', 'hands-off'] as const;
const MAX_AUTHORIZATION_LENGTH = 1_024;

export interface InterfaceParts {
  readonly signIn: SignIn;
  readonly tokens: Pick<Secrets, 'killToken' | 'readToken'>;
  dashboard(): ConsoleTables;
  status(): EngineStatus;
  readiness(): Readiness;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  command(command: OperatorCommand): Promise<CommandOutcome>;
  unixMs(): number;
}

const commandBody = z
  .strictObject({
    reason: z.string().trim().max(MAX_REASON_LENGTH).default(''),
    requestId: z
      .string()
      .regex(/^[A-Za-z0-9]{8,32}$/, '8 to 32 letters and digits')
      .optional(),
    scope: stopScope,
    /** The command line says that it is one, and who typed; the journal keeps both beside the address. */
    source: z.enum(['http', 'cli']).default('http'),
    by: z
      .string()
      .regex(/^[\w.@ +\\-]{1,64}$/, 'up to 64 letters, digits and . @ + - \\')
      .optional(),
    notAfterUnixMs: z.number().optional(),
  })
  .prefault({});

export const peerOf = (request: FastifyRequest): string => plainAddress(request.ip);

/** @throws HttpRefusal 401 or 429 */
export const requireOperator = (request: FastifyRequest, reply: FastifyReply, signIn: SignIn): void => {
  if (signIn.sessionEnd(request.socket.localPort ?? 0, request.headers.cookie) !== null) return;
  const result = signIn.basic(peerOf(request), request.headers.authorization);
  if (result === 'ok') return;
  if (result === 'too-many') throw new HttpRefusal(429, 'too-many', 'Authorization', 'too many wrong passwords');
  void reply.header('www-authenticate', 'Basic realm="Quant Arb", charset="UTF-8"');
  throw new HttpRefusal(401, 'sign-in', 'Authorization', 'sign in, or send the operator password by Basic Auth');
};

/** A token of ours in `Authorization: Bearer`; 256 bits are not guessed, so nobody is locked out for trying. */
const bears = (request: FastifyRequest, token: string): boolean => {
  const header = request.headers.authorization ?? '';
  const match = header.length > MAX_AUTHORIZATION_LENGTH ? null : /^bearer ([\w-]+)$/i.exec(header);
  return match !== null && equalInConstantTime(match[1] as string, token);
};

/** @throws HttpRefusal 401 or 429 */
const requireReader = (request: FastifyRequest, reply: FastifyReply, { signIn, tokens }: InterfaceParts): void => {
  if (!bears(request, tokens.readToken)) requireOperator(request, reply, signIn);
};

/** Before the body is read: a stranger's bytes are not worth parsing. @throws HttpRefusal 401, 403 or 429 */
const requireStopper = (request: FastifyRequest, reply: FastifyReply, { signIn, tokens }: InterfaceParts): void => {
  // A page of another site cannot send this header without asking us first, and we answer no such question.
  if (bears(request, tokens.killToken)) return;
  requireOperator(request, reply, signIn);
  if (request.headers[COMMAND_HEADER] !== '1')
    throw new HttpRefusal(403, 'command-header', 'X-Quant-Arb', 'state changes need the header X-Quant-Arb: 1');
};

/** Without auth only programs on this machine learn the reasons; others learn yes or no. */
const maySeeReasons = (request: FastifyRequest, signIn: SignIn): boolean =>
  (isLoopbackAddress(request.socket.remoteAddress) && isLoopbackAddress(request.ip) && request.headers['x-forwarded-for'] === undefined) ||
  signIn.basic(peerOf(request), request.headers.authorization) === 'ok';

const readBody = (request: FastifyRequest): z.infer<typeof commandBody> => {
  const parsed = commandBody.safeParse(request.body ?? undefined);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys : (issue?.path ?? []);
  throw new HttpRefusal(400, 'bad-field', keys.length === 0 ? null : keys.map(String).join('.'), issue?.message ?? 'invalid');
};

/** An empty body is none, whatever its declared type: a kill must not fail over a header. */
const takeOptionalJson = (server: FastifyInstance): void => {
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    if (String(body).trim() === '') return done(null, undefined);
    try {
      return done(null, JSON.parse(String(body)));
    } catch {
      return done(new HttpRefusal(400, 'not-json', null, 'the body is not JSON'));
    }
  });
};

const sendOutcome = (reply: FastifyReply, outcome: CommandOutcome): FastifyReply => {
  switch (outcome.code) {
    case 'applied':
      return reply.send(outcome.receipt);
    case 'not-allowed':
      throw new HttpRefusal(409, 'not-allowed', null, outcome.conditions.join('; '));
    case 'ledger-fault':
      throw new HttpRefusal(503, 'ledger-fault', null, outcome.fault);
    case 'busy':
      throw new HttpRefusal(503, 'busy', null, outcome.why);
    default:
      throw new Error('an outcome beyond the four', { cause: outcome satisfies never });
  }
};

export const interfaceRoutes =
  (parts: InterfaceParts) =>
  async (server: FastifyInstance): Promise<void> => {
    const { signIn } = parts;
    server.get('/healthz', async (_request, reply) => reply.type('text/plain; charset=utf-8').send('ok\n'));
    server.get('/readyz', async (request, reply) => {
      const { ready, reasons } = parts.readiness();
      void reply.code(ready ? 200 : 503);
      return reply.send(maySeeReasons(request, signIn) ? { ready, reasons } : { ready });
    });
    server.get('/metrics', async (request, reply) => {
      requireReader(request, reply, parts);
      return reply.type(parts.metrics.contentType).send(await parts.metrics.text());
    });
    for (const [route, answer] of [
      ['/api/dashboard', () => parts.dashboard()],
      ['/api/status', () => parts.status()],
    ] as const)
      server.get(route, async (request, reply) => {
        requireReader(request, reply, parts);
        return reply.send(answer());
      });
    takeOptionalJson(server);
    const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => requireStopper(request, reply, parts);
    for (const kind of HTTP_STOPS)
      server.post(`/api/${kind}`, { onRequest }, async (request, reply) => {
        const { reason, requestId, scope, source, by, notAfterUnixMs } = readBody(request);
        const lateMs = parts.unixMs() - (notAfterUnixMs ?? Infinity);
        if (lateMs > 0) throw new HttpRefusal(409, 'not-allowed', 'notAfterUnixMs', `${Math.ceil(lateMs)} ms too late: ask again`);
        const who = by ?? (bears(request, parts.tokens.killToken) ? 'kill token' : 'operator');
        const id = requestId ?? randomUUID().replaceAll('-', '');
        return sendOutcome(reply, await parts.command({ kind, scope, requestId: id, reason, source, by: `${who} at ${peerOf(request)}` }));
      });
  };
