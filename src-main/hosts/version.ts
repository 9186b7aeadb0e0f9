/** The product's version, from the package.json that these sources or this build belong to. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const NAME = 'quant-arb';

/** Walks up from this file: sources, build output and packaged application all have it above them. */
export const productRoot = (from: string = import.meta.dirname): string => {
  for (let directory = from; ; directory = path.dirname(directory)) {
    const file = path.join(directory, 'package.json');
    if (existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown }).name === NAME) return directory;
    if (directory === path.dirname(directory)) throw new Error(`no package.json of ${NAME} above ${from}`);
  }
};

export const productVersion = (): string =>
  (JSON.parse(readFileSync(path.join(productRoot(), 'package.json'), 'utf8')) as { version: string }).version;
