/**
 * Child processes, alike on Windows, macOS and Linux: captured runs with a deadline, npm without `npm.cmd`
 * quoting, and the foreground child which gets Ctrl-C exactly once.
 */
import { spawn } from 'node:child_process';
import { projectRoot } from './project.mjs';

/** One press of Ctrl-C reaches us from the terminal and again from npm; signals this close together are one press. */
export const SAME_PRESS_MS = 250;
/** How often a child of npm looks whether npm's shell is still there: it passes no signal on when it is told to end. */
export const PARENT_LOOK_MS = 500;
/** The most output kept of a captured run; the newest is what says why it failed. */
export const CAPTURE_LIMIT_CHARS = 2_000_000;

const startedBy = process.ppid;

/**
 * @typedef {{ code: number, output: string, stdout: string, timedOut: boolean }} Captured
 * @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, deadlineMs?: number, onOutput?: (text: string) => void, shell?: boolean }} CaptureOptions
 */

/**
 * Runs to the end and keeps what was printed. Never rejects: a command that cannot start has code 127.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {CaptureOptions} [options]
 * @returns {Promise<Captured>}
 */
export function capture(command, args, options = {}) {
  return new Promise((resolve) => {
    let output = '';
    let stdout = '';
    let timedOut = false;
    const child = spawn(command, [...args], {
      cwd: options.cwd ?? projectRoot,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: options.shell ?? false,
      windowsHide: true,
    });
    const timer =
      options.deadlineMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            child.kill('SIGKILL');
          }, options.deadlineMs);
    const take = (/** @type {string} */ text) => {
      output = (output + text).slice(-CAPTURE_LIMIT_CHARS);
      options.onOutput?.(text);
    };
    child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      stdout = (stdout + text).slice(-CAPTURE_LIMIT_CHARS);
      take(text);
    });
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', (cause) => {
      clearTimeout(timer);
      resolve({ code: 127, output: `${output}${cause.message}`, stdout, timedOut });
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 1, output, stdout, timedOut });
    });
  });
}

/**
 * How to start npm: the npm that started us when there is one, else the one in the path.
 * @param {readonly string[]} args plain words only
 * @param {{ env: NodeJS.ProcessEnv, platform: NodeJS.Platform, execPath: string }} from
 * @returns {{ command: string, args: string[], shell: boolean }}
 */
export function npmCommand(args, from) {
  const npmCli = from.env['npm_execpath'];
  if (npmCli !== undefined && /npm-cli\.c?js$/.test(npmCli)) return { command: from.execPath, args: [npmCli, ...args], shell: false };
  // Node refuses to start a .cmd without a shell; the words hold nothing a shell would read.
  return from.platform === 'win32'
    ? { command: 'npm.cmd', args: [...args], shell: true }
    : { command: 'npm', args: [...args], shell: false };
}

/**
 * @param {readonly string[]} args
 * @param {CaptureOptions} [options]
 */
export function npm(args, options = {}) {
  const how = npmCommand(args, { env: process.env, platform: process.platform, execPath: process.execPath });
  return capture(how.command, how.args, { ...options, shell: how.shell });
}

/**
 * Decides what a signal means, given when earlier ones came. Pure, so that it can be tested.
 * @param {number | null} firstPressAtMs
 * @param {number} nowMs
 * @returns {'first' | 'same' | 'again'}
 */
export function pressOf(firstPressAtMs, nowMs) {
  if (firstPressAtMs === null) return 'first';
  return nowMs - firstPressAtMs < SAME_PRESS_MS ? 'same' : 'again';
}

/**
 * Runs a child in the foreground. The first Ctrl-C asks it to end cleanly, the second ends it at once.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, say?: (line: string) => void }} [options]
 * @returns {Promise<number>} the exit code; 128 + 9 when it was ended at once
 */
export function foreground(command, args, options = {}) {
  const say = options.say ?? console.error;
  // Off Windows the child leads its own group, so the terminal's signal reaches it only through us, once.
  const ownGroup = process.platform !== 'win32';
  /** @type {number | null} */
  let firstPressAtMs = null;
  const kill = () => {
    try {
      if (ownGroup && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      else child.kill('SIGKILL');
    } catch {
      // It is gone already.
    }
  };
  const onSignal = (/** @type {NodeJS.Signals} */ signal) => {
    const nowMs = performance.now();
    const press = pressOf(firstPressAtMs, nowMs);
    if (press === 'same') return;
    if (press === 'again') {
      say('Ending at once.');
      kill();
      return;
    }
    firstPressAtMs = nowMs;
    // Windows has told the child already, and has no polite signal of its own.
    if (ownGroup) child.kill(signal);
  };
  /** @type {readonly NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  // Ahead of the child: a signal that came between would end us and leave it running.
  for (const signal of signals) process.on(signal, onSignal);
  const child = spawn(command, [...args], {
    cwd: options.cwd ?? projectRoot,
    env: options.env ?? process.env,
    stdio: 'inherit',
    detached: ownGroup,
  });
  process.once('exit', kill);
  const watch = setInterval(() => {
    if (process.env['npm_lifecycle_event'] !== undefined && process.ppid !== startedBy && firstPressAtMs === null) onSignal('SIGTERM');
  }, PARENT_LOOK_MS);
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearInterval(watch);
      process.removeListener('exit', kill);
      for (const signal of signals) process.removeListener(signal, onSignal);
    };
    child.on('error', (cause) => {
      settle();
      reject(cause);
    });
    child.on('exit', (code, signal) => {
      settle();
      resolve(code ?? (signal === 'SIGKILL' ? 137 : 1));
    });
  });
}
