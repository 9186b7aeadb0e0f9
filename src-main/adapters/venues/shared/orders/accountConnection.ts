/**
 * One socket of an exchange account from opening to end: logs in, keeps the heartbeat, answers calls by their id. Never reconnects
 * (that is `accountSocket.ts`) and never throws at the event loop: every failure ends the socket with a sentence, and every call that
 * was written is then known to have left.
 */
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { MS_PER_S, US_PER_MS } from '../../../../../src-shared/domain/units.ts';
import type { Clock } from '../../../../runtime/ports.ts';
import { parseExact } from '../exactJson.ts';
import { retryAfterMsOf } from '../retryAfter.ts';
import type { Timers } from '../timers.ts';
import { CLOSE_GRACE_MS, NORMAL_CLOSURE, openVenueSocket, refusedHandshake } from '../venueSocket.ts';
import type { CallAnswer, NoAnswer, SocketDialect } from './parts.ts';
import { QUIET_MS, silenceMsOf } from './privateRest.ts';

/** Replies and pushes are some kilobytes; an account snapshot some hundred. */
export const MAX_FRAME_BYTES = 4_194_304;
/** Calls under way on one socket. */
export const MAX_CALLS = 256;
/** More than this before us in the line: the peer takes nothing, and a call would leave when it is old. */
export const MAX_BUFFERED_BYTES = 65_536;
/** An old socket may answer what is under way for this long. */
export const RETIRE_MS = 15_000;
/** Private sockets are silent for hours; a line that is cut shows only if it is asked. */
export const PROBE_AFTER_MS = 15_000;
export const PROBE_WITHIN_MS = 10_000;
const AS_TEXT = { binary: false } as const;

export interface ConnectionEnd {
  readonly reason: string;
  /** Stay away for at least this long, because the venue said so. */
  readonly retryAfterMs: number;
  /** `refused`: the venue said no to us before the socket was up, and would again; `limited`: it wants silence of all that comes from us. */
  readonly kind: 'lost' | 'refused' | 'limited';
}

export interface ConnectionOwner {
  isUp(connection: AccountConnection): void;
  pushed(value: unknown, receivedMonoUs: number): void;
  heard(value: unknown): void;
  unreadable(why: string): void;
  closingSoon(connection: AccountConnection, text: string): void;
  ended(connection: AccountConnection, end: ConnectionEnd): void;
}

