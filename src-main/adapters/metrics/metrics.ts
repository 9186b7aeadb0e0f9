/**
 * The Prometheus page: the console's tables and a few host figures as metrics, read at scrape time. Owns names and
 * units of metrics; must not keep state of its own, nor carry anything that identifies an account.
 */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { ConsoleTables } from '../../../src-shared/domain/view.ts';

/** The runner's own: depths and shares as they are now, counts since start, and what takes how long. */
export interface RunnerFigures {
  readonly now: Readonly<Record<string, number>>;
  readonly totals: Readonly<Record<string, number>>;
  readonly latencies: Readonly<Record<string, { readonly count: number; readonly p50Us: number | null; readonly p99Us: number | null }>>;
}

export interface MetricsParts {
  readonly tables: () => ConsoleTables;
  readonly version: string;
  /** Cumulative counts by group and name, for example MetaTrader requests. */
  readonly counts: () => Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly consoles: () => number;
  readonly runtime: () => RunnerFigures;
}

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  stop(): void;
}

const PREFIX = 'quant_arb_';
const MS = 1_000;
const US = 1_000_000;

type Rows = readonly (readonly [labels: Record<string, string>, value: number | null])[];

const gauge = (registry: Registry, name: string, help: string, labelNames: readonly string[], rows: () => Rows): void => {
  void new Gauge({
    name: PREFIX + name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      this.reset();
      for (const [labels, value] of rows()) if (value !== null && Number.isFinite(value)) this.set(labels, value);
    },
  });
};

const counter = (registry: Registry, name: string, help: string, labelNames: readonly string[], rows: () => Rows): void => {
  void new Counter({
    name: PREFIX + name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      this.reset();
      for (const [labels, value] of rows()) if (value !== null && value >= 0) this.inc(labels, value);
    },
  });
};

const addEngine = (registry: Registry, { tables, version, consoles }: MetricsParts): void => {
  const engine = () => tables().engine['engine'];
  const one = (pick: (row: NonNullable<ReturnType<typeof engine>>) => number | null) => (): Rows => {
    const row = engine();
    return row === undefined ? [] : [[{}, pick(row)]];
  };
  gauge(registry, 'build_version', 'Always 1; the version is the label.', ['version'], () => [[{ version }, 1]]);
  gauge(
    registry,
    'armed',
    '1 when new intents may become orders.',
    [],
    one((row) => Number(row.armed)),
  );
  gauge(
    registry,
    'kill_latched',
    '1 while the kill switch is latched.',
    [],
    one((row) => Number(row.kill !== null)),
  );
  gauge(
    registry,
    'paused',
    '1 while paused.',
    [],
    one((row) => Number(row.pause !== null)),
  );
  gauge(
    registry,
    'ledger_fault',
    '1 when the ledger cannot be written.',
    [],
    one((row) => Number(row.ledgerFault !== null)),
  );
  gauge(
    registry,
    'quotes_per_second',
    'Quotes taken by the engine.',
    [],
    one((row) => row.quotesPerSecond),
  );
  counter(
    registry,
    'quotes_conflated_total',
    'Quotes replaced by a newer one before the engine took them.',
    [],
    one((row) => row.conflatedQuotes),
  );
  gauge(
    registry,
    'journal_sequence',
    'Sequence number of the newest journaled event.',
    [],
    one((row) => row.journalSeq),
  );
  gauge(registry, 'consoles', 'Consoles that watch.', [], () => [[{}, consoles()]]);
};

const addRuntime = (registry: Registry, { runtime }: MetricsParts): void => {
  const named = (figures: Readonly<Record<string, number>>): Rows => Object.entries(figures).map(([name, value]) => [{ name }, value]);
  gauge(registry, 'runtime', 'Queues, tape and event loop as they are now.', ['name'], () => named(runtime().now));
  counter(registry, 'runtime_total', 'Events of the engine since its start.', ['name'], () => named(runtime().totals));
  gauge(registry, 'latency_seconds', 'Quantiles of what takes time.', ['of', 'quantile'], () =>
    Object.entries(runtime().latencies).flatMap(([of, { p50Us, p99Us }]) => [
      [{ of, quantile: '0.5' }, p50Us === null ? null : p50Us / US] as const,
      [{ of, quantile: '0.99' }, p99Us === null ? null : p99Us / US] as const,
    ]),
  );
  counter(registry, 'latency_observations_total', 'How often it was measured.', ['of'], () =>
    Object.entries(runtime().latencies).map(([of, { count }]) => [{ of }, count] as const),
  );
};

