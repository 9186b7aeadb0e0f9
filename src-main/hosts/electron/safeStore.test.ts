import { describe, expect, it } from 'vitest';
import { createSafeStore, type StorageParts } from './safeStore.ts';

const storage = (over: Partial<StorageParts> = {}): StorageParts => ({
  isAsyncEncryptionAvailable: () => Promise.resolve(true),
  encryptStringAsync: (text) => Promise.resolve(Buffer.from(Buffer.from(text).toString('hex'))),
  decryptStringAsync: (sealed) => Promise.resolve({ result: Buffer.from(sealed.toString(), 'hex').toString(), shouldReEncrypt: false }),
  getSelectedStorageBackend: () => 'gnome_libsecret',
  ...over,
});

describe('the system’s store', () => {
  it('seals through Electron where there is a keyring', async () => {
    const store = createSafeStore(storage(), 'linux');
    expect([store.name, await store.unusable()]).toEqual(['gnome_libsecret', null]);
    expect(await store.open(await store.seal('a text'))).toBe('a text');
  });

  it.each(['basic_text', 'unknown'] as const)('refuses what only looks like a keyring on Linux: %s', async (backend) => {
    const store = createSafeStore(storage({ getSelectedStorageBackend: () => backend }), 'linux');
    expect(await store.unusable()).toContain(`Electron says “${backend}”`);
  });

  it('does not ask for a keyring where there is none to be asked for', async () => {
    const asked = storage({
      getSelectedStorageBackend: () => {
        throw new Error('only Linux has it');
      },
    });
    expect(await createSafeStore(asked, 'darwin').unusable()).toBeNull();
    expect(createSafeStore(asked, 'win32').name).toBe('Windows data protection');
  });

  it('says when the store is locked', async () => {
    const locked = storage({ isAsyncEncryptionAvailable: () => Promise.resolve(false) });
    expect(await createSafeStore(locked, 'darwin').unusable()).toMatch(/locked or missing/);
  });
});
