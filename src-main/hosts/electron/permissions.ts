/**
 * What a page may ask of the machine, as a table: nothing. Names Electron adds later, and `unknown`, are denied too.
 * Both the check and the request are answered, because Chromium asks them at different moments.
 */
import type { Session } from 'electron';
import { APP_HOST, APP_SCHEME } from './appProtocol.ts';

export type PermissionName = Parameters<NonNullable<Parameters<Session['setPermissionCheckHandler']>[0]>>[1];

/** Permissions a console page has. Adding one is a decision to be reviewed: keep the reason beside it. */
export const GRANTED_PERMISSIONS: readonly PermissionName[] = [];

/** Whether a page may use what it asks for. */
export const isPermitted = (permission: string): boolean => (GRANTED_PERMISSIONS as readonly string[]).includes(permission);

/** What a page may save to disk: exports it made itself, after the system's own dialog asked where. */
export const isOwnExport = (url: string): boolean => url.startsWith(`blob:${APP_SCHEME}://${APP_HOST}/`);

/** Makes a session answer every permission, device, screen-capture and download question by these rules. */
export const denyPermissions = (session: Session): void => {
  session.setPermissionCheckHandler((_contents, permission) => isPermitted(permission));
  session.setPermissionRequestHandler((_contents, permission, answer) => answer(isPermitted(permission)));
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
  session.on('will-download', (event, item) => {
    if (!isOwnExport(item.getURL())) event.preventDefault();
  });
};
