/**
 * `npm run bench`: runs the measurements one after another and prints goal, measured and verdict, honestly. The same as a
 * JSON document in out/bench. `--only a,b` narrows it, `--quick` is a rough look, `--list` names the items.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentOf, recordingsFolder, repository, watchForeign, type Environment } from './environment.ts';
import type { BenchItem } from './item.ts';
import { commandsItem } from './items/commands.ts';
import { consoleItem } from './items/console.ts';
import { decodeItem } from './items/decode.ts';
import { exchangeFramesItem } from './items/exchangeFrames.ts';
import { exchangeItem } from './items/exchangeOrders.ts';
import { ingressItem } from './items/ingress.ts';
import { ledgerItem } from './items/ledger.ts';
import { memoryItem } from './items/memory.ts';
import { ordersItem } from './items/orders.ts';
import { quantileItem } from './items/quantile.ts';
import { recoveryItem } from './items/recovery.ts';
import { socketItem } from './items/socket.ts';
import { startUpItem } from './items/startUp.ts';
import { stepItem } from './items/step.ts';
import { tickItem } from './items/tick.ts';
import { skippedRow, type Row } from './verdict.ts';

const ITEMS: readonly BenchItem[] = [
  decodeItem,
  socketItem,
  ingressItem,
  stepItem,
  quantileItem,
  ledgerItem,
  tickItem,
  ordersItem,
  commandsItem,
  exchangeItem,
  exchangeFramesItem,
  consoleItem,
  startUpItem,
  recoveryItem,
  memoryItem,
];

const option = (args: readonly string[], name: string): string | null => {
  const at = args.indexOf(name);
  return at < 0 ? null : (args[at + 1] ?? '');
};

const chosen = (args: readonly string[]): readonly BenchItem[] => {
  const only = option(args, '--only')?.split(',');
  const unknown = only?.filter((name) => !ITEMS.some((item) => item.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`No such item: ${unknown.join(', ')}. Items: ${ITEMS.map((item) => item.name).join(', ')}.`);
  return only === undefined ? ITEMS : ITEMS.filter((item) => only.includes(item.name));
};

const describe = (environment: Environment): string => {
  const { cpu, cores, memoryGiB, system, node, versions, loadAtStart, fdatasyncUs } = environment;
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version ?? 'absent'}`);
  return [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}, load ${loadAtStart.join(' ')}`,
    named.join(', '),
    `append + fdatasync back to back: p50 ${fdatasyncUs.p50} µs, p99 ${fdatasyncUs.p99} µs`,
  ].join('\n');
};

const print = (rows: readonly Row[]): void => {
  const columns = rows.map((row) => [row.what, row.goal, row.measured, row.verdict, row.note ?? '']);
  const widths = [0, 1, 2, 3].map((at) => Math.max(...columns.map((column) => column[at]!.length)));
  for (const column of columns)
    console.log(
      `  ${column
        .map((text, at) => text.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd()}`,
    );
};

const main = async (): Promise<number> => {
  const args = process.argv.slice(2);
  if (args.includes('--list')) {
    for (const item of ITEMS) console.log(`${item.name.padEnd(12)} ${item.title}`);
    return 0;
  }
  const items = chosen(args);
  const scratch = mkdtempSync(join(tmpdir(), 'quant-arb-bench-'));
  const quick = args.includes('--quick');
  const began = performance.now();
  try {
    const environment = environmentOf(scratch);
    console.log(
      `${describe(environment)}\n\nmedian (p10–p90 of the rounds) · ratios in one run, sides in turns · verdict by the band${quick ? ' · QUICK: wide bands' : ''}\n`,
    );
    const rows: Row[] = [];
    const foreign: Record<string, number> = {};
    for (const item of items) {
      console.log(item.title);
      const others = watchForeign();
      const own = await item
        .run({ quick, scratch, recordings: recordingsFolder(), say: (line) => console.log(`  ${line}`) })
        .catch((cause: unknown) => {
          console.error(cause);
          return [{ ...skippedRow(item.name, item.title, `broke off: ${String(cause)}`), verdict: 'missed' as const }];
        });
      foreign[item.name] = others().share;
      print(own);
      console.log('');
      rows.push(...own);
    }
    const seconds = Math.round((performance.now() - began) / 1_000);
    const count = (verdict: Row['verdict']): number => rows.filter((row) => row.verdict === verdict).length;
    const folder = join(repository, 'out', 'bench');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${environment.at.replaceAll(/[:.]/g, '-')}.json`);
    writeFileSync(path, `${JSON.stringify({ environment, quick, seconds, foreignCpuShare: foreign, rows }, null, 2)}\n`);
    console.log(
      `${count('met')} met, ${count('missed')} missed, ${count('too noisy to say')} too noisy to say, ${count('skipped')} skipped, in ${seconds} s\n${path}`,
    );
    return 0;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

process.exitCode = await main();
// Peers leave timers behind.
process.exit();
