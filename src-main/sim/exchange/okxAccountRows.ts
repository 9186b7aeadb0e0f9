/**
 * What an OKX account trades as OKX spells it: orders, fills, positions, over REST and in pushes. Owns shapes and signs: a
 * charged fee is negative here. Shapes are those of the documentation of July 2026 and of recorded private streams. Pure.
 */
import { Decimal, type DecimalText } from '../../../src-shared/domain/decimal.ts';
import type { BookFill, BookOrder, EndReason, Position } from './account/account.ts';
import { billIdOf, type OkxInstrument } from './okxListings.ts';

export const negated = (amount: DecimalText): DecimalText => {
  const value = new Decimal(amount);
  return value.isZero() ? '0' : value.neg().toFixed();
};

const STATES = {
  new: 'live',
  'partially-filled': 'partially_filled',
  filled: 'filled',
  canceled: 'canceled',
  expired: 'canceled',
  rejected: 'canceled',
} as const;
export const stateOf = (order: BookOrder): string => STATES[order.stage];

const CANCEL_SOURCES: Readonly<Record<EndReason, string>> = {
  asked: '1',
  'ioc-remainder': '14',
  'market-remainder': '14',
  fok: '13',
  'post-only': '31',
  'self-trade': '32',
  'dead-man': '20',
  'good-till': '7',
  'nothing-to-reduce': '21',
  liquidation: '2',
  balance: '3',
  replaced: '1',
};
const CATEGORIES: Readonly<Record<BookOrder['origin'], string>> = {
  user: 'normal',
  liquidation: 'full_liquidation',
  deleveraging: 'adl',
  settlement: 'delivery',
};
/** Kind of a fill: ordinary, liquidation, auto-deleveraging, delivery; bought and sold. */
export const SUB_TYPES: Readonly<Record<BookOrder['origin'], readonly [string, string]>> = {
  user: ['1', '2'],
  liquidation: ['106', '107'],
  deleveraging: ['127', '128'],
  settlement: ['112', '113'],
};

/** In which currency this order's fees are taken, and its rebates given. */
const feeCcyOf = (order: Pick<BookOrder, 'side' | 'fees'>, { listing }: OkxInstrument): { feeCcy: string; rebateCcy: string } => {
  if (listing.kind === 'perpetual') return { feeCcy: listing.quote, rebateCcy: listing.quote };
  return order.side === 'buy' ? { feeCcy: listing.base, rebateCcy: listing.quote } : { feeCcy: listing.quote, rebateCcy: listing.base };
};

const average = (price: DecimalText): string => {
  const value = new Decimal(price);
  return value.isZero() ? '' : value.toSignificantDigits(17).toFixed();
};

/** What both the REST row and the push say of an order. */
const commonOf = (order: BookOrder, x: OkxInstrument, leverage: string) => {
  const { feeCcy, rebateCcy } = feeCcyOf(order, x);
  const total = new Decimal(order.fees[feeCcy] ?? '0');
  const { wire } = order;
  return {
    accFillSz: order.filledQty,
    algoClOrdId: '',
    algoId: '',
    attachAlgoClOrdId: '',
    attachAlgoOrds: [],
    avgPx: average(order.averagePrice),
    cTime: String(order.createdMs),
    cancelSource: order.endReason === null ? '' : CANCEL_SOURCES[order.endReason],
    category: CATEGORIES[order.origin],
    ccy: '',
    clOrdId: order.clientId,
    fee: total.gt(0) ? negated(total.toFixed()) : '0',
    feeCcy,
    instId: x.listing.symbol,
    instType: x.instType,
    isTpLimit: 'false',
    lever: x.instType === 'SWAP' ? leverage : '',
    linkedAlgoOrd: { algoId: '' },
    ordId: order.orderId,
    ordType: wire['ordType'] ?? 'market',
    pnl: order.realized,
    posSide: x.instType === 'SWAP' ? 'net' : '',
    px: wire['px'] === '' || order.price === null ? '' : order.price,
    pxType: '',
    pxUsd: '',
    pxVol: '',
    quickMgnType: '',
    rebate: total.lt(0) ? total.neg().toFixed() : '0',
    rebateCcy,
    reduceOnly: String(order.reduceOnly),
    side: order.side,
    slOrdPx: '',
    slTriggerPx: '',
    slTriggerPxType: '',
    source: '',
    state: stateOf(order),
    stpId: '',
    stpMode: wire['stpMode'] ?? '',
    sz: order.quoteQty ?? order.orderQty,
    tag: order.tag,
    tdMode: wire['tdMode'] ?? 'cross',
    tgtCcy: wire['tgtCcy'] ?? '',
    tpOrdPx: '',
    tpTriggerPx: '',
    tpTriggerPxType: '',
    uTime: String(order.updatedMs),
  };
};

export const orderRow = (order: BookOrder, x: OkxInstrument, last: BookFill | null, leverage: string) => ({
  ...commonOf(order, x, leverage),
  cancelSourceReason: '',
  fillPx: last?.price ?? '',
  fillSz: last?.qty ?? '0',
  fillTime: last === null ? '' : String(last.atMs),
  tradeId: last === null ? '' : last.origin === 'user' ? last.tradeId : '0',
  tradeQuoteCcy: x.listing.quote,
});

