/**
 * What a trade server keeps: accounts, orders, deals, positions, and the audit of what it accepted. Data only. Money and
 * lots are decimal texts; every time is server time "as if epoch". Records are replaced whole, never changed in place.
 */
import type { DecimalText } from '../../../../src-shared/domain/decimal.ts';

export interface AccountRecord {
  readonly login: number;
  readonly name: string;
  readonly server: string;
  readonly company: string;
  readonly currency: string;
  readonly kind: number;
  readonly marginMode: number;
  readonly leverage: number;
  /** False: investor password, or a broker who has stopped this account. */
  readonly tradeAllowed: boolean;
  /** False: the broker lets no program trade. */
  readonly tradeExpert: boolean;
  readonly hedgeAllowed: boolean;
  readonly fifoClose: boolean;
  /** 0 = none. */
  readonly maxOrders: number;
  readonly maxPositions: number;
  readonly maxRequestsPerSecond: number;
  /** Equity below this share of the margin, percent: the largest loss is closed. */
  readonly stopOutLevel: number;
  readonly balance: DecimalText;
}

export interface OrderRecord {
  readonly ticket: number;
  readonly symbol: string;
  readonly type: number;
  readonly state: number;
  readonly magic: number;
  readonly volumeInitial: DecimalText;
  /** What is not executed. */
  readonly volumeCurrent: DecimalText;
  readonly priceOpen: DecimalText;
  readonly sl: DecimalText;
  readonly tp: DecimalText;
  readonly filling: number;
  readonly setupMsc: number;
  /** 0 while active. */
  readonly doneMsc: number;
  /** Identifier of the position it opened or is to close; 0 until there is one. */
  readonly positionId: number;
  /** Ticket of the position it is to close; 0 = it opens. */
  readonly closes: number;
  readonly reason: number;
  readonly comment: string;
}

export interface DealEntry {
  readonly ticket: number;
  readonly order: number;
  readonly positionId: number;
  readonly magic: number;
  readonly symbol: string;
  readonly type: number;
  readonly entry: number;
  readonly volume: DecimalText;
  readonly price: DecimalText;
  readonly commission: DecimalText;
  readonly swap: DecimalText;
  readonly fee: DecimalText;
  readonly profit: DecimalText;
  readonly timeMsc: number;
  /** The same instant in true UTC; no client is told. */
  readonly utcMs: number;
  readonly reason: number;
  readonly comment: string;
}

export interface PositionRecord {
  /** May change at the server's convenience … */
  readonly ticket: number;
  /** … this never does. */
  readonly identifier: number;
  readonly symbol: string;
  /** 0 buy, 1 sell. */
  readonly type: number;
  readonly magic: number;
  readonly volume: DecimalText;
  readonly priceOpen: DecimalText;
  readonly sl: DecimalText;
  readonly tp: DecimalText;
  readonly swap: DecimalText;
  readonly timeMsc: number;
  readonly updateMsc: number;
  readonly reason: number;
  readonly comment: string;
}

/** One line for every request the server accepted, whoever sent it; no client can reach it. */
export interface AuditLine {
  readonly utcMs: number;
  readonly login: number;
  readonly order: number;
  readonly magic: number;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly lots: DecimalText;
  /** Executed so far. */
  readonly filledLots: DecimalText;
  readonly act: 'open' | 'close' | 'resting';
  /** Identifier of the position it closes; 0 for the other acts. */
  readonly positionId: number;
  readonly reason: number;
  readonly comment: string;
  /** What the client was told, whatever was done. */
  readonly retcode: number;
}

/** As `MqlTradeRequest`; what is not said is zero there. */
export interface TradeRequest {
  readonly action: number;
  readonly symbol: string;
  readonly volume: DecimalText;
  readonly type: number;
  readonly filling: number;
  readonly price: DecimalText;
  readonly sl: DecimalText;
  readonly tp: DecimalText;
  readonly deviation: number;
  readonly magic: number;
  readonly comment: string;
  readonly order: number;
  /** Ticket of the position to close. */
  readonly position: number;
  /** Server time, seconds; 0 = none. */
  readonly expiration: number;
}

/** As `MqlTradeResult`, with what `OrderSend` returns and the error it leaves behind. */
export interface TradeAnswer {
  readonly sent: boolean;
  readonly error: number;
  readonly retcode: number;
  readonly deal: number;
  readonly order: number;
  readonly volume: DecimalText;
  readonly price: DecimalText;
  readonly bid: DecimalText;
  readonly ask: DecimalText;
  readonly comment: string;
}

/** A request as it came, whatever became of it. */
export interface ReceivedRequest {
  readonly utcMs: number;
  readonly login: number;
  readonly reason: number;
  readonly request: TradeRequest;
  /** What the client was told. */
  readonly retcode: number;
  /** Ticket of the order that was really made of it; 0 = none. */
  readonly order: number;
}

export interface Quote {
  readonly bid: DecimalText;
  readonly ask: DecimalText;
  readonly timeMsc: number;
}

/** A change of the book: what is durable, what terminals copy, what `OnTradeTransaction` is made from. */
export type BookChange =
  | { readonly kind: 'account'; readonly account: AccountRecord }
  | { readonly kind: 'order'; readonly login: number; readonly order: OrderRecord; readonly place: 'active' | 'history' }
  | { readonly kind: 'deal'; readonly login: number; readonly deal: DealEntry; readonly gone: boolean }
  | {
      readonly kind: 'position';
      readonly login: number;
      readonly position: PositionRecord;
      readonly gone: boolean;
      /** False: swap, stops, a new ticket; a transaction of its own tells of it. */
      readonly byDeal: boolean;
      /** Ticket it had before, when that changed. */
      readonly was: number;
    }
  | { readonly kind: 'audit'; readonly line: AuditLine }
  | { readonly kind: 'counters'; readonly order: number; readonly deal: number };

export const emptyRequest: TradeRequest = {
  action: 0,
  symbol: '',
  volume: '0',
  type: 0,
  filling: 0,
  price: '0',
  sl: '0',
  tp: '0',
  deviation: 0,
  magic: 0,
  comment: '',
  order: 0,
  position: 0,
  expiration: 0,
};
