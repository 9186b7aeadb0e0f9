/** One line for each MetaTrader terminal: data, orders, Algo Trading, epoch, how fast. The whole of it is a press away. */
import { memo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { Percentiles } from '../../../src-shared/domain/metatrader.ts';
import { UNKNOWN } from '../../format/numbers.ts';
import { age } from '../../format/times.ts';
import { StripOpener } from '../../parts/stripOpener.tsx';
import { useConsole, useEngineField, useIsLive } from '../../store/consoleStore.ts';
import { openTerminal, useUi } from '../../store/uiStore.ts';
import { algoLamp, dataLamp, orderLamp, percentilesText, type Lamp } from './terminalText.ts';

export const LampFigure = ({ label, lamp, testId }: { readonly label: string; readonly lamp: Lamp; readonly testId?: string }) => {
  const isLive = useIsLive();
  return (
    <span className="figure" title={lamp.title === '' ? undefined : lamp.title}>
      <span className="label">{label}</span>
      <span className="chip" data-testid={testId}>
        <span aria-hidden="true" className={`lamp ${isLive ? lamp.tone : ''}`} />
        <span className={`uppercase ${lamp.tone === 'is-bad' ? 'tone-error' : lamp.tone === 'is-wait' ? 'tone-warn' : 'tone-dim'}`}>
          {lamp.word}
        </span>
      </span>
    </span>
  );
};

interface SpanProps {
  readonly label: string;
  readonly spans: Percentiles | null;
  readonly title: string;
  readonly className?: string;
}

const Span = ({ label, spans, title, className = '' }: SpanProps) => (
  <span className={`figure ${className}`} title={`${title}, p50 / p95${spans === null ? '' : `, of ${spans.count}`}`}>
    <span className="label">{label}</span>
    <span className="tone-dim">{percentilesText(spans)}</span>
  </span>
);

const Strip = memo(({ venueId }: { readonly venueId: string }) => {
  const venue = useConsole((state) => state.tables.venues[venueId]);
  const mode = useEngineField('mode');
  const isLive = useIsLive();
  const isOpen = useUi((ui) => ui.terminalVenueId === venueId);
  if (venue === undefined) return null;
  const { metatrader } = venue;
  const terminal = metatrader?.terminal ?? null;
  return (
    <section aria-label={`Terminal ${venue.label}`} className="terminal-strip dimmable" data-testid={`terminal-${venueId}`}>
      <StripOpener isOpen={isOpen} label={venue.label} onOpen={() => openTerminal(venueId)} title="Hand-shake, account, commands" />
      <LampFigure label="data" lamp={dataLamp(venue)} testId="data-lamp" />
      <span className="tone-faint" title="Age of the newest quote">
        {isLive ? age(venue.quoteAgeMs) : UNKNOWN}
      </span>
      <LampFigure label="orders" lamp={orderLamp(venue, mode)} testId="order-lamp" />
      <LampFigure label="Algo Trading" lamp={algoLamp(venue)} testId="algo-lamp" />
      <span className="figure" title="Sessions opened since the first; a newer one silences every older EA">
        <span className="label">epoch</span>
        <span className="tone-dim">{metatrader === null || metatrader.epoch === 0 ? UNKNOWN : metatrader.epoch}</span>
      </span>
      {terminal !== null && (
        <>
          <Span className="mid-only" label="tick → engine" spans={terminal.tickToEngine} title="From the terminal’s tick to the engine" />
          <Span className="wide-only" label="pickup" spans={terminal.toPickup} title="From a command’s commit to its delivery" />
          <Span className="wide-only" label="ack" spans={terminal.toAck} title="From delivery to the EA’s first word" />
          <Span className="wide-only" label="deal" spans={terminal.toDeal} title="From delivery to the first deal" />
          {terminal.quarantined > 0 && <span className="strong tone-error">{terminal.quarantined} quarantined: look</span>}
        </>
      )}
    </section>
  );
});

export const TerminalStrips = () => {
  const venueIds = useConsole(
    useShallow((state) =>
      Object.entries(state.tables.venues)
        .filter(([, venue]) => venue.protocol === 'metatrader')
        .map(([id]) => id),
    ),
  );
  return venueIds.map((venueId) => <Strip key={venueId} venueId={venueId} />);
};
