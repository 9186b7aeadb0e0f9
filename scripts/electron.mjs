/**
 * Electron's binary: is it there, and if not, one try to fetch it with a short deadline. A failed try is remembered,
 * so that the next start does not wait again. Without the binary the headless host serves the same console.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { cacheDir, projectRoot, readJson } from './project.mjs';
import { capture } from './spawned.mjs';

/** How long the first start may wait for the download host, and for the whole download. */
export const REACH_DEADLINE_MS = 4_000;
export const FETCH_DEADLINE_MS = 90_000;
/** What `--retry-electron` allows instead. */
export const PATIENT_FETCH_DEADLINE_MS = 15 * 60_000;

const packageDir = join(projectRoot, 'node_modules', 'electron');
const failurePath = join(cacheDir, 'electron-fetch.json');

/** @returns {string | null} the path of the binary when it is installed whole */
export function electronBinary() {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  const relative = readText(join(packageDir, 'path.txt'));
  const version = readJson(join(packageDir, 'package.json'))?.version;
  const dist = override ?? join(packageDir, 'dist');
  if (relative === null || version === undefined) return null;
  if (override === undefined && readText(join(dist, 'version'))?.replace(/^v/, '') !== version) return null;
  const path = join(dist, relative);
  return existsSync(path) ? path : null;
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

/**
 * Why no window can be shown on this machine; null when one can.
 * @param {{ platform: NodeJS.Platform, env: NodeJS.ProcessEnv, uid: number | undefined }} machine
 */
export function noWindowBecause({ platform, env, uid }) {
  if (platform === 'win32' || platform === 'darwin') return null;
  if (!env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return 'there is no display';
  if (uid === 0) return 'Electron does not run as root with its sandbox on, and the sandbox stays on';
  return null;
}

/**
 * @param {string} url
 * @returns {Promise<string | null>} why the host cannot be reached; null when it answers at all
 */
function unreachable(url) {
  return new Promise((resolve) => {
    const asked = request(url, { method: 'HEAD', timeout: REACH_DEADLINE_MS }, (answer) => {
      answer.resume();
      resolve(null);
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${REACH_DEADLINE_MS / 1000} s`)));
    asked.on('error', (cause) => resolve(/** @type {NodeJS.ErrnoException} */ (cause).code ?? cause.message));
    asked.end();
  });
}

/**
 * @param {string} node
 * @param {number} deadlineMs
 * @returns {Promise<string | null>} why it failed; null when the binary is there
 */
async function fetchBinary(node, deadlineMs) {
  const mirrored = Object.keys(process.env).some((key) => /electron_mirror|https?_proxy/i.test(key));
  if (!mirrored) {
    const why = await unreachable('https://github.com/electron/electron/releases');
    if (why !== null) return `github.com, where Electron is published, cannot be reached (${why})`;
  }
  const { code, output, timedOut } = await capture(node, [join(packageDir, 'install.js')], { deadlineMs });
  if (electronBinary() !== null) return null;
  if (timedOut) return `the download did not finish within ${deadlineMs / 1000} s`;
  return (
    output
      .split('\n')
      .find((line) => /error/i.test(line))
      ?.trim() ?? `its installer ended with code ${code}`
  );
}

/**
 * @param {{ node: string, retry: boolean, say: (line: string) => void }} options
 * @returns {Promise<string | null>} the binary, fetched if need be; null after an honest message
 */
export async function ensureElectron({ node, retry, say }) {
  const present = electronBinary();
  if (present !== null) return present;
  const version = readJson(join(packageDir, 'package.json'))?.version;
  const failed = readJson(failurePath);
  if (!retry && failed?.version === version) {
    say(
      `No desktop window: Electron ${version} could not be fetched earlier (${failed.why}). Try again with: npm start -- --retry-electron`,
    );
    return null;
  }
  const deadlineMs = retry ? PATIENT_FETCH_DEADLINE_MS : FETCH_DEADLINE_MS;
  say(`Fetching Electron ${version} for the desktop window (about 120 MB, at most ${deadlineMs / 1000} s) …`);
  const why = await fetchBinary(node, deadlineMs);
  if (why === null) {
    rmSync(failurePath, { force: true });
    return electronBinary();
  }
  mkdirSync(cacheDir, { recursive: true });
  writeFileSync(failurePath, `${JSON.stringify({ version, why })}\n`);
  say(`No desktop window: ${why}. This is not tried again unless asked: npm start -- --retry-electron`);
  return null;
}
