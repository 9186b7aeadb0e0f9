/**
 * The typed contract between the engine and every console, defined once, served over Electron's message port
 * and over a web-socket. Commands are answered only after the ledger has committed them; a disconnected
 * console's command fails and is never queued.
 */
import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import type { HistoryPoint, PairDetail, IntentRow, EventRow } from '../domain/view.ts';
import type { Intent } from '../domain/opportunity.ts';
import type { ConsoleFrame } from './frames.ts';

export const CONTRACT_VERSION = 1;
export const MAX_REASON_LENGTH = 200;
export const MAX_HISTORY_POINTS = 5_000;
export const MAX_PAGE_ROWS = 500;

const trusted = <T>() => z.custom<T>(() => true);

const reason = z.string().trim().min(1, 'a reason is needed').max(MAX_REASON_LENGTH);
const optionalReason = z.string().trim().max(MAX_REASON_LENGTH).default('');
/** Made by the console for each press, so that one press is one act however often it is delivered. */
const requestId = z.string().regex(/^[A-Za-z0-9]{8,32}$/);

export const CommandReceipt = z.object({
  requestId,
  /** When the latch was committed to the ledger, engine's clock. */
  committedUnixMs: z.number(),
  /** From the command's arrival in the engine to its commit. */
  engineMs: z.number(),
  /** False when it was already so: the earlier latch stands. */
  changed: z.boolean(),
});
export type CommandReceipt = z.infer<typeof CommandReceipt>;

/** Expected refusals of a command; anything else is a fault. */
const commandErrors = {
  NOT_ALLOWED: { status: 409, data: z.object({ conditions: z.array(z.string()) }) },
  LEDGER_FAULT: { status: 503, data: z.object({ fault: z.string() }) },
  BUSY: { status: 503 },
} as const;

const command = oc.errors(commandErrors).output(CommandReceipt);

export const contract = {
  about: oc.output(
    z.object({
      contractVersion: z.number(),
      version: z.string(),
      mode: z.string(),
      profile: z.string(),
      host: z.enum(['electron', 'headless']),
    }),
  ),
  watch: oc.output(eventIterator(trusted<ConsoleFrame>())),
  watchPair: oc
    .input(z.object({ pairId: z.string().max(64) }))
    .errors({ NOT_FOUND: { status: 404 } })
    .output(eventIterator(trusted<PairDetail>())),
  history: oc
    .input(
      z.object({
        pairId: z.string().max(64),
        fromUnixMs: z.number(),
        toUnixMs: z.number(),
        maxPoints: z.number().int().min(2).max(MAX_HISTORY_POINTS),
      }),
    )
    .errors({ NOT_FOUND: { status: 404 } })
    .output(z.object({ points: trusted<readonly HistoryPoint[]>(), stepMs: z.number() })),
  intents: oc
    .input(z.object({ beforeUnixMs: z.number().nullable(), limit: z.number().int().min(1).max(MAX_PAGE_ROWS) }))
    .output(z.object({ rows: trusted<ReadonlyArray<IntentRow & { readonly id: string }>>() })),
  intent: oc
    .input(z.object({ intentId: z.string().max(32) }))
    .errors({ NOT_FOUND: { status: 404 } })
    .output(trusted<Intent>()),
  events: oc
    .input(z.object({ beforeUnixMs: z.number().nullable(), limit: z.number().int().min(1).max(MAX_PAGE_ROWS) }))
    .output(z.object({ rows: trusted<ReadonlyArray<EventRow & { readonly id: string }>>() })),
  pause: command.input(z.object({ requestId, reason: optionalReason })),
  resume: command.input(z.object({ requestId, reason: optionalReason })),
  kill: command.input(
    z.object({
      requestId,
      reason: optionalReason,
      /**
       * By the engine's clock: a press that waited longer on the way, in a socket of an engine which stood still, is
       * refused. The operator has been told that it was given up.
       */
      notAfterUnixMs: z.number().optional(),
    }),
  ),
  /** Ends a kill latch; leaves the engine disarmed. Refused with the conditions that fail. */
  reset: command.input(z.object({ requestId, reason })),
} as const;

export type ConsoleContract = typeof contract;
