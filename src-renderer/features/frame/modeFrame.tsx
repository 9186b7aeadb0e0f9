/** The mode, as frame, word and colour around everything. */
import { useEffect } from 'react';
import { useEngineField, useConsole } from '../../store/consoleStore.ts';

const PRODUCT = 'Quant Arb';

const MEANS: Readonly<Record<string, string>> = {
  paper: 'Every venue on paper: no order leaves this program',
  demo: 'Play money: MetaTrader on a demo account through the EA, exchanges on demo or simulated accounts, or on paper: no real money anywhere',
  live: 'REAL MONEY at every venue',
};

const FRAMES: Readonly<Record<string, string>> = { demo: ' is-demo', live: ' is-real' };

export const ModeFrame = () => {
  const engineMode = useEngineField('mode');
  const aboutMode = useConsole((state) => state.about?.mode ?? null);
  const mode = engineMode ?? aboutMode;
  const word = mode === null ? '—' : mode.toUpperCase();
  useEffect(() => {
    document.documentElement.dataset['mode'] = mode ?? '';
    document.title = mode === null ? PRODUCT : `${word} · ${PRODUCT}`;
  }, [mode, word]);
  return (
    <aside aria-label="Mode" className={`mode-frame${FRAMES[mode ?? ''] ?? ''}`} data-testid="mode-frame">
      <span className="mode-word">
        {word}
        {mode === 'live' && <span className="mode-money">REAL MONEY</span>}
      </span>
      {mode !== null && <span className="sr-only">{MEANS[mode]}</span>}
    </aside>
  );
};
