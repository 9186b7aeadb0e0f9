/**
 * OKX v5's private side on the wire: paths, documented limits, schemas, the venue's words for why an order ended. Sizes are contracts
 * for derivatives and base units for spot; fees are negative when charged. Keys that we do not know are ignored.
 * Source: OKX API v5 documentation of July 2026 (trading account, order book trading, error codes).
 */
import { z } from 'zod';
import { isDecimalOrNone, isMaybeText, isMembers, isMillisOrNone, isSignedOrNone, isText } from '../shared/wireGuards.ts';
import { decimalText, millisText } from './wire.ts';
import type { push } from './wire.ts';

export const CONFIG_PATH = '/api/v5/account/config';
export const LEVERAGE_PATH = '/api/v5/account/leverage-info';
export const TRADE_FEE_PATH = '/api/v5/account/trade-fee';
export const POSITIONS_PATH = '/api/v5/account/positions';
export const BALANCE_PATH = '/api/v5/account/balance';
export const ORDER_PATH = '/api/v5/trade/order';
export const CANCEL_PATH = '/api/v5/trade/cancel-order';
export const DEAD_MAN_PATH = '/api/v5/trade/cancel-all-after';
export const PENDING_PATH = '/api/v5/trade/orders-pending';
export const FILLS_PATH = '/api/v5/trade/fills';
export const FILLS_HISTORY_PATH = '/api/v5/trade/fills-history';
export const RATE_LIMIT_PATH = '/api/v5/trade/account-rate-limit';
export const PRICE_LIMIT_PATH = '/api/v5/public/price-limit';
export const FUNDING_RATE_PATH = '/api/v5/public/funding-rate';

export const LOGIN_TARGET = '/users/self/verify';
export const DEMO_HEADER: Readonly<Record<string, string>> = { 'x-simulated-trading': '1' };

export const MAX_PAGE = 100;
/** `fills` reaches back three days, `fills-history` three months. */
export const FILLS_KEPT_MS = 3 * 24 * 3_600_000;
export const HISTORY_KEPT_MS = 90 * 24 * 3_600_000;
/** What OKX takes as a client id. */
export const CLORDID = /^[A-Za-z0-9]{1,32}$/;
/** What `cancel-all-after` takes, in seconds; 0 = off. */
export const DEAD_MAN_S = { least: 10, most: 120 } as const;
/** On every order of ours, so that the dead-man timer cancels no order that a person placed by hand. At most 16 letters and digits. */
export const ORDER_TAG = 'quantarb';
/** Sockets that may read one private channel of a sub-account. */
export const MAX_CHANNEL_CONNECTIONS = 30;
/** An order's parts may differ between spot and swap; both come in one stream. */
export const PRIVATE_CHANNELS = ['orders', 'positions', 'account'] as const;
export type PrivateChannel = (typeof PRIVATE_CHANNELS)[number];

export const signedText = z.string().regex(/^-?\d{1,24}(?:\.\d{1,24})?$/, 'a plain decimal with or without a sign');
const maybeSigned = z.union([signedText, z.literal('')]);
const maybeAmount = z.union([decimalText, z.literal('')]);
const maybeMillis = z.union([millisText, z.literal('')]);
const side = z.enum(['buy', 'sell']);
const ORDER_STATES = ['live', 'partially_filled', 'filled', 'canceled', 'mmp_canceled'] as const;

/**
 * Of the `orders` channel: the order as it stands, and the one execution that this push is about. Read for every fill, hence the sixty
 * keys that nobody needs are not copied.
 */
export const orderPush = z.object({
  instId: z.string(),
  ordId: z.string().min(1),
  clOrdId: z.string().default(''),
  side,
  state: z.enum(ORDER_STATES),
  /** OKX makes an order smaller where it would do more than reduce (`amendSource` 2 to 4), and shows that here. */
  sz: maybeAmount.default(''),
  accFillSz: maybeAmount,
  fillSz: maybeAmount.default(''),
  fillPx: maybeAmount.default(''),
  tradeId: z.string().default(''),
  fillTime: maybeMillis.default(''),
  fillFee: maybeSigned.default(''),
  fillFeeCcy: z.string().default(''),
  uTime: maybeMillis.default(''),
  category: z.string().default('normal'),
  cancelSource: z.string().default(''),
  code: z.string().default(''),
  msg: z.string().default(''),
});
export type OrderPush = z.output<typeof orderPush>;

