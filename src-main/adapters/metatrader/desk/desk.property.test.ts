/**
 * Random lives of a desk beside an EA that keeps a journal and a broker that executes: words lost, repeated and late, kills of
 * either side at any moment, a gate that opens and shuts, money that comes later. Whatever happens, at the end both sides talk
 * it out, and then nothing is executed twice, nothing is lost, and nobody was told two things of one order.
 */
import { array, assert, asyncProperty, boolean, constant, constantFrom, nat, oneof, record, type Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import { isFinalCommand } from '../../../../src-shared/domain/metatrader.ts';
import type { FillReport, OrderRef, OrderRequest, PlaceOutcome } from '../../../../src-shared/domain/order.ts';
import type { ControlInput } from '../../../core/events.ts';
import { handClock } from '../../ledger/ledger.testkit.ts';
import { openArchive } from '../../ledger/ledger.ts';
import type { WireCommand } from '../replyWire.ts';
import type { AckRequest, WireDeal } from '../tradeWire.ts';
import { ack, closing, deskWorld, OFFSET_MS, order, refOf, settled, snapshotPart, T0, wireDeal, type DeskWorld } from './desk.testkit.ts';

type Act =
  | { readonly do: 'place'; readonly close: boolean }
  | { readonly do: 'cancel' | 'query'; readonly which: number }
  | { readonly do: 'gate'; readonly open: boolean }
  /** The EA asks; the answer may be lost, and is then asked for again. */
  | { readonly do: 'poll'; readonly lost: boolean }
  /** The EA does the next thing in its hands: the broker executes all, a part, nothing, or does not say. */
  | { readonly do: 'work'; readonly fate: 'whole' | 'part' | 'refused' | 'silent' | 'never' }
  /** The EA says what it has not said, or says all of it once more. */
  | { readonly do: 'say'; readonly lost: boolean; readonly again: boolean }
  | { readonly do: 'late-money'; readonly which: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'restart'; readonly clean: boolean }
  | { readonly do: 'ea-restart' };

const act: Arbitrary<Act> = oneof(
  { weight: 5, arbitrary: record({ do: constant('place' as const), close: boolean() }) },
  { weight: 2, arbitrary: record({ do: constantFrom('cancel' as const, 'query' as const), which: nat(9) }) },
  { weight: 1, arbitrary: record({ do: constant('gate' as const), open: boolean() }) },
  { weight: 8, arbitrary: record({ do: constant('poll' as const), lost: boolean() }) },
  {
    weight: 6,
    arbitrary: record({
      do: constant('work' as const),
      fate: constantFrom('whole', 'part', 'refused', 'silent', 'never' as const),
    }),
  },
  { weight: 6, arbitrary: record({ do: constant('say' as const), lost: boolean(), again: boolean() }) },
  { weight: 1, arbitrary: record({ do: constant('late-money' as const), which: nat(9) }) },
  { weight: 4, arbitrary: record({ do: constant('wait' as const), ms: constantFrom(20, 300, 1_999, 2_000, 5_000, 13_000) }) },
  { weight: 1, arbitrary: record({ do: constant('restart' as const), clean: boolean() }) },
  { weight: 1, arbitrary: record({ do: constant('ea-restart' as const) }) },
);

const place = { do: 'place', close: false } as const;
const poll = { do: 'poll', lost: false } as const;
const whole = { do: 'work', fate: 'whole' } as const;
const say = { do: 'say', lost: false, again: false } as const;
const killed = { do: 'restart', clean: false } as const;
/** What chance alone meets too seldom. */
const SCENES: readonly (readonly Act[])[] = [
  [place, place, poll, { do: 'gate', open: false }, { do: 'wait', ms: 2_000 }, poll, poll, { do: 'gate', open: true }],
  [place, place, poll, whole, killed, say],
  [place, place, { do: 'poll', lost: true }, killed, poll, poll],
  [place, place, poll, whole, { do: 'say', lost: true, again: false }, { do: 'restart', clean: true }, say],
  [place, place, poll, { do: 'wait', ms: 1_999 }, poll, { do: 'wait', ms: 2_000 }, poll, poll],
  [place, poll, { do: 'work', fate: 'silent' }, { do: 'wait', ms: 13_000 }, { do: 'query', which: 0 }, poll, say],
];
const acts: Arbitrary<readonly Act[]> = array(
  oneof({ weight: 8, arbitrary: act.map((each): readonly Act[] => [each]) }, { weight: 1, arbitrary: constantFrom(...SCENES) }),
  { minLength: 8, maxLength: 40 },
).map((scenes) => scenes.flat());

interface Line {
  readonly command: WireCommand;
  readonly receivedMs: number;
  state: AckRequest['state'];
  retcode: number;
  lots: number;
  said: boolean;
}

/** What an EA keeps on its disk, and what a broker does; all of it outlives both processes. */
class Terminal {
  readonly journal = new Map<string, Line>();
  readonly deals = new Map<string, WireDeal>();
  readonly revisions = new Map<string, Set<number>>();
  readonly executed = new Map<number, number>();
  readonly contents = new Map<string, string>();
  #tickets = 100;
  highest = 0;
  untold = new Set<string>();

  /** A delivery. Same id, same content; a target that was called back can never begin. */
  receive(command: WireCommand, nowMs: number): void {
    const { lease_id: _lease, ttl_ms: ttl, lease_ms: _ms, ...content } = command;
    expect(ttl).toBeGreaterThan(0);
    const known = this.contents.get(command.command_id);
    if (known !== undefined) expect(JSON.stringify(content)).toBe(known);
    this.contents.set(command.command_id, JSON.stringify(content));
    if (command.kind === 'cancel') this.#cancel(command.target_id, command, nowMs);
    else if (command.kind === 'query') this.#query(command.target_id, command, nowMs);
    else if (!this.journal.has(command.command_id)) {
      // The EA would answer `stale`: an order lost for nothing.
      expect(Number(command.num), 'delivered below the highest number').toBeGreaterThan(this.highest);
      this.highest = Number(command.num);
      this.#write(command, nowMs, 'received');
    } else this.journal.get(command.command_id)!.said = false;
  }
  #write(command: WireCommand, nowMs: number, state: Line['state']): void {
    this.journal.set(command.command_id, { command, receivedMs: nowMs, state, retcode: 0, lots: 0, said: false });
  }
  #cancel(target: string, command: WireCommand, nowMs: number): void {
    const line = this.journal.get(target);
    if (line === undefined) this.journal.set(target, { command, receivedMs: nowMs, state: 'canceled', retcode: 0, lots: 0, said: false });
    else if (line.state === 'received') Object.assign(line, { state: 'canceled', said: false });
    else line.said = false;
    this.#write(command, nowMs, this.journal.get(target)!.state === 'canceled' ? 'done' : 'rejected');
  }
  #query(target: string, command: WireCommand, nowMs: number): void {
    const line = this.journal.get(target);
    if (line === undefined)
      this.journal.set(target, { command, receivedMs: nowMs, state: 'not_executed', retcode: 0, lots: 0, said: false });
    else line.said = false;
    this.#write(command, nowMs, 'done');
  }
  /** The oldest command that has not begun. */
  work(fate: Extract<Act, { do: 'work' }>['fate'], nowMs: number): void {
    const line = [...this.journal.values()].find(
      ({ state, command }) => state === 'received' && (command.kind === 'open' || command.kind === 'close'),
    );
    if (line === undefined) return;
    line.said = false;
    if (nowMs - line.receivedMs >= line.command.ttl_ms) {
      line.state = 'expired';
      return;
    }
    if (fate === 'refused') Object.assign(line, { state: 'rejected', retcode: 10_006 });
    else if (fate === 'never') Object.assign(line, { state: 'unknown', retcode: 10_012 });
    else {
      const lots = fate === 'part' ? 0.04 : 0.1;
      this.#execute(line, lots);
      line.state = fate === 'silent' ? 'unknown' : fate === 'part' ? 'partial' : 'done';
      line.retcode = fate === 'silent' ? 10_012 : fate === 'part' ? 10_010 : 10_009;
      line.lots = fate === 'silent' ? 0 : lots;
    }
  }
  #execute({ command }: Line, lots: number): void {
    const magic = Number(command.num);
    this.executed.set(magic, (this.executed.get(magic) ?? 0) + 1);
    const [side, entry] = command.kind === 'open' ? (['buy', 'in'] as const) : (['sell', 'out'] as const);
    for (const part of lots === 0.1 ? ['0.03', '0.07'] : ['0.04']) {
      const deal = String((this.#tickets += 1));
      this.deals.set(deal, wireDeal(deal, magic, { lots: part, side, entry, order: String(magic).slice(-6) }));
      this.untold.add(deal);
    }
  }
  lateMoney(which: number): void {
    const deals = [...this.deals.values()];
    const deal = deals[which % Math.max(1, deals.length)];
    if (deal === undefined) return;
    this.deals.set(deal.deal, { ...deal, rev: deal.rev + 1, commission: String(Number(deal.commission) - 1) });
    this.untold.add(deal.deal);
  }
  /** Sure of everything by now: history was read. */
  resolve(): void {
    for (const line of this.journal.values()) {
      if (line.state === 'received') Object.assign(line, { state: 'expired', said: false });
      if (line.state !== 'unknown') continue;
      const executed = this.executed.has(Number(line.command.num));
      Object.assign(line, { state: executed ? 'done' : 'not_executed', lots: executed ? 0.1 : 0, said: false });
    }
  }
}

