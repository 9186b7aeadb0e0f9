/**
 * The nouns of a simulated exchange's accounts: what is listed, who may trade, what an order is and what became of it, and what a
 * venue is told of it. Types only, of no venue: each venue maps them to its own wire. Quantities are in the venue's unit (base
 * quantity, contracts), money in the asset's own unit, both decimal text; times are Unix ms on the venue's clock.
 */
import type { DecimalText } from '../../../../src-shared/domain/decimal.ts';
import type { Side } from '../../../../src-shared/domain/order.ts';

export type AccountId = string;

/** What is traded, with the rules that belong to the book itself; filters with codes of their own stay with the venue. */
export interface Listing {
  readonly symbol: string;
  readonly kind: 'spot' | 'perpetual';
  readonly base: string;
  readonly quote: string;
  /** Base units in one unit of quantity; '1' where quantities are in base units. */
  readonly basePerUnit: DecimalText;
  /** Order and trade ids of this symbol count up from here; whole numbers of any length. */
  readonly firstOrderId: string;
  readonly firstTradeId: string;
  /** Hours between funding payments; null = spot. */
  readonly fundingHours: number | null;
  /** Margin as a share of notional that a position needs to live. */
  readonly maintenanceRate: DecimalText;
}

/** How this venue answers where venues differ. */
export interface VenuePolicy {
  /** A post-only order that would take: refused at once, or taken and canceled. */
  readonly postOnlyCrossing: 'refuse' | 'cancel';
  /** A fill-or-kill that cannot be filled whole: refused at once, or taken and ended. */
  readonly fokShort: 'refuse' | 'cancel';
  /** A reduce-only order larger than the position: refused whole, or taken for as much as is held. */
  readonly reduceOnlyOversize: 'refuse' | 'cut';
  /** How long an order that ended unfilled, and one with fills, can be asked for. */
  readonly forgetUnfilledMs: number;
  readonly forgetFilledMs: number;
  /** Client id of an order that the exchange makes itself; `count` tells them apart. */
  readonly venueClientId?: (origin: Exclude<OrderOrigin, 'user'>, count: string) => string;
  /** Digits behind the point of a fee and of money; fees are rounded away from zero, everything else half-even. */
  readonly moneyDecimals: number;
}

/** Fees as a share of notional: positive = paid. */
export interface FeeRate {
  readonly maker: DecimalText;
  readonly taker: DecimalText;
}

/** A key as the venue keeps it. */
export interface AccountKey {
  readonly apiKey: string;
  readonly proof:
    | { readonly algorithm: 'hmac-sha256'; readonly secret: string }
    | { readonly algorithm: 'ed25519'; readonly publicKeyPem: string };
  /** OKX only. */
  readonly passphrase: string | null;
  readonly mayTrade: boolean;
  readonly mayWithdraw: boolean;
  /** Addresses it works from; empty = any. */
  readonly addresses: readonly string[];
  /** When it ends by itself; null = never. */
  readonly expiresMs: number | null;
  readonly createdMs: number;
}

/** What an account pays and how it trades unless it is told otherwise; kept with the book. */
export interface AccountTerms {
  /** By symbol, else by kind. */
  readonly fees: { readonly spot: FeeRate; readonly perpetual: FeeRate; readonly bySymbol?: Readonly<Record<string, FeeRate>> };
  /** Pays spot and futures fees in this asset while it lasts, at this share of the ordinary fee; null = in the ordinary one. */
  readonly feeAsset?: { readonly asset: string; readonly share: DecimalText; readonly priceInQuote: DecimalText } | null;
  readonly leverage?: number;
  readonly marginMode?: MarginMode;
}

/** What an account is opened with; one that the book already knows keeps its money and takes only keys and terms anew. */
export interface AccountOpening extends AccountTerms {
  readonly id: AccountId;
  readonly keys: readonly AccountKey[];
  readonly balances: Readonly<Record<string, DecimalText>>;
  readonly positionMode?: PositionMode;
  /** Whether the agreement that some symbols need is signed. Absent = it is. */
  readonly signed?: boolean;
}

