import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyFileVariable, keyVariable } from '../../adapters/secrets/headlessKeys.ts';
import { keyDirectory, okxEntry } from '../../adapters/secrets/keys.testkit.ts';
import { SEALED_KEYS_FILE } from '../../adapters/secrets/sealedKeys.ts';
import { testConfig } from '../../hosts/app.testkit.ts';
import { keyFindings } from './keyFindings.ts';

const okx = {
  id: 'okx',
  label: 'OKX',
  protocol: 'okx' as const,
  urls: { rest: 'https://openapi.okx.com', stream: 'wss://wspap.okx.com:8443/ws/v5' },
  orders: { environment: 'demo' as const },
};
const { venues } = testConfig();
const config = testConfig({ mode: 'demo', venues: [...venues, okx] });
const only = (env: Record<string, string>, dataDir = keyDirectory()) => {
  const [finding, ...more] = keyFindings(config, dataDir, env);
  expect(more).toEqual([]);
  return finding;
};

describe('keys while no engine runs', () => {
  it('pass where this command finds a good one, and the environment is left as it was', () => {
    const env = { [keyVariable('okx')]: JSON.stringify(okxEntry) };
    expect(only(env)).toMatchObject({
      state: 'warn',
      venue: 'okx',
      detail: expect.stringContaining('$QUANT_ARB_OKX_KEY (demo, HMAC): readable'),
      fix: expect.stringContaining('QUANT_ARB_OKX_KEY_FILE'),
    });
    expect(Object.keys(env)).toEqual([keyVariable('okx')]);
    const file = path.join(keyDirectory(), 'okx.json');
    writeFileSync(file, JSON.stringify(okxEntry), { mode: 0o600 });
    expect(only({ [keyFileVariable('okx')]: file })).toMatchObject({ state: 'pass', fix: '' });
    const dataDir = keyDirectory();
    writeFileSync(path.join(dataDir, SEALED_KEYS_FILE), JSON.stringify({ version: 1, keys: { okx: 'AAAA' } }));
    expect(only({}, dataDir)).toMatchObject({ state: 'pass', detail: expect.stringContaining('entered at the desktop') });
  });

  it('fail where one is wrong, and are waited for where none is seen', () => {
    expect(only({ [keyVariable('okx')]: JSON.stringify({ ...okxEntry, environment: 'live' }) })).toMatchObject({
      state: 'fail',
      detail: '$QUANT_ARB_OKX_KEY: environment: is live, and the orders of okx are set to demo',
    });
    expect(only({ [keyFileVariable('okx')]: '/nowhere/key.json' })).toMatchObject({
      state: 'fail',
      fix: 'Write the key there, or name the file that holds it.',
    });
    expect(only({})).toMatchObject({ state: 'waiting', fix: expect.stringContaining('systemd credential quant-arb.okx.json') });
    expect(keyFindings(testConfig(), keyDirectory(), {})).toEqual([]);
  });
});
