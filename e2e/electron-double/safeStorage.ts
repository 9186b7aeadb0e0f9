/**
 * Electron's `safeStorage` as the desktop host uses it: it really encrypts, with a key that lies outside the application's data,
 * in the place of the keyring. `ELECTRON_DOUBLE_KEYRING=basic_text` makes it the keyring that Linux does not have.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SafeStorage } from 'electron';
import { app, assertReady } from './app.ts';
import { strict } from './strict.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const keyringKey = (): Buffer => {
  const folder = app.getPath('keyring');
  const file = path.join(folder, 'key');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(file, randomBytes(32), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file);
};

type Backend = ReturnType<SafeStorage['getSelectedStorageBackend']>;
const backend = (): Backend => (process.env['ELECTRON_DOUBLE_KEYRING'] ?? 'gnome_libsecret') as Backend;

export const safeStorage = strict('safeStorage', {
  getSelectedStorageBackend: () => (app.isReady() ? backend() : 'unknown'),
  isAsyncEncryptionAvailable: () => Promise.resolve(app.isReady()),
  encryptStringAsync: async (plainText) => {
    assertReady('safeStorage');
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', keyringKey(), nonce);
    const sealed = Buffer.concat([cipher.update(plainText, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.from('v11'), nonce, cipher.getAuthTag(), sealed]);
  },
  decryptStringAsync: async (encrypted) => {
    assertReady('safeStorage');
    const [nonceAt, tagAt, textAt] = [3, 3 + NONCE_BYTES, 3 + NONCE_BYTES + TAG_BYTES];
    const decipher = createDecipheriv('aes-256-gcm', keyringKey(), encrypted.subarray(nonceAt, tagAt));
    decipher.setAuthTag(encrypted.subarray(tagAt, textAt));
    const result = Buffer.concat([decipher.update(encrypted.subarray(textAt)), decipher.final()]).toString('utf8');
    return { result, shouldReEncrypt: false };
  },
} satisfies Partial<SafeStorage>);
