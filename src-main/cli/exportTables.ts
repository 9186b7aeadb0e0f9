/**
 * What `export` can write, one table each: where its rows come from, their columns in CSV, and what JSON holds besides.
 * Amounts are the ledger's own decimal text; times are ISO 8601 in UTC; unknown is an empty cell.
 */
import type { HedgeGroup } from '../../src-shared/domain/hedgeGroup.ts';
import type { CommandRecord, DealRecord } from '../../src-shared/domain/metatrader.ts';
import type { FillRecord, OrderRecord } from '../../src-shared/domain/order.ts';
import type { IntentRow } from '../../src-shared/domain/view.ts';
import type { LedgerArchive } from '../runtime/ports.ts';

export type Cell = string | number | null;
export type Mode = ReturnType<LedgerArchive['mode']>;

export interface ExportTable<Row> {
  /** Newest first; a page ends with every row of its last millisecond. */
  readonly page: (archive: LedgerArchive, beforeUnixMs: number | null, limit: number) => readonly Row[];
  readonly timeOf: (row: Row) => number;
  readonly columns: readonly (readonly [name: string, of: (row: Row, mode: Mode) => Cell])[];
  readonly json: (row: Row, archive: LedgerArchive, mode: Mode) => unknown;
}

const utc = (unixMs: number | null): string | null => (unixMs === null ? null : new Date(unixMs).toISOString());

export const INTENTS: ExportTable<IntentRow & { readonly id: string }> = {
  page: (archive, before, limit) => archive.intents(before, limit),
  timeOf: (row) => row.proposedUnixMs,
  columns: [
    ['id', (row) => row.id],
    ['pair', (row) => row.pairId],
    ['direction', (row) => row.direction],
    ['episode', (row) => row.episode],
    ['proposed_utc', (row) => utc(row.proposedUnixMs)],
    ['ended_utc', (row) => utc(row.endedUnixMs)],
    ['end_reason', (row) => row.endReason],
    ['spread_bps', (row) => row.spreadBps],
    ['edge_bps', (row) => row.edgeBps],
    ['best_edge_bps', (row) => row.bestEdgeBps],
    ['threshold_bps', (row) => row.thresholdBps],
    ['costs_bps', (row) => row.costsBps],
    ['executable_base_qty', (row) => row.executableBaseQty],
    ['disposition', (row) => row.disposition],
    ['group_id', (row) => row.groupId],
  ],
  json: (row, archive) => ({ row, evidence: archive.intent(row.id) }),
};

type LegColumn = readonly [name: string, of: (group: HedgeGroup) => Cell];
const legColumns = (leg: 'a' | 'b'): readonly LegColumn[] => [
  [`${leg}_instrument`, ({ legs }) => legs[leg].instrumentId],
  [`${leg}_side`, ({ legs }) => legs[leg].side],
  [`${leg}_planned_qty`, ({ legs }) => legs[leg].plannedQty],
  [`${leg}_reference_px`, ({ legs }) => legs[leg].referencePx],
  [`${leg}_opened_qty`, ({ legs }) => legs[leg].openedQty],
  [`${leg}_closed_qty`, ({ legs }) => legs[leg].closedQty],
  [`${leg}_cash`, ({ legs }) => legs[leg].cash],
  [
    `${leg}_fees`,
    ({ legs }) =>
      Object.entries(legs[leg].fees)
        .map(([ccy, fee]) => `${fee} ${ccy}`)
        .join('; '),
  ],
  [`${leg}_slippage_bps`, ({ result }) => result?.slippageBps[leg] ?? null],
];

