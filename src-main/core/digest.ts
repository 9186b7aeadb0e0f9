/**
 * A canonical, bit-exact fingerprint of the whole engine state, to compare a replay with its original. Walks every
 * member there is, sorted by name, so that a new member can never be forgotten here; only the nouns that refer to each
 * other (venues, instruments, pairs) are walked once and then named by their number. Which other objects are shared does
 * not count: a journal does not keep that. A fingerprint of 64 bits: against accidents, not against forgery.
 */
import { Fnv64 } from './hash.ts';
import { InvariantViolation } from './invariant.ts';
import type { EngineState } from './state.ts';

type TypedArray = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

export const digestOf = (state: EngineState): string => {
  const hash = new Fnv64();
  const nouns = new Map<object, number>();
  for (const noun of [...state.venues, ...state.instruments, ...state.pairs]) nouns.set(noun, nouns.size);
  walk(hash, state, { nouns, seen: new Set() });
  return hash.value().toString(16).padStart(16, '0');
};

interface Visits {
  readonly nouns: ReadonlyMap<object, number>;
  readonly seen: Set<object>;
}

const walk = (hash: Fnv64, value: unknown, visits: Visits): void => {
  switch (typeof value) {
    case 'number':
      hash.text('n');
      hash.number(value);
      return;
    case 'string':
      hash.text('s');
      hash.text(value);
      return;
    case 'bigint':
      hash.text('b');
      hash.text(value.toString());
      return;
    case 'boolean':
    case 'undefined':
      hash.text(String(value));
      return;
    case 'object':
      if (value === null) hash.text('null');
      else walkObject(hash, value, visits);
      return;
    case 'function':
    case 'symbol':
      throw new InvariantViolation(`a ${typeof value} in the engine state`);
  }
};

const walkObject = (hash: Fnv64, value: object, visits: Visits): void => {
  const noun = visits.nouns.get(value);
  if (noun !== undefined) {
    hash.text('@');
    hash.number(noun);
    if (visits.seen.has(value)) return;
    visits.seen.add(value);
  }
  if (ArrayBuffer.isView(value)) {
    walkTyped(hash, value as TypedArray);
    return;
  }
  if (Array.isArray(value)) {
    hash.text('[');
    hash.number(value.length);
    for (const item of value as unknown[]) walk(hash, item, visits);
    return;
  }
  hash.text('{');
  const members = value as Record<string, unknown>;
  for (const name of Object.keys(members).sort()) {
    if (members[name] === undefined) continue;
    hash.text(name);
    walk(hash, members[name], visits);
  }
  hash.text('}');
};

/** Length, then (index, value) of what is not zero: most buckets are empty. */
const walkTyped = (hash: Fnv64, values: TypedArray): void => {
  hash.text(values.constructor.name);
  hash.number(values.length);
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0) continue;
    hash.number(i);
    hash.number(values[i]!);
  }
};
