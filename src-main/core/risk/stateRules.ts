/**
 * Risk rules about what we and the venues are doing: armed, stopped, reconciled, unknown legs, fences, groups in flight,
 * repetition, duplicates, losses, errors, heartbeats. One rule a control; each says its figures.
 */
import type { HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { LEGS } from '../../../src-shared/domain/order.ts';
import { MS_PER_HOUR, MS_PER_MIN, MS_PER_DAY } from '../../../src-shared/domain/units.ts';
import { accountFault } from '../exchangeAccount.ts';
import { entryBlock, isReconciled } from '../reconcile/wall.ts';
import type { EngineState } from '../state.ts';
import { stopOf } from '../stops/scope.ts';
import { disablementLeftMs, entryAgeMs, fenceLeftMs, longestFence } from './deadlines.ts';
import { disablementOf, scopesOfPair } from './disablements.ts';
import { verdict, type EntryPlan, type RiskVerdict } from './entryPlan.ts';
import { liveGroups } from './exposure.ts';
import { silenceMs } from './heartbeat.ts';

const inFlight = ({ state }: HedgeGroup): boolean => state === 'proposed' || state === 'opening' || state === 'compensating';

/** Client ids of this pair's orders whose outcome nobody knows, or of which more was filled than ordered. */
export const unknownOrders = (state: EngineState, pairId: string): readonly string[] => {
  const pairs: Record<string, true> = {};
  for (const group of state.book.groups) if (group.pairId === pairId) pairs[group.id] = true;
  const found: string[] = [];
  for (const order of Object.values(state.book.orders))
    if ((order.state === 'unknown' || order.state === 'quarantined') && pairs[order.request.groupId] === true)
      found.push(order.request.clientOrderId);
  return found;
};

export const armedVerdict = ({ book }: EngineState): RiskVerdict =>
  verdict(book.armed !== null, book.armed === null ? 'disarmed' : `armed by ${book.armed.by}`);

export const reconciledVerdict = (state: EngineState, { pair, evaluation }: EntryPlan): RiskVerdict => {
  const block = entryBlock(state, pair);
  if (block !== null) return verdict(false, block);
  for (const x of [pair.a, pair.b])
    if (!isReconciled(state, x.settings.venueId)) return verdict(false, `${x.settings.venueId} has not reconciled`);
  const difference = disablementOf(state, 'difference', scopesOfPair(pair), evaluation.nowUs);
  return difference === null ? verdict(true, 'both venues agree with us') : verdict(false, difference.text);
};

/** What an exchange said of its account, against the configuration. */
export const accountVerdict = (_state: EngineState, { pair }: EntryPlan): RiskVerdict => {
  const fault = accountFault(pair);
  return verdict(fault === null, fault ?? 'no check of either account fails');
};

export const fenceVerdict = (state: EngineState, { pair, evaluation: { nowUs } }: EntryPlan): RiskVerdict => {
  const longest = longestFence(state, pair.settings.id, nowUs);
  if (longest === null) return verdict(true, 'no fence', 0, 0);
  const leftMs = fenceLeftMs(longest, nowUs);
  return verdict(false, `fenced after ${longest.kind} for another ${Math.ceil(leftMs)} ms`, leftMs, 0);
};

/**
 * At a venue that nets, opposite holdings of one instrument cancel out: a reduce-only order would then be refused, and neither
 * could be closed on its own. Spot has no reduce-only, MetaTrader closes by position.
 */
const nettingFault = (state: EngineState, { pair, d }: EntryPlan, live: readonly HedgeGroup[]): string | null => {
  for (const x of [pair.a, pair.b]) {
    if (x.settings.kind !== 'perpetual') continue;
    const { id } = x.settings;
    const side = x === d.sold ? 'sell' : 'buy';
    const against = live.find((group) => LEGS.some((leg) => group.legs[leg].instrumentId === id && group.legs[leg].side !== side));
    if (against !== undefined) return `group ${against.id} holds the opposite of ${id}, which would net out`;
    const foreign = Number(state.book.holdings[id]?.foreignQty ?? 0);
    if (side === 'buy' ? foreign < 0 : foreign > 0) return `a foreign position of ${foreign} ${id} would net out`;
  }
  return null;
};

export const openGroupsVerdict = (state: EngineState, plan: EntryPlan): RiskVerdict => {
  const { pair, groupId } = plan;
  const { maxOpenGroups, maxOpenGroupsPerPair } = state.book.limits;
  const live = liveGroups(state, groupId ?? null);
  const ofPair = live.filter((group) => group.pairId === pair.settings.id);
  if (ofPair.length >= maxOpenGroupsPerPair)
    return verdict(
      false,
      `${ofPair.length} groups of this pair are open, at most ${maxOpenGroupsPerPair}`,
      ofPair.length,
      maxOpenGroupsPerPair,
    );
  const moving = ofPair.find(inFlight);
  if (moving !== undefined) return verdict(false, `group ${moving.id} of this pair is ${moving.state}`, 1, 0);
  const netting = nettingFault(state, plan, live);
  if (netting !== null) return verdict(false, netting);
  const text = `${live.length} groups are open, at most ${maxOpenGroups}`;
  return verdict(live.length < maxOpenGroups, text, live.length, maxOpenGroups);
};

/** Entries of the pair within the last minute and hour. */
export const entryCounts = (state: EngineState, pairId: string, nowUs: number): { readonly minute: number; readonly hour: number } => {
  const ages = state.book.entries.filter((mark) => mark.pairId === pairId).map((mark) => entryAgeMs(mark, nowUs));
  return { minute: ages.filter((ms) => ms < MS_PER_MIN).length, hour: ages.filter((ms) => ms < MS_PER_HOUR).length };
};

export const repeatedVerdict = (state: EngineState, { pair, evaluation: { nowUs } }: EntryPlan): RiskVerdict => {
  const { maxGroupsPerMinute, maxGroupsPerHour } = state.book.limits;
  const disabled = disablementOf(state, 'repeated', scopesOfPair(pair), nowUs);
  if (disabled !== null) return verdict(false, `disabled until an operator enables it: ${disabled.text}`);
  const { minute, hour } = entryCounts(state, pair.settings.id, nowUs);
  if (minute >= maxGroupsPerMinute)
    return verdict(false, `${minute} groups within a minute, at most ${maxGroupsPerMinute}`, minute, maxGroupsPerMinute);
  return verdict(hour < maxGroupsPerHour, `${hour} groups within an hour, at most ${maxGroupsPerHour}`, hour, maxGroupsPerHour);
};

export const duplicateVerdict = (state: EngineState, { pair, d, intentId, groupId, evaluation }: EntryPlan): RiskVerdict => {
  const { duplicateWindowMs } = state.book.limits;
  const same = state.book.groups.find((group) => group.intentId === intentId && group.id !== groupId);
  if (same !== undefined) return verdict(false, `intent ${intentId} already led to group ${same.id}`);
  const ages = state.book.entries
    .filter((mark) => mark.pairId === pair.settings.id && mark.direction === d.direction)
    .map((mark) => entryAgeMs(mark, evaluation.nowUs));
  const youngest = Math.min(...ages);
  if (youngest < duplicateWindowMs)
    return verdict(
      false,
      `the same was entered ${Math.round(youngest)} ms ago, less than ${duplicateWindowMs} ms`,
      youngest,
      duplicateWindowMs,
    );
  return verdict(true, 'not a duplicate', null, duplicateWindowMs);
};

/** Loss of the day in percent of its first equity; null while not known. */
export const dayLossPct = ({ book }: EngineState, nowUnixMs: number): number | null => {
  const { day } = book;
  if (day === null || day.startEquityUsd === null || !(day.startEquityUsd > 0)) return null;
  if (day.utcDay !== Math.floor(nowUnixMs / MS_PER_DAY)) return null;
  return (Math.max(0, -day.netUsd) / day.startEquityUsd) * 100;
};

export const lossVerdict = (state: EngineState, { pair, evaluation: { nowUs, nowUnixMs } }: EntryPlan): RiskVerdict => {
  const { maxDayLossPct } = state.book.limits;
  const streak = disablementOf(state, 'losing-streak', scopesOfPair(pair), nowUs);
  if (streak !== null) {
    const left = disablementLeftMs(streak, nowUs);
    return verdict(false, left === null ? streak.text : `${streak.text}; ${Math.ceil(left / 1_000)} s left`, left);
  }
  const loss = dayLossPct(state, nowUnixMs);
  if (loss === null) return verdict(false, "the day's first equity is not known yet", null, maxDayLossPct);
  return verdict(loss < maxDayLossPct, `${loss.toFixed(2)} % lost today, below ${maxDayLossPct} % allowed`, loss, maxDayLossPct);
};

export const errorsVerdict = (state: EngineState, { pair, evaluation: { nowUs } }: EntryPlan): RiskVerdict => {
  const disabled = disablementOf(state, 'venue-errors', scopesOfPair(pair), nowUs);
  if (disabled !== null) return verdict(false, `${disabled.scope} disabled until an operator enables it: ${disabled.text}`);
  const most = Math.max(...[pair.a, pair.b].map((x) => state.book.venues[x.venue.index]!.errorsUs.length));
  return verdict(true, `${most} venue errors, disabled at ${state.book.limits.maxVenueErrors}`, most, state.book.limits.maxVenueErrors);
};

export const heartbeatVerdict = (state: EngineState, { pair, evaluation: { nowUs } }: EntryPlan): RiskVerdict => {
  const { heartbeatHaltMs } = state.book.limits;
  let longest = 0;
  for (const { venue } of [pair.a, pair.b]) {
    const silent = silenceMs(state, venue, nowUs);
    if (silent === null) continue;
    if (Number.isNaN(silent)) return verdict(false, `${venue.settings.id}: the EA was not heard yet`, null, heartbeatHaltMs);
    longest = Math.max(longest, silent);
  }
  const text = longest === 0 ? 'no EA is silent' : `the EA was heard ${Math.round(longest)} ms ago, limit ${heartbeatHaltMs} ms`;
  return verdict(longest < heartbeatHaltMs, text, longest, heartbeatHaltMs);
};

export const stoppedVerdict = (state: EngineState, { pair }: EntryPlan): RiskVerdict => {
  const level = stopOf(state, pair);
  if (level !== 'none') return verdict(false, `${level} is in force`);
  return verdict(state.trading === 'active', `trading state ${state.trading}`);
};

export const unknownVerdict = (state: EngineState, { pair }: EntryPlan): RiskVerdict => {
  const unknown = unknownOrders(state, pair.settings.id);
  return verdict(
    unknown.length === 0,
    unknown.length === 0 ? 'every outcome is known' : `outcome not known: ${unknown.join(', ')}`,
    unknown.length,
    0,
  );
};
