/**
 * Which faults struck while groups and orders were in which states: the count without which silence could be mistaken for
 * proof. A cell is one state and one fault that was active at a venue of that group or order.
 */
import type { GroupState } from '../../src-shared/domain/hedgeGroup.ts';
import type { OrderState } from '../../src-shared/domain/order.ts';
import { FAULT_NAMES, type FaultKind } from './faultKinds.ts';

export const GROUP_STATES: readonly GroupState[] = [
  'proposed',
  'denied',
  'opening',
  'open',
  'closing',
  'compensating',
  'operator-held',
  'closed',
];
export const ORDER_STATES: readonly OrderState[] = [
  'in-flight',
  'working',
  'unknown',
  'filled',
  'canceled',
  'rejected',
  'absent',
  'quarantined',
];
export type Cells = Record<string, number>;

export const groupCell = (state: GroupState, fault: FaultKind): string => `group ${state} × ${fault}`;
export const orderCell = (state: OrderState, fault: FaultKind): string => `order ${state} × ${fault}`;

export const count = (cells: Cells, cell: string): void => {
  cells[cell] = (cells[cell] ?? 0) + 1;
};

export const addCells = (into: Cells, from: Cells): void => {
  for (const [cell, n] of Object.entries(from)) into[cell] = (into[cell] ?? 0) + n;
};

const short = (n: number): string => (n === 0 ? '·' : n < 10_000 ? String(n) : `${Math.round(n / 1_000)}k`);

/** A table: faults down, states across. */
export const coverageTable = (cells: Cells): readonly string[] => {
  const columns = [
    ...GROUP_STATES.map((s) => ({ head: s as string, of: (f: FaultKind) => cells[groupCell(s, f)] ?? 0 })),
    ...ORDER_STATES.map((s) => ({ head: s as string, of: (f: FaultKind) => cells[orderCell(s, f)] ?? 0 })),
  ];
  const width = 10;
  const heads = columns.map(({ head }) => head.slice(0, width - 1).padStart(width)).join('');
  return [
    `${''.padEnd(20)}${'groups'.padStart(width)}${''.padEnd(width * (GROUP_STATES.length - 1))}${'orders'.padStart(width)}`,
    `${''.padEnd(20)}${heads}`,
    ...FAULT_NAMES.map((fault) => `${fault.padEnd(20)}${columns.map(({ of }) => short(of(fault)).padStart(width)).join('')}`),
  ];
};
