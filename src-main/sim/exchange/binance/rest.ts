/** The keyed REST side of a simulated Binance: routes, weights, who asks, and the answer's headers. */
import type { Answer, HttpReply, RequestParts } from '../venueServer.ts';
import { NOT_FOUND, refusedReply } from '../binanceMetadata.ts';
import type { Operation } from './catalogue.ts';
import type { Desk } from './desk.ts';
import { isSignatureLast, restPayload, type Asker, type Gate } from './gate.ts';
import type { Limits } from './limits.ts';
import { Params, Refusal, ownFault } from './wire.ts';

export interface RestSide {
  readonly catalogue: readonly Operation[];
  readonly gate: Gate;
  readonly limits: Limits;
  readonly desk: Desk;
}

/** Asks of nobody's account: operations that are open to all. */
const NOBODY = null as unknown as Asker;

const paramsOf = (url: URL, body: string): Params => {
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(body)) values.set(name, value);
  for (const [name, value] of url.searchParams) values.set(name, value);
  return new Params(values);
};

const askerOf = (side: RestSide, operation: Operation, url: URL, parts: RequestParts, params: Params) => {
  const { gate } = side;
  const apiKey = parts.headers['x-mbx-apikey'];
  const asker = gate.keyOf(typeof apiKey === 'string' ? apiKey : null, parts.address);
  if (operation.security === 'key') return { asker, endsMs: Infinity };
  params.must('signature');
  const { endsMs } = gate.mustBeFresh(params);
  const query = url.search.slice(1);
  if (!isSignatureLast(query, parts.body)) throw new Refusal(-1022, 'Signature for this request is not valid.');
  gate.mustBeSigned(asker, restPayload(query, parts.body), params);
  if (operation.trades) gate.mustTrade(asker, parts.address);
  return { asker, endsMs };
};

export const createRest = (side: RestSide): ((method: string, url: URL, parts: RequestParts) => Answer | Promise<Answer>) => {
  const routes = new Map(side.catalogue.flatMap((o) => o.rest.map((route) => [route, o] as const)));
  return async (method, url, parts) => {
    const operation = routes.get(`${method} ${url.pathname}`);
    if (operation === undefined) return NOT_FOUND;
    let account: string | null = null;
    try {
      const params = paramsOf(url, parts.body);
      side.limits.takeWeight(operation.weight(params));
      const { asker, endsMs } =
        operation.security === 'none' ? { asker: NOBODY, endsMs: Infinity } : askerOf(side, operation, url, parts, params);
      account = operation.counts ? asker.account : null;
      const served = await side.desk.serve({ operation, asker, params, endsMs });
      if ('lost' in served) return 'drop';
      return { status: 200, body: JSON.stringify(served.body), headers: side.limits.headers(account) } satisfies HttpReply;
    } catch (error) {
      return refusedReply(error instanceof Refusal ? error : ownFault(error), side.limits.headers(account));
    }
  };
};
