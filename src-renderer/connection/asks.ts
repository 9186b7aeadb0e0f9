/**
 * What this console may ask the engine to do, and the words for it. Pure. Unlike the latching stops an ask is given once:
 * it fails at once without a link and is never kept, retried or queued.
 */
import type { GroupAct } from '../../src-shared/domain/hedgeGroup.ts';
import type { LimitName } from '../../src-shared/domain/limits.ts';
import type { StopScope } from '../../src-shared/domain/tradingState.ts';

export type Ask =
  | { readonly name: 'pause' | 'resume' | 'reset' | 'enable'; readonly reason: string; readonly scope: StopScope }
  /** `confirmation`: what was typed, where the money is real. */
  | { readonly name: 'arm'; readonly reason: string; readonly confirmation?: string }
  | { readonly name: 'disarm' | 'climb'; readonly reason: string }
  | { readonly name: 'setLimits'; readonly reason: string; readonly limits: Readonly<Partial<Record<LimitName, number>>> }
  | { readonly name: 'actOnGroup'; readonly reason: string; readonly groupId: string; readonly act: GroupAct }
  | { readonly name: 'acceptPosition'; readonly reason: string; readonly instrumentId: string }
  | { readonly name: 'acceptAccount'; readonly reason: string; readonly venueId: string };

export type CommandResult =
  | { readonly kind: 'done'; readonly changed: boolean; readonly engineMs: number }
  | { readonly kind: 'refused'; readonly text: string; readonly conditions: readonly string[] }
  | { readonly kind: 'failed'; readonly text: string };

interface Words {
  readonly act: string;
  readonly past: string;
}

const ofScope = (scope: StopScope): string => (scope === 'all' ? '' : ` (${scope.replace(':', ' ')})`);

const ACTS: Readonly<Record<GroupAct, Words>> = {
  close: { act: 'Close', past: 'Closing' },
  complete: { act: 'Complete', past: 'Completing' },
  unwind: { act: 'Unwind', past: 'Unwinding' },
  adopt: { act: 'Adopt', past: 'Adopted' },
  'write-off': { act: 'Write off', past: 'Written off' },
};

const wordsOf = (ask: Ask): Words => {
  switch (ask.name) {
    case 'pause':
      return { act: `Pause${ofScope(ask.scope)}`, past: `Paused${ofScope(ask.scope)}` };
    case 'resume':
      return { act: `Resume${ofScope(ask.scope)}`, past: `Resumed${ofScope(ask.scope)}` };
    case 'reset':
      return {
        act: `Reset${ofScope(ask.scope)}`,
        past: ask.scope === 'all' ? 'Kill switch reset, disarmed' : `Stop reset${ofScope(ask.scope)}`,
      };
    case 'enable':
      return { act: `Enable${ofScope(ask.scope)}`, past: `Enabled${ofScope(ask.scope)}` };
    case 'arm':
      return { act: 'Arm', past: 'Armed' };
    case 'climb':
      return { act: 'Climb', past: 'One rung up the ladder' };
    case 'disarm':
      return { act: 'Disarm', past: 'Disarmed' };
    case 'setLimits':
      return { act: 'Change of limits', past: 'Limits changed' };
    case 'actOnGroup':
      return { act: `${ACTS[ask.act].act} ${ask.groupId}`, past: `${ACTS[ask.act].past} ${ask.groupId}` };
    case 'acceptPosition':
      return { act: `Accept ${ask.instrumentId}`, past: `Accepted as foreign: ${ask.instrumentId}` };
    case 'acceptAccount':
      return { act: `Accept the account of ${ask.venueId}`, past: `This ledger belongs to the account that answers at ${ask.venueId} now` };
    default:
      return ask satisfies never;
  }
};

/** One line of what became of it; a refusal with the engine's conditions. */
export const outcomeText = (ask: Ask, result: CommandResult): string => {
  const { act, past } = wordsOf(ask);
  if (result.kind === 'done') return result.changed ? `${past} (${result.engineMs.toFixed(1)} ms)` : `${past}: it was so already`;
  const listed = result.kind === 'refused' && result.conditions.length > 0 ? `: ${result.conditions.join('; ')}` : '';
  return `${act} failed: ${result.text}${listed}`;
};
