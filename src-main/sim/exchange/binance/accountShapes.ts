/**
 * Balances, positions and conditions of an account as a simulated Binance spells them, key for key: futures v2 and v3, spot, and the
 * rights of a key.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { AccountId, AccountKey, BookFill, FeeRate, MarginReport, Position, SimAccounts, Transfer } from '../account/account.ts';
import type { SymbolRules } from './symbols.ts';
import { exact, fixed, fixed8 } from './wire.ts';

const SETTLED_IN = 'USDT';
const minus = (a: string, b: string): string => new Decimal(a).minus(b).toFixed();
const assetsOf = (accounts: SimAccounts, account: AccountId): readonly string[] => {
  const held = accounts.balances(account).map((b) => b.asset);
  return held.includes(SETTLED_IN) ? held : [SETTLED_IN, ...held];
};
const FIRST_UID = 354_937_868;
/** A number of its own for each account. */
export const spotUidOf = (account: AccountId): number =>
  FIRST_UID + Array.from(account).reduce((hash, char) => (hash * 31 + (char.codePointAt(0) ?? 0)) % 500_000_000, 0);

const updatedOf = (accounts: SimAccounts, account: AccountId, asset: string): number =>
  accounts.balances(account).find((b) => b.asset === asset)?.updatedMs ?? 0;
const isIsolated = (p: Position): boolean => p.marginMode === 'isolated';
const hasSubstance = (p: Position): boolean => !new Decimal(p.qty).isZero();

export const futuresBalances = (accounts: SimAccounts, account: AccountId): readonly object[] =>
  assetsOf(accounts, account).map((asset) => {
    const m = accounts.margin(account, asset);
    return {
      accountAlias: account,
      asset,
      balance: fixed8(m.wallet),
      crossWalletBalance: fixed8(m.wallet),
      crossUnPnl: fixed8(m.unrealized),
      availableBalance: fixed8(m.available),
      maxWithdrawAmount: fixed8(m.available),
      marginAvailable: true,
      updateTime: updatedOf(accounts, account, asset),
    };
  });

const assetRow = (asset: string, m: MarginReport, updateTime: number): object => ({
  asset,
  walletBalance: fixed8(m.wallet),
  unrealizedProfit: fixed8(m.unrealized),
  marginBalance: fixed8(m.equity),
  maintMargin: fixed8(m.maintenance),
  initialMargin: fixed8(new Decimal(m.positionMargin).plus(m.orderMargin).toFixed()),
  positionInitialMargin: fixed8(m.positionMargin),
  openOrderInitialMargin: fixed8(m.orderMargin),
  crossWalletBalance: fixed8(m.wallet),
  crossUnPnl: fixed8(m.unrealized),
  availableBalance: fixed8(m.available),
  maxWithdrawAmount: fixed8(m.available),
  marginAvailable: true,
  updateTime,
});

const totalsOf = (m: MarginReport): object => ({
  totalInitialMargin: fixed8(new Decimal(m.positionMargin).plus(m.orderMargin).toFixed()),
  totalMaintMargin: fixed8(m.maintenance),
  totalWalletBalance: fixed8(m.wallet),
  totalUnrealizedProfit: fixed8(m.unrealized),
  totalMarginBalance: fixed8(m.equity),
  totalPositionInitialMargin: fixed8(m.positionMargin),
  totalOpenOrderInitialMargin: fixed8(m.orderMargin),
  totalCrossWalletBalance: fixed8(m.wallet),
  totalCrossUnPnl: fixed8(m.unrealized),
  availableBalance: fixed8(m.available),
  maxWithdrawAmount: fixed8(m.available),
});

/** Of symbols with a position or resting orders alone; `v2` speaks of every symbol, and of the account's rights. */
export const futuresAccount = (accounts: SimAccounts, account: AccountId, rules: ReadonlyMap<string, SymbolRules>, v2: boolean): object => {
  const settled = accounts.margin(account, SETTLED_IN);
  const assets = assetsOf(accounts, account).map((asset) =>
    assetRow(asset, accounts.margin(account, asset), updatedOf(accounts, account, asset)),
  );
  const listed = accounts.positions(account).filter((p) => v2 || hasSubstance(p) || accounts.openOrders(account, p.symbol).length > 0);
  const positions = listed.map((p) => {
    const r = rules.get(p.symbol)!;
    const row = {
      symbol: p.symbol,
      positionSide: 'BOTH',
      positionAmt: fixed(p.qty, r.qtyDigits),
      unrealizedProfit: fixed8(p.unrealized),
      isolatedMargin: '0.00000000',
      notional: fixed8(signed(p)),
      isolatedWallet: '0',
      initialMargin: fixed8(p.initialMargin),
      maintMargin: fixed8(p.maintenanceMargin),
      updateTime: p.updatedMs,
    };
    const v2Row = { positionInitialMargin: fixed8(p.initialMargin), openOrderInitialMargin: '0', leverage: String(p.leverage) };
    const entry = { isolated: isIsolated(p), entryPrice: fixed(p.entryPrice, r.priceDigits + 6), maxNotional: '80000000' };
    return v2
      ? { ...row, ...v2Row, ...entry, breakEvenPrice: fixed(p.breakEvenPrice, r.priceDigits + 6), bidNotional: '0', askNotional: '0' }
      : row;
  });
  const rights = {
    feeTier: 0,
    canTrade: true,
    canDeposit: true,
    canWithdraw: true,
    updateTime: 0,
    multiAssetsMargin: false,
    tradeGroupId: -1,
  };
  return { ...(v2 ? { ...rights, feeBurn: false } : {}), ...totalsOf(settled), assets, positions };
};

