/**
 * The engine's tables of commands and deals, read as plain SQL from the ledger's file with no code of the product, in the words
 * of the oracle. Reads only; a file of a dead engine is read from a copy, so that nothing is healed that a start must find.
 */
import { DatabaseSync } from 'node:sqlite';
import { fromCopy } from '../../e2e/crash/evidence.ts';
import type { CommandEvidence, DealEvidence, EngineEvidence, FillEvidence } from './oracle.ts';

interface CommandRow {
  readonly command_id: string;
  readonly kind: string;
  readonly magic: number | null;
  readonly client_order_id: string | null;
  readonly body: string;
  readonly state: string;
  readonly deliveries: number;
  readonly cum_lots: string;
  readonly ended_unix_ms: number | null;
  readonly quarantine: string | null;
}
interface DealRow extends Omit<DealEvidence, 'order' | 'positionId' | 'unixMs'> {
  readonly broker_order: string;
  readonly position_id: string;
  readonly unix_ms: number;
}

interface TransitionRow {
  readonly command_id: string;
  readonly state: string;
}
interface FillRow {
  readonly trade_id: string;
  readonly client_order_id: string | null;
  readonly side: string;
  readonly qty: string;
  readonly px: string;
}

const commandOf = (row: CommandRow, states: readonly string[]): CommandEvidence => {
  const body = JSON.parse(row.body) as Readonly<Record<string, string | number | undefined>>;
  const text = (name: string): string | null => (body[name] === undefined ? null : String(body[name]));
  const points = body['max_dev_points'];
  return {
    commandId: row.command_id,
    kind: row.kind,
    magic: row.magic,
    clientOrderId: row.client_order_id,
    state: row.state,
    lots: text('lots'),
    side: text('side'),
    symbol: text('symbol'),
    maxDevPoints: points === undefined ? null : Number(points),
    deliveries: row.deliveries,
    cumLots: row.cum_lots,
    endedUnixMs: row.ended_unix_ms,
    quarantine: row.quarantine,
    states,
  };
};

const readTables = (file: string): EngineEvidence => {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    db.exec('PRAGMA busy_timeout = 5000; BEGIN');
    const all = (sql: string): unknown => db.prepare(sql).all();
    const states = new Map<string, string[]>();
    const transitions = all('SELECT command_id, state FROM terminal_transitions ORDER BY number') as readonly TransitionRow[];
    for (const { command_id, state } of transitions) states.set(command_id, [...(states.get(command_id) ?? []), state]);
    const deals = all(
      'SELECT deal, broker_order, position_id, magic, symbol, side, entry, lots, price, commission, swap, fee, profit, unix_ms FROM terminal_deals ORDER BY number',
    ) as readonly DealRow[];
    const fills = all(
      "SELECT trade_id, client_order_id, side, qty, px FROM fills WHERE venue_id = 'mt5' ORDER BY number",
    ) as readonly FillRow[];
    return {
      commands: (
        all(
          'SELECT command_id, kind, magic, client_order_id, body, state, deliveries, cum_lots, ended_unix_ms, quarantine FROM terminal_commands ORDER BY number',
        ) as readonly CommandRow[]
      ).map((row) => commandOf(row, states.get(row.command_id) ?? [])),
      deals: deals.map(({ broker_order: order, position_id: positionId, unix_ms: unixMs, ...row }) => ({
        ...row,
        order,
        positionId,
        unixMs,
      })),
      fills: fills.map((row) => ({ tradeId: row.trade_id, clientOrderId: row.client_order_id, side: row.side, qty: row.qty, px: row.px })),
    };
  } finally {
    db.close();
  }
};

/** Of an engine that runs, or has been stopped in order. */
export const readEngine = readTables;

/** Of an engine that was killed and is not running. */
export const readDeadEngine = (file: string): EngineEvidence => fromCopy(file, readTables);

/** Each way in which a fill was told, once. */
export const distinctFills = (fills: readonly FillEvidence[]): readonly FillEvidence[] => [
  ...new Map(
    fills.map((fill) => [JSON.stringify([fill.tradeId, fill.clientOrderId, fill.side, Number(fill.qty), Number(fill.px)]), fill]),
  ).values(),
];
