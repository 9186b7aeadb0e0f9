/**
 * Risk rules about amounts and hours: size on both venues' steps, notional, how far the venues are apart, sessions, the
 * message budget, funds and margin of both accounts. What cannot be valued does not pass.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { bpsOf, MS_PER_MIN } from '../../../src-shared/domain/units.ts';
import { rungInForce } from '../live/ladder.ts';
import { executableBaseQty } from '../spread.ts';
import type { EngineState, InstrumentState } from '../state.ts';
import { messageLimits, messageUse } from './budget.ts';
import { sessionOf } from './calendar.ts';
import { verdict, type EntryPlan, type RiskVerdict } from './entryPlan.ts';
import { convertedMidA, midOf, openNotionalUsd } from './exposure.ts';
import { judgeFunds, judgeMargin, type LegNeed } from './funds.ts';
import { maximumBaseQty, minimumBaseQty, quantumOf } from './sizing.ts';

export const sizeVerdict = (state: EngineState, { pair, d, baseQty }: EntryPlan): RiskVerdict => {
  const quantum = quantumOf(pair);
  const least = minimumBaseQty(pair);
  if (quantum === null || least === null) return verdict(false, 'sizes are not known yet');
  const measured = baseQty.toNumber();
  if (baseQty.lt(least)) return verdict(false, `${baseQty.toFixed()} base units, at least ${least.toFixed()}`, measured, least.toNumber());
  if (!baseQty.mod(quantum).isZero())
    return verdict(false, `${baseQty.toFixed()} base units are not whole quanta of ${quantum.toFixed()}`, measured, quantum.toNumber());
  const rung = rungInForce(state);
  if (rung !== null && rung.maxNotionalUsd === null && baseQty.gt(least))
    return verdict(
      false,
      `${baseQty.toFixed()} base units; rung 1 of ${rung.rungs} takes the smallest size alone, ${least.toFixed()}`,
      measured,
      least.toNumber(),
    );
  const most = maximumBaseQty(pair);
  if (most !== null && baseQty.gt(most))
    return verdict(false, `${baseQty.toFixed()} base units, the venues take at most ${most.toFixed()}`, measured, most.toNumber());
  const executable = executableBaseQty(pair, d);
  const fits = Number.isFinite(executable) && baseQty.lte(new Decimal(executable));
  return verdict(
    fits,
    `${baseQty.toFixed()} base units of ${Number.isFinite(executable) ? executable : '—'} executable`,
    measured,
    executable,
  );
};

const usd = (value: number): string => (Number.isFinite(value) ? `$${value.toFixed(2)}` : '—');

export const notionalVerdict = (state: EngineState, { notionalUsd, groupId }: EntryPlan): RiskVerdict => {
  const { maxGroupNotionalUsd, maxTotalNotionalUsd } = state.book.limits;
  if (!(notionalUsd > 0)) return verdict(false, 'the notional is not known', null, maxGroupNotionalUsd);
  if (notionalUsd > maxGroupNotionalUsd)
    return verdict(false, `${usd(notionalUsd)} a group, at most ${usd(maxGroupNotionalUsd)}`, notionalUsd, maxGroupNotionalUsd);
  const rung = rungInForce(state);
  const rungUsd = rung?.maxNotionalUsd ?? null;
  if (rung !== null && rungUsd !== null && notionalUsd > rungUsd)
    return verdict(
      false,
      `${usd(notionalUsd)} a group, rung ${rung.rung + 1} of ${rung.rungs} allows ${usd(rungUsd)}`,
      notionalUsd,
      rungUsd,
    );
  const total = notionalUsd + openNotionalUsd(state, groupId ?? null);
  return verdict(total <= maxTotalNotionalUsd, `${usd(total)} in all, at most ${usd(maxTotalNotionalUsd)}`, total, maxTotalNotionalUsd);
};

export const collarVerdict = (state: EngineState, { pair }: EntryPlan): RiskVerdict => {
  const { maxVenuesApartBps } = state.book.limits;
  const [a, b] = [convertedMidA(pair), midOf(pair.b)];
  const apart = Math.abs(bpsOf(a - b, (a + b) / 2));
  const text = `the venues are ${Number.isFinite(apart) ? apart.toFixed(2) : '—'} bps apart, at most ${maxVenuesApartBps}`;
  return verdict(apart <= maxVenuesApartBps, text, apart, maxVenuesApartBps);
};

/** Not in the first minutes of a session, not in its last, and for longer not before a weekend. */
const hoursVerdict = (state: EngineState, x: InstrumentState, nowUnixMs: number): RiskVerdict => {
  const { noEntryAfterOpenMin, noEntryBeforeCloseMin, noEntryBeforeWeekendMin } = state.book.limits;
  const { id } = x.settings;
  const { open, sinceOpenMs, untilCloseMs, weekendAhead } = sessionOf(state, x, nowUnixMs);
  if (!open) return verdict(false, `${id} is shut`);
  const since = sinceOpenMs === null ? null : sinceOpenMs / MS_PER_MIN;
  if (since !== null && since < noEntryAfterOpenMin)
    return verdict(false, `${id} opened ${since.toFixed(1)} min ago, entries after ${noEntryAfterOpenMin} min`, since, noEntryAfterOpenMin);
  const until = untilCloseMs === null ? null : untilCloseMs / MS_PER_MIN;
  const least = weekendAhead ? Math.max(noEntryBeforeCloseMin, noEntryBeforeWeekendMin) : noEntryBeforeCloseMin;
  if (until === null) return verdict(true, `${id} stays open`, null, least);
  const before = weekendAhead ? 'before a weekend' : 'before the close';
  return verdict(until > least, `${id} shuts in ${until.toFixed(1)} min, no entry ${least} min ${before}`, until, least);
};

