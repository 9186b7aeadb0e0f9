/** OKX's words on the public stream: subscriptions, their answers, notices, the text heartbeat. */
import { prudent } from '../shared/budget.ts';
import { ACKNOWLEDGE_MS, CONNECT_MS } from '../shared/streamProtocol.ts';
import type { StreamProtocol, SubscribeCall, VenueMessage } from '../shared/streamProtocol.ts';
import { createOkxDecoder } from './decode.ts';
import * as wire from './wire.ts';

/** The venue counts the argument list; the frame around it has some ten bytes more. */
const FRAME_OVERHEAD_BYTES = 64;

/** As few calls as the size limit allows, for calls are counted by the hour. */
export const okxSubscribeCalls = (symbols: readonly string[]): readonly SubscribeCall[] => {
  const calls: SubscribeCall[] = [];
  let args: string[] = [];
  let slots: number[] = [];
  let bytes = FRAME_OVERHEAD_BYTES;
  const flush = () => {
    if (args.length === 0) return;
    const requestId = `${calls.length + 1}`;
    calls.push({ requestId, text: `{"id":"${requestId}","op":"subscribe","args":[${args.join(',')}]}`, answers: 'each', slots });
    args = [];
    slots = [];
    bytes = FRAME_OVERHEAD_BYTES;
  };
  for (const [slot, instId] of symbols.entries()) {
    const arg = JSON.stringify({ channel: wire.BBO_CHANNEL, instId });
    const argBytes = Buffer.byteLength(arg) + 1;
    if (bytes + argBytes > wire.MAX_ARGUMENT_BYTES) flush();
    args.push(arg);
    slots.push(slot);
    bytes += argBytes;
  }
  flush();
  return calls;
};

/** Refusals name the instrument in their text only: `… channel:bbo-tbt,instId:XAUX-USDT-SWAP doesn't exist …` */
const instIdIn = (text: string): string | null => /instId:([A-Za-z0-9-]+)/.exec(text)?.[1] ?? null;

export const interpretOkx = (message: unknown): VenueMessage => {
  const subscribed = wire.subscribed.safeParse(message);
  if (subscribed.success) {
    const { arg, id } = subscribed.data;
    return arg.channel === wire.BBO_CHANNEL && arg.instId !== undefined
      ? { kind: 'acknowledged', requestId: id ?? null, symbol: arg.instId }
      : { kind: 'ignored' };
  }
  const refused = wire.refused.safeParse(message);
  if (refused.success) {
    const { code, msg, id, arg } = refused.data;
    return { kind: 'refused', requestId: id ?? null, symbol: arg?.instId ?? instIdIn(msg), code, text: msg };
  }
  const notice = wire.notice.safeParse(message);
  if (notice.success)
    return notice.data.code === wire.NOTICE_CLOSING_SOON
      ? { kind: 'closing-soon', code: notice.data.code, text: notice.data.msg ?? '' }
      : { kind: 'ignored' };
  return wire.otherEvent.safeParse(message).success || wire.push.safeParse(message).success
    ? { kind: 'ignored' }
    : { kind: 'unrecognised' };
};

/** The book comes at once upon a subscription. */
const FIRST_FRAME_MS = 5_000;
/** An unchanged book is repeated every minute: whoever is silent for longer is not published any more. */
const INSTRUMENT_SILENCE_MS = wire.REPEAT_EVERY_MS + 15_000;
const PONG_WITHIN_MS = 5_000;
/** Early enough that a lost ping is noticed before the venue gives us up. */
const PING_AFTER_SILENCE_MS = wire.IDLE_CLOSE_MS - 2 * PONG_WITHIN_MS;
/** OKX names no age, but nothing lives for ever: the same day as elsewhere. */
const MAX_LIFE_MS = 24 * 3_600_000;
const MAX_INSTRUMENTS = 1_000;

export const okxStream: StreamProtocol = {
  path: wire.STREAM_PATH,
  createDecoder: createOkxDecoder,
  subscribeCalls: okxSubscribeCalls,
  interpret: interpretOkx,
  closeMeaning: (code) => wire.CLOSE_CODES[code] ?? '',
  heartbeat: {
    kind: 'text-ping',
    ping: wire.PING,
    pong: wire.PONG,
    afterSilenceMs: PING_AFTER_SILENCE_MS,
    pongWithinMs: PONG_WITHIN_MS,
  },
  deadlines: {
    connectMs: CONNECT_MS,
    acknowledgeMs: ACKNOWLEDGE_MS,
    firstFrameMs: FIRST_FRAME_MS,
    instrumentSilenceMs: INSTRUMENT_SILENCE_MS,
    maxLifeMs: MAX_LIFE_MS,
  },
  connections: prudent(wire.MAX_CONNECTIONS_PER_S, 1_000),
  calls: prudent(wire.MAX_SUBSCRIPTION_CALLS_PER_H, 3_600_000),
  maxInstruments: MAX_INSTRUMENTS,
};