export type MarginMode = 'cross' | 'isolated';
/** `hedge` is only reported and refused orders with: positions of both sides at once are not simulated. */
export type PositionMode = 'net' | 'hedge';
export type SelfTradeRule = 'none' | 'cancel-taker' | 'cancel-maker' | 'cancel-both';
export type TimeInForce = 'gtc' | 'ioc' | 'fok' | 'post-only';

export interface NewOrder {
  readonly symbol: string;
  readonly side: Side;
  readonly type: 'limit' | 'market';
  /** Of a market order: `ioc`. */
  readonly timeInForce: TimeInForce;
  /** null = by `quoteQty`. */
  readonly qty: DecimalText | null;
  /** Spot market orders alone: how much quote to spend or to receive; the venue's step cuts the quantity. */
  readonly quoteQty: DecimalText | null;
  /** What `quoteQty` is cut to. */
  readonly qtyStep: DecimalText;
  /** null = market. */
  readonly price: DecimalText | null;
  /** A market order goes no further than this; null = the book's end. */
  readonly worstPrice: DecimalText | null;
  readonly reduceOnly: boolean;
  readonly clientId: string;
  readonly selfTrade: SelfTradeRule;
  /** For timers that cancel by tag; empty = none. */
  readonly tag: string;
  /** Ends by itself then; null = never. */
  readonly goodTillMs: number | null;
  /** Words of the venue's own request that its reports repeat; the book does not read them. */
  readonly wire: Readonly<Record<string, string>>;
}

export type OrderStage = 'new' | 'partially-filled' | 'filled' | 'canceled' | 'expired' | 'rejected';
export const hasEnded = (stage: OrderStage): boolean => stage !== 'new' && stage !== 'partially-filled';

/** Why an order ended without being filled whole. */
export type EndReason =
  | 'asked'
  | 'ioc-remainder'
  | 'market-remainder'
  | 'fok'
  | 'post-only'
  | 'self-trade'
  | 'dead-man'
  | 'good-till'
  /** A reduce-only order whose position is gone. */
  | 'nothing-to-reduce'
  | 'liquidation'
  /** Money was there when it was taken and is not any more. */
  | 'balance'
  | 'replaced';

/** Whose order: an exchange's own ones close what an account holds. */
export type OrderOrigin = 'user' | 'liquidation' | 'deleveraging' | 'settlement';

/** An order as the book keeps it; replaced whole at every change. */
export interface BookOrder extends NewOrder {
  readonly orderId: string;
  readonly account: AccountId;
  readonly origin: OrderOrigin;
  /** The quantity that counts: of the request, or what `quoteQty` came to. */
  readonly orderQty: DecimalText;
  readonly stage: OrderStage;
  readonly endReason: EndReason | null;
  readonly filledQty: DecimalText;
  /** Sum of price × quantity × basePerUnit over fills. */
  readonly filledQuote: DecimalText;
  /** 0 before the first fill; all its digits, the venue rounds. */
  readonly averagePrice: DecimalText;
  /** Totals by asset, positive = paid. */
  readonly fees: Readonly<Record<string, DecimalText>>;
  readonly realized: DecimalText;
  /** Whether it ever rested. */
  readonly rested: boolean;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly fillCount: number;
}

export interface BookFill {
  readonly tradeId: string;
  readonly orderId: string;
  readonly clientId: string;
  readonly account: AccountId;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: DecimalText;
  readonly price: DecimalText;
  /** price × qty × basePerUnit. */
  readonly quote: DecimalText;
  readonly maker: boolean;
  /** Positive = paid. */
  readonly fee: DecimalText;
  readonly feeAsset: string;
  /** Of a perpetual: gain in quote that the reduced part brought, fee not in it. */
  readonly realized: DecimalText;
  readonly origin: OrderOrigin;
  readonly atMs: number;
  /** Counts up over all fills of the venue: a cursor. */
  readonly seq: number;
}

export interface Balance {
  readonly asset: string;
  /** Everything owned; of futures the wallet without what positions are worth. */
  readonly total: DecimalText;
  /** Part of it behind resting spot orders. */
  readonly locked: DecimalText;
  readonly updatedMs: number;
}

