/**
 * User events of Binance USD-M futures in our nouns. TRADE_LITE comes first, knows neither fee nor state, and is told as a report: what
 * was filled at least. The ORDER_TRADE_UPDATE of the same trade brings the fill, once a trade. What the exchange did of its own accord
 * alarms. Keeps so many orders in mind; sockets and requests are none of its business.
 */
import { z } from 'zod';
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { DecimalText } from '../../../../src-shared/domain/decimal.ts';
import type { ClientOrderId, InstrumentId } from '../../../../src-shared/domain/ids.ts';
import type { FillReport, OrderReport } from '../../../../src-shared/domain/order.ts';
import { ORDER_STATES } from '../shared/binanceOrderWire.ts';
import { alarmPush, BinancePushes, unreadablePush } from '../shared/binancePushes.ts';
import { heldFor, idText, NOTHING_PUSHED, sideOf, venueMadeOf } from '../shared/binanceReports.ts';
import { isAbove, plainDecimal } from '../shared/decimalText.ts';
import type { Pushed } from '../shared/orders/parts.ts';
import {
  accountUpdate,
  configUpdate,
  isOrderTradeUpdate,
  isTradeLite,
  marginCall,
  orderTradeUpdate,
  tradeLite,
  userEvent,
} from './streamWire.ts';

/** Orders whose trades are kept in mind; the oldest leaves for the newest. */
export const MAX_TALLIES = 2_000;

/** `er`. Source: USD-M futures, ORDER_TRADE_UPDATE, expiry reasons. */
const EXPIRY: Readonly<Record<string, string>> = {
  '1': 'self-trade prevention',
  '2': 'the rest of an IOC order',
  '3': 'the rest of an IOC order, and self-trade prevention',
  '4': 'knocked out by a higher priority',
  '5': 'the account is being liquidated',
  '7': 'the symbol is delisted',
  '8': 'its trigger expired',
  '9': 'the rest of a market order',
};

/** Reasons of ACCOUNT_UPDATE after which the checks must be read again. */
const RECHECK_REASONS: readonly string[] = ['MARGIN_TYPE_CHANGE', 'ADMIN_DEPOSIT', 'ADMIN_WITHDRAW'];
const INSURANCE_CLEAR = 'INSURANCE_CLEAR';
const LIQUIDATION_EXECUTION = 'CALCULATED';

/** What is known of one order's executions. */
interface Tally {
  readonly trades: Set<string>;
  /** Sum over `trades`, and the venue's own cumulative figure: each is a lower bound. */
  sum: Decimal;
  told: DecimalText;
  ended: boolean;
}

const NONE = new Decimal(0);

type OrderEvent = z.output<typeof orderTradeUpdate>['o'];

export class UsdmPushes extends BinancePushes {
  readonly #tallies = new Map<string, Tally>();
  /** Exchange-made orders that were alarmed of. */
  readonly #alarmed = new Set<string>();
  read(value: unknown): Pushed {
    if (isOrderTradeUpdate(value)) return this.#order(value.o);
    if (isTradeLite(value)) return this.#lite(value);
    const event = userEvent.safeParse(value);
    if (!event.success) return unreadablePush('a user event without a name');
    switch (event.data.e) {
      case 'ORDER_TRADE_UPDATE':
        return this.#with(orderTradeUpdate, value, (update) => this.#order(update.o));
      case 'TRADE_LITE':
        return this.#with(tradeLite, value, (update) => this.#lite(update));
      case 'ACCOUNT_UPDATE':
        return this.#with(accountUpdate, value, ({ a }) => ofAccount(a));
      case 'ACCOUNT_CONFIG_UPDATE':
        return this.#with(configUpdate, value, () => ({ ...NOTHING_PUSHED, recheck: true }));
      case 'MARGIN_CALL':
        return this.#with(marginCall, value, ({ p }) => alarmPush(`margin call: ${p.map(({ s }) => s).join(', ')}`));
      default:
        return NOTHING_PUSHED;
    }
  }

