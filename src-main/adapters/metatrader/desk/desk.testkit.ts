/** A desk on a real ledger with a clock turned by hand, an inlet that keeps what it is offered, and the words of an EA. */
import { join } from 'node:path';
import type { ClientOrderId, GroupId, InstrumentId, VenueId } from '../../../../src-shared/domain/ids.ts';
import type { OrderRef, OrderRequest, PlaceOutcome } from '../../../../src-shared/domain/order.ts';
import type { ControlInput } from '../../../core/events.ts';
import type { RiskApproved } from '../../../core/risk/approved.ts';
import type { CommandStore, Ledger } from '../../../runtime/ports.ts';
import { openLedger } from '../../ledger/ledger.ts';
import { handClock, scratchFolder, type HandClock } from '../../ledger/ledger.testkit.ts';
import type { CommandDesk, DeskLink } from '../commandDesk.ts';
import type { Hello } from '../helloWire.ts';
import type { WireCommand } from '../replyWire.ts';
import type { AckRequest, SnapshotRequest, WireDeal } from '../tradeWire.ts';
import type { PollRequest } from '../wire.ts';
import { createDesk } from './desk.ts';

export const T0 = 1_760_000_000_000;
export const VENUE = 'mt5' as VenueId;
export const GOLD = 'XAUUSD@mt5' as InstrumentId;
export const OFFSET_MS = 7_200_000;
export const BASE = 1_600_000_000_000;

export const hello = (over: Partial<Hello> = {}): Hello => ({
  v: 1,
  boot_id: 'boot-1',
  login: '1001',
  server: 'Demo-1',
  company: 'Broker',
  currency: 'USD',
  margin_mode: 'hedging',
  account_kind: 'demo',
  terminal_build: '5000',
  ea_version: '1.0',
  server_utc_offset_s: OFFSET_MS / 1_000,
  magic_base: BASE,
  limits: { max_lots_command: '1', max_lots_total: '5', max_commands_minute: 60, opening: true },
  symbols: [
    {
      name: 'XAUUSD',
      digits: 2,
      point: '0.01',
      tick_size: '0.01',
      tick_value: '1',
      contract_size: '100',
      vol_min: '0.01',
      vol_step: '0.01',
      vol_max: '50',
      vol_limit: '0',
      filling: 3,
      exemode: 'market',
      trade_mode: 'full',
      base: 'XAU',
      profit: 'USD',
      margin: 'USD',
      swap_mode: 1,
      swap_long: '-1',
      swap_short: '0.5',
      swap_triple_day: 3,
      sessions: [],
    },
  ],
  open_ids: [],
  kill_presses: 0,
  gates: 'ok',
  seq: 0,
  ...over,
});

const ENVELOPE = { v: 1, session: 's', epoch: 1, seq: 1, gates: 'ok' } as const;
export const ack = (commandId: string, state: AckRequest['state'], over: Partial<AckRequest> = {}): AckRequest => ({
  ...ENVELOPE,
  command_id: commandId,
  lease_id: 'l',
  state,
  retcode: 0,
  retcode_ext: 0,
  error: '',
  text: '',
  order: '0',
  deals: [],
  positions: [],
  cum_lots: '0',
  avg_price: '0',
  broker_ms: 0,
  queue_ms: 0,
  duplicate: false,
  ...over,
});

export const wireDeal = (deal: string, magic: number, over: Partial<WireDeal> = {}): WireDeal => ({
  deal,
  order: '5001',
  position_id: '5001',
  magic,
  symbol: 'XAUUSD',
  side: 'buy',
  entry: 'in',
  lots: '0.1',
  price: '2400.5',
  commission: '-0.7',
  swap: '0',
  fee: '0',
  profit: '0',
  time_msc: T0 + OFFSET_MS,
  reason: 'expert',
  type: 'trade',
  comment: '',
  rev: 0,
  ...over,
});

export const snapshotPart = (request: number, over: Partial<SnapshotRequest> = {}): SnapshotRequest => ({
  ...ENVELOPE,
  request,
  part: 0,
  last: true,
  account: { balance: '10000', equity: '10010', margin: '50', margin_free: '9960', currency: 'USD' },
  positions: [],
  orders: [],
  deals: [],
  ...over,
});

export const poll = (over: Partial<PollRequest> = {}): PollRequest => ({
  ...ENVELOPE,
  connected: true,
  ping_us: 1_000,
  queue_depth: 0,
  http_us_max: 500,
  equity: '10010',
  margin_free: '9960',
  open_positions: 2,
  open_lots: '0.3',
  server_utc_offset_s: 7_200,
  kill_presses: 0,
  ...over,
});

export const ALIVE: DeskLink = { alive: true, connected: true, gates: 'ok', detail: '' };