const signed = (p: Position): string => (p.qty.startsWith('-') ? `-${p.notional}` : p.notional);

/** v3 lists only symbols with a position or resting orders; v2 all. */
export const futuresPositions = (
  accounts: SimAccounts,
  account: AccountId,
  rules: ReadonlyMap<string, SymbolRules>,
  of: { readonly symbol: string | null; readonly v2: boolean },
): readonly object[] =>
  accounts
    .positions(account)
    .filter((p) => of.symbol === null || p.symbol === of.symbol)
    .filter((p) => of.v2 || hasSubstance(p) || accounts.openOrders(account, p.symbol).length > 0)
    .map((p) => {
      const r = rules.get(p.symbol)!;
      const common = {
        symbol: p.symbol,
        positionSide: 'BOTH',
        positionAmt: fixed(p.qty, r.qtyDigits),
        entryPrice: hasSubstance(p) ? fixed(p.entryPrice, r.priceDigits + 6) : '0.0',
        breakEvenPrice: hasSubstance(p) ? fixed(p.breakEvenPrice, r.priceDigits + 6) : '0.0',
        markPrice: fixed8(p.markPrice),
        unRealizedProfit: fixed8(p.unrealized),
        liquidationPrice: new Decimal(p.liquidationPrice).isZero() ? '0' : fixed8(p.liquidationPrice),
        isolatedMargin: '0',
        notional: fixed8(signed(p)),
        updateTime: p.updatedMs,
      };
      if (of.v2) {
        const terms = { leverage: String(p.leverage), maxNotionalValue: '80000000', marginType: p.marginMode, isAutoAddMargin: 'false' };
        return { ...common, ...terms, isolatedWallet: '0', isolated: isIsolated(p), adlQuantile: 0 };
      }
      const margins = {
        initialMargin: fixed8(p.initialMargin),
        maintMargin: fixed8(p.maintenanceMargin),
        positionInitialMargin: fixed8(p.initialMargin),
      };
      return {
        ...common,
        marginAsset: r.quote,
        isolatedWallet: '0',
        ...margins,
        openOrderInitialMargin: '0',
        adl: 0,
        bidNotional: '0',
        askNotional: '0',
      };
    });

export const symbolConfigs = (accounts: SimAccounts, account: AccountId, symbol: string | null): readonly object[] =>
  accounts
    .positions(account)
    .filter((p) => symbol === null || p.symbol === symbol)
    .map((p) => ({
      symbol: p.symbol,
      marginType: isIsolated(p) ? 'ISOLATED' : 'CROSSED',
      isAutoAddMargin: false,
      leverage: p.leverage,
      maxNotionalValue: '80000000',
    }));

export const accountConfig = (accounts: SimAccounts, account: AccountId): object => ({
  feeTier: 0,
  canTrade: true,
  canDeposit: true,
  canWithdraw: true,
  dualSidePosition: accounts.conditions(account).positionMode === 'hedge',
  updateTime: 0,
  multiAssetsMargin: false,
  tradeGroupId: -1,
});

const BRACKETS = [
  { bracket: 1, initialLeverage: 100, notionalCap: 300_000, notionalFloor: 0, maintMarginRatio: 0.005, cum: 0 },
  { bracket: 2, initialLeverage: 50, notionalCap: 800_000, notionalFloor: 300_000, maintMarginRatio: 0.01, cum: 1_500 },
  { bracket: 3, initialLeverage: 20, notionalCap: 80_000_000, notionalFloor: 800_000, maintMarginRatio: 0.025, cum: 13_500 },
] as const;
export const MAX_LEVERAGE = BRACKETS[0].initialLeverage;
/** Largest position in quote that a leverage allows. */
export const notionalCapOf = (leverage: number): number =>
  Math.max(...BRACKETS.filter((b) => b.initialLeverage >= leverage).map((b) => b.notionalCap));
