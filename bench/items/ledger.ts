/**
 * What it costs to keep an intent before anything may follow from it: one transaction of the ledger, at both levels of
 * durability, beside the floor of durable, append + fdatasync. Alone (one each 5 ms, as orders really come) and in a loop.
 */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openLedger } from '../../src-main/adapters/ledger/ledger.ts';
import { systemClock } from '../../src-main/runtime/clock.ts';
import type { Durability } from '../../src-main/runtime/ports.ts';
import { proposalOf } from '../intents.ts';
import type { BenchContext, BenchItem } from '../item.ts';
import { bandOf, quantileOf, ratioBand, sortedOf, type Band } from '../rounds.ts';
import { atMost, figureRow, ratioRow, type Row } from '../verdict.ts';
import { settingsOf } from '../world.ts';

const ITEM = 'ledger';
const PACE_MS = 5;
const ROW_BYTES = 230;
type Way = 'normal' | 'full' | 'fdatasync';
const WAYS: readonly Way[] = ['normal', 'full', 'fdatasync'];

interface Ways {
  commit(way: Way): number;
  close(): void;
}

const openWays = (folder: string): Ways => {
  const ledger = openLedger({ path: join(folder, 'ledger.db'), clock: systemClock, owner: 'bench' });
  ledger.beginRun(settingsOf(1), '0.0.0');
  const fd = openSync(join(folder, 'floor.log'), 'a');
  const row = Buffer.alloc(ROW_BYTES, 'x');
  let n = 0;
  const keep = (durability: Durability): void => {
    n += 1;
    const { event, facts } = proposalOf(n);
    ledger.commit(event, facts, [], durability);
  };
  return {
    commit(way) {
      const began = performance.now();
      if (way === 'fdatasync') {
        writeSync(fd, row);
        fdatasyncSync(fd);
      } else keep(way);
      return (performance.now() - began) * 1_000;
    },
    close() {
      closeSync(fd);
      ledger.close();
    },
  };
};

/** p50 of each round, one commit each 5 ms, the ways in turns. */
const paced = async (ways: Ways, rounds: number, each: number): Promise<{ medians: Record<Way, number[]>; all: Record<Way, number[]> }> => {
  const medians: Record<Way, number[]> = { normal: [], full: [], fdatasync: [] };
  const all: Record<Way, number[]> = { normal: [], full: [], fdatasync: [] };
  for (let round = 0; round < rounds; round++) {
    const costs: Record<Way, number[]> = { normal: [], full: [], fdatasync: [] };
    for (let i = 0; i < each * WAYS.length; i++) {
      const way = WAYS[(i + round) % WAYS.length]!;
      await pause(PACE_MS);
      costs[way].push(ways.commit(way));
    }
    for (const way of WAYS) {
      medians[way].push(quantileOf(sortedOf(costs[way]), 0.5));
      all[way].push(...costs[way]);
    }
  }
  return { medians, all };
};

const loop = (ways: Ways, way: Way, count: number): Float64Array => sortedOf(Array.from({ length: count }, () => ways.commit(way)));

const microseconds = (sorted: Float64Array): string =>
  [0.5, 0.99, 0.999].map((q) => Math.round(quantileOf(sorted, q)).toLocaleString('en-US')).join(' / ');

export const ledgerItem: BenchItem = {
  name: ITEM,
  title: 'ledger: one intent kept (event, fact, tables derived from it)',
  async run(context: BenchContext) {
    const ways = openWays(context.scratch);
    const rows: Row[] = [];
    try {
      for (let i = 0; i < 300; i++) for (const way of WAYS) ways.commit(way);
      const { medians, all } = await paced(ways, context.quick ? 3 : 11, context.quick ? 20 : 30);
      const ratio = (way: Way): Band => ratioBand(medians[way], medians.fdatasync);
      const p = (way: Way): string => microseconds(sortedOf(all[way]));
      const floor = `p50 / p99 / p99.9 µs: ${p('fdatasync')} for the floor`;
      rows.push(
        ratioRow(ITEM, 'paced, NORMAL / append + fdatasync (p50)', ratio('normal'), atMost(0.6), { note: `${p('normal')}; ${floor}` }),
        ratioRow(ITEM, 'paced, FULL / append + fdatasync (p50)', ratio('full'), atMost(1.8), { note: p('full') }),
      );
      const count = context.quick ? 1_000 : 5_000;
      for (const way of ['normal', 'full'] as const) {
        const sorted = loop(ways, way, count);
        const tail = quantileOf(sorted, 0.999) / quantileOf(sorted, 0.5);
        const perSecond = Math.round(1e6 / (sorted.reduce((sum, cost) => sum + cost, 0) / count)).toLocaleString('en-US');
        rows.push(
          figureRow(ITEM, `in a loop, ${way.toUpperCase()}: p99.9 / p50`, tail, '×', atMost(25), {
            note: `${microseconds(sorted)} µs, ${perSecond} commits/s`,
          }),
        );
      }
      const syncs = loop(ways, 'fdatasync', context.quick ? 300 : 1_000);
      rows.push(
        figureRow(ITEM, 'in a loop, append + fdatasync p50', bandOf([...syncs]).median, 'µs', null, { note: `${microseconds(syncs)} µs` }),
      );
    } finally {
      ways.close();
    }
    return rows;
  },
};