export interface Position {
  readonly symbol: string;
  /** Positive = long. */
  readonly qty: DecimalText;
  /** 0 when flat. */
  readonly entryPrice: DecimalText;
  /** At which closing it pays its fees back; 0 when flat. */
  readonly breakEvenPrice: DecimalText;
  /** Realized since it was opened. */
  readonly realized: DecimalText;
  /** Over its life, before fees: what venues call accumulated. */
  readonly accumulated: DecimalText;
  readonly leverage: number;
  readonly marginMode: MarginMode;
  /** Both at the middle of the last book; '0' before the first. */
  readonly markPrice: DecimalText;
  readonly unrealized: DecimalText;
  /** Value at the mark, positive. */
  readonly notional: DecimalText;
  readonly initialMargin: DecimalText;
  readonly maintenanceMargin: DecimalText;
  /** 0 = none in reach. */
  readonly liquidationPrice: DecimalText;
  readonly updatedMs: number;
}

/** Margin money of one account in one asset. */
export interface MarginReport {
  readonly asset: string;
  readonly wallet: DecimalText;
  readonly unrealized: DecimalText;
  readonly positionMargin: DecimalText;
  readonly orderMargin: DecimalText;
  readonly maintenance: DecimalText;
  /** wallet + unrealized. */
  readonly equity: DecimalText;
  /** What new orders may use; never below 0. */
  readonly available: DecimalText;
}

/** Money that came or went other than by a trade or its fee. */
export interface Transfer {
  readonly id: string;
  readonly account: AccountId;
  readonly kind: 'funding' | 'deposit' | 'liquidation-fee' | 'realized' | 'commission';
  readonly asset: string;
  /** Positive = received. */
  readonly amount: DecimalText;
  readonly symbol: string | null;
  readonly tradeId: string | null;
  readonly atMs: number;
}

/** Why the book says no; each venue has its own code and words. */
export type RefusalCode =
  | 'unknown-symbol'
  | 'duplicate-id'
  | 'no-market'
  | 'insufficient-balance'
  | 'insufficient-margin'
  | 'reduce-only-none'
  | 'reduce-only-oversize'
  | 'post-only-crossing'
  | 'fok-short'
  | 'too-small'
  | 'too-many-orders'
  | 'unknown-order'
  | 'no-change'
  | 'open-orders'
  | 'open-positions'
  | 'already-set';

export interface Refused {
  readonly ok: false;
  readonly code: RefusalCode;
}
export interface Placed {
  readonly ok: true;
  /** After everything that could be matched at once. */
  readonly order: BookOrder;
  readonly fills: readonly BookFill[];
}
export interface Changed {
  readonly ok: true;
  readonly order: BookOrder;
}
export interface Done {
  readonly ok: true;
}

/** By the venue's id or the client's; with both, the venue's counts. */
export interface OrderKey {
  readonly symbol: string;
  readonly orderId?: string | null;
  readonly clientId?: string | null;
}

/** What happened to one account, in the order in which it happened. */
export type AccountEvent =
  | {
      readonly kind: 'order';
      readonly account: AccountId;
      readonly change: 'accepted' | 'traded' | 'amended' | 'ended';
      /** As it was right after this change. */
      readonly order: BookOrder;
      readonly fill: BookFill | null;
      readonly atMs: number;
    }
  | {
      readonly kind: 'money';
      readonly account: AccountId;
      readonly why: 'order' | 'funding' | 'deposit' | 'margin';
      /** Only what changed; `delta` = what came other than by a trade. */
      readonly balances: ReadonlyArray<Balance & { readonly delta: DecimalText }>;
      readonly positions: readonly Position[];
      readonly atMs: number;
    }
  | { readonly kind: 'leverage'; readonly account: AccountId; readonly symbol: string; readonly leverage: number; readonly atMs: number };

/** Best prices of the running market with what is displayed there. */
export interface TopOfBook {
  readonly bidPrice: DecimalText;
  readonly bidQty: DecimalText;
  readonly askPrice: DecimalText;
  readonly askQty: DecimalText;
}

