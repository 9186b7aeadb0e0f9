/**
 * `npm run mql5:mutants -- [--only words] [--write] [--jobs N]`: makes each mistake in a copy of the EA, and tells which layer catches it:
 * lint, the compiler, or a scenario. A mistake that nothing notices fails the run. `--write` renews MUTANTS.md, as
 * far as they were tried.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BuildFault, buildEa, lintEa } from './build.ts';
import { MISTAKES, type Mistake } from './mistakes.ts';
import { ALL_SCENARIOS } from './scenarios/all.ts';
import type { Scenario } from './scenario.ts';

const HOME = fileURLToPath(new URL('..', import.meta.url));
const TABLE = fileURLToPath(new URL('MUTANTS.md', import.meta.url));

export interface Verdict {
  readonly layer: 'lint' | 'compiler' | 'run' | 'nothing';
  /** What said so, first line. */
  readonly by: string;
}

/** A copy of the EA with the mistake in it. @throws when a replacement does not fit exactly once */
const seeded = ({ name, edits }: Mistake, folder: string): string => {
  for (const part of ['Experts', 'Include']) cpSync(path.join(HOME, part), path.join(folder, part), { recursive: true });
  for (const [file, from, to] of edits) {
    const place = path.join(folder, file);
    const text = readFileSync(place, 'utf8');
    const times = text.split(from).length - 1;
    if (times !== 1) throw new Error(`"${name}": ${JSON.stringify(from.slice(0, 60))} stands ${times} times in ${file}`);
    writeFileSync(
      place,
      text.replace(from, () => to),
    );
  }
  return path.join(folder, 'Experts', 'QuantArb.mq5');
};

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error))
    .split('\n')
    .find((line) => line.trim() !== '')
    ?.slice(0, 140) ?? '';

const noticedBy = async (program: string, scenarios: readonly Scenario[], folder: string): Promise<Verdict | null> => {
  for (const [n, { name, run }] of scenarios.entries()) {
    try {
      await run({ program, folder: path.join(folder, `run-${n}`) });
    } catch (error) {
      return { layer: 'run', by: `${name}: ${firstLine(error)}` };
    }
  }
  return null;
};

/** Which layer notices the mistake, asked in order. */
export const verdictOf = async (mistake: Mistake): Promise<Verdict> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'quant-arb-mistake-'));
  try {
    const source = seeded(mistake, folder);
    const problems = lintEa(source);
    const [problem] = problems;
    if (problem !== undefined) return { layer: 'lint', by: `${problem.rule}: ${problem.message}` };
    let program: string;
    try {
      program = await buildEa({ source, sanitize: false });
    } catch (error) {
      if (error instanceof BuildFault)
        return { layer: 'compiler', by: (error.problems[0] ?? '').replace(/^\S+\/(?=[^/]+\.mq)/, '').slice(0, 140) };
      throw error;
    }
    const hinted = mistake.noticed.map((words) => {
      const found = ALL_SCENARIOS.find(({ name }) => name.includes(words));
      if (found === undefined) throw new Error(`"${mistake.name}": no scenario is called "${words}"`);
      return found;
    });
    return (await noticedBy(program, hinted, folder)) ?? { layer: 'nothing', by: `not by: ${mistake.noticed.join(', ')}` };
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
};

const LAYERS = { lint: 'lint', compiler: 'g++', run: 'run', nothing: '**nothing**' } as const;
const escaped = (text: string): string => text.replaceAll('|', '\\|').replaceAll('`', "'").replaceAll('<', '&lt;');

/** Verdicts of before, by the table; those of mistakes that are no longer there are dropped. */
const kept = (): Map<string, string> => {
  const lines = existsSync(TABLE) ? readFileSync(TABLE, 'utf8').split('\n') : [];
  return new Map(lines.flatMap((line) => (/^\| (?!mistake|---)/.test(line) ? [[line.split(' | ')[0]!.slice(2), line] as const] : [])));
};

const rowsOf = (verdicts: ReadonlyMap<string, Verdict>): readonly string[] => {
  const before = kept();
  return MISTAKES.flatMap(({ name }) => {
    const verdict = verdicts.get(name);
    if (verdict !== undefined) return [`| ${escaped(name)} | ${LAYERS[verdict.layer]} | ${escaped(verdict.by)} |`];
    return before.get(escaped(name)) ?? [];
  });
};

const tableOf = (rows: readonly string[]): string =>
  [
    '# Mistakes seeded in the EA, and what notices them',
    '',
    'Written by `npm run mql5:mutants -- --write`. Each mistake is made in a copy of the EA; lint, compiler and scenarios are asked in this order.',
    '',
    '| mistake | noticed by | how |',
    '| --- | --- | --- |',
    ...rows,
    '',
    `${rows.filter((row) => !row.includes(LAYERS.nothing)).length} of ${rows.length} noticed.`,
    '',
  ].join('\n');

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: { only: { type: 'string', default: '' }, write: { type: 'boolean', default: false }, jobs: { type: 'string', default: '2' } },
  });
  const chosen = MISTAKES.filter(({ name }) => name.includes(values.only));
  const verdicts = new Map<string, Verdict>();
  const waiting = [...chosen];
  const work = async (): Promise<void> => {
    for (let mistake = waiting.shift(); mistake !== undefined; mistake = waiting.shift()) {
      const verdict = await verdictOf(mistake).catch(
        (error: unknown): Verdict => ({ layer: 'nothing', by: `could not be tried: ${firstLine(error)}` }),
      );
      verdicts.set(mistake.name, verdict);
      console.log(`${verdict.layer.padEnd(9)} ${mistake.name} — ${verdict.by}`);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
  const inOrder = new Map(chosen.flatMap(({ name }) => (verdicts.has(name) ? [[name, verdicts.get(name)!] as const] : [])));
  if (values.write) {
    mkdirSync(path.dirname(TABLE), { recursive: true });
    writeFileSync(TABLE, tableOf(rowsOf(inOrder)));
  }
  const missed = [...inOrder.values()].filter(({ layer }) => layer === 'nothing').length;
  console.log(`${chosen.length - missed} of ${chosen.length} noticed`);
  return missed === 0 ? 0 : 1;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(await main());
