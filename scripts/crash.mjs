/**
 * `npm run crash -- --kills N [--seed S]`: the crash test of the built engine, installed and built first. With `--exchanges` its
 * orders go through the exchange gateways to venues of another process instead of to paper accounts.
 */
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { findNode } from './node24.mjs';
import { isMain, projectRoot, runMain } from './project.mjs';
import { foreground } from './spawned.mjs';

if (isMain(import.meta.url)) {
  await runMain(async () => {
    const args = process.argv.slice(2);
    const place = args.includes('--exchanges') ? ['e2e', 'exchange', 'crash.ts'] : ['e2e', 'crash', 'main.ts'];
    await ensureInstalled(console.error);
    await ensureBuilt(console.error);
    return foreground(await findNode(), [
      '--disable-warning=ExperimentalWarning',
      join(projectRoot, ...place),
      ...args.filter((arg) => arg !== '--exchanges'),
    ]);
  });
}
