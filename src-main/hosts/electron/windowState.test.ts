import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fitToDisplays, MIN_VISIBLE_PX, readWindowState, writeWindowState } from './windowState.ts';

const screen = { x: 0, y: 0, width: 1920, height: 1040 };
const left = { x: -1280, y: 0, width: 1280, height: 1024 };
const at = (x: number, y: number, width = 1200, height = 800) => ({ bounds: { x, y, width, height }, maximized: false });

describe('fitToDisplays', () => {
  it('keeps a place some display shows, negative ones too', () => {
    expect(fitToDisplays(at(100, 50), [screen])).toEqual(at(100, 50));
    expect(fitToDisplays(at(-1200, 50), [screen, left])).toEqual(at(-1200, 50));
  });

  it.each([
    ['a display that was unplugged', at(-1200, 50)],
    ['above the screen', at(100, -1)],
    ['below its last strip', at(100, 1040 - MIN_VISIBLE_PX + 1)],
    ['right of its last strip', at(1920 - MIN_VISIBLE_PX + 1, 0)],
  ])('forgets a place at %s', (_name, state) => expect(fitToDisplays(state, [screen])).toBeNull());

  it('keeps a place whose strip is just wide enough', () => {
    expect(fitToDisplays(at(1920 - MIN_VISIBLE_PX, 1040 - MIN_VISIBLE_PX), [screen])).not.toBeNull();
  });

  it('shrinks a window larger than its display and keeps it maximized', () => {
    const big = { bounds: { x: 0, y: 0, width: 5000, height: 4000 }, maximized: true };
    expect(fitToDisplays(big, [screen])).toEqual({ bounds: { x: 0, y: 0, width: 1920, height: 1040 }, maximized: true });
  });

  it('has nothing to fit the first time, or without a display', () => {
    expect(fitToDisplays(null, [screen])).toBeNull();
    expect(fitToDisplays(at(0, 0), [])).toBeNull();
  });
});

describe('the kept file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'window-state-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('reads back what was written and leaves no scraps', () => {
    const file = path.join(folder, 'window.json');
    writeWindowState(file, at(1, 2));
    writeWindowState(file, at(3, 4));
    expect(readWindowState(file)).toEqual(at(3, 4));
    expect(readdirSync(folder)).toEqual(['window.json']);
  });

  it.each([
    ['absent', null],
    ['empty', ''],
    ['cut short', '{"bounds":{"x":1'],
    ['of another shape', '[]'],
    ['with fractions', '{"bounds":{"x":1.5,"y":0,"width":800,"height":600},"maximized":false}'],
    ['with a width too small', '{"bounds":{"x":0,"y":0,"width":479,"height":600},"maximized":false}'],
    ['with unknown members', '{"bounds":{"x":0,"y":0,"width":800,"height":600},"maximized":false,"zoom":9}'],
  ])('gives nothing when it is %s', (name, content) => {
    const file = path.join(folder, `${name}.json`);
    if (content !== null) writeFileSync(file, content);
    expect(readWindowState(file)).toBeNull();
  });
});
