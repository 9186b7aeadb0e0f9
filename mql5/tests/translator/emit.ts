/**
 * MQL5 → C++ on top of the runtime in `../shim`. Owns the wording of the C++; must not judge the source (lint.ts does).
 * Invariants: every line of code stands under the `#line` of the file it came from; names declared late in MQL5 are known early in
 * C++ (types, enums and prototypes are moved to the front); an input is only ever seen through a const reference.
 */
import { basename } from 'node:path';
import {
  type Declaration,
  type Declarator,
  declarationAt,
  type EnumItem,
  type FunctionItem,
  isStatementStart,
  type Item,
  type Parameter,
  parseProgram,
  type TypeItem,
} from './program.ts';
import type { Source } from './source.ts';
import { isMark, isWord, SourceFault, type Token } from './tokens.ts';

/** Words that are names in MQL5 and taken in C++. */
const TAKEN = new Set(
  (
    'alignas alignof and and_eq asm bitand bitor compl concept consteval constexpr constinit co_await co_return co_yield ' +
    'decltype export friend inline mutable noexcept not not_eq or or_eq register requires signed thread_local typedef ' +
    'typeid union volatile wchar_t xor xor_eq arr farr aref cref shim expert'
  ).split(' '),
);

/** Gaps up to this many lines are bridged by empty lines instead of a `#line`. */
const NEAR_LINES = 4;

/** Text of the C++ file, with each token on the line of its source. */
class Output {
  #text = '';
  #file = '';
  #line = 0;

  /** Lines of our own, which belong to no source. */
  own(text: string): void {
    this.#text += `\n${text}`;
    this.#file = '';
  }

  put(text: string, at: Token): void {
    const gap = at.line - this.#line;
    if (at.file !== this.#file || gap < 0 || gap > NEAR_LINES) this.#text += `\n#line ${at.line} ${JSON.stringify(at.file)}\n`;
    else this.#text += gap === 0 ? ' ' : '\n'.repeat(gap);
    this.#file = at.file;
    this.#line = at.line;
    this.#text += text;
  }

  text(): string {
    return `${this.#text}\n`;
  }
}

const literal = (value: string): string => {
  let out = '';
  for (const unit of value) {
    const code = unit.codePointAt(0)!;
    if (unit === '"' || unit === '\\') out += `\\${unit}`;
    else if (code >= 0x20 && code < 0x7f) out += unit;
    else if (code < 0xa0) out += `\\${code.toString(8).padStart(3, '0')}`;
    else out += code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  }
  return `"${out}"`;
};

const textLiteral = (value: string): string => `string(u${literal(value)})`;

/** `2024.01.02 03:04:05`, each part from the left optional, in seconds since 1970. */
function dateSeconds(token: Token): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})\.(\d{1,2})\.(\d{1,2})(?:\s+(\d{1,2})(?::(\d{1,2}))?(?::(\d{1,2}))?)?$/.exec(token.text.trim()) ?? [];
  if (year === undefined) throw new SourceFault(token.file, token.line, `D'${token.text}' is no date`);
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0)) / 1000;
}

function colourValue(token: Token): number {
  const parts = token.text.split(',').map((one) => Number(one.trim()));
  if (parts.length !== 3 || parts.some((one) => !Number.isInteger(one) || one < 0 || one > 255)) {
    throw new SourceFault(token.file, token.line, `C'${token.text}' is no colour`);
  }
  return parts[0]! | (parts[1]! << 8) | (parts[2]! << 16);
}

const nameOf = (token: Token): string => (TAKEN.has(token.text) ? `${token.text}_` : token.text);
const typeText = (tokens: readonly Token[]): string => tokens.map((one) => (one.kind === 'word' ? nameOf(one) : one.text)).join('');

class Emitter {
  readonly out = new Output();
  /** For `__FUNCTION__`. */
  #function = '';

  expression(tokens: readonly Token[]): void {
    for (let at = 0; at < tokens.length; at += 1) at = this.#one(tokens, at);
  }

