/** Which events become part of the journal, what their commit must survive, and what may leave without one. Pure rules, no state. */
import type { EngineEvent, OperatorCommand } from '../core/events.ts';
import type { Effect, Fact, StepResult } from '../core/facts.ts';
import type { Durability } from './ports.ts';

/** An event that changed nothing durable stays out of the ledger; who commanded what, and when we ran, never does. */
export const isJournaled = (event: EngineEvent, result: StepResult): boolean =>
  result.facts.length > 0 ||
  result.effects.length > 0 ||
  event.type === 'operator' ||
  event.type === 'started' ||
  event.type === 'stopping';

/** Facts about signals and for the event log, and cursors, of which an earlier one is as good: losing the last misleads nobody about money. */
const RELAXED_FACTS: ReadonlySet<Fact['type']> = new Set([
  'noted',
  'intent-proposed',
  'intent-ended',
  'trading-state',
  'run-stopping',
  'cursor-moved',
]);

const MILESTONES: ReadonlySet<EngineEvent['type']> = new Set(['operator', 'started', 'stopping']);

/**
 * What somebody was told (a command's receipt), what leaves the process (an effect), and everything known of orders, groups,
 * positions, stops and limits survives power loss. Facts about signals need to survive our own death alone.
 */
export const durabilityOf = (event: EngineEvent, result: StepResult): Durability =>
  result.effects.length > 0 || MILESTONES.has(event.type) || result.facts.some((fact) => !RELAXED_FACTS.has(fact.type)) ? 'full' : 'normal';

export const STOPS: ReadonlySet<OperatorCommand['kind']> = new Set(['pause', 'kill', 'flatten', 'hands-off']);

/** A stop is worth a try even on a ledger that has failed before: the disk may have room again. */
export const isStop = (event: EngineEvent): boolean => event.type === 'operator' && STOPS.has(event.command.kind);

/**
 * Whether an effect may leave although its event is not in the ledger. Halting and asking are safe, and so are a stop's
 * cancels; an order is not, whatever it is for: nobody would know of it after a crash.
 */
export const isRestrictive = (effect: Effect, event: EngineEvent): boolean => {
  switch (effect.type) {
    case 'announce-mode':
      return effect.mode !== 'normal';
    case 'set-gate':
      return effect.gate !== 'open';
    case 'cancel-order':
      return isStop(event);
    case 'query-order':
    case 'take-snapshot':
      return true;
    case 'place-order':
      return false;
  }
};

/** Facts of records that may stand on what an earlier step could not commit: their rows' own past is not in the ledger. */
const STANDS_ON_RECORDS: ReadonlySet<Fact['type']> = new Set([
  'intent-proposed',
  'group-changed',
  'order-changed',
  'fill-booked',
  'charge-booked',
  'dust-booked',
  'holding-changed',
  'group-acted',
  // Past fills that an earlier step could not commit it must not go.
  'cursor-moved',
]);

/**
 * What a stop may commit after a ledger fault: the stop itself. An order or a group of which the ledger never heard would make the
 * commit of a KILL fail, or leave a row of an order that was never sent; what is true of the others is found out by the recovery.
 */
export const stopAlone = (event: EngineEvent, { facts, effects }: StepResult): Pick<StepResult, 'facts' | 'effects'> => ({
  facts: facts.filter((fact) => !STANDS_ON_RECORDS.has(fact.type)),
  effects: effects.filter((effect) => isRestrictive(effect, event)),
});
