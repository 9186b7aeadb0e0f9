/**
 * The private channels of a simulated OKX: who listens to which account, snapshots on subscription, a push for every change. Owns
 * their order: what one call changed goes out together, sometimes before that call's own reply, as at the original.
 */
import type { AccountEvent, AccountId, BookFill, SimAccounts } from './account/account.ts';
import type { FaultSwitch } from '../faults.ts';
import type { RandomStream } from '../random.ts';
import { uidOf } from './okxAccountRoutes.ts';
import type { OkxAccountView } from './okxAccountView.ts';
import type { OkxArg } from './okxRequests.ts';
import { createPrivatePushes, type PrivatePushes } from './privatePushes.ts';

export const MAX_CHANNEL_CONNECTIONS = 30;
const TIMED_PUSH_MS = 5_000;
/** Share of changes whose pushes overtake the reply to the request that made them. */
const OVERTAKING_SHARE = 0.3;

/** One logged-in socket. */
export interface PrivateSession {
  readonly account: AccountId;
  readonly args: Map<string, OkxArg>;
  readonly pushes: PrivatePushes;
  queue: string[];
  timedMonoMs: number;
}

export interface OkxChannelSettings {
  readonly accounts: SimAccounts;
  readonly view: OkxAccountView;
  readonly faults: FaultSwitch;
  readonly venueNow: () => number;
  readonly random: RandomStream;
}

const keyOf = (arg: OkxArg): string => `${arg.channel}/${arg.instType ?? ''}/${arg.instFamily ?? ''}/${arg.instId ?? ''}/${arg.ccy ?? ''}`;

const BALANCE_EVENTS: Readonly<Record<Extract<AccountEvent, { kind: 'money' }>['why'], string>> = {
  order: 'filled',
  funding: 'funding_fee',
  deposit: 'transferred',
  margin: 'adjust_margin',
};

export class OkxPrivateChannels {
  readonly #settings: OkxChannelSettings;
  readonly #sessions = new Set<PrivateSession>();
  readonly #unwatch: () => void;
  #flush: NodeJS.Immediate | null = null;

  constructor(settings: OkxChannelSettings) {
    this.#settings = settings;
    this.#unwatch = settings.accounts.watch((events) => this.#tell(events));
  }

