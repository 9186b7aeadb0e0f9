/**
 * The push channel of a paper venue: up while the venue can be reached and its account can be valued. It follows the
 * market data link, because a line that is cut is cut for orders, too; at MetaTrader it needs an EA with a session.
 */
import type { VenueSettings } from '../../../src-shared/domain/settings.ts';
import type { PaperMarket } from './market.ts';
import type { Pushes } from './pushes.ts';

export interface OrderLink {
  readonly up: boolean;
  /** Why it is down. */
  readonly detail: string;
  start(): void;
  stop(): void;
  /** Something changed that it depends on. */
  look(): void;
}

interface Parts {
  readonly venue: VenueSettings;
  readonly market: PaperMarket;
  readonly pushes: Pushes;
  /** Why the account cannot be valued yet; null = it can. */
  readonly unready: () => string | null;
}

const UP = 'paper account connected';

const whyDown = ({ venue, market, unready }: Parts): string | null => {
  if (market.link !== 'live' && market.link !== 'stale') return `${venue.label} is ${market.link}: ${market.linkDetail}`;
  if (venue.protocol === 'metatrader') {
    const report = market.metatrader;
    if (report === null || report.sessionId === null) return 'no EA with a session: quotes only';
    if (report.marginMode !== null && report.marginMode !== 'hedging') return `the account is ${report.marginMode}, hedging is required`;
  }
  return unready();
};

export const createOrderLink = (parts: Parts): OrderLink => {
  let started = false;
  let up = false;
  let detail = 'not started';
  const look = (): void => {
    if (!started) return;
    const why = whyDown(parts);
    const next = why ?? UP;
    if ((why === null) === up && next === detail) return;
    const told = (why === null) !== up || detail === 'not started';
    up = why === null;
    detail = next;
    if (told) parts.pushes.give({ type: 'order-link', venueId: parts.venue.id, state: up ? 'up' : 'down', detail });
  };
  return {
    get up() {
      return up;
    },
    get detail() {
      return detail;
    },
    start() {
      started = true;
      look();
    },
    stop() {
      started = false;
      up = false;
      detail = 'stopped';
    },
    look,
  };
};
