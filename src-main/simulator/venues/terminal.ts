/**
 * A simulated MT5 server, terminal and EA behind one gateway: commands wait for the EA's next poll and lapse after their
 * time; the EA journals, checks the limit against its live quote and sends; the server executes by position ticket
 * (hedging account). What the EA knows dies with it, except its journal and the server's history.
 */
import type { OrderRef, OrderRequest, PlaceOutcome, CancelOutcome, QueryOutcome } from '../../../src-shared/domain/order.ts';
import type { MetatraderReport } from '../../../src-shared/domain/venueLink.ts';
import type { ControlInput } from '../../core/events.ts';
import type { ArenaInstrument } from '../arena.ts';
import type { FaultItem } from '../plan.ts';
import { stepsOf, type Trade, type VenueOrder } from './book.ts';
import type { Connection } from './connection.ts';
import { refusal, SimVenue } from './venue.ts';

/** Of orders, in the best of weather, that are filled in part. */
const THIN_SHARE = 0.05;

type Settle = (outcome: PlaceOutcome) => void;

interface Command {
  readonly order: OrderRequest;
  readonly mayLeave: () => boolean;
  readonly settle: Settle;
  readonly lapsesMs: number;
}

export class SimTerminal extends SimVenue {
  readonly #waiting = new Map<string, Command>();
  /** The EA's journal: commands it ended by itself. */
  #journal = new Map<string, string>();
  #deadUntilMs = 0;
  #heardMs = 0;
  #epoch = 1;
  #link: 'live' | 'stale' | 'down' = 'live';

  protected unreachable(): string | null {
    if (this.is('down') !== null) return 'the terminal has lost its broker';
    return this.#isAlive() ? null : 'the EA does not answer';
  }

