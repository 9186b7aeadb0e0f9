/**
 * `npm run bench`: installs the peers it compares with (once, optional: without them those rows are skipped), builds, and
 * runs bench/main.ts. `-- --only a,b`, `-- --quick`, `-- --list`, `-- --no-peers`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { findChromium } from './chromium.mjs';
import { ensureInstalled, installFailure } from './install.mjs';
import { findNode } from './node24.mjs';
import { isMain, projectRoot, readJson, Refusal, runMain } from './project.mjs';
import { npm, foreground } from './spawned.mjs';

/** Peers are a convenience; nobody waits long for them. */
export const PEERS_DEADLINE_MS = 3 * 60_000;
const peersFolder = join(projectRoot, 'bench', 'peers');

/** @param {(line: string) => void} say */
async function ensurePeers(say) {
  const wanted = readJson(join(peersFolder, 'package.json'))?.dependencies ?? {};
  const missing = Object.entries(wanted).filter(
    ([name, version]) => readJson(join(peersFolder, 'node_modules', name, 'package.json'))?.version !== version,
  );
  if (missing.length === 0) return;
  say(`Installing the libraries we compare with: ${missing.map(([name, version]) => `${name} ${version}`).join(', ')} …`);
  const { code, output, timedOut } = await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: peersFolder,
    deadlineMs: PEERS_DEADLINE_MS,
  });
  if (code !== 0) say(`Comparisons with them are skipped. ${installFailure(output, timedOut)}`);
}

/**
 * @param {string} node
 * @param {(line: string) => void} say
 * @returns {Promise<NodeJS.ProcessEnv>} with the browser for the console's figures, where there is one
 */
async function withChromium(node, say) {
  try {
    return { ...process.env, QUANT_ARB_CHROMIUM: await findChromium({ node, say }) };
  } catch (cause) {
    if (cause instanceof Refusal) return process.env;
    throw cause;
  }
}

if (isMain(import.meta.url)) {
  await runMain(async () => {
    const args = process.argv.slice(2);
    const say = (/** @type {string} */ line) => console.error(line);
    await ensureInstalled(say);
    const node = await findNode();
    const main = [join(projectRoot, 'bench', 'main.ts'), ...args];
    if (args.includes('--list') || !existsSync(peersFolder)) return foreground(node, main);
    await ensureBuilt(say);
    if (!args.includes('--no-peers')) await ensurePeers(say);
    return foreground(node, main, { env: await withChromium(node, say) });
  });
}
