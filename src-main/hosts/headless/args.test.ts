import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultDataDir } from '../dataDir.ts';
import { LEAST_NODE_MAJOR, runtimeFault } from '../requireRuntime.ts';
import { MAX_SPEED, MAX_TAPES, parseHeadlessArgs, UsageFault } from './args.ts';
import { browserLaunch } from './browser.ts';

describe('parseHeadlessArgs', () => {
  it('is the demo on the usual port unless told otherwise', () => {
    expect(parseHeadlessArgs([])).toMatchObject({
      profile: 'demo',
      configFile: null,
      port: null,
      seed: 1,
      tapes: [],
      speed: 1,
      open: true,
    });
  });

  it('reads everything, files relative to where it was typed', () => {
    const cwd = path.resolve('/somewhere');
    const args = parseHeadlessArgs(
      [
        '--profile',
        'demo',
        '--port',
        '0',
        '--seed',
        '7',
        '--tape',
        'a.gz',
        '--tape=b.gz',
        '--speed',
        '2.5',
        '--no-open',
        '--data-dir',
        'd',
        '--ready-file',
        'r.json',
        '--sim-control',
        '--record-tape',
      ],
      cwd,
    );
    expect(args).toEqual({
      profile: 'demo',
      configFile: null,
      dataDir: path.join(cwd, 'd'),
      port: 0,
      seed: 7,
      tapes: [path.join(cwd, 'a.gz'), path.join(cwd, 'b.gz')],
      speed: 2.5,
      open: false,
      readyFile: path.join(cwd, 'r.json'),
      simControl: true,
      recordTape: true,
      help: false,
    });
    expect(parseHeadlessArgs(['--config', 'c.json'], cwd)).toMatchObject({ profile: 'paper', configFile: path.join(cwd, 'c.json') });
  });

  it.each([
    [['--port', '65536'], '--port'],
    [['--port', '-1'], '--port'],
    [['--port', '80a'], '--port'],
    [['--port', ''], '--port'],
    [['--seed', '1.5'], '--seed'],
    [['--speed', '0'], '--speed'],
    [['--speed', 'fast'], '--speed'],
    [['--speed', String(MAX_SPEED + 1)], '--speed'],
    [['--profile', 'live'], '--profile'],
    [['--profile', 'paper'], '--config'],
    [['--profile', 'demo', '--config', 'c'], '--config'],
    [['--config', 'c', '--tape', 't'], '--tape'],
    [['--config', 'c', '--sim-control'], '--sim-control'],
    [['--prot', '1'], '--prot'],
    [['stray'], 'stray'],
    [Array.from({ length: MAX_TAPES + 1 }, () => '--tape=x'), '--tape'],
  ])('refuses %j and names it', (argv, named) => {
    expect(() => parseHeadlessArgs(argv)).toThrow(UsageFault);
    expect(() => parseHeadlessArgs(argv)).toThrow(named);
  });
});

describe('defaultDataDir', () => {
  it('is the application-data folder of each platform', () => {
    expect(defaultDataDir('demo', { platform: 'linux', home: '/h', env: {} })).toBe('/h/.local/share/quant-arb/demo-account');
    expect(defaultDataDir('demo', { platform: 'linux', home: '/h', env: { XDG_DATA_HOME: '/x' } })).toBe('/x/quant-arb/demo-account');
    expect(defaultDataDir('paper', { platform: 'darwin', home: '/h', env: {} })).toBe('/h/Library/Application Support/quant-arb/paper');
    expect(defaultDataDir('paper', { platform: 'win32', home: 'C:\\U', env: { LOCALAPPDATA: 'C:\\L' } })).toBe('C:\\L\\quant-arb\\paper');
  });
});

describe('browserLaunch', () => {
  const url = 'http://127.0.0.1:1/signin?once=x';

  it('needs somebody to see it', () => {
    expect(browserLaunch(url, { platform: 'linux', env: {} })).toBeNull();
    expect(browserLaunch(url, { platform: 'linux', env: { DISPLAY: ':0', SSH_CONNECTION: 'x' } })).toBeNull();
    expect(browserLaunch(url, { platform: 'linux', env: { DISPLAY: ':0', CI: '1' } })).toBeNull();
  });

  it('passes the address as one argument, to no shell', () => {
    expect(browserLaunch(url, { platform: 'linux', env: { WAYLAND_DISPLAY: 'w' } })).toEqual({ file: 'xdg-open', args: [url] });
    expect(browserLaunch(url, { platform: 'darwin', env: {} })).toEqual({ file: 'open', args: [url] });
    expect(browserLaunch(url, { platform: 'win32', env: {} })?.args.at(-1)).toBe(url);
  });
});

describe('runtimeFault', () => {
  it('refuses older Nodes in a sentence', () => {
    expect(runtimeFault('v20.20.2')).toContain('this is v20.20.2');
    expect(runtimeFault(`v${LEAST_NODE_MAJOR}.0.0`)).toBeNull();
    expect(runtimeFault('v100.1.0')).toBeNull();
  });
});
