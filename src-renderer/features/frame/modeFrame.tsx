/** The mode, as frame, word and colour around everything. */
import { useEffect } from 'react';
import { useEngineField, useConsole } from '../../store/consoleStore.ts';

const PRODUCT = 'Quant Arb';

const MEANS: Readonly<Record<string, string>> = {
  paper: 'Every venue on paper: no order leaves this program',
  demo: 'MetaTrader trades a demo account through the EA, exchanges are on paper: no real money anywhere',
};

export const ModeFrame = () => {
  const engineMode = useEngineField('mode');
  const aboutMode = useConsole((state) => state.about?.mode ?? null);
  const mode = engineMode ?? aboutMode;
  const word = mode === null ? '—' : mode.toUpperCase();
  useEffect(() => {
    document.title = mode === null ? PRODUCT : `${word} · ${PRODUCT}`;
  }, [mode, word]);
  return (
    <aside aria-label="Mode" className={`mode-frame${mode === 'demo' ? ' is-demo' : ''}`} data-testid="mode-frame">
      <span className="mode-word">{word}</span>
      {mode !== null && <span className="sr-only">{MEANS[mode]}</span>}
    </aside>
  );
};
