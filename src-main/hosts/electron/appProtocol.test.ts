import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONSOLE_URL, CONTENT_SECURITY_POLICY, isConsoleUrl, MAX_PATH_CHARS, serveConsole, servedPath } from './appProtocol.ts';

let base: string;
let serve: (request: { method: string; url: string }) => Promise<Response>;

beforeAll(() => {
  base = mkdtempSync(path.join(tmpdir(), 'app-protocol-'));
  const root = path.join(base, 'renderer');
  mkdirSync(path.join(root, 'assets.js'), { recursive: true });
  mkdirSync(path.join(root, 'assets'));
  writeFileSync(path.join(root, 'index.html'), '<!doctype html><title>console</title>');
  writeFileSync(path.join(root, 'assets', 'main.js'), 'export {}');
  writeFileSync(path.join(root, 'assets', 'main.js.map'), '{}');
  writeFileSync(path.join(base, 'secret.json'), '{"token":"1"}');
  symlinkSync(path.join(base, 'secret.json'), path.join(root, 'leak.json'));
  symlinkSync(base, path.join(root, 'up'));
  serve = serveConsole(root);
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const get = (url: string): Promise<Response> => serve({ method: 'GET', url });

describe('serveConsole', () => {
  it('serves the page with its policy and type', async () => {
    const response = await get(CONSOLE_URL);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<title>console</title>');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('serves scripts, and HEAD without a body', async () => {
    expect((await get('app://console/assets/main.js?v=1#x')).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    const head = await serve({ method: 'HEAD', url: CONSOLE_URL });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it.each([
    ['app://console/../secret.json', 404],
    ['app://console/%2e%2e/secret.json', 404],
    ['app://console/..%2fsecret.json', 403],
    ['app://console/..%5csecret.json', 403],
    ['app://console/assets/..%2f..%2fsecret.json', 403],
    ['app://console/%00index.html', 403],
    ['app://console/%E0%A4%A', 403],
    ['app://console/c:/index.html', 403],
    ['app://console//index.html', 403],
    ['app://console/.env.json', 403],
    ['app://console/leak.json', 403],
    ['app://console/up/secret.json', 403],
    ['app://elsewhere/index.html', 403],
    ['app://user:pw@console/index.html', 403],
    ['https://console/index.html', 403],
    ['app://console/assets/main.js.map', 404],
    ['app://console/absent.js', 404],
    ['app://console/assets.js', 404],
    ['app://console/index.html/below.js', 404],
  ])('refuses %s with %i', async (url, status) => {
    const response = await get(url);
    expect(response.status).toBe(status);
    expect(await response.text()).not.toContain('token');
    expect(response.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
  });

  it('refuses other methods', async () => {
    expect((await serve({ method: 'POST', url: CONSOLE_URL })).status).toBe(405);
  });

  it('never answers from outside its folder, whatever the path', async () => {
    const piece = fc.constantFrom('..', '.', '%2e', '%2f', '%5c', '/', 'secret.json', 'up', 'assets', 'leak.json', 'x');
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const response = await get(`app://console/${pieces.join('')}`);
        expect(await response.text()).not.toContain('token');
      }),
    );
  });
});

describe('servedPath', () => {
  it('takes paths up to the bound and no longer', () => {
    const longest = `/${'a'.repeat(MAX_PATH_CHARS - 1)}`;
    expect(servedPath(`app://console${longest}`)).toBe(longest.slice(1));
    expect(servedPath(`app://console${longest}a`)).toBeNull();
  });
});

describe('isConsoleUrl', () => {
  it.each([
    ['app://console/', true],
    ['app://console/#pairs', true],
    ['app://console.evil/', false],
    ['app://CONSOLE:1/', false],
    ['https://console/', false],
    ['file:///console/', false],
    ['not a url', false],
  ])('%s → %s', (url, expected) => expect(isConsoleUrl(url)).toBe(expected));
});
