/**
 * The lines of the hand-shake checklist that the listener's side can judge: hello, version, gates, symbols, offset, sessions.
 * Pure. Every line shows its figures; one that does not pass says in one sentence what a person must do.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { TerminalCheck } from '../../../src-shared/domain/metatrader.ts';
import { MS_PER_HOUR, MS_PER_MIN, MS_PER_S } from '../../../src-shared/domain/units.ts';
import type { QuotedSymbol } from './helloWire.ts';
import { instrumentOf, mismatchesOf } from './mapping.ts';
import type { MetatraderInstrument } from './link.ts';
import type { ServerClockEstimate } from './serverClock.ts';
import { weeklyOf } from './tradingHours.ts';
import { PROTOCOL_VERSION } from './wire.ts';

/** Zones lie whole quarters of an hour apart; a measured offset may miss one by a slow clock. */
const ZONE_STEP_MS = 15 * MS_PER_MIN;
export const ZONE_TOLERANCE_MS = 60_000;
export const MAX_ZONE_MS = 14 * MS_PER_HOUR;

/** What is known of the EA when the lines are written. */
export interface LinkFacts {
  /** null before the first. */
  readonly hello: {
    readonly login: string;
    readonly server: string;
    readonly eaVersion: string;
    readonly terminalBuild: string;
    readonly symbols: readonly QuotedSymbol[];
  } | null;
  readonly alive: boolean;
  /** The last hello that was refused since one was taken, in words; its code. */
  readonly refused: { readonly code: string; readonly text: string } | null;
  readonly gates: string | null;
  readonly instruments: readonly MetatraderInstrument[];
  readonly declaredOffsetMs: number | null;
  readonly measured: ServerClockEstimate | null;
}

type Line = Omit<TerminalCheck, 'code' | 'label'>;
const pass = (detail: string): Line => ({ state: 'pass', detail, fix: '' });
const fail = (detail: string, fix: string): Line => ({ state: 'fail', detail, fix });
const waiting = (detail: string, fix: string): Line => ({ state: 'waiting', detail, fix });

const NO_EA = 'no EA has said hello';
const ATTACH = 'Attach QuantArb to one chart and allow WebRequest for the address of this engine (Tools, Options, Expert Advisors).';

/** First failing gate → what to switch on. */
const GATE_FIXES: Readonly<Record<string, readonly [string, string]>> = {
  disconnected: ['the terminal has lost its broker', 'Log the terminal in again and wait for the connection bars at its lower right.'],
  algo_trading_off: ['Algo Trading is off in MetaTrader', 'Press the Algo Trading button in the tool bar of MetaTrader.'],
  ea_trading_off: ['the EA may not trade', 'Open the properties of the EA (F7), Common, and tick Allow Algo Trading.'],
  account_trading_off: ['the account may not trade', 'Log in with the trading password: the investor password only shows quotes.'],
  account_experts_off: ['the broker forbids EAs on this account', 'Ask the broker to allow Expert Advisors on this account.'],
  account_changed: [
    'the terminal is logged in to another account',
    'Log in to the account the EA started with, or remove the EA and attach it anew.',
  ],
  close_only_input: ['the EA is set to close only', 'Set InpAllowOpening to true in the inputs of the EA (F7).'],
  unsigned_engine: [
    'the EA got answers that this engine did not sign',
    'Copy the key of this engine into InpKey, and end the other program on its port.',
  ],
};

/** A gate word for people; one we do not know is told as it is. */
export const gateInWords = (gate: string): { readonly what: string; readonly fix: string } => {
  const known = GATE_FIXES[gate];
  return known === undefined
    ? { what: `the EA reports "${gate}"`, fix: 'Look at the panel of the EA on its chart: it says what to switch on.' }
    : { what: known[0], fix: known[1] };
};

const helloLine = ({ hello, alive, refused }: LinkFacts): Line => {
  if (refused !== null && refused.code !== 'version')
    return fail(`hello was refused: ${refused.text}`, 'Correct what the refusal names; the EA says hello again by itself.');
  if (hello === null) return waiting(NO_EA, ATTACH);
  const who = `${hello.login} at ${hello.server}`;
  return alive
    ? pass(who)
    : fail(`${who} has fallen silent`, 'Look whether MetaTrader runs, its chart with the EA is open, and its Experts log shows an error.');
};

const versionLine = ({ hello, refused }: LinkFacts): Line => {
  if (refused?.code === 'version') return fail(refused.text, 'Install the EA that came with this engine.');
  if (hello === null) return waiting(NO_EA, ATTACH);
  return pass(`protocol ${PROTOCOL_VERSION}, EA ${hello.eaVersion}, terminal build ${hello.terminalBuild}`);
};

const gatesLine = ({ hello, gates }: LinkFacts): Line => {
  if (hello === null || gates === null) return waiting(NO_EA, ATTACH);
  if (gates === 'ok') return pass('trading is allowed');
  const { what, fix } = gateInWords(gates);
  return fail(what, fix);
};

/** `1 lot of XAUUSD = 100 XAU, priced in USD` */
const identityOf = (symbol: QuotedSymbol): string =>
  `1 lot of ${symbol.name} = ${new Decimal(symbol.contract_size).toFixed()} ${symbol.base}, priced in ${symbol.profit}`;

