/** Words and lamps for a venue's row. Pure. A lamp says what the adapter reported, and stale quotes are never "live". */
import type { VenueRow } from '../../../src-shared/domain/view.ts';
import { plain, signed, UNKNOWN } from '../../format/numbers.ts';
import { age } from '../../format/times.ts';
import type { LinkState, MetatraderReport } from '../../../src-shared/domain/venueLink.ts';
import { MS_PER_HOUR } from '../../../src-shared/domain/units.ts';

export type LampTone = 'is-live' | 'is-wait' | 'is-bad' | '';

const LAMPS: Readonly<Record<LinkState, LampTone>> = {
  idle: '',
  connecting: 'is-wait',
  live: 'is-live',
  stale: 'is-wait',
  'backing-off': 'is-bad',
  down: 'is-bad',
};

export const lampOf = (venue: Pick<VenueRow, 'link' | 'metatrader'>): LampTone => {
  const gates = venue.metatrader?.gates ?? null;
  if (venue.link === 'live' && ((gates !== null && gates !== 'ok') || venue.metatrader?.quoteOnly === true)) return 'is-wait';
  return LAMPS[venue.link];
};

/** `session 7f3a… · gates ok`, or what is missing; null for exchanges. */
export const metatraderText = (report: MetatraderReport | null): string | null => {
  if (report === null) return null;
  if (report.quoteOnly) return 'QUOTE ONLY: ticks without a session';
  if (report.sessionId === null) return 'no session yet';
  const gates = report.gates === null ? 'gates —' : `gates ${report.gates}`;
  const account = [report.login, report.server].filter((part) => part !== null).join(' @ ');
  return [`session ${report.sessionId.slice(0, 8)} epoch ${report.epoch}`, gates, account].filter((part) => part !== '').join(' · ');
};

/** Everything the MT5 side told, for the row's title. */
export const metatraderLines = (report: MetatraderReport): readonly string[] => [
  `company ${report.company ?? '—'}, ${report.currency ?? '—'}, ${report.marginMode ?? '—'}`,
  `terminal build ${report.terminalBuild ?? '—'}, EA ${report.eaVersion ?? '—'}`,
  `declared UTC offset ${report.declaredUtcOffsetS === null ? '—' : `${report.declaredUtcOffsetS / 3_600} h`}`,
  `ping ${report.pingUs === null ? '—' : age(report.pingUs / 1_000)}, equity ${report.equity ?? '—'}`,
  `slowest HTTP post ${report.httpUsMax === null ? '—' : age(report.httpUsMax / 1_000)}`,
];

/** Venues keep time in whole quarters of an hour from UTC; anything beyond is the error of their clock. */
const ZONE_STEP_MS = 900_000;

/** `−3 ± 1`; `+2 h +651 ± 1` for a server that keeps local time. Milliseconds where no unit stands. */
export const clockOffsetText = (offsetMs: number | null, uncertaintyMs: number | null): string => {
  if (offsetMs === null) return UNKNOWN;
  const zoneMs = Math.round(offsetMs / ZONE_STEP_MS) * ZONE_STEP_MS;
  const rest = `${signed(offsetMs - zoneMs, 0)} ± ${plain(uncertaintyMs, 0)}`;
  if (zoneMs === 0) return rest;
  const hours = zoneMs / MS_PER_HOUR;
  return `${signed(hours, Number.isInteger(hours) ? 0 : 2)} h ${rest}`;
};

type Tone = 'tone-dim' | 'tone-warn' | 'tone-error';

const RECONCILED: Readonly<Record<VenueRow['reconciled'], readonly [word: string, tone: Tone]>> = {
  never: ['never', 'tone-warn'],
  'under-way': ['under way', 'tone-warn'],
  yes: ['agrees', 'tone-dim'],
  failed: ['failed', 'tone-error'],
  stale: ['stale', 'tone-warn'],
};

/** `agrees 12.0 s ago`; what is not known is never called flat. */
export const reconciledText = (
  venue: Pick<VenueRow, 'reconciled' | 'reconciledUnixMs'>,
  nowUnixMs: number,
): readonly [text: string, tone: Tone] => {
  const [word, tone] = RECONCILED[venue.reconciled];
  return [venue.reconciledUnixMs === null ? word : `${word} ${age(Math.max(0, nowUnixMs - venue.reconciledUnixMs))}`, tone];
};

/** Within this of shutting the session is worth a colour: entries end 15 minutes before. */
const SHUTS_SOON_MS = MS_PER_HOUR / 4;

/** `shuts 5h 07m`, `opens 42m 00s`; null where the venue never shuts or nobody has said. */
export const sessionText = (
  { shutsUnixMs, opensUnixMs }: Pick<VenueRow, 'shutsUnixMs' | 'opensUnixMs'>,
  nowUnixMs: number,
): readonly [text: string, tone: Tone] | null => {
  const shuts = shutsUnixMs === null ? null : shutsUnixMs - nowUnixMs;
  const opens = opensUnixMs === null ? null : opensUnixMs - nowUnixMs;
  if (opens !== null && opens > 0 && (shuts === null || shuts <= 0 || opens < shuts)) return [`SHUT, opens ${age(opens)}`, 'tone-warn'];
  if (shuts === null || shuts <= 0) return null;
  return [`shuts ${age(shuts)}`, shuts < SHUTS_SOON_MS ? 'tone-warn' : 'tone-dim'];
};
