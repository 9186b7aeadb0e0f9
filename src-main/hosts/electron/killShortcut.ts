/**
 * The kill switch from anywhere on the desktop: one accelerator, registered with the system, which latches KILL even when
 * another program has the focus. It says honestly when the system gave the keys to somebody else.
 */
import type { GlobalShortcut } from 'electron';

/** Ctrl+Alt+Shift+K, on macOS ⌘⌥⇧K: three modifiers, so that no program's own keys and no slip reach it. */
export const KILL_ACCELERATOR = 'CommandOrControl+Alt+Shift+K';

/** Registers the shortcut. @returns false when the system refused it: the button is then the only way here. */
export const registerKillShortcut = (shortcuts: Pick<GlobalShortcut, 'register'>, kill: () => void): boolean => {
  try {
    return shortcuts.register(KILL_ACCELERATOR, kill);
  } catch {
    return false;
  }
};
