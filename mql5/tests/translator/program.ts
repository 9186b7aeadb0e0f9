/**
 * What an expert declares: enums, structs and classes, inputs, variables, functions; and inside bodies, which statements declare
 * variables. The part of MQL5's grammar that translation and lint need, no more: expressions stay token ranges.
 */
import { closingOf, isMark, isWord, SourceFault, splitOutside, type Token } from './tokens.ts';

export interface Declarator {
  readonly name: Token;
  /** One entry a dimension; empty = `[]`. */
  readonly dimensions: readonly (readonly Token[])[];
  /** What stands behind `=`, or within `(…)`. */
  readonly initial: readonly Token[] | null;
  readonly constructed: boolean;
}

export interface Declaration {
  readonly modifiers: readonly Token[];
  readonly type: readonly Token[];
  readonly declarators: readonly Declarator[];
}

export interface Parameter {
  readonly isConst: boolean;
  readonly type: readonly Token[];
  readonly byReference: boolean;
  readonly name: Token | null;
  readonly dimensions: readonly (readonly Token[])[] | null;
  readonly fallback: readonly Token[] | null;
}

export interface FunctionItem {
  readonly kind: 'function';
  /** Everything before the name: modifiers and the type; empty for constructors. */
  readonly head: readonly Token[];
  readonly name: Token;
  /** `Class::` of a method defined outside, or null. */
  readonly owner: Token | null;
  readonly isDestructor: boolean;
  readonly parameters: readonly Parameter[];
  /** What stands between `)` and the body: `const`, `override`, an initialiser list. */
  readonly tail: readonly Token[];
  /** With its braces; null for a prototype. */
  readonly body: readonly Token[] | null;
}

export interface EnumItem {
  readonly kind: 'enum';
  readonly start: Token;
  readonly name: Token | null;
  readonly members: readonly { readonly name: Token; readonly value: readonly Token[] | null }[];
}

export interface TypeItem {
  readonly kind: 'type';
  readonly start: Token;
  readonly name: Token;
  /** Between the name and the brace: `: public Base`. */
  readonly bases: readonly Token[];
  /** null for a forward declaration. */
  readonly members: readonly Item[] | null;
}

export interface VariableItem {
  readonly kind: 'variable' | 'input';
  readonly declaration: Declaration;
}

export interface AccessItem {
  readonly kind: 'access';
  readonly word: Token;
}

export type Item = FunctionItem | EnumItem | TypeItem | VariableItem | AccessItem;

/** Words that may begin a statement and never a declaration. */
const STATEMENT_WORDS = new Set(
  (
    'return if else for while do switch case default break continue delete new sizeof this operator public private ' +
    'protected template struct class enum goto throw true false NULL'
  ).split(' '),
);
const MODIFIERS = new Set(['const', 'static', 'extern', 'virtual', 'input', 'sinput']);
const ACCESS = new Set(['public', 'private', 'protected']);

const fault = (token: Token | undefined, message: string): never => {
  throw new SourceFault(token?.file ?? '', token?.line ?? 0, message);
};

/** Length of the modifiers and the type that begin at `at`, or 0 when no declaration begins there. */
function headLength(tokens: readonly Token[], at: number): number {
  let end = at;
  while (tokens[end]?.kind === 'word' && MODIFIERS.has(tokens[end]!.text)) end += 1;
  const type = tokens[end];
  if (type?.kind !== 'word' || STATEMENT_WORDS.has(type.text)) return 0;
  end += 1;
  while (isMark(tokens[end], '::') && tokens[end + 1]?.kind === 'word') end += 2;
  const second = tokens[end];
  return second?.kind === 'word' && !STATEMENT_WORDS.has(second.text) ? end - at : 0;
}

function declarator(tokens: readonly Token[]): Declarator {
  const name = tokens[0];
  if (name?.kind !== 'word') return fault(name, 'a name is expected');
  let at = 1;
  const dimensions: Token[][] = [];
  while (isMark(tokens[at], '[')) {
    const end = closingOf(tokens, at);
    dimensions.push(tokens.slice(at + 1, end));
    at = end + 1;
  }
  if (at === tokens.length) return { name, dimensions, initial: null, constructed: false };
  if (isMark(tokens[at], '=')) return { name, dimensions, initial: tokens.slice(at + 1), constructed: false };
  if (isMark(tokens[at], '(')) return { name, dimensions, initial: tokens.slice(at + 1, closingOf(tokens, at)), constructed: true };
  return fault(tokens[at], `unexpected '${tokens[at]!.text}' in a declaration`);
}

