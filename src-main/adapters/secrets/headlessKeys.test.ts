import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHeadlessKeys, credentialName, fileInstead, isFromEnvironment, keyFileVariable, keyVariable } from './headlessKeys.ts';
import { createConcealer, keyDirectory, OKX, okxEntry, USDM, usdmEntry } from './keys.testkit.ts';
import { createGivenKeys } from './givenKeys.ts';
import { keyFromValue, MAX_KEY_TEXT_BYTES } from './keyText.ts';

const posix = process.platform !== 'win32';
const entry = (apiKey: string): string => JSON.stringify({ ...usdmEntry, apiKey });

const keysOf = (env: Record<string, string | undefined>) => {
  const concealer = createConcealer();
  return { ...createHeadlessKeys({ venues: [USDM, OKX], env, conceal: concealer.conceal }), concealed: concealer.values, env };
};

const fileWith = (text: string, mode = 0o600): string => {
  const file = path.join(keyDirectory(), 'key.json');
  writeFileSync(file, text, { mode });
  chmodSync(file, mode);
  return file;
};
const credentials = (text: string): string => {
  const directory = keyDirectory();
  writeFileSync(path.join(directory, credentialName('binance-usdm')), text, { mode: 0o400 });
  return directory;
};

describe('keys without a desktop', () => {
  it('come from the credentials, else the named file, else the variable; the first counts', () => {
    const all = {
      CREDENTIALS_DIRECTORY: credentials(entry('canary-credential')),
      [keyFileVariable('binance-usdm')]: fileWith(entry('canary-file')),
      [keyVariable('binance-usdm')]: entry('canary-variable'),
    };
    const first = keysOf({ ...all });
    expect(first.venueKey(USDM.id)?.apiKey).toBe('canary-credential');
    expect(first.describe(USDM.id)).toMatch(/^the credential .*quant-arb\.binance-usdm\.json \(demo, HMAC\)$/);
    const second = keysOf({ ...all, CREDENTIALS_DIRECTORY: keyDirectory() });
    expect(second.venueKey(USDM.id)?.apiKey).toBe('canary-file');
    expect(second.describe(USDM.id)).toContain('named by $QUANT_ARB_BINANCE_USDM_KEY_FILE');
    const third = keysOf({ [keyVariable('binance-usdm')]: entry('canary-variable') });
    expect(third.venueKey(USDM.id)?.apiKey).toBe('canary-variable');
    expect(third.describe(USDM.id)).toBe('$QUANT_ARB_BINANCE_USDM_KEY (demo, HMAC)');
  });

  it('leave the environment, so that no child inherits them, and are concealed whichever place counts', () => {
    const { env, concealed } = keysOf({
      CREDENTIALS_DIRECTORY: credentials(entry('canary-credential')),
      [keyVariable('binance-usdm')]: entry('canary-variable'),
    });
    expect(Object.keys(env)).toEqual(['CREDENTIALS_DIRECTORY']);
    expect(concealed).toEqual(expect.arrayContaining(['canary-credential', usdmEntry.secret]));
    expect(concealed.some((text) => text.includes('canary-variable'))).toBe(true);
  });

  it('are none where nothing is named, and it says where it looked', () => {
    const keys = keysOf({});
    expect(keys.venueKey(OKX.id)).toBeNull();
    expect(keys.describe(OKX.id)).toBe(
      'no key: neither $CREDENTIALS_DIRECTORY/quant-arb.okx.json nor $QUANT_ARB_OKX_KEY_FILE nor $QUANT_ARB_OKX_KEY is there',
    );
  });

  it('are refused from a file that others may read, a link, a directory, or one too long', (context) => {
    if (!posix) return context.skip('file modes are POSIX');
    const variable = keyFileVariable('binance-usdm');
    const refused = (file: string) => () => keysOf({ [variable]: file }).venueKey(USDM.id);
    for (const mode of [0o640, 0o604, 0o644, 0o602]) {
      const file = fileWith(entry('canary-file'), mode);
      expect(refused(file)).toThrow(
        expect.objectContaining({ message: expect.stringMatching(/others may read it/), fix: `Run: chmod 600 "${file}"` }),
      );
    }
    const link = path.join(keyDirectory(), 'link.json');
    symlinkSync(fileWith(entry('canary-file')), link);
    expect(refused(link)).toThrow(/links are refused/);
    expect(refused(keyDirectory())).toThrow(/is not a regular file/);
    expect(refused(fileWith(entry('canary-file').padEnd(MAX_KEY_TEXT_BYTES + 1)))).toThrow(/is longer than/);
    expect(refused('relative.json')).toThrow(/\$QUANT_ARB_BINANCE_USDM_KEY_FILE: must name the file with its whole path/);
    expect(refused(path.join(keyDirectory(), 'none.json'))).toThrow(/which is not there/);
    return undefined;
  });

  it('that are wrong stay wrong: no later place is tried in their stead', () => {
    const keys = keysOf({
      [keyFileVariable('binance-usdm')]: fileWith('{"canary'),
      [keyVariable('binance-usdm')]: entry('canary-variable'),
    });
    expect(() => keys.venueKey(USDM.id)).toThrow(/key\.json.*: is not JSON/);
    expect(keys.describe(USDM.id)).toMatch(/is not JSON/);
    expect(keys.describe(USDM.id)).not.toContain('canary');
    expect(keys.venueKey(OKX.id)).toBeNull();
  });
});

describe('a key in the environment', () => {
  it('is told from one in a file: the kernel goes on showing it', () => {
    const named = keysOf({ [keyFileVariable('binance-usdm')]: fileWith(entry('canary-file')) });
    expect(isFromEnvironment('binance-usdm', named.describe(USDM.id))).toBe(false);
    const variable = keysOf({ [keyVariable('binance-usdm')]: entry('canary-variable') });
    expect(isFromEnvironment('binance-usdm', variable.describe(USDM.id))).toBe(true);
    expect(isFromEnvironment('okx', keysOf({ [keyFileVariable('okx')]: '/none' }).describe(OKX.id))).toBe(false);
    expect(fileInstead('okx')).toContain('QUANT_ARB_OKX_KEY_FILE');
  });
});

describe('keys of the simulated accounts', () => {
  it('serve their own venue in their own environment alone', () => {
    const { conceal, values } = createConcealer();
    const simulated = { ...OKX, environment: 'simulated' } as const;
    const key = keyFromValue({ ...okxEntry, environment: 'simulated' }, simulated, 'made', conceal);
    const keys = createGivenKeys([simulated, USDM], { okx: key }, conceal);
    expect(keys.venueKey(OKX.id)).toEqual(key);
    expect(keys.describe(OKX.id)).toBe('the simulated exchange (simulated, HMAC)');
    expect(keys.venueKey(USDM.id)).toBeNull();
    expect(values).toContain(okxEntry.secret);
    expect(() => createGivenKeys([OKX], { okx: key }, conceal)).toThrow(/environment: is simulated/);
  });
});
