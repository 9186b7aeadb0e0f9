/** What we hold, what is not ours, and where the venue says otherwise; instruments with nothing of the three are absent. */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { Stamp } from '../../../src-shared/domain/units.ts';
import type { PositionRow } from '../../../src-shared/domain/view.ts';
import type { EngineState, InstrumentState } from '../state.ts';
import { shown, USD_DIGITS } from './rounding.ts';
import { usdOfQty } from './worth.ts';

const isNothing = (qty: string): boolean => Number(qty) === 0;

const positionRow = (state: EngineState, x: InstrumentState, at: Stamp): PositionRow | null => {
  const { qty, foreignQty } = state.book.holdings[x.settings.id] ?? { qty: '0', foreignQty: '0' };
  const difference = state.book.venues[x.venue.index]?.differences[x.settings.id];
  if (difference === undefined && isNothing(qty) && isNothing(foreignQty)) return null;
  return {
    venueId: x.settings.venueId,
    symbol: x.settings.symbol,
    ownQty: qty,
    foreignQty,
    reportedQty: difference?.reported ?? null,
    baseQty: x.metadata === null ? null : new Decimal(qty).times(x.metadata.baseQtyPerUnit).toFixed(),
    notionalUsd: shown(usdOfQty(state, x, Number(qty), at.monoUs), USD_DIGITS),
  };
};

export const positionRows = (state: EngineState, at: Stamp): Readonly<Record<string, PositionRow>> =>
  Object.fromEntries(
    state.instruments.flatMap((x): readonly (readonly [string, PositionRow])[] => {
      const row = positionRow(state, x, at);
      return row === null ? [] : [[x.settings.id, row]];
    }),
  );
