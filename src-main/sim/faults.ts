/**
 * Faults on request, per venue. Owns their schema, what is in force and until when. Lasting faults are questions the
 * venue asks on every frame; momentary ones are carried out at once by the venue itself. Nothing here is random but
 * `drop`, which draws from a seeded stream.
 */
import { z } from 'zod';
import {
  isOrderFault,
  ORDER_FAULT_SCHEMAS,
  OrderFaultBoard,
  type CountedKind,
  type OrderFault,
  type OrderFaults,
  type OrderOperation,
  type StrikingKind,
  type TimedKind,
} from './orderFaults.ts';
import { randomStream, type RandomStream } from './random.ts';

const MAX_FAULT_MS = 3_600_000;
const MAX_DELAY_MS = 60_000;
const MAX_GARBAGE_FRAMES = 1_000;
const durationMs = z.number().int().min(1).max(MAX_FAULT_MS);

export const faultSchema = z.discriminatedUnion('kind', [
  /** Share of data frames (MT5: of replies) that never arrive. */
  z.strictObject({ kind: z.literal('drop'), share: z.number().gt(0).max(1), durationMs }),
  z.strictObject({ kind: z.literal('delay'), delayMs: z.number().int().min(1).max(MAX_DELAY_MS), durationMs }),
  /** The socket lives, nothing comes. */
  z.strictObject({ kind: z.literal('silence'), durationMs }),
  z.strictObject({
    kind: z.literal('close'),
    code: z.number().int().min(1_000).max(4_999).default(1_006),
    reason: z.string().max(100).default(''),
  }),
  z.strictObject({ kind: z.literal('garbage'), count: z.number().int().min(1).max(MAX_GARBAGE_FRAMES).default(1) }),
  z.strictObject({ kind: z.literal('clock-skew'), skewMs: z.number().int().min(-MAX_FAULT_MS).max(MAX_FAULT_MS) }),
  /** No new connection, no REST. Sockets that are open stay. */
  z.strictObject({ kind: z.literal('refuse'), durationMs }),
  /** OKX notice 64008, Binance spot serverShutdown: the close follows as the venue would do it. */
  z.strictObject({ kind: z.literal('announce-close') }),
  /** MT5: the EA starts anew, as after a change of inputs. */
  z.strictObject({ kind: z.literal('restart') }),
  /** MT5: the gate the EA reports from now on. */
  z.strictObject({ kind: z.literal('gate'), gate: z.string().min(1).max(64) }),
  z.strictObject({ kind: z.literal('clear') }),
  ...ORDER_FAULT_SCHEMAS,
]);
export type Fault = z.output<typeof faultSchema>;
export type FaultInput = z.input<typeof faultSchema>;
export type FaultKind = Fault['kind'];

/** A fault that was not taken; names the field that is wrong. */
export class FaultRefused extends Error {
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.name = 'FaultRefused';
    this.field = field;
  }
}

/** What a venue can be told to do at once; a missing member means that such a venue cannot do it. */
export interface FaultTarget {
  readonly close?: (code: number, reason: string) => void;
  readonly garbage?: (count: number) => void;
  readonly announceClose?: () => void;
  readonly restart?: () => void;
  readonly gate?: (gate: string) => void;
}

/** The same of an exchange's order side. */
export interface OrderFaultTarget {
  readonly expireListenKeys?: () => void;
  readonly liquidate?: (instrument: string, share: number, how: 'liquidation' | 'adl') => void;
}

/** What a venue asks while it works. */
export interface VenueFaults {
  readonly skewMs: number;
  delayMs(): number;
  silent(): boolean;
  refusing(): boolean;
  /** Draws: true = this one is lost. */
  drops(): boolean;
}

export interface FaultSwitch extends VenueFaults, OrderFaults {
  attach(target: FaultTarget): void;
  attachOrders(target: OrderFaultTarget): void;
  /** @throws FaultRefused when the fault is malformed or the venue cannot do it. */
  inject(fault: unknown): Fault;
  /** Names of the lasting faults in force. */
  active(): FaultKind[];
}

const LASTING_KINDS: readonly FaultKind[] = ['drop', 'delay', 'silence', 'refuse'];

interface Lasting {
  readonly untilMonoMs: number;
  readonly amount: number;
}

const readFault = (input: unknown): Fault => {
  const parsed = faultSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const extra = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const field = extra ?? (issue.path.length === 0 ? 'kind' : issue.path.join('.'));
  throw new FaultRefused(field, issue.message);
};

