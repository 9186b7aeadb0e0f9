/**
 * The one point at which anything leaves: carries out effects, after their commit and never before. Owns the gate. Invariants:
 * 1. What the gate forbids is not sent: asked here, and once more by the gateway in the moment before it writes.
 * 2. Every place, cancel, query and snapshot comes back as exactly one event, whatever its gateway does: an order call that
 *    fails is unknown, never "failed"; a question that fails says so, and never "not found" or "flat".
 * 3. Once openings are locked, none leaves again in this process, whatever gate is set.
 * No timers and no clock: gateways have their own deadlines, the core has its own time-outs.
 */
import {
  isOpening,
  type CancelOutcome,
  type OrderRequest,
  type PlaceOutcome,
  type QueryOutcome,
  type SnapshotOutcome,
} from '../../src-shared/domain/order.ts';
import type { KillLatch } from '../../src-shared/domain/tradingState.ts';
import type { ControlInput } from '../core/events.ts';
import type { Effect } from '../core/facts.ts';
import type { RiskApproved } from '../core/risk/approved.ts';
import type { OrderGateway } from './ports.ts';

export type ModeAnnouncement = Extract<Effect, { type: 'announce-mode' }>['mode'];
export type Gate = Extract<Effect, { type: 'set-gate' }>['gate'];
/** Effects that a gateway answers. */
export type Asking = Extract<Effect, { type: 'place-order' | 'cancel-order' | 'query-order' | 'take-snapshot' }>;

/** Longest text of a failure that becomes part of an answer. */
export const MAX_WHY_LENGTH = 200;

export interface EffectReply {
  /** Takes the answer to an asking effect. */
  offer(event: ControlInput): 'taken' | 'full';
  /** All effects of the event have been carried out. */
  done(): void;
}

/** Why an order must not leave, or must not be canceled, now; null = it may. */
export type ScopedBar = (clientOrderId: string, act: 'open' | 'reduce' | 'cancel') => string | null;

export interface EffectSink {
  dispatch(effects: readonly Effect[], reply: EffectReply): void;
  /** Who knows of stops of one pair or venue: asked with every order and cancel, in the moment before it leaves. */
  barBy?(bar: ScopedBar): void;
  /** From now on no opening order leaves in this process. */
  lockOpenings(why: string): void;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
}

export interface Dispatcher extends EffectSink {
  /** As set; locked openings come on top. */
  readonly gate: Gate;
}

export interface DispatcherOptions {
  /** At most one a venue. */
  readonly gateways: readonly OrderGateway[];
  readonly announceMode: (mode: ModeAnnouncement) => void;
}

/** The gate that a recovered latch demands. */
export const gateOf = (kill: KillLatch | null): Gate => {
  if (kill === null) return 'open';
  return kill.level === 'hands-off' ? 'closed' : 'reducing';
};

export const isAsking = (effect: Effect): effect is Asking => effect.type !== 'announce-mode' && effect.type !== 'set-gate';

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, MAX_WHY_LENGTH);

const notSent = (text: string): PlaceOutcome => ({ code: 'refused', refusal: { venueCode: null, text, retry: 'never', by: 'gateway' } });

/** The outcome of a call that must not reject, has to be one of `codes`, and may do neither. */
const outcomeOf = async <T extends { readonly code: string }>(
  call: () => Promise<T>,
  codes: readonly T['code'][],
  failed: (why: string) => T,
): Promise<T> => {
  try {
    const outcome = await call();
    return codes.includes(outcome.code) ? outcome : failed(`the gateway gave no outcome: ${textOf(outcome.code)}`);
  } catch (error) {
    return failed(`the gateway failed: ${textOf(error)}`);
  }
};

const unknown = (why: string) => ({ code: 'unknown', why }) as const;
const failed = (why: string) => ({ code: 'failed', why }) as const;

const gatewaysByVenue = (gateways: readonly OrderGateway[]): ReadonlyMap<string, OrderGateway> => {
  const byVenue = new Map<string, OrderGateway>(gateways.map((gateway) => [gateway.venueId, gateway]));
  if (byVenue.size !== gateways.length) throw new Error('two gateways for one venue: an order would have two ways out');
  return byVenue;
};

