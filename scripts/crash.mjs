/**
 * `npm run crash -- --kills N [--seed S]`: the crash test of the built engine, installed and built first.
 */
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { findNode } from './node24.mjs';
import { isMain, projectRoot, runMain } from './project.mjs';
import { foreground } from './spawned.mjs';

if (isMain(import.meta.url)) {
  await runMain(async () => {
    await ensureInstalled(console.error);
    await ensureBuilt(console.error);
    return foreground(await findNode(), [
      '--disable-warning=ExperimentalWarning',
      join(projectRoot, 'e2e', 'crash', 'main.ts'),
      ...process.argv.slice(2),
    ]);
  });
}
