/**
 * `ea`: what a person types into the EA's inputs, and the EA's sources into MetaTrader's data folder. Token and key are
 * printed only when asked for: a terminal's scroll-back is read by others.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { EngineSettings } from '../../src-shared/domain/settings.ts';
import { openArchive } from '../adapters/ledger/ledger.ts';
import { readSecrets } from '../adapters/secrets/secrets.ts';
import { LEDGER_FILE } from '../hosts/compose.ts';
import { ConfigFault } from '../hosts/configFile.ts';
import { UsageFault } from '../hosts/headless/args.ts';
import { productRoot } from '../hosts/version.ts';
import { LedgerFault } from '../runtime/ports.ts';
import { patientOf, PLACE_OPTIONS, PLACE_USAGE } from './doctor/doctor.ts';
import type { Patient } from './doctor/surroundings.ts';
import { copyEa, type CopyOutcome } from './eaFiles.ts';
import { findEngine } from './engineLink.ts';
import { EXIT, guarded, type Output } from './output.ts';

export const EA_USAGE = `Usage: quant-arb ea [options]

Prints the inputs that the EA needs, one "name=value" a line, and copies its sources into MetaTrader.

  --show-secrets         print the token and the key too, not only where they are
  --venue ID             which MetaTrader venue, where there are several
  --to DIR               copy the EA into this data folder of MetaTrader (there: File, Open Data Folder)
  --force                with --to: also over files that differ from ours
${PLACE_USAGE}
Exit code: 0 done, 1 files that differ were found and nothing was copied, or it failed, 2 wrong usage.
`;

const OPTIONS = {
  'show-secrets': { type: 'boolean' },
  venue: { type: 'string' },
  to: { type: 'string' },
  force: { type: 'boolean' },
  ...PLACE_OPTIONS,
} as const;

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
};

interface Listed {
  readonly venueId: string;
  readonly symbols: readonly string[];
}

const listed = (
  venues: readonly { readonly id: string; readonly protocol: string }[],
  of: (venueId: string) => readonly string[],
): readonly Listed[] => venues.filter(({ protocol }) => protocol === 'metatrader').map(({ id }) => ({ venueId: id, symbols: of(id) }));

/** Of the newest run that the ledger holds: the demo has no configuration file. */
const settingsOfLedger = (dataDir: string): EngineSettings | null => {
  try {
    const archive = openArchive({ path: path.join(dataDir, LEDGER_FILE) });
    try {
      const last = archive.runs().at(-1);
      return last === undefined ? null : archive.settingsOf(last.runId);
    } finally {
      archive.close();
    }
  } catch (error) {
    if (error instanceof LedgerFault) return null;
    throw error;
  }
};

const terminalsOf = ({ config, dataDir }: Patient): readonly Listed[] => {
  if (config !== null)
    return listed(config.venues, (id) => config.instruments.filter(({ venue }) => venue === id).map(({ symbol }) => symbol));
  const settings = settingsOfLedger(dataDir);
  if (settings === null) throw new UsageFault('no symbols are known yet: name --config, or start the engine once');
  return listed(settings.venues, (id) => settings.instruments.filter(({ venueId }) => venueId === id).map(({ symbol }) => symbol));
};

/** @throws UsageFault naming the choice */
const chosen = (terminals: readonly Listed[], venue: string | undefined): Listed => {
  const ids = terminals.map(({ venueId }) => venueId).join(', ');
  const found = venue === undefined ? terminals[0] : terminals.find(({ venueId }) => venueId === venue);
  if (terminals.length === 0 || found === undefined)
    throw new UsageFault(terminals.length === 0 ? 'no MetaTrader venue is configured' : `--venue must be one of ${ids}, not "${venue}"`);
  if (venue === undefined && terminals.length > 1)
    throw new UsageFault(`there are several MetaTrader venues; say which with --venue: ${ids}`);
  return found;
};

const urlOf = ({ dataDir, port }: Patient): string => {
  const engine = findEngine(dataDir);
  const of = engine?.alive() === true ? new URL(engine.marker.url).port : String(port);
  return `http://127.0.0.1:${of}`;
};

const inputsText = (patient: Patient, { symbols }: Listed, show: boolean): string => {
  const secrets = readSecrets(patient.dataDir);
  const file = path.join(patient.dataDir, 'secrets.json');
  const hidden = (member: string): string =>
    secrets === null ? `(made at the engine’s first start, ${member} in ${file})` : `(${member} in ${file}; --show-secrets prints it)`;
  return [
    `InpUrl=${urlOf(patient)}`,
    `InpToken=${show && secrets !== null ? secrets.mt5Token : hidden('mt5Token')}`,
    `InpKey=${show && secrets !== null ? secrets.mt5Key : hidden('mt5Key')}`,
    `InpSymbols=${symbols.join(';')}`,
    '',
    'Where the broker’s name differs, write ours=theirs: XAUUSD=XAUUSD.m;BTCUSD. All other inputs may stay as they are.',
    `Allow ${urlOf(patient)} in MetaTrader: Tools, Options, Expert Advisors, “Allow WebRequest for listed URL”.`,
    '',
  ].join('\n');
};

const copyText = ({ into, written, unchanged, refused }: CopyOutcome): string => {
  if (refused.length > 0)
    return [
      `Nothing was copied: these files in ${into} differ from ours.`,
      ...refused.map((file) => `  ${file}`),
      'Look at them; --force writes ours over them.',
      '',
    ].join('\n');
  return [
    `${into}: ${written.length} written, ${unchanged.length} already the same.`,
    ...written.map((file) => `  ${file}`),
    'Now compile QuantArb.mq5 in MetaEditor (F7): 0 errors, 0 warnings.',
    '',
  ].join('\n');
};

export const runEa = (argv: readonly string[], output: Output): Promise<number> =>
  guarded(output, EA_USAGE, async () => {
    const values = parse(argv);
    if (values.force === true && values.to === undefined) throw new UsageFault('--force belongs to --to');
    const { patient, finding } = patientOf(values);
    if (finding.state !== 'pass') throw new ConfigFault(patient.configFile ?? 'configuration', [finding.detail]);
    output.out(inputsText(patient, chosen(terminalsOf(patient), values.venue), values['show-secrets'] === true));
    if (values.to === undefined) return EXIT.ok;
    const outcome = copyEa(path.join(productRoot(), 'mql5'), path.resolve(values.to), values.force === true);
    (outcome.refused.length > 0 ? output.err : output.out)(copyText(outcome));
    return outcome.refused.length > 0 ? EXIT.fault : EXIT.ok;
  });
