/**
 * What can be looked at without asking the engine: configuration, data directory, secrets, port, ledger, KILL file. Changes
 * nothing and makes nothing; what does not exist yet is waited for, not created.
 */
import { accessSync, constants, existsSync, lstatSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import type { Config } from '../../../src-shared/config/schema.ts';
import { LOOPBACK_HOSTS } from '../../../src-shared/config/schema.ts';
import { LedgerFault } from '../../runtime/ports.ts';
import { openArchive } from '../../adapters/ledger/ledger.ts';
import { readSecrets, SECRETS_FILE, SecretsFault } from '../../adapters/secrets/secrets.ts';
import { LEDGER_FILE } from '../../hosts/compose.ts';
import { ConfigFault, readConfigFile } from '../../hosts/configFile.ts';
import { DEFAULT_PORT } from '../../hosts/headless/args.ts';
import { KILL_FILE_NAMES } from '../../hosts/killFile.ts';
import { portHolder } from '../../hosts/listener/portHolder.ts';
import { findingsOf, type Finding } from './finding.ts';

const { pass, fail, waiting } = findingsOf(null);

/** What the doctor was told to look at. */
export interface Patient {
  /** null = the demo, which makes its own. */
  readonly configFile: string | null;
  readonly config: Config | null;
  readonly dataDir: string;
  readonly port: number;
  readonly host: string;
}

/** The one mode that the ledger must be of: the configuration's, the running engine's, else the demo's. null while nothing says. */
const modeOf = ({ configFile, config }: Patient, running: string | null): string | null =>
  configFile === null ? (running ?? 'demo') : (config?.mode ?? running);

/** The first fault of a configuration, and how many more there are. */
const firstOf = (text: string): string => {
  const [, first, ...more] = text.split('\n');
  return `${first?.trim() ?? text}${more.length === 0 ? '' : ` (and ${more.length} more)`}`;
};

/** The configuration, and what it says of data directory and port; without one the demo's own. */
export const readPatient = (
  configFile: string | null,
  given: { readonly dataDir: string | null; readonly port: number | null },
  usualDataDir: string,
): { readonly patient: Patient; readonly finding: Finding } => {
  const place = (config: Config | null): Patient => ({
    configFile,
    config,
    dataDir:
      given.dataDir ?? (configFile === null || config === null ? usualDataDir : path.resolve(path.dirname(configFile), config.dataDir)),
    port: given.port ?? config?.listener.port ?? DEFAULT_PORT,
    host: config?.listener.host ?? '127.0.0.1',
  });
  if (configFile === null) return { patient: place(null), finding: pass('config', 'Configuration', 'the demo makes its own') };
  try {
    const config = readConfigFile(configFile);
    const count = config.venues.filter(({ protocol }) => protocol === 'metatrader').length;
    const detail = `${configFile}: mode ${config.mode}, pairs ${config.pairs.length}, MetaTrader venues ${count}`;
    return { patient: place(config), finding: pass('config', 'Configuration', detail) };
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error;
    const fix = existsSync(configFile)
      ? 'Correct this field of the configuration file.'
      : 'Name the file that is there, or write one: quant-arb init FILE.';
    return { patient: place(null), finding: fail('config', 'Configuration', `${configFile}: ${firstOf(error.message)}`, fix) };
  }
};

export const dataDirFinding = (dataDir: string): Finding => {
  const label = 'Data directory';
  const found = statSync(dataDir, { throwIfNoEntry: false });
  if (found === undefined) return waiting('data-dir', label, `${dataDir} is not there yet`, 'Start the engine once: it makes it.');
  if (!found.isDirectory())
    return fail('data-dir', label, `${dataDir} is not a directory`, 'Remove that file, or name another directory with --data-dir.');
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return fail(
      'data-dir',
      label,
      `${dataDir} cannot be written by this user`,
      'Make the directory writable for the user who runs the engine.',
    );
  }
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0)
    return fail('data-dir', label, `other users of this computer may enter ${dataDir}`, `Run: chmod 700 "${dataDir}".`);
  return pass('data-dir', label, dataDir);
};

