/**
 * An exchange account without a usable key: a gateway that is down for good and says why, so that the engine runs, shows it, and a key
 * can be entered. Sends nothing and has nothing to send with.
 */
import type { ExchangeReport } from '../../../../../src-shared/domain/exchange.ts';
import type { VenueId } from '../../../../../src-shared/domain/ids.ts';
import type { OrderGateway } from '../../../../runtime/ports.ts';
import { gatewayRefusal } from './outcomes.ts';
import type { GatewayParts } from './parts.ts';
import { Pushes } from './pushes.ts';

const reportOf = ({ environment, region }: GatewayParts['venue']['orders'], why: string): ExchangeReport => ({
  environment,
  region,
  entry: { up: false, detail: why },
  stream: { up: false, detail: why },
  checks: [
    {
      code: 'key',
      instrumentId: null,
      state: 'fail',
      label: 'Key of the account',
      configured: environment,
      reported: null,
      venueCode: null,
      fix: why,
    },
  ],
  deadMan: { supported: false, armed: false, firesUnixMs: null, detail: why },
  budgets: [],
  keyExpiresUnixMs: null,
  toAck: null,
  toFill: null,
  rejects: [],
});

/** `why` = where a key was looked for and what was found. */
export const createKeylessGateway = ({ venue, inlet, timers }: Omit<GatewayParts, 'key'>, why: string): OrderGateway => {
  const pushes = new Pushes(inlet, timers, () => undefined);
  const venueId = venue.id as VenueId;
  return {
    venueId,
    kind: venue.orders.environment === 'live' ? 'live' : 'demo',
    start() {
      pushes.give({ type: 'order-link', venueId, state: 'down', detail: why });
      pushes.give({ type: 'exchange', venueId, report: reportOf(venue.orders, why) });
    },
    async stop() {
      pushes.stop();
    },
    place: async () => gatewayRefusal(`${venue.label}: ${why}`, 'never'),
    cancel: async () => ({ code: 'refused', venueCode: null, text: `not sent: ${why}` }),
    query: async () => ({ code: 'failed', why }),
    snapshot: async () => ({ code: 'failed', why }),
  };
};
