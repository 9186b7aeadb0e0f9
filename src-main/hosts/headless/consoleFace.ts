/**
 * The console for browsers: sign-in, the built pages, and the web-socket. Everything but the sign-in page needs a
 * session. Must not hold rules of trading.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ConsoleFace, FaceParts } from '../compose.ts';
import { peerOf } from '../listener/interfaces.ts';
import { HttpRefusal } from '../listener/refusal.ts';
import { attachConsoleSockets, type ConsoleSockets } from './consoleSocket.ts';
import { SIGN_IN_CSP, signInPage, type SignInMessage } from './signInPage.ts';
import { loadStaticFiles, type StaticFile } from './staticFiles.ts';

/** Charts and dialogs place themselves with style attributes; scripts come from us alone. */
export const CONSOLE_CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');
const MAX_FORM_BYTES = 2_048;

const isSecure = (request: FastifyRequest): boolean => request.protocol === 'https';
const portOf = (request: FastifyRequest): number => request.socket.localPort ?? 0;

const sendSignIn = (reply: FastifyReply, status: number, message: SignInMessage): FastifyReply =>
  reply.code(status).type('text/html; charset=utf-8').header('content-security-policy', SIGN_IN_CSP).send(signInPage(message));

/** A form's own body, in which only the password counts. */
const passwordOf = (body: unknown): string => (typeof body === 'string' ? (new URLSearchParams(body).get('password') ?? '') : '');

const signInRoutes = (server: FastifyInstance, { signIn }: FaceParts, onSignOut: () => void): void => {
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: MAX_FORM_BYTES },
    (_request, body, done) => done(null, body),
  );
  const welcome = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    reply.header('set-cookie', signIn.cookie(portOf(request), isSecure(request))).redirect('/', 303);

  server.get('/signin', async (request, reply) => {
    const { once } = request.query as { readonly once?: unknown };
    if (once === undefined) return sendSignIn(reply, 200, 'none');
    const result = signIn.redeem(peerOf(request), typeof once === 'string' ? once : '');
    if (result === 'ok') return welcome(request, reply);
    return sendSignIn(reply, result === 'wrong' ? 401 : 429, result === 'wrong' ? 'link' : 'too-many');
  });
  server.post('/signin', async (request, reply) => {
    // Another site must not sign somebody in: browsers put an Origin on every form they post.
    if (request.headers.origin === undefined) throw new HttpRefusal(403, 'origin', 'Origin', 'the sign-in form comes from our own page');
    const result = signIn.password(peerOf(request), passwordOf(request.body));
    if (result === 'ok') return welcome(request, reply);
    return sendSignIn(reply, result === 'wrong' ? 401 : 429, result);
  });
  server.post('/signout', async (request, reply) => {
    if (signIn.sessionEnd(portOf(request), request.headers.cookie) === null || request.headers.origin === undefined)
      throw new HttpRefusal(401, 'sign-in', null, 'nobody is signed in');
    signIn.signOutEverybody();
    onSignOut();
    return reply.header('set-cookie', signIn.clearedCookie(portOf(request), isSecure(request))).redirect('/signin', 303);
  });
};

const sendFile = (request: FastifyRequest, reply: FastifyReply, file: StaticFile): FastifyReply => {
  void reply.header('etag', file.etag).header('cache-control', file.immutable ? 'private, max-age=31536000, immutable' : 'no-cache');
  // On a 304 too: its headers replace those of the page which the browser keeps.
  if (file.type.startsWith('text/html')) void reply.header('content-security-policy', CONSOLE_CSP);
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  return reply.type(file.type).send(file.bytes);
};

const pageRoutes = (server: FastifyInstance, { signIn }: FaceParts, files: ReadonlyMap<string, StaticFile>): void => {
  const signedIn = (request: FastifyRequest): boolean => signIn.sessionEnd(portOf(request), request.headers.cookie) !== null;
  server.get('/', async (request, reply) => {
    if (!signedIn(request)) return reply.redirect('/signin', 303);
    const index = files.get('/index.html');
    if (index === undefined) throw new HttpRefusal(503, 'not-built', null, 'the console has not been built: run npm run build');
    return sendFile(request, reply, index);
  });
  for (const [url, file] of files)
    server.get(url, async (request, reply) => {
      if (!signedIn(request)) throw new HttpRefusal(401, 'sign-in', null, 'sign in first');
      return sendFile(request, reply, file);
    });
};

/** @throws when the built console is beyond its limits */
export const createConsoleFace =
  (rendererDir: string) =>
  (parts: FaceParts): ConsoleFace => {
    const files = loadStaticFiles(rendererDir);
    let sockets: ConsoleSockets | null = null;
    return {
      async routes(server) {
        signInRoutes(server, parts, () => sockets?.recheck());
        pageRoutes(server, parts, files);
      },
      attach(listener, router) {
        sockets = attachConsoleSockets({ ...parts, listener, router });
      },
      consoles: () => sockets?.count ?? 0,
      async close() {
        await sockets?.close();
      },
    };
  };
