/**
 * The typed contract served: every procedure of `src-shared/contract` on the engine's publisher, runner and
 * ledger. The same router serves the web-socket and the desktop's message port; the host says, in the context, who
 * is asking. Must not hold rules: it translates outcomes into the contract's errors, nothing else.
 */
import { implement, ORPCError } from '@orpc/server';
import { contract, CONTRACT_VERSION, type CommandReceipt } from '../../src-shared/contract/contract.ts';
import type { ConsoleFrame } from '../../src-shared/contract/frames.ts';
import type { LimitName, RiskLimits } from '../../src-shared/domain/limits.ts';
import type { EngineSettings } from '../../src-shared/domain/settings.ts';
import type { KillSource, StopScope } from '../../src-shared/domain/tradingState.ts';
import type { FlattenPreview, PairDetail } from '../../src-shared/domain/view.ts';
import type { OperatorCommand } from '../core/events.ts';
import type { CommandOutcome } from '../runtime/commands.ts';
import type { CommandStore, LedgerReader } from '../runtime/ports.ts';
import { commandRowOf } from '../../src-shared/domain/metatrader.ts';
import type { KeysStanding } from '../../src-shared/contract/keys.ts';
import type { KeyDesk, KeyOutcome } from './hostKeys.ts';

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
  readonly ledger: LedgerReader & { readonly commands: Pick<CommandStore, 'newest'> };
  frames(signal: AbortSignal): AsyncIterable<ConsoleFrame>;
  pairDetails(pairId: string, signal: AbortSignal): AsyncIterable<PairDetail>;
  command(command: OperatorCommand): Promise<CommandOutcome>;
  /** What FLATTEN would do now; asks nothing of any venue. */
  flattenPreview(scope: StopScope): FlattenPreview;
  /** Absent = no venue takes a key here. */
  readonly keys?: KeyDesk | undefined;
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

/** A command before the host has said who gives it. */
type Asked = OperatorCommand extends infer C ? (C extends OperatorCommand ? Omit<C, 'source' | 'by'> : never) : never;
type LatchingStop = 'kill' | 'flatten' | 'hands-off';
interface PressedStop {
  readonly requestId: string;
  readonly reason: string;
  readonly scope: StopScope;
  readonly notAfterUnixMs?: number | undefined;
}

const NO_KEYS: KeysStanding = { storable: false, why: 'No venue takes a key here.', venues: [] };

interface KeyErrors {
  REFUSED(options: { data: { why: string } }): Error;
}

/** Changes a key and answers with how all keys then stand. */
const changeKey = async (
  keys: KeyDesk | undefined,
  change: (desk: KeyDesk) => Promise<KeyOutcome>,
  errors: KeyErrors,
): Promise<KeysStanding> => {
  if (keys === undefined) throw errors.REFUSED({ data: { why: NO_KEYS.why } });
  const outcome = await change(keys);
  if (outcome.kind === 'refused') throw errors.REFUSED({ data: { why: outcome.why } });
  return keys.standing();
};

/** Members that were really given: an absent limit and one that is undefined are the same. */
const given = (limits: Partial<Record<LimitName, number | undefined>>): Partial<RiskLimits> =>
  Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));

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
  /** Commits the command and answers with its receipt. */
  const obey = async (context: ConsoleContext, errors: CommandErrors, command: Asked): Promise<CommandReceipt> =>
    receiptOf(await parts.command({ ...command, source: context.source, by: context.by }), errors);
  const stop = async (context: ConsoleContext, errors: CommandErrors, kind: LatchingStop, input: PressedStop): Promise<CommandReceipt> => {
    const lateMs = parts.unixMs() - (input.notAfterUnixMs ?? Infinity);
    if (lateMs > 0) throw errors.NOT_ALLOWED({ data: { conditions: [`this press came ${Math.ceil(lateMs)} ms too late: press again`] } });
    return obey(context, errors, { kind, requestId: input.requestId, reason: input.reason, scope: input.scope });
  };

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
    groups: server.groups.handler(({ input }) => ({ rows: parts.ledger.groups(input.beforeUnixMs, input.limit) })),
    group: server.group.handler(({ input, errors }) => {
      const history = parts.ledger.group(input.groupId);
      if (history === null) throw errors.NOT_FOUND();
      return history;
    }),
    terminalCommands: server.terminalCommands.handler(({ input }) => ({
      rows: parts.ledger.commands.newest(input.limit).map(commandRowOf),
    })),
    keyStanding: server.keyStanding.handler(() => parts.keys?.standing() ?? NO_KEYS),
    enterKey: server.enterKey.handler(({ context, input, errors }) =>
      changeKey(parts.keys, (desk) => desk.enter(input, context.by), errors),
    ),
    removeKey: server.removeKey.handler(({ context, input, errors }) =>
      changeKey(parts.keys, (desk) => desk.remove(input.venueId, context.by), errors),
    ),
    flattenPreview: server.flattenPreview.handler(({ input }) => parts.flattenPreview(input.scope)),
    pause: server.pause.handler(({ context, input, errors }) => obey(context, errors, { kind: 'pause', ...input })),
    resume: server.resume.handler(({ context, input, errors }) => obey(context, errors, { kind: 'resume', ...input })),
    kill: server.kill.handler(({ context, input, errors }) => stop(context, errors, 'kill', input)),
    flatten: server.flatten.handler(({ context, input, errors }) => stop(context, errors, 'flatten', input)),
    handsOff: server.handsOff.handler(({ context, input, errors }) => stop(context, errors, 'hands-off', input)),
    reset: server.reset.handler(({ context, input, errors }) => obey(context, errors, { kind: 'reset', ...input })),
    arm: server.arm.handler(({ context, input, errors }) => obey(context, errors, { kind: 'arm', ...input })),
    climb: server.climb.handler(({ context, input, errors }) => obey(context, errors, { kind: 'climb', ...input })),
    disarm: server.disarm.handler(({ context, input, errors }) => obey(context, errors, { kind: 'disarm', ...input })),
    setLimits: server.setLimits.handler(({ context, input, errors }) =>
      obey(context, errors, { kind: 'set-limits', requestId: input.requestId, reason: input.reason, limits: given(input.limits) }),
    ),
    actOnGroup: server.actOnGroup.handler(({ context, input, errors }) => obey(context, errors, { kind: 'group-act', ...input })),
    enable: server.enable.handler(({ context, input, errors }) => obey(context, errors, { kind: 'enable', ...input })),
    acceptAccount: server.acceptAccount.handler(({ context, input, errors }) =>
      obey(context, errors, { kind: 'accept-account', ...input }),
    ),
    acceptPosition: server.acceptPosition.handler(({ context, input, errors }) =>
      obey(context, errors, { kind: 'accept-position', ...input }),
    ),
  });
};

export type ConsoleRouter = ReturnType<typeof createConsoleRouter>;
