/** What the desk program is started with, what it is asked and what it tells; types and names for both ends of the channel. */
import type { RiskApproved } from '../../src-main/core/risk/approved.ts';
import type { OrderRef, OrderRequest } from '../../src-shared/domain/order.ts';

/** What it is started with, as JSON in the environment: no secret stands in arguments. */
export interface DeskChoice {
  readonly folder: string;
  /** 0 = of the system's choice. */
  readonly port: number;
  readonly token: string;
  readonly key: string;
  readonly symbols: readonly string[];
  readonly mode: 'paper' | 'demo';
  readonly login: string | null;
  readonly server: string | null;
}
export const CHOICE_VARIABLE = 'QUANT_ARB_DESK_CHOICE';
export const LEDGER_FILE = 'ledger.sqlite';

export type DeskAsk =
  | { readonly op: 'place'; readonly order: RiskApproved<OrderRequest>; readonly mayLeave: boolean }
  | { readonly op: 'cancel' | 'query'; readonly ref: OrderRef }
  | { readonly op: 'snapshot'; readonly sinceUnixMs: number }
  | { readonly op: 'mode'; readonly mode: 'normal' | 'close_only' | 'halt' }
  | { readonly op: 'mayLeave'; readonly allowed: boolean }
  | { readonly op: 'quotes' | 'report' };
export type DeskMessage =
  | { readonly ready: { readonly port: number; readonly pid: number } }
  | { readonly answer: number; readonly result: unknown }
  | { readonly push: { readonly type: string } & Readonly<Record<string, unknown>>; readonly atUnixMs: number }
  | { readonly note: string };
