/**
 * Everything OKX knows of our account at one moment: what rests, what was executed since, what is held, what it is worth; and one order
 * with all of its executions. Each part is whole or the answer is a sentence: a page that is missing is not "nothing there".
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type {
  AccountReport,
  FillReport,
  OpenOrderReport,
  OrderRef,
  PositionReport,
  QueryOutcome,
} from '../../../../src-shared/domain/order.ts';
import type { AccountReading, GatewayInstrument } from '../shared/orders/parts.ts';
import { budgetOf } from './orderBudgets.ts';
import { fillsOf, mayBeOurs, plainAmount, reportOf, shortly } from './orderDecode.ts';
import type { Owner } from './orderDecode.ts';
import { readEntries, sumOf } from './orderRest.ts';
import type { Answered, Asked, OkxRest } from './orderRest.ts';
import * as wire from './orderWire.ts';
import type { BalanceDetail, BalanceEntry, PositionEntry } from './orderWire.ts';
import { instTypeOf } from './wire.ts';

export interface ReadingParts {
  readonly rest: OkxRest;
  readonly owner: Owner;
  readonly instruments: readonly GatewayInstrument[];
  readonly venueUnixMs: () => number | null;
  /** A person must know that the venue no longer tells something. */
  readonly alarm: (why: string) => void;
}

const ORDER_UNKNOWN = '51603';
/** Three days, less what a clock and a page may take. */
const RECENT_MS = wire.FILLS_KEPT_MS - 3_600_000;

/** The first refusal among them, or all answers. */
const allOf = (asked: readonly Asked[]): readonly Answered[] | string => {
  const answered: Answered[] = [];
  for (const one of asked) {
    if (!one.ok) return one.why;
    answered.push(one);
  }
  return answered;
};

export const openOrdersOf = (answered: Answered): readonly OpenOrderReport[] | string => {
  const orders = readEntries(wire.orderEntry, answered, 'an open order');
  if (typeof orders === 'string') return orders;
  return orders.map(({ ordId, clOrdId, instId, side, sz, accFillSz }) => ({
    venueOrderId: ordId,
    clientOrderId: clOrdId === '' ? null : clOrdId,
    symbol: instId,
    side,
    qty: plainAmount(sz),
    filledQty: plainAmount(accFillSz),
  }));
};

/** Positive = long. In two-way mode both sides count towards what is held. */
const signedQty = ({ pos, posSide }: PositionEntry): Decimal => {
  const qty = new Decimal(pos === '' ? 0 : pos);
  return posSide === 'short' ? qty.abs().negated() : qty;
};

const heldOf = (owner: Owner, entries: readonly PositionEntry[]): PositionReport[] => {
  const held = new Map<string, PositionEntry[]>();
  for (const entry of entries) held.set(entry.instId, [...(held.get(entry.instId) ?? []), entry]);
  return [...held].flatMap(([instId, sides]) => {
    const instrumentId = owner.instrumentIds.get(instId);
    const open = sides.filter((one) => !signedQty(one).isZero());
    if (instrumentId === undefined || open.length === 0) return [];
    const qty = open.reduce((sum, one) => sum.plus(signedQty(one)), new Decimal(0));
    const avgPx = open.length === 1 && open[0]!.avgPx !== '' ? plainAmount(open[0]!.avgPx) : null;
    return [{ instrumentId, qty: qty.toFixed(), foreignQty: null, avgPx }];
  });
};

/** Of spot, what is held is the balance of its base currency. */
const spotOf = (instruments: readonly GatewayInstrument[], details: readonly BalanceDetail[]): PositionReport[] =>
  instruments.flatMap(({ id, symbol, kind }) => {
    if (kind !== 'spot') return [];
    const detail = details.find(({ ccy }) => ccy === symbol.split('-')[0]);
    if (detail === undefined || sumOf([detail.cashBal]).isZero()) return [];
    return [{ instrumentId: id, qty: plainAmount(detail.cashBal), foreignQty: null, avgPx: null }];
  });

const known = (...texts: readonly string[]): string | null => {
  const text = texts.find((one) => one !== '');
  return text === undefined ? null : plainAmount(text);
};

