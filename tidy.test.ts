/**
 * The house rules that a compiler cannot see: who may import whom, where each package may appear, what the pure
 * layers must not do, and how a file looks. Every rule is tried first on a planted violation, so that none can
 * pass by reading nothing.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { missingPlatforms } from './scripts/lockPlatforms.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));

interface SourceFile {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

interface Layer {
  readonly folder: string;
  /** Folders or files of ours it may import, itself aside. */
  readonly imports: readonly string[];
  /** The same, but only by `import type`: the words ports are made of. */
  readonly importsTypes?: readonly string[];
  /** What its tests may use besides: the real thing instead of a double. */
  readonly testImports?: readonly string[];
  /** Packages it may use; absent = not restricted here. */
  readonly packages?: readonly string[];
  /** What its tsconfig.json references: exactly this. */
  readonly references: readonly string[];
}

const SHARED = ['src-shared/domain', 'src-shared/contract', 'src-shared/config'];
const MAIN = ['src-main/core', 'src-main/runtime', 'src-main/adapters', 'src-main/sim'];

/** The table of architecture.md, one row a layer; a file belongs to the row with the longest folder. */
const LAYERS: readonly Layer[] = [
  { folder: 'src-shared/domain', imports: [], packages: ['decimal.js'], references: [] },
  { folder: 'src-shared/contract', imports: ['src-shared/domain'], packages: ['zod', '@orpc/contract'], references: ['src-shared/domain'] },
  { folder: 'src-shared/config', imports: ['src-shared/domain'], packages: ['zod'], references: ['src-shared/domain'] },
  { folder: 'src-main/core', imports: ['src-shared/domain'], packages: ['decimal.js'], references: ['src-shared/domain'] },
  {
    folder: 'src-main/runtime',
    imports: ['src-main/core', ...SHARED],
    testImports: ['src-main/adapters/ledger'],
    references: [...SHARED, 'src-main/core'],
  },
  {
    folder: 'src-main/adapters',
    imports: ['src-main/runtime/ports.ts', ...SHARED],
    importsTypes: ['src-main/core/events.ts', 'src-main/core/facts.ts'],
    testImports: ['src-main/core'],
    references: [...SHARED, 'src-main/core', 'src-main/runtime'],
  },
  {
    folder: 'src-main/sim',
    imports: SHARED,
    importsTypes: ['src-main/runtime/ports.ts'],
    references: ['src-shared/domain', 'src-shared/config', 'src-main/adapters', 'src-main/runtime'],
  },
  {
    folder: 'src-main/simulator',
    imports: [
      'src-shared/domain',
      'src-main/core',
      'src-main/runtime',
      'src-main/adapters/ledger',
      'src-main/sim/random.ts',
      'src-main/simulator/oracle',
    ],
    references: ['src-shared/domain', ...MAIN, 'src-main/simulator/oracle'],
  },
  {
    folder: 'src-main/simulator/oracle',
    imports: ['src-shared/domain/decimal.ts'],
    importsTypes: ['src-shared/domain'],
    packages: [],
    references: ['src-shared/domain'],
  },
  { folder: 'src-main/hosts', imports: [...SHARED, ...MAIN], references: [...SHARED, ...MAIN] },
  {
    folder: 'src-main/hosts/electron/preload',
    imports: ['src-shared/contract'],
    packages: ['electron'],
    references: ['src-shared/contract'],
  },
  { folder: 'src-main/cli', imports: [...SHARED, ...MAIN, 'src-main/hosts'], references: [...SHARED, ...MAIN, 'src-main/hosts'] },
  { folder: 'src-renderer', imports: SHARED, references: ['src-shared/domain', 'src-shared/contract'] },
  { folder: 'e2e', imports: ['src-shared/contract', 'src-shared/domain'], references: ['src-shared/domain', 'src-shared/contract'] },
  {
    folder: 'e2e/exchange',
    imports: [...SHARED, ...MAIN, 'e2e/drivers', 'e2e/crash'],
    references: [...SHARED, ...MAIN, 'e2e'],
  },
  { folder: 'e2e/referees', imports: [...SHARED, ...MAIN, 'e2e/exchange'], references: [...SHARED, ...MAIN, 'e2e/exchange'] },
  {
    folder: 'bench',
    imports: [...SHARED, ...MAIN, 'src-main/hosts', 'mql5/tests', 'e2e/exchange', 'e2e/referees'],
    references: [...SHARED, ...MAIN, 'src-main/hosts', 'mql5/tests', 'e2e/exchange', 'e2e/referees'],
  },
  {
    folder: 'mql5/tests',
    imports: [...SHARED, ...MAIN, 'src-main/hosts', 'e2e/drivers', 'e2e/crash'],
    references: [...SHARED, ...MAIN, 'src-main/hosts', 'e2e'],
  },
  { folder: 'scripts', imports: [], packages: ['@playwright/test'], references: [] },
];