  /** Emits the token at `at`; answers the index of the last one consumed. */
  #one(tokens: readonly Token[], at: number): number {
    const token = tokens[at]!;
    if (token.kind === 'text') {
      let end = at;
      let value = token.text;
      while (tokens[end + 1]?.kind === 'text') value += tokens[++end]!.text;
      this.out.put(textLiteral(value), token);
      return end;
    }
    if (isWord(token, 'this') && isMark(tokens[at + 1], '.')) {
      this.out.put('this->', token);
      return at + 1;
    }
    this.out.put(this.#plain(token), token);
    return at;
  }

  #plain(token: Token): string {
    if (token.kind === 'char') return `ushort(${token.text.charCodeAt(0)})`;
    if (token.kind === 'date') return `datetime(${dateSeconds(token)}L)`;
    if (token.kind === 'colour') return `color(${colourValue(token)})`;
    if (token.kind !== 'word') return token.text;
    if (token.text === 'NULL') return 'nullptr';
    if (token.text === '__FUNCTION__' || token.text === '__FUNCSIG__') return textLiteral(this.#function);
    if (token.text === '__DATE__' || token.text === '__DATETIME__') return 'datetime(0)';
    return nameOf(token);
  }

  body(tokens: readonly Token[]): void {
    for (let at = 0; at < tokens.length; at += 1) {
      const found = isStatementStart(tokens, at) ? declarationAt(tokens, at) : null;
      if (found !== null && found.declaration.declarators.some((one) => one.dimensions.length > 0)) {
        this.declaration(found.declaration);
        at = found.end;
      } else at = this.#one(tokens, at);
    }
  }

  /** Variables, one statement each. */
  declaration({ modifiers, type, declarators }: Declaration): void {
    for (const one of declarators) {
      const words = modifiers.filter(({ text }) => text !== 'input' && text !== 'sinput').map(({ text }) => `${text} `);
      this.out.put(`${words.join('')}${arrayType(typeText(type), one)} ${nameOf(one.name)}`, one.name);
      this.#initial(one);
      this.out.put(';', one.name);
    }
  }