/** The engine, as far as it matters here: de-duplicates fills and charges, and remembers across its own restarts. */
class Listener {
  readonly fills = new Map<string, FillReport>();
  readonly charged = new Map<string, string>();
  readonly ended = new Map<string, string>();
  /** What was told twice, differently. */
  readonly contradictions: string[] = [];
  #once(known: Map<string, string>, key: string, told: string): void {
    const before = known.get(key) ?? told;
    if (before !== told) this.contradictions.push(`${key}: ${before}, then ${told}`);
    known.set(key, told);
  }
  take(event: ControlInput): void {
    if (event.type === 'limit-crossed') this.contradictions.push(event.detail);
    if (event.type === 'fill') this.fill(event.fill);
    if (event.type === 'charge') {
      const { chargeId, amount } = event.charge;
      this.#once(this.charged, chargeId, amount);
    }
    if (event.type === 'order-report' && event.report.state !== 'working')
      this.end(event.report.clientOrderId, event.report.state, event.report.filledQty);
  }
  fill(fill: FillReport): void {
    const known = JSON.stringify(this.fills.get(fill.tradeId) ?? fill);
    if (known !== JSON.stringify(fill)) this.contradictions.push(`fill ${known}, then ${JSON.stringify(fill)}`);
    this.fills.set(fill.tradeId, fill);
  }
  /** An order ends once: no two reports of an end may differ. */
  end(clientOrderId: string, state: string, filledQty: string): void {
    this.#once(this.ended, clientOrderId, `${state} ${filledQty}`);
  }
}

