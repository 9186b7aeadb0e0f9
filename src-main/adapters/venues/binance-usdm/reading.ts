/** Everything that a futures account knows of us, or a sentence why not: never a part of it. Executions are asked for last. */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import { instrumentIdOf } from '../../../../src-shared/domain/ids.ts';
import type { AccountReport, PositionReport } from '../../../../src-shared/domain/order.ts';
import type { z } from 'zod';
import type { BinanceAccount } from '../shared/binanceAccount.ts';
import { openOrders } from '../shared/binanceOrderWire.ts';
import { byTime, openOrderOf } from '../shared/binanceReports.ts';
import { plainDecimal } from '../shared/decimalText.ts';
import type { AccountReading } from '../shared/orders/parts.ts';
import { account, PATHS, positions, WEIGHTS } from './accountWire.ts';

type AccountWire = z.output<typeof account>;
type PositionsWire = z.output<typeof positions>;

/** One a symbol: both sides of hedge mode together. What is flat does not appear. */
export const positionsOf = (venueId: string, wire: PositionsWire): readonly PositionReport[] => {
  const bySymbol = new Map<string, PositionsWire>();
  for (const row of wire) bySymbol.set(row.symbol, [...(bySymbol.get(row.symbol) ?? []), row]);
  return [...bySymbol].flatMap(([symbol, rows]) => {
    const qty = rows.reduce((sum, { positionAmt }) => sum.plus(positionAmt), new Decimal(0));
    if (qty.isZero()) return [];
    const held = rows.filter(({ positionAmt }) => !new Decimal(positionAmt).isZero());
    const avgPx = held.length === 1 ? plainDecimal(held[0]!.entryPrice) : null;
    return [{ instrumentId: instrumentIdOf(symbol, venueId), qty: qty.toFixed(), foreignQty: null, avgPx }];
  });
};

/** In the currency that the positions settle in; in multi-assets mode all assets together, in USD. */
export const accountOf = (wire: AccountWire, settleCcy: string, isMultiAssets: boolean): AccountReport => {
  const balances = wire.assets.map(({ asset, walletBalance, availableBalance }) => ({
    ccy: asset,
    free: plainDecimal(availableBalance),
    total: plainDecimal(walletBalance),
  }));
  const own = wire.assets.find(({ asset }) => asset === settleCcy);
  const figures = isMultiAssets
    ? { ccy: 'USD', equity: wire.totalMarginBalance, marginUsed: wire.totalInitialMargin, marginFree: wire.availableBalance }
    : {
        ccy: settleCcy,
        equity: own?.marginBalance ?? '0',
        marginUsed: own?.initialMargin ?? '0',
        marginFree: own?.availableBalance ?? '0',
      };
  return {
    ccy: figures.ccy,
    equity: plainDecimal(figures.equity),
    marginUsed: plainDecimal(figures.marginUsed),
    marginFree: plainDecimal(figures.marginFree),
    balances,
  };
};

export const readUsdm = async (
  { calls, clock, trades, venueId, parts }: BinanceAccount,
  fillsSinceUnixMs: number,
  { settleCcy, isMultiAssets }: { readonly settleCcy: string; readonly isMultiAssets: boolean },
): Promise<AccountReading | string> => {
  const [open, held, money] = await Promise.all([
    calls.signed('GET', PATHS.openOrders, {}, openOrders, { cost: WEIGHTS.openOrdersOfAll }),
    calls.signed('GET', PATHS.positions, {}, positions, { cost: WEIGHTS.positions }),
    calls.signed('GET', PATHS.account, {}, account, { cost: WEIGHTS.account }),
  ]);
  if (!open.ok) return open.why;
  if (!held.ok) return held.why;
  if (!money.ok) return money.why;
  const nowMs = clock.unixMs();
  if (nowMs === null) return clock.why;
  const fills = await Promise.all(parts.instruments.map(({ id, symbol }) => trades.since(id, symbol, fillsSinceUnixMs, nowMs)));
  const why = fills.find((found): found is string => typeof found === 'string');
  if (why !== undefined) return why;
  return {
    openOrders: open.value.map(openOrderOf),
    fills: fills.flatMap((found) => found as Exclude<typeof found, string>).sort(byTime),
    positions: positionsOf(venueId, held.value),
    account: accountOf(money.value, settleCcy, isMultiAssets),
  };
};
