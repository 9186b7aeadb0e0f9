/** Where a profile keeps its ledger and secrets when nobody says otherwise: the platform's application-data folder. */
import os from 'node:os';
import path from 'node:path';

export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const here = (): Surroundings => ({ platform: process.platform, home: os.homedir(), env: process.env });

/** A ledger holds one mode for good, and the folder `demo` of earlier versions holds paper trading. */
const FOLDERS: Readonly<Record<string, string>> = { demo: 'demo-account' };

export const defaultDataDir = (profile: string, { platform, home, env }: Surroundings = here()): string => {
  const folder = FOLDERS[profile] ?? profile;
  const join = (...steps: string[]): string => (platform === 'win32' ? path.win32 : path.posix).join(...steps);
  if (platform === 'win32') return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'quant-arb', folder);
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'quant-arb', folder);
  return join(env['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'quant-arb', folder);
};