/** Other people's clients: they judge ours and are measured against it, and are no part of it. */
const REFEREES = ['e2e/referees', 'bench'];
/** Packages that may appear only in these folders. */
const CONFINED: Readonly<Record<string, readonly string[]>> = {
  electron: ['src-main/hosts/electron', 'e2e'],
  'better-sqlite3': ['src-main/adapters/ledger', 'e2e/crash', 'bench/longLedger.ts'],
  ws: ['src-main/adapters/venues', 'src-main/sim', 'src-main/hosts/headless', 'bench'],
  react: ['src-renderer'],
  'react-dom': ['src-renderer'],
  '@playwright/test': ['e2e', 'bench', 'scripts'],
  ccxt: REFEREES,
  binance: REFEREES,
  'okx-api': REFEREES,
  '@binance/spot': REFEREES,
  '@binance/derivatives-trading-usds-futures': REFEREES,
};

const TEST_FILE = /\.(test|testkit|spec)\.tsx?$/;
const isTest = (path: string): boolean => TEST_FILE.test(path) || path.startsWith('e2e/');
const within = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);

/** The text with comments, and if asked strings too, turned into spaces; line breaks stay. */
function blanked(text: string, what: { readonly strings: boolean }): string {
  const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g;
  return text.replace(token, (found) => {
    const isComment = found.startsWith('/*') || found.startsWith('//');
    return isComment || what.strings ? found.replaceAll(/[^\n]/g, ' ') : found;
  });
}

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