/**
 * Where every currency is margin the venue gives the figures in USD; else the currency that our instruments are quoted in stands for
 * itself, with its own margin.
 */
export const accountOf = (balance: BalanceEntry, quoteCcy: string): AccountReport => {
  const balances = balance.details.map(({ ccy, availBal, availEq, cashBal }) => ({
    ccy,
    free: plainAmount(availBal === '' ? availEq : availBal),
    total: plainAmount(cashBal),
  }));
  if (balance.adjEq !== '' && balance.imr !== '') {
    const marginFree = new Decimal(balance.adjEq).minus(balance.imr).toFixed();
    return { ccy: 'USD', equity: plainAmount(balance.totalEq), marginUsed: plainAmount(balance.imr), marginFree, balances };
  }
  const detail = balance.details.find(({ ccy }) => ccy === quoteCcy);
  return {
    ccy: quoteCcy,
    equity: known(detail?.eq ?? '', detail?.cashBal ?? '') ?? '0',
    marginUsed: known(detail?.imr ?? ''),
    marginFree: known(detail?.availEq ?? '', detail?.availBal ?? '') ?? '0',
    balances,
  };
};

/** Both lists name an execution alike; what is in both counts once. */
const merged = (lists: readonly (readonly FillReport[])[]): readonly FillReport[] => {
  const byTrade = new Map(lists.flat().map((fill) => [`${fill.instrumentId} ${fill.tradeId}`, fill]));
  return [...byTrade.values()].sort((a, b) => (a.venueUnixMs ?? 0) - (b.venueUnixMs ?? 0));
};

export class OkxReading {
  readonly #parts: ReadingParts;
  #saidSo = false;

  constructor(parts: ReadingParts) {
    this.#parts = parts;
  }

