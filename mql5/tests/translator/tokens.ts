/**
 * Words of MQL5: splits one source text into tokens, each with the file and line it stands on. Comments are dropped; a directive
 * is one token that holds its whole line. Knows nothing of what the tokens mean together.
 * Invariant: text that is no MQL5 token is a `SourceFault` at its line, never skipped.
 */

export type TokenKind = 'word' | 'number' | 'text' | 'char' | 'date' | 'colour' | 'mark' | 'directive';

export interface Token {
  readonly kind: TokenKind;
  /** As written; of `text` the value, with the escapes resolved. */
  readonly text: string;
  readonly file: string;
  readonly line: number;
}

/** A place where the source is not MQL5, or not the part of it that is translated. */
export class SourceFault extends Error {
  readonly file: string;
  readonly line: number;

  constructor(file: string, line: number, message: string) {
    super(message);
    this.name = 'SourceFault';
    this.file = file;
    this.line = line;
  }
}

const MARKS = '<<= >>= ... -> ++ -- << >> <= >= == != && || += -= *= /= %= &= |= ^= ::'.split(' ');

const SINGLE = new Set('{}[]()<>;:?.,+-*/%&|^!~=');
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0', '\\': '\\', '"': '"', "'": "'" };

class Scanner {
  readonly #text: string;
  readonly #file: string;
  #at = 0;
  #line = 1;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  all(): Token[] {
    const tokens: Token[] = [];
    for (;;) {
      this.#skipBlank();
      if (this.#at >= this.#text.length) return tokens;
      tokens.push(this.#next());
    }
  }

  #fault(message: string): never {
    throw new SourceFault(this.#file, this.#line, message);
  }

  #token(kind: TokenKind, text: string, line = this.#line): Token {
    return { kind, text, file: this.#file, line };
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return null;
    this.#at += found[0].length;
    return found[0];
  }

  #skipBlank(): void {
    for (;;) {
      const blank = this.#match(/(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y);
      if (blank === null) break;
      this.#line += blank.split('\n').length - 1;
    }
    if (this.#text.startsWith('/*', this.#at)) this.#fault('a comment is not closed');
  }

  #next(): Token {
    const letter = this.#text[this.#at]!;
    if (letter === '#') return this.#directive();
    if (letter === '"') return this.#token('text', this.#quoted('"'));
    if (letter === "'") return this.#char();
    const special = this.#match(/[DC]'[^'\n]*'/y);
    if (special !== null) return this.#token(special.startsWith('D') ? 'date' : 'colour', special.slice(2, -1));
    const word = this.#match(/[A-Za-z_]\w*/y);
    if (word !== null) return this.#token('word', word);
    const number = this.#match(/0[xX][0-9A-Fa-f]+\w*|0[bB][01]+\w*|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\w*/y);
    if (number !== null) return this.#token('number', number);
    const mark = MARKS.find((one) => this.#text.startsWith(one, this.#at)) ?? (SINGLE.has(letter) ? letter : null);
    if (mark === null) this.#fault(`'${letter}' is no part of MQL5`);
    this.#at += mark.length;
    return this.#token('mark', mark);
  }

  #directive(): Token {
    const line = this.#line;
    const whole = this.#match(/#(?:\\\r?\n|[^\n])*/y) ?? '';
    this.#line += whole.split('\n').length - 1;
    return this.#token('directive', withoutComment(whole.replaceAll(/\\\r?\n/g, ' ')).trim(), line);
  }

  #char(): Token {
    const value = this.#quoted("'");
    if (value.length !== 1) this.#fault(`'${value}' is not one character`);
    return this.#token('char', value);
  }

  #quoted(quote: string): string {
    let value = '';
    for (this.#at += 1; this.#text[this.#at] !== quote; ) {
      const letter = this.#text[this.#at];
      if (letter === undefined || letter === '\n') this.#fault('a string or character is not closed');
      this.#at += 1;
      value += letter === '\\' ? this.#escape() : letter;
    }
    this.#at += 1;
    return value;
  }

  #escape(): string {
    const hex = this.#match(/[xX][0-9A-Fa-f]{1,4}/y);
    if (hex !== null) return String.fromCharCode(Number.parseInt(hex.slice(1), 16));
    const letter = this.#text[this.#at] ?? '';
    const meant = ESCAPES[letter];
    if (meant === undefined) this.#fault(`'\\${letter}' is no escape of MQL5`);
    this.#at += 1;
    return meant;
  }
}

/** A directive without the comment behind it; quotes keep what looks like one. */
function withoutComment(line: string): string {
  return line.replaceAll(/("(?:\\.|[^"\\])*"|<[^>]*>)|\/\/.*|\/\*.*?\*\//g, (_, quoted: string | undefined) => quoted ?? ' ');
}

/** @throws SourceFault where the text is not made of MQL5 tokens. */
export function tokenize(text: string, file: string): Token[] {
  return new Scanner(text, file).all();
}

export const isMark = (token: Token | undefined, mark: string): boolean => token?.kind === 'mark' && token.text === mark;
export const isWord = (token: Token | undefined, word: string): boolean => token?.kind === 'word' && token.text === word;

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/**
 * Index of the bracket that closes the one at `open`.
 * @throws SourceFault when there is none.
 */
export function closingOf(tokens: readonly Token[], open: number): number {
  const stack: string[] = [];
  for (let at = open; at < tokens.length; at += 1) {
    const token = tokens[at]!;
    if (token.kind !== 'mark') continue;
    const closes = CLOSING[token.text];
    if (closes !== undefined) stack.push(closes);
    else if (token.text === stack.at(-1)) stack.pop();
    else if (token.text === ')' || token.text === ']' || token.text === '}')
      throw new SourceFault(token.file, token.line, `unexpected '${token.text}'`);
    if (stack.length === 0) return at;
  }
  const start = tokens[open]!;
  throw new SourceFault(start.file, start.line, `'${start.text}' is not closed`);
}

/** Parts of a range between marks that stand outside all brackets. */
export function splitOutside(tokens: readonly Token[], mark: string): Token[][] {
  const parts: Token[][] = [[]];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]!;
    if (isMark(token, mark)) parts.push([]);
    else if (token.kind === 'mark' && token.text in CLOSING) {
      const end = closingOf(tokens, at);
      parts.at(-1)!.push(...tokens.slice(at, end + 1));
      at = end;
    } else parts.at(-1)!.push(token);
  }
  return parts;
}
