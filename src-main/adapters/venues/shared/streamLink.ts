/**
 * Keeps one venue's stream alive: one current socket, at most one successor. A successor is opened before the current
 * socket ends (age, the venue's notice, a silence) and takes over only once it delivers; both feed one sequence, so
 * the engine sees neither gap nor repeat. Everything that fails is reported, waited out and tried again.
 */
import { MS_PER_S, US_PER_MS } from '../../../../src-shared/domain/units.ts';
import type { Clock, MarketInlet } from '../../../runtime/ports.ts';
import { Backoff, HANDOVER_BACKOFF, RECONNECT_BACKOFF } from './backoff.ts';
import { Budget } from './budget.ts';
import type { QuoteDraft } from './frameDecoder.ts';
import type { LinkReporter } from './linkReporter.ts';
import { QuoteSequence } from './quoteSequence.ts';
import { SilenceWatch } from './silenceWatch.ts';
import type { StreamProtocol } from './streamProtocol.ts';
import { LIFE_MARGIN_MS } from './streamProtocol.ts';
import { StreamSocket } from './streamSocket.ts';
import type { SocketEnd, SocketOwner } from './streamSocket.ts';
import { UNKNOWN_SLOT } from './symbolTable.ts';
import type { Timers } from './timers.ts';

/** How often deadlines, silences and ages are looked at. */
export const INSPECT_EVERY_MS = 250;
const COUNTERS_EVERY_MS = 1_000;
/** A successor that delivers takes over at the latest now, even if a quiet instrument has not spoken on it. */
export const HANDOVER_OVERLAP_MS = 10_000;
/** A socket that was live for this long has proved that connecting works. */
export const STABLE_AFTER_MS = 30_000;

export interface StreamLinkSettings {
  readonly streamUrl: string;
  readonly protocol: StreamProtocol;
  readonly symbols: readonly string[];
  /** Slot → the engine's instrument index. */
  readonly indexes: readonly number[];
  readonly inlet: MarketInlet;
  readonly reporter: LinkReporter;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  /** Every quote with a known instrument, news or not; NaN = no time. */
  readonly onVenueTime: (venueMs: number, receivedMonoUs: number) => void;
  /** The link delivers again after a time without. */
  readonly onConnected: () => void;
  readonly recordFrame: (frame: Buffer, receivedMonoUs: number) => void;
}

export class StreamLink implements SocketOwner {
  readonly #settings: StreamLinkSettings;
  readonly #connections: Budget;
  readonly #reconnectBackoff: Backoff;
  readonly #handoverBackoff: Backoff;
  readonly #sequence: QuoteSequence;
  readonly #silence: SilenceWatch;
  readonly #sockets = new Set<StreamSocket>();
  #current: StreamSocket | null = null;
  #successor: StreamSocket | null = null;
  /** Which instruments the successor has delivered. */
  #heardOnSuccessor = new Set<number>();
  /** Why the current socket should be left; recomputed at every inspection. */
  #handoverWanted: string | null = null;
  /** The venue's own words that the current socket is about to end. */
  #announced: string | null = null;
  #nextConnectUs = 0;
  #nextHandoverUs = 0;
  #lifeUs = 0;
  #lastFailure = '';
  #nextAttemptWords = '';
  /** Why the current socket replaced the one before; empty after a cold start. */
  #handedOverWords = '';
  #fallbacksOfEnded = 0;
  #countersSaidUs = Number.NEGATIVE_INFINITY;
  #isRunning = false;
  #cancelInspection: () => void = () => undefined;
  #allEnded: () => void = () => undefined;
  #stopped: Promise<void> | null = null;

  constructor(settings: StreamLinkSettings) {
    const { protocol, symbols, random } = settings;
    this.#settings = settings;
    this.#connections = new Budget(protocol.connections);
    this.#reconnectBackoff = new Backoff(RECONNECT_BACKOFF, random);
    this.#handoverBackoff = new Backoff(HANDOVER_BACKOFF, random);
    this.#sequence = new QuoteSequence(symbols.length);
    this.#silence = new SilenceWatch(symbols, protocol.deadlines.instrumentSilenceMs);
  }

