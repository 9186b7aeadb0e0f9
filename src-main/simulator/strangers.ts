/**
 * What others do at the exchanges, and what exchanges do by themselves: liquidations of ours, acts on what somebody else holds at our
 * account while we hold nothing there, and runs that are given a key of another account. Decides when; the venues do it.
 */
import type { ArenaInstrument } from './arena.ts';
import type { Clockwork } from './clockwork.ts';
import type { FaultKind } from './faultKinds.ts';
import { isOver } from './oracle/account.ts';
import type { Oracle } from './oracle/oracle.ts';
import type { ForeignActItem, LiquidationItem, OtherAccountItem, SimVenueName } from './plan.ts';
import { SimExchange } from './venues/exchange.ts';
import type { SimVenue } from './venues/venue.ts';

/** An act that is to close nothing of ours waits for a moment in which we hold nothing there … */
const LOOK_EVERY_MS = 250;
/** … so long, and is dropped then. */
const LOOK_FOR_MS = 20_000;

export interface StrangersParts {
  readonly clock: Clockwork;
  readonly oracle: Oracle;
  readonly venues: () => readonly SimVenue[];
  readonly strike: (fault: FaultKind, venue?: SimVenueName) => void;
  /** Ends the process, if there is one; it is started again. */
  readonly restart: () => void;
}

export class Strangers {
  readonly #parts: StrangersParts;

  constructor(parts: StrangersParts) {
    this.#parts = parts;
  }

  #exchange(name: SimVenueName): SimExchange | null {
    const venue = this.#parts.venues().find((each) => each.parts.name === name);
    return venue instanceof SimExchange ? venue : null;
  }

  begin(item: LiquidationItem | ForeignActItem | OtherAccountItem): void {
    if (item.kind === 'foreign-act') this.#act(item);
    else if (item.kind === 'other-account') this.#otherAccount(item);
    else if (this.#exchange(item.venue)?.liquidate(item) === true) this.#parts.strike('liquidation', item.venue);
  }

  #act(item: ForeignActItem, waitedMs = 0): void {
    const exchange = this.#exchange(item.venue);
    const x = exchange?.parts.instruments.find((each) => this.#isClear(exchange, each));
    if (exchange === null || waitedMs > LOOK_FOR_MS) return;
    if (x === undefined) return this.#parts.clock.after(LOOK_EVERY_MS, () => this.#act(item, waitedMs + LOOK_EVERY_MS));
    exchange.strangersAct(x, item.steps, item.isPushed);
    this.#parts.strike('foreign-act');
  }

  /** Nothing of ours is there, by the venue's book and by ours, nor on its way. */
  #isClear(exchange: SimExchange, x: ArenaInstrument): boolean {
    const { account, truth, acts } = this.#parts.oracle;
    const { id } = x.settings;
    if ((exchange.book.net.get(id) ?? 0) !== 0 || (account.holdings.get(id) ?? 0) !== 0 || !acts.isClear(id)) return false;
    for (const { state, legs } of account.groups.values())
      if (!isOver(state) && (legs.a.instrumentId === id || legs.b.instrumentId === id)) return false;
    for (const { fate, request } of truth.orders.values())
      if (request.instrumentId === id && fate !== 'ended' && fate !== 'dead') return false;
    return true;
  }

  #otherAccount({ venue, forMs }: OtherAccountItem): void {
    this.#parts.strike('other-account', venue);
    this.#reachAs(venue, true);
    this.#parts.clock.after(forMs, () => this.#reachAs(venue, false));
  }

  #reachAs(venue: SimVenueName, isOther: boolean): void {
    const exchange = this.#exchange(venue);
    if (exchange === null) return;
    // The old process has the old key to its end.
    this.#parts.restart();
    exchange.isOtherAccount = isOther;
    this.#parts.oracle.reachedAs(exchange.venueId, isOther);
  }
}
