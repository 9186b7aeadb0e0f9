/**
 * The account of one paper venue: cash by currency, positions, the newest prices it was traded at. Pure; amounts exact.
 * Invariants: a balance is its start plus every cash flow minus every fee; a position is the sum of its fills; equity is
 * cash plus what is held at its mark. Derivatives book their whole notional as cash flow, so nothing is ever divided
 * (except the average price, which is for people).
 */
import { Decimal, type DecimalText } from '../../../src-shared/domain/decimal.ts';
import type { FillReport } from '../../../src-shared/domain/order.ts';

/** Digits kept of an average price. */
const AVERAGE_DIGITS = 12;

export interface AccountPosition {
  readonly instrumentId: string;
  /** MT5: identifier of the position on a hedging account; null = one net position an instrument. */
  readonly positionId: string | null;
  /** Of the command that opened it. */
  readonly magic: number | null;
  /** Signed, venue's unit. */
  readonly qty: DecimalText;
  readonly avgPx: DecimalText;
  readonly baseQtyPerUnit: DecimalText;
  readonly ccy: string;
}

/** Plain text and numbers: it is written to the file as it stands. */
export interface AccountState {
  /** By currency: start + cash flows − fees. */
  readonly balances: Readonly<Record<string, DecimalText>>;
  readonly positions: readonly AccountPosition[];
  /** Last execution price by instrument; stands in for a quote that has not come yet. */
  readonly marks: Readonly<Record<string, DecimalText>>;
  readonly orders: number;
  readonly trades: number;
}

/** A fill with everything that the account needs to book it, so that the file can be read without metadata. */
export interface AccountFill {
  readonly report: FillReport;
  /** By currency, without the fee: received + / given −. */
  readonly flows: Readonly<Record<string, DecimalText>>;
  /** null = spot: what was bought is a balance. */
  readonly position: {
    readonly positionId: string | null;
    readonly magic: number | null;
    readonly baseQtyPerUnit: DecimalText;
    readonly ccy: string;
  } | null;
}

export const emptyAccount = (balances: Readonly<Record<string, DecimalText>>): AccountState => ({
  balances,
  positions: [],
  marks: {},
  orders: 0,
  trades: 0,
});

const plus = (left: DecimalText | undefined, right: Decimal | DecimalText): DecimalText => new Decimal(left ?? 0).plus(right).toFixed();

export const signedQty = (side: 'buy' | 'sell', qty: DecimalText): Decimal => (side === 'buy' ? new Decimal(qty) : new Decimal(qty).neg());

const averageAfter = (before: AccountPosition, change: Decimal, px: DecimalText): DecimalText => {
  const held = new Decimal(before.qty);
  const after = held.plus(change);
  if (after.isZero() || held.isZero() || held.isNegative() !== after.isNegative()) return px;
  if (held.isNegative() !== change.isNegative()) return before.avgPx;
  return held.times(before.avgPx).plus(change.times(px)).div(after).toDecimalPlaces(AVERAGE_DIGITS).toFixed();
};

const positionsAfter = (positions: readonly AccountPosition[], fill: AccountFill): readonly AccountPosition[] => {
  const { position, report } = fill;
  if (position === null) return positions;
  const change = signedQty(report.side, report.qty);
  const isIt = (each: AccountPosition): boolean => each.instrumentId === report.instrumentId && each.positionId === position.positionId;
  const before = positions.find(isIt);
  if (before === undefined)
    return [...positions, { ...position, instrumentId: report.instrumentId, qty: change.toFixed(), avgPx: report.px }];
  const qty = new Decimal(before.qty).plus(change);
  if (qty.isZero()) return positions.filter((each) => each !== before);
  const after = { ...before, qty: qty.toFixed(), avgPx: averageAfter(before, change, report.px) };
  return positions.map((each) => (each === before ? after : each));
};

export const withFill = (account: AccountState, fill: AccountFill): AccountState => {
  const balances = { ...account.balances };
  for (const [ccy, amount] of Object.entries(fill.flows)) balances[ccy] = plus(balances[ccy], amount);
  const { fee, feeCcy, instrumentId, px } = fill.report;
  balances[feeCcy] = plus(balances[feeCcy], new Decimal(fee).neg());
  return {
    ...account,
    balances,
    positions: positionsAfter(account.positions, fill),
    marks: { ...account.marks, [instrumentId]: px },
    trades: account.trades + 1,
  };
};

/** Net of an instrument over all its positions, signed. */
export const netQtyOf = (account: AccountState, instrumentId: string): Decimal =>
  account.positions.reduce((sum, each) => (each.instrumentId === instrumentId ? sum.plus(each.qty) : sum), new Decimal(0));

export const notionalAt = (position: AccountPosition, px: Decimal | DecimalText): Decimal =>
  new Decimal(position.qty).times(px).times(position.baseQtyPerUnit);

/** Price at which a position is valued: half way between bid and ask, or the last execution. */
export type MarkOf = (instrumentId: string) => Decimal | null;
export type MarginRateOf = (instrumentId: string) => number;

export interface MarginFigures {
  /** Cash plus entry value of open positions: what is called the wallet, or the balance. */
  readonly wallet: Decimal;
  readonly equity: Decimal;
  readonly used: Decimal;
  readonly free: Decimal;
}

/** Of one currency in which positions settle. */
export const marginOf = (account: AccountState, ccy: string, markOf: MarkOf, rateOf: MarginRateOf): MarginFigures => {
  let wallet = new Decimal(account.balances[ccy] ?? 0);
  let unrealized = new Decimal(0);
  let used = new Decimal(0);
  for (const position of account.positions) {
    if (position.ccy !== ccy) continue;
    const entry = notionalAt(position, position.avgPx);
    const value = notionalAt(position, markOf(position.instrumentId) ?? position.avgPx);
    wallet = wallet.plus(entry);
    unrealized = unrealized.plus(value.minus(entry));
    used = used.plus(value.abs().times(rateOf(position.instrumentId)));
  }
  const equity = wallet.plus(unrealized);
  return { wallet, equity, used, free: equity.minus(used) };
};
