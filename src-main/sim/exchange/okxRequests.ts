/**
 * What a client may say on an OKX socket, and the venue's own refusals. Owns reading requests and the table of channels
 * by path; holds no subscriptions.
 */

import { ORDER_OPS, type OrderOp } from './okxOrderDesk.ts';

export type OkxPath = 'public' | 'private' | 'business';

export interface OkxArg {
  readonly channel: string;
  readonly instId?: string;
  readonly instType?: string;
  readonly instFamily?: string;
  readonly ccy?: string;
  /** JSON of its own, as text. */
  readonly extraParams?: string;
}

export type OkxRequest =
  | { readonly op: 'subscribe' | 'unsubscribe'; readonly args: readonly OkxArg[]; readonly id: string | null }
  | { readonly op: 'login'; readonly args: unknown; readonly id: string | null }
  | { readonly op: OrderOp; readonly args: unknown; readonly expTime: string; readonly id: string };

export interface OkxRefusal {
  readonly code: string;
  readonly msg: string;
  readonly id: string | null;
}

const ID_RULE = /^[A-Za-z0-9]{1,32}$/;
/** Channels of `/public` that this simulation serves. */
export const SERVED_CHANNELS = ['bbo-tbt', 'tickers', 'funding-rate', 'instruments'] as const;
export type ServedChannel = (typeof SERVED_CHANNELS)[number];
const LOGIN_CHANNELS = ['account', 'positions', 'balance_and_position', 'orders', 'fills'];
/** These say of which type of instrument they are to speak. */
const TYPED_CHANNELS = ['positions', 'orders'];
const INST_TYPES = ['ANY', 'SPOT', 'MARGIN', 'SWAP', 'FUTURES', 'OPTION'];
const VIP_CHANNELS = ['books-l2-tbt', 'books50-l2-tbt'];
export const isPrivateChannel = (channel: string): boolean => LOGIN_CHANNELS.includes(channel);
const VIP_ONLY = { code: '64003', msg: 'Your trading fee tier does not meet the requirement to access this channel' };
const isOrderOp = (op: unknown): op is OrderOp => typeof op === 'string' && Object.hasOwn(ORDER_OPS, op);

export const readOkxRequest = (text: string, path: OkxPath): OkxRequest | OkxRefusal => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { code: '60012', msg: `Invalid request: ${text.slice(0, 200)}`, id: null };
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return { code: '60012', msg: `Invalid request: ${text.slice(0, 200)}`, id: null };
  const { op, args, id, expTime } = parsed as Record<string, unknown>;
  if (id !== undefined && (typeof id !== 'string' || !ID_RULE.test(id))) return { code: '60013', msg: 'Invalid args', id: null };
  const echo = id ?? null;
  if (op === 'login') return { op, args, id: echo };
  if (path === 'private' && isOrderOp(op)) {
    if (echo === null) return { code: '60013', msg: 'Invalid args', id: null };
    const until = typeof expTime === 'number' ? String(expTime) : typeof expTime === 'string' ? expTime : '';
    return { op, args, id: echo, expTime: until };
  }
  if (op !== 'subscribe' && op !== 'unsubscribe') return { code: '60012', msg: `Invalid request: ${text.slice(0, 200)}`, id: echo };
  if (!Array.isArray(args) || args.length === 0 || !args.every(isArg)) return { code: '60013', msg: 'Invalid args', id: echo };
  return { op, args, id: echo };
};

const isArg = (arg: unknown): arg is OkxArg => {
  if (typeof arg !== 'object' || arg === null) return false;
  const { channel, instId, instType, instFamily, ccy, extraParams } = arg as Record<string, unknown>;
  const textOrAbsent = (x: unknown) => x === undefined || typeof x === 'string';
  return typeof channel === 'string' && [instId, instType, instFamily, ccy, extraParams].every(textOrAbsent);
};

export const isOkxRefusal = (request: OkxRequest | OkxRefusal): request is OkxRefusal => 'code' in request;

const noSuch = (arg: OkxArg): Omit<OkxRefusal, 'id'> => ({
  code: '60018',
  msg: `Wrong URL or channel:${arg.channel}${arg.instId === undefined ? '' : `,instId:${arg.instId}`} doesn't exist. Please use the correct URL, channel and parameters referring to API document.`,
});

/** Why the venue would not serve this argument on this path; null = it does. */
export const refusalOf = (
  arg: OkxArg,
  path: OkxPath,
  lists: (arg: OkxArg) => boolean,
  loggedIn: boolean,
): Omit<OkxRefusal, 'id'> | null => {
  if (isPrivateChannel(arg.channel)) return path === 'private' ? privateRefusalOf(arg, loggedIn) : noSuch(arg);
  if (path === 'public' && VIP_CHANNELS.includes(arg.channel)) return VIP_ONLY;
  if (path !== 'public' || !SERVED_CHANNELS.includes(arg.channel as ServedChannel)) return noSuch(arg);
  return lists(arg) ? null : noSuch(arg);
};

const privateRefusalOf = (arg: OkxArg, loggedIn: boolean): Omit<OkxRefusal, 'id'> | null => {
  if (!loggedIn) return { code: '60011', msg: 'Please log in' };
  if (arg.channel === 'fills') return VIP_ONLY;
  return TYPED_CHANNELS.includes(arg.channel) && !INST_TYPES.includes(arg.instType ?? '') ? noSuch(arg) : null;
};