  #initial({ initial, constructed, dimensions, name }: Declarator): void {
    if (initial === null) return;
    const isFixed = (dimensions[0]?.length ?? 0) > 0;
    if (isFixed && dimensions.length > 1 && initial.length > 2) {
      throw new SourceFault(name.file, name.line, 'values for an array of several dimensions are not translated');
    }
    this.out.put(constructed ? '(' : isFixed ? '= {' : '=', name);
    this.expression(initial);
    if (constructed || isFixed) this.out.put(constructed ? ')' : '}', name);
  }

  parameters(parameters: readonly Parameter[], withFallbacks: boolean, at: Token): void {
    this.out.put('(', at);
    for (const [index, one] of parameters.entries()) {
      this.out.put(`${index > 0 ? ', ' : ''}${parameterText(one)}`, one.name ?? at);
      if (withFallbacks && one.fallback !== null) {
        this.out.put('=', at);
        this.expression(one.fallback);
      }
    }
    this.out.put(')', at);
  }

  /** The definition; a method inside its class keeps its defaults, others have theirs in the prototype. */
  function(item: FunctionItem, inClass: boolean): void {
    this.#head(item, inClass);
    this.parameters(item.parameters, inClass, item.name);
    this.expression(item.tail);
    this.#function = item.owner === null ? item.name.text : `${item.owner.text}::${item.name.text}`;
    if (item.body === null) this.out.put(';', item.name);
    else this.body(item.body);
  }

  prototype(item: FunctionItem, defaultsFrom: FunctionItem): void {
    this.#head(item, false);
    this.parameters(defaultsFrom.parameters, true, item.name);
    this.out.put(';', item.name);
  }

  #head(item: FunctionItem, inClass: boolean): void {
    const words = item.head.filter((one) => inClass || !['static', 'virtual'].includes(one.text));
    for (const one of words) this.out.put(one.kind === 'word' ? nameOf(one) : one.text, one);
    const owner = item.owner === null ? '' : `${item.owner.text}::`;
    this.out.put(`${owner}${item.isDestructor ? '~' : ''}${nameOf(item.name)}`, item.name);
  }

  enum(item: EnumItem): void {
    this.out.put(`enum ${item.name === null ? '' : nameOf(item.name)} : int {`, item.start);
    for (const { name, value } of item.members) {
      this.out.put(nameOf(name), name);
      if (value !== null) {
        this.out.put('=', name);
        this.expression(value);
      }
      this.out.put(',', name);
    }
    this.out.put('};', item.members.at(-1)?.name ?? item.start);
    if (item.name === null) return;
    const cases = item.members.map(({ name }) => `if (value == ${nameOf(name)}) return ${textLiteral(name.text)};`).join(' ');
    this.out.own(`inline string EnumToString(${nameOf(item.name)} value) { ${cases} return string(static_cast<int>(value)); }`);
  }

  type(item: TypeItem): void {
    this.out.put(`${item.start.text === 'interface' ? 'struct' : item.start.text} ${nameOf(item.name)}`, item.start);
    this.expression(item.bases);
    if (item.members !== null) {
      this.out.put('{', item.name);
      for (const member of item.members) this.member(member);
      this.out.put('}', item.name);
    }
    this.out.put(';', item.name);
  }

  member(item: Item): void {
    if (item.kind === 'access') this.out.put(`${item.word.text}:`, item.word);
    else if (item.kind === 'function') this.function(item, true);
    else if (item.kind === 'type') this.type(item);
    else if (item.kind === 'enum') this.enum(item);
    else this.declaration(item.declaration);
  }

  input(declaration: Declaration): void {
    const type = typeText(declaration.type);
    for (const { name, initial } of declaration.declarators) {
      this.out.put(`static ${type} ${nameOf(name)}_value`, name);
      if (initial !== null) {
        this.out.put('=', name);
        this.expression(initial);
      }
      this.out.put(
        `; static const shim::input_registration<${type}> ${nameOf(name)}_input(${literal(name.text)}, ${nameOf(name)}_value);`,
        name,
      );
      this.out.put(`[[maybe_unused]] static const ${type} &${nameOf(name)} = ${nameOf(name)}_value;`, name);
    }
  }
}

/** The C++ type of a variable: `farr<T, N>` for `T a[N]`, `arr<T>` for `T a[]`. */
function arrayType(type: string, { dimensions }: Declarator): string {
  return dimensions.reduceRight((inner, one) => (one.length === 0 ? `arr<${inner}>` : `farr<${inner}, ${typeText(one)}>`), type);
}

function parameterText({ isConst, type, byReference, name, dimensions }: Parameter): string {
  const base = typeText(type);
  const named = name === null ? '' : nameOf(name);
  if (dimensions === null) return `${isConst ? 'const ' : ''}${base} ${byReference ? '&' : ''}${named}`;
  const [, ...inner] = dimensions;
  const element = inner.reduceRight((held, one) => `farr<${held}, ${typeText(one)}>`, base);
  return isConst ? `const cref<${element}> &${named}` : `const aref<${element}> &${named}`;
}

/** A constant that a default argument may need: a plain one, made of no calls. */
function isEarlyConstant(item: Item): boolean {
  if (item.kind !== 'variable' || !item.declaration.modifiers.some((one) => one.text === 'const')) return false;
  return item.declaration.declarators.every(({ dimensions, initial }) => dimensions.length === 0 && initial !== null && !isCall(initial));
}

const isCall = (tokens: readonly Token[]): boolean => tokens.some((one, at) => one.kind === 'word' && isMark(tokens[at + 1], '('));

