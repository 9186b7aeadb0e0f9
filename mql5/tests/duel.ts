/**
 * The EA alone against a scripted engine, with a broker behind it: for what a right engine never does, and for what the EA must do
 * by itself. Owns their start, their end, and what is always true: no damage, no breach of the protocol, one request a number.
 */
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACTION, REASON } from '../../src-main/sim/metatrader/broker/numbers.ts';
import { brokerSymbol, type BrokerSymbol } from '../../src-main/sim/metatrader/broker/symbols.ts';
import type { SessionHabits } from '../../src-main/sim/metatrader/broker/terminalSession.ts';
import type { NewAccount } from '../../src-main/sim/metatrader/broker/tradeServer.ts';
import { brokerEvidence } from './brokerEvidence.ts';
import { startBroker, type BrokerHost } from './broker/server.ts';
import type { BrokerEvidence, BrokerRequest } from './oracle.ts';
import type { Stage } from './scenario.ts';
import { closeCommand, openCommand, ScriptedEngine, type Json } from './scriptedEngine.ts';
import { Terminal } from './terminal.ts';

export const LOGIN = 500_123;
export const MAGIC_BASE = 1_600_000_000_000;
export const GOLD_THERE = 'XAUUSD.m';
const TWO_HOURS_S = 7_200;
const BROKER_MS = 10;
const QUOTE_EVERY_MS = 50;
const POLL_MS = 20;

export interface DuelChoice {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly account?: Partial<NewAccount>;
  readonly symbol?: Partial<BrokerSymbol>;
  readonly habits?: Partial<SessionHabits>;
  readonly brokerMs?: number;
  readonly allow?: readonly string[];
  /** Starts the EA at once and waits for its hello; default true. */
  readonly begin?: boolean;
  /** What the EA is expected to breach: then complaints are the test's own matter. */
  readonly complaintsExpected?: boolean;
}

export class Duel {
  readonly engine: ScriptedEngine;
  readonly host: BrokerHost;
  readonly ea: Terminal;
  quoting = true;
  mid = 4_000;
  #num = MAGIC_BASE + 1_000;
  readonly #pump: NodeJS.Timeout;
  #turn = 0;

  constructor(engine: ScriptedEngine, host: BrokerHost, ea: Terminal) {
    this.engine = engine;
    this.host = host;
    this.ea = ea;
    this.#pump = setInterval(() => this.#quote(), QUOTE_EVERY_MS);
    this.#quote();
  }

  #quote(): void {
    if (!this.quoting) return;
    this.#turn += 1;
    const wave = (this.#turn % 5) / 100;
    this.host.server.setQuote(GOLD_THERE, (this.mid - 0.1 + wave).toFixed(2), (this.mid + 0.1 + wave).toFixed(2));
    this.host.server.setQuote('BTCUSD', (64_000 + wave).toFixed(2), (64_010 + wave).toFixed(2));
  }

  /** The next number of a command. */
  num(): number {
    this.#num += 1;
    return this.#num;
  }
  open(over: Json = {}): Json {
    return openCommand(this.num(), over);
  }
  close(positionId: string, over: Json = {}): Json {
    return closeCommand(this.num(), positionId, over);
  }

  async until(what: string, holds: () => boolean, withinMs = 15_000): Promise<void> {
    const endsMs = performance.now() + withinMs;
    while (!holds()) {
      if (performance.now() > endsMs) throw new Error(`not within ${withinMs} ms: ${what}\n${this.story()}`);
      await sleep(POLL_MS);
    }
  }

  /** Says hello, and has polled. */
  async begun(): Promise<void> {
    await this.until('a poll', () => this.engine.of('poll').length > 0);
  }

  /** Gives a command and waits for an acknowledgement that ends it. */
  async end(command: Json, withinMs?: number): Promise<Json> {
    this.engine.give(command);
    return this.ended(command, withinMs);
  }

  async ended(command: Json, withinMs?: number): Promise<Json> {
    const id = String(command['command_id']);
    const final = (): Json | undefined => this.engine.acks(id).find((ack) => FINAL.includes(String(ack['state'])));
    await this.until(`the end of ${String(command['kind'])} ${id}`, () => final() !== undefined, withinMs);
    return final()!;
  }

  /** The end of a command that nothing stands against. @throws with what the EA said instead */
  async done(command: Json, withinMs?: number): Promise<Json> {
    const ack = await this.ended(command, withinMs);
    if (ack['state'] !== 'done') throw new Error(`not done: ${JSON.stringify(ack)}\n${this.story()}`);
    return ack;
  }

  /** Opens and waits for the deal. @returns the position's identifier */
  async opened(lots = '0.10', over: Json = {}): Promise<string> {
    const command = this.open({ lots, ...over });
    this.engine.give(command);
    const ack = await this.done(command);
    return (ack['positions'] as readonly string[])[0]!;
  }

