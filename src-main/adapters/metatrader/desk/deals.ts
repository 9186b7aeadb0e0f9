/**
 * Deals of the terminal: kept once, then told to the engine as fills of our orders and as charges that came later. Identity is
 * the deal's ticket. Invariants: on disk before the EA is answered; only money may change, with a higher revision, and every
 * revision is kept; what contradicts a kept deal is alarmed and not believed; other people's deals are kept and never touched.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import { isFinalCommand, type CommandRecord, type DealRecord } from '../../../../src-shared/domain/metatrader.ts';
import type { ChargeReport } from '../../../../src-shared/domain/order.ts';
import { MS_PER_HOUR, US_PER_MS } from '../../../../src-shared/domain/units.ts';
import type { WireDeal } from '../tradeWire.ts';
import type { CommandBook } from './book.ts';
import type { Latencies } from '../../../../src-shared/domain/latencies.ts';
import { isOwnMagic, type DeskFrame } from './parts.ts';
import { closedByOthers, executionsOf, fillOf, isExecution, lotsOf, paidFor, sumOf } from './standing.ts';

/**
 * Charges of deals this young are told again after a restart, and after some could not be told: the engine knows which it has.
 * Not at each session: it remembers so many trades, and the oldest leave.
 */
export const CHARGES_AGAIN_MS = 48 * MS_PER_HOUR;

export interface Deals {
  /** @throws LedgerFault; nothing of it is kept then */
  take(deals: readonly WireDeal[], offsetMs: number): void;
  /** Goes on with what a fault kept from being told. */
  drain(): void;
  /** Late money of the last days: what this run has not told yet, or all of it once more. */
  tellChargesAgain(which: 'untold' | 'all'): void;
}

interface DealParts {
  readonly frame: DeskFrame;
  readonly book: CommandBook;
  readonly toDeal: Latencies;
  /** A command of ours has changed by its deals. */
  readonly changed: (record: CommandRecord) => void;
  /** A position of ours was changed by somebody else. */
  readonly touched: (why: string) => void;
}

const MONEY = ['commission', 'swap', 'fee', 'profit'] as const;
const FIXED = ['order', 'positionId', 'magic', 'symbol', 'side', 'entry', 'lots', 'price', 'timeMsc', 'reason'] as const;

const sameMoney = (p: DealRecord, q: DealRecord): boolean => MONEY.every((field) => new Decimal(p[field]).eq(q[field]));

