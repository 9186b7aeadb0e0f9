/** The exchange accounts side by side: which world each is in, may it trade, its checks, and what asks for a look. The whole is a press away. */
import { memo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { ExchangeReport } from '../../../src-shared/domain/exchange.ts';
import type { VenueRow } from '../../../src-shared/domain/view.ts';
import { count } from '../../format/numbers.ts';
import { StripOpener } from '../../parts/stripOpener.tsx';
import { useEngineTime } from '../../parts/useTick.ts';
import { useConsole } from '../../store/consoleStore.ts';
import { openExchange, useUi } from '../../store/uiStore.ts';
import { LampFigure } from '../terminal/terminalStrip.tsx';
import { percentilesText } from '../terminal/terminalText.ts';
import {
  budgetText,
  budgetTone,
  checksBrief,
  deadManScope,
  deadManText,
  ENVIRONMENT_WORDS,
  entryLamp,
  isDeadManShown,
  ordersLamp,
  ordersWhy,
  pressing,
  streamLamp,
} from './exchangeText.ts';

export const EnvironmentWord = ({ report }: { readonly report: ExchangeReport }) => {
  const [word, tone, means] = ENVIRONMENT_WORDS[report.environment];
  return (
    <span className={`environment ${tone}`} data-testid="environment" title={means}>
      {word}
      {report.region === 'global' ? '' : ` ${report.region}`}
    </span>
  );
};

/** What a strip shows of its venue. Quotes, which change the row ten times a second, are not in it: the strip is not drawn for them. */
type Account = Pick<VenueRow, 'label' | 'protocol' | 'orderLink' | 'exchange' | 'clockOffsetMs'>;

const accountOf = (venue: VenueRow | undefined): Account | null =>
  venue === undefined
    ? null
    : {
        label: venue.label,
        protocol: venue.protocol,
        orderLink: venue.orderLink,
        exchange: venue.exchange,
        clockOffsetMs: venue.clockOffsetMs,
      };

/** Counts on between two frames, by the venue's own clock. */
export const DeadManClock = ({ venue, report }: { readonly venue: Pick<VenueRow, 'clockOffsetMs'>; readonly report: ExchangeReport }) => {
  const nowMs = useEngineTime(250);
  const [text, tone] = deadManText(report.deadMan, nowMs + (venue.clockOffsetMs ?? 0));
  return (
    <span className={tone} data-testid="dead-man">
      {text}
    </span>
  );
};

/** Only what asks for a look: the rest is in the sheet. */
const Figures = ({ venue, report }: { readonly venue: Account; readonly report: ExchangeReport }) => {
  const nowMs = useEngineTime(1_000);
  const budget = pressing(report.budgets, nowMs);
  const refused = report.rejects.reduce((sum, { count: each }) => sum + each, 0);
  return (
    <>
      <span className="figure" title="What was read back of the account and compared with the configuration">
        <span className="label">checks</span>
        <span className={report.checks.some(({ state }) => state === 'fail') ? 'strong tone-error' : 'tone-dim'}>
          {checksBrief(report.checks)}
        </span>
      </span>
      {isDeadManShown(report.deadMan) && (
        <span
          className="figure"
          title={deadManScope(venue.protocol) ?? 'The exchange cancels what we placed when this engine falls silent for so long'}
        >
          <span className="label">dead-man</span>
          <DeadManClock report={report} venue={venue} />
        </span>
      )}
      {budget !== null && (
        <span className="figure" title={`The fullest allowance: ${budget.name}`}>
          <span className="label">allowance</span>
          <span className={budgetTone(budget, nowMs)}>{budgetText(budget, nowMs)}</span>
        </span>
      )}
      {report.toAck !== null && (
        <span className="figure xxwide-only" title="From the write to the exchange’s acknowledgement, p50 / p95">
          <span className="label">ack</span>
          <span className="tone-dim">{percentilesText(report.toAck)}</span>
        </span>
      )}
      {refused > 0 && <span className="tone-warn">{count(refused)} refused</span>}
    </>
  );
};

const Strip = memo(({ venueId }: { readonly venueId: string }) => {
  const venue = useConsole(useShallow((state) => accountOf(state.tables.venues[venueId])));
  const isOpen = useUi((ui) => ui.exchangeVenueId === venueId);
  const report = venue?.exchange ?? null;
  if (venue === null || report === null) return null;
  const why = ordersWhy(venue);
  return (
    <section aria-label={`Exchange ${venue.label}`} className="terminal-strip is-short" data-testid={`exchange-${venueId}`}>
      <StripOpener isOpen={isOpen} label={venue.label} onOpen={() => openExchange(venueId)} title="Account, checks, allowances, key" />
      <EnvironmentWord report={report} />
      <LampFigure label="orders" lamp={ordersLamp(venue)} testId="order-lamp" />
      {!report.entry.up && <LampFigure label="entry" lamp={entryLamp(report)} testId="entry-lamp" />}
      {!report.stream.up && <LampFigure label="stream" lamp={streamLamp(report)} testId="stream-lamp" />}
      {why !== null && (
        <span className="strip-why tone-error" data-testid="orders-why" title={why}>
          {why}
        </span>
      )}
      <Figures report={report} venue={venue} />
    </section>
  );
});

export const ExchangeStrips = () => {
  const venueIds = useConsole(
    useShallow((state) =>
      Object.entries(state.tables.venues)
        .filter(([, { exchange }]) => exchange !== null)
        .map(([id]) => id),
    ),
  );
  if (venueIds.length === 0) return null;
  return (
    <div className="exchange-strips dimmable">
      {venueIds.map((venueId) => (
        <Strip key={venueId} venueId={venueId} />
      ))}
    </div>
  );
};
