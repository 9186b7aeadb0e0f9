/**
 * What a member of a venue's frame is, judged without a schema. Frames that come with every order are first looked at with these; the
 * schema is asked where one of them says no, and only it refuses. A guard takes nothing that its schema would not take as it stands.
 */

export type Members = Readonly<Record<string, unknown>>;

const SIGNED_DECIMAL = /^-?\d{1,24}(?:\.\d{1,24})?$/;
const DECIMAL = /^\d{1,24}(?:\.\d{1,24})?$/;
const MILLIS = /^\d{1,16}$/;

export const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);
export const isText = (value: unknown): value is string => typeof value === 'string';
export const isMaybeText = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string';
export const isSignedDecimal = (value: unknown): boolean => typeof value === 'string' && SIGNED_DECIMAL.test(value);
/** Empty = none. */
export const isSignedOrNone = (value: unknown): boolean => value === '' || isSignedDecimal(value);
export const isDecimalOrNone = (value: unknown): boolean => value === '' || (typeof value === 'string' && DECIMAL.test(value));
export const isMillisOrNone = (value: unknown): boolean => value === '' || (typeof value === 'string' && MILLIS.test(value));
export const isUnixMs = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
export const isMaybeUnixMs = (value: unknown): boolean => value === undefined || isUnixMs(value);
/** Of either sign, as `parseExact` gives them. */
export const isWhole = (value: unknown): boolean => Number.isSafeInteger(value) || typeof value === 'bigint';
export const isExactId = (value: unknown): boolean => isWhole(value) && (value as number | bigint) >= 0;
export const isAmountNumber = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY;
