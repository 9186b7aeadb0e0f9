/** The engine's answer to one command, in the console's words: done, refused as the contract foresees, or failed. */
import { ORPCError, safe } from '@orpc/client';
import type { CommandReceipt } from '../../src-shared/contract/contract.ts';
import type { CommandResult } from './asks.ts';

export const ANSWER_WITHIN_MS = 5_000;

export const messageOf = (error: unknown): string => (error instanceof Error && error.message !== '' ? error.message : String(error));

/** An answer the contract foresees, as opposed to a fault or a lost link. */
export const isRefusal = (error: unknown): error is ORPCError<string, unknown> => error instanceof ORPCError && error.defined;

export const refusalOf = (error: { readonly code: string; readonly data: unknown; readonly message: string }): CommandResult => {
  if (error.code === 'NOT_ALLOWED') {
    const conditions = (error.data as { readonly conditions?: readonly string[] } | undefined)?.conditions ?? [];
    return { kind: 'refused', text: 'refused by the engine', conditions };
  }
  if (error.code === 'LEDGER_FAULT') {
    const fault = (error.data as { readonly fault?: string } | undefined)?.fault ?? 'unknown fault';
    return { kind: 'refused', text: `the ledger cannot be written: ${fault}`, conditions: [] };
  }
  return { kind: 'refused', text: error.code === 'BUSY' ? 'the engine is busy: try again' : error.message, conditions: [] };
};

/** Never throws. Without an answer in {@link ANSWER_WITHIN_MS} the outcome is unknown, and is called so. */
export const resultOf = async (call: (signal: AbortSignal) => Promise<CommandReceipt>): Promise<CommandResult> => {
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  // The library may leave a call open when the socket dies half way, hence the race.
  const late = new Promise<CommandResult>((resolve) => {
    signal.addEventListener('abort', () =>
      resolve({ kind: 'failed', text: `no answer within ${ANSWER_WITHIN_MS / 1_000} s: outcome unknown` }),
    );
  });
  const asked = async (): Promise<CommandResult> => {
    const [error, receipt] = await safe<CommandReceipt>(call(signal));
    if (error === null) return { kind: 'done', changed: receipt.changed, engineMs: receipt.engineMs };
    if (!isRefusal(error)) return { kind: 'failed', text: messageOf(error) };
    return refusalOf(error);
  };
  return Promise.race([asked(), late]);
};
