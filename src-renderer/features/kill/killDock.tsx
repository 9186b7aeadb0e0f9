/**
 * The dock at the top right: KILL, pause, flatten, the further stops, reset, and what became of them. KILL is one click
 * without a dialog, fires on click-up (a native button: sliding off aborts), never takes focus by itself and never looks
 * live without a link; neither does any other stop.
 */
import { Menu } from '@base-ui/react/menu';
import { useEffect } from 'react';
import { Ellipsis, Pause, Play } from 'lucide-react';
import { useLiveConsole } from '../../connection/console.ts';
import { HoldButton } from '../../parts/holdButton.tsx';
import { useTick } from '../../parts/useTick.ts';
import { utcClock } from '../../format/times.ts';
import { useConsole, useEngineField, useIsLive } from '../../store/consoleStore.ts';
import { closeDialog, openDialog, useUi } from '../../store/uiStore.ts';
import { DEAD_NOTE, killStateText, spokenStopText } from './killText.ts';
import { KILL_ALL, LEVEL_WORDS, latchOf, spokenPress } from './stops.ts';

const KillButton = () => {
  const { commands } = useLiveConsole();
  const isLive = useIsLive();
  const latch = useEngineField('kill');
  const killed = latch === null ? null : `${utcClock(latch.latchedUnixMs)} · by ${latch.by}`;
  const level = latch === null ? '' : LEVEL_WORDS[latch.level];
  const name = ['KILL all', isLive ? '' : `NOT CONNECTED: ${DEAD_NOTE}`, killed === null ? '' : `${level} ${killed}`]
    .filter(Boolean)
    .join(', ');
  return (
    <button
      className={`kill${isLive ? '' : ' is-dead'}${killed === null ? '' : ' is-killed'}`}
      data-testid="kill"
      onClick={() => commands.press(KILL_ALL)}
      type="button"
    >
      {/* One name whatever is drawn: what is drawn comes in pieces. */}
      <span className="sr-only">{name}</span>
      <span aria-hidden="true" className={`kill-word${level.length > 6 ? ' is-long' : ''}`}>
        {killed === null ? 'KILL' : level}
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

const deadClass = (isLive: boolean): string => (isLive ? '' : ' is-dead');
const deadTitle = (isLive: boolean, title: string): string => (isLive ? title : `NOT CONNECTED: ${DEAD_NOTE}`);

const PauseControl = () => {
  const { commands } = useLiveConsole();
  const isLive = useIsLive();
  const isPaused = useEngineField('pause') !== null;
  const run = (name: 'pause' | 'resume'): void => void commands.run({ name, reason: '', scope: 'all' });
  usePauseKey(() => run('pause'));
  return isPaused ? (
    <button className={`control${deadClass(isLive)}`} onClick={() => run('resume')} title={deadTitle(isLive, '')} type="button">
      <Play aria-hidden="true" size={14} />
      Resume
    </button>
  ) : (
    <button
      aria-keyshortcuts="p"
      aria-label="Pause all"
      className={`control${deadClass(isLive)}`}
      onClick={() => run('pause')}
      title={deadTitle(isLive, 'No new groups; open ones run their course. Key P')}
      type="button"
    >
      <Pause aria-hidden="true" size={14} />
      Pause all
    </button>
  );
};

const FlattenControl = () => {
  const { commands } = useLiveConsole();
  const isLive = useIsLive();
  return (
    <HoldButton
      className={`control${deadClass(isLive)}`}
      onBegin={() => openDialog({ kind: 'flatten', scope: 'all', byHold: true })}
      onEarly={() => {
        if (useUi.getState().dialog?.kind === 'flatten') openDialog({ kind: 'flatten', scope: 'all', byHold: false });
      }}
      onHeld={() => {
        commands.press({ level: 'flatten', scope: 'all' });
        closeDialog();
      }}
      title={deadTitle(isLive, 'Hold 1.5 s: kill, then close every group. A short press shows what it would do')}
    >
      <span>FLATTEN all</span>
      <span aria-hidden="true" className="hold-hint">
        hold
      </span>
    </HoldButton>
  );
};

const MoreStops = ({ compact }: { readonly compact: boolean }) => {
  const isLive = useIsLive();
  const dead = isLive ? '' : ' (not connected)';
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger aria-label="More stops" className={`control${deadClass(isLive)}${compact ? ' is-compact' : ''}`}>
        <Ellipsis aria-hidden="true" size={14} />
        {!compact && 'More stops'}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner align="start" className="z-40" sideOffset={4}>
          <Menu.Popup className="popup">
            <Menu.Item onClick={() => openDialog({ kind: 'flatten', scope: 'all', byHold: false })}>Flatten, preview…{dead}</Menu.Item>
            <Menu.Item onClick={() => openDialog({ kind: 'hands-off', scope: 'all' })}>Hands off…{dead}</Menu.Item>
            <Menu.Item disabled>One pair, one venue: ⋮ in its row</Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
};

const StopState = () => {
  const presses = useConsole((state) => state.presses);
  const kill = useEngineField('kill');
  const scopedStops = useEngineField('scopedStops');
  const row = scopedStops === null ? null : { kill, scopedStops };
  const { stop, phase } = spokenPress(presses, row);
  const latch = latchOf(row, stop.scope);
  const pending = phase.at === 'requested' || phase.at === 'unconfirmed';
  const nowMs = useTick(200, pending);
  const text = spokenStopText(stop, killStateText(phase, latch, pending ? nowMs : 0));
  return (
    <output className={`kill-state${text === '' || latch !== null ? '' : ' tone-warn'}`} data-testid="kill-state" title={text}>
      {text}
    </output>
  );
};

export const KillDock = () => {
  const isKilled = useEngineField('kill') !== null;
  return (
    <aside aria-label="Stop controls" className="dock">
      <div className="dock-row">
        <KillButton />
        <div className="dock-side">
          <PauseControl />
          <FlattenControl />
          <div className="dock-last">
            {isKilled && (
              <button className="control is-grave" onClick={() => openDialog({ kind: 'reset', scope: 'all' })} type="button">
                Reset kill switch
              </button>
            )}
            <MoreStops compact={isKilled} />
          </div>
        </div>
      </div>
      <StopState />
    </aside>
  );
};