/** A declaration of variables at `at`, up to its `;` (or the end), if one begins there. */
export function declarationAt(tokens: readonly Token[], at: number): { readonly declaration: Declaration; readonly end: number } | null {
  const length = headLength(tokens, at);
  if (length === 0) return null;
  const follows = tokens[at + length + 1];
  const fits = follows === undefined || (follows.kind === 'mark' && ['=', ';', ',', '[', '('].includes(follows.text));
  if (!fits) return null;
  let end = at + length;
  while (end < tokens.length && !isMark(tokens[end], ';')) end = isOpening(tokens[end]) ? closingOf(tokens, end) + 1 : end + 1;
  const head = tokens.slice(at, at + length);
  const modifiers = head.filter((one) => MODIFIERS.has(one.text));
  const declarators = splitOutside(tokens.slice(at + length, end), ',').map(declarator);
  return { declaration: { modifiers, type: head.slice(modifiers.length), declarators }, end };
}

const isOpening = (token: Token | undefined): boolean =>
  token?.kind === 'mark' && (token.text === '(' || token.text === '[' || token.text === '{');

/** Where in a body a statement may begin: indices of first tokens. */
export function isStatementStart(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1];
  if (before === undefined) return true;
  if (before.kind === 'mark')
    return before.text === ';' || before.text === '{' || before.text === '}' || (before.text === ':' && !inConditional(tokens, at - 1));
  return before.text === 'else' || before.text === 'do';
}

/** Whether the `:` at `at` belongs to `? :` rather than a label. */
function inConditional(tokens: readonly Token[], at: number): boolean {
  for (let back = at - 1; back >= 0; back -= 1) {
    const token = tokens[back]!;
    if (isMark(token, '?')) return true;
    if (isWord(token, 'case') || isWord(token, 'default') || isMark(token, ';') || isMark(token, '{') || isMark(token, '}')) return false;
  }
  return false;
}

function parameter(tokens: readonly Token[]): Parameter {
  const [before = [], fallback] = splitOutside(tokens, '=');
  const isConst = isWord(before[0], 'const');
  const rest = before.slice(isConst ? 1 : 0);
  const amp = rest.findIndex((one) => isMark(one, '&'));
  const bracket = rest.findIndex((one) => isMark(one, '['));
  const named = rest.slice(0, bracket < 0 ? rest.length : bracket);
  const words = named.filter((one) => one.kind === 'word');
  const type = amp >= 0 ? named.slice(0, amp) : words.length > 1 ? named.slice(0, -1) : named;
  const last = named.at(-1);
  const name = last?.kind === 'word' && words.length > 1 ? last : null;
  if (words.length === 0) fault(tokens[0], 'a parameter needs a type');
  const dimensions = bracket < 0 ? null : declarator([named.at(-1)!, ...rest.slice(bracket)]).dimensions;
  return { isConst, type, byReference: amp >= 0, name, dimensions, fallback: fallback ?? null };
}

