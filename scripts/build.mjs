/**
 * Builds `out/` when its sources have changed. Staleness is decided by content, not by clocks, so a checkout or a
 * copied folder builds exactly when it must.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findNode } from './node24.mjs';
import { isMain, projectRoot, readJson, Refusal, runMain } from './project.mjs';
import { capture } from './spawned.mjs';

/** Everything a build reads. */
const SOURCES = [
  'src-shared',
  'src-main',
  'src-renderer',
  'electron.vite.config.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
];
/** What a whole build leaves behind. */
const OUTPUTS = ['main/electron.js', 'main/headless.js', 'main/cli.js', 'preload/preload.cjs', 'renderer/index.html'];
const stampPath = join(projectRoot, 'out', '.sources.json');

/**
 * @param {string} name
 * @returns {boolean} tests and notes are no part of a build
 */
export function isBuildSource(name) {
  return !/\.(test|testkit)\.tsx?$/.test(name) && !name.endsWith('.md');
}

/**
 * @param {string} path absolute
 * @returns {string[]} the files under it, sorted, absolute; itself when it is a file
 */
function filesUnder(path) {
  if (!existsSync(path)) return [];
  const entries = readdirSync(path, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * @param {string} root
 * @returns {string} a digest of every source's name and content
 */
export function digestSources(root, sources = SOURCES) {
  const hash = createHash('sha256');
  for (const source of sources) {
    const path = join(root, source);
    const files = /\.[a-z]+$/.test(source) ? [path] : filesUnder(path).filter(isBuildSource);
    for (const file of files) {
      hash.update(`${file.slice(root.length).replaceAll('\\', '/')}\0`);
      if (existsSync(file)) hash.update(readFileSync(file));
      hash.update('\0');
    }
  }
  return hash.digest('hex');
}

/** @returns {string | null} why a build is needed; null when `out/` is what the sources say */
export function staleness() {
  const lacking = OUTPUTS.filter((output) => !existsSync(join(projectRoot, 'out', output)));
  if (lacking.length === OUTPUTS.length) return 'not built yet';
  if (lacking.length > 0) return `out/${lacking[0]} is missing`;
  return readJson(stampPath)?.sources === digestSources(projectRoot) ? null : 'sources changed';
}

/**
 * @returns {Promise<string>} what the bundler printed
 * @throws {Refusal} with the bundler's whole output when it fails
 */
export async function build() {
  const node = await findNode();
  const sources = digestSources(projectRoot);
  rmSync(stampPath, { force: true });
  const { code, output } = await capture(node, [join(projectRoot, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build'], {
    env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' },
  });
  if (code !== 0) throw new Refusal(`${output.trimEnd()}\n\nThe build failed.`);
  writeFileSync(stampPath, `${JSON.stringify({ sources })}\n`);
  return output;
}

/**
 * @param {(line: string) => void} say
 * @returns {Promise<void>}
 */
export async function ensureBuilt(say) {
  const why = staleness();
  if (why === null) return;
  say(`Building (${why}) …`);
  await build();
}

if (isMain(import.meta.url)) {
  await runMain(async () => {
    const output = await build();
    console.log(output.trimEnd());
    return 0;
  });
}