export const createDeals = ({ frame, book, toDeal, changed, touched }: DealParts): Deals => {
  const { store, venue } = frame;
  const bySymbol = new Map(frame.instruments.map(({ id, symbol }) => [symbol, id]));
  const untold: DealRecord[] = [];
  /** Charges that this run has told, of the last days. */
  const toldCharges = new Map<string, number>();

  const recordOf = (deal: WireDeal, offsetMs: number): DealRecord => ({
    venueId: venue.id,
    deal: deal.deal,
    rev: deal.rev,
    order: deal.order,
    positionId: deal.position_id,
    magic: deal.magic,
    own: isOwnMagic(frame, deal.magic),
    instrumentId: bySymbol.get(deal.symbol) ?? null,
    symbol: deal.symbol,
    side: deal.side,
    entry: deal.entry,
    lots: deal.lots,
    price: deal.price,
    commission: deal.commission,
    swap: deal.swap,
    fee: deal.fee,
    profit: deal.profit,
    timeMsc: deal.time_msc,
    unixMs: deal.time_msc - offsetMs,
    reason: deal.reason,
  });

  /** What is new in it; a text = what cannot be; null = nothing. */
  const newsIn = (told: DealRecord): DealRecord | string | null => {
    const known = store.deal(venue.id, told.deal);
    if (known === null) return told;
    const other = FIXED.filter((field) => told[field] !== known[field]);
    if (other.length > 0) return `it was reported with other ${other.join(', ')} before`;
    // Its moment was translated when it was first seen, and its instrument is the one of then.
    if (told.rev > known.rev) return { ...told, unixMs: known.unixMs, instrumentId: known.instrumentId, own: known.own };
    const same = told.rev === known.rev ? known : store.revisions(venue.id, told.deal).find(({ rev }) => rev === told.rev);
    return same === undefined || sameMoney(same, told) ? null : `its revision ${told.rev} was reported with other money before`;
  };

  const contradict = (deal: DealRecord, why: string): void => {
    const text = `deal ${deal.deal} at ${venue.id}: ${why}`;
    const command = deal.own ? book.ofMagic(deal.magic) : null;
    if (command === null) frame.alarm('mt5-contradiction', text);
    else frame.quarantine(command, text);
  };

  const charge = (deal: DealRecord, before: DealRecord | null, opener: DealRecord, command: CommandRecord): ChargeReport | null => {
    const amount = paidFor(deal).minus(before === null ? 0 : paidFor(before));
    if (amount.isZero() || command.clientOrderId === null || command.instrumentId === null) return null;
    const why = deal.side === null ? (deal.reason === '' ? 'charge' : deal.reason) : `correction ${deal.rev}`;
    return {
      venueId: venue.id,
      instrumentId: command.instrumentId,
      chargeId: `${deal.deal}#${deal.rev}`,
      tradeId: opener.deal,
      clientOrderId: command.clientOrderId,
      amount: amount.toFixed(),
      ccy: frame.currency() ?? '',
      venueUnixMs: deal.unixMs,
      why,
    };
  };
  /** The execution that a deal's money belongs to: itself, or the one that opened the position. */
  const openerOf = (deal: DealRecord): DealRecord | null => {
    if (deal.side !== null) return deal;
    if (deal.positionId === '0') return null;
    return store.dealsOfPosition(venue.id, deal.positionId).find((each) => each.own && each.side !== null) ?? null;
  };
  /** Of one revision; a first one of an execution is in its fill. */
  const tellCharge = (deal: DealRecord): void => {
    const revisions = store.revisions(venue.id, deal.deal);
    const before = revisions[revisions.findIndex(({ rev }) => rev === deal.rev) - 1] ?? null;
    if (before === null && deal.side !== null) return;
    const opener = openerOf(deal);
    const command = opener?.own === true ? book.ofMagic(opener.magic) : null;
    if (opener === null || command === null || (deal.side !== null && !isExecution(command, deal))) return;
    const report = charge(deal, before, opener, command);
    if (report === null || toldCharges.has(report.chargeId)) return;
    toldCharges.set(report.chargeId, deal.unixMs);
    frame.pushes.give({ type: 'charge', charge: report });
  };

  /** A command that has ended is measured by the host's clock: its monotonic times are gone. */
  const noteLatency = ({ commandId, deliveredUnixMs }: CommandRecord): void => {
    const deliveredUs = book.entries.get(commandId)?.deliveredUs ?? null;
    if (deliveredUs !== null) toDeal.note((frame.clock.monoUs() - deliveredUs) / US_PER_MS);
    else if (deliveredUnixMs !== null) toDeal.note(Math.max(0, frame.clock.unixMs() - deliveredUnixMs));
  };
  /** Executions add up: beyond what was asked for nobody is believed, and the whole of it is an end. */
  const addUp = (command: CommandRecord, deal: DealRecord): void => {
    if (command.firstDealUnixMs === null) noteLatency(command);
    const sum = sumOf(executionsOf(store, command));
    const lots = lotsOf(command);
    const whole = !isFinalCommand(command.state) && sum.eq(lots);
    const ended = whole ? ({ state: 'done', why: 'its deals add up to the whole of it', cumLots: lots.toFixed() } as const) : {};
    const first = { firstDealUnixMs: command.firstDealUnixMs ?? frame.clock.unixMs(), order: command.order ?? deal.order };
    // The deal itself is on disk already; only an end must be, too, before anybody hears of it.
    const next = book.change(command, { ...first, ...ended }, whole ? 'full' : 'normal');
    if (sum.gt(lots)) frame.quarantine(next, `its deals add up to ${sum.toFixed()} lots, ${lots.toFixed()} were asked for`);
    else if (sum.gt(next.cumLots) && next.state === 'partial')
      frame.quarantine(next, `its deals add up to ${sum.toFixed()} lots, it ended with ${next.cumLots}`);
    else if (sum.gt(0) && isFinalCommand(next.state) && next.state !== 'done' && next.state !== 'partial')
      frame.quarantine(next, `it ended as ${next.state}, and yet deal ${deal.deal} executed ${deal.lots} lots of it`);
    changed(next);
  };

  /** The engine must have it before it sees the position gone. */
  const tellClosedByOthers = (deal: DealRecord): void => {
    const fill = closedByOthers(deal, frame.currency() ?? '');
    if (fill !== null) frame.pushes.give({ type: 'fill', fill });
  };
  const tellExecution = (deal: DealRecord): void => {
    const command = book.ofMagic(deal.magic);
    if (command === null) {
      // A flatten of the EA's bears a number that no command has.
      tellClosedByOthers(deal);
      return frame.alarm(
        'mt5-unknown-deal',
        `deal ${deal.deal} at ${venue.id} bears our number ${deal.magic}, which the ledger does not have`,
      );
    }
    if (!isExecution(command, deal)) {
      tellClosedByOthers(deal);
      const what = `${deal.side} ${deal.lots} ${deal.symbol} by deal ${deal.deal} (${deal.reason})`;
      return touched(`not by a command of ours: ${what}, of position ${deal.positionId}`);
    }
    frame.pushes.give({ type: 'fill', fill: fillOf(store, command, deal, frame.currency() ?? '') });
    addUp(command, deal);
  };

  const tell = (deal: DealRecord): void => {
    const first = store.revisions(venue.id, deal.deal)[0]?.rev === deal.rev;
    if (deal.side === null || !first) return tellCharge(deal);
    if (deal.own) return tellExecution(deal);
    const ours = deal.entry !== 'in' && store.dealsOfPosition(venue.id, deal.positionId).some(({ own }) => own);
    if (ours) tellClosedByOthers(deal);
    if (ours) touched(`${deal.side} ${deal.lots} ${deal.symbol} by deal ${deal.deal} (${deal.reason}) on our position ${deal.positionId}`);
  };
  const drain = (): void => {
    for (let deal = untold[0]; deal !== undefined; deal = untold[0]) {
      tell(deal);
      untold.shift();
    }
  };

  return {
    take(told, offsetMs) {
      const judged = told.map((deal) => recordOf(deal, offsetMs)).map((deal) => ({ deal, news: newsIn(deal) }));
      const fresh = judged.flatMap(({ news }) => (news === null || typeof news === 'string' ? [] : [news]));
      if (fresh.length > 0) store.putDeals(fresh);
      untold.push(...fresh);
      for (const { deal, news } of judged) if (typeof news === 'string') contradict(deal, news);
      drain();
    },
    drain,
    tellChargesAgain(which) {
      const sinceUnixMs = frame.clock.unixMs() - CHARGES_AGAIN_MS;
      for (const [id, unixMs] of toldCharges) if (which === 'all' || unixMs < sinceUnixMs) toldCharges.delete(id);
      for (const deal of store.dealsSince(venue.id, sinceUnixMs)) {
        const late = deal.rev > 0 || deal.side === null;
        if (late) for (const revision of store.revisions(venue.id, deal.deal)) tellCharge(revision);
      }
    },
  };
};
