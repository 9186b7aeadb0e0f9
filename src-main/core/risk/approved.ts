/**
 * The seal without which no order leaves: only `core/risk` can make a `RiskApproved`, and only a risk-approved order can
 * be dispatched; the types say so, and a tidy rule keeps `seal` inside this folder. The seal exists for the compiler alone.
 */
declare const sealed: unique symbol;

export type RiskApproved<T> = T & { readonly [sealed]: true };

/** For `core/risk` only, after every gate has passed. */
export const seal = <T>(checked: T): RiskApproved<T> => checked as RiskApproved<T>;
