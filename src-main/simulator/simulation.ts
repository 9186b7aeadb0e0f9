/**
 * One run: the plan's world around the production engine, event by event in virtual time, under the oracle's eyes. Ends at
 * the first violation, or when everything has come to rest after the last fault.
 */
import { openArchive } from '../adapters/ledger/ledger.ts';
import { digestOf } from '../core/digest.ts';
import { liveReport } from '../core/live/guard.ts';
import { LedgerFault } from '../runtime/ports.ts';
import { replay } from '../runtime/replay.ts';
import { arenaOf, SHOWN, type Arena } from './arena.ts';
import { createChance, type Chance } from './chance.ts';
import { Clockwork } from './clockwork.ts';
import type { Cells } from './coverage.ts';
import type { DiskOrders, DiskWitness } from './disk.ts';
import type { FaultKind } from './faultKinds.ts';
import { durableOf, hearEvent, hearResult } from './hearing.ts';
import { Life } from './life.ts';
import { Market } from './market.ts';
import { Operator } from './operator.ts';
import { restless } from './oracle/ending.ts';
import { Oracle } from './oracle/oracle.ts';
import { Violation, type Invariant } from './oracle/violation.ts';
import type { ActItem, CrashItem, DiskItem, FaultItem, Plan, PlanItem, SimVenueName } from './plan.ts';
import type { Scratch } from './scratch.ts';
import { Strangers } from './strangers.ts';
import { SimExchange } from './venues/exchange.ts';
import { SimTerminal } from './venues/terminal.ts';
import type { SimVenue } from './venues/venue.ts';
import { Tally } from './tally.ts';
import { linesOf, venueWitness } from './watching.ts';
import { Weather } from './weather.ts';

/** Wednesday 2026-01-07 12:00 UTC: everything is in session. */
const START_UNIX_MS = Date.UTC(2026, 0, 7, 12);
const TIMER_MS = 100;
const ROUTINE_MS = 5_000;
/** After the last fault everything must have come to rest within this. */
export const CALM_MS = 240_000;
const OFFSETS_MS: Readonly<Record<SimVenueName, number>> = { mt5: 7_200_000, okx: -180, binance: 240 };
/** The least that is waited for. */
const SETTLING_MS = 9_000;
/** So long after a start the host has read the evidence for real money. */
const SHOWN_AFTER_MS = 700;
/** How long a life that was told to die at a commit may wait for one. */
const DYING_FOR_MS = 20_000;

export interface RunOptions {
  readonly scratch: Scratch;
  /** Compares a replay of the last life with its state (I9). */
  readonly replays: boolean;
  readonly trace?: (line: string) => void;
}

export interface RunReport {
  readonly seed: number;
  readonly violation: { readonly invariant: Invariant; readonly text: string; readonly atMs: number } | null;
  readonly cells: Cells;
  readonly simulatedMs: number;
  readonly events: number;
  readonly lives: number;
  readonly orders: number;
  readonly trades: number;
  readonly groups: Readonly<Record<string, number>>;
  /** Of the engine's last state; empty where it was not replayed. */
  readonly digest: string;
}

export class Simulation {
  readonly #plan: Plan;
  readonly #options: RunOptions;
  readonly #chance: Chance;
  readonly #arena: Arena;
  readonly #clock = new Clockwork(START_UNIX_MS);
  readonly #oracle: Oracle;
  readonly #weather: Weather;
  readonly #market: Market;
  readonly #venues: readonly SimVenue[];
  readonly #operator: Operator;
  readonly #strangers: Strangers;
  readonly #disk: DiskOrders = { failing: null, slowMs: 0, dying: null, gone: false };
  readonly #path: string;
  readonly #instrumentIds: readonly string[];
  readonly #tally = new Tally();
  #life: Life | null = null;
  readonly #waitingActs: ActItem[] = [];
  #lives = 0;
  #bornMs = 0;
  #events = 0;
  #violation: Violation | null = null;
  #promised = false;
  #diesNow = false;
  /** A clean stop is under way. */
  #isEnding = false;
  #restartMs = 0;
  #digest = '';

