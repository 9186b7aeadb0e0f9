/**
 * The operator of the simulated engine: what the plan makes him do, and the routine of somebody who wants to trade: arms,
 * looks after stops, resets them, enables what a rule disabled. In calm weather he brings everything to rest.
 */
import { GROUP_ACTS, isEndedGroup } from '../../src-shared/domain/hedgeGroup.ts';
import type { EngineSettings } from '../../src-shared/domain/settings.ts';
import type { StopScope } from '../../src-shared/domain/tradingState.ts';
import type { OperatorCommand } from '../core/events.ts';
import type { Account } from './oracle/account.ts';
import type { ActItem } from './plan.ts';

/** After so long in calm weather he acts on groups that are held … */
const ACT_AFTER_MS = 15_000;
/** … and takes over what could not be traded away. */
const ADOPT_AFTER_MS = 60_000;
/** After so long in calm weather what is still open under a stop is flattened. */
const FLATTEN_AFTER_MS = 70_000;

export class Operator {
  readonly #settings: EngineSettings;
  readonly #give: (command: OperatorCommand) => void;
  readonly #phrase: () => string | null;
  readonly #onTypedWrong: (requestId: string) => void;
  #requests = 0;

  /** @param phrase what the console shows to be typed; null = it shows none */
  constructor(
    settings: EngineSettings,
    give: (command: OperatorCommand) => void,
    phrase: () => string | null,
    onTypedWrong: (requestId: string) => void,
  ) {
    this.#settings = settings;
    this.#give = give;
    this.#phrase = phrase;
    this.#onTypedWrong = onTypedWrong;
  }

  #base() {
    this.#requests += 1;
    const requestId = `request${String(this.#requests).padStart(6, '0')}`;
    return { requestId, reason: 'simulated', source: 'console', by: 'operator' } as const;
  }

  /** What the plan wants. */
  act(item: ActItem, account: Account): void {
    const base = this.#base();
    const scope = this.#scopeOf(item.scope);
    switch (item.act) {
      case 'pause':
      case 'resume':
      case 'kill':
      case 'flatten':
      case 'hands-off':
      case 'reset':
        return this.#give({ ...base, kind: item.act, scope });
      case 'arm':
        return this.#arm();
      case 'disarm':
        return this.#give({ ...base, kind: item.act });
      case 'enable':
        return this.#give({ ...base, kind: 'enable', scope });
      case 'tighten':
        return this.#give({ ...base, kind: 'set-limits', limits: this.#tightened(item.choice) });
      case 'group-act':
        return this.#groupAct(item.choice, account);
      case 'accept-position': {
        const { instruments } = this.#settings;
        const { id } = instruments[Math.floor(item.choice * instruments.length)]!;
        return this.#give({ ...base, kind: 'accept-position', instrumentId: id });
      }
    }
  }

  /** With real money he types what the console shows, and mistypes it now and then, or forgets to. */
  #arm(): void {
    const base = this.#base();
    if (this.#settings.mode !== 'live') return this.#give({ ...base, kind: 'arm' });
    const phrase = this.#phrase();
    const slip = this.#requests % 3;
    const typed = slip === 1 ? undefined : slip === 2 ? phrase?.replace('worst', 'wurst') : phrase;
    if (phrase === null || typed !== phrase) this.#onTypedWrong(base.requestId);
    this.#give({ ...base, kind: 'arm', confirmation: typed ?? undefined });
  }

  /** A larger size, where the smaller has gone well. */
  #climb(): void {
    if (this.#settings.mode === 'live') this.#give({ ...this.#base(), kind: 'climb' });
  }

  #tightened(choice: number) {
    if (choice < 0.3) return { maxOpenGroups: 1 };
    if (choice < 0.6) return { priceCollarBps: 6 };
    return { maxGroupNotionalUsd: 12_000 };
  }

  #groupAct(choice: number, account: Account): void {
    const live = [...account.groups.values()].filter((group) => !isEndedGroup(group.state));
    const held = live.filter((group) => group.state === 'operator-held');
    const among = held.length > 0 ? held : live;
    const group = among[Math.floor(choice * among.length)];
    if (group === undefined) return;
    const act = GROUP_ACTS[Math.floor(((choice * 97) % 1) * GROUP_ACTS.length)]!;
    this.#give({ ...this.#base(), kind: 'group-act', groupId: group.id, act });
  }

  #scopeOf(n: number): StopScope {
    const { pairs, venues } = this.#settings;
    if (n === 0) return 'all';
    const places = [...pairs.map((p): StopScope => `pair:${p.id}`), ...venues.map((v): StopScope => `venue:${v.id}`)];
    return places[(n - 1) % places.length]!;
  }

  /** Every few seconds while there is trouble. */
  routine(account: Account, draw: number): void {
    if (account.kill !== null) {
      if (draw < 0.5) this.#give({ ...this.#base(), kind: 'reset', scope: 'all' });
      else this.#arm();
      return;
    }
    for (const scope of account.scoped.keys()) if (draw < 0.4) this.#lift(scope, account);
    if (account.paused && draw < 0.5) this.#give({ ...this.#base(), kind: 'resume', scope: 'all' });
    if (!account.armed) {
      this.#climb();
      this.#arm();
    }
    if (draw > 0.85) for (const scope of this.#everywhere()) this.#give({ ...this.#base(), kind: 'enable', scope });
  }

  #lift(scope: string, account: Account): void {
    const kind = account.scoped.get(scope)?.level === 'pause' ? 'resume' : 'reset';
    this.#give({ ...this.#base(), kind, scope: scope as StopScope });
  }

  /** Every few seconds after the last fault. */
  settle(account: Account, calmMs: number): void {
    if (account.armed) this.#give({ ...this.#base(), kind: 'disarm' });
    for (const scope of account.scoped.keys()) this.#lift(scope, account);
    if (account.kill !== null) this.#give({ ...this.#base(), kind: 'reset', scope: 'all' });
    if (account.paused) this.#give({ ...this.#base(), kind: 'resume', scope: 'all' });
    if (calmMs > ACT_AFTER_MS)
      for (const group of account.groups.values()) if (group.state === 'operator-held') this.#settleHeld(group.id, account, calmMs);
    const isOpen = [...account.groups.values()].some((group) => !isEndedGroup(group.state) && group.state !== 'operator-held');
    if (calmMs > FLATTEN_AFTER_MS && isOpen && account.kill !== 'flatten') this.#give({ ...this.#base(), kind: 'flatten', scope: 'all' });
  }

  #settleHeld(groupId: string, account: Account, calmMs: number): void {
    const act = calmMs > ADOPT_AFTER_MS || account.kill === 'hands-off' ? 'adopt' : calmMs % 10_000 < 5_000 ? 'unwind' : 'close';
    this.#give({ ...this.#base(), kind: 'group-act', groupId, act });
  }

  #everywhere(): readonly StopScope[] {
    return [
      'all',
      ...this.#settings.pairs.map((p): StopScope => `pair:${p.id}`),
      ...this.#settings.venues.map((v): StopScope => `venue:${v.id}`),
    ];
  }
}
