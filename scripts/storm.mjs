/**
 * `npm run storm -- --orders 1000 [--seed S] [--venue okx]`: orders through the exchange gateways in the worst of weathers, on the
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
    return foreground(await findNode(), [join(projectRoot, 'e2e', 'exchange', 'main.ts'), ...process.argv.slice(2)]);
  });
}
