/**
 * The book's rows on disk and back. Owns their shape. Each line of the file is the list of rows that one call changed; a later row
 * of the same thing replaces an earlier one, so reading the file in order gives the book as it was.
 */
import { z } from 'zod';
import type { AccountId, AccountTerms, BookFill, BookOrder, PositionMode, Transfer } from './account.ts';
import { decimal, textOf, type Holding } from './money.ts';

export interface AccountRow {
  readonly t: 'account';
  readonly id: AccountId;
  readonly openedMs: number;
  readonly positionMode: PositionMode;
  readonly signed: boolean;
  /** What it was opened with last; null = it was only restored. */
  readonly terms: AccountTerms | null;
}
/** Next ids of a symbol, for those that bore the last ones may be forgotten. */
export interface IdsRow {
  readonly t: 'ids';
  readonly symbol: string;
  readonly orderId: string;
  readonly tradeId: string;
}
export interface WalletRow {
  readonly t: 'wallet';
  readonly account: AccountId;
  readonly asset: string;
  readonly total: string;
  readonly updatedMs: number;
}
export interface HoldingRow {
  readonly t: 'holding';
  readonly account: AccountId;
  readonly holding: Readonly<Record<keyof Holding, string | number>>;
}
export interface TimerRow {
  readonly t: 'timer';
  readonly account: AccountId;
  readonly symbol: string | null;
  readonly tag: string | null;
  /** 0 = off. */
  readonly firesMs: number;
}
export type Row =
  | AccountRow
  | IdsRow
  | WalletRow
  | HoldingRow
  | TimerRow
  | { readonly t: 'order'; readonly order: BookOrder }
  | { readonly t: 'fill'; readonly fill: BookFill }
  | { readonly t: 'transfer'; readonly transfer: Transfer };

const KINDS = ['account', 'ids', 'wallet', 'holding', 'timer', 'order', 'fill', 'transfer'] as const;
const lineSchema = z.array(z.looseObject({ t: z.enum(KINDS) }));

/** @throws ZodError for a line that is none of ours: a book that was guessed at is worse than none */
export const rowsOf = (line: unknown): readonly Row[] => lineSchema.parse(line) as unknown as readonly Row[];

export const holdingRow = (account: AccountId, h: Holding): HoldingRow => ({
  t: 'holding',
  account,
  holding: {
    ...h,
    qty: textOf(h.qty),
    cost: textOf(h.cost),
    fees: textOf(h.fees),
    realized: textOf(h.realized),
    accumulated: textOf(h.accumulated),
  },
});
export const holdingOf = ({ holding: h }: HoldingRow): Holding => ({
  symbol: String(h.symbol),
  qty: decimal(String(h.qty)),
  cost: decimal(String(h.cost)),
  fees: decimal(String(h.fees)),
  realized: decimal(String(h.realized)),
  accumulated: decimal(String(h.accumulated)),
  leverage: Number(h.leverage),
  marginMode: h.marginMode === 'isolated' ? 'isolated' : 'cross',
  updatedMs: Number(h.updatedMs),
});
