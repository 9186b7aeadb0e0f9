/** The built product the specs run: present, or an error that says how to build it. */
import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..');

const built = (...parts: readonly string[]): string => {
  const file = path.join(root, 'out', ...parts);
  if (!existsSync(file)) throw new Error(`${path.relative(root, file)} is missing: run "npm run build" first`);
  return file;
};

export const headlessMain = (): string => built('main', 'headless.js');
export const builtCli = (): string => built('main', 'cli.js');
export const electronMain = (): string => built('main', 'electron.js');
/** The folder of the console's page. */
export const builtRenderer = (): string => path.dirname(built('renderer', 'index.html'));
export const screenshotFile = (name: string): string => path.join(root, 'out', 'screenshots', `${name}.png`);
