/** Every limit: its value, what the configuration says, how much of it is used, and who changed it. A row opens its dialog. */
import { Panel } from '../../parts/panel.tsx';
import { percentOf, UNKNOWN } from '../../format/numbers.ts';
import { useConsole } from '../../store/consoleStore.ts';
import { openDialog } from '../../store/uiStore.ts';
import type { LimitRow } from '../../../src-shared/domain/view.ts';
import { asLimitName, limitFigure, limitWords, orderedLimits, shareUsed, toneOfShare } from './limitText.ts';

const UseBar = ({ name, row }: { readonly name: string; readonly row: LimitRow }) => {
  const share = shareUsed(name, row);
  if (share === null) return <span className="tone-faint">{UNKNOWN}</span>;
  const percent = `${percentOf(share, 0)} %`;
  return (
    <span className="use" title={`${limitFigure(name, row.used)} of ${limitFigure(name, row.value)}`}>
      <span aria-hidden="true" className={`use-bar ${toneOfShare(share)}`}>
        <span style={{ width: `${Math.min(1, share) * 100}%` }} />
      </span>
      <span className={share >= 1 ? 'tone-error strong' : 'tone-dim'}>{percent}</span>
    </span>
  );
};

const LimitLine = ({ name, row }: { readonly name: string; readonly row: LimitRow }) => {
  const own = asLimitName(name);
  const isChanged = row.value !== row.configured;
  const open = (): void => {
    if (own !== null) openDialog({ kind: 'limit', name: own });
  };
  return (
    <tr className={own === null ? '' : 'can-open'} data-testid={`limit-${name}`} onClick={open}>
      <th className="tone-dim" scope="row">
        {own === null ? (
          limitWords(name)
        ) : (
          <button
            onClick={(event) => {
              event.stopPropagation();
              open();
            }}
            type="button"
          >
            {limitWords(name)}
          </button>
        )}
      </th>
      <td>
        <UseBar name={name} row={row} />
      </td>
      <td className={`num ${isChanged ? 'strong' : ''}`}>{limitFigure(name, row.value)}</td>
      <td className="num tone-faint">{isChanged ? limitFigure(name, row.configured) : '='}</td>
      <td className="tone-dim by" title={row.changedBy ?? 'as configured'}>
        {row.changedBy ?? ''}
      </td>
    </tr>
  );
};

export const LimitsPanel = () => {
  const limits = useConsole((state) => state.tables.limits);
  const entries = orderedLimits(limits);
  const changed = entries.filter(([, row]) => row.value !== row.configured).length;
  return (
    <Panel
      beside={<span className="tone-faint">{changed === 0 ? 'as configured' : `${changed} changed`}</span>}
      className="limits-panel dimmable"
      title="Limits"
    >
      {/* A scrollable region must be reachable by keyboard: its rows are buttons. */}
      <div className="scroll">
        <table className="grid-table rail-table">
          <caption className="sr-only">Limits</caption>
          <thead>
            <tr>
              <th scope="col">Limit</th>
              <th scope="col">Use</th>
              <th className="num" scope="col">
                Value
              </th>
              <th className="num" scope="col" title="What the configuration says; = the same">
                Conf.
              </th>
              <th scope="col" title="Who changed it">
                By
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.map(([name, row]) => (
              <LimitLine key={name} name={name} row={row} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
};