export const GROUPS: ExportTable<HedgeGroup> = {
  page: (archive, before, limit) => archive.groups(before, limit),
  timeOf: (group) => group.createdUnixMs,
  columns: [
    ['mode', (_group, mode) => mode],
    ['id', (group) => group.id],
    ['intent_id', (group) => group.intentId],
    ['pair', (group) => group.pairId],
    ['direction', (group) => group.direction],
    ['leg_order', (group) => group.legOrder],
    ['state', (group) => group.state],
    ['why', (group) => group.why],
    ['created_utc', (group) => utc(group.createdUnixMs)],
    ['opened_utc', (group) => utc(group.openedUnixMs)],
    ['ended_utc', (group) => utc(group.endedUnixMs)],
    ['base_qty', (group) => group.baseQty],
    ['notional_usd', (group) => group.notionalUsd],
    ['conversion_rate', (group) => group.conversionRate],
    ['expected_spread_bps', (group) => group.expected.spreadBps],
    ['expected_edge_bps', (group) => group.expected.edgeBps],
    ['expected_costs_bps', (group) => group.expected.costsBps],
    ...legColumns('a'),
    ...legColumns('b'),
    ['residual_base_qty', (group) => group.residualBaseQty],
    ['settled_base_qty', (group) => group.settledBaseQty],
    ['rungs', (group) => group.ladder.length],
    ['denials', (group) => group.denials.map(({ code }) => code).join('; ')],
    ['close_reason', (group) => group.closeReason],
    ['gross', (group) => group.result?.gross ?? null],
    ['fees', (group) => group.result?.fees ?? null],
    ['net', (group) => group.result?.net ?? null],
    ['ccy', (group) => group.result?.ccy ?? null],
    ['net_usd', (group) => group.result?.netUsd ?? null],
    ['net_bps', (group) => group.result?.netBps ?? null],
  ],
  json: (group, archive, mode) => ({ mode, ...archive.group(group.id), versions: archive.groupVersions(group.id) }),
};

export const ORDERS: ExportTable<OrderRecord> = {
  page: (archive, before, limit) => archive.orders(before, limit),
  timeOf: (order) => order.committedUnixMs,
  columns: [
    ['mode', (_order, mode) => mode],
    ['client_order_id', ({ request }) => request.clientOrderId],
    ['group_id', ({ request }) => request.groupId],
    ['leg', ({ request }) => request.leg],
    ['attempt', ({ request }) => request.attempt],
    ['purpose', ({ request }) => request.purpose],
    ['authority', ({ request }) => request.authority],
    ['venue', ({ request }) => request.venueId],
    ['instrument', ({ request }) => request.instrumentId],
    ['side', ({ request }) => request.side],
    ['qty', ({ request }) => request.qty],
    ['limit_px', ({ request }) => request.limitPx],
    ['reduce_only', ({ request }) => (request.reduceOnly ? 'yes' : 'no')],
    ['position_id', ({ request }) => request.positionId],
    ['magic', ({ request }) => request.magic],
    ['quote_bid', ({ request }) => request.quote.bidPx],
    ['quote_ask', ({ request }) => request.quote.askPx],
    ['state', (order) => order.state],
    ['venue_order_id', (order) => order.venueOrderId],
    ['filled_qty', (order) => order.filledQty],
    ['avg_px', (order) => order.avgPx],
    ['refusal_code', (order) => order.refusal?.venueCode ?? null],
    ['why', (order) => order.why],
    ['committed_utc', (order) => utc(order.committedUnixMs)],
    ['acknowledged_utc', (order) => utc(order.acknowledgedUnixMs)],
    ['first_fill_utc', (order) => utc(order.firstFillUnixMs)],
    ['ended_utc', (order) => utc(order.endedUnixMs)],
    ['unknown_since_utc', (order) => utc(order.unknownSinceUnixMs)],
    ['queries', (order) => order.queries],
  ],
  json: (order, archive, mode) => ({ mode, order, versions: archive.orderVersions(order.request.clientOrderId) }),
};

