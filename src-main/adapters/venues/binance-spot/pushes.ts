/**
 * User events of Binance spot in our nouns. A report of a cancel names the order in another place than all others. Balances are read by
 * snapshots, not from here. Pure; sockets are none of its business.
 */
import { z } from 'zod';
import type { ClientOrderId, InstrumentId } from '../../../../src-shared/domain/ids.ts';
import type { FillReport, OrderReport } from '../../../../src-shared/domain/order.ts';
import { ORDER_STATES } from '../shared/binanceOrderWire.ts';
import { BinancePushes, unreadablePush } from '../shared/binancePushes.ts';
import { idText, NOTHING_PUSHED, sideOf } from '../shared/binanceReports.ts';
import { plainDecimal } from '../shared/decimalText.ts';
import type { Pushed } from '../shared/orders/parts.ts';
import { isMembers } from '../shared/wireGuards.ts';
import { executionReport, isExecutionReport, pushedEvent } from './streamWire.ts';

type Execution = z.output<typeof executionReport>;

/** Nothing of ours names a cancel, therefore `C` names an order wherever it is filled. */
const nameOf = ({ c, C }: Execution): string => (C === undefined || C === '' ? c : C);
const EXCHANGE_CANCELED = 'EXCHANGE_CANCELED';
const NO_REASON = 'NONE';

export class SpotPushes extends BinancePushes {
  /** A frame of the web-socket API that carries an `event`. */
  read(value: unknown): Pushed {
    if (isMembers(value) && isExecutionReport(value['event'])) return this.#execution(value['event']);
    const pushed = pushedEvent.safeParse(value);
    if (!pushed.success) return unreadablePush('a frame without an event');
    const { event } = pushed.data;
    if (event.e !== 'executionReport') return NOTHING_PUSHED;
    const read = executionReport.safeParse(event);
    return read.success ? this.#execution(read.data) : unreadablePush(`executionReport: ${z.prettifyError(read.error)}`);
  }

  #execution(event: Execution): Pushed {
    const instrumentId = this.instrumentOf.get(event.s);
    if (instrumentId === undefined) return NOTHING_PUSHED;
    const clientOrderId = nameOf(event) as ClientOrderId;
    this.learned(event.s, idText(event.i), clientOrderId);
    const fills = event.x === 'TRADE' && event.t > 0 ? [this.#fill(event, instrumentId, clientOrderId)] : [];
    const isTheirs = event.eR === EXCHANGE_CANCELED;
    const alarms = isTheirs ? [`the exchange canceled order ${clientOrderId} (${event.s}) of its own accord`] : [];
    return { reports: [this.#report(event, clientOrderId)], fills, alarms, recheck: isTheirs };
  }

  #report(event: Execution, clientOrderId: ClientOrderId): OrderReport {
    const reason = event.eR ?? (event.r === undefined || event.r === NO_REASON ? '' : event.r);
    return {
      clientOrderId,
      venueId: this.venueId,
      venueOrderId: idText(event.i),
      state: ORDER_STATES[event.X],
      filledQty: plainDecimal(event.z),
      venueUnixMs: event.T,
      text: reason === '' ? event.X : `${event.X}: ${reason}`,
    };
  }

  #fill(event: Execution, instrumentId: InstrumentId, clientOrderId: ClientOrderId): FillReport {
    return {
      venueId: this.venueId,
      instrumentId,
      tradeId: idText(event.t),
      clientOrderId,
      side: sideOf(event.S),
      qty: plainDecimal(event.l),
      px: plainDecimal(event.L),
      fee: plainDecimal(event.n),
      feeCcy: event.N ?? '',
      positionId: null,
      venueUnixMs: event.T,
    };
  }
}
