/**
 * One web-socket from opening to end: connects, subscribes within the venue's allowance, follows acknowledgements,
 * keeps the heartbeat, decodes. Never reconnects (that is `StreamLink`'s) and never throws at the event loop:
 * every failure ends the socket with a sentence that says why.
 */
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { MS_PER_S, US_PER_MS } from '../../../../src-shared/domain/units.ts';
import type { Clock } from '../../../runtime/ports.ts';
import { Budget } from './budget.ts';
import type { FrameDecoder, QuoteDraft } from './frameDecoder.ts';
import { retryAfterMsOf } from './retryAfter.ts';
import { moved } from './socketPhase.ts';
import type { SocketMove, SocketPhase } from './socketPhase.ts';
import type { StreamProtocol, SubscribeCall, VenueMessage } from './streamProtocol.ts';
import { Subscriptions } from './subscriptions.ts';
import { CLOSE_GRACE_MS, NORMAL_CLOSURE, openVenueSocket, refusedHandshake } from './venueSocket.ts';

/** Public market data comes in frames of some hundred bytes; an instrument list in some ten thousand. */
export const MAX_FRAME_BYTES = 1_048_576;

export interface SocketEnd {
  readonly reason: string;
  /** Stay away for at least this long, because the venue said so. */
  readonly retryAfterMs: number;
}

export interface SocketOwner {
  quote(socket: StreamSocket, draft: Readonly<QuoteDraft>, receivedMonoUs: number): void;
  /** Before decoding, for tapes. */
  frame(socket: StreamSocket, frame: Buffer, receivedMonoUs: number): void;
  malformed(socket: StreamSocket, why: string, frame: Buffer): void;
  phaseChanged(socket: StreamSocket): void;
  closingSoon(socket: StreamSocket, words: string): void;
  ended(socket: StreamSocket, end: SocketEnd): void;
}

export interface SocketSettings {
  readonly url: string;
  readonly protocol: StreamProtocol;
  readonly symbols: readonly string[];
  readonly clock: Clock;
  readonly owner: SocketOwner;
}

export class StreamSocket {
  readonly decoder: FrameDecoder;
  readonly subscriptions: Subscriptions;
  readonly openedMonoUs: number;
  phase: SocketPhase = 'connecting';
  liveSinceMonoUs = Number.NaN;
  readonly #settings: SocketSettings;
  readonly #ws: WebSocket;
  readonly #callBudget: Budget;
  readonly #unsent: SubscribeCall[];
  /** When the present wait began: connecting, calling, or waiting for data. */
  #waitingSinceUs: number;
  #lastFrameUs: number;
  #lastServerPingUs: number;
  #pingSentUs = Number.NaN;
  #retiredUs = Number.NaN;
  #failure: SocketEnd | null = null;

