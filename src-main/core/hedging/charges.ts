/**
 * Money that came after its execution (late commission, swap, corrections): booked once on the leg's fees, and on the result of
 * a group that had ended. Never changes a quantity. What belongs to no group in the book is told to a person.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { isEndedGroup, type HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import type { ChargeReport } from '../../../src-shared/domain/order.ts';
import { BPS_PER_UNIT } from '../../../src-shared/domain/units.ts';
import { emit, note } from '../notes.ts';
import { noteLateCharge } from '../risk/bookkeeping.ts';
import type { EngineState } from '../state.ts';
import { withLeg } from './exposure.ts';
import { rememberKey, tradeKeyOf } from './fillBooking.ts';
import { notionalOf, worthOf } from './finish.ts';
import { groupOf, pairOfGroup, putGroup } from './records.ts';

/** One charge, however often it is told. */
export const takeCharge = (state: EngineState, charge: ChargeReport): void => {
  const key = tradeKeyOf(charge.venueId, charge.instrumentId, charge.chargeId);
  if (state.book.tradeIds[key] === true) return;
  rememberKey(state, key);
  const money = `${charge.why} of trade ${charge.tradeId}: ${charge.amount} ${charge.ccy}`;
  if (!/^-?\d+(\.\d+)?$/.test(charge.amount)) return note(state, 'critical', 'order', charge.instrumentId, `senseless charge, ${money}`);
  const order = state.book.orders[charge.clientOrderId];
  const group = order === undefined ? null : groupOf(state, order.request.groupId);
  if (order === undefined || group === null)
    return note(state, 'warn', 'order', charge.instrumentId, `${money}; its group is no longer in the book, it is in no result`);
  const { leg: name } = order.request;
  emit(state, { type: 'charge-booked', charge: { ...charge, groupId: group.id, leg: name, bookedUnixMs: state.unixMs } });
  const leg = group.legs[name];
  const fees = { ...leg.fees, [charge.ccy]: new Decimal(leg.fees[charge.ccy] ?? 0).plus(charge.amount).toFixed() };
  const charged = withLeg(group, { ...leg, fees });
  putGroup(state, isEndedGroup(group.state) ? withResult(state, charged, charge) : charged);
};

/** The ended group with the charge in its result, at the worth of its currency now; the day counts the difference. */
const withResult = (state: EngineState, group: HedgeGroup, charge: ChargeReport): HedgeGroup => {
  const pair = pairOfGroup(state, group);
  const { result } = group;
  const worth = pair === null ? null : worthOf(state, pair, group, charge.ccy);
  if (pair === null || result === null || worth === null) {
    note(state, 'error', 'group', group.id, `${charge.why} of ${charge.amount} ${charge.ccy} is not in its result: nothing converts it`);
    return group;
  }
  const paid = worth.times(charge.amount);
  const net = new Decimal(result.net).minus(paid);
  const byUsd = -paid.times(pair.settings.usdPerQuoteCcy).toNumber();
  noteLateCharge(state, byUsd);
  const notional = notionalOf(group);
  return {
    ...group,
    result: {
      ...result,
      fees: new Decimal(result.fees).plus(paid).toFixed(),
      net: net.toFixed(),
      netUsd: result.netUsd + byUsd,
      netBps: notional.isZero() ? 0 : net.div(notional).times(BPS_PER_UNIT).toNumber(),
    },
  };
};
