/**
 * The `app://` scheme: serves the built console and nothing else. Only GET and HEAD of regular files with a known type
 * inside the given folder, symbolic links resolved first; every answer carries the content security policy. No request
 * reaches the network or another folder.
 */
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { CustomScheme, Protocol } from 'electron';

export const APP_SCHEME = 'app';
export const APP_HOST = 'console';
/** Where a window starts. */
export const CONSOLE_URL = `${APP_SCHEME}://${APP_HOST}/`;
/** Characters of a path; nothing we serve comes near it. */
export const MAX_PATH_CHARS = 512;

/** Must be registered before the application is ready. */
export const APP_PRIVILEGES: CustomScheme = {
  scheme: APP_SCHEME,
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
};

/**
 * Scripts, styles and connections of our own only. `style-src` admits inline styles because the chart library writes its
 * attribution's style element itself; a style can run nothing.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "frame-src 'none'",
  "object-src 'none'",
].join('; ');

const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

const MIME_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** Whether a URL is one of the console's own pages. */
export const isConsoleUrl = (url: string): boolean => {
  if (!URL.canParse(url)) return false;
  const { protocol, host, username, password } = new URL(url);
  return protocol === `${APP_SCHEME}:` && host === APP_HOST && username === '' && password === '';
};

const answer = (status: number, body: string | Uint8Array<ArrayBuffer> | null, type = 'text/plain; charset=utf-8'): Response =>
  new Response(body, { status, headers: { ...PAGE_HEADERS, 'content-type': type } });

/**
 * The file a URL names, relative to the served folder, or null where the path is malformed or points outside.
 * Judged on the decoded text, before any file is touched.
 */
export const servedPath = (url: string): string | null => {
  if (!isConsoleUrl(url)) return null;
  let decoded: string;
  try {
    decoded = decodeURIComponent(new URL(url).pathname);
  } catch {
    return null;
  }
  if (decoded.length > MAX_PATH_CHARS || /[\\\0:]/.test(decoded) || !decoded.startsWith('/')) return null;
  const segments = decoded.slice(1).split('/');
  if (segments.some((segment) => segment === '..' || segment === '.' || segment.startsWith('.'))) return null;
  if (segments.length === 1 && segments[0] === '') return 'index.html';
  return segments.includes('') ? null : segments.join('/');
};

const isInside = (folder: string, file: string): boolean => file.startsWith(folder + path.sep);

/** Answers requests for the built console from `folder`, an absolute path. */
export const serveConsole =
  (folder: string) =>
  async (request: Pick<Request, 'method' | 'url'>): Promise<Response> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'method not allowed');
    const relative = servedPath(request.url);
    if (relative === null) return answer(403, 'not a page of the console');
    const type = MIME_TYPES[path.extname(relative).toLowerCase()];
    if (type === undefined) return answer(404, 'no such page');
    try {
      const root = await realpath(folder);
      const file = await realpath(path.join(root, relative));
      if (!isInside(root, file)) return answer(403, 'not a page of the console');
      const body = new Uint8Array(await readFile(file));
      return answer(200, request.method === 'HEAD' ? null : body, type);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' ? answer(404, 'no such page') : answer(500, 'page unreadable');
    }
  };

/** Serves the console on a session's `app://`. */
export const registerAppProtocol = (protocol: Protocol, folder: string): void => {
  protocol.handle(APP_SCHEME, serveConsole(folder));
};
