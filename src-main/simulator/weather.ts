/** Which faults are striking at this moment, by venue. Owns the windows of the plan; whether one strikes a given thing is drawn by that thing's name. */
import type { Chance } from './chance.ts';
import type { Clockwork } from './clockwork.ts';
import type { ExchangeFault, TerminalFault, VenueFault } from './faultKinds.ts';
import type { FaultItem, SimVenueName } from './plan.ts';

export type Windowed = VenueFault | TerminalFault | ExchangeFault;

export class Weather {
  readonly #chance: Chance;
  readonly #active: Record<SimVenueName, Map<Windowed, FaultItem[]>> = { mt5: new Map(), okx: new Map(), binance: new Map() };

  readonly #fairSinceMs: Record<SimVenueName, number> = { mt5: 0, okx: 0, binance: 0 };

  /** @param onChange called with every fault that begins or ends */
  constructor(items: readonly FaultItem[], chance: Chance, clock: Clockwork, onChange: (item: FaultItem, begins: boolean) => void) {
    this.#chance = chance;
    for (const item of items) {
      clock.at(item.atMs, () => {
        const kinds = this.#active[item.venue];
        kinds.set(item.fault, [...(kinds.get(item.fault) ?? []), item]);
        onChange(item, true);
      });
      clock.at(item.atMs + item.forMs, () => {
        this.#fairSinceMs[item.venue] = clock.elapsedMs();
        if (this.#end(item)) onChange(item, false);
      });
    }
  }

  /** The oldest window of this fault at the venue; null = fair. */
  active(venue: SimVenueName, fault: Windowed): FaultItem | null {
    return this.#active[venue].get(fault)?.[0] ?? null;
  }

  /** Whether the fault strikes the thing of this name. */
  strikes(venue: SimVenueName, fault: Windowed, name: string): boolean {
    const item = this.active(venue, fault);
    return item !== null && this.#chance.hits(`${venue}/${fault}/${name}`, item.share);
  }

  /** What strikes at the venue now. */
  kinds(venue: SimVenueName): readonly Windowed[] {
    return [...this.#active[venue].keys()];
  }

  /** Since when nothing strikes there; ∞ while something does. */
  fairSinceMs(venue: SimVenueName): number {
    return this.#active[venue].size > 0 ? Number.POSITIVE_INFINITY : this.#fairSinceMs[venue];
  }

  #end(item: FaultItem): boolean {
    const kinds = this.#active[item.venue];
    const left = (kinds.get(item.fault) ?? []).filter((each) => each !== item);
    if (left.length === 0) return kinds.delete(item.fault);
    kinds.set(item.fault, left);
    return true;
  }
}
