/**
 * Joins session, feed, commands and the focused pair's stream into the one live console of this page. The only
 * module which holds the current link.
 */
import { createContext, useContext } from 'react';
import type { ConsoleTables, PairDetail } from '../../src-shared/domain/view.ts';
import { ENGINE_KEY, useConsole } from '../store/consoleStore.ts';
import { createFeed, type Feed } from '../store/feed.ts';
import { focusPair, useUi } from '../store/uiStore.ts';
import { createCommands, type Commands } from './commands.ts';
import { stepLink, type LinkEvent } from './linkMachine.ts';
import { runSession } from './session.ts';
import type { ConsoleClient, ConsoleLink, Transport } from './transport.ts';

const CLOCK_EVERY_MS = 500;
const PAIR_RETRY_MS = 1_000;

export interface LiveConsole {
  readonly feed: Feed;
  readonly commands: Commands;
  /** The client of a link that is up; null = not connected. */
  readonly client: () => ConsoleClient | null;
  readonly stop: () => void;
}

const waitFor = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

const tellLink = (event: LinkEvent): void => {
  const before = useConsole.getState().link;
  const after = stepLink(before, event);
  // Every frame renews `lastFrameMs`; components care for the phase, so the object is replaced but rarely re-read.
  if (after !== before) useConsole.setState({ link: after });
};

/** Follows the pair in focus until `signal` fires; a newer detail replaces the older. */
const watchPair = async (client: ConsoleClient, pairId: string, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    try {
      const details: AsyncIterable<PairDetail> = await client.watchPair({ pairId }, { signal });
      for await (const detail of details) {
        if (signal.aborted) return;
        useConsole.setState({ detail });
      }
    } catch {
      // The link's own end is told by the session; here it only means: try again while the link is up.
    }
    await waitFor(PAIR_RETRY_MS, signal);
  }
};

/** Focuses the first pair when nothing valid is in focus. */
const keepFocus = (pairs: ConsoleTables['pairs']): void => {
  const { pairId } = useUi.getState();
  if (pairId !== null && Object.hasOwn(pairs, pairId)) return;
  const first = Object.entries(pairs)[0];
  if (first !== undefined) focusPair(first[0], first[1].best);
};

export const startConsole = (transport: Transport): LiveConsole => {
  const stopping = new AbortController();
  const commands = createCommands();
  let link: ConsoleLink | null = null;
  let pairStream = new AbortController();

  const followPair = (): void => {
    pairStream.abort();
    pairStream = new AbortController();
    const { pairId } = useUi.getState();
    useConsole.setState({ detail: null });
    if (link !== null && pairId !== null) void watchPair(link.client, pairId, pairStream.signal);
  };

  const feed = createFeed((tables) => {
    keepFocus(tables.pairs);
    commands.rowSeen(tables.engine[ENGINE_KEY] ?? null);
  });

  const stopFocus = useUi.subscribe((now, before) => {
    if (now.pairId !== before.pairId) followPair();
  });
  const clock = setInterval(() => tellLink({ kind: 'clock', nowMs: performance.now() }), CLOCK_EVERY_MS);

  void runSession(
    { transport, random: Math.random, wait: waitFor },
    {
      opening: () => tellLink({ kind: 'opening' }),
      opened: (opened, about) => {
        link = opened;
        useConsole.setState({ about });
        feed.drop();
        commands.linkChanged(opened);
        followPair();
      },
      frame: (frame) => {
        const outcome = feed.accept(frame);
        if (outcome === 'applied') tellLink({ kind: 'frame', nowMs: performance.now() });
        return outcome;
      },
      ended: (why, waitMs) => {
        link = null;
        pairStream.abort();
        commands.linkChanged(null);
        tellLink({ kind: 'ended', why, retryAtMs: performance.now() + waitMs });
      },
    },
    stopping.signal,
  );

  return {
    feed,
    commands,
    client: () => link?.client ?? null,
    stop: () => {
      stopping.abort();
      pairStream.abort();
      stopFocus();
      clearInterval(clock);
    },
  };
};

export const ConsoleContext = createContext<LiveConsole | null>(null);

export const useLiveConsole = (): LiveConsole => {
  const live = useContext(ConsoleContext);
  if (live === null) throw new Error('no console around this component');
  return live;
};
