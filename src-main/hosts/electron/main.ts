/**
 * Entry of the desktop host. Before Electron is ready: the scheme, the sandbox, one instance for each data folder. Then the
 * shell runs. Whatever keeps it from starting is told in a dialog, because a desktop program has no terminal to speak to.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { app, BrowserWindow, dialog, globalShortcut, ipcMain, Menu, protocol, safeStorage, screen, session, shell } from 'electron';
import { SecretsFault } from '../../adapters/secrets/secrets.ts';
import { HEADLESS_USAGE, parseHeadlessArgs } from '../headless/args.ts';
import type { HeadlessArgs } from '../headless/args.ts';
import { dataDirOf, startHost } from '../headless/run.ts';
import { createLog } from '../log.ts';
import { productRoot } from '../version.ts';
import { APP_PRIVILEGES } from './appProtocol.ts';
import { createSafeStore } from './safeStore.ts';
import { runShell } from './shell.ts';

const log = createLog((line) => void process.stdout.write(`${line}\n`));

const giveUp = (error: unknown): void => {
  const fix = error instanceof SecretsFault && error.fix !== null ? `\n→ ${error.fix}` : '';
  const message = error instanceof Error ? `${error.message}${fix}` : String(error);
  log.error('cannot start', { fault: message });
  dialog.showErrorBox('Quant Arb cannot start', message);
  app.exit(1);
};

/** What nobody expected ends the engine, cleanly if it still can: better no console than one that lies. */
const endOnFault = (error: unknown): void => {
  log.error('unexpected fault', { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exitCode = 1;
  app.quit();
};

const run = async (args: HeadlessArgs, stateDir: string): Promise<void> => {
  await runShell({
    parts: { app, BrowserWindow, dialog, globalShortcut, ipcMain, Menu, protocol, screen, session, shell },
    stateDir,
    buildDir: path.join(productRoot(), 'out'),
    log,
    startEngine: () => startHost(args, log, { host: 'electron', sealer: createSafeStore(safeStorage, process.platform) }),
  });
};

/** Unpackaged, the arguments stand behind the program's own path. */
const argumentsGiven = (): readonly string[] => process.argv.slice(app.isPackaged ? 1 : 2);

const begin = (): void => {
  protocol.registerSchemesAsPrivileged([APP_PRIVILEGES]);
  app.enableSandbox();
  const args = parseHeadlessArgs(argumentsGiven());
  if (args.help) {
    process.stdout.write(HEADLESS_USAGE);
    return app.exit(0);
  }
  // Of each data folder its own: caches, window, and the lock against a second instance.
  const stateDir = path.join(dataDirOf(args), 'desktop');
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  app.setPath('userData', stateDir);
  if (!app.requestSingleInstanceLock()) return app.quit();
  process.on('uncaughtException', endOnFault).on('unhandledRejection', endOnFault);
  run(args, stateDir).catch(giveUp);
  return undefined;
};

try {
  begin();
} catch (error) {
  giveUp(error);
}
