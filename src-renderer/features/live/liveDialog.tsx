/** The guard whole: what was shown and what was not, every rung of the ladder, and how the worst case is made up. */
import { Dialog } from '@base-ui/react/dialog';
import type { LiveReport } from '../../../src-shared/domain/live.ts';
import { trueMinus } from '../../format/numbers.ts';
import { clockText } from '../../format/times.ts';
import { ConsoleDialog } from '../../parts/consoleDialog.tsx';
import { useZone } from '../../parts/useZone.ts';
import { useEngineField } from '../../store/consoleStore.ts';
import { isShown, rungText, worstCaseText } from './liveText.ts';

export const Checklist = ({ live }: { readonly live: LiveReport }) => (
  <ol aria-label="Checklist" className="check-list">
    {live.checklist.map((item) => (
      <li className={`check is-${item.state}`} key={item.code}>
        <span aria-hidden="true" className={isShown(item) ? 'tone-dim' : 'tone-error strong'}>
          {isShown(item) ? '✓' : '✗'}
        </span>
        <span className="check-name">{item.label}</span>
        <span className={`check-word ${isShown(item) ? 'tone-dim' : 'tone-error strong'}`}>{isShown(item) ? 'shown' : 'missing'}</span>
        <span className="check-detail">{trueMinus(item.detail)}</span>
        {item.fix !== '' && <span className="check-fix">{trueMinus(item.fix)}</span>}
      </li>
    ))}
  </ol>
);

const Ladder = ({ live }: { readonly live: LiveReport }) => (
  <ol aria-label="Ladder" className="m-0 list-decimal py-1 pl-8 leading-relaxed">
    {live.rungs.map((rung, at) => (
      <li
        aria-current={at === live.rung ? 'step' : undefined}
        className={at === live.rung ? 'strong' : 'tone-dim'}
        key={rung.maxNotionalUsd ?? 'minimum'}
      >
        {rungText(rung)}
        {at === live.rung && ` · now, ${live.groupsOnRung} closed well`}
        {at + 1 < live.rungs.length && <span className="tone-faint"> · {rung.groups} needed to climb</span>}
      </li>
    ))}
  </ol>
);

export const LiveDialog = () => {
  const live = useEngineField('live') ?? null;
  const zone = useZone();
  if (live === null) return null;
  return (
    <ConsoleDialog
      beside={live.checkedUnixMs === null ? 'not looked yet' : `evidence of ${clockText(live.checkedUnixMs, zone)}`}
      description="Nothing skips any of it: no flag, no setting, no earlier arming."
      title="Real money"
      wide
    >
      <Checklist live={live} />
      <p className="m-0 pt-2">
        Worst case <strong>{worstCaseText(live)}</strong> <span className="tone-dim">{trueMinus(live.worstCaseWhy)}</span>
      </p>
      <Ladder live={live} />
      {live.climbConditions.length > 0 && live.rung + 1 < live.rungs.length && (
        <p className="m-0 tone-dim">Not climbed now: {live.climbConditions.map(trueMinus).join('; ')}.</p>
      )}
      <div className="mt-3 flex justify-end">
        <Dialog.Close className="control">Close</Dialog.Close>
      </div>
    </ConsoleDialog>
  );
};
