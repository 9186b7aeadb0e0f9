/**
 * What the engine relies on in its settings. `config` refuses bad files with a path for people; this is the engine's
 * own assertion, for settings that reach it from a journal, a test or a simulator.
 */
import { LIMIT_NAMES, type RiskLimits } from '../../src-shared/domain/limits.ts';
import type { EngineSettings, HedgingSettings, InstrumentSettings, PairSettings, VenueSettings } from '../../src-shared/domain/settings.ts';
import { MAX_RUNGS } from '../../src-shared/domain/live.ts';
import { MAX_ATTEMPTS } from './intentId.ts';
import { invariant } from './invariant.ts';

const MINUTES_PER_WEEK = 7 * 24 * 60;

/** @throws InvariantViolation naming the first setting that cannot hold. */
export const checkSettings = (settings: EngineSettings): void => {
  const { windowMs, minCoveredMs, bucketBps } = settings.statistics;
  within('statistics.windowMs', windowMs, 1, 7 * 24 * 3_600_000);
  within('statistics.minCoveredMs', minCoveredMs, 0, windowMs);
  within('statistics.bucketBps', bucketBps, 0.001, 1);
  within('frozenQuoteMs', settings.frozenQuoteMs, 1, Number.MAX_SAFE_INTEGER);
  distinct(
    'venue',
    settings.venues.map((v) => v.id),
  );
  distinct(
    'instrument',
    settings.instruments.map((x) => x.id),
  );
  distinct(
    'pair',
    settings.pairs.map((p) => p.id),
  );
  for (const v of settings.venues) checkVenue(v);
  checkLimits(settings.limits);
  checkHedging(settings.hedging);
  const venueIds = new Set<string>(settings.venues.map((v) => v.id));
  for (const x of settings.instruments) checkInstrument(x, venueIds);
  const instrumentIds = new Set<string>(settings.instruments.map((x) => x.id));
  for (const p of settings.pairs) checkPair(p, instrumentIds);
  checkLive(settings);
};

/** Real money has its guard, and nothing else has one: an engine without it would arm like a rehearsal. */
const checkLive = ({ mode, live = null, pairs, instruments }: EngineSettings): void => {
  invariant((mode === 'live') === (live !== null), mode === 'live' ? 'live without its guard' : `a guard of real money in ${mode}`);
  if (live === null) return;
  within('live.ladder length', live.ladder.length, 1, MAX_RUNGS);
  let least = 0;
  live.ladder.forEach(({ maxNotionalUsd, groups }, i) => {
    within(`live.ladder[${i}] groups`, groups, 1, Number.MAX_SAFE_INTEGER);
    if (maxNotionalUsd === null) return invariant(i === 0, `live.ladder[${i}] is no first rung, and has no size`);
    within(`live.ladder[${i}] maxNotionalUsd`, maxNotionalUsd, Math.max(least, Number.MIN_VALUE), Number.MAX_SAFE_INTEGER);
    invariant(i > 0, 'the first rung of live.ladder is the smallest size, without a figure');
    least = maxNotionalUsd;
  });
  const legs = pairs.flatMap(({ a, b }) => [a, b]);
  for (const { id, venueId } of instruments)
    if (legs.includes(id))
      invariant(
        live.accounts.some((account) => account.venueId === venueId && account.name.trim() !== ''),
        `the account at ${venueId} has no name`,
      );
};

const checkVenue = (v: VenueSettings): void => {
  within(`venue ${v.id} maxQuoteAgeMs`, v.maxQuoteAgeMs, 1, Number.MAX_SAFE_INTEGER);
  within(`venue ${v.id} ackTimeoutMs`, v.ackTimeoutMs, 1, Number.MAX_SAFE_INTEGER);
  within(`venue ${v.id} orderValidityMs`, v.orderValidityMs, 1, Number.MAX_SAFE_INTEGER);
};

/** Every limit is set: an absent one would read as NaN, and no gate passes NaN. */
const checkLimits = (limits: RiskLimits): void => {
  for (const name of LIMIT_NAMES) within(`limit ${name}`, limits[name], 0, Number.MAX_SAFE_INTEGER);
};

const checkHedging = (h: HedgingSettings): void => {
  within('hedging.compensateAfterMs', h.compensateAfterMs, 1, Number.MAX_SAFE_INTEGER);
  within('hedging.alarmAfterMs', h.alarmAfterMs, h.compensateAfterMs, Number.MAX_SAFE_INTEGER);
  within('hedging.haltAfterMs', h.haltAfterMs, h.alarmAfterMs, Number.MAX_SAFE_INTEGER);
  within('hedging.compensationSlippageBps', h.compensationSlippageBps, 0, 10_000);
  within('hedging.maxCompleteAttempts', h.maxCompleteAttempts, 0, MAX_ATTEMPTS);
  within('hedging.maxUnwindAttempts', h.maxUnwindAttempts, 0, MAX_ATTEMPTS);
  within('hedging.openingDeadlineMs', h.openingDeadlineMs, 1, Number.MAX_SAFE_INTEGER);
  within('hedging.queryEveryMs', h.queryEveryMs, 1, Number.MAX_SAFE_INTEGER);
  within('hedging.notFoundMarginMs', h.notFoundMarginMs, 0, Number.MAX_SAFE_INTEGER);
  within('hedging.fillsSweepMs', h.fillsSweepMs, 1, Number.MAX_SAFE_INTEGER);
  within('hedging.positionsSweepMs', h.positionsSweepMs, 1, Number.MAX_SAFE_INTEGER);
  within('hedging.snapshotTimeoutMs', h.snapshotTimeoutMs, 1, Number.MAX_SAFE_INTEGER);
};

