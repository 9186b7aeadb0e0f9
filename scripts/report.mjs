/**
 * Reads what the test runners wrote and adds it up. A suite that ran nothing counts as a failure: silence is no proof.
 */

/** Lines a failure may say of itself; the whole is in the step's own log. */
export const FAILURE_LINES = 40;

/**
 * @typedef {{ name: string, why: string }} Skipped
 * @typedef {{ passed: number, failed: number, skipped: Skipped[], failures: string[] }} Tally
 * A failure's first line names it; the lines after say why.
 */

/** Colours, which Playwright writes into its messages. */
// oxlint-disable-next-line no-control-regex
const COLOURS = /\u001B\[[0-9;]*m/g;

/**
 * @param {string} name
 * @param {string | undefined} why
 */
function failure(name, why) {
  const lines = (why ?? '').replace(COLOURS, '').trimEnd().split('\n');
  return [name, ...(lines[0] === '' ? [] : lines.slice(0, FAILURE_LINES).map((line) => `    ${line}`))].join('\n');
}

/** @returns {Tally} */
export function emptyTally() {
  return { passed: 0, failed: 0, skipped: [], failures: [] };
}

/**
 * The report of scripts/vitestReport.mjs.
 * @param {any} report
 * @param {number} exitCode
 * @returns {Tally}
 */
export function tallyVitest(report, exitCode) {
  const tally = emptyTally();
  if (report === undefined) return { ...tally, failed: 1, failures: ['the test run wrote no report'] };
  for (const test of report.tests) {
    if (test.state === 'passed') tally.passed += 1;
    else if (test.state === 'failed') tally.failures.push(failure(test.name, test.why));
    else tally.skipped.push({ name: test.name, why: test.note ?? 'no reason given' });
  }
  for (const broken of report.brokenFiles) tally.failures.push(broken);
  return settled(tally, exitCode);
}

/**
 * Playwright's JSON report.
 * @param {any} report
 * @param {number} exitCode
 * @returns {Tally}
 */
export function tallyPlaywright(report, exitCode) {
  const tally = emptyTally();
  if (report === undefined) return { ...tally, failed: 1, failures: ['the end-to-end run wrote no report'] };
  for (const suite of report.suites ?? []) addSuite(tally, suite, []);
  for (const error of report.errors ?? []) tally.failures.push(String(error.message ?? error).split('\n')[0] ?? 'error');
  return settled(tally, exitCode);
}

/**
 * The report of e2e/crash: each kill is a check that passed, each violation one that failed.
 * @param {any} report
 * @param {number} exitCode
 * @returns {Tally}
 */
export function tallyCrashes(report, exitCode) {
  const tally = emptyTally();
  if (report === undefined) return { ...tally, failed: 1, failures: ['the crash test wrote no report'] };
  for (const kills of Object.values(report.kills)) tally.passed += Number(kills);
  for (const violation of report.violations) tally.failures.push(String(violation));
  return settled(tally, exitCode);
}

/**
 * @param {Tally} tally
 * @param {any} suite
 * @param {readonly string[]} path
 */
function addSuite(tally, suite, path) {
  const here = [...path, suite.title].filter((title) => title !== '');
  for (const inner of suite.suites ?? []) addSuite(tally, inner, here);
  for (const spec of suite.specs ?? []) {
    for (const test of spec.tests) {
      const name = [...(test.projectName ? [`[${test.projectName}]`] : []), ...here, spec.title].join(' › ');
      if (test.status === 'skipped') {
        const note = (test.annotations ?? []).find(
          (/** @type {any} */ annotation) => annotation.type === 'skip' || annotation.type === 'fixme',
        );
        tally.skipped.push({ name, why: note?.description ?? 'no reason given' });
      } else if (test.status === 'expected') tally.passed += 1;
      else {
        const errors = (test.results ?? []).flatMap((/** @type {any} */ result) => result.errors ?? []);
        const why = errors.map((/** @type {any} */ error) => `${error.message ?? error}\n${error.snippet ?? ''}`.trimEnd()).join('\n');
        tally.failures.push(failure(test.status === 'flaky' ? `${name} (flaky)` : name, why));
      }
    }
  }
}

/**
 * @param {Tally} tally
 * @param {number} exitCode
 * @returns {Tally}
 */
function settled(tally, exitCode) {
  tally.failed = tally.failures.length;
  if (tally.failed === 0 && tally.passed === 0) {
    tally.failed = 1;
    tally.failures.push('no test ran');
  } else if (tally.failed === 0 && exitCode !== 0) {
    tally.failed = 1;
    tally.failures.push(`every test passed, and yet the run ended with code ${exitCode}`);
  }
  return tally;
}

/**
 * The line a run closes with.
 * @param {Tally} tally
 */
export function closingLine(tally) {
  const skipped = tally.skipped.length === 0 ? '' : `, ${tally.skipped.length} skipped`;
  return `${tally.passed} passed, ${tally.failed} failed${skipped}`;
}