  constructor(plan: Plan, options: RunOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#chance = createChance(plan.seed);
    this.#arena = arenaOf(this.#chance);
    this.#path = options.scratch.fresh();
    const { instruments, settings } = this.#arena;
    this.#instrumentIds = instruments.map((x) => x.settings.id);
    const units = Object.fromEntries(
      instruments.map((x) => [x.settings.id, { baseQtyPerUnit: x.baseQtyPerUnit, qtyStep: Number(x.metadata.qtyStep) }]),
    );
    this.#oracle = new Oracle(
      settings,
      units,
      () => this.#clock.elapsedMs(),
      (venueId) => Math.max(this.#weather.fairSinceMs(venueId as SimVenueName), this.#bornMs),
    );
    const faults = plan.items.filter((item): item is FaultItem => item.kind === 'fault');
    this.#weather = new Weather(faults, this.#chance, this.#clock, (item, begins) => this.#onWeather(item, begins));
    this.#market = new Market(instruments, this.#chance, this.#clock, this.#weather, (x, quote, venueMs, receivedUs) =>
      this.#life?.runner.quote(x.index, quote.bidPx, quote.bidQty, quote.askPx, quote.askQty, venueMs, null, receivedUs),
    );
    this.#venues = (['mt5', 'okx', 'binance'] as const).map((name) => this.#venueOf(name));
    this.#strangers = new Strangers({
      clock: this.#clock,
      oracle: this.#oracle,
      venues: () => this.#venues,
      strike: (fault, venue) => this.#strike(fault, venue),
      restart: () => this.#die(),
    });
    this.#operator = new Operator(
      settings,
      (command) => void this.#life?.runner.command(command),
      () => (this.#life === null ? null : (liveReport(this.#life.state)?.phrase ?? null)),
      (requestId) => this.#oracle.typedWrong(requestId),
    );
  }

  async run(): Promise<RunReport> {
    for (const item of this.#plan.items) if (item.kind !== 'fault') this.#clock.at(item.atMs, () => this.#begin(item));
    this.#market.start();
    this.#birth();
    this.#tick();
    this.#routine();
    this.#clock.at(this.#plan.troubleMs, () => this.#market.calm());
    const endMs = this.#plan.troubleMs + CALM_MS;
    for (let more = true; more && this.#violation === null; ) {
      more = this.#clock.next(endMs);
      await this.#settle();
      if (more && this.#isAtRest()) break;
    }
    if (this.#violation === null) this.#guard(() => this.#checkEnding());
    await this.#bury();
    return this.#report();
  }

  /** Everything that the last piece of work led to, before the next. */
  async #settle(): Promise<void> {
    this.#drain();
    while (this.#promised) {
      this.#promised = false;
      await new Promise((resolve) => setImmediate(resolve));
      this.#drain();
    }
    if (this.#diesNow) this.#die();
  }

  #drain(): void {
    if (this.#life !== null && !this.#life.isDead) this.#life.runner.drain();
  }

  #guard(check: () => void): void {
    if (this.#violation !== null) return;
    try {
      check();
    } catch (cause) {
      this.#violation =
        cause instanceof Violation
          ? cause
          : new Violation('assertion', this.#clock.elapsedMs(), `the oracle failed: ${String((cause as Error).stack)}`);
    }
  }

  // The process.

  #birth(): void {
    this.#lives += 1;
    this.#bornMs = this.#clock.elapsedMs();
    this.#restartMs = 0;
    this.#oracle.reborn({ monoUs: this.#clock.monoUs(), unixMs: this.#clock.unixMs() });
    const life = new Life({
      settings: this.#arena.settings,
      path: this.#path,
      clock: this.#clock,
      disk: this.#disk,
      diskWitness: this.#diskWitness(),
      connect: (inlet) => this.#venues.map((venue) => venue.connect(inlet)),
      nameRun: () => `${this.#clock.trueUnixMs().toString(36)}${this.#lives.toString(36).padStart(3, '0')}`,
      onEvent: (event) => {
        this.#events += 1;
        this.#guard(() => hearEvent(this.#oracle, event, this.#instrumentIds));
      },
      onResult: (event, result) => {
        if (result.facts.length === 0 && result.effects.length === 0) return this.#guard(() => this.#oracle.stepped());
        this.#guard(() => hearResult(this.#oracle, result, event));
        this.#tally.countStates(result.facts, (venue) => this.#weather.kinds(venue));
        if (this.#waitingActs.length > 0 && result.effects.some((effect) => effect.type === 'place-order')) this.#actAtOrder();
        if (this.#options.trace !== undefined) for (const line of linesOf(result)) this.#trace(line);
      },
      onBroken: (event, cause) =>
        this.#guard(() => this.#oracle.fail('assertion', `at ${event.type}: ${cause instanceof Error ? cause.message : String(cause)}`)),
      onDispatch: () => {
        this.#promised = true;
      },
      keepsTape: this.#options.replays,
    });
    this.#life = life;
    this.#trace(`life ${this.#lives} begins`);
    try {
      life.start();
    } catch (cause) {
      this.#stillbirth(life, cause);
    }
    if (this.#arena.settings.mode === 'live') this.#clock.after(SHOWN_AFTER_MS, () => this.#showChecklist());
    this.#promised = true;
  }

  /** What the host found of the evidence for real money. */
  #showChecklist(): void {
    this.#life?.runner.offer({ type: 'live-checklist', items: SHOWN, checkedUnixMs: this.#clock.unixMs() });
    this.#promised = true;
  }

  /** The engine refused to start: allowed where the disk failed, or the process died at once. Somebody tries again. */
  #stillbirth(life: Life, cause: unknown): void {
    if (!(cause instanceof LedgerFault)) this.#guard(() => this.#oracle.fail('assertion', `no start: ${String(cause)}`));
    this.#trace(`no start: ${String(cause)}`);
    this.#diesNow = false;
    for (const venue of this.#venues) venue.cut();
    life.crash();
    this.#life = null;
    this.#clock.after(1_000, () => this.#rise());
  }

  #diskWitness(): DiskWitness {
    return {
      committed: (event, facts, effects) => {
        const ids = effects.flatMap((effect) => (effect.type === 'place-order' ? [effect.order.clientOrderId] : []));
        this.#guard(() => this.#oracle.committed(durableOf(facts, event), ids));
      },
      failed: () => {
        this.#oracle.commitFailed();
        this.#trace('a commit failed');
      },
      slowed: (ms) => this.#clock.block(ms),
      dies: () => {
        this.#disk.dying = null;
        this.#diesNow = true;
        this.#life!.isDead = true;
        for (const venue of this.#venues) venue.cut();
      },
    };
  }

  #die(): void {
    this.#diesNow = false;
    const life = this.#life;
    if (life === null) return;
    this.#trace('the process dies');
    // Also in the middle of a clean stop, which then never ends.
    this.#isEnding = false;
    for (const venue of this.#venues) venue.cut();
    life.crash();
    this.#life = null;
    const downMs = this.#restartMs;
    this.#clock.after(downMs, () => this.#rise());
  }

  /** A person starts the engine again, on a sound disk. */
  #rise(): void {
    if (this.#life !== null) return;
    this.#disk.failing = null;
    this.#disk.slowMs = 0;
    this.#disk.gone = false;
    this.#birth();
  }

  #stopCleanly(downMs: number): void {
    const life = this.#life;
    if (life === null || this.#isEnding) return;
    this.#trace('the engine is stopped');
    this.#restartMs = downMs;
    this.#promised = true;
    // Stopping waits for gateways: virtual time must go on meanwhile.
    this.#isEnding = true;
    void this.#stopped(life, downMs);
  }

  async #stopped(life: Life, downMs: number): Promise<void> {
    await life.stop();
    if (this.#life !== life) return;
    this.#isEnding = false;
    for (const venue of this.#venues) venue.cut();
    this.#life = null;
    this.#clock.after(downMs, () => this.#rise());
  }

  async #bury(): Promise<void> {
    const life = this.#life;
    if (life === null) return;
    if (this.#options.replays) this.#digest = digestOf(life.state);
    if (this.#options.replays && this.#violation === null && !life.isDead) this.#guard(() => this.#checkReplay(life));
    for (const venue of this.#venues) venue.cut();
    life.crash();
    this.#life = null;
    await Promise.resolve();
  }

  #checkReplay(life: Life): void {
    const archive = openArchive({ path: this.#path });
    try {
      const { runId } = archive.runs().at(-1)!;
      const again = replay({ settings: this.#arena.settings, journal: archive.journal(runId), tape: life.tape!.events });
      const digest = digestOf(again.state);
      if (again.missingSeq !== null) this.#oracle.fail('I9', `event ${again.missingSeq} is in neither journal nor tape`);
      if (digest !== this.#digest) this.#oracle.fail('I9', `replay of run ${runId} gives ${digest}, the engine had ${this.#digest}`);
    } finally {
      archive.close();
    }
  }

  // What happens by itself.

  #tick(): void {
    this.#clock.after(TIMER_MS, () => {
      this.#life?.runner.offer({ type: 'timer' });
      this.#tick();
    });
  }

  #routine(): void {
    this.#clock.after(ROUTINE_MS, () => {
      const { account } = this.#oracle;
      const calmMs = this.#clock.elapsedMs() - this.#plan.troubleMs;
      if (this.#life !== null && !this.#isEnding) {
        if (calmMs < 0) this.#operator.routine(account, this.#chance.of(`routine/${Math.floor(this.#clock.elapsedMs())}`));
        else this.#operator.settle(account, calmMs);
        this.#promised = true;
      }
      this.#routine();
    });
  }

  // What the plan wants.

  #begin(item: Exclude<PlanItem, FaultItem>): void {
    this.#promised = true;
    switch (item.kind) {
      case 'act':
        if (item.atOrder) this.#waitingActs.push(item);
        else this.#act(item);
        return;
      case 'clock':
        this.#strike('clock-jump');
        return this.#clock.jumpUnix(item.jumpMs);
      case 'crash':
        return this.#beginCrash(item);
      case 'liquidation':
      case 'foreign-act':
      case 'other-account':
        return this.#strangers.begin(item);
      case 'disk':
        return this.#beginDisk(item);
    }
  }

  #act(item: ActItem): void {
    this.#trace(`operator: ${item.act} (scope ${item.scope})`);
    this.#promised = true;
    if (this.#life !== null && !this.#isEnding) this.#operator.act(item, this.#oracle.account);
  }

  /** An order was wished for: acts that waited for one come within moments. */
  #actAtOrder(): void {
    for (const item of this.#waitingActs.splice(0))
      this.#clock.after(this.#chance.between(`act/${item.atMs}/moment`, 0, 120), () => this.#act(item));
  }

  #beginCrash(item: CrashItem): void {
    if (this.#life === null || this.#isEnding) return;
    if (item.how === 'restart') {
      this.#strike('restart');
      return this.#stopCleanly(item.downMs);
    }
    this.#restartMs = item.downMs;
    if (item.how === 'now') {
      this.#strike('crash');
      return this.#die();
    }
    const when = item.how === 'before-commit' ? 'before' : 'after';
    this.#strike(`crash-${when}-commit`);
    const dying = { when, ofOrder: item.ofOrder } as const;
    this.#disk.dying = dying;
    this.#clock.after(DYING_FOR_MS, () => {
      if (this.#disk.dying === dying) this.#disk.dying = null;
    });
  }

  #beginDisk(item: DiskItem): void {
    this.#strike(
      item.fault === 'disk-full' ? 'disk-full' : item.fault === 'busy' ? 'disk-busy' : item.fault === 'slow' ? 'disk-slow' : 'disk-io',
    );
    if (item.torn && item.fault !== 'slow') this.#strike('disk-torn');
    if (item.fault === 'slow') this.#disk.slowMs = 300;
    else this.#disk.failing = { code: item.fault, torn: item.torn, left: item.commits };
    this.#clock.after(item.restartAfterMs, () => {
      this.#disk.failing = null;
      this.#disk.slowMs = 0;
      this.#restartMs = 500;
      if (item.fault !== 'slow' && this.#life !== null && !this.#isEnding) this.#die();
    });
  }

  // Coverage.

  #onWeather(item: FaultItem, begins: boolean): void {
    this.#trace(`${item.venue} ${item.fault} ${begins ? 'begins' : 'ends'}`);
    this.#promised = true;
    if (begins) this.#strike(item.fault, item.venue);
    for (const venue of this.#venues) if (venue.parts.name === item.venue) venue.onWeather(item, begins);
  }

  #strike(fault: FaultKind, venue?: SimVenueName): void {
    this.#tally.strike(fault, this.#oracle.account, venue);
  }

  // The end.

  #isAtRest(): boolean {
    const calmMs = this.#clock.elapsedMs() - this.#plan.troubleMs;
    // What is on its way still arrives.
    if (calmMs < SETTLING_MS || this.#life === null || Math.floor(this.#clock.elapsedMs()) % 1_000 >= 100) return false;
    return this.#restless().length === 0;
  }

  #restless(): readonly string[] {
    const netOf = (id: string): number => {
      const x = this.#arena.instruments.find((each) => each.settings.id === id)!;
      const venue = this.#venues.find((each) => each.parts.name === x.venue)!;
      return (venue.book.net.get(x.settings.id) ?? 0) * Number(x.metadata.qtyStep);
    };
    return restless(this.#oracle, this.#instrumentIds, netOf);
  }

  #checkEnding(): void {
    const left = this.#restless();
    if (left.length > 0) this.#oracle.fail('I12', `${(CALM_MS / 1_000).toFixed(0)} s after the last fault: ${left.slice(0, 4).join('; ')}`);
  }

  #report(): RunReport {
    const groups: Record<string, number> = {};
    for (const { state } of this.#oracle.account.groups.values()) groups[state] = (groups[state] ?? 0) + 1;
    const v = this.#violation;
    return {
      seed: this.#plan.seed,
      violation: v === null ? null : { invariant: v.invariant, text: v.message, atMs: v.atMs },
      cells: this.#tally.cells,
      simulatedMs: this.#clock.elapsedMs(),
      events: this.#events,
      lives: this.#lives,
      orders: this.#oracle.truth.orders.size,
      trades: this.#oracle.truth.trades.size,
      groups,
      digest: this.#digest,
    };
  }

  // The venues.

  #venueOf(name: SimVenueName): SimVenue {
    const parts = {
      name,
      instruments: this.#arena.instruments.filter((x) => x.venue === name),
      chance: this.#chance,
      clock: this.#clock,
      weather: this.#weather,
      market: () => this.#market,
      witness: venueWitness(
        this.#oracle,
        (check) => this.#guard(check),
        (line) => this.#trace(line),
      ),
      offsetMs: OFFSETS_MS[name],
      isLive: this.#arena.settings.mode === 'live',
    };
    return name === 'mt5' ? new SimTerminal(parts) : new SimExchange(parts);
  }

  #trace(line: string): void {
    this.#options.trace?.(`${(this.#clock.elapsedMs() / 1_000).toFixed(3).padStart(9)} s  ${line}`);
  }
}

export const simulate = (plan: Plan, options: RunOptions): Promise<RunReport> => new Simulation(plan, options).run();
