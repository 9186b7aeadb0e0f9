/**
 * One life of the engine's process: production runner, dispatcher, core and ledger on simulated ports. Ends by a crash, which
 * drops everything but the ledger's file, or by a clean stop.
 */
import type { EngineSettings } from '../../src-shared/domain/settings.ts';
import { openLedger } from '../adapters/ledger/ledger.ts';
import { createEngine, step as coreStep, type EngineState } from '../core/engine.ts';
import type { EngineEvent } from '../core/events.ts';
import { NOTHING, type StepResult } from '../core/facts.ts';
import { createDispatcher, type EffectSink } from '../runtime/dispatcher.ts';
import type { ControlInlet, Ledger, OrderGateway } from '../runtime/ports.ts';
import { createRunner, type Runner } from '../runtime/runner.ts';
import type { TapeRecorder } from '../runtime/tape.ts';
import type { Clockwork } from './clockwork.ts';
import { faultyLedger, type DiskOrders, type DiskWitness } from './disk.ts';

export interface LifeParts {
  readonly settings: EngineSettings;
  readonly path: string;
  readonly clock: Clockwork;
  readonly disk: DiskOrders;
  readonly diskWitness: DiskWitness;
  readonly connect: (inlet: ControlInlet) => readonly OrderGateway[];
  readonly nameRun: () => string;
  /** Before and after every step; neither may throw. */
  readonly onEvent: (event: EngineEvent) => void;
  readonly onResult: (event: EngineEvent, result: StepResult) => void;
  readonly onBroken: (event: EngineEvent, cause: unknown) => void;
  /** Something was dispatched: promises are under way. */
  readonly onDispatch: () => void;
  readonly keepsTape: boolean;
}

/** Events that the journal does not keep, for a replay. */
class MemoryTape implements TapeRecorder {
  readonly events: EngineEvent[] = [];
  readonly endedBecause = null;
  readonly writtenBytes = 0;
  begin(): void {
    this.events.length = 0;
  }
  record(event: EngineEvent): void {
    this.events.push({ ...event });
  }
  flush(): void {
    // Nothing waits to be written.
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

export class Life {
  readonly runner: Runner;
  readonly state: EngineState;
  readonly ledger: Ledger;
  readonly tape: MemoryTape | null;
  readonly #gateways: readonly OrderGateway[];
  isDead = false;

  /** @throws LedgerFault when the ledger cannot be opened */
  constructor(parts: LifeParts) {
    const { settings, clock } = parts;
    this.state = createEngine(settings);
    this.tape = parts.keepsTape ? new MemoryTape() : null;
    const real = openLedger({ path: parts.path, clock, owner: 'simulator' });
    this.ledger = faultyLedger(real, parts.disk, parts.diskWitness, parts.nameRun);
    let runner: Runner | null = null;
    this.#gateways = parts.connect({ offer: (event) => (this.isDead ? 'full' : runner!.offer(event)) });
    const dispatcher = createDispatcher({ gateways: this.#gateways, announceMode: () => undefined });
    const effects: EffectSink = {
      ...dispatcher,
      dispatch: (wishes, reply) => {
        parts.onDispatch();
        dispatcher.dispatch(wishes, reply);
      },
    };
    const step = (state: EngineState, event: EngineEvent): StepResult => this.#step(parts, state, event);
    runner = createRunner({
      settings,
      state: this.state,
      ledger: this.ledger,
      clock,
      effects,
      version: '0',
      selfTimed: false,
      step,
      ...(this.tape === null ? {} : { tape: this.tape }),
    });
    this.runner = runner;
  }

  start(): void {
    this.runner.start();
    for (const gateway of this.#gateways) gateway.start();
  }

  /** The process is gone; what the file has is what there is. */
  crash(): void {
    this.isDead = true;
    this.ledger.close();
  }

  async stop(): Promise<void> {
    await this.runner.stop('simulated stop');
    for (const gateway of this.#gateways) await gateway.stop();
    this.isDead = true;
    this.ledger.close();
  }

  #step(parts: LifeParts, state: EngineState, event: EngineEvent): StepResult {
    if (this.isDead) return NOTHING;
    parts.onEvent(event);
    try {
      const result = coreStep(state, event);
      parts.onResult(event, result);
      return result;
    } catch (cause) {
      parts.onBroken(event, cause);
      throw cause;
    }
  }
}
