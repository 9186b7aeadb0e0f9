/** A budget over a sliding window of time: what a venue allows, per connection or per address. Bounded by its own limit. */

export interface Budget {
  /** Takes `cost` at `monoMs`; false = the limit is crossed and nothing was taken. */
  take(monoMs: number, cost?: number): boolean;
  used(monoMs: number): number;
}

export const createBudget = (limit: number, windowMs: number): Budget => {
  const spent: { atMs: number; cost: number }[] = [];
  let total = 0;
  const forget = (now: number) => {
    let old = 0;
    while (old < spent.length && spent[old]!.atMs <= now - windowMs) {
      total -= spent[old]!.cost;
      old += 1;
    }
    spent.splice(0, old);
  };
  return {
    take: (now, cost = 1) => {
      forget(now);
      if (total + cost > limit) return false;
      total += cost;
      spent.push({ atMs: now, cost });
      return true;
    },
    used: (now) => {
      forget(now);
      return total;
    },
  };
};
