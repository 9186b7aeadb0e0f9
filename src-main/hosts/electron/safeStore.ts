/**
 * The operating system's encryption through Electron: the key chain on macOS, DPAPI on Windows, the desktop's keyring on Linux.
 * Where Linux has none, Electron falls back to a password that everybody knows: that is refused, it hides nothing.
 */
import type { SafeStorage } from 'electron';
import type { Sealer } from '../../adapters/secrets/sealedKeys.ts';

/** What Electron says of a keyring that is none. */
const PLAIN_BACKENDS: readonly string[] = ['basic_text', 'unknown'];
const NAMES: Readonly<Record<string, string>> = { darwin: 'the key chain of this Mac', win32: 'Windows data protection' };

export type StorageParts = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>;

/** Call when the app is ready: before, nothing can be said of the keyring. */
export const createSafeStore = (storage: StorageParts, platform: NodeJS.Platform): Sealer => {
  const backend = platform === 'linux' ? storage.getSelectedStorageBackend() : null;
  return {
    name: backend ?? NAMES[platform] ?? 'the system’s store',
    unusable: async () => {
      if (backend !== null && PLAIN_BACKENDS.includes(backend))
        return `this desktop has no keyring (Electron says “${backend}”): install and unlock one such as GNOME Keyring or KWallet`;
      return (await storage.isAsyncEncryptionAvailable()) ? null : 'the system’s key store is locked or missing: unlock it and start again';
    },
    seal: (text) => storage.encryptStringAsync(text),
    open: async (sealed) => (await storage.decryptStringAsync(sealed)).result,
  };
};
