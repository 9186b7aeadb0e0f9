/**
 * `npm run cli -- <command>` and `npm run replay -- …`: the command line on the built product, installed and built first.
 */
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { findNode } from './node24.mjs';
import { isMain, projectRoot, runMain } from './project.mjs';
import { foreground } from './spawned.mjs';

if (isMain(import.meta.url)) {
  await runMain(async () => {
    const say = (/** @type {string} */ line) => console.error(line);
    await ensureInstalled(say);
    await ensureBuilt(say);
    const node = await findNode();
    return foreground(node, ['--enable-source-maps', join(projectRoot, 'out', 'main', 'cli.js'), ...process.argv.slice(2)]);
  });
}
