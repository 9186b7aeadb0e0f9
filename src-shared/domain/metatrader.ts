/**
 * The nouns of the MetaTrader side: commands to the EA, what became of them, deals as the terminal reports them, and what a
 * person must see of the terminal. Data only; the wire is in `adapters/metatrader`. Lots are the broker's volume.
 */
import type { DecimalText } from './decimal.ts';
import type { ClientOrderId, InstrumentId, VenueId } from './ids.ts';
import type { Side } from './order.ts';

export const COMMAND_KINDS = ['open', 'close', 'cancel', 'query', 'flatten'] as const;
export type CommandKind = (typeof COMMAND_KINDS)[number];

/**
 * queued → leased → `received` → `sending` → `accepted` → an end. `unknown` leaves only by evidence. Before `leased` the EA
 * cannot have it. `canceled`: revoked before the EA began; `expired`: its time passed before the EA began; `not-executed`: it
 * began, and history proves that nothing came of it.
 */
export const COMMAND_STATES = [
  'queued',
  'leased',
  'received',
  'sending',
  'accepted',
  'unknown',
  'done',
  'partial',
  'rejected',
  'expired',
  'canceled',
  'not-executed',
] as const;
export type CommandState = (typeof COMMAND_STATES)[number];

const FINAL: readonly CommandState[] = ['done', 'partial', 'rejected', 'expired', 'canceled', 'not-executed'];
/** Final states never change; a report that would change one is quarantined. */
export const isFinalCommand = (state: CommandState): boolean => FINAL.includes(state);

/** A command as the ledger keeps it; replaced whole at every transition. */
export interface CommandRecord {
  readonly venueId: VenueId;
  /** ULID; one command, one id, for ever. */
  readonly commandId: string;
  readonly kind: CommandKind;
  /** The magic number of open and close; rises with every such command of the account. null for the other kinds. */
  readonly magic: number | null;
  readonly clientOrderId: ClientOrderId | null;
  readonly instrumentId: InstrumentId | null;
  /** The wire fields that never change between deliveries: symbol, side, lots, position, limit … */
  readonly body: Readonly<Record<string, string | number>>;
  readonly state: CommandState;
  /** Why it is in this state, for people: the gate, the retcode in words, the reason of a revocation. */
  readonly why: string;
  readonly deliveries: number;
  readonly leaseId: string | null;
  readonly retcode: number | null;
  /** Ticket of the broker's order. */
  readonly order: string | null;
  readonly cumLots: DecimalText;
  readonly avgPx: DecimalText | null;
  readonly queuedUnixMs: number;
  /** First delivery, first word of the EA about it, final state, first deal. */
  readonly deliveredUnixMs: number | null;
  readonly acknowledgedUnixMs: number | null;
  readonly endedUnixMs: number | null;
  readonly firstDealUnixMs: number | null;
  /** Broker round trip as the EA measured it. */
  readonly brokerMs: number | null;
  /** Set once a report contradicted what was known; a person must look. */
  readonly quarantine: string | null;
}

/** One step of a command, as it is kept for ever. */
export type CommandTransition = Pick<CommandRecord, 'state' | 'why' | 'deliveries' | 'leaseId' | 'retcode' | 'cumLots' | 'quarantine'> & {
  readonly unixMs: number;
};

/** One deal as the terminal reported it. Identity: venue (bound to one account), `deal`. Money in account currency, the broker's sign. */
export interface DealRecord {
  readonly venueId: VenueId;
  readonly deal: string;
  /** Rises when only money fields changed; other changes are quarantined. */
  readonly rev: number;
  readonly order: string;
  readonly positionId: string;
  readonly magic: number;
  /** Whether the magic number lies in our namespace. */
  readonly own: boolean;
  /** As configured; null when the symbol is none of ours. */
  readonly instrumentId: InstrumentId | null;
  readonly symbol: string;
  /** null for money entries without an execution (commission, interest, balance). */
  readonly side: Side | null;
  readonly entry: 'in' | 'out' | 'inout' | 'out_by' | 'none';
  readonly lots: DecimalText;
  readonly price: DecimalText;
  readonly commission: DecimalText;
  readonly swap: DecimalText;
  readonly fee: DecimalText;
  readonly profit: DecimalText;
  /** Server time, and the same in UTC by the offset in force when it was reported. */
  readonly timeMsc: number;
  readonly unixMs: number;
  /** `client`, `expert`, `sl`, `so` … as the terminal words it. */
  readonly reason: string;
}

/** One line of the hand-shake checklist; `fix` is one sentence, empty while it passes. */
export interface TerminalCheck {
  readonly code:
    | 'hello'
    | 'version'
    | 'account'
    | 'account-mode'
    | 'account-kind'
    | 'gates'
    | 'symbols'
    | 'offset'
    | 'filling'
    | 'sessions'
    | 'limits'
    | 'snapshot';
  readonly label: string;
  readonly state: 'pass' | 'fail' | 'waiting';
  readonly detail: string;
  readonly fix: string;
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly count: number;
}

/** What the order side of a terminal is worth now; part of `MetatraderReport`. */
export interface TerminalReport {
  /** False = quotes only, with the reason. */
  readonly trading: boolean;
  readonly why: string;
  readonly mode: 'normal' | 'close_only' | 'halt';
  readonly accountKind: 'demo' | 'contest' | 'real' | null;
  readonly marginFree: string | null;
  readonly openPositions: number | null;
  readonly openLots: string | null;
  readonly liveCommands: number;
  readonly quarantined: number;
  readonly checks: readonly TerminalCheck[];
  /** ms; null until there is one. tick → engine, queued → delivered, delivered → first ack, delivered → first deal. */
  readonly tickToEngine: Percentiles | null;
  readonly toPickup: Percentiles | null;
  readonly toAck: Percentiles | null;
  readonly toDeal: Percentiles | null;
}

/** A row of the console's command list, newest first. */
export type CommandRow = Pick<
  CommandRecord,
  | 'venueId'
  | 'commandId'
  | 'kind'
  | 'magic'
  | 'clientOrderId'
  | 'instrumentId'
  | 'state'
  | 'why'
  | 'deliveries'
  | 'retcode'
  | 'order'
  | 'cumLots'
  | 'avgPx'
  | 'queuedUnixMs'
  | 'deliveredUnixMs'
  | 'acknowledgedUnixMs'
  | 'firstDealUnixMs'
  | 'endedUnixMs'
  | 'brokerMs'
  | 'quarantine'
> & { readonly lots: DecimalText | null; readonly side: Side | null };

const textOf = (value: string | number | undefined): string | null => (value === undefined ? null : String(value));

/** What people see of a command: without the lease and the wire's fields, but with what it asks for. */
export const commandRowOf = ({ body, leaseId: _lease, ...record }: CommandRecord): CommandRow => ({
  ...record,
  lots: textOf(body['lots']),
  side: body['side'] === 'buy' || body['side'] === 'sell' ? body['side'] : null,
});
