/** What must not be overlooked, in one line each, most urgent first. Polite live regions; nothing pulses. */
import { X } from 'lucide-react';
import { useTick } from '../../parts/useTick.ts';
import { age, utcClock } from '../../format/times.ts';
import { useConsole, useEngineField } from '../../store/consoleStore.ts';

const KillBanner = () => {
  const kill = useEngineField('kill');
  if (kill === null) return null;
  return (
    <output className="banner is-killed" data-testid="kill-banner">
      <strong>
        KILLED {utcClock(kill.latchedUnixMs)} · by {kill.by} ({kill.source})
      </strong>
      <span>{kill.reason === '' ? 'no reason given' : kill.reason}</span>
      <span>
        {kill.verifiedUnixMs === null
          ? `remaining: ${kill.remaining.join('; ') || 'verification under way'}`
          : 'verified: nothing of ours is working'}
      </span>
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
    <PauseBanner />
    <NoticeBanner />
    <SimulatedBanner />
  </>
);