  constructor(settings: SocketSettings) {
    const { protocol, symbols, clock } = settings;
    this.#settings = settings;
    this.decoder = protocol.createDecoder(symbols);
    this.#unsent = [...protocol.subscribeCalls(symbols)];
    this.subscriptions = new Subscriptions(symbols, this.#unsent);
    this.#callBudget = new Budget(protocol.calls);
    const nowUs = clock.monoUs();
    this.openedMonoUs = nowUs;
    this.#waitingSinceUs = nowUs;
    this.#lastFrameUs = nowUs;
    this.#lastServerPingUs = nowUs;
    this.#ws = openVenueSocket(settings.url, { maxFrameBytes: MAX_FRAME_BYTES, connectMs: protocol.deadlines.connectMs });
    this.#ws.on('open', () => this.#opened());
    this.#ws.on('message', (frame: Buffer) => this.#received(frame));
    this.#ws.on('ping', () => {
      this.#lastServerPingUs = clock.monoUs();
    });
    this.#ws.on('unexpected-response', (_request, response: IncomingMessage) => this.#refusedAtHandshake(response));
    this.#ws.on('error', (error) => {
      this.#failure ??= { reason: `socket error: ${error.message}`, retryAfterMs: 0 };
    });
    this.#ws.on('close', (code, text) => this.#closed(code, text.toString('utf8')));
  }

  /** Deadlines and heartbeat; to be called a few times a second. */
  inspect(nowUs: number): void {
    if (this.phase === 'ended') return;
    if (this.phase === 'retiring') {
      if (nowUs - this.#retiredUs > CLOSE_GRACE_MS * US_PER_MS) this.#ws.terminate();
      return;
    }
    this.#sendCalls(nowUs);
    const late = this.#deadlineMissed(nowUs);
    if (late !== null) this.fail(late);
    else this.#keepAlive(nowUs);
  }

  /** Why the peer looks dead, from its pings; null while it looks alive. */
  missedPings(nowUs: number): string | null {
    const { heartbeat } = this.#settings.protocol;
    if (heartbeat.kind !== 'server-ping' || nowUs - this.#lastServerPingUs <= heartbeat.missedAfterMs * US_PER_MS) return null;
    return `no ping of the server for ${heartbeat.missedAfterMs / MS_PER_S} s`;
  }

  /** Ends the socket at once with `reason`. */
  fail(reason: string): void {
    this.#failure ??= { reason, retryAfterMs: 0 };
    this.#ws.terminate();
  }

  /** Says goodbye; `ended` follows. Frames that still come are dropped. */
  retire(): void {
    if (this.phase === 'retiring' || this.phase === 'ended') return;
    this.#failure ??= { reason: 'retired', retryAfterMs: 0 };
    this.#retiredUs = this.#settings.clock.monoUs();
    const wasConnecting = this.phase === 'connecting';
    this.#move('retired');
    if (wasConnecting) this.#ws.terminate();
    else this.#ws.close(NORMAL_CLOSURE);
  }

  #move(move: SocketMove): void {
    const before = this.phase;
    this.phase = moved(before, move);
    if (this.phase === before) return;
    this.#waitingSinceUs = this.#settings.clock.monoUs();
    if (this.phase === 'live') this.liveSinceMonoUs = this.#waitingSinceUs;
    this.#settings.owner.phaseChanged(this);
  }

  #opened(): void {
    const nowUs = this.#settings.clock.monoUs();
    this.#move('opened');
    this.#lastFrameUs = nowUs;
    this.#lastServerPingUs = nowUs;
    if (this.phase === 'subscribing') this.#sendCalls(nowUs);
  }

  #sendCalls(nowUs: number): void {
    if (this.phase === 'connecting') return;
    for (let call = this.#unsent[0]; call !== undefined; call = this.#unsent[0]) {
      if (this.#callBudget.take(nowUs) > 0) return;
      this.#unsent.shift();
      this.#waitingSinceUs = nowUs;
      this.#ws.send(call.text);
    }
  }

  #received(frame: Buffer): void {
    if (this.phase === 'retiring' || this.phase === 'ended') return;
    const { clock, owner, protocol } = this.#settings;
    const receivedUs = clock.monoUs();
    this.#lastFrameUs = receivedUs;
    owner.frame(this, frame, receivedUs);
    if (protocol.heartbeat.kind === 'text-ping' && isText(frame, protocol.heartbeat.pong)) return;
    const decoded = this.decoder.decode(frame);
    if (decoded === 'quote') {
      if (this.phase !== 'live') this.#move('data');
      owner.quote(this, this.decoder.draft, receivedUs);
    } else if (decoded === 'malformed') owner.malformed(this, this.decoder.why, frame);
    else this.#heard(protocol.interpret(this.decoder.message), frame);
  }

  #heard(message: VenueMessage, frame: Buffer): void {
    const { owner } = this.#settings;
    switch (message.kind) {
      case 'acknowledged':
      case 'refused':
        this.subscriptions.settle(message);
        return this.#settled();
      case 'closing-soon':
        return owner.closingSoon(this, `${message.code} ${message.text}`.trim());
      case 'unrecognised':
        return owner.malformed(this, 'a message that we do not know', frame);
      case 'ignored':
        return;
    }
  }

  #settled(): void {
    if (this.subscriptions.isRefusedWhole) this.fail(this.subscriptions.refusals.join('; '));
    else if (this.subscriptions.isSettled) this.#move('acknowledged');
  }

  #deadlineMissed(nowUs: number): string | null {
    const { deadlines, path } = this.#settings.protocol;
    const waitedMs = (nowUs - this.#waitingSinceUs) / US_PER_MS;
    switch (this.phase) {
      case 'connecting':
        return waitedMs > deadlines.connectMs ? `no connection within ${deadlines.connectMs / MS_PER_S} s` : null;
      case 'subscribing':
      case 'subscribing-with-data': {
        if (this.#unsent.length > 0 || waitedMs <= deadlines.acknowledgeMs) return null;
        if (this.subscriptions.settleUnanswered()) {
          this.#settled();
          return null;
        }
        const whom = this.subscriptions.openSymbols.join(', ');
        return `subscription of ${whom} not acknowledged within ${deadlines.acknowledgeMs / MS_PER_S} s`;
      }
      case 'awaiting-data':
        if (waitedMs <= deadlines.firstFrameMs) return null;
        return `acknowledged, then silent for ${deadlines.firstFrameMs / MS_PER_S} s: nothing of ours is published on path ${path}`;
      case 'live':
      case 'retiring':
      case 'ended':
        break;
    }
    return null;
  }

  #keepAlive(nowUs: number): void {
    const { heartbeat } = this.#settings.protocol;
    if (heartbeat.kind !== 'text-ping' || this.phase === 'connecting') return;
    if (this.#lastFrameUs > this.#pingSentUs) this.#pingSentUs = Number.NaN;
    if (Number.isNaN(this.#pingSentUs)) {
      if (nowUs - this.#lastFrameUs <= heartbeat.afterSilenceMs * US_PER_MS) return;
      this.#pingSentUs = nowUs;
      this.#ws.send(heartbeat.ping);
    } else if (nowUs - this.#pingSentUs > heartbeat.pongWithinMs * US_PER_MS)
      this.fail(`no ${heartbeat.pong} within ${heartbeat.pongWithinMs / MS_PER_S} s of our ${heartbeat.ping}`);
  }

  #refusedAtHandshake(response: IncomingMessage): void {
    const { reason, retryAfter } = refusedHandshake(response);
    this.#failure ??= { reason, retryAfterMs: retryAfterMsOf(retryAfter) };
    this.#ws.terminate();
  }

  #closed(code: number, text: string): void {
    const meaning = this.#settings.protocol.closeMeaning(code);
    const words = `closed by the venue: ${code} ${[meaning, text].filter((part) => part !== '').join(', ')}`.trim();
    this.#move('ended');
    this.#settings.owner.ended(this, this.#failure ?? { reason: words, retryAfterMs: 0 });
  }
}

const isText = (frame: Buffer, text: string): boolean => {
  if (frame.length !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (frame[i] !== text.charCodeAt(i)) return false;
  return true;
};
