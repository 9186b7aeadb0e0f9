/** What venues do and what the engine says, told to the oracle and to people: decides nothing. */
import type { StepResult } from '../core/facts.ts';
import type { Oracle } from './oracle/oracle.ts';
import { stepsOf } from './venues/book.ts';
import type { VenueWitness } from './venues/witness.ts';

/** @param guard runs a check of the oracle, and keeps what it throws */
export const venueWitness = (oracle: Oracle, guard: (check: () => void) => void, trace: (line: string) => void): VenueWitness => ({
  orderLeft: (order) => {
    trace(`${order.venueId}: ${order.purpose} ${order.side} ${order.qty} left, ${order.clientOrderId}`);
    guard(() => oracle.left(order));
  },
  cancelLeft: (ref) => guard(() => oracle.cancelLeft(ref)),
  accepted: ({ request }) => guard(() => oracle.accepted(request.clientOrderId)),
  dead: (order, why) => {
    trace(`${order.venueId}: ${order.clientOrderId} is dead: ${why}`);
    guard(() => oracle.dead(order.clientOrderId));
  },
  traded: ({ fill, order }) => {
    trace(`${fill.venueId}: traded ${fill.side} ${fill.qty} at ${fill.px}, ${fill.clientOrderId}`);
    guard(() => oracle.traded(fill, order !== null && order.filledSteps > stepsOf(order.x, order.request.qty)));
  },
  liquidated: ({ fill }) => {
    trace(`${fill.venueId}: closed by itself ${fill.side} ${fill.qty} ${fill.instrumentId} at ${fill.px}`);
    guard(() => oracle.acted(fill));
  },
  foreign: ({ fill }) => {
    trace(`${fill.venueId}: closed by itself ${fill.side} ${fill.qty} ${fill.instrumentId} at ${fill.px}, of somebody else`);
    guard(() => oracle.acts.foreign(fill));
  },
  misled: (order) => guard(() => oracle.fail('I6', `${order.purpose} order ${order.clientOrderId} left for another account`)),
  ended: ({ request, state }) => {
    trace(`${request.venueId}: ${request.clientOrderId} ended ${state}`);
    guard(() => oracle.ended(request.clientOrderId));
  },
  malformed: (order, why) => guard(() => oracle.malformed(order, why)),
});

/** One line a fact and a wish. */
export const linesOf = ({ facts, effects }: StepResult): readonly string[] => [
  ...facts.map((fact) => {
    if (fact.type === 'group-changed') return `  ${fact.group.id} is ${fact.group.state}: ${fact.group.why}`;
    if (fact.type === 'order-changed') return `  ${fact.order.request.clientOrderId} is ${fact.order.state}: ${fact.order.why}`;
    if (fact.type === 'noted') return `  noted ${fact.severity} ${fact.subject ?? ''}: ${fact.text}`;
    return `  ${fact.type} ${JSON.stringify(fact).slice(0, 300)}`;
  }),
  ...effects
    .filter(({ type }) => type !== 'announce-mode')
    .map((effect) => `  wish ${effect.type}${'venueId' in effect ? ` ${effect.venueId}` : ''}`),
];
