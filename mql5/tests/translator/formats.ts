/**
 * Rule `format`: conversions of StringFormat and PrintFormat against their values, where the type of a value can be seen. MQL5 prints
 * rubbish for a ticket under `%d`, and a wrong journal line is a wrong answer later.
 */
import type { Facts, Scope } from './facts.ts';
import type { Problem } from './lint.ts';
import { referenceNames } from './names.ts';
import { closingOf, isMark, splitOutside, type Token } from './tokens.ts';

type Shape = 'narrow' | 'long' | 'ulong' | 'real' | 'text';

const SHAPES: Readonly<Record<string, Shape>> = {
  long: 'long',
  datetime: 'long',
  ulong: 'ulong',
  double: 'real',
  float: 'real',
  string: 'text',
  int: 'narrow',
  uint: 'narrow',
  short: 'narrow',
  ushort: 'narrow',
  char: 'narrow',
  uchar: 'narrow',
  bool: 'narrow',
  color: 'narrow',
};

const FORMATTERS = new Set(['StringFormat', 'PrintFormat', 'printf']);
const CONVERSION = /%(?:%|[-+ #0]*(\*|\d+)?(?:\.(\*|\d+))?(I64|I32|ll|l|h)?([a-zA-Z]))/g;

class Guess {
  readonly #facts: Facts;
  readonly #scope: Scope;

  constructor(facts: Facts, scope: Scope) {
    this.#facts = facts;
    this.#scope = scope;
  }

  shape(tokens: readonly Token[]): Shape | null {
    const [first, second] = tokens;
    if (first === undefined) return null;
    if (tokens.length === 1 && first.kind === 'text') return 'text';
    if (tokens.length === 1 && first.kind === 'number') return /^\d+$/.test(first.text) ? 'narrow' : null;
    if (isMark(first, '(')) return this.#bracketed(tokens);
    if (first.kind !== 'word') return null;
    if (isMark(second, '(') && closingOf(tokens, 1) === tokens.length - 1) return this.#call(first.text);
    return this.#place(tokens);
  }

  #bracketed(tokens: readonly Token[]): Shape | null {
    const end = closingOf(tokens, 0);
    const isCast = end === 2 && tokens[1]?.kind === 'word' && this.#isType(tokens[1].text);
    if (end === tokens.length - 1) return isCast ? null : this.shape(tokens.slice(1, end));
    const operand = tokens.slice(end + 1);
    return isCast && isPrimary(operand) ? this.#ofType(tokens[1]!.text) : null;
  }

  #isType = (word: string): boolean => word in SHAPES || this.#facts.enums.has(word) || word.startsWith('ENUM_');

  #ofType(word: string): Shape | null {
    if (this.#facts.enums.has(word) || word.startsWith('ENUM_')) return 'narrow';
    return SHAPES[word] ?? null;
  }

  #call(name: string): Shape | null {
    const own = this.#facts.returns.get(name);
    if (own !== undefined) return this.#ofType(own);
    return referenceNames().wide.has(name) ? 'long' : null;
  }

  /** `x`, `x[i]`, `x.y`, `x[i].y`. */
  #place(tokens: readonly Token[]): Shape | null {
    let type = this.#scope.get(tokens[0]!.text);
    for (let at = 1; at < tokens.length && type !== undefined; ) {
      if (isMark(tokens[at], '[')) at = closingOf(tokens, at) + 1;
      else if (isMark(tokens[at], '.') && tokens[at + 1]?.kind === 'word') {
        type = this.#facts.types.get(type)?.get(tokens[at + 1]!.text);
        at += 2;
      } else return null;
    }
    return type === undefined ? null : this.#ofType(type);
  }
}

/** One operand without an operator of its own outside brackets. */
function isPrimary(tokens: readonly Token[]): boolean {
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]!;
    if (isMark(token, '(') || isMark(token, '[')) at = closingOf(tokens, at);
    else if (token.kind === 'mark' && token.text !== '.') return false;
  }
  return true;
}

function complaint(letter: string, size: string, shape: Shape): string | null {
  const isWhole = 'diouxX'.includes(letter);
  const isWide = size === 'I64' || size === 'll';
  if (shape === 'text') return letter === 's' ? null : `%${letter} for a string`;
  if (letter === 's') return '%s for what is no string';
  if (shape === 'real') return isWhole ? `%${letter} for a double` : null;
  if (!isWhole && letter !== 'c') return `%${letter} for a whole number`;
  if (shape === 'narrow') return isWide ? `%${size}${letter} for a 32-bit value` : null;
  if (!isWide) return `%${size}${letter} for a 64-bit value: use %I64${shape === 'ulong' ? 'u' : 'd'}`;
  return shape === 'ulong' && 'di'.includes(letter) ? `%I64${letter} for a ulong: use %I64u` : null;
}

export function formatProblems(facts: Facts): Problem[] {
  const found: Problem[] = [];
  for (const { item, scope } of facts.functions) {
    const body = item.body ?? [];
    const guess = new Guess(facts, scope);
    for (let at = 0; at + 2 < body.length; at += 1) {
      if (body[at]!.kind !== 'word' || !FORMATTERS.has(body[at]!.text) || !isMark(body[at + 1], '(')) continue;
      const [format = [], ...values] = splitOutside(body.slice(at + 2, closingOf(body, at + 1)), ',');
      if (format.length === 0 || format.some((one) => one.kind !== 'text')) continue;
      const { file, line } = body[at]!;
      for (const message of mismatches(format.map((one) => one.text).join(''), values, guess))
        found.push({ file, line, rule: 'format', message });
    }
  }
  return found;
}

function mismatches(format: string, values: readonly (readonly Token[])[], guess: Guess): string[] {
  const conversions = [...format.matchAll(CONVERSION)].filter(([whole]) => whole !== '%%');
  if (conversions.some(([, width, precision]) => width === '*' || precision === '*')) return [];
  if (conversions.length !== values.length) return [`${conversions.length} conversions, ${values.length} values`];
  return conversions.flatMap(([, , , size = '', letter = ''], index) => {
    const shape = guess.shape(values[index]!);
    const told = shape === null ? null : complaint(letter, size, shape);
    return told === null ? [] : [told];
  });
}
