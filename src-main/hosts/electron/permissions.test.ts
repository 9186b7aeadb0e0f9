import { EventEmitter } from 'node:events';
import type { Session } from 'electron';
import { describe, expect, it } from 'vitest';
import { denyPermissions, GRANTED_PERMISSIONS } from './permissions.ts';

type Check = (contents: null, permission: string) => boolean;
type Ask = (contents: null, permission: string, answer: (granted: boolean) => void) => void;

describe('denyPermissions', () => {
  const handlers: {
    check?: Check;
    ask?: Ask;
    device?: () => boolean;
    capture?: (request: null, answer: (streams: object) => void) => void;
  } = {};
  const session = Object.assign(new EventEmitter(), {
    setPermissionCheckHandler: (check: Check) => (handlers.check = check),
    setPermissionRequestHandler: (ask: Ask) => (handlers.ask = ask),
    setDevicePermissionHandler: (device: () => boolean) => (handlers.device = device),
    setDisplayMediaRequestHandler: (capture: typeof handlers.capture) => {
      if (capture !== undefined) handlers.capture = capture;
    },
  });
  denyPermissions(session as unknown as Session);

  it.each(['media', 'geolocation', 'notifications', 'clipboard-read', 'usb', 'openExternal', 'unknown', 'a-name-of-next-year'])(
    'denies %s to checks and requests',
    (permission) => {
      expect(handlers.check?.(null, permission)).toBe(false);
      const answers: boolean[] = [];
      handlers.ask?.(null, permission, (granted) => answers.push(granted));
      expect(answers).toEqual([false]);
    },
  );

  it('denies devices and screen capture', () => {
    expect(handlers.device?.()).toBe(false);
    const streams: object[] = [];
    handlers.capture?.(null, (granted) => streams.push(granted));
    expect(streams).toEqual([{}]);
  });

  it.each([
    ['blob:app://console/6f1d', true],
    ['https://evil.example/x.exe', false],
    ['blob:https://evil.example/1', false],
    ['app://console/index.html', false],
  ])('a download of %s: %s', (url, allowed) => {
    let prevented = false;
    session.emit('will-download', { preventDefault: () => (prevented = true) }, { getURL: () => url });
    expect(prevented).toBe(!allowed);
  });

  it('grants nothing', () => expect(GRANTED_PERMISSIONS).toEqual([]));
});
