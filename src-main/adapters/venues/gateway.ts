/** The one door to the exchanges' order side: chooses the dialect by protocol. Knows no venue's details. */
import type { ExchangeProtocol } from '../../../src-shared/config/exchangeSites.ts';
import type { OrderGateway, VenueKey } from '../../runtime/ports.ts';
import { createGateway, type MakeDialect } from './shared/orders/gateway.ts';
import { createKeylessGateway } from './shared/orders/keylessGateway.ts';
import type { GatewayParts } from './shared/orders/parts.ts';

export type { GatewayInstrument, GatewayParts } from './shared/orders/parts.ts';
export { SigningKeyFault } from './shared/orders/signing.ts';

const DIALECTS: Readonly<Partial<Record<ExchangeProtocol, MakeDialect>>> = {};

export interface ExchangeGatewayParts extends Omit<GatewayParts, 'key'> {
  /** A text = why there is no usable key: the gateway is then down and says so. */
  readonly key: VenueKey | string;
}

/** @throws SigningKeyFault for a key that cannot sign, Error for a key of another environment: neither says anything of its content. */
export const createExchangeGateway = ({ key, ...parts }: ExchangeGatewayParts): OrderGateway => {
  const { venue } = parts;
  if (typeof key === 'string') return createKeylessGateway(parts, key);
  if (key.environment !== venue.orders.environment)
    throw new Error(`${venue.label}: the key is of environment ${key.environment}, the orders go to ${venue.orders.environment}`);
  const makeDialect = DIALECTS[venue.protocol];
  if (makeDialect === undefined) throw new Error(`${venue.label}: orders through ${venue.protocol} are not possible`);
  return createGateway({ ...parts, key }, makeDialect);
};
