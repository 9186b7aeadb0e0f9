/**
 * What a client may say on an OKX socket, and the venue's own refusals. Owns reading requests and the table of channels
 * by path; holds no subscriptions.
 */

export type OkxPath = 'public' | 'private' | 'business';

export interface OkxArg {
  readonly channel: string;
  readonly instId?: string;
  readonly instType?: string;
}

export type OkxRequest =
  | { readonly op: 'subscribe' | 'unsubscribe'; readonly args: readonly OkxArg[]; readonly id: string | null }
  | { readonly op: 'login'; readonly id: string | null };

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
const VIP_CHANNELS = ['books-l2-tbt', 'books50-l2-tbt'];

export const readOkxRequest = (text: string): OkxRequest | OkxRefusal => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { code: '60012', msg: `Invalid request: ${text.slice(0, 200)}`, id: null };
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return { code: '60012', msg: `Invalid request: ${text.slice(0, 200)}`, id: null };
  const { op, args, id } = parsed as Record<string, unknown>;
  if (id !== undefined && (typeof id !== 'string' || !ID_RULE.test(id))) return { code: '60013', msg: 'Invalid args', id: null };
  const echo = id ?? null;
  if (op === 'login') return { op, id: echo };
  if (op !== 'subscribe' && op !== 'unsubscribe') return { code: '60012', msg: `Invalid request: ${text.slice(0, 200)}`, id: echo };
  if (!Array.isArray(args) || args.length === 0 || !args.every(isArg)) return { code: '60013', msg: 'Invalid args', id: echo };
  return { op, args, id: echo };
};

const isArg = (arg: unknown): arg is OkxArg => {
  if (typeof arg !== 'object' || arg === null) return false;
  const { channel, instId, instType } = arg as Record<string, unknown>;
  const textOrAbsent = (x: unknown) => x === undefined || typeof x === 'string';
  return typeof channel === 'string' && textOrAbsent(instId) && textOrAbsent(instType);
};

export const isOkxRefusal = (request: OkxRequest | OkxRefusal): request is OkxRefusal => 'code' in request;

const noSuch = (arg: OkxArg): Omit<OkxRefusal, 'id'> => ({
  code: '60018',
  msg: `Wrong URL or channel:${arg.channel}${arg.instId === undefined ? '' : `,instId:${arg.instId}`} doesn't exist. Please use the correct URL, channel and parameters referring to API document.`,
});

/** Why the venue would not serve this argument on this path; null = it does. */
export const refusalOf = (arg: OkxArg, path: OkxPath, lists: (arg: OkxArg) => boolean): Omit<OkxRefusal, 'id'> | null => {
  if (LOGIN_CHANNELS.includes(arg.channel)) return path === 'private' ? { code: '60011', msg: 'Please log in' } : noSuch(arg);
  if (path === 'public' && VIP_CHANNELS.includes(arg.channel))
    return { code: '64003', msg: 'Your trading fee tier does not meet the requirement to access this channel' };
  if (path !== 'public' || !SERVED_CHANNELS.includes(arg.channel as ServedChannel)) return noSuch(arg);
  return lists(arg) ? null : noSuch(arg);
};
