/**
 * The order side of an exchange account as its gateway reports it: keeps the newest report, tells people of what changed in it, and
 * says which pairs it refuses. Invariants: a check that fails refuses every pair that it concerns, with both figures; one that only
 * warns, or that was not read yet, refuses nothing here (the order link stays down until the checks were read).
 */
import type { AccountCheck, ExchangeReport } from '../../src-shared/domain/exchange.ts';
import { withAccount } from './accountIdentity.ts';
import { note } from './notes.ts';
import type { EngineState, InstrumentState, PairState, VenueState } from './state.ts';

/** What a dead-man report that could not be armed begins with. */
const FAILED = /^failed\b/;

const nameOf = ({ code, instrumentId }: AccountCheck): string => `${code} ${instrumentId ?? ''}`;

/** Both figures, the venue's own code, and what to do. */
const textOfCheck = ({ label, instrumentId, configured, reported, venueCode, fix }: AccountCheck): string => {
  const figures = [
    ...(configured === null ? [] : [`configured ${configured}`]),
    ...(reported === null ? [] : [`the venue says ${reported}`]),
    ...(venueCode === null ? [] : [`code ${venueCode}`]),
  ].join(', ');
  const about = instrumentId === null ? label : `${instrumentId}: ${label}`;
  return `${about}${figures === '' ? '' : ` (${figures})`}${fix === '' ? '' : `: ${fix}`}`;
};

const concerns = (check: AccountCheck, x: InstrumentState): boolean => check.instrumentId === null || check.instrumentId === x.settings.id;

/** Failing checks that refuse an instrument's pairs. */
const failingOf = (x: InstrumentState): readonly AccountCheck[] =>
  x.venue.exchange?.checks.filter((check) => check.state === 'fail' && concerns(check, x)) ?? [];

/** Why accounts refuse the pair, the first of it; null = they do not. */
export const accountFault = ({ a, b }: PairState): string | null => {
  for (const x of [a, b]) {
    const [failing] = failingOf(x);
    if (failing !== undefined) return `${x.venue.settings.id}: ${textOfCheck(failing)}`;
  }
  return null;
};

/** Every failing check of an account or instrument that some pair trades on, each once. */
export const accountFaults = (state: EngineState): readonly string[] => [
  ...new Set(
    state.pairs.flatMap(({ a, b }) => [a, b]).flatMap((x) => failingOf(x).map((check) => `${x.venue.settings.id}: ${textOfCheck(check)}`)),
  ),
];

export const takeExchange = (state: EngineState, venue: VenueState, told: ExchangeReport): void => {
  const before = venue.exchange;
  const report = withAccount(state, venue, told);
  venue.exchange = report;
  const { id } = venue.settings;
  for (const part of ['entry', 'stream'] as const) {
    const was = before?.[part].up ?? null;
    const { up, detail } = report[part];
    if (was === up || (was === null && !up)) continue;
    note(state, up ? 'info' : 'warn', 'venue', id, `${PARTS[part]} ${up ? 'up' : 'down'}${detail === '' ? '' : `: ${detail}`}`);
  }
  noteChecks(state, venue, before?.checks ?? [], report.checks);
  noteDeadMan(state, id, before?.deadMan ?? null, report.deadMan);
};

const PARTS = { entry: 'order entry', stream: 'private stream' } as const;

/** What fails, what mends, what begins to warn. */
const noteChecks = (state: EngineState, { settings }: VenueState, before: readonly AccountCheck[], now: readonly AccountCheck[]): void => {
  const was = new Map(before.map((check) => [nameOf(check), check]));
  for (const check of now) {
    const earlier = was.get(nameOf(check));
    was.delete(nameOf(check));
    // A warning that counts something down is told once; a failure with other figures is another failure.
    if (earlier?.state === check.state && (check.state !== 'fail' || earlier.reported === check.reported)) continue;
    if (check.state === 'fail')
      note(state, 'error', 'risk', settings.id, `account check fails: ${textOfCheck(check)}; its pairs are refused`);
    else if (check.state === 'warn') note(state, 'warn', 'venue', settings.id, `account check: ${textOfCheck(check)}`);
    else if (earlier?.state === 'fail' && check.state === 'pass')
      note(state, 'info', 'risk', settings.id, `account check passes again: ${check.label}`);
  }
  for (const gone of was.values())
    if (gone.state === 'fail') note(state, 'warn', 'risk', settings.id, `account check is not reported any more: ${textOfCheck(gone)}`);
};

const noteDeadMan = (
  state: EngineState,
  venueId: string,
  before: ExchangeReport['deadMan'] | null,
  now: ExchangeReport['deadMan'],
): void => {
  if (!now.supported) return;
  const failed = FAILED.test(now.detail);
  if (failed && (before === null || !FAILED.test(before.detail)))
    return note(state, 'error', 'venue', venueId, `dead-man switch could not be set: ${now.detail}`);
  if (now.armed === (before?.armed ?? false)) return;
  note(state, 'info', 'venue', venueId, now.armed ? `dead-man switch armed: ${now.detail}` : 'dead-man switch off: nothing of ours rests');
};
