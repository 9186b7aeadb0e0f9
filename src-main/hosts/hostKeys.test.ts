import { describe, expect, it } from 'vitest';
import { createTestSealer, keyDirectory, okxEntry } from '../adapters/secrets/keys.testkit.ts';
import { keyVariable } from '../adapters/secrets/headlessKeys.ts';
import type { Sealer } from '../adapters/secrets/sealedKeys.ts';
import type { VenueId } from '../../src-shared/domain/ids.ts';
import { testConfig } from './app.testkit.ts';
import { openHostKeys } from './hostKeys.ts';
import { createLog } from './log.ts';

const okxVenue = {
  id: 'okx',
  label: 'OKX',
  protocol: 'okx' as const,
  urls: { rest: 'https://openapi.okx.com', stream: 'wss://wspap.okx.com:8443/ws/v5' },
  orders: { environment: 'demo' as const },
};
const config = testConfig({
  mode: 'demo',
  venues: [{ id: 'mt5', label: 'B', protocol: 'metatrader' }, { id: 'mt5-b', label: 'C', protocol: 'metatrader' }, okxVenue],
});
const OKX = 'okx' as VenueId;
const entry = { ...okxEntry, venueId: 'okx' };

const open = (over: { env?: Record<string, string>; sealer?: Sealer | undefined; dataDir?: string } = {}) => {
  const lines: string[] = [];
  const log = createLog((line) => void lines.push(line));
  const options = { config, dataDir: over.dataDir ?? keyDirectory(), env: over.env ?? {}, log, sealer: over.sealer };
  return openHostKeys(options).then((keys) => ({ ...keys, lines, log }));
};

describe('keys of a host', () => {
  it('are entered at a desktop, found by its next start, and removed again', async () => {
    const [dataDir, sealer] = [keyDirectory(), createTestSealer()];
    const first = await open({ dataDir, sealer });
    expect(first.desk.standing()).toMatchObject({ storable: true, why: '', venues: [{ venueId: 'okx', state: 'none', stored: false }] });
    expect(await first.desk.enter(entry, 'somebody')).toEqual({ kind: 'done' });
    expect(first.desk.standing().venues[0]).toMatchObject({ state: 'found', stored: true, atNextStart: true, environment: 'demo' });
    const second = await open({ dataDir, sealer });
    expect(second.secrets.venueKey(OKX)?.apiKey).toBe(okxEntry.apiKey);
    expect(second.desk.standing().venues[0]).toMatchObject({ state: 'found', atNextStart: false });
    expect(await second.desk.remove('okx', 'somebody')).toEqual({ kind: 'done' });
    expect(await second.desk.remove('okx', 'somebody')).toEqual({ kind: 'refused', why: 'okx: no key was entered here' });
    expect((await open({ dataDir, sealer })).secrets.venueKey(OKX)).toBeNull();
  });

  it('never show in the log or in what is said of them', async () => {
    const { desk, lines, log } = await open({ sealer: createTestSealer() });
    await desk.enter(entry, 'somebody');
    await desk.enter({ ...entry, environment: 'live' }, 'somebody');
    log.warn(`a library printed ${okxEntry.secret}`, { and: okxEntry.passphrase });
    const said = [...lines, JSON.stringify(desk.standing())].join('\n');
    expect(lines.some((line) => line.includes('venue=okx'))).toBe(true);
    for (const value of [okxEntry.apiKey, okxEntry.secret, okxEntry.passphrase]) expect(said).not.toContain(value);
  });

  it('that are refused say why in our own words alone', async () => {
    const { desk } = await open({ sealer: createTestSealer() });
    expect(await desk.enter({ ...entry, environment: 'live' }, 'x')).toEqual({
      kind: 'refused',
      why: 'what was entered: environment: is live, and the orders of okx are set to demo. Hand over a key that was made for demo; a key is never used in another environment.',
    });
    const failing: Sealer = { ...createTestSealer(), seal: (text) => Promise.reject(new Error(`cannot seal ${text}`)) };
    expect(await (await open({ sealer: failing })).desk.enter(entry, 'x')).toEqual({
      kind: 'refused',
      why: 'the key could not be stored (unknown)',
    });
  });

  it('come from the environment without a desktop, and none can be entered there', async () => {
    const env = { [keyVariable('okx')]: JSON.stringify(okxEntry) };
    const headless = await open({ env: { ...env } });
    expect(headless.secrets.venueKey(OKX)?.apiKey).toBe(okxEntry.apiKey);
    expect(headless.lines.filter((line) => line.includes('environment variable'))).toEqual([
      expect.stringMatching(/ warn .*stays readable.*venue=okx .*QUANT_ARB_OKX_KEY_FILE/),
    ]);
    expect(headless.desk.standing()).toMatchObject({ storable: false, venues: [{ state: 'found', stored: false }] });
    expect(await headless.desk.enter(entry, 'x')).toMatchObject({ kind: 'refused' });
    const bare = await open({ env: { ...env }, sealer: createTestSealer('no keyring here') });
    expect(bare.secrets.venueKey(OKX)?.apiKey).toBe(okxEntry.apiKey);
    expect(bare.desk.standing()).toMatchObject({ storable: false, why: 'no keyring here' });
  });
});
