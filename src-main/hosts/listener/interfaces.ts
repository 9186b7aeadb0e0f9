/**
 * The interfaces for programs: `/healthz`, `/readyz`, `/metrics`, `/api/dashboard`, and the two state changes
 * `POST /api/pause` and `/api/kill`. Reads need the operator's password (Basic Auth) or session; a state change
 * also needs a header that no form can send. Owns no rule of trading: commands go to the engine and are answered
 * after their commit.
 */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { MAX_REASON_LENGTH } from '../../../src-shared/contract/contract.ts';
import type { ConsoleTables } from '../../../src-shared/domain/view.ts';
import type { OperatorCommand } from '../../core/events.ts';
import type { CommandOutcome } from '../../runtime/commands.ts';
import type { Readiness } from '../readiness.ts';
import { isLoopbackAddress, plainAddress } from './exposure.ts';
import { HttpRefusal } from './refusal.ts';
import type { SignIn } from './signIn.ts';

export const COMMAND_HEADER = 'x-quant-arb';

export interface InterfaceParts {
  readonly signIn: SignIn;
  dashboard(): ConsoleTables;
  readiness(): Readiness;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  command(command: OperatorCommand): Promise<CommandOutcome>;
}

const commandBody = z
  .strictObject({
    reason: z.string().trim().max(MAX_REASON_LENGTH).default(''),
    requestId: z
      .string()
      .regex(/^[A-Za-z0-9]{8,32}$/, '8 to 32 letters and digits')
      .optional(),
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
      requireOperator(request, reply, signIn);
      return reply.type(parts.metrics.contentType).send(await parts.metrics.text());
    });
    server.get('/api/dashboard', async (request, reply) => {
      requireOperator(request, reply, signIn);
      return reply.send(parts.dashboard());
    });
    takeOptionalJson(server);
    // Before the body is read: a stranger's bytes are not worth parsing.
    const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      requireOperator(request, reply, signIn);
      if (request.headers[COMMAND_HEADER] !== '1')
        throw new HttpRefusal(403, 'command-header', 'X-Quant-Arb', 'state changes need the header X-Quant-Arb: 1');
    };
    for (const kind of ['pause', 'kill'] as const)
      server.post(`/api/${kind}`, { onRequest }, async (request, reply) => {
        const { reason, requestId } = readBody(request);
        const by = `operator at ${peerOf(request)}`;
        const id = requestId ?? randomUUID().replaceAll('-', '');
        return sendOutcome(reply, await parts.command({ kind, requestId: id, reason, source: 'http', by }));
      });
  };
