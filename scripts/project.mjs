/**
 * Where the project is, and the small facts every script needs. Node's own modules only, Node 20 and later:
 * this runs before anything is installed.
 */
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));
/** What scripts remember between runs; gone with node_modules. */
export const cacheDir = join(projectRoot, 'node_modules', '.cache', 'quant-arb');

/** Whether the module is the one Node was started with. */
export function isMain(moduleUrl) {
  const started = process.argv[1];
  if (started === undefined) return false;
  try {
    return realpathSync(started) === realpathSync(fileURLToPath(moduleUrl));
  } catch {
    return false;
  }
}
