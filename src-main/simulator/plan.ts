/**
 * The schedule of one run, drawn whole from its seed before the run begins: which faults strike where and for how long,
 * what the operator does, when the process dies. Plain data, so that a failing schedule can be cut down piece by piece.
 */
import type { Chance } from './chance.ts';
import { createChance } from './chance.ts';
import {
  EXCHANGE_ONLY,
  TERMINAL_FAULT_NAMES,
  VENUE_FAULT_NAMES,
  type ExchangeFault,
  type TerminalFault,
  type VenueFault,
} from './faultKinds.ts';

export type SimVenueName = 'mt5' | 'okx' | 'binance';
export const SIM_VENUES: readonly SimVenueName[] = ['mt5', 'okx', 'binance'];

export interface FaultItem {
  readonly kind: 'fault';
  readonly fault: VenueFault | TerminalFault | ExchangeFault;
  readonly venue: SimVenueName;
  readonly atMs: number;
  readonly forMs: number;
  /** Share of what it could strike that it strikes. */
  readonly share: number;
}

export interface CrashItem {
  readonly kind: 'crash';
  readonly atMs: number;
  readonly how: 'now' | 'before-commit' | 'after-commit' | 'restart';
  readonly downMs: number;
  /** With the two commit kinds: only a commit that sends an order counts. */
  readonly ofOrder: boolean;
}

export interface DiskItem {
  readonly kind: 'disk';
  readonly atMs: number;
  readonly fault: 'disk-full' | 'busy' | 'io' | 'slow';
  /** Whether the commit took effect although it is reported as failed. */
  readonly torn: boolean;
  readonly commits: number;
  /** How long a person takes to restart the engine. */
  readonly restartAfterMs: number;
}

export interface ClockItem {
  readonly kind: 'clock';
  readonly atMs: number;
  readonly jumpMs: number;
}

export type ActKind =
  | 'pause'
  | 'resume'
  | 'kill'
  | 'flatten'
  | 'hands-off'
  | 'reset'
  | 'arm'
  | 'disarm'
  | 'tighten'
  | 'enable'
  | 'group-act'
  | 'accept-position';

export interface ActItem {
  readonly kind: 'act';
  readonly atMs: number;
  readonly act: ActKind;
  /** 0 = all, else one pair or venue by number. */
  readonly scope: number;
  /** Chooses among what there is: a group, a verb, a limit. */
  readonly choice: number;
  /** Waits for the next order, and comes while that is on its way. */
  readonly atOrder: boolean;
}

/** An exchange closes part of what is held there, by itself. */
export interface LiquidationItem {
  readonly kind: 'liquidation';
  readonly venue: Exclude<SimVenueName, 'mt5'>;
  readonly atMs: number;
  /** Of the position. */
  readonly share: number;
  /** Questions do not find it for so long. */
  readonly hiddenMs: number;
  readonly isPushed: boolean;
}

/** Somebody else's position at our account is opened, and closed by the exchange, while we hold nothing of that instrument. */
export interface ForeignActItem {
  readonly kind: 'foreign-act';
  readonly venue: Exclude<SimVenueName, 'mt5'>;
  readonly atMs: number;
  readonly steps: number;
  readonly isPushed: boolean;
}

/** The process dies, and comes back for a while with a key of another account. */
export interface OtherAccountItem {
  readonly kind: 'other-account';
  readonly venue: Exclude<SimVenueName, 'mt5'>;
  readonly atMs: number;
  readonly forMs: number;
}

export type PlanItem = FaultItem | CrashItem | DiskItem | ClockItem | ActItem | LiquidationItem | ForeignActItem | OtherAccountItem;

export interface Plan {
  readonly seed: number;
  /** How long faults strike. */
  readonly troubleMs: number;
  readonly items: readonly PlanItem[];
}

/** Most runs know a few kinds of trouble at a time; some know none, so that ordinary trading is exercised, too. */
const density = (chance: Chance): number => {
  const draw = chance.of('density');
  if (draw < 0.06) return 0;
  return draw < 0.5 ? 0.5 : draw < 0.9 ? 1 : 2;
};

const SHARES = [0.3, 0.6, 1] as const;

