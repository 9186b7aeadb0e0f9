/**
 * What a trade server answers: number, word and what the answer is worth as evidence. The one table of the simulated
 * world; the simulated EA classifies by it and the broker answers from it. Pure data.
 */

/**
 * `executed`: something was done, the quantity is in the deals. `open`: accepted, the deals are still to come.
 * `unknown`: nobody knows without looking. `retry`: nothing was done, a fresh price may help. `reread`: the wish may
 * already hold. `refused`: nothing was done and asking again will not help.
 */
export type RetcodeClass = 'executed' | 'open' | 'unknown' | 'retry' | 'reread' | 'refused';

export interface Retcode {
  readonly code: number;
  readonly word: string;
  readonly class: RetcodeClass;
  /** The server's own comment in the result. */
  readonly text: string;
}

const row = (code: number, word: string, kind: RetcodeClass, text: string): Retcode => ({ code, word, class: kind, text });

export const RETCODES: readonly Retcode[] = [
  row(0, 'NONE', 'unknown', ''),
  row(10_004, 'REQUOTE', 'retry', 'Requote'),
  row(10_006, 'REJECT', 'refused', 'Rejected'),
  row(10_007, 'CANCEL', 'refused', 'Canceled'),
  row(10_008, 'PLACED', 'open', 'Request placed'),
  row(10_009, 'DONE', 'executed', 'Request executed'),
  row(10_010, 'DONE_PARTIAL', 'executed', 'Request executed partially'),
  row(10_011, 'ERROR', 'unknown', 'Processing error'),
  row(10_012, 'TIMEOUT', 'unknown', 'Request timeout'),
  row(10_013, 'INVALID', 'refused', 'Invalid request'),
  row(10_014, 'INVALID_VOLUME', 'refused', 'Invalid volume'),
  row(10_015, 'INVALID_PRICE', 'refused', 'Invalid price'),
  row(10_016, 'INVALID_STOPS', 'refused', 'Invalid stops'),
  row(10_017, 'TRADE_DISABLED', 'refused', 'Trade disabled'),
  row(10_018, 'MARKET_CLOSED', 'refused', 'Market closed'),
  row(10_019, 'NO_MONEY', 'refused', 'No money'),
  row(10_020, 'PRICE_CHANGED', 'retry', 'Price changed'),
  row(10_021, 'PRICE_OFF', 'retry', 'Off quotes'),
  row(10_022, 'INVALID_EXPIRATION', 'refused', 'Invalid expiration'),
  row(10_023, 'ORDER_CHANGED', 'reread', 'Order changed'),
  row(10_024, 'TOO_MANY_REQUESTS', 'retry', 'Too many requests'),
  row(10_025, 'NO_CHANGES', 'reread', 'No changes'),
  row(10_026, 'SERVER_DISABLES_AT', 'refused', 'AutoTrading disabled by server'),
  row(10_027, 'CLIENT_DISABLES_AT', 'refused', 'AutoTrading disabled by client'),
  row(10_028, 'LOCKED', 'unknown', 'Request locked'),
  row(10_029, 'FROZEN', 'refused', 'Order or position frozen'),
  row(10_030, 'INVALID_FILL', 'refused', 'Unsupported filling mode'),
  row(10_031, 'CONNECTION', 'unknown', 'No connection'),
  row(10_032, 'ONLY_REAL', 'refused', 'Allowed only for real accounts'),
  row(10_033, 'LIMIT_ORDERS', 'refused', 'Orders limit reached'),
  row(10_034, 'LIMIT_VOLUME', 'refused', 'Volume limit reached'),
  row(10_035, 'INVALID_ORDER', 'refused', 'Invalid order'),
  row(10_036, 'POSITION_CLOSED', 'reread', 'Position closed'),
  row(10_038, 'INVALID_CLOSE_VOLUME', 'refused', 'Invalid close volume'),
  row(10_039, 'CLOSE_ORDER_EXIST', 'reread', 'Close order already exists'),
  row(10_040, 'LIMIT_POSITIONS', 'refused', 'Positions limit reached'),
  row(10_041, 'REJECT_CANCEL', 'reread', 'Pending activation rejected'),
  row(10_042, 'LONG_ONLY', 'refused', 'Only long positions allowed'),
  row(10_043, 'SHORT_ONLY', 'refused', 'Only short positions allowed'),
  row(10_044, 'CLOSE_ONLY', 'refused', 'Only closing allowed'),
  row(10_045, 'FIFO_CLOSE', 'refused', 'Closing by FIFO only'),
  row(10_046, 'HEDGE_PROHIBITED', 'refused', 'Hedging prohibited'),
];

const BY_CODE: ReadonlyMap<number, Retcode> = new Map(RETCODES.map((r) => [r.code, r]));

/** A code that no table knows is evidence of nothing. */
export const retcodeOf = (code: number): Retcode => BY_CODE.get(code) ?? row(code, `RETCODE_${code}`, 'unknown', `Code ${code}`);

export const RETCODE = {
  none: 0,
  requote: 10_004,
  reject: 10_006,
  placed: 10_008,
  done: 10_009,
  partial: 10_010,
  error: 10_011,
  timeout: 10_012,
  invalid: 10_013,
  volume: 10_014,
  price: 10_015,
  stops: 10_016,
  tradeDisabled: 10_017,
  marketClosed: 10_018,
  noMoney: 10_019,
  priceOff: 10_021,
  expiration: 10_022,
  tooMany: 10_024,
  noChanges: 10_025,
  serverDisables: 10_026,
  clientDisables: 10_027,
  filling: 10_030,
  connection: 10_031,
  limitOrders: 10_033,
  limitVolume: 10_034,
  orderType: 10_035,
  positionClosed: 10_036,
  closeVolume: 10_038,
  limitPositions: 10_040,
  longOnly: 10_042,
  shortOnly: 10_043,
  closeOnly: 10_044,
  fifo: 10_045,
  hedgeProhibited: 10_046,
} as const;
