/**
 * The dock at the top right: KILL, pause, reset, and what became of them. KILL is one click without a dialog, fires on
 * click-up (a native button: sliding off aborts), never takes focus by itself and never looks live without a link.
 */
import { useEffect, useState } from 'react';
import { Pause, Play } from 'lucide-react';
import { useLiveConsole } from '../../connection/console.ts';
import { useTick } from '../../parts/useTick.ts';
import { utcClock } from '../../format/times.ts';
import { useConsole, useEngineField, useIsLive } from '../../store/consoleStore.ts';
import { killStateText } from './killText.ts';
import { ResetDialog } from './resetDialog.tsx';

const DEAD_NOTE = 'this button may not work';

const KillButton = () => {
  const { commands } = useLiveConsole();
  const isLive = useIsLive();
  const latch = useEngineField('kill');
  const killed = latch === null ? null : `${utcClock(latch.latchedUnixMs)} · by ${latch.by}`;
  const name = ['KILL all', isLive ? '' : `NOT CONNECTED: ${DEAD_NOTE}`, killed === null ? '' : `KILLED ${killed}`]
    .filter(Boolean)
    .join(', ');
  return (
    <button
      className={`kill${isLive ? '' : ' is-dead'}${killed === null ? '' : ' is-killed'}`}
      data-testid="kill"
      onClick={() => commands.pressKill()}
      type="button"
    >
      {/* One name whatever is drawn: what is drawn comes in pieces. */}
      <span className="sr-only">{name}</span>
      <span aria-hidden="true" className="kill-word">
        {killed === null ? 'KILL' : 'KILLED'}
      </span>
      <span aria-hidden="true" className={isLive && killed === null ? 'kill-scope' : 'kill-note'}>
        {isLive ? (killed ?? 'all') : `NOT CONNECTED: ${DEAD_NOTE}`}
      </span>
    </button>
  );
};

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));

/** `P` pauses; it never resumes. */
const usePauseKey = (pause: () => void): void => {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'p' || event.repeat || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
        return;
      event.preventDefault();
      pause();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [pause]);
};

const PauseControl = () => {
  const { commands } = useLiveConsole();
  const isPaused = useEngineField('pause') !== null;
  usePauseKey(() => void commands.run('pause', ''));
  return isPaused ? (
    <button className="control" onClick={() => void commands.run('resume', '')} type="button">
      <Play aria-hidden="true" size={14} />
      Resume
    </button>
  ) : (
    <button
      aria-keyshortcuts="p"
      aria-label="Pause all"
      className="control"
      onClick={() => void commands.run('pause', '')}
      title="Key P"
      type="button"
    >
      <Pause aria-hidden="true" size={14} />
      Pause all
    </button>
  );
};

const KillState = () => {
  const phase = useConsole((state) => state.kill);
  const latch = useEngineField('kill');
  const pending = phase.at === 'requested' || phase.at === 'unconfirmed';
  const nowMs = useTick(200, pending);
  const text = killStateText(phase, latch, pending ? nowMs : 0);
  return (
    <output className={`kill-state${text === '' || latch !== null ? '' : ' tone-warn'}`} data-testid="kill-state" title={text}>
      {text}
    </output>
  );
};

export const KillDock = () => {
  const [resetting, setResetting] = useState(false);
  const isKilled = useEngineField('kill') !== null;
  return (
    <>
      <aside aria-label="Stop controls" className="dock">
        <KillButton />
        <div className="dock-side">
          <PauseControl />
          {isKilled && (
            <button className="control is-grave" onClick={() => setResetting(true)} type="button">
              Reset kill switch
            </button>
          )}
          <KillState />
        </div>
      </aside>
      <ResetDialog onClose={() => setResetting(false)} open={resetting} />
    </>
  );
};