/** The gate is closed until the runner opens it. @throws Error when two gateways claim one venue. */
export const createDispatcher = ({ gateways, announceMode }: DispatcherOptions): Dispatcher => {
  const byVenue = gatewaysByVenue(gateways);
  const underWay = new Set<Promise<void>>();
  let gate: Gate = 'closed';
  let locked: string | null = null;
  let scoped: ScopedBar = () => null;

  /** Why the order must not leave now; null = it may. */
  const barOf = (order: OrderRequest): string | null => {
    if (gate === 'closed') return 'not sent: the gate is closed';
    const opens = isOpening(order.purpose);
    const stop = scoped(order.clientOrderId, opens ? 'open' : 'reduce');
    if (stop !== null) return `not sent: ${stop}`;
    if (!opens) return null;
    if (locked !== null) return `not sent: ${locked}`;
    // A person completes one held group with eyes open; no rule ever may under this gate.
    const byPerson = order.purpose === 'complete' && order.authority === 'operator';
    return gate === 'open' || byPerson ? null : 'not sent: the gate lets only reducing orders through';
  };
  const place = async (order: RiskApproved<OrderRequest>): Promise<PlaceOutcome> => {
    const gateway = byVenue.get(order.venueId);
    const bar = gateway === undefined ? `not sent: venue ${order.venueId} has no gateway` : barOf(order);
    if (gateway === undefined || bar !== null) return notSent(bar ?? '');
    return outcomeOf(() => gateway.place(order, () => barOf(order) === null), ['acknowledged', 'refused', 'unknown'], unknown);
  };
  const cancel = async ({ ref }: Extract<Effect, { type: 'cancel-order' }>): Promise<CancelOutcome> => {
    const gateway = byVenue.get(ref.venueId);
    if (gateway === undefined) return { code: 'refused', venueCode: null, text: `not sent: venue ${ref.venueId} has no gateway` };
    const mayLeave = (): boolean => gate !== 'closed' && scoped(ref.clientOrderId, 'cancel') === null;
    if (!mayLeave()) return { code: 'refused', venueCode: null, text: 'not sent: the gate is closed' };
    return outcomeOf(() => gateway.cancel(ref, mayLeave), ['acknowledged', 'refused', 'unknown'], unknown);
  };
  const query = async ({ ref }: Extract<Effect, { type: 'query-order' }>): Promise<QueryOutcome> => {
    const gateway = byVenue.get(ref.venueId);
    if (gateway === undefined) return failed(`venue ${ref.venueId} has no gateway`);
    return outcomeOf(() => gateway.query(ref), ['found', 'not-found', 'failed'], failed);
  };
  const snapshot = async ({ venueId, fillsSinceUnixMs }: Extract<Effect, { type: 'take-snapshot' }>): Promise<SnapshotOutcome> => {
    const gateway = byVenue.get(venueId);
    if (gateway === undefined) return failed(`venue ${venueId} has no gateway`);
    return outcomeOf(() => gateway.snapshot(fillsSinceUnixMs), ['answered', 'failed'], failed);
  };
  const answerTo = async (effect: Asking): Promise<ControlInput> => {
    switch (effect.type) {
      case 'place-order':
        return { type: 'order-outcome', clientOrderId: effect.order.clientOrderId, outcome: await place(effect.order) };
      case 'cancel-order':
        return { type: 'cancel-outcome', clientOrderId: effect.ref.clientOrderId, outcome: await cancel(effect) };
      case 'query-order':
        return { type: 'order-query', clientOrderId: effect.ref.clientOrderId, outcome: await query(effect) };
      case 'take-snapshot':
        return { type: 'venue-snapshot', venueId: effect.venueId, requestId: effect.requestId, outcome: await snapshot(effect) };
    }
  };
  /** Whether the effect was carried out; one that was not stays open in the outbox. */
  const carryOut = async (effect: Effect, reply: EffectReply): Promise<boolean> => {
    if (isAsking(effect)) return reply.offer(await answerTo(effect)) === 'taken';
    if (effect.type === 'set-gate') gate = effect.gate;
    else announceMode(effect.mode);
    return true;
  };
  const dispatchAll = async (effects: readonly Effect[], reply: EffectReply): Promise<void> => {
    // Each begins within this very call, in the order in which the core wished for them: a gate closes before a cancel leaves.
    const carried = await Promise.all(effects.map(async (effect) => carryOut(effect, reply).catch(() => false)));
    if (carried.every(Boolean)) reply.done();
  };
  return {
    get gate() {
      return gate;
    },
    dispatch(effects, reply) {
      const work = dispatchAll(effects, reply).finally(() => underWay.delete(work));
      underWay.add(work);
    },
    barBy(bar) {
      scoped = bar;
    },
    lockOpenings(why) {
      locked ??= why;
    },
    async settled() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
};
