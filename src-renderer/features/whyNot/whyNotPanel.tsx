/** Why the pair in focus makes no intent now: the engine's gates in the order of evaluation, with the figures. */
import { Check, X } from 'lucide-react';
import { directionText } from '../../parts/names.ts';
import { Panel } from '../../parts/panel.tsx';
import { bps, trueMinus } from '../../format/numbers.ts';
import { useIsLive } from '../../store/consoleStore.ts';
import type { GateResult } from '../../../src-shared/domain/opportunity.ts';
import { GATE_NAMES, gateFigures, isRiskGate } from './gateText.ts';
import { useDirectionDetail, useFocused } from './focusedDirection.ts';

const Gate = ({ gate, explained }: { readonly gate: GateResult; readonly explained: boolean }) => (
  <li className={`gate${gate.passed ? '' : ' is-failed'}`} title={gate.note}>
    {gate.passed ? (
      <Check aria-label="passed" className="tone-faint" size={13} />
    ) : (
      <X aria-label="failed" className="tone-warn" size={13} />
    )}
    <span className={`gate-name${gate.passed ? ' tone-dim' : ''}`}>{GATE_NAMES[gate.code]}</span>
    <span className="gate-figures">{gateFigures(gate)}</span>
    {explained && <span className="gate-note">{trueMinus(gate.note)}</span>}
  </li>
);

const Headline = ({
  gates,
  spread,
  entry,
}: {
  readonly gates: readonly GateResult[];
  readonly spread: number | null;
  readonly entry: number | null;
}) => {
  const passed = gates.filter((gate) => gate.passed).length;
  const isBelow = spread !== null && entry !== null && spread < entry;
  return (
    <>
      {spread !== null && entry !== null && (
        <>
          spread <strong>{bps(spread)}</strong> {isBelow ? '<' : '≥'} entry <strong>{bps(entry)}</strong> bp ·{' '}
        </>
      )}
      <strong className={passed === gates.length ? '' : 'tone-warn'}>
        {passed} of {gates.length}
      </strong>{' '}
      gates pass
    </>
  );
};

/** Signal gates decide whether there is an intent; risk gates whether it becomes a group. Each part explains its first no. */
const GateSection = ({ head, gates }: { readonly head: string; readonly gates: readonly GateResult[] }) => {
  if (gates.length === 0) return null;
  const firstFailed = gates.find((gate) => !gate.passed);
  const passed = gates.filter((gate) => gate.passed).length;
  return (
    <>
      <h3 className="gate-head">
        {head}
        <span className={passed === gates.length ? '' : 'tone-warn'}>
          {passed} of {gates.length}
        </span>
      </h3>
      <ol className="gate-list">
        {gates.map((gate) => (
          <Gate explained={gate === firstFailed} gate={gate} key={gate.code} />
        ))}
      </ol>
    </>
  );
};

export const WhyNotPanel = () => {
  const focused = useFocused();
  const detail = useDirectionDetail(focused);
  const isLive = useIsLive();
  const gates = detail?.gates ?? [];
  const blocked = focused?.row.blocked ?? null;
  return (
    <Panel
      beside={
        focused === null ? null : (
          <span className="tone-dim">
            {focused.row.underlying} · {directionText(focused.row, focused.direction)}
          </span>
        )
      }
      className="dimmable flex-none"
      title="Why not?"
    >
      {detail === null || !isLive ? (
        <p className="empty m-0">{focused === null ? 'Choose a pair.' : 'The engine has not told yet.'}</p>
      ) : (
        <>
          <p className="headline m-0" data-testid="why-not">
            <Headline entry={detail.view.entrySpreadBps} gates={gates} spread={detail.view.spreadBps} />
          </p>
          {blocked !== null && <p className="m-0 px-3 pt-1 tone-warn">May not enter: {trueMinus(blocked)}</p>}
          <GateSection gates={gates.filter((gate) => !isRiskGate(gate.code))} head="Signal: makes an intent" />
          <GateSection gates={gates.filter((gate) => isRiskGate(gate.code))} head="Risk: lets it become a group" />
        </>
      )}
    </Panel>
  );
};
