import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { VenueId } from '../../src-shared/domain/ids.ts';
import { temporaryDirectory } from './app.testkit.ts';
import { EPOCHS_FILE, openEpochFile } from './epochFile.ts';

const folder = (): string => {
  const made = temporaryDirectory();
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
};
const mt5 = 'mt5' as VenueId;

it('never gives an epoch twice, whatever ends in between', () => {
  const at = folder();
  expect(openEpochFile(at).last(mt5)).toBe(0);
  expect([openEpochFile(at).next(mt5), openEpochFile(at).next(mt5)]).toEqual([1, 2]);
  expect(openEpochFile(at).last(mt5)).toBe(2);
  expect(openEpochFile(at).last('other' as VenueId)).toBe(0);
});

it('remembers which presses of KILL were obeyed, beside the epochs', () => {
  const at = folder();
  const first = openEpochFile(at);
  expect(first.presses(mt5)).toBeNull();
  first.next(mt5);
  first.rememberPresses(mt5, 'boot', 2);
  expect(openEpochFile(at).presses(mt5)).toEqual({ bootId: 'boot', presses: 2 });
  expect(openEpochFile(at).last(mt5)).toBe(1);
});

it('reads a file of a version that knew no presses, and refuses a damaged one by name', () => {
  const at = folder();
  writeFileSync(path.join(at, EPOCHS_FILE), '{"version":1,"epochs":{"mt5":7}}\n');
  expect([openEpochFile(at).last(mt5), openEpochFile(at).presses(mt5)]).toEqual([7, null]);
  writeFileSync(path.join(at, EPOCHS_FILE), '{"version":1,"epochs":{"mt5":-7}}\n');
  expect(() => openEpochFile(at)).toThrow(/mt5-epochs\.json: is damaged; delete it/);
});
