/** The engine's own figures: throughput, latency, journal, and where the ledger is. */
import { Panel } from '../../parts/panel.tsx';
import { useZone } from '../../parts/useZone.ts';
import { count, UNKNOWN } from '../../format/numbers.ts';
import { clockText, dateText, microseconds } from '../../format/times.ts';
import { useConsole, useEngineField } from '../../store/consoleStore.ts';

const Entry = ({ name, value, title }: { readonly name: string; readonly value: string; readonly title?: string | undefined }) => (
  <>
    <dt>{name}</dt>
    <dd className="overflow-hidden text-ellipsis whitespace-nowrap" title={title}>
      {value}
    </dd>
  </>
);

export const EnginePanel = () => {
  const zone = useZone();
  const startedUnixMs = useEngineField('startedUnixMs');
  const ledgerPath = useEngineField('ledgerPath');
  const version = useEngineField('version');
  const host = useConsole((state) => state.about?.host ?? null);
  const runId = useEngineField('runId');
  return (
    <Panel className="dimmable flex-1" title="Engine">
      <dl className="figure-list">
        <Entry name="Quotes/s" value={count(useEngineField('quotesPerSecond'))} />
        <Entry name="Conflated quotes" value={count(useEngineField('conflatedQuotes'))} />
        <Entry
          name="Step p99 · commit p99"
          value={`${microseconds(useEngineField('stepP99Us'))} · ${microseconds(useEngineField('commitP99Us'))}`}
        />
        <Entry name="Journal entries" value={count(useEngineField('journalSeq'))} />
        <Entry
          name="Running since"
          value={startedUnixMs === null ? UNKNOWN : `${dateText(startedUnixMs, zone)} ${clockText(startedUnixMs, zone)}`}
        />
        <Entry
          name="Version · host · profile"
          title={runId ?? undefined}
          value={`${version ?? UNKNOWN} · ${host ?? UNKNOWN} · ${useEngineField('profile') ?? UNKNOWN}`}
        />
        <Entry
          name="Ledger"
          title={ledgerPath ?? undefined}
          value={ledgerPath === null ? UNKNOWN : (ledgerPath.split(/[/\\]/).at(-1) ?? ledgerPath)}
        />
      </dl>
    </Panel>
  );
};