  #with<S extends z.ZodType>(schema: S, value: unknown, make: (read: z.output<S>) => Pushed): Pushed {
    const read = schema.safeParse(value);
    return read.success ? make(read.data) : unreadablePush(`${(value as { e: string }).e}: ${z.prettifyError(read.error)}`);
  }

  #order(o: OrderEvent): Pushed {
    const venueMade = venueMadeOf(o.c) ?? (o.x === LIQUIDATION_EXECUTION ? 'liquidation' : null);
    const alarms = venueMade === null ? [] : this.#alarmsOf(o, venueMade);
    const instrumentId = this.instrumentOf.get(o.s);
    if (instrumentId === undefined) return { ...NOTHING_PUSHED, alarms };
    this.learned(o.s, idText(o.i), o.c);
    const tally = this.#tallyOf(o.s, idText(o.i));
    if (isAbove(o.z, tally.told)) tally.told = o.z;
    tally.ended ||= ORDER_STATES[o.X] !== 'working';
    // Without a trade's id nobody could tell it from the same execution in a later list: then the list alone is believed.
    const isExecution = o.t > 0 && plainDecimal(o.l) !== '0';
    const isNews = isExecution && this.#count(tally, idText(o.t), o.l);
    const fill = isExecution ? [this.#fill(o, instrumentId, venueMade)] : [];
    const report = venueMade === null ? [this.#report(o)] : [];
    const isUnlisted = venueMade !== null && !isExecution && o.x === LIQUIDATION_EXECUTION;
    const isGap = isUnlisted && !isNews;
    const gap = isGap ? { missing: 'the exchange executed something and did not say which trade it was' } : {};
    return { reports: report, fills: fill, alarms, recheck: isGap, ...gap };
  }

  #report(o: OrderEvent): OrderReport {
    const reason = EXPIRY[`${o.er ?? 0}`];
    return {
      clientOrderId: o.c as ClientOrderId,
      venueId: this.venueId,
      venueOrderId: idText(o.i),
      state: ORDER_STATES[o.X],
      filledQty: plainDecimal(o.z),
      ...heldFor(ORDER_STATES[o.X], o.q),
      venueUnixMs: o.T,
      text: reason === undefined ? o.X : `${o.X}: ${reason}`,
    };
  }

  #fill(o: OrderEvent, instrumentId: InstrumentId, venueMade: FillReport['venueMade'] | null): FillReport {
    return {
      venueId: this.venueId,
      instrumentId,
      tradeId: idText(o.t),
      clientOrderId: venueMade === null ? (o.c as ClientOrderId) : null,
      side: sideOf(o.S),
      qty: plainDecimal(o.l),
      px: plainDecimal(o.L),
      fee: plainDecimal(o.n ?? '0'),
      feeCcy: o.N ?? '',
      positionId: null,
      venueUnixMs: o.T,
      ...(venueMade === null || venueMade === undefined ? {} : { venueMade }),
    };
  }

  /** An early report of what was filled at least; nothing where the trade is known or the order has ended. */
  #lite(trade: z.output<typeof tradeLite>): Pushed {
    if (!this.instrumentOf.has(trade.s) || venueMadeOf(trade.c) !== null || trade.t <= 0) return NOTHING_PUSHED;
    const orderId = idText(trade.i);
    this.learned(trade.s, orderId, trade.c);
    const tally = this.#tallyOf(trade.s, orderId);
    if (!this.#count(tally, idText(trade.t), trade.l) || tally.ended) return NOTHING_PUSHED;
    const filled = Decimal.max(tally.sum, tally.told);
    const state = filled.gte(trade.q) ? 'filled' : 'working';
    const report: OrderReport = {
      clientOrderId: trade.c as ClientOrderId,
      venueId: this.venueId,
      venueOrderId: orderId,
      state,
      filledQty: filled.toFixed(),
      ...heldFor(state, trade.q),
      venueUnixMs: trade.T,
      text: 'first word of an execution',
    };
    return { ...NOTHING_PUSHED, reports: [report] };
  }

  /** @returns whether the trade is new */
  #count(tally: Tally, tradeId: string, qty: string): boolean {
    if (tally.trades.has(tradeId)) return false;
    tally.trades.add(tradeId);
    tally.sum = tally.sum.plus(qty);
    return true;
  }

  #tallyOf(symbol: string, orderId: string): Tally {
    const key = `${symbol} ${orderId}`;
    const known = this.#tallies.get(key);
    if (known !== undefined) return known;
    if (this.#tallies.size >= MAX_TALLIES) this.#tallies.delete(this.#tallies.keys().next().value!);
    const fresh: Tally = { trades: new Set(), sum: NONE, told: '0', ended: false };
    this.#tallies.set(key, fresh);
    return fresh;
  }

  /** Once an order. */
  #alarmsOf(o: OrderEvent, venueMade: NonNullable<FillReport['venueMade']>): readonly string[] {
    const key = `${o.s} ${idText(o.i)}`;
    if (this.#alarmed.has(key)) return [];
    if (this.#alarmed.size >= MAX_TALLIES) this.#alarmed.delete(this.#alarmed.keys().next().value!);
    this.#alarmed.add(key);
    return [`${venueMade} by the exchange: ${sideOf(o.S)} ${plainDecimal(o.q)} ${o.s} (order ${o.c}, ${o.x})`];
  }
}

const ofAccount = ({ m, B }: z.output<typeof accountUpdate>['a']): Pushed => {
  if (m === INSURANCE_CLEAR) return { ...alarmPush(`insurance clearance of ${B.map(({ a }) => a).join(', ')}`), recheck: true };
  return RECHECK_REASONS.includes(m) ? { ...NOTHING_PUSHED, recheck: true } : NOTHING_PUSHED;
};
