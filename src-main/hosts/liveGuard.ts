/**
 * Collects the evidence that real money asks for: the doctor's record of this very configuration, and the kill drill and closed
 * groups in the ledger of the rehearsal. Hands the whole list to the engine, which judges; what cannot be read is a failed item.
 * Keys are proved by the running gateways, and judged by the engine itself.
 */
import type { Config, LiveConfig } from '../../src-shared/config/schema.ts';
import type { LiveCheck } from '../../src-shared/domain/live.ts';
import { readRehearsal, type Rehearsal } from '../adapters/ledger/rehearsal.ts';
import { LedgerFault, type Clock, type ControlInlet } from '../runtime/ports.ts';
import { fingerprintOf, readDoctorRecord } from './doctorRecord.ts';

/** Older findings of the doctor say nothing of today. */
export const MAX_DOCTOR_AGE_MS = 24 * 3_600_000;
/** Within so many days a person must have pressed KILL, and every venue must have confirmed it. */
export const MAX_DRILL_AGE_MS = 30 * 24 * 3_600_000;
/** Clocks of two programs on one computer agree; a record from the future is not believed. */
const MAX_FUTURE_MS = 60_000;
/** The doctor's record is a small file; the rehearsal's ledger is read again only while it does not yet show what is needed. */
export const LOOK_EVERY_MS = 10_000;
export const REREAD_REHEARSAL_MS = 60_000;
/** Told again so often although nothing changed, so that what is shown ages rightly. */
export const RETELL_MS = 600_000;

export interface LiveGuardParts {
  readonly config: Config & { readonly live: LiveConfig };
  readonly dataDir: string;
  /** Of the rehearsal's ledger. */
  readonly rehearsalLedger: string;
  readonly clock: Clock;
  readonly inlet: ControlInlet;
}

export interface LiveGuard {
  /** Reads what is due and tells the engine what changed. */
  look(): void;
  /** Looks now and then; ends with `stop`. */
  start(): void;
  stop(): void;
}

const agoText = (ms: number): string => {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  return hours < 72 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`;
};

type Item = Omit<LiveCheck, 'code' | 'label'>;
const pass = (detail: string): Item => ({ state: 'pass', detail, fix: '' });
const fail = (detail: string, fix: string): Item => ({ state: 'fail', detail, fix });

const RUN_DOCTOR = 'Run “quant-arb doctor --config …” with this configuration while this engine runs.';

export const doctorItem = ({ config, dataDir, clock }: LiveGuardParts): Item => {
  const record = readDoctorRecord(dataDir);
  if (record === null) return fail('the doctor has not looked at this engine', RUN_DOCTOR);
  const ageMs = clock.unixMs() - record.unixMs;
  if (ageMs < -MAX_FUTURE_MS) return fail('the doctor’s record is from the future', RUN_DOCTOR);
  const when = agoText(Math.max(0, ageMs));
  if (record.fingerprint !== fingerprintOf(config)) return fail(`the doctor looked at another configuration, ${when}`, RUN_DOCTOR);
  if (!record.ok)
    return fail(
      `${when} the doctor found: ${record.unmet.slice(0, 3).join('; ')}${record.unmet.length > 3 ? ' …' : ''}`,
      'Do what the doctor says, then run it again.',
    );
  if (ageMs > MAX_DOCTOR_AGE_MS) return fail(`the doctor last looked ${when}`, RUN_DOCTOR);
  return pass(`everything passed ${when}`);
};

const DRILL = 'Press KILL in the rehearsal’s console and wait for VERIFIED.';

export const drillItem = ({ drill, presses }: Rehearsal, nowUnixMs: number): Item => {
  if (drill === null)
    return fail(
      presses === 0
        ? 'no kill drill within 30 days'
        : `KILL was pressed ${presses} times within 30 days, and no venue-wide confirmation followed`,
      DRILL,
    );
  const tookMs = drill.verifiedUnixMs - drill.pressedUnixMs;
  return pass(`pressed ${agoText(nowUnixMs - drill.pressedUnixMs)}, verified after ${(tookMs / 1_000).toFixed(1)} s`);
};

export const groupsItem = ({ closedGroups }: Rehearsal, needed: number): Item =>
  closedGroups >= needed
    ? pass(`${closedGroups} hedges closed, ${needed} needed`)
    : fail(
        `${closedGroups} of ${needed} hedges closed`,
        'Let the rehearsal open and close more hedges of the pairs of this configuration.',
      );

/** What the ledger says, or why it says nothing. */
const readLedger = ({ config, rehearsalLedger, clock }: LiveGuardParts): Rehearsal | Item => {
  try {
    const pairIds = config.pairs.map(({ id }) => id);
    const rehearsal = readRehearsal(rehearsalLedger, clock.unixMs() - MAX_DRILL_AGE_MS, pairIds);
    if (rehearsal.mode === 'paper' || rehearsal.mode === 'demo') return rehearsal;
    return fail(
      `${rehearsalLedger} holds mode ${rehearsal.mode ?? 'none yet'}`,
      'Name the data directory of a paper or demo engine in live.rehearsalDataDir.',
    );
  } catch (error) {
    if (!(error instanceof LedgerFault)) throw error;
    return fail(error.message, 'Name the data directory of the rehearsal in live.rehearsalDataDir, and run it there first.');
  }
};

const rehearsalItems = (read: Rehearsal | Item, parts: LiveGuardParts): readonly [drill: Item, groups: Item] => {
  if ('state' in read) return [read, read];
  const now = parts.clock.unixMs();
  const isOld = read.drill !== null && now - read.drill.verifiedUnixMs > MAX_DRILL_AGE_MS;
  return [drillItem(isOld ? { ...read, drill: null, presses: 0 } : read, now), groupsItem(read, parts.config.live.rehearsalGroups)];
};

/** The whole evidence; `rehearsal` is what was read of its ledger. */
const evidenceOf = (parts: LiveGuardParts, rehearsal: Rehearsal | Item): readonly LiveCheck[] => {
  const [drill, groups] = rehearsalItems(rehearsal, parts);
  return [
    { code: 'doctor', label: 'Doctor', ...doctorItem(parts) },
    { code: 'kill-drill', label: 'Kill drill', ...drill },
    { code: 'rehearsal-groups', label: 'Rehearsal', ...groups },
  ];
};

const statesOf = (items: readonly LiveCheck[]): string => items.map(({ code, state }) => `${code} ${state}`).join(',');

export const createLiveGuard = (parts: LiveGuardParts): LiveGuard => {
  const { clock, inlet } = parts;
  let timer: NodeJS.Timeout | undefined;
  let rehearsal: Rehearsal | Item = fail('not read yet', '');
  let [readUnixMs, toldUnixMs, toldStates] = [-Infinity, -Infinity, ''];
  const suffices = (): boolean => rehearsalItems(rehearsal, parts).every(({ state }) => state === 'pass');
  const look = (): void => {
    const now = clock.unixMs();
    if (!suffices() && now - readUnixMs >= REREAD_REHEARSAL_MS) {
      rehearsal = readLedger(parts);
      readUnixMs = now;
    }
    const items = evidenceOf(parts, rehearsal);
    if (statesOf(items) === toldStates && now - toldUnixMs < RETELL_MS) return;
    if (inlet.offer({ type: 'live-checklist', items, checkedUnixMs: now }) === 'full') return;
    [toldUnixMs, toldStates] = [now, statesOf(items)];
  };
  return {
    look,
    start: () => {
      look();
      timer = setInterval(look, LOOK_EVERY_MS);
      timer.unref();
    },
    stop: () => clearInterval(timer),
  };
};
