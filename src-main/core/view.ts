/**
 * What consoles show, derived from the state at a moment: flat tables, the whole detail of one pair, and what a flatten
 * would do. Reads only, so that being watched can never change a decision. Rounds for display; unknown is null, never 0
 * (a stale spread is unknown).
 */
import type { Stamp } from '../../src-shared/domain/units.ts';
import type { ConsoleTables, EventRow, IntentRow } from '../../src-shared/domain/view.ts';
import type { EngineState } from './state.ts';
import { engineRow, type RuntimeFigures } from './view/engineRow.ts';
import { groupRow, shownGroups } from './view/groupRows.ts';
import { limitRows } from './view/limitRows.ts';
import { pairRow } from './view/pairRows.ts';
import { positionRows } from './view/positionRows.ts';
import { BPS_DIGITS, QTY_DIGITS, shown, tableOf } from './view/rounding.ts';
import { instrumentRow, venueRow } from './view/venueRows.ts';

export type { RuntimeFigures } from './view/engineRow.ts';
export { buildFlattenPreview } from './view/flattenPreview.ts';
export { buildPairDetail } from './view/pairRows.ts';

export const buildTables = (state: EngineState, figures: RuntimeFigures, at: Stamp): ConsoleTables => ({
  engine: { engine: engineRow(state, figures, at) },
  venues: tableOf(state.venues, (v) => [v.settings.id, venueRow(state, v, at)]),
  instruments: tableOf(state.instruments, (x) => [x.settings.id, instrumentRow(x, at)]),
  pairs: tableOf(state.pairs, (p) => [p.settings.id, pairRow(state, p, at)]),
  intents: tableOf<{ readonly id: string; readonly row: IntentRow }, IntentRow>(state.intents, (x) => [x.id, intentRow(x.row)]),
  groups: tableOf(shownGroups(state.book.groups), (group) => [group.id, groupRow(state, group)]),
  positions: positionRows(state, at),
  limits: limitRows(state, at),
  events: tableOf<{ readonly id: string; readonly row: EventRow }, EventRow>(state.notes, (x) => [x.id, x.row]),
});

const intentRow = (row: IntentRow): IntentRow => ({
  ...row,
  spreadBps: shown(row.spreadBps, BPS_DIGITS) ?? row.spreadBps,
  edgeBps: shown(row.edgeBps, BPS_DIGITS) ?? row.edgeBps,
  bestEdgeBps: shown(row.bestEdgeBps, BPS_DIGITS) ?? row.bestEdgeBps,
  thresholdBps: shown(row.thresholdBps, BPS_DIGITS) ?? row.thresholdBps,
  costsBps: shown(row.costsBps, BPS_DIGITS) ?? row.costsBps,
  executableBaseQty: shown(row.executableBaseQty, QTY_DIGITS) ?? row.executableBaseQty,
});
