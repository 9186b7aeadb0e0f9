/**
 * When an instrument trades: weekly hours in the broker's zone with its daylight saving, daily breaks, holidays, or plain
 * UTC windows; narrowed by the hours that the EA read from its terminal. Owns the answers "open?", "since and until when?".
 * A window is open from its first minute up to, not including, its closing minute. No hours at all = always open.
 */
import type { CalendarSettings } from '../../../src-shared/domain/settings.ts';
import { MS_PER_DAY, MS_PER_MIN } from '../../../src-shared/domain/units.ts';
import { invariant } from '../invariant.ts';
import type { EngineState, InstrumentState, VenueState } from '../state.ts';

const MS_PER_WEEK = 7 * MS_PER_DAY;
/** 1970-01-01 was a Thursday: the first Sunday 00:00. */
const FIRST_SUNDAY_MS = 3 * MS_PER_DAY;
/** How far back and ahead hours are looked at: over a weekend with the holidays around it. */
export const CALENDAR_BACK_MS = 8 * MS_PER_DAY;
export const CALENDAR_AHEAD_MS = 16 * MS_PER_DAY;
/** A shut spell of at least this is a weekend, or a holiday as good as one. */
export const WEEKEND_GAP_MS = MS_PER_DAY;

export interface SessionStatus {
  readonly open: boolean;
  /** Since it opened; null while shut, and where it has been open for longer than {@link CALENDAR_BACK_MS}. */
  readonly sinceOpenMs: number | null;
  /** Until it shuts; null while shut, and where it stays open for longer than {@link CALENDAR_AHEAD_MS}. */
  readonly untilCloseMs: number | null;
  /** Until the next opening: the coming one while shut, the one after the coming close while open; null = not in sight. */
  readonly untilOpenMs: number | null;
  /** The coming close begins a spell of at least {@link WEEKEND_GAP_MS}. */
  readonly weekendAhead: boolean;
}

/** Half-open, Unix (or local) ms. */
interface Span {
  readonly from: number;
  readonly to: number;
}
type Weekly = CalendarSettings['weekly'];
type Hours = Pick<CalendarSettings, 'offsets' | 'weekly' | 'holidays'>;

const ALWAYS_OPEN: SessionStatus = Object.freeze({
  open: true,
  sinceOpenMs: null,
  untilCloseMs: null,
  untilOpenMs: null,
  weekendAhead: false,
});

/** @param instrument its state, or its id; @throws InvariantViolation for an id that is not configured */
export const sessionOf = (state: EngineState, instrument: InstrumentState | string, unixMs: number): SessionStatus => {
  const x = typeof instrument === 'string' ? instrumentNamed(state, instrument) : instrument;
  const sources = hoursOf(x);
  if (sources.length === 0) return ALWAYS_OPEN;
  const range: Span = { from: unixMs - CALENDAR_BACK_MS, to: unixMs + CALENDAR_AHEAD_MS };
  const spans = sources.map((hours) => openSpans(hours, range)).reduce(intersect);
  return statusAt(spans, range, unixMs);
};

const instrumentNamed = (state: EngineState, id: string): InstrumentState => {
  const x = state.instruments.find((i) => i.settings.id === id);
  invariant(x !== undefined, `hours of instrument "${id}", which is not configured`);
  return x;
};

/** When the venue's instruments next shut (the first of those open), and when the next one opens; null = not in sight. */
export const venueHours = (
  state: EngineState,
  venue: VenueState,
  unixMs: number,
): { readonly shutsUnixMs: number | null; readonly opensUnixMs: number | null } => {
  let shuts = Number.POSITIVE_INFINITY;
  let opens = Number.POSITIVE_INFINITY;
  for (const x of state.instruments) {
    if (x.venue !== venue) continue;
    const session = sessionOf(state, x, unixMs);
    if (session.untilCloseMs !== null) shuts = Math.min(shuts, unixMs + session.untilCloseMs);
    if (session.untilOpenMs !== null) opens = Math.min(opens, unixMs + session.untilOpenMs);
  }
  return { shutsUnixMs: Number.isFinite(shuts) ? shuts : null, opensUnixMs: Number.isFinite(opens) ? opens : null };
};

const hoursOf = ({ settings, brokerHours }: InstrumentState): readonly Hours[] => {
  const { calendar, sessions } = settings;
  const hours: Hours[] = [];
  if (calendar !== null) hours.push(calendar);
  else if (sessions.length > 0)
    hours.push({
      offsets: [{ fromUnixMs: 0, offsetMin: 0 }],
      weekly: sessions.map((w) => ({ openMinuteOfWeek: w.openUtcMinuteOfWeek, closeMinuteOfWeek: w.closeUtcMinuteOfWeek })),
      holidays: [],
    });
  if (brokerHours !== null)
    hours.push({ offsets: serverOffsets(calendar, brokerHours.serverUtcOffsetMin), weekly: brokerHours.weekly, holidays: [] });
  return hours;
};

