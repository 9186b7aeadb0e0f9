/** A broker with a clock that a test moves: a Monday noon in winter, server time two hours ahead of UTC. */
import { createServerClock, type ServerClock } from './clock.ts';
import { ACTION, FILLING } from './numbers.ts';
import { emptyRequest, type BookChange, type TradeRequest } from './records.ts';
import { brokerSymbol, type BrokerSymbol } from './symbols.ts';
import { TradeServer, type NewAccount } from './tradeServer.ts';

export const MONDAY_NOON_UTC = Date.UTC(2026, 0, 12, 12);
export const OFFSET_S = 7_200;
export const LOGIN = 501;
export const XAU = 'XAUUSD.m';

export interface Bench {
  readonly server: TradeServer;
  readonly clock: ServerClock;
  readonly wait: (ms: number) => void;
}

export const SYMBOLS: readonly BrokerSymbol[] = [
  brokerSymbol(XAU, { commissionPerLot: '3.5' }),
  brokerSymbol('BTCUSD', { contractSize: '1' }),
];

export const openBench = (
  over: {
    readonly account?: Partial<NewAccount>;
    readonly symbols?: readonly BrokerSymbol[];
    readonly restore?: readonly BookChange[];
  } = {},
): Bench => {
  let now = MONDAY_NOON_UTC;
  const clock = createServerClock(() => now, [{ fromUtcMs: 0, offsetS: OFFSET_S }]);
  const restore = over.restore === undefined ? {} : { restore: over.restore };
  const server = new TradeServer({ clock, symbols: over.symbols ?? SYMBOLS, ...restore });
  if (over.restore === undefined) server.openAccount({ login: LOGIN, deposit: '100000', ...over.account });
  server.setQuote(XAU, '4000.10', '4000.40');
  server.setQuote('BTCUSD', '61800.00', '61815.00');
  return {
    server,
    clock,
    wait: (ms) => {
      now += ms;
      server.turn();
    },
  };
};

export const marketOrder = (over: Partial<TradeRequest> = {}): TradeRequest => ({
  ...emptyRequest,
  action: ACTION.deal,
  symbol: XAU,
  volume: '0.1',
  filling: FILLING.ioc,
  magic: 1_600_000_000_001,
  comment: 'a',
  ...over,
});
