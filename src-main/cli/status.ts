/**
 * `status`: how the engine stands, for people and programs. From the running engine, or, where none runs, from what its
 * ledger kept. Changes nothing.
 */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { HedgeGroup } from '../../src-shared/domain/hedgeGroup.ts';
import { isEndedGroup } from '../../src-shared/domain/hedgeGroup.ts';
import { openArchive } from '../adapters/ledger/ledger.ts';
import { readSecrets } from '../adapters/secrets/secrets.ts';
import { LEDGER_FILE } from '../hosts/compose.ts';
import { UsageFault } from '../hosts/headless/args.ts';
import { KILL_FILE_NAMES } from '../hosts/killFile.ts';
import type { ExchangeStanding } from '../hosts/exchangeStanding.ts';
import type { TerminalStanding } from '../hosts/terminalStanding.ts';
import { NO_STATUS, unhedged, type EngineStatus, type StandingGroup } from '../hosts/status.ts';
import { DATA_DIR_USAGE, dataDirOf, EngineRefusal, findEngine } from './engineLink.ts';
import { guarded, type Output } from './output.ts';

export const STATUS_EXIT = { ok: 0, fault: 1, usage: 2, notRunning: 3, stopped: 4, notAnswering: 5 } as const;

export const STATUS_USAGE = `Usage: quant-arb status [options]

Says how the engine stands: asked over its own interface, or read from its ledger where none is running.

  --json                 one JSON object, see below
${DATA_DIR_USAGE}
Members of the JSON object (added to in later versions, never renamed; null = not known):
  engine                 "running", "not-answering" or "not-running"
  source                 where the rest comes from: "engine", "ledger" or "nothing"
  mode profile version runId startedUnixMs
  endedUnixMs endReason  of the last run, when none is running; null = it did not end cleanly
  tradingState           "active", "reducing" or "halted"
  armed                  whether intents may become orders
  pause kill             {latchedUnixMs, source, by, reason}; kill also {level, verifiedUnixMs, remaining[]}
  scopedStops            stops of one pair or venue: [{scope, level, latch}]
  killFile               the KILL file that is there
  openGroups heldGroups  how many groups are open, and how many wait for an operator
  groups                 all that have not ended: [{id, pairId, state, why, residualBaseQty, nakedSinceUnixMs}]
  residuals              those of them with something unhedged
  nakedUsd nakedSinceUnixMs
  dayNetUsd              realized today (UTC)
  ledgerFault            why the ledger cannot be written
  reasons                why the engine is not ready; only while it runs
  terminals              MetaTrader: [{venueId, link, orderLink, report, pairs, …}], see "quant-arb doctor"; only while it runs
  exchanges              accounts: [{venueId, link, orderLink, report, key, …}], see "quant-arb doctor"; only while it runs
  armConditions          why arming would be refused now; only while it runs
  fingerprint            of the configuration it runs; only while it runs
  live                   real money: {checklist, worstCaseUsd, rung, rungs, …}; null in every other mode

Exit code: 0 running and not stopped, 1 failed, 2 wrong usage, 3 not running, 4 running but stopped: killed, paused,
halted, or a group waits for an operator, 5 there is a process but it does not answer.
`;

const OPTIONS = { json: { type: 'boolean' }, 'data-dir': { type: 'string' }, profile: { type: 'string' } } as const;

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
};

const killFileIn = (dataDir: string): string | null =>
  KILL_FILE_NAMES.map((name) => path.join(dataDir, name)).find((file) => lstatSync(file, { throwIfNoEntry: false }) !== undefined) ?? null;

const standingGroup = (group: HedgeGroup): StandingGroup => ({
  id: group.id,
  pairId: group.pairId,
  state: group.state,
  why: group.why,
  residualBaseQty: group.residualBaseQty,
  nakedSinceUnixMs: group.residualSinceUnixMs,
});

const earliest = (moments: readonly (number | null)[]): number | null => {
  const known = moments.filter((each) => each !== null);
  return known.length === 0 ? null : Math.min(...known);
};

/** What the ledger kept. @throws LedgerFault when there is none, or none that can be read */
const fromLedger = (dataDir: string): Partial<EngineStatus> => {
  const archive = openArchive({ path: path.join(dataDir, LEDGER_FILE) });
  try {
    const last = archive.runs().at(-1);
    const { pause, kill, trading } = archive.standing();
    const settings = last === undefined ? null : archive.settingsOf(last.runId);
    const groups = trading.groups.filter(({ state }) => !isEndedGroup(state)).map(standingGroup);
    return {
      source: 'ledger',
      mode: settings?.mode ?? null,
      profile: settings?.profile ?? null,
      version: last?.version ?? null,
      runId: last?.runId ?? null,
      startedUnixMs: last?.startedUnixMs ?? null,
      endedUnixMs: last?.endedUnixMs ?? null,
      endReason: last?.endReason ?? null,
      tradingState: kill === null ? 'active' : 'halted',
      pause,
      kill,
      scopedStops: trading.scopedStops,
      groups,
      residuals: unhedged(groups),
      openGroups: groups.length,
      heldGroups: groups.filter(({ state }) => state === 'operator-held').length,
      nakedSinceUnixMs: earliest(groups.map((group) => group.nakedSinceUnixMs)),
      dayNetUsd: trading.day?.netUsd ?? null,
    };
  } finally {
    archive.close();
  }
};

