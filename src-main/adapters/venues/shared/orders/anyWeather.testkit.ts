/**
 * A gateway in front of a scripted venue whose moods change at any moment, and asks in between: whatever happens, each ask must end
 * within its named bound, and once all is well the link must rise and everything be answered within another. Time is the test's.
 */
import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { OrderRef, OrderRequest } from '../../../../../src-shared/domain/order.ts';
import type { ControlInput } from '../../../../core/events.ts';
import type { OrderGateway } from '../../../../runtime/ports.ts';
import type { ManualTime } from '../scriptedVenue.testkit.ts';
import { CONNECT_MS } from '../streamProtocol.ts';
import { LOOK_EVERY_MS, REFUSED_BACKOFF } from './accountSocket.ts';
import { BACKSTOP_MS, createGateway, QUERY_DEADLINE_MS, SNAPSHOT_DEADLINE_MS } from './gateway.ts';
import type { MakeDialect } from './gateway.ts';
import type { GatewayParts } from './parts.ts';

/** A question under way, a handshake that hangs, the longest wait after a refusal, and the first reading of the account. */
const RISES_WITHIN_MS = REFUSED_BACKOFF.maxMs + CONNECT_MS + 20_000;
export const RETRY_AFTER_S = 2;

/** `late`: our stamps are refused; `spent`: others have used up all that the venue allows. */
const MOODS = ['well', 'silent', 'drop', 'fault', 'maintenance', 'limited', 'garbage', 'refused', 'spent', 'late'] as const;
export type Mood = (typeof MOODS)[number];
/** Whoever knocks for a socket, questions, what is asked on the socket, the time. */
const LINES = ['door', 'rest', 'api', 'time'] as const;
export type Line = (typeof LINES)[number];
const ASKS = ['place', 'reduce', 'cancel', 'query', 'snapshot'] as const;
const WELL = 'acknowledged acknowledged acknowledged found answered';
const LOSSES = ['cut', 'goodbye', 'hang'] as const;
export type Loss = (typeof LOSSES)[number];

export interface WeatherVenue {
  readonly make: MakeDialect;
  readonly parts: GatewayParts;
  readonly time: ManualTime;
  set(line: Line, mood: Mood): void;
  /** Ends all sockets of order entry, or all others. `hang`: they say goodbye, and never hang up. */
  lose(which: 'entry' | 'stream', how: Loss): void;
  push(frame: string): void;
  order(nth: number, more: Partial<OrderRequest>): OrderRequest;
  ref(order: OrderRequest): OrderRef;
}

export type Step =
  | { readonly do: 'mood'; readonly line: Line; readonly mood: Mood }
  | { readonly do: 'lose'; readonly which: 'entry' | 'stream'; readonly how: Loss }
  | { readonly do: 'ask'; readonly what: (typeof ASKS)[number] }
  | { readonly do: 'push'; readonly frame: string }
  | { readonly do: 'pass'; readonly ms: number };

export const weatherOf = (frames: readonly string[]): fc.Arbitrary<readonly Step[]> =>
  fc.array(
    fc.oneof(
      fc.record({ do: fc.constant('mood' as const), line: fc.constantFrom(...LINES), mood: fc.constantFrom(...MOODS) }),
      fc.record({
        do: fc.constant('lose' as const),
        which: fc.constantFrom('entry' as const, 'stream' as const),
        how: fc.constantFrom(...LOSSES),
      }),
      fc.record({ do: fc.constant('ask' as const), what: fc.constantFrom(...ASKS) }),
      fc.record({ do: fc.constant('push' as const), frame: fc.constantFrom(...frames) }),
      fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(50, 400, 2_500, 12_000, 40_000) }),
    ),
    { minLength: 4, maxLength: 24 },
  );

interface Asked {
  readonly what: string;
  readonly askedMs: number;
  readonly mostMs: number;
  endedMs: number;
  code: string;
}

class World {
  readonly #venue: WeatherVenue;
  readonly #time: ManualTime;
  readonly #gateway: OrderGateway;
  readonly #asked: Asked[] = [];
  #link = false;

  constructor(venue: WeatherVenue) {
    this.#venue = venue;
    this.#time = venue.time;
    const offer = (event: ControlInput): 'taken' => {
      if (event.type === 'order-link') this.#link = event.state === 'up';
      return 'taken';
    };
    this.#gateway = createGateway({ ...venue.parts, inlet: { offer } }, venue.make);
    this.#gateway.start();
  }

