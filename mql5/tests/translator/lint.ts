/**
 * What a C++ compiler accepts and MetaEditor, the broker or the reference does not. Works on tokens and declarations; what g++
 * refuses by itself (types, narrowing, missing returns, assignment to inputs) is left to it.
 * Invariant: a rule that finds nothing has looked: each has a planted violation in lint.test.ts.
 */
import { type Facts, gatherFacts } from './facts.ts';
import { formatProblems } from './formats.ts';
import { referenceNames } from './names.ts';
import { isStatementStart, type Parameter } from './program.ts';
import type { Source } from './source.ts';
import { closingOf, isMark, isWord, splitOutside, type Token } from './tokens.ts';

export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

/** What a broker keeps of an order's comment. */
export const COMMENT_LIMIT = 31;
/** The longest identifier MQL5 tells from another. */
export const NAME_LIMIT = 63;

const KEYWORDS = new Set(
  (
    'bool break case char class color const continue datetime default delete do double dynamic_cast else enum extern false ' +
    'final float for if input int interface long NULL new operator override pack private protected public return short ' +
    'sinput sizeof static string struct switch this true typename uchar uint ulong union ushort virtual void while group ' +
    '__FUNCTION__ __FUNCSIG__ __DATE__ __DATETIME__ __FILE__ __LINE__ __PATH__'
  ).split(' '),
);
const CPP_WORDS = new Set(
  (
    'auto asm catch char16_t char32_t char8_t const_cast constexpr decltype explicit friend goto inline int16_t int32_t ' +
    'int64_t int8_t mutable namespace noexcept nullptr reinterpret_cast signed size_t static_assert static_cast std ' +
    'template thread_local throw try typedef typeid uint16_t uint32_t uint64_t uint8_t unsigned using volatile wchar_t'
  ).split(' '),
);

/** The parameters of each event function, and what it may answer. */
const EVENTS: Readonly<Record<string, { readonly returns: readonly string[]; readonly parameters: string }>> = {
  OnInit: { returns: ['int', 'void'], parameters: '' },
  OnDeinit: { returns: ['void'], parameters: 'const int' },
  OnTick: { returns: ['void'], parameters: '' },
  OnTimer: { returns: ['void'], parameters: '' },
  OnTrade: { returns: ['void'], parameters: '' },
  OnTradeTransaction: { returns: ['void'], parameters: 'const MqlTradeTransaction&, const MqlTradeRequest&, const MqlTradeResult&' },
  OnChartEvent: { returns: ['void'], parameters: 'const int, const long&, const double&, const string&' },
  OnBookEvent: { returns: ['void'], parameters: 'const string&' },
};

type Report = (at: Token, rule: string, message: string) => void;

function redefined({ functions, source }: Facts, report: Report): void {
  const { functions: builtIn, constants } = referenceNames();
  for (const { item, isMethod } of functions) {
    if (!isMethod && builtIn.has(item.name.text)) report(item.name, 'builtin-redefined', `${item.name.text} is a function of MQL5`);
  }
  for (const [name, at] of source.defines) {
    if (builtIn.has(name) || constants.has(name)) report(at, 'builtin-redefined', `${name} has a meaning in MQL5`);
  }
}

function unknownNames(facts: Facts, report: Report): void {
  const names = referenceNames();
  const knows = (word: string): boolean =>
    KEYWORDS.has(word) ||
    facts.declared.has(word) ||
    names.constants.has(word) ||
    names.types.has(word) ||
    names.functions.has(word) ||
    names.events.has(word);
  const { tokens } = facts.source;
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== 'word' || CPP_WORDS.has(token.text) || isMark(tokens[at - 1], '.')) continue;
    if (!knows(token.text)) report(token, 'unknown-name', `${token.text} is declared nowhere and not in the MQL5 reference`);
    else if (token.text.length > NAME_LIMIT) report(token, 'name-length', `${token.text} has more than ${NAME_LIMIT} characters`);
  }
}

function unknownMembers(facts: Facts, report: Report): void {
  const { members } = referenceNames();
  const any = new Set([...members.values()].flatMap((one) => [...one]));
  const membersOf = (type: string | undefined): { has(name: string): boolean } | undefined =>
    type === undefined ? undefined : (facts.types.get(type) ?? members.get(type));
  for (const { item, scope } of facts.functions) {
    const body = item.body ?? [];
    for (let at = 2; at < body.length; at += 1) {
      const token = body[at]!;
      if (token.kind !== 'word' || !isMark(body[at - 1], '.')) continue;
      const owner = body[at - 2]!;
      const isPlain = owner.kind === 'word' && !isMark(body[at - 3], '.');
      const known = isPlain ? membersOf(scope.get(owner.text)) : undefined;
      const fits =
        known === undefined
          ? any.has(token.text) || facts.declared.has(token.text)
          : known.has(token.text) || hasBases(facts, scope.get(owner.text));
      if (!fits)
        report(token, 'unknown-member', `${token.text} is no member of ${known === undefined ? 'any structure' : scope.get(owner.text)}`);
    }
  }
}

