/** The replay's report: a table for people. The JSON document is `ReplayOutcome` itself, described in README.md. */
import type { Quantiles } from './weighted.ts';
import type { ReplayOutcome } from './replayTapes.ts';

const MAX_EPISODES_SHOWN = 60;

export const reportText = (outcome: ReplayOutcome): string => {
  const { tapes, measures, engine, rule } = outcome;
  const lines = [
    ...tapes.map((t, i) => `tape ${'AB'[i]}  ${t.path}: ${t.protocol} ${t.symbol}, ${count(t.frames)} frames, tick ${t.tickSize}`),
    `overlap ${clock(measures.overlapFromUnixMs)} to ${clock(measures.overlapToUnixMs)} = ${measures.overlapS.toFixed(1)} s, ${count(measures.mergedStates)} merged states`,
    '',
    ...table([
      ['', 'A', 'B'],
      ['quotes', ...measures.quotes.map(count)],
      ['largest gap, ms', ...measures.largestGapMs.map((ms) => ms.toFixed(0))],
      ['malformed frames', ...tapes.map((t) => count(t.malformed))],
      ['out of order', ...tapes.map((t) => count(t.outOfOrder))],
      ['decoded by fallback', ...tapes.map((t) => count(t.fallbackDecodes))],
    ]),
    '',
    `both fresh: ${measures.bothFresh.map((f) => `≤ ${f.withinMs} ms ${percent(f.share)}`).join(', ')}`,
    '',
    ...table([
      ['spread, bps, time-weighted', 'min', 'p10', 'p50', 'p75', 'p90', 'p99', 'max', '> 0'],
      quantileRow('mid B − mid A', measures.midBps),
      quantileRow('bid A − ask B', measures.sellABuyBBps),
      quantileRow('bid B − ask A', measures.sellBBuyABps),
    ]),
    '',
    ...table([
      ["engine's rolling window", 'p50', 'p75', 'p90', 'p99', 'entry at', 'triggered', 'costs', '± bps'],
      ...engine.directions.map((d) => [
        d.direction === 'sell-a-buy-b' ? 'bid A − ask B' : 'bid B − ask A',
        ...[d.view.p50, d.view.p75, d.view.p90, d.view.p99, d.view.entrySpreadBps].map(bps),
        d.view.triggerRate === null ? '—' : percent(d.view.triggerRate),
        bps(d.costs === null ? null : d.costs.totalBps),
        d.resolutionBps.toFixed(4),
      ]),
    ]),
    '',
    `rule: deviation ≥ ${rule.deviationFloorBps} bps and ≥ p${rule.deviationPercentile}, edge ≥ ${rule.minEdgeBps} bps after taker fees of ${rule.takerFeeBps.join(' and ')} bps each way`,
    `intents: ${outcome.episodes.length}${outcome.abnormalAlarms > 0 ? ` (and ${outcome.abnormalAlarms} alarms for abnormal edges, blocked)` : ''}`,
    ...episodeLines(outcome),
    '',
    `${count(outcome.steps)} steps in ${(outcome.elapsedMs / 1000).toFixed(2)} s`,
  ];
  return `${lines.join('\n')}\n`;
};

const episodeLines = ({ episodes }: ReplayOutcome): string[] => {
  if (episodes.length === 0) return [];
  const rows = episodes
    .slice(0, MAX_EPISODES_SHOWN)
    .map(({ intent, ...e }) => [
      clock(intent.proposedUnixMs),
      intent.direction === 'sell-a-buy-b' ? 'sell A, buy B' : 'sell B, buy A',
      bps(intent.spreadBps),
      bps(intent.centreBps),
      bps(intent.deviationBps),
      bps(intent.edgeBps),
      bps(e.bestEdgeBps),
      e.durationMs === null ? 'lasts' : e.durationMs.toFixed(0),
      String(e.suppressed ?? '—'),
      e.endReason ?? '—',
    ]);
  const left = episodes.length - rows.length;
  return [
    '',
    ...table([['at (UTC)', 'direction', 'spread', 'centre', 'deviation', 'edge', 'best edge', 'ms', 'repeats', 'ended by'], ...rows]),
    ...(left > 0 ? [`… and ${left} more (--json gives all)`] : []),
  ];
};

const quantileRow = (name: string, q: Quantiles): string[] => [
  name,
  ...[q.min, q.p10, q.p50, q.p75, q.p90, q.p99, q.max].map(bps),
  percent(q.positiveShare),
];

/** First column to the left, the others to the right. */
const table = (rows: readonly (readonly string[])[]): string[] => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    `  ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[i]!))).join('  ')}`.trimEnd(),
  );
};

const bps = (value: number | null): string => (value === null ? '—' : value.toFixed(2).replace('-', '−'));
const percent = (share: number): string => `${(share * 100).toFixed(share < 0.01 && share > 0 ? 2 : 1)} %`;
const count = (value: number): string => value.toLocaleString('en-US');
const clock = (unixMs: number): string => new Date(unixMs).toISOString().slice(11, 23);
