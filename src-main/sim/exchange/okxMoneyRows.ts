/**
 * The money of an OKX account as OKX spells it: currencies, totals, bills. Shapes are those of the documentation of July 2026 and
 * of recorded private streams. Pure.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { Balance, BookFill, MarginReport, Transfer } from './account/account.ts';
import { money, negated, SUB_TYPES } from './okxAccountRows.ts';
import { billIdOf, type OkxInstrument } from './okxListings.ts';

/** One currency of an account; `margin` only where positions are margined in it. */
export const balanceDetail = (b: Balance, margin: MarginReport | null, usd: Decimal) => {
  const equity = new Decimal(margin?.equity ?? b.total);
  const available = margin?.available ?? new Decimal(b.total).minus(b.locked).toFixed();
  const frozen = equity.minus(available);
  return {
    accAvgPx: '',
    autoLendMtAmt: '0',
    autoLendStatus: 'off',
    availBal: money(available),
    availEq: money(available),
    borrowFroz: '',
    cashBal: money(b.total),
    ccy: b.asset,
    clSpotInUseAmt: '',
    coinUsdPrice: usd.toFixed(),
    colBorrAutoConversion: '0',
    colRes: '0',
    collateralEnabled: false,
    collateralRestrict: false,
    crossLiab: '',
    disEq: money(equity.times(usd).toFixed()),
    eq: money(equity.toFixed()),
    eqUsd: money(equity.times(usd).toFixed()),
    fixedBal: '0',
    frozenBal: frozen.gt(0) ? money(frozen.toFixed()) : '0',
    frpType: '0',
    imr: margin === null ? '0' : money(margin.positionMargin),
    interest: '',
    isoEq: '0',
    isoLiab: '',
    isoUpl: '0',
    liab: '',
    maxLoan: '',
    maxSpotInUse: '',
    maxSpotInUseAmt: '',
    mgnRatio: '',
    mmr: margin === null ? '0' : money(margin.maintenance),
    notionalLever: '0',
    openAvgPx: '',
    ordFrozen: money(margin?.orderMargin ?? b.locked),
    rewardBal: '0',
    smtSyncEq: '0',
    spotBal: '',
    spotCopyTradingEq: '0',
    spotInUseAmt: '',
    spotIsoBal: '0',
    spotUpl: '',
    spotUplRatio: '',
    stgyEq: '0',
    totalPnl: '',
    totalPnlRatio: '',
    twap: '0',
    uTime: String(b.updatedMs),
    upl: money(margin?.unrealized ?? '0'),
    uplLiab: '',
  };
};

export const accountRow = (details: ReadonlyArray<ReturnType<typeof balanceDetail>>, nowMs: number) => {
  const total = details.reduce((sum, d) => sum.plus(d.eqUsd), new Decimal(0));
  return {
    adjEq: '',
    availEq: '',
    borrowFroz: '',
    delta: '',
    deltaLever: '',
    deltaNeutralStatus: '',
    details,
    imr: '',
    isoEq: '0',
    mgnRatio: '',
    mmr: '',
    notionalUsd: '',
    notionalUsdForBorrow: '',
    notionalUsdForFutures: '',
    notionalUsdForOption: '',
    notionalUsdForSwap: '',
    ordFroz: '',
    totalEq: money(total.toFixed()),
    uTime: String(nowMs),
    upl: '',
  };
};

/** Money that moved by itself: `funding` is type 8, with 173 for paid and 174 for received; deposits are type 1. */
export const transferBill = (t: Transfer, balance: string) => {
  const paid = new Decimal(t.amount).lt(0);
  const funding = t.kind === 'funding';
  return {
    bal: balance,
    balChg: t.amount,
    billId: t.id,
    ccy: t.asset,
    clOrdId: '',
    execType: '',
    fee: '0',
    instId: t.symbol ?? '',
    instType: t.symbol === null ? '' : 'SWAP',
    mgnMode: funding ? 'cross' : '',
    ordId: '',
    pnl: funding ? t.amount : '0',
    px: '',
    subType: funding ? (paid ? '173' : '174') : '11',
    sz: '0',
    tradeId: '',
    ts: String(t.atMs),
    type: funding ? '8' : '1',
  };
};

export const tradeBill = (fill: BookFill, x: OkxInstrument) => ({
  bal: '',
  balChg: new Decimal(fill.realized).minus(fill.fee).toFixed(),
  billId: billIdOf(fill.seq),
  ccy: x.instType === 'SWAP' ? x.listing.quote : fill.feeAsset,
  clOrdId: fill.clientId,
  execType: fill.maker ? 'M' : 'T',
  fee: negated(fill.fee),
  instId: fill.symbol,
  instType: x.instType,
  mgnMode: x.instType === 'SWAP' ? 'cross' : 'cash',
  ordId: fill.orderId,
  pnl: fill.realized,
  px: fill.price,
  subType: SUB_TYPES[fill.origin][fill.side === 'buy' ? 0 : 1],
  sz: fill.qty,
  tradeId: fill.tradeId,
  ts: String(fill.atMs),
  type: '2',
});
