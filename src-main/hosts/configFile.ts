/** Reads a configuration file, or says in one message everything that is wrong with it and where. */
import { readFileSync, statSync } from 'node:fs';
import type { z } from 'zod';
import { configSchema, type Config } from '../../src-shared/config/schema.ts';

export const MAX_CONFIG_BYTES = 4 * 1024 * 1024;
const MAX_SHOWN_FAULTS = 20;

export class ConfigFault extends Error {
  constructor(source: string, faults: readonly string[]) {
    const more = faults.length > MAX_SHOWN_FAULTS ? [`… and ${faults.length - MAX_SHOWN_FAULTS} more`] : [];
    super(`${source}:\n${[...faults.slice(0, MAX_SHOWN_FAULTS), ...more].map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigFault';
  }
}

const placeOf = (steps: readonly PropertyKey[]): string =>
  steps.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? String(step) : `${text}.${String(step)}`),
    '',
  ) || 'file';

/** Somebody wrote a key where everybody may read it; its value is not repeated. */
const KEY_MEMBERS: readonly string[] = ['apiKey', 'secret', 'passphrase', 'privateKeyPem'];
const KEYS_ELSEWHERE =
  'a key stands in no configuration: take it out, and replace it at the exchange; “quant-arb doctor” says where keys go';

const issueText = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'unrecognized_keys' && issue.keys.some((name) => KEY_MEMBERS.includes(name)))
    return `${issue.keys.join(', ')}: ${KEYS_ELSEWHERE}`;
  return issue.code === 'invalid_type' && issue.input === undefined ? `is missing (${issue.expected})` : issue.message;
};

/** @throws ConfigFault naming every wrong field */
export const parseConfig = (raw: unknown, source: string): Config => {
  const parsed = configSchema.safeParse(raw, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new ConfigFault(
    source,
    parsed.error.issues.map((issue) => `${placeOf(issue.path)}: ${issueText(issue)}`),
  );
};

/** @throws ConfigFault */
export const readConfigFile = (file: string): Config => {
  let text: string;
  try {
    if (statSync(file).size > MAX_CONFIG_BYTES) throw new ConfigFault(file, [`larger than ${MAX_CONFIG_BYTES} bytes`]);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof ConfigFault) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConfigFault(file, [code === 'ENOENT' ? 'there is no such file' : `cannot be read: ${message}`]);
  }
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw new ConfigFault(file, [`is not JSON: ${(error as Error).message}`]);
  }
  return parseConfig(raw, file);
};