export const FILLS: ExportTable<FillRecord> = {
  page: (archive, before, limit) => archive.fills(before, limit),
  timeOf: (fill) => fill.bookedUnixMs,
  columns: [
    ['mode', (_fill, mode) => mode],
    ['venue', (fill) => fill.venueId],
    ['instrument', (fill) => fill.instrumentId],
    ['trade_id', (fill) => fill.tradeId],
    ['client_order_id', (fill) => fill.clientOrderId],
    ['group_id', (fill) => fill.groupId],
    ['leg', (fill) => fill.leg],
    ['side', (fill) => fill.side],
    ['qty', (fill) => fill.qty],
    ['base_qty', (fill) => fill.baseQty],
    ['px', (fill) => fill.px],
    ['fee', (fill) => fill.fee],
    ['fee_ccy', (fill) => fill.feeCcy],
    ['position_id', (fill) => fill.positionId],
    ['venue_utc', (fill) => utc(fill.venueUnixMs)],
    ['booked_utc', (fill) => utc(fill.bookedUnixMs)],
    ['via', (fill) => fill.via],
  ],
  json: (fill, _archive, mode) => ({ mode, ...fill }),
};

/** Commands to the EAs of MetaTrader venues, by the moment they were queued. */
export const COMMANDS: ExportTable<CommandRecord> = {
  page: (archive, before, limit) => archive.terminalCommands(before, limit),
  timeOf: (command) => command.queuedUnixMs,
  columns: [
    ['mode', (_command, mode) => mode],
    ['venue', (command) => command.venueId],
    ['command_id', (command) => command.commandId],
    ['kind', (command) => command.kind],
    ['magic', (command) => command.magic],
    ['client_order_id', (command) => command.clientOrderId],
    ['instrument', (command) => command.instrumentId],
    ['side', ({ body }) => body['side'] ?? null],
    ['lots', ({ body }) => body['lots'] ?? null],
    ['limit_price', ({ body }) => body['limit_price'] ?? null],
    ['position_id', ({ body }) => body['position_id'] ?? null],
    ['target_id', ({ body }) => body['target_id'] ?? null],
    ['state', (command) => command.state],
    ['why', (command) => command.why],
    ['deliveries', (command) => command.deliveries],
    ['retcode', (command) => command.retcode],
    ['broker_order', (command) => command.order],
    ['cum_lots', (command) => command.cumLots],
    ['avg_px', (command) => command.avgPx],
    ['queued_utc', (command) => utc(command.queuedUnixMs)],
    ['delivered_utc', (command) => utc(command.deliveredUnixMs)],
    ['acknowledged_utc', (command) => utc(command.acknowledgedUnixMs)],
    ['first_deal_utc', (command) => utc(command.firstDealUnixMs)],
    ['ended_utc', (command) => utc(command.endedUnixMs)],
    ['broker_ms', (command) => command.brokerMs],
    ['quarantine', (command) => command.quarantine],
  ],
  json: (command, archive, mode) => ({ mode, command, transitions: archive.commandTransitions(command.commandId) }),
};

/** Deals as the terminals reported them, ours and foreign, by their time; money in the account's currency, the broker's sign. */
export const DEALS: ExportTable<DealRecord> = {
  page: (archive, before, limit) => archive.deals(before, limit),
  timeOf: (deal) => deal.unixMs,
  columns: [
    ['mode', (_deal, mode) => mode],
    ['venue', (deal) => deal.venueId],
    ['deal', (deal) => deal.deal],
    ['rev', (deal) => deal.rev],
    ['order', (deal) => deal.order],
    ['position_id', (deal) => deal.positionId],
    ['magic', (deal) => deal.magic],
    ['own', (deal) => (deal.own ? 'yes' : 'no')],
    ['instrument', (deal) => deal.instrumentId],
    ['symbol', (deal) => deal.symbol],
    ['side', (deal) => deal.side],
    ['entry', (deal) => deal.entry],
    ['lots', (deal) => deal.lots],
    ['price', (deal) => deal.price],
    ['commission', (deal) => deal.commission],
    ['swap', (deal) => deal.swap],
    ['fee', (deal) => deal.fee],
    ['profit', (deal) => deal.profit],
    ['server_time', (deal) => new Date(deal.timeMsc).toISOString().slice(0, -1)],
    ['utc', (deal) => utc(deal.unixMs)],
    ['reason', (deal) => deal.reason],
  ],
  json: (deal, archive, mode) => ({ mode, deal, revisions: archive.dealRevisions(deal.venueId, deal.deal) }),
};
