/** I12: what must be true within bounded time after the last fault, and how it is said what still is not. */
import { isLive, isOver } from './account.ts';
import type { Oracle } from './oracle.ts';
import { EPSILON } from './truth.ts';

/** Net position of an instrument at its venue, venue's unit. */
export type NetOf = (instrumentId: string) => number;

/** What an exchange closed of what operators had taken out is in no book of the engine's; of what is its own, everything must be. */
const explained = (unbooked: number, settled: number): number =>
  unbooked * settled < 0 ? Math.sign(unbooked) * Math.min(Math.abs(unbooked), Math.abs(settled)) : 0;

/** Everything that has not come to rest; empty = at rest. */
export const restless = (oracle: Oracle, instrumentIds: readonly string[], netOf: NetOf): readonly string[] => {
  const { account, truth, groups } = oracle;
  const found: string[] = [];
  for (const group of account.groups.values()) {
    if (isOver(group.state)) continue;
    if (group.state !== 'operator-held') found.push(`group ${group.id} is ${group.state}: ${group.why}`);
    else if (account.kill === null && Math.abs(groups.residual(group)) > groups.quantum(group) + EPSILON)
      found.push(`group ${group.id} is operator-held, naked by ${groups.residual(group)}, and trading is not halted`);
  }
  for (const record of account.orders.values())
    if (isLive(record.state)) found.push(`order ${record.request.clientOrderId} is ${record.state}: ${record.why}`);
  for (const trade of truth.trades.values())
    if (!account.booked.has(trade.key)) found.push(`fill ${trade.key} of ${trade.order?.request.clientOrderId} was never booked`);
  found.push(...oracle.acts.missing());
  for (const id of instrumentIds) {
    const settled = account.settledQty.get(id) ?? 0;
    const own = (account.holdings.get(id) ?? 0) + settled + explained(oracle.acts.unbooked().get(id) ?? 0, settled);
    if (Math.abs(own - netOf(id)) > EPSILON) found.push(`own position of ${id} is ${own}, the venue holds ${netOf(id)}`);
  }
  // A group that waits for a person keeps a FLATTEN unverified, and is named by it.
  const isHeld = [...account.groups.values()].some((group) => group.state === 'operator-held');
  if (isHeld) return found;
  if (account.kill !== null && !account.killVerified) found.push(`the ${account.kill} latch is not verified`);
  for (const [scope, stop] of account.scoped)
    if (stop.level !== 'pause' && !stop.verified) found.push(`the ${stop.level} of ${scope} is not verified`);
  return found;
};
