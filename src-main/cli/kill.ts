/**
 * `kill`: the stop from the command line. Through the running engine where it answers; else by the KILL file, which a living
 * engine takes within moments and the next start finds. It says what is known and nothing more: LATCHED is the engine's
 * receipt, VERIFIED the venues' answers, and everything else is named as not confirmed.
 */
import { closeSync, fsyncSync, openSync, statSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { MAX_REASON_LENGTH, stopScope, type CommandReceipt } from '../../src-shared/contract/contract.ts';
import { KILL_LEVELS, type KillLatch, type KillLevel, type StopScope } from '../../src-shared/domain/tradingState.ts';
import { readSecrets, type Secrets } from '../adapters/secrets/secrets.ts';
import { UsageFault } from '../hosts/headless/args.ts';
import { KILL_FILE, KILL_FILE_POLL_MS } from '../hosts/killFile.ts';
import type { EngineStatus } from '../hosts/status.ts';
import { DATA_DIR_USAGE, dataDirOf, findEngine, refusalText, type FoundEngine } from './engineLink.ts';
import { guarded, type Output } from './output.ts';

export const KILL_EXIT = { verified: 0, fault: 1, usage: 2, notRunning: 3, notVerified: 4, unconfirmed: 5 } as const;
export const DEFAULT_WAIT_S = 15;
export const MAX_WAIT_S = 600;
const ASK_AGAIN_MS = 100;
/** A living engine takes the file within its poll; on a busy machine a few of them. */
const FILE_TAKEN_WITHIN_MS = 8 * KILL_FILE_POLL_MS;

export const KILL_USAGE = `Usage: quant-arb kill [options]

Latches a stop. It outlives restarts, and ends only by a reset in the console.

  --level LEVEL          kill: no new orders, working ones canceled, naked legs repaired (default)
                         flatten: the same, and every hedge group is closed, both legs together
                         hands-off: nothing at all is sent any more, not even cancels
  --scope SCOPE          all (default), pair:ID or venue:ID
  --reason TEXT          kept in the journal
  --wait SECONDS         how long to wait for VERIFIED (default ${DEFAULT_WAIT_S})
${DATA_DIR_USAGE}
Where the engine does not answer, a file named ${KILL_FILE} is put beside its ledger: it kills a living engine within a
second, and the next start before anything else. It can only mean --level kill of everything. It stays until a person
removes it; while it is there, the stop cannot be reset.

Exit code: 0 VERIFIED, 1 failed, 2 wrong usage, 3 no engine is running (the file will kill the next one),
4 LATCHED but not verified in time: what remains was printed, 5 not confirmed: the file is there, nobody answered.
`;

const OPTIONS = {
  level: { type: 'string' },
  scope: { type: 'string' },
  reason: { type: 'string' },
  wait: { type: 'string' },
  'data-dir': { type: 'string' },
  profile: { type: 'string' },
} as const;

interface Press {
  readonly dataDir: string;
  readonly level: KillLevel;
  readonly scope: StopScope;
  readonly reason: string;
  readonly waitMs: number;
}

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
};

const pressOf = (argv: readonly string[]): Press => {
  const values = parse(argv);
  const level = KILL_LEVELS.find((each) => each === (values.level ?? 'kill'));
  if (level === undefined) throw new UsageFault(`--level must be one of ${KILL_LEVELS.join(', ')}, not "${values.level}"`);
  const scope = stopScope.safeParse(values.scope);
  if (!scope.success) throw new UsageFault(`--scope must be all, pair:ID or venue:ID, not "${values.scope}"`);
  const reason = values.reason?.trim() ?? '';
  if (reason.length > MAX_REASON_LENGTH) throw new UsageFault(`--reason: at most ${MAX_REASON_LENGTH} characters`);
  const waitS = Number(values.wait ?? DEFAULT_WAIT_S);
  if (!(waitS >= 0 && waitS <= MAX_WAIT_S)) throw new UsageFault(`--wait must be from 0 to ${MAX_WAIT_S} seconds`);
  return { dataDir: dataDirOf(values), level, scope: scope.data, reason, waitMs: waitS * 1_000 };
};