  #isAlive(): boolean {
    return this.is('ea-silent') === null && this.parts.clock.elapsedMs() >= this.#deadUntilMs;
  }

  protected onCut(): void {
    // Commands that the EA has not fetched die with the process.
    for (const { order } of this.#waiting.values()) this.parts.witness.dead(order, 'never fetched');
    this.#waiting.clear();
  }

  protected place(order: OrderRequest, mayLeave: () => boolean, settle: Settle): void {
    if (this.parts.clock.elapsedMs() - this.#heardMs > 10_000) return settle(refusal(null, 'no EA', 'later', 'gateway'));
    const command: Command = { order, mayLeave, settle, lapsesMs: this.parts.clock.elapsedMs() + order.validityMs };
    this.#waiting.set(order.clientOrderId, command);
    this.#awaitPoll(command);
  }

  #awaitPoll(command: Command): void {
    const slow = this.is('ea-slow') === null ? 0 : this.between('slow', 200, 2_500);
    this.parts.clock.after(this.between('poll', 10, 140) + slow, () => {
      if (this.#waiting.get(command.order.clientOrderId) !== command) return;
      if (this.parts.clock.elapsedMs() > command.lapsesMs) return this.#drop(command, 'lapsed before the EA fetched it', 'fresh-price');
      if (!this.#isAlive()) return this.#awaitPoll(command);
      if (!command.mayLeave()) return this.#drop(command, 'the gate is closed', 'never');
      this.#deliver(command);
    });
  }

  #drop({ order, settle }: Command, why: string, retry: 'never' | 'fresh-price'): void {
    this.#waiting.delete(order.clientOrderId);
    this.parts.witness.dead(order, why);
    settle(refusal(null, why, retry, 'gateway'));
  }

  #deliver({ order, settle }: Command): void {
    const { witness, clock } = this.parts;
    this.#waiting.delete(order.clientOrderId);
    witness.orderLeft(order);
    const x = this.instrumentOf(order.instrumentId);
    const flaw = x === null ? 'unknown instrument' : (this.flawOf(order, x) ?? this.#magicFlaw(order));
    if (x === null || flaw !== null || this.book.orders.has(order.clientOrderId)) {
      witness.malformed(order, flaw ?? 'command delivered twice');
      witness.dead(order, flaw ?? 'twice');
      return settle(refusal('10013', flaw ?? 'twice', 'never'));
    }
    const dies = this.strikes('ea-restart');
    if (dies) this.#die();
    clock.after(this.between('send', 40, 500), () => this.#send(order, x, dies ? () => this.#noAnswer(settle) : settle, dies));
  }

  #magicFlaw(order: OrderRequest): string | null {
    return order.magic === null || !Number.isSafeInteger(order.magic) ? 'no magic number' : null;
  }

  #die(): void {
    this.#deadUntilMs = this.parts.clock.elapsedMs() + this.between('dead', 500, 6_000);
    this.#epoch += 1;
    if (this.is('journal-lost') !== null) this.#journal = new Map();
  }

  #noAnswer(settle: Settle): void {
    this.parts.clock.after(this.between('deadline', 3_000, 8_000), () => settle({ code: 'unknown', why: 'no answer of the EA' }));
  }

  #send(order: OrderRequest, x: ArenaInstrument, settle: Settle, dies: boolean): void {
    const { clock, witness } = this.parts;
    const no = dies && this.between('unsent', 0, 1) < 0.4 ? refusal('0', 'died before sending', 'never') : this.#refusalOf(order, x);
    if (no !== null && no.code === 'refused') {
      witness.dead(order, no.refusal.text);
      this.#journal.set(order.clientOrderId, no.refusal.text);
      return this.#answer(no, settle);
    }
    if (this.strikes('timeout-dropped')) {
      witness.dead(order, 'server time-out');
      return this.#answer({ code: 'unknown', why: '10012' }, settle);
    }
    const late = this.strikes('timeout-executed');
    if (!late) return this.#execute(order, x, settle);
    this.#answer({ code: 'unknown', why: '10012' }, settle);
    clock.after(this.between('late-execution', 50, 700), () => this.#execute(order, x, () => undefined));
  }

  #answer(outcome: PlaceOutcome, settle: Settle): void {
    const { clock } = this.parts;
    if (this.strikes('lost-reply')) return this.#noAnswer(settle);
    const late = this.strikes('late-reply') ? this.between('late-reply', 3_000, 8_000) : 0;
    clock.after(this.between('back', 5, 120) + late, () => (this.unreachable() === null ? settle(outcome) : this.#noAnswer(settle)));
  }

  #refusalOf(order: OrderRequest, x: ArenaInstrument): PlaceOutcome | null {
    if (this.is('down') !== null) return refusal('10031', 'no connection before sending', 'later');
    if (this.is('market-closed') !== null) return refusal('10018', 'market closed', 'later');
    if (this.is('trade-disabled') !== null) return refusal('10027', 'autotrading is off', 'never');
    if (this.strikes('maintenance') || this.strikes('busy')) return refusal('10024', 'too many requests', 'later');
    if (this.strikes('lost-request')) return refusal('10031', 'not sent', 'later');
    if (this.strikes('reject')) return refusal('10006', 'rejected', 'never');
    if (this.strikes('fresh-price')) return refusal('10004', 'requote', 'fresh-price');
    if (order.positionId === null && this.strikes('no-money')) return refusal('10019', 'no money', 'never');
    const quote = this.parts.market().quoteOf(x);
    const isBuy = order.side === 'buy';
    const isPast = isBuy ? quote.askPx > Number(order.limitPx) : quote.bidPx < Number(order.limitPx);
    if (isPast) return refusal(null, 'the price is beyond the limit', 'fresh-price');
    if (order.positionId === null) return null;
    const held = this.book.tickets.get(order.positionId);
    if (held === undefined || held.side === order.side) return refusal('10036', 'position closed', 'never');
    return held.steps < stepsOf(x, order.qty) ? refusal('10038', 'more than the position', 'never') : null;
  }

  #execute(request: OrderRequest, x: ArenaInstrument, settle: Settle): void {
    const order = this.book.accept(request, x, this.venueMs(), this.hiddenForMs());
    this.parts.witness.accepted(order);
    const trades = this.#trade(order);
    const isFull = order.filledSteps >= stepsOf(x, request.qty);
    this.book.end(order, isFull ? 'filled' : 'canceled', isFull ? '' : 'the rest was not executed');
    this.parts.witness.ended(order);
    this.#answer({ code: 'acknowledged', venueOrderId: order.venueOrderId, venueUnixMs: this.venueMs() }, settle);
    this.announce(order, trades);
  }

  #trade(order: VenueOrder): Trade[] {
    const { x, request } = order;
    const quote = this.parts.market().quoteOf(x);
    const px = request.side === 'buy' ? quote.askPx : quote.bidPx;
    const whole = stepsOf(x, request.qty);
    const part =
      this.strikes('partial') || this.between('thin', 0, 1) < THIN_SHARE ? Math.floor(whole * this.between('part', 0, 1)) : whole;
    const over = this.strikes('over-fill') && request.positionId === null ? 1 : 0;
    const pieces =
      part > 1 && (this.strikes('split-positions') || this.between('pieces', 0, 1) < 0.2) ? [part - 1, 1 + over] : [part + over];
    const splits = this.is('split-positions') !== null;
    return pieces
      .filter((steps) => steps > 0)
      .map((steps, n) => {
        const ticket = request.positionId ?? `p${order.venueOrderId}${splits && n > 0 ? `-${n}` : ''}`;
        const trade = this.book.execute(order, steps, px, this.venueMs(), ticket);
        this.parts.witness.traded(trade);
        return trade;
      });
  }

  protected cancel(ref: OrderRef, mayLeave: () => boolean, settle: (outcome: CancelOutcome) => void): void {
    if (!mayLeave()) return settle({ code: 'refused', venueCode: null, text: 'the gate is closed' });
    this.parts.witness.cancelLeft(ref);
    const command = this.#waiting.get(ref.clientOrderId);
    if (command !== undefined) {
      this.#drop(command, 'revoked before the EA fetched it', 'never');
      return settle({ code: 'acknowledged' });
    }
    this.parts.clock.after(this.between('cancel', 5, 100), () =>
      settle({ code: 'refused', venueCode: null, text: 'delivered already, market orders cannot be canceled' }),
    );
  }

  protected override lookUp(ref: OrderRef): QueryOutcome {
    const waiting = this.#waiting.get(ref.clientOrderId);
    const found = super.lookUp(ref);
    if (found.code === 'found') return found;
    const state = waiting !== undefined ? 'working' : this.#journal.has(ref.clientOrderId) ? 'rejected' : null;
    if (state === null) return found;
    const text = this.#journal.get(ref.clientOrderId) ?? 'waits for the EA';
    const report = {
      clientOrderId: ref.clientOrderId,
      venueId: this.venueId,
      venueOrderId: null,
      state,
      filledQty: '0',
      venueUnixMs: this.venueMs(),
      text,
    } as const;
    return { code: 'found', report, fills: [] };
  }

  protected override pushes(event: ControlInput): boolean {
    if (!this.#isAlive() || (event.type === 'fill' && this.strikes('lost-transactions'))) return false;
    return super.pushes(event);
  }

  protected override heartbeat(connection: Connection): void {
    if (!this.#isAlive()) return this.#showSilence(connection);
    this.#heardMs = this.parts.clock.elapsedMs();
    this.#showLink(connection, 'live', 'account 1 at simulated');
    this.#report(connection);
    super.heartbeat(connection);
  }

  protected override linkUp(connection: Connection): void {
    this.#heardMs = this.parts.clock.elapsedMs();
    this.#link = 'live';
    super.linkUp(connection);
    this.#report(connection);
  }

  #showSilence(connection: Connection): void {
    const silentMs = this.parts.clock.elapsedMs() - this.#heardMs;
    if (silentMs > 10_000) this.#showLink(connection, 'down', 'no word from the EA for more than 10 s');
    else if (silentMs > 3_000) this.#showLink(connection, 'stale', 'no word from the EA for more than 3 s');
  }

  #showLink(connection: Connection, state: 'live' | 'stale' | 'down', detail: string): void {
    if (this.#link === state) return;
    const wasUp = this.#link !== 'down';
    this.#link = state;
    connection.push({ type: 'venue-link', venueId: this.venueId, report: { state, detail } });
    if ((state !== 'down') === wasUp) return;
    connection.push({ type: 'order-link', venueId: this.venueId, state: state === 'down' ? 'down' : 'up', detail });
  }

  #report(connection: Connection): void {
    const gates = this.is('trade-disabled') === null ? 'ok' : 'autotrading is off';
    const report: MetatraderReport = {
      sessionId: `session-${this.#epoch}`,
      epoch: this.#epoch,
      quoteOnly: false,
      gates,
      login: '1',
      server: 'simulated',
      company: 'simulated',
      currency: 'USD',
      marginMode: 'hedging',
      terminalBuild: '5000',
      eaVersion: '1',
      declaredUtcOffsetS: this.parts.offsetMs / 1_000,
      pingUs: 20_000,
      equity: null,
      httpUsMax: null,
    };
    connection.push({ type: 'metatrader', venueId: this.venueId, report });
  }

  override onWeather(item: FaultItem, begins: boolean): void {
    super.onWeather(item, begins);
    if (item.fault === 'ea-restart' && begins) this.#die();
    if (item.fault === 'journal-lost' && begins) {
      this.#die();
      this.#journal = new Map();
    }
  }
}