class Switchboard implements FaultSwitch {
  readonly #venue: string;
  readonly #monoMs: () => number;
  readonly #random: RandomStream;
  readonly #lasting = new Map<FaultKind, Lasting>();
  readonly #orders: OrderFaultBoard;
  #target: FaultTarget = {};
  #orderTarget: OrderFaultTarget = {};
  #skewMs = 0;

  constructor(seed: number, venue: string, monoMs: () => number) {
    this.#venue = venue;
    this.#monoMs = monoMs;
    this.#random = randomStream(seed, `faults/${venue}`);
    this.#orders = new OrderFaultBoard(randomStream(seed, `faults/${venue}/orders`), monoMs);
  }

  get skewMs(): number {
    return this.#skewMs;
  }

  delayMs(): number {
    return this.#inForce('delay')?.amount ?? 0;
  }

  silent(): boolean {
    return this.#inForce('silence') !== null;
  }

  refusing(): boolean {
    return this.#inForce('refuse') !== null;
  }

  drops(): boolean {
    const drop = this.#inForce('drop');
    return drop !== null && this.#random.uniform() < drop.amount;
  }

  attach(target: FaultTarget): void {
    this.#target = target;
  }

  attachOrders(target: OrderFaultTarget): void {
    this.#orderTarget = target;
  }

  next<K extends CountedKind>(kind: K, operation: OrderOperation) {
    return this.#orders.next(kind, operation);
  }

  timed<K extends TimedKind>(kind: K) {
    return this.#orders.timed(kind);
  }

  strikes(kind: StrikingKind): boolean {
    return this.#orders.strikes(kind);
  }

  inject(input: unknown): Fault {
    const fault = readFault(input);
    this.#apply(fault);
    return fault;
  }

  active(): FaultKind[] {
    const lasting = [...LASTING_KINDS.filter((kind) => this.#inForce(kind) !== null), ...this.#orders.active()];
    return this.#skewMs === 0 ? lasting : [...lasting, 'clock-skew'];
  }

  #apply(fault: Fault): void {
    if (isOrderFault(fault)) {
      this.#applyToOrders(fault);
      return;
    }
    switch (fault.kind) {
      case 'drop':
        this.#last('drop', fault.durationMs, fault.share);
        return;
      case 'delay':
        this.#last('delay', fault.durationMs, fault.delayMs);
        return;
      case 'silence':
      case 'refuse':
        this.#last(fault.kind, fault.durationMs, 0);
        return;
      case 'close':
        this.#must(this.#target.close, fault.kind)(fault.code, fault.reason);
        return;
      case 'garbage':
        this.#must(this.#target.garbage, fault.kind)(fault.count);
        return;
      case 'announce-close':
        this.#must(this.#target.announceClose, fault.kind)();
        return;
      case 'restart':
        this.#must(this.#target.restart, fault.kind)();
        return;
      case 'gate':
        this.#must(this.#target.gate, fault.kind)(fault.gate);
        return;
      case 'clock-skew':
        this.#skewMs = fault.skewMs;
        return;
      case 'clear':
        this.#lasting.clear();
        this.#orders.clear();
        this.#skewMs = 0;
        this.#target.gate?.('ok');
        return;
      default:
        fault satisfies never;
    }
  }

  #applyToOrders(fault: OrderFault): void {
    const now = this.#orders.take(fault);
    if (now === null) return;
    if (now.kind === 'listen-key-expire') this.#must(this.#orderTarget.expireListenKeys, now.kind)();
    else this.#must(this.#orderTarget.liquidate, now.kind)(now.instrument, now.share, now.how);
  }

  #last(kind: FaultKind, durationMs: number, amount: number): void {
    this.#lasting.set(kind, { untilMonoMs: this.#monoMs() + durationMs, amount });
  }

  #inForce(kind: FaultKind): Lasting | null {
    const found = this.#lasting.get(kind);
    return found !== undefined && this.#monoMs() < found.untilMonoMs ? found : null;
  }

  #must<T>(doIt: T | undefined, kind: FaultKind): T {
    if (doIt === undefined) throw new FaultRefused('kind', `${this.#venue} cannot do "${kind}"`);
    return doIt;
  }
}

/** The faults of one venue; `seed` decides which frames a `drop` takes. */
export const createFaultSwitch = (seed: number, venue: string, monoMs: () => number = () => performance.now()): FaultSwitch =>
  new Switchboard(seed, venue, monoMs);
