import { mkdtempSync, rmSync } from 'node:fs';
import { EventEmitter } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bringForward, KEEP_STATE_AFTER_MS, lockedPreferences, openWindow } from './window.ts';
import { readWindowState, writeWindowState } from './windowState.ts';

class PretendWindow extends EventEmitter {
  readonly options: BrowserWindowConstructorOptions;
  readonly calls: string[] = [];
  bounds = { x: 10, y: 20, width: 900, height: 700 };
  maximized = false;
  constructor(options: BrowserWindowConstructorOptions) {
    super();
    this.options = options;
  }
  getNormalBounds = () => this.bounds;
  isMaximized = () => this.maximized;
  isMinimized = () => true;
  maximize = () => this.calls.push('maximize');
  restore = () => this.calls.push('restore');
  show = () => this.calls.push('show');
  focus = () => this.calls.push('focus');
}

let folder: string;
const warnings: string[] = [];
const open = (stateFile = path.join(folder, 'window.json')): PretendWindow =>
  openWindow(PretendWindow as unknown as typeof BrowserWindow, {
    preloadFile: '/app/preload.cjs',
    stateFile,
    displays: [{ workArea: { x: 0, y: 0, width: 1920, height: 1040 } }],
    devTools: false,
    warn: (text) => warnings.push(text),
  }) as unknown as PretendWindow;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'window-'));
  warnings.length = 0;
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

describe('lockedPreferences', () => {
  it('leaves the page nothing of Node and nothing of ours', () => {
    expect(lockedPreferences('/p.cjs', false)).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      devTools: false,
    });
  });
});

describe('openWindow', () => {
  it('opens hidden at the default size and shows once drawn', () => {
    const window = open();
    expect(window.options).toMatchObject({ width: 1600, height: 1000, show: false });
    expect(window.calls).toEqual([]);
    window.emit('ready-to-show');
    expect(window.calls).toEqual(['show']);
  });

  it('opens where it was, maximized if it was', () => {
    writeWindowState(path.join(folder, 'window.json'), { bounds: { x: 5, y: 6, width: 800, height: 600 }, maximized: true });
    const window = open();
    expect(window.options).toMatchObject({ x: 5, y: 6, width: 800, height: 600 });
    window.emit('ready-to-show');
    expect(window.calls).toEqual(['maximize', 'show']);
  });

  it('keeps its place once moving has ended, and when closing', () => {
    const window = open();
    const kept = () => readWindowState(path.join(folder, 'window.json'));
    window.emit('move');
    vi.advanceTimersByTime(KEEP_STATE_AFTER_MS - 1);
    window.emit('resize');
    vi.advanceTimersByTime(KEEP_STATE_AFTER_MS - 1);
    expect(kept()).toBeNull();
    vi.advanceTimersByTime(1);
    expect(kept()).toEqual({ bounds: window.bounds, maximized: false });
    window.maximized = true;
    window.emit('close');
    expect(kept()?.maximized).toBe(true);
  });

  it('warns and stays open when its place cannot be kept', () => {
    const window = open(path.join(folder, 'absent', 'window.json'));
    window.emit('close');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('absent');
  });
});

describe('bringForward', () => {
  it('restores, shows and focuses', () => {
    const window = open();
    bringForward(window as unknown as BrowserWindow);
    expect(window.calls).toEqual(['restore', 'show', 'focus']);
  });
});
