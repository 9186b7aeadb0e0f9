/**
 * What the broker's return codes and the EA's own words mean for an order: executed, still open, unknown, or a definite no,
 * with the words a person reads and whether the same may be asked again. Data only. The one safe mistake is to call a
 * refusal unknown; hence a code that is not listed is unknown.
 */
import type { Refusal } from '../../../../src-shared/domain/order.ts';
import { gateInWords } from '../checks.ts';

type Retry = Refusal['retry'];
export type RetcodeClass = 'executed' | 'open' | 'unknown' | 'refused';
export interface RetcodeMeaning {
  readonly class: RetcodeClass;
  /** Of a refusal; `never` for the other classes. */
  readonly retry: Retry;
  readonly text: string;
}

const row = (kind: RetcodeClass, retry: Retry, text: string): RetcodeMeaning => ({ class: kind, retry, text });
const refused = (retry: Retry, text: string): RetcodeMeaning => row('refused', retry, text);
const unknown = (text: string): RetcodeMeaning => row('unknown', 'never', text);

export const RETCODES: Readonly<Record<number, RetcodeMeaning>> = {
  0: unknown('the terminal gave no answer'),
  10004: refused('fresh-price', 'requote: the price has moved'),
  10006: refused('never', 'the broker rejected the request'),
  10007: refused('never', 'the request was canceled by the trader'),
  10008: row('open', 'never', 'the order was placed, its execution is open'),
  10009: row('executed', 'never', 'executed'),
  10010: row('executed', 'never', 'executed in part'),
  10011: unknown('the broker could not handle the request'),
  10012: unknown('the request timed out at the broker'),
  10013: refused('never', 'the broker calls the request invalid'),
  10014: refused('never', 'invalid volume'),
  10015: refused('never', 'invalid price'),
  10016: refused('never', 'invalid stops'),
  10017: refused('never', 'trading is disabled'),
  10018: refused('never', 'the market is closed'),
  10019: refused('never', 'not enough money'),
  10020: refused('fresh-price', 'the price has changed'),
  10021: refused('fresh-price', 'there is no price'),
  10022: refused('never', 'invalid expiration'),
  10023: refused('later', 'the state of the order has changed'),
  10024: refused('later', 'too many requests'),
  10025: refused('later', 'nothing would change'),
  10026: refused('never', 'the server does not allow automated trading'),
  10027: refused('never', 'Algo Trading is off in the terminal'),
  10028: unknown('the request is locked for processing'),
  10029: refused('never', 'the order or position is frozen'),
  10030: refused('never', 'the filling mode is not supported'),
  10031: unknown('the terminal lost its broker'),
  10032: refused('never', 'allowed for real accounts only'),
  10033: refused('never', 'the limit of pending orders is reached'),
  10034: refused('never', 'the volume limit of the symbol is reached'),
  10035: refused('never', 'invalid order type'),
  10036: refused('later', 'the position is already closed'),
  10038: refused('never', 'the volume exceeds that of the position'),
  10039: refused('later', 'a close order of the position exists already'),
  10040: refused('never', 'the limit of open positions is reached'),
  10041: refused('later', 'the request was rejected, the order canceled'),
  10042: refused('never', 'only long positions are allowed'),
  10043: refused('never', 'only short positions are allowed'),
  10044: refused('never', 'only closing is allowed'),
  10045: refused('never', 'positions must be closed oldest first (FIFO)'),
  10046: refused('never', 'opposite positions of one symbol are disabled'),
};

/** A code that nobody has described is unknown, never a refusal. */
export const meaningOf = (retcode: number): RetcodeMeaning =>
  RETCODES[retcode] ?? unknown(`return code ${retcode}, which is not documented`);

interface WordMeaning {
  readonly retry: Retry;
  readonly text: string;
}
const word = (retry: Retry, text: string): WordMeaning => ({ retry, text });

/** Gates of the EA: those that open by themselves may be tried again. */
const GATE_RETRIES: Readonly<Record<string, Retry>> = {
  disconnected: 'later',
  algo_trading_off: 'later',
  ea_trading_off: 'later',
  account_trading_off: 'never',
  account_experts_off: 'never',
  account_changed: 'never',
  close_only_input: 'never',
  unsigned_engine: 'never',
};

/** Other reasons for which the EA itself refuses: nothing has reached the broker. */
const REFUSALS: Readonly<Record<string, WordMeaning>> = {
  expired: word('fresh-price', 'its time was over before the EA began'),
  mode: word('never', 'the engine announced a mode that forbids it'),
  stale: word('never', 'its number is not above the highest that the EA has seen'),
  conflict: word('never', 'the EA knows this id with other content'),
  symbol: word('never', 'the terminal does not have the symbol'),
  symbol_mode: word('never', 'the symbol may not be traded so'),
  session_closed: word('never', 'the market is closed'),
  quote_old: word('fresh-price', 'the quote in the terminal is too old'),
  volume: word('never', 'the volume is not one that the symbol allows'),
  volume_limit: word('never', 'beyond the volume limits set in the EA'),
  rate_limit: word('later', 'too many commands a minute for the EA'),
  opening_off: word('never', 'the EA is set to closing only'),
  price_guard: word('fresh-price', 'the price is beyond the limit'),
  margin: word('never', 'not enough margin'),
  position_gone: word('later', 'the position is already closed'),
  too_late: word('never', 'the command has already begun'),
  bad_command: word('never', 'the EA cannot read the command'),
  journal: word('later', 'the EA could not write its journal'),
};

/** null = a word that this engine does not know. */
export const eaWord = (code: string): WordMeaning | null => {
  const gate = GATE_RETRIES[code];
  return gate === undefined ? (REFUSALS[code] ?? null) : word(gate, gateInWords(code).what);
};

/** The first failing gate, in words that a person can act on. */
export const gateText = (gate: string): string => {
  const { what, fix } = gateInWords(gate);
  return `${what}: ${fix}`;
};

/** Why an ended command executed nothing, as the order port says it. */
export const refusalOf = (retcode: number, error: string, text: string): Refusal => {
  const own = error === '' ? null : eaWord(error);
  const said = text === '' ? '' : `: ${text}`;
  if (error !== '' && retcode === 0)
    return { venueCode: null, text: `${own?.text ?? `the EA refused (${error})`}${said}`, retry: own?.retry ?? 'never', by: 'gateway' };
  const meaning = meaningOf(retcode);
  return { venueCode: String(retcode), text: `${meaning.text}${said}`, retry: meaning.retry, by: 'venue' };
};