export interface ConnectionSettings {
  /** May carry a listen key: never printed. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dialect: SocketDialect;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly owner: ConnectionOwner;
}

interface Waiting {
  readonly settle: (answer: CallAnswer | NoAnswer) => void;
}
type Opening = ReturnType<SocketDialect['opening'][number]>;

const endOf = (reason: string, more: Partial<ConnectionEnd> = {}): ConnectionEnd => ({ reason, retryAfterMs: 0, kind: 'lost', ...more });

const unsent = (why: string): NoAnswer => ({ came: false, left: false, why, retryAfterMs: 0 });

export class AccountConnection {
  phase: 'connecting' | 'opening' | 'up' | 'retiring' | 'ended' = 'connecting';
  readonly openedUs: number;
  upSinceUs = Number.NaN;
  readonly #settings: ConnectionSettings;
  readonly #ws: WebSocket;
  readonly #waiting = new Map<string, Waiting>();
  #openings: SocketDialect['opening'];
  #opening: Opening | null = null;
  #failure: ConnectionEnd | null = null;
  #sinceUs: number;
  #lastHeardUs: number;
  #lastServerPingUs: number;
  #probedUs = Number.NaN;
  #answersProbes = false;
  #cancelClosing: () => void = () => undefined;

  /** @throws SyntaxError for a URL that is none. */
  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    const { url, headers, dialect, clock } = settings;
    this.openedUs = clock.monoUs();
    this.#sinceUs = this.openedUs;
    this.#lastHeardUs = this.openedUs;
    this.#lastServerPingUs = this.openedUs;
    this.#openings = dialect.opening;
    this.#ws = openVenueSocket(url, { maxFrameBytes: MAX_FRAME_BYTES, connectMs: dialect.connectMs, headers });
    this.#ws.on('open', () => this.#opened());
    this.#ws.on('message', (frame: Buffer) => this.#received(frame));
    this.#ws.on('ping', () => {
      this.#lastServerPingUs = clock.monoUs();
      this.#lastHeardUs = this.#lastServerPingUs;
    });
    this.#ws.on('pong', () => {
      this.#answersProbes = true;
      this.#lastHeardUs = clock.monoUs();
    });
    this.#ws.on('unexpected-response', (_request, response: IncomingMessage) => this.#refusedAtHandshake(response));
    this.#ws.on('error', (error) => {
      this.#failure ??= endOf(`socket error: ${error.message}`);
    });
    this.#ws.on('close', (code, text) => this.#closed(code, text.toString('utf8')));
  }

  /** Deadlines and heartbeat; to be called a few times a second. */
  inspect(nowUs: number): void {
    if (this.phase === 'ended' || this.phase === 'retiring') return;
    const { dialect } = this.#settings;
    // It has said goodbye and takes no more calls: the line need not hang until it hangs up.
    if (this.#ws.readyState === WebSocket.CLOSING) return this.#ws.terminate();
    if (this.phase !== 'up') {
      if (nowUs - this.#sinceUs <= dialect.connectMs * US_PER_MS) return;
      const what = this.phase === 'connecting' ? 'no connection' : 'no answer to the log-in';
      return this.fail(`${what} within ${dialect.connectMs / MS_PER_S} s`);
    }
    if (dialect.heartbeat.kind === 'text-ping') this.#pingInText(dialect.heartbeat, nowUs);
    else if (nowUs - this.#lastServerPingUs > dialect.heartbeat.missedAfterMs * US_PER_MS)
      this.fail(`no ping of the server for ${dialect.heartbeat.missedAfterMs / MS_PER_S} s`);
    else this.#probe(nowUs);
  }

  /** Writes `frame` unless that is no longer allowed, and waits for the answer of this id. */
  call(id: string, frame: string, deadlineMs: number, mayLeave?: () => boolean): Promise<CallAnswer | NoAnswer> {
    if (this.phase !== 'up' || this.#ws.readyState !== WebSocket.OPEN) return Promise.resolve(unsent('the socket is not up'));
    if (this.#waiting.size >= MAX_CALLS) return Promise.resolve(unsent(`${MAX_CALLS} calls are under way already`));
    if (this.#waiting.has(id)) return Promise.resolve(unsent(`a call of id ${id} is under way already`));
    if (this.#ws.bufferedAmount > MAX_BUFFERED_BYTES) return Promise.resolve(unsent('the venue takes nothing: our line is full'));
    if (mayLeave !== undefined && !mayLeave()) return Promise.resolve(unsent('the gate is closed'));
    return new Promise((resolve) => {
      // Before anything that can wait: no answer and no end of the socket comes within this turn. As bytes it is one write, as a text two.
      this.#ws.send(Buffer.from(frame, 'utf8'), AS_TEXT);
      const settle = (answer: CallAnswer | NoAnswer): void => {
        cancel();
        this.#waiting.delete(id);
        resolve(answer);
        if (this.phase === 'retiring' && this.#waiting.size === 0) this.#close();
      };
      const cancel = this.#settings.timers.after(deadlineMs, () => settle(this.#lost(`no answer within ${deadlineMs / MS_PER_S} s`)));
      this.#waiting.set(id, { settle });
    });
  }

  /** Ends the socket at once with `reason`. */
  fail(reason: string): void {
    this.#failWith(endOf(reason));
  }

  #failWith(end: ConnectionEnd): void {
    this.#failure ??= end;
    this.#ws.terminate();
  }

  /** Takes no more calls, waits for the answers under way, then says goodbye; `ended` follows. */
  retire(): void {
    if (this.phase === 'retiring' || this.phase === 'ended') return;
    this.#failure ??= endOf('handed over');
    const wasUp = this.phase === 'up';
    this.phase = 'retiring';
    if (!wasUp) this.#ws.terminate();
    else if (this.#waiting.size === 0) this.#close();
    else this.#cancelClosing = this.#settings.timers.after(RETIRE_MS, () => this.#close());
  }

  /** Says goodbye now, whatever is under way. */
  end(): void {
    if (this.phase === 'ended') return;
    this.#failure ??= endOf('stopped');
    const connecting = this.phase === 'connecting';
    this.phase = 'retiring';
    if (connecting) this.#ws.terminate();
    else this.#close();
  }

  #close(): void {
    this.#cancelClosing();
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.close(NORMAL_CLOSURE);
    this.#cancelClosing = this.#settings.timers.after(CLOSE_GRACE_MS, () => this.#ws.terminate());
  }

  #lost(why: string): NoAnswer {
    return { came: false, left: true, why, retryAfterMs: 0 };
  }

  #opened(): void {
    if (this.phase !== 'connecting') return;
    this.phase = 'opening';
    const nowUs = this.#settings.clock.monoUs();
    this.#lastHeardUs = nowUs;
    this.#lastServerPingUs = nowUs;
    this.#openNext();
  }

  #openNext(): void {
    const [next, ...rest] = this.#openings;
    this.#openings = rest;
    this.#sinceUs = this.#settings.clock.monoUs();
    if (next === undefined) {
      this.#opening = null;
      this.phase = 'up';
      this.upSinceUs = this.#sinceUs;
      return this.#settings.owner.isUp(this);
    }
    try {
      this.#opening = next();
    } catch (error) {
      return this.fail(`the log-in could not be written: ${(error as Error).message}`);
    }
    this.#ws.send(this.#opening.frame);
  }

  #received(frame: Buffer): void {
    if (this.phase === 'ended') return;
    const { clock, dialect, owner } = this.#settings;
    const receivedUs = clock.monoUs();
    this.#lastHeardUs = receivedUs;
    const text = frame.toString('utf8');
    if (dialect.heartbeat.kind === 'text-ping' && text === dialect.heartbeat.pong) return;
    let value: unknown;
    let message;
    try {
      value = parseExact(text);
      message = dialect.read(value);
    } catch (error) {
      return owner.unreadable(`a frame of ${frame.length} bytes could not be read: ${(error as Error).name}`);
    }
    owner.heard(value);
    switch (message.kind) {
      case 'answer':
        return this.#answered(message.id, value, receivedUs);
      case 'push':
        return owner.pushed(value, receivedUs);
      case 'refused':
        return this.#failWith(
          endOf(`refused by the venue: ${message.code} ${message.text}`.trim(), { kind: this.phase === 'up' ? 'lost' : 'refused' }),
        );
      case 'closing-soon':
        return owner.closingSoon(this, message.text);
      case 'ignored':
        return;
    }
  }

  #answered(id: string, value: unknown, receivedMonoUs: number): void {
    if (this.#opening?.id !== id) return this.#waiting.get(id)?.settle({ came: true, value, receivedMonoUs });
    const refusal = this.#opening.accepts(value);
    if (refusal === null) this.#openNext();
    else this.#failWith(endOf(refusal, { kind: 'refused' }));
  }

  #pingInText(
    { ping, pong, afterSilenceMs, pongWithinMs }: Extract<SocketDialect['heartbeat'], { kind: 'text-ping' }>,
    nowUs: number,
  ): void {
    if (this.#lastHeardUs > this.#probedUs) this.#probedUs = Number.NaN;
    if (Number.isNaN(this.#probedUs)) {
      if (nowUs - this.#lastHeardUs <= afterSilenceMs * US_PER_MS) return;
      this.#probedUs = nowUs;
      this.#ws.send(ping);
    } else if (nowUs - this.#probedUs > pongWithinMs * US_PER_MS)
      this.fail(`no ${pong} within ${pongWithinMs / MS_PER_S} s of our ${ping}`);
  }

  /** No venue promises to answer a ping of ours: its silence means something only after it has answered one. */
  #probe(nowUs: number): void {
    if (this.#lastHeardUs > this.#probedUs) this.#probedUs = Number.NaN;
    if (Number.isNaN(this.#probedUs)) {
      if (nowUs - this.#lastHeardUs <= PROBE_AFTER_MS * US_PER_MS) return;
      this.#probedUs = nowUs;
      this.#ws.ping();
    } else if (this.#answersProbes && nowUs - this.#probedUs > PROBE_WITHIN_MS * US_PER_MS)
      this.fail(`no sign of life for ${(PROBE_AFTER_MS + PROBE_WITHIN_MS) / MS_PER_S} s`);
  }

  #refusedAtHandshake(response: IncomingMessage): void {
    const { status, reason, retryAfter } = refusedHandshake(response);
    const usualMs = QUIET_MS[status];
    if (usualMs !== undefined) return this.#failWith({ reason, retryAfterMs: silenceMsOf(retryAfter, usualMs), kind: 'limited' });
    this.#failWith({ reason, retryAfterMs: retryAfterMsOf(retryAfter), kind: status >= 400 && status < 500 ? 'refused' : 'lost' });
  }

  #closed(code: number, text: string): void {
    if (this.phase === 'ended') return;
    this.phase = 'ended';
    this.#cancelClosing();
    const words = [this.#settings.dialect.closeMeaning?.(code) ?? '', text].filter((part) => part !== '').join(', ');
    const end = this.#failure ?? endOf(`closed by the venue: ${code} ${words}`.trim());
    for (const { settle } of this.#waiting.values()) settle(this.#lost(`the connection was lost before the answer: ${end.reason}`));
    this.#settings.owner.ended(this, end);
  }
}
