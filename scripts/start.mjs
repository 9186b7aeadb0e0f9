/**
 * `npm start`: installs what is missing, builds what is stale, and runs the console on the demo venues unless told
 * otherwise: the desktop window where one can be shown, else the headless host. Arguments pass through.
 */
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureElectron, noWindowBecause } from './electron.mjs';
import { ensureInstalled } from './install.mjs';
import { findNode } from './node24.mjs';
import { isMain, projectRoot, runMain } from './project.mjs';
import { foreground } from './spawned.mjs';

const USAGE = `npm start -- [options]
  --headless          serve the console to a browser, without a window
  --retry-electron    try again to fetch Electron's binary
  Everything else goes to the host:
  --profile demo|paper, --config FILE, --data-dir DIR, --port N, --seed N, --tape FILE, --speed X, --no-open`;

/**
 * Splits what is ours from what the host reads. Without a profile or a configuration it is the demo.
 * @param {readonly string[]} args
 */
export function readArgs(args) {
  const ours = new Set(['--headless', '--retry-electron', '--help']);
  const passed = args.filter((arg) => !ours.has(arg));
  const chosen = passed.some((arg) => /^--(profile|config)(=|$)/.test(arg));
  return {
    help: args.includes('--help'),
    headless: args.includes('--headless'),
    retryElectron: args.includes('--retry-electron'),
    hostArgs: chosen ? passed : ['--profile', 'demo', ...passed],
  };
}

/** @returns {Promise<number>} */
async function main() {
  const { help, headless, retryElectron, hostArgs } = readArgs(process.argv.slice(2));
  if (help) {
    console.log(USAGE);
    return 0;
  }
  const say = (/** @type {string} */ line) => console.error(line);
  await ensureInstalled(say);
  const node = await findNode();
  await ensureBuilt(say);

  const noWindow = headless ? null : noWindowBecause({ platform: process.platform, env: process.env, uid: process.getuid?.() });
  if (noWindow !== null) say(`No desktop window: ${noWindow}. Starting the headless host.`);
  const electron = headless || noWindow !== null ? null : await ensureElectron({ node, retry: retryElectron, say });
  if (electron !== null) return foreground(electron, [projectRoot, ...hostArgs]);
  return foreground(node, ['--enable-source-maps', join(projectRoot, 'out', 'main', 'headless.js'), ...hostArgs]);
}

if (isMain(import.meta.url)) await runMain(main);
