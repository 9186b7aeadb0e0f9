/**
 * Where an operation is carried out, with the faults that strike it. Owns the order: faults that refuse, limits, delay, the operation,
 * faults that lose the answer. REST and the web-socket API both come here.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultSwitch } from '../../faults.ts';
import type { Operation } from './catalogue.ts';
import type { Asker } from './gate.ts';
import type { Ground } from './operations.ts';
import { Refusal, type Params } from './wire.ts';

export interface Asked {
  readonly operation: Operation;
  readonly asker: Asker;
  readonly params: Params;
  /** The end of the request's window on the venue's clock. */
  readonly endsMs: number;
}
/** `lost`: carried out, and no answer comes; `close`: its socket ends, too. */
export type Served = { readonly body: object } | { readonly lost: true; readonly close: boolean };

const UNKNOWN_503 = 'Unknown error, please check your request or try again later.';
const UNAVAILABLE_503 = 'Service Unavailable.';

export class Desk {
  readonly #ground: Ground;
  readonly #faults: FaultSwitch;

  constructor(ground: Ground, faults: FaultSwitch) {
    this.#ground = ground;
    this.#faults = faults;
  }

  /** Answers at once unless a fault delays it. @throws Refusal */
  async serve(asked: Asked): Promise<Served> {
    const { operation, asker, params } = asked;
    const { fault } = operation;
    this.#refuseByFault(operation);
    if (operation.counts) this.#ground.limits.takeOrder(asker.account);
    if (fault === 'place') await this.#delay(asked);
    const partial = fault === 'place' ? this.#faults.next('partial', 'place') : null;
    if (partial !== null) this.#ground.accounts.partialNext(asker.account, partial.share);
    const unknown = fault === null ? null : this.#faults.next('unknown-503', fault);
    if (unknown !== null) {
      if (unknown.accepted) this.#tolerantly(asked);
      throw new Refusal(-1000, UNKNOWN_503, 503);
    }
    const lost = fault === null ? null : this.#faults.next('accept-then-drop-reply', fault);
    if (lost !== null) {
      this.#tolerantly(asked);
      return { lost: true, close: lost.close };
    }
    return { body: operation.run(this.#ground, asker, params) };
  }

  /** The answer is lost anyway, a refusal, too. */
  #tolerantly({ operation, asker, params }: Asked): void {
    try {
      operation.run(this.#ground, asker, params);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }

  #refuseByFault(operation: Operation): void {
    if (operation.security !== 'signed') return;
    if (this.#faults.timed('maintenance') !== null) throw new Refusal(-1000, UNAVAILABLE_503, 503);
    const limited = this.#faults.timed('rate-limit');
    if (limited !== null && (limited.operation === null || limited.operation === operation.fault)) {
      if (limited.account)
        throw new Refusal(-1015, 'Too many new orders; current limit is 300 orders per TEN_SECONDS.', 429, limited.leftMs);
      const words = limited.ban
        ? `Way too much request weight used; IP banned until ${this.#ground.now() + Math.ceil(limited.leftMs)}. Please use WebSocket Streams for live updates to avoid bans.`
        : 'Too many requests; current limit of IP(127.0.0.1) is 2400 requests per minute. Please use the websocket for live updates to avoid polling the API.';
      throw new Refusal(-1003, words, limited.ban ? 418 : 429, limited.leftMs);
    }
    const reject = operation.fault === null ? null : this.#faults.next('reject', operation.fault);
    if (reject !== null) throw new Refusal(Number(reject.code), reject.message);
  }

  async #delay({ endsMs }: Asked): Promise<void> {
    const late = this.#faults.next('late-accept', 'place');
    if (late === null) return;
    await sleep(late.delayMs, undefined, { ref: false });
    // Spot looked at the window before: what is on its way to the matching engine is taken.
    if (this.#ground.product === 'spot' || this.#ground.now() <= endsMs) return;
    throw new Refusal(-5028, 'Timestamp for this request is outside of the ME recvWindow.');
  }
}