/** A push at a glance; where not, the schema judges. */
export const isPush = (value: unknown): value is z.output<typeof push> => {
  if (!isMembers(value) || !Array.isArray(value['data'])) return false;
  const { arg } = value;
  return isMembers(arg) && isText(arg['channel']) && isMaybeText(arg['instId']);
};
/** With every member that is read, as OKX sends it; where not, the schema judges, and fills in. */
export const isOrderPush = (value: unknown): value is OrderPush =>
  isMembers(value) &&
  isText(value['instId']) &&
  isText(value['ordId']) &&
  value['ordId'] !== '' &&
  isText(value['clOrdId']) &&
  (value['side'] === 'buy' || value['side'] === 'sell') &&
  (ORDER_STATES as readonly unknown[]).includes(value['state']) &&
  isDecimalOrNone(value['sz']) &&
  isDecimalOrNone(value['accFillSz']) &&
  isDecimalOrNone(value['fillSz']) &&
  isDecimalOrNone(value['fillPx']) &&
  isText(value['tradeId']) &&
  isMillisOrNone(value['fillTime']) &&
  isSignedOrNone(value['fillFee']) &&
  isText(value['fillFeeCcy']) &&
  isMillisOrNone(value['uTime']) &&
  isText(value['category']) &&
  isText(value['cancelSource']) &&
  isText(value['code']) &&
  isText(value['msg']);

/** Of `order` and `orders-pending`: here `fillSz` and `tradeId` are those of the last execution, hence never booked. */
export const orderEntry = z.looseObject({
  instId: z.string(),
  ordId: z.string().min(1),
  clOrdId: z.string().default(''),
  side,
  state: z.enum(ORDER_STATES),
  sz: decimalText,
  accFillSz: maybeAmount,
  uTime: maybeMillis.default(''),
  category: z.string().default('normal'),
  cancelSource: z.string().default(''),
  cancelSourceReason: z.string().default(''),
});
export type OrderEntry = z.output<typeof orderEntry>;

export const fillEntry = z.looseObject({
  instId: z.string(),
  ordId: z.string().default(''),
  clOrdId: z.string().default(''),
  tradeId: z.string().min(1),
  billId: z.string().min(1),
  subType: z.string().default(''),
  side,
  fillSz: decimalText,
  fillPx: decimalText,
  /** Empty at most of what the exchange executed of its own accord. */
  fee: maybeSigned,
  feeCcy: z.string(),
  fillTime: maybeMillis.default(''),
  ts: maybeMillis.default(''),
});
export type FillEntry = z.output<typeof fillEntry>;

export const positionEntry = z.looseObject({
  instId: z.string(),
  pos: maybeSigned,
  posSide: z.enum(['net', 'long', 'short']),
  avgPx: maybeAmount.default(''),
  mgnMode: z.string().default(''),
  lever: z.string().default(''),
});
export type PositionEntry = z.output<typeof positionEntry>;

const balanceDetail = z.looseObject({
  ccy: z.string(),
  cashBal: maybeSigned,
  eq: maybeSigned.default(''),
  availBal: maybeSigned.default(''),
  availEq: maybeSigned.default(''),
  imr: maybeSigned.default(''),
});
export type BalanceDetail = z.output<typeof balanceDetail>;
/** One an account; `adjEq` and `imr` are filled only where every currency is margin. */
export const balanceEntry = z.looseObject({
  totalEq: maybeSigned,
  adjEq: maybeSigned.default(''),
  imr: maybeSigned.default(''),
  details: z.array(balanceDetail),
});
export type BalanceEntry = z.output<typeof balanceEntry>;

export const configEntry = z.looseObject({
  uid: z.string().default(''),
  /** 1 spot, 2 futures, 3 multi-currency margin, 4 portfolio margin. */
  acctLv: z.string(),
  posMode: z.string(),
  acctStpMode: z.string().default(''),
  kycLv: z.string().default(''),
  /** Of the key that asks: bound addresses, empty = none. */
  ip: z.string(),
  /** Of the key that asks: `read_only,trade,withdraw`. */
  perm: z.string(),
});
export type ConfigEntry = z.output<typeof configEntry>;

export const leverageEntry = z.looseObject({ instId: z.string(), mgnMode: z.string(), posSide: z.string(), lever: decimalText });
/** Negative = charged. */
const feeGroup = z.looseObject({ groupId: z.string(), taker: signedText });
export const feeEntry = z.looseObject({
  level: z.string().default(''),
  taker: maybeSigned.default(''),
  feeGroup: z.array(feeGroup).default([]),
});
export const feeGroupOf = z.looseObject({ groupId: z.string().default(''), instCategory: z.string().default(''), instId: z.string() });
export const rateLimitEntry = z.looseObject({ accRateLimit: z.string().regex(/^\d{1,9}$/) });
export const priceLimitEntry = z.looseObject({
  instId: z.string(),
  buyLmt: maybeAmount,
  sellLmt: maybeAmount,
  enabled: z.boolean().default(true),
});
export const fundingEntry = z.looseObject({ instId: z.string(), fundingTime: millisText, nextFundingTime: maybeMillis });
/** The documentation's own sample is in seconds, other times are in milliseconds: told apart by size. */
export const deadManEntry = z.looseObject({ triggerTime: z.string().regex(/^\d{1,16}$/) });

