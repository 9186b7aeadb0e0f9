/**
 * Installs what package-lock.json names and node_modules lacks. Install scripts never run (see .npmrc): nothing is
 * compiled, and Electron's binary is not part of it.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, projectRoot, readJson, Refusal, runMain } from './project.mjs';
import { npm } from './spawned.mjs';

/** A slow line still gets there; a dead one is told apart by npm's own messages. */
export const INSTALL_DEADLINE_MS = 10 * 60_000;

/**
 * @typedef {{ version?: string, optional?: boolean, link?: boolean }} LockedPackage
 * @typedef {{ packages?: Record<string, LockedPackage> }} Lock
 */

/**
 * Packages of the lockfile that are absent or of another version. Optional ones may be missing: they belong to other platforms.
 * @param {Lock | undefined} wanted package-lock.json
 * @param {Lock | undefined} present node_modules/.package-lock.json, npm's own record of what it installed
 * @returns {string[]}
 */
export function notInstalled(wanted, present) {
  const missing = [];
  for (const [path, locked] of Object.entries(wanted?.packages ?? {})) {
    if (path === '') continue;
    const found = present?.packages?.[path];
    if (found === undefined ? locked.optional !== true : found.version !== locked.version) missing.push(path.replace('node_modules/', ''));
  }
  return missing;
}

/**
 * Why npm failed, in words an operator can act on.
 * @param {string} output
 * @param {boolean} timedOut
 */
export function installFailure(output, timedOut) {
  const registry = /https?:\/\/[^/\s]+/.exec(output)?.[0];
  if (timedOut) return `npm did not finish within ${INSTALL_DEADLINE_MS / 60_000} minutes: the network is very slow or stuck.`;
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i.test(output)) {
    return `No network: the package registry${registry === undefined ? '' : ` ${registry}`} cannot be reached. Connect once, then run the command again; later starts need no network.`;
  }
  if (/ENOSPC/.test(output)) return 'The disk is full: about 1 GB is needed for node_modules.';
  if (/EACCES|EPERM/.test(output))
    return 'npm may not write here: check who owns this folder, and that no Quant Arb is still running from it.';
  return 'npm could not install the dependencies.';
}

/**
 * @param {(line: string) => void} say
 * @returns {Promise<boolean>} whether anything had to be installed
 * @throws {Refusal}
 */
export async function ensureInstalled(say) {
  const wanted = readJson(join(projectRoot, 'package-lock.json'));
  if (wanted === undefined) throw new Refusal('package-lock.json is missing or unreadable: this is not a complete clone.');
  const modules = join(projectRoot, 'node_modules');
  const missing = notInstalled(wanted, readJson(join(modules, '.package-lock.json')));
  const direct = Object.keys({ ...wanted.packages['']?.dependencies, ...wanted.packages['']?.devDependencies });
  const gone = direct.filter((name) => !existsSync(join(modules, name)));
  if (missing.length === 0 && gone.length === 0) return false;

  say(
    existsSync(modules)
      ? `Installing: ${new Set([...missing, ...gone]).size} packages are missing or changed …`
      : 'Installing dependencies …',
  );
  // `npm ci` empties node_modules first, which Windows refuses while the Node in there is running us.
  const inUse = process.platform === 'win32' && existsSync(modules);
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  let result = inUse ? null : await npm(['ci', ...quiet], { deadlineMs: INSTALL_DEADLINE_MS });
  // A registry that lacks some platform's packages makes npm call the lockfile incomplete; installing without saving keeps its versions.
  if (result === null || (result.code !== 0 && /EUSAGE/.test(result.output))) {
    result = await npm(['install', '--no-save', ...quiet], { deadlineMs: INSTALL_DEADLINE_MS });
  }
  if (result.code === 0) return true;
  throw new Refusal(`${result.output.trimEnd().split('\n').slice(-25).join('\n')}\n\n${installFailure(result.output, result.timedOut)}`);
}

if (isMain(import.meta.url)) {
  await runMain(async () => {
    console.log((await ensureInstalled(console.log)) ? 'Installed.' : 'Everything is installed.');
    return 0;
  });
}
