/**
 * Faults of an exchange's order side, by name. Owns their schemas and what of them is in force: counted ones are used up by
 * the requests they strike, lasting ones end by time, striking ones draw from a seeded stream. Must not know any venue's
 * wire; a venue asks, and shows the fault as its original would.
 */
import { z } from 'zod';
import type { RandomStream } from './random.ts';

const MAX_FAULT_MS = 3_600_000;
export const MAX_COUNTED_FAULTS = 10_000;
const MAX_LATE_MS = 60_000;
const durationMs = z.number().int().min(1).max(MAX_FAULT_MS);
const count = z.number().int().min(1).max(MAX_COUNTED_FAULTS).default(1);
const share = z.number().gt(0).max(1).default(1);

/** What a request asks of the order side; `query` is any reading of one order. */
export const ORDER_OPERATIONS = ['place', 'cancel', 'amend', 'query'] as const;
export type OrderOperation = (typeof ORDER_OPERATIONS)[number];
const operation = z.enum(ORDER_OPERATIONS).default('place');

export const ORDER_FAULT_SCHEMAS = [
  /** Carried out; the reply never comes. REST: the connection breaks. Socket: silence, or with `close` its end. */
  z.strictObject({ kind: z.literal('accept-then-drop-reply'), operation, count, close: z.boolean().default(false) }),
  /** Reaches the matching engine so much later, where the window is judged anew; the reply comes then. */
  z.strictObject({ kind: z.literal('late-accept'), delayMs: z.number().int().min(1).max(MAX_LATE_MS), count }),
  /** Refused once by this code and text, nothing carried out. Binance: `-2019`; OKX: `51008`, as sCode of the item. */
  z.strictObject({ kind: z.literal('reject'), operation, code: z.string().regex(/^-?\d{1,6}$/), message: z.string().max(200), count }),
  /** The order takes at most this share of its quantity, as if the book held no more. */
  z.strictObject({ kind: z.literal('partial'), share: z.number().gt(0).lt(1), count }),
  /** HTTP 503 "Unknown error…" (OKX: 500 50026) after it was carried out, or, with `accepted` false, before. */
  z.strictObject({ kind: z.literal('unknown-503'), operation, count, accepted: z.boolean().default(true) }),
  /** 429 with Retry-After (OKX 50011), with `ban` 418; `account` = the account's own limit (Binance −1015, OKX 50061). */
  z.strictObject({
    kind: z.literal('rate-limit'),
    durationMs,
    ban: z.boolean().default(false),
    account: z.boolean().default(false),
    /** Whom it strikes; null = every private request. */
    operation: z.enum(ORDER_OPERATIONS).nullable().default(null),
  }),
  /** Order entry and account reading answer as under maintenance: 503 "Service Unavailable." / 50001. */
  z.strictObject({ kind: z.literal('maintenance'), durationMs }),
  /** An order younger than this is not found by any reading, pushes aside. */
  z.strictObject({ kind: z.literal('not-found-then-found'), forMs: z.number().int().min(1).max(MAX_LATE_MS), durationMs }),
  /** Private sockets live and answer pings; nothing else comes. */
  z.strictObject({ kind: z.literal('dead-private-socket'), durationMs }),
  /** Share of private pushes that come twice. */
  z.strictObject({ kind: z.literal('duplicate-push'), share, durationMs }),
  /** Share of private pushes that change places with the next. */
  z.strictObject({ kind: z.literal('reorder-push'), share, durationMs }),
  /** Share of private pushes that never come. */
  z.strictObject({ kind: z.literal('drop-push'), share, durationMs }),
  /** Binance futures: the listen key dies at once, with its event. */
  z.strictObject({ kind: z.literal('listen-key-expire') }),
  /** The venue itself closes this share of every account's position in the instrument. */
  z.strictObject({
    kind: z.literal('liquidate'),
    instrument: z.string().min(1).max(64),
    share,
    how: z.enum(['liquidation', 'adl']).default('liquidation'),
  }),
] as const;

const orderFaultSchema = z.discriminatedUnion('kind', ORDER_FAULT_SCHEMAS);
export type OrderFault = z.output<typeof orderFaultSchema>;
type Of<K extends OrderFault['kind']> = Extract<OrderFault, { kind: K }>;

