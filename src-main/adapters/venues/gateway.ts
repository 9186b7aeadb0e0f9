/** The one door to the exchanges' order side: chooses the dialect by protocol. Knows no venue's details. */
import type { ExchangeProtocol } from '../../../src-shared/config/exchangeSites.ts';
import type { OrderGateway, VenueKey } from '../../runtime/ports.ts';
import { binanceSpotOrders } from './binance-spot/orders.ts';
import { binanceUsdmOrders } from './binance-usdm/orders.ts';
import { okxOrders } from './okx/orders.ts';
import { createGateway, type MakeDialect } from './shared/orders/gateway.ts';
import { createKeylessGateway } from './shared/orders/keylessGateway.ts';
import type { GatewayParts } from './shared/orders/parts.ts';
import { SigningKeyFault } from './shared/orders/signing.ts';

export type { GatewayInstrument, GatewayParts } from './shared/orders/parts.ts';

const DIALECTS: Readonly<Record<ExchangeProtocol, MakeDialect>> = {
  'binance-spot': binanceSpotOrders,
  'binance-usdm': binanceUsdmOrders,
  okx: okxOrders,
};

export interface ExchangeGatewayParts extends Omit<GatewayParts, 'key'> {
  /** A text = why there is no usable key: the gateway is then down and says so. */
  readonly key: VenueKey | string;
}

/** A key that cannot sign is as good as none. @throws Error for a key of another environment; it says nothing of its content. */
export const createExchangeGateway = ({ key, ...parts }: ExchangeGatewayParts): OrderGateway => {
  const { venue } = parts;
  if (typeof key === 'string') return createKeylessGateway(parts, key);
  if (key.environment !== venue.orders.environment)
    throw new Error(`${venue.label}: the key is of environment ${key.environment}, the orders go to ${venue.orders.environment}`);
  try {
    return createGateway({ ...parts, key }, DIALECTS[venue.protocol]);
  } catch (error) {
    if (error instanceof SigningKeyFault) return createKeylessGateway(parts, `the key cannot sign: ${error.message}`);
    throw error;
  }
};
