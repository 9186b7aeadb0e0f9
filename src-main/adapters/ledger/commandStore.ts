/**
 * Commands to the EAs and their deals in the ledger's file, behind the `CommandStore` port. Each call is one transaction.
 * Invariants: what a command asks for never changes; a final state never does; an id, a magic number and an order that may
 * execute are one command; every transition and every revision of a deal is kept.
 */
import type { Clock, CommandStore, Durability } from '../../runtime/ports.ts';
import { isFinalCommand, type CommandRecord, type DealRecord } from '../../../src-shared/domain/metatrader.ts';
import { FINAL_STATES } from './commandSchema.ts';
import { insertInto, tableOf, updateOf, type Row } from './columns.ts';
import { guarded, type Sqlite } from './database.ts';

/** Runs the work as one transaction of the ledger's writer. @throws LedgerFault; nothing of it is then kept. */
export type InTransaction = <T>(durability: Durability, work: () => T) => T;

export const COMMANDS = tableOf<CommandRecord>({
  venueId: ['venue_id', 'text'],
  commandId: ['command_id', 'text'],
  kind: ['kind', 'text'],
  magic: ['magic', 'number'],
  clientOrderId: ['client_order_id', 'text'],
  instrumentId: ['instrument_id', 'text'],
  body: ['body', 'json'],
  state: ['state', 'text'],
  why: ['why', 'text'],
  deliveries: ['deliveries', 'number'],
  leaseId: ['lease_id', 'text'],
  retcode: ['retcode', 'number'],
  order: ['broker_order', 'text'],
  cumLots: ['cum_lots', 'text'],
  avgPx: ['avg_px', 'text'],
  queuedUnixMs: ['queued_unix_ms', 'number'],
  deliveredUnixMs: ['delivered_unix_ms', 'number'],
  acknowledgedUnixMs: ['acknowledged_unix_ms', 'number'],
  endedUnixMs: ['ended_unix_ms', 'number'],
  firstDealUnixMs: ['first_deal_unix_ms', 'number'],
  brokerMs: ['broker_ms', 'number'],
  quarantine: ['quarantine', 'text'],
});

export const DEALS = tableOf<DealRecord>({
  venueId: ['venue_id', 'text'],
  deal: ['deal', 'text'],
  rev: ['rev', 'number'],
  order: ['broker_order', 'text'],
  positionId: ['position_id', 'text'],
  magic: ['magic', 'number'],
  own: ['own', 'flag'],
  instrumentId: ['instrument_id', 'text'],
  symbol: ['symbol', 'text'],
  side: ['side', 'text'],
  entry: ['entry', 'text'],
  lots: ['lots', 'text'],
  price: ['price', 'text'],
  commission: ['commission', 'text'],
  swap: ['swap', 'text'],
  fee: ['fee', 'text'],
  profit: ['profit', 'text'],
  timeMsc: ['time_msc', 'number'],
  unixMs: ['unix_ms', 'number'],
  reason: ['reason', 'text'],
});

/** What a command is; the rest of its record is what became of it. */
const IDENTITY = ['venue_id', 'kind', 'magic', 'client_order_id', 'instrument_id', 'body', 'queued_unix_ms'] as const;
/** What a later revision of a deal may change, besides its number and its instrument's and clock's translation. */
const REVISED = ['rev', 'commission', 'swap', 'fee', 'profit', 'instrument_id', 'unix_ms'];

const NEWEST_FIRST = `SELECT ${COMMANDS.columns} FROM terminal_commands ORDER BY number DESC LIMIT ?`;
const LIVE = `
SELECT ${COMMANDS.columns} FROM terminal_commands INDEXED BY terminal_commands_live
WHERE venue_id = ? AND state NOT IN ${FINAL_STATES} ORDER BY number`;

const statementsOf = (db: Sqlite) => {
  const command = (where: string) => db.prepare<[string], Row>(`SELECT ${COMMANDS.columns} FROM terminal_commands WHERE ${where}`);
  const deals = (rest: string) =>
    db.prepare<[string, string | number], Row>(`SELECT ${DEALS.columns} FROM terminal_deals WHERE venue_id = ? AND ${rest}`);
  return {
    account: db.prepare<[string], { readonly login: string; readonly server: string }>(
      'SELECT login, server FROM terminal_accounts WHERE venue_id = ?',
    ),
    bind: db.prepare<[string, string, string, number]>('INSERT INTO terminal_accounts VALUES (?, ?, ?, ?)'),
    command: command('command_id = ?'),
    ofOrder: command("client_order_id = ? AND kind IN ('open', 'close')"),
    ofMagic: db.prepare<[string, number], Row>(`SELECT ${COMMANDS.columns} FROM terminal_commands WHERE venue_id = ? AND magic = ?`),
    live: db.prepare<[string], Row>(LIVE),
    newest: db.prepare<[number], Row>(NEWEST_FIRST),
    add: insertInto(db, 'terminal_commands', COMMANDS.columns),
    replace: updateOf(db, 'terminal_commands', COMMANDS.columns, 'command_id'),
    transition: insertInto(
      db,
      'terminal_transitions',
      'command_id, unix_ms, state, why, deliveries, lease_id, retcode, cum_lots, quarantine',
    ),
    deal: deals('deal = ?'),
    dealsOfMagic: deals('magic = ? ORDER BY number'),
    ofPosition: deals('position_id = ? ORDER BY number'),
    since: deals('unix_ms >= ? ORDER BY unix_ms, number'),
    addDeal: insertInto(db, 'terminal_deals', DEALS.columns),
    reviseDeal: db.prepare<[Row]>(
      `UPDATE terminal_deals SET ${REVISED.map((name) => `${name} = @${name}`).join(', ')} WHERE venue_id = @venue_id AND deal = @deal`,
    ),
    addRevision: insertInto(db, 'terminal_deal_revisions', DEALS.columns, ['reported_unix_ms']),
    revisions: db.prepare<[string, string], Row>(
      `SELECT ${DEALS.columns} FROM terminal_deal_revisions WHERE venue_id = ? AND deal = ? ORDER BY rev`,
    ),
  };
};
type Statements = ReturnType<typeof statementsOf>;