interface Placed {
  readonly request: OrderRequest;
  readonly outcomes: PlaceOutcome[];
  /** When it was placed, and whether the gate shut for it before it left. */
  readonly placedMs: number;
  revoked: boolean;
  delivered: boolean;
}

const heard = (placed: Placed, outcome: PlaceOutcome): void => {
  placed.outcomes.push(outcome);
  if (outcome.code === 'refused') placed.revoked = true;
};

class Life {
  readonly clock = handClock(T0);
  readonly terminal = new Terminal();
  readonly listener = new Listener();
  readonly placed: Placed[] = [];
  world: DeskWorld;
  open = true;
  /** The command of a reply that the EA never got. */
  #lost: string | null = null;

  constructor() {
    this.world = deskWorld({ clock: this.clock, takes: (event) => (this.listener.take(event), true) });
    this.world.trade();
  }
  get nowMs(): number {
    return this.clock.unixMs();
  }
  /** The order that a command acts on; a question acts on nothing, and may be asked of what was revoked. */
  #meant(command: WireCommand): Placed | undefined {
    return command.kind === 'query' ? undefined : this.placed.find(({ request }) => String(request.magic) === command.num);
  }
  deliver(command: WireCommand): void {
    const placed = this.#meant(command);
    if (placed !== undefined) {
      expect(placed.revoked, 'delivered after it was revoked').toBe(false);
      expect(this.nowMs - placed.placedMs, 'delivered after its time').toBeLessThan(placed.request.validityMs);
      expect(this.open, 'delivered through a shut gate').toBe(true);
      const ageMs = this.nowMs - placed.placedMs;
      expect(command.ttl_ms, 'more time than it has left').toBeLessThanOrEqual(placed.request.validityMs - ageMs);
      placed.delivered = true;
    }
    this.terminal.receive(command, this.nowMs);
  }
  poll(lost: boolean): void {
    const { command } = this.world.desk.reply(this.#lost);
    const carried = command?.command_id ?? this.#lost;
    this.#lost = lost && command !== null ? carried : null;
    if (command === null) return;
    // A lost answer still left: whoever read it on the way may not be harmed by it.
    const placed = this.#meant(command);
    if (lost) {
      if (placed !== undefined) expect(placed.revoked).toBe(false);
      return;
    }
    this.deliver(command);
  }
  say(lost: boolean, again: boolean): void {
    for (const [id, line] of this.terminal.journal) {
      if (line.said && !again) continue;
      const lots = line.lots === 0 ? '0' : String(line.lots);
      const order = line.lots > 0 ? line.command.num.slice(-6) : '0';
      this.world.desk.takeAck(ack(id, line.state, { retcode: line.retcode, cum_lots: lots, order, duplicate: again }));
      if (!lost) line.said = true;
    }
    const deals = [...this.terminal.deals.values()].filter(({ deal }) => again || this.terminal.untold.has(deal));
    if (deals.length > 0) this.world.desk.takeDeals(deals.slice(0, 100), OFFSET_MS);
    if (!lost) this.terminal.untold.clear();
  }
  place(close: boolean): void {
    const n = this.placed.length + 1;
    const validityMs = n % 2 === 1 ? 2_000 : 6_000;
    const request = close ? closing(n, { validityMs }) : order(n, { validityMs });
    const placed: Placed = { request, outcomes: [], placedMs: this.nowMs, revoked: false, delivered: false };
    this.placed.push(placed);
    void this.world.desk.gateway.place(request, () => this.open).then((outcome) => heard(placed, outcome));
  }
  async ask(ref: OrderRef, how: 'cancel' | 'query'): Promise<void> {
    if (how === 'cancel') {
      await this.world.desk.gateway.cancel(ref, () => this.open);
      return;
    }
    const answer = await this.world.desk.gateway.query(ref);
    if (answer.code !== 'found') return;
    for (const fill of answer.fills) this.listener.fill(fill);
    if (answer.report.state !== 'working') this.listener.end(ref.clientOrderId, answer.report.state, answer.report.filledQty);
  }
  hello(): void {
    this.#lost = null;
    const open = [...this.terminal.journal].filter(([, line]) => !line.said).map(([id]) => id);
    this.world.trade({ open_ids: open });
  }
  async do(step: Act): Promise<void> {
    if (step.do === 'place') this.place(step.close);
    else if (step.do === 'cancel' || step.do === 'query') {
      const placed = this.placed[step.which % Math.max(1, this.placed.length)];
      if (placed !== undefined) void this.ask(refOf(placed.request), step.do);
    } else if (step.do === 'gate') {
      this.open = step.open;
      this.world.desk.announceMode(step.open ? 'normal' : 'halt');
    } else if (step.do === 'poll') this.poll(step.lost);
    else if (step.do === 'work') this.terminal.work(step.fate, this.nowMs);
    else if (step.do === 'say') this.say(step.lost, step.again);
    else if (step.do === 'late-money') this.terminal.lateMoney(step.which);
    else if (step.do === 'wait') this.world.pass(step.ms);
    else if (step.do === 'ea-restart') this.hello();
    else if (step.do === 'restart') {
      this.world = await this.world.restart(step.clean ? 'clean' : 'killed');
      this.hello();
    }
    await settled();
  }
  /** Everything is quiet, both sides are up, and each order is asked for until it is certain. */
  async talkItOut(): Promise<void> {
    this.open = true;
    this.world.pass(20_000);
    this.terminal.resolve();
    this.hello();
    this.say(false, true);
    for (let turn = 0; turn < 3; turn += 1) {
      for (const { request } of this.placed) void this.ask(refOf(request), 'query');
      for (let n = 0; n < 3 * this.placed.length + 3; n += 1) this.poll(false);
      this.say(false, false);
      this.world.pass(6_000);
      await settled();
    }
    const answer = this.world.desk.gateway.snapshot(0);
    const deals = [...this.terminal.deals.values()].slice(0, 100);
    this.world.desk.takeSnapshot(snapshotPart(this.world.desk.reply('').snapshotRequest, { deals }), OFFSET_MS);
    const snapshot = await answer;
    if (snapshot.code === 'answered') for (const fill of snapshot.snapshot.fills) this.listener.fill(fill);
  }
}

