/** The broker's own memory, in the words of the oracle: requests as they came, deals, positions. Reads the trade server and nothing else. */
import type { TradeServer } from '../../src-main/sim/metatrader/broker/tradeServer.ts';
import type { DealEntry, ReceivedRequest } from '../../src-main/sim/metatrader/broker/records.ts';
import type { BrokerDeal, BrokerEvidence, BrokerRequest } from './oracle.ts';

const ACTIONS = new Map([
  [1, 'deal'],
  [5, 'pending'],
  [8, 'remove'],
] as const);
const ENTRIES = ['in', 'out', 'inout', 'out_by'] as const;
const FILLINGS = ['fok', 'ioc', 'return', 'boc'] as const;
/** Orders of programs; people and the server itself are others. */
const BY_EXPERT = 3;

const sideOf = (type: number): 'buy' | 'sell' => (type % 2 === 0 ? 'buy' : 'sell');

const requestOf = ({ utcMs, request, order }: ReceivedRequest, accepted: ReadonlySet<number>): BrokerRequest => ({
  unixMs: utcMs,
  magic: request.magic,
  action: ACTIONS.get(request.action as 1) ?? 'pending',
  symbol: request.symbol,
  side: sideOf(request.type),
  lots: request.volume,
  position: String(request.position),
  deviation: request.deviation,
  filling: FILLINGS[request.filling] ?? String(request.filling),
  comment: request.comment,
  accepted: order !== 0 && accepted.has(order),
});

const dealOf = (deal: DealEntry): BrokerDeal => ({
  deal: String(deal.ticket),
  order: String(deal.order),
  positionId: String(deal.positionId),
  magic: deal.magic,
  symbol: deal.symbol,
  side: sideOf(deal.type),
  entry: ENTRIES[deal.entry] ?? String(deal.entry),
  lots: deal.volume,
  price: deal.price,
  commission: deal.commission,
  swap: deal.swap,
  fee: deal.fee,
  profit: deal.profit,
  unixMs: deal.utcMs,
});

/** Of one account. Money entries (deposits, charges) are no executions and left out. */
export const brokerEvidence = (server: TradeServer, login: number): BrokerEvidence => {
  const book = server.accountBook(login);
  const accepted = new Set(server.audit().map(({ order }) => order));
  return {
    requests: server
      .received()
      .filter((each) => each.login === login && each.reason === BY_EXPERT)
      .map((each) => requestOf(each, accepted)),
    deals: [...book.deals.values()].filter(({ type }) => type === 0 || type === 1).map(dealOf),
    positions: [...book.positions.values()].map(({ identifier, symbol, type, volume, magic }) => ({
      id: String(identifier),
      symbol,
      side: sideOf(type),
      lots: volume,
      magic,
    })),
  };
};
