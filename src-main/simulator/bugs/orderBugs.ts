/** Planted bugs of orders, fills and hedges: what is sent, what is believed, what is booked. */
import type { PlantedBug } from './bugs.ts';

const HEDGING = 'src-main/core/hedging';
const RISK = 'src-main/core/risk';

export const ORDER_BUGS: readonly PlantedBug[] = [
  {
    name: 'retry under a new id',
    edits: [
      {
        file: `${HEDGING}/residual.ts`,
        find: `if (order.state === 'unknown') uncertain = true;`,
        replace: `if (order.state === 'unknown') continue;`,
      },
    ],
    expected: ['I1', 'I2', 'I6'],
  },
  {
    name: 'time-out treated as reject',
    edits: [
      { file: `${HEDGING}/orderTable.ts`, find: `['in-flight', 'overdue', 'unknown']`, replace: `['in-flight', 'overdue', 'rejected']` },
    ],
    expected: ['I1', 'I2', 'I6', 'I7', 'I11'],
  },
  {
    name: 'compensation skipped',
    edits: [
      {
        file: `${HEDGING}/drive.ts`,
        find: `return residual.isZero() ? comeToRest(state, pair, group) : climb(state, pair, standing);`,
        replace: `return residual.isZero() ? comeToRest(state, pair, group) : group;`,
      },
    ],
    expected: ['I3', 'I12'],
  },
  {
    name: 'duplicate fill counted',
    edits: [
      {
        file: `${HEDGING}/orderEvents.ts`,
        find: `if (fill.clientOrderId === null || fill.venueMade !== undefined || isBooked(state, fill)) return false;`,
        replace: `if (fill.clientOrderId === null || (via !== 'snapshot' && false) || (via === 'snapshot' && isBooked(state, fill))) return false;`,
      },
    ],
    expected: ['I11'],
  },
  {
    name: 'snapshot not deduplicated',
    edits: [
      {
        file: `${HEDGING}/orderEvents.ts`,
        find: `if (fill.clientOrderId === null || fill.venueMade !== undefined || isBooked(state, fill)) return false;`,
        replace: `if (fill.clientOrderId === null || (via !== 'snapshot' && isBooked(state, fill))) return false;`,
      },
    ],
    expected: ['I11'],
  },
  {
    name: 'transport error read as not found',
    edits: [
      {
        file: `${HEDGING}/orderEvents.ts`,
        find: `if (outcome.code === 'not-found') takeNotFound(state, order, outcome.venueUnixMs);`,
        replace: `if (outcome.code !== 'found') takeNotFound(state, order, null);`,
      },
    ],
    expected: ['I1', 'I2', 'I6'],
  },
  {
    name: 'not found believed too early',
    edits: [
      { file: `${HEDGING}/evidence.ts`, find: `const neededMs = lifeMs + notFoundMarginMs;`, replace: `const neededMs = 0;` },
      { file: `${HEDGING}/evidence.ts`, find: `export const NOT_FOUND_ANSWERS = 2;`, replace: `export const NOT_FOUND_ANSWERS = 1;` },
    ],
    expected: ['I1', 'I2', 'I6'],
  },
  {
    name: 'unknown leg ignored by the pair fence',
    edits: [
      {
        file: `${RISK}/stateRules.ts`,
        find: `if ((order.state === 'unknown' || order.state === 'quarantined') && pairs`,
        replace: `if (order.state === 'quarantined' && pairs`,
      },
      {
        file: `${RISK}/stateRules.ts`,
        find: `if (ofPair.length >= maxOpenGroupsPerPair)`,
        replace: `if (ofPair.length >= maxOpenGroupsPerPair + 1)`,
      },
      { file: `${RISK}/stateRules.ts`, find: `const moving = ofPair.find(inFlight);`, replace: `const moving = ofPair.find(() => false);` },
    ],
    expected: ['I6', 'I7'],
  },
  {
    name: 'second leg sized from the plan',
    edits: [
      {
        file: `${HEDGING}/opening.ts`,
        find: `openingPlan(state, name, baseQty.div(group.legs[name].baseQtyPerUnit))`,
        replace: `openingPlan(state, name, new Decimal(group.legs[name].plannedQty))`,
      },
    ],
    expected: ['I6'],
  },
  {
    name: 'over-fill ignored',
    edits: [
      {
        file: `${HEDGING}/orderEvents.ts`,
        find: `const cause = left.isNegative() ? 'over-filled' : left.isZero() ? 'filled-whole' : 'filled-part';`,
        replace: `const cause = left.lte(0) ? 'filled-whole' : 'filled-part';`,
      },
      {
        file: `${HEDGING}/orderEvents.ts`,
        find: `if (known.gt(qty)) cause = 'over-filled';`,
        replace: `if (known.gt(qty)) cause = 'told-filled';`,
      },
    ],
    expected: ['I5'],
  },
  {
    name: 'stale quote accepted on the second leg',
    edits: [{ file: `${RISK}/orders.ts`, find: `if (isFresh(x, nowUs)) return null;`, replace: `if (nowUs > 0) return null;` }],
    expected: ['I8'],
  },
  {
    name: 'collar forgotten',
    edits: [
      {
        file: `${HEDGING}/opening.ts`,
        find: `reachBps: state.book.limits.priceCollarBps,`,
        replace: `reachBps: state.book.limits.priceCollarBps * 3,`,
      },
      { file: `${RISK}/orderShape.ts`, find: `if (beyond.lte(bound)) return null;`, replace: `if (beyond.lte(bound * 10)) return null;` },
    ],
    expected: ['I8'],
  },
  {
    name: 'partial fill treated as failure',
    edits: [
      {
        file: `${HEDGING}/opening.ts`,
        find: `if (residual.isZero()) return comeToRest(state, pair, group);`,
        replace: `if (residual.abs().lt(group.baseQty)) return finishGroup(state, group);`,
      },
      {
        file: `${HEDGING}/opening.ts`,
        find: `import { comeToRest } from './rest.ts';`,
        replace: `import { comeToRest } from './rest.ts';\nimport { finishGroup } from './finish.ts';\nvoid comeToRest;`,
      },
    ],
    expected: ['I2'],
  },
  {
    name: 'closes are not reduce-only',
    edits: [
      { file: `${HEDGING}/sending.ts`, find: `reduceOnly: !isOpening(plan.purpose),`, replace: `reduceOnly: false,` },
      { file: `${RISK}/orderShape.ts`, find: `if (kind === 'perpetual' && !reduceOnly) return bad('must be reduce-only');`, replace: `` },
    ],
    expected: ['I6'],
  },
  {
    name: 'close opens an opposite position',
    edits: [
      {
        file: `${HEDGING}/ladder.ts`,
        find: `plans.push({ ...plan, qty: part, positionId: position.positionId })`,
        replace: `plans.push({ ...plan, qty: part, positionId: null })`,
      },
      {
        file: `${RISK}/orderShape.ts`,
        find: `if (kind === 'cfd' && positionId === null) return bad('must name the position that it reduces');`,
        replace: ``,
      },
    ],
    expected: ['I6'],
  },
  {
    name: 'fill applied to the wrong leg',
    edits: [
      {
        file: `${HEDGING}/fillBooking.ts`,
        find: `bookOnLeg(state, group, group.legs[order.request.leg],`,
        replace: `bookOnLeg(state, group, group.legs.a,`,
      },
    ],
    expected: ['I2'],
  },
  {
    name: 'holdings not updated',
    edits: [
      {
        file: `${HEDGING}/fillBooking.ts`,
        find: 'changeHolding(state, fill.instrumentId, qty.times(signOf(fill.side)).minus(feeQty), ZERO, `fill ${fill.tradeId}`);',
        replace:
          "if (via === 'push') changeHolding(state, fill.instrumentId, qty.times(signOf(fill.side)).minus(feeQty), ZERO, `fill ${fill.tradeId}`);",
      },
    ],
    expected: ['I2', 'I12'],
  },
  {
    name: 'late fill after a cancel dropped',
    edits: [
      {
        file: `${HEDGING}/orderEvents.ts`,
        find: `const fault = fillFault(order, fill);`,
        replace: `if (order.state === 'canceled') return false;\n  const fault = fillFault(order, fill);`,
      },
    ],
    expected: ['I2'],
  },
  {
    name: 'late report revives an order',
    edits: [
      { file: `${HEDGING}/orderTable.ts`, find: `['filled', 'acknowledged', 'filled']`, replace: `['filled', 'acknowledged', 'working']` },
    ],
    expected: ['I11'],
  },
  {
    name: 'fees forgotten',
    edits: [
      {
        file: `${HEDGING}/fillBooking.ts`,
        find: `[fill.feeCcy]: new Decimal(leg.fees[fill.feeCcy] ?? 0).plus(fill.fee).toFixed()`,
        replace: `[fill.feeCcy]: leg.fees[fill.feeCcy] ?? fill.fee`,
      },
    ],
    expected: ['I10'],
  },
  {
    name: 'completion beyond what lacks',
    edits: [
      {
        file: `${HEDGING}/ladder.ts`,
        find: `const qty = residual.abs().div(leg.baseQtyPerUnit).div(step).floor().times(step);`,
        replace: `const qty = residual.abs().div(leg.baseQtyPerUnit).div(step).floor().plus(1).times(step);`,
      },
      { file: `${RISK}/orderShape.ts`, find: `qty.lte(most) ? null`, replace: `qty.lte(most.times(10)) ? null` },
    ],
    expected: ['I6'],
  },
];