/** The push of one change; `fill` is the execution it is about. */
export const orderPush = (order: BookOrder, x: OkxInstrument, fill: BookFill | null, last: string, leverage: string) => {
  const feeCcy = fill?.feeAsset ?? '';
  const notional = (qty: DecimalText, price: DecimalText) => new Decimal(qty).times(x.listing.basePerUnit).times(price).toFixed();
  const price = order.price ?? last;
  return {
    ...commonOf(order, x, leverage),
    amendResult: order.wire['amended'] === undefined ? '' : '0',
    amendSource: order.wire['amended'] === undefined ? '' : '1',
    code: '0',
    execType: fill === null ? '' : fill.maker ? 'M' : 'T',
    fillFee: fill === null ? '0' : negated(fill.fee),
    fillFeeCcy: feeCcy,
    fillFwdPx: '',
    fillMarkPx: '',
    fillMarkVol: '',
    fillNotionalUsd: fill === null ? '' : notional(order.filledQty, order.averagePrice),
    fillPnl: fill?.realized ?? '0',
    fillPx: fill?.price ?? '',
    fillPxUsd: '',
    fillPxVol: '',
    fillSz: fill?.qty ?? '0',
    fillTime: fill === null ? '' : String(fill.atMs),
    lastPx: last,
    msg: '',
    notionalUsd: price === '' ? '' : notional(order.orderQty, price),
    reqId: order.wire['reqId'] ?? '',
    tradeId: fill === null ? '' : fill.origin === 'user' ? fill.tradeId : '0',
  };
};

export const fillRow = (fill: BookFill, x: OkxInstrument, tag: string) => {
  const [bought, sold] = SUB_TYPES[fill.origin];
  const notional = new Decimal(fill.quote);
  return {
    side: fill.side,
    fillSz: fill.qty,
    fillPx: fill.price,
    fillPxVol: '',
    fillFwdPx: '',
    fee: negated(fill.fee),
    fillPnl: fill.realized,
    ordId: fill.orderId,
    feeRate:
      notional.isZero() || fill.feeAsset !== x.listing.quote
        ? ''
        : new Decimal(fill.fee).neg().div(notional).toSignificantDigits(6).toFixed(),
    instType: x.instType,
    fillPxUsd: '',
    instId: fill.symbol,
    clOrdId: fill.clientId,
    posSide: x.instType === 'SWAP' ? 'net' : '',
    billId: billIdOf(fill.seq),
    subType: fill.side === 'buy' ? bought : sold,
    fillMarkVol: '',
    tag,
    fillTime: String(fill.atMs),
    execType: fill.maker ? 'M' : 'T',
    fillIdxPx: '',
    tradeId: fill.origin === 'user' ? fill.tradeId : `-${fill.tradeId}`,
    fillMarkPx: '',
    feeCcy: fill.feeAsset,
    ts: String(fill.atMs),
    tradeQuoteCcy: x.listing.quote,
  };
};

/** An amount as OKX rounds it. */
export const money = (amount: DecimalText): string => new Decimal(amount).toDecimalPlaces(12).toFixed();

/** A position; what the book does not keep of its life comes from its fills and payments. */
export const positionRow = (
  p: Position,
  x: OkxInstrument,
  more: {
    readonly posId: string;
    readonly tradeId: string;
    readonly last: string;
    readonly openedMs: number;
    readonly fee: string;
    readonly funding: string;
    /** Equity over maintenance margin of the account. */
    readonly marginRatio: string;
  },
) => {
  const flat = new Decimal(p.qty).isZero();
  const isolated = p.marginMode === 'isolated';
  const shareOf = (gain: string) =>
    new Decimal(p.initialMargin).isZero() ? '' : new Decimal(gain).div(p.initialMargin).toDecimalPlaces(16).toFixed();
  const atLast =
    flat || more.last === '' ? '0' : money(new Decimal(more.last).minus(p.entryPrice).times(p.qty).times(x.listing.basePerUnit).toFixed());
  return {
    adl: flat ? '' : '1',
    availPos: isolated ? new Decimal(p.qty).abs().toFixed() : '',
    avgPx: flat ? '' : average(p.entryPrice),
    baseBal: '',
    baseBorrowed: '',
    baseInterest: '',
    bePx: flat ? '' : average(p.breakEvenPrice),
    bizRefId: '',
    bizRefType: '',
    cTime: String(more.openedMs),
    ccy: x.listing.quote,
    clSpotInUseAmt: '',
    closeOrderAlgo: [],
    deltaBS: '',
    deltaPA: '',
    fee: more.fee,
    fundingFee: more.funding,
    gammaBS: '',
    gammaPA: '',
    hedgedPos: '',
    idxPx: p.markPrice,
    imr: isolated ? '' : money(p.initialMargin),
    instId: p.symbol,
    instType: 'SWAP',
    interest: '',
    last: more.last,
    lever: String(p.leverage),
    liab: '',
    liabCcy: '',
    liqPenalty: '0',
    liqPx: new Decimal(p.liquidationPrice).isZero() ? '' : average(p.liquidationPrice),
    margin: isolated ? money(p.initialMargin) : '',
    markPx: p.markPrice,
    maxSpotInUseAmt: '',
    mgnMode: p.marginMode,
    mgnRatio: flat ? '' : more.marginRatio,
    mmr: money(p.maintenanceMargin),
    nonSettleAvgPx: '',
    notionalUsd: money(p.notional),
    optVal: '',
    pendingCloseOrdLiabVal: '',
    pnl: money(p.realized),
    pos: p.qty,
    posCcy: '',
    posId: more.posId,
    posSide: 'net',
    quoteBal: '',
    quoteBorrowed: '',
    quoteInterest: '',
    realizedPnl: money(new Decimal(p.realized).plus(more.fee).plus(more.funding).toFixed()),
    settledPnl: '',
    spotInUseAmt: '',
    spotInUseCcy: '',
    thetaBS: '',
    thetaPA: '',
    tradeId: more.tradeId,
    uTime: String(p.updatedMs),
    upl: money(p.unrealized),
    uplLastPx: atLast,
    uplRatio: shareOf(p.unrealized),
    uplRatioLastPx: shareOf(atLast),
    usdPx: '',
    vegaBS: '',
    vegaPA: '',
  };
};