const drawFault = (chance: Chance, n: number, troubleMs: number): FaultItem => {
  const at = (what: string): string => `fault/${n}/${what}`;
  const pick = <T>(what: string, from: readonly T[]): T => from[Math.floor(chance.of(at(what)) * from.length)]!;
  const venue = pick('venue', SIM_VENUES);
  const common = VENUE_FAULT_NAMES.filter((name) => venue !== 'mt5' || !EXCHANGE_ONLY.includes(name));
  const fault = venue === 'mt5' && chance.hits(at('terminal'), 0.45) ? pick('kind', TERMINAL_FAULT_NAMES) : pick('kind', common);
  // A venue that invents fills is rare even here: it ends the trading of a run.
  if (fault === 'over-fill' && chance.hits(at('tame'), 0.6)) return { ...drawFault(chance, n + 10_000, troubleMs) };
  const atMs = Math.floor(chance.between(at('at'), 0, troubleMs * 0.95));
  const forMs = chance.hits(at('long'), 0.25) ? chance.between(at('for'), 10_000, 45_000) : chance.between(at('for'), 800, 10_000);
  return { kind: 'fault', fault, venue, atMs, forMs: Math.floor(Math.min(forMs, troubleMs - atMs)), share: pick('share', SHARES) };
};

/** Troubles that come together: what one hides, the other would have shown. */
const STORMS: readonly (readonly VenueFault[])[] = [
  ['lost-reply', 'silent-push', 'query-fails'],
  ['lost-reply', 'silent-push', 'hidden'],
  ['lost-request', 'silent-push'],
  ['silent-push', 'snapshot-fails', 'query-fails'],
  ['partial', 'silent-push'],
  ['partial', 'late-push', 'duplicate-push'],
  ['reject', 'stale-quotes'],
  ['late-reply', 'late-push', 'slow-match'],
];

const drawStorm = (chance: Chance, n: number, troubleMs: number): FaultItem[] => {
  const venue = SIM_VENUES[Math.floor(chance.of(`storm/${n}/venue`) * SIM_VENUES.length)]!;
  const atMs = Math.floor(chance.between(`storm/${n}/at`, 5_000, troubleMs * 0.8));
  const forMs = Math.floor(Math.min(chance.between(`storm/${n}/for`, 6_000, 20_000), troubleMs - atMs));
  const faults = STORMS[Math.floor(chance.of(`storm/${n}/kind`) * STORMS.length)]!;
  return faults
    .filter((fault) => venue !== 'mt5' || !EXCHANGE_ONLY.includes(fault))
    .map((fault) => ({ kind: 'fault', fault, venue, atMs, forMs, share: 1 }));
};

const CRASHES = ['now', 'before-commit', 'after-commit', 'restart'] as const;

const drawCrash = (chance: Chance, n: number, troubleMs: number): CrashItem => ({
  kind: 'crash',
  atMs: Math.floor(chance.between(`crash/${n}/at`, 5_000, troubleMs)),
  how: CRASHES[Math.floor(chance.of(`crash/${n}/how`) * CRASHES.length)]!,
  downMs: Math.floor(
    chance.hits(`crash/${n}/long`, 0.2) ? chance.between(`crash/${n}/down`, 8_000, 40_000) : chance.between(`crash/${n}/down`, 200, 4_000),
  ),
  ofOrder: chance.hits(`crash/${n}/order`, 0.6),
});

const DISKS = ['disk-full', 'busy', 'io', 'slow'] as const;

const drawDisk = (chance: Chance, troubleMs: number): DiskItem => ({
  kind: 'disk',
  atMs: Math.floor(chance.between('disk/at', 5_000, troubleMs)),
  fault: DISKS[Math.floor(chance.of('disk/kind') * DISKS.length)]!,
  torn: chance.hits('disk/torn', 0.4),
  commits: chance.hits('disk/many', 0.4) ? 1_000 : 1,
  restartAfterMs: Math.floor(chance.between('disk/restart', 1_000, 20_000)),
});

