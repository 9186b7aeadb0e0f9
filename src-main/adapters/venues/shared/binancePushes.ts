/** What the readers of both Binance products' user events are told, and what they say of an event that they cannot read. */
import type { InstrumentId, VenueId } from '../../../../src-shared/domain/ids.ts';
import { NOTHING_PUSHED } from './binanceReports.ts';
import type { Pushed } from './orders/parts.ts';

/** Of every order that is heard of: trades asked for later name it by its id alone. */
type Learned = (symbol: string, orderId: string, clientOrderId: string) => void;

export abstract class BinancePushes {
  protected readonly venueId: VenueId;
  /** By symbol; of others nothing is told. */
  protected readonly instrumentOf: ReadonlyMap<string, InstrumentId>;
  protected readonly learned: Learned;

  constructor(venueId: VenueId, instrumentOf: ReadonlyMap<string, InstrumentId>, learned: Learned = () => undefined) {
    this.venueId = venueId;
    this.instrumentOf = instrumentOf;
    this.learned = learned;
  }

  /** One frame of the private stream. */
  abstract read(value: unknown): Pushed;
}

export const alarmPush = (text: string): Pushed => ({ ...NOTHING_PUSHED, alarms: [text] });

/** Nobody knows what it would have told. */
export const unreadablePush = (what: string): Pushed => ({
  ...alarmPush(`private stream: ${what}`),
  recheck: true,
  missing: 'a private push cannot be read',
});