/** `n` tells orders apart; numbers rise with it. */
export const order = (n: number, over: Partial<OrderRequest> = {}): RiskApproved<OrderRequest> =>
  ({
    clientOrderId: `q${n}` as ClientOrderId,
    groupId: 'g1' as GroupId,
    leg: 'a',
    attempt: 1,
    purpose: 'open',
    authority: 'rule',
    venueId: VENUE,
    instrumentId: GOLD,
    symbol: 'XAUUSD',
    side: 'buy',
    qty: '0.10',
    limitPx: '2401',
    timeInForce: 'ioc',
    reduceOnly: false,
    positionId: null,
    magic: T0 + n,
    validityMs: 2_000,
    quote: {
      instrumentId: GOLD,
      bidPx: '2400',
      askPx: '2400.4',
      bidQty: null,
      askQty: null,
      venueMs: null,
      updateId: null,
      receivedUnixMs: T0,
      ageMs: 0,
    },
    ...over,
  }) as RiskApproved<OrderRequest>;

export const closing = (n: number, over: Partial<OrderRequest> = {}): RiskApproved<OrderRequest> =>
  order(n, { purpose: 'close', reduceOnly: true, positionId: '5001', side: 'sell', limitPx: '2399', ...over });

export const refOf = ({ clientOrderId, venueId, instrumentId, symbol, magic }: OrderRequest): OrderRef => ({
  clientOrderId,
  venueId,
  instrumentId,
  symbol,
  venueOrderId: null,
  magic,
});

export interface DeskWorld {
  readonly desk: CommandDesk;
  readonly clock: HandClock;
  readonly store: CommandStore;
  readonly path: string;
  /** Everything that was offered to the engine and taken, oldest first. */
  readonly told: ControlInput[];
  /** Of one kind. */
  events<T extends ControlInput['type']>(type: T): Extract<ControlInput, { type: T }>[];
  alarms(): readonly string[];
  /** An EA that may trade, its account seen whole. */
  trade(over?: Partial<Hello>): void;
  /** Places, and keeps the outcome as soon as it is there. */
  place(request: RiskApproved<OrderRequest>, mayLeave?: () => boolean): { outcome: PlaceOutcome | null };
  /** What the next reply carries. */
  fetch(): WireCommand;
  /** Lets time pass and the watch run. */
  pass(ms: number): void;
  /** The engine ends (`clean`, or killed) and starts again on the same file. */
  restart(how?: 'clean' | 'killed'): Promise<DeskWorld>;
}

interface WorldOptions {
  readonly mode?: 'demo' | 'live';
  readonly path?: string;
  readonly clock?: HandClock;
  /** Whether the inlet takes an event. */
  readonly takes?: (event: ControlInput) => boolean;
  readonly storeOf?: (store: CommandStore) => CommandStore;
}

/** Outcomes come by promise: one turn of the queue lets them through. */
export const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

export const deskWorld = (options: WorldOptions = {}): DeskWorld => {
  const path = options.path ?? join(scratchFolder(), 'ledger.sqlite');
  const clock = options.clock ?? handClock(T0);
  const ledger: Ledger = openLedger({ path, clock, owner: 'test' });
  const told: ControlInput[] = [];
  const store = options.storeOf?.(ledger.commands) ?? ledger.commands;
  const take = (event: ControlInput): 'taken' | 'full' => {
    if (options.takes?.(event) === false) return 'full';
    told.push(event);
    return 'taken';
  };
  let chance = 0;
  const desk = createDesk({
    mode: options.mode ?? 'demo',
    venue: { id: VENUE, label: 'Broker' },
    instruments: [{ id: GOLD, symbol: 'XAUUSD' }],
    store,
    inlet: { offer: take },
    clock,
    random: (bytes) => new Uint8Array(bytes).fill((chance = (chance + 1) % 256)),
  });
  desk.gateway.start();
  const world: DeskWorld = {
    desk,
    clock,
    store,
    path,
    told,
    events: (type) => told.filter((event): event is never => event.type === type),
    alarms: () => told.flatMap((event) => (event.type === 'limit-crossed' ? [`${event.limit}: ${event.detail}`] : [])),
    trade(over) {
      desk.sessionOpened(hello(over), { id: 's', epoch: 1 });
      desk.linkChanged(ALIVE);
      desk.takeSnapshot(snapshotPart(desk.reply('').snapshotRequest), OFFSET_MS);
    },
    place(request, mayLeave = () => true) {
      const kept: { outcome: PlaceOutcome | null } = { outcome: null };
      void desk.gateway.place(request, mayLeave).then((outcome) => (kept.outcome = outcome));
      return kept;
    },
    fetch() {
      const { command } = desk.reply(null);
      if (command === null) throw new Error('the reply carries no command');
      return command;
    },
    pass(ms) {
      clock.advanceMs(ms);
      desk.watch();
    },
    async restart(how = 'killed') {
      if (how === 'clean') await desk.gateway.stop();
      ledger.close();
      return deskWorld({ ...options, path, clock });
    },
  };
  return world;
};
