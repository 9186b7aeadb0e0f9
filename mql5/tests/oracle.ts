/**
 * What must hold between the broker's own log, the engine's tables and the ledger, whatever happened on the way. Independent
 * of product code: it compares evidence that each side wrote by itself. Amounts are exact whole numbers of 10⁻¹⁸.
 */
import { exact } from '../../e2e/crash/evidence.ts';

/** A trade request as the broker took it, in order of arrival. */
export interface BrokerRequest {
  readonly unixMs: number;
  readonly magic: number;
  readonly action: 'deal' | 'remove' | 'pending';
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly lots: string;
  /** `0` when opening. */
  readonly position: string;
  readonly deviation: number;
  readonly filling: string;
  readonly comment: string;
  /** What the broker really did, whatever it told the terminal. */
  readonly accepted: boolean;
}
export interface BrokerDeal {
  readonly deal: string;
  readonly order: string;
  readonly positionId: string;
  readonly magic: number;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly entry: string;
  readonly lots: string;
  readonly price: string;
  readonly commission: string;
  readonly swap: string;
  readonly fee: string;
  readonly profit: string;
  /** True UTC, which the EA is never told. */
  readonly unixMs: number;
}
export interface BrokerPosition {
  readonly id: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly lots: string;
  readonly magic: number;
}
export interface BrokerEvidence {
  readonly requests: readonly BrokerRequest[];
  readonly deals: readonly BrokerDeal[];
  readonly positions: readonly BrokerPosition[];
}

/** A row of the engine's command table. */
export interface CommandEvidence {
  readonly commandId: string;
  readonly kind: string;
  readonly magic: number | null;
  readonly clientOrderId: string | null;
  readonly state: string;
  readonly lots: string | null;
  readonly side: string | null;
  readonly symbol: string | null;
  readonly maxDevPoints: number | null;
  readonly deliveries: number;
  readonly cumLots: string;
  readonly endedUnixMs: number | null;
  readonly quarantine: string | null;
  /** Every state it went through, oldest first. */
  readonly states: readonly string[];
}
/** A row of the engine's deal table, at its newest revision. */
export interface DealEvidence {
  readonly deal: string;
  readonly order: string;
  readonly positionId: string;
  readonly magic: number;
  readonly symbol: string;
  readonly side: string | null;
  readonly entry: string;
  readonly lots: string;
  readonly price: string;
  readonly commission: string;
  readonly swap: string;
  readonly fee: string;
  readonly profit: string;
  readonly unixMs: number;
}
/** A fill as the core was told or booked it; money that came later is in its charges. */
export interface FillEvidence {
  readonly tradeId: string;
  readonly clientOrderId: string | null;
  readonly side: string;
  readonly qty: string;
  readonly px: string;
}
export interface EngineEvidence {
  readonly commands: readonly CommandEvidence[];
  readonly deals: readonly DealEvidence[];
  /** Distinct fills; a gateway may push one more than once. */
  readonly fills: readonly FillEvidence[];
}

export interface Judgement {
  readonly broker: BrokerEvidence;
  readonly engine: EngineEvidence;
  readonly magicBase: number;
  /** When a reply with `halt` was first handed to the EA, and until when it held. */
  readonly halts?: readonly { readonly fromUnixMs: number; readonly toUnixMs: number }[];
  /** False while deals may still be on their way: then what is there must be right, and need not be all. */
  readonly settled: boolean;
}

const FINAL = ['done', 'partial', 'rejected', 'expired', 'canceled', 'not-executed'];
const NOTHING_EXECUTED = ['rejected', 'expired', 'canceled', 'not-executed'];
export const MAX_COMMENT = 31;
export const CLOCK_TOLERANCE_MS = 1_000;

/** A stop or a person closes under the magic number of the opening: such a deal is no work of the command. */
const isWorkOf = (command: CommandEvidence, deal: BrokerDeal): boolean =>
  command.magic === deal.magic && (command.kind === 'close') === (deal.entry !== 'in');

const sum = (amounts: readonly string[]): bigint => amounts.reduce((total, text) => total + exact(text), 0n);
const grouped = <T, K>(rows: readonly T[], key: (row: T) => K): Map<K, T[]> => {
  const groups = new Map<K, T[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group === undefined) groups.set(key(row), [row]);
    else group.push(row);
  }
  return groups;
};