  evidence(): BrokerEvidence {
    return brokerEvidence(this.host.server, LOGIN);
  }
  /** What the broker got for this command. */
  requests(command: Json): readonly BrokerRequest[] {
    return this.evidence().requests.filter(({ magic }) => magic === Number(command['num']));
  }
  positions(): readonly string[] {
    return this.evidence().positions.map(({ id, lots }) => `${id}:${lots}`);
  }

  story(): string {
    return [
      `terminal: ${this.ea.alive ? 'alive' : 'dead'}; ${this.ea.lines.slice(-12).join('\n  ')}`,
      this.ea.errors.slice(-2_000),
      ...this.engine.heard
        .filter(({ path }) => path !== 'tick' && path !== 'poll')
        .slice(-6)
        .map(({ path, text }) => `  ${path} ${text.slice(0, 600)}`),
      ...this.engine.complaints.slice(0, 5),
    ].join('\n');
  }

  /** What is always true. */
  check(complaintsExpected: boolean): void {
    if (this.ea.damage() !== '') throw new Error(`the runtime found:\n${this.ea.damage()}`);
    if (!complaintsExpected && this.engine.complaints.length > 0)
      throw new Error(`against the protocol:\n${this.engine.complaints.slice(0, 8).join('\n')}`);
    for (const { request, reason } of this.host.server.received())
      if (
        reason === REASON.expert &&
        request.action === ACTION.deal &&
        (request.order !== 0 || request.expiration !== 0 || Number(request.sl) !== 0 || Number(request.tp) !== 0)
      )
        throw new Error(`a request with what nobody put there: ${JSON.stringify(request)}`);
    const accepted = new Map<number, number>();
    for (const { magic, accepted: taken, action, comment } of this.evidence().requests) {
      if (magic < MAGIC_BASE) throw new Error(`a request with magic ${magic}`);
      if (comment.length > 31) throw new Error(`a comment of ${comment.length} characters`);
      if (taken && action === 'deal') accepted.set(magic, (accepted.get(magic) ?? 0) + 1);
    }
    for (const [magic, times] of accepted)
      if (times > 1 && !this.#severalAllowed.has(magic)) throw new Error(`magic ${magic} was executed ${times} times`);
  }

  /** A flatten closes as many positions as there are, under one number. */
  readonly #severalAllowed = new Set<number>();
  allowSeveral(magic: number): void {
    this.#severalAllowed.add(magic);
  }

  async stop(): Promise<void> {
    clearInterval(this.#pump);
    await this.ea.stop();
    await this.engine.stop();
    await this.host.stop();
  }
}

const FINAL: readonly string[] = ['done', 'partial', 'rejected', 'expired', 'canceled', 'not_executed'];

export const inDuel = async (stage: Stage, choice: DuelChoice, story: (duel: Duel) => Promise<void>): Promise<void> => {
  mkdirSync(stage.folder, { recursive: true });
  const host = await startBroker({
    symbols: [
      brokerSymbol(GOLD_THERE, { commissionPerLot: '3.5', base: 'XAU', margin: 'XAU', ...choice.symbol }),
      brokerSymbol('BTCUSD', { contractSize: '1', base: 'BTC', margin: 'BTC' }),
    ],
    accounts: [
      { login: LOGIN, deposit: '1000000', ...choice.account },
      { login: LOGIN + 1, deposit: '1000' },
    ],
    habits: choice.habits ?? {},
    offsetS: TWO_HOURS_S,
    delayMs: choice.brokerMs ?? BROKER_MS,
  });
  const engine = new ScriptedEngine();
  await engine.start();
  const url = `http://127.0.0.1:${engine.port}`;
  const ea = new Terminal({
    program: stage.program,
    folder: stage.folder,
    broker: host.address,
    allow: choice.allow ?? [url],
    inputs: {
      InpUrl: url,
      InpToken: engine.token,
      InpKey: engine.key,
      InpSymbols: `XAUUSD=${GOLD_THERE};BTCUSD`,
      InpMagicBase: String(MAGIC_BASE),
      InpTimerMs: '20',
      InpHttpTimeoutMs: '1000',
      InpResolveSeconds: '2',
      InpMaxLotsCommand: '5',
      InpMaxLotsTotal: '20',
      InpMaxCommandsMinute: '1000',
      InpAllowOpening: 'true',
      InpMaxQuoteAgeMs: '5000',
      InpDeviationPoints: '50',
      ...choice.inputs,
    },
    args: ['--chart', GOLD_THERE],
  });
  const duel = new Duel(engine, host, ea);
  try {
    if (choice.begin ?? true) {
      ea.start();
      await duel.begun();
    }
    await story(duel);
    if (ea.alive) {
      const { code, signal } = await ea.stop();
      if (code !== 0) throw new Error(`the EA ended with ${signal ?? code}: ${ea.errors.slice(-3_000)}`);
    }
    duel.check(choice.complaintsExpected ?? false);
  } catch (error) {
    if (ea.damage() !== '') throw new Error(`the runtime found:\n${ea.damage()}`, { cause: error });
    throw error;
  } finally {
    await duel.stop();
  }
};
