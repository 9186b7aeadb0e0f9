/**
 * Where the project is, and the small facts every script needs. Node's own modules only, Node 20 and later:
 * this runs before anything is installed.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));
/** What scripts remember between runs; gone with node_modules. */
export const cacheDir = join(projectRoot, 'node_modules', '.cache', 'quant-arb');
/** The oldest Node the scripts themselves run on. */
export const OLDEST_BOOTSTRAP_NODE = 20;
/** The oldest Node the product runs on. */
export const OLDEST_RUNTIME_NODE = 24;

/** A failure whose message is for the operator; no stack is shown. */
export class Refusal extends Error {}

/**
 * Whether the module is the one Node was started with.
 * @param {string} moduleUrl
 */
export function isMain(moduleUrl) {
  const started = process.argv[1];
  if (started === undefined) return false;
  try {
    return realpathSync(started) === realpathSync(fileURLToPath(moduleUrl));
  } catch {
    return false;
  }
}

/** @param {string} version such as `v24.21.0` */
export function majorOf(version) {
  const major = /^v?(\d+)\./.exec(version)?.[1];
  return major === undefined ? Number.NaN : Number(major);
}

/** @throws {Refusal} when this Node is too old even for the scripts. */
export function requireBootstrapNode(version = process.versions.node) {
  if (majorOf(version) >= OLDEST_BOOTSTRAP_NODE) return;
  throw new Refusal(`Node ${version} is too old: Node ${OLDEST_BOOTSTRAP_NODE} or later is needed (https://nodejs.org).`);
}

/**
 * @param {string} path
 * @returns {any} the parsed JSON, or undefined when the file is absent or is not JSON
 */
export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Runs a script's main function: refusals become one clear line, anything else keeps its stack.
 * @param {() => Promise<number>} main resolves with the exit code
 */
export async function runMain(main) {
  try {
    requireBootstrapNode();
    process.exitCode = await main();
  } catch (cause) {
    console.error(cause instanceof Refusal ? `\n${cause.message}` : cause);
    process.exitCode = 1;
  }
}