/** One command, one accepted request; and each as it was asked for. */
const requestsOf = ({ broker, engine, magicBase }: Judgement): string[] => {
  const wrong: string[] = [];
  const byMagic = new Map(engine.commands.flatMap((command) => (command.magic === null ? [] : [[command.magic, command] as const])));
  for (const [magic, requests] of grouped(broker.requests, (request) => request.magic)) {
    if (magic < magicBase) continue;
    const accepted = requests.filter((request) => request.accepted && request.action === 'deal');
    const command = byMagic.get(magic);
    if (accepted.length > 1) wrong.push(`magic ${magic} was executed ${accepted.length} times`);
    if (command === undefined) {
      wrong.push(`magic ${magic} is no command of the engine, and the broker had ${requests.length} requests of it`);
      continue;
    }
    for (const request of requests) {
      if (request.action !== 'deal') continue;
      const asked = `command ${command.commandId} (${command.kind} ${command.side ?? ''} ${command.lots ?? ''} ${command.symbol ?? ''})`;
      if (command.lots !== null && exact(request.lots) !== exact(command.lots)) wrong.push(`${asked}: sent for ${request.lots} lots`);
      if (command.side !== null && request.side !== command.side) wrong.push(`${asked}: sent as ${request.side}`);
      if (command.kind === 'open' && request.position !== '0') wrong.push(`${asked}: an opening with position ${request.position}`);
      if (command.kind === 'close' && request.position === '0') wrong.push(`${asked}: a close without a position`);
      if (command.maxDevPoints !== null && request.deviation > command.maxDevPoints)
        wrong.push(`${asked}: deviation ${request.deviation} points, allowed ${command.maxDevPoints}`);
      if (request.comment.length > MAX_COMMENT) wrong.push(`${asked}: a comment of ${request.comment.length} characters`);
    }
    if (command.deliveries === 0) wrong.push(`command ${command.commandId} was never delivered, and the broker had it`);
  }
  return wrong;
};

/** What the engine holds of deals is what the broker did: no more, no less, no other figures. */
const dealsOf = ({ broker, engine, magicBase, settled }: Judgement): string[] => {
  const wrong: string[] = [];
  const truth = new Map(broker.deals.map((deal) => [deal.deal, deal]));
  const kept = grouped(engine.deals, (deal) => deal.deal);
  for (const [ticket, rows] of kept) {
    const deal = truth.get(ticket);
    const row = rows[0]!;
    if (rows.length > 1) wrong.push(`deal ${ticket} is kept ${rows.length} times`);
    if (deal === undefined) {
      if (row.side !== null) wrong.push(`deal ${ticket} is kept and the broker never made it`);
      continue;
    }
    for (const field of ['order', 'positionId', 'magic', 'side', 'entry'] as const)
      if (row[field] !== deal[field]) wrong.push(`deal ${ticket}: ${field} is ${String(deal[field])}, kept ${String(row[field])}`);
    for (const field of ['lots', 'price'] as const)
      if (exact(row[field]) !== exact(deal[field])) wrong.push(`deal ${ticket}: ${field} is ${deal[field]}, kept ${row[field]}`);
    for (const field of ['commission', 'swap', 'fee', 'profit'] as const)
      if (settled && exact(row[field]) !== exact(deal[field])) wrong.push(`deal ${ticket}: ${field} is ${deal[field]}, kept ${row[field]}`);
    if (Math.abs(row.unixMs - deal.unixMs) > CLOCK_TOLERANCE_MS)
      wrong.push(`deal ${ticket}: made at ${deal.unixMs}, kept as ${row.unixMs}: ${row.unixMs - deal.unixMs} ms off`);
  }
  if (!settled) return wrong;
  for (const { deal, magic } of broker.deals)
    if (magic >= magicBase && !kept.has(deal)) wrong.push(`deal ${deal} of magic ${magic} never reached the engine`);
  return wrong;
};

/** What a command says of itself is what its deals say. */
const commandsOf = ({ broker, engine, magicBase, settled }: Judgement): string[] => {
  const wrong: string[] = [];
  const byMagic = grouped(broker.deals, (deal) => deal.magic);
  for (const command of engine.commands) {
    const { commandId, state, states, magic, lots, cumLots } = command;
    const changed = states.findIndex((each, i) => FINAL.includes(each) && i < states.length - 1 && states[i + 1] !== each);
    if (changed >= 0) wrong.push(`command ${commandId} left its end: ${states.join(' → ')}`);
    if (magic === null || magic < magicBase) continue;
    const executed = sum((byMagic.get(magic) ?? []).filter((deal) => isWorkOf(command, deal)).map((deal) => deal.lots));
    if (lots !== null && executed > exact(lots)) wrong.push(`command ${commandId} of ${lots} lots was filled beyond them`);
    if (NOTHING_EXECUTED.includes(state) && executed !== 0n)
      wrong.push(`command ${commandId} is ${state}, and the broker executed ${String(executed)}e-18 lots of it`);
    if (state === 'done' && lots !== null && executed !== exact(lots)) wrong.push(`command ${commandId} is done, and not all was executed`);
    if (state === 'partial' && (executed === 0n || (lots !== null && executed >= exact(lots))))
      wrong.push(`command ${commandId} is partial, and ${String(executed)}e-18 of ${lots} was executed`);
    if ((state === 'done' || state === 'partial') && exact(cumLots) !== executed)
      wrong.push(`command ${commandId} counts ${cumLots} lots, the broker ${String(executed)}e-18`);
    if (settled && executed !== 0n && !FINAL.includes(state)) wrong.push(`command ${commandId} was executed and is still ${state}`);
  }
  return wrong;
};

