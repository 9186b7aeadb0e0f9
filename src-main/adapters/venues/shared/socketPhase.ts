/**
 * The life of one stream socket as a table: one line a phase, one entry a legal move. An acknowledgement proves
 * nothing (a wrong path is acknowledged and then silent), so only data makes a socket live.
 */

export type SocketPhase = 'connecting' | 'subscribing' | 'subscribing-with-data' | 'awaiting-data' | 'live' | 'retiring' | 'ended';
export type SocketMove = 'opened' | 'acknowledged' | 'data' | 'retired' | 'ended';

const MOVES: Readonly<Record<SocketPhase, Readonly<Partial<Record<SocketMove, SocketPhase>>>>> = {
  connecting: { opened: 'subscribing', retired: 'retiring', ended: 'ended' },
  subscribing: { data: 'subscribing-with-data', acknowledged: 'awaiting-data', retired: 'retiring', ended: 'ended' },
  // The first instruments may speak before the last one is acknowledged.
  'subscribing-with-data': { data: 'subscribing-with-data', acknowledged: 'live', retired: 'retiring', ended: 'ended' },
  'awaiting-data': { data: 'live', acknowledged: 'awaiting-data', retired: 'retiring', ended: 'ended' },
  live: { data: 'live', acknowledged: 'live', retired: 'retiring', ended: 'ended' },
  // What still comes from a socket that we left is of no interest.
  retiring: { opened: 'retiring', data: 'retiring', acknowledged: 'retiring', retired: 'retiring', ended: 'ended' },
  ended: { retired: 'ended', ended: 'ended' },
};

/** @throws Error for a move that cannot happen: a broken invariant of ours. */
export const moved = (phase: SocketPhase, move: SocketMove): SocketPhase => {
  const next = MOVES[phase][move];
  if (next === undefined) throw new Error(`a socket that is ${phase} cannot be ${move}`);
  return next;
};
