/**
 * Commands to the engine. Each fails at once without a link; none is ever kept for later. The latching stops alone are
 * retried, for the 10 s that `killMachine` allows. A refusal is told in the engine's own words.
 */
import { useConsole, type Notice } from '../store/consoleStore.ts';
import { resultOf } from './answers.ts';
import { outcomeText, type Ask, type CommandResult } from './asks.ts';
import { createPressBoard, type PressBoard } from './presses.ts';
import { newRequestId } from './requestId.ts';
import type { CommandReceipt } from '../../src-shared/contract/contract.ts';
import type { ConsoleClient, ConsoleLink } from './transport.ts';

export interface Commands extends PressBoard {
  readonly run: (ask: Ask) => Promise<CommandResult>;
}

const NOT_CONNECTED: CommandResult = { kind: 'failed', text: 'not connected: nothing was sent' };

const send = (client: ConsoleClient, ask: Ask, signal: AbortSignal): Promise<CommandReceipt> => {
  const requestId = newRequestId();
  const { reason } = ask;
  switch (ask.name) {
    case 'pause':
    case 'resume':
    case 'reset':
    case 'enable':
      return client[ask.name]({ requestId, reason, scope: ask.scope }, { signal });
    case 'arm': {
      const { confirmation } = ask;
      return client.arm({ requestId, reason, ...(confirmation === undefined ? {} : { confirmation }) }, { signal });
    }
    case 'disarm':
    case 'climb':
      return client[ask.name]({ requestId, reason }, { signal });
    case 'setLimits':
      return client.setLimits({ requestId, reason, limits: { ...ask.limits } }, { signal });
    case 'actOnGroup':
      return client.actOnGroup({ requestId, reason, groupId: ask.groupId, act: ask.act }, { signal });
    case 'acceptPosition':
      return client.acceptPosition({ requestId, reason, instrumentId: ask.instrumentId }, { signal });
    case 'acceptAccount':
      return client.acceptAccount({ requestId, reason, venueId: ask.venueId }, { signal });
    default:
      return ask satisfies never;
  }
};

/** How long a good outcome stays on the screen; a bad one stays until it is dismissed or another command is given. */
export const GOOD_NEWS_MS = 8_000;

const announce = (notice: Notice): void => {
  useConsole.setState({ notice });
  if (notice.tone !== 'info') return;
  setTimeout(() => useConsole.setState((state) => (state.notice === notice ? { notice: null } : state)), GOOD_NEWS_MS);
};

export const createCommands = (): Commands => {
  const board = createPressBoard();
  let link: ConsoleLink | null = null;
  return {
    ...board,
    linkChanged: (next) => {
      link = next;
      board.linkChanged(next);
    },
    run: async (ask) => {
      const to = link;
      const live = useConsole.getState().link.phase === 'live';
      const result = to === null || !live ? NOT_CONNECTED : await resultOf((signal) => send(to.client, ask, signal));
      announce({ tone: result.kind === 'done' ? 'info' : 'error', text: outcomeText(ask, result) });
      return result;
    },
  };
};
