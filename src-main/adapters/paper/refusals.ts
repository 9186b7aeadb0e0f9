/**
 * What each venue says when it refuses: its own code and its own words, and whether the same may be asked again. Data
 * only; which rule was broken is found in `rules.ts`. Codes and retry classes are those of the venues' references.
 */
import type { VenueProtocol } from '../../../src-shared/domain/instrument.ts';
import type { Refusal } from '../../../src-shared/domain/order.ts';

/** A rule of the venue that an order may break, in the words of no venue. */
type ExchangeViolation =
  | 'unknown-symbol'
  | 'not-tradable'
  | 'price-invalid'
  | 'price-step'
  | 'price-too-high'
  | 'price-too-low'
  | 'qty-step'
  | 'qty-below-minimum'
  | 'qty-above-maximum'
  | 'notional-below-minimum'
  | 'nothing-to-reduce'
  | 'reduces-too-much'
  | 'funds'
  | 'expired'
  | 'busy'
  | 'declined';

/** What only MetaTrader tells apart. */
export type MetatraderViolation =
  | 'trade-disabled'
  | 'market-closed'
  | 'trading-off'
  | 'long-only'
  | 'short-only'
  | 'close-only'
  | 'requote';
export type Violation = ExchangeViolation | MetatraderViolation;

type Retry = Refusal['retry'];
type Words = readonly [code: string | null, text: string, retry: Retry];

const BINANCE_SPOT: Record<ExchangeViolation, Words> = {
  'unknown-symbol': ['-1121', 'Invalid symbol.', 'never'],
  'not-tradable': ['-1013', 'Market is closed.', 'never'],
  'price-invalid': ['-1013', 'Invalid price.', 'never'],
  'price-step': ['-1013', 'Filter failure: PRICE_FILTER', 'never'],
  'price-too-high': ['-1013', 'Filter failure: PERCENT_PRICE_BY_SIDE', 'fresh-price'],
  'price-too-low': ['-1013', 'Filter failure: PERCENT_PRICE_BY_SIDE', 'fresh-price'],
  'qty-step': ['-1013', 'Filter failure: LOT_SIZE', 'never'],
  'qty-below-minimum': ['-1013', 'Filter failure: LOT_SIZE', 'never'],
  'qty-above-maximum': ['-1013', 'Filter failure: LOT_SIZE', 'never'],
  'notional-below-minimum': ['-1013', 'Filter failure: NOTIONAL', 'never'],
  'nothing-to-reduce': ['-2010', 'Account has insufficient balance for requested action.', 'never'],
  'reduces-too-much': ['-2010', 'Account has insufficient balance for requested action.', 'never'],
  funds: ['-2010', 'Account has insufficient balance for requested action.', 'never'],
  expired: ['-1021', 'Timestamp for this request is outside of the recvWindow.', 'fresh-price'],
  busy: ['-1015', 'Too many new orders.', 'later'],
  declined: ['-2010', 'This symbol is not permitted for this account.', 'never'],
};

const BINANCE_USDM: Record<ExchangeViolation, Words> = {
  'unknown-symbol': ['-1121', 'Invalid symbol.', 'never'],
  'not-tradable': ['-4140', 'Invalid symbol status for opening position.', 'never'],
  'price-invalid': ['-4013', 'Price less than min price.', 'never'],
  'price-step': ['-4014', 'Price not increased by tick size.', 'never'],
  'price-too-high': ['-4016', "Limit price can't be higher than the upper bound.", 'fresh-price'],
  'price-too-low': ['-4024', "Limit price can't be lower than the lower bound.", 'fresh-price'],
  'qty-step': ['-4023', 'Qty not increased by step size.', 'never'],
  'qty-below-minimum': ['-4004', 'Quantity less than min quantity.', 'never'],
  'qty-above-maximum': ['-4005', 'Quantity greater than max quantity.', 'never'],
  'notional-below-minimum': ['-4164', "Order's notional is below the minimum (unless you choose reduce only).", 'never'],
  'nothing-to-reduce': ['-2022', 'ReduceOnly Order is rejected.', 'never'],
  'reduces-too-much': ['-2022', 'ReduceOnly Order is rejected.', 'never'],
  funds: ['-2019', 'Margin is insufficient.', 'never'],
  expired: ['-5028', 'Timestamp for this request is outside of the ME recvWindow.', 'fresh-price'],
  busy: ['-1008', 'Server is currently overloaded with other requests. Please try again in a few minutes.', 'later'],
  declined: ['-2027', 'Exceeded the maximum allowable position at current leverage.', 'never'],
};

