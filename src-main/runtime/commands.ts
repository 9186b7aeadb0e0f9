/**
 * What an operator command ends in. Every command ends in exactly one of these, and `applied` only after the
 * ledger has committed it.
 */
import type { CommandReceipt } from '../../src-shared/contract/contract.ts';

export type CommandOutcome =
  | { readonly code: 'applied'; readonly receipt: CommandReceipt }
  /** The core denied it; the refusal itself is committed. */
  | { readonly code: 'not-allowed'; readonly conditions: readonly string[] }
  /** Not committed. A kill or pause holds in memory all the same, until this process ends; the text says so. */
  | { readonly code: 'ledger-fault'; readonly fault: string }
  /** The control queue is full, or the engine is not running. */
  | { readonly code: 'busy'; readonly why: string };
