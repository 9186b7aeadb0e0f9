/** Only in mode live: what real money stands on now. Rung of the ladder, checklist, worst case; the whole of it is a press away. */
import { ChevronRight } from 'lucide-react';
import { useEngineField, useIsLive } from '../../store/consoleStore.ts';
import { openDialog, useUi } from '../../store/uiStore.ts';
import { checklistText, climbProgress, isShown, rungPlace, worstCaseText } from './liveText.ts';

export const LiveStrip = () => {
  const live = useEngineField('live') ?? null;
  const isOpen = useUi((ui) => ui.dialog?.kind === 'live');
  const isLive = useIsLive();
  if (live === null) return null;
  const progress = climbProgress(live);
  const complete = live.checklist.length > 0 && live.checklist.every(isShown);
  const mayClimb = progress !== null && live.climbConditions.length === 0;
  return (
    <section aria-label="Real money" className="terminal-strip is-real-money dimmable" data-testid="live-strip">
      <button
        aria-expanded={isOpen}
        aria-haspopup="dialog"
        className="tool is-outlined"
        onClick={() => openDialog({ kind: 'live' })}
        title="Checklist, ladder, worst case"
        type="button"
      >
        Real money
        <ChevronRight aria-hidden="true" size={12} />
      </button>
      <span className="figure" title="What must have been shown before the engine arms">
        <span className="label">checklist</span>
        <span className={complete ? 'tone-dim' : 'strong tone-error'}>{checklistText(live.checklist)}</span>
      </span>
      <span className="figure" title="Sizes grow one rung at a time, by a person; every halt leads back to the first">
        <span className="label">ladder</span>
        <span className="strong" data-testid="rung">
          {rungPlace(live)}
        </span>
        {progress !== null && <span className="tone-dim">{progress}</span>}
      </span>
      <span className="figure" title={live.worstCaseWhy}>
        <span className="label">worst case</span>
        <span className="strong">{worstCaseText(live)}</span>
      </span>
      {progress !== null && (
        <button
          className="tool is-outlined"
          disabled={!mayClimb || !isLive}
          onClick={() => openDialog({ kind: 'climb' })}
          title={mayClimb ? 'One rung up' : `Not yet: ${live.climbConditions.join('; ')}`}
          type="button"
        >
          Climb…
        </button>
      )}
    </section>
  );
};
