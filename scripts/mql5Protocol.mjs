/**
 * `npm run mql5:protocol`: writes the JSON schemas of the EA's protocol beside `mql5/protocol/PROTOCOL.md`, from the schemas
 * the listener reads messages with. A test fails while they differ.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled } from './install.mjs';
import { findNode } from './node24.mjs';
import { isMain, majorOf, OLDEST_RUNTIME_NODE, projectRoot, runMain } from './project.mjs';
import { foreground } from './spawned.mjs';

/** Needs a Node that reads TypeScript. */
async function writeSchemas() {
  const source = join(projectRoot, 'src-main', 'adapters', 'metatrader', 'protocolSchemas.ts');
  const { protocolSchemaFiles } = await import(pathToFileURL(source).href);
  for (const [name, text] of protocolSchemaFiles()) writeFileSync(join(projectRoot, 'mql5', 'protocol', name), text);
  return 0;
}

if (isMain(import.meta.url)) {
  await runMain(async () => {
    await ensureInstalled((line) => console.error(line));
    if (majorOf(process.version) >= OLDEST_RUNTIME_NODE) return writeSchemas();
    return foreground(await findNode(), [join(projectRoot, 'scripts', 'mql5Protocol.mjs')]);
  });
}
