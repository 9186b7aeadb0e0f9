/**
 * Whether orders may go through the terminal now, and why not, in words that a person can act on. Up means: a session that may
 * trade, alive, connected to its broker, gates open, and the account seen whole. Tells the engine of every change.
 */
import type { DeskLink } from '../commandDesk.ts';
import type { DeskFrame } from './parts.ts';
import { gateText } from './retcodes.ts';

export interface OrderLink {
  readonly up: boolean;
  readonly detail: string;
  /** The EA speaks to us: it can be asked, whether or not it may trade. */
  readonly alive: boolean;
  start(): void;
  stop(): void;
  /** A new session: what was known of the account counts no more. */
  opened(account: string, gates: string): void;
  linkChanged(link: DeskLink): void;
  /** The account was seen whole. */
  completed(): void;
  /** Up as before, and yet something may have been missed: the engine is to reconcile. */
  again(why: string): void;
}

export const createOrderLink = (frame: DeskFrame): OrderLink => {
  let started = false;
  let account: string | null = null;
  let link: DeskLink | null = null;
  let whole = false;
  let told: { readonly up: boolean; readonly detail: string } | null = null;

  const whyDown = (): string | null => {
    if (!started) return 'stopped';
    if (account === null || link === null) return 'no EA with a session: attach QuantArb to a chart in MetaTrader';
    if (!link.alive) return link.detail === '' ? 'the EA is silent' : link.detail;
    if (!link.connected) return 'the terminal has no connection to its broker';
    if (link.gates !== 'ok') return gateText(link.gates);
    return whole ? null : 'waiting for the first snapshot of the account';
  };
  const tell = (up: boolean, detail: string): void => {
    told = { up, detail };
    frame.pushes.give({ type: 'order-link', venueId: frame.venue.id, state: up ? 'up' : 'down', detail });
  };
  const look = (): void => {
    const why = whyDown();
    const detail = why ?? `account ${account} is ready to trade`;
    if (!started || (told?.up === (why === null) && told.detail === detail)) return;
    tell(why === null, detail);
  };
  return {
    get up() {
      return whyDown() === null;
    },
    get detail() {
      return whyDown() ?? `account ${account} is ready to trade`;
    },
    get alive() {
      return started && link?.alive === true && account !== null;
    },
    start() {
      started = true;
      look();
    },
    stop() {
      started = false;
    },
    opened(name, gates) {
      account = name;
      whole = false;
      link = { alive: true, connected: true, gates, detail: '' };
      look();
    },
    linkChanged(next) {
      link = next;
      look();
    },
    completed() {
      whole = true;
      look();
    },
    again(why) {
      if (whyDown() === null) tell(true, why);
    },
  };
};
