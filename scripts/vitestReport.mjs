/**
 * A vitest reporter that writes what scripts/report.mjs reads: each test's outcome with the reason of a skip, which
 * vitest's own JSON leaves out, and files that broke before their tests could run.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { projectRoot } from './project.mjs';

/**
 * @param {import('vitest').TestError} error
 * @returns {string} what was expected, what came, and where in our own files
 */
function told(error) {
  const places = (error.stacks ?? []).filter(({ file }) => !file.includes('node_modules'));
  const at = places.map(({ file, line }) => `at ${relative(projectRoot, file).replaceAll('\\', '/')}:${line}`);
  return [error.message, ...(error.diff === undefined ? [] : [error.diff]), ...at].join('\n');
}

export default class VitestReport {
  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<{ message?: string }>} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const path = process.env['QUANT_ARB_TEST_REPORT'];
    if (path === undefined) return;
    const tests = [];
    const brokenFiles = unhandledErrors.map((error) => `unhandled: ${error.message ?? 'error'}`);
    for (const module of modules) {
      const file = relative(projectRoot, module.moduleId).replaceAll('\\', '/');
      let count = 0;
      for (const test of module.children.allTests()) {
        const result = test.result();
        count += 1;
        tests.push({
          name: `${file} › ${test.fullName}`,
          state: result.state,
          note: result.state === 'skipped' ? result.note : undefined,
          why: result.state === 'failed' ? result.errors.map(told).join('\n') : undefined,
        });
      }
      for (const error of module.errors()) brokenFiles.push(`${file}: ${error.message}`);
      for (const suite of module.children.allSuites()) {
        for (const error of suite.errors()) brokenFiles.push(`${file} › ${suite.fullName}: ${error.message}`);
      }
      if (count === 0 && module.errors().length === 0) brokenFiles.push(`${file}: holds no test`);
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify({ tests, brokenFiles })}\n`);
  }
}
