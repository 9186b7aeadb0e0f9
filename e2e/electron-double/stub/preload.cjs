'use strict';
// The stub application's preload: exercises the bridge of the double, and what a sandboxed preload may not do.
const { contextBridge, ipcRenderer } = require('electron');

const attempts = {};
for (const [name, attempt] of Object.entries({
  fs: () => require('node:fs'),
  unknownMember: () => ipcRenderer.sendSync('x'),
})) {
  try {
    attempt();
    attempts[name] = 'allowed';
  } catch (error) {
    attempts[name] = error.message;
  }
}
contextBridge.exposeInMainWorld('stub', {
  attempts,
  nested: { list: [1, 2], process: typeof process },
  say: (text) => ipcRenderer.send('say', text),
  fail: () => {
    throw new RangeError('as asked');
  },
  onAnswer: (callback) => {
    const listener = (_event, text) => callback(text);
    ipcRenderer.on('answer', listener);
    return () => ipcRenderer.off('answer', listener);
  },
});
