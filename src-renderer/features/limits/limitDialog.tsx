/** Changing one limit: the figure, which way it goes, and why not when it would be loosened while armed. */
import { useState } from 'react';
import { DEFAULT_LIMITS, type LimitName } from '../../../src-shared/domain/limits.ts';
import { ReasonDialog } from '../../parts/reasonDialog.tsx';
import { fullPrecision } from '../../format/numbers.ts';
import { useConsole, useEngineField } from '../../store/consoleStore.ts';
import { changeOf, limitFigure, limitUnit, limitWords, parseLimit } from './limitText.ts';

const CHANGE_WORDS = { same: 'no change', tighter: 'tighter', looser: 'looser' } as const;

export const LimitDialog = ({ name }: { readonly name: LimitName }) => {
  const row = useConsole((state) => state.tables.limits[name]);
  const armed = useEngineField('armed') === true;
  const value = row?.value ?? null;
  const [typed, setTyped] = useState(fullPrecision(value));
  const after = parseLimit(typed);
  const change = after === null || value === null ? null : changeOf(name, value, after);
  const unit = limitUnit(name);
  return (
    <ReasonDialog
      askOf={(reason) => (after === null || change === 'same' ? null : { name: 'setLimits', reason, limits: { [name]: after } })}
      sentence={
        <>
          Now {limitFigure(name, value)}, configured {limitFigure(name, row?.configured ?? null)}, shipped{' '}
          {limitFigure(name, DEFAULT_LIMITS[name])}
          {row?.used === null || row === undefined ? '' : `, used ${limitFigure(name, row.used)}`}. Holds from the next order on.
        </>
      }
      title={`Limit: ${limitWords(name)}`}
    >
      <label className="mt-3 flex items-center gap-2">
        <span className="tone-dim">New value{unit === '' ? '' : `, ${unit}`}</span>
        <input
          aria-label="New value"
          autoComplete="off"
          className="field is-typed w-32! text-right"
          inputMode="decimal"
          onChange={(event) => setTyped(event.target.value)}
          value={typed}
        />
        <span className={change === 'looser' ? 'tone-warn strong' : 'tone-dim'}>
          {change === null ? 'a plain figure is needed' : CHANGE_WORDS[change]}
        </span>
      </label>
      {change === 'looser' && armed && (
        <p className="m-0 mt-2 tone-warn">Armed: the engine refuses to loosen a limit now. Disarm first; tightening is always possible.</p>
      )}
    </ReasonDialog>
  );
};
