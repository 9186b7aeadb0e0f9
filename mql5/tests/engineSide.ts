/**
 * The engine's MetaTrader side as a test drives it: starts the desk program, places orders as the core would (one magic number
 * a command, asks until an unknown outcome is known, takes a snapshot whenever the order link rises), keeps what it heard over
 * all its lives, kills it and starts it again on the same file and port.
 */
import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Boundary } from '../../e2e/crash/boundary.ts';
import type {
  CancelOutcome,
  FillReport,
  OrderReport,
  OrderRequest,
  PlaceOutcome,
  QueryOutcome,
  SnapshotOutcome,
} from '../../src-shared/domain/order.ts';
import type { RiskApproved } from '../../src-main/core/risk/approved.ts';
import { CHOICE_VARIABLE, LEDGER_FILE, type DeskAsk, type DeskChoice, type DeskMessage } from './deskChoice.ts';

const PROGRAM = fileURLToPath(new URL('deskProgram.ts', import.meta.url));
const BOUNDARIES = new URL('../../e2e/crash/boundary.ts', import.meta.url).href;
const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/mql5/node', import.meta.url));
const START_WITHIN_MS = 30_000;
const ASK_AGAIN_MS = 300;
export const VENUE = 'mt5';

export interface OrderWish {
  readonly symbol?: string;
  readonly side?: 'buy' | 'sell';
  readonly lots: string;
  readonly limitPx: string;
  /** Closes this position. */
  readonly positionId?: string;
  readonly validityMs?: number;
  readonly mayLeave?: boolean;
}
/** An order as it went. */
export interface Placed {
  readonly request: OrderRequest;
  readonly outcome: Promise<PlaceOutcome>;
}
export type Push = { readonly type: string } & Readonly<Record<string, unknown>>;

export class EngineSide {
  readonly choice: DeskChoice;
  /** Of all lives, in order. */
  readonly pushes: { readonly push: Push; readonly atUnixMs: number }[] = [];
  readonly notes: string[] = [];
  /** Everything that was told of executions, pushed, asked for or in a snapshot. */
  readonly fills: FillReport[] = [];
  readonly reports: OrderReport[] = [];
  readonly placed: Placed[] = [];
  orderLink: 'up' | 'down' = 'down';
  orderLinkDetail = '';
  lives = 0;
  errors = '';
  #child: ChildProcess | null = null;
  #port = 0;
  #asked = 0;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  readonly #listeners = new Set<() => void>();
  #magic = 0;
  #ended: Promise<void> = Promise.resolve();

  constructor(choice: DeskChoice) {
    this.choice = choice;
    this.#port = choice.port;
  }

  get port(): number {
    return this.#port;
  }
  get ledgerFile(): string {
    return path.join(this.choice.folder, LEDGER_FILE);
  }
  get alive(): boolean {
    return this.#child !== null;
  }

  /** @returns `dead` when it died before it was ready, as it was told to. */
  async start(crashAt: Boundary | null = null): Promise<'ready' | 'dead'> {
    this.lives += 1;
    const choice: DeskChoice = { ...this.choice, port: this.#port };
    const child = fork(PROGRAM, [], {
      execArgv: ['--disable-warning=ExperimentalWarning', '--import', BOUNDARIES],
      env: {
        ...process.env,
        NODE_COMPILE_CACHE: COMPILE_CACHE,
        [CHOICE_VARIABLE]: JSON.stringify(choice),
        ...(crashAt === null ? {} : { QUANT_ARB_CRASH_AT: JSON.stringify(crashAt) }),
      },
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.errors = (this.errors + text).slice(-20_000)));
    this.#ended = new Promise((resolve) => {
      child.once('exit', () => {
        if (this.#child === child) this.#child = null;
        this.orderLink = 'down';
        for (const settle of this.#waiting.values()) settle({ code: 'unknown', why: 'the engine died' });
        this.#waiting.clear();
        this.#changed();
        resolve();
      });
    });
    return new Promise((resolve, reject) => {
      const overdue = setTimeout(
        () => reject(new Error(`the desk was not ready within ${START_WITHIN_MS} ms: ${this.errors}`)),
        START_WITHIN_MS,
      );
      child.on('message', (message: DeskMessage) => {
        if ('ready' in message) {
          clearTimeout(overdue);
          this.#port = message.ready.port;
          resolve('ready');
        } else this.#heard(message);
      });
      child.once('exit', (code, signal) => {
        clearTimeout(overdue);
        if (crashAt !== null && signal === 'SIGKILL') resolve('dead');
        else reject(new Error(`the desk ended (${signal ?? code}): ${this.errors}`));
      });
    });
  }

  #heard(message: DeskMessage): void {
    if ('note' in message) this.notes.push(message.note);
    else if ('answer' in message) {
      this.#waiting.get(message.answer)?.(message.result);
      this.#waiting.delete(message.answer);
    } else if ('push' in message) this.#pushed(message.push, message.atUnixMs);
    this.#changed();
  }