export const calendarVerdict = (state: EngineState, { pair, evaluation }: EntryPlan): RiskVerdict => {
  const [a, b] = [hoursVerdict(state, pair.a, evaluation.nowUnixMs), hoursVerdict(state, pair.b, evaluation.nowUnixMs)];
  if (!a.passed) return a;
  return b.passed && b.measured === null ? a : b;
};

/** One message a leg must be possible at once, without touching the reserve. */
export const messagesVerdict = (state: EngineState, { pair, evaluation: { nowUs } }: EntryPlan): RiskVerdict => {
  const { perSecond, perMinute } = messageLimits(state, 'opening');
  const needed = pair.a.venue === pair.b.venue ? 2 : 1;
  let most = 0;
  for (const { venue } of [pair.a, pair.b]) {
    const { lastSecond, lastMinute } = messageUse(state.book.venues[venue.index]!, nowUs);
    const { id } = venue.settings;
    if (lastSecond + needed > perSecond)
      return verdict(false, `${id}: ${lastSecond} messages in a second, entries may make it ${perSecond}`, lastSecond, perSecond);
    if (lastMinute + needed > perMinute)
      return verdict(false, `${id}: ${lastMinute} messages in a minute, entries may make it ${perMinute}`, lastMinute, perMinute);
    most = Math.max(most, lastMinute);
  }
  return verdict(true, `${most} messages in a minute, entries may make it ${perMinute}`, most, perMinute);
};

const needsOf = ({ pair, d, baseQty }: EntryPlan): readonly LegNeed[] =>
  [pair.a, pair.b].map((x) => ({ x, side: x === d.sold ? 'sell' : 'buy', baseQty: baseQty.toNumber() }));

export const fundsVerdict = (state: EngineState, plan: EntryPlan): RiskVerdict => judgeFunds(state, needsOf(plan), plan.groupId ?? null);

export const marginVerdict = (state: EngineState, plan: EntryPlan): RiskVerdict => judgeMargin(state, needsOf(plan), plan.groupId ?? null);
