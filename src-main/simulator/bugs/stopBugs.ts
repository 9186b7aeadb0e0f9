/** Planted bugs of stops, limits and cooldowns: what must not be sent, and what may be lifted. */
import type { PlantedBug } from './bugs.ts';

const HEDGING = 'src-main/core/hedging';
const RISK = 'src-main/core/risk';
const STOPS = 'src-main/core/stops';

export const STOP_BUGS: readonly PlantedBug[] = [
  {
    name: 'kill misses an undelivered command',
    edits: [
      {
        file: `${HEDGING}/orders.ts`,
        find: `for (const order of live) cancelOrder(state, order);`,
        replace: `for (const order of live) if (order.state === 'working') cancelOrder(state, order);`,
      },
      { file: 'src-main/runtime/dispatcher.ts', find: `() => barOf(order) === null`, replace: `() => true` },
    ],
    expected: ['I6'],
  },
  {
    name: 'hands-off still cancels',
    edits: [
      {
        file: `${STOPS}/latch.ts`,
        find: `if (level !== 'hands-off') cancelWorking(state, scope);`,
        replace: `cancelWorking(state, scope);`,
      },
      {
        file: `${HEDGING}/orders.ts`,
        find: `if (scopedBar(state, order.request.clientOrderId, 'cancel') !== null) return;`,
        replace: `void scopedBar;`,
      },
      {
        file: 'src-main/runtime/dispatcher.ts',
        find: `gate !== 'closed' && scoped(ref.clientOrderId, 'cancel') === null`,
        replace: `true`,
      },
    ],
    expected: ['I6'],
  },
  {
    name: 'hands off a pair let a waiting command through',
    edits: [
      {
        file: 'src-main/runtime/dispatcher.ts',
        find: 'if (stop !== null) return `not sent: ${stop}`;',
        replace: 'if (stop === null && !opens) return null;',
      },
    ],
    expected: ['I6'],
  },
  {
    name: 'halted still completes',
    edits: [
      {
        file: `${HEDGING}/ladder.ts`,
        find: `if (!killed && !isClosing(group) && mayComplete(state, episode)) {`,
        replace: `if (!isClosing(group) && mayComplete(state, episode)) {`,
      },
      {
        file: 'src-main/core/risk/orders.ts',
        find: `const act = request.purpose === 'complete' && request.authority === 'operator';`,
        replace: `const act = request.purpose === 'complete';`,
      },
    ],
    expected: ['I6'],
  },
  {
    name: 'residual clock never halts',
    edits: [{ file: `${HEDGING}/drive.ts`, find: `naked >= state.settings.hedging.haltAfterMs`, replace: `naked >= Number.MAX_VALUE` }],
    expected: ['I3', 'I12'],
  },
  {
    name: 'latch not restored',
    edits: [
      {
        file: `${STOPS}/restore.ts`,
        find: `state.kill = kill === null ? null : { ...kill, verifiedUnixMs: null, remaining: [] };`,
        replace: `state.kill = null;`,
      },
      { file: `${STOPS}/restore.ts`, find: `if (kill !== null) {`, replace: `if (kill !== null && state.kill !== null) {` },
    ],
    expected: ['I6', 'I12'],
  },
  {
    name: 'reset without verification',
    edits: [
      {
        file: `${STOPS}/reset.ts`,
        find: `return [...workingOf(state, scope), ...used.flatMap((venue) => venueConditions(state, venue, nowUs)), ...groupConditions(state, scope)];`,
        replace: `return nowUs > 0 ? [] : [...workingOf(state, scope), ...used.flatMap((venue) => venueConditions(state, venue, nowUs)), ...groupConditions(state, scope)];`,
      },
    ],
    expected: ['I6'],
  },
  {
    name: 'verified while an order is on its way',
    edits: [
      {
        file: `${STOPS}/verify.ts`,
        find: `const lines = [...workingOf(state, scope), ...`,
        replace: `const lines = [...`,
      },
    ],
    expected: ['I6'],
  },
  {
    name: 'cooldown ends by the wall clock',
    edits: [
      {
        file: `${RISK}/deadlines.ts`,
        find: `fence.pairId === pairId && fence.endsUs > nowUs`,
        replace: `fence.pairId === pairId && fence.untilUnixMs > state.unixMs`,
      },
      { file: `${RISK}/deadlines.ts`, find: `return Math.abs(ms) > CLOCK_JUMP_MS ? ms : 0;`, replace: `return 0;` },
    ],
    expected: ['I6'],
  },
  {
    name: 'cooldown lost on restart',
    edits: [
      {
        file: `${HEDGING}/recovery.ts`,
        find: `book.fences = trading.fences.map((fence) => recoverFence(state, fence));`,
        replace: `book.fences = [];`,
      },
    ],
    expected: ['I6'],
  },
  {
    name: 'disablement lost on restart',
    edits: [
      {
        file: `${HEDGING}/recovery.ts`,
        find: `book.disablements = trading.disablements.map((disablement) => recoverDisablement(state, disablement));`,
        replace: `book.disablements = [];`,
      },
    ],
    expected: ['I6'],
    minutes: 3,
  },
  {
    name: 'a kill leaves the engine armed',
    edits: [{ file: `${STOPS}/latch.ts`, find: 'disarm(state, `${level} by ${latch.by}`);', replace: '' }],
    expected: ['I6'],
  },
  {
    name: 'confirmation of real money ignored',
    edits: [
      {
        file: 'src-main/core/live/guard.ts',
        find: `if (phrase !== null && typed !== undefined && confirms(typed, phrase)) return null;`,
        replace: `if (phrase !== null) return null;`,
      },
    ],
    expected: ['I6'],
  },
];
