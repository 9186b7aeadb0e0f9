/**
 * The order side of any exchange as the engine knows it: joins a dialect's answers into exactly one outcome a call.
 */
import type { OrderGateway } from '../../../../runtime/ports.ts';
import type { ExchangeDialect, GatewayParts } from './parts.ts';

/** Each venue folder's `orders.ts` exports one of these; it makes no connection before `start`. @throws SigningKeyFault */
export type MakeDialect = (parts: GatewayParts) => ExchangeDialect;

export declare const createGateway: (parts: GatewayParts, makeDialect: MakeDialect) => OrderGateway;
