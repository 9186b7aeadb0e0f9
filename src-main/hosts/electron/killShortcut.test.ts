import { describe, expect, it } from 'vitest';
import { KILL_ACCELERATOR, registerKillShortcut } from './killShortcut.ts';

describe('registerKillShortcut', () => {
  it('registers the documented keys', () => {
    let pressed = 0;
    const registered = new Map<string, () => void>();
    const register = (keys: string, callback: () => void): boolean => registered.set(keys, callback).has(keys);
    expect(registerKillShortcut({ register }, () => (pressed += 1))).toBe(true);
    registered.get(KILL_ACCELERATOR)?.();
    expect([KILL_ACCELERATOR, pressed]).toEqual(['CommandOrControl+Alt+Shift+K', 1]);
  });

  it('says so when the system keeps the keys from us', () => {
    expect(registerKillShortcut({ register: () => false }, () => undefined)).toBe(false);
    const register = (): boolean => {
      throw new Error('no such keys');
    };
    expect(registerKillShortcut({ register }, () => undefined)).toBe(false);
  });
});
