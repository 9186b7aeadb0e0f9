/**
 * `npm test`: every check there is, in the order that finds trouble soonest. A failure does not hide the checks after it.
 * Closes with the counts alone on a line. `--only step,step` and `--skip step,step` narrow it while working.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from './build.mjs';
import { findChromium } from './chromium.mjs';
import { ensureInstalled } from './install.mjs';
import { findNode } from './node24.mjs';
import { isMain, projectRoot, readJson, Refusal, runMain } from './project.mjs';
import { closingLine, emptyTally, tallyCrashes, tallyPlaywright, tallyVitest } from './report.mjs';
import { capture } from './spawned.mjs';

const REPORTS = join(projectRoot, 'out', 'reports');
/** No single step may hang the run. */
export const STEP_DEADLINE_MS = 10 * 60_000;
/** The whole of the console in two hosts, on two cores that others may use as well. */
export const E2E_DEADLINE_MS = 20 * 60_000;
/** Worlds of the EA side by side, in each of two workers: they wait more than they work. */
export const WORLDS_TOGETHER = 6;
/** Crashes of the built engine; `npm run crash` does hundreds. */
export const TEST_KILLS = 12;

/**
 * @typedef {import('./report.mjs').Tally} Tally
 * @typedef {{ tally: Tally, output: string }} Outcome
 * @typedef {{ name: string, title: string, run: (node: string) => Promise<Outcome> }} Step
 */

/** @param {...string} path below node_modules */
const tool = (...path) => join(projectRoot, 'node_modules', ...path);

/**
 * A check with no count of its own: one passed or one failed.
 * @param {string} name
 * @param {boolean} ok
 * @param {string} output
 * @returns {Outcome}
 */
function single(name, ok, output) {
  return { tally: { ...emptyTally(), passed: ok ? 1 : 0, failed: ok ? 0 : 1, failures: ok ? [] : [name] }, output };
}

/**
 * @param {string} name
 * @param {string} title
 * @param {readonly string[]} args of Node
 * @returns {Step}
 */
function checkStep(name, title, args) {
  return {
    name,
    title,
    run: async (node) => {
      const { code, output, timedOut } = await capture(node, args, { deadlineMs: STEP_DEADLINE_MS });
      return single(name, code === 0, timedOut ? `${output}\nnot finished within ${STEP_DEADLINE_MS / 60_000} minutes` : output);
    },
  };
}

/**
 * @param {string} name
 * @param {string} title
 * @param {readonly string[]} args of vitest
 * @returns {Step}
 */
function vitestStep(name, title, args) {
  return {
    name,
    title,
    run: async (node) => {
      const report = join(REPORTS, `${name}.json`);
      rmSync(report, { force: true });
      const env = { ...process.env, QUANT_ARB_TEST_REPORT: report, NO_COLOR: '1' };
      const reporters = ['--reporter=default', `--reporter=${join(projectRoot, 'scripts', 'vitestReport.mjs')}`];
      const result = await capture(node, [tool('vitest', 'vitest.mjs'), 'run', ...reporters, ...args], {
        env,
        deadlineMs: STEP_DEADLINE_MS,
      });
      return { tally: tallyVitest(readJson(report), result.code), output: result.output };
    },
  };
}

/** @returns {string} Playwright's configuration */
function playwrightConfig() {
  const places = [join('e2e', 'playwright.config.ts'), 'playwright.config.ts'];
  const found = places.find((place) => existsSync(join(projectRoot, place)));
  if (found === undefined) throw new Refusal(`There is no ${places.join(' or ')}.`);
  return found;
}

/** @type {Step} */
const endToEnd = {
  name: 'e2e',
  title: 'end-to-end tests in Chromium',
  run: async (node) => {
    const chromium = await findChromium({ node, say: (line) => console.log(`    ${line}`) });
    const report = join(REPORTS, 'e2e.json');
    rmSync(report, { force: true });
    const env = { ...process.env, QUANT_ARB_CHROMIUM: chromium, PLAYWRIGHT_JSON_OUTPUT_FILE: report, NO_COLOR: '1' };
    const args = [tool('@playwright', 'test', 'cli.js'), 'test', '--config', playwrightConfig(), '--reporter=list,json'];
    const { code, output } = await capture(node, args, { env, deadlineMs: E2E_DEADLINE_MS });
    return { tally: tallyPlaywright(readJson(report), code), output };
  },
};

/** @type {Step} */
const buildStep = {
  name: 'build',
  title: 'build',
  run: async () => single('build', true, await build()),
};

