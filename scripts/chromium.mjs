/**
 * Finds a Chromium for the end-to-end tests: Playwright's own, else an installed Chrome or Chromium, else Debian's
 * package when we may install it. Failing all, an error says what to install; tests are never skipped for want of it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, Refusal, runMain } from './project.mjs';
import { capture } from './spawned.mjs';

export const APT_DEADLINE_MS = 6 * 60_000;

/**
 * Where Chrome and Chromium usually live.
 * @param {NodeJS.Platform} platform
 * @param {NodeJS.ProcessEnv} env
 * @returns {string[]} absolute paths, best first
 */
export function usualPlaces(platform, env) {
  if (platform === 'win32') {
    const roots = [env['PROGRAMFILES'], env['PROGRAMFILES(X86)'], env['LOCALAPPDATA']].filter((root) => root !== undefined);
    const tails = [
      'Google\\Chrome\\Application\\chrome.exe',
      'Chromium\\Application\\chrome.exe',
      'Microsoft\\Edge\\Application\\msedge.exe',
    ];
    return tails.flatMap((tail) => roots.map((root) => `${root}\\${tail}`));
  }
  if (platform === 'darwin') {
    const apps = [
      'Google Chrome.app/Contents/MacOS/Google Chrome',
      'Chromium.app/Contents/MacOS/Chromium',
      'Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    ];
    const roots = ['/Applications', ...(env['HOME'] === undefined ? [] : [`${env['HOME']}/Applications`])];
    return apps.flatMap((app) => roots.map((root) => `${root}/${app}`));
  }
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
  const folders = (env['PATH'] ?? '').split(':').filter((folder) => folder.startsWith('/'));
  return [...new Set(names.flatMap((name) => [...folders, '/usr/bin', '/snap/bin'].map((folder) => `${folder}/${name}`)))];
}

/**
 * @param {string} node
 * @returns {Promise<string | null>} the browser Playwright downloaded, if it did
 */
async function playwrightsOwn(node) {
  const ask = "import('@playwright/test').then(({ chromium }) => console.log(chromium.executablePath()))";
  const { code, stdout } = await capture(node, ['--input-type=module', '-e', ask], { deadlineMs: 30_000 });
  const path = stdout.trim();
  return code === 0 && path !== '' && existsSync(path) ? path : null;
}

/**
 * @param {string} path
 * @returns {Promise<boolean>} whether it starts; Windows' Chrome has no `--version` answer, so there being a file is all we ask
 */
async function runs(path) {
  if (process.platform === 'win32') return true;
  const { code, stdout } = await capture(path, ['--version'], { deadlineMs: 30_000 });
  return code === 0 && /\d+\.\d+/.test(stdout);
}

async function installed() {
  for (const path of usualPlaces(process.platform, process.env)) {
    if (existsSync(path) && (await runs(path))) return path;
  }
  return null;
}

/**
 * @param {string} osRelease the text of /etc/os-release
 * @returns {boolean} whether `chromium` is a real package here (Ubuntu's is an empty pointer to a snap)
 */
export function hasChromiumPackage(osRelease) {
  return /^ID="?debian"?$/m.test(osRelease);
}

/**
 * @param {(line: string) => void} say
 * @returns {Promise<string | null>} why it could not be installed; null when it was
 */
async function installDebianPackage(say) {
  if (process.platform !== 'linux' || !existsSync('/etc/os-release')) return 'this is not Debian';
  if (!hasChromiumPackage(readFileSync('/etc/os-release', 'utf8'))) return 'this is not Debian';
  if (process.getuid?.() !== 0) return 'installing a Debian package needs root';
  say("Installing Debian's chromium package …");
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const update = await capture('apt-get', ['update', '-q'], { env, deadlineMs: APT_DEADLINE_MS });
  const install = await capture('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], {
    env,
    deadlineMs: APT_DEADLINE_MS,
  });
  if (install.code === 0) return null;
  const why = `${update.output}\n${install.output}`.split('\n').find((line) => /^(E|Err|W):/.test(line));
  return why?.trim() ?? `apt-get ended with code ${install.code}`;
}

/**
 * @param {{ node: string, say: (line: string) => void }} options
 * @returns {Promise<string>} the path of a Chromium that starts
 * @throws {Refusal} saying what to install
 */
export async function findChromium({ node, say }) {
  const named = process.env['QUANT_ARB_CHROMIUM'];
  if (named !== undefined && named !== '') {
    if (existsSync(named) && (await runs(named))) return named;
    throw new Refusal(`QUANT_ARB_CHROMIUM names ${named}, which does not start.`);
  }
  const found = (await playwrightsOwn(node)) ?? (await installed());
  if (found !== null) return found;
  const why = await installDebianPackage(say);
  const fresh = why === null ? await installed() : null;
  if (fresh !== null) return fresh;
  throw new Refusal(
    `No Chrome or Chromium was found for the end-to-end tests${why === null ? '' : `, and none could be installed: ${why}`}.\n` +
      `Install Google Chrome, or run: node ${join('node_modules', '@playwright', 'test', 'cli.js')} install --with-deps chromium\n` +
      'or name one with the environment variable QUANT_ARB_CHROMIUM.',
  );
}

if (isMain(import.meta.url)) {
  await runMain(async () => {
    const { findNode } = await import('./node24.mjs');
    console.log(await findChromium({ node: await findNode(), say: (line) => console.error(line) }));
    return 0;
  });
}
