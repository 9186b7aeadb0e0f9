/**
 * What a client may say on a Binance stream socket, and the venue's own refusals. Owns reading and judging requests;
 * holds no subscriptions. Error texts follow the venue's published list; codes are what clients act on.
 */

/** `null` and text ids are allowed on spot only; futures also take the 32 hexadecimal digits that the official client sends. */
export type RequestId = number | string | null;

export type StreamRequest =
  | { readonly method: 'SUBSCRIBE' | 'UNSUBSCRIBE'; readonly streams: readonly string[]; readonly id: RequestId }
  | { readonly method: 'LIST_SUBSCRIPTIONS'; readonly id: RequestId }
  | { readonly method: 'GET_PROPERTY'; readonly id: RequestId }
  | { readonly method: 'SET_PROPERTY'; readonly combined: boolean; readonly id: RequestId };

export interface RequestRefusal {
  readonly code: 0 | 1 | 2 | 3;
  readonly msg: string;
  readonly id: RequestId;
}

const METHODS = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY'] as const;
const FIELDS = ['method', 'params', 'id'];

const isId = (id: unknown, product: 'spot' | 'usdm'): id is RequestId =>
  (Number.isSafeInteger(id) && ((id as number) >= 0 || product === 'spot')) ||
  (product === 'spot' && (id === null || (typeof id === 'string' && /^[A-Za-z0-9_-]{1,36}$/.test(id)))) ||
  (typeof id === 'string' && /^[0-9a-f]{32}$/.test(id));

export const readStreamRequest = (text: string, product: 'spot' | 'usdm'): StreamRequest | RequestRefusal => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { code: 3, msg: 'Invalid JSON: expected value at line 1 column 1', id: null };
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return { code: 3, msg: 'Invalid JSON: expected value at line 1 column 1', id: null };
  const { method, params, id } = parsed as Record<string, unknown>;
  const refuse = (msg: string, code: 0 | 1 | 2 = 2): RequestRefusal => ({ code, msg, id: isId(id, product) ? id : null });
  if (!isId(id, product)) return refuse('Invalid request: request ID must be an unsigned integer');
  for (const key of Object.keys(parsed)) if (!FIELDS.includes(key)) return refuse(`Invalid request: unknown field \`${key}\``);
  if (method === undefined) return refuse('Invalid request: missing field `method` at line 1 column 73');
  if (typeof method !== 'string') return refuse('Invalid request: method must be a string');
  if (!METHODS.includes(method as (typeof METHODS)[number]))
    return refuse(`Invalid request: unknown variant ${method}, expected one of ${METHODS.join(', ')} at line 1 column 28`);
  return readParams(method as (typeof METHODS)[number], params, id, refuse);
};

const readParams = (
  method: (typeof METHODS)[number],
  params: unknown,
  id: RequestId,
  refuse: (msg: string, code?: 0 | 1 | 2) => RequestRefusal,
): StreamRequest | RequestRefusal => {
  if (method === 'LIST_SUBSCRIPTIONS') return { method, id };
  if (!Array.isArray(params)) return refuse('Invalid request: missing field `params` at line 1 column 73');
  if (method === 'SUBSCRIBE' || method === 'UNSUBSCRIBE') {
    if (!params.every((p): p is string => typeof p === 'string')) return refuse('Invalid request: stream name must be a string');
    return { method, streams: params, id };
  }
  if (params.length > 2) return refuse('Invalid request: too many parameters');
  const [name, value] = params as unknown[];
  if (typeof name !== 'string') return refuse('Invalid request: property name must be a string');
  if (name !== 'combined') return refuse('Unknown property', 0);
  if (method === 'GET_PROPERTY') return { method, id };
  if (typeof value !== 'boolean') return refuse('Invalid value type: expected Boolean', 1);
  return { method, combined: value, id };
};

export const isRefusal = (request: StreamRequest | RequestRefusal): request is RequestRefusal => 'code' in request;
