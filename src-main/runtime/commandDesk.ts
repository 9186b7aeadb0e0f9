/**
 * Receives operator commands and answers each exactly once. One press is one act: the same request delivered again, while
 * it waits or afterwards, gets the outcome of the first. What was not carried out is forgotten, so it can be tried again.
 */
import { US_PER_MS } from '../../src-shared/domain/units.ts';
import type { ControlInput, OperatorCommand } from '../core/events.ts';
import type { CommandOutcome } from './commands.ts';
import type { Clock } from './ports.ts';

export const MAX_REMEMBERED_COMMANDS = 256;

export interface Ticket {
  settle(outcome: CommandOutcome): void;
  /** The command is committed: makes the receipt. */
  apply(changed: boolean): void;
}

export interface Desk {
  receive(command: OperatorCommand, enqueue: (input: ControlInput) => boolean): Promise<CommandOutcome>;
  /** The ticket of a queued command; each is handed out once. */
  ticketOf(input: ControlInput): Ticket | null;
  /** Answers everything still waiting. */
  close(why: string): void;
}

export const createDesk = (clock: Clock): Desk => {
  const tickets = new Map<ControlInput, Ticket>();
  const remembered = new Map<string, Promise<CommandOutcome>>();

  const remember = (key: string, outcome: Promise<CommandOutcome>): void => {
    remembered.set(key, outcome);
    const oldest = remembered.keys().next();
    if (remembered.size > MAX_REMEMBERED_COMMANDS && oldest.done !== true) remembered.delete(oldest.value);
  };
  const newTicket = (key: string, requestId: string, resolve: (outcome: CommandOutcome) => void): Ticket => {
    const arrivedMonoUs = clock.monoUs();
    const settle = (outcome: CommandOutcome): void => {
      if (outcome.code === 'busy' || outcome.code === 'ledger-fault') remembered.delete(key);
      resolve(outcome);
    };
    return {
      settle,
      apply(changed) {
        const engineMs = (clock.monoUs() - arrivedMonoUs) / US_PER_MS;
        settle({ code: 'applied', receipt: { requestId, committedUnixMs: clock.unixMs(), engineMs, changed } });
      },
    };
  };
  return {
    receive(command, enqueue) {
      const key = `${command.kind} ${command.requestId}`;
      const earlier = remembered.get(key);
      if (earlier !== undefined) return earlier;
      const input: ControlInput = { type: 'operator', command };
      if (!enqueue(input)) return Promise.resolve({ code: 'busy', why: 'too many commands are waiting' });
      const { promise, resolve } = Promise.withResolvers<CommandOutcome>();
      tickets.set(input, newTicket(key, command.requestId, resolve));
      remember(key, promise);
      return promise;
    },
    ticketOf(input) {
      const ticket = tickets.get(input) ?? null;
      if (ticket !== null) tickets.delete(input);
      return ticket;
    },
    close(why) {
      for (const ticket of tickets.values()) ticket.settle({ code: 'busy', why });
      tickets.clear();
    },
  };
};
