/**
 * What FLATTEN would do, before it does: cost, what has to wait and why, what would remain. Sent by holding or by typing.
 * Asked again every two seconds while it is open; a preview that cannot be had says so and stops nobody.
 */
import { Dialog } from '@base-ui/react/dialog';
import { useEffect, useRef, useState } from 'react';
import type { StopScope } from '../../../src-shared/domain/tradingState.ts';
import type { FlattenPreview } from '../../../src-shared/domain/view.ts';
import { useLiveConsole } from '../../connection/console.ts';
import { signed, UNKNOWN } from '../../format/numbers.ts';
import { ConsoleDialog } from '../../parts/consoleDialog.tsx';
import { HoldButton } from '../../parts/holdButton.tsx';
import { useConsole, useIsLive } from '../../store/consoleStore.ts';
import { closeDialog } from '../../store/uiStore.ts';
import { DEAD_NOTE } from './killText.ts';
import { previewLegText, previewSum } from './previewText.ts';
import { scopeText } from './stops.ts';

const ASK_AGAIN_MS = 2_000;
export const FLATTEN_TYPED = 'FLATTEN';

type Loaded =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly text: string }
  | { readonly kind: 'ready'; readonly preview: FlattenPreview };

const usePreview = (scope: StopScope): Loaded => {
  const { client } = useLiveConsole();
  const isLive = useIsLive();
  const [loaded, setLoaded] = useState<Loaded>({ kind: 'loading' });
  useEffect(() => {
    let over = false;
    const ask = async (): Promise<void> => {
      try {
        const to = isLive ? client() : null;
        if (to === null) throw new Error('not connected: what it would do is not known');
        const preview = await to.flattenPreview({ scope });
        if (!over) setLoaded({ kind: 'ready', preview });
      } catch (error) {
        if (!over) setLoaded({ kind: 'failed', text: error instanceof Error ? error.message : String(error) });
      }
    };
    void ask();
    const timer = setInterval(() => void ask(), ASK_AGAIN_MS);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [client, scope, isLive]);
  return loaded;
};

const GroupLine = ({ group }: { readonly group: FlattenPreview['groups'][number] }) => {
  const instruments = useConsole((state) => state.tables.instruments);
  return (
    <tr>
      <th scope="row">{group.pairId}</th>
      <td className="whitespace-normal!">
        {group.legs.map((leg) => (
          <div key={leg.instrumentId}>{previewLegText(leg, instruments[leg.instrumentId]?.pxDigits ?? null)}</div>
        ))}
        {group.legs.length === 0 && <span className="tone-dim">nothing held</span>}
        {group.waitsFor !== null && <div className="tone-warn">waits: {group.waitsFor}</div>}
      </td>
      <td className="num">
        {group.estimatedNetUsd === null ? <span className="tone-warn">not known</span> : signed(group.estimatedNetUsd, 2)}
      </td>
    </tr>
  );
};

const Preview = ({ preview }: { readonly preview: FlattenPreview }) => {
  const sum = previewSum(preview);
  return (
    <>
      {preview.groups.length === 0 ? (
        <p className="m-0 mt-2">No open group: nothing would be sent but cancels.</p>
      ) : (
        <div className="mt-2 overflow-x-auto">
          <table className="grid-table preview-table">
            <caption className="sr-only">Groups to close</caption>
            <thead>
              <tr>
                <th scope="col">Pair</th>
                <th scope="col">Would be sent, reduce-only</th>
                <th className="num" scope="col">
                  Net $
                </th>
              </tr>
            </thead>
            <tbody>
              {preview.groups.map((group) => (
                <GroupLine group={group} key={group.groupId} />
              ))}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row">All</th>
                <td className="tone-dim">
                  {sum.waiting === 0 ? 'all at once' : `${sum.waiting} of ${sum.groups} wait`}
                  {sum.unpriced === 0 ? '' : ` · ${sum.unpriced} without a price`}
                </td>
                <td className="num strong">{sum.netUsd === null ? UNKNOWN : signed(sum.netUsd, 2)}</td>
              </tr>
            </tfoot>
          </table>
        </div>
      )}
      <h3 className="dialog-head mt-3">Would remain, and who must act</h3>
      {preview.remains.length === 0 ? (
        <p className="m-0 tone-dim">Nothing.</p>
      ) : (
        <ul className="m-0 list-disc pl-5">
          {preview.remains.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </>
  );
};

const TypedFlatten = ({ onFlatten }: { readonly onFlatten: () => void }) => {
  const [typed, setTyped] = useState('');
  const isTyped = typed.trim() === FLATTEN_TYPED;
  return (
    <form
      className="inline-flex items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (isTyped) onFlatten();
      }}
    >
      <input
        aria-label={`Or type ${FLATTEN_TYPED}`}
        autoComplete="off"
        className="field is-typed w-36!"
        onChange={(event) => setTyped(event.target.value)}
        placeholder={`or type ${FLATTEN_TYPED}`}
        value={typed}
      />
      <button className="control" disabled={!isTyped} type="submit">
        Send
      </button>
    </form>
  );
};

export const FlattenDialog = ({ scope, byHold }: { readonly scope: StopScope; readonly byHold: boolean }) => {
  const { commands } = useLiveConsole();
  const isLive = useIsLive();
  const loaded = usePreview(scope);
  const hold = useRef<HTMLButtonElement>(null);
  // The press that opened it ended early: from now on the keyboard is here.
  useEffect(() => {
    if (!byHold) hold.current?.focus();
  }, [byHold]);
  const flatten = (): void => {
    commands.press({ level: 'flatten', scope });
    closeDialog();
  };
  return (
    <ConsoleDialog
      beside={scopeText(scope)}
      description="Kills, then closes every group, both legs together, reduce-only. Where one venue is shut the group waits: the other leg is never closed alone."
      initialFocus={byHold ? false : hold}
      title="Flatten preview"
      wide
    >
      {loaded.kind === 'loading' && <p className="m-0 mt-2 tone-dim">Asking the engine…</p>}
      {loaded.kind === 'failed' && <p className="m-0 mt-2 tone-error">{loaded.text}</p>}
      {loaded.kind === 'ready' && isLive && <Preview preview={loaded.preview} />}
      {!isLive && <p className="m-0 mt-2 tone-warn">NOT CONNECTED: {DEAD_NOTE}</p>}
      <div className="mt-4 flex flex-wrap items-center justify-end gap-2">
        <Dialog.Close className="control mr-auto">Cancel</Dialog.Close>
        <TypedFlatten onFlatten={flatten} />
        <HoldButton buttonRef={hold} className={`control is-grave${isLive ? '' : ' is-dead'}`} onHeld={flatten}>
          Hold 1.5 s to flatten
        </HoldButton>
      </div>
    </ConsoleDialog>
  );
};
