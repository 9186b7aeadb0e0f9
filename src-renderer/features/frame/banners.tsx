/** What must not be overlooked, in one line each, most urgent first. Polite live regions; nothing pulses. */
import { X } from 'lucide-react';
import { useLiveConsole } from '../../connection/console.ts';
import { useTick } from '../../parts/useTick.ts';
import { trueMinus } from '../../format/numbers.ts';
import { age, utcClock } from '../../format/times.ts';
import { useConsole, useEngineField, useIsLive } from '../../store/consoleStore.ts';
import { openDialog } from '../../store/uiStore.ts';
import type { KillLatch, ScopedStop } from '../../../src-shared/domain/tradingState.ts';
import { LEVEL_WORDS, scopeText } from '../kill/stops.ts';

const latchReason = (reason: string): string => (reason === '' ? 'no reason given' : trueMinus(reason));

const remainingText = (latch: KillLatch): string =>
  latch.verifiedUnixMs === null
    ? `remaining: ${trueMinus(latch.remaining.join('; ')) || 'verification under way'}`
    : 'verified: nothing of ours is working';

const KillBanner = () => {
  const kill = useEngineField('kill');
  if (kill === null) return null;
  return (
    <output className="banner is-killed" data-testid="kill-banner">
      <strong>
        {LEVEL_WORDS[kill.level]} {utcClock(kill.latchedUnixMs)} · by {kill.by} ({kill.source})
      </strong>
      <span>{latchReason(kill.reason)}</span>
      <span>{remainingText(kill)}</span>
    </output>
  );
};

/** A rule lets exposure only shrink, without a latch that would say so itself. */
const ReducingBanner = () => {
  const state = useEngineField('tradingState');
  const kill = useEngineField('kill');
  if (state === null || state === 'active' || kill !== null) return null;
  return (
    <output className="banner" data-testid="trading-banner">
      <strong>{state === 'halted' ? 'HALTED' : 'REDUCING ONLY'}</strong>
      <span>{state === 'halted' ? 'Nothing is opened.' : 'Only orders that cut exposure are sent.'}</span>
    </output>
  );
};

const PauseBanner = () => {
  const pause = useEngineField('pause');
  if (pause === null) return null;
  return (
    <output className="banner">
      <strong>PAUSED {utcClock(pause.latchedUnixMs)}</strong>
      <span>
        by {pause.by} ({pause.source}){pause.reason === '' ? '' : `: ${pause.reason}`}
      </span>
    </output>
  );
};

const ScopedBanner = ({ stop }: { readonly stop: ScopedStop }) => {
  const { commands } = useLiveConsole();
  const isLive = useIsLive();
  const { scope, level, latch } = stop;
  const end = (): void => {
    if (level === 'pause') void commands.run({ name: 'resume', reason: '', scope });
    else openDialog({ kind: 'reset', scope });
  };
  return (
    <div className="banner" data-testid={`stop-${scope.replace(':', '-')}`}>
      <output className="strong">
        {scopeText(scope)}: {level === 'pause' ? 'PAUSED' : LEVEL_WORDS[level]} {utcClock(latch.latchedUnixMs)} · by {latch.by} (
        {latch.source})
      </output>
      <span>{latchReason(latch.reason)}</span>
      {level !== 'pause' && <span className="tone-dim">{remainingText(latch)}</span>}
      <button
        aria-label={`${level === 'pause' ? 'Resume' : 'Reset'} ${scopeText(scope)}`}
        className="tool is-outlined ml-auto"
        disabled={!isLive}
        onClick={end}
        type="button"
      >
        {level === 'pause' ? 'Resume' : 'Reset…'}
      </button>
    </div>
  );
};

const ScopedBanners = () => {
  const stops = useEngineField('scopedStops') ?? [];
  return stops.map((stop) => <ScopedBanner key={`${stop.scope} ${stop.level}`} stop={stop} />);
};

const LinkBanner = () => {
  const phase = useConsole((state) => state.link.phase);
  const why = useConsole((state) => state.link.why);
  const lastFrameMs = useConsole((state) => (state.link.phase === 'live' ? null : state.link.lastFrameMs));
  const retryAtMs = useConsole((state) => state.link.retryAtMs);
  const nowMs = useTick(500, phase !== 'live');
  if (phase === 'live') return null;
  const since = lastFrameMs === null ? 'nothing received yet' : `last update ${age(Math.max(0, nowMs - lastFrameMs))} ago`;
  const retry = retryAtMs === null ? 'connecting…' : `next attempt in ${age(Math.max(0, retryAtMs - nowMs))}`;
  return (
    <div className="banner is-error" data-testid="link-banner">
      <output className="strong">{phase === 'silent' ? 'THE ENGINE IS SILENT' : 'NOT CONNECTED'}</output>
      <span data-testid="last-update">{since}: figures below are not current</span>
      <span className="tone-dim">
        {why === null ? '' : `${why} · `}
        {phase === 'silent' ? '' : retry}
      </span>
    </div>
  );
};

const LedgerBanner = () => {
  const fault = useEngineField('ledgerFault');
  if (fault === null) return null;
  return (
    <div className="banner is-error" role="alert">
      <strong>LEDGER CANNOT BE WRITTEN</strong>
      <span>{fault}</span>
      <span>Trading is halted until the engine is restarted on a good ledger.</span>
    </div>
  );
};

const NoticeBanner = () => {
  const notice = useConsole((state) => state.notice);
  if (notice === null) return null;
  return (
    <output className={notice.tone === 'error' ? 'banner is-error' : 'banner'} data-testid="notice">
      <span>{notice.text}</span>
      <button aria-label="Dismiss" className="tool ml-auto" onClick={() => useConsole.setState({ notice: null })} type="button">
        <X aria-hidden="true" size={13} />
      </button>
    </output>
  );
};

const SimulatedBanner = () => {
  const simulated = useConsole((state) => {
    const venues = Object.values(state.tables.venues);
    return venues.length > 0 && venues.every((venue) => venue.simulated);
  });
  const isTape = useEngineField('profile') === 'tape';
  if (!simulated) return null;
  return (
    <div className="banner border-l-0! py-1! tone-dim" data-testid="simulated-banner">
      <span>
        <strong className="tone-dim">SIMULATED VENUES</strong> ·{' '}
        {isTape ? 'prices recorded earlier, played back by this computer' : 'every price below is made by this computer'}
      </span>
    </div>
  );
};

export const Banners = () => (
  <>
    <KillBanner />
    <LinkBanner />
    <LedgerBanner />
    <ReducingBanner />
    <PauseBanner />
    <ScopedBanners />
    <NoticeBanner />
    <SimulatedBanner />
  </>
);
