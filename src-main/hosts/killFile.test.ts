import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_REASON_LENGTH } from '../../src-shared/contract/contract.ts';
import type { OperatorCommand } from '../core/events.ts';
import type { CommandOutcome } from '../runtime/commands.ts';
import { createKillFileWatch, KILL_FILE_NAMES, type KillFileWatch } from './killFile.ts';
import { createLog } from './log.ts';

const APPLIED: CommandOutcome = { code: 'applied', receipt: { requestId: 'x'.repeat(8), committedUnixMs: 1, engineMs: 1, changed: true } };
const reset: OperatorCommand = { kind: 'reset', requestId: 'r'.repeat(8), reason: 'over', source: 'console', by: 'me' };

let dataDir: string;
let given: OperatorCommand[];
let lines: string[];
let outcomes: CommandOutcome[];
let watch: KillFileWatch;
beforeEach(() => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), 'quant-arb-kill-'));
  given = [];
  lines = [];
  outcomes = [];
  watch = createKillFileWatch({
    dataDir,
    log: createLog((line) => void lines.push(line)),
    command: async (command) => {
      given.push(command);
      return outcomes.shift() ?? APPLIED;
    },
  });
});
afterEach(() => watch.stop());
const file = (name: string = KILL_FILE_NAMES[0]): string => path.join(dataDir, name);

describe('the KILL file', () => {
  it('kills once when it appears, with its first line as the reason, and stays', async () => {
    await watch.look();
    expect(given).toEqual([]);
    writeFileSync(file(), '  fat finger \u0007 on gold\r\nsecond line');
    await watch.look();
    await watch.look();
    expect(given).toHaveLength(1);
    expect(given[0]).toMatchObject({ kind: 'kill', source: 'file', reason: 'fat finger   on gold' });
    if (process.platform !== 'win32') expect(given[0]?.by).toMatch(/^KILL file of user \d+ \(/);
    expect(given[0]?.requestId).toMatch(/^[A-Za-z0-9]{8,32}$/);
    expect(watch.present()).toBe(file());
    expect(lines.join('\n')).toContain('it is left where it is');
  });

  it('gives a file that is still empty a moment to get its reason', async () => {
    writeFileSync(file(), '');
    const looked = watch.look();
    writeFileSync(file(), 'written a little later');
    await looked;
    expect(given.map((command) => command.reason)).toEqual(['written a little later']);
  });

  it('kills again when it comes again', async () => {
    writeFileSync(file(), 'one');
    await watch.look();
    rmSync(file());
    await watch.look();
    writeFileSync(file(), 'two');
    await watch.look();
    expect(given.map((command) => command.reason)).toEqual(['one', 'two']);
    expect(new Set(given.map((command) => command.requestId)).size).toBe(2);
  });

  it('takes anything of that name: an empty file, a directory, a dangling link, what an editor makes of it', async () => {
    const makers: readonly ((at: string) => void)[] = [
      (at) => writeFileSync(at, ''),
      (at) => mkdirSync(at),
      ...(process.platform === 'win32' ? [] : [(at: string) => symlinkSync('/nowhere/at/all', at)]),
    ];
    for (const name of KILL_FILE_NAMES)
      for (const make of makers) {
        make(file(name));
        await watch.look();
        expect(given.at(-1)).toMatchObject({ kind: 'kill', reason: '' });
        rmSync(file(name), { recursive: true });
        await watch.look();
      }
    expect(given).toHaveLength(KILL_FILE_NAMES.length * makers.length);
  });

  it(`cuts the reason to ${MAX_REASON_LENGTH} characters, however much is in the file`, async () => {
    writeFileSync(file(), 'é'.repeat(1_000_000));
    await watch.look();
    expect(given[0]?.reason).toBe('é'.repeat(MAX_REASON_LENGTH));
  });

  it('asks again as long as the engine is too busy to take it', async () => {
    outcomes = [{ code: 'busy', why: 'too many commands are waiting' }];
    writeFileSync(file(), 'now');
    await watch.look();
    await watch.look();
    await watch.look();
    expect(given).toHaveLength(2);
  });

  it('is seen while it is watched, without being asked', async () => {
    watch.start();
    writeFileSync(file(), 'unasked');
    await expect.poll(() => given.length).toBe(1);
  });

  it('forbids the reset of everything while it is there, and nothing else', async () => {
    writeFileSync(file(), '');
    expect(await watch.command(reset)).toEqual({ code: 'not-allowed', conditions: [expect.stringContaining(file())] });
    expect(given).toEqual([]);
    for (const command of [
      { ...reset, scope: 'pair:xau' as const },
      { ...reset, kind: 'kill' as const },
      { ...reset, kind: 'pause' as const },
    ])
      expect(await watch.command(command)).toBe(APPLIED);
    rmSync(file());
    expect(await watch.command(reset)).toBe(APPLIED);
    expect(given).toHaveLength(4);
  });
});
