// The stub application's main: answers each message with who sent it, and reports what a member unknown to the double does.
import path from 'node:path';
import { app, BrowserWindow, ipcMain, protocol, session, shell } from 'electron';

if (!app.requestSingleInstanceLock()) app.exit(3);
protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true } }]);
const page = `<!doctype html><title>stub</title><h1>stub</h1><a id="out" href="https://elsewhere.example/">out</a>
<a id="popup" target="_blank" href="https://elsewhere.example/popup">popup</a>`;

await app.whenReady();
session.defaultSession.setPermissionCheckHandler((_contents, permission) => permission === 'notifications');
protocol.handle('app', (request) =>
  request.url === 'app://stub/'
    ? new Response(page, { headers: { 'content-type': 'text/html', 'content-security-policy': "default-src 'self'", 'x-stub': 'yes' } })
    : new Response('no', { status: 404 }),
);
const window = new BrowserWindow({
  width: 640,
  height: 480,
  webPreferences: { preload: path.join(import.meta.dirname, 'preload.cjs'), sandbox: true, contextIsolation: true },
});
const seen = [];
window.webContents.on('will-navigate', (event) => {
  seen.push(`navigate ${event.url}`);
  event.preventDefault();
});
window.webContents.setWindowOpenHandler(({ url }) => {
  seen.push(`open ${url}`);
  void shell.openExternal(url);
  return { action: 'deny' };
});
app.on('second-instance', () => {
  seen.push('second instance');
  window.focus();
});
ipcMain.on('say', (event, text) => {
  if (text === 'seen') return window.webContents.send('answer', JSON.stringify(seen));
  if (text === 'unknown') {
    try {
      window.setKiosk(true);
    } catch (error) {
      return window.webContents.send('answer', error.message);
    }
  }
  const { url, parent } = event.senderFrame;
  return window.webContents.send(
    'answer',
    `${text} from ${url}, ${parent === null ? 'top' : 'inner'}, ${event.sender === window.webContents}`,
  );
});
app.on('will-quit', () => console.log('will-quit'));
await window.loadURL('app://stub/');
