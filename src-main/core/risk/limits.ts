/**
 * The limits in force: what the configuration says, and what an operator changed since. Tightened at any time, loosened only
 * while disarmed; a change is all or nothing, and a fact for each figure. An override outlives restarts until the configured
 * value itself changes.
 */
import { LIMIT_NAMES, TIGHTER, type LimitName, type LimitOverride, type RiskLimits } from '../../../src-shared/domain/limits.ts';
import { emit } from '../notes.ts';
import type { EngineState } from '../state.ts';

/** Below one message nothing could be canceled or repaired any more. */
const LEAST: Partial<Record<LimitName, number>> = {
  maxMessagesPerSecond: 1,
  maxMessagesPerMinute: 1,
  maxLosingGroups: 1,
  maxVenueErrors: 1,
};
const MOST: Partial<Record<LimitName, number>> = { reservedMessagesPct: 100, maxDayLossPct: 100 };
export const MOST_OF_ANY_LIMIT = 1e9;

export interface LimitsAsked {
  readonly limits: Partial<RiskLimits>;
  readonly by: string;
  readonly reason: string;
}

const isLooser = (name: LimitName, before: number, after: number): boolean => (TIGHTER[name] === 'lower' ? after > before : after < before);

/** Why one figure cannot be; null = it can. Written so that NaN fails. */
const figureFault = (name: string, value: unknown): string | null => {
  if (!LIMIT_NAMES.includes(name as LimitName)) return `there is no limit ${name}`;
  const least = LEAST[name as LimitName] ?? 0;
  const most = MOST[name as LimitName] ?? MOST_OF_ANY_LIMIT;
  return typeof value === 'number' && value >= least && value <= most
    ? null
    : `${name} = ${String(value)} is not within ${least} … ${most}`;
};

const asked = ({ limits }: LimitsAsked): readonly (readonly [LimitName, number])[] =>
  Object.entries(limits).filter(([, value]) => value !== undefined) as (readonly [LimitName, number])[];

/** Everything that speaks against the change; empty = possible. */
export const limitConditions = (state: EngineState, change: LimitsAsked): readonly string[] => {
  const { limits, armed } = state.book;
  const conditions: string[] = [];
  for (const [name, value] of asked(change)) {
    const fault = figureFault(name, value);
    if (fault !== null) conditions.push(fault);
    else if (armed !== null && isLooser(name, limits[name], value))
      conditions.push(`${name} ${limits[name]} → ${value} is looser: disarm first`);
  }
  const after = { ...limits, ...change.limits };
  if (after.heartbeatWarnMs >= after.heartbeatHaltMs)
    conditions.push(`heartbeatWarnMs ${after.heartbeatWarnMs} must be below heartbeatHaltMs ${after.heartbeatHaltMs}`);
  return conditions;
};

/** Makes the change. @returns whether any figure differs from before */
export const changeLimits = (state: EngineState, change: LimitsAsked): boolean => {
  const { book } = state;
  let changed = false;
  for (const [name, value] of asked(change)) {
    const before = book.limits[name];
    if (before === value) continue;
    const configured = state.settings.limits[name];
    const override = value === configured ? null : { name, value, configured, changedUnixMs: state.unixMs, by: change.by };
    book.limits = { ...book.limits, [name]: value };
    book.overrides = [...book.overrides.filter((o) => o.name !== name), ...(override === null ? [] : [override])];
    emit(state, { type: 'limit-changed', name, before, after: value, override, by: change.by, reason: change.reason });
    changed = true;
  }
  return changed;
};

/** At start: overrides of earlier runs hold, except where the configuration has spoken anew since. */
export const restoreLimits = (state: EngineState, overrides: readonly LimitOverride[]): void => {
  const { book } = state;
  const configured = state.settings.limits;
  book.limits = configured;
  book.overrides = [];
  for (const override of overrides) {
    const { name, value } = override;
    if (figureFault(name, value) === null && override.configured === configured[name]) {
      book.limits = { ...book.limits, [name]: value };
      book.overrides = [...book.overrides, override];
      continue;
    }
    if (!LIMIT_NAMES.includes(name)) continue;
    const reason = `the configuration changed from ${override.configured} to ${configured[name]}`;
    emit(state, { type: 'limit-changed', name, before: value, after: configured[name], override: null, by: 'engine', reason });
  }
};
