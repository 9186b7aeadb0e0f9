/** Main's end of the message channels: listeners by channel, exactly an emitter. */
import { EventEmitter } from 'node:events';

export const ipcMain = new EventEmitter();