function parametersOf(tokens: readonly Token[]): Parameter[] {
  if (tokens.length === 0 || (tokens.length === 1 && isWord(tokens[0], 'void'))) return [];
  return splitOutside(tokens, ',').map(parameter);
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #owner: string | null;
  #at = 0;

  constructor(tokens: readonly Token[], owner: string | null) {
    this.#tokens = tokens;
    this.#owner = owner;
  }

  items(): Item[] {
    const items: Item[] = [];
    while (this.#at < this.#tokens.length) {
      if (isMark(this.#tokens[this.#at], ';')) this.#at += 1;
      else items.push(...this.#item());
    }
    return items;
  }

  #item(): Item[] {
    const start = this.#tokens[this.#at]!;
    const second = this.#tokens[this.#at + 1];
    if (start.kind !== 'word' && !isMark(start, '~')) return fault(start, `unexpected '${start.text}' outside a function`);
    if (ACCESS.has(start.text) && isMark(second, ':')) {
      this.#at += 2;
      return [{ kind: 'access', word: start }];
    }
    if (start.text === 'enum') return [this.#enum(start)];
    if (start.text === 'struct' || start.text === 'class' || start.text === 'interface') return [this.#type(start)];
    if (start.text === 'template') return fault(start, 'templates are not translated');
    if ((start.text === 'input' || start.text === 'sinput') && isWord(second, 'group')) {
      this.#at += isMark(this.#tokens[this.#at + 3], ';') ? 4 : 3;
      return [];
    }
    return [this.#functionAt() ?? this.#variable(start)];
  }

  #enum(start: Token): EnumItem {
    this.#at += 1;
    const name = this.#tokens[this.#at]?.kind === 'word' ? this.#tokens[this.#at++]! : null;
    if (!isMark(this.#tokens[this.#at], '{')) fault(start, 'an enum needs its members');
    const end = closingOf(this.#tokens, this.#at);
    const members = splitOutside(this.#tokens.slice(this.#at + 1, end), ',')
      .filter((one) => one.length > 0)
      .map((one) => ({ name: one[0]!, value: isMark(one[1], '=') ? one.slice(2) : null }));
    this.#at = end + 1;
    return { kind: 'enum', start, name, members };
  }

  #type(start: Token): TypeItem {
    const name = this.#tokens[this.#at + 1];
    if (name?.kind !== 'word') return fault(start, `${start.text} needs a name`);
    let open = this.#at + 2;
    while (open < this.#tokens.length && !isMark(this.#tokens[open], '{') && !isMark(this.#tokens[open], ';')) open += 1;
    const bases = this.#tokens.slice(this.#at + 2, open);
    if (!isMark(this.#tokens[open], '{')) {
      this.#at = open;
      return { kind: 'type', start, name, bases, members: null };
    }
    const end = closingOf(this.#tokens, open);
    this.#at = end + 1;
    if (!isMark(this.#tokens[this.#at], ';')) fault(this.#tokens[end], `';' is missing behind ${start.text} ${name.text}`);
    return { kind: 'type', start, name, bases, members: new Parser(this.#tokens.slice(open + 1, end), name.text).items() };
  }

  /** A function or a prototype, if one stands here. */
  #functionAt(): FunctionItem | null {
    let open = this.#at;
    while (open < this.#tokens.length && !['(', '=', ';', '[', '{'].includes(this.#tokens[open]!.text)) open += 1;
    const isOperator = isWord(this.#tokens[open - 1], 'operator') || isWord(this.#tokens[open - 2], 'operator');
    const name = this.#tokens[open - 1];
    if (isOperator) return fault(name, 'operators are not translated');
    if (!isMark(this.#tokens[open], '(') || name?.kind !== 'word') return null;
    const close = closingOf(this.#tokens, open);
    let after = close + 1;
    while (after < this.#tokens.length && !isMark(this.#tokens[after], '{') && !isMark(this.#tokens[after], ';')) after += 1;
    const hasBody = isMark(this.#tokens[after], '{');
    let head = this.#tokens.slice(this.#at, open - 1);
    const inside = this.#tokens.slice(open + 1, close);
    if (!hasBody && !this.#looksLikePrototype(head, inside, name)) return null;
    const isDestructor = isMark(head.at(-1), '~');
    if (isDestructor) head = head.slice(0, -1);
    const owner = isMark(head.at(-1), '::') ? (head.at(-2) ?? null) : null;
    if (owner !== null) head = head.slice(0, -2);
    const end = hasBody ? closingOf(this.#tokens, after) : after;
    const body = hasBody ? this.#tokens.slice(after, end + 1) : null;
    this.#at = end + 1;
    return {
      kind: 'function',
      head,
      name,
      owner,
      isDestructor,
      parameters: parametersOf(inside),
      tail: this.#tokens.slice(close + 1, after),
      body,
    };
  }

  /** `T f(int a);` and not `T object(1, 2);`. */
  #looksLikePrototype(head: readonly Token[], inside: readonly Token[], name: Token): boolean {
    if (this.#owner !== null || name.text === this.#owner) return true;
    if (head.length === 0) return false;
    if (inside.length === 0 || isWord(inside[0], 'const') || isWord(inside[0], 'void')) return true;
    return inside[0]!.kind === 'word' && (inside[1]?.kind === 'word' || isMark(inside[1], '&'));
  }

  #variable(start: Token): VariableItem {
    const found = declarationAt(this.#tokens, this.#at);
    if (found === null) return fault(start, `cannot read what begins with '${start.text}'`);
    if (found.end >= this.#tokens.length && this.#owner === null) fault(start, "';' is missing");
    this.#at = found.end + 1;
    const isInput = found.declaration.modifiers.some((one) => one.text === 'input' || one.text === 'sinput');
    return { kind: isInput ? 'input' : 'variable', declaration: found.declaration };
  }
}

/** @throws SourceFault where the source cannot be understood. */
export function parseProgram(tokens: readonly Token[]): Item[] {
  return new Parser(tokens, null).items();
}

/** All declarations of variables inside a body, those in the head of a `for` included. */
export function declarationsIn(body: readonly Token[]): Declaration[] {
  const found: Declaration[] = [];
  for (let at = 0; at < body.length; at += 1) {
    const inFor = isMark(body[at - 1], '(') && isWord(body[at - 2], 'for');
    const one = inFor || isStatementStart(body, at) ? declarationAt(body, at) : null;
    if (one !== null) found.push(one.declaration);
  }
  return found;
}