const JUMPS_MS = [-3_600_000, -5_000, 5_000, 3_600_000] as const;
const ACTS: readonly (readonly [ActKind, number])[] = [
  ['pause', 2],
  ['resume', 3],
  ['kill', 3],
  ['flatten', 2],
  ['hands-off', 2],
  ['reset', 5],
  ['arm', 4],
  ['disarm', 2],
  ['tighten', 1],
  ['enable', 2],
  ['group-act', 4],
  ['accept-position', 1],
];
const ACT_WEIGHT = ACTS.reduce((sum, [, weight]) => sum + weight, 0);

const drawAct = (chance: Chance, n: number, troubleMs: number): ActItem => {
  let left = chance.of(`act/${n}/kind`) * ACT_WEIGHT;
  let act: ActKind = 'arm';
  for (const [kind, weight] of ACTS) {
    act = kind;
    left -= weight;
    if (left < 0) break;
  }
  return {
    kind: 'act',
    atMs: Math.floor(chance.between(`act/${n}/at`, 8_000, troubleMs)),
    act,
    scope: chance.hits(`act/${n}/scoped`, 0.5) ? 1 + Math.floor(chance.of(`act/${n}/scope`) * 5) : 0,
    choice: chance.of(`act/${n}/choice`),
    atOrder: chance.hits(`act/${n}/at-order`, 0.5),
  };
};

const STOPS = ['kill', 'flatten', 'hands-off'] as const;

/** A stop in the moment in which something is being sent: the hardest one to obey. */
const drawStop = (chance: Chance, troubleMs: number): ActItem => ({
  kind: 'act',
  atMs: Math.floor(chance.between('stop/at', 8_000, troubleMs * 0.8)),
  act: STOPS[Math.floor(chance.of('stop/kind') * STOPS.length)]!,
  scope: chance.hits('stop/scoped', 0.6) ? 1 + Math.floor(chance.of('stop/scope') * 5) : 0,
  choice: chance.of('stop/choice'),
  atOrder: true,
});

const EXCHANGES = ['okx', 'binance'] as const;

/** Drawn beside everything else, under names of their own: a seed keeps its other troubles. */
const drawExchangeTroubles = (chance: Chance, troubleMs: number): PlanItem[] => {
  const venueOf = (what: string) => EXCHANGES[Math.floor(chance.of(`${what}/venue`) * EXCHANGES.length)]!;
  const liquidations = several(chance.hits('liquidations', 0.12) ? 1 + Math.floor(chance.of('liquidation-count') * 3) : 0, (n) => {
    const at = `liquidation/${n}`;
    return {
      kind: 'liquidation' as const,
      venue: venueOf(at),
      atMs: Math.floor(chance.between(`${at}/at`, 8_000, troubleMs * 0.9)),
      share: chance.hits(`${at}/whole`, 0.5) ? 1 : chance.between(`${at}/share`, 0.1, 1),
      hiddenMs: chance.hits(`${at}/hides`, 0.4) ? Math.floor(chance.between(`${at}/hidden`, 200, 20_000)) : 0,
      isPushed: chance.hits(`${at}/pushed`, 0.6),
    };
  });
  const lags = several(chance.hits('lags', 0.15) ? 2 : 0, (n): FaultItem => {
    const atMs = Math.floor(chance.between(`lag/${n}/at`, 0, troubleMs * 0.8));
    const forMs = Math.floor(Math.min(chance.between(`lag/${n}/for`, 5_000, 40_000), troubleMs - atMs));
    return { kind: 'fault', fault: 'positions-lag', venue: venueOf(`lag/${n}`), atMs, forMs, share: 1 };
  });
  return [...liquidations, ...lags, ...drawStrangers(chance, troubleMs, venueOf)];
};

const drawStrangers = (chance: Chance, troubleMs: number, venueOf: (what: string) => (typeof EXCHANGES)[number]): PlanItem[] => [
  ...several(chance.hits('foreign-acts', 0.2) ? 1 + Math.floor(chance.of('foreign-act-count') * 3) : 0, (n): ForeignActItem => {
    const at = `foreign-act/${n}`;
    const atMs = Math.floor(chance.between(`${at}/at`, 8_000, troubleMs * 0.8));
    const steps = 1 + Math.floor(chance.of(`${at}/steps`) * 40);
    return { kind: 'foreign-act', venue: venueOf(at), atMs, steps, isPushed: chance.hits(`${at}/pushed`, 0.7) };
  }),
  ...several(chance.hits('other-accounts', 0.08) ? 1 : 0, (n): OtherAccountItem => {
    const at = `other-account/${n}`;
    const atMs = Math.floor(chance.between(`${at}/at`, 10_000, troubleMs * 0.75));
    const forMs = Math.floor(Math.min(chance.between(`${at}/for`, 2_000, 15_000), troubleMs - atMs));
    return { kind: 'other-account', venue: venueOf(at), atMs, forMs };
  }),
];