  open(account: AccountId, send: (text: string) => void): PrivateSession {
    const pushes = createPrivatePushes(this.#settings.faults, send);
    const session = { account, args: new Map<string, OkxArg>(), pushes, queue: [], timedMonoMs: performance.now() };
    this.#sessions.add(session);
    return session;
  }

  close(session: PrivateSession): void {
    this.#sessions.delete(session);
    session.pushes.stop();
  }

  stop(): void {
    this.#unwatch();
    if (this.#flush !== null) clearImmediate(this.#flush);
    for (const session of this.#sessions) this.close(session);
  }

  /** Sockets of this account that listen to the channel, this one included; more than the limit = it is not served. */
  join(session: PrivateSession, arg: OkxArg): { readonly count: number; readonly served: boolean } {
    const others = [...this.#sessions].filter(
      (s) => s !== session && s.account === session.account && [...s.args.values()].some((a) => a.channel === arg.channel),
    ).length;
    if (others >= MAX_CHANNEL_CONNECTIONS) return { count: others, served: false };
    session.args.set(keyOf(arg), arg);
    return { count: others + 1, served: true };
  }

  leave(session: PrivateSession, arg: OkxArg): void {
    session.args.delete(keyOf(arg));
  }

  /** What a new listener gets at once; `orders` has no snapshot. */
  snapshot(session: PrivateSession, arg: OkxArg): void {
    const { view } = this.#settings;
    const { account } = session;
    if (arg.channel === 'positions') {
      session.queue.push(
        this.#text(
          session,
          arg,
          view.positions(account).filter((p) => isAskedFor(arg, p.instId, p.instType)),
        ),
      );
    } else if (arg.channel === 'account') session.queue.push(this.#text(session, arg, [view.account(account, ccysOf(arg))]));
    else if (arg.channel === 'balance_and_position') session.queue.push(this.#text(session, arg, [this.#wholeBalance(account)]));
    this.#empty(session);
  }

  /** Regular pushes of channels that were not asked to come on changes alone. */
  check(session: PrivateSession, nowMonoMs: number): void {
    if (nowMonoMs - session.timedMonoMs < TIMED_PUSH_MS) return;
    session.timedMonoMs = nowMonoMs;
    const held = this.#settings.view.positions(session.account);
    for (const arg of session.args.values()) {
      if (arg.extraParams?.includes('"0"') === true) continue;
      const rows = held.filter((p) => isAskedFor(arg, p.instId, p.instType));
      if (arg.channel === 'positions' && rows.length > 0) session.queue.push(this.#text(session, arg, rows));
      if (arg.channel === 'account')
        session.queue.push(this.#text(session, arg, [this.#settings.view.account(session.account, ccysOf(arg))]));
    }
    this.#empty(session);
  }

  #text(session: PrivateSession, arg: OkxArg, data: readonly object[]): string {
    const { extraParams: _, ...named } = arg;
    return JSON.stringify({ arg: { ...named, uid: uidOf(session.account) }, data });
  }

  #empty(session: PrivateSession): void {
    for (const text of session.queue.splice(0)) session.pushes.push(text);
  }

  #emptyAll(): void {
    if (this.#flush !== null) clearImmediate(this.#flush);
    this.#flush = null;
    for (const session of this.#sessions) this.#empty(session);
  }

  #tell(events: readonly AccountEvent[]): void {
    const fills = new Map<AccountId, BookFill[]>();
    for (const event of events)
      if (event.kind === 'order' && event.fill !== null) fills.set(event.account, [...(fills.get(event.account) ?? []), event.fill]);
    for (const event of events)
      for (const session of this.#sessions)
        if (session.account === event.account)
          for (const arg of session.args.values()) {
            const text = this.#push(session, arg, event, fills.get(event.account) ?? []);
            if (text !== null) session.queue.push(text);
          }
    if (this.#settings.random.uniform() < OVERTAKING_SHARE) this.#emptyAll();
    else this.#flush ??= setImmediate(() => this.#emptyAll());
  }

  #push(session: PrivateSession, arg: OkxArg, event: AccountEvent, fills: readonly BookFill[]): string | null {
    const { view } = this.#settings;
    if (event.kind === 'order') {
      const { order, fill, change } = event;
      const x = view.instrument(order.symbol);
      if (arg.channel !== 'orders' || !isAskedFor(arg, order.symbol, x.instType)) return null;
      return this.#text(session, arg, [view.orderPush(order, fill, change === 'amended' ? { amended: '1' } : {})]);
    }
    if (event.kind !== 'money') return null;
    if (arg.channel === 'positions') {
      const rows = event.positions.map((p) => view.position(event.account, p)).filter((p) => isAskedFor(arg, p.instId, p.instType));
      return rows.length === 0 ? null : this.#text(session, arg, rows);
    }
    const changed = event.balances.map((b) => b.asset);
    if (arg.channel === 'account') {
      const only = ccysOf(arg).length === 0 ? changed : changed.filter((asset) => ccysOf(arg).includes(asset));
      return only.length === 0 ? null : this.#text(session, arg, [view.account(event.account, only)]);
    }
    return arg.channel === 'balance_and_position' ? this.#text(session, arg, [this.#changedBalance(event, fills)]) : null;
  }

  #changedBalance(event: Extract<AccountEvent, { kind: 'money' }>, fills: readonly BookFill[]): object {
    const { view } = this.#settings;
    return {
      pTime: String(event.atMs),
      eventType: BALANCE_EVENTS[event.why],
      balData: event.balances.map((b) => ({ ccy: b.asset, cashBal: b.total, uTime: String(b.updatedMs) })),
      posData: event.positions.map((p) => briefOf(view.position(event.account, p))),
      trades: event.why === 'order' ? fills.map((f) => ({ instId: f.symbol, tradeId: f.tradeId })) : [],
    };
  }

  #wholeBalance(account: AccountId): object {
    const { accounts, view, venueNow } = this.#settings;
    return {
      pTime: String(venueNow()),
      eventType: 'snapshot',
      balData: accounts.balances(account).map((b) => ({ ccy: b.asset, cashBal: b.total, uTime: String(b.updatedMs) })),
      posData: view.positions(account).map(briefOf),
      trades: [],
    };
  }
}

const ccysOf = (arg: OkxArg): readonly string[] => (arg.ccy === undefined || arg.ccy === '' ? [] : arg.ccy.split(','));

const isAskedFor = (arg: OkxArg, instId: string, instType: string): boolean =>
  (arg.instType === undefined || arg.instType === 'ANY' || arg.instType === instType) &&
  (arg.instId === undefined || arg.instId === instId) &&
  (arg.instFamily === undefined || instId.startsWith(`${arg.instFamily}-`));

const briefOf = (p: ReturnType<OkxAccountView['position']>): object => ({
  posId: p.posId,
  tradeId: p.tradeId,
  instId: p.instId,
  instType: p.instType,
  mgnMode: p.mgnMode,
  posSide: p.posSide,
  pos: p.pos,
  ccy: p.ccy,
  posCcy: p.posCcy,
  avgPx: p.avgPx,
  nonSettleAvgPx: '',
  settledPnl: '',
  uTime: p.uTime,
});