  #pushed(push: Push, atUnixMs: number): void {
    this.pushes.push({ push, atUnixMs });
    if (push.type === 'fill') this.fills.push(push['fill'] as FillReport);
    if (push.type === 'order-report') this.reports.push(push['report'] as OrderReport);
    if (push.type !== 'order-link') return;
    this.orderLink = push['state'] as 'up' | 'down';
    this.orderLinkDetail = String(push['detail']);
    // As the core does: whenever it rises, what was missed is fetched.
    if (this.orderLink === 'up') void this.snapshot(0).catch(() => undefined);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #ask<T>(what: DeskAsk): Promise<T> {
    const child = this.#child;
    if (child === null) return Promise.resolve({ code: 'unknown', why: 'the engine is dead' } as T);
    this.#asked += 1;
    const number = this.#asked;
    return new Promise((resolve) => {
      this.#waiting.set(number, (result) => resolve(result as T));
      // It may be dying: then its end answers.
      child.send({ ask: number, what }, () => undefined);
    });
  }

  /** Waits until what was heard satisfies; looks again at every message. */
  async until(what: string, holds: () => boolean, withinMs = 20_000): Promise<void> {
    if (holds()) return;
    let listener: (() => void) | null = null;
    let overdue: NodeJS.Timeout | null = null;
    let tick: NodeJS.Timeout | null = null;
    try {
      await new Promise<void>((resolve, reject) => {
        listener = () => holds() && resolve();
        this.#listeners.add(listener);
        tick = setInterval(listener, 25);
        overdue = setTimeout(
          () => reject(new Error(`not within ${withinMs} ms: ${what}; link ${this.orderLink}: ${this.orderLinkDetail}`)),
          withinMs,
        );
      });
    } finally {
      if (listener !== null) this.#listeners.delete(listener);
      if (overdue !== null) clearTimeout(overdue);
      if (tick !== null) clearInterval(tick);
    }
  }

  untilUp(withinMs = 20_000): Promise<void> {
    return this.until('the order link is up', () => this.orderLink === 'up', withinMs);
  }

  place(wish: OrderWish): Placed {
    this.#magic = Math.max(this.#magic + 1, Date.now());
    const symbol = wish.symbol ?? this.choice.symbols[0]!;
    // The limit lies a thousandth beyond the quote that was decided upon, so that prices may move a little.
    const touch = (Number(wish.limitPx) * (wish.side === 'sell' ? 1.001 : 0.999)).toFixed(2);
    const request = {
      clientOrderId: `q${this.placed.length + 1}`,
      groupId: `g${this.placed.length + 1}`,
      leg: 'a',
      attempt: 1,
      purpose: wish.positionId === undefined ? 'open' : 'close',
      authority: 'rule',
      venueId: VENUE,
      instrumentId: `${symbol}@${VENUE}`,
      symbol,
      side: wish.side ?? 'buy',
      qty: wish.lots,
      limitPx: wish.limitPx,
      timeInForce: 'ioc',
      reduceOnly: wish.positionId !== undefined,
      positionId: wish.positionId ?? null,
      magic: this.#magic,
      validityMs: wish.validityMs ?? 3_000,
      quote: {
        instrumentId: `${symbol}@${VENUE}`,
        bidPx: touch,
        bidQty: null,
        askPx: touch,
        askQty: null,
        venueMs: null,
        updateId: null,
        receivedUnixMs: Date.now(),
        ageMs: 0,
      },
    } as unknown as OrderRequest;
    const placed: Placed = {
      request,
      outcome: this.#ask<PlaceOutcome>({ op: 'place', order: request as RiskApproved<OrderRequest>, mayLeave: wish.mayLeave ?? true }),
    };
    this.placed.push(placed);
    return placed;
  }

  #refOf({ clientOrderId, venueId, instrumentId, symbol, magic }: OrderRequest) {
    return { clientOrderId, venueId, instrumentId, symbol, venueOrderId: null, magic };
  }

  cancel({ request }: Placed): Promise<CancelOutcome> {
    return this.#ask({ op: 'cancel', ref: this.#refOf(request) });
  }

  async query({ request }: Placed): Promise<QueryOutcome> {
    const outcome = await this.#ask<QueryOutcome>({ op: 'query', ref: this.#refOf(request) });
    if (outcome.code === 'found') this.fills.push(...outcome.fills);
    return outcome;
  }

  /** Asks until it is known what became of the order, as the core does. */
  async settle(placed: Placed, withinMs = 30_000): Promise<Exclude<QueryOutcome, { code: 'failed' }>> {
    const endsMs = performance.now() + withinMs;
    for (;;) {
      const outcome = await this.query(placed);
      if (outcome.code === 'not-found') return outcome;
      if (outcome.code === 'found' && outcome.report.state !== 'working') return outcome;
      if (performance.now() > endsMs) throw new Error(`still not known: ${JSON.stringify(outcome)}`);
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }

  async snapshot(sinceUnixMs: number): Promise<SnapshotOutcome> {
    const outcome = await this.#ask<SnapshotOutcome>({ op: 'snapshot', sinceUnixMs });
    if (outcome.code === 'answered') this.fills.push(...outcome.snapshot.fills);
    return outcome;
  }

  mode(mode: 'normal' | 'close_only' | 'halt'): Promise<unknown> {
    return this.#ask({ op: 'mode', mode });
  }
  mayLeave(allowed: boolean): Promise<unknown> {
    return this.#ask({ op: 'mayLeave', allowed });
  }
  quotes(): Promise<number> {
    return this.#ask({ op: 'quotes' });
  }
  report(): Promise<Readonly<Record<string, unknown>>> {
    return this.#ask({ op: 'report' });
  }

  /** From now on it counts boundaries of its ledger, and dies at this one. */
  crashAt(boundary: Boundary): void {
    this.#child?.send({ crashAt: boundary });
  }

  /** Resolves when it is dead, by whatever hand. */
  ended(): Promise<void> {
    return this.#ended;
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  async stop(): Promise<void> {
    this.#child?.kill('SIGTERM');
    const overdue = setTimeout(() => this.#child?.kill('SIGKILL'), 5_000);
    await this.#ended;
    clearTimeout(overdue);
  }
}
