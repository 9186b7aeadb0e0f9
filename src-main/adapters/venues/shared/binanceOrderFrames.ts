/**
 * Order frames of Binance's web-socket API, put together from pieces: what an instrument's orders share is written and sorted once, by
 * the same code that writes any other request, and an order fills in the rest. Byte for byte what `JSON.stringify` and a sort would
 * give; a value that would need escaping is no order's, and such a frame is left to them.
 */
import type { OrderRequest, Side } from '../../../../src-shared/domain/order.ts';
import { sortedPayloadOf, stampOf } from './binanceAuth.ts';
import type { BinanceAuth, Params } from './binanceAuth.ts';

export type FrameText = { readonly id: string; readonly text: string };
/** What a frame of an order says besides what comes from the order: `params` must depend on nothing else of it than symbol, side and `reduceOnly`. */
export interface OrderFramesParts {
  readonly auth: BinanceAuth;
  /** Everything that an order says to the venue, window, stamp and signature aside. */
  readonly paramsOf: (order: OrderRequest) => Params;
}

/** Instruments whose pieces are kept: more than one account trades. */
export const MAX_PREPARED = 256;
export const PLACE_METHOD = 'order.place';

/** Stand for what an order fills in, in the order that a frame has it. */
const SLOTS = {
  id: '\u{e001}',
  quantity: '\u{e002}',
  price: '\u{e003}',
  newClientOrderId: '\u{e004}',
  recvWindow: '\u{e005}',
  timestamp: '\u{e006}',
  signature: '\u{e007}',
} as const;
/** Numbers are not quoted. */
const SLOT = /"[\u{e005}\u{e006}]"|[\u{e001}-\u{e007}]/gu;
const ANY_QUOTE = /"/g;
const IN_FRAME = Object.values(SLOTS).join('');
/** Sorted by name. */
const IN_PAYLOAD = [SLOTS.newClientOrderId, SLOTS.price, SLOTS.quantity, SLOTS.recvWindow, SLOTS.timestamp].join('');
/** What neither JSON nor the payload writes in any other way. */
const PLAIN = /^[\w.:/-]*$/;

/** What stands before, between and behind the slots, by the slot that follows. */
type Between<S extends string> = Readonly<Record<S | 'end', string>>;
interface Pieces {
  readonly payload: Between<'id' | 'px' | 'qty' | 'window' | 'stamp'>;
  readonly frame: Between<'call' | 'qty' | 'px' | 'id' | 'window' | 'stamp' | 'signature'>;
}
/** Of one instrument: buying, selling, and each of them reducing. */
type Prepared = Record<`${Side} ${boolean}`, Pieces | null>;

/** null = the slots are not where they are filled in. */
const piecesOf = (text: string, slots: string): readonly string[] | null => {
  const found = text.match(SLOT)?.join('').replace(ANY_QUOTE, '');
  return found === slots ? text.split(SLOT) : null;
};

export class OrderFrames {
  readonly #parts: OrderFramesParts;
  readonly #prepared = new Map<string, Prepared>();

  constructor(parts: OrderFramesParts) {
    this.#parts = parts;
  }

  frame(id: string, order: OrderRequest, recvWindowMs: number, venueUnixMs: number): FrameText {
    const pieces = this.#piecesOf(order);
    const { qty, limitPx, clientOrderId } = order;
    if (pieces === null || !PLAIN.test(`${qty}${limitPx}${clientOrderId}`)) return this.#written(id, order, recvWindowMs, venueUnixMs);
    const stamp = stampOf(venueUnixMs);
    const { payload: p, frame: f } = pieces;
    const payload = `${p.id}${clientOrderId}${p.px}${limitPx}${p.qty}${qty}${p.window}${recvWindowMs}${p.stamp}${stamp}${p.end}`;
    const signature = this.#parts.auth.sign(payload);
    const text = `${f.call}${id}${f.qty}${qty}${f.px}${limitPx}${f.id}${clientOrderId}${f.window}${recvWindowMs}${f.stamp}${stamp}${f.signature}${signature}${f.end}`;
    return { id, text };
  }

  #written(id: string, order: OrderRequest, recvWindow: number, venueUnixMs: number): FrameText {
    const { auth, paramsOf } = this.#parts;
    const params = auth.onSocket({ ...paramsOf(order), recvWindow }, venueUnixMs);
    return { id, text: JSON.stringify({ id, method: PLACE_METHOD, params }) };
  }

  #piecesOf(order: OrderRequest): Pieces | null {
    let prepared = this.#prepared.get(order.symbol);
    if (prepared === undefined) {
      if (this.#prepared.size >= MAX_PREPARED) return null;
      prepared = this.#prepare(order);
      this.#prepared.set(order.symbol, prepared);
    }
    if (order.side === 'buy') return order.reduceOnly ? prepared['buy true'] : prepared['buy false'];
    return order.reduceOnly ? prepared['sell true'] : prepared['sell false'];
  }

  #prepare(order: OrderRequest): Prepared {
    return {
      'buy false': this.#cut({ ...order, side: 'buy', reduceOnly: false }),
      'buy true': this.#cut({ ...order, side: 'buy', reduceOnly: true }),
      'sell false': this.#cut({ ...order, side: 'sell', reduceOnly: false }),
      'sell true': this.#cut({ ...order, side: 'sell', reduceOnly: true }),
    };
  }

  /** null = this order's frames are not prepared: a socket that logged on signs none, and a name that holds a slot cannot be cut. */
  #cut(order: OrderRequest): Pieces | null {
    const { auth, paramsOf } = this.#parts;
    if (auth.logsOn) return null;
    const { id, ...slots } = SLOTS;
    const { quantity, price, newClientOrderId, recvWindow, timestamp, signature } = slots;
    const own = { ...paramsOf(order), quantity, price, newClientOrderId, recvWindow };
    const stamped = { ...auth.stamped(own, 0), timestamp };
    const payload = piecesOf(`"${sortedPayloadOf(stamped)}"`, IN_PAYLOAD);
    const frame = piecesOf(JSON.stringify({ id, method: PLACE_METHOD, params: { ...stamped, signature } }), IN_FRAME);
    if (payload === null || frame === null) return null;
    const [p0, p1, p2, p3, p4, p5] = payload as [string, string, string, string, string, string];
    const [f0, f1, f2, f3, f4, f5, f6, f7] = frame as [string, string, string, string, string, string, string, string];
    return {
      payload: { id: p0.slice(1), px: p1, qty: p2, window: p3, stamp: p4, end: p5.slice(0, -1) },
      frame: { call: f0, qty: f1, px: f2, id: f3, window: f4, stamp: f5, signature: f6, end: f7 },
    };
  }
}