export const COUNTED_KINDS = ['accept-then-drop-reply', 'late-accept', 'reject', 'partial', 'unknown-503'] as const;
export type CountedKind = (typeof COUNTED_KINDS)[number];
export const TIMED_KINDS = ['rate-limit', 'maintenance', 'not-found-then-found', 'dead-private-socket'] as const;
export type TimedKind = (typeof TIMED_KINDS)[number];
export const STRIKING_KINDS = ['duplicate-push', 'reorder-push', 'drop-push'] as const;
export type StrikingKind = (typeof STRIKING_KINDS)[number];
export type MomentaryOrderFault = Exclude<OrderFault, { kind: CountedKind | TimedKind | StrikingKind }>;

/** What an exchange asks while it serves its order side. */
export interface OrderFaults {
  /** Uses up one fault of this kind that waits for such an operation; null = there is none. */
  next<K extends CountedKind>(kind: K, operation: OrderOperation): Of<K> | null;
  /** The lasting fault in force, with `leftMs`; null = none. */
  timed<K extends TimedKind>(kind: K): (Of<K> & { readonly leftMs: number }) | null;
  /** Draws: true = this push is struck. */
  strikes(kind: StrikingKind): boolean;
}

const ORDER_FAULT_KINDS: readonly string[] = ORDER_FAULT_SCHEMAS.map((schema) => schema.shape.kind.value);
export const isOrderFault = (fault: { readonly kind: string }): fault is OrderFault => ORDER_FAULT_KINDS.includes(fault.kind);

const isOneOf = <K extends string>(kinds: readonly K[], kind: string): kind is K => kinds.includes(kind as K);

/** Order faults in force. Bounded: one of each lasting kind, and at most MAX_COUNTED_FAULTS waiting of a counted kind. */
export class OrderFaultBoard implements OrderFaults {
  readonly #monoMs: () => number;
  readonly #random: RandomStream;
  readonly #waiting = new Map<CountedKind, { fault: Of<CountedKind>; left: number }[]>();
  readonly #lasting = new Map<TimedKind | StrikingKind, { fault: Of<TimedKind | StrikingKind>; untilMonoMs: number }>();

  constructor(random: RandomStream, monoMs: () => number) {
    this.#random = random;
    this.#monoMs = monoMs;
  }

  next<K extends CountedKind>(kind: K, op: OrderOperation): Of<K> | null {
    const waiting = this.#waiting.get(kind) ?? [];
    const at = waiting.findIndex(({ fault }) => ('operation' in fault ? fault.operation : 'place') === op);
    const found = waiting[at];
    if (found === undefined) return null;
    found.left -= 1;
    if (found.left === 0) waiting.splice(at, 1);
    return found.fault as Of<K>;
  }

  timed<K extends TimedKind>(kind: K): (Of<K> & { readonly leftMs: number }) | null {
    const found = this.#inForce(kind);
    return found === null ? null : { ...(found.fault as Of<K>), leftMs: found.untilMonoMs - this.#monoMs() };
  }

  strikes(kind: StrikingKind): boolean {
    const found = this.#inForce(kind);
    return found !== null && this.#random.uniform() < (found.fault as Of<StrikingKind>).share;
  }

  /** Returns the fault where it has to be carried out at once by the venue; null = it was noted here. */
  take(fault: OrderFault): MomentaryOrderFault | null {
    const { kind } = fault;
    if (isOneOf(COUNTED_KINDS, kind)) {
      const counted = fault as Of<CountedKind>;
      const waiting = this.#waiting.get(kind) ?? [];
      const total = waiting.reduce((sum, w) => sum + w.left, 0);
      const left = Math.min(counted.count, MAX_COUNTED_FAULTS - total);
      if (left > 0) this.#waiting.set(kind, [...waiting, { fault: counted, left }]);
      return null;
    }
    if (isOneOf(TIMED_KINDS, kind) || isOneOf(STRIKING_KINDS, kind)) {
      const lasting = fault as Of<TimedKind | StrikingKind>;
      this.#lasting.set(kind, { fault: lasting, untilMonoMs: this.#monoMs() + lasting.durationMs });
      return null;
    }
    return fault as MomentaryOrderFault;
  }

  active(): (CountedKind | TimedKind | StrikingKind)[] {
    const counted = COUNTED_KINDS.filter((kind) => (this.#waiting.get(kind)?.length ?? 0) > 0);
    return [...counted, ...[...TIMED_KINDS, ...STRIKING_KINDS].filter((kind) => this.#inForce(kind) !== null)];
  }

  clear(): void {
    this.#waiting.clear();
    this.#lasting.clear();
  }

  #inForce(kind: TimedKind | StrikingKind) {
    const found = this.#lasting.get(kind);
    return found !== undefined && this.#monoMs() < found.untilMonoMs ? found : null;
  }
}
