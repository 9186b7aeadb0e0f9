/**
 * How a simulated Binance reads parameters and spells answers: refusals with status, code and text, exact whole numbers, decimals
 * with the digits of an asset. Knows no operation.
 */
import { Decimal, type DecimalText } from '../../../../src-shared/domain/decimal.ts';

export type Product = 'spot' | 'usdm';

/** Thrown while a request is judged; becomes `{code, msg}` with this HTTP status. */
export class Refusal extends Error {
  readonly code: number;
  readonly status: number;
  readonly retryAfterMs: number | null;
  constructor(code: number, message: string, status = 400, retryAfterMs: number | null = null) {
    super(message);
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** A mistake of the simulator's own: said to whoever asked, for one request must not end the world. */
export const ownFault = (error: unknown): Refusal => new Refusal(-1000, `the simulated venue failed: ${String(error)}`, 500);

export const missing = (name: string): Refusal =>
  new Refusal(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
export const CLIENT_ID_RULE = /^[.A-Z:/a-z0-9_-]{1,36}$/;
const DECIMAL = /^\d{1,20}(?:\.\d{1,20})?$/;
const WHOLE = /^-?\d{1,19}$/;

/** Parameters by name, as text, whatever way they came. */
export class Params {
  readonly #values: ReadonlyMap<string, string>;
  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  get names(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** Sent empty counts as malformed. @throws Refusal */
  text(name: string): string | null {
    const value = this.#values.get(name);
    if (value === '') throw missing(name);
    return value ?? null;
  }
  /** @throws Refusal */
  must(name: string): string {
    const value = this.text(name);
    if (value === null) throw missing(name);
    return value;
  }
  /** Whole number, exact. @throws Refusal */
  whole(name: string): string | null {
    const value = this.text(name);
    if (value !== null && !WHOLE.test(value)) throw missing(name);
    return value;
  }
  /** @throws Refusal */
  number(name: string): number | null {
    const value = this.whole(name);
    return value === null ? null : Number(value);
  }
  /** @throws Refusal */
  decimal(name: string): DecimalText | null {
    const value = this.text(name);
    if (value === null) return null;
    if (!DECIMAL.test(value))
      throw new Refusal(-1100, `Illegal characters found in parameter '${name}'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.`);
    return value;
  }
  /** @throws Refusal */
  flag(name: string): boolean {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined || value === 'false') return false;
    if (value === 'true') return true;
    throw missing(name);
  }
  /** @throws Refusal */
  clientId(name: string): string | null {
    const value = this.text(name);
    if (value !== null && !CLIENT_ID_RULE.test(value))
      throw new Refusal(-1100, `Illegal characters found in parameter '${name}'; legal range is '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'.`);
    return value;
  }
}

interface RawJson {
  readonly rawJSON: (text: string) => unknown;
}
/** A whole number of any length as a JSON number; `JSON.stringify` alone would round it. */
export const exact = (digits: string): unknown => (JSON as unknown as RawJson).rawJSON(digits);

/** Rounded half-even to exactly so many digits. */
export const fixed = (amount: DecimalText, digits: number): string => new Decimal(amount).toFixed(digits);
export const fixed8 = (amount: DecimalText): string => fixed(amount, 8);
/** As `fixed`, and a plain 0 where there is nothing. */
export const fixedOrZero = (amount: DecimalText, digits: number): string => (new Decimal(amount).isZero() ? '0' : fixed(amount, digits));