/** Of a placement or a cancel, REST and socket alike; `event` in place of `op` when the frame itself was refused. */
export const actEntry = z.looseObject({
  ordId: z.string().default(''),
  clOrdId: z.string().default(''),
  ts: maybeMillis.default(''),
  sCode: z.string(),
  sMsg: z.string().default(''),
});
type ActEntry = z.output<typeof actEntry>;
export const actReply = z.looseObject({ code: z.string(), msg: z.string().default(''), data: z.array(z.unknown()).default([]) });
type ActReply = z.output<typeof actReply>;

const isActEntry = (value: unknown): value is ActEntry =>
  isMembers(value) &&
  isText(value['ordId']) &&
  isText(value['clOrdId']) &&
  isMillisOrNone(value['ts']) &&
  isText(value['sCode']) &&
  isText(value['sMsg']);
const isActReply = (value: unknown): value is ActReply =>
  isMembers(value) && isText(value['code']) && isText(value['msg']) && Array.isArray(value['data']);
/** null = it is none. */
export const readActEntry = (value: unknown): ActEntry | null => (isActEntry(value) ? value : (actEntry.safeParse(value).data ?? null));
export const readActReply = (value: unknown): ActReply | null => (isActReply(value) ? value : (actReply.safeParse(value).data ?? null));

/** Everything the private socket says that is no push: replies carry `op`, the rest `event`. */
export const socketFrame = z.looseObject({
  id: z.string().optional(),
  op: z.string().optional(),
  event: z.string().optional(),
  code: z.string().default(''),
  msg: z.string().default(''),
  channel: z.string().optional(),
  connCount: z.string().default(''),
  arg: z.looseObject({ channel: z.string() }).optional(),
  data: z.array(z.unknown()).optional(),
});
export type SocketFrame = z.output<typeof socketFrame>;

/** Why an order was canceled, as `cancelSource` numbers it. */
export const CANCEL_SOURCES: Readonly<Record<string, string>> = {
  '0': 'canceled by the system',
  '1': 'canceled by its owner',
  '2': 'canceled before a liquidation, margin is short',
  '3': 'canceled by risk control, margin is short',
  '4': 'canceled, the platform’s borrowing limit is reached',
  '6': 'canceled by auto-deleveraging',
  '7': 'canceled, the contract has expired',
  '9': 'canceled, the balance fell short after funding',
  '10': 'canceled, the option has expired',
  '13': 'fill-or-kill that could not be filled whole',
  '14': 'the rest of an immediate-or-cancel order',
  '15': 'canceled, its price lies beyond the price limit',
  '17': 'canceled, the position was closed at market',
  '20': 'canceled by the cancel-all-after timer',
  '21': 'canceled, its position was closed',
  '22': 'canceled, a better reduce-only order exists',
  '23': 'canceled for a better reduce-only order',
  '27': 'canceled by the slippage protection of 5 %',
  '31': 'post-only that would have taken',
  '32': 'canceled by self-trade prevention',
  '33': 'canceled, it met too many resting orders',
  '36': 'canceled, the linked stop was triggered',
  '37': 'canceled, the linked stop was canceled',
  '38': 'canceled by its owner (market-maker protection)',
  '39': 'canceled by market-maker protection',
  '42': 'canceled, it chased the price as far as it may',
  '43': 'canceled, its price is on the wrong side of the index',
  '44': 'canceled for an automatic conversion',
  '45': 'canceled, the price of a provided-liquidity order failed its check',
  '46': 'canceled to lower the delta',
};
export const cancelWords = (source: string, reason = ''): string =>
  source === '' ? reason : (CANCEL_SOURCES[source] ?? (reason === '' ? `cancelSource ${source}` : `cancelSource ${source}: ${reason}`));

/** A reply to a call of ours as it ordinarily is; where not, the schema judges. */
export const isCallReply = (value: unknown): value is { readonly id: string; readonly op: string } =>
  isActReply(value) && isText(value['id']) && isText(value['op']) && !NEVER_IN_A_REPLY.some((name) => name in value);
const NEVER_IN_A_REPLY = ['event', 'channel', 'connCount', 'arg'] as const;
