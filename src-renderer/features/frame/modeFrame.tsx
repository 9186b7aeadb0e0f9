/** The mode, as frame, word and colour around everything. */
import { useEngineField, useConsole } from '../../store/consoleStore.ts';

export const ModeFrame = () => {
  const engineMode = useEngineField('mode');
  const aboutMode = useConsole((state) => state.about?.mode ?? null);
  const mode = engineMode ?? aboutMode;
  return (
    <aside aria-label="Mode" className="mode-frame" data-testid="mode-frame">
      <span className="mode-word">{mode === null ? '—' : mode.toUpperCase()}</span>
    </aside>
  );
};
