/**
 * What the terminal's lists prove about a command: found by its magic number in orders, deals and positions. Pure. Volumes
 * are sums of deals; a position closed by its stop carries the same magic, hence the entry decides what counts.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { AccountBook } from '../broker/book.ts';
import { DEAL_ENTRY, DEAL_TYPE } from '../broker/numbers.ts';
import type { Entry } from './journal.ts';

export interface Evidence {
  /** Ticket of its order; 0 = none was seen. */
  readonly order: number;
  /** What its order asked for; 0 = none was seen. */
  readonly lots: string;
  /** Its order still waits at the broker. */
  readonly active: boolean;
  readonly deals: readonly number[];
  readonly positions: readonly number[];
  readonly cumLots: string;
  readonly avgPrice: string;
}

const PRICE_DIGITS = 8;

/** @param kind of the command; empty when only its number is known */
export const evidenceOf = (book: AccountBook, num: number, kind: string): Evidence => {
  const active = [...book.orders.values()].find((o) => o.magic === num);
  const counts = (entry: number) =>
    kind === 'close' ? entry !== DEAL_ENTRY.in : kind === 'open' ? entry === DEAL_ENTRY.in || entry === DEAL_ENTRY.inout : true;
  const deals = [...book.deals.values()].filter((d) => d.magic === num && d.type <= DEAL_TYPE.sell && counts(d.entry));
  const mine = new Set(deals.map((d) => d.order));
  const done = [...book.history.values()].find((o) => o.magic === num && (mine.size === 0 || mine.has(o.ticket)));
  const cum = deals.reduce((sum, d) => sum.plus(d.volume), new Decimal(0));
  const worth = deals.reduce((sum, d) => sum.plus(new Decimal(d.volume).times(d.price)), new Decimal(0));
  return {
    order: active?.ticket ?? done?.ticket ?? 0,
    lots: (active ?? done)?.volumeInitial ?? '0',
    active: active !== undefined,
    deals: deals.map((d) => d.ticket),
    positions: [...new Set(deals.map((d) => d.positionId))],
    cumLots: cum.toFixed(),
    avgPrice: cum.isZero() ? '0' : worth.div(cum).toDecimalPlaces(PRICE_DIGITS).toFixed(),
  };
};

/** The journal fields that follow from it. */
export const provenBy = ({ order, deals, positions, cumLots, avgPrice }: Evidence): Partial<Entry> => ({
  ...(order === 0 ? {} : { order }),
  deals,
  positions,
  cumLots,
  avgPrice,
});

/** `done` or `partial` by the lots of its deals. */
export const endOf = (cumLots: string, lots: string): 'done' | 'partial' => (new Decimal(cumLots).gte(lots) ? 'done' : 'partial');
