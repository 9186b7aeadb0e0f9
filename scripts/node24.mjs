/**
 * Finds the Node the product runs on: the one installed with the project, else this one if it is new enough.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { majorOf, OLDEST_RUNTIME_NODE, projectRoot, readJson, Refusal } from './project.mjs';
import { capture } from './spawned.mjs';

/**
 * The package that carries Node for a platform, as package.json names it.
 * @param {string} platform
 * @param {string} arch
 * @param {Readonly<Record<string, string>>} optional optionalDependencies of package.json
 * @returns {string | null}
 */
export function nodePackageFor(platform, arch, optional) {
  const system = platform === 'win32' ? 'win' : platform;
  const names = [`node-${system}-${arch}`, `node-bin-${system}-${arch}`];
  return names.find((name) => optional[name] !== undefined) ?? null;
}

/**
 * @param {string} path
 * @returns {Promise<string | null>} what it calls its version, or null when it does not run here
 */
async function versionOf(path) {
  const { code, stdout } = await capture(path, ['--version'], { deadlineMs: 20_000 });
  return code === 0 ? stdout.trim() : null;
}

/**
 * @returns {Promise<string>} the path of a Node new enough for the product
 * @throws {Refusal} when there is none
 */
export async function findNode() {
  const optional = readJson(join(projectRoot, 'package.json'))?.optionalDependencies ?? {};
  const name = nodePackageFor(process.platform, process.arch, optional);
  if (name !== null) {
    const bin = readJson(join(projectRoot, 'node_modules', name, 'package.json'))?.bin?.node;
    const path = bin === undefined ? null : join(projectRoot, 'node_modules', name, bin);
    if (path !== null && existsSync(path)) {
      const version = path === process.execPath ? process.version : await versionOf(path);
      if (version !== null && majorOf(version) >= OLDEST_RUNTIME_NODE) return path;
    }
  }
  if (majorOf(process.versions.node) >= OLDEST_RUNTIME_NODE) return process.execPath;
  throw new Refusal(
    `Quant Arb runs on Node ${OLDEST_RUNTIME_NODE} or later; this is Node ${process.versions.node}, and ` +
      (name === null
        ? `no packaged Node exists for ${process.platform}-${process.arch}.`
        : `the packaged one (${name}) is not installed or does not run here.`) +
      `\nInstall Node ${OLDEST_RUNTIME_NODE} from https://nodejs.org and run the command again.`,
  );
}
