/**
 * The codes and words with which a simulated OKX says no, with their HTTP status. Data only.
 * Source: OKX API v5 documentation of July 2026, error codes.
 */
import type { RefusalCode } from './account/account.ts';

export interface OkxRefused {
  readonly status: number;
  readonly code: string;
  readonly msg: string;
}

const no = (status: number, code: string, msg: string): OkxRefused => ({ status, code, msg });

export const EMPTY_BODY = no(400, '50000', 'Body for POST request cannot be empty.');
export const MAINTENANCE = no(503, '50001', 'Service temporarily unavailable. Try again later');
export const BAD_JSON = no(400, '50002', 'JSON syntax error');
export const WRONG_TYPE = no(400, '50006', "Invalid Content-Type. Please use 'application/JSON'.");
export const TOO_OFTEN = no(429, '50011', 'Too Many Requests');
export const SYSTEM_ERROR = no(500, '50026', 'System error. Try again later');
export const EXPIRES_IN_THE_PAST = no(
  200,
  '50036',
  "The expTime can't be earlier than the current system time. Please adjust the expTime and try again.",
);
export const ORDER_EXPIRED = no(200, '50037', 'Order expired.');
export const ACCOUNT_TOO_OFTEN = no(200, '50061', 'Order request frequency of your sub-account is too high.');
export const OTHER_ENVIRONMENT = no(401, '50101', 'APIKey does not match current environment.');
export const STAMP_EXPIRED = no(401, '50102', 'Timestamp request expired.');
export const NO_KEY = no(401, '50103', 'Request header "OK-ACCESS-KEY" cannot be empty.');
export const NO_PASSPHRASE = no(401, '50104', 'Request header "OK-ACCESS-PASSPHRASE" cannot be empty.');
export const WRONG_PASSPHRASE = no(401, '50105', 'Request header "OK-ACCESS-PASSPHRASE" incorrect.');
export const NO_SIGN = no(401, '50106', 'Request header "OK-ACCESS-SIGN" cannot be empty.');
export const NO_STAMP = no(401, '50107', 'Request header "OK-ACCESS-TIMESTAMP" cannot be empty.');
export const OTHER_ADDRESS = (address: string): OkxRefused =>
  no(401, '50110', `Your IP ${address} is not included in your API key's IP whitelist.`);
export const INVALID_KEY = no(401, '50111', 'Invalid OK-ACCESS-KEY.');
export const INVALID_STAMP = no(401, '50112', 'Invalid OK-ACCESS-TIMESTAMP.');
export const INVALID_SIGN = no(401, '50113', 'Invalid Sign.');
export const WRONG_METHOD = no(405, '50115', 'Invalid request method.');
export const UNKNOWN_KEY = no(200, '50119', "API key doesn't exist.");
export const NO_RIGHT = no(200, '50120', "This API key doesn't have permission to use this function.");

export const empty = (name: string): OkxRefused => no(400, '50014', `Parameter ${name} can not be empty.`);
export const mismatched = (a: string, b: string): OkxRefused => no(400, '50016', `Parameter ${a} and ${b} do not match.`);
export const wrong = (name: string): OkxRefused => no(400, '51000', `Parameter ${name} error`);
export const NO_INSTRUMENT = no(200, '51001', "Instrument ID, Instrument ID code, or Spread ID doesn't exist.");
export const NO_ID = no(200, '51003', 'Either client order ID or order ID is required.');
export const BELOW_MINIMUM = no(200, '51020', 'Your order should meet or exceed the minimum order amount.');
export const TOO_MANY_TIMERS = no(200, '51071', 'The number of active tag-level cancel-all-after timers has reached its limit.');
export const ABOVE_MAXIMUM = (most: string): OkxRefused =>
  no(200, '51101', `Entered amount exceeds the max pending order amount (Cont) per transaction (${most}).`);
export const NOT_A_LOT = no(200, '51121', 'Order quantity must be a multiple of the lot size.');
export const BUY_ABOVE = (limit: string): OkxRefused => no(200, '51137', `The highest price limit for buy orders is ${limit}.`);
export const SELL_BELOW = (limit: string): OkxRefused => no(200, '51138', `The lowest price limit for sell orders is ${limit}.`);
export const SPOT_REDUCES_NOTHING = no(200, '51139', 'Reduce-only feature is unavailable for the spot transactions.');
export const TOO_PRECISE = no(200, '51150', 'The precision of the number of trades or the price exceeds the limit.');
export const REDUCES_SAME_SIDE = no(
  200,
  '51170',
  "Failed to place order. A reduce-only order can't be the same trading direction as your existing positions.",
);
export const CANNOT_CANCEL = no(200, '51400', 'Cancellation failed as the order has been filled, canceled or does not exist.');
export const CANNOT_AMEND = no(200, '51503', "Order modification failed as the order has been filled, canceled or doesn't exist.");
export const NO_ORDER = no(200, '51603', 'Order does not exist.');
export const NOT_AGREED = no(
  200,
  '54092',
  'Action required: please try placing an order of TradFi Perps on the web or app, and complete the disclaimer.',
);
export const LEVERAGE_TOO_HIGH = no(200, '59102', 'Leverage exceeds the maximum limit. Please lower the leverage.');
export const CLOSE_FIRST = no(200, '59000', 'Setting failed. Cancel any open orders, close positions, and stop trading bots first.');

/** What the book refuses, in OKX's words. */
export const REFUSALS: Readonly<Record<RefusalCode, OkxRefused>> = {
  'unknown-symbol': NO_INSTRUMENT,
  'duplicate-id': no(200, '51016', 'Client order ID already exists.'),
  'no-market': no(200, '51140', 'Purchase failed due to no matching sell orders.'),
  'insufficient-balance': no(200, '51008', 'Order failed. Insufficient balance in account.'),
  'insufficient-margin': no(200, '51008', 'Order failed. Insufficient USDT margin in account.'),
  'reduce-only-none': no(
    200,
    '51169',
    "Failed to place order. You don't have any positions of this contract. Turn off the Reduce-only setting to continue.",
  ),
  'reduce-only-oversize': no(200, '51112', 'Close order size exceeds your available size.'),
  'post-only-crossing': no(200, '51511', 'Operation failed as the order price does not meet the requirement for Post Only.'),
  'fok-short': no(200, '51000', 'Parameter sz error'),
  'too-small': BELOW_MINIMUM,
  'too-many-orders': no(200, '51102', 'The number of your pending orders has reached the limit of this contract.'),
  'unknown-order': CANNOT_CANCEL,
  'no-change': no(200, '51514', 'Modification failed as nothing was changed.'),
  'open-orders': CLOSE_FIRST,
  'open-positions': CLOSE_FIRST,
  'already-set': CLOSE_FIRST,
};