/** Event functions and how the runtime calls each. */
const HANDLERS: Readonly<Record<string, string>> = {
  OnTick: 'shim::expert_handlers().on_tick = [] { expert::OnTick(); };',
  OnTimer: 'shim::expert_handlers().on_timer = [] { expert::OnTimer(); };',
  OnTrade: 'shim::expert_handlers().on_trade = [] { expert::OnTrade(); };',
  OnDeinit: 'shim::expert_handlers().on_deinit = [](int reason) { expert::OnDeinit(reason); };',
  OnChartEvent:
    'shim::expert_handlers().on_chart_event = [](int id, const long &l, const double &d, const string &s) { expert::OnChartEvent(id, l, d, s); };',
  OnTradeTransaction:
    'shim::on_trade_transaction = [](const MqlTradeTransaction &t, const MqlTradeRequest &q, const MqlTradeResult &r) { expert::OnTradeTransaction(t, q, r); };',
};

function mainText(items: readonly Item[], name: string, properties: Source['properties']): string {
  const functions = items.filter((one) => one.kind === 'function' && one.owner === null && one.body !== null) as FunctionItem[];
  const lines = functions.flatMap(({ name: called, head }) => {
    if (called.text !== 'OnInit') return HANDLERS[called.text] ?? [];
    const runs = head.some((one) => one.text === 'void') ? '{ expert::OnInit(); return INIT_SUCCEEDED; }' : '{ return expert::OnInit(); }';
    return `shim::expert_handlers().on_init = []() -> int ${runs};`;
  });
  const shown = properties.filter(([key]) => key !== 'strict').map(([key, value]) => `{${literal(key)}, ${literal(value)}}`);
  return `int main() {\n  ${lines.join('\n  ')}\n  shim::run_expert(${literal(name)}, {${shown.join(', ')}});\n}`;
}

/** The function whose parameters carry the defaults: the definition, or a prototype of the source that has them. */
function withDefaults(item: FunctionItem, items: readonly Item[]): FunctionItem {
  const has = (one: FunctionItem): boolean => one.parameters.some(({ fallback }) => fallback !== null);
  if (has(item)) return item;
  const sameShape = (one: FunctionItem): boolean => one.parameters.map(parameterText).join() === item.parameters.map(parameterText).join();
  const written = items.find(
    (one) => one.kind === 'function' && one.body === null && one.name.text === item.name.text && has(one) && sameShape(one),
  );
  return written?.kind === 'function'
    ? { ...written, parameters: item.parameters.map((one, at) => ({ ...one, fallback: written.parameters[at]!.fallback })) }
    : item;
}

/**
 * The C++ of an expert, complete with `main`.
 * @throws SourceFault where the source is outside what is translated.
 */
export function translate(source: Source): string {
  const items = parseProgram(source.tokens);
  const emitter = new Emitter();
  emitter.out.own('#include "runtime.hpp"\n#if __has_include("trade.hpp")\n#include "trade.hpp"\n#endif\nnamespace expert {');
  for (const item of items)
    if (item.kind === 'type') emitter.out.put(`${item.start.text === 'class' ? 'class' : 'struct'} ${nameOf(item.name)};`, item.start);
  for (const item of items) {
    if (item.kind === 'enum') emitter.enum(item);
    else if (item.kind === 'variable' && isEarlyConstant(item)) emitter.declaration(item.declaration);
  }
  for (const item of items) {
    if (item.kind === 'function' && item.body !== null && item.owner === null) emitter.prototype(item, withDefaults(item, items));
  }
  for (const item of items) {
    if (item.kind === 'type') emitter.type(item);
    else if (item.kind === 'input') emitter.input(item.declaration);
    else if (item.kind === 'function' && item.body !== null) emitter.function(item, false);
    else if (item.kind === 'variable' && !isEarlyConstant(item)) emitter.declaration(item.declaration);
  }
  emitter.out.own('}  // namespace expert');
  emitter.out.own(mainText(items, basename(source.files[0] ?? 'expert').replace(/\.mq5$/, ''), source.properties));
  return emitter.out.text();
}
