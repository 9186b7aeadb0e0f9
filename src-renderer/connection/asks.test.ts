/** What became of an act, in one line. */
import { expect, it } from 'vitest';
import { outcomeText, type Ask, type CommandResult } from './asks.ts';

const DONE: CommandResult = { kind: 'done', changed: true, engineMs: 1.84 };
const SAME: CommandResult = { kind: 'done', changed: false, engineMs: 1 };
const REFUSED: CommandResult = { kind: 'refused', text: 'refused by the engine', conditions: ['one leg is unknown', 'okx is stale'] };

it.each<[Ask, CommandResult, string]>([
  [{ name: 'pause', reason: '', scope: 'all' }, DONE, 'Paused (1.8 ms)'],
  [{ name: 'pause', reason: '', scope: 'pair:xau-okx' }, DONE, 'Paused (pair xau-okx) (1.8 ms)'],
  [{ name: 'resume', reason: '', scope: 'all' }, SAME, 'Resumed: it was so already'],
  [{ name: 'reset', reason: 'x', scope: 'all' }, DONE, 'Kill switch reset, disarmed (1.8 ms)'],
  [{ name: 'reset', reason: 'x', scope: 'venue:okx' }, DONE, 'Stop reset (venue okx) (1.8 ms)'],
  [{ name: 'enable', reason: 'x', scope: 'venue:okx' }, DONE, 'Enabled (venue okx) (1.8 ms)'],
  [{ name: 'arm', reason: '' }, REFUSED, 'Arm failed: refused by the engine: one leg is unknown; okx is stale'],
  [{ name: 'disarm', reason: '' }, DONE, 'Disarmed (1.8 ms)'],
  [{ name: 'setLimits', reason: 'x', limits: {} }, { kind: 'failed', text: 'not connected' }, 'Change of limits failed: not connected'],
  [{ name: 'actOnGroup', reason: 'x', groupId: 'g1', act: 'write-off' }, DONE, 'Written off g1 (1.8 ms)'],
  [
    { name: 'actOnGroup', reason: 'x', groupId: 'g1', act: 'unwind' },
    REFUSED,
    'Unwind g1 failed: refused by the engine: one leg is unknown; okx is stale',
  ],
  [{ name: 'acceptPosition', reason: 'x', instrumentId: 'A@b' }, DONE, 'Accepted as foreign: A@b (1.8 ms)'],
  [
    { name: 'acceptAccount', reason: 'x', venueId: 'okx' },
    REFUSED,
    'Accept the account of okx failed: refused by the engine: one leg is unknown; okx is stale',
  ],
])('%#', (ask, result, text) => {
  expect(outcomeText(ask, result)).toBe(text);
});
