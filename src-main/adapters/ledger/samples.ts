/**
 * Spread samples: one row a pair and second, written in batches with relaxed durability, pruned past their retention.
 * Pairs are named by id in the file (their index is only valid within one configuration). A sample of a moment that
 * is already there is dropped, so a clock that steps back never rewrites what a run has started from.
 */
import type { SpreadSample } from '../../core/events.ts';
import { MS_PER_HOUR } from '../../../src-shared/domain/units.ts';
import type { HistoryPoint } from '../../../src-shared/domain/view.ts';
import type { Sqlite } from './database.ts';

/** Samples older than this are deleted: 30 days of one pair are 2.6 million rows, about 70 MB. */
export const SAMPLE_RETENTION_MS = 30 * 24 * MS_PER_HOUR;
/** Rows deleted by one call of `prune`, so that it never holds the write lock for long. */
export const MAX_PRUNED_ROWS = 5_000;
/** Samples come once a second; a hole longer than this is drawn as a gap. */
export const GAP_MS = 2_500;
/** The finest step of a history: the sampling interval. */
export const MIN_HISTORY_STEP_MS = 1_000;

const finiteOrNull = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);

/** Writing and pruning. `pairIds[i]` is the id of `SpreadSample.pair === i`. */
export const sampleWriter = (db: Sqlite) => {
  const name = db.prepare<[string], number>('SELECT pair FROM sampled_pairs WHERE pair_id = ?').pluck();
  const addName = db.prepare<[string]>('INSERT INTO sampled_pairs (pair_id) VALUES (?)');
  const add = db.prepare<[number, number, number | null, number | null]>('INSERT OR IGNORE INTO samples VALUES (?, ?, ?, ?)');
  const pairs = db.prepare<[], number>('SELECT pair FROM sampled_pairs ORDER BY pair').pluck();
  const bound = db
    .prepare<[number, number], number>('SELECT unix_ms FROM samples WHERE pair = ? ORDER BY unix_ms LIMIT 1 OFFSET ?')
    .pluck();
  const cut = db.prepare<[number, number]>('DELETE FROM samples WHERE pair = ? AND unix_ms < ?');
  const keyOf = (pairId: string): number => name.get(pairId) ?? Number(addName.run(pairId).lastInsertRowid);
  return {
    append(samples: readonly SpreadSample[], pairIds: readonly string[]): void {
      const keys = pairIds.map(keyOf);
      for (const sample of samples) {
        const key = keys[sample.pair];
        if (key === undefined) throw new RangeError(`sample of pair ${sample.pair}, the configuration has ${keys.length}`);
        add.run(key, sample.unixMs, finiteOrNull(sample.fBps), finiteOrNull(sample.rBps));
      }
    },
    /** Deletes what is older than `horizonUnixMs`, at most MAX_PRUNED_ROWS rows; returns how many. */
    prune(horizonUnixMs: number): number {
      let pruned = 0;
      for (const pair of pairs.all()) {
        if (pruned >= MAX_PRUNED_ROWS) break;
        const firstKept = bound.get(pair, MAX_PRUNED_ROWS - pruned) ?? Infinity;
        pruned += cut.run(pair, Math.min(horizonUnixMs, firstKept)).changes;
      }
      return pruned;
    },
  };
};
export type SampleWriter = ReturnType<typeof sampleWriter>;

/** All samples of the given pairs in `[from, to]`, oldest first, then by pair. */
export const readSamples = (db: Sqlite, pairIds: readonly string[], fromUnixMs: number, toUnixMs: number): readonly SpreadSample[] => {
  // Tens of thousands at a start: the row is the sample.
  const read = db.prepare<[number, string, number, number], SpreadSample>(
    `SELECT unix_ms AS unixMs, ? AS pair, f_bps AS fBps, r_bps AS rBps FROM samples
     WHERE pair = (SELECT pair FROM sampled_pairs WHERE pair_id = ?) AND unix_ms BETWEEN ? AND ? ORDER BY unix_ms`,
  );
  const found = pairIds.flatMap((pairId, pair) => read.all(pair, pairId, fromUnixMs, toUnixMs));
  return found.sort((x, y) => x.unixMs - y.unixMs || x.pair - y.pair);
};

interface BucketRow {
  readonly bucket: number;
  readonly first: number;
  readonly last: number;
  readonly f: number | null;
  readonly r: number | null;
}

// A direction of a bucket is null when at least half of its samples are stale: a mean over the rest would hide the gap.
const BUCKETS = `
SELECT CAST((unix_ms - @from) / @step AS INTEGER) AS bucket, min(unix_ms) AS first, max(unix_ms) AS last,
       CASE WHEN 2 * count(f_bps) > count(*) THEN avg(f_bps) END AS f,
       CASE WHEN 2 * count(r_bps) > count(*) THEN avg(r_bps) END AS r
FROM samples
WHERE pair = (SELECT pair FROM sampled_pairs WHERE pair_id = @pairId) AND unix_ms >= @from AND unix_ms < @to
GROUP BY bucket ORDER BY bucket`;

/**
 * The spread of a pair in `[from, to)`, thinned to at most `maxPoints` means of equal steps. Stretches without samples
 * (engine not running) and stretches that were mostly stale are points with null. @throws RangeError on an empty range.
 */
export const readHistory = (db: Sqlite, pairId: string, fromUnixMs: number, toUnixMs: number, maxPoints: number) => {
  if (!(toUnixMs > fromUnixMs)) throw new RangeError(`history from ${fromUnixMs} to ${toUnixMs}: the range is empty`);
  if (!(maxPoints >= 1)) throw new RangeError(`history of ${maxPoints} points: at least 1`);
  const stepMs = Math.max(MIN_HISTORY_STEP_MS, Math.ceil((toUnixMs - fromUnixMs) / Math.floor(maxPoints)));
  const rows = db.prepare<[Record<string, unknown>], BucketRow>(BUCKETS).all({ from: fromUnixMs, to: toUnixMs, step: stepMs, pairId });
  const points: HistoryPoint[] = [];
  let before: BucketRow | null = null;
  for (const row of rows) {
    // Only an empty bucket between two others has room for a point of its own.
    if (before !== null && row.bucket > before.bucket + 1 && row.first - before.last > GAP_MS) {
      points.push({ unixMs: before.last + MIN_HISTORY_STEP_MS, fBps: null, rBps: null });
    }
    points.push({ unixMs: row.first, fBps: row.f, rBps: row.r });
    before = row;
  }
  return { points, stepMs };
};