  start(): void {
    if (this.#isRunning || this.#stopped !== null) return;
    this.#isRunning = true;
    this.#inspect();
  }

  /** Resolves when every socket and timer is gone. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#isRunning = false;
    this.#cancelInspection();
    this.#settings.reporter.end('stopped');
    if (this.#sockets.size === 0) return;
    const allEnded = new Promise<void>((resolve) => {
      this.#allEnded = resolve;
    });
    for (const socket of this.#sockets) socket.retire();
    const cancelCutOff = this.#settings.timers.after(STOP_GRACE_MS, () => {
      for (const socket of this.#sockets) socket.fail('stopped');
    });
    await allEnded;
    cancelCutOff();
  }

  quote(socket: StreamSocket, draft: Readonly<QuoteDraft>, receivedUs: number): void {
    const { slot } = draft;
    if (slot === UNKNOWN_SLOT) return;
    const { inlet, indexes, onVenueTime } = this.#settings;
    onVenueTime(Number.isNaN(draft.sentMs) ? draft.venueMs : draft.sentMs, receivedUs);
    this.#silence.heard(slot, receivedUs);
    const order = this.#sequence.take(slot, draft.updateId, draft.previousId, receivedUs);
    if (order === 'news') {
      const venueMs = Number.isNaN(draft.venueMs) ? null : draft.venueMs;
      inlet.quote(indexes[slot]!, draft.bidPx, draft.bidQty, draft.askPx, draft.askQty, venueMs, draft.updateId, receivedUs);
    } else if (order === 'late' && this.#successor === null) this.#settings.reporter.countOutOfOrder();
    if (socket === this.#successor) this.#heardOnTheSuccessor(slot);
  }

  frame(_socket: StreamSocket, frame: Buffer, receivedUs: number): void {
    this.#settings.reporter.countFrame();
    this.#settings.recordFrame(frame, receivedUs);
  }

  malformed(_socket: StreamSocket, why: string, frame: Buffer): void {
    this.#settings.reporter.countMalformed(why, frame);
  }

  phaseChanged(socket: StreamSocket): void {
    if (socket === this.#successor && socket.phase === 'live') return this.#takeOverIfHeard(socket);
    if (socket !== this.#current) return;
    if (socket.phase === 'live') {
      this.#lastFailure = '';
      this.#silence.restart(socket.liveSinceMonoUs, (slot) => socket.subscriptions.isAcknowledged(slot));
      this.#settings.onConnected();
    }
    this.#report();
  }

  closingSoon(socket: StreamSocket, words: string): void {
    const why = `the venue announcing the end of this connection (${words})`;
    if (socket !== this.#current) return socket.fail(why);
    this.#announced = why;
    this.#handoverWanted = why;
    this.#nextHandoverUs = 0;
    this.#inspectHandover(this.#settings.clock.monoUs());
  }

  ended(socket: StreamSocket, end: SocketEnd): void {
    this.#sockets.delete(socket);
    this.#fallbacksOfEnded += socket.decoder.fallbacks;
    if (this.#sockets.size === 0) this.#allEnded();
    if (!this.#isRunning) return;
    const nowUs = this.#settings.clock.monoUs();
    if (socket === this.#successor) {
      this.#successor = null;
      this.#lastFailure = end.reason;
      this.#nextHandoverUs = nowUs + Math.max(this.#handoverBackoff.nextDelayMs(), end.retryAfterMs) * US_PER_MS;
    } else if (socket === this.#current) {
      this.#current = null;
      this.#lastFailure = end.reason;
      this.#settings.reporter.countReconnect();
      if (this.#successor !== null) this.#promote(this.#successor);
      else this.#backOff(nowUs, end.retryAfterMs);
    }
    this.#report();
  }

  #inspect(): void {
    this.#cancelInspection = this.#settings.timers.after(INSPECT_EVERY_MS, () => this.#inspect());
    const nowUs = this.#settings.clock.monoUs();
    for (const socket of this.#sockets) socket.inspect(nowUs);
    if (this.#current === null) this.#connect(nowUs);
    else if (this.#current.phase === 'live') this.#inspectLive(this.#current, nowUs);
    this.#inspectHandover(nowUs);
    this.#report();
    const { reporter } = this.#settings;
    if (nowUs - this.#countersSaidUs >= COUNTERS_EVERY_MS * US_PER_MS) {
      this.#countersSaidUs = nowUs;
      let fallbacks = this.#fallbacksOfEnded;
      for (const socket of this.#sockets) fallbacks += socket.decoder.fallbacks;
      reporter.counters(fallbacks);
    }
    reporter.offerWaiting();
  }

  #inspectLive(socket: StreamSocket, nowUs: number): void {
    const liveUs = nowUs - socket.liveSinceMonoUs;
    if (liveUs >= STABLE_AFTER_MS * US_PER_MS) this.#reconnectBackoff.reset();
    const aged = nowUs - socket.openedMonoUs >= this.#lifeUs ? 'its age' : null;
    this.#handoverWanted = this.#announced ?? this.#silence.words(nowUs) ?? socket.missedPings(nowUs) ?? aged;
    if (this.#handoverWanted === null && liveUs >= STABLE_AFTER_MS * US_PER_MS) this.#handoverBackoff.reset();
  }

  #inspectHandover(nowUs: number): void {
    const successor = this.#successor;
    if (successor?.phase === 'live' && nowUs - successor.liveSinceMonoUs >= HANDOVER_OVERLAP_MS * US_PER_MS) this.#promote(successor);
    else if (this.#handoverWanted !== null && successor === null && this.#current?.phase === 'live' && nowUs >= this.#nextHandoverUs) {
      this.#heardOnSuccessor = new Set();
      this.#successor = this.#open(nowUs);
    }
  }

  #connect(nowUs: number): void {
    if (nowUs < this.#nextConnectUs) return;
    const socket = this.#open(nowUs);
    if (socket === null) return;
    this.#current = socket;
    this.#announced = null;
    this.#handoverWanted = null;
    this.#handedOverWords = '';
    // The venue may have restarted its numbering while we were away.
    this.#sequence.forget();
    this.#drawLife();
  }

  /** null while the venue's allowance of connections is used up, or when there is no connecting at all. */
  #open(nowUs: number): StreamSocket | null {
    const waitMs = this.#connections.take(nowUs);
    if (waitMs > 0) {
      this.#waitToConnect(nowUs, waitMs);
      this.#nextHandoverUs = this.#nextConnectUs;
      this.#lastFailure = 'our own limit of new connections is reached';
      return null;
    }
    const { streamUrl, protocol, symbols, clock } = this.#settings;
    try {
      const socket = new StreamSocket({ url: `${streamUrl.replace(/\/$/, '')}${protocol.path}`, protocol, symbols, clock, owner: this });
      this.#sockets.add(socket);
      return socket;
    } catch (error) {
      this.#lastFailure = `cannot connect to ${streamUrl}${protocol.path}: ${(error as Error).message}`;
      this.#backOff(nowUs, 0);
      this.#nextHandoverUs = this.#nextConnectUs;
      return null;
    }
  }

