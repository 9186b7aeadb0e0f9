/**
 * An expert's source as one stream of tokens: decodes the files, follows `#include` once each, resolves conditions and constants
 * of `#define`, gathers `#property`. Refuses `#import` (no DLLs), `#resource` and macros with parameters.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SourceFault, type Token, tokenize } from './tokens.ts';

export interface Source {
  readonly tokens: readonly Token[];
  readonly properties: readonly (readonly [name: string, value: string])[];
  /** Names that `#define` gave a meaning, with where. */
  readonly defines: ReadonlyMap<string, Token>;
  /** Every file read, the expert first. */
  readonly files: readonly string[];
}

/** UTF-8 with or without its mark, or UTF-16 with one, as MetaEditor saves. */
export function decodeSource(bytes: Uint8Array): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

interface Condition {
  /** Whether this branch is taken. */
  taken: boolean;
  readonly outer: boolean;
}

class Reader {
  readonly tokens: Token[] = [];
  readonly properties: [string, string][] = [];
  readonly defines = new Map<string, Token>();
  readonly files: string[] = [];
  readonly #meanings = new Map<string, readonly Token[]>();
  readonly #includeFolder: string;

  constructor(includeFolder: string) {
    this.#includeFolder = includeFolder;
  }

  read(path: string, from: Token | null): void {
    if (this.files.includes(path)) return;
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(path);
    } catch {
      throw new SourceFault(from?.file ?? path, from?.line ?? 1, `cannot read ${path}`);
    }
    this.files.push(path);
    this.#take(tokenize(decodeSource(bytes), path));
  }

  #take(tokens: readonly Token[]): void {
    const conditions: Condition[] = [];
    for (const token of tokens) {
      const active = conditions.every((one) => one.taken);
      if (token.kind === 'directive') {
        if (!this.#condition(token, conditions, active) && active) this.#directive(token);
      } else if (active) this.tokens.push(...this.#expanded(token, new Set()));
    }
    const last = tokens.at(-1);
    if (conditions.length > 0 && last !== undefined) throw new SourceFault(last.file, last.line, '#endif is missing');
  }

  /** True when the directive was one of the conditions. */
  #condition(token: Token, conditions: Condition[], active: boolean): boolean {
    const [, word = '', name = ''] = /^#\s*(\w+)\s*(\w*)/.exec(token.text) ?? [];
    if (word === 'ifdef' || word === 'ifndef') {
      conditions.push({ taken: this.#meanings.has(name) === (word === 'ifdef'), outer: active });
      return true;
    }
    if (word !== 'else' && word !== 'endif') return false;
    const innermost = conditions.at(-1);
    if (innermost === undefined) throw new SourceFault(token.file, token.line, `#${word} without #ifdef`);
    if (word === 'endif') conditions.pop();
    else innermost.taken = !innermost.taken;
    return true;
  }

  #directive(token: Token): void {
    const [, word = '', rest = ''] = /^#\s*(\w+)\s*([\s\S]*)$/.exec(token.text) ?? [];
    switch (word) {
      case 'include':
        return this.#include(token, rest);
      case 'property':
        return this.#property(rest);
      case 'define':
        return this.#define(token, rest);
      case 'undef':
        this.#meanings.delete(rest);
        return undefined;
      default:
        throw new SourceFault(token.file, token.line, REFUSED[word] ?? `#${word} is not in MQL5`);
    }
  }

  #include(token: Token, rest: string): void {
    const [, folder, beside] = /^(?:<([^>]+)>|"([^"]+)")$/.exec(rest) ?? [];
    if (folder !== undefined) return this.read(join(this.#includeFolder, folder.replaceAll('\\', '/')), token);
    if (beside !== undefined) return this.read(join(dirname(token.file), beside.replaceAll('\\', '/')), token);
    throw new SourceFault(token.file, token.line, '#include needs <file> or "file"');
  }

  #property(rest: string): void {
    const [, name = '', value = ''] = /^(\w+)\s*([\s\S]*)$/.exec(rest) ?? [];
    this.properties.push([name, value.replace(/^"([\s\S]*)"$/, '$1')]);
  }

  #define(token: Token, rest: string): void {
    const [, name = '', parameters, meaning = ''] = /^(\w+)(\()?\s*([\s\S]*)$/.exec(rest) ?? [];
    if (parameters !== undefined)
      throw new SourceFault(token.file, token.line, `macro ${name} has parameters, which is not translated: make it a function`);
    const tokens = tokenize(meaning, token.file);
    if (this.#meanings.has(name)) throw new SourceFault(token.file, token.line, `${name} is defined twice`);
    this.#meanings.set(name, tokens);
    this.defines.set(name, token);
  }

  /** A constant in place of its name, on the line of its use. */
  #expanded(token: Token, within: ReadonlySet<string>): Token[] {
    const meaning = token.kind === 'word' && !within.has(token.text) ? this.#meanings.get(token.text) : undefined;
    if (meaning === undefined) return [builtInConstant(token)];
    const inner = new Set([...within, token.text]);
    return meaning.flatMap((one) => this.#expanded({ ...one, file: token.file, line: token.line }, inner));
  }
}

const REFUSED: Readonly<Record<string, string>> = {
  import: '#import is refused: the expert uses no DLL',
  resource: '#resource is refused: the expert is one program without files',
  if: '#if is not in MQL5: only #ifdef and #ifndef',
  elif: '#elif is not in MQL5',
  pragma: '#pragma is not in MQL5',
};

const COMPILER_BUILD = '5200';

function builtInConstant(token: Token): Token {
  if (token.kind !== 'word' || !token.text.startsWith('__')) return token;
  switch (token.text) {
    case '__FILE__':
      return { ...token, kind: 'text', text: basename(token.file) };
    case '__PATH__':
      return { ...token, kind: 'text', text: token.file };
    case '__LINE__':
      return { ...token, kind: 'number', text: String(token.line) };
    case '__MQLBUILD__':
    case '__MQL5BUILD__':
      return { ...token, kind: 'number', text: COMPILER_BUILD };
    default:
      return token;
  }
}

/**
 * Reads an expert and what it includes. `<X.mqh>` is looked up in `includeFolder`.
 * @throws SourceFault at the place that cannot be read.
 */
export function readSource(path: string, includeFolder: string): Source {
  const reader = new Reader(includeFolder);
  reader.read(path, null);
  return { tokens: reader.tokens, properties: reader.properties, defines: reader.defines, files: reader.files };
}