const typedBy = (): string => `${os.userInfo().username}@${os.hostname()}`.replaceAll(/[^\w.@+-]/g, '-').slice(0, 64);
const seconds = (ms: number): string => (ms < 1_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(1)} s`);

/** The latch of this scope, at least as strong as asked for. */
const latchIn = (status: EngineStatus, { scope, level }: Press): KillLatch | null => {
  const latch =
    scope === 'all' ? status.kill : (status.scopedStops.find((stop) => stop.scope === scope && stop.level !== 'pause')?.latch ?? null);
  return latch !== null && KILL_LEVELS.indexOf(latch.level) >= KILL_LEVELS.indexOf(level) ? latch : null;
};

const standingOf = async (engine: FoundEngine, { readToken }: Secrets): Promise<EngineStatus | null> => {
  const answer = await engine.ask({ method: 'GET', path: '/api/status', token: readToken });
  return answer.code === 'answered' && answer.status === 200 ? (answer.body as EngineStatus) : null;
};

/** Asks until the venues have answered, time is up, or the engine is gone. */
const awaitVerified = async (engine: FoundEngine, secrets: Secrets, press: Press, output: Output): Promise<number> => {
  const endsMs = performance.now() + press.waitMs;
  let last: KillLatch | null = null;
  for (;;) {
    const status = await standingOf(engine, secrets);
    const latch = status === null ? null : latchIn(status, press);
    if (latch !== null && latch.verifiedUnixMs !== null) {
      const { verifiedUnixMs, latchedUnixMs } = latch;
      output.out(`VERIFIED, ${seconds(verifiedUnixMs - latchedUnixMs)} after the latch: nothing of ours is working at any venue asked.\n`);
      return KILL_EXIT.verified;
    }
    last = latch ?? last;
    if (performance.now() >= endsMs) break;
    await sleep(ASK_AGAIN_MS);
  }
  const remaining = last?.remaining ?? [];
  output.err(
    [
      `NOT VERIFIED within ${seconds(press.waitMs)}. ${remaining.length === 0 ? 'The engine did not say what remains; "quant-arb status" asks it again.' : 'What remains:'}`,
      ...remaining.map((what) => `  ${what}`),
      '',
    ].join('\n'),
  );
  return KILL_EXIT.notVerified;
};

/** Puts the file there, durably; one that is there already stays as it is. */
const placeKillFile = ({ dataDir, reason }: Press): { readonly file: string; readonly made: boolean } => {
  const file = path.join(dataDir, KILL_FILE);
  let descriptor: number;
  try {
    descriptor = openSync(file, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return { file, made: false };
    throw error;
  }
  try {
    writeSync(descriptor, `${reason === '' ? 'quant-arb kill' : reason} (${typedBy()})\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return { file, made: true };
};

/** Whether a living engine has latched what the file asks for. */
const tookFile = async (engine: FoundEngine, secrets: Secrets, press: Press): Promise<boolean> => {
  const endsMs = performance.now() + FILE_TAKEN_WITHIN_MS;
  while (performance.now() < endsMs) {
    const status = await standingOf(engine, secrets);
    if (status !== null && latchIn(status, press) !== null) return true;
    await sleep(ASK_AGAIN_MS);
  }
  return false;
};

const byFile = async (press: Press, engine: FoundEngine | null, secrets: Secrets | null, why: string, output: Output): Promise<number> => {
  output.err(`${why}\n`);
  if (press.level !== 'kill' || press.scope !== 'all') {
    output.err(
      `Nothing was stopped: ${press.level} of ${press.scope} needs an engine that answers. "quant-arb kill" alone works without.\n`,
    );
    return engine?.alive() === true ? KILL_EXIT.unconfirmed : KILL_EXIT.notRunning;
  }
  const { file, made } = placeKillFile(press);
  output.err(`${file} ${made ? 'was put there' : 'is there already'}. Remove it before you reset the stop.\n`);
  if (engine?.alive() !== true) {
    output.err('No engine is running here. The next one to start is killed before anything else.\n');
    return KILL_EXIT.notRunning;
  }
  if (secrets !== null && (await tookFile(engine, secrets, press))) {
    output.out('KILL LATCHED by the file.\n');
    return awaitVerified(engine, secrets, press, output);
  }
  output.err(
    `NOT CONFIRMED: process ${engine.marker.pid} is there but does not answer. If it lives, it takes the file; look at the venues.\n`,
  );
  return KILL_EXIT.unconfirmed;
};

const byEngine = async (press: Press, engine: FoundEngine, secrets: Secrets, output: Output): Promise<number> => {
  const { level, scope, reason } = press;
  const begunMs = performance.now();
  const body = { scope, reason, source: 'cli', by: typedBy() };
  const answer = await engine.ask({ method: 'POST', path: `/api/${level}`, token: secrets.killToken, body });
  if (answer.code !== 'answered') return byFile(press, engine, secrets, `The engine does not answer: ${answer.why}.`, output);
  if (answer.status !== 200)
    return byFile(press, engine, secrets, `The engine did not latch it (${answer.status}): ${refusalText(answer.body)}.`, output);
  const receipt = answer.body as CommandReceipt;
  const tookMs = performance.now() - begunMs;
  output.out(
    `${level.toUpperCase()} of ${scope} ${receipt.changed ? 'LATCHED' : 'was latched already'}: ${receipt.engineMs.toFixed(1)} ms in the engine, ${tookMs.toFixed(0)} ms with the way there.\n`,
  );
  return awaitVerified(engine, secrets, press, output);
};

export const runKill = (argv: readonly string[], output: Output): Promise<number> =>
  guarded(output, KILL_USAGE, async () => {
    const press = pressOf(argv);
    if (statSync(press.dataDir, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new UsageFault(`there is no data directory ${press.dataDir}: nothing runs there`);
    const engine = findEngine(press.dataDir);
    let secrets: Secrets | null = null;
    let why = '';
    try {
      secrets = readSecrets(press.dataDir);
    } catch (error) {
      // Unreadable secrets must not keep a stop from its file.
      why = (error as Error).message;
    }
    if (engine === null) return byFile(press, null, secrets, `No engine has left its address in ${press.dataDir}.`, output);
    if (!engine.alive()) return byFile(press, engine, secrets, `The engine of process ${engine.marker.pid} is gone.`, output);
    if (secrets === null) return byFile(press, engine, null, why === '' ? 'There is no secrets.json with a kill token.' : why, output);
    return byEngine(press, engine, secrets, output);
  });