const symbolsLine = ({ hello, instruments }: LinkFacts): Line => {
  if (hello === null) return waiting(NO_EA, ATTACH);
  const table = new Map(hello.symbols.map((symbol) => [symbol.name, symbol]));
  for (const { settings } of instruments) {
    const symbol = table.get(settings.symbol);
    if (symbol === undefined)
      return fail(
        `the terminal does not offer ${settings.symbol}`,
        `Map it in InpSymbols as ${settings.symbol}=<the broker's name, with its suffix>.`,
      );
    const [wrong] = mismatchesOf(settings.expected, instrumentOf(settings, symbol));
    if (wrong !== undefined)
      return fail(
        `${settings.symbol}: ${wrong.field} is ${wrong.reported}, configured is ${wrong.configured}`,
        'Correct the configuration or the symbol map: hedges would have the wrong size.',
      );
    if (symbol.trade_mode !== 'full')
      return fail(
        `${settings.symbol} is ${symbol.trade_mode.replace('_', ' ')} at the broker`,
        'Ask the broker why, or choose another symbol.',
      );
  }
  return pass(instruments.map(({ settings }) => identityOf(table.get(settings.symbol) as QuotedSymbol)).join('; '));
};

const inHours = (ms: number): string => `UTC${ms < 0 ? '−' : '+'}${(Math.abs(ms) / MS_PER_HOUR).toFixed(2)} h`;

const offsetLine = ({ hello, declaredOffsetMs, measured }: LinkFacts): Line => {
  if (hello === null || declaredOffsetMs === null) return waiting(NO_EA, ATTACH);
  if (measured === null)
    return waiting(
      `declared ${inHours(declaredOffsetMs)}; no fresh tick to measure it by`,
      'Wait for the market to open: it is measured from ticks.',
    );
  const nearest = Math.round(measured.offsetMs / ZONE_STEP_MS) * ZONE_STEP_MS;
  const missMs = Math.abs(measured.offsetMs - nearest);
  const shown = `measured ${inHours(nearest)}, off by ${(missMs / MS_PER_S).toFixed(1)} s; declared ${inHours(declaredOffsetMs)}`;
  if (missMs > ZONE_TOLERANCE_MS || Math.abs(nearest) > MAX_ZONE_MS)
    return fail(`${shown}: no zone is there`, 'Let Windows set the clock of this computer from the internet.');
  if (nearest !== Math.round(declaredOffsetMs / ZONE_STEP_MS) * ZONE_STEP_MS)
    return fail(`${shown}: the EA and its ticks disagree`, 'Set the time zone and the clock of this computer, then attach the EA anew.');
  return pass(shown);
};

const sessionsLine = ({ hello, instruments }: LinkFacts): Line => {
  if (hello === null) return waiting(NO_EA, ATTACH);
  const table = new Map(hello.symbols.map((symbol) => [symbol.name, symbol.sessions]));
  const hours = instruments.flatMap(({ settings: { symbol } }) => {
    const sessions = table.get(symbol);
    return sessions === undefined ? [] : [{ symbol, weekly: weeklyOf(sessions ?? []) }];
  });
  if (hours.length === 0) return waiting('none of the configured symbols is offered', 'Correct the symbol map first.');
  const without = hours.filter(({ weekly }) => weekly.length === 0).map(({ symbol }) => symbol);
  if (without.length > 0)
    return fail(`the terminal lists no trading hours for ${without.join(', ')}`, 'Show the symbol in Market Watch and attach the EA anew.');
  return pass(
    hours.map(({ symbol, weekly }) => `${symbol} ${weekly.length} ${weekly.length === 1 ? 'window' : 'windows'} a week`).join('; '),
  );
};

/** In the order in which a person works through them. */
export const linkChecks = (facts: LinkFacts): readonly TerminalCheck[] => [
  { code: 'hello', label: 'EA connected', ...helloLine(facts) },
  { code: 'version', label: 'Versions', ...versionLine(facts) },
  { code: 'gates', label: 'Permissions', ...gatesLine(facts) },
  { code: 'symbols', label: 'Symbols and lot sizes', ...symbolsLine(facts) },
  { code: 'offset', label: 'Server time', ...offsetLine(facts) },
  { code: 'sessions', label: 'Trading hours', ...sessionsLine(facts) },
];

const ORDER: readonly TerminalCheck['code'][] = [
  'hello',
  'version',
  'account',
  'account-mode',
  'account-kind',
  'gates',
  'symbols',
  'filling',
  'sessions',
  'offset',
  'limits',
  'snapshot',
];

/** The link's lines and the desk's as one list; where both speak of one thing, the link's stands. */
export const mergedChecks = (own: readonly TerminalCheck[], desk: readonly TerminalCheck[]): readonly TerminalCheck[] => {
  const codes = new Set(own.map(({ code }) => code));
  return [...own, ...desk.filter(({ code }) => !codes.has(code))].toSorted((a, b) => ORDER.indexOf(a.code) - ORDER.indexOf(b.code));
};
