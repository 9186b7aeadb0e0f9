/**
 * Words, shapes and spans of the MetaTrader side. Pure. A lamp says what was reported and nothing better: what is not known
 * is never lit, and every state has a word besides its colour.
 */
import type { CommandRow, CommandState, Percentiles, TerminalCheck } from '../../../src-shared/domain/metatrader.ts';
import type { EngineRow, VenueRow } from '../../../src-shared/domain/view.ts';
import type { LinkState } from '../../../src-shared/domain/venueLink.ts';
import { UNKNOWN } from '../../format/numbers.ts';
import { age } from '../../format/times.ts';

export type LampTone = 'is-live' | 'is-wait' | 'is-bad' | '';
export interface Lamp {
  readonly tone: LampTone;
  readonly word: string;
  /** What to do, or more of it; empty when there is nothing to say. */
  readonly title: string;
}

export type Mode = EngineRow['mode'] | null;
type Venue = Pick<VenueRow, 'link' | 'linkDetail' | 'orderLink' | 'metatrader'>;

const lamp = (tone: LampTone, word: string, title = ''): Lamp => ({ tone, word, title });

/** First failing gate of the EA, in words, and what opens it. */
const GATES: Readonly<Record<string, readonly [words: string, fix: string]>> = {
  disconnected: ['terminal offline', 'The terminal has lost its broker: look at the connection at its lower right.'],
  algo_trading_off: ['Algo Trading off', 'Press the Algo Trading button in MetaTrader’s tool bar.'],
  ea_trading_off: ['EA may not trade', 'Open the EA’s properties (F7), Common, and tick “Allow Algo Trading”.'],
  account_trading_off: ['account may not trade', 'Log in with the trading password; the investor password only looks.'],
  account_experts_off: ['account refuses EAs', 'Ask the broker to allow Expert Advisors on this account.'],
  account_changed: ['account changed', 'Log in to the account that is configured, or attach the EA again.'],
  close_only_input: ['EA set to close only', 'Set the EA’s input InpAllowOpening to true if it is to open.'],
  unsigned_engine: ['engine not proven', 'Copy the key again into the EA’s input InpKey: “quant-arb ea” prints it.'],
};

const gateOf = (gates: string): readonly [words: string, fix: string] => GATES[gates] ?? [gates, ''];

/** Gates which the EA looks at before the Algo Trading button, hence say nothing about it. */
const BEFORE_ALGO: readonly string[] = ['disconnected'];
const ALGO_OFF: readonly string[] = ['algo_trading_off', 'ea_trading_off'];

const LINKS: Readonly<Record<LinkState, readonly [tone: LampTone, word: string]>> = {
  idle: ['', 'no EA yet'],
  connecting: ['is-wait', 'connecting'],
  live: ['is-live', 'live'],
  stale: ['is-wait', 'stale'],
  'backing-off': ['is-bad', 'backing off'],
  down: ['is-bad', 'down'],
};

/** Do quotes come? */
export const dataLamp = ({ link, linkDetail, metatrader }: Venue): Lamp => {
  if (metatrader?.quoteOnly === true)
    return lamp('is-wait', 'quote only', 'Ticks of an old EA without a session: install the current one.');
  const [tone, word] = LINKS[link];
  return lamp(tone, word, linkDetail);
};

/** Can an order reach the broker through the EA? */
export const orderLamp = ({ orderLink, metatrader }: Venue, mode: Mode): Lamp => {
  const terminal = metatrader?.terminal ?? null;
  if (mode === 'paper') return lamp('', 'paper', 'Orders stay on paper: the EA only brings quotes.');
  if (terminal === null) return lamp('', UNKNOWN, 'The engine has not reported its order side.');
  if (orderLink === 'up' && terminal.trading) {
    if (terminal.mode === 'normal') return lamp('is-live', 'up');
    return lamp('is-wait', MODE_WORDS[terminal.mode], 'A stop is in force: the EA was told to open nothing.');
  }
  return lamp('is-bad', 'down', terminal.why);
};

