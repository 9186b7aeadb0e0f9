/** A whole engine on a scratch ledger, driven by hand: no timer of its own, a clock that stands still until told. */
import { join } from 'node:path';
import { handClock, scratchFolder, smallSettings, type HandClock } from '../adapters/ledger/ledger.testkit.ts';
import { openLedger } from '../adapters/ledger/ledger.ts';
import { createEngine, type EngineState } from '../core/engine.ts';
import type { OperatorCommand } from '../core/events.ts';
import type { Effect } from '../core/facts.ts';
import type { EffectReply, EffectSink } from './dispatcher.ts';
import type { Ledger } from './ports.ts';
import { createRunner, type Runner, type RunnerOptions } from './runner.ts';

export interface RecordingSink extends EffectSink {
  readonly dispatched: { readonly effects: readonly Effect[]; readonly reply: EffectReply }[];
  /** Why openings were locked, first reason first. */
  readonly locks: string[];
}

/** Keeps what was dispatched and answers nothing by itself. */
export const recordingSink = (): RecordingSink => {
  const dispatched: RecordingSink['dispatched'] = [];
  const locks: string[] = [];
  return {
    dispatched,
    locks,
    dispatch: (effects, reply) => void dispatched.push({ effects, reply }),
    lockOpenings: (why) => void locks.push(why),
    settled: () => Promise.resolve(),
  };
};

export interface Rig {
  readonly path: string;
  readonly clock: HandClock;
  readonly ledger: Ledger;
  readonly state: EngineState;
  readonly sink: RecordingSink;
  readonly runner: Runner;
}

/** Not started yet. `faulty` may replace parts of the ledger. */
export const rig = (
  options: Partial<RunnerOptions> & {
    readonly path?: string;
    readonly faulty?: (ledger: Ledger) => Ledger;
    readonly clock?: HandClock;
  } = {},
): Rig => {
  const { path = join(scratchFolder(), 'ledger.db'), faulty = (ledger) => ledger, clock = handClock(), ...rest } = options;
  const settings = smallSettings();
  const state = createEngine(settings);
  const ledger = faulty(openLedger({ path, clock, owner: 'test' }));
  const sink = recordingSink();
  const runner = createRunner({ settings, state, ledger, clock, effects: sink, version: '1.0.0', selfTimed: false, ...rest });
  return { path, clock, ledger, state, sink, runner };
};

let requests = 0;

/** Commands that need nothing but who and why. */
export type PlainCommand = Exclude<OperatorCommand['kind'], 'set-limits' | 'group-act' | 'enable' | 'accept-position' | 'accept-account'>;

export const commandOf = (kind: PlainCommand, reason = 'because'): OperatorCommand => {
  requests += 1;
  return { kind, requestId: `request${String(requests).padStart(6, '0')}`, reason, source: 'console', by: 'tester' };
};

/** A valid quote of an instrument around `mid`. */
export const quoteTo = (runner: Runner, clock: HandClock, instrument: number, mid: number): void => {
  runner.quote(instrument, mid - 0.5, 1, mid + 0.5, 2, clock.unixMs(), 1, clock.monoUs());
};
