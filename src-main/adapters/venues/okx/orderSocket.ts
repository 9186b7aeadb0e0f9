/**
 * OKX's private socket in the words of the account socket: log-in, three subscriptions, then orders and pushes on one line. The log-in is
 * answered without an id, so it gets a name of ours; a refusal that names no call of ours makes the socket worthless.
 */
import { prudent } from '../shared/budget.ts';
import type { SocketDialect, SocketMessage } from '../shared/orders/parts.ts';
import { CONNECT_MS } from '../shared/streamProtocol.ts';
import { isMembers } from '../shared/wireGuards.ts';
import { isCallReply, MAX_CHANNEL_CONNECTIONS, PRIVATE_CHANNELS, socketFrame } from './orderWire.ts';
import type { PrivateChannel, SocketFrame } from './orderWire.ts';
import { CLOSE_CODES, IDLE_CLOSE_MS, MAX_CONNECTIONS_PER_S, NOTICE_CLOSING_SOON, PING, PONG } from './wire.ts';

const PONG_WITHIN_MS = 5_000;
/** Early enough that a lost ping is noticed before the venue gives us up. */
const PING_AFTER_SILENCE_MS = IDLE_CLOSE_MS - 2 * PONG_WITHIN_MS;
const MAX_LIFE_MS = 24 * 3_600_000;
const LOGIN_ID = 'login';
/** Ids of order calls: a number behind this letter, so that none is taken for a subscription. */
export const CALL_PREFIX = 'c';
const CALL_ID = /^c\d+$/;

const CLOSES: Readonly<Record<number, string>> = { ...CLOSE_CODES, 4003: 'more than 100 accounts on one socket' };
/** What the site or the key is at odds with, for people. */
const HINTS: Readonly<Record<string, string>> = {
  '50119': 'the key belongs to another site or environment',
  '50101': 'the key belongs to another environment',
  '60005': 'there is no such key',
  '60009': 'the log-in failed',
  '60011': 'not logged in',
  '60024': 'the passphrase is wrong',
  '60032': 'the key belongs to another site or environment',
};
const refusal = ({ code, msg }: SocketFrame): string =>
  `refused by the venue: ${code} ${msg}${HINTS[code] === undefined ? '' : ` (${HINTS[code]})`}`;

const isPrivate = (channel: string): channel is PrivateChannel => (PRIVATE_CHANNELS as readonly string[]).includes(channel);
const subscribeId = (channel: PrivateChannel): string => `sub${channel}`;

/** Positions and account only when something happens: the regular repetition says nothing new. */
const subscribeFrame = (channel: PrivateChannel): string => {
  const type = channel === 'account' ? {} : { instType: 'ANY' };
  const more = channel === 'orders' ? {} : { extraParams: '{"updateInterval":"0"}' };
  return JSON.stringify({ id: subscribeId(channel), op: 'subscribe', args: [{ channel, ...type, ...more }] });
};

const accepted = (event: string) => (value: unknown) => {
  const frame = socketFrame.safeParse(value);
  if (!frame.success) return 'an answer that cannot be read';
  return frame.data.event === event && (frame.data.code === '' || frame.data.code === '0') ? null : refusal(frame.data);
};

const readEvent = (frame: SocketFrame): SocketMessage => {
  const { event, id, code, msg, arg, channel } = frame;
  if (event === 'login') return { kind: 'answer', id: LOGIN_ID };
  if (event === 'subscribe') {
    const named = arg?.channel ?? '';
    return isPrivate(named) ? { kind: 'answer', id: subscribeId(named) } : { kind: 'ignored' };
  }
  if (event === 'notice') return code === NOTICE_CLOSING_SOON ? { kind: 'closing-soon', text: `${code} ${msg}` } : { kind: 'ignored' };
  if (event === 'error') {
    if (id !== undefined && CALL_ID.test(id)) return { kind: 'answer', id };
    return { kind: 'refused', code, text: `${msg}${HINTS[code] === undefined ? '' : ` (${HINTS[code]})`}` };
  }
  if (event === 'channel-conn-count-error')
    return {
      kind: 'refused',
      code: event,
      text: `all ${MAX_CHANNEL_CONNECTIONS} sockets that may read the channel ${channel ?? '?'} are taken`,
    };
  return { kind: 'ignored' };
};

/** The ordinary case, seen at a glance; what it holds is the decoder's to judge. */
const isPush = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'data' in value && 'arg' in value && !('event' in value) && !('op' in value);

/** @throws Error for what is no object: such a frame cannot be read. */
export const readSocketFrame = (value: unknown): SocketMessage => {
  if (isPush(value)) return { kind: 'push' };
  if (isCallReply(value)) return { kind: 'answer', id: value.id };
  const frame = socketFrame.parse(value);
  if (frame.event !== undefined) return readEvent(frame);
  if (frame.op !== undefined) return frame.id === undefined ? { kind: 'ignored' } : { kind: 'answer', id: frame.id };
  throw new Error('neither event, reply nor push');
};

const CONNECTION_COUNT = 'channel-conn-count';

/** How many sockets read our orders; null = the frame is about something else. */
export const orderReadersIn = (value: unknown): number | null => {
  if (!isMembers(value) || value['event'] !== CONNECTION_COUNT) return null;
  const frame = socketFrame.safeParse(value);
  if (!frame.success || frame.data.channel !== 'orders') return null;
  const count = Number(frame.data.connCount);
  return Number.isInteger(count) && count > 0 ? count : null;
};

export const okxSocket = (url: SocketDialect['url'], login: () => string, loginRefused: (code: string) => void): SocketDialect => ({
  url,
  opening: [
    () => ({
      id: LOGIN_ID,
      frame: login(),
      accepts: (value) => {
        const why = accepted('login')(value);
        if (why !== null) loginRefused(socketFrame.safeParse(value).data?.code ?? '');
        return why;
      },
    }),
    ...PRIVATE_CHANNELS.map((channel) => () => ({
      id: subscribeId(channel),
      frame: subscribeFrame(channel),
      accepts: accepted('subscribe'),
    })),
  ],
  read: (value) => {
    const message = readSocketFrame(value);
    if (message.kind === 'refused') loginRefused(message.code);
    return message;
  },
  heartbeat: { kind: 'text-ping', ping: PING, pong: PONG, afterSilenceMs: PING_AFTER_SILENCE_MS, pongWithinMs: PONG_WITHIN_MS },
  connectMs: CONNECT_MS,
  maxLifeMs: MAX_LIFE_MS,
  connections: prudent(MAX_CONNECTIONS_PER_S, 1_000),
  closeMeaning: (code) => CLOSES[code] ?? '',
});
