/** How this console stands with the engine: lamp, word, and the age of what is on the screen. */
import { useConsole } from '../../store/consoleStore.ts';
import type { LinkPhase } from '../../connection/linkMachine.ts';

const WORDS: Readonly<Record<LinkPhase, { readonly word: string; readonly lamp: string }>> = {
  connecting: { word: 'CONNECTING', lamp: 'is-wait' },
  live: { word: 'LIVE', lamp: 'is-live' },
  silent: { word: 'SILENT', lamp: 'is-wait' },
  waiting: { word: 'NOT CONNECTED', lamp: 'is-bad' },
};

export const LinkLamp = () => {
  const phase = useConsole((state) => state.link.phase);
  const { word, lamp } = WORDS[phase];
  return (
    <span className="figure" title="Link of this console to the engine">
      <span className="label">link</span>
      <output className="chip" data-testid="link-state">
        <span aria-hidden="true" className={`lamp ${lamp}`} />
        {word}
      </output>
    </span>
  );
};
