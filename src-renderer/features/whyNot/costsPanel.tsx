/** What a round trip of the focused direction costs, and how well the statistics cover their window. */
import { Panel } from '../../parts/panel.tsx';
import { bps, percentOf, plain, quantity, UNKNOWN } from '../../format/numbers.ts';
import { age } from '../../format/times.ts';
import { useConsole } from '../../store/consoleStore.ts';
import type { DirectionDetail } from '../../../src-shared/domain/view.ts';
import { useDirectionDetail, useFocused } from './focusedDirection.ts';

const Entry = ({
  name,
  value,
  hint,
  sum = false,
}: {
  readonly name: string;
  readonly value: string;
  readonly hint?: string;
  readonly sum?: boolean;
}) => (
  <>
    <dt className={sum ? 'sum' : ''} title={hint}>
      {name}
    </dt>
    <dd className={sum ? 'sum' : ''}>{value}</dd>
  </>
);

const Costs = ({ detail }: { readonly detail: DirectionDetail | null }) => {
  const costs = detail?.costs ?? null;
  return (
    <>
      <Entry name="Taker fees, in and out" value={bps(costs?.feesBps)} />
      <Entry name="MT5 commission" value={bps(costs?.commissionBps)} />
      <Entry name="Expected slippage" value={bps(costs?.slippageBps)} />
      <Entry hint="Swap and funding until the expected exit; negative = paid to us" name="Carry" value={bps(costs?.carryBps)} />
      <Entry hint="Minus the median executable spread of the opposite direction" name="Leaving" value={bps(costs?.exitSpreadBps)} />
      <Entry name="Total" sum value={bps(costs?.totalBps)} />
    </>
  );
};

export const CostsPanel = () => {
  const focused = useFocused();
  const detail = useDirectionDetail(focused);
  const pair = useConsole((state) => state.detail);
  const own = pair !== null && pair.pairId === focused?.pairId ? pair : null;
  return (
    <Panel className="dimmable flex-none" title="Costs, bp of mid" beside={<span className="tone-faint">positive = paid</span>}>
      <dl className="figure-list">
        <Costs detail={detail} />
        <Entry name="Centre · threshold" value={`${bps(detail?.centreBps)} · ${plain(detail?.thresholdBps, 1)}`} />
        <Entry name="Executable, base qty" value={quantity(detail?.executableBaseQty)} />
        <Entry hint="Quote currency of leg A in units of leg B’s" name="Conversion" value={quantity(own?.conversionRate)} />
        <Entry
          name="Statistics cover"
          value={own === null ? UNKNOWN : `${age(own.coveredMs)} of ${age(own.windowMs)} (${percentOf(own.coverage)} %)`}
        />
        <Entry
          hint="Bound of every percentile: half a bucket"
          name="Resolution"
          value={detail === null ? UNKNOWN : `±${plain(detail.resolutionBps, 3)}`}
        />
      </dl>
    </Panel>
  );
};
