/**
 * One order sent through a gateway and followed until its end is known, by the rules that the engine follows: an unknown outcome is
 * asked for and never sent again, "not found" counts only once the exchange can no longer accept it. Owns what was concluded of each.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Decimal } from 'decimal.js';
import { LATE_ACCEPTANCE_MS } from '../../src-shared/domain/settings.ts';
import type { OrderReport, OrderRequest } from '../../src-shared/domain/order.ts';
import type { Own } from './ownGateway.ts';

/** After the validity has passed on the venue's clock. */
export const ABSENCE_MARGIN_MS = 1_000;
const POLL_MS = 40;
/** After an acknowledgement the end usually comes by itself. */
const PATIENCE_MS = 250;
const SETTLE_WITHIN_MS = 60_000;

export type Conclusion =
  | { readonly end: 'filled' | 'canceled' | 'rejected'; readonly filledQty: string }
  /** Proven never to have been accepted. */
  | { readonly end: 'absent' }
  /** A definite no, by the venue or before anything left. */
  | { readonly end: 'refused'; readonly by: 'venue' | 'gateway'; readonly code: string | null; readonly text: string };

/** What is known of one order; survives the gateway, as a ledger does. */
export interface Followed {
  readonly request: OrderRequest;
  readonly sentUnixMs: number;
  answer: 'none' | 'acknowledged' | 'unknown' | 'refused';
  conclusion: Conclusion | null;
  queries: number;
}

const ended = (report: OrderReport | undefined): Conclusion | null =>
  report === undefined || report.state === 'working' ? null : { end: report.state, filledQty: new Decimal(report.filledQty).toFixed() };
/** The order in which reports come is the road's; an end is an end. */
const heard = (own: Own, followed: Followed): Conclusion | null => {
  const reports = own.told.reports.get(followed.request.clientOrderId) ?? [];
  return ended(reports.find(({ state }) => state !== 'working'));
};

/** Places it once, at the gateway of that moment; what that one says after it is gone nobody hears. */
export const send = async (gatewayNow: () => Own, followed: Followed): Promise<void> => {
  const own = gatewayNow();
  const outcome = await own.place(followed.request);
  if (gatewayNow() !== own) return;
  followed.answer = outcome.code;
  if (outcome.code !== 'refused') return;
  const { by, venueCode, text } = outcome.refusal;
  followed.conclusion = { end: 'refused', by, code: venueCode, text };
};

/**
 * Follows it to its end with whatever gateway there is by then. @throws when its end is not known in time: it is lost
 */
export const follow = async (gatewayNow: () => Own, followed: Followed): Promise<void> => {
  const endsMs = performance.now() + SETTLE_WITHIN_MS;
  const patientUntilMs = performance.now() + PATIENCE_MS;
  while (followed.conclusion === null) {
    const own = gatewayNow();
    followed.conclusion = heard(own, followed);
    if (followed.conclusion !== null) return;
    if (performance.now() > endsMs)
      throw new Error(`${followed.request.clientOrderId} (${followed.answer}) has no end after ${followed.queries} queries`);
    await sleep(POLL_MS);
    if (followed.answer === 'acknowledged' && performance.now() < patientUntilMs) continue;
    followed.queries += 1;
    const asked = await own.gateway.query(own.ref(followed.request));
    if (asked.code === 'found') followed.conclusion = ended(asked.report);
    else if (asked.code === 'not-found' && asked.venueUnixMs !== null && followed.answer !== 'acknowledged') {
      const lastUnixMs =
        followed.sentUnixMs + followed.request.validityMs + LATE_ACCEPTANCE_MS[own.protocol] + ABSENCE_MARGIN_MS + MAX_VENUE_LEAD_MS;
      if (asked.venueUnixMs > lastUnixMs) followed.conclusion = { end: 'absent' };
    }
  }
};
/** How far a simulated venue's clock may be ahead of ours; `sentUnixMs` is on ours. */
const MAX_VENUE_LEAD_MS = 400;
