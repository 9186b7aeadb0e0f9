/**
 * A gateway that writes each order and each cancel as one line to a real local socket, and answers for the venue: fills at
 * once at the quoted price, or lets orders rest until they are canceled. What is measured is the moment of the write.
 */
import { connect, type Socket } from 'node:net';
import type { InstrumentId, VenueId } from '../src-shared/domain/ids.ts';
import type { OrderReport, OrderRequest } from '../src-shared/domain/order.ts';
import type { ControlInlet, OrderGateway } from '../src-main/runtime/ports.ts';

const EQUITY = '1000000000';

export type Habit = 'fill' | 'rest';

export interface SocketGateway extends OrderGateway {
  habit: Habit;
  /** Called right after the bytes were handed to the kernel. */
  onOrder: ((order: OrderRequest) => void) | null;
  onCancel: (() => void) | null;
  /** Orders that rest at the venue. */
  readonly resting: ReadonlyMap<string, OrderRequest>;
}

export const connectSink = async (port: number): Promise<Socket> => {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket;
};

export const createSocketGateway = (venueId: VenueId, socket: Socket, inlets: ControlInlet): SocketGateway => {
  const resting = new Map<string, OrderRequest>();
  const held = new Map<InstrumentId, number>();
  let ids = 0;
  const report = (order: OrderRequest, state: OrderReport['state'], filledQty: string): void => {
    const { clientOrderId } = order;
    inlets.offer({
      type: 'order-report',
      report: { clientOrderId, venueId, venueOrderId: clientOrderId, state, filledQty, venueUnixMs: Date.now(), text: state },
    });
  };
  const fill = (order: OrderRequest): void => {
    const { clientOrderId, instrumentId, side, qty, quote } = order;
    held.set(instrumentId, (held.get(instrumentId) ?? 0) + (side === 'buy' ? 1 : -1) * Number(qty));
    const px = side === 'buy' ? quote.askPx : quote.bidPx;
    const identity = { venueId, instrumentId, tradeId: String((ids += 1)), clientOrderId, positionId: null, venueUnixMs: Date.now() };
    inlets.offer({ type: 'fill', fill: { ...identity, side, qty, px, fee: '0', feeCcy: 'USDT' } });
    report(order, 'filled', qty);
  };
  const gateway: SocketGateway = {
    venueId,
    kind: 'paper',
    habit: 'fill',
    onOrder: null,
    onCancel: null,
    resting,
    start: () => void inlets.offer({ type: 'order-link', venueId, state: 'up', detail: 'bench' }),
    stop: () => Promise.resolve(),
    place(order, mayLeave) {
      if (!mayLeave())
        return Promise.resolve({
          code: 'refused',
          refusal: { venueCode: null, text: 'the gate is closed', retry: 'never', by: 'gateway' },
        });
      const { clientOrderId, symbol, side, qty, limitPx } = order;
      socket.write(
        `{"op":"order","args":[{"clOrdId":"${clientOrderId}","instId":"${symbol}","side":"${side}","sz":"${qty}","px":"${limitPx}"}]}\n`,
      );
      gateway.onOrder?.(order);
      if (gateway.habit === 'fill') fill(order);
      else {
        resting.set(clientOrderId, order);
        report(order, 'working', '0');
      }
      return Promise.resolve({ code: 'acknowledged', venueOrderId: clientOrderId, venueUnixMs: Date.now() });
    },
    cancel({ clientOrderId }, mayLeave) {
      if (!mayLeave()) return Promise.resolve({ code: 'refused', venueCode: null, text: 'the gate is closed' });
      socket.write(`{"op":"cancel-order","args":[{"clOrdId":"${clientOrderId}"}]}\n`);
      gateway.onCancel?.();
      const order = resting.get(clientOrderId);
      if (order === undefined) return Promise.resolve({ code: 'refused', venueCode: '51400', text: 'does not exist' });
      resting.delete(clientOrderId);
      report(order, 'canceled', '0');
      return Promise.resolve({ code: 'acknowledged' });
    },
    query: () => Promise.resolve({ code: 'not-found', venueUnixMs: Date.now() }),
    snapshot: () =>
      Promise.resolve({
        code: 'answered',
        snapshot: {
          venueUnixMs: Date.now(),
          openOrders: [...resting.values()].map(({ clientOrderId, symbol, side, qty }) => ({
            venueOrderId: clientOrderId,
            clientOrderId,
            symbol,
            side,
            qty,
            filledQty: '0',
          })),
          fills: [],
          positions: [...held].map(([instrumentId, qty]) => ({
            instrumentId,
            qty: String(Math.round(qty * 1e6) / 1e6),
            foreignQty: null,
            avgPx: null,
          })),
          account: {
            ccy: 'USDT',
            equity: EQUITY,
            marginUsed: '0',
            marginFree: EQUITY,
            balances: [{ ccy: 'USDT', free: EQUITY, total: EQUITY }],
          },
        },
      }),
  };
  return gateway;
};