/** What lies in the data directory; nothing where that is none. @param running mode of the engine that runs on it. */
export const insideFindings = (patient: Patient, running: string | null): readonly Finding[] =>
  statSync(patient.dataDir, { throwIfNoEntry: false })?.isFile() === true
    ? []
    : [secretsFinding(patient.dataDir), ledgerFinding(patient, running), killFileFinding(patient.dataDir)];

const secretsFinding = (dataDir: string): Finding => {
  const file = path.join(dataDir, SECRETS_FILE);
  try {
    if (readSecrets(dataDir) === null)
      return waiting('secrets', 'Secrets', `${file} is not there yet`, 'Start the engine once: it makes them.');
    return pass('secrets', 'Secrets', file);
  } catch (error) {
    if (!(error instanceof SecretsFault)) throw error;
    return fail(
      'secrets',
      'Secrets',
      error.message,
      'Mend the file as said, or remove it: the next start makes new secrets, and the EA needs the new token and key.',
    );
  }
};

const canListen = (host: string, port: number): Promise<string | null> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(null)));
  });

/** @param owner who has the port rightly: the running engine's own words; null = nobody should. */
export const portFinding = async ({ host, port }: Patient, owner: string | null): Promise<Finding> => {
  const label = 'Port';
  if (owner !== null) return pass('port', label, owner);
  if (port === 0)
    return fail('port', label, '0 is another port at each start', 'Set listener.port in the configuration: the EA needs one that stays.');
  const fault = await canListen(host, port);
  if (fault === null) return pass('port', label, `${port} of ${host} is free`);
  const holder = fault === 'EADDRINUSE' ? ((await portHolder(port)) ?? 'another program') : fault;
  return fail(
    'port',
    label,
    `${port} of ${host} cannot be had: ${holder}`,
    'End that program, or set another listener.port here and in the EA’s InpUrl.',
  );
};

/** The EA talks to 127.0.0.1 and speaks no TLS of its own making. */
export const reachFinding = ({ config, host }: Patient): Finding => {
  const label = 'Reached by the EA';
  const local = LOOPBACK_HOSTS.includes(host) || host === '0.0.0.0' || host === '::';
  if (!local) return fail('reach', label, `the listener binds ${host}, the EA talks to 127.0.0.1`, 'Bind 127.0.0.1 in listener.host.');
  if (config?.listener.tls)
    return fail(
      'reach',
      label,
      'the listener speaks TLS, which MetaTrader believes only from public authorities',
      'Run the EA’s engine without listener.tls, on loopback.',
    );
  return pass('reach', label, `${host}, plain HTTP on this computer`);
};

const ledgerFinding = (patient: Patient, running: string | null): Finding => {
  const label = 'Ledger';
  const file = path.join(patient.dataDir, LEDGER_FILE);
  if (statSync(file, { throwIfNoEntry: false }) === undefined)
    return waiting('ledger', label, `${file} is not there yet`, 'Start the engine once: it makes it.');
  const wanted = modeOf(patient, running);
  try {
    const archive = openArchive({ path: file });
    try {
      const held = archive.mode();
      if (held !== null && wanted !== null && held !== wanted)
        return fail(
          'ledger',
          label,
          `${file} holds mode ${held}, the engine is to run in mode ${wanted}`,
          'Name another data directory: a ledger holds one mode, for good.',
        );
      return pass('ledger', label, `${file}, ${held === null ? 'not bound to a mode yet' : `mode ${held}`}`);
    } finally {
      archive.close();
    }
  } catch (error) {
    if (!(error instanceof LedgerFault)) throw error;
    return fail('ledger', label, error.message, 'Do what the message says; the file was not touched.');
  }
};

const killFileFinding = (dataDir: string): Finding => {
  const there = KILL_FILE_NAMES.map((name) => path.join(dataDir, name)).find(
    (file) => lstatSync(file, { throwIfNoEntry: false }) !== undefined,
  );
  if (there === undefined) return pass('kill-file', 'KILL file', 'none');
  return fail(
    'kill-file',
    'KILL file',
    `${there} keeps the engine stopped`,
    'Remove the file when its reason is gone, then reset the stop in the console.',
  );
};
