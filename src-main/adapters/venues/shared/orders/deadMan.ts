/**
 * The venue's dead-man timer: armed while an order of ours may rest there for longer than a moment, renewed at a third of its time, off
 * when none does. An order may rest from the moment it may have left until its end is known. The timer cancels everything of the
 * symbol or account, so it is never armed for orders of others.
 */
import type { DeadManReport } from '../../../../../src-shared/domain/exchange.ts';
import type { ClientOrderId } from '../../../../../src-shared/domain/ids.ts';
import type { OrderReport, OrderRequest, QueryOutcome, VenueSnapshot } from '../../../../../src-shared/domain/order.ts';
import { US_PER_MS } from '../../../../../src-shared/domain/units.ts';
import type { Clock } from '../../../../runtime/ports.ts';
import type { Timers } from '../timers.ts';
import type { Bounded } from './bounded.ts';
import type { ExchangeDialect } from './parts.ts';

/** An IOC ends within some hundred milliseconds; what lives longer rests. */
export const RESTS_AFTER_MS = 1_000;
export const DEAD_MAN_LOOK_MS = 250;
export const DEAD_MAN_RETRY_MS = 1_000;
/** The first may be our own counting: some venues take one such request a second. */
const ALARM_AFTER_FAILURES = 2;
const DEAD_MAN_DEADLINE_MS = 5_000;
/** A snapshot that lacks an order says so only when the order is older than this. */
export const SNAPSHOT_LAG_MS = 5_000;
/** "Not found" says so only after the order's validity and this. */
const NOT_FOUND_MARGIN_MS = 2_000;
/** Orders that may rest; the engine has a few at a time. */
export const MAX_TRACKED = 512;

export interface DeadManParts {
  readonly deadMan: ExchangeDialect['deadMan'];
  readonly timeoutMs: number;
  readonly bounded: Bounded;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly changed: () => void;
  /** Our orders rest and the venue's timer could not be armed. */
  readonly alarm: (detail: string) => void;
}

interface Tracked {
  readonly symbol: string;
  readonly validityMs: number;
  readonly sinceUs: number;
}

export class DeadMan {
  readonly #parts: DeadManParts;
  readonly #tracked = new Map<ClientOrderId, Tracked>();
  #armed: ReadonlySet<string> = new Set();
  /** Asked to be armed, and not well answered: the timer may run all the same, until `#doubtfulUntilUs`. */
  #doubtful: ReadonlySet<string> = new Set();
  #doubtfulUntilUs = Number.NEGATIVE_INFINITY;
  #firesUnixMs: number | null = null;
  #renewUs = Number.NaN;
  /** Unrenewed, the venue's timer has fired by then. */
  #firedUs = Number.POSITIVE_INFINITY;
  #notBeforeUs = Number.NEGATIVE_INFINITY;
  #supported = true;
  #fault = '';
  #failures = 0;
  #isAsking = false;
  #cancel: () => void = () => undefined;

  constructor(parts: DeadManParts) {
    this.#parts = parts;
  }

