/** Opens the operator's browser, where there is a display to open it on. Never throws: a browser is a courtesy. */
import { spawn } from 'node:child_process';

export interface Desktop {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
}

/** null = nobody would see it: no display, or a remote shell. */
export const browserLaunch = (url: string, { platform, env }: Desktop): Launch | null => {
  if (env['SSH_CONNECTION'] !== undefined || env['CI'] !== undefined) return null;
  if (platform === 'darwin') return { file: 'open', args: [url] };
  // `start` would let the shell read the address; rundll32 takes it as it is.
  if (platform === 'win32') return { file: 'rundll32', args: ['url.dll,FileProtocolHandler', url] };
  if (!env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return null;
  return { file: 'xdg-open', args: [url] };
};

/** Whether a browser was asked to open. */
export const openBrowser = (url: string, desktop: Desktop = { platform: process.platform, env: process.env }): boolean => {
  const launch = browserLaunch(url, desktop);
  if (launch === null) return false;
  const child = spawn(launch.file, launch.args, { detached: true, stdio: 'ignore', windowsHide: true });
  child.on('error', () => undefined);
  child.unref();
  return true;
};