const checkEnd = (life: Life, orphaned: ReadonlySet<string>): void => {
  const { terminal, listener, placed, world } = life;
  expect(listener.contradictions).toEqual([]);
  // Nothing is executed twice, and every deal reached the engine once, with its later money.
  for (const [magic, times] of terminal.executed) expect(times, `number ${magic}`).toBe(1);
  expect([...listener.fills.keys()].toSorted()).toEqual([...terminal.deals.keys()].toSorted());
  for (const deal of terminal.deals.values()) {
    const fee = Number(listener.fills.get(deal.deal)!.fee);
    const later = [...listener.charged]
      .filter(([id]) => id.startsWith(`${deal.deal}#`))
      .reduce((sum, [, amount]) => sum + Number(amount), 0);
    expect(fee + later).toBeCloseTo(-Number(deal.commission), 8);
  }
  for (const { request, outcomes, delivered } of placed) {
    const { clientOrderId } = request;
    // Calls of an engine that was killed have no answer; every other one has exactly one.
    expect(outcomes.length, clientOrderId).toBe(orphaned.has(clientOrderId) ? outcomes.length : 1);
    expect(outcomes.length).toBeLessThanOrEqual(1);
    const lots = [...terminal.deals.values()]
      .filter(({ magic }) => magic === request.magic)
      .reduce((sum, deal) => sum + Number(deal.lots), 0);
    const [outcome] = outcomes;
    if (outcome?.code === 'refused') expect(lots, `${clientOrderId} was refused`).toBe(0);
    if (!delivered) expect(lots).toBe(0);
    const record = world.store.ofOrder(clientOrderId);
    if (record === null) continue;
    expect(isFinalCommand(record.state), `${clientOrderId} is ${record.state}`).toBe(true);
    expect(Number(record.cumLots)).toBeCloseTo(lots, 8);
    const end = listener.ended.get(clientOrderId);
    if (lots > 0) expect(end).toMatch(lots > 0.09 ? /^filled 0\.1$/ : /^canceled 0\.04$/);
  }
  // No end was ever followed by anything else.
  const archive = openArchive({ path: world.path });
  for (const { commandId } of world.store.newest(1_000)) {
    const states = archive.commandTransitions(commandId).map(({ state }) => state);
    const first = states.findIndex(isFinalCommand);
    if (first >= 0) expect(new Set(states.slice(first)).size).toBe(1);
  }
  archive.close();
};

test('at most once, exactly one answer, nothing lost, whatever is lost, repeated or killed', { timeout: 240_000 }, async () => {
  await assert(
    asyncProperty(acts, async (steps) => {
      const life = new Life();
      const orphaned = new Set<string>();
      for (const step of steps) {
        if (step.do === 'restart' && 'clean' in step && !step.clean)
          for (const { request, outcomes } of life.placed) if (outcomes.length === 0) orphaned.add(request.clientOrderId);
        await life.do(step);
      }
      await life.talkItOut();
      checkEnd(life, orphaned);
      await life.world.desk.gateway.stop();
    }),
    { numRuns: 40 },
  );
});