const addVenues = (registry: Registry, { tables }: MetricsParts): void => {
  type Venue = ConsoleTables['venues'][string];
  const each = (pick: (row: Venue) => number | null) => (): Rows =>
    Object.entries(tables().venues).map(([venue, row]) => [{ venue }, pick(row)] as const);
  const seconds = (ms: number | null): number | null => (ms === null ? null : ms / MS);
  gauge(
    registry,
    'venue_live',
    '1 when the link is live.',
    ['venue'],
    each((row) => Number(row.link === 'live')),
  );
  gauge(
    registry,
    'venue_quote_age_seconds',
    'Age of the newest quote.',
    ['venue'],
    each((row) => seconds(row.quoteAgeMs)),
  );
  gauge(
    registry,
    'venue_latency_seconds',
    'Receive time minus corrected venue time.',
    ['venue'],
    each((row) => seconds(row.latencyMs)),
  );
  gauge(
    registry,
    'venue_clock_offset_seconds',
    'Venue clock minus ours.',
    ['venue'],
    each((row) => seconds(row.clockOffsetMs)),
  );
  gauge(
    registry,
    'venue_frames_per_second',
    'Frames received.',
    ['venue'],
    each((row) => row.framesPerSecond),
  );
  counter(
    registry,
    'venue_malformed_frames_total',
    'Frames that could not be read.',
    ['venue'],
    each((row) => row.malformedFrames),
  );
  gauge(
    registry,
    'venue_order_link_up',
    '1 when the venue tells us of our orders.',
    ['venue'],
    each((row) => Number(row.orderLink === 'up')),
  );
  gauge(
    registry,
    'venue_reconciled',
    '1 when the venue agrees with the ledger.',
    ['venue'],
    each((row) => Number(row.reconciled === 'yes')),
  );
  gauge(
    registry,
    'venue_disabled',
    '1 while a rule has disabled the venue.',
    ['venue'],
    each((row) => Number(row.disabled !== null)),
  );
  gauge(
    registry,
    'venue_messages_last_minute',
    'Orders, cancels and questions sent in the last minute.',
    ['venue'],
    each((row) => row.messagesLastMinute),
  );
  gauge(
    registry,
    'venue_errors_in_window',
    'Errors that count against the venue.',
    ['venue'],
    each((row) => row.errorsInWindow),
  );
  counter(
    registry,
    'venue_reconnects_total',
    'Reconnects.',
    ['venue'],
    each((row) => row.reconnects),
  );
};

