/**
 * Keys as this command finds them, while no engine runs that could say: an engine without a desktop refuses to start without.
 * What a service manager hands to its own service alone cannot be seen from here, and is waited for rather than called missing.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../../../src-shared/config/schema.ts';
import { createHeadlessKeys } from '../../adapters/secrets/headlessKeys.ts';
import { SEALED_KEYS_FILE } from '../../adapters/secrets/sealedKeys.ts';
import { fixOf, SecretsFault } from '../../adapters/secrets/secrets.ts';
import { keyVenuesOf } from '../../hosts/hostKeys.ts';
import { foundKey, handOver } from './exchangeFindings.ts';
import { findingsOf, type Finding } from './finding.ts';

const LABEL = 'Key from';

/** Whether the desktop’s file has one for the venue; which one only the desktop can open. */
const isSealed = (file: string, venueId: string): boolean => {
  try {
    const { keys } = JSON.parse(readFileSync(file, 'utf8')) as { readonly keys?: Readonly<Record<string, unknown>> };
    return keys !== undefined && Object.hasOwn(keys, venueId);
  } catch {
    return false;
  }
};

/** @param env is left as it is. */
export const keyFindings = (config: Config, dataDir: string, env: Readonly<Record<string, string | undefined>>): readonly Finding[] => {
  const venues = keyVenuesOf(config);
  const keys = createHeadlessKeys({ venues, env: { ...env }, conceal: () => undefined });
  const file = path.join(dataDir, SEALED_KEYS_FILE);
  return venues.map(({ id }) => {
    const { pass, fail, waiting } = findingsOf(id);
    if (existsSync(file) && isSealed(file, id))
      return pass('key-source', LABEL, `${file}: entered at the desktop, which alone can open it`);
    try {
      if (keys.venueKey(id) !== null) return foundKey(id, keys.describe(id));
    } catch (error) {
      if (!(error instanceof SecretsFault)) throw error;
      return fail('key-source', LABEL, error.message, fixOf(error));
    }
    return waiting('key-source', LABEL, keys.describe(id), handOver(id));
  });
};
