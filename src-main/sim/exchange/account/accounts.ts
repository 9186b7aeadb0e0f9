/**
 * The accounts of one simulated venue, joined: book, matching, funds, timers. Owns the order of things in one call: rules, then
 * the book, then the disk, then those who watch. Deterministic: the same calls at the same clock give the same book.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import {
  hasEnded,
  type AccountEvent,
  type AccountId,
  type AccountOpening,
  type Balance,
  type BookFill,
  type BookOrder,
  type Changed,
  type Done,
  type FillQuestion,
  type MarginMode,
  type NewOrder,
  type OrderKey,
  type OrderOrigin,
  type Placed,
  type Position,
  type PositionMode,
  type RefusalCode,
  type Refused,
  type SimAccounts,
  type SimAccountsSettings,
  type TopOfBook,
  type Transfer,
} from './account.ts';
import { Book, type Market } from './book.ts';
import { balanceOf, marginOf, markOf, rateOf, viewPosition } from './funds.ts';
import { Matching } from './matching.ts';
import { decimal, textOf } from './money.ts';

const MS_PER_HOUR = 3_600_000;
const refused = (code: RefusalCode): Refused => ({ ok: false, code });
const DONE: Done = { ok: true };

class VenueAccounts implements SimAccounts {
  readonly #book: Book;
  readonly #matching: Matching;
  readonly #listeners = new Set<(events: readonly AccountEvent[]) => void>();
  readonly #keys = new Map<string, AccountId>();

  constructor(settings: SimAccountsSettings) {
    this.#book = new Book(settings);
    this.#matching = new Matching(this.#book);
  }

  open(opening: AccountOpening): void {
    const known = this.#book.accounts.has(opening.id);
    const state = this.#book.ensureAccount(opening.id);
    const { keys, fees, feeAsset, leverage, marginMode } = opening;
    state.keys = keys;
    state.terms = {
      fees,
      feeAsset: feeAsset ?? null,
      ...(leverage === undefined ? {} : { leverage }),
      ...(marginMode === undefined ? {} : { marginMode }),
    };
    for (const key of opening.keys) this.#keys.set(key.apiKey, opening.id);
    if (!known) {
      state.positionMode = opening.positionMode ?? 'net';
      state.signed = opening.signed ?? true;
      for (const [asset, amount] of Object.entries(opening.balances)) this.#book.pay(opening.id, asset, decimal(amount));
    }
    this.#book.putAccount(state);
    this.#book.commit();
  }

  ofKey(apiKey: string) {
    const account = this.#keys.get(apiKey);
    const key = account === undefined ? undefined : this.#book.account(account).keys.find((k) => k.apiKey === apiKey);
    return account === undefined || key === undefined ? null : { account, key };
  }

  list(): readonly AccountId[] {
    return [...this.#book.accounts.keys()];
  }

  conditions(account: AccountId) {
    const { positionMode, signed, openedMs, terms } = this.#book.account(account);
    return { positionMode, signed, openedMs, feeAsset: terms?.feeAsset?.asset ?? null };
  }

  sign(account: AccountId): void {
    const state = this.#book.account(account);
    state.signed = true;
    this.#book.putAccount(state);
    this.#book.commit();
  }

  feeRate(account: AccountId, symbol: string) {
    return rateOf(this.#book, account, this.#market(symbol));
  }

  place(account: AccountId, order: NewOrder): Placed | Refused {
    return this.#step(() => this.#matching.place(account, order));
  }

  judge(account: AccountId, order: NewOrder): Done | Refused {
    const code = this.#matching.judge(account, order);
    return code === null ? DONE : refused(code);
  }

  cancel(account: AccountId, key: OrderKey): Changed | Refused {
    const order = this.#book.find(account, key);
    if (order === null || hasEnded(order.stage)) return refused('unknown-order');
    return this.#step(() => ({ ok: true, order: this.#matching.end(order, 'asked') }));
  }

  cancelAll(account: AccountId, of: { readonly symbol?: string; readonly tag?: string } = {}): readonly BookOrder[] {
    return this.#step(() => this.#endAll(account, of, 'asked'));
  }

  #endAll(
    account: AccountId,
    of: { readonly symbol?: string | null; readonly tag?: string | null },
    why: 'asked' | 'dead-man',
  ): BookOrder[] {
    return this.openOrders(account, of.symbol ?? undefined)
      .filter((o) => of.tag === null || of.tag === undefined || o.tag === of.tag)
      .map((order) => this.#matching.end(order, why));
  }

  amend(account: AccountId, key: OrderKey, to: { readonly price?: string; readonly qty?: string }): Placed | Refused {
    const order = this.#book.find(account, key);
    if (order === null || hasEnded(order.stage)) return refused('unknown-order');
    return this.#step(() => this.#matching.amend(order, to));
  }

  #remembered(order: BookOrder): boolean {
    const { policy } = this.#book.settings;
    if (!hasEnded(order.stage)) return true;
    const keptMs = order.fillCount === 0 ? policy.forgetUnfilledMs : policy.forgetFilledMs;
    return this.#book.now - order.updatedMs <= keptMs;
  }

  order(account: AccountId, key: OrderKey): BookOrder | null {
    const order = this.#book.find(account, key);
    return order !== null && this.#remembered(order) ? order : null;
  }

  openOrders(account: AccountId, symbol?: string): readonly BookOrder[] {
    const markets = symbol === undefined ? [...this.#book.markets.values()] : [this.#market(symbol)];
    return markets
      .flatMap((m) => [...m.resting.values()].filter((o) => o.account === account))
      .toSorted((a, b) => a.createdMs - b.createdMs || (BigInt(a.orderId) < BigInt(b.orderId) ? -1 : 1));
  }

  orders(account: AccountId, symbol?: string): readonly BookOrder[] {
    return [...this.#book.orders.values()].filter(
      (o) => o.account === account && (symbol === undefined || o.symbol === symbol) && this.#remembered(o),
    );
  }

  fills(account: AccountId, question: FillQuestion = {}): readonly BookFill[] {
    const { symbol, orderId, kind, fromMs = -Infinity, toMs = Infinity } = question;
    return this.#book.fills.filter(
      (f) =>
        f.account === account &&
        (symbol === undefined || f.symbol === symbol) &&
        (orderId === undefined || f.orderId === orderId) &&
        (kind === undefined || this.#book.markets.get(f.symbol)?.listing.kind === kind) &&
        f.atMs >= fromMs &&
        f.atMs <= toMs,
    );
  }

  transfers(account: AccountId, { fromMs = -Infinity, toMs = Infinity } = {}): readonly Transfer[] {
    return this.#book.transfers.filter((t) => t.account === account && t.atMs >= fromMs && t.atMs <= toMs);
  }

  balances(account: AccountId): readonly Balance[] {
    return [...this.#book.account(account).wallets.keys()].map((asset) => balanceOf(this.#book, account, asset));
  }

  margin(account: AccountId, asset: string) {
    return marginOf(this.#book, account, asset);
  }

  positions(account: AccountId): readonly Position[] {
    return [...this.#book.markets.values()].filter((m) => m.listing.kind === 'perpetual').map((m) => viewPosition(this.#book, account, m));
  }

  position(account: AccountId, symbol: string): Position {
    return viewPosition(this.#book, account, this.#market(symbol));
  }

  setLeverage(account: AccountId, symbol: string, leverage: number): Done | Refused {
    return this.#step(() => {
      this.#book.putHolding(account, { ...this.#book.holding(account, symbol), leverage });
      this.#book.events.push({ kind: 'leverage', account, symbol, leverage, atMs: this.#book.now });
      return DONE;
    });
  }

  setMarginMode(account: AccountId, symbol: string, marginMode: MarginMode): Done | Refused {
    const holding = this.#book.holding(account, symbol);
    if (holding.marginMode === marginMode) return refused('already-set');
    if (!holding.qty.isZero()) return refused('open-positions');
    if (this.openOrders(account, symbol).length > 0) return refused('open-orders');
    this.#book.putHolding(account, { ...holding, marginMode });
    this.#book.commit();
    return DONE;
  }

  setPositionMode(account: AccountId, mode: PositionMode): Done | Refused {
    const state = this.#book.account(account);
    if (state.positionMode === mode) return refused('already-set');
    if (this.openOrders(account).length > 0) return refused('open-orders');
    if ([...state.holdings.values()].some((h) => !h.qty.isZero())) return refused('open-positions');
    state.positionMode = mode;
    this.#book.putAccount(state);
    this.#book.commit();
    return DONE;
  }

  deposit(account: AccountId, asset: string, amount: string): void {
    this.#step(() => {
      this.#transfer(account, 'deposit', asset, decimal(amount), null);
      this.#tellMoney(account, 'deposit', [{ asset, delta: amount }], []);
    });
  }

  #transfer(account: AccountId, kind: Transfer['kind'], asset: string, amount: Decimal, symbol: string | null): void {
    this.#book.pay(account, asset, amount);
    const atMs = this.#book.now;
    const id = String(BigInt(atMs) * 1_000n + BigInt(this.#book.transfers.length % 1_000));
    this.#book.putTransfer({ id, account, kind, asset, amount: textOf(amount), symbol, tradeId: null, atMs });
  }

  armDeadMan(account: AccountId, scope: { readonly symbol?: string; readonly tag?: string }, timeoutMs: number) {
    const firesMs = timeoutMs === 0 ? 0 : this.#book.now + timeoutMs;
    this.#book.putDeadMan({ account, symbol: scope.symbol ?? null, tag: scope.tag ?? null, firesMs });
    this.#book.commit();
    return { firesMs };
  }

  deadMen(account: AccountId) {
    return [...this.#book.deadMen.values()].filter((t) => t.account === account);
  }

  market(symbol: string, top: TopOfBook | (() => TopOfBook)): void {
    const market = this.#book.markets.get(symbol);
    if (market === undefined) return;
    this.#matching.market(market, typeof top === 'function' ? top : () => top);
    if (this.#book.events.length > 0) this.#finish();
  }

  top(symbol: string): TopOfBook | null {
    return this.#market(symbol).top;
  }

  mark(symbol: string): string | null {
    const mark = markOf(this.#market(symbol));
    return mark === null ? null : textOf(mark);
  }

  tick(): void {
    const { now } = this.#book;
    for (const timer of [...this.#book.deadMen.values()].filter((t) => t.firesMs <= now)) {
      this.#book.putDeadMan({ ...timer, firesMs: 0 });
      this.#endAll(timer.account, timer, 'dead-man');
    }
    for (const market of this.#book.markets.values()) {
      for (const order of market.resting.values())
        if (order.goodTillMs !== null && order.goodTillMs <= now) this.#matching.end(order, 'good-till');
      if (market.listing.fundingHours === null) continue;
      if (now >= market.nextFundingMs) this.#fund(market);
      else if (market.nextFundingMs - now > market.listing.fundingHours * MS_PER_HOUR) market.scheduleFunding(now);
    }
    this.#finish();
  }

  #fund(market: Market): void {
    const { now } = this.#book;
    market.scheduleFunding(now);
    const mark = markOf(market);
    if (mark === null) return;
    const { symbol, quote } = market.listing;
    for (const { id } of this.#book.accounts.values()) {
      const { qty } = this.#book.holding(id, symbol);
      if (qty.isZero()) continue;
      const places = this.#book.settings.policy.moneyDecimals;
      const amount = qty.times(market.basePerUnit).times(mark).times(market.fundingRate).neg().toDecimalPlaces(places);
      this.#transfer(id, 'funding', quote, amount, symbol);
      this.#tellMoney(id, 'funding', [{ asset: quote, delta: textOf(amount) }], []);
    }
  }

  fundingRate(symbol: string): string {
    return this.#market(symbol).fundingRate;
  }

  setFundingRate(symbol: string, rate: string): void {
    this.#market(symbol).fundingRate = rate;
  }

  nextFundingMs(symbol: string): number {
    return this.#market(symbol).nextFundingMs;
  }

  closeByVenue(account: AccountId, symbol: string, origin: Exclude<OrderOrigin, 'user'>, qty?: string): BookOrder | null {
    const market = this.#market(symbol);
    const held = this.#book.holding(account, symbol).qty.abs();
    if (held.isZero() || market.top === null) return null;
    const closing = qty === undefined ? held : Decimal.min(held, qty);
    return this.#step(() => {
      if (origin === 'liquidation') for (const order of this.openOrders(account, symbol)) this.#matching.end(order, 'liquidation');
      return this.#matching.closeByVenue(account, market, origin, closing);
    });
  }

  partialNext(account: AccountId | null, share: number): void {
    this.#matching.partialNext(account, share);
  }

  watch(listener: (events: readonly AccountEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #market(symbol: string): Market {
    const market = this.#book.markets.get(symbol);
    if (market === undefined) throw new Error(`not listed: ${symbol}`);
    return market;
  }

  #step<T>(change: () => T): T {
    const result = change();
    this.#finish();
    return result;
  }

  /** Adds what trades did to money, writes, and tells. */
  #finish(): void {
    const events = this.#book.events.splice(0);
    this.#book.commit();
    if (events.length === 0) return;
    const told = [...events, ...this.#moneyOf(events)];
    for (const listener of this.#listeners) listener(told);
  }

  #moneyOf(events: readonly AccountEvent[]): AccountEvent[] {
    const touched = new Map<AccountId, { readonly assets: Set<string>; readonly symbols: Set<string> }>();
    for (const event of events) {
      if (event.kind !== 'order') continue;
      const { listing } = this.#market(event.order.symbol);
      if (listing.kind === 'perpetual' && event.fill === null) continue;
      const of = touched.get(event.account) ?? { assets: new Set(), symbols: new Set() };
      touched.set(event.account, of);
      for (const asset of assetsOf(event, listing)) of.assets.add(asset);
      if (listing.kind === 'perpetual') of.symbols.add(listing.symbol);
    }
    return [...touched].map(([account, { assets, symbols }]) => ({
      kind: 'money',
      account,
      why: 'order',
      balances: [...assets].map((asset) => ({ ...balanceOf(this.#book, account, asset), delta: '0' })),
      positions: [...symbols].map((symbol) => this.position(account, symbol)),
      atMs: this.#book.now,
    }));
  }

  #tellMoney(
    account: AccountId,
    why: 'funding' | 'deposit',
    deltas: readonly { asset: string; delta: string }[],
    positions: readonly Position[],
  ): void {
    const balances = deltas.map(({ asset, delta }) => ({ ...balanceOf(this.#book, account, asset), delta }));
    this.#book.events.push({ kind: 'money', account, why, balances, positions, atMs: this.#book.now });
  }
}

/** What of the account's assets an order's change may have moved or locked. */
const assetsOf = (
  { fill, order }: Extract<AccountEvent, { kind: 'order' }>,
  { kind, base, quote }: { readonly kind: string; readonly base: string; readonly quote: string },
): readonly string[] => {
  if (kind === 'perpetual') return fill === null ? [] : [quote, fill.feeAsset];
  if (fill !== null) return [base, quote, fill.feeAsset];
  return [order.side === 'buy' ? quote : base];
};

/** @throws SyntaxError, ZodError for a damaged book */
export const createSimAccounts = (settings: SimAccountsSettings): SimAccounts => new VenueAccounts(settings);
