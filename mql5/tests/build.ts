/**
 * An expert as a program for this machine: MQL5 → C++ → g++, kept by the hash of all that went into it. Owns the compiler's
 * flags and where programs lie. Run as a program it prints what is wrong with the expert at its `.mq5` lines:
 * `node mql5/tests/build.ts [--lint-only] [--sanitize] [FILE.mq5]`.
 */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { translate } from './translator/emit.ts';
import { lint, type Problem } from './translator/lint.ts';
import { readSource } from './translator/source.ts';
import { SourceFault } from './translator/tokens.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = resolve(HERE, '../..');
const SHIM = join(HERE, 'shim');
const CACHE = join(ROOT, 'node_modules/.cache/mql5');
export const EXPERT = join(ROOT, 'mql5/Experts/QuantArb.mq5');

const FLAGS = (
  '-std=c++20 -O1 -g1 -pthread -fno-exceptions -fno-strict-aliasing -ftrivial-auto-var-init=pattern ' +
  '-Wall -Wextra -Wconversion -Wshadow -Werror -Wno-unused-parameter -Wno-switch'
).split(' ');
const SANITIZE = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer'];
const OUTPUT_LIMIT = 64 * 1024 * 1024;

/** No g++ here: whoever needs a built expert skips, with this as the reason. */
export class CompilerMissing extends Error {
  constructor() {
    super('g++ is not installed: the expert cannot be built and run here');
    this.name = 'CompilerMissing';
  }
}

/** The expert does not compile; one line per problem, at its `.mq5` line. */
export class BuildFault extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the expert does not compile:\n${problems.join('\n')}`);
    this.name = 'BuildFault';
    this.problems = problems;
  }
}

export interface BuildOptions {
  /** The `.mq5`; `<X.mqh>` is looked up in `../Include` beside its folder. Absent: Quant Arb's own. */
  readonly source?: string;
  /** Stops at every use of memory or arithmetic that C++ leaves undefined. */
  readonly sanitize?: boolean;
  /** Where a copy of the program is wanted. */
  readonly out?: string;
}

let version: string | null | undefined;

/** What g++ calls itself, or null without one. */
export function compilerVersion(): string | null {
  if (version === undefined) {
    const asked = spawnSync('g++', ['--version'], { encoding: 'utf8' });
    version = asked.status === 0 ? (asked.stdout.split('\n')[0] ?? '') : null;
  }
  return version;
}

const includesOf = (source: string): string => join(dirname(source), '..', 'Include');

function translated(source: string): string {
  try {
    return translate(readSource(source, includesOf(source)));
  } catch (error) {
    if (error instanceof SourceFault) throw new BuildFault([`${shown(error.file)}:${error.line}: ${error.message}`]);
    throw error;
  }
}

const shown = (file: string): string => {
  const path = relative(ROOT, file);
  return path.startsWith('..') ? file : path;
};

/** The compiler's errors, each at the line of the expert it comes from. */
function compilerProblems(stderr: string): string[] {
  const lines = stderr.split('\n').filter((line) => /(error|fatal):?\s/i.test(line));
  const told = lines.map((line) => line.replace(/^([^\s:]+\.(?:mq5|mqh)):/, (_, file: string) => `${shown(file)}:`));
  return told.length > 0 ? told : [stderr.trim().slice(0, 4000)];
}

const run = promisify(execFile);

async function compile(cpp: string, program: string, flags: readonly string[]): Promise<void> {
  const folder = dirname(program);
  mkdirSync(folder, { recursive: true });
  const unit = join(folder, `${basename(program)}.${process.pid}`);
  writeFileSync(`${unit}.cpp`, cpp);
  try {
    await run('g++', [...flags, `-I${SHIM}`, `${unit}.cpp`, '-o', unit], { maxBuffer: OUTPUT_LIMIT });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new BuildFault(compilerProblems(stderr ?? String(error)));
  }
  renameSync(`${unit}.cpp`, `${program}.cpp`);
  renameSync(unit, program);
}

/**
 * Path of the built program.
 * @throws CompilerMissing without g++; BuildFault when the source is wrong.
 */
export async function buildEa({ source = EXPERT, sanitize = false, out }: BuildOptions = {}): Promise<string> {
  const cpp = translated(source);
  const flags = sanitize ? [...FLAGS, ...SANITIZE] : FLAGS;
  const program = await buildProgram(cpp, flags, basename(source).replace(/\.mq5$/, ''));
  if (out === undefined) return program;
  copyFileSync(program, out);
  return out;
}

/** Builds any C++ on top of the runtime; the expert's way, for tests of the runtime itself too. */
export async function buildProgram(cpp: string, flags: readonly string[] = FLAGS, name = 'program'): Promise<string> {
  const compiler = compilerVersion();
  if (compiler === null) throw new CompilerMissing();
  const hash = createHash('sha256').update(`${compiler}\0${flags.join(' ')}\0${cpp}\0`);
  const headers = readdirSync(SHIM).filter((file) => file.endsWith('.hpp'));
  for (const header of headers.sort()) hash.update(`${header}\0`).update(readFileSync(join(SHIM, header)));
  const program = join(CACHE, hash.digest('hex').slice(0, 32), name);
  if (existsSync(program)) return program;
  const compiling = underWay.get(program) ?? compile(cpp, program, flags).finally(() => underWay.delete(program));
  underWay.set(program, compiling);
  await compiling;
  return program;
}
/** Programs that this process compiles now: whoever wants one of them waits for the same compiler. */
const underWay = new Map<string, Promise<void>>();

/** What MetaEditor would refuse, or people would regret, in the source of an expert. */
export function lintEa(source = EXPERT): readonly Problem[] {
  try {
    return lint(readSource(source, includesOf(source)));
  } catch (error) {
    if (error instanceof SourceFault) return [{ file: error.file, line: error.line, rule: 'syntax', message: error.message }];
    throw error;
  }
}

async function main(words: readonly string[]): Promise<number> {
  const source = resolve(words.find((word) => word.endsWith('.mq5')) ?? EXPERT);
  const problems = lintEa(source).map(({ file, line, rule, message }) => `${shown(file)}:${line}: ${rule}: ${message}`);
  for (const one of problems) console.log(one);
  if (words.includes('--lint-only') || problems.some((one) => one.includes(': syntax: '))) return problems.length === 0 ? 0 : 1;
  try {
    console.log(await buildEa({ source, sanitize: words.includes('--sanitize') }));
    return problems.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof BuildFault || error instanceof CompilerMissing)) throw error;
    console.log(error.message);
    return 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
