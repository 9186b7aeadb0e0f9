/**
 * One whole world: a broker, the terminal with the EA's real source, a bad road, and the engine's MetaTrader side, each in its own
 * place and none knowing that it is watched. Owns their order of starting and ending, and the verdict of the oracle. A test puts
 * it into trouble and says what must come of it.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { brokerSymbol, type BrokerSymbol } from '../../src-main/sim/metatrader/broker/symbols.ts';
import type { SessionHabits } from '../../src-main/sim/metatrader/broker/terminalSession.ts';
import type { NewAccount, TradeServer } from '../../src-main/sim/metatrader/broker/tradeServer.ts';
import { brokerEvidence } from './brokerEvidence.ts';
import { startBroker, type BrokerHost } from './broker/server.ts';
import { EngineSide, type OrderWish, type Placed } from './engineSide.ts';
import { distinctFills, readDeadEngine, readEngine } from './evidence.ts';
import { judge, type EngineEvidence } from './oracle.ts';
import { openRoad, type Road, type RoadOptions } from './proxy.ts';
import { Terminal } from './terminal.ts';

export const LOGIN = 500_123;
export const MAGIC_BASE = 1_600_000_000_000;
export const GOLD = 'XAUUSD';
/** As the broker names it. */
export const GOLD_THERE = 'XAUUSD.m';
const TWO_HOURS_S = 7_200;
const BROKER_MS = 10;
const QUOTE_EVERY_MS = 50;
/** Deals and acknowledgements that are under way arrive within this. */
const AGREE_WITHIN_MS = 15_000;
export const BUY_LIMIT = '4010.00';
export const SELL_LIMIT = '3990.00';
const POLL_MS = 40;

export interface WorldChoice {
  /** The EA's executable. */
  readonly program: string;
  /** An empty folder of its own. */
  readonly folder: string;
  readonly account?: Partial<NewAccount>;
  readonly symbol?: Partial<BrokerSymbol>;
  readonly offsetS?: number;
  readonly leadMs?: number;
  /** Round trip to the broker. */
  readonly brokerMs?: number;
  readonly habits?: Partial<SessionHabits>;
  readonly road?: Partial<RoadOptions>;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly mode?: 'paper' | 'demo';
  /** URLs on the white-list; absent: the road's. */
  readonly allow?: readonly string[];
  readonly token?: string;
  readonly key?: string;
  readonly engineFirst?: boolean;
  readonly login?: string | null;
}

export class World {
  readonly choice: WorldChoice;
  readonly broker: TradeServer;
  readonly road: Road;
  readonly engine: EngineSide;
  readonly terminals: Terminal[] = [];
  /** The terminal around the EAs, and what a person can switch there. */
  readonly host: BrokerHost;
  /** Price in the middle; the pump quotes around it. */
  mid = 4_000;
  quoting = true;
  readonly #token: string;
  readonly #key: string;
  readonly #pump: NodeJS.Timeout;
  #turn = 0;

  constructor(choice: WorldChoice, parts: { host: BrokerHost; road: Road; engine: EngineSide; token: string; key: string }) {
    this.choice = choice;
    this.broker = parts.host.server;
    this.host = parts.host;
    this.road = parts.road;
    this.engine = parts.engine;
    this.#token = parts.token;
    this.#key = parts.key;
    this.#pump = setInterval(() => this.#quote(), QUOTE_EVERY_MS);
    this.#quote();
  }

  #quote(): void {
    if (!this.quoting) return;
    this.#turn += 1;
    const wave = (this.#turn % 5) / 100;
    this.broker.setQuote(GOLD_THERE, (this.mid - 0.1 + wave).toFixed(2), (this.mid + 0.1 + wave).toFixed(2));
    this.broker.setQuote('BTCUSD', (64_000 + wave).toFixed(2), (64_010 + wave).toFixed(2));
  }

  /** Another terminal, with files of its own; it is not started. */
  newTerminal(
    over: { readonly inputs?: Readonly<Record<string, string>>; readonly allow?: readonly string[]; readonly folder?: string } = {},
  ): Terminal {
    const url = `http://127.0.0.1:${this.road.port}`;
    const folder = path.join(this.choice.folder, over.folder ?? `terminal-${this.terminals.length + 1}`);
    mkdirSync(folder, { recursive: true });
    const terminal = new Terminal({
      program: this.choice.program,
      folder,
      broker: this.host.address,
      allow: over.allow ?? this.choice.allow ?? [url],
      inputs: {
        InpUrl: url,
        InpToken: this.choice.token ?? this.#token,
        InpKey: this.choice.key ?? this.#key,
        InpSymbols: `${GOLD}=${GOLD_THERE};BTCUSD`,
        InpMagicBase: String(MAGIC_BASE),
        InpTimerMs: '20',
        InpHttpTimeoutMs: '1000',
        InpResolveSeconds: '2',
        InpMaxLotsCommand: '5',
        InpMaxLotsTotal: '20',
        InpMaxCommandsMinute: '10000',
        InpAllowOpening: 'true',
        InpMaxQuoteAgeMs: '5000',
        InpDeviationPoints: '50',
        ...this.choice.inputs,
        ...over.inputs,
      },
      args: ['--chart', GOLD_THERE],
    });
    this.terminals.push(terminal);
    return terminal;
  }

