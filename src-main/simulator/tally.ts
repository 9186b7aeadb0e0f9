/** Counts the cells of coverage during one run: what was under way when a fault struck, and what came about while one did. */
import { isEndedGroup } from '../../src-shared/domain/hedgeGroup.ts';
import { isLiveOrder } from '../../src-shared/domain/order.ts';
import type { Fact } from '../core/facts.ts';
import { count, groupCell, orderCell, type Cells } from './coverage.ts';
import type { FaultKind } from './faultKinds.ts';
import type { Account } from './oracle/account.ts';
import type { SimVenueName } from './plan.ts';

export class Tally {
  readonly cells: Cells = {};

  /** Everything that is under way, at one venue or anywhere. */
  strike(fault: FaultKind, account: Account, venue?: SimVenueName): void {
    for (const { legs, state } of account.groups.values()) {
      const touches = venue === undefined || [legs.a.venueId, legs.b.venueId].some((id) => (id as string) === venue);
      if (touches && !isEndedGroup(state)) count(this.cells, groupCell(state, fault));
    }
    for (const { state, request } of account.orders.values())
      if (isLiveOrder(state) && (venue === undefined || (request.venueId as string) === venue)) count(this.cells, orderCell(state, fault));
  }

  /** @param kindsAt what strikes at a venue now */
  countStates(facts: readonly Fact[], kindsAt: (venue: SimVenueName) => readonly FaultKind[]): void {
    for (const fact of facts) {
      if (fact.type === 'group-changed' && fact.before !== fact.group.state) {
        const { legs, state } = fact.group;
        for (const venueId of [legs.a.venueId, legs.b.venueId])
          for (const fault of kindsAt(venueId as string as SimVenueName)) count(this.cells, groupCell(state, fault));
      }
      if (fact.type === 'order-changed' && fact.before !== fact.order.state)
        for (const fault of kindsAt(fact.order.request.venueId as string as SimVenueName))
          count(this.cells, orderCell(fact.order.state, fault));
    }
  }
}