export interface FillQuestion {
  readonly symbol?: string;
  readonly orderId?: string;
  readonly kind?: 'spot' | 'perpetual';
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** What the outside reads and sets of one account's conditions. */
export interface AccountConditions {
  readonly positionMode: PositionMode;
  readonly signed: boolean;
  readonly feeAsset: string | null;
  readonly openedMs: number;
}

/**
 * The accounts of one venue. Every call is carried out at once and whole; events of one call come as one list, after everything
 * is durable. Nothing is random; time is what `clock` says.
 */
export interface SimAccounts {
  /** Opens it, or gives a known one its keys and fees anew. */
  open(opening: AccountOpening): void;
  /** Who signs with this key. */
  ofKey(apiKey: string): { readonly account: AccountId; readonly key: AccountKey } | null;
  /** Every account that was opened or restored. */
  list(): readonly AccountId[];
  conditions(account: AccountId): AccountConditions;
  sign(account: AccountId): void;
  feeRate(account: AccountId, symbol: string): FeeRate;

  place(account: AccountId, order: NewOrder): Placed | Refused;
  /** What `place` would refuse; nothing is done. */
  judge(account: AccountId, order: NewOrder): Done | Refused;
  cancel(account: AccountId, key: OrderKey): Changed | Refused;
  /** Everything that rests, of one symbol or of all, with this tag or whatever tag; in order of their making. */
  cancelAll(account: AccountId, of?: { readonly symbol?: string; readonly tag?: string }): readonly BookOrder[];
  /** New price and total quantity of a resting order; loses its place, and may take. */
  amend(account: AccountId, key: OrderKey, to: { readonly price?: DecimalText; readonly qty?: DecimalText }): Placed | Refused;

  /** With a client id: the newest that had it. null = never existed, or forgotten. */
  order(account: AccountId, key: OrderKey): BookOrder | null;
  /** Oldest first. */
  openOrders(account: AccountId, symbol?: string): readonly BookOrder[];
  /** Whatever is still remembered, oldest first. */
  orders(account: AccountId, symbol?: string): readonly BookOrder[];
  /** Oldest first. */
  fills(account: AccountId, question?: FillQuestion): readonly BookFill[];
  transfers(account: AccountId, question?: { readonly fromMs?: number; readonly toMs?: number }): readonly Transfer[];

  balances(account: AccountId): readonly Balance[];
  margin(account: AccountId, asset: string): MarginReport;
  /** Of every listed perpetual, flat ones too. */
  positions(account: AccountId): readonly Position[];
  position(account: AccountId, symbol: string): Position;

  setLeverage(account: AccountId, symbol: string, leverage: number): Done | Refused;
  setMarginMode(account: AccountId, symbol: string, mode: MarginMode): Done | Refused;
  setPositionMode(account: AccountId, mode: PositionMode): Done | Refused;
  deposit(account: AccountId, asset: string, amount: DecimalText): void;

  /** Cancels what rests once this much time has passed without another call; 0 = off. Scope is a symbol, a tag, or everything. */
  armDeadMan(
    account: AccountId,
    scope: { readonly symbol?: string; readonly tag?: string },
    timeoutMs: number,
  ): { readonly firesMs: number };
  deadMen(account: AccountId): ReadonlyArray<{ readonly symbol: string | null; readonly tag: string | null; readonly firesMs: number }>;

  /** The market moved: displayed sizes are whole again, resting orders that it reaches are executed. */
  market(symbol: string, top: TopOfBook | (() => TopOfBook)): void;
  top(symbol: string): TopOfBook | null;
  /** Middle of the last book; null before the first. */
  mark(symbol: string): DecimalText | null;
  /** Timers that are due: dead men, good-till, funding. */
  tick(): void;
  /** Share of notional at the next funding; positive = longs pay. */
  fundingRate(symbol: string): DecimalText;
  setFundingRate(symbol: string, rate: DecimalText): void;
  nextFundingMs(symbol: string): number;

  /** The exchange closes it, or a part of it, at the top of the book without asking; null = nothing is held. */
  closeByVenue(account: AccountId, symbol: string, origin: Exclude<OrderOrigin, 'user'>, qty?: DecimalText): BookOrder | null;
  /** The next order of this account takes at most this share of what it would take at once (momentary; then it is as before). */
  partialNext(account: AccountId | null, share: number): void;

  /** Events of one call or tick; several may watch. Returns how to stop. */
  watch(listener: (events: readonly AccountEvent[]) => void): () => void;
}

export interface SimAccountsSettings {
  readonly listings: readonly Listing[];
  readonly policy: VenuePolicy;
  /** Unix ms on the venue's clock. */
  readonly clock: () => number;
  /** Where the book is kept; null = forgotten at the end. */
  readonly file: string | null;
}