/** @type {Step} */
const crashes = {
  name: 'crash',
  title: `the engine killed ${TEST_KILLS} times`,
  run: async (node) => {
    const report = join(REPORTS, 'crash.json');
    rmSync(report, { force: true });
    const program = join(projectRoot, 'e2e', 'crash', 'main.ts');
    const args = ['--disable-warning=ExperimentalWarning', program, '--kills', String(TEST_KILLS), '--report', report];
    const { code, output } = await capture(node, args, { deadlineMs: STEP_DEADLINE_MS });
    return { tally: tallyCrashes(readJson(report), code), output };
  },
};

/** @type {readonly Step[]} */
export const STEPS = [
  checkStep('types', 'types', [tool('typescript', 'bin', 'tsc'), '-b']),
  checkStep('lint', 'lint, type-aware', [tool('oxlint', 'bin', 'oxlint'), '--type-aware', '--deny-warnings']),
  checkStep('format', 'format', [tool('@biomejs', 'biome', 'bin', 'biome'), 'format', '--colors=off']),
  checkStep('unused', 'unused files, exports and dependencies', [tool('knip', 'bin', 'knip.js'), '--no-progress']),
  vitestStep('tidy', 'tidy rules', ['--project', 'tidy']),
  vitestStep('unit', 'unit and property tests', ['--project', 'unit*']),
  buildStep,
  vitestStep('mql5', 'the EA, translated and run', ['--project', 'worlds', '--maxConcurrency', String(WORLDS_TOGETHER)]),
  crashes,
  endToEnd,
];

/**
 * @param {readonly string[]} args
 * @returns {readonly Step[]}
 * @throws {Refusal} when a name is not a step's
 */
export function chosenSteps(args) {
  const named = (/** @type {string} */ flag) => {
    const at = args.indexOf(flag);
    return at < 0 ? null : (args[at + 1] ?? '').split(',');
  };
  const [only, skip] = [named('--only'), named('--skip')];
  const known = STEPS.map((step) => step.name);
  const unknown = [...(only ?? []), ...(skip ?? [])].filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Refusal(`No such step: ${unknown.join(', ')}. Steps: ${known.join(', ')}.`);
  return STEPS.filter((step) => (only?.includes(step.name) ?? true) && !(skip?.includes(step.name) ?? false));
}

/**
 * @param {Step} step
 * @param {string} node
 * @returns {Promise<Tally>}
 */
async function perform(step, node) {
  const begunMs = performance.now();
  /** @type {Outcome} */
  let outcome;
  try {
    outcome = await step.run(node);
  } catch (cause) {
    const text = cause instanceof Refusal ? cause.message : cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    outcome = single(step.name, false, text);
  }
  const { tally, output } = outcome;
  const seconds = ((performance.now() - begunMs) / 1000).toFixed(1).padStart(6);
  const lamp = tally.failed === 0 ? 'ok  ' : 'FAIL';
  console.log(`${lamp} ${seconds} s  ${step.title}  (${closingLine(tally)})`);
  if (tally.failed > 0) {
    const log = join(REPORTS, `${step.name}.log`);
    writeFileSync(log, output);
    for (const failure of tally.failures) console.log(`  failed: ${failure}`);
    const silent = tally.failures.every((failure) => !failure.includes('\n'));
    console.log(silent ? `\n${output.trimEnd()}\n` : `  its whole output: ${relative(projectRoot, log)}\n`);
  }
  return tally;
}

/** @returns {Promise<number>} */
async function main() {
  const steps = chosenSteps(process.argv.slice(2));
  await ensureInstalled(console.log);
  const node = await findNode();
  mkdirSync(REPORTS, { recursive: true });
  const total = emptyTally();
  for (const step of steps) {
    const tally = await perform(step, node);
    total.passed += tally.passed;
    total.failed += tally.failed;
    total.skipped.push(...tally.skipped);
    total.failures.push(...tally.failures.map((failure) => `${step.name}: ${failure}`));
  }
  if (total.skipped.length > 0) console.log('\nSkipped:');
  for (const { name, why } of total.skipped) console.log(`  ${name}: ${why}`);
  if (total.failures.length > 0) console.log('\nFailed:');
  for (const failure of total.failures) console.log(`  ${failure.split('\n')[0]}`);
  console.log(`\n${closingLine(total)}`);
  return total.failed === 0 ? 0 : 1;
}

if (isMain(import.meta.url)) await runMain(main);
