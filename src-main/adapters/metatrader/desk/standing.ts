/** What a command and its deals together say of the order behind it: quantities, the report, the fills. Reads only. */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { CommandRecord, CommandState, DealRecord } from '../../../../src-shared/domain/metatrader.ts';
import type { FillReport, OrderReport, PlaceOutcome } from '../../../../src-shared/domain/order.ts';
import type { CommandStore } from '../../../runtime/ports.ts';
import { refusalOf } from './retcodes.ts';

const ENTRIES = { open: ['in', 'inout'], close: ['out', 'out_by', 'inout'] } as const;

/** Whether the deal is what the command asked for; a deal that only bears its number (stop-out, stop loss) is not. */
export const isExecution = ({ kind, magic, instrumentId, body }: CommandRecord, deal: DealRecord): boolean => {
  if (kind !== 'open' && kind !== 'close') return false;
  const entries: readonly string[] = ENTRIES[kind];
  return deal.magic === magic && deal.instrumentId === instrumentId && deal.side === body['side'] && entries.includes(deal.entry);
};

export const lotsOf = ({ body }: CommandRecord): Decimal => new Decimal(String(body['lots'] ?? 0));

export const executionsOf = (store: CommandStore, record: CommandRecord): readonly DealRecord[] =>
  record.magic === null ? [] : store.dealsOfMagic(record.venueId, record.magic).filter((deal) => isExecution(record, deal));

export const sumOf = (deals: readonly DealRecord[]): Decimal => deals.reduce((sum, { lots }) => sum.plus(lots), new Decimal(0));

/** What the terminal took or gave for an execution itself; positive = paid. */
export const paidFor = ({ commission, swap, fee, profit, side }: DealRecord): Decimal =>
  new Decimal(commission)
    .plus(swap)
    .plus(fee)
    // A money entry has its amount there; the profit of an execution is in its prices.
    .plus(side === null ? profit : 0)
    .negated();

const textOf = (amount: Decimal): string => (amount.isZero() ? '0' : amount.toFixed());

/** The fee is that of its first report; what changed later are charges. */
export const fillOf = (store: CommandStore, record: CommandRecord, deal: DealRecord, feeCcy: string): FillReport => {
  const first = deal.rev === 0 ? deal : (store.revisions(deal.venueId, deal.deal)[0] ?? deal);
  return {
    venueId: deal.venueId,
    instrumentId: record.instrumentId!,
    tradeId: deal.deal,
    clientOrderId: record.clientOrderId,
    side: deal.side!,
    qty: deal.lots,
    px: deal.price,
    fee: textOf(paidFor(first)),
    feeCcy,
    positionId: deal.positionId,
    venueUnixMs: deal.unixMs,
  };
};

/** Somebody else's execution that closed a position of ours: an execution without an order. */
export const closedByOthers = (deal: DealRecord, feeCcy: string): FillReport | null =>
  deal.instrumentId === null || deal.side === null || deal.positionId === '0' || deal.entry === 'in' || deal.entry === 'none'
    ? null
    : {
        venueId: deal.venueId,
        instrumentId: deal.instrumentId,
        tradeId: deal.deal,
        clientOrderId: null,
        side: deal.side,
        qty: deal.lots,
        px: deal.price,
        fee: textOf(paidFor(deal)),
        feeCcy,
        positionId: deal.positionId,
        venueUnixMs: deal.unixMs,
      };

type Told = OrderReport['state'];

const NOTHING_DONE: readonly CommandState[] = ['rejected', 'expired', 'canceled', 'not-executed'];
/** Whether the state says that nothing was executed. */
export const isNothingDone = (state: CommandState): boolean => NOTHING_DONE.includes(state);

/** null = nothing that would hold: still open, or its deals are not all here. */
const toldOf = (record: CommandRecord, filled: Decimal): Told | null => {
  const { state } = record;
  if (state === 'accepted') return 'working';
  if (state !== 'done' && state !== 'partial' && !isNothingDone(state)) return null;
  if (filled.gte(lotsOf(record))) return 'filled';
  if (filled.isZero()) return isNothingDone(state) ? 'rejected' : null;
  return state === 'done' ? null : 'canceled';
};

/** The order as the venue would tell it; null while nothing that would hold can be said. */
export const reportOf = (store: CommandStore, record: CommandRecord): OrderReport | null => {
  const filled = Decimal.max(record.cumLots, sumOf(executionsOf(store, record)));
  const state = toldOf(record, filled);
  if (state === null || record.clientOrderId === null) return null;
  return {
    clientOrderId: record.clientOrderId,
    venueId: record.venueId,
    venueOrderId: record.order,
    state,
    filledQty: textOf(filled),
    venueUnixMs: null,
    text: record.why,
  };
};

/** The outcome of the call by the command's state; null = there is none yet. */
export const outcomeOf = (record: CommandRecord, error: string, text: string): PlaceOutcome | null => {
  const { state, order, why, retcode } = record;
  if (state === 'accepted' || state === 'done' || state === 'partial')
    return { code: 'acknowledged', venueOrderId: order, venueUnixMs: null };
  if (state === 'unknown') return { code: 'unknown', why };
  if (!isNothingDone(state)) return null;
  const refusal = { venueCode: null, text: why };
  if (state === 'rejected') return { code: 'refused', refusal: refusalOf(retcode ?? 0, error, text) };
  if (state === 'canceled') return { code: 'refused', refusal: { ...refusal, retry: 'never', by: 'gateway' } };
  return { code: 'refused', refusal: { ...refusal, retry: 'fresh-price', by: state === 'expired' ? 'gateway' : 'venue' } };
};
