/**
 * `doctor`: is everything there that a hedge needs? Looks at this computer and its data, asks the running engine over its status
 * interface, and prints one line each with one fix for what does not pass. Changes nothing but its own record.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readSecrets, SecretsFault, type Secrets } from '../../adapters/secrets/secrets.ts';
import { defaultDataDir } from '../../hosts/dataDir.ts';
import { UsageFault } from '../../hosts/headless/args.ts';
import { NO_STATUS, type EngineStatus } from '../../hosts/status.ts';
import { productVersion } from '../../hosts/version.ts';
import type { Config, ExchangeVenueConfig } from '../../../src-shared/config/schema.ts';
import { fingerprintOf, writeDoctorRecord } from '../../hosts/doctorRecord.ts';
import { findEngine, refusalText } from '../engineLink.ts';
import { EXIT, guarded, type Output } from '../output.ts';
import { engineFindings, type Asked } from './engineFindings.ts';
import { exchangeFindings } from './exchangeFindings.ts';
import { findingText, findingsOf, widthOf, type Finding } from './finding.ts';
import { keyFindings } from './keyFindings.ts';
import { dataDirFinding, insideFindings, portFinding, reachFinding, readPatient, type Patient } from './surroundings.ts';
import { terminalFindings } from './terminalFindings.ts';

export const PLACE_OPTIONS = {
  config: { type: 'string' },
  'data-dir': { type: 'string' },
  profile: { type: 'string' },
  port: { type: 'string' },
} as const;

export const PLACE_USAGE = `  --config FILE          the configuration the engine runs with
  --profile NAME         the profile instead, whose usual data directory it is (default demo)
  --data-dir DIR         the data directory of the engine, where it is another
  --port N               the port of the listener, where it is another
`;

export const DOCTOR_USAGE = `Usage: quant-arb doctor [options]

Looks at everything that trading needs: this computer, the running engine, each terminal's hand-shake (hello, versions,
account, permissions, symbols with what a lot is on the other leg, filling, hours, server time, limits, snapshot), and each
exchange account (environment and hosts, where the key comes from, its rights, clock, position and margin mode, leverage,
fees, metadata, links, allowances, dead-man timer) with the exchange's own codes. One line each; what does not pass has one
fix. With --config the outcome is recorded in the data directory: mode live asks for it.

  --json                 one JSON object: {ok, url, secretsFile, findings: [{code, venue, label, state, detail, fix}]}
  --show-secrets         print the token and key that the EA needs
  --first-contact        instead, the ten questions that only the exchange itself can answer, asked of its demo (or the
                         simulated) accounts of --config with the keys that this command finds; writes a report to send
                         back, without any secret; places and cancels a few orders far off the market; refused on live
  --report FILE          where that report goes (default ./first-contact.json and .txt)
${PLACE_USAGE}
Exit code: 0 everything passes (warnings aside), 1 something fails or is waited for, 2 wrong usage.
`;

const OPTIONS = {
  json: { type: 'boolean' },
  'show-secrets': { type: 'boolean' },
  'first-contact': { type: 'boolean' },
  report: { type: 'string' },
  ...PLACE_OPTIONS,
} as const;

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
};

export interface Place {
  readonly config?: string | undefined;
  readonly 'data-dir'?: string | undefined;
  readonly profile?: string | undefined;
  readonly port?: string | undefined;
}

/** Whom to look at. @throws UsageFault */
export const patientOf = ({ config, profile, port, 'data-dir': dataDir }: Place): ReturnType<typeof readPatient> => {
  if (config !== undefined && profile !== undefined) throw new UsageFault('name the engine once: --config and --profile were given');
  if (port !== undefined && !(/^\d+$/.test(port) && Number(port) <= 65_535))
    throw new UsageFault(`--port must be a whole number up to 65535, not "${port}"`);
  const given = {
    dataDir: dataDir === undefined ? null : path.resolve(dataDir),
    port: port === undefined ? null : Number(port),
  };
  const usual = defaultDataDir(config === undefined ? (profile ?? 'demo') : 'paper');
  return readPatient(config === undefined ? null : path.resolve(config), given, usual);
};

