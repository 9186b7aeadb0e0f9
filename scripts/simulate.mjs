/**
 * `npm run simulate -- --seeds N [--seed S] [--minutes M] [--workers W] [--coverage] [--bugs] [--json]`: the simulator, on the
 * Node the product runs on.
 */
import { join } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { findNode } from './node24.mjs';
import { isMain, projectRoot, runMain } from './project.mjs';
import { foreground } from './spawned.mjs';

if (isMain(import.meta.url)) {
  await runMain(async () => {
    await ensureInstalled((line) => console.error(line));
    return foreground(await findNode(), [join(projectRoot, 'src-main', 'simulator', 'main.ts'), ...process.argv.slice(2)]);
  });
}
