/**
 * What exchanges executed by themselves: each closes what we hold of its instrument, in parts of the engine's choosing that add up to
 * it, none larger than what its leg holds, and none twice (I2, I10, I11).
 */
import type { FillRecord, FillReport } from '../../../src-shared/domain/order.ts';
import { tradeKeyOf, type Account } from './account.ts';
import { EPSILON, type Truth, type TruthTrade } from './truth.ts';
import { Violation } from './violation.ts';

interface Act {
  readonly fill: FillReport;
  readonly baseQtyPerUnit: number;
  readonly parts: Map<string, TruthTrade>;
  /** It was told to the engine in this life, or a part of it is committed. */
  heard: boolean;
  /** It was told in some life. */
  everHeard: boolean;
  /** Operators had taken something of the instrument out when it was first told, or, before that, when it was executed. */
  settled: boolean;
}

const FEE_EPSILON = 1e-7;
/** Further parts of a trade bear its id and a number. */
const wholeKeyOf = (key: string): string => key.split('/')[0]!;

export class Acts {
  readonly #truth: Truth;
  readonly #acts = new Map<string, Act>();
  /** What exchanges closed that never was ours. */
  readonly #foreign = new Set<string>();

  constructor(truth: Truth) {
    this.#truth = truth;
  }

  acted(fill: FillReport, baseQtyPerUnit: number, account: Account): void {
    const settled = hasSettled(account, fill);
    this.#acts.set(tradeKeyOf(fill), { fill, baseQtyPerUnit, parts: new Map(), heard: false, everHeard: false, settled });
  }

  foreign(fill: FillReport): void {
    this.#foreign.add(tradeKeyOf(fill));
  }

  /** Something of ours was done at that instrument in no way, nor is under way, so that an act there is somebody else's. */
  isClear(instrumentId: string): boolean {
    return !this.unbooked().has(instrumentId);
  }

  told(key: string, account: Account): void {
    const act = this.#acts.get(key);
    if (act === undefined) return;
    act.heard = true;
    if (!act.everHeard) act.settled = hasSettled(account, act.fill);
    act.everHeard = true;
  }

  /** @returns whether the booked fill belongs to an act; `account` does not hold it yet */
  booked(fill: FillRecord, account: Account, nowMs: number): boolean {
    const key = tradeKeyOf(fill);
    if (this.#foreign.has(wholeKeyOf(key)))
      throw new Violation(
        'I2',
        nowMs,
        `act ${fill.tradeId} of ${fill.venueId}: booked on ${fill.groupId}/${fill.leg}, and it closed nothing of ours`,
      );
    const act = this.#acts.get(wholeKeyOf(key));
    if (act === undefined) return false;
    const fail = (invariant: Violation['invariant'], text: string): never => {
      throw new Violation(invariant, nowMs, `act ${fill.tradeId} of ${fill.venueId}: ${text}`);
    };
    if (account.booked.has(key)) fail('I11', 'booked twice');
    if (!act.heard) fail('I2', 'booked, and nobody told the engine of it');
    if (fill.clientOrderId !== null) fail('I2', 'booked as an order of ours');
    if (fill.px !== act.fill.px || fill.side !== act.fill.side) fail('I2', `booked as ${fill.side} at ${fill.px}`);
    const group = account.groups.get(fill.groupId);
    if (group === undefined || group.legs[fill.leg].instrumentId !== fill.instrumentId) fail('I2', `booked on ${fill.groupId}/${fill.leg}`);
    const baseQty = Number(fill.qty) * act.baseQtyPerUnit;
    if (Math.abs(baseQty - Number(fill.baseQty)) > EPSILON) fail('I2', `booked as ${fill.baseQty} base`);
    const held = this.#truth.legBase(fill.groupId, fill.leg, 'heard') - settledBase(account, fill, act.baseQtyPerUnit);
    const after = held + (fill.side === 'buy' ? baseQty : -baseQty);
    if (Math.abs(after) > Math.abs(held) || held * after < -EPSILON)
      fail('I2', `took leg ${fill.leg} of ${fill.groupId} from ${held} to ${after}`);
    act.parts.set(key, this.#truth.addPart(fill, fill.groupId, fill.leg, baseQty, nowMs));
    const left = this.#left(act);
    if (left < -EPSILON) fail('I2', `${-left} more booked than was executed`);
    const fees = [...act.parts.values()].reduce((sum, part) => sum + Number(part.fill.fee), 0);
    if (Math.abs(left) <= EPSILON && Math.abs(fees - Number(act.fill.fee)) > FEE_EPSILON)
      fail('I10', `fees of ${fees}, the venue took ${act.fill.fee}`);
    return true;
  }

  #left({ fill, parts }: Act): number {
    return [...parts.values()].reduce((left, part) => left - Number(part.fill.qty), Number(fill.qty));
  }

  /** Acts that closed something of ours for certain, and are not wholly booked. */
  missing(): readonly string[] {
    return [...this.#acts.values()]
      .filter((act) => !act.settled && this.#left(act) > EPSILON)
      .map(
        (act) =>
          `${act.fill.side} ${act.fill.qty} ${act.fill.instrumentId} by the exchange (${act.fill.tradeId}), ${this.#left(act)} never booked`,
      );
  }

  /** Executed and not booked, by instrument, signed as the position moved, venue's unit. */
  unbooked(): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    for (const act of this.#acts.values()) {
      const signed = this.#left(act) * (act.fill.side === 'buy' ? 1 : -1);
      if (Math.abs(signed) > EPSILON) sums.set(act.fill.instrumentId, (sums.get(act.fill.instrumentId) ?? 0) + signed);
    }
    return sums;
  }

  /** The process died: what it booked and did not commit, it no longer knows. */
  forget(isCommitted: (key: string) => boolean): void {
    for (const act of this.#acts.values()) {
      for (const [key, part] of act.parts) {
        if (isCommitted(key)) continue;
        act.parts.delete(key);
        this.#truth.removePart(part);
      }
      act.heard = act.parts.size > 0;
    }
  }
}

const hasSettled = (account: Account, { instrumentId }: FillReport): boolean =>
  Math.abs(account.settledQty.get(instrumentId) ?? 0) > EPSILON;

/** Signed base that operators took out of the leg. */
const settledBase = (account: Account, { groupId, leg }: FillRecord, baseQtyPerUnit: number): number => {
  const record = account.groups.get(groupId)?.legs[leg];
  return record === undefined ? 0 : Number(record.settledQty ?? 0) * baseQtyPerUnit * (record.side === 'buy' ? 1 : -1);
};
