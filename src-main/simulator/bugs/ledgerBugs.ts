/** Planted bugs of commits, restarts and reconciliation: what is kept, what is sent again, what a silence means. */
import type { PlantedBug } from './bugs.ts';

const RUNNER = 'src-main/runtime/runner.ts';

export const LEDGER_BUGS: readonly PlantedBug[] = [
  {
    name: 'commit after send',
    edits: [
      {
        file: RUNNER,
        find: `if (isJournaled(event, result)) committed = this.#commit(event, result);`,
        replace: `if (result.effects.length > 0) this.#dispatch(event.seq, result.effects);\n    if (isJournaled(event, result)) committed = this.#commit(event, result);`,
      },
      {
        file: RUNNER,
        find: `if (result.effects.length > 0) this.#dispatch(event.seq, this.#leaving(event, result, committed));`,
        replace: ``,
      },
    ],
    expected: ['I4'],
  },
  {
    name: 'a failed commit is not noticed',
    edits: [
      {
        file: RUNNER,
        find: `if (committed && this.#fault?.of !== 'ledger') return effects;`,
        replace: `if (event.seq > 0) return effects;`,
      },
    ],
    expected: ['I1', 'I4'],
  },
  {
    name: 'restart resends what was in flight',
    edits: [
      {
        file: 'src-main/core/hedging/recovery.ts',
        find: `else loseTrack(state, order, 'restarted', 'the engine ended before its end was known');`,
        replace: `else state.draft.effects.push({ type: 'place-order', order: order.request as never });`,
      },
    ],
    expected: ['I1'],
  },
  {
    name: 'restart forgets what was in flight',
    edits: [
      {
        file: 'src-main/core/hedging/recovery.ts',
        find: `else loseTrack(state, order, 'restarted', 'the engine ended before its end was known');`,
        replace: `else state.book.orders[order.request.clientOrderId] = { ...order, state: 'rejected' };`,
      },
    ],
    expected: ['I1', 'I2', 'I6', 'I11', 'I12'],
  },
  {
    name: 'failed positions read as flat',
    edits: [
      {
        file: 'src-main/core/reconcile/wall.ts',
        find: `if (outcome.code === 'failed') takeFailure(state, venue, outcome.why);`,
        replace: `if (outcome.code === 'failed') takeAnswer(state, venue, { venueUnixMs: null, openOrders: [], fills: [], positions: [], account: venue.account! });`,
      },
    ],
    expected: ['I2'],
  },
  {
    name: 'missed fills are not looked for',
    edits: [
      {
        file: 'src-main/core/reconcile/wall.ts',
        find: `const missedFills = takeFills(state, snapshot.fills, 'snapshot');`,
        replace: `const missedFills = takeFills(state, [], 'snapshot');`,
      },
      {
        file: 'src-main/core/reconcile/wall.ts',
        find: `takeFills(state, outcome.snapshot.fills, 'snapshot');`,
        replace: `takeFills(state, [], 'snapshot');`,
      },
      {
        file: 'src-main/core/hedging/orderEvents.ts',
        find: `for (const fill of outcome.fills) if (fill.clientOrderId === clientOrderId) book(state, fill, 'query');`,
        replace: ``,
      },
    ],
    expected: ['I2', 'I3', 'I12'],
  },
  {
    name: 'trade ids lost on restart',
    edits: [
      {
        file: 'src-main/core/hedging/recovery.ts',
        find: `book.tradeIds = Object.fromEntries(trading.tradeIds.map((key) => [key, true as const]));`,
        replace: `book.tradeIds = {};`,
      },
    ],
    expected: ['I11'],
  },
  {
    name: 'an act of the exchange ignored',
    edits: [
      {
        file: 'src-main/core/hedging/orderEvents.ts',
        find: `if (fill.venueMade !== undefined) return takeVenueMade(state, fill, via);`,
        replace: `if (fill.venueMade !== undefined) return false;`,
      },
    ],
    expected: ['I2', 'I12'],
  },
  {
    name: 'an act of the exchange booked twice',
    edits: [
      {
        file: 'src-main/core/hedging/orderEvents.ts',
        find: `const external = fills.filter((fill) => !isBooked(state, fill) && takeForeign(state, fill, via));`,
        replace: `const external = fills.filter((fill) => takeForeign(state, fill, via));`,
      },
    ],
    expected: ['I11', 'I2'],
  },
  {
    name: 'cursor moved past an unbooked fill',
    edits: [
      {
        file: 'src-main/core/reconcile/reconcile.ts',
        find: `return Math.max(settled ? overlapped : Math.min(cursor, overlapped), venueUnixMs - MAX_FILLS_LOOKBACK_MS);`,
        replace: `return settled || overlapped > 0 ? venueUnixMs : cursor;`,
      },
    ],
    expected: ['I12'],
  },
  {
    name: 'what was passed over is judged again',
    edits: [
      {
        file: 'src-main/core/hedging/fillBooking.ts',
        find: `emit(state, { type: 'trade-passed', venueId, instrumentId, tradeId, venueUnixMs });`,
        replace: ``,
      },
      {
        file: 'src-main/core/hedging/venueMade.ts',
        find: `if (firstVenueMs !== undefined) return venueUnixMs < firstVenueMs;`,
        replace: `if (firstVenueMs !== undefined) return false;`,
      },
    ],
    expected: ['I2'],
  },
  {
    name: 'another account is believed',
    edits: [
      {
        file: 'src-main/core/accountIdentity.ts',
        find: `if (standing !== 'other') return null;`,
        replace: `if (standing.length > 0) return null;`,
      },
    ],
    expected: ['I1', 'I2', 'I6'],
  },
  {
    name: 'a magic number from another clock',
    edits: [{ file: 'src-main/core/hedging/sending.ts', find: `Math.floor(state.unixMs), ...used`, replace: `Date.now(), ...used` }],
    expected: ['I9'],
  },
];
