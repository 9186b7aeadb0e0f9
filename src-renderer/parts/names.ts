/** Short words for directions and instruments. */
import type { Direction } from '../../src-shared/domain/opportunity.ts';

export const venueOf = (instrumentId: string): string => instrumentId.slice(instrumentId.lastIndexOf('@') + 1);
export const symbolOf = (instrumentId: string): string => {
  const at = instrumentId.lastIndexOf('@');
  return at < 0 ? instrumentId : instrumentId.slice(0, at);
};

interface Legs {
  readonly a: string;
  readonly b: string;
}

/** Instruments sold and bought, by venue; by symbol where both are of one venue. */
export const directionLegs = ({ a, b }: Legs, direction: Direction): { readonly sell: string; readonly buy: string } => {
  const name = venueOf(a) === venueOf(b) ? symbolOf : venueOf;
  return direction === 'sell-a-buy-b' ? { sell: name(a), buy: name(b) } : { sell: name(b), buy: name(a) };
};

export const directionText = (legs: Legs, direction: Direction): string => {
  const { sell, buy } = directionLegs(legs, direction);
  return `sell ${sell} · buy ${buy}`;
};