export const leverageBracket = (symbol: string): object => ({ symbol, brackets: BRACKETS });

export interface Income {
  readonly symbol: string;
  readonly incomeType: string;
  readonly income: string;
  readonly asset: string;
  readonly time: number;
  readonly info: string;
  readonly tranId: unknown;
  readonly tradeId: string;
}
const TRANSFER_TYPES = {
  funding: 'FUNDING_FEE',
  deposit: 'TRANSFER',
  realized: 'REALIZED_PNL',
  commission: 'COMMISSION',
  'liquidation-fee': 'INSURANCE_CLEAR',
} as const;
const transferIncome = (t: Transfer): Income => ({
  symbol: t.symbol ?? '',
  incomeType: TRANSFER_TYPES[t.kind],
  income: fixed8(t.amount),
  asset: t.asset,
  time: t.atMs,
  info: t.kind === 'funding' ? 'FUNDING_FEE' : '',
  tranId: exact(t.id),
  tradeId: t.tradeId ?? '',
});
const fillIncome = (f: BookFill): readonly Income[] => {
  const row = { symbol: f.symbol, time: f.atMs, info: f.tradeId, tranId: exact(f.tradeId), tradeId: f.tradeId };
  const commission = { ...row, incomeType: 'COMMISSION', asset: f.feeAsset, income: fixed8(new Decimal(f.fee).neg().toFixed()) };
  const gain = { ...row, incomeType: 'REALIZED_PNL', asset: SETTLED_IN, income: fixed8(f.realized) };
  return new Decimal(f.realized).isZero() ? [commission] : [commission, gain];
};
/** Everything that moved the wallet, oldest first. */
export const incomeOf = (transfers: readonly Transfer[], fills: readonly BookFill[]): readonly Income[] =>
  [...transfers.map(transferIncome), ...fills.flatMap(fillIncome)].toSorted((a, b) => a.time - b.time);

const rate4 = (rate: string): string => new Decimal(rate).toFixed();
export const futuresCommission = (symbol: string, fees: FeeRate): object => ({
  symbol,
  makerCommissionRate: rate4(fees.maker),
  takerCommissionRate: rate4(fees.taker),
  rpiCommissionRate: '0',
});

const NO_FEE = { maker: '0.00000000', taker: '0.00000000', buyer: '0.00000000', seller: '0.00000000' };
export const spotCommission = (symbol: string, fees: FeeRate, feeAsset: string | null): object => ({
  symbol,
  standardCommission: { maker: fixed8(fees.maker), taker: fixed8(fees.taker), buyer: '0.00000000', seller: '0.00000000' },
  specialCommission: NO_FEE,
  taxCommission: NO_FEE,
  discount: { enabledForAccount: feeAsset !== null, enabledForSymbol: true, discountAsset: 'BNB', discount: '0.75000000' },
});

const BPS = 10_000;
export const spotAccount = (accounts: SimAccounts, account: AccountId, fees: FeeRate, key: AccountKey, omitZero: boolean): object => ({
  makerCommission: new Decimal(fees.maker).times(BPS).toNumber(),
  takerCommission: new Decimal(fees.taker).times(BPS).toNumber(),
  buyerCommission: 0,
  sellerCommission: 0,
  commissionRates: { maker: fixed8(fees.maker), taker: fixed8(fees.taker), buyer: '0.00000000', seller: '0.00000000' },
  canTrade: key.mayTrade,
  canWithdraw: key.mayWithdraw,
  canDeposit: true,
  brokered: false,
  requireSelfTradePrevention: false,
  preventSor: false,
  updateTime: Math.max(0, ...accounts.balances(account).map((b) => b.updatedMs)),
  accountType: 'SPOT',
  balances: accounts
    .balances(account)
    .filter((b) => !omitZero || !new Decimal(b.total).isZero())
    .map((b) => ({ asset: b.asset, free: fixed8(minus(b.total, b.locked)), locked: fixed8(b.locked) })),
  permissions: ['SPOT'],
  uid: spotUidOf(account),
});

export const keyRights = (key: AccountKey): object => ({
  ipRestrict: key.addresses.length > 0,
  createTime: key.createdMs,
  enableReading: true,
  enableWithdrawals: key.mayWithdraw,
  enableInternalTransfer: false,
  enableMargin: false,
  enableFutures: key.mayTrade,
  permitsUniversalTransfer: false,
  enableVanillaOptions: false,
  enableFixApiTrade: false,
  enableFixReadOnly: true,
  enableSpotAndMarginTrading: key.mayTrade,
  enablePortfolioMarginTrading: false,
  ...(key.expiresMs === null ? {} : { tradingAuthorityExpirationTime: key.expiresMs }),
});