  /** Asks nothing of the venue, but whether it has such a timer. */
  start(): void {
    this.#supported = this.#parts.deadMan([], 0) !== null;
    if (this.#supported) this.#look();
  }

  /** What is armed stays so: from now on we are silent. */
  stop(): void {
    this.#cancel();
  }

  /** The order may leave now. */
  leaves({ clientOrderId, symbol, validityMs }: OrderRequest): void {
    if (this.#tracked.size >= MAX_TRACKED) this.#tracked.delete(this.#tracked.keys().next().value!);
    this.#tracked.set(clientOrderId, { symbol, validityMs, sinceUs: this.#parts.clock.monoUs() });
  }

  /** It certainly does not live. */
  ended(clientOrderId: ClientOrderId): void {
    this.#tracked.delete(clientOrderId);
  }

  reported({ clientOrderId, state }: OrderReport): void {
    if (state !== 'working') this.ended(clientOrderId);
  }

  asked(clientOrderId: ClientOrderId, outcome: QueryOutcome): void {
    if (outcome.code === 'found') return this.reported(outcome.report);
    const tracked = this.#tracked.get(clientOrderId);
    if (outcome.code === 'not-found' && tracked !== undefined && this.#ageMs(tracked) > tracked.validityMs + NOT_FOUND_MARGIN_MS)
      this.ended(clientOrderId);
  }

  /** `askedUs`: when the snapshot was begun. */
  seen({ openOrders }: VenueSnapshot, askedUs: number): void {
    const open = new Set(openOrders.map(({ clientOrderId }) => clientOrderId));
    for (const [id, { sinceUs }] of this.#tracked)
      if (!open.has(id) && askedUs - sinceUs > SNAPSHOT_LAG_MS * US_PER_MS) this.#tracked.delete(id);
  }

  report(): DeadManReport {
    const armed = this.#armed.size > 0;
    const symbols = [...this.#armed].join(', ');
    const idle = this.#supported ? 'no order of ours rests' : 'the venue has no such timer';
    const detail = this.#failures >= ALARM_AFTER_FAILURES ? this.#fault : armed ? `armed for ${symbols}` : idle;
    return { supported: this.#supported, armed, firesUnixMs: armed ? this.#firesUnixMs : null, detail };
  }

  #ageMs({ sinceUs }: Tracked): number {
    return (this.#parts.clock.monoUs() - sinceUs) / US_PER_MS;
  }

  #look(): void {
    this.#act();
    this.#cancel = this.#parts.timers.after(DEAD_MAN_LOOK_MS, () => this.#look());
  }

  #act(): void {
    const nowUs = this.#parts.clock.monoUs();
    if (nowUs >= this.#firedUs && this.#armed.size > 0) {
      this.#armed = new Set();
      this.#parts.changed();
    }
    if (this.#isAsking || nowUs < this.#notBeforeUs) return;
    const resting = new Set<string>();
    for (const tracked of this.#tracked.values()) if (this.#ageMs(tracked) > RESTS_AFTER_MS) resting.add(tracked.symbol);
    if (nowUs >= this.#doubtfulUntilUs) this.#doubtful = new Set();
    const gone = [...new Set([...this.#armed, ...this.#doubtful])].filter((symbol) => !resting.has(symbol));
    if (gone.length > 0) return void this.#ask(gone, 0, new Set([...this.#armed].filter((symbol) => resting.has(symbol))));
    const isNew = [...resting].some((symbol) => !this.#armed.has(symbol));
    if (resting.size > 0 && (isNew || nowUs >= this.#renewUs)) void this.#ask([...resting], this.#parts.timeoutMs, resting);
  }

  async #ask(symbols: readonly string[], timeoutMs: number, armedAfter: ReadonlySet<string>): Promise<void> {
    const { deadMan, bounded, clock, changed, alarm } = this.#parts;
    this.#isAsking = true;
    const answer = await bounded.run(
      async () => (await deadMan(symbols, timeoutMs)) ?? 'the venue has no such timer',
      DEAD_MAN_DEADLINE_MS,
      (why) => why,
    );
    this.#isAsking = false;
    const nowUs = clock.monoUs();
    if (typeof answer === 'string') {
      this.#notBeforeUs = nowUs + DEAD_MAN_RETRY_MS * US_PER_MS;
      const fault = `failed to ${timeoutMs === 0 ? 'switch off' : 'arm'}: ${answer}`;
      this.#failures += 1;
      if (this.#failures === ALARM_AFTER_FAILURES && timeoutMs > 0)
        alarm(`orders of ours may rest (${symbols.join(', ')}), and the venue's dead-man timer: ${fault}`);
      this.#fault = fault;
      if (timeoutMs > 0) {
        this.#doubtful = new Set([...this.#doubtful, ...symbols]);
        this.#doubtfulUntilUs = nowUs + timeoutMs * US_PER_MS;
      }
    } else {
      this.#fault = '';
      this.#failures = 0;
      this.#armed = armedAfter;
      this.#doubtful = new Set([...this.#doubtful].filter((symbol) => !symbols.includes(symbol)));
      // Off for one symbol is off for all where the timer is the account's: those that still rest are armed anew at once.
      this.#renewUs = timeoutMs === 0 ? nowUs : nowUs + Math.floor(timeoutMs / 3) * US_PER_MS;
      if (timeoutMs > 0) {
        this.#firedUs = nowUs + timeoutMs * US_PER_MS;
        this.#firesUnixMs = answer.firesUnixMs;
      }
    }
    changed();
  }
}