  /** The first terminal. */
  get ea(): Terminal {
    return this.terminals[0] ?? this.newTerminal();
  }

  get login(): number {
    return this.choice.account?.login ?? LOGIN;
  }

  /** Engine and EA up, and allowed to trade. */
  async trading(): Promise<void> {
    if (!this.engine.alive) await this.startEngine();
    if (!this.ea.alive) this.startEa();
    await this.engine.untilUp();
  }

  /** The first terminal, once more. What the engine believed of the link before is no news of this life. */
  startEa(more: Parameters<Terminal['start']>[0] = {}): void {
    this.engine.orderLink = 'down';
    this.ea.start(more);
  }

  async startEngine(crashAt: Parameters<EngineSide['start']>[0] = null): Promise<'ready' | 'dead'> {
    const outcome = await this.engine.start(crashAt);
    this.road.target = this.engine.port;
    return outcome;
  }

  buy(lots: string, over: Partial<OrderWish> = {}): Placed {
    return this.engine.place({ side: 'buy', lots, limitPx: BUY_LIMIT, ...over });
  }
  sell(lots: string, over: Partial<OrderWish> = {}): Placed {
    return this.engine.place({ side: 'sell', lots, limitPx: SELL_LIMIT, ...over });
  }

  /** Lots that the engine was told of, each deal once. */
  toldLots({ request }: Placed): number {
    const own = this.engine.fills.filter(({ clientOrderId }) => clientOrderId === request.clientOrderId);
    const once = new Map(own.map((fill) => [fill.tradeId, Number(fill.qty)]));
    return Number([...once.values()].reduce((sum, lots) => sum + lots, 0).toFixed(8));
  }

  async filled(placed: Placed, lots: string, withinMs?: number): Promise<void> {
    let refused: string | null = null;
    void placed.outcome.then((outcome) => (refused = outcome.code === 'refused' ? JSON.stringify(outcome.refusal) : null));
    const told = (): boolean => this.toldLots(placed) === Number(lots);
    await this.until(`${lots} lots of ${placed.request.clientOrderId}`, () => told() || refused !== null, withinMs);
    if (!told()) throw new Error(`${placed.request.clientOrderId} was refused: ${refused}\n${this.story()}`);
  }

  /** Opens a position and waits until the engine knows of it. @returns its identifier */
  async opened(lots: string, over: Partial<OrderWish> = {}): Promise<string> {
    const placed = this.buy(lots, over);
    await this.filled(placed, lots);
    return this.engine.fills.find(({ clientOrderId }) => clientOrderId === placed.request.clientOrderId)!.positionId!;
  }

  /** Executed by the broker for this order, whatever anybody was told. */
  executedLots({ request }: Placed): number {
    const deals = brokerEvidence(this.broker, this.login).deals.filter(({ magic }) => magic === request.magic);
    return Number(deals.reduce((sum, { lots }) => sum + Number(lots), 0).toFixed(8));
  }

  /** What the EA sent to a path, parsed, oldest first. */
  sent(where: string): readonly Readonly<Record<string, unknown>>[] {
    return this.road.exchanges
      .filter((each) => each.path === where)
      .map((each) => JSON.parse(each.request) as Readonly<Record<string, unknown>>);
  }