const OKX: Record<ExchangeViolation, Words> = {
  'unknown-symbol': ['51001', 'Instrument ID does not exist.', 'never'],
  'not-tradable': ['51022', 'Contract suspended.', 'never'],
  'price-invalid': ['51000', 'Parameter px error', 'never'],
  'price-step': ['51000', 'Parameter px error', 'never'],
  'price-too-high': ['51006', 'Order price is not within the price limit', 'fresh-price'],
  'price-too-low': ['51006', 'Order price is not within the price limit', 'fresh-price'],
  'qty-step': ['51121', 'Order quantity must be a multiple of the lot size.', 'never'],
  'qty-below-minimum': ['51020', 'Your order should meet or exceed the minimum order amount.', 'never'],
  'qty-above-maximum': ['51101', 'Entered amount exceeds max pending order amount per transaction.', 'never'],
  'notional-below-minimum': ['51020', 'Your order should meet or exceed the minimum order amount.', 'never'],
  'nothing-to-reduce': [
    '51169',
    "Order failed because you don't have any positions in this direction for this contract to reduce or close.",
    'never',
  ],
  'reduces-too-much': ['51112', 'Close order size exceeds your available size.', 'never'],
  funds: ['51008', 'Order failed. Insufficient balance or margin in account.', 'never'],
  expired: ['50036', 'The expTime can not be earlier than the current system time.', 'fresh-price'],
  busy: ['50011', 'Rate limit reached. Please refer to API documentation and throttle requests accordingly.', 'later'],
  declined: ['54031', 'The platform open interest of this contract has reached its limit.', 'never'],
};

/** `expired`: the EA does not send what is past its time, so there is no retcode. */
const METATRADER: Record<Violation, Words> = {
  'unknown-symbol': ['10013', 'Invalid request', 'never'],
  'not-tradable': ['10017', 'Trade is disabled', 'never'],
  'market-closed': ['10018', 'Market is closed', 'never'],
  'trading-off': ['10027', 'Autotrading disabled by client terminal', 'never'],
  'trade-disabled': ['10017', 'Trade is disabled', 'never'],
  'long-only': ['10042', 'Only long positions are allowed', 'never'],
  'short-only': ['10043', 'Only short positions are allowed', 'never'],
  'close-only': ['10044', 'Only position closing is allowed', 'never'],
  'price-invalid': ['10015', 'Invalid price in the request', 'never'],
  'price-step': ['10015', 'Invalid price in the request', 'never'],
  'price-too-high': ['10016', 'Invalid stops in the request', 'never'],
  'price-too-low': ['10016', 'Invalid stops in the request', 'never'],
  'qty-step': ['10014', 'Invalid volume in the request', 'never'],
  'qty-below-minimum': ['10014', 'Invalid volume in the request', 'never'],
  'qty-above-maximum': ['10014', 'Invalid volume in the request', 'never'],
  'notional-below-minimum': ['10014', 'Invalid volume in the request', 'never'],
  'nothing-to-reduce': ['10036', 'Position with the specified POSITION_IDENTIFIER has already been closed', 'never'],
  'reduces-too-much': ['10038', 'A close volume exceeds the current position volume', 'never'],
  funds: ['10019', 'There is not enough money to complete the request', 'never'],
  expired: [null, 'the command expired before it was sent', 'fresh-price'],
  requote: ['10004', 'Requote', 'fresh-price'],
  busy: ['10024', 'Too frequent requests', 'later'],
  declined: ['10006', 'Request rejected', 'never'],
};

const WORDS: { readonly [P in VenueProtocol]: Readonly<Partial<Record<Violation, Words>>> } = {
  'binance-spot': BINANCE_SPOT,
  'binance-usdm': BINANCE_USDM,
  okx: OKX,
  metatrader: METATRADER,
};

/** @param figures what was measured against what, for people; the venue's words come first and stay whole. */
export const refusalOf = (protocol: VenueProtocol, violation: Violation, figures: string): Refusal => {
  const words = WORDS[protocol][violation];
  if (words === undefined) throw new Error(`${protocol} has no words for "${violation}"`);
  const [venueCode, text, retry] = words;
  return { venueCode, text: figures === '' ? text : `${text} (${figures})`, retry, by: 'venue' };
};

/** Our own side, before anything was written. */
export const gatewayRefusal = (text: string, retry: Retry): Refusal => ({ venueCode: null, text, retry, by: 'gateway' });

/** MetaTrader names the missing price itself; an exchange without a price of ours is our own blindness, not its. */
export const noPrice = (protocol: VenueProtocol, figures: string): Refusal =>
  protocol === 'metatrader'
    ? { venueCode: '10021', text: `There are no quotes to execute the request (${figures})`, retry: 'fresh-price', by: 'venue' }
    : gatewayRefusal(`the paper venue has no price to execute at: ${figures}`, 'fresh-price');

/** How a venue calls the second use of a client id. The earlier order may live, hence no refusal. */
export const DUPLICATE: Record<VenueProtocol, string> = {
  'binance-spot': '-2010 Duplicate order sent.',
  'binance-usdm': '-4116 ClientOrderId is duplicated.',
  okx: '51016 Client order ID already exists.',
  metatrader: 'a command with this id is already known to the EA',
};

/** How a venue answers a cancel of what it does not work any more. */
export const NOTHING_TO_CANCEL: Record<VenueProtocol, readonly [code: string | null, text: string]> = {
  'binance-spot': ['-2011', 'Unknown order sent.'],
  'binance-usdm': ['-2011', 'Unknown order sent.'],
  okx: ['51400', 'Cancellation failed as the order has been filled, canceled or does not exist.'],
  metatrader: [null, 'too late: the command was sent, or is not known'],
};
