/**
 * The catalogue of what can go wrong: every kind of fault with the place it strikes and what it does. The plan draws from
 * it, the worlds act on it, and coverage counts by it.
 */

/** Strikes the way of an order, or an answer, at one venue for a while. */
export const VENUE_FAULTS = {
  'lost-request': 'the request never reaches the venue, no answer comes',
  'lost-reply': 'the order is executed, its answer is lost',
  'late-reply': 'the answer comes after the acknowledgement deadline',
  partial: 'less is executed than was ordered',
  reject: 'the venue refuses the order for good',
  'fresh-price': 'the venue refuses the order at this price (requote)',
  busy: 'the venue refuses everything for now (429)',
  'slow-match': 'an order works for seconds before it ends',
  'over-fill': 'more is executed than was ordered',
  'duplicate-push': 'pushes arrive twice, and in any order',
  'late-push': 'pushes arrive seconds late',
  'silent-push': 'the push channel says nothing, and does not say so',
  'push-down': 'the push channel is down, and says so',
  hidden: 'orders and fills stay invisible to questions for a while',
  'query-fails': 'questions end in a transport error',
  'snapshot-fails': 'snapshots fail',
  'snapshot-silent': 'snapshots are not answered in time',
  down: 'nothing comes or goes',
  maintenance: 'the venue refuses orders and questions',
  'no-money': 'the venue refuses openings for want of margin',
  'stale-quotes': 'quotes stop while the link stays up',
  'frozen-quotes': 'the same quote is repeated',
  'crossed-quotes': 'quotes are crossed, locked or zero',
  'price-gap': 'the price of one venue leaps away',
} as const;

/** Of the MT5 venue alone. */
export const TERMINAL_FAULTS = {
  'ea-silent': 'the EA stops polling and talking',
  'ea-slow': 'the EA polls rarely',
  'ea-restart': 'the EA dies after it journaled a command, executed or not, and comes back',
  'journal-lost': 'the EA restarts without its journal',
  'timeout-executed': 'the server times out (10012), and the order was executed',
  'timeout-dropped': 'the server times out (10012), and the order was not executed',
  'market-closed': 'the market is closed (10018)',
  'trade-disabled': 'trading is switched off (10017, 10027)',
  'split-positions': 'one order opens several positions',
  'lost-transactions': 'transaction events are lost; history knows',
} as const;

/** Of exchanges alone. */
export const EXCHANGE_FAULTS = {
  'positions-lag': 'positions are listed as they stood moments ago',
} as const;

/** What an exchange does of its own accord, once. */
export const EXCHANGE_ACTS = {
  liquidation: 'the exchange closes part of a position by itself',
  'foreign-act': 'somebody else trades at the same account, and the exchange closes that by itself',
  'other-account': 'the key of the next run belongs to another account',
} as const;

/** Strikes the engine's own machine. */
export const HOST_FAULTS = {
  crash: 'the process dies',
  'crash-before-commit': 'the process dies before a commit',
  'crash-after-commit': 'the process dies after a commit, before anything is sent',
  restart: 'the process is stopped and started',
  'disk-full': 'a commit fails: no space',
  'disk-busy': 'a commit fails: locked',
  'disk-io': 'a commit fails: I/O error',
  'disk-slow': 'commits take hundreds of milliseconds',
  'disk-torn': 'a commit takes effect and is reported as failed',
  'clock-jump': 'the Unix clock jumps',
} as const;

export type VenueFault = keyof typeof VENUE_FAULTS;
export type TerminalFault = keyof typeof TERMINAL_FAULTS;
export type HostFault = keyof typeof HOST_FAULTS;
export type ExchangeFault = keyof typeof EXCHANGE_FAULTS;
export type ExchangeAct = keyof typeof EXCHANGE_ACTS;
export type FaultKind = VenueFault | TerminalFault | ExchangeFault | ExchangeAct | HostFault;

export const VENUE_FAULT_NAMES = Object.keys(VENUE_FAULTS) as readonly VenueFault[];
export const TERMINAL_FAULT_NAMES = Object.keys(TERMINAL_FAULTS) as readonly TerminalFault[];
export const HOST_FAULT_NAMES = Object.keys(HOST_FAULTS) as readonly HostFault[];
const EXCHANGE_FAULT_NAMES = Object.keys(EXCHANGE_FAULTS) as readonly ExchangeFault[];
const EXCHANGE_ACT_NAMES = Object.keys(EXCHANGE_ACTS) as readonly ExchangeAct[];
export const FAULT_NAMES: readonly FaultKind[] = [
  ...VENUE_FAULT_NAMES,
  ...TERMINAL_FAULT_NAMES,
  ...EXCHANGE_FAULT_NAMES,
  ...EXCHANGE_ACT_NAMES,
  ...HOST_FAULT_NAMES,
];

/** Outcomes that no exchange has: an MT5 fault; and the other way round. */
export const EXCHANGE_ONLY: readonly VenueFault[] = ['slow-match'];
