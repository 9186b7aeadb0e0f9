/**
 * The marker of a running engine in its data directory: where programs beside it (command line, watchdogs) reach it. It
 * says nothing secret, and proves nothing: an engine that crashed leaves its marker, hence whoever reads it must ask.
 */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeFileDurably } from '../adapters/secrets/durableFile.ts';

export const MARKER_FILE = 'engine.json';

const markerSchema = z.object({
  version: z.literal(1),
  pid: z.number().int().positive(),
  runId: z.string(),
  url: z.url({ protocol: /^https?$/ }),
  /** The certificate that the engine shows; null without TLS. */
  certFile: z.string().nullable(),
  startedUnixMs: z.number(),
});
export type EngineMarker = z.infer<typeof markerSchema>;

const fileOf = (dataDir: string): string => path.join(dataDir, MARKER_FILE);

/** @throws when it cannot be written. */
export const writeMarker = (dataDir: string, marker: Omit<EngineMarker, 'version'>): void =>
  writeFileDurably(fileOf(dataDir), `${JSON.stringify({ version: 1, ...marker })}\n`);

/** null where there is none, or none that can be understood. */
export const readMarker = (dataDir: string): EngineMarker | null => {
  try {
    return markerSchema.parse(JSON.parse(readFileSync(fileOf(dataDir), 'utf8')));
  } catch {
    return null;
  }
};

/** Removes the marker of this process; one of another engine stays. */
export const removeMarker = (dataDir: string): void => {
  if (readMarker(dataDir)?.pid === process.pid) rmSync(fileOf(dataDir), { force: true });
};

/** Whether a process of that id exists, ours or not. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
