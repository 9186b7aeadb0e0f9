/** The ten questions that only an exchange can answer, and what became of each. */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { InstrumentSettings } from '../../../src-shared/domain/settings.ts';
import type { Contact } from './contact.ts';

export const QUESTIONS = {
  1: 'Rows of the instruments against the configuration',
  2: 'Fee rates and fee groups',
  3: 'Hosts of the streams and the split of their paths',
  4: 'Members of a quote, new ones too',
  5: 'OKX instIdCode over the socket',
  6: 'Agreement for TradFi contracts (−4411)',
  7: 'Until when a late order is accepted',
  8: 'Trading sessions and the mark outside of them',
  9: 'Self-trade prevention when none is said',
  10: 'Texts of refusals and of 5xx, word for word',
} as const;
export type PointNumber = keyof typeof QUESTIONS;
export const POINTS = Object.keys(QUESTIONS).map(Number) as readonly PointNumber[];

export interface Point {
  readonly point: PointNumber;
  /** `differs`: answered, and not as the product expects. `open`: it could not be learned. `none`: not this exchange's. */
  readonly state: 'as-expected' | 'differs' | 'open' | 'none';
  readonly answer: string;
}

export const answered = (point: PointNumber, answer: string, asExpected = true): Point => ({
  point,
  state: asExpected ? 'as-expected' : 'differs',
  answer,
});
export const open = (point: PointNumber, answer: string): Point => ({ point, state: 'open', answer });
export const none = (point: PointNumber, answer = 'not a question to this exchange'): Point => ({ point, state: 'none', answer });

/** What is asked of one exchange: its own folder's answers, each on its own so that one failure leaves the others. */
export type Asker = (contact: Contact, instruments: readonly InstrumentSettings[]) => Promise<readonly Point[]>;

/** So far below the market that it cannot fill, inside a band of ±2 %. */
export const FAR_OFF_SHARE = '0.985';

export interface FarOrder {
  readonly price: string;
  readonly qty: string;
}

/** The smallest buy far below the bid that the exchange's own filters allow. */
export const farOrder = (bid: string, tick: string, step: string, minQty: string, minNotional: string | null): FarOrder => {
  const price = new Decimal(bid).times(FAR_OFF_SHARE).div(tick).floor().times(tick);
  const [least, grain] = [new Decimal(minQty), new Decimal(step)];
  const wanted = minNotional === null ? least : Decimal.max(least, new Decimal(minNotional).times('1.1').div(price));
  return { price: price.toFixed(), qty: wanted.div(grain).ceil().times(grain).toFixed() };
};

/** Figures of a row that the configuration also states; empty = all the same. */
export const differences = (instrument: InstrumentSettings, said: Readonly<Record<string, string | null>>): readonly string[] =>
  Object.entries(instrument.expected).flatMap(([member, configured]) => {
    const reported = said[member] ?? null;
    if (reported === null || configured === undefined) return [];
    const same = /^[\d.]+$/.test(reported) && /^[\d.]+$/.test(configured) ? new Decimal(reported).eq(configured) : reported === configured;
    return same ? [] : [`${member}: configured ${configured}, the exchange says ${reported}`];
  });

/** Refusals and bodies that are none of JSON, each once: what point 10 collects from the whole conversation. */
export const oddTexts = ({ heard }: Contact): readonly string[] => [
  ...new Set(
    heard
      .filter(({ status, text }) => status !== null && (status >= 500 || !/^\s*[[{]/.test(text)))
      .map(({ status, text }) => `${status}: ${text.slice(0, 300)}`),
  ),
];

export const tenth = (contact: Contact): Point => {
  const odd = oddTexts(contact);
  return answered(10, odd.length === 0 ? `none in ${contact.heard.length} replies` : odd.join(' | '));
};