/** Each fill is one deal of the broker's; and all of them are there. */
const fillsOf = ({ broker, engine, magicBase, settled }: Judgement): string[] => {
  const wrong: string[] = [];
  const truth = new Map(broker.deals.map((deal) => [deal.deal, deal]));
  const commandOf = (deal: BrokerDeal): CommandEvidence | undefined => engine.commands.find((command) => isWorkOf(command, deal));
  const told = grouped(engine.fills, (fill) => fill.tradeId);
  for (const [tradeId, fills] of told) {
    const deal = truth.get(tradeId);
    if (fills.length > 1) wrong.push(`fill ${tradeId} is told in ${fills.length} ways`);
    if (deal === undefined) {
      wrong.push(`fill ${tradeId} is no deal of the broker`);
      continue;
    }
    const fill = fills[0]!;
    if (exact(fill.qty) !== exact(deal.lots)) wrong.push(`fill ${tradeId}: ${fill.qty} lots, the broker ${deal.lots}`);
    if (exact(fill.px) !== exact(deal.price)) wrong.push(`fill ${tradeId}: at ${fill.px}, the broker ${deal.price}`);
    if (fill.side !== deal.side) wrong.push(`fill ${tradeId}: ${fill.side}, the broker ${deal.side}`);
    const clientOrderId = commandOf(deal)?.clientOrderId ?? null;
    if (fill.clientOrderId !== clientOrderId)
      wrong.push(`fill ${tradeId} of magic ${deal.magic} is given to ${fill.clientOrderId ?? 'nobody'}`);
  }
  if (settled)
    for (const deal of broker.deals)
      if (deal.magic >= magicBase && commandOf(deal) !== undefined && !told.has(deal.deal))
        wrong.push(`deal ${deal.deal} of magic ${deal.magic} is no fill of the ledger`);
  return wrong;
};

/** The positions that the engine's deals add up to are those the broker holds. */
const positionsOf = ({ broker, engine, magicBase, settled }: Judgement): string[] => {
  if (!settled) return [];
  const wrong: string[] = [];
  const net = new Map<string, bigint>();
  const ours = new Set(engine.deals.filter(({ magic }) => magic >= magicBase).map(({ positionId }) => positionId));
  for (const { positionId, side, lots } of engine.deals) {
    if (side === null) continue;
    net.set(positionId, (net.get(positionId) ?? 0n) + (side === 'buy' ? exact(lots) : -exact(lots)));
  }
  const held = new Map(broker.positions.map(({ id, side, lots }) => [id, side === 'buy' ? exact(lots) : -exact(lots)]));
  for (const id of ours)
    if ((net.get(id) ?? 0n) !== (held.get(id) ?? 0n))
      wrong.push(`position ${id}: deals add up to ${String(net.get(id))}e-18 lots, the broker holds ${String(held.get(id) ?? 0n)}e-18`);
  for (const { id, magic, lots } of broker.positions)
    if (magic >= magicBase && !ours.has(id)) wrong.push(`position ${id} of ${lots} lots (magic ${magic}) is unknown to the engine`);
  return wrong;
};

const haltsOf = ({ broker, magicBase, halts = [] }: Judgement): string[] =>
  broker.requests
    .filter(
      ({ magic, action, unixMs }) =>
        action === 'deal' && magic >= magicBase && halts.some((h) => unixMs > h.fromUnixMs && unixMs < h.toUnixMs),
    )
    .map(({ magic, unixMs }) => `magic ${magic} was sent at ${unixMs}, after the EA had been told to halt`);

/** Everything that is wrong, in words; empty = all agree. */
export const judge = (evidence: Judgement): readonly string[] => [
  ...requestsOf(evidence),
  ...dealsOf(evidence),
  ...commandsOf(evidence),
  ...fillsOf(evidence),
  ...positionsOf(evidence),
  ...haltsOf(evidence),
];
