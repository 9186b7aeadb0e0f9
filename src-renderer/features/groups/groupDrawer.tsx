/** One group whole: its legs, the timeline of what happened with how long each step took, its money, and the acts allowed now. */
import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { isZeroText, signedQty } from '../../format/exact.ts';
import { trueMinus } from '../../format/numbers.ts';
import { age, isoUtc, preciseClockText } from '../../format/times.ts';
import { directionText, symbolOf, venueOf } from '../../parts/names.ts';
import { Stopwatch } from '../../parts/stopwatch.tsx';
import { useZone } from '../../parts/useZone.ts';
import { useConsole, useIsLive } from '../../store/consoleStore.ts';
import { openDialog, openIntent, useUi } from '../../store/uiStore.ts';
import { GROUP_ACTS } from '../../../src-shared/domain/hedgeGroup.ts';
import type { GroupHistory, GroupRow } from '../../../src-shared/domain/view.ts';
import { ACT_NAMES, CLOSE_WORDS, STATE_TONES } from './groupText.ts';
import { resultLines } from './resultText.ts';
import { buildTimeline, type TimelineEntry } from './timeline.ts';
import { useGroup } from './useGroup.ts';

const Entry = ({ entry, legs }: { readonly entry: TimelineEntry; readonly legs: { readonly a: string; readonly b: string } }) => {
  const zone = useZone();
  return (
    <li className={`step is-${entry.kind}`}>
      <time className="tone-dim" dateTime={isoUtc(entry.unixMs)}>
        {preciseClockText(entry.unixMs, zone)}
      </time>
      <span className="tone-dim" title={entry.leg === null ? undefined : legs[entry.leg]}>
        {entry.leg === null ? '' : venueOf(legs[entry.leg])}
      </span>
      <span className={entry.tone}>{entry.text}</span>
      <span className="text-right tone-dim" title="From the order’s commit">
        {entry.sinceCommitMs === null ? '' : `+${age(entry.sinceCommitMs)}`}
      </span>
      {entry.detail !== '' && <span className="step-detail">{entry.detail}</span>}
    </li>
  );
};

const Acts = ({ groupId, row }: { readonly groupId: string; readonly row: GroupRow }) => {
  const isLive = useIsLive();
  if (row.acts.length === 0) return null;
  return (
    <div className="flex flex-wrap items-center gap-2 px-3 pt-2">
      {GROUP_ACTS.filter((act) => row.acts.includes(act)).map((act) => (
        <button
          className="control"
          disabled={!isLive}
          key={act}
          onClick={() => openDialog({ kind: 'act', groupId, act })}
          title={isLive ? undefined : 'Not connected: nothing can be sent now'}
          type="button"
        >
          {ACT_NAMES[act]}
        </button>
      ))}
    </div>
  );
};

const Now = ({ row }: { readonly row: GroupRow }) => (
  <dl className="figure-list">
    <dt>
      Leg A · {symbolOf(row.aInstrument)} {venueOf(row.aInstrument)}
    </dt>
    <dd>holds {signedQty(row.aQty)}</dd>
    <dt>
      Leg B · {symbolOf(row.bInstrument)} {venueOf(row.bInstrument)}
    </dt>
    <dd>holds {signedQty(row.bQty)}</dd>
    <dt>Residual, base</dt>
    <dd className={isZeroText(row.residualBaseQty) ? '' : 'tone-warn strong'}>{signedQty(row.residualBaseQty)}</dd>
    <dt>Naked</dt>
    <dd>
      <Stopwatch nakedUsd={row.nakedUsd} sinceUnixMs={row.nakedSinceUnixMs} />
    </dd>
  </dl>
);

const Denials = ({ history }: { readonly history: GroupHistory }) => {
  const denials = history.group.denials.length > 0 ? history.group.denials : (history.intent?.denials ?? []);
  if (denials.length === 0) return null;
  return (
    <>
      <h3>Denied by</h3>
      <ul className="m-0 list-disc py-1 pl-8">
        {denials.map((denial) => (
          <li key={`${denial.code} ${denial.text}`}>
            <span className="tone-warn strong">{denial.code}</span> {trueMinus(denial.text)}
          </li>
        ))}
      </ul>
    </>
  );
};

const History = ({ history }: { readonly history: GroupHistory }) => {
  const legs = { a: history.group.legs.a.instrumentId, b: history.group.legs.b.instrumentId };
  return (
    <>
      <Denials history={history} />
      <h3>Timeline</h3>
      <ol aria-label="Timeline" className="timeline">
        {buildTimeline(history).map((entry) => (
          <Entry entry={entry} key={entry.key} legs={legs} />
        ))}
      </ol>
      <h3>Money</h3>
      <dl className="figure-list">
        {resultLines(history.group).map(([name, value, isSum]) => (
          <div className="contents" key={name}>
            <dt className={isSum ? 'sum' : ''}>{name}</dt>
            <dd className={isSum ? 'sum' : ''}>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="m-0 px-3 pb-3">
        <button className="tool" onClick={() => openIntent(history.group.intentId)} type="button">
          Its intent {history.group.intentId}
        </button>
      </p>
    </>
  );
};

const Body = ({ groupId }: { readonly groupId: string }) => {
  const row = useConsole((state) => state.tables.groups[groupId]);
  const loaded = useGroup(groupId);
  const group = loaded.kind === 'ready' ? loaded.history.group : null;
  const state = row?.state ?? group?.state ?? null;
  const why = row?.why ?? group?.why ?? '';
  const closeReason = row?.closeReason ?? group?.closeReason ?? null;
  return (
    <>
      <p className="headline m-0">
        {state !== null && <span className={`state-word ${STATE_TONES[state]}`}>{state}</span>} {trueMinus(why)}
        {closeReason !== null && <span className="tone-dim"> · {CLOSE_WORDS[closeReason]}</span>}
        {row !== undefined && (
          <span className="block tone-dim">
            {row.pairId} · {directionText({ a: row.aInstrument, b: row.bInstrument }, row.direction)} · {row.baseQty} base
          </span>
        )}
      </p>
      {row !== undefined && <Acts groupId={groupId} row={row} />}
      {row !== undefined && row.endedUnixMs === null && <Now row={row} />}
      {loaded.kind === 'loading' && <p className="empty m-0">Reading the ledger…</p>}
      {loaded.kind === 'failed' && <p className="empty m-0 tone-error">{loaded.text}</p>}
      {loaded.kind === 'ready' && <History history={loaded.history} />}
    </>
  );
};

/** Escape belongs to the dialog that lies over it. */
const close = (): void => {
  if (useUi.getState().dialog === null) useUi.setState({ drawerGroupId: null });
};

export const GroupDrawer = () => {
  const groupId = useUi((ui) => ui.drawerGroupId);
  return (
    <Dialog.Root disablePointerDismissal modal={false} onOpenChange={(next) => !next && close()} open={groupId !== null}>
      <Dialog.Portal>
        <Dialog.Popup className="drawer">
          <div className="panel-head">
            <Dialog.Title>Hedge group</Dialog.Title>
            <span className="tone-dim">{groupId}</span>
            <Dialog.Close aria-label="Close" className="tool ml-auto">
              <X aria-hidden="true" size={14} />
            </Dialog.Close>
          </div>
          {groupId !== null && <Body groupId={groupId} key={groupId} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
};