const secretsOf = (dataDir: string): Secrets | null => {
  try {
    return readSecrets(dataDir);
  } catch (error) {
    if (error instanceof SecretsFault) return null;
    throw error;
  }
};

const askStatus = async (dataDir: string): Promise<Asked> => {
  const engine = findEngine(dataDir);
  if (engine === null) return { code: 'not-running', why: `no engine has left its address in ${dataDir}` };
  const { marker } = engine;
  if (!engine.alive()) return { code: 'not-running', why: `the engine of process ${marker.pid} is gone` };
  const secrets = secretsOf(dataDir);
  if (secrets === null) return { code: 'not-answering', why: 'the secrets cannot be read, so it was not asked' };
  const answer = await engine.ask({ method: 'GET', path: '/api/status', token: secrets.readToken });
  if (answer.code === 'nobody') return { code: 'not-running', why: answer.why };
  if (answer.code === 'silent') return { code: 'not-answering', why: answer.why };
  if (answer.status !== 200) return { code: 'refused', why: `the engine refused (${answer.status}): ${refusalText(answer.body)}` };
  return { code: 'answered', status: { ...NO_STATUS, ...(answer.body as EngineStatus) }, url: marker.url, pid: marker.pid };
};

const startWith = ({ configFile }: Patient): string =>
  configFile === null ? 'quant-arb run' : `quant-arb run --config ${JSON.stringify(configFile)}`;

const noTerminal = (): Finding =>
  findingsOf(null).fail(
    'terminals',
    'MetaTrader',
    'no MetaTrader venue is configured',
    'Add a venue with "protocol": "metatrader" to the configuration.',
  );

/** Where the EA reaches this engine. */
export const eaUrl = (patient: Patient, asked: Asked): string => {
  const port = asked.code === 'answered' ? new URL(asked.url).port : String(patient.port);
  return `http://127.0.0.1:${port}`;
};

const exchangeOf = (config: Config | null, venueId: string): ExchangeVenueConfig | null => {
  const venue = config?.venues.find(({ id }) => id === venueId);
  return venue === undefined || venue.protocol === 'metatrader' ? null : venue;
};

interface Report {
  readonly patient: Patient;
  readonly asked: Asked;
  readonly findings: readonly Finding[];
}

const examine = async (place: Place): Promise<Report> => {
  const { patient, finding: config } = patientOf(place);
  // Whose data directory and port it would be is not known then: lines about another's would mislead.
  if (config.state === 'fail' && place['data-dir'] === undefined)
    return { patient, asked: { code: 'not-running', why: 'the configuration cannot be read' }, findings: [config] };
  const asked = await askStatus(patient.dataDir);
  const owner = asked.code === 'answered' ? `${new URL(asked.url).port} is the engine’s` : null;
  const around = [
    config,
    dataDirFinding(patient.dataDir),
    ...insideFindings(patient, asked.code === 'answered' ? asked.status.mode : null),
    reachFinding(patient),
    await portFinding(patient, owner),
  ];
  const { terminals, exchanges } = asked.code === 'answered' ? asked.status : NO_STATUS;
  const wantsTerminal = patient.config?.venues.some(({ protocol }) => protocol === 'metatrader') ?? true;
  const sides = [
    ...(asked.code === 'answered' && terminals.length === 0 && wantsTerminal ? [noTerminal()] : terminals.flatMap(terminalFindings)),
    ...(asked.code === 'answered' || patient.config === null ? [] : keyFindings(patient.config, patient.dataDir, process.env)),
    ...exchanges.flatMap((exchange) => exchangeFindings(exchange, exchangeOf(patient.config, exchange.venueId), Date.now())),
  ];
  return {
    patient,
    asked,
    findings: [
      ...around,
      ...engineFindings(asked, {
        version: productVersion(),
        mode: patient.config?.mode ?? null,
        fingerprint: patient.config === null ? null : fingerprintOf(patient.config),
        start: startWith(patient),
      }),
      ...sides,
    ],
  };
};