/** Is the Algo Trading button down, and the EA's own box ticked? */
export const algoLamp = ({ metatrader }: Venue): Lamp => {
  const gates = metatrader?.gates ?? null;
  if (gates === null) return lamp('', UNKNOWN, 'No EA has said.');
  if (gates === 'ok') return lamp('is-live', 'on');
  const [words, fix] = gateOf(gates);
  if (ALGO_OFF.includes(gates)) return lamp('is-bad', 'off', `${words}. ${fix}`);
  if (BEFORE_ALGO.includes(gates)) return lamp('is-wait', UNKNOWN, `${words}. ${fix}`);
  return lamp('is-wait', `on, ${words}`, fix);
};

/** `Algo Trading off: press …`; null while all gates are open or nobody has said. */
export const gateFault = (gates: string | null): string | null => {
  if (gates === null || gates === 'ok') return null;
  const [words, fix] = gateOf(gates);
  return fix === '' ? words : `${words}: ${fix}`;
};

export const MODE_WORDS = { normal: 'normal', close_only: 'close only', halt: 'halt' } as const;

/** `1.4 / 6.2 ms`: p50 and p95 in one unit, so that the two can be compared at a glance. */
export const percentilesText = (spans: Percentiles | null): string => {
  if (spans === null) return UNKNOWN;
  const { p50, p95 } = spans;
  const digits = (ms: number): number => (ms < 10 ? 1 : 0);
  return p95 < 1_000 ? `${p50.toFixed(digits(p50))} / ${p95.toFixed(digits(p95))} ms` : `${age(p50)} / ${age(p95)}`;
};

/** A span between two moments of which either may not have come. */
export const spanMs = (from: number | null, to: number | null): number | null =>
  from === null || to === null ? null : Math.max(0, to - from);

export const pickupMs = (row: CommandRow): number | null => spanMs(row.queuedUnixMs, row.deliveredUnixMs);
export const ackMs = (row: CommandRow): number | null => spanMs(row.deliveredUnixMs, row.acknowledgedUnixMs);
export const dealMs = (row: CommandRow): number | null => spanMs(row.deliveredUnixMs, row.firstDealUnixMs);

/** Shape and tone beside the word. Full and open circles: not begun, under way; the rest is how it ended. */
export const COMMAND_LOOKS: Readonly<Record<CommandState, readonly [shape: string, tone: string]>> = {
  queued: ['○', 'tone-dim'],
  leased: ['◔', 'tone-dim'],
  received: ['◑', 'tone-dim'],
  sending: ['◕', 'strong'],
  accepted: ['◕', 'strong'],
  unknown: ['?', 'tone-error strong'],
  done: ['✓', 'tone-dim'],
  partial: ['◐', 'tone-warn'],
  rejected: ['✗', 'tone-warn'],
  expired: ['⊘', 'tone-warn'],
  canceled: ['–', 'tone-faint'],
  'not-executed': ['⊘', 'tone-warn'],
};

/** `11 of 12 pass`, and what does not. */
export const checksText = (checks: readonly TerminalCheck[]): string => {
  const of = (state: TerminalCheck['state']): number => checks.filter((check) => check.state === state).length;
  const rest = [of('fail') > 0 ? `${of('fail')} fail` : '', of('waiting') > 0 ? `${of('waiting')} waiting` : ''].filter(
    (part) => part !== '',
  );
  return [`${of('pass')} of ${checks.length} pass`, ...rest].join(' · ');
};

/** Contradicted ones first, since a person must look at each; then the newest. */
export const orderedCommands = (rows: readonly CommandRow[], venueId: string): readonly CommandRow[] =>
  rows
    .filter((row) => row.venueId === venueId)
    .toSorted((x, y) => Number(y.quarantine !== null) - Number(x.quarantine !== null) || y.queuedUnixMs - x.queuedUnixMs);
