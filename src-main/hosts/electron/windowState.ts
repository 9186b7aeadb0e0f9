/**
 * Where the window was: kept in one small file of the data directory, read back with suspicion. A file that is missing,
 * damaged or names a place no display shows any more gives the default; it never keeps the console from opening.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Rectangle } from 'electron';

export const DEFAULT_WIDTH = 1_600;
export const DEFAULT_HEIGHT = 1_000;
/** Below this the console's narrowest layout does not fit. */
export const MIN_WIDTH = 480;
export const MIN_HEIGHT = 480;
const MAX_EXTENT = 32_767;
/** Of the title bar, so that a hand can take hold of it. */
export const MIN_VISIBLE_PX = 64;

const coordinate = z.number().int().min(-MAX_EXTENT).max(MAX_EXTENT);
const WindowState = z.strictObject({
  bounds: z.strictObject({
    x: coordinate,
    y: coordinate,
    width: z.number().int().min(MIN_WIDTH).max(MAX_EXTENT),
    height: z.number().int().min(MIN_HEIGHT).max(MAX_EXTENT),
  }),
  maximized: z.boolean(),
});
export type WindowState = z.infer<typeof WindowState>;

/** Whether enough of the window's top edge lies on a display to be seen and dragged. */
const isReachable = (bounds: Rectangle, area: Rectangle): boolean => {
  const overlapX = Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x);
  const top = bounds.y - area.y;
  return overlapX >= MIN_VISIBLE_PX && top >= 0 && top <= area.height - MIN_VISIBLE_PX;
};

/** The state to open with: the kept one where a display can show it, else null (= centred default). */
export const fitToDisplays = (kept: WindowState | null, workAreas: readonly Rectangle[]): WindowState | null => {
  if (kept === null) return null;
  const area = workAreas.find((candidate) => isReachable(kept.bounds, candidate));
  if (area === undefined) return null;
  const width = Math.max(MIN_WIDTH, Math.min(kept.bounds.width, area.width));
  const height = Math.max(MIN_HEIGHT, Math.min(kept.bounds.height, area.height));
  return { bounds: { ...kept.bounds, width, height }, maximized: kept.maximized };
};

/** Reads what was kept, or null. */
export const readWindowState = (file: string): WindowState | null => {
  try {
    const parsed = WindowState.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
};

/** Keeps a state; whole or not at all. @throws when the folder cannot be written. */
export const writeWindowState = (file: string, state: WindowState): void => {
  const fresh = `${file}.new`;
  writeFileSync(fresh, `${JSON.stringify(state)}\n`, { mode: 0o600 });
  renameSync(fresh, file);
};