const footer = ({ patient, asked }: Report, secrets: Secrets | null, show: boolean): readonly string[] => [
  'Inputs of the EA',
  `  InpUrl     ${eaUrl(patient, asked)}`,
  ...(show && secrets !== null
    ? [`  InpToken   ${secrets.mt5Token}`, `  InpKey     ${secrets.mt5Key}`]
    : [
        `  InpToken and InpKey: mt5Token and mt5Key in ${path.join(patient.dataDir, 'secrets.json')}; “quant-arb ea --show-secrets” prints all inputs`,
      ]),
];

const venueTitle = ({ asked, patient }: Report, venue: string): string => {
  const { terminals, exchanges } = asked.code === 'answered' ? asked.status : NO_STATUS;
  const configured = exchangeOf(patient.config, venue);
  const exchange = exchanges.find(({ venueId }) => venueId === venue)?.label ?? configured?.label;
  if (exchange !== undefined) return `Exchange, venue ${venue} (${exchange})`;
  const label = terminals.find(({ venueId }) => venueId === venue)?.label;
  return `MetaTrader, venue ${venue}${label === undefined ? '' : ` (${label})`}`;
};

const textOf = (report: Report, secrets: Secrets | null, show: boolean): string => {
  const { findings } = report;
  const venues = [...new Set(findings.map(({ venue }) => venue))];
  const labelOf = (venue: string | null): string => (venue === null ? 'This computer and the engine' : venueTitle(report, venue));
  const count = (state: Finding['state']): number => findings.filter((finding) => finding.state === state).length;
  const sum = (['pass', 'warn', 'fail', 'waiting'] as const).map((state) => `${count(state)} ${state}`).join(', ');
  return [
    ...venues.flatMap((venue) => {
      const own = findings.filter((finding) => finding.venue === venue);
      return [labelOf(venue), ...own.map((finding) => findingText(finding, widthOf(own))), ''];
    }),
    ...(report.findings.length === 1 ? [] : [...footer(report, secrets, show), '']),
    sum,
    '',
  ].join('\n');
};

/** For the engine of mode live: only what was asked of a running engine about a named configuration counts. */
const record = ({ patient, asked, findings }: Report): void => {
  const runId = asked.code === 'answered' ? asked.status.runId : null;
  if (patient.config === null || runId === null) return;
  const unmet = findings.filter(({ state }) => state === 'fail' || state === 'waiting');
  writeDoctorRecord(patient.dataDir, {
    version: 1,
    unixMs: Date.now(),
    fingerprint: fingerprintOf(patient.config),
    runId,
    ok: isGreen(findings),
    unmet: unmet.map(({ venue, label }) => (venue === null ? label : `${venue}: ${label}`)),
  });
};

const isGreen = (findings: readonly Finding[]): boolean => findings.every(({ state }) => state === 'pass' || state === 'warn');

const firstContact = async (
  values: Place & { readonly report?: string | undefined; readonly json?: boolean | undefined },
  output: Output,
) => {
  if (values.config === undefined) throw new UsageFault('--first-contact needs --config FILE: the exchanges and environments it is to ask');
  return (await import('../firstContact/firstContactCommand.ts')).runFirstContact(patientOf(values).patient, values, output);
};

export const runDoctor = (argv: readonly string[], output: Output): Promise<number> =>
  guarded(output, DOCTOR_USAGE, async () => {
    const values = parse(argv);
    if (values['first-contact'] === true) return firstContact(values, output);
    if (values.report !== undefined) throw new UsageFault('--report belongs to --first-contact');
    const report = await examine(values);
    const { findings, patient, asked } = report;
    const show = values['show-secrets'] === true;
    const secrets = secretsOf(patient.dataDir);
    const ok = isGreen(findings);
    record(report);
    const shown = show && secrets !== null ? { token: secrets.mt5Token, key: secrets.mt5Key } : {};
    const summary = { ok, url: eaUrl(patient, asked), secretsFile: path.join(patient.dataDir, 'secrets.json'), ...shown, findings };
    output.out(values.json === true ? `${JSON.stringify(summary, null, 2)}\n` : textOf(report, secrets, show));
    return ok ? EXIT.ok : EXIT.fault;
  });