function importsOf(text: string): Import[] {
  const code = blanked(text, { strings: false });
  const found: Import[] = [];
  for (const match of code.matchAll(/\b(import|export)\s+(type\s+)?(?:[\w$*{][^'"`;]*?\bfrom\s*)?(['"])([^'"\n]+)\3/g)) {
    found.push({ specifier: match[4]!, typeOnly: match[2] !== undefined });
  }
  for (const match of code.matchAll(/\b(?:import|require)\s*\(\s*(['"`])([^'"`\n]+)\1/g)) {
    found.push({ specifier: match[2]!, typeOnly: false });
  }
  return found;
}

/** `zod/v4` → `zod`, `@orpc/server/ws` → `@orpc/server`. */
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
const isOurs = (specifier: string): boolean => specifier.startsWith('.');
const targetOf = (file: SourceFile, specifier: string): string =>
  posix.normalize(posix.join(posix.dirname(file.path), specifier.replace(/\?.*$/, '')));

function layerOf(path: string): Layer | undefined {
  return LAYERS.filter((layer) => within(path, layer.folder)).sort((a, b) => b.folder.length - a.folder.length)[0];
}

function importTable(file: SourceFile): string[] {
  const layer = layerOf(file.path);
  if (layer === undefined) return [`${file.path} belongs to no layer`];
  return importsOf(file.text).flatMap(({ specifier, typeOnly }) => {
    if (!isOurs(specifier)) return [];
    const target = targetOf(file, specifier);
    const allowed =
      layerOf(target) === layer ||
      layer.imports.some((place) => within(target, place)) ||
      (isTest(file.path) && (layer.testImports ?? []).some((place) => within(target, place))) ||
      ((typeOnly || isTest(file.path)) && (layer.importsTypes ?? []).some((place) => within(target, place)));
    return allowed ? [] : [`${file.path} imports ${typeOnly ? 'type ' : ''}${target}`];
  });
}

/** An adapter is a folder below adapters; each exchange is one more, and `venues/shared` is for the exchanges. */
function adapterOf(path: string): string | undefined {
  const [, venue] = /^src-main\/adapters\/venues\/([^/]+)\//.exec(path) ?? [];
  if (venue !== undefined) return venue === 'shared' ? undefined : `venues/${venue}`;
  const [, adapter] = /^src-main\/adapters\/([^/]+)\//.exec(path) ?? [];
  return adapter;
}

function adaptersApart(file: SourceFile): string[] {
  const own = adapterOf(file.path);
  if (own === undefined || isTest(file.path)) return [];
  return importsOf(file.text).flatMap(({ specifier }) => {
    if (!isOurs(specifier)) return [];
    const target = targetOf(file, specifier);
    const other = adapterOf(target);
    const family = own === 'venues' && target.startsWith('src-main/adapters/venues/');
    const common = own.startsWith('venues/') && other === 'venues';
    return other === undefined || other === own || family || common ? [] : [`${file.path} imports the adapter ${other}`];
  });
}

/** The simulator speaks the wire, and must not decode with the code it is meant to test. */
function simulatorApart(file: SourceFile): string[] {
  if (!within(file.path, 'src-main/sim') || isTest(file.path)) return [];
  return importsOf(file.text)
    .filter(({ specifier }) => isOurs(specifier) && within(targetOf(file, specifier), 'src-main/adapters'))
    .filter(({ specifier }) => !/\/(wire|\w+Wire)\.ts$/.test(specifier))
    .map(({ specifier }) => `${file.path} imports ${specifier}, which is more than a wire schema`);
}

function confinement(file: SourceFile): string[] {
  const layer = layerOf(file.path);
  const specifiers = importsOf(file.text).map(({ specifier }) => specifier);
  return specifiers
    .filter((specifier) => !isOurs(specifier))
    .flatMap((specifier) => {
      const name = packageOf(specifier);
      const homes = CONFINED[name];
      const complaints: string[] = [];
      if (homes !== undefined && !homes.some((home) => within(file.path, home))) complaints.push(`${file.path} uses ${name}`);
      if (isTest(file.path)) return complaints;
      if (layer?.packages !== undefined && !specifier.startsWith('node:') && !layer.packages.includes(name)) {
        complaints.push(`${file.path} uses ${name}, which ${layer.folder} may not`);
      }
      const noNode = /^(src-shared|src-renderer|src-main\/core)\//.test(file.path) || within(file.path, 'src-main/hosts/electron/preload');
      if (noNode && specifier.startsWith('node:')) complaints.push(`${file.path} uses ${specifier}`);
      return complaints;
    });
}

function purity(file: SourceFile): string[] {
  if (!/^src-(shared\/domain|main\/core)\//.test(file.path) || isTest(file.path)) return [];
  const banned =
    /\bDate\.now\b|\bnew Date\b|\bMath\.random\b|\bperformance\.now\b|\brandomUUID\b|\basync\b|\bawait\b|\bset(?:Timeout|Interval)\b/g;
  return [...blanked(file.text, { strings: true }).matchAll(banned)].map((match) => `${file.path} uses ${match[0]}`);
}

const LONGEST_FILE_LINES = 500;
const LONGEST_HEADER_LINES = 9;

function shape(file: SourceFile): string[] {
  const complaints: string[] = [];
  const lines = file.text.split('\n').length - 1;
  if (lines > LONGEST_FILE_LINES) complaints.push(`${file.path} has ${lines} lines`);
  if (isTest(file.path) || file.path.endsWith('.d.ts')) return complaints;
  const header = /^(?:#![^\n]*\n)?\/\*\*([\s\S]*?)\*\//.exec(file.text)?.[1];
  const said = header?.split('\n').filter((line) => /[a-z]/i.test(line)).length ?? 0;
  if (said === 0) complaints.push(`${file.path} does not begin with what it owns`);
  if (said > LONGEST_HEADER_LINES) complaints.push(`${file.path} begins with ${said} lines of comment`);
  return complaints;
}

const UNFINISHED = /\b(?:TODO|FIXME|XXX|HACK)\b/;

function finished(file: SourceFile): string[] {
  const unfinished = UNFINISHED.exec(file.text);
  const complaints = unfinished === null ? [] : [`${file.path} says ${unfinished[0]}`];
  const code = blanked(file.text, { strings: false });
  const silenced =
    /\b(?:test|it|describe|suite)(?:\.\w+)*\.(?:only|todo|skipIf|runIf)\b|\b(?:test|it|describe|suite)(?:\.\w+)*\.(?:skip|fixme)\(\s*['"`]/.exec(
      code,
    );
  return silenced === null ? complaints : [...complaints, `${file.path} silences tests: ${silenced[0]}`];
}

function portable(file: SourceFile): string[] {
  const found = /(?<![\w.:/])\/(?:work|root|home|Users)\/[\w.-]+|\b[A-Z]:\\\\?Users\\/.exec(file.text);
  return found === null ? [] : [`${file.path} names a place on one machine: ${found[0]}`];
}

function named(file: SourceFile): string[] {
  const base = posix.basename(file.path).replace(/\..*$/, '');
  const words = base.split(/[-_.]|(?=[A-Z])/).map((word) => word.toLowerCase());
  const vague = words.filter((word) => /^(manager|helpers?|utils?|misc|common|handle|info)$/.test(word));
  if (/^(data|process|stuff|things)$/i.test(base)) vague.push(base);
  return vague.map((word) => `${file.path} is named by the vague word “${word}”`);
}

function filesBelow(folder: string, pattern: RegExp): SourceFile[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name).slice(root.length).replaceAll('\\', '/') }))
    .filter(({ entry, path }) => entry.isFile() && pattern.test(path) && !/(^|\/)(node_modules|out)\//.test(path))
    .map(({ path }) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** This file quotes what it forbids, and is read by eye alone. */
const FOLDERS = ['src-shared', 'src-main', 'src-renderer', 'e2e', 'bench', 'mql5', 'scripts'];
const sources = FOLDERS.flatMap((folder) => filesBelow(folder, /\.(ts|tsx|mjs|cjs)$/));
const documents = [...FOLDERS, 'config', 'deploy', '.ci'].flatMap((folder) =>
  filesBelow(folder, /\.(json|html|css|md|py|yml|mq[h5]|hpp|service)$|\.ci\/run$/),
);
const rootDocuments = readdirSync(root)
  .filter((name) => /\.(md|json|ts)$/.test(name) && name !== 'package-lock.json' && name !== 'tidy.test.ts')
  .map((name) => ({ path: name, text: readFileSync(join(root, name), 'utf8') }));

interface Rule {
  readonly name: string;
  readonly check: (file: SourceFile) => string[];
  /** Each must be complained about … */
  readonly wrong: readonly SourceFile[];
  /** … and none of these. */
  readonly right: readonly SourceFile[];
  readonly files: readonly SourceFile[];
}

const file = (path: string, text: string): SourceFile => ({ path, text });
const header = '/** Owns a thing. */\n';

const RULES: readonly Rule[] = [
  {
    name: 'each layer imports only what the table grants',
    check: importTable,
    wrong: [
      file('src-main/core/a.ts', "import { x } from '../runtime/ports.ts';"),
      file('src-main/core/a.ts', "export * from '../../src-shared/contract/frames.ts';"),
      file('src-shared/domain/a.ts', "import type { X } from '../contract/frames.ts';"),
      file('src-main/adapters/okx/a.ts', "import { step } from '../../core/engine.ts';"),
      file('src-main/adapters/okx/a.ts', "import { x } from '../../core/events.ts';"),
      file('src-main/runtime/a.ts', "const x = await import('../adapters/ledger/ledger.ts');"),
      file('src-main/runtime/a.test.ts', "import { x } from '../adapters/metatrader/listener.ts';"),
      file('src-renderer/a.tsx', "import {\n  a,\n  b,\n} from '../src-main/core/view.ts';"),
      file('src-renderer/a.tsx', "import '../src-main/core/view.ts';"),
      file('e2e/a.spec.ts', "import { compose } from '../src-main/hosts/compose.ts';"),
      file('src-main/simulator/oracle/a.ts', "import type { Fact } from '../../core/facts.ts';"),
      file('src-main/simulator/oracle/a.ts', "import { isLiveOrder } from '../../../src-shared/domain/order.ts';"),
      file('src-main/runtime/a.ts', "import { simulate } from '../simulator/simulation.ts';"),
      file('src-elsewhere/a.ts', ''),
    ],
    right: [
      file('src-main/core/a.ts', "import { x } from '../../src-shared/domain/ids.ts';\nimport { y } from './b.ts';"),
      file('src-main/adapters/okx/a.ts', "import type { Effect } from '../../core/facts.ts';"),
      file('src-main/core/a.ts', "// import { x } from '../runtime/ports.ts';"),
      file('src-main/hosts/compose.ts', "import { createRunner } from '../runtime/runner.ts';"),
      file('src-main/simulator/oracle/a.ts', "import type { OrderRequest } from '../../../src-shared/domain/order.ts';"),
      file('src-main/runtime/a.test.ts', "import { openLedger } from '../adapters/ledger/ledger.ts';"),
    ],
    files: sources,
  },
  {
    name: 'an adapter never imports another adapter',
    check: adaptersApart,
    wrong: [
      file('src-main/adapters/venues/okx/a.ts', "import { x } from '../binance-spot/wire.ts';"),
      file('src-main/adapters/metatrader/a.ts', "import { x } from '../ledger/database.ts';"),
    ],
    right: [
      file('src-main/adapters/venues/okx/a.ts', "import { x } from '../shared/socket.ts';"),
      file('src-main/adapters/venues/feed.ts', "import { x } from './okx/feed.ts';"),
      file('src-main/adapters/metatrader/a.ts', "import { x } from './wire.ts';"),
    ],
    files: sources,
  },
  {
    name: 'the simulator shares wire schemas with the adapters and nothing else',
    check: simulatorApart,
    wrong: [file('src-main/sim/a.ts', "import { decode } from '../adapters/venues/okx/decode.ts';")],
    right: [file('src-main/sim/a.ts', "import { x } from '../adapters/venues/okx/wire.ts';")],
    files: sources,
  },
  {
    name: 'packages stay where they belong',
    check: confinement,
    wrong: [
      file('src-main/hosts/compose.ts', "import { app } from 'electron';"),
      file('src-main/runtime/a.ts', "import Database from 'better-sqlite3';"),
      file('src-main/adapters/metatrader/a.ts', "import { WebSocket } from 'ws';"),
      file('src-main/adapters/venues/okx/a.ts', "import ccxt from 'ccxt';"),
      file('src-main/core/a.ts', "import { z } from 'zod';"),
      file('src-main/core/a.ts', "import { z } from 'zod/mini';"),
      file('src-shared/config/a.ts', "import { readFileSync } from 'node:fs';"),
      file('src-renderer/a.ts', "import { join } from 'node:path';"),
      file('src-main/hosts/electron/preload/a.ts', "const fs = require('node:fs');"),
    ],
    right: [
      file('src-main/hosts/electron/a.ts', "import { app } from 'electron';"),
      file('src-shared/config/a.ts', "import { z } from 'zod';"),
      file('src-main/adapters/venues/okx/a.ts', "import { WebSocket } from 'ws';"),
    ],
    files: sources,
  },
  {
    name: 'domain and core have no clock, no randomness and no waiting',
    check: purity,
    wrong: ['Date.now()', 'new Date(0)', 'Math.random()', 'performance.now()', 'crypto.randomUUID()', 'async () => 1'].map((code) =>
      file('src-main/core/a.ts', `const x = ${code};`),
    ),
    right: [
      file('src-main/core/a.ts', "// no Date.now here\nconst why = 'Math.random is banned';"),
      file('src-main/runtime/clock.ts', 'const x = Date.now();'),
      file('src-main/core/a.test.ts', 'const x = Date.now();'),
    ],
    files: sources,
  },
  {
    name: `files hold one noun, at most ${LONGEST_FILE_LINES} lines, and begin with what they own`,
    check: shape,
    wrong: [
      file('src-main/core/a.ts', 'export const x = 1;\n'),
      file('src-main/core/a.ts', header + 'x;\n'.repeat(LONGEST_FILE_LINES)),
      file('src-main/core/a.ts', `/**\n${' * words\n'.repeat(LONGEST_HEADER_LINES + 1)} */\n`),
    ],
    right: [file('src-main/core/a.ts', header + 'x;\n'.repeat(LONGEST_FILE_LINES - 1)), file('src-main/core/a.test.ts', 'x;\n')],
    files: sources,
  },
  {
    name: 'nothing is left unfinished or silenced',
    check: finished,
    wrong: [
      file('src-main/core/a.ts', '// TODO: later'),
      file('a.test.ts', "test.only('x', () => {});"),
      file('a.test.ts', "describe.skip('x', () => {});"),
      file('e2e/a.spec.ts', "test.fixme('x', async () => {});"),
      file('a.test.ts', "it.skipIf(true)('x', () => {});"),
    ],
    right: [
      file('a.test.ts', "test('x', (ctx) => ctx.skip('no recorded frames here'));"),
      file('e2e/a.spec.ts', "test.skip(binary === null, 'no Electron binary');"),
    ],
    files: [...sources, ...documents, ...rootDocuments],
  },
  {
    name: 'no file names a place on one machine',
    check: portable,
    wrong: [file('a.ts', "const x = '/home/someone/x';"), file('a.ts', 'open("/Users/me")')],
    right: [file('a.ts', "const url = 'https://example.org/home/page'; join(root, 'work')")],
    files: [...sources, ...documents, ...rootDocuments],
  },
  {
    name: 'file names say what is inside',
    check: named,
    wrong: [file('src-main/core/orderManager.ts', ''), file('src-main/core/utils.ts', ''), file('src-main/core/data.ts', '')],
    right: [file('src-main/core/marketData.ts', ''), file('src-main/core/engine.ts', '')],
    files: sources,
  },
];

for (const rule of RULES) {
  describe(rule.name, () => {
    test('a planted violation is seen, and what is right is not', () => {
      expect(rule.wrong.length).toBeGreaterThan(0);
      for (const planted of rule.wrong) expect(rule.check(planted), `${planted.path}: ${planted.text.slice(0, 80)}`).not.toEqual([]);
      for (const planted of rule.right) expect(rule.check(planted), `${planted.path}: ${planted.text.slice(0, 80)}`).toEqual([]);
    });
    test('the repository keeps it', () => {
      expect(rule.files.filter((each) => each.path !== 'tidy.test.ts').flatMap(rule.check)).toEqual([]);
    });
  });
}

test('every layer was read', () => {
  for (const layer of LAYERS) {
    const count = sources.filter((each) => layerOf(each.path) === layer).length;
    expect(count, layer.folder).toBeGreaterThan(0);
  }
  expect(sources.length).toBeGreaterThan(100);
  expect(documents.length).toBeGreaterThan(5);
  expect(sources.flatMap((each) => importsOf(each.text)).length).toBeGreaterThan(sources.length);
});

describe('the compiler is told the same table', () => {
  const referencesOf = (folder: string, config: { references?: readonly { path: string }[] }): string[] =>
    (config.references ?? []).map((reference) => posix.normalize(posix.join(folder, reference.path))).sort();

  for (const layer of LAYERS) {
    test(layer.folder, () => {
      const config = JSON.parse(readFileSync(join(root, layer.folder, 'tsconfig.json'), 'utf8')) as { references?: { path: string }[] };
      expect(referencesOf(layer.folder, config)).toEqual([...layer.references].sort());
    });
  }

  test('and builds every layer', () => {
    const config = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as { references: { path: string }[] };
    const built = new Set(referencesOf('.', config));
    expect(LAYERS.map((layer) => layer.folder).filter((folder) => !built.has(folder))).toEqual([]);
  });
});

describe('dependencies', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, Record<string, string> | undefined>;

  test('are pinned exactly', () => {
    const all = Object.entries({ ...manifest['dependencies'], ...manifest['devDependencies'], ...manifest['optionalDependencies'] });
    expect(all.length).toBeGreaterThan(20);
    expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  test('the lockfile names the packages of every platform', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, unknown> };
    expect(Object.keys(lock.packages).length).toBeGreaterThan(200);
    expect([...missingPlatforms(lock).keys()], 'run: node scripts/lockPlatforms.mjs').toEqual([]);
  });
});
