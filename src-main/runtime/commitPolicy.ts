/** Which events become part of the journal, and what their commit must survive. Pure rules, no state. */
import type { EngineEvent } from '../core/events.ts';
import type { StepResult } from '../core/facts.ts';
import type { Durability } from './ports.ts';

/** An event that changed nothing durable stays out of the ledger; who commanded what, and when we ran, never does. */
export const isJournaled = (event: EngineEvent, result: StepResult): boolean =>
  result.facts.length > 0 ||
  result.effects.length > 0 ||
  event.type === 'operator' ||
  event.type === 'started' ||
  event.type === 'stopping';

/**
 * What somebody was told (a command's receipt) or what leaves the process (an effect) survives power loss. Facts that
 * only we know of need to survive our own death alone.
 */
export const durabilityOf = (event: EngineEvent, result: StepResult): Durability =>
  result.effects.length > 0 || event.type === 'operator' || event.type === 'started' || event.type === 'stopping' ? 'full' : 'normal';
