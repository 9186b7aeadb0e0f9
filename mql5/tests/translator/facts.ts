/**
 * What the source of an expert declares, gathered once for the rules: functions, types with their members, and the type of every
 * variable as far as its declaration says. Invariant: a name is known here exactly if the source declares it somewhere.
 */
import { type Declaration, declarationsIn, type FunctionItem, type Item, parseProgram, type TypeItem } from './program.ts';
import type { Source } from './source.ts';
import type { Token } from './tokens.ts';

/** Variables by name; the value is the word of the type. */
export type Scope = ReadonlyMap<string, string>;

export interface FunctionFact {
  readonly item: FunctionItem;
  /** Globals, members of the class, parameters and locals, the inner one of two equal names. */
  readonly scope: Scope;
  readonly isMethod: boolean;
}

export interface Facts {
  readonly source: Source;
  readonly items: readonly Item[];
  readonly functions: readonly FunctionFact[];
  /** Return types of free functions. */
  readonly returns: ReadonlyMap<string, string>;
  /** Member types by type of ours. */
  readonly types: ReadonlyMap<string, Scope>;
  readonly enums: ReadonlySet<string>;
  readonly declared: ReadonlySet<string>;
}

const typeWord = (tokens: readonly Token[]): string => tokens.map((one) => one.text).join('');
const returnWord = (item: FunctionItem): string =>
  item.head
    .filter((one) => one.kind === 'word' && !['static', 'virtual', 'const'].includes(one.text))
    .map((one) => one.text)
    .join('');

function addDeclaration(into: Map<string, string>, { type, declarators }: Declaration): void {
  for (const { name } of declarators) into.set(name.text, typeWord(type));
}

function membersOf(item: TypeItem): Map<string, string> {
  const members = new Map<string, string>();
  for (const one of item.members ?? []) {
    if (one.kind === 'variable') addDeclaration(members, one.declaration);
    else if (one.kind === 'function') members.set(one.name.text, returnWord(one));
  }
  return members;
}

class Gatherer {
  readonly functions: FunctionFact[] = [];
  readonly returns = new Map<string, string>();
  readonly types = new Map<string, Map<string, string>>();
  readonly enums = new Set<string>();
  readonly globals = new Map<string, string>();
  readonly declared = new Set<string>();

  top(items: readonly Item[]): void {
    for (const item of items) this.#name(item);
    for (const item of items) {
      if (item.kind === 'function') this.#function(item, item.owner?.text ?? null);
      else if (item.kind === 'type') for (const one of item.members ?? []) if (one.kind === 'function') this.#function(one, item.name.text);
    }
  }

  #name(item: Item): void {
    if (item.kind === 'function') {
      this.declared.add(item.name.text);
      if (item.owner === null) this.returns.set(item.name.text, returnWord(item));
    } else if (item.kind === 'type') {
      const members = membersOf(item);
      if (item.members !== null) this.types.set(item.name.text, members);
      this.declared.add(item.name.text);
      for (const name of members.keys()) this.declared.add(name);
    } else if (item.kind === 'enum') {
      if (item.name !== null) {
        this.enums.add(item.name.text);
        this.declared.add(item.name.text);
      }
      for (const { name } of item.members) this.declared.add(name.text);
    } else if (item.kind !== 'access') {
      addDeclaration(this.globals, item.declaration);
      for (const { name } of item.declaration.declarators) this.declared.add(name.text);
    }
  }

  #function(item: FunctionItem, owner: string | null): void {
    const own = new Map<string, string>();
    for (const { name, type } of item.parameters) if (name !== null) own.set(name.text, typeWord(type));
    for (const declaration of declarationsIn(item.body ?? [])) addDeclaration(own, declaration);
    for (const name of own.keys()) this.declared.add(name);
    const members = owner === null ? [] : [...(this.types.get(owner) ?? [])];
    this.functions.push({ item, scope: new Map([...this.globals, ...members, ...own]), isMethod: owner !== null });
  }
}

/** @throws SourceFault where the source cannot be read. */
export function gatherFacts(source: Source): Facts {
  const items = parseProgram(source.tokens);
  const all = new Gatherer();
  all.top(items);
  return { source, items, functions: all.functions, returns: all.returns, types: all.types, enums: all.enums, declared: all.declared };
}