  async obey(step: Step): Promise<void> {
    if (step.do === 'mood') this.#venue.set(step.line, step.mood);
    else if (step.do === 'ask') this.#ask(step.what);
    else if (step.do === 'push') this.#venue.push(step.frame);
    else if (step.do === 'lose') this.#venue.lose(step.which, step.how);
    else await this.#pass(step.ms);
    await this.#pass(1);
  }

  #ask(what: (typeof ASKS)[number]): Asked {
    const actMs = this.#venue.parts.venue.ackTimeoutMs + BACKSTOP_MS;
    const order = this.#venue.order(this.#asked.length, what === 'reduce' ? { reduceOnly: true, purpose: 'unwind' } : {});
    const ref = this.#venue.ref(order);
    const gateway = this.#gateway;
    const yes = (): boolean => true;
    const [mostMs, outcome]: readonly [number, Promise<{ readonly code: string }>] =
      what === 'cancel'
        ? [actMs, gateway.cancel(ref, yes)]
        : what === 'query'
          ? [QUERY_DEADLINE_MS, gateway.query(ref)]
          : what === 'snapshot'
            ? [SNAPSHOT_DEADLINE_MS, gateway.snapshot(this.#time.unixMs() - 60_000)]
            : [actMs, gateway.place(order as Parameters<OrderGateway['place']>[0], yes)];
    const asked: Asked = { what, askedMs: this.#time.unixMs(), mostMs, endedMs: Number.NaN, code: '' };
    this.#asked.push(asked);
    void this.#note(asked, outcome);
    return asked;
  }

  async #note(asked: Asked, outcome: Promise<{ readonly code: string }>): Promise<void> {
    const { code } = await outcome;
    asked.endedMs = this.#time.unixMs();
    asked.code = code;
  }

  /** In small steps: what is under way on the loopback gets its turns. */
  async #pass(ms: number): Promise<void> {
    const endMs = this.#time.unixMs() + ms;
    await this.#time.passUntil(() => this.#time.unixMs() >= endMs, 'time', Math.min(ms, 250));
  }

  /** All is well again: the link rises and every kind of ask is answered within the bound; what the venue counted may linger. */
  async recover(): Promise<void> {
    for (const line of LINES) this.#venue.set(line, 'well');
    const wellMs = this.#time.unixMs();
    // Goodbyes that were said before are seen at the next look.
    await this.#pass(2 * LOOK_EVERY_MS);
    await this.#time.passUntil(() => this.#link, 'the link is up', 250, RISES_WITHIN_MS);
    for (;;) {
      const last = ASKS.map((what) => this.#ask(what));
      await this.#time.passUntil(() => last.every(({ code }) => code !== ''), 'the asks end', 250, QUERY_DEADLINE_MS);
      const codes = last.map(({ code }) => code).join(' ');
      if (codes === WELL || this.#time.unixMs() - wellMs > RISES_WITHIN_MS) return expect(codes).toBe(WELL);
      await this.#pass(1_000);
    }
  }

  async allEnded(): Promise<void> {
    await this.#pass(QUERY_DEADLINE_MS);
    for (const { what, askedMs, endedMs, mostMs } of this.#asked) expect([what, endedMs - askedMs <= mostMs]).toEqual([what, true]);
  }

  async end(): Promise<void> {
    let isOver = false;
    void this.#gateway.stop().finally(() => (isOver = true));
    await this.#time.passUntil(() => isOver, 'the gateway ends', 250, 60_000);
  }
}

/** One story from its first step to the end of the gateway; `end` ends the venue. */
export const weathered = async (venue: WeatherVenue, script: readonly Step[], end: () => Promise<void>): Promise<void> => {
  const world = new World(venue);
  try {
    for (const step of script) await world.obey(step);
    await world.recover();
    await world.allEnded();
  } finally {
    await world.end();
    await end();
  }
};

export const loseSockets = (
  sockets: readonly { terminate(): void; close(code: number, reason: string): void; pause(): void }[],
  how: Loss,
): void => {
  for (const socket of sockets) {
    if (how === 'cut') socket.terminate();
    else socket.close(1_001, 'gone');
    if (how === 'hang') socket.pause();
  }
};