  /** What `fills` no longer holds is asked of `fills-history`, by type. */
  async #fillsSince(sinceUnixMs: number): Promise<readonly FillReport[] | string> {
    const { rest, owner, instruments } = this.#parts;
    const nowMs = this.#parts.venueUnixMs();
    if (nowMs === null) return 'the venue’s clock is not known';
    const oldest = Math.floor(nowMs - wire.HISTORY_KEPT_MS);
    const begin = Math.max(oldest, Math.floor(sinceUnixMs) - 1);
    if (sinceUnixMs < oldest) this.#saySoOnce(sinceUnixMs);
    const isOld = begin < nowMs - RECENT_MS;
    const types = isOld ? [...new Set(instruments.map(({ symbol }) => instTypeOf(symbol)))] : [];
    const recent = isOld ? Math.floor(nowMs - wire.FILLS_KEPT_MS) : begin;
    const asked = allOf(
      await Promise.all([
        rest.pages(`${wire.FILLS_PATH}?begin=${recent}&limit=${wire.MAX_PAGE}`, 'fills', 'billId'),
        ...types.map((type) =>
          rest.pages(`${wire.FILLS_HISTORY_PATH}?instType=${type}&begin=${begin}&limit=${wire.MAX_PAGE}`, 'fills history', 'billId'),
        ),
      ]),
    );
    if (typeof asked === 'string') return asked;
    const lists: (readonly FillReport[])[] = [];
    for (const { entries } of asked) {
      const fills = fillsOf(owner, entries);
      if (typeof fills === 'string') return fills;
      lists.push(fills);
    }
    return merged(lists);
  }

  #saySoOnce(sinceUnixMs: number): void {
    if (this.#saidSo) return;
    this.#saidSo = true;
    const since = new Date(sinceUnixMs).toISOString();
    this.#parts.alarm(`OKX tells executions of the last three months only, ours are asked for since ${since}: compare positions by hand`);
  }

  async read(fillsSinceUnixMs: number): Promise<AccountReading | string> {
    const { rest, owner, instruments } = this.#parts;
    const [fills, pending, held, balance] = await Promise.all([
      this.#fillsSince(fillsSinceUnixMs),
      rest.pages(`${wire.PENDING_PATH}?limit=${wire.MAX_PAGE}`, 'open orders', 'ordId'),
      rest.ask(wire.POSITIONS_PATH, 'positions'),
      rest.ask(wire.BALANCE_PATH, 'balance'),
    ]);
    if (typeof fills === 'string') return fills;
    const asked = allOf([pending, held, balance]);
    if (typeof asked === 'string') return asked;
    const openOrders = openOrdersOf(asked[0]!);
    if (typeof openOrders === 'string') return openOrders;
    const positions = readEntries(wire.positionEntry, asked[1]!, 'a position', (one) => mayBeOurs(owner.instrumentIds, one));
    if (typeof positions === 'string') return positions;
    const worth = wire.balanceEntry.safeParse(asked[2]!.entries[0]);
    if (!worth.success) return `the balance cannot be read: ${shortly(worth.error)}`;
    const quoteCcy = instruments[0]?.symbol.split('-')[1] ?? 'USDT';
    return {
      openOrders,
      fills,
      positions: [...heldOf(owner, positions), ...spotOf(instruments, worth.data.details)],
      account: accountOf(worth.data, quoteCcy),
    };
  }

  /** Every execution of one order, as far back as OKX keeps them. */
  async fillsOfOrder(instId: string, ordId: string, filledQty: string): Promise<readonly FillReport[] | string> {
    const { rest, owner } = this.#parts;
    const query = `instId=${encodeURIComponent(instId)}&ordId=${encodeURIComponent(ordId)}&limit=${wire.MAX_PAGE}`;
    const asked = await rest.pages(`${wire.FILLS_PATH}?${query}`, 'fills', 'billId');
    if (!asked.ok) return asked.why;
    const recent = fillsOf(owner, asked.entries);
    if (typeof recent === 'string' || sumOf(recent.map(({ qty }) => qty)).gte(filledQty)) return recent;
    const older = await rest.pages(`${wire.FILLS_HISTORY_PATH}?instType=${instTypeOf(instId)}&${query}`, 'fills history', 'billId');
    if (!older.ok) return older.why;
    const all = fillsOf(owner, older.entries);
    return typeof all === 'string' ? all : merged([all, recent]);
  }

  async query(ref: OrderRef): Promise<QueryOutcome> {
    const { rest, owner, venueUnixMs } = this.#parts;
    const { symbol, clientOrderId } = ref;
    const askedMs = venueUnixMs();
    const target = `${wire.ORDER_PATH}?instId=${encodeURIComponent(symbol)}&clOrdId=${clientOrderId}`;
    const asked = await rest.ask(target, budgetOf('query', symbol));
    if (!asked.ok && asked.code === ORDER_UNKNOWN) return this.#unknown(ref, askedMs);
    if (!asked.ok) return { code: 'failed', why: asked.why };
    const entry = wire.orderEntry.safeParse(asked.entries[0]);
    if (!entry.success) return { code: 'failed', why: `the order cannot be read: ${shortly(entry.error)}` };
    const order = entry.data;
    if (order.clOrdId !== clientOrderId || order.instId !== symbol)
      return { code: 'failed', why: `asked for ${clientOrderId}, answered with "${order.clOrdId}" on ${order.instId}` };
    const report = reportOf(owner, order);
    if (new Decimal(report.filledQty).isZero()) return { code: 'found', report, fills: [] };
    const fills = await this.fillsOfOrder(symbol, order.ordId, report.filledQty);
    return typeof fills === 'string' ? { code: 'failed', why: fills } : { code: 'found', report, fills };
  }

  /**
   * OKX forgets an order that ended without a fill after two hours, and one with fills never before its executions: "not known" is
   * believed only where no execution of this id is known either.
   */
  async #unknown({ symbol, clientOrderId }: OrderRef, askedMs: number | null): Promise<QueryOutcome> {
    const { rest, owner } = this.#parts;
    const asked = await rest.ask(`${wire.FILLS_PATH}?instId=${encodeURIComponent(symbol)}&limit=${wire.MAX_PAGE}`, 'fills');
    if (!asked.ok) return { code: 'failed', why: `the venue does not know it, and its executions could not be read: ${asked.why}` };
    const fills = fillsOf(owner, asked.entries);
    if (typeof fills === 'string') return { code: 'failed', why: fills };
    if (fills.some((fill) => fill.clientOrderId === clientOrderId))
      return { code: 'failed', why: 'the venue does not know the order, and reports executions of it' };
    return { code: 'not-found', venueUnixMs: askedMs };
  }
}