/** Members of a class with bases may be inherited. */
const hasBases = ({ items }: Facts, type: string | undefined): boolean =>
  items.some((one) => one.kind === 'type' && one.name.text === type && one.bases.length > 0);

function cppOnly({ source: { tokens }, types, enums }: Facts, report: Report): void {
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1];
    if (token.kind === 'word' && CPP_WORDS.has(token.text)) report(token, 'cpp-only', `${token.text} is C++ and not MQL5`);
    if (isMark(token, '->')) report(token, 'cpp-only', "'->' is C++: MQL5 has only '.'");
    if (token.kind === 'number' && /^(0[xX][0-9A-Fa-f]*|\d+)[uUlL]+$/.test(token.text))
      report(token, 'cpp-only', `${token.text}: MQL5 numbers have no suffix`);
    if (isMark(token, '[') && !isIndex(before)) report(token, 'cpp-only', 'a lambda or attribute is C++');
    if (isMark(token, '{') && isBraceValue(tokens, at, (name) => types.has(name) || enums.has(name)))
      report(token, 'cpp-only', 'a value in braces is only for initialising');
    if (
      isWord(token, 'for') &&
      isMark(tokens[at + 1], '(') &&
      !tokens.slice(at + 1, closingOf(tokens, at + 1)).some((one) => isMark(one, ';'))
    ) {
      report(token, 'cpp-only', 'a for over a range is C++');
    }
    const isReference =
      isStatementStart(tokens, at) &&
      token.kind === 'word' &&
      isMark(tokens[at + 1], '&') &&
      tokens[at + 2]?.kind === 'word' &&
      isMark(tokens[at + 3], '=');
    if (isReference) report(token, 'cpp-only', 'a reference can only be a parameter');
  }
}

const isIndex = (before: Token | undefined): boolean =>
  (before?.kind === 'word' && before.text !== 'return') || isMark(before, ']') || isMark(before, ')');

function isBraceValue(tokens: readonly Token[], at: number, isType: (name: string) => boolean): boolean {
  const before = tokens[at - 1];
  if (isWord(before, 'return')) return true;
  if (before?.kind !== 'word' || !isType(before.text)) return false;
  return isWord(tokens[at - 2], 'return') || isMark(tokens[at - 2], '=') || isMark(tokens[at - 2], '(') || isMark(tokens[at - 2], ',');
}

function byValue({ functions, types }: Facts, report: Report): void {
  const { members } = referenceNames();
  for (const { item } of functions) {
    for (const { name, type, byReference, dimensions } of item.parameters) {
      if (byReference) continue;
      const word = type.at(-1)?.text ?? '';
      if (dimensions !== null) report(name ?? item.name, 'by-value', `the array ${name?.text} must be passed by reference`);
      else if (types.has(word) || members.has(word)) report(name ?? item.name, 'by-value', `${word} must be passed by reference`);
    }
  }
}

function comments({ source: { tokens } }: Facts, report: Report): void {
  for (let at = 0; at + 2 < tokens.length; at += 1) {
    if (!isMark(tokens[at], '.') || !isWord(tokens[at + 1], 'comment') || !isMark(tokens[at + 2], '=')) continue;
    const [value = []] = splitOutside(tokens.slice(at + 3, statementEnd(tokens, at + 3)), ';');
    const length = value.reduce((sum, one) => sum + (one.kind === 'text' ? one.text.length : 0), 0);
    if (length > COMMENT_LIMIT)
      report(tokens[at + 1]!, 'comment-length', `an order's comment has at most ${COMMENT_LIMIT} characters, this has ${length}`);
  }
}

function statementEnd(tokens: readonly Token[], from: number): number {
  const end = tokens.findIndex((one, at) => at >= from && isMark(one, ';'));
  return end < 0 ? tokens.length : end;
}

const parameterWords = ({ isConst, type, byReference }: Parameter): string =>
  `${isConst ? 'const ' : ''}${type.map((one) => one.text).join('')}${byReference ? '&' : ''}`;

function events({ functions, returns }: Facts, report: Report): void {
  const { events: known } = referenceNames();
  for (const { item, isMethod } of functions) {
    const name = item.name.text;
    if (isMethod || !/^On[A-Z]/.test(name)) continue;
    const wanted = EVENTS[name];
    if (!known.has(name)) report(item.name, 'event-name', `${name} looks like an event function, and MQL5 has none of this name`);
    if (wanted === undefined) continue;
    const written = item.parameters.map(parameterWords).join(', ');
    const isRight = written === wanted.parameters && wanted.returns.includes(returns.get(name) ?? '');
    if (!isRight) report(item.name, 'event-signature', `${name} must be ${wanted.returns.join(' or ')} ${name}(${wanted.parameters})`);
  }
}

/** Problems in the order of the rules; empty for a source that keeps them all. */
export function lint(source: Source): readonly Problem[] {
  const facts = gatherFacts(source);
  const found: Problem[] = [];
  const report: Report = ({ file, line }, rule, message) => found.push({ file, line, rule, message });
  for (const rule of [redefined, unknownNames, unknownMembers, cppOnly, byValue, comments, events]) rule(facts, report);
  return [...found, ...formatProblems(facts)];
}
