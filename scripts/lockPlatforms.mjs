/**
 * Keeps package-lock.json complete for every platform. A registry that carries only some of a package's
 * platform binaries makes npm write a lockfile that `npm ci` refuses on the other platforms (and, with the names
 * missing, on this one). Run it after changing dependencies; it adds entries, and never changes one.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, projectRoot } from './project.mjs';

/** @typedef {{ packages: Record<string, any> }} Lock */

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

/**
 * What npm's own metadata says about a platform package, read off its name; null = not a platform package.
 * @param {string} name
 */
export function platformOf(name) {
  const words = name.slice(name.lastIndexOf('/') + 1).split('-');
  const os = SYSTEMS.find((system) => words.includes(system) || (system === 'linux' && words.includes('linuxmusl')));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  if (cpu === undefined || (os === undefined && cpu !== 'wasm32')) return null;
  const libc = words.some((word) => word === 'musl' || word === 'linuxmusl') ? 'musl' : words.includes('gnu') ? 'glibc' : null;
  return { cpu: [cpu], ...(libc === null ? {} : { libc: [libc] }), ...(os === undefined ? {} : { os: [os] }) };
}

/**
 * Optional packages some locked package asks for and the lockfile does not name.
 * @param {Lock} lock
 */
export function missingPlatforms(lock) {
  const missing = new Map();
  for (const owner of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
      const platform = platformOf(name);
      const exact = /^\d+\.\d+\.\d+\S*$/.test(version);
      if (platform === null || !exact || lock.packages[`node_modules/${name}`] !== undefined) continue;
      missing.set(`node_modules/${name}`, { version, ...platform, ...(owner.dev ? { dev: true } : {}), optional: true });
    }
  }
  return missing;
}

/**
 * The lockfile with those entries, keys in npm's order.
 * @param {Lock} lock
 */
export function completed(lock) {
  const packages = { ...lock.packages, ...Object.fromEntries(missingPlatforms(lock)) };
  const keys = Object.keys(packages).sort((a, b) => a.localeCompare(b, 'en'));
  return { ...lock, packages: Object.fromEntries(keys.map((key) => [key, packages[key]])) };
}

if (isMain(import.meta.url)) {
  const path = join(projectRoot, 'package-lock.json');
  const lock = JSON.parse(readFileSync(path, 'utf8'));
  const missing = missingPlatforms(lock);
  if (missing.size > 0) writeFileSync(path, `${JSON.stringify(completed(lock), null, 2)}\n`);
  console.log(missing.size === 0 ? 'Nothing is missing.' : `Added ${missing.size} platform packages to package-lock.json.`);
}
