/** Both state machines, cell by cell: every cell is either a line or written down here as impossible. */
import { describe, expect, test } from 'vitest';
import { isEndedGroup, type GroupState } from '../../../src-shared/domain/hedgeGroup.ts';
import { isLiveOrder, type OrderState } from '../../../src-shared/domain/order.ts';
import { GROUP_LINES, groupMove, type GroupCause } from './groupTable.ts';
import { ORDER_LINES, orderMove, type OrderCause } from './orderTable.ts';

const ORDER_STATES: readonly OrderState[] = ['in-flight', 'working', 'unknown', 'filled', 'canceled', 'rejected', 'absent', 'quarantined'];
const ORDER_CAUSES: readonly OrderCause[] = [
  'acknowledged',
  'refused',
  'outcome-unknown',
  'overdue',
  'restarted',
  'told-working',
  'told-filled',
  'told-canceled',
  'told-rejected',
  'filled-part',
  'filled-whole',
  'over-filled',
  'proven-absent',
];

/** An ended order is never overdue, restarted or searched for; a placement has one end; what was filled was not rejected. */
const IMPOSSIBLE_FOR_ORDERS: Readonly<Record<OrderState, readonly OrderCause[]>> = {
  'in-flight': ['proven-absent'],
  working: ['proven-absent'],
  unknown: [],
  filled: ['refused', 'overdue', 'restarted', 'told-rejected', 'proven-absent'],
  canceled: ['refused', 'overdue', 'restarted', 'proven-absent'],
  rejected: ['overdue', 'restarted', 'proven-absent'],
  absent: ['overdue', 'restarted', 'proven-absent'],
  quarantined: ['refused', 'overdue', 'restarted', 'told-rejected', 'proven-absent'],
};

describe('orders', () => {
  test('every cell is a line or known to be impossible', () => {
    for (const from of ORDER_STATES)
      for (const cause of ORDER_CAUSES)
        expect(orderMove(from, cause) === null, `${from} ${cause}`).toBe(IMPOSSIBLE_FOR_ORDERS[from].includes(cause));
    expect(new Set(ORDER_LINES.map(([from, cause]) => `${from} ${cause}`)).size).toBe(ORDER_LINES.length);
  });

  test('only evidence ends an unknown order: never time, never silence', () => {
    const ends = ORDER_LINES.filter(([from, , to]) => from === 'unknown' && !isLiveOrder(to)).map(([, cause]) => cause);
    expect(ends).toEqual(['refused', 'told-filled', 'told-canceled', 'told-rejected', 'filled-whole', 'over-filled', 'proven-absent']);
  });

  test('more filled than ordered is quarantined from wherever, and nothing leads out', () => {
    for (const from of ORDER_STATES) expect(orderMove(from, 'over-filled')?.to).toBe('quarantined');
    expect(ORDER_LINES.filter(([from, , to]) => from === 'quarantined' && to !== 'quarantined')).toEqual([]);
  });

  test('life after a definite no is alarmed; a late fill after a cancel is not', () => {
    const alarmed = ORDER_LINES.filter(([, , , alarm]) => alarm !== undefined).map(([from, cause]) => `${from} ${cause}`);
    expect(alarmed).toEqual([
      'working refused',
      'rejected acknowledged',
      'rejected told-working',
      'rejected told-filled',
      'rejected filled-part',
      'rejected filled-whole',
      'absent acknowledged',
      'absent told-working',
      'absent told-filled',
      'absent filled-part',
      'absent filled-whole',
    ]);
    expect(orderMove('canceled', 'filled-part')).toEqual({ to: 'canceled', alarm: false });
    expect(orderMove('canceled', 'filled-whole')).toEqual({ to: 'filled', alarm: false });
  });

  test('a report or fill that ended an order, said again, leaves it where it is', () => {
    for (const [, cause, to] of ORDER_LINES)
      if (!isLiveOrder(to) && (cause.startsWith('told-') || cause.startsWith('filled-'))) expect(orderMove(to, cause)?.to).toBe(to);
  });
});

const GROUP_STATES: readonly GroupState[] = ['proposed', 'denied', 'opening', 'open', 'closing', 'closed', 'compensating', 'operator-held'];
const GROUP_CAUSES: readonly GroupCause[] = ['denied', 'begun', 'hedged', 'flat', 'naked', 'close', 'hold', 'late-fill'];

describe('groups', () => {
  test('the table, whole', () => {
    const grid = GROUP_STATES.map((from) => GROUP_CAUSES.map((cause) => groupMove(from, cause) ?? '-').join(' '));
    expect(grid).toEqual([
      'denied opening - - - - - -',
      '- - - - - - - operator-held',
      '- - open closed compensating - operator-held -',
      '- - open closed compensating closing operator-held -',
      '- - open closed compensating - operator-held -',
      '- - - - - - - operator-held',
      '- - open closed compensating - operator-held -',
      '- - open closed - closing operator-held operator-held',
    ]);
  });

  test('an end is left by a late fill alone', () => {
    for (const [from, cause] of GROUP_LINES) if (isEndedGroup(from)) expect(cause).toBe('late-fill');
  });
});
