/** A venue of one spot pair and one perpetual for tests of the shared accounts. */
import { expect } from 'vitest';
import type { AccountEvent, AccountOpening, Listing, NewOrder, Placed, SimAccounts, TopOfBook, VenuePolicy } from './account.ts';
import { createSimAccounts } from './accounts.ts';

export const LISTINGS: readonly Listing[] = [
  {
    symbol: 'SPOT',
    kind: 'spot',
    base: 'BTC',
    quote: 'USDT',
    basePerUnit: '1',
    firstOrderId: '100',
    firstTradeId: '1',
    fundingHours: null,
    maintenanceRate: '0',
  },
  {
    symbol: 'PERP',
    kind: 'perpetual',
    base: 'XAU',
    quote: 'USDT',
    basePerUnit: '0.1',
    firstOrderId: '8389766145050669870',
    firstTradeId: '500',
    fundingHours: 8,
    maintenanceRate: '0.005',
  },
];
export const POLICY: VenuePolicy = {
  postOnlyCrossing: 'refuse',
  fokShort: 'refuse',
  reduceOnlyOversize: 'cut',
  forgetUnfilledMs: 1_000,
  forgetFilledMs: 100_000,
  moneyDecimals: 8,
};
export const TOP: TopOfBook = { bidPrice: '4000', bidQty: '5', askPrice: '4001', askQty: '5' };
export const OPENING: Omit<AccountOpening, 'id' | 'keys'> = {
  balances: { USDT: '100000', BTC: '10' },
  fees: { spot: { maker: '0.001', taker: '0.001' }, perpetual: { maker: '0.0002', taker: '0.0005' } },
};

export const order = (over: Partial<NewOrder> = {}): NewOrder => ({
  symbol: 'PERP',
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  qty: '1',
  quoteQty: null,
  qtyStep: '0.001',
  price: '4001',
  worstPrice: null,
  reduceOnly: false,
  clientId: `c${Math.trunc(next())}`,
  selfTrade: 'cancel-taker',
  tag: '',
  goodTillMs: null,
  wire: {},
  ...over,
});
let count = 0;
const next = () => (count += 1);

export interface TestVenue {
  readonly accounts: SimAccounts;
  readonly events: AccountEvent[];
  readonly at: { ms: number };
}
export const venue = (policy: Partial<VenuePolicy> = {}, file: string | null = null): TestVenue => {
  const at = { ms: 1_795_353_000_000 };
  const accounts = createSimAccounts({ listings: LISTINGS, policy: { ...POLICY, ...policy }, clock: () => at.ms, file });
  const events: AccountEvent[] = [];
  accounts.watch((told) => events.push(...told));
  for (const id of ['a', 'b']) accounts.open({ id, keys: [], ...OPENING });
  for (const { symbol } of LISTINGS) accounts.market(symbol, TOP);
  return { accounts, events, at };
};
export const placed = (result: ReturnType<SimAccounts['place']>): Placed => {
  expect(result).toMatchObject({ ok: true });
  return result as Placed;
};