const checkInstrument = (x: InstrumentSettings, venueIds: ReadonlySet<string>): void => {
  const at = `instrument ${x.id}`;
  invariant(venueIds.has(x.venueId), `${at} is at an unknown venue ${x.venueId}`);
  const { costs } = x;
  within(`${at} takerFeeBps`, costs.takerFeeBps, -10_000, 10_000);
  within(`${at} commissionPerLot`, costs.commissionPerLot, 0, Number.MAX_VALUE);
  within(`${at} slippageBps`, costs.slippageBps, 0, 10_000);
  within(`${at} carryLongBpsPerDay`, costs.carryLongBpsPerDay, -10_000, 10_000);
  within(`${at} carryShortBpsPerDay`, costs.carryShortBpsPerDay, -10_000, 10_000);
  if (costs.carryIntervalHours !== null) within(`${at} carryIntervalHours`, costs.carryIntervalHours, 1 / 60, 24);
  if (costs.rolloverUtcMinute !== null) within(`${at} rolloverUtcMinute`, costs.rolloverUtcMinute, 0, 1_439);
  if (costs.tripleCarryUtcWeekday !== null) within(`${at} tripleCarryUtcWeekday`, costs.tripleCarryUtcWeekday, 0, 6);
  within(`${at} initialMarginRate`, x.initialMarginRate, Number.MIN_VALUE, 1);
  within(`${at} assumedDisplayedBaseQty`, x.assumedDisplayedBaseQty, 0, Number.MAX_VALUE);
  for (const w of x.sessions) {
    within(`${at} session open`, w.openUtcMinuteOfWeek, 0, MINUTES_PER_WEEK);
    within(`${at} session close`, w.closeUtcMinuteOfWeek, w.openUtcMinuteOfWeek, MINUTES_PER_WEEK);
  }
};

const checkPair = (p: PairSettings, instrumentIds: ReadonlySet<string>): void => {
  const at = `pair ${p.id}`;
  for (const leg of [p.a, p.b]) invariant(instrumentIds.has(leg), `${at} names an unknown instrument ${leg}`);
  invariant(p.a !== p.b, `${at} has one instrument twice`);
  if (p.conversion.kind === 'fixed') within(`${at} conversion rate`, p.conversion.rate, Number.MIN_VALUE, 1e6);
  else invariant(instrumentIds.has(p.conversion.instrumentId), `${at} converts by an unknown instrument ${p.conversion.instrumentId}`);
  within(`${at} deviationFloorBps`, p.deviationFloorBps, 0, 10_000);
  within(`${at} deviationPercentile`, p.deviationPercentile, 1, 100);
  within(`${at} minEdgeBps`, p.minEdgeBps, -10_000, 10_000);
  within(`${at} hysteresisBps`, p.hysteresisBps, 0, 10_000);
  within(`${at} displayedShare`, p.displayedShare, Number.MIN_VALUE, 1);
  within(`${at} minExecutableBaseQty`, p.minExecutableBaseQty, 0, Number.MAX_VALUE);
  within(`${at} maxSkewMs`, p.maxSkewMs, 0, Number.MAX_SAFE_INTEGER);
  within(`${at} abnormalEdgeBps`, p.abnormalEdgeBps, 0, 100_000);
  within(`${at} abnormalP99Multiple`, p.abnormalP99Multiple, 1, 1_000);
  within(`${at} expectedHoldMs`, p.expectedHoldMs, 0, 366 * 24 * 3_600_000);
  within(`${at} cooldownMs`, p.cooldownMs, 0, Number.MAX_SAFE_INTEGER);
  within(`${at} usdPerQuoteCcy`, p.usdPerQuoteCcy, Number.MIN_VALUE, 1e6);
  const { convergenceBps, takeProfitBps, stopLossBps, maxHoldMs, closeBeforeSessionEndMs } = p.exits;
  within(`${at} exits.convergenceBps`, convergenceBps, -10_000, 10_000);
  if (takeProfitBps !== null) within(`${at} exits.takeProfitBps`, takeProfitBps, Number.MIN_VALUE, 10_000);
  if (stopLossBps !== null) within(`${at} exits.stopLossBps`, stopLossBps, Number.MIN_VALUE, 10_000);
  within(`${at} exits.maxHoldMs`, maxHoldMs, 1, Number.MAX_SAFE_INTEGER);
  within(`${at} exits.closeBeforeSessionEndMs`, closeBeforeSessionEndMs, 0, Number.MAX_SAFE_INTEGER);
};

/** Written so that NaN fails. */
const within = (what: string, value: number, least: number, most: number): void =>
  invariant(value >= least && value <= most, `${what} = ${value} is not within ${least} … ${most}`);

const distinct = (noun: string, ids: readonly string[]): void => {
  const seen = new Set<string>();
  for (const id of ids) {
    invariant(!seen.has(id), `a second ${noun} ${id}`);
    seen.add(id);
  }
};