  #backOff(nowUs: number, retryAfterMs: number): void {
    this.#waitToConnect(nowUs, Math.max(this.#reconnectBackoff.nextDelayMs(), retryAfterMs));
  }

  #waitToConnect(nowUs: number, waitMs: number): void {
    this.#nextConnectUs = nowUs + waitMs * US_PER_MS;
    this.#nextAttemptWords = `next attempt in ${(waitMs / MS_PER_S).toFixed(1)} s`;
  }

  #drawLife(): void {
    const { protocol, random } = this.#settings;
    this.#lifeUs = (protocol.deadlines.maxLifeMs - LIFE_MARGIN_MS * (1 + random())) * US_PER_MS;
  }

  #heardOnTheSuccessor(slot: number): void {
    this.#heardOnSuccessor.add(slot);
    if (this.#successor?.phase === 'live') this.#takeOverIfHeard(this.#successor);
  }

  /** All instruments that speak at present have spoken on the successor too. */
  #takeOverIfHeard(successor: StreamSocket): void {
    const nowUs = this.#settings.clock.monoUs();
    for (const slot of this.#settings.symbols.keys())
      if (this.#silence.isSpeaking(slot, nowUs) && !this.#heardOnSuccessor.has(slot)) return;
    this.#promote(successor);
  }

  /** The sequence goes on: both sockets speak of one numbering, also when the old one died first. */
  #promote(successor: StreamSocket): void {
    const nowUs = this.#settings.clock.monoUs();
    const old = this.#current;
    this.#handedOverWords = `took over because of ${this.#handoverWanted ?? 'the end of the connection before'}`;
    this.#current = successor;
    this.#successor = null;
    this.#announced = null;
    this.#handoverWanted = null;
    this.#nextHandoverUs = nowUs + this.#handoverBackoff.nextDelayMs() * US_PER_MS;
    this.#drawLife();
    if (successor.phase === 'live') this.#silence.carryOver(nowUs, (slot) => successor.subscriptions.isAcknowledged(slot));
    old?.retire();
    this.#report();
  }

  #report(): void {
    if (!this.#isRunning) return;
    const { reporter, protocol, clock } = this.#settings;
    const current = this.#current;
    if (current === null) {
      if (clock.monoUs() < this.#nextConnectUs) reporter.link('backing-off', `${this.#lastFailure}; ${this.#nextAttemptWords}`);
      return;
    }
    if (current.phase === 'ended' || current.phase === 'retiring') return;
    if (current.phase !== 'live') {
      const before = this.#lastFailure === '' ? '' : `; before: ${this.#lastFailure}`;
      return reporter.link('connecting', `${PHASE_WORDS[current.phase]} on path ${protocol.path}${before}`);
    }
    const silent = this.#silence.words(clock.monoUs());
    const words = [silent ?? `live on path ${protocol.path}`, ...current.subscriptions.refusals];
    if (this.#handedOverWords !== '') words.push(this.#handedOverWords);
    if (this.#successor !== null) words.push(`handing over to a new connection because of ${this.#handoverWanted ?? 'its age'}`);
    else if (this.#handoverWanted !== null && this.#lastFailure !== '') words.push(this.#lastFailure);
    reporter.link(silent === null ? 'live' : 'stale', words.join('; '));
  }
}

/** At the end of the feed the venue gets this long to answer our closing frame. */
export const STOP_GRACE_MS = 500;

const PHASE_WORDS = {
  connecting: 'connecting',
  subscribing: 'subscribing',
  'subscribing-with-data': 'subscribing',
  'awaiting-data': 'acknowledged, waiting for the first quote',
} as const;
