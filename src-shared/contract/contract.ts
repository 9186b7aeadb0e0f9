/**
 * The typed contract between the engine and every console, defined once, served over Electron's message port
 * and over a web-socket. Commands are answered only after the ledger has committed them; a disconnected
 * console's command fails and is never queued.
 */
import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { GROUP_ACTS, type GroupAct, type HedgeGroup } from '../domain/hedgeGroup.ts';
import { LIMIT_NAMES, type LimitName } from '../domain/limits.ts';
import { MAX_CONFIRMATION_LENGTH } from '../domain/live.ts';
import type { CommandRow } from '../domain/metatrader.ts';
import type { Intent } from '../domain/opportunity.ts';
import type { StopScope } from '../domain/tradingState.ts';
import type { EventRow, FlattenPreview, GroupHistory, HistoryPoint, IntentRow, PairDetail } from '../domain/view.ts';
import type { ConsoleFrame } from './frames.ts';
import { keyEntry, type KeysStanding } from './keys.ts';

export const CONTRACT_VERSION = 4;
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

/** Absent = everything. */
export const stopScope = z
  .string()
  .regex(/^(all|(pair|venue):[a-z0-9][a-z0-9-]{0,23})$/, '"all", "pair:ID" or "venue:ID"')
  .default('all')
  .transform((scope) => scope as StopScope);

/**
 * By the engine's clock: a press that waited longer on the way, in a socket of an engine which stood still, is
 * refused. The operator has been told that it was given up.
 */
const notAfterUnixMs = z.number().optional();

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
  groups: oc
    .input(z.object({ beforeUnixMs: z.number().nullable(), limit: z.number().int().min(1).max(MAX_PAGE_ROWS) }))
    .output(z.object({ rows: trusted<readonly HedgeGroup[]>() })),
  group: oc
    .input(z.object({ groupId: z.string().max(32) }))
    .errors({ NOT_FOUND: { status: 404 } })
    .output(trusted<GroupHistory>()),
  /** Commands to the EAs, newest first; the console asks again while it shows them. */
  terminalCommands: oc
    .input(z.object({ limit: z.number().int().min(1).max(MAX_PAGE_ROWS) }))
    .output(z.object({ rows: trusted<readonly CommandRow[]>() })),
  /** Exchange keys: where they come from, never what they are. */
  keyStanding: oc.output(trusted<KeysStanding>()),
  /** Only where the host can keep keys; neither journaled nor logged. Counts from the next start. */
  enterKey: oc
    .errors({ REFUSED: { status: 422, data: z.object({ why: z.string() }) } })
    .input(keyEntry)
    .output(trusted<KeysStanding>()),
  removeKey: oc
    .errors({ REFUSED: { status: 422, data: z.object({ why: z.string() }) } })
    .input(z.object({ venueId: z.string().max(24) }))
    .output(trusted<KeysStanding>()),
  /** What FLATTEN would do now: cost, venues shut, what would remain. */
  flattenPreview: oc.input(z.object({ scope: stopScope })).output(trusted<FlattenPreview>()),
  pause: command.input(z.object({ requestId, reason: optionalReason, scope: stopScope })),
  resume: command.input(z.object({ requestId, reason: optionalReason, scope: stopScope })),
  kill: command.input(z.object({ requestId, reason: optionalReason, scope: stopScope, notAfterUnixMs })),
  flatten: command.input(z.object({ requestId, reason: optionalReason, scope: stopScope, notAfterUnixMs })),
  handsOff: command.input(z.object({ requestId, reason: optionalReason, scope: stopScope, notAfterUnixMs })),
  /** Ends a kill latch; leaves the engine disarmed. Refused with the conditions that fail. */
  reset: command.input(z.object({ requestId, reason, scope: stopScope })),
  /**
   * Whether intents may become orders. With real money `confirmation` must be the phrase of `EngineRow.live`, typed by a person. Lost
   * at every restart.
   */
  arm: command.input(z.object({ requestId, reason: optionalReason, confirmation: z.string().max(MAX_CONFIRMATION_LENGTH).optional() })),
  /** One rung up the ladder of real money's sizes; refused with what is missing. */
  climb: command.input(z.object({ requestId, reason })),
  disarm: command.input(z.object({ requestId, reason: optionalReason })),
  /** Tightening always; loosening only while disarmed. Unknown names and absurd figures are refused. */
  setLimits: command.input(
    z.object({
      requestId,
      reason,
      limits: z.partialRecord(z.enum(LIMIT_NAMES as readonly [LimitName, ...LimitName[]]), z.number().finite().min(0).max(1e9)),
    }),
  ),
  actOnGroup: command.input(
    z.object({ requestId, reason, groupId: z.string().max(32), act: z.enum(GROUP_ACTS as readonly [GroupAct, ...GroupAct[]]) }),
  ),
  enable: command.input(z.object({ requestId, reason, scope: stopScope })),
  /** The exchange's key is of another account than this ledger: it belongs to that one from now on. Refused while anything is open there. */
  acceptAccount: command.input(z.object({ requestId, reason, venueId: z.string().max(64) })),
  acceptPosition: command.input(z.object({ requestId, reason, instrumentId: z.string().max(96) })),
} as const;

export type ConsoleContract = typeof contract;
