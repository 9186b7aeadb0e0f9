import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { VenueId } from '../../../src-shared/domain/ids.ts';
import { createConcealer, createTestSealer, keyDirectory, OKX, okxEntry, USDM, usdmEntry } from './keys.testkit.ts';
import { openSealedKeys, SEALED_KEYS_FILE, type Sealer } from './sealedKeys.ts';

let dataDir: string;
let file: string;
beforeEach(() => {
  dataDir = keyDirectory();
  file = path.join(dataDir, SEALED_KEYS_FILE);
});
const open = (sealer: Sealer, conceal = createConcealer().conceal) => openSealedKeys({ dataDir, venues: [OKX, USDM], sealer, conceal });

describe('keys entered at the desktop', () => {
  it('are found again by the next start, and the file shows nothing of them', async () => {
    const sealer = createTestSealer();
    const { conceal, values } = createConcealer();
    const first = await open(sealer, conceal);
    expect([first.venueKey(OKX.id), first.has(OKX.id)]).toEqual([null, false]);
    const key = await first.enter(OKX.id, okxEntry);
    expect(first.venueKey(OKX.id)).toEqual(key);
    expect(values).toEqual(expect.arrayContaining([okxEntry.apiKey, okxEntry.secret, okxEntry.passphrase]));
    const text = readFileSync(file, 'utf8');
    for (const value of Object.values(okxEntry).filter((each) => each !== 'demo')) {
      expect(text).not.toContain(value);
      expect(text).not.toContain(Buffer.from(value).toString('base64').slice(0, 12));
    }
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = await open(sealer);
    expect(again.venueKey(OKX.id)).toEqual(key);
    expect(again.describe(OKX.id)).toContain('sealed by the test’s key chain (demo, HMAC)');
    expect(again.venueKey(USDM.id)).toBeNull();
  });

  it('are replaced and removed, each alone', async () => {
    const sealer = createTestSealer();
    const keys = await open(sealer);
    await keys.enter(OKX.id, okxEntry);
    await keys.enter(USDM.id, usdmEntry);
    await keys.enter(OKX.id, { ...okxEntry, apiKey: 'canary-second' });
    expect(keys.remove(USDM.id)).toBe(true);
    expect(keys.remove(USDM.id)).toBe(false);
    const again = await open(sealer);
    expect([again.venueKey(OKX.id)?.apiKey, again.venueKey(USDM.id)]).toEqual(['canary-second', null]);
  });

  it('that do not fit leave what was there', async () => {
    const keys = await open(createTestSealer());
    await keys.enter(OKX.id, okxEntry);
    const before = readFileSync(file, 'utf8');
    await expect(keys.enter(OKX.id, { ...okxEntry, environment: 'live' })).rejects.toThrow(/what was entered: environment: is live/);
    await expect(keys.enter('mt5' as VenueId, okxEntry)).rejects.toThrow(/mt5: takes no key/);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('are not stored where nothing really encrypts', async () => {
    const unusable = await open(createTestSealer('this computer has no key chain'));
    await expect(unusable.enter(OKX.id, okxEntry)).rejects.toThrow(/has no key chain/);
    expect(unusable.describe(OKX.id)).toBe('no key: this computer has no key chain');
    const encoding: Sealer = { ...createTestSealer(), seal: (text) => Promise.resolve(Buffer.from(text)) };
    const plain = await open(encoding);
    await expect(plain.enter(OKX.id, okxEntry)).rejects.toThrow(/does not encrypt, so nothing was written/);
    expect(() => readFileSync(file)).toThrow(/ENOENT/);
  });

  it('of another user, of another venue or damaged are told when they are asked for', async () => {
    const sealer = createTestSealer();
    const keys = await open(sealer);
    await keys.enter(OKX.id, okxEntry);
    expect(() => keys.venueKey(USDM.id)).not.toThrow();
    const stranger = await open(createTestSealer());
    expect(() => stranger.venueKey(OKX.id)).toThrow(/cannot be opened by this user on this computer/);
    expect(stranger.has(OKX.id)).toBe(true);
    const stored = JSON.parse(readFileSync(file, 'utf8')) as { version: 1; keys: Record<string, string> };
    writeFileSync(file, JSON.stringify({ version: 1, keys: { 'binance-usdm': stored.keys['okx'] } }));
    const swapped = await open(sealer);
    expect(() => swapped.venueKey(USDM.id)).toThrow(/holds the key of another venue/);
    writeFileSync(file, '{"canary');
    await expect(open(sealer)).rejects.toThrow(/is damaged; remove it/);
  });
});
