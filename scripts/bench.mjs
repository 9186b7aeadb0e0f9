/**
 * `npm run bench`: builds, and runs bench/main.ts. `-- --only a,b`, `-- --quick`, `-- --list`, `-- --no-peers`.
 */
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { findChromium } from './chromium.mjs';
import { ensureInstalled } from './install.mjs';
import { findNode } from './node24.mjs';
import { isMain, projectRoot, Refusal, runMain } from './project.mjs';
import { foreground } from './spawned.mjs';

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
    if (args.includes('--list')) return foreground(node, main);
    await ensureBuilt(say);
    return foreground(node, main, { env: await withChromium(node, say) });
  });
}
