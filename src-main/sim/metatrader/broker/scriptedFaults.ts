/**
 * What the broker is told to do wrong, by name and number of times. Owns the script; an execution takes at most one fault,
 * the oldest that fits. Nothing here is random.
 */
import type { DecimalText } from '../../../../src-shared/domain/decimal.ts';

/** Which requests a fault waits for; absent = any deal request. */
interface Aim {
  /** How many requests it hits; default 1. */
  readonly times?: number;
  /** How many fitting requests pass unharmed before. */
  readonly skip?: number;
  readonly on?: 'open' | 'close';
  readonly symbol?: string;
  readonly magic?: number;
}

export type BrokerFault = Aim &
  (
    | /** This answer, nothing done. `trace`: a rejected order stays in the history. */ {
        readonly kind: 'answer';
        readonly retcode: number;
        readonly trace?: boolean;
      }
    | /** An answer that says nothing (10012, 10031, 10011, 10028, 0, or no retcode with `OrderSend` false), with or without execution. */ {
        readonly kind: 'unclear';
        readonly retcode: number;
        readonly executed: boolean;
        /** When the execution takes place after the answer; 0 = before it. */
        readonly afterMs?: number;
      }
    | /** 10008 now, the deals later. */ { readonly kind: 'placed'; readonly afterMs: number }
    | /** 10008, and the order rests until somebody removes it. */ { readonly kind: 'resting' }
    | /** Only so much is to be had. */ { readonly kind: 'partial'; readonly lots: DecimalText }
    | /** The order is executed in so many deals; `positions`: each opens a position of its own. */ {
        readonly kind: 'split';
        readonly parts: number;
        readonly positions?: boolean;
      }
    | /** Executed worse by so many points. */ { readonly kind: 'slip'; readonly points: number }
    | /** The deal carries no commission yet; a DEAL_UPDATE brings it. */ { readonly kind: 'late-commission'; readonly afterMs: number }
    | /** What the broker writes in place of our comment. */ { readonly kind: 'comment'; readonly comment: string }
    | /** 10009 with no ticket, no volume, no price in the result. */ { readonly kind: 'bare-result' }
  );

export type BrokerFaultKind = BrokerFault['kind'];

interface Armed {
  readonly fault: BrokerFault;
  left: number;
  skip: number;
}

export class FaultScript {
  readonly #armed: Armed[] = [];

  inject(fault: BrokerFault): void {
    const times = fault.times ?? 1;
    if (!Number.isSafeInteger(times) || times < 1) throw new RangeError(`times must be a whole number above 0, got ${times}`);
    this.#armed.push({ fault, left: times, skip: fault.skip ?? 0 });
  }

  clear(): void {
    this.#armed.length = 0;
  }

  /** Faults that have not struck yet. */
  waiting(): number {
    return this.#armed.reduce((sum, a) => sum + a.left, 0);
  }

  /** The fault for this request, if one was meant for it. */
  take(request: { readonly symbol: string; readonly magic: number; readonly act: 'open' | 'close' }): BrokerFault | null {
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (fault.on !== undefined && fault.on !== request.act) continue;
      if (fault.symbol !== undefined && fault.symbol !== request.symbol) continue;
      if (fault.magic !== undefined && fault.magic !== request.magic) continue;
      if (armed.skip > 0) {
        armed.skip -= 1;
        continue;
      }
      armed.left -= 1;
      if (armed.left === 0) this.#armed.splice(this.#armed.indexOf(armed), 1);
      return fault;
    }
    return null;
  }
}
