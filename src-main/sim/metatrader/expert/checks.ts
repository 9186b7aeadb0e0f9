/**
 * What the EA refuses by itself before anything is sent: mode, gates, symbol, session, quote, volume, its own limits, price.
 * Pure; the first thing in the way is reported in the protocol's words.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import { TRADE_MODE } from '../broker/numbers.ts';
import type { Quote } from '../broker/records.ts';
import { isOpenAt, isVolume, type BrokerSymbol } from '../broker/symbols.ts';
import type { Command } from './command.ts';

export interface ExpertLimits {
  readonly maxLotsCommand: string;
  readonly maxLotsTotal: string;
  readonly maxCommandsMinute: number;
  readonly opening: boolean;
  readonly maxQuoteAgeMs: number;
}

export const DEMO_LIMITS: ExpertLimits = {
  maxLotsCommand: '10',
  maxLotsTotal: '50',
  maxCommandsMinute: 60,
  opening: true,
  maxQuoteAgeMs: 5_000,
};

export interface Standing {
  readonly mode: string;
  readonly gates: string;
  readonly symbol: BrokerSymbol | null;
  readonly quote: Quote | null;
  readonly serverMs: number;
  readonly ownLots: Decimal;
  /** Orders sent in the last minute. */
  readonly recent: number;
  readonly limits: ExpertLimits;
}

export interface Objection {
  readonly error: string;
  readonly text: string;
}

const because = (error: string, text: string): Objection => ({ error, text });

/** What stands against it by the engine's mode and the terminal's gates. */
export const standingObjection = (kind: Command['kind'], { mode, gates }: Pick<Standing, 'mode' | 'gates'>): Objection | null => {
  if (mode === 'halt' || (mode === 'close_only' && kind === 'open')) return because('mode', `the engine's mode is ${mode}`);
  return gates === 'ok' ? null : because(gates, `the terminal may not trade: ${gates}`);
};

const priceObjection = (command: Command, quote: Quote): Objection | null => {
  const now = command.side === 'buy' ? quote.ask : quote.bid;
  const worse = command.side === 'buy' ? new Decimal(now).gt(command.limitPrice) : new Decimal(now).lt(command.limitPrice);
  return worse ? because('price_guard', `${command.side} at ${now} is worse than ${command.limitPrice}`) : null;
};

const openingObjection = (command: Command, s: Standing, symbol: BrokerSymbol): Objection | null => {
  if (command.kind !== 'open') return null;
  if (!s.limits.opening) return because('opening_off', 'this EA may only close');
  const { tradeMode } = symbol;
  const allowed =
    tradeMode === TRADE_MODE.full || (command.side === 'buy' ? tradeMode === TRADE_MODE.longOnly : tradeMode === TRADE_MODE.shortOnly);
  if (!allowed) return because('symbol_mode', `the broker does not let ${symbol.name} be opened this way`);
  const total = s.ownLots.plus(command.lots);
  if (new Decimal(command.lots).gt(s.limits.maxLotsCommand))
    return because('volume_limit', `at most ${s.limits.maxLotsCommand} lots a command`);
  return total.gt(s.limits.maxLotsTotal)
    ? because('volume_limit', `${total.toFixed()} lots would be held, ${s.limits.maxLotsTotal} may`)
    : null;
};

/** The first thing that stands against an open or a close; null = it may be sent. */
export const objectionTo = (command: Command, s: Standing): Objection | null => {
  const standing = standingObjection(command.kind, s);
  if (standing !== null) return standing;
  const { symbol, quote, limits } = s;
  if (symbol === null) return because('symbol', `the broker does not list ${command.symbol}`);
  if (!isOpenAt(symbol, s.serverMs)) return because('session_closed', `${symbol.name} does not trade at this hour`);
  if (quote === null || s.serverMs - quote.timeMsc > limits.maxQuoteAgeMs) return because('quote_old', `no fresh quote of ${symbol.name}`);
  if (!isVolume(symbol, new Decimal(command.lots))) return because('volume', `${command.lots} lots do not fit ${symbol.name}`);
  const opening = openingObjection(command, s, symbol);
  if (opening !== null) return opening;
  if (s.recent >= limits.maxCommandsMinute) return because('rate_limit', `${s.recent} orders in the last minute`);
  return priceObjection(command, quote);
};
