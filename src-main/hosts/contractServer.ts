/**
 * The typed contract served: every procedure of `src-shared/contract` on the engine's publisher, runner and
 * ledger. The same router serves the web-socket and the desktop's message port; the host says, in the context, who
 * is asking. Must not hold rules: it translates outcomes into the contract's errors, nothing else.
 */
import { implement, ORPCError } from '@orpc/server';
import { contract, CONTRACT_VERSION, type CommandReceipt } from '../../src-shared/contract/contract.ts';
import type { ConsoleFrame } from '../../src-shared/contract/frames.ts';
import type { EngineSettings } from '../../src-shared/domain/settings.ts';
import type { KillSource } from '../../src-shared/domain/tradingState.ts';
import type { PairDetail } from '../../src-shared/domain/view.ts';
import type { OperatorCommand } from '../core/events.ts';
import type { CommandOutcome } from '../runtime/commands.ts';
import type { LedgerReader } from '../runtime/ports.ts';

/** Streams one console connection may have open: a window needs two, and a moment of overlap on each change of pair. */
export const MAX_STREAMS_PER_CONSOLE = 8;

/** Made by the host, one a connection. */
export interface ConsoleContext {
  readonly source: KillSource;
  /** Who gives commands here, for the journal. */
  readonly by: string;
  /** Open streams of this connection; the contract server counts. */
  readonly streams: { open: number };
}

export interface ContractParts {
  readonly about: { readonly version: string; readonly profile: string; readonly mode: string; readonly host: 'electron' | 'headless' };
  readonly settings: EngineSettings;
  readonly ledger: LedgerReader;
  frames(signal: AbortSignal): AsyncIterable<ConsoleFrame>;
  pairDetails(pairId: string, signal: AbortSignal): AsyncIterable<PairDetail>;
  command(command: OperatorCommand): Promise<CommandOutcome>;
  unixMs(): number;
}

interface CommandErrors {
  NOT_ALLOWED(options: { data: { conditions: string[] } }): Error;
  LEDGER_FAULT(options: { data: { fault: string } }): Error;
  BUSY(options: { message: string }): Error;
}

const receiptOf = (outcome: CommandOutcome, errors: CommandErrors): CommandReceipt => {
  switch (outcome.code) {
    case 'applied':
      return outcome.receipt;
    case 'not-allowed':
      throw errors.NOT_ALLOWED({ data: { conditions: [...outcome.conditions] } });
    case 'ledger-fault':
      throw errors.LEDGER_FAULT({ data: { fault: outcome.fault } });
    case 'busy':
      throw errors.BUSY({ message: outcome.why });
    default:
      throw new Error('an outcome beyond the four', { cause: outcome satisfies never });
  }
};

async function* endingWith<T>(source: AsyncIterable<T>, release: () => void): AsyncGenerator<T, void, undefined> {
  try {
    yield* source;
  } finally {
    release();
  }
}

export const createConsoleRouter = (parts: ContractParts) => {
  const server = implement(contract).$context<ConsoleContext>();
  const pairIds = new Set<string>(parts.settings.pairs.map((pair) => pair.id));

  /** Gives its place back once, whether it ends by itself, is ended, or was never read. */
  const stream = <T>(context: ConsoleContext, signal: AbortSignal | undefined, open: (signal: AbortSignal) => AsyncIterable<T>) => {
    if (context.streams.open >= MAX_STREAMS_PER_CONSOLE)
      throw new ORPCError('TOO_MANY_REQUESTS', { message: `a console may have ${MAX_STREAMS_PER_CONSOLE} streams open` });
    const ends = signal ?? new AbortController().signal;
    let held = true;
    context.streams.open += 1;
    const release = (): void => {
      if (held) context.streams.open -= 1;
      held = false;
    };
    ends.addEventListener('abort', release, { once: true });
    return endingWith(open(ends), release);
  };
  const obey = (context: ConsoleContext, kind: OperatorCommand['kind'], input: { requestId: string; reason: string }) =>
    parts.command({ kind, requestId: input.requestId, reason: input.reason, source: context.source, by: context.by });

  return server.router({
    about: server.about.handler(() => ({ contractVersion: CONTRACT_VERSION, ...parts.about })),
    watch: server.watch.handler(({ context, signal }) => stream(context, signal, (ends) => parts.frames(ends))),
    watchPair: server.watchPair.handler(({ context, signal, input, errors }) => {
      if (!pairIds.has(input.pairId)) throw errors.NOT_FOUND();
      return stream(context, signal, (ends) => parts.pairDetails(input.pairId, ends));
    }),
    history: server.history.handler(({ input, errors }) => {
      if (!pairIds.has(input.pairId)) throw errors.NOT_FOUND();
      return parts.ledger.history(input.pairId, input.fromUnixMs, input.toUnixMs, input.maxPoints);
    }),
    intents: server.intents.handler(({ input }) => ({ rows: parts.ledger.intents(input.beforeUnixMs, input.limit) })),
    intent: server.intent.handler(({ input, errors }) => {
      const intent = parts.ledger.intent(input.intentId);
      if (intent === null) throw errors.NOT_FOUND();
      return intent;
    }),
    events: server.events.handler(({ input }) => ({ rows: parts.ledger.events(input.beforeUnixMs, input.limit) })),
    pause: server.pause.handler(async ({ context, input, errors }) => receiptOf(await obey(context, 'pause', input), errors)),
    resume: server.resume.handler(async ({ context, input, errors }) => receiptOf(await obey(context, 'resume', input), errors)),
    kill: server.kill.handler(async ({ context, input, errors }) => {
      const lateMs = parts.unixMs() - (input.notAfterUnixMs ?? Infinity);
      if (lateMs > 0) throw errors.NOT_ALLOWED({ data: { conditions: [`this press came ${Math.ceil(lateMs)} ms too late: press again`] } });
      return receiptOf(await obey(context, 'kill', input), errors);
    }),
    reset: server.reset.handler(async ({ context, input, errors }) => receiptOf(await obey(context, 'reset', input), errors)),
  });
};

export type ConsoleRouter = ReturnType<typeof createConsoleRouter>;
