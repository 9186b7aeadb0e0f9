/** The names of the MQL5 reference, from `names.txt`. */
import { readFileSync } from 'node:fs';

export interface Names {
  readonly functions: ReadonlySet<string>;
  /** Functions that answer a 64-bit whole number. */
  readonly wide: ReadonlySet<string>;
  readonly events: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
  readonly constants: ReadonlySet<string>;
  /** By structure. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
}

function sections(text: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  let current = new Set<string>();
  for (const line of text.split('\n')) {
    const title = /^\[(.+)\]$/.exec(line)?.[1];
    if (title !== undefined) {
      current = new Set();
      found.set(title, current);
    } else if (!line.startsWith(';')) for (const word of line.split(' ')) if (word !== '') current.add(word);
  }
  return found;
}

let names: Names | null = null;

export function referenceNames(): Names {
  if (names !== null) return names;
  const found = sections(readFileSync(new URL('names.txt', import.meta.url), 'utf8'));
  const members = new Map<string, Set<string>>();
  for (const [title, words] of found) if (title.startsWith('members ')) members.set(title.slice('members '.length), words);
  const of = (title: string): Set<string> => found.get(title) ?? new Set();
  names = { functions: of('functions'), wide: of('wide'), events: of('events'), types: of('types'), constants: of('constants'), members };
  return names;
}
