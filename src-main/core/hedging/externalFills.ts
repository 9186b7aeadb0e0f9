/**
 * A position of a leg that somebody else closed at its venue: its stop, the broker's stop-out, a person's hand. It happened, so it
 * is booked like any execution, without an order; the twin is naked from that moment, and follows. Nothing is opened again: what
 * was closed from outside stays closed. Known by the venue's position id alone (MetaTrader); elsewhere nobody could tell whose it was.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { isEndedGroup, type HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { LEGS, oppositeOf, type FillReport, type LegName } from '../../../src-shared/domain/order.ts';
import { note } from '../notes.ts';
import type { EngineState } from '../state.ts';
import { driveGroup } from './drive.ts';
import { bookExternalFill, passTrade } from './fillBooking.ts';
import { holdGroup } from './hold.ts';
import { clockOf, groupOf, moveGroup, putGroup } from './records.ts';

const ownerOf = (
  state: EngineState,
  { instrumentId, positionId }: FillReport,
): { readonly group: HedgeGroup; readonly leg: LegName } | null => {
  for (const group of state.book.groups) {
    if (isEndedGroup(group.state)) continue;
    for (const leg of LEGS) {
      const { instrumentId: held, positions } = group.legs[leg];
      if (held === instrumentId && positions.some((p) => p.positionId === positionId)) return { group, leg };
    }
  }
  return null;
};

/** @returns whether it closed something of ours */
export const takeExternalFill = (state: EngineState, fill: FillReport, via: 'push' | 'query' | 'snapshot'): boolean => {
  const owner = fill.positionId === null ? null : ownerOf(state, fill);
  if (owner === null) return false;
  const { group, leg } = owner;
  const position = group.legs[leg].positions.find((p) => p.positionId === fill.positionId)!;
  const what = `${fill.side} ${fill.qty} ${fill.instrumentId} at ${fill.px} on position ${fill.positionId} (trade ${fill.tradeId})`;
  if (fill.side !== oppositeOf(group.legs[leg].side) || new Decimal(fill.qty).gt(position.qty)) {
    passTrade(state, fill);
    holdGroup(state, group, `${what} by somebody else does not fit what leg ${leg} holds, ${position.qty}`, 'halt');
    return true;
  }
  note(state, 'critical', 'group', group.id, `${group.pairId}: leg ${leg} was closed at its venue by somebody else: ${what}`);
  bookExternalFill(state, group, leg, fill, via);
  const booked = groupOf(state, group.id)!;
  const marked = putGroup(state, { ...booked, closeReason: 'external' });
  if (marked.state === 'open') {
    moveGroup(state, marked, 'close', `leg ${leg} was closed at its venue by somebody else; its twin follows`);
    clockOf(state, group.id).secondSent = false;
  }
  driveGroup(state, group.id);
  return true;
};
