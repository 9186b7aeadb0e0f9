/**
 * A MetaTrader account behind the order port: an order becomes a command that waits for the EA to fetch it. Invariants: each
 * call ends in exactly one of its outcomes and never rejects; what was never delivered is refused, what was is unknown until
 * the EA says otherwise; nothing is asked or repeated of its own accord.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import { isFinalCommand, type CommandRecord } from '../../../../src-shared/domain/metatrader.ts';
import type {
  CancelOutcome,
  OrderRef,
  OrderRequest,
  PlaceOutcome,
  QueryOutcome,
  Refusal,
  SnapshotOutcome,
} from '../../../../src-shared/domain/order.ts';
import type { OrderGateway } from '../../../runtime/ports.ts';
import { certainty, type Asks } from './asks.ts';
import { isOrderKind, type CommandBook } from './book.ts';
import type { OrderLink } from './orderLink.ts';
import { isOwnMagic, type DeskFrame } from './parts.ts';
import type { Snapshots } from './snapshots.ts';

/** Commands that may wait or be under way at one venue. */
export const MAX_LIVE_COMMANDS = 64;
/** Comments are cut there by the terminal; nothing is ever read from them. */
export const MAX_COMMENT = 31;
const MAX_DEVIATION_POINTS = 1_000_000;

interface GatewayParts {
  readonly frame: DeskFrame;
  readonly book: CommandBook;
  readonly asks: Asks;
  readonly snapshots: Snapshots;
  readonly link: OrderLink;
  /** Size of a point of the symbol; null where the EA has not told. */
  readonly pointOf: (symbol: string) => string | null;
}

const refusal = (text: string, retry: Refusal['retry']): PlaceOutcome => ({
  code: 'refused',
  refusal: { venueCode: null, text, retry, by: 'gateway' },
});

/** How far the price may move before the limit is reached, in points: what Instant execution needs to be told. */
const deviationOf = ({ side, limitPx, quote }: OrderRequest, point: string | null): number => {
  if (point === null || new Decimal(point).isZero()) return 0;
  const touch = new Decimal(side === 'buy' ? quote.askPx : quote.bidPx);
  const room = side === 'buy' ? new Decimal(limitPx).minus(touch) : touch.minus(limitPx);
  return Math.min(MAX_DEVIATION_POINTS, Math.max(0, room.div(point).floor().toNumber()));
};

const bodyOf = (order: OrderRequest, point: string | null): CommandRecord['body'] => ({
  symbol: order.symbol,
  side: order.side,
  lots: new Decimal(order.qty).toFixed(),
  limit_price: new Decimal(order.limitPx).toFixed(),
  max_dev_points: deviationOf(order, point),
  fill: 'ioc',
  comment: order.clientOrderId.slice(0, MAX_COMMENT),
  ...(order.positionId === null ? {} : { position_id: order.positionId }),
});

/** Why this order can be no command; null = it can. */
const faultOf = (frame: DeskFrame, order: OrderRequest): string | null => {
  if (order.magic === null || !isOwnMagic(frame, order.magic)) return `magic number ${order.magic} is not one of this engine`;
  if (order.reduceOnly && order.positionId === null) return 'a closing order must name its position: it would open an opposite one';
  if (!order.reduceOnly && order.positionId !== null) return 'an opening order names a position';
  const listed = frame.instruments.some(({ id, symbol }) => id === order.instrumentId && symbol === order.symbol);
  return listed ? null : `${order.instrumentId} is no instrument of ${frame.venue.id}`;
};

export interface StoppableGateway extends OrderGateway {
  readonly stopped: boolean;
}

