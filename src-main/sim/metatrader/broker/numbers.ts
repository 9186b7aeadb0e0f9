/**
 * The trade enumerations of MQL5 by their documented numbers, as far as the simulated broker uses them. Pure data; the C++
 * side of the EA's test program declares the same numbers in full.
 */
export const ACTION = { deal: 1, pending: 5, sltp: 6, modify: 7, remove: 8, closeBy: 10 } as const;
export const ORDER_TYPE = { buy: 0, sell: 1, buyLimit: 2, sellLimit: 3, buyStop: 4, sellStop: 5 } as const;
export const ORDER_STATE = { started: 0, placed: 1, canceled: 2, partial: 3, filled: 4, rejected: 5, expired: 6 } as const;
/** Of a request. */
export const FILLING = { fok: 0, ioc: 1, return: 2, boc: 3 } as const;
/** Of a symbol: bits. */
export const FILLING_BIT = { fok: 1, ioc: 2 } as const;
export const EXECUTION = { request: 0, instant: 1, market: 2, exchange: 3 } as const;
export const TRADE_MODE = { disabled: 0, longOnly: 1, shortOnly: 2, closeOnly: 3, full: 4 } as const;
export const MARGIN_MODE = { netting: 0, exchange: 1, hedging: 2 } as const;
export const ACCOUNT_KIND = { demo: 0, contest: 1, real: 2 } as const;
export const DEAL_TYPE = {
  buy: 0,
  sell: 1,
  balance: 2,
  credit: 3,
  charge: 4,
  correction: 5,
  bonus: 6,
  commission: 7,
  interest: 12,
} as const;
export const DEAL_ENTRY = { in: 0, out: 1, inout: 2, outBy: 3 } as const;
export const REASON = { client: 0, mobile: 1, web: 2, expert: 3, sl: 4, tp: 5, so: 6, rollover: 7 } as const;
/** ORDER_REASON and POSITION_REASON share these four; a position is never opened by a stop. */
export type Reason = (typeof REASON)[keyof typeof REASON];

export const TRANSACTION = {
  orderAdd: 0,
  orderUpdate: 1,
  orderDelete: 2,
  historyAdd: 3,
  historyUpdate: 4,
  historyDelete: 5,
  dealAdd: 6,
  dealUpdate: 7,
  dealDelete: 8,
  position: 9,
  request: 10,
} as const;

const REASON_WORDS: ReadonlyMap<number, string> = new Map(Object.entries(REASON).map(([word, code]) => [code, word]));
const ENTRY_WORDS: ReadonlyMap<number, 'in' | 'out' | 'inout' | 'out_by'> = new Map([
  [0, 'in'],
  [1, 'out'],
  [2, 'inout'],
  [3, 'out_by'],
]);
const MONEY_WORDS: ReadonlyMap<number, string> = new Map(Object.entries(DEAL_TYPE).map(([word, code]) => [code, word]));

export const reasonWord = (reason: number): string => REASON_WORDS.get(reason) ?? `reason_${reason}`;
export const entryWord = (entry: number): 'in' | 'out' | 'inout' | 'out_by' => ENTRY_WORDS.get(entry) ?? 'in';
/** `trade` for executions, else the word of the money entry. */
export const dealTypeWord = (type: number): string => (type <= DEAL_TYPE.sell ? 'trade' : (MONEY_WORDS.get(type) ?? `type_${type}`));
