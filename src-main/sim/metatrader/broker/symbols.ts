/**
 * What a broker lists and when it trades: volumes, filling, execution, currencies, swap, weekly trade sessions. Pure data
 * and questions about it; the same rows feed the broker's rules, the EA's symbol table and the demo's terminal.
 */
import { Decimal, type DecimalText } from '../../../../src-shared/domain/decimal.ts';
import { EXECUTION, FILLING_BIT, TRADE_MODE } from './numbers.ts';

/** Day (0 = Sunday), from and to in seconds of that day, server time; `to` may lie beyond midnight. */
export type TradeSession = readonly [day: number, fromS: number, toS: number];

export interface BrokerSymbol {
  readonly name: string;
  readonly digits: number;
  readonly point: DecimalText;
  readonly tickSize: DecimalText;
  /** Units of the base in one lot. */
  readonly contractSize: DecimalText;
  readonly volMin: DecimalText;
  readonly volStep: DecimalText;
  readonly volMax: DecimalText;
  /** Sum per direction, resting orders included; 0 = none. */
  readonly volLimit: DecimalText;
  /** Bits FOK 1, IOC 2. */
  readonly filling: number;
  readonly exeMode: number;
  readonly tradeMode: number;
  readonly base: string;
  readonly profit: string;
  readonly margin: string;
  readonly swapMode: number;
  /** Points per lot and night (swap mode 1); negative = the client pays. */
  readonly swapLong: DecimalText;
  readonly swapShort: DecimalText;
  readonly swapTripleDay: number;
  /** Points. */
  readonly stopsLevel: number;
  readonly sessions: readonly TradeSession[];
  /** Charged on each deal, account currency per lot. */
  readonly commissionPerLot: DecimalText;
  /** One unit of the profit currency in account currency, and the same of the margin currency's price. */
  readonly profitRate: DecimalText;
  /** Lots that can be had at the quote; null = any amount. */
  readonly depthLots: DecimalText | null;
}

export const DAY_S = 86_400;
const SWAP_IN_POINTS = 1;
const WEDNESDAY = 3;

/** Every day, around the clock. */
export const ALWAYS_OPEN: readonly TradeSession[] = [0, 1, 2, 3, 4, 5, 6].map((day) => [day, 0, DAY_S] as const);
/** Monday to Friday from 01:00 to 23:55 server time, as gold trades at most brokers. */
export const METAL_HOURS: readonly TradeSession[] = [1, 2, 3, 4, 5].map((day) => [day, 3_600, 86_100] as const);

/** A symbol as most brokers would list it, with what is said about it. */
export const brokerSymbol = (name: string, over: Partial<BrokerSymbol> = {}): BrokerSymbol => {
  const digits = over.digits ?? 2;
  const point = new Decimal(10).pow(-digits).toFixed();
  return {
    name,
    digits,
    point,
    tickSize: point,
    contractSize: '100',
    volMin: '0.01',
    volStep: '0.01',
    volMax: '50',
    volLimit: '0',
    filling: FILLING_BIT.fok | FILLING_BIT.ioc,
    exeMode: EXECUTION.market,
    tradeMode: TRADE_MODE.full,
    base: name.slice(0, 3),
    profit: 'USD',
    margin: name.slice(0, 3),
    swapMode: SWAP_IN_POINTS,
    swapLong: '-4.2',
    swapShort: '1.1',
    swapTripleDay: WEDNESDAY,
    stopsLevel: 0,
    sessions: ALWAYS_OPEN,
    commissionPerLot: '0',
    profitRate: '1',
    depthLots: null,
    ...over,
  };
};

/** What one tick is worth for one lot, account currency. */
export const tickValueOf = (symbol: BrokerSymbol): DecimalText =>
  new Decimal(symbol.tickSize).times(symbol.contractSize).times(symbol.profitRate).toFixed();

const DAY_MS = 86_400_000;
/** 1 January 1970 was a Thursday. */
const FIRST_DAY = 4;

/** Day of the week of a server time; 0 = Sunday. */
export const dayOf = (serverMs: number): number => (Math.floor(serverMs / DAY_MS) + FIRST_DAY) % 7;

/** Whether the symbol trades at that server time. From inclusive, to exclusive. */
export const isOpenAt = (symbol: BrokerSymbol, serverMs: number): boolean => {
  const day = dayOf(serverMs);
  const second = (serverMs % DAY_MS) / 1_000;
  return symbol.sessions.some(([of, fromS, toS]) => {
    const since = second + ((day - of + 7) % 7) * DAY_S;
    return since >= fromS && since < toS;
  });
};

/** Whether `lots` is a whole number of steps between the least and the most. */
export const isVolume = (symbol: BrokerSymbol, lots: Decimal): boolean =>
  lots.isFinite() && lots.gte(symbol.volMin) && lots.lte(symbol.volMax) && lots.mod(symbol.volStep).isZero();
