/**
 * OKX's allowances as we count them: one an endpoint and, for orders, one an instrument, which REST and socket share; placing, canceling
 * and asking draw on different ones. Data of the documentation; the sub-account's own figure is read live.
 */
import type { AllowanceSpec, BudgetSpec } from '../shared/orders/usage.ts';

/** OKX counts in windows of two seconds and names no other duration when it says "too often". */
export const WINDOW_MS = 2_000;
/** New orders of a sub-account, before its own figure is known. */
export const DEFAULT_ACCOUNT_ORDERS = 1_000;
export const ACCOUNT_ORDERS = 'orders of the account';

export type Endpoint = keyof typeof ENDPOINTS;
const ENDPOINTS = {
  time: { max: 10, windowMs: WINDOW_MS },
  instruments: { max: 20, windowMs: WINDOW_MS },
  'price limits': { max: 20, windowMs: WINDOW_MS },
  'funding rate': { max: 10, windowMs: WINDOW_MS },
  'account config': { max: 5, windowMs: WINDOW_MS },
  leverage: { max: 20, windowMs: WINDOW_MS },
  fees: { max: 5, windowMs: WINDOW_MS },
  positions: { max: 10, windowMs: WINDOW_MS },
  balance: { max: 10, windowMs: WINDOW_MS },
  'open orders': { max: 60, windowMs: WINDOW_MS },
  fills: { max: 60, windowMs: WINDOW_MS },
  'fills history': { max: 10, windowMs: WINDOW_MS },
  'account limits': { max: 1, windowMs: 1_000 },
  // One a second; a slice less, so that a renewal after exactly a second is not held back by our own counting.
  'dead man': { max: 1, windowMs: 900 },
} as const;

const ORDERS_PER_WINDOW = 60;
type Act = 'place' | 'cancel' | 'query';
const ACTS: readonly Act[] = ['place', 'cancel', 'query'];
/** What an order's request is counted under. */
export const budgetOf = (act: Act, symbol: string): string => `${act} ${symbol}`;
/** The endpoint's own allowance alone: what a "too often" silences. */
const ownOf = (act: Act, symbol: string): string => `${act} ${symbol} only`;
const ACCOUNT_BUDGET = 'account only';

export const okxAllowances = (symbols: readonly string[]): readonly AllowanceSpec[] => [
  ...symbols.flatMap((symbol) => ACTS.map((act) => ({ name: budgetOf(act, symbol), max: ORDERS_PER_WINDOW, windowMs: WINDOW_MS }))),
  { name: ACCOUNT_ORDERS, max: DEFAULT_ACCOUNT_ORDERS, windowMs: WINDOW_MS },
  ...Object.entries(ENDPOINTS).map(([name, limit]) => ({ name, ...limit })),
];

export const okxBudgets = (symbols: readonly string[]): readonly BudgetSpec[] => [
  ...symbols.flatMap((symbol) =>
    ACTS.flatMap((act) => {
      const name = budgetOf(act, symbol);
      return [
        { name, allowances: act === 'place' ? [name, ACCOUNT_ORDERS] : [name] },
        { name: ownOf(act, symbol), allowances: [name] },
      ];
    }),
  ),
  { name: ACCOUNT_BUDGET, allowances: [ACCOUNT_ORDERS] },
  ...Object.keys(ENDPOINTS).map((name) => ({ name, allowances: [name] })),
];

/** Which budget falls silent when a request of `budget` was answered "too often" by the endpoint, or by the whole account. */
export const silencedBy = (budget: string, byAccount: boolean): string => {
  if (byAccount) return ACCOUNT_BUDGET;
  return budget in ENDPOINTS ? budget : `${budget} only`;
};