export const createGateway = ({ frame, book, asks, snapshots, link, pointOf }: GatewayParts): StoppableGateway => {
  let stopped = false;
  const why = (): string => `${frame.venue.label}: ${link.detail}`;

  const place = async (order: OrderRequest, mayLeave: () => boolean): Promise<PlaceOutcome> => {
    if (stopped || !link.up) return refusal(why(), 'later');
    const fault = faultOf(frame, order);
    if (fault !== null) return refusal(fault, 'never');
    if (!mayLeave()) return refusal('the gate is closed', 'never');
    const earlier = book.ofOrder(order.clientOrderId);
    if (earlier !== null) return { code: 'unknown', why: `command ${earlier.commandId} of this order exists already` };
    if (book.entries.size >= MAX_LIVE_COMMANDS) return refusal(`${MAX_LIVE_COMMANDS} commands are under way`, 'later');
    const { promise, resolve } = Promise.withResolvers<PlaceOutcome>();
    book.add({
      kind: order.positionId === null ? 'open' : 'close',
      body: bodyOf(order, pointOf(order.symbol)),
      magic: order.magic,
      clientOrderId: order.clientOrderId,
      instrumentId: order.instrumentId,
      ttlMs: order.validityMs,
      mayLeave,
      settle: resolve,
    });
    return promise;
  };
  const revoke = (record: CommandRecord, text: string): void => {
    book.change(record, { state: 'canceled', why: text }, 'normal');
    book.answer(record.commandId, refusal(text, 'never'));
  };
  const cancel = async ({ clientOrderId }: OrderRef, mayLeave: () => boolean): Promise<CancelOutcome> => {
    if (!mayLeave()) return { code: 'refused', venueCode: null, text: 'the gate is closed' };
    const target = book.ofOrder(clientOrderId);
    if (target === null) return { code: 'refused', venueCode: null, text: 'no command of this order was ever made' };
    if (isFinalCommand(target.state)) return { code: 'refused', venueCode: null, text: `nothing to cancel: ${target.why}` };
    if (target.state === 'queued') {
      revoke(target, 'revoked before the EA fetched it');
      return { code: 'acknowledged' };
    }
    if (stopped || !link.alive) return { code: 'unknown', why: why() };
    return asks.cancel(target, mayLeave);
  };
  const query = async ({ clientOrderId }: OrderRef): Promise<QueryOutcome> => {
    const target = book.ofOrder(clientOrderId);
    // What is not in the store was never delivered.
    if (target === null) return { code: 'not-found', venueUnixMs: null };
    if (target.state === 'queued') revoke(target, 'asked for before the EA fetched it');
    const now = book.find(target.commandId) ?? target;
    const certain = certainty(frame, now);
    if (certain !== null) return certain;
    if (stopped || !link.alive) return { code: 'failed', why: why() };
    return asks.query(now);
  };
  const snapshot = async (sinceUnixMs: number): Promise<SnapshotOutcome> =>
    stopped || !link.alive ? { code: 'failed', why: why() } : snapshots.ask(sinceUnixMs);

  /** What fails on our own side has sent nothing; only of a cancel that cannot be said. */
  const textOf = (error: unknown): string => `the ledger could not keep it: ${(error as Error).message}`;
  return {
    venueId: frame.venue.id,
    kind: frame.mode,
    get stopped() {
      return stopped;
    },
    start: () => link.start(),
    async stop() {
      if (stopped) return;
      stopped = true;
      link.stop();
      const text = 'the engine has ended';
      for (const { record } of book.entries.values()) {
        if (!isOrderKind(record.kind)) continue;
        if (record.deliveries > 0) book.answer(record.commandId, { code: 'unknown', why: text });
        else book.answer(record.commandId, refusal(`${text} before the EA fetched it`, 'never'));
      }
      asks.end(text);
      snapshots.fail(text);
    },
    place: (order, mayLeave) => place(order, mayLeave).catch((error: unknown) => refusal(textOf(error), 'never')),
    cancel: (ref, mayLeave) => cancel(ref, mayLeave).catch((error: unknown) => ({ code: 'unknown', why: textOf(error) })),
    query: (ref) => query(ref).catch((error: unknown) => ({ code: 'failed', why: textOf(error) })),
    snapshot: (sinceUnixMs) => snapshot(sinceUnixMs).catch((error: unknown) => ({ code: 'failed', why: textOf(error) })),
  };
};
