/**
 * Reading: pages of intents and events for the console, history for the chart, runs and the journal for replay and
 * status. Never writes. A page ends with every row of its last millisecond, so that paging by time skips none; it can
 * therefore be a little longer than asked for.
 */
import type { EngineEvent } from '../../core/events.ts';
import type { EngineSettings } from '../../../src-shared/domain/settings.ts';
import type { EventKind, EventRow, EventSeverity, IntentRow } from '../../../src-shared/domain/view.ts';
import type { LedgerArchive, LedgerReader, RunRecord } from '../../runtime/ports.ts';
import { terminalReader } from './commandQueries.ts';
import { guarded, ledgerFault, type Sqlite } from './database.ts';
import { intentOf, settingsOfText } from './earlierVersions.ts';
import { groupReader, tradeReader } from './groupQueries.ts';
import { checksumOf, eventOfRow, type EventRowOfJournal, type SampleStretch, type StartSources } from './journal.ts';
import { readHistory, readSamples } from './samples.ts';
import { recoverLatches, recoverTrading } from './tradingRecovery.ts';

type Standing = ReturnType<LedgerArchive['standing']>;

/** Rows a replay reads at a time; a page never locks the database against the writer. */
export const JOURNAL_PAGE_ROWS = 1_000;

interface IntentRecord {
  readonly evidence: string;
  readonly ended_unix_ms: number | null;
  readonly end_reason: string | null;
  readonly best_edge_bps: number;
}

interface LogRecord {
  readonly run_id: string;
  readonly seq: number;
  readonly ordinal: number;
  readonly unix_ms: number;
  readonly severity: string;
  readonly kind: string;
  readonly subject: string | null;
  readonly text: string;
}

const INTENT_PAGE = `
SELECT evidence, ended_unix_ms, end_reason, best_edge_bps FROM intents
WHERE proposed_unix_ms < @before AND proposed_unix_ms >= coalesce(
  (SELECT proposed_unix_ms FROM intents WHERE proposed_unix_ms < @before ORDER BY proposed_unix_ms DESC LIMIT 1 OFFSET @limit - 1), 0)
ORDER BY proposed_unix_ms DESC, intent_id DESC`;

const EVENT_PAGE = `
SELECT run_id, seq, ordinal, unix_ms, severity, kind, subject, text FROM event_log JOIN runs USING (run)
WHERE unix_ms < @before AND unix_ms >= coalesce(
  (SELECT unix_ms FROM event_log WHERE unix_ms < @before ORDER BY unix_ms DESC LIMIT 1 OFFSET @limit - 1), 0)
ORDER BY unix_ms DESC, run DESC, seq DESC, ordinal DESC`;

const RUNS = `
SELECT run_id AS runId, started_unix_ms AS startedUnixMs, version, ended_unix_ms AS endedUnixMs, end_reason AS endReason,
       coalesce((SELECT max(seq) FROM events WHERE events.run = runs.run), 0) AS lastSeq
FROM runs ORDER BY run`;

const intentRowOf = (record: IntentRecord): IntentRow & { readonly id: string } => {
  const intent = intentOf(record.evidence);
  return {
    id: intent.id,
    pairId: intent.pairId,
    direction: intent.direction,
    episode: intent.episode,
    proposedUnixMs: intent.proposedUnixMs,
    endedUnixMs: record.ended_unix_ms,
    endReason: record.end_reason,
    spreadBps: intent.spreadBps,
    edgeBps: intent.edgeBps,
    bestEdgeBps: record.best_edge_bps,
    thresholdBps: intent.thresholdBps,
    costsBps: intent.costs.totalBps,
    executableBaseQty: intent.executableBaseQty,
    disposition: intent.disposition,
    groupId: intent.groupId,
  };
};

const eventRowOf = (record: LogRecord): EventRow & { readonly id: string } => ({
  id: `${record.run_id}.${record.seq}.${record.ordinal}`,
  unixMs: record.unix_ms,
  severity: record.severity as EventSeverity,
  kind: record.kind as EventKind,
  subject: record.subject,
  text: record.text,
});

