/**
 * The simulated EA's hands: takes commands, executes each at most once, finds out what became of those whose outcome is
 * unknown. Invariant: `sending` is in the journal before a request leaves, and a command that ever was in it is never sent
 * again. Order of work as PROTOCOL.md has it.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import { ACTION, DEAL_TYPE, FILLING, FILLING_BIT } from '../broker/numbers.ts';
import { emptyRequest, type PositionRecord, type TradeRequest } from '../broker/records.ts';
import { RETCODE, retcodeOf } from '../broker/retcodes.ts';
import type { TerminalSession } from '../broker/terminalSession.ts';
import { objectionTo, standingObjection, type ExpertLimits, type Objection } from './checks.ts';
import { fingerprintOf, type Command } from './command.ts';
import { endOf, evidenceOf, provenBy } from './evidence.ts';
import type { Entry, Journal } from './journal.ts';

/** An unknown one that is nowhere in so many reads over so long was not executed. */
export const ABSENT_READS = 3;
export const ABSENT_MS = 15_000;
const RESOLVE_EVERY_MS = 1_000;
const MINUTE_MS = 60_000;

export interface OrderParts {
  readonly session: TerminalSession;
  readonly journal: Journal;
  readonly limits: ExpertLimits;
  readonly magicBase: number;
  readonly monoMs: () => number;
  readonly unixMs: () => number;
  readonly gates: () => string;
  readonly mode: () => string;
  /** How long the broker takes for the next order. */
  readonly latencyMs: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** Something is to be said about this command. */
  readonly say: (id: string, leaseId: string, duplicate: boolean) => void;
}

interface Pending {
  readonly command: Command;
  readonly receivedMonoMs: number;
}

interface Absence {
  readonly sinceMonoMs: number;
  readonly reads: number;
}

export class ExpertOrders {
  readonly #p: OrderParts;
  readonly #pending = new Map<string, Pending>();
  readonly #absent = new Map<string, Absence>();
  readonly #sentMonoMs: number[] = [];
  #resolvedMonoMs = -Infinity;
  #flatReads = 0;

  constructor(parts: OrderParts) {
    this.#p = parts;
    // What was not begun never left; what it was for may long be over.
    for (const { id, kind } of parts.journal.inState('received'))
      if (kind !== 'flatten')
        parts.journal.write(id, { state: 'expired', error: 'expired', text: 'the terminal ended before it was begun' });
    // What was being sent when the terminal died may or may not have arrived.
    for (const { id } of parts.journal.inState('sending'))
      parts.journal.write(id, { state: 'unknown', text: 'the terminal ended while it was sent' });
  }

