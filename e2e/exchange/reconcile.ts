/**
 * What we concluded of many orders against the exchange's own book: none twice, none lost, none invented, every fill known once and
 * with every figure. Pure; each departure is one sentence.
 */
import { Decimal } from 'decimal.js';
import type { FillReport } from '../../src-shared/domain/order.ts';
import type { BookFill, BookOrder } from '../../src-main/sim/exchange/account/account.ts';
import type { Followed } from './settle.ts';

export interface BookSide {
  readonly orders: readonly BookOrder[];
  readonly fills: readonly BookFill[];
}
export interface OurSide {
  readonly followed: readonly Followed[];
  /** Of pushes and lists together, each once. */
  readonly fills: readonly FillReport[];
  /** What rests, by our last reading. */
  readonly openOrders: number;
  /** Position by our last reading; null = this venue has none. */
  readonly heldQty: string | null;
}

const sameAmount = (p: string, q: string): boolean => new Decimal(p).eq(q);

const ofOrders = (book: BookSide, { followed }: OurSide): readonly string[] => {
  const wrong: string[] = [];
  const booked = new Map<string, { readonly end: string; readonly filledQty: string }>();
  for (const { clientId, stage, filledQty } of book.orders) {
    if (booked.has(clientId)) wrong.push(`${clientId} is in the book twice`);
    booked.set(clientId, { end: stage === 'filled' ? 'filled' : stage === 'rejected' ? 'rejected' : 'canceled', filledQty });
  }
  const known = new Set(followed.map(({ request }) => request.clientOrderId as string));
  for (const id of booked.keys()) if (!known.has(id)) wrong.push(`${id} is in the book, and nobody sent it`);
  for (const { request, conclusion } of followed) {
    const id = request.clientOrderId;
    const found = booked.get(id);
    if (conclusion === null) wrong.push(`${id} has no end`);
    else if (conclusion.end === 'absent' || conclusion.end === 'refused') {
      if (found !== undefined)
        wrong.push(`${id} was taken for ${conclusion.end}, and the book has it ${found.end} with ${found.filledQty}`);
    } else if (found === undefined) wrong.push(`${id} was taken for ${conclusion.end}, and the book does not have it`);
    else if (found.end !== conclusion.end || !sameAmount(found.filledQty, conclusion.filledQty))
      wrong.push(`${id}: ${conclusion.end} with ${conclusion.filledQty}, the book has ${found.end} with ${found.filledQty}`);
  }
  return wrong;
};

const ofFills = (book: BookSide, ours: OurSide): readonly string[] => {
  const wrong: string[] = [];
  const told = new Map(ours.fills.map((fill) => [fill.tradeId, fill]));
  if (told.size !== ours.fills.length) wrong.push(`${ours.fills.length - told.size} fills are known twice`);
  for (const fill of book.fills) {
    const own = told.get(fill.tradeId);
    told.delete(fill.tradeId);
    if (own === undefined) wrong.push(`fill ${fill.tradeId} of ${fill.clientId} is not known to us`);
    else if (
      own.clientOrderId !== fill.clientId ||
      own.side !== fill.side ||
      own.feeCcy !== fill.feeAsset ||
      !sameAmount(own.qty, fill.qty) ||
      !sameAmount(own.px, fill.price) ||
      !sameAmount(own.fee, fill.fee)
    )
      wrong.push(`fill ${fill.tradeId}: ${JSON.stringify(own)} against ${JSON.stringify(fill)}`);
  }
  for (const tradeId of told.keys()) wrong.push(`fill ${tradeId} is in no book`);
  return wrong;
};

export const stormDepartures = (book: BookSide, ours: OurSide): readonly string[] => {
  const wrong = [...ofOrders(book, ours), ...ofFills(book, ours)];
  if (ours.openOrders !== 0) wrong.push(`${ours.openOrders} orders rest after the storm`);
  if (ours.heldQty === null) return wrong;
  const net = book.fills.reduce((sum, { side, qty }) => (side === 'buy' ? sum.plus(qty) : sum.minus(qty)), new Decimal(0));
  return net.eq(ours.heldQty) ? wrong : [...wrong, `fills add up to ${net.toFixed()}, the position is told as ${ours.heldQty}`];
};