const addTrading = (registry: Registry, { tables }: MetricsParts): void => {
  const engine = () => tables().engine['engine'];
  const one = (name: string, help: string, pick: (row: NonNullable<ReturnType<typeof engine>>) => number | null): void =>
    gauge(registry, name, help, [], () => {
      const row = engine();
      return row === undefined ? [] : [[{}, pick(row)]];
    });
  const live = () => Object.values(tables().groups).filter((row) => row.endedUnixMs === null);
  one('trading_state', '0 active, 1 reducing, 2 halted.', (row) => ['active', 'reducing', 'halted'].indexOf(row.tradingState));
  one('kill_unverified', '1 while a kill is latched and not every venue has answered.', (row) =>
    Number(row.kill !== null && row.kill.verifiedUnixMs === null),
  );
  one('scoped_stops', 'Stops of single pairs and venues in force.', (row) => row.scopedStops.length);
  one('groups_open', 'Hedge groups that have not ended.', (row) => row.openGroups);
  one('groups_held', 'Hedge groups that wait for an operator.', (row) => row.heldGroups);
  one('naked_usd', 'What is unhedged over all groups, dollars.', (row) => row.nakedUsd ?? 0);
  one('naked_seconds', 'Since when the oldest of it has been.', (row) =>
    row.nakedSinceUnixMs === null ? 0 : Math.max(0, row.nowUnixMs - row.nakedSinceUnixMs) / MS,
  );
  one('day_net_usd', 'Realized today (UTC), dollars.', (row) => row.dayNetUsd);
  gauge(registry, 'groups', 'Hedge groups that have not ended, by state.', ['state'], () => {
    const states = live().map((row) => row.state);
    return [...new Set(states)].map((state) => [{ state }, states.filter((each) => each === state).length] as const);
  });
  const newest = ['in-flight', 'working', 'unknown', 'quarantined'] as const;
  gauge(registry, 'orders', 'Newest orders of the legs of live groups, by state.', ['state'], () => {
    const states = live().flatMap((row) => [row.aOrder, row.bOrder]);
    return newest.map((state) => [{ state }, states.filter((each) => each === state).length] as const);
  });
  gauge(registry, 'position_differences', 'Instruments of which the venue reports another position than ours.', [], () => [
    [{}, Object.values(tables().positions).filter((row) => row.reportedQty !== null).length],
  ]);
  gauge(registry, 'limit_use', 'Use of a risk limit, in its own unit.', ['limit'], () =>
    Object.entries(tables().limits).map(([limit, row]) => [{ limit }, row.used] as const),
  );
  gauge(registry, 'limit_value', 'The risk limit in force, in its own unit.', ['limit'], () =>
    Object.entries(tables().limits).map(([limit, row]) => [{ limit }, row.value] as const),
  );
};

const addPairs = (registry: Registry, { tables }: MetricsParts): void => {
  type Pair = ConsoleTables['pairs'][string];
  const both = (forward: (row: Pair) => number | null, reverse: (row: Pair) => number | null) => (): Rows =>
    Object.entries(tables().pairs).flatMap(([pair, row]) => [
      [{ pair, direction: 'sell-a-buy-b' }, forward(row)] as const,
      [{ pair, direction: 'sell-b-buy-a' }, reverse(row)] as const,
    ]);
  const labels = ['pair', 'direction'];
  gauge(
    registry,
    'pair_spread_bps',
    'Executable spread.',
    labels,
    both(
      (row) => row.fSpreadBps,
      (row) => row.rSpreadBps,
    ),
  );
  gauge(
    registry,
    'pair_edge_bps',
    'Spread after every cost.',
    labels,
    both(
      (row) => row.fEdgeBps,
      (row) => row.rEdgeBps,
    ),
  );
  gauge(
    registry,
    'pair_trigger_rate',
    'Share of covered time at or above the entry.',
    labels,
    both(
      (row) => row.fTriggerRate,
      (row) => row.rTriggerRate,
    ),
  );
  gauge(registry, 'pair_stale', '1 when a leg is stale.', ['pair'], () =>
    Object.entries(tables().pairs).map(([pair, row]) => [{ pair }, Number(row.stale)] as const),
  );
};

export const createMetrics = (outside: MetricsParts): Metrics => {
  const registry = new Registry();
  // Made once a scrape, not once a metric.
  let scraped: { readonly tables: ConsoleTables; readonly runtime: RunnerFigures } | null = null;
  const parts: MetricsParts = {
    ...outside,
    tables: () => scraped?.tables ?? outside.tables(),
    runtime: () => scraped?.runtime ?? outside.runtime(),
  };
  collectDefaultMetrics({ register: registry, prefix: PREFIX });
  addEngine(registry, parts);
  addRuntime(registry, parts);
  addTrading(registry, parts);
  addVenues(registry, parts);
  addPairs(registry, parts);
  counter(registry, 'adapter_total', 'Counts of adapters.', ['group', 'name'], () =>
    Object.entries(parts.counts()).flatMap(([group, names]) =>
      Object.entries(names).map(([name, value]) => [{ group, name }, value] as const),
    ),
  );
  return {
    contentType: registry.contentType,
    async text() {
      scraped = { tables: outside.tables(), runtime: outside.runtime() };
      try {
        return await registry.metrics();
      } finally {
        scraped = null;
      }
    },
    stop: () => registry.clear(),
  };
};