  /** A command from a reply that is signed and of this session. */
  take(command: Command): void {
    if (command.kind === 'query') return this.#query(command);
    const known = this.#p.journal.find(command.id);
    if (known !== null) return this.#again(command, known);
    if (command.kind === 'cancel') return this.#cancel(command);
    const { id, num, kind, leaseId, lots, scope } = command;
    const stale = kind !== 'flatten' && num <= this.#p.journal.highest;
    this.#p.journal.write(id, {
      num: stale ? 0 : num,
      fingerprint: fingerprintOf(command),
      leaseId,
      kind,
      lots: lots === '' ? '0' : lots,
      scope,
    });
    if (kind === 'flatten') return this.#beginFlatten(command);
    if (num < this.#p.magicBase)
      return this.#reject(command.id, { error: 'bad_command', text: `number ${num} is below ${this.#p.magicBase}` });
    if (stale) return this.#reject(id, { error: 'stale', text: `number ${num} is not above ${this.#p.journal.highest}` });
    this.#pending.set(id, { command, receivedMonoMs: this.#p.monoMs() });
    this.#p.say(id, leaseId, false);
  }

  /** Whether something waits to be begun; its `received` is said first. */
  get hasPending(): boolean {
    return this.#pending.size > 0;
  }

  /** One thing a turn: begins what waits, else looks after what is open: unknown outcomes, resting orders, a flatten under way. */
  async turn(): Promise<void> {
    const [next] = this.#pending.values();
    if (next !== undefined) return this.#beginNext(next);
    const now = this.#p.monoMs();
    if (now - this.#resolvedMonoMs >= RESOLVE_EVERY_MS) {
      this.#resolvedMonoMs = now;
      for (const entry of this.#p.journal.inState('unknown', 'accepted')) this.#resolve(entry);
    }
    const flatten = this.#p.journal.inState('received').find((e) => e.kind === 'flatten');
    if (flatten !== undefined) await this.#flattenOne(flatten);
  }

  ownPositions(): PositionRecord[] {
    return [...this.#p.session.book().positions.values()].filter((p) => p.magic >= this.#p.magicBase);
  }

  async #beginNext({ command, receivedMonoMs }: Pending): Promise<void> {
    this.#pending.delete(command.id);
    if (this.#p.monoMs() - receivedMonoMs >= command.ttlMs)
      this.#end(command.id, 'expired', { error: 'expired', text: 'its time was over' });
    else await this.#execute(command, receivedMonoMs);
  }

  #again(command: Command, known: Entry): void {
    if (known.fingerprint !== '' && known.fingerprint !== fingerprintOf(command)) {
      // Said of the id, not written: what the journal has of it stays true.
      this.#p.say(`${command.id}|conflict`, command.leaseId, true);
      return;
    }
    this.#p.journal.write(command.id, { leaseId: command.leaseId, acknowledged: false });
    this.#p.say(command.id, command.leaseId, true);
  }

  async #execute(command: Command, receivedMonoMs: number): Promise<void> {
    const { session, journal, limits, gates, mode } = this.#p;
    const symbol = session.symbol(command.symbol);
    const recent = this.#sentMonoMs.filter((at) => at > this.#p.monoMs() - MINUTE_MS).length;
    const ownLots = this.ownPositions().reduce((sum, p) => sum.plus(p.volume), new Decimal(0));
    const serverMs = session.timeTradeServerS() * 1_000;
    const quote = session.quote(command.symbol);
    const objection = objectionTo(command, { mode: mode(), gates: gates(), symbol, quote, serverMs, ownLots, recent, limits });
    if (objection !== null) return this.#reject(command.id, objection);
    const position = [...session.book().positions.values()].find((p) => p.identifier === command.positionId);
    if (command.kind === 'close' && position === undefined)
      return this.#reject(command.id, { error: 'position_gone', text: `no position ${command.positionId}` });
    if (position !== undefined && new Decimal(command.lots).gt(position.volume))
      return this.#reject(command.id, { error: 'volume', text: `${command.lots} lots of a position of ${position.volume}` });
    const request = this.#requestOf(command, position);
    if (command.kind === 'open' && session.check(request) === RETCODE.noMoney)
      return this.#reject(command.id, { error: 'margin', text: 'the free margin does not suffice' });
    journal.write(command.id, { state: 'sending', sentUnixMs: this.#p.unixMs(), queueMs: Math.round(this.#p.monoMs() - receivedMonoMs) });
    await this.#send(command.id, request);
  }

  async #send(id: string, request: TradeRequest): Promise<void> {
    const { session, journal, latencyMs, pause, monoMs, gates } = this.#p;
    const begun = monoMs();
    this.#sentMonoMs.push(begun);
    if (this.#sentMonoMs.length > this.#p.limits.maxCommandsMinute) this.#sentMonoMs.shift();
    const latency = latencyMs();
    const refused = session.refusal(request);
    await pause(latency / 2);
    const answer = refused ?? session.deliver(request, session.nextRequestId());
    await pause(latency / 2);
    const { retcode, order } = answer;
    const entry = journal.write(id, {
      retcode,
      brokerMs: Math.round(monoMs() - begun),
      ...(order === 0 ? {} : { order }),
      text: answer.comment,
    });
    const verdict = retcodeOf(retcode).class;
    if (verdict === 'executed') this.#settle(entry);
    else if (verdict === 'open') this.#say(journal.write(id, { state: 'accepted' }));
    else if (verdict === 'unknown' && refused === null) this.#say(journal.write(id, { state: 'unknown' }));
    else this.#end(id, 'rejected', { error: refused === null ? '' : session.connected ? gates() : 'disconnected', text: answer.comment });
  }

  #settle(entry: Entry): void {
    const found = evidenceOf(this.#p.session.book(), entry.num, entry.kind);
    if (found.active || found.cumLots === '0') this.#say(this.#p.journal.write(entry.id, { state: found.active ? 'accepted' : 'unknown' }));
    else this.#say(this.#p.journal.write(entry.id, { ...provenBy(found), state: endOf(found.cumLots, entry.lots) }));
  }

  /** The truth is in the lists; nothing there, for long enough, is a truth too. */
  #resolve(entry: Entry): void {
    const { session, journal, monoMs } = this.#p;
    if (!session.connected) return;
    const found = evidenceOf(session.book(), entry.num, entry.kind);
    if (found.active) {
      if (entry.state !== 'accepted') this.#say(journal.write(entry.id, { state: 'accepted', order: found.order }));
    } else if (found.cumLots !== '0') this.#say(journal.write(entry.id, { ...provenBy(found), state: endOf(found.cumLots, entry.lots) }));
    else if (found.order !== 0) this.#end(entry.id, 'rejected', { error: '', text: 'the order ended without a deal' }, RETCODE.reject);
    else {
      const { sinceMonoMs, reads } = this.#absent.get(entry.id) ?? { sinceMonoMs: monoMs(), reads: 0 };
      this.#absent.set(entry.id, { sinceMonoMs, reads: reads + 1 });
      if (reads + 1 < ABSENT_READS || monoMs() - sinceMonoMs < ABSENT_MS) return;
      this.#end(entry.id, 'not_executed', { error: '', text: 'nowhere in orders, positions and history' });
    }
    this.#absent.delete(entry.id);
  }

  /** The answer is an ack for the target. What was never received is written down, so that a late delivery cannot run it. */
  #query(command: Command): void {
    const { journal, session } = this.#p;
    const known = journal.find(command.targetId);
    if (known?.state === 'unknown' || known?.state === 'accepted') this.#resolve(known);
    if (known === null) {
      const found = evidenceOf(session.book(), command.num, '');
      const none = found.active ? 'accepted' : 'not_executed';
      const state = found.cumLots === '0' ? none : endOf(found.cumLots, found.lots);
      journal.write(command.targetId, { num: command.num, state, ...provenBy(found), lots: found.lots, text: 'not in the journal' });
    }
    journal.write(command.targetId, { acknowledged: false });
    this.#p.say(command.targetId, journal.find(command.targetId)!.leaseId, true);
  }

  #cancel(command: Command): void {
    const { journal, session } = this.#p;
    journal.write(command.id, { fingerprint: fingerprintOf(command), kind: 'cancel', leaseId: command.leaseId });
    const target = journal.find(command.targetId);
    const begun = target !== null && target.state !== 'received';
    this.#pending.delete(command.targetId);
    if (!begun) journal.write(command.targetId, { state: 'canceled', text: 'called back before it was begun' });
    const resting = target?.state === 'accepted' && session.book().orders.has(target.order);
    if (resting) {
      session.deliver({ ...emptyRequest, action: ACTION.remove, order: target.order }, session.nextRequestId());
      this.#resolve(target);
    }
    if (!begun || resting) this.#end(command.id, 'done', { error: '', text: '' });
    else this.#reject(command.id, { error: 'too_late', text: `the command is ${target.state}` });
    this.#p.say(command.targetId, target?.leaseId ?? '', true);
  }

  #beginFlatten(command: Command): void {
    const objection = standingObjection('flatten', { mode: this.#p.mode(), gates: this.#p.gates() });
    if (objection !== null) this.#reject(command.id, objection);
    else this.#p.say(command.id, command.leaseId, false);
    this.#flatReads = 0;
  }

  /** A target state: one position a turn, until two reads show none. */
  async #flattenOne(entry: Entry): Promise<void> {
    if (standingObjection('flatten', { mode: this.#p.mode(), gates: this.#p.gates() }) !== null) return;
    const { session, latencyMs, pause, limits, monoMs } = this.#p;
    const position = this.ownPositions().find((p) => entry.scope === 'own' || p.symbol === entry.scope);
    this.#flatReads = position === undefined ? this.#flatReads + 1 : 0;
    if (this.#flatReads >= 2) return this.#end(entry.id, 'done', { error: '', text: 'no position is left' });
    const recent = this.#sentMonoMs.filter((at) => at > monoMs() - MINUTE_MS).length;
    if (position === undefined || recent >= limits.maxCommandsMinute) return;
    this.#sentMonoMs.push(monoMs());
    const latency = latencyMs();
    await pause(latency);
    const type = position.type === 0 ? 1 : 0;
    const asked = { action: ACTION.deal, symbol: position.symbol, volume: position.volume, type, position: position.ticket };
    const answer = session.deliver(
      { ...emptyRequest, ...asked, filling: this.#fillingOf(position.symbol), magic: position.magic },
      session.nextRequestId(),
    );
    const verdict = retcodeOf(answer.retcode).class;
    if (verdict === 'refused') this.#end(entry.id, 'rejected', { error: '', text: answer.comment }, answer.retcode);
  }

  #requestOf(command: Command, position: PositionRecord | undefined): TradeRequest {
    return {
      ...emptyRequest,
      action: ACTION.deal,
      symbol: command.symbol,
      volume: command.lots,
      type: command.side === 'buy' ? DEAL_TYPE.buy : DEAL_TYPE.sell,
      filling: this.#fillingOf(command.symbol),
      price: command.limitPrice,
      deviation: command.maxDevPoints,
      magic: command.num,
      comment: command.comment,
      position: position?.ticket ?? 0,
    };
  }

  /** IOC where the symbol has it, else FOK, else RETURN. */
  #fillingOf(name: string): number {
    const bits = this.#p.session.symbol(name)?.filling ?? 0;
    if ((bits & FILLING_BIT.ioc) !== 0) return FILLING.ioc;
    return (bits & FILLING_BIT.fok) === 0 ? FILLING.return : FILLING.fok;
  }

  #reject(id: string, objection: Objection): void {
    this.#end(id, 'rejected', objection);
  }

  #end(id: string, state: Entry['state'], { error, text }: Objection, retcode?: number): void {
    this.#say(this.#p.journal.write(id, { state, error, text, ...(retcode === undefined ? {} : { retcode }) }));
  }

  #say(entry: Entry): void {
    this.#p.say(entry.id, entry.leaseId, false);
  }
}
