/** Which instruments of one socket are acknowledged, refused or still open. Knows the venue's words, no sockets. */
import type { SubscribeCall, VenueMessage } from './streamProtocol.ts';

type Standing = 'open' | 'acknowledged' | 'refused';

export class Subscriptions {
  readonly #symbols: readonly string[];
  readonly #calls: ReadonlyMap<string, SubscribeCall>;
  readonly #standings: Standing[];
  /** The venue's words for each refusal. */
  readonly refusals: string[] = [];

  constructor(symbols: readonly string[], calls: readonly SubscribeCall[]) {
    this.#symbols = symbols;
    this.#calls = new Map(calls.map((call) => [call.requestId, call]));
    this.#standings = symbols.map(() => 'open');
  }

  isAcknowledged(slot: number): boolean {
    return this.#standings[slot] === 'acknowledged';
  }

  get isSettled(): boolean {
    return !this.#standings.includes('open');
  }

  get isRefusedWhole(): boolean {
    return this.#standings.every((standing) => standing === 'refused');
  }

  get openSymbols(): readonly string[] {
    return this.#symbols.filter((_, slot) => this.#standings[slot] === 'open');
  }

  /** Takes an answer of the venue; a repeated one changes nothing. */
  settle(message: Extract<VenueMessage, { kind: 'acknowledged' | 'refused' }>): void {
    const slots = this.#slotsOf(message.requestId, message.symbol);
    if (message.kind === 'refused') {
      const whom = message.symbol ?? slots.map((slot) => this.#symbols[slot]).join(', ');
      const words = `${whom === '' ? 'subscription' : whom} refused by the venue: ${message.code} ${message.text}`.trim();
      if (!this.refusals.includes(words) && this.refusals.length <= this.#symbols.length) this.refusals.push(words);
      // One of several in a request, and the venue did not say which: the others will be acknowledged.
      if (message.symbol === null && slots.length > 1 && message.requestId !== null && this.#isAnsweredOneByOne(message.requestId)) return;
    }
    for (const slot of slots) if (this.#standings[slot] === 'open') this.#standings[slot] = message.kind;
  }

  /** Whoever is unanswered after a refusal that named nobody is the one it meant. Returns whether that settled anything. */
  settleUnanswered(): boolean {
    if (this.refusals.length === 0 || !this.#standings.includes('acknowledged')) return false;
    for (const [slot, standing] of this.#standings.entries()) if (standing === 'open') this.#standings[slot] = 'refused';
    return true;
  }

  #isAnsweredOneByOne(requestId: string): boolean {
    return this.#calls.get(requestId)?.answers === 'each';
  }

  #slotsOf(requestId: string | null, symbol: string | null): readonly number[] {
    if (symbol !== null) {
      const slot = this.#symbols.indexOf(symbol);
      return slot < 0 ? [] : [slot];
    }
    return requestId === null ? [...this.#symbols.keys()] : (this.#calls.get(requestId)?.slots ?? []);
  }
}