const several = <T>(count: number, draw: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => draw(n));

/** Everything that will happen in the run of this seed. */
export const drawPlan = (seed: number, minutes: number): Plan => {
  const chance = createChance(seed);
  const troubleMs = Math.round(minutes * 60_000);
  const much = density(chance);
  const per = (name: string, each: number): number => Math.round(much * each * chance.between(name, 0.3, 1.7));
  const items: PlanItem[] = [
    ...several(per('faults', 7 * minutes), (n) => drawFault(chance, n, troubleMs)),
    ...(much > 0 && chance.hits('storms', 0.4) ? several(1, (n) => drawStorm(chance, n, troubleMs)).flat() : []),
    ...(much > 0 && chance.hits('stop', 0.3) ? [drawStop(chance, troubleMs)] : []),
    ...several(per('acts', 1.5 * minutes), (n) => drawAct(chance, n, troubleMs)),
    ...(much > 0 && chance.hits('crashes', 0.6)
      ? several(1 + Math.floor(chance.of('crash-count') * 3), (n) => drawCrash(chance, n, troubleMs))
      : []),
    ...(much > 0 ? drawExchangeTroubles(chance, troubleMs) : []),
    ...(much > 0 && chance.hits('disk', 0.25) ? [drawDisk(chance, troubleMs)] : []),
    ...(much > 0 && chance.hits('clock', 0.2)
      ? several(
          1 + Math.floor(chance.of('clock-count') * 2),
          (n): ClockItem => ({
            kind: 'clock',
            atMs: Math.floor(chance.between(`clock/${n}/at`, 5_000, troubleMs)),
            jumpMs: JUMPS_MS[Math.floor(chance.of(`clock/${n}/by`) * JUMPS_MS.length)]!,
          }),
        )
      : []),
  ];
  items.sort((a, b) => a.atMs - b.atMs);
  return { seed, troubleMs, items };
};

const textOf = (item: PlanItem): string => {
  switch (item.kind) {
    case 'fault':
      return `${item.venue} ${item.fault} for ${item.forMs} ms, share ${item.share}`;
    case 'crash':
      return `${item.how === 'restart' ? 'clean restart' : `crash ${item.how}${item.how === 'now' ? '' : item.ofOrder ? ' of an order' : ''}`}, down ${item.downMs} ms`;
    case 'disk':
      return `${item.fault}${item.torn ? ' (torn)' : ''}, ${item.commits} commits, restarted after ${item.restartAfterMs} ms`;
    case 'liquidation':
      return `${item.venue} liquidates ${item.share.toFixed(2)} of a position${item.hiddenMs > 0 ? `, hidden for ${item.hiddenMs} ms` : ''}${item.isPushed ? '' : ', not pushed'}`;
    case 'foreign-act':
      return `${item.venue} closes ${item.steps} steps of somebody else's by itself${item.isPushed ? '' : ', not pushed'}`;
    case 'other-account':
      return `${item.venue} is reached with a key of another account for ${item.forMs} ms`;
    case 'clock':
      return `Unix clock jumps by ${item.jumpMs} ms`;
    case 'act':
      return `operator: ${item.act}, scope ${item.scope}, choice ${item.choice.toFixed(3)}${item.atOrder ? ', at the next order' : ''}`;
  }
};

/** For people: one line an item, oldest first. */
export const describePlan = (plan: Plan): readonly string[] => [
  `seed ${plan.seed}, trouble for ${(plan.troubleMs / 1_000).toFixed(1)} s`,
  ...plan.items.map((item) => `${(item.atMs / 1_000).toFixed(3).padStart(9)} s  ${textOf(item)}`),
];
