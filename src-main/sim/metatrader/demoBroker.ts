/**
 * The broker of the demo: its symbols from what the market lists, one hedging account of play money, a book that survives the
 * program. Owns the book's file. What a newcomer sees executed is executed here, by the rules the EA's tests run against.
 */
import { listedAt, type SimInstrument } from '../market/instruments.ts';
import type { BookChange } from './broker/records.ts';
import type { ServerClock } from './broker/clock.ts';
import { ALWAYS_OPEN, brokerSymbol, type BrokerSymbol } from './broker/symbols.ts';
import { TradeServer } from './broker/tradeServer.ts';
import { openLineFile } from './lineFile.ts';
import type { TerminalAccount } from './messages.ts';

export const DEMO_DEPOSIT = '50000';
/** Now and then less than asked for, or a requote: what an engine must live with. */
export const DEMO_HABITS = { partialShare: 0.04, requoteShare: 0.03 };
const LEVERAGE = 100;

/** Gold as the demo's configuration expects it: commission on each deal. */
const COMMISSIONS: Readonly<Record<string, string>> = { XAUUSD: '3.5' };

const symbolOf = (x: SimInstrument): BrokerSymbol =>
  brokerSymbol(x.symbol, {
    digits: x.priceDecimals,
    contractSize: x.unitsPerContract,
    commissionPerLot: COMMISSIONS[x.symbol] ?? '0',
    // Around the clock, weekends too, so that a demo works whenever it is looked at; its gold pauses by quotes that stop.
    sessions: ALWAYS_OPEN,
  });

export interface DemoBrokerPlace {
  readonly instruments: readonly SimInstrument[];
  readonly account: TerminalAccount;
  readonly clock: ServerClock;
  readonly seed: number;
  /** null = the book is forgotten at the end. */
  readonly file: string | null;
  readonly habits?: { readonly partialShare: number; readonly requoteShare: number } | undefined;
}

/** @throws SyntaxError for a damaged book */
export const openDemoBroker = ({ instruments, account, clock, seed, file, habits }: DemoBrokerPlace): TradeServer => {
  const lines = openLineFile(file);
  const restore = (lines.before as BookChange[][]).flat();
  // Another draw after each start: the same first orders would never be requoted.
  const drawn = seed + restore.length;
  const server = new TradeServer({
    clock,
    symbols: listedAt(instruments, 'mt5').map(symbolOf),
    seed: drawn,
    restore,
    habits: habits ?? DEMO_HABITS,
  });
  lines.rewrite(restore.length === 0 ? [] : [[...server.dump()]]);
  server.watch((changes) => lines.append(changes));
  const login = Number(account.login);
  if (!server.hasAccount(login)) {
    const { server: name, company, currency } = account;
    server.openAccount({ login, server: name, company, currency, leverage: LEVERAGE, deposit: DEMO_DEPOSIT });
  }
  return server;
};
