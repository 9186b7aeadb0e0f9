/** The venue's refusals since start, counted by its own code. Bounded: a code that nobody sees any more gives way. */
import { MAX_REJECT_ROWS, type ExchangeReport } from '../../../../../src-shared/domain/exchange.ts';
import type { Refusal } from '../../../../../src-shared/domain/order.ts';

export const MAX_REJECT_CODES = 64;

type Row = ExchangeReport['rejects'][number];

export class Rejects {
  readonly #rows = new Map<string, Row>();

  note({ venueCode, text, by }: Refusal): void {
    if (by !== 'venue') return;
    const code = venueCode ?? '';
    const count = (this.#rows.get(code)?.count ?? 0) + 1;
    this.#rows.delete(code);
    const oldest = this.#rows.keys().next();
    if (this.#rows.size >= MAX_REJECT_CODES && oldest.done !== true) this.#rows.delete(oldest.value);
    this.#rows.set(code, { code, text, count });
  }

  /** Most frequent first. */
  rows(): readonly Row[] {
    return [...this.#rows.values()].sort((p, q) => q.count - p.count || (p.code < q.code ? -1 : 1)).slice(0, MAX_REJECT_ROWS);
  }
}
