/**
 * Plain data as JSON text that comes back the same, bit for bit. JSON alone would lose bigint ids, NaN ("no size displayed"),
 * infinities and minus zero; they travel as tagged objects. Used by the journal, the tape and settings; never for the wire.
 */

const INTEGER_TAG = '$int';
const NUMBER_TAG = '$num';
const INTEGER_KEY = `"${INTEGER_TAG}"`;
const NUMBER_KEY = `"${NUMBER_TAG}"`;
const NUMBERS: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity, '-0': -0 };

const tagged = (value: unknown): unknown => {
  if (typeof value === 'bigint') return { [INTEGER_TAG]: value.toString() };
  if (typeof value === 'number') {
    if (Number.isFinite(value) && !Object.is(value, -0)) return value;
    return { [NUMBER_TAG]: Object.is(value, -0) ? '-0' : String(value) };
  }
  if (Array.isArray(value)) return value.map(tagged);
  if (value === null || typeof value !== 'object') return value;
  const out: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    if (key.startsWith('$')) throw new TypeError(`a member of exact JSON may not be named ${key}`);
    out[key] = tagged(member);
  }
  return out;
};

/** Most values need no tag: looking costs less than copying. @throws TypeError on a member whose name starts with `$` */
const isPlain = (value: unknown): boolean => {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value === 'bigint') return false;
  if (value === null || typeof value !== 'object') return true;
  if (Array.isArray(value)) return value.every(isPlain);
  let plain = true;
  for (const key of Object.keys(value)) {
    if (key.startsWith('$')) throw new TypeError(`a member of exact JSON may not be named ${key}`);
    plain &&= isPlain((value as Readonly<Record<string, unknown>>)[key]);
  }
  return plain;
};

const untag = (_key: string, value: unknown): unknown => {
  if (value === null || typeof value !== 'object') return value;
  if (INTEGER_TAG in value && typeof value[INTEGER_TAG] === 'string') return BigInt(value[INTEGER_TAG]);
  if (NUMBER_TAG in value && typeof value[NUMBER_TAG] === 'string') return NUMBERS[value[NUMBER_TAG]];
  return value;
};

/** Members that are `undefined` are left out, as in JSON. @throws TypeError on a member whose name starts with `$`. */
export const encodeExact = (value: unknown): string => JSON.stringify(isPlain(value) ? value : tagged(value));

/** The inverse of {@link encodeExact}. @throws SyntaxError on text that is not JSON. */
export const decodeExact = (text: string): unknown =>
  // Most text has no tag, and visiting every member is several times the cost of parsing.
  text.includes(INTEGER_KEY) || text.includes(NUMBER_KEY) ? JSON.parse(text, untag) : JSON.parse(text);
