/** What a simulated venue tells the harness of what it saw and did. Nothing of this reaches the engine. */
import type { OrderRef, OrderRequest } from '../../../src-shared/domain/order.ts';
import type { Trade, VenueOrder } from './book.ts';

export interface VenueWitness {
  /** The bytes left, or the command was handed to the EA. */
  orderLeft(order: OrderRequest): void;
  cancelLeft(ref: OrderRef): void;
  /** The venue takes the order; every refusal of what was well-formed is silent here. */
  accepted(order: VenueOrder): void;
  /** The order can never be executed any more, nor was it: refused, expired, never delivered, lost. */
  dead(order: OrderRequest, why: string): void;
  traded(trade: Trade): void;
  /** The venue closed something of its own accord. */
  liquidated(trade: Trade): void;
  /** The venue closed something of its own accord that was not ours. */
  foreign(trade: Trade): void;
  /** An order left with a key of another account. */
  misled(order: OrderRequest): void;
  ended(order: VenueOrder): void;
  /** A request that no venue would have taken: off step, off tick, a client id twice. */
  malformed(order: OrderRequest, why: string): void;
}