/** @throws LedgerFault, SecretsFault, Error when the engine refuses to tell */
const statusOfDataDir = async (dataDir: string): Promise<EngineStatus> => {
  const engine = findEngine(dataDir);
  const secrets = engine?.alive() === true ? readSecrets(dataDir) : null;
  let standing: EngineStatus['engine'] = 'not-running';
  if (engine !== null && secrets !== null) {
    const answer = await engine.ask({ method: 'GET', path: '/api/status', token: secrets.readToken });
    if (answer.code === 'answered' && answer.status === 200) return { ...NO_STATUS, ...(answer.body as EngineStatus) };
    if (answer.code === 'answered') throw new EngineRefusal(answer.status, answer.body);
    if (answer.code === 'silent') standing = 'not-answering';
  }
  return { ...NO_STATUS, killFile: killFileIn(dataDir), ...fromLedger(dataDir), engine: standing };
};

const exitOf = (status: EngineStatus): number => {
  if (status.engine === 'not-running') return STATUS_EXIT.notRunning;
  if (status.engine === 'not-answering') return STATUS_EXIT.notAnswering;
  const stopped =
    status.kill !== null ||
    status.pause !== null ||
    status.tradingState === 'halted' ||
    status.ledgerFault !== null ||
    status.heldGroups > 0;
  return stopped ? STATUS_EXIT.stopped : STATUS_EXIT.ok;
};

const time = (unixMs: number | null): string => (unixMs === null ? '—' : new Date(unixMs).toISOString());

const terminalText = ({ venueId, link, linkDetail, orderLink, report }: TerminalStanding): string => {
  const side = report?.terminal ?? null;
  const orders = side === null ? 'orders on paper' : `orders ${orderLink}${side.trading || side.why === '' ? '' : `: ${side.why}`}`;
  return `mt5      ${venueId} ${link}, ${linkDetail}; ${orders}`;
};

const textOf = (status: EngineStatus): string => {
  const { kill, pause, groups } = status;
  const ended =
    status.endedUnixMs === null ? 'it did not end cleanly' : `ended ${time(status.endedUnixMs)} (${status.endReason ?? 'no reason'})`;
  return [
    `engine   ${status.engine}${status.source === 'ledger' ? `; read from its ledger, last run ${status.runId ?? '—'} began ${time(status.startedUnixMs)}, ${ended}` : ''}`,
    `trading  ${status.tradingState ?? '—'}, ${status.armed ? 'ARMED' : 'disarmed'}${pause === null ? '' : `, paused by ${pause.by} (${pause.source})`}`,
    ...(kill === null
      ? []
      : [
          `stop     ${kill.level.toUpperCase()} since ${time(kill.latchedUnixMs)} by ${kill.by} (${kill.source})${kill.reason === '' ? '' : `: ${kill.reason}`}; ${kill.verifiedUnixMs === null ? 'NOT VERIFIED' : `verified ${time(kill.verifiedUnixMs)}`}`,
          ...kill.remaining.map((what) => `         remains: ${what}`),
        ]),
    ...status.scopedStops.map(({ scope, level, latch }) => `stop     ${level.toUpperCase()} of ${scope} by ${latch.by} (${latch.source})`),
    ...(status.killFile === null ? [] : [`file     ${status.killFile}`]),
    ...status.terminals.map(terminalText),
    ...status.exchanges.map(exchangeText),
    ...liveText(status),
    `groups   ${groups.length} not ended, ${status.heldGroups} for an operator; naked ${status.nakedUsd === null ? (status.residuals.length === 0 ? 'nothing' : 'yes') : `$${status.nakedUsd.toFixed(2)}`}`,
    ...groups.map((group) => `         ${group.id} ${group.pairId} ${group.state}, residual ${group.residualBaseQty}: ${group.why}`),
    `today    ${status.dayNetUsd === null ? '—' : `${status.dayNetUsd < 0 ? '-' : ''}$${Math.abs(status.dayNetUsd).toFixed(2)}`} realized`,
    ...(status.ledgerFault === null ? [] : [`ledger   ${status.ledgerFault}`]),
    ...status.reasons.map((reason) => `reason   ${reason}`),
    '',
  ].join('\n');
};

/** What fails of the account, by name; a link that is down without that says why itself. */
const accountWhy = ({ orderLink, report }: ExchangeStanding): string => {
  const failing = report?.checks.filter(({ state }) => state === 'fail') ?? [];
  if (failing.length > 0)
    return `; failing: ${[...new Set(failing.map(({ label }) => label))].join(', ')} (“quant-arb doctor” says what to do)`;
  if (report === null || orderLink === 'up') return '';
  return `: ${report.entry.up ? report.stream.detail : report.entry.detail}`;
};

const exchangeText = (standing: ExchangeStanding): string => {
  const { venueId, link, linkDetail, orderLink, report } = standing;
  const side =
    report === null
      ? 'orders on paper, or nothing heard of its account yet'
      : `orders ${report.environment.toUpperCase()} ${orderLink}${accountWhy(standing)}`;
  return `exchange ${venueId} ${link}, ${linkDetail}; ${side}`;
};

const liveText = ({ live }: EngineStatus): readonly string[] =>
  live === null
    ? []
    : [
        `live     rung ${live.rung + 1} of ${live.rungs.length}, ${live.groupsOnRung} groups closed well on it; worst case ${live.worstCaseUsd === null ? '—' : `$${live.worstCaseUsd}`}`,
        ...live.checklist.filter(({ state }) => state === 'fail').map(({ label, detail }) => `         fails: ${label}: ${detail}`),
      ];

export const runStatus = (argv: readonly string[], output: Output): Promise<number> =>
  guarded(output, STATUS_USAGE, async () => {
    const values = parse(argv);
    const status = await statusOfDataDir(dataDirOf(values));
    output.out(values.json === true ? `${JSON.stringify(status, null, 2)}\n` : textOf(status));
    return exitOf(status);
  });
