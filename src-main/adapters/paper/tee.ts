/**
 * One stream of market data and metadata for the engine and for whoever stands in for a venue: observers see each quote
 * and each report before the engine does, in the same call. Must not change, delay or drop anything.
 */
import type { InstrumentIndex } from '../../../src-shared/domain/ids.ts';
import type { ControlInput } from '../../core/events.ts';
import type { Inlets, MarketInlet } from '../../runtime/ports.ts';

export interface InletObserver {
  /** Whose quotes it wants. */
  readonly instruments: readonly InstrumentIndex[];
  readonly quote: MarketInlet['quote'];
  readonly control: (event: ControlInput) => void;
}

/** Observers must not throw: what they make of an event is theirs. */
export const teeInlets = (inlets: Inlets, observers: readonly InletObserver[]): Inlets => {
  const byInstrument: InletObserver[][] = [];
  for (const observer of observers) for (const index of observer.instruments) (byInstrument[index] ??= []).push(observer);
  return {
    quote(instrument, bidPx, bidQty, askPx, askQty, venueMs, updateId, receivedMonoUs) {
      const seers = byInstrument[instrument];
      if (seers !== undefined)
        for (let i = 0; i < seers.length; i++) seers[i]!.quote(instrument, bidPx, bidQty, askPx, askQty, venueMs, updateId, receivedMonoUs);
      inlets.quote(instrument, bidPx, bidQty, askPx, askQty, venueMs, updateId, receivedMonoUs);
    },
    offer(event) {
      for (const observer of observers) observer.control(event);
      return inlets.offer(event);
    },
  };
};
