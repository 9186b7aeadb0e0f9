/**
 * What a set of tapes becomes: which instruments they play, which seeded companion stands on the other side of a pair,
 * and the configuration that watches them. Two Binance tapes of one symbol are compared with each other (spot against
 * futures, nothing else); any other tape gets an OKX swap that follows the tape's price with a basis of its own.
 */
import { demoInstrument, ETH_SWAP, type SimInstrument, type Underlying } from '../market/instruments.ts';
import { instrumentInput, pairInput, venueInput, type ExchangeUrls, type InstrumentChoice, type WorldConfig } from '../demoConfig.ts';
import type { TerminalAccount, TerminalSymbol } from '../metatrader/messages.ts';
import { TapeRefused, type Tape } from './recognise.ts';

export const MAX_TAPES = 8;

export interface Companion {
  readonly instrument: SimInstrument;
  /** The tape whose price it follows. */
  readonly tape: Tape;
}

export interface TapeWorld {
  readonly companions: readonly Companion[];
  readonly symbols: readonly TerminalSymbol[];
  readonly account: TerminalAccount | null;
  config(urls: ExchangeUrls): WorldConfig;
}

const COMPANION_OF: Record<Underlying, SimInstrument> = {
  BTC: demoInstrument('okx', 'BTC-USDT-SWAP'),
  XAU: demoInstrument('okx', 'XAU-USDT-SWAP'),
  ETH: ETH_SWAP,
};
const BROKER_CONTRACT: Record<Underlying, string> = { BTC: '1', ETH: '1', XAU: '100' };

export const venueOf = (tape: Tape): 'binance-spot' | 'binance-usdm' | 'mt5' =>
  tape.kind === 'binance-frames' ? `binance-${tape.product}` : 'mt5';
const idOf = (tape: Tape): string => `${tape.symbol}@${venueOf(tape)}`;

const underlyingOf = (tape: Tape): Underlying => {
  const base = tape.symbol.slice(0, 3);
  if (base !== 'BTC' && base !== 'XAU' && base !== 'ETH')
    throw new TapeRefused(tape.path, `${tape.symbol} has no exchange instrument to be compared with; BTC, ETH and XAU have`);
  return base;
};

/** Digits in which a tape prints prices. */
export const digitsOf = (tape: Tape): number => (tape.kind === 'mt5-capture' ? tape.capture.digits : 3);

const choiceOf = (tape: Tape): InstrumentChoice => {
  const u = underlyingOf(tape);
  if (tape.kind !== 'binance-frames')
    return { venue: 'mt5', symbol: tape.symbol, kind: 'cfd', expected: { baseQtyPerUnit: BROKER_CONTRACT[u] } };
  const kind = tape.product === 'spot' ? 'spot' : 'perpetual';
  try {
    demoInstrument(venueOf(tape), tape.symbol);
  } catch (error) {
    throw new TapeRefused(tape.path, `the simulated exchange does not list ${tape.symbol}`, { cause: error });
  }
  return { venue: venueOf(tape), symbol: tape.symbol, kind, expected: {} };
};

export const terminalSymbol = (name: string, digits: number, contractSize: string): TerminalSymbol => {
  const point = (1 / 10 ** digits).toFixed(digits);
  return {
    name,
    digits,
    point,
    tickSize: point,
    tickValue: (Number(contractSize) / 10 ** digits).toFixed(digits),
    contractSize,
    volMin: '0.01',
    volStep: '0.01',
    volMax: '50.00',
    base: name.slice(0, 3),
    profit: 'USD',
  };
};

const isTwin = (a: Tape, b: Tape): boolean =>
  a.kind === 'binance-frames' && b.kind === 'binance-frames' && a.symbol === b.symbol && a.product !== b.product;

/** @throws TapeRefused for tapes that make no pair, RangeError for too many */
export const planTapeWorld = (tapes: readonly Tape[]): TapeWorld => {
  if (tapes.length === 0 || tapes.length > MAX_TAPES) throw new RangeError(`between 1 and ${MAX_TAPES} tapes, got ${tapes.length}`);
  const choices = tapes.map(choiceOf);
  const companions: Companion[] = [];
  const pairs: ReturnType<typeof pairInput>[] = [];
  for (const [i, tape] of tapes.entries()) {
    if (tapes.slice(0, i).some((other) => idOf(other) === idOf(tape))) throw new TapeRefused(tape.path, `a second tape of ${idOf(tape)}`);
    const u = underlyingOf(tape);
    const twin = tapes.find((other) => isTwin(tape, other));
    if (twin !== undefined) {
      if (venueOf(tape) === 'binance-spot') pairs.push(pairInput(`${u.toLowerCase()}-bin`, u, idOf(tape), idOf(twin)));
      continue;
    }
    const instrument = COMPANION_OF[u];
    const taken = companions.find((c) => c.instrument === instrument);
    if (taken !== undefined) throw new TapeRefused(tape.path, `${instrument.symbol} already follows ${taken.tape.path}; play one of them`);
    companions.push({ instrument, tape });
    pairs.push(pairInput(`${u.toLowerCase()}-okx`, u, idOf(tape), `${instrument.symbol}@okx`));
  }
  for (const c of companions) choices.push({ venue: 'okx', symbol: c.instrument.symbol, kind: 'perpetual', expected: {} });
  const broker = tapes.filter((t) => t.kind !== 'binance-frames');
  return {
    companions,
    symbols: broker.map((t) => terminalSymbol(t.symbol, digitsOf(t), BROKER_CONTRACT[underlyingOf(t)])),
    account: accountOf(broker),
    config: (urls) => ({
      profile: 'tape',
      mode: 'paper',
      venues: [...new Set(choices.map((c) => c.venue))].map((v) => venueInput(v, urls)),
      instruments: choices.map((c) => instrumentInput(c, 'regular')),
      pairs,
    }),
  };
};

const accountOf = (broker: readonly Tape[]): TerminalAccount | null => {
  const [first] = broker;
  if (first === undefined) return null;
  const recorded = first.kind === 'mt5-capture' ? first.capture : { broker: 'Recorded quotes', server: 'Tape' };
  return { ...DEMO_ACCOUNT, company: recorded.broker, server: recorded.server };
};

export const DEMO_ACCOUNT: TerminalAccount = {
  login: '50114477',
  server: 'Simulated-Demo',
  company: 'Simulated Broker',
  currency: 'USD',
  terminalBuild: 5_260,
  eaVersion: '1.00',
};
