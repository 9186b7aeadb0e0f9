/**
 * An account as it stands now, in OKX's rows. Owns what OKX says of a position's life and the book does not keep: its fees, its
 * last trade, its id. Reads the accounts, never changes them.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { AccountId, BookFill, BookOrder, Position, SimAccounts } from './account/account.ts';
import { fillRow, orderPush, orderRow, positionRow } from './okxAccountRows.ts';
import { accountRow, balanceDetail } from './okxMoneyRows.ts';
import type { OkxInstrument } from './okxListings.ts';

const FIRST_POSITION_ID = 1_848_655_338_268_196_864n;

/** One position from its opening to flat. */
interface Life {
  readonly qty: Decimal;
  readonly fee: Decimal;
  readonly tradeId: string;
  /** Number and time of the fill that opened it. */
  readonly opening: number;
  readonly openedMs: number;
}
const UNBORN: Life = { qty: new Decimal(0), fee: new Decimal(0), tradeId: '', opening: 0, openedMs: 0 };

export interface OkxViewSettings {
  readonly accounts: SimAccounts;
  readonly instruments: readonly OkxInstrument[];
  readonly venueNow: () => number;
  /** Last price of a symbol as text; empty before the first book. */
  readonly lastOf: (symbol: string) => string;
}

export class OkxAccountView {
  readonly #settings: OkxViewSettings;
  readonly #bySymbol: ReadonlyMap<string, OkxInstrument>;
  readonly #lives = new Map<string, Life>();
  readonly #read = new Set<AccountId>();

  constructor(settings: OkxViewSettings) {
    this.#settings = settings;
    this.#bySymbol = new Map(settings.instruments.map((x) => [x.listing.symbol, x]));
    settings.accounts.watch((events) => {
      for (const event of events)
        if (event.kind === 'order' && event.fill !== null && this.#read.has(event.account)) this.#live(event.fill);
    });
  }

  instrument(symbol: string): OkxInstrument {
    const found = this.#bySymbol.get(symbol);
    if (found === undefined) throw new Error(`not listed: ${symbol}`);
    return found;
  }

  #leverage(account: AccountId, x: OkxInstrument): string {
    return x.instType === 'SWAP' ? String(this.#settings.accounts.position(account, x.listing.symbol).leverage) : '';
  }

  order(order: BookOrder) {
    const { accounts } = this.#settings;
    const x = this.instrument(order.symbol);
    const last = order.fillCount === 0 ? null : accounts.fills(order.account, { symbol: order.symbol, orderId: order.orderId }).at(-1);
    const row = orderRow(order, x, last ?? null, this.#leverage(order.account, x));
    return { ...row, category: this.#category(order, row.category) };
  }

  /** A liquidation that leaves something is called partial. */
  #category(order: BookOrder, category: string): string {
    if (order.origin !== 'liquidation') return category;
    const left = this.#settings.accounts.position(order.account, order.symbol).qty;
    return new Decimal(left).isZero() ? category : 'partial_liquidation';
  }

  orderPush(order: BookOrder, fill: BookFill | null, words: Readonly<Record<string, string>> = {}) {
    const x = this.instrument(order.symbol);
    const told = { ...order, wire: { ...order.wire, ...words } };
    const push = orderPush(told, x, fill, this.#settings.lastOf(order.symbol), this.#leverage(order.account, x));
    return { ...push, category: this.#category(order, push.category) };
  }

  fill(fill: BookFill) {
    const order = this.#settings.accounts.order(fill.account, { symbol: fill.symbol, orderId: fill.orderId });
    return fillRow(fill, this.instrument(fill.symbol), order?.tag ?? '');
  }

  /** The position's life is read from its fills once, and followed from then on. */
  #life(account: AccountId, symbol: string): Life {
    if (!this.#read.has(account)) {
      for (const fill of this.#settings.accounts.fills(account, { kind: 'perpetual' })) this.#live(fill);
      this.#read.add(account);
    }
    return this.#lives.get(`${account}|${symbol}`) ?? UNBORN;
  }

  #live(fill: BookFill): void {
    const key = `${fill.account}|${fill.symbol}`;
    const before = this.#lives.get(key) ?? UNBORN;
    const qty = before.qty.plus(fill.side === 'buy' ? fill.qty : new Decimal(fill.qty).neg());
    const anew = before.qty.isZero() || before.qty.times(qty).lt(0);
    this.#lives.set(key, {
      qty,
      fee: (anew ? new Decimal(0) : before.fee).minus(fill.fee),
      tradeId: fill.tradeId,
      opening: anew ? fill.seq : before.opening,
      openedMs: anew ? fill.atMs : before.openedMs,
    });
  }

  position(account: AccountId, p: Position) {
    const { accounts, lastOf } = this.#settings;
    const x = this.instrument(p.symbol);
    const { fee, tradeId, opening, openedMs } = this.#life(account, p.symbol);
    const { equity, maintenance } = accounts.margin(account, x.listing.quote);
    return positionRow(p, x, {
      posId: String(FIRST_POSITION_ID + BigInt(opening)),
      tradeId,
      last: lastOf(p.symbol),
      openedMs,
      fee: fee.toFixed(),
      funding: this.#fundingSince(account, p.symbol, openedMs),
      marginRatio: new Decimal(maintenance).isZero() ? '' : new Decimal(equity).div(maintenance).toDecimalPlaces(12).toFixed(),
    });
  }

  #fundingSince(account: AccountId, symbol: string, fromMs: number): string {
    return this.#settings.accounts
      .transfers(account, { fromMs })
      .filter((t) => t.kind === 'funding' && t.symbol === symbol)
      .reduce((sum, t) => sum.plus(t.amount), new Decimal(0))
      .toFixed();
  }

  /** What is held now. */
  positions(account: AccountId) {
    return this.#settings.accounts
      .positions(account)
      .filter((p) => !new Decimal(p.qty).isZero())
      .map((p) => this.position(account, p));
  }

  #usd(asset: string): Decimal {
    if (asset.startsWith('USD')) return new Decimal(1);
    const priced = this.#settings.instruments.find((x) => x.listing.base === asset);
    return new Decimal((priced === undefined ? null : this.#settings.accounts.mark(priced.listing.symbol)) ?? 0);
  }

  /** Of these currencies, or of all; what is empty is not shown. */
  account(account: AccountId, only: readonly string[] = []) {
    const { accounts, instruments, venueNow } = this.#settings;
    const margined = new Set(instruments.filter((x) => x.instType === 'SWAP').map((x) => x.listing.quote));
    const details = accounts
      .balances(account)
      .filter((b) => only.length === 0 || only.includes(b.asset))
      .map((b) => balanceDetail(b, margined.has(b.asset) ? accounts.margin(account, b.asset) : null, this.#usd(b.asset)))
      .filter((d) => d.cashBal !== '0' || d.eq !== '0');
    return accountRow(details, venueNow());
  }
}