/** @throws Error where the new record is not the same command, or would change an end */
const refuseChange = (id: string, before: Row, after: Row): void => {
  const other = IDENTITY.filter((name) => before[name] !== after[name]);
  if (other.length > 0) throw new Error(`command ${id} is already another one: ${other.join(', ')} differ`);
  const state = before['state'] as CommandRecord['state'];
  if (isFinalCommand(state) && after['state'] !== state)
    throw new Error(`command ${id} ended as ${state} and cannot become ${String(after['state'])}`);
};

/** @throws Error where another command already bears the magic number, or stands for the order */
const refuseDouble = (sql: Statements, { magic, venueId, clientOrderId, kind }: CommandRecord): void => {
  const ofMagic = magic === null ? undefined : sql.ofMagic.get(venueId, magic);
  if (ofMagic !== undefined) throw new Error(`magic number ${magic} of ${venueId} is already that of command ${ofMagic['command_id']}`);
  const executes = kind === 'open' || kind === 'close';
  const ofOrder = clientOrderId === null || !executes ? undefined : sql.ofOrder.get(clientOrderId);
  if (ofOrder !== undefined) throw new Error(`order ${clientOrderId} already has command ${ofOrder['command_id']}`);
};

const putCommand = (sql: Statements, command: CommandRecord, unixMs: number): void => {
  const row = COMMANDS.rowOf(command);
  const before = sql.command.get(command.commandId);
  if (before === undefined) {
    refuseDouble(sql, command);
    sql.add.run(row);
  } else {
    refuseChange(command.commandId, before, row);
    sql.replace.run(row);
  }
  sql.transition.run({ ...row, unix_ms: unixMs });
};

const putDeal = (sql: Statements, deal: DealRecord, unixMs: number): void => {
  const row = DEALS.rowOf(deal);
  const before = sql.deal.get(deal.venueId, deal.deal);
  if (before === undefined) sql.addDeal.run(row);
  else {
    const other = Object.keys(row).filter((name) => !REVISED.includes(name) && row[name] !== before[name]);
    if (other.length > 0) throw new Error(`deal ${deal.deal} of ${deal.venueId} is already another one: ${other.join(', ')} differ`);
    if (deal.rev <= (before['rev'] as number)) return;
    sql.reviseDeal.run(row);
  }
  sql.addRevision.run({ ...row, reported_unix_ms: unixMs });
};

/** An Error is a mistake of the caller, a LedgerFault one of the disk: only the latter is classed. */
const refusing = <T>(inTransaction: InTransaction, durability: Durability, work: () => T): T => {
  let refusal: Error | null = null;
  try {
    return inTransaction(durability, () => {
      try {
        return work();
      } catch (error) {
        if (error instanceof Error && error.name === 'Error') refusal = error;
        throw error;
      }
    });
  } catch (error) {
    throw refusal ?? error;
  }
};

export const commandStore = (db: Sqlite, path: string, clock: Clock, inTransaction: InTransaction): CommandStore => {
  const sql = statementsOf(db);
  const commandOf = (row: Row | undefined): CommandRecord | null => (row === undefined ? null : COMMANDS.recordOf(row));
  const bindAccount: CommandStore['bindAccount'] = (venueId, { login, server }) =>
    refusing(inTransaction, 'full', () => {
      const bound = sql.account.get(venueId);
      if (bound === undefined) sql.bind.run(venueId, login, server, clock.unixMs());
      else if (bound.login !== login || bound.server !== server)
        throw new Error(`venue ${venueId} is bound to account ${bound.login} at ${bound.server}, not ${login} at ${server}`);
    });
  return {
    account: (venueId) => guarded(path, () => sql.account.get(venueId) ?? null),
    bindAccount,
    put: (command, durability) => refusing(inTransaction, durability, () => putCommand(sql, command, clock.unixMs())),
    get: (commandId) => guarded(path, () => commandOf(sql.command.get(commandId))),
    ofOrder: (clientOrderId) => guarded(path, () => commandOf(sql.ofOrder.get(clientOrderId))),
    ofMagic: (venueId, magic) => guarded(path, () => commandOf(sql.ofMagic.get(venueId, magic))),
    live: (venueId) => guarded(path, () => sql.live.all(venueId).map(COMMANDS.recordOf)),
    newest: (limit) => guarded(path, () => sql.newest.all(limit).map(COMMANDS.recordOf)),
    putDeals: (deals) =>
      refusing(inTransaction, 'full', () => {
        for (const deal of deals) putDeal(sql, deal, clock.unixMs());
      }),
    deal: (venueId, deal) =>
      guarded(path, () => {
        const row = sql.deal.get(venueId, deal);
        return row === undefined ? null : DEALS.recordOf(row);
      }),
    dealsOfMagic: (venueId, magic) => guarded(path, () => sql.dealsOfMagic.all(venueId, magic).map(DEALS.recordOf)),
    dealsOfPosition: (venueId, positionId) => guarded(path, () => sql.ofPosition.all(venueId, positionId).map(DEALS.recordOf)),
    dealsSince: (venueId, unixMs) => guarded(path, () => sql.since.all(venueId, unixMs).map(DEALS.recordOf)),
    revisions: (venueId, deal) => guarded(path, () => sql.revisions.all(venueId, deal).map(DEALS.recordOf)),
  };
};
