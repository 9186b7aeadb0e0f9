/**
 * What `quant-arb doctor` leaves behind for the engine: when it looked, at which configuration, and what did not pass. The engine
 * of mode live believes it for a day, and only for the very configuration that it runs. Holds no figure of an account and no secret.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Config } from '../../src-shared/config/schema.ts';
import { writeFileDurably } from '../adapters/secrets/durableFile.ts';

export const DOCTOR_RECORD_FILE = 'doctor.json';

const recordSchema = z.object({
  version: z.literal(1),
  unixMs: z.number(),
  /** {@link fingerprintOf} of what was looked at. */
  fingerprint: z.string(),
  /** Of the engine that answered. */
  runId: z.string(),
  ok: z.boolean(),
  /** Labels of what failed or was waited for. */
  unmet: z.array(z.string()),
});
export type DoctorRecord = z.infer<typeof recordSchema>;

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
};

/** Of everything that decides what is traded where. Port and paths may be given at the start and are no part of it. */
export const fingerprintOf = ({ listener: _listener, dataDir: _dataDir, ...traded }: Config): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(traded)))
    .digest('hex');

/** @throws what the disk threw */
export const writeDoctorRecord = (dataDir: string, record: DoctorRecord): void =>
  writeFileDurably(path.join(dataDir, DOCTOR_RECORD_FILE), `${JSON.stringify(record, null, 2)}\n`);

/** null = there is none that can be read. */
export const readDoctorRecord = (dataDir: string): DoctorRecord | null => {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(path.join(dataDir, DOCTOR_RECORD_FILE), 'utf8')));
  } catch {
    return null;
  }
};