/** A server that keeps the offset of the configured zone also keeps its daylight saving; else all we know is the offset of today. */
const serverOffsets = (calendar: CalendarSettings | null, offsetMin: number): CalendarSettings['offsets'] =>
  calendar !== null && calendar.offsets.some((o) => o.offsetMin === offsetMin) ? calendar.offsets : [{ fromUnixMs: 0, offsetMin }];

/** Within one stretch of one offset local time is UTC shifted: no minute is ambiguous, none is missing. */
const openSpans = (hours: Hours, range: Span): readonly Span[] => {
  const spans: Span[] = [];
  for (const [i, { fromUnixMs, offsetMin }] of hours.offsets.entries()) {
    const from = i === 0 ? range.from : Math.max(range.from, fromUnixMs);
    const to = Math.min(range.to, hours.offsets[i + 1]?.fromUnixMs ?? range.to);
    if (from >= to) continue;
    const shift = offsetMin * MS_PER_MIN;
    for (const span of localSpans(hours, { from: from + shift, to: to + shift }))
      spans.push({ from: span.from - shift, to: span.to - shift });
  }
  return merged(spans);
};

/** Weekly windows with the holidays cut out and their own hours put in, clipped to the range. */
const localSpans = ({ weekly, holidays }: Hours, range: Span): readonly Span[] => {
  let spans = weeklySpans(weekly, range);
  for (const { date, open } of holidays) {
    const start = midnightOf(date);
    if (start >= range.to || start + MS_PER_DAY <= range.from) continue;
    spans = spans.flatMap((span) => without(span, { from: start, to: start + MS_PER_DAY }));
    for (const w of open) spans.push({ from: start + w.openMinuteOfDay * MS_PER_MIN, to: start + w.closeMinuteOfDay * MS_PER_MIN });
  }
  return spans.flatMap((span) => {
    const from = Math.max(span.from, range.from);
    const to = Math.min(span.to, range.to);
    return from < to ? [{ from, to }] : [];
  });
};

/** A window may reach past the end of the week: it then goes on into the next. */
const weeklySpans = (weekly: Weekly, range: Span): Span[] => {
  const spans: Span[] = [];
  const first = Math.floor((range.from - FIRST_SUNDAY_MS) / MS_PER_WEEK) - 1;
  const last = Math.floor((range.to - FIRST_SUNDAY_MS) / MS_PER_WEEK);
  for (let week = first; week <= last; week++) {
    const start = FIRST_SUNDAY_MS + week * MS_PER_WEEK;
    for (const w of weekly) spans.push({ from: start + w.openMinuteOfWeek * MS_PER_MIN, to: start + w.closeMinuteOfWeek * MS_PER_MIN });
  }
  return spans;
};

const without = (span: Span, cut: Span): Span[] => {
  if (span.to <= cut.from || span.from >= cut.to) return [span];
  const left = { from: span.from, to: Math.min(span.to, cut.from) };
  const right = { from: Math.max(span.from, cut.to), to: span.to };
  return [left, right].filter((part) => part.from < part.to);
};

/** `YYYY-MM-DD` as local midnight, ms. */
const midnightOf = (date: string): number => Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)) - 1, Number(date.slice(8, 10)));

/** In order, with neighbours that touch made one: a daily window up to midnight and the next from midnight are no break. */
const merged = (spans: readonly Span[]): readonly Span[] => {
  const result: Span[] = [];
  for (const span of spans.toSorted((p, q) => p.from - q.from)) {
    const last = result.at(-1);
    if (last !== undefined && span.from <= last.to) result[result.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    else result.push(span);
  }
  return result;
};

const intersect = (p: readonly Span[], q: readonly Span[]): readonly Span[] =>
  merged(
    p.flatMap((one) =>
      q.flatMap((other) => {
        const from = Math.max(one.from, other.from);
        const to = Math.min(one.to, other.to);
        return from < to ? [{ from, to }] : [];
      }),
    ),
  );

const statusAt = (spans: readonly Span[], range: Span, unixMs: number): SessionStatus => {
  const current = spans.find((span) => unixMs >= span.from && unixMs < span.to);
  const next = spans.find((span) => span.from > unixMs);
  const untilOpenMs = next === undefined ? null : next.from - unixMs;
  if (current === undefined) return { open: false, sinceOpenMs: null, untilCloseMs: null, untilOpenMs, weekendAhead: false };
  const shuts = current.to < range.to;
  return {
    open: true,
    sinceOpenMs: current.from > range.from ? unixMs - current.from : null,
    untilCloseMs: shuts ? current.to - unixMs : null,
    untilOpenMs,
    weekendAhead: shuts && (next === undefined || next.from - current.to >= WEEKEND_GAP_MS),
  };
};
