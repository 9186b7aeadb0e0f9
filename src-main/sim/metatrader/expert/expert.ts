/**
 * The simulated EA where orders go through it: gates, mode, commands, reports, bound to one terminal session and one journal.
 * Owns nothing else; the terminal drives it between requests, as a timer would.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { RandomStream } from '../../random.ts';
import type { TerminalSession } from '../broker/terminalSession.ts';
import type { LineFile } from '../lineFile.ts';
import type { AccountStanding, TradingPart } from '../messages.ts';
import { DEMO_LIMITS, type ExpertLimits } from './checks.ts';
import { readCommand } from './command.ts';
import { Journal } from './journal.ts';
import { ExpertOrders } from './orders.ts';
import { ExpertReports, type Report } from './reports.ts';

export const MAGIC_BASE = 1_600_000_000_000;

/** Round trip of an order at a broker, ms. */
export interface LatencyRange {
  readonly leastMs: number;
  readonly mostMs: number;
}
export const DEMO_LATENCY: LatencyRange = { leastMs: 40, mostMs: 250 };

export interface ExpertSettings {
  readonly session: TerminalSession;
  readonly journal: LineFile;
  /** Signs the engine's replies. */
  readonly key: string;
  readonly random: RandomStream;
  readonly latency?: LatencyRange | undefined;
  readonly limits?: Partial<ExpertLimits> | undefined;
}

interface Wishes {
  readonly mode: string;
  readonly snapshotRequest: number;
  readonly dealsSinceMsc: number;
}

export class Expert {
  readonly session: TerminalSession;
  readonly limits: ExpertLimits;
  readonly #key: string;
  readonly #journal: Journal;
  readonly #orders: ExpertOrders;
  readonly #reports: ExpertReports;
  #wishes: Wishes = { mode: 'normal', snapshotRequest: 0, dealsSinceMsc: 0 };
  #unsigned = false;
  #reportedGate: string | null = null;

  constructor(settings: ExpertSettings, pause: (ms: number) => Promise<void>) {
    const { session, random, latency = DEMO_LATENCY } = settings;
    this.session = session;
    this.limits = { ...DEMO_LIMITS, ...settings.limits };
    this.#key = settings.key;
    this.#journal = new Journal(settings.journal);
    const monoMs = () => performance.now();
    this.#reports = new ExpertReports({ session, journal: this.#journal, monoMs });
    this.#orders = new ExpertOrders({
      session,
      journal: this.#journal,
      limits: this.limits,
      magicBase: MAGIC_BASE,
      monoMs,
      unixMs: () => Date.now(),
      gates: () => this.gates(),
      mode: () => this.#wishes.mode,
      latencyMs: () => random.integer(latency.leastMs, latency.mostMs),
      pause,
      say: (id, leaseId, duplicate) => this.#reports.say(id, leaseId, duplicate),
    });
  }

  /** What `hello` says of it. */
  tradingPart(): TradingPart {
    const { account } = this.session.book();
    return {
      accountKind: account.kind,
      marginMode: account.marginMode,
      magicBase: MAGIC_BASE,
      limits: this.limits,
      openIds: this.#journal.openIds(),
    };
  }

  /** The first gate that is shut, in the protocol's order. */
  gates(): string {
    const { session } = this;
    const { account } = session.book();
    if (this.#reportedGate !== null) return this.#reportedGate;
    if (!session.connected) return 'disconnected';
    if (!session.switches.algoTrading) return 'algo_trading_off';
    if (!session.switches.expertAllowed) return 'ea_trading_off';
    if (!account.tradeAllowed) return 'account_trading_off';
    if (!account.tradeExpert) return 'account_experts_off';
    return this.#unsigned ? 'unsigned_engine' : 'ok';
  }

  /** What a fault says the first shut gate is; `ok` = as it really is. */
  forceGate(gate: string): void {
    this.#reportedGate = gate === 'ok' ? null : gate;
  }

  standing(): AccountStanding {
    const { equity, marginFree } = this.session.figures();
    const positions = [...this.session.book().positions.values()];
    const lots = positions.reduce((sum, p) => sum.plus(p.volume), new Decimal(0));
    return {
      connected: this.session.connected,
      equity: equity.toFixed(),
      marginFree: marginFree.toFixed(),
      openPositions: positions.length,
      openLots: lots.toFixed(),
    };
  }

  /** A new session with the engine. */
  begin(): void {
    this.#reports.begin();
  }

  /** Whether the bytes are the engine's; what is not signed is acted on in nothing. */
  accepts(session: string, seq: number, body: string, signature: string): boolean {
    const expected = createHmac('sha256', this.#key).update(`${session}|${seq}|${body}`).digest();
    const given = Buffer.from(signature, 'hex');
    this.#unsigned = given.length !== expected.length || !timingSafeEqual(given, expected);
    return !this.#unsigned;
  }

  /** A signed reply of this session: mode and wishes at once, then its command. */
  obey(reply: Readonly<Record<string, unknown>>): void {
    const { mode, snapshot_request: request, deals_since_msc: since } = reply;
    this.#wishes = {
      mode: typeof mode === 'string' ? mode : 'halt',
      snapshotRequest: typeof request === 'number' ? request : 0,
      dealsSinceMsc: Number(since ?? 0),
    };
    const command = readCommand(reply['command']);
    if (command === null) return;
    if ('wrong' in command) this.#refuseBad(command);
    else this.#orders.take(command);
  }

  /** One pass of the timer. */
  async turn(): Promise<void> {
    await this.#orders.turn();
    this.#reports.wantSnapshot(this.#wishes.snapshotRequest, this.#wishes.dealsSinceMsc);
  }

  /** A command waits to be begun. */
  get busy(): boolean {
    return this.#orders.hasPending;
  }

  nextReport(): Report | null {
    return this.#reports.next();
  }
  refused(report: Report): void {
    this.#reports.refused(report);
  }

  #refuseBad({ id, leaseId, wrong }: { readonly id: string; readonly leaseId: string; readonly wrong: string }): void {
    if (id === '') return;
    if (this.#journal.find(id) === null)
      this.#journal.write(id, { leaseId, state: 'rejected', error: 'bad_command', text: `${wrong} is wrong` });
    this.#reports.say(id, leaseId, false);
  }
}