  /** Waits for anything, looking again and again. */
  async until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
    const endsMs = performance.now() + withinMs;
    while (!(await holds())) {
      if (performance.now() > endsMs) throw new Error(`not within ${withinMs} ms: ${what}\n${this.story()}`);
      await sleep(POLL_MS);
    }
  }

  #engineEvidence(): EngineEvidence {
    const tables = this.engine.alive ? readEngine(this.engine.ledgerFile) : readDeadEngine(this.engine.ledgerFile);
    const fills = this.engine.fills.map(({ tradeId, clientOrderId, side, qty, px }) => ({ tradeId, clientOrderId, side, qty, px }));
    return { ...tables, fills: distinctFills(fills) };
  }

  #halts(): readonly { readonly fromUnixMs: number; readonly toUnixMs: number }[] {
    const halts: { fromUnixMs: number; toUnixMs: number }[] = [];
    for (const { reply, deliveredUnixMs } of this.road.exchanges) {
      if (reply === null || deliveredUnixMs === null) continue;
      const open = halts.at(-1)?.toUnixMs === Infinity ? halts.at(-1)! : null;
      if (reply.includes('"mode":"halt"') && open === null) halts.push({ fromUnixMs: deliveredUnixMs, toUnixMs: Infinity });
      if (/"mode":"(normal|close_only)"/.test(reply) && open !== null) open.toUnixMs = deliveredUnixMs;
    }
    return halts;
  }

  verdict(settled: boolean): readonly string[] {
    return judge({
      broker: brokerEvidence(this.broker, this.login),
      engine: this.#engineEvidence(),
      magicBase: MAGIC_BASE,
      halts: this.#halts(),
      settled,
    });
  }

  /** Waits until all agree. @throws with every disagreement that stays */
  async agree(withinMs = AGREE_WITHIN_MS): Promise<void> {
    const endsMs = performance.now() + withinMs;
    for (;;) {
      const wrong = this.verdict(true);
      if (wrong.length === 0) return;
      if (performance.now() > endsMs) throw new Error(`the oracle finds:\n${wrong.join('\n')}\n${this.story()}`);
      await sleep(POLL_MS * 4);
    }
  }

  /** For a failure's report. */
  story(): string {
    const { errors, notes, orderLink, orderLinkDetail } = this.engine;
    return [
      `engine: link ${orderLink} (${orderLinkDetail}); ${notes.slice(-5).join(' | ')} ${errors.slice(-1_500)}`,
      ...this.terminals.map(
        (each, i) =>
          `terminal ${i + 1}: ${each.alive ? 'alive' : 'dead'}; ${each.lines.slice(-12).join('\n  ')}\n  ${each.errors.slice(-1_500)}`,
      ),
      `last on the road:\n${this.road.exchanges
        .filter(
          ({ path: where, fault, reply }) =>
            where !== 'tick' && (where !== 'poll' || fault !== null || (reply?.includes('"command":{') ?? false)),
        )
        .slice(-8)
        .map(
          ({ path: where, fault, request, status, reply }) =>
            `  ${where} ${fault ?? ''} ${request.slice(0, 400)} → ${status ?? '-'} ${reply?.slice(0, 400) ?? ''}`,
        )
        .join('\n')}`,
    ].join('\n');
  }

  async end(): Promise<void> {
    clearInterval(this.#pump);
    for (const terminal of this.terminals) await terminal.stop();
    await this.engine.stop();
    await this.road.stop();
    await this.host.stop();
  }
}

const secret = (): string => randomBytes(32).toString('base64url');

/** A broker, a road and an engine side; nothing runs yet but the broker and the road. */
export const buildWorld = async (choice: WorldChoice): Promise<World> => {
  mkdirSync(choice.folder, { recursive: true });
  const host = await startBroker({
    symbols: [
      brokerSymbol(GOLD_THERE, { commissionPerLot: '3.5', base: 'XAU', margin: 'XAU', ...choice.symbol }),
      brokerSymbol('BTCUSD', { contractSize: '1', base: 'BTC', margin: 'BTC' }),
    ],
    accounts: [{ login: LOGIN, deposit: '1000000', ...choice.account }],
    habits: choice.habits ?? {},
    offsetS: choice.offsetS ?? TWO_HOURS_S,
    leadMs: choice.leadMs ?? 0,
    delayMs: choice.brokerMs ?? BROKER_MS,
  });
  const road = await openRoad({ target: 1, ...choice.road });
  const [token, key] = [secret(), secret()];
  const engine = new EngineSide({
    folder: choice.folder,
    port: 0,
    token,
    key,
    symbols: [GOLD, 'BTCUSD'],
    mode: choice.mode ?? 'demo',
    login: choice.login ?? null,
    server: null,
  });
  return new World(choice, { host, road, engine, token, key });
};

/** Runs a story in a world of its own, and judges: no damage found by the runtime, and everybody agrees. */
export const inWorld = async (choice: WorldChoice, story: (world: World) => Promise<void>): Promise<void> => {
  const world = await buildWorld(choice);
  try {
    await story(world);
    await world.agree();
    for (const terminal of world.terminals) {
      if (terminal.alive) {
        const { code, signal } = await terminal.stop();
        if (code !== 0) throw new Error(`the EA ended with ${signal ?? code}: ${terminal.errors}`);
      }
      if (terminal.damage() !== '') throw new Error(`the runtime found:\n${terminal.damage()}`);
    }
    const wrong = world.verdict(true);
    if (wrong.length > 0) throw new Error(`after the end the oracle finds:\n${wrong.join('\n')}\n${world.story()}`);
  } catch (error) {
    const damage = world.terminals.map((terminal) => terminal.damage()).find((each) => each !== '');
    if (damage !== undefined) throw new Error(`the runtime found:\n${damage}`, { cause: error });
    throw error;
  } finally {
    await world.end();
  }
};
