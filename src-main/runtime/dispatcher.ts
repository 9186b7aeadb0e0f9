/**
 * Carries out effects, after their commit and never before. Every answer comes back as an event. Asking a gateway has
 * a deadline; one that fails or stays silent counts as "something may remain there", never as "nothing remains".
 */
import type { ControlInput } from '../core/events.ts';
import type { Effect } from '../core/facts.ts';
import type { OrderGateway } from './ports.ts';

export const VERIFY_DEADLINE_MS = 2_000;
/** Orders a gateway may name one by one; the rest is given as a count. */
export const MAX_REMAINING_NAMED = 32;
/** How often a reply is offered again to a full control queue, and after how long. */
export const MAX_REPLY_ATTEMPTS = 50;
export const REPLY_RETRY_MS = 20;

export type ModeAnnouncement = Extract<Effect, { type: 'announce-mode' }>['mode'];

export interface EffectReply {
  offer(event: ControlInput): 'taken' | 'full';
  /** All effects of the event have been carried out. */
  done(): void;
}

export interface EffectSink {
  dispatch(effects: readonly Effect[], reply: EffectReply): void;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
}

export interface DispatcherOptions {
  readonly gateways: readonly OrderGateway[];
  readonly announceMode: (mode: ModeAnnouncement) => void;
  readonly verifyDeadlineMs?: number;
}

const shortened = (names: readonly string[]): readonly string[] =>
  names.length <= MAX_REMAINING_NAMED ? names : [...names.slice(0, MAX_REMAINING_NAMED), `and ${names.length - MAX_REMAINING_NAMED} more`];

const askGateway = async (gateway: OrderGateway, deadlineMs: number): Promise<readonly string[]> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    const remaining = await Promise.race([gateway.remaining(), late]);
    return shortened(remaining.map((name) => `${gateway.name}: ${name}`));
  } catch (error) {
    return [`${gateway.name}: unknown (${error instanceof Error ? error.message : String(error)})`];
  } finally {
    clearTimeout(timer);
  }
};

const offerUntilTaken = async (event: ControlInput, reply: EffectReply): Promise<boolean> => {
  for (let attempt = 0; attempt < MAX_REPLY_ATTEMPTS; attempt += 1) {
    if (reply.offer(event) === 'taken') return true;
    await new Promise((resolve) => setTimeout(resolve, REPLY_RETRY_MS));
  }
  return false;
};

export const createDispatcher = ({ gateways, announceMode, verifyDeadlineMs = VERIFY_DEADLINE_MS }: DispatcherOptions): EffectSink => {
  const underWay = new Set<Promise<void>>();

  const verifyStopped = async (reply: EffectReply): Promise<boolean> => {
    const answers = await Promise.all(gateways.map(async (gateway) => askGateway(gateway, verifyDeadlineMs)));
    return offerUntilTaken({ type: 'stop-verified', remaining: answers.flat() }, reply);
  };
  /** Whether the effect was carried out; one that was not stays open in the outbox and is taken up at the next start. */
  const carryOut = async (effect: Effect, reply: EffectReply): Promise<boolean> => {
    if (effect.type === 'verify-stopped') return verifyStopped(reply);
    announceMode(effect.mode);
    return true;
  };
  const dispatchAll = async (effects: readonly Effect[], reply: EffectReply): Promise<void> => {
    const carried = await Promise.all(effects.map(async (effect) => carryOut(effect, reply).catch(() => false)));
    if (carried.every(Boolean)) reply.done();
  };
  return {
    dispatch(effects, reply) {
      const work = dispatchAll(effects, reply).finally(() => underWay.delete(work));
      underWay.add(work);
    },
    async settled() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
};