/** The console's queries. */
export const ledgerReader = (db: Sqlite, path: string): LedgerReader => {
  const intents = db.prepare<[Record<string, number>], IntentRecord>(INTENT_PAGE);
  const intent = db.prepare<[string], string>('SELECT evidence FROM intents WHERE intent_id = ?').pluck();
  const events = db.prepare<[Record<string, number>], LogRecord>(EVENT_PAGE);
  const page = (beforeUnixMs: number | null, limit: number) => ({ before: beforeUnixMs ?? Number.MAX_VALUE, limit });
  return {
    intents: (before, limit) => guarded(path, () => intents.all(page(before, limit)).map(intentRowOf)),
    intent: (intentId) =>
      guarded(path, () => {
        const evidence = intent.get(intentId);
        return evidence === undefined ? null : intentOf(evidence);
      }),
    events: (before, limit) => guarded(path, () => events.all(page(before, limit)).map(eventRowOf)),
    ...groupReader(db, path),
    history: (pairId, from, to, maxPoints) => guarded(path, () => readHistory(db, pairId, from, to, maxPoints)),
  };
};

/** The samples a `started` event names. @throws LedgerFault `corrupt` when they are no longer the same. */
const samplesAgain = (db: Sqlite, path: string, settings: EngineSettings, stretch: SampleStretch) => {
  if (stretch.count === 0) return [];
  const pairIds = settings.pairs.map((pair) => pair.id);
  const samples = readSamples(db, pairIds, stretch.fromUnixMs, stretch.toUnixMs);
  if (samples.length === stretch.count && checksumOf(samples) === stretch.checksum) return samples;
  const what = `the run started from ${stretch.count} samples of which ${samples.length} are left (pruned or changed); it cannot be replayed`;
  throw ledgerFault('corrupt', path, what);
};

/** What replay, status and export read. */
export const archiveReader = (db: Sqlite, path: string) => {
  const runs = db.prepare<[], RunRecord>(RUNS);
  const settings = db
    .prepare<[string], string>('SELECT settings FROM configuration_versions JOIN runs ON configuration = digest WHERE run_id = ?')
    .pluck();
  const page = db.prepare<[string, number, number], EventRowOfJournal>(
    `SELECT seq, unix_ms, mono_us, type, payload FROM events
     WHERE run = (SELECT run FROM runs WHERE run_id = ?) AND seq > ? ORDER BY seq LIMIT ?`,
  );
  const trading = db.prepare<[string], string>('SELECT trading FROM recoveries JOIN runs USING (run) WHERE run_id = ?').pluck();
  const settingsOf = (runId: string): EngineSettings =>
    guarded(path, () => {
      const text = settings.get(runId);
      if (text === undefined) throw ledgerFault('corrupt', path, `there is no run ${runId} with a configuration`);
      return settingsOfText(text);
    });
  function* journal(runId: string): Generator<EngineEvent> {
    const configuration = settingsOf(runId);
    const sources: StartSources = {
      samples: (stretch) => samplesAgain(db, path, configuration, stretch),
      trading: () => trading.get(runId) ?? null,
    };
    let after = -1;
    for (;;) {
      const rows = guarded(path, () => page.all(runId, after, JOURNAL_PAGE_ROWS));
      for (const row of rows) yield guarded(path, () => eventOfRow(row, sources));
      const last = rows.at(-1);
      if (last === undefined || rows.length < JOURNAL_PAGE_ROWS) return;
      after = last.seq;
    }
  }
  /** As of this computer's clock: an archive is read without an engine. */
  const standing = (): Standing =>
    guarded(path, () => db.transaction(() => ({ ...recoverLatches(db), trading: recoverTrading(db, Date.now()) }))());
  return {
    runs: (): readonly RunRecord[] => guarded(path, () => runs.all()),
    settingsOf,
    standing,
    journal,
    ...tradeReader(db, path),
    ...terminalReader(db, path),
  };
};
