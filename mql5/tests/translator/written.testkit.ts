/** A source written to a folder of its own, as if it lay in `Experts` beside `Include`. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readSource, type Source } from './source.ts';

export interface WrittenFiles {
  readonly expert: string;
  readonly source: () => Source;
}

export function written(expert: string | Uint8Array, others: Readonly<Record<string, string>> = {}): WrittenFiles {
  const folder = mkdtempSync(join(tmpdir(), 'mq5-'));
  const put = (name: string, text: string | Uint8Array): string => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  const path = put('Experts/Expert.mq5', expert);
  for (const [name, text] of Object.entries(others)) put(name, text);
  return { expert: path, source: () => readSource(path, join(folder, 'Include')) };
}
